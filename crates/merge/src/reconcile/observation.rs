//! Measurements and findings: one analyte, one time, one value. A corrected result stays with the one it corrects.

use ehr_model::{Observation, ObservationComponent, Value};
use ehr_types::DateTime;

use super::{Facts, Looker, Rule};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::equivalence::Relation;
use crate::moment::Closeness;
use crate::project::{Desk, fields};
use crate::stated::Stated;

impl Rule for Observation {
    const REACH: Option<i64> = Some(0);

    fn look(&self, looker: &mut Looker<'_>) {
        looker.about(self.code.as_ref());
        let effective = self.effective.as_ref();
        looker.time(
            effective.and_then(ehr_model::Occurrence::start),
            effective.and_then(ehr_model::Occurrence::end),
        );
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        let identified = a.is_identified_with(b, cx);
        match a.concept(b, cx) {
            Relation::Same => {}
            Relation::Unknown => return Verdict::Unsure,
            Relation::Narrower | Relation::Broader | Relation::Related | Relation::Different => {
                return Verdict::Different;
            }
        }
        let closeness = a.closeness(b);
        if closeness == Some(Closeness::Apart) || !sites_agree(a.record, b.record, cx) {
            return Verdict::Different;
        }
        let result = compare_results(a.record, b.record, cx);
        let corrects =
            is_correction(a.record) != is_correction(b.record) || is_early(a.record) != is_early(b.record);
        if a.is_of_same_source(b) {
            return match result {
                Match::Equal | Match::Rounded if identified => Verdict::Same(90),
                Match::Differs if corrects && closeness >= Some(Closeness::SameDay) => Verdict::Same(15),
                Match::Equal if !a.is_told_apart_from(b) && closeness >= Some(Closeness::SameDay) => {
                    Verdict::Same(60)
                }
                Match::Equal if !a.is_told_apart_from(b) && a.record == b.record => Verdict::Same(60),
                _ => Verdict::Different,
            };
        }
        let timed = a.time_score(b);
        let context = encounter_score(a, b, cx);
        match result {
            Match::Equal if closeness.is_some() => Verdict::Same(60 + timed + context),
            Match::Rounded if closeness.is_some() => Verdict::Same(50 + timed + context),
            // Both undated: a standing fact such as smoking status.
            Match::Equal | Match::Rounded
                if a.look.start.is_none() && b.look.start.is_none() && is_standing(a.record) =>
            {
                Verdict::Same(40)
            }
            Match::Equal | Match::Rounded => Verdict::Likely,
            Match::OneMissing if identified => Verdict::Same(40),
            Match::OneMissing if closeness == Some(Closeness::SameTime) => Verdict::Likely,
            Match::OneMissing => Verdict::Unsure,
            Match::Differs if identified => Verdict::Same(30),
            // One measurement at one moment cannot have two results: one fact, in dispute.
            Match::Differs if closeness == Some(Closeness::SameTime) => Verdict::Same(10 + context),
            Match::Differs => Verdict::Different,
        }
    }

    fn standing(&self) -> i8 {
        let status = self.status.as_ref().and_then(|status| status.code.as_deref());
        match status {
            Some("entered-in-error") => -3,
            Some("cancelled") => -2,
            Some("registered" | "preliminary") => -1,
            Some("corrected" | "amended") => 1,
            _ => 0,
        }
    }

    fn recorded(&self) -> Option<DateTime> {
        self.issued
    }
}

/// Whether the observation tells how the patient lives, which holds without a date.
fn is_standing(observation: &Observation) -> bool {
    observation.category.iter().any(|category| {
        category
            .codings
            .iter()
            .any(|coding| coding.code.as_deref() == Some("social-history"))
    })
}

fn is_correction(observation: &Observation) -> bool {
    observation
        .status
        .as_ref()
        .is_some_and(|status| status.is("corrected") || status.is("amended") || status.is("entered-in-error"))
}

fn is_early(observation: &Observation) -> bool {
    observation
        .status
        .as_ref()
        .is_some_and(|status| status.is("preliminary") || status.is("registered"))
}

/// How two results agree.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Match {
    Equal,
    /// The same after rounding or conversion.
    Rounded,
    OneMissing,
    Differs,
}

fn compare_values(a: Option<&Value>, b: Option<&Value>, cx: &Context<'_>) -> Match {
    match (a.filter(|a| !a.is_blank()), b.filter(|b| !b.is_blank())) {
        (None, None) => Match::Equal,
        (Some(a), Some(b)) if a == b => Match::Equal,
        (Some(a), Some(b)) if a.agrees(b, cx) => Match::Rounded,
        (Some(_), Some(_)) => Match::Differs,
        _ => Match::OneMissing,
    }
}

