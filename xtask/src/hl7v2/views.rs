//! Typed views of the segments, each over the union of all versions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::distilled::{Mask, VERSIONS, spelled};
use super::header;
use super::settle::{Element, Settled};
use crate::generated::File;

const FOLDER: &str = "crates/hl7v2/src/segments/generated";

/// Names that a view already uses, or that Rust does.
const TAKEN: &[&str] = &[
    "new", "first", "all", "segment", "field", "type", "use", "abstract", "final", "in", "ref", "where",
];

/// The data types that are written by hand, in `crates/hl7v2/src/datatype`: the names in the standard that
/// each is for, and the names that it reads as well because a field or component of them has, as far as it
/// goes, the same parts at the same places. A primitive is the first part of what it became; `CM` is what
/// v2.1 and v2.2 call every composite, before it had a name.
const DATATYPES: &[(&str, &str, &str)] = &[
    ("Cp", "CP", "NM"),
    ("Cq", "CQ", "NM"),
    ("Cwe", "CE CNE CWE", "CM ID IS NM SI ST TN TX"),
    (
        "Cx",
        "CK CX",
        "CK_ACCOUNT_NO CM CM_PAT_ID CM_PAT_ID_0192 ID IS NM ST",
    ),
    ("Dln", "DLN", "CM CM_LICENSE_NO"),
    ("Dr", "DR", "DT TS"),
    ("Dt", "DT", ""),
    ("Dtm", "DTM TS", "DT ST"),
    ("Ed", "ED", ""),
    ("Ei", "EI", "CM CM_FILLER CM_PLACER ID"),
    ("Eip", "EIP", "CM CM_EIP"),
    ("Erl", "ERL", ""),
    ("Fc", "FC", "CM_FINANCE ID"),
    ("Hd", "HD", "ID ST"),
    ("La2", "LA2", ""),
    ("Mo", "MO", "NM"),
    ("Msg", "MSG", "CM_MSG ID"),
    ("Ndl", "NDL", "CM CM_NDL"),
    ("Nm", "NM SI", "ID ST TX"),
    ("Pl", "PL", "CM_INTERNAL_LOCATION ID ST"),
    ("Prl", "PRL", "CM CM_PARENT_RESULT CM_PRL"),
    ("Pt", "PT", "ID"),
    ("Ri", "RI", ""),
    ("Rp", "RP", ""),
    ("Rpt", "RPT", ""),
    ("Sad", "SAD", ""),
    ("Sn", "SN", ""),
    ("Sps", "SPS", "CM CM_SPS"),
    ("Tm", "TM", ""),
    ("Tq", "TQ", "CM"),
    ("Vid", "VID", "ID NM"),
    ("Xad", "AD XAD", ""),
    ("Xcn", "CN XCN", "ID ST"),
    ("Xon", "XON", "ST"),
    ("Xpn", "PN XPN", "ST"),
    ("Xtn", "TN XTN", "ID"),
];

/// The type that reads a field in every version; `None` when there is none, and the field is given as it is.
fn datatype(elements: &[(usize, &Element)]) -> Option<&'static str> {
    let mut names = elements
        .iter()
        .filter(|(_, e)| e.high != 0)
        .map(|(_, e)| e.datatype.as_str());
    let newest = names.next_back()?;
    let lists = |list: &str, name: &str| list.split(' ').any(|other| other == name);
    let (datatype, own, older) = DATATYPES.iter().find(|(_, own, _)| lists(own, newest))?;
    names
        .all(|name| lists(own, name) || lists(older, name))
        .then_some(*datatype)
}

/// The fields of a segment by position: what each version that defines it says.
type Union<'s> = BTreeMap<u8, Vec<(usize, &'s Element)>>;

pub(super) fn files(settled: &Settled) -> Vec<File> {
    let mut segments: BTreeMap<&str, Union<'_>> = BTreeMap::new();
    for (index, version) in settled.versions.iter().enumerate() {
        for (id, fields) in &version.segments {
            let union = segments.entry(id).or_default();
            for (position, element) in fields {
                union.entry(*position).or_default().push((index, element));
            }
        }
    }
    let mut by_letter: BTreeMap<char, String> = BTreeMap::new();
    let mut names: BTreeMap<char, Vec<String>> = BTreeMap::new();
    for (id, fields) in &segments {
        let letter = id.chars().next().unwrap_or('x').to_ascii_lowercase();
        let name = type_name(id);
        let text = by_letter.entry(letter).or_default();
        view(text, id, &name, fields, settled);
        names.entry(letter).or_default().push(name);
    }
    let mut files = Vec::new();
    let mut index = String::new();
    for (letter, text) in by_letter {
        files.push(File {
            path: format!("{FOLDER}/{letter}.rs"),
            text: format!(
                "{}use crate::segments::view::segment_views;\n\nsegment_views! {{\n{text}}}\n",
                header(&format!(
                    "Views of the segments that begin with {}.",
                    letter.to_ascii_uppercase()
                ))
            ),
        });
        let _ = writeln!(index, "mod {letter};");
    }
    for (letter, names) in names {
        let _ = writeln!(index, "pub use {letter}::{{{}}};", names.join(", "));
    }
    files.push(File {
        path: format!("{FOLDER}/mod.rs"),
        text: format!(
            "{}{index}",
            header("Views of every segment of HL7 v2.1 to v2.8.2.")
        ),
    });
    files
}

