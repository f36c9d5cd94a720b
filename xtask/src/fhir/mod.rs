//! Generated sources of `ehr-fhir`: the structs of FHIR R4 with their descriptions, readers and walkers.

use std::path::Path;

use crate::generated::File;

mod definitions;
mod distill;
mod emit;
mod rules;
mod table;

const DEFINITIONS: &str = "xtask/src/fhir/r4.definitions.txt";

/// All generated files.
pub(crate) fn generate(root: &Path) -> Result<Vec<File>, String> {
    let path = root.join(DEFINITIONS);
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    emit::files(&definitions::parse(&text)?)
}

/// Rewrites the definitions file from the unpacked package in `dir`.
pub(crate) fn distill(root: &Path, dir: &Path) -> Result<String, String> {
    let text = distill::distill(dir)?;
    let path = root.join(DEFINITIONS);
    std::fs::write(&path, &text).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(format!("{DEFINITIONS}: {} lines", text.lines().count()))
}
