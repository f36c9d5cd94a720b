#!/usr/bin/env python3
"""Distils the facts of HL7 v2 out of two Python packages into the tables beside this file.

usage: distill.py HL7APY_WHEEL HL7TYPES_WHEEL

Both wheels come from PyPI and are under the MIT licence; other bytes than the pinned ones are
refused. Only names, numbers, types and codes are taken over. `cargo xtask codegen hl7v2` turns the
tables into Rust; README.md describes their form.
"""

import ast
import hashlib
import re
import sys
import zipfile
from pathlib import Path

PINNED = {
    "hl7apy": ("1.3.5", "c8b80ff5ad020bf9c1e68a6395cf45cb78db621f65569d1798c46eb1b657e27b"),
    "hl7types": ("0.9.5", "305b5bd7353200ba4d72a112c0ab85165d4f6ec6815318d0c5fbc38aa4aa858f"),
}
VERSIONS = ["2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8", "2.8.1", "2.8.2"]
HERE = Path(__file__).parent
LIST = re.compile(r"[A-Z](, ?[A-Z])+")  # several codes in one entry
SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}")


def module(version):
    return "v" + version.replace(".", "_")


def snake(name):
    name = name.replace("'", "").replace("’", "")
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def bounds(low, high):
    return f"{low}..{'*' if high == -1 else high}"


def clean(code):
    """A code of a table without stray characters; `...` for what is no code but says "and so on"."""
    code = "".join(c for c in str(code).replace("…", "...") if " " <= c <= "~").strip()
    words = code.split()
    prose = len(words) > 2 and any(len(word) > 3 and word.isalpha() and word.islower() for word in words)
    return "..." if prose or len(words) > 4 or code.endswith(",") or code == "etc" else code


class Source:
    """What one package says of one version."""

    def __init__(self):
        self.fields = {}  # (segment, number) -> (type, cardinality, table, name, usage/length/item or "")
        self.components = {}  # (type, number) -> (type, cardinality, table, name)
        self.groups = {}  # structure or structure.GROUP -> (kind, [(name, cardinality, is_group)])
        self.events = {}  # MSG_EVENT -> structure
        self.tables = {}  # number -> set of codes


# ---- hl7apy: Python literals that refer to each other; executed without its package machinery ----


def hl7apy(wheel, version):
    source, scope = Source(), {"iteritems": lambda d: d.items()}
    for name in ["datatypes", "fields", "segments", "groups", "messages", "tables"]:
        path = f"hl7apy/{module(version)}/{name}.py"
        if path in wheel.namelist():
            text = re.sub(r"^from .*$", "", wheel.read(path).decode(), flags=re.M)
            exec(compile(text, path, "exec"), scope)
    if "SEGMENTS" not in scope:
        return None

    def table(text):
        return text[3:].zfill(4) if text and text.startswith("HL7") else ""

    def number(name):
        return int(name.rsplit("_", 1)[1])

    for segment, body in scope["SEGMENTS"].items():
        if not SEGMENT.fullmatch(segment) or body[0] != "sequence" or len(body) < 2:
            continue  # ANYHL7SEGMENT, and one without fields
        for child in body[1]:
            if len(child) < 4 or child[3] != "FIE":
                continue
            field = child[1]
            facts = (field[2] or "", bounds(*child[2]), table(field[4]), snake(field[3] or ""), "")
            source.fields[segment, number(child[0])] = facts
    for datatype, body in scope["DATATYPES_STRUCTS"].items():
        for child in body:
            component = child[1]
            facts = (component[2] or "", bounds(*child[2]), table(component[4]), snake(component[3] or ""), "")
            source.components[datatype, number(child[0])] = facts

    def group(key, structure, body):
        children = []
        for child in body[1]:
            name = child[0]
            if child[3] == "GRP":
                short = name.removeprefix(structure + "_")
                children.append((short, bounds(*child[2]), True))
                inner = f"{structure}.{short}"
                if inner not in source.groups:
                    source.groups[inner] = None
                    group(inner, structure, scope["GROUPS"][name])
            else:
                children.append((name, bounds(*child[2]), False))
        source.groups[key] = (body[0], children)

    for structure, body in scope["MESSAGES"].items():
        group(structure, structure, body)
    for name, body in scope.get("TABLES", {}).items():
        codes = [part for code in body[1] for part in (code.split(",") if LIST.fullmatch(str(code)) else [code])]
        source.tables[table(name)] = {code for code in map(clean, codes) if code}
    return source


