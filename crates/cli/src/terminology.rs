//! `--concept-map`: how codes of different systems relate, from FHIR ConceptMaps or a table.

use std::path::Path;

use ehr::merge::{ConceptMap, Equivalence, Relation};
use ehr::types::Coding;

use crate::inputs;
use crate::output::{Error, tell};
use crate::table::{Row, Table};

/// Columns of the table; without `relation`, or where it is empty, the codes are equivalent.
const COLUMNS: [&str; 4] = ["source_system", "source_code", "target_system", "target_code"];

/// Reads each file, for the merge to ask in the order in which they are given. What cannot be used is told on standard
/// error; a file of which nothing can be read ends the command.
pub(crate) fn read_all(paths: &[impl AsRef<Path>]) -> Result<Vec<Box<dyn Equivalence>>, Error> {
    let mut all: Vec<Box<dyn Equivalence>> = Vec::new();
    for path in paths {
        all.push(Box::new(read(path.as_ref())?));
    }
    Ok(all)
}

fn read(path: &Path) -> Result<ConceptMap, Error> {
    let bytes = inputs::read_option(path)?;
    let map = if bytes.trim_ascii_start().starts_with(b"{") {
        from_fhir(path, &bytes)?
    } else {
        from_table(path, &bytes)?
    };
    if map.is_empty() {
        return Err(Error::Usage(format!("{}: relates no codes", path.display())));
    }
    Ok(map)
}

fn from_fhir(path: &Path, bytes: &[u8]) -> Result<ConceptMap, Error> {
    let read = ehr::import_concept_map(bytes)
        .map_err(|error| Error::Usage(format!("{}: {error}", path.display())))?;
    let unused = read
        .findings
        .iter()
        .filter(|finding| finding.code.starts_with("concept-map."));
    for finding in unused {
        tell(&format!("{}: {finding}", path.display()));
    }
    Ok(read.map)
}

fn from_table(path: &Path, bytes: &[u8]) -> Result<ConceptMap, Error> {
    let mut map = ConceptMap::default();
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
        let source = Coding::new(source_system, source_code);
        let target = Coding::new(target_system, target_code);
        if has_gap(&row) {
            return Err(row.error("a system or a code is missing"));
        }
        if relation != Relation::Unknown {
            map.insert(&source, &target, relation);
        }
    }
    Ok(map)
}

fn has_gap(row: &Row<'_>) -> bool {
    let [systems_and_codes @ .., _]: [&str; 5] = row.fields();
    systems_and_codes.iter().any(|field| field.is_empty())
}
