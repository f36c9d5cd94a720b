//! Static tables: every distinct thing once, versions as lists of indexes into them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::distilled::VERSIONS;
use super::header;
use super::settle::{Element, Settled, Tree, What};
use crate::generated::File;

const FOLDER: &str = "crates/hl7v2/src/definitions/generated";

/// In a list of elements: the position is not defined.
const NOTHING: u16 = u16::MAX;
// The marks of members and elements, as in crates/hl7v2/src/definitions/raw.rs.
const GROUP: u16 = 0x8000;
const REQUIRED: u16 = 0x4000;
const REPEATS: u16 = 0x2000;
const WITHDRAWN: u16 = 0x1000;
const INDEX: u16 = 0x1FFF;
const ANY_SEGMENT: u16 = INDEX;
const TABLE: u16 = 0x0FFF;

/// Things numbered in the order of their first use.
struct Interned<T> {
    indexes: BTreeMap<T, u16>,
    items: Vec<T>,
}

impl<T: Ord + Clone> Interned<T> {
    fn new() -> Self {
        Self {
            indexes: BTreeMap::new(),
            items: Vec::new(),
        }
    }

    fn index(&mut self, item: &T) -> Result<u16, String> {
        if let Some(index) = self.indexes.get(item) {
            return Ok(*index);
        }
        let index = u16::try_from(self.items.len()).map_err(|_| "more than 65,535 entries in a table")?;
        self.indexes.insert(item.clone(), index);
        self.items.push(item.clone());
        Ok(index)
    }
}

/// A group as rows: name, whether it is a choice, its members with their marks.
type GroupRow = (u16, bool, Vec<u16>);

/// The marks of how often something occurs. The sources know but once and without bound.
fn occurrence(low: u8, high: u8) -> Result<u16, String> {
    let required = if low > 0 { REQUIRED } else { 0 };
    match high {
        0 => Ok(WITHDRAWN),
        1 => Ok(required),
        u8::MAX => Ok(required | REPEATS),
        other => Err(format!("the tables have no mark for at most {other} repetitions")),
    }
}

/// An index that fits beside the marks.
fn beside_marks(index: u16, most: u16) -> Result<u16, String> {
    if index < most {
        Ok(index)
    } else {
        Err(format!("{index} does not fit beside the marks"))
    }
}

struct Builder {
    names: BTreeMap<String, u16>,
    elements: Interned<Element>,
    lists: Interned<Vec<u16>>,
    groups: Interned<GroupRow>,
}

pub(super) fn files(settled: &Settled) -> Result<Vec<File>, String> {
    let names = names(settled)?;
    let mut builder = Builder {
        names,
        elements: Interned::new(),
        lists: Interned::new(),
        groups: Interned::new(),
    };
    let mut versions = String::new();
    for (index, version) in settled.versions.iter().enumerate() {
        let segments = builder.owners(&version.segments)?;
        let datatypes = builder.owners(&version.datatypes)?;
        let mut structures = Vec::new();
        for (name, tree) in &version.structures {
            structures.push((builder.name(name)?, builder.group(tree)?));
        }
        let mut events = Vec::new();
        for (event, structure) in &version.events {
            events.push((builder.name(event)?, builder.name(structure)?));
        }
        let _ = writeln!(versions, "// {}\n", VERSIONS[index]);
        versions.push_str("Definitions {");
        for (field, rows) in [
            ("segments", &segments),
            ("datatypes", &datatypes),
            ("structures", &structures),
            ("events", &events),
        ] {
            let rows: Vec<String> = rows.iter().map(|(a, b)| format!("{a}, {b}")).collect();
            let _ = writeln!(versions, "{field}: &[{}],", rows.join(", "));
        }
        versions.push_str("},\n");
    }
    let head = "use crate::definitions::raw::*;\n\n";
    let file = |name: &str, what: &str, text: String| File {
        path: format!("{FOLDER}/{name}.rs"),
        text: format!("{}{text}", header(what)),
    };
    Ok(vec![
        file("mod", "The definition tables of HL7 v2.1 to v2.8.2.", "pub(super) mod codes;\npub(super) mod elements;\npub(super) mod groups;\npub(super) mod names;\npub(super) mod versions;\n".to_owned()),
        file("names", "Every name and code, in order, end to end.", builder.names_text()),
        file("elements", "Every distinct field and component, and the lists that make segments and data types of them.", format!("{head}{}", builder.elements_text()?)),
        file("groups", "Every distinct group of a message structure.", format!("{head}{}", builder.groups_text())),
        file("versions", "What each version defines: pairs of a name and an index.", format!("{head}pub(in crate::definitions) static VERSIONS: [Definitions; {}] = [\n{versions}];\n", VERSIONS.len())),
        file("codes", "The codes of the tables, with the versions that hold them.", builder.codes_text(settled)?),
    ])
}

