//! C-CDA documents: located XML, sections and entries, and the mapping to the clinical model.
