//! The concern act around problems or allergies: what it says of each of them.

use ehr_model::{Annotation, Reference};
use ehr_types::Severity;

use super::importer::{Importer, Slot};
use super::kind::read_code;
use super::statement::{negated, read_outline, retracted};
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
            is_nullified: retracted(act),
            status: status.and_then(|status| status.attribute("code")),
            informants: Vec::new(),
            note: Vec::new(),
            is_read: false,
        }
    }
}

/// What the status of a problem or allergy observation says, where it is not that of one that was made. The record has the
/// status of the problem, which is another.
pub(super) fn unfinished(observation: Element<'_>) -> Option<Annotation> {
    let status = observation.child("statusCode")?;
    let code = status.peek().attribute("code")?;
    if !matches!(
        code,
        "aborted" | "cancelled" | "held" | "new" | "obsolete" | "suspended"
    ) {
        return None;
    }
    observation.report(
        Severity::Warning,
        "ccda.observation.status",
        "the status of the observation of a problem or allergy is that of none that was made; it is told in a note",
    );
    status.attribute("code");
    Some(Annotation {
        text: format!("Status of the observation: {code}"),
        ..Annotation::default()
    })
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