/// `PID` as `Pid`.
fn type_name(id: &str) -> String {
    let mut chars = id.chars();
    chars
        .next()
        .into_iter()
        .chain(chars.map(|c| c.to_ascii_lowercase()))
        .collect()
}

fn view(text: &mut String, id: &str, name: &str, fields: &Union<'_>, settled: &Settled) {
    let mut defined: Mask = 0;
    for (index, version) in settled.versions.iter().enumerate() {
        if version.segments.contains_key(id) {
            defined |= 1 << index;
        }
    }
    let _ = writeln!(text, "    /// {id}, defined in v{}.", spelled(defined));
    let _ = writeln!(text, "    {name} = \"{id}\" {{");
    let mut used: BTreeSet<String> = TAKEN.iter().map(|t| (*t).to_owned()).collect();
    for (position, elements) in fields {
        let method = method_name(id, *position, elements, &mut used);
        let _ = writeln!(text, "        /// {}", doc(id, *position, elements));
        let repeats = elements.iter().any(|(_, e)| e.high > 1);
        let _ = match datatype(elements) {
            Some(datatype) if repeats => writeln!(text, "        {position} {method}: [{datatype}],"),
            Some(datatype) => writeln!(text, "        {position} {method}: {datatype},"),
            None => writeln!(text, "        {position} {method},"),
        };
    }
    text.push_str("    }\n");
}

/// The name of the field in the newest version that has not withdrawn it.
fn method_name(
    id: &str,
    position: u8,
    elements: &[(usize, &Element)],
    used: &mut BTreeSet<String>,
) -> String {
    let newest = elements
        .iter()
        .rev()
        .find(|(_, e)| e.high != 0 && !e.name.is_empty());
    let newest = newest.or_else(|| elements.iter().rev().find(|(_, e)| !e.name.is_empty()));
    let mut name = newest.map(|(_, e)| e.name.clone()).unwrap_or_default();
    // `set_id_pid` says the segment twice.
    if let Some(short) = name.strip_suffix(&format!("_{}", id.to_ascii_lowercase())) {
        name = short.to_owned();
    }
    if name.is_empty() {
        name = "unnamed".to_owned();
    }
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name = format!("field_{name}");
    }
    if used.contains(&name) {
        name = format!("{name}_{position}");
    }
    used.insert(name.clone());
    name
}

fn doc(id: &str, position: u8, elements: &[(usize, &Element)]) -> String {
    let masks = |what: &dyn Fn(&Element) -> String| {
        let mut out: Vec<(String, Mask)> = Vec::new();
        for (index, element) in elements.iter().filter(|(_, e)| e.high != 0) {
            let value = what(element);
            match out.iter_mut().find(|(other, _)| *other == value) {
                Some((_, mask)) => *mask |= 1 << index,
                None => out.push((value, 1 << index)),
            }
        }
        out
    };
    let mut line = format!("{id}-{position}");
    let types = masks(&|e| format!("`{}`", e.datatype));
    let whole: Mask = types.iter().map(|(_, mask)| mask).sum();
    match types.as_slice() {
        [] => line.push_str(": withdrawn"),
        [(only, _)] => {
            let _ = write!(line, ": {only}");
        }
        many => {
            let parts: Vec<String> = many
                .iter()
                .map(|(name, mask)| format!("{name} (v{})", spelled(*mask)))
                .collect();
            let _ = write!(line, ": {}", parts.join(", "));
        }
    }
    let repeats: Mask = elements
        .iter()
        .filter(|(_, e)| e.high > 1)
        .map(|(index, _)| 1 << index)
        .sum();
    if whole != 0 && repeats == whole {
        line.push_str("; repeats");
    } else if repeats != 0 {
        let _ = write!(line, "; repeats in v{}", spelled(repeats));
    }
    let required: Mask = elements
        .iter()
        .filter(|(_, e)| e.low > 0)
        .map(|(index, _)| 1 << index)
        .sum();
    if whole != 0 && required == whole {
        line.push_str("; required");
    } else if required != 0 {
        let _ = write!(line, "; required in v{}", spelled(required));
    }
    let withdrawn: Mask = elements
        .iter()
        .filter(|(_, e)| e.high == 0)
        .map(|(index, _)| 1 << index)
        .sum();
    if whole != 0 && whole.count_ones() as usize != VERSIONS.len() {
        let _ = write!(line, "; defined in v{}", spelled(whole));
    }
    if withdrawn != 0 {
        let _ = write!(line, "; withdrawn in v{}", spelled(withdrawn));
    }
    if let Some(item) = elements.iter().rev().map(|(_, e)| e.item).find(|item| *item != 0) {
        let _ = write!(line, "; item {item:05}");
    }
    line.push('.');
    line
}
