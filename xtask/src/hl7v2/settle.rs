//! One definition out of two sources, by fixed rules.
//!
//! The sources differ in few places (`differences.txt`). Where they do, the more permissive reading
//! is followed, so that validation raises no false alarm on account of a slip in one of them:
//! required only where both say so and the usage is not O or C, repeating where either says so. Structures follow hl7apy, which
//! keeps repeated segments and choices; version 2.7.1, which hl7apy lacks, follows hl7apy's 2.7 or 2.8
//! wherever hl7types gives that version and 2.7.1 the same definition.

use std::collections::{BTreeMap, BTreeSet};

use super::distilled::{Distilled, Facts, Group, Mask, ONLY_HL7TYPES, Part, VERSIONS};

/// A settled field or component of one version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) datatype: String,
    pub(super) table: u16,
    pub(super) length: u16,
    pub(super) item: u16,
    pub(super) low: u8,
    /// 255 for no bound, 0 for withdrawn.
    pub(super) high: u8,
}

/// A member of a group: a segment, any segment, or a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Member {
    pub(super) what: What,
    pub(super) low: u8,
    pub(super) high: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    Segment(String),
    AnySegment,
    Group(Box<Tree>),
}

/// A message structure or group, whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tree {
    pub(super) name: String,
    pub(super) choice: bool,
    pub(super) members: Vec<Member>,
}

/// All definitions of one version.
#[derive(Default)]
pub(super) struct Version {
    pub(super) segments: BTreeMap<String, BTreeMap<u8, Element>>,
    pub(super) datatypes: BTreeMap<String, BTreeMap<u8, Element>>,
    pub(super) structures: BTreeMap<String, Tree>,
    pub(super) events: BTreeMap<String, String>,
}

/// All definitions.
pub(super) struct Settled {
    /// By place in [`VERSIONS`].
    pub(super) versions: Vec<Version>,
    pub(super) codes: BTreeMap<(u16, String), Mask>,
}

pub(super) fn settle(distilled: &Distilled) -> Settled {
    let groups = GroupTexts::new(&distilled.groups);
    let mut versions = Vec::new();
    for index in 0..VERSIONS.len() {
        let mut version = Version {
            segments: parts(&distilled.fields, index),
            datatypes: parts(&distilled.components, index),
            ..Version::default()
        };
        for (key, _) in groups.of_version(index) {
            if !key.contains('.') {
                let tree = groups.tree(key, key, index, &mut BTreeSet::new());
                if let Some(tree) = tree {
                    version.structures.insert(key.clone(), tree);
                }
            }
        }
        for (event, versions, structure) in &distilled.events {
            if versions & (1 << index) != 0 && version.structures.contains_key(structure) {
                version.events.insert(event.clone(), structure.clone());
            }
        }
        versions.push(version);
    }
    carry_withdrawn(&mut versions);
    relax_alone(&mut versions);
    let mut codes = distilled.codes.clone();
    // No source holds the tables of 2.7.1: it is given the codes of 2.7 and of 2.8.
    let around = (1 << (ONLY_HL7TYPES - 1)) | (1 << (ONLY_HL7TYPES + 1));
    for versions in codes.values_mut() {
        if *versions & around != 0 {
            *versions |= 1 << ONLY_HL7TYPES;
        }
    }
    Settled { versions, codes }
}

/// hl7types leaves withdrawn elements out: what was withdrawn in 2.7 and still is in 2.8 is so in 2.7.1.
fn carry_withdrawn(versions: &mut [Version]) {
    let [.., before, alone, after, _, _] = versions else {
        return;
    };
    for (owners, before, after) in [
        (&mut alone.segments, &before.segments, &after.segments),
        (&mut alone.datatypes, &before.datatypes, &after.datatypes),
    ] {
        for (owner, elements) in owners {
            for (position, element) in before.get(owner).into_iter().flatten() {
                let still = after.get(owner).and_then(|elements| elements.get(position));
                if element.high == 0 && still.is_some_and(|e| e.high == 0) {
                    elements.entry(*position).or_insert_with(|| element.clone());
                }
            }
        }
    }
}

