//! The registry of templates: which `templateId` or section code makes what kind of section or entry.
//!
//! Roots decide; the version in `@extension` does not, because a reader of one version can read the other.
//! The facts are those of C-CDA R1.1, R2.1 and their predecessors (CCD/HITSP C32, IHE PCC).

mod entry;
mod entry_template;
mod section;

pub use entry::EntryKind;
pub use section::SectionKind;

fn lookup<T: Copy>(table: &[(&str, T)], key: &str) -> Option<T> {
    table
        .iter()
        .find(|(known, _)| *known == key)
        .map(|(_, value)| *value)
}