/// Compares values and components, the latter as a set.
fn compare_results(a: &Observation, b: &Observation, cx: &Context<'_>) -> Match {
    let mut result = compare_values(a.value.as_ref(), b.value.as_ref(), cx);
    if a.component.is_empty() && b.component.is_empty() {
        return result;
    }
    if a.component.is_empty() != b.component.is_empty() {
        return if result == Match::Differs {
            result
        } else {
            Match::OneMissing
        };
    }
    let mut shared = 0;
    for x in &a.component {
        let Some(y) = b.component.iter().find(|y| same_code(x, y, cx)) else {
            continue;
        };
        shared += 1;
        result = worse(result, compare_values(x.value.as_ref(), y.value.as_ref(), cx));
    }
    let complete = shared == a.component.len() && shared == b.component.len();
    match (result, shared, complete) {
        (Match::Differs, ..) | (_, 0, _) => Match::Differs,
        (result, _, true) => result,
        (result, _, false) => worse(result, Match::Rounded),
    }
}

fn worse(a: Match, b: Match) -> Match {
    let rank = |found: Match| match found {
        Match::Equal => 0,
        Match::Rounded => 1,
        Match::OneMissing => 2,
        Match::Differs => 3,
    };
    if rank(a) >= rank(b) { a } else { b }
}

fn same_code(a: &ObservationComponent, b: &ObservationComponent, cx: &Context<'_>) -> bool {
    match (&a.code, &b.code) {
        (Some(a), Some(b)) => cx.relate(a, b) == Relation::Same,
        (None, None) => true,
        _ => false,
    }
}

fn sites_agree(a: &Observation, b: &Observation, cx: &Context<'_>) -> bool {
    match (&a.body_site, &b.body_site) {
        (Some(a), Some(b)) => cx.relate(a, b) != Relation::Different,
        _ => true,
    }
}

/// Points for being of one encounter.
fn encounter_score(a: &Facts<'_, Observation>, b: &Facts<'_, Observation>, cx: &Context<'_>) -> u32 {
    let item = |facts: &Facts<'_, Observation>| {
        let target = facts.record.encounter.as_ref()?.target.as_ref()?;
        Some(cx.item_of(target).clone())
    };
    match (item(a), item(b)) {
        (Some(a), Some(b)) if a == b => 5,
        _ => 0,
    }
}

/// Components by what they measure; those with different values are a conflict of that component.
fn components(voices: &[&Observation], desk: &mut Desk<'_>) -> Vec<ObservationComponent> {
    let mut groups: Vec<Vec<(usize, &ObservationComponent)>> = Vec::new();
    for (voice, observation) in voices.iter().enumerate() {
        for component in &observation.component {
            let group = groups.iter_mut().find(|group| {
                group.iter().all(|(other, _)| *other != voice)
                    && group
                        .first()
                        .is_some_and(|(_, first)| same_code(first, component, desk.cx))
            });
            match group {
                Some(group) => group.push((voice, component)),
                None => groups.push(vec![(voice, component)]),
            }
        }
    }
    let silent = ObservationComponent::default();
    groups
        .into_iter()
        .filter_map(|group| {
            let (_, first) = group.first()?;
            if group.len() == 1 {
                return Some((*first).clone());
            }
            // Voices are by position, so that a side names its members: one without the component says nothing.
            let stated: Vec<&ObservationComponent> = (0..voices.len())
                .map(|voice| {
                    let own = group.iter().find(|(other, _)| *other == voice);
                    own.map_or(&silent, |(_, component)| *component)
                })
                .collect();
            Some(ObservationComponent {
                code: desk.merged(&stated, |component| component.code.as_ref()),
                value: desk.one("component.value[x]", &stated, |component| {
                    component.value.as_ref()
                }),
                data_absent_reason: desk.fill(&stated, |component| component.data_absent_reason.as_ref()),
                interpretation: desk.union(&stated, |component| component.interpretation.as_slice()),
                reference_range: desk.union(&stated, |component| component.reference_range.as_slice()),
            })
        })
        .collect()
}

fields!(Observation {
    identifier: union,
    based_on: union,
    part_of: union,
    status: one("status"),
    category: union,
    code: merged,
    subject: fill,
    focus: union,
    encounter: fill,
    effective: one("effective[x]"),
    issued: fill,
    performer: union,
    value: one("value[x]"),
    data_absent_reason: one("dataAbsentReason"),
    interpretation: union,
    note: union,
    body_site: one("bodySite"),
    method: one("method"),
    specimen: fill,
    device: fill,
    reference_range: whole("referenceRange"),
    has_member: union,
    derived_from: union,
    component: with(components),
});
