//! What two statements of one value have in common: whether they agree, which says more, how to show them.
//!
//! The files follow the kinds of values: [`times`], [`quantities`], [`codings`], [`people`], and what is [`clinical`].

mod clinical;
mod codings;
mod people;
mod quantities;
mod times;

use ehr_model::{
    CarePlanActivity, ConditionStage, CoverageClass, DeviceName, DocumentRelation, DoseNumber,
    EncounterDiagnosis, EncounterLocation, GoalTarget, ImmunizationReaction, NarrativeSection,
    OrganizationContact, PatientLink, ProtocolApplied, Qualification, SampledData, VaccineEducation,
};
use ehr_types::{CodeableConcept, Time};

use crate::context::Context;

/// A value that several sources may state.
pub(crate) trait Stated: Clone + PartialEq {
    /// Whether both can be true of one thing: spelling, precision and units do not make a disagreement.
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        let _ = cx;
        self == other
    }

    /// How much is said; where values agree, the one that says most is shown.
    fn detail(&self) -> u32 {
        0
    }

    /// Takes over what an agreeing value says in addition.
    fn absorb(&mut self, other: &Self, cx: &Context<'_>) {
        let _ = (other, cx);
    }

    /// Whether two lists say the same as a whole.
    fn same_list(a: &[Self], b: &[Self], cx: &Context<'_>) -> bool {
        same_set(a, b, cx)
    }

    /// Whether nothing is said, as with "unknown", so that there is nothing to disagree with.
    fn is_blank(&self) -> bool {
        false
    }
}

/// A value that can be a side of a disagreement.
pub(crate) trait Shown: Stated {
    /// The value for a person.
    fn show(&self) -> String;
}

/// Types whose values agree when they are equal.
macro_rules! equal_when_identical {
    ($($type:ty),+ $(,)?) => { $(impl Stated for $type {})+ };
}

equal_when_identical!(
    bool,
    u32,
    i32,
    Time,
    SampledData,
    DoseNumber,
    ConditionStage,
    EncounterDiagnosis,
    EncounterLocation,
    CarePlanActivity,
    GoalTarget,
    CoverageClass,
    DeviceName,
    DocumentRelation,
    NarrativeSection,
    ImmunizationReaction,
    ProtocolApplied,
    VaccineEducation,
    PatientLink,
    Qualification,
    OrganizationContact,
    ehr_model::AllergyKnowledge,
);

impl Shown for bool {
    fn show(&self) -> String {
        if *self { "yes" } else { "no" }.to_owned()
    }
}

impl Shown for u32 {
    fn show(&self) -> String {
        self.to_string()
    }
}

/// Puts what is missing here from there.
pub(crate) fn fill<T: Clone>(mine: &mut Option<T>, theirs: Option<&T>) {
    if mine.is_none() {
        *mine = theirs.cloned();
    }
}

/// Adds what agrees with nothing that is here.
fn take_in<T: Stated>(mine: &mut Vec<T>, theirs: &[T], cx: &Context<'_>) {
    for value in theirs {
        match mine.iter_mut().find(|known| known.agrees(value, cx)) {
            Some(known) => known.absorb(value, cx),
            None => mine.push(value.clone()),
        }
    }
}

/// Whether two optional values agree; a missing one agrees with everything.
fn agree<T: Stated>(a: Option<&T>, b: Option<&T>, cx: &Context<'_>) -> bool {
    a.zip(b).is_none_or(|(a, b)| a.agrees(b, cx))
}

/// Whether two optional values are both missing or agree.
fn alike<T: Stated>(a: Option<&T>, b: Option<&T>, cx: &Context<'_>) -> bool {
    a.is_some() == b.is_some() && agree(a, b, cx)
}

/// Whether each value of either list agrees with one of the other.
pub(crate) fn same_set<T: Stated>(a: &[T], b: &[T], cx: &Context<'_>) -> bool {
    let within = |a: &[T], b: &[T]| a.iter().all(|x| b.iter().any(|y| x.agrees(y, cx)));
    within(a, b) && within(b, a)
}

/// Words for a concept, its code where it has none.
pub(crate) fn label(concept: Option<&CodeableConcept>) -> String {
    let words = concept.and_then(|concept| concept.label());
    words.unwrap_or_default().to_owned()
}

/// A value that may be missing, in words; nothing where it is.
pub(crate) fn shown<T: Shown>(value: Option<&T>) -> String {
    value.map(Shown::show).unwrap_or_default()
}

/// The parts that say something, with commas between them.
pub(crate) fn listed(parts: impl IntoIterator<Item = String>) -> String {
    let said: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    said.join(", ")
}

/// A span in words: `2 – 4`, `from 2`, `to 4`.
fn span(low: &str, high: &str) -> String {
    match (low.is_empty(), high.is_empty()) {
        (false, false) => format!("{low} – {high}"),
        (false, true) => format!("from {low}"),
        (true, false) => format!("to {high}"),
        (true, true) => String::new(),
    }
}