# ---- hl7types: pydantic classes, read as syntax and never run ----

DOC_LINE = re.compile(r"^\s*(\w+)\.(\d+) (?:\((opt|req)\) )?- (.*) \((\w+)\)(.*)$", re.M)


def hl7types(wheel, version):
    source = Source()
    root = f"hl7types/hl7/{module(version)}/"
    names = [n for n in wheel.namelist() if n.startswith(root) and n.endswith(".py") and not n.endswith("__init__.py")]
    bases = {}
    for path in names:
        kind = path.removeprefix(root).split("/")[0]
        tree = ast.parse(wheel.read(path))
        for node in tree.body:
            if not isinstance(node, ast.ClassDef):
                continue
            if kind in ("segments", "datatypes"):
                parts = {"segments": source.fields, "datatypes": source.components}[kind]
                hl7types_parts(node, parts)
            elif kind in ("groups", "messages"):
                base = node.bases[0].id
                if base == "HL7Model":
                    hl7types_group(node, kind, source)
                else:
                    bases[node.name] = base
    for name, base in bases.items():
        while base in bases:
            base = bases[base]
        source.events[name] = base
    # Group classes are named STRUCTURE_GROUP: known only once all structures are.
    structures = sorted((n for n in source.groups if n.startswith("=")), key=len, reverse=True)
    structures = [n[1:] for n in structures]
    renamed = {}
    for key, (children, _) in source.groups.items():
        if key.startswith("="):
            name = key[1:]
        else:
            structure = next((s for s in structures if key.startswith(s + "_")), None)
            if structure is None:
                continue
            name = f"{structure}.{key.removeprefix(structure + '_')}"
        renamed[name] = ("sequence", children)
    source.groups = renamed
    return source


def hl7types_parts(node, parts):
    types = {}
    for owner, number, required, _, datatype, _ in DOC_LINE.findall(ast.get_docstring(node) or ""):
        types[owner, int(number)] = ("varies" if datatype == "var" else datatype, required)
    for item in node.body:
        if not isinstance(item, ast.AnnAssign) or not isinstance(item.value, ast.Call):
            continue
        words = {k.arg: k.value for k in item.value.keywords}
        if "serialization_alias" not in words:
            continue
        owner, number = words["serialization_alias"].value.split(".")
        datatype = types.get((owner, int(number)), ("?", ""))[0]
        annotation = ast.unparse(item.annotation)
        low = 0 if "Optional" in annotation else 1
        high = -1 if "List[" in annotation else 1
        if high == -1 and "max_length" in words:
            high = words["max_length"].value
        description = words["description"].value if "description" in words else ""
        usage = re.match(r"(\w+) \|", description)
        item_number = re.search(r"Item #(\d+)", description)
        length = re.search(r"LEN:(\d+)", description)
        table = re.search(r"Table (\d{4})", description)
        aliases = [a.value for a in words["validation_alias"].args] if "validation_alias" in words else ["", ""]
        extra = ",".join([
            usage.group(1) if usage else "",
            length.group(1) if length else "",
            str(int(item_number.group(1))) if item_number else "",
        ])
        name = snake(words["title"].value) if "title" in words else aliases[1]
        facts = (datatype, bounds(low, high), table.group(1) if table else "", name, extra if extra != ",," else "")
        parts[owner, int(number)] = facts


def hl7types_group(node, kind, source):
    children = []
    for item in node.body:
        if not isinstance(item, ast.AnnAssign) or not isinstance(item.value, ast.Call):
            continue
        annotation = ast.unparse(item.annotation)
        low = 0 if "Optional" in annotation else 1
        high = -1 if "List[" in annotation else 1
        inner = re.search(r"_?([A-Za-z]\w*)\]*$", annotation).group(1)
        words = {k.arg: k.value for k in item.value.keywords}
        name = words["title"].value if "title" in words else item.target.id
        children.append((name, bounds(low, high), not (SEGMENT.fullmatch(inner) or inner.lower() == "anyhl7segment" or inner == "Hxx")))
    source.groups[("=" if kind == "messages" else "") + node.name] = (children, None)


# ---- writing ----


