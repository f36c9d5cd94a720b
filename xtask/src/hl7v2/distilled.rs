//! Reading the committed tables that `distill.py` wrote.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The versions in order; a version's place in this list is its bit in every mask.
pub(super) const VERSIONS: [&str; 13] = [
    "2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8", "2.8.1", "2.8.2",
];

/// The version that only hl7types defines.
pub(super) const ONLY_HL7TYPES: usize = 9;

/// A set of versions, one bit each.
pub(super) type Mask = u16;

/// What one source says of a field or component.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Facts {
    pub(super) datatype: String,
    pub(super) low: u8,
    /// `None` for no bound.
    pub(super) high: Option<u8>,
    pub(super) table: u16,
}

/// A field or component in the versions where both sources say the same things.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) owner: String,
    pub(super) number: u8,
    pub(super) versions: Mask,
    pub(super) hl7apy: Option<Facts>,
    pub(super) hl7types: Option<Facts>,
    /// Usage code of hl7types: R, O, C, X, NA or nothing.
    pub(super) usage: String,
    pub(super) length: u16,
    pub(super) item: u16,
    pub(super) hl7apy_name: String,
    pub(super) hl7types_name: String,
}

/// A message structure or one of its groups, as spelled by each source.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// `ORU_R01` or `ORU_R01.PATIENT`.
    pub(super) key: String,
    pub(super) versions: Mask,
    pub(super) hl7apy: Option<String>,
    pub(super) hl7types: Option<String>,
}

/// Everything distilled.
pub(super) struct Distilled {
    pub(super) fields: Vec<Part>,
    pub(super) components: Vec<Part>,
    pub(super) groups: Vec<Group>,
    /// Message code and event, versions, structure.
    pub(super) events: Vec<(String, Mask, String)>,
    /// Table, code, versions.
    pub(super) codes: BTreeMap<(u16, String), Mask>,
}

impl Distilled {
    pub(super) fn read(folder: &Path) -> Result<Self, String> {
        let parts = |name: &str| {
            rows(folder, name)?
                .iter()
                .map(|row| part(row))
                .collect::<Result<Vec<_>, _>>()
        };
        let mut groups = Vec::new();
        for row in rows(folder, "structures.tsv")? {
            let [key, versions, hl7apy, hl7types] = columns::<4>(&row)?;
            let hl7apy = (hl7apy != "-").then_some(hl7apy);
            let hl7types = match hl7types.as_str() {
                "-" => None,
                "=" => hl7apy.clone(),
                _ => Some(hl7types),
            };
            groups.push(Group {
                key,
                versions: mask(&versions)?,
                hl7apy,
                hl7types,
            });
        }
        let mut events = Vec::new();
        for row in rows(folder, "events.tsv")? {
            let [event, versions, structure] = columns::<3>(&row)?;
            events.push((event, mask(&versions)?, structure));
        }
        let mut codes = BTreeMap::new();
        for row in rows(folder, "tables.tsv")? {
            let mut columns = row.split('\t');
            let table = columns
                .next()
                .unwrap_or_default()
                .parse()
                .map_err(|_| format!("tables.tsv: {row}"))?;
            let versions = mask(columns.next().unwrap_or_default())?;
            for code in columns {
                *codes.entry((table, code.to_owned())).or_insert(0) |= versions;
            }
        }
        Ok(Self {
            fields: parts("fields.tsv")?,
            components: parts("components.tsv")?,
            groups,
            events,
            codes,
        })
    }
}

fn rows(folder: &Path, name: &str) -> Result<Vec<String>, String> {
    let path = folder.join(name);
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(str::to_owned)
        .collect())
}

fn columns<const N: usize>(row: &str) -> Result<[String; N], String> {
    let columns: Vec<String> = row.split('\t').map(str::to_owned).collect();
    columns.try_into().map_err(|_| format!("not {N} columns: {row}"))
}

/// `2.3-2.4,2.6` as a mask.
fn mask(text: &str) -> Result<Mask, String> {
    let bit = |name: &str| {
        VERSIONS
            .iter()
            .position(|v| *v == name)
            .ok_or_else(|| format!("not a version: {name}"))
    };
    let mut mask = 0;
    for range in text.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        for index in bit(first)?..=bit(last)? {
            mask |= 1 << index;
        }
    }
    Ok(mask)
}

/// A mask as `2.3–2.4, 2.6`, for documentation.
pub(super) fn spelled(mask: Mask) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut index = 0;
    while index < VERSIONS.len() {
        if mask & (1 << index) != 0 {
            let start = index;
            while index + 1 < VERSIONS.len() && mask & (1 << (index + 1)) != 0 {
                index += 1;
            }
            out.push(if start == index {
                VERSIONS[start].to_owned()
            } else {
                format!("{}–{}", VERSIONS[start], VERSIONS[index])
            });
        }
        index += 1;
    }
    out.join(", ")
}

fn part(row: &str) -> Result<Part, String> {
    let [key, versions, hl7apy, hl7types, extra, hl7apy_name, hl7types_name] = columns::<7>(row)?;
    let (owner, number) = key.split_once('.').ok_or_else(|| format!("not a part: {row}"))?;
    let hl7apy = facts(&hl7apy)?;
    let hl7types = if hl7types == "=" {
        hl7apy.clone()
    } else {
        facts(&hl7types)?
    };
    let mut extra = extra.split(',');
    let usage = extra.next().unwrap_or_default();
    let mut amount = || extra.next().and_then(|n| n.parse().ok()).unwrap_or(0);
    let (length, item) = (amount(), amount());
    Ok(Part {
        owner: owner.to_owned(),
        number: number.parse().map_err(|_| format!("not a number: {row}"))?,
        versions: mask(&versions)?,
        hl7apy,
        hl7types,
        usage: usage.trim_matches('-').to_owned(),
        length,
        item,
        hl7types_name: if hl7types_name == "=" {
            hl7apy_name.clone()
        } else {
            hl7types_name
        },
        hl7apy_name,
    })
}

fn facts(text: &str) -> Result<Option<Facts>, String> {
    if text == "-" {
        return Ok(None);
    }
    let words: Vec<&str> = text.split(' ').collect();
    let [datatype, cardinality, table] = words.as_slice() else {
        return Err(format!("not facts: {text}"));
    };
    let (low, high) = cardinality
        .split_once("..")
        .ok_or_else(|| format!("not a cardinality: {text}"))?;
    Ok(Some(Facts {
        datatype: (*datatype).to_owned(),
        low: low.parse().map_err(|_| format!("not a bound: {text}"))?,
        high: if high == "*" {
            None
        } else {
            Some(high.parse().map_err(|_| format!("not a bound: {text}"))?)
        },
        table: table.parse().unwrap_or(0),
    }))
}