/// What is required in 2.7.1 by one source's word, but neither before nor after, is not.
fn relax_alone(versions: &mut [Version]) {
    let [.., before, alone, after, _, _] = versions else {
        return;
    };
    for (owner, elements) in &mut alone.segments {
        for (position, element) in elements {
            let around = [&before.segments, &after.segments].map(|segments| segments.get(owner));
            let optional = |fields: Option<&BTreeMap<u8, Element>>| {
                fields
                    .and_then(|fields| fields.get(position))
                    .is_some_and(|e| e.low == 0)
            };
            if around.into_iter().all(optional) {
                element.low = 0;
            }
        }
    }
}

fn parts(parts: &[Part], version: usize) -> BTreeMap<String, BTreeMap<u8, Element>> {
    let mut out: BTreeMap<String, BTreeMap<u8, Element>> = BTreeMap::new();
    for part in parts.iter().filter(|part| part.versions & (1 << version) != 0) {
        // A shortened form of a type, made by hl7apy for its own parser, is no type of the standard.
        if part.owner.ends_with("_SIMPLE") {
            continue;
        }
        let part = if version == ONLY_HL7TYPES {
            in_both(part, parts)
        } else {
            part
        };
        out.entry(part.owner.clone())
            .or_default()
            .insert(part.number, element(part));
    }
    out
}

/// What both sources say of a neighbouring version, where hl7types says the same of that and of 2.7.1.
fn in_both<'p>(alone: &'p Part, parts: &'p [Part]) -> &'p Part {
    let around = (1 << (ONLY_HL7TYPES - 1)) | (1 << (ONLY_HL7TYPES + 1));
    let same = parts.iter().find(|part| {
        (&part.owner, part.number) == (&alone.owner, alone.number)
            && part.versions & around != 0
            && part.hl7types == alone.hl7types
    });
    same.unwrap_or(alone)
}

fn element(part: &Part) -> Element {
    let first = part.hl7apy.as_ref().or(part.hl7types.as_ref());
    let second = part.hl7types.as_ref().or(first);
    let pick = |of: fn(&Facts) -> Option<String>| first.and_then(of).or_else(|| second.and_then(of));
    let known = |facts: &Facts| (facts.datatype != "?").then(|| facts.datatype.clone());
    let datatype = match pick(known).unwrap_or_default() {
        name if name == "wd" || name == "NUL" => "WD".to_owned(),
        name => name.strip_suffix("_SIMPLE").map(str::to_owned).unwrap_or(name),
    };
    let table = [first, second]
        .into_iter()
        .flatten()
        .map(|f| f.table)
        .find(|t| *t != 0 && *t != 9999)
        .unwrap_or(0);
    let both = [first, second].into_iter().flatten();
    let low = both.clone().map(|f| f.low).min().unwrap_or(0);
    // The schemas make some fields required that the text calls optional or conditional.
    let low = if matches!(part.usage.as_str(), "O" | "C") {
        0
    } else {
        low
    };
    let mut high = both.map(|f| f.high.unwrap_or(255)).max().unwrap_or(255);
    let withdrawn = first.is_some_and(|f| f.high == Some(0));
    if withdrawn && (part.hl7types.is_none() || part.usage == "X") || datatype == "WD" {
        high = 0;
    }
    let name = if part.hl7types_name.is_empty() {
        &part.hl7apy_name
    } else {
        &part.hl7types_name
    };
    Element {
        name: name.clone(),
        datatype,
        table,
        length: part.length,
        item: if part.item == 9999 { 0 } else { part.item },
        low: if high == 0 { 0 } else { low },
        high,
    }
}

/// The spelling of each group in each version, and how 2.7.1 is filled.
struct GroupTexts {
    by_version: Vec<BTreeMap<String, String>>,
}

