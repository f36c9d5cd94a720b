//! The concern act around problems or allergies: what it says of each of them.

use ehr_model::{Annotation, Reference};

use super::importer::{Importer, Slot};
use super::statement::{negated, nullified, read_code, read_outline};
use crate::xml::Element;

/// A Problem, Health or Allergy Concern Act. It is read once, by the first observation in it that makes a record, however many
/// there are.
pub(super) struct Concern<'d> {
    pub(super) act: Element<'d>,
    /// Some senders negate the act and not the observation.
    pub(super) is_negated: bool,
    pub(super) is_nullified: bool,
    /// Its `statusCode`.
    pub(super) status: Option<&'d str>,
    pub(super) informants: Vec<Reference>,
    /// Comments, for the first observation.
    pub(super) note: Vec<Annotation>,
    is_read: bool,
}

impl<'d> Concern<'d> {
    pub(super) fn new(act: Element<'d>) -> Self {
        let status = act.peek().child("statusCode");
        Self {
            act,
            is_negated: negated(act.peek()),
            is_nullified: nullified(act),
            status: status.and_then(|status| status.attribute("code")),
            informants: Vec::new(),
            note: Vec::new(),
            is_read: false,
        }
    }
}

impl<'d> Importer<'d> {
    /// Reads a concern for the record of `slot`, which owns what stays unread in it.
    pub(super) fn read_concern(&mut self, concern: &mut Concern<'d>, slot: &Slot<'d>) {
        let act = concern.act;
        self.own(slot, act);
        if std::mem::replace(&mut concern.is_read, true) {
            return;
        }
        negated(act);
        read_outline(act);
        read_code(act);
        concern.note = self.notes(act);
        concern.informants = act
            .children("informant")
            .filter_map(|informant| self.informant(informant))
            .collect();
        for performer in act.children("performer") {
            self.participant(performer);
        }
    }
}
