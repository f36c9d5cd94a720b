//! Which records are the same person: blocking, comparison, scoring, clustering, explanation.