/// All names in order, each with its index.
fn names(settled: &Settled) -> Result<BTreeMap<String, u16>, String> {
    let mut names: BTreeSet<String> = BTreeSet::new();
    for version in &settled.versions {
        for owners in [&version.segments, &version.datatypes] {
            for (owner, elements) in owners {
                names.insert(owner.clone());
                names.extend(
                    elements
                        .values()
                        .flat_map(|e| [e.name.clone(), e.datatype.clone()]),
                );
            }
        }
        for (name, tree) in &version.structures {
            names.insert(name.clone());
            tree_names(tree, &mut names);
        }
        for (event, structure) in &version.events {
            names.extend([event.clone(), structure.clone()]);
        }
    }
    names.extend(settled.codes.keys().map(|(_, code)| code.clone()));
    let number = |(index, name): (usize, String)| {
        u16::try_from(index)
            .map(|index| (name, index))
            .map_err(|_| "more than 65,535 names".to_owned())
    };
    names.into_iter().enumerate().map(number).collect()
}

fn tree_names(tree: &Tree, names: &mut BTreeSet<String>) {
    names.insert(tree.name.clone());
    for member in &tree.members {
        match &member.what {
            What::Segment(name) => {
                names.insert(name.clone());
            }
            What::AnySegment => {}
            What::Group(inner) => tree_names(inner, names),
        }
    }
}

impl Builder {
    fn name(&self, name: &str) -> Result<u16, String> {
        self.names
            .get(name)
            .copied()
            .ok_or_else(|| format!("not a known name: {name}"))
    }

    fn owners(
        &mut self,
        owners: &BTreeMap<String, BTreeMap<u8, Element>>,
    ) -> Result<Vec<(u16, u16)>, String> {
        let mut out = Vec::new();
        for (owner, elements) in owners {
            let last = elements.keys().next_back().copied().unwrap_or(0);
            let mut list = Vec::new();
            for number in 1..=last {
                list.push(match elements.get(&number) {
                    Some(element) => self.elements.index(element)?,
                    None => NOTHING,
                });
            }
            out.push((self.name(owner)?, self.lists.index(&list)?));
        }
        Ok(out)
    }

    fn group(&mut self, tree: &Tree) -> Result<u16, String> {
        let mut members = Vec::new();
        for member in &tree.members {
            let what = match &member.what {
                What::Segment(name) => beside_marks(self.name(name)?, INDEX)?,
                What::AnySegment => ANY_SEGMENT,
                What::Group(inner) => beside_marks(self.group(inner)?, INDEX)? | GROUP,
            };
            members.push(what | occurrence(member.low, member.high)?);
        }
        let row = (self.name(&tree.name)?, tree.choice, members);
        self.groups.index(&row)
    }

    fn names_text(&self) -> String {
        let mut text = String::from("pub(in crate::definitions) static NAMES: &str = \"");
        let (mut starts, mut offset, mut width) = (Vec::new(), 0, 0);
        for name in self.names.keys() {
            starts.push(offset);
            offset += name.len();
            if width > 90 && !name.starts_with(char::is_whitespace) {
                text.push_str("\\\n");
                width = 0;
            }
            let escaped = name.escape_default().to_string();
            width += escaped.len();
            text.push_str(&escaped);
        }
        starts.push(offset);
        text.push_str("\";\n\n");
        let pages: Vec<usize> = starts.iter().copied().step_by(256).collect();
        let distances: Vec<String> = starts
            .iter()
            .enumerate()
            .map(|(at, start)| (start - pages[at / 256]).to_string())
            .collect();
        let pages: Vec<String> = pages.iter().map(usize::to_string).collect();
        let _ = writeln!(
            text,
            "/// Where the first of each 256 names starts.\npub(in crate::definitions) static PAGES: [u32; {}] = [{}];\n",
            pages.len(),
            pages.join(", ")
        );
        let _ = writeln!(
            text,
            "/// How far behind its page each name starts, and after the last where it ends.\npub(in crate::definitions) static STARTS: [u16; {}] = [{}];",
            distances.len(),
            distances.join(", ")
        );
        text
    }

