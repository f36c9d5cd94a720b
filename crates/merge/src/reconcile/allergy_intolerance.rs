//! Allergies: the substance is the identity, at whatever time it was noted.

use ehr_model::{AllergyIntolerance, AllergyKnowledge, Reaction, Status};
use ehr_types::{CodeableConcept, DateTime};

use super::denial::stated;
use super::{Facts, Look, Looker, OneSource, Rule, withdrawn};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::desk::{Desk, Lists};
use crate::equivalence::Relation;
use crate::project::fields;
use crate::stated::{Stated, label, listed, same_set, shown};

/// What contradicts a plain assertion. "Unconfirmed" does not: most allergies are, because nobody tested.
const DOUBTS: &[&str] = &["refuted"];

/// Names under which statements without a code meet.
const NONE_KNOWN: &str = "\u{1}none known";
const NOT_ASKED: &str = "\u{1}not asked";

impl Rule for AllergyIntolerance {
    const REACH: Option<i64> = None;
    const ONE_SOURCE: OneSource = OneSource::Free;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.about(self.code.as_ref());
        if looker.look.concept.is_none() {
            match self.knowledge {
                AllergyKnowledge::NoneKnown => looker.look.names.push(NONE_KNOWN.to_owned()),
                AllergyKnowledge::NotAsked => looker.look.names.push(NOT_ASKED.to_owned()),
                AllergyKnowledge::Present => {}
            }
        }
    }

    fn told_by(&self, _: &Look) -> Option<Self> {
        Some(Self {
            code: self.code.clone(),
            knowledge: self.knowledge,
            ..Self::default()
        })
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        // "None known" never joins an allergy, and "not asked" never joins either.
        if stated(a.record).0 != stated(b.record).0 {
            return Verdict::Different;
        }
        match a.concept(b, cx) {
            Relation::Same => Verdict::Same(50),
            Relation::Unknown if a.look.concept.is_none() && b.look.concept.is_none() && a.shares_name(b) => {
                Verdict::Same(40)
            }
            // Exports copy identifiers from templates: between two substances an identifier alone decides nothing.
            Relation::Unknown
                if (a.look.concept.is_none() || b.look.concept.is_none()) && a.shares_identifier(b) =>
            {
                Verdict::Same(30)
            }
            Relation::Unknown => Verdict::Unsure,
            Relation::Narrower | Relation::Broader | Relation::Related | Relation::Different => {
                Verdict::Different
            }
        }
    }

    fn standing(&self) -> i8 {
        withdrawn(has_code(self.verification_status.as_ref(), "entered-in-error"))
    }

    fn recorded(&self) -> Option<DateTime> {
        self.recorded_date
    }
}

/// Whether a status concept holds this code.
pub(super) fn has_code(concept: Option<&ehr_types::CodeableConcept>, code: &str) -> bool {
    concept.is_some_and(|concept| {
        concept
            .codings
            .iter()
            .any(|coding| coding.code.as_deref() == Some(code))
    })
}

/// All reactions; one sign with two severities is a conflict.
fn reactions(voices: &[&AllergyIntolerance], desk: &mut Desk<'_>) -> Vec<Reaction> {
    let lists: Lists<'_, '_, Reaction> = &|at| voices.get(at).map_or(&[], |voice| &voice.reaction);
    desk.within("reaction.severity", lists, &|a, b, cx| {
        let severities = a.severity.as_ref().zip(b.severity.as_ref());
        let differ = severities.is_some_and(|(a, b)| !a.agrees(b, cx));
        (differ && same_set(&a.manifestation, &b.manifestation, cx)).then(|| {
            let words = |reaction: &Reaction| {
                let signs = reaction.manifestation.iter().map(|sign| label(Some(sign)));
                listed(signs.chain([shown(reaction.severity.as_ref())]))
            };
            (words(a), words(b))
        })
    });
    desk.union(lists)
}

/// Whether it lasts, as for problems.
fn clinical_status(voices: &[&AllergyIntolerance], desk: &mut Desk<'_>) -> Option<CodeableConcept> {
    desk.lasting("clinicalStatus", &|at| voices.get(at)?.clinical_status.as_ref())
}

/// The danger: a high one is not shown as low. "Unable to assess" says nothing against either.
fn criticality(voices: &[&AllergyIntolerance], desk: &mut Desk<'_>) -> Option<Status> {
    let says = |at: usize| voices.get(at)?.criticality.as_ref();
    let is_open = |status: &Status| status.is("unable-to-assess");
    let is_known = (0..voices.len()).filter_map(says).any(|status| !is_open(status));
    let says = |at: usize| says(at).filter(|status| !(is_known && is_open(status)));
    desk.one_rather("criticality", &|status: &Status| status.is("high"), &says)
}

/// When it ended, as for problems.
fn abatement(voices: &[&AllergyIntolerance], desk: &mut Desk<'_>) -> Option<DateTime> {
    let status = |at: usize| voices.get(at)?.clinical_status.as_ref();
    let end = |at: usize| voices.get(at)?.abatement.as_ref();
    desk.unless_active("abatement", &status, &end)
}

fields!(AllergyIntolerance {
    identifier: union,
    knowledge: lead,
    clinical_status: with(clinical_status),
    verification_status: verification("verificationStatus", DOUBTS),
    type_: one("type"),
    category: union,
    criticality: with(criticality),
    code: worded_substance("code"),
    patient: fill,
    encounter: fill,
    onset: one("onset[x]"),
    abatement: with(abatement),
    recorded_date: fill,
    recorder: fill,
    asserter: fill,
    last_occurrence: one("lastOccurrence"),
    note: union,
    reaction: with(reactions),
});
