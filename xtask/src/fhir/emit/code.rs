//! The codes of value sets: enums, and tables for what is no enum.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::super::definitions::{Definitions, ValueSet};
use super::HEADER;
use super::name::{set_name, upper, variant_name};

/// Above this a bound code stays text, though it is still checked.
const LARGEST_ENUM: usize = 60;

/// Whether the codes of a set become an enum.
pub(super) fn is_enum(set: &ValueSet) -> bool {
    let count: usize = set.systems.iter().map(|(_, codes)| codes.len()).sum();
    (1..=LARGEST_ENUM).contains(&count) && set.id != "FHIR-version"
}

/// The file of all codes.
pub(super) fn codes(definitions: &Definitions) -> String {
    let mut out = String::from(HEADER);
    out.push_str("\nuse crate::element::ValueSet;\nuse crate::r4::code::code_enum;\n");
    let coded: BTreeSet<&str> = definitions
        .structures
        .iter()
        .flat_map(|s| &s.elements)
        .filter(|e| e.types.iter().any(|t| t.name == "code"))
        .filter_map(|e| e.binding.as_deref())
        .collect();
    let uncoded: BTreeSet<&str> = definitions
        .structures
        .iter()
        .flat_map(|s| &s.elements)
        .filter(|e| e.types.iter().all(|t| t.name != "code"))
        .filter_map(|e| e.binding.as_deref())
        .collect();
    for set in definitions.value_sets.values().filter(|s| !s.systems.is_empty()) {
        let name = set_name(set);
        if is_enum(set) && coded.contains(set.id.as_str()) {
            let _ = writeln!(out, "code_enum! {{ {name}, {:?},", set.url);
            let mut used = BTreeSet::new();
            let mut lines = BTreeSet::new();
            for code in set.systems.iter().flat_map(|(_, codes)| codes) {
                if !lines.insert(code.clone()) {
                    continue;
                }
                let mut variant = variant_name(code);
                while !used.insert(variant.clone()) {
                    variant.push('_');
                }
                let _ = writeln!(out, "    {} {variant} = {code:?},", lines.len() - 1);
            }
            out.push_str("}\n");
        }
        if !is_enum(set) || uncoded.contains(set.id.as_str()) {
            let _ = writeln!(out, "/// <{}>", set.url);
            let _ = writeln!(
                out,
                "pub(crate) static {}: ValueSet = ValueSet::new({:?}, &[",
                upper(&name),
                set.url
            );
            for (system, codes) in &set.systems {
                let codes: Vec<String> = codes.iter().map(|c| format!("{c:?}")).collect();
                let _ = writeln!(out, "({system:?}, &[{}]),", codes.join(", "));
            }
            out.push_str("]);\n");
        }
    }
    out
}
