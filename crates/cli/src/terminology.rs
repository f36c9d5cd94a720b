//! `--concept-map`: how codes of different systems relate, from FHIR ConceptMaps or a table.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ehr::merge::{ConceptMap, Equivalence, Relation};
use ehr::model::Chart;
use ehr::types::{CodeSystem, Coding};
use serde_json::Value;

use crate::inputs;
use crate::output::{Error, tell};
use crate::table::{Table, TableRow};

/// Columns of the table; without `relation`, or where it is empty, the codes are equivalent.
const COLUMNS: [&str; 4] = ["source_system", "source_code", "target_system", "target_code"];

/// What an option says of codes.
pub(crate) struct Terminology {
    path: PathBuf,
    map: ConceptMap,
    /// The rows of a table, with their lines.
    rows: Vec<(u32, Coding, Coding)>,
}

/// Reads each file, for the merge to ask in the order in which they are given. What cannot be used is told on standard
/// error; a file of which nothing can be read ends the command.
pub(crate) fn read_all(paths: &[PathBuf]) -> Result<Vec<Terminology>, Error> {
    paths.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Result<Terminology, Error> {
    let bytes = inputs::read_option(path)?;
    let read = if bytes.trim_ascii_start().starts_with(b"{") {
        from_fhir(path, &bytes)?
    } else {
        from_table(path, &bytes)?
    };
    if read.map.is_empty() {
        return Err(Error::Usage(format!("{}: relates no codes", path.display())));
    }
    Ok(read)
}

impl Terminology {
    /// The terminology for the merge. What can have no effect, because no chart has its codes, is told on standard error.
    pub(crate) fn check(self, charts: &[Chart]) -> Box<dyn Equivalence> {
        let known = codings(charts);
        let has = |coding: &Coding| {
            let system = coding.canonical_system().unwrap_or_default();
            let code = coding.code.as_deref().unwrap_or_default();
            known.contains(&(system.to_owned(), code.to_owned()))
        };
        let path = self.path.display();
        let unused: Vec<u32> = self
            .rows
            .iter()
            .filter(|(_, source, target)| !has(source) || !has(target))
            .map(|(line, ..)| *line)
            .collect();
        if let Some(first) = unused.first() {
            tell(&format!(
                "{path}: {} of {} rows have a code that no input has, first in line {first}; systems are those of merge.json",
                unused.len(),
                self.rows.len()
            ));
        }
        let is_known =
            |(system, code): &(String, String)| self.map.knows(&Coding::new(system.as_str(), code.as_str()));
        if self.rows.is_empty() && !known.iter().any(is_known) {
            tell(&format!(
                "{path}: no input has any of its codes; systems are those of merge.json"
            ));
        }
        Box::new(self.map)
    }
}

/// All codes of the charts, each with its system.
fn codings(charts: &[Chart]) -> BTreeSet<(String, String)> {
    fn follow(value: &Value, found: &mut BTreeSet<(String, String)>) {
        match value {
            Value::Object(members) => {
                if let (Some(system), Some(code)) = (members.get("system"), members.get("code"))
                    && let (Some(system), Some(code)) = (system.as_str(), code.as_str())
                {
                    let coding = Coding::new(system, code);
                    let system = coding.canonical_system().unwrap_or(system).to_owned();
                    found.insert((system, code.trim().to_owned()));
                }
                members.values().for_each(|member| follow(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| follow(item, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    for entry in charts.iter().flat_map(|chart| &chart.entries) {
        follow(
            &serde_json::to_value(&entry.record).unwrap_or_default(),
            &mut found,
        );
    }
    found
}

fn from_fhir(path: &Path, bytes: &[u8]) -> Result<Terminology, Error> {
    let read = ehr::import_concept_map(bytes)
        .map_err(|error| Error::Usage(format!("{}: {error}", path.display())))?;
    let unused = read
        .findings
        .iter()
        .filter(|finding| finding.code.starts_with("concept-map."));
    for finding in unused {
        tell(&format!("{}: {finding}", path.display()));
    }
    Ok(Terminology {
        path: path.to_path_buf(),
        map: read.map,
        rows: Vec::new(),
    })
}

fn from_table(path: &Path, bytes: &[u8]) -> Result<Terminology, Error> {
    let mut map = ConceptMap::default();
    let mut rows = Vec::new();
    for row in Table::read(path, bytes, &COLUMNS, &["relation"])?.rows() {
        let [source_system, source_code, target_system, target_code, relation] = row.fields();
        let relation = match relation {
            "" => Relation::Same,
            code => ehr::concept_map_relation(code).ok_or_else(|| {
                row.error(&format!(
                    "{code}: not a FHIR ConceptMap equivalence or relationship"
                ))
            })?,
        };
        let source = Coding::new(system(source_system), source_code);
        let target = Coding::new(system(target_system), target_code);
        if has_gap(&row) {
            return Err(row.error("a system or a code is missing"));
        }
        if relation != Relation::Unknown {
            map.insert(&source, &target, relation);
        }
        rows.push((row.line(), source, target));
    }
    Ok(Terminology {
        path: path.to_path_buf(),
        map,
        rows,
    })
}

/// A system as the charts have it: an OID, plain or as a URN, is that of its code system.
fn system(name: &str) -> String {
    let oid = name.strip_prefix("urn:oid:").unwrap_or(name);
    let is_oid = oid.contains('.') && oid.bytes().all(|byte| byte == b'.' || byte.is_ascii_digit());
    if is_oid {
        CodeSystem::uri_of_oid(oid).into_owned()
    } else {
        name.to_owned()
    }
}

fn has_gap(row: &TableRow<'_>) -> bool {
    let [systems_and_codes @ .., _]: [&str; 5] = row.fields();
    systems_and_codes.iter().any(|field| field.is_empty())
}