    fn elements_text(&self) -> Result<String, String> {
        let items = &self.elements.items;
        let datatypes: BTreeSet<&str> = items.iter().map(|e| e.datatype.as_str()).collect();
        let mut rows = Vec::new();
        for datatype in &datatypes {
            rows.push(self.name(datatype)?.to_string());
        }
        let mut text = format!(
            "/// The names of the data types.\npub(in crate::definitions) static DATATYPES: [u16; {}] = [{}];\n\n",
            rows.len(),
            rows.join(", ")
        );
        let _ = writeln!(
            text,
            "pub(in crate::definitions) static ELEMENTS: [Element; {}] = [",
            items.len()
        );
        for e in items {
            let datatype = datatypes.iter().position(|name| *name == e.datatype);
            let datatype = datatype
                .and_then(|at| u8::try_from(at).ok())
                .ok_or("more than 256 data types")?;
            let usage = beside_marks(e.table, TABLE)? | occurrence(e.low, e.high)?;
            let name = self.name(&e.name)?;
            let _ = writeln!(
                text,
                "Element({name}, {}, {}, {usage}, {datatype}),",
                e.length, e.item
            );
        }
        text.push_str(
            "];\n\n/// The elements of each list, by position; 65,535 where a position is not defined.\n",
        );
        let all: Vec<String> = self.lists.items.iter().flatten().map(u16::to_string).collect();
        let _ = writeln!(
            text,
            "pub(in crate::definitions) static MEMBERS: [u16; {}] = [{}];\n",
            all.len(),
            all.join(", ")
        );
        let mut starts = vec!["0".to_owned()];
        let mut offset = 0;
        for list in &self.lists.items {
            offset += list.len();
            starts.push(offset.to_string());
        }
        let _ = writeln!(
            text,
            "/// Where each list starts, and after the last where it ends.\npub(in crate::definitions) static STARTS: [u16; {}] = [{}];",
            starts.len(),
            starts.join(", ")
        );
        Ok(text)
    }

    fn groups_text(&self) -> String {
        let mut rows = String::new();
        let mut members: Vec<String> = Vec::new();
        for (name, choice, of) in &self.groups.items {
            let _ = writeln!(rows, "Group({name}, {}, {}, {choice}),", members.len(), of.len());
            members.extend(of.iter().map(u16::to_string));
        }
        format!(
            "pub(in crate::definitions) static GROUPS: [Group; {}] = [\n{rows}];\n\n/// The members of each group.\npub(in crate::definitions) static MEMBERS: [Member; {}] = [{}];\n",
            self.groups.items.len(),
            members.len(),
            members.join(", ")
        )
    }

    fn codes_text(&self, settled: &Settled) -> Result<String, String> {
        let (mut tables, mut codes) = (Vec::new(), Vec::new());
        let mut current = None;
        for ((table, code), versions) in &settled.codes {
            if current != Some(*table) {
                tables.push(format!("{table}, {}", codes.len()));
                current = Some(*table);
            }
            codes.push(format!("{}, {versions}", self.name(code)?));
        }
        Ok(format!(
            "/// Pairs of a table's number and the place of its first code.\npub(in crate::definitions) static TABLES: [u16; {}] = [{}];\n\n/// Pairs of a name and the versions, one bit each, in the order of the names within a table.\npub(in crate::definitions) static CODES: [u16; {}] = [{}];\n",
            tables.len() * 2,
            tables.join(", "),
            codes.len() * 2,
            codes.join(", ")
        ))
    }
}