impl GroupTexts {
    fn new(groups: &[Group]) -> Self {
        let mut by_version = vec![BTreeMap::new(); VERSIONS.len()];
        let mut second = vec![BTreeMap::new(); VERSIONS.len()];
        for group in groups {
            for index in (0..VERSIONS.len()).filter(|index| group.versions & (1 << index) != 0) {
                if let Some(text) = group.hl7apy.as_ref().or(group.hl7types.as_ref()) {
                    by_version[index].insert(group.key.clone(), text.clone());
                }
                if let Some(text) = &group.hl7types {
                    second[index].insert(group.key.clone(), text.clone());
                }
            }
        }
        let alone = second[ONLY_HL7TYPES].clone();
        for (key, text) in alone {
            for neighbour in [ONLY_HL7TYPES - 1, ONLY_HL7TYPES + 1] {
                if second[neighbour].get(&key) == Some(&text)
                    && let Some(first) = by_version[neighbour].get(&key).cloned()
                    && names_known(&first, &key, &by_version[ONLY_HL7TYPES])
                {
                    by_version[ONLY_HL7TYPES].insert(key.clone(), first);
                    break;
                }
            }
        }
        Self { by_version }
    }

    fn of_version(&self, version: usize) -> impl Iterator<Item = (&String, &String)> {
        self.by_version[version].iter()
    }

    /// The tree of `key`; a group that is not defined, or that holds itself, is left out.
    fn tree(&self, structure: &str, key: &str, version: usize, open: &mut BTreeSet<String>) -> Option<Tree> {
        let text = self.by_version[version].get(key)?;
        if !open.insert(key.to_owned()) {
            return None;
        }
        let choice = text.starts_with('<');
        let mut members = Vec::new();
        for word in text.trim_matches(['<', '>']).split_whitespace() {
            let low = u8::from(!word.starts_with('['));
            let high = if word.contains('{') { 255 } else { 1 };
            let name = word.trim_matches(['[', ']', '{', '}']);
            let what = match name.strip_suffix('/') {
                Some(group) => match self.tree(structure, &format!("{structure}.{group}"), version, open) {
                    Some(tree) => What::Group(Box::new(tree)),
                    None => continue,
                },
                None if is_segment(name) => What::Segment(name.to_owned()),
                None => What::AnySegment,
            };
            members.push(Member { what, low, high });
        }
        open.remove(key);
        let name = key.split_once('.').map_or(key, |(_, group)| group);
        // The schemas spell some sequences (those of the EHC messages) as a choice: a choice whose
        // members repeat or are optional is read as a sequence.
        let choice = choice && members.iter().all(|m| m.low == 1 && m.high == 1);
        let choice = choice
            && !matches!(
                name,
                "QUERY_ACK" | "QUERY_ACK_IPR" | "PAYMENT_REMITTANCE_HEADER_INFO"
            );
        if members.is_empty() {
            return None;
        }
        Some(Tree {
            name: name.to_owned(),
            choice,
            members,
        })
    }
}

fn names_known(text: &str, key: &str, known: &BTreeMap<String, String>) -> bool {
    let structure = key.split('.').next().unwrap_or(key);
    text.split(' ')
        .filter_map(|word| {
            word.trim_matches(['[', ']', '{', '}', '<', '>'])
                .strip_suffix('/')
        })
        .all(|group| known.contains_key(&format!("{structure}.{group}")))
}

pub(super) fn is_segment(name: &str) -> bool {
    name.len() == 3
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

/// A spelling with the later mentions of each name left out, as hl7types holds it.
pub(super) fn without_repeats(text: &str) -> String {
    let mut seen = BTreeSet::new();
    text.split(' ')
        .filter(|word| seen.insert(word.trim_matches(['[', ']', '{', '}', '<', '>'])))
        .collect::<Vec<_>>()
        .join(" ")
}
