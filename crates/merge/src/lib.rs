//! Charts of one person into one record: reconciliation, conflicts, provenance.
