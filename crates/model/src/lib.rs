//! The format-neutral clinical record, with provenance on every entry.