def ranges(versions):
    """{"2.3", "2.3.1", "2.4", "2.6"} -> "2.3-2.4,2.6"."""
    out, index = [], 0
    flags = [v in versions for v in VERSIONS]
    while index < len(flags):
        if flags[index]:
            start = index
            while index + 1 < len(flags) and flags[index + 1]:
                index += 1
            out.append(VERSIONS[start] if start == index else f"{VERSIONS[start]}-{VERSIONS[index]}")
        index += 1
    return ",".join(out)


def rows(per_version):
    """{version: {key: facts}} -> [(key, versions, facts)], one row for each distinct fact of a key."""
    found = {}
    for version, facts_of in per_version.items():
        for key, facts in facts_of.items():
            found.setdefault(key, {}).setdefault(facts, set()).add(version)
    for key in sorted(found):
        for facts, versions in sorted(found[key].items(), key=lambda kv: min(VERSIONS.index(v) for v in kv[1])):
            yield key, ranges(versions), facts


def parts_table(first, second, kind):
    """Fields or components of both sources, one column each."""
    merged = {}
    for version in VERSIONS:
        one = getattr(first[version], kind) if first[version] else {}
        two = getattr(second[version], kind) if second[version] else {}
        facts_of = merged.setdefault(version, {})
        for key in one.keys() | two.keys():
            a, t = one.get(key), two.get(key)
            if first[version] is None:
                a = t  # 2.7.1 stands on hl7types alone
            left = "-" if a is None else " ".join([a[0] or "?", a[1], a[2] or "-"])
            right = "-" if t is None else " ".join([t[0] or "?", t[1], t[2] or "-"])
            names = (a or t)[3], (t or a)[3]
            facts_of[key] = (
                left,
                "=" if left == right else right,
                (t[4] if t else "") or "-",
                names[0],
                "=" if names[0] == names[1] else names[1],
            )
    for (owner, number), versions, facts in rows(merged):
        yield "\t".join([f"{owner}.{number}", versions, *facts])


def spelled(group):
    kind, children = group
    words = []
    for name, cardinality, is_group in children:
        word = name + ("/" if is_group else "")
        low, high = cardinality.split("..")
        if high == "*":
            word = "{" + word + "}"
        if low == "0":
            word = "[" + word + "]"
        words.append(word)
    text = " ".join(words)
    return f"<{text}>" if kind == "choice" else text


def structures_table(first, second):
    merged = {}
    for version in VERSIONS:
        one = first[version].groups if first[version] else {}
        two = second[version].groups if second[version] else {}
        facts_of = merged.setdefault(version, {})
        for key in one.keys() | two.keys():
            right = spelled(two[key]) if key in two else "-"
            left = right if first[version] is None else spelled(one[key]) if key in one else "-"
            facts_of[key] = (left, "=" if left == right else right)
    for key, versions, facts in rows(merged):
        yield "\t".join([key, versions, *facts])


def events_table(first, second):
    for key, versions, facts in rows({v: second[v].events for v in VERSIONS if second[v]}):
        yield "\t".join([key, versions, facts])


def tables_table(first):
    """The codes of a table that share their versions stand in one row."""
    found = {}
    for version in VERSIONS:
        if first[version]:
            for table, codes in first[version].tables.items():
                for code in codes:
                    found.setdefault((table, code), set()).add(version)
    grouped = {}
    for (table, code), versions in found.items():
        grouped.setdefault((table, ranges(versions)), []).append(code)
    for (table, versions), codes in sorted(grouped.items()):
        yield "\t".join([table, versions, *sorted(codes)])


def open_pinned(path, name):
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    version, expected = PINNED[name]
    if digest != expected:
        sys.exit(f"{path}: not {name} {version} (sha256 {expected})")
    return zipfile.ZipFile(path)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    apy, types = open_pinned(sys.argv[1], "hl7apy"), open_pinned(sys.argv[2], "hl7types")
    first = {v: hl7apy(apy, v) for v in VERSIONS}
    second = {v: hl7types(types, v) for v in VERSIONS}
    head = "".join(f"# {n} {v} sha256 {d}\n" for n, (v, d) in PINNED.items())
    for name, lines in {
        "fields": parts_table(first, second, "fields"),
        "components": parts_table(first, second, "components"),
        "structures": structures_table(first, second),
        "events": events_table(first, second),
        "tables": tables_table(first),
    }.items():
        (HERE / f"{name}.tsv").write_text(head + "".join(line + "\n" for line in lines))


if __name__ == "__main__":
    main()
