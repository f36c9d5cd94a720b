//! What all rules of one merge share.

use ehr_model::EntryId;
use ehr_types::CodeableConcept;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::concept::{ConceptKey, Concepts};
use crate::equivalence::Relation;
use crate::policy::Policy;
use crate::version::Senders;

/// The policy, the index of concepts, and the items found so far.
pub(crate) struct Context<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) concepts: Concepts,
    pub(crate) senders: Senders<'a>,
    /// The patient entries of the charts.
    pub(crate) subjects: FxHashSet<EntryId>,
    /// The item of each entry of the classes that were reconciled already.
    pub(crate) items: FxHashMap<EntryId, EntryId>,
    /// Words for items that others refer to.
    pub(crate) names: FxHashMap<EntryId, String>,
}

impl Context<'_> {
    /// How two concepts relate that are field values.
    pub(crate) fn relate(&self, a: &CodeableConcept, b: &CodeableConcept) -> Relation {
        self.concepts.relate_values(a, b)
    }

    /// How two concepts relate that were taken in; `Unknown` where either is missing.
    pub(crate) fn relate_keys(&self, a: Option<ConceptKey>, b: Option<ConceptKey>) -> Relation {
        match (a, b) {
            (Some(a), Some(b)) => self.concepts.relate(a, b),
            _ => Relation::Unknown,
        }
    }

    /// The item of an entry, the entry itself where its class comes later.
    pub(crate) fn item_of<'b>(&'b self, entry: &'b EntryId) -> &'b EntryId {
        self.items.get(entry).unwrap_or(entry)
    }
}
