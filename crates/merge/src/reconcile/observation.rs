//! Measurements and findings: one analyte, one time, one value. A corrected result stays with the one it corrects.

use ehr_model::{Observation, ObservationComponent, Reference, Value};
use ehr_types::{CodeSystem, CodeableConcept, DateTime};

use super::facts::sites_agree;
use super::measured::agree;
use super::observation_view::{components, data_absent_reason, interpretations, reference_ranges, value};
use super::results::{Found, Results, Stage};
use super::{CANCELLED, Facts, Known, Look, Looker, OneSource, Rule, WITHDRAWN};
use crate::cluster::Verdict;
use crate::concept::ConceptKey;
use crate::context::Context;
use crate::equivalence::Relation;
use crate::measure::same_number;
use crate::moment::{Closeness, Moment};
use crate::project::fields;
use crate::stated::Stated;

impl Rule for Observation {
    const REACH: Option<i64> = Some(0);
    const BY_RESULT: bool = true;
    const ONE_SOURCE: OneSource = OneSource::Untold;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.about(self.code.as_ref());
        looker.sites(&self.body_site);
        looker.specimen(self.specimen.as_ref());
        looker.look.results = Results {
            stage: stage(self),
            found: Found::of(self),
        };
        let effective = self.effective.as_ref();
        looker.time(
            effective.and_then(ehr_model::Occurrence::start),
            effective.and_then(ehr_model::Occurrence::end),
        );
    }

    fn told_by(&self, look: &Look) -> Option<Self> {
        look.concept?;
        // Vaguer ones are two unless they are equal in all.
        look.start.filter(Moment::has_day)?;
        Some(Self {
            category: self.category.clone(),
            code: self.code.clone(),
            status: self.status.clone(),
            effective: self.effective.clone(),
            encounter: self.encounter.clone(),
            specimen: self.specimen.clone(),
            based_on: self.based_on.clone(),
            value: self.value.clone(),
            body_site: self.body_site.clone(),
            component: self.component.clone(),
            ..Self::default()
        })
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        let identified = a.is_identified_with(b, cx);
        if let Some(verdict) = a.concept(b, cx).unless_same(|| Verdict::Unsure) {
            return verdict;
        }
        if a.is_version_of(b) {
            return Verdict::Same(95);
        }
        let closeness = a.closeness(b);
        if closeness == Some(Closeness::Apart)
            || !sites_agree(a.record.body_site.as_slice(), b.record.body_site.as_slice(), cx)
        {
            return Verdict::Different;
        }
        if specimens_differ(a, b, cx) {
            return Verdict::Different;
        }
        let result = compare_results(a.record, b.record, cx);
        let agrees = matches!(result, Match::Equal | Match::Rounded);
        let sub_id = a.share_sub_id(b);
        // Two results of one code and time, as their sender says: no correction of each other, nor in dispute.
        if sub_id == Some(false) && (a.is_of_same_source(b) || !agrees) {
            return Verdict::Different;
        }
        let corrects = a.look.results.stage != b.look.results.stage;
        // Lines of one text say the same again, and those of two reports have nothing to do with each other.
        if is_line(a, cx) && is_line(b, cx) {
            let is_other_line = if agrees {
                a.is_of_same_source(b) || are_ordered_apart(a, b, cx)
            } else {
                !corrects
            };
            if is_other_line {
                return Verdict::Different;
            }
        }
        if a.is_of_same_source(b) {
            return match result {
                Match::Equal | Match::Rounded if identified => Verdict::Same(90),
                // A correction may take the result back and give no other.
                Match::Differs | Match::OneMissing if corrects && closeness == Some(Closeness::SameTime) => {
                    Verdict::Same(15)
                }
                // Of several results of one day nobody knows which was corrected.
                Match::Differs | Match::OneMissing
                    if corrects
                        && (closeness == Some(Closeness::SameDay)
                            || closeness == Some(Closeness::Compatible) && are_of_one_order(a, b, cx)) =>
                {
                    Verdict::Likely
                }
                // A result sent again for one order takes the place of the first.
                Match::Differs if closeness == Some(Closeness::SameTime) && was_sent_again(a, b, cx) => {
                    Verdict::Same(14)
                }
                Match::Equal if !a.is_told_apart_from(b) && closeness >= Some(Closeness::SameDay) => {
                    Verdict::Same(60)
                }
                Match::Equal if !a.is_told_apart_from(b) && a.equals(b) => Verdict::Same(60),
                _ => Verdict::Different,
            };
        }
        let timed = a.time_score(b);
        let sub_id_score = if sub_id == Some(true) { 2 } else { 0 };
        let context = encounter_score(a, b, cx) + panel_score(a, b, cx) + sub_id_score;
        match result {
            Match::Equal | Match::Rounded if a.is_vaguer_or_finer_than(b) => Verdict::Likely,
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
            Match::Differs if closeness >= Some(Closeness::SameDay) && is_standing(a.record) => {
                Verdict::Same(5 + context)
            }
            // A correction in another file of the sender: of several results of one day nobody knows which was corrected.
            Match::Differs
                if corrects
                    && (closeness == Some(Closeness::SameDay)
                        || closeness == Some(Closeness::Compatible) && are_of_one_order(a, b, cx))
                    && cx.senders.are_one(a.entry, b.entry) =>
            {
                Verdict::Likely
            }
            Match::Differs => Verdict::Different,
        }
    }

    fn standing(&self) -> i8 {
        let status = self.status.as_ref().and_then(|status| status.code.as_deref());
        match status {
            Some("entered-in-error") => WITHDRAWN,
            Some("cancelled") => CANCELLED,
            Some("registered" | "preliminary") => -1,
            Some("corrected" | "amended") => 1,
            _ => 0,
        }
    }

    fn recorded(&self) -> Option<DateTime> {
        self.issued
    }
}

/// Whether the observation tells how the patient lives, or of a pregnancy (LOINC), which holds without a time of day.
fn is_standing(observation: &Observation) -> bool {
    let code = observation.code.as_ref();
    if code.is_some_and(|code| code.has_code(CodeSystem::LOINC.uri, "82810-3")) {
        return true;
    }
    observation.category.iter().any(|category| {
        category
            .codings
            .iter()
            .any(|coding| coding.code.as_deref() == Some("social-history"))
    })
}

pub(super) fn stage(observation: &Observation) -> Stage {
    let is = |codes: &[&str]| {
        let status = observation.status.as_ref();
        status.is_some_and(|status| codes.iter().any(|code| status.is(code)))
    };
    Stage {
        corrected: is(&["corrected", "amended", "entered-in-error"]),
        early: is(&["preliminary", "registered"]),
    }
}

/// Whether it is a line of the text of a report: words under the code of the report itself.
fn is_line(facts: &Facts<'_, Observation>, cx: &Context<'_>) -> bool {
    let is_text = matches!(facts.record.value, Some(Value::String(_)));
    let is_of_report =
        |panel: &ConceptKey| cx.relate_keys(Some(*panel), facts.look.concept) == Relation::Same;
    is_text && facts.look.panels.iter().any(is_of_report)
}

/// Whether both name their orders, and not the same.
fn are_ordered_apart(a: &Facts<'_, Observation>, b: &Facts<'_, Observation>, cx: &Context<'_>) -> bool {
    let (x, y) = (&a.record.based_on, &b.record.based_on);
    let known = |list: &[Reference]| list.iter().any(|order| order.target.is_some());
    known(x) && known(y) && !are_of_one_order(a, b, cx)
}

/// Whether both name one order.
fn are_of_one_order(a: &Facts<'_, Observation>, b: &Facts<'_, Observation>, cx: &Context<'_>) -> bool {
    let (x, y) = (&a.record.based_on, &b.record.based_on);
    x.iter().any(|x| y.iter().any(|y| is_one_order(x, y, cx)))
}

/// Whether two references lead to one order.
fn is_one_order(a: &Reference, b: &Reference, cx: &Context<'_>) -> bool {
    let targets = a.target.as_ref().zip(b.target.as_ref());
    targets.is_some_and(|(a, b)| cx.item_of(a) == cx.item_of(b))
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

fn compare_values(
    a: Option<&Value>,
    b: Option<&Value>,
    code: Option<&CodeableConcept>,
    cx: &Context<'_>,
) -> Match {
    match (a.filter(|a| !a.is_blank()), b.filter(|b| !b.is_blank())) {
        (None, None) => Match::Equal,
        (Some(a), Some(b)) if a == b => Match::Equal,
        (Some(a), Some(b)) if agree(a, b, code, cx) || is_of_unclear_unit(a, b) => Match::Rounded,
        (Some(_), Some(_)) => Match::Differs,
        _ => Match::OneMissing,
    }
}

/// Whether the two are one number, of which one lacks its unit, or is in moles and the other in equivalents: one measurement, and
/// a disagreement on its unit.
fn is_of_unclear_unit(a: &Value, b: &Value) -> bool {
    let (Value::Quantity(a), Value::Quantity(b)) = (a, b) else {
        return false;
    };
    let numbers = a.value.as_ref().zip(b.value.as_ref());
    let is_in = |unit: Option<&str>, part: &str| unit.is_some_and(|unit| unit.to_lowercase().contains(part));
    let (x, y) = (a.unit_key(), b.unit_key());
    let is_unclear = x.is_none() != y.is_none()
        || (is_in(x, "mol") && is_in(y, "eq"))
        || (is_in(x, "eq") && is_in(y, "mol"));
    is_unclear && a.comparator == b.comparator && numbers.is_some_and(|(a, b)| same_number(a, b))
}

/// Compares values and components, the latter as a set.
fn compare_results(a: &Observation, b: &Observation, cx: &Context<'_>) -> Match {
    let mut result = compare_values(a.value.as_ref(), b.value.as_ref(), a.code.as_ref(), cx);
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
        result = worse(
            result,
            compare_values(x.value.as_ref(), y.value.as_ref(), x.code.as_ref(), cx),
        );
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

pub(super) fn same_code(a: &ObservationComponent, b: &ObservationComponent, cx: &Context<'_>) -> bool {
    match (&a.code, &b.code) {
        (Some(a), Some(b)) => cx.relate(a, b) == Relation::Same,
        (None, None) => true,
        _ => false,
    }
}

/// Whether they were taken of different materials.
fn specimens_differ(a: &Known<'_>, b: &Known<'_>, cx: &Context<'_>) -> bool {
    let Some(((a, a_coded), (b, b_coded))) = a.look.specimen.zip(b.look.specimen) else {
        return false;
    };
    match cx.concepts.relate(a, b) {
        Relation::Different => true,
        Relation::Unknown => !a_coded && !b_coded,
        Relation::Same | Relation::Narrower | Relation::Broader | Relation::Related => false,
    }
}

/// Whether one source sent both at different times, for one order.
fn was_sent_again(a: &Facts<'_, Observation>, b: &Facts<'_, Observation>, cx: &Context<'_>) -> bool {
    let sent = |facts: &Facts<'_, Observation>| facts.entry.origin.recorded;
    let at_two_times = sent(a).zip(sent(b)).is_some_and(|(a, b)| !a.agrees(&b, cx));
    at_two_times && !a.is_told_apart_from(b) && are_of_one_order(a, b, cx)
}

/// Points for being of one encounter.
fn encounter_score(a: &Facts<'_, Observation>, b: &Facts<'_, Observation>, cx: &Context<'_>) -> u32 {
    let (Some(x), Some(y)) = (&a.record.encounter, &b.record.encounter) else {
        return 0;
    };
    let same = match (&x.target, &y.target) {
        (Some(x), Some(y)) => cx.item_of(x) == cx.item_of(y),
        // The encounter itself was not sent, but both name it alike.
        _ => x.agrees(y, cx),
    };
    if same { 5 } else { 0 }
}

/// Points for being of one panel or report: a test may stand in two panels of one order, with one result.
fn panel_score(a: &Facts<'_, Observation>, b: &Facts<'_, Observation>, cx: &Context<'_>) -> u32 {
    let shared = a.look.panels.iter().any(|panel| {
        b.look
            .panels
            .iter()
            .any(|other| cx.concepts.relate(*panel, *other) == Relation::Same)
    });
    if shared { 3 } else { 0 }
}

fields!(Observation {
    identifier: union,
    based_on: union,
    part_of: union,
    status: status("status"),
    category: union,
    code: merged,
    subject: fill,
    focus: union,
    encounter: fill,
    effective: one("effective[x]"),
    issued: fill,
    performer: union,
    value: with(value),
    data_absent_reason: with(data_absent_reason),
    interpretation: with(interpretations),
    note: union,
    body_site: one("bodySite"),
    method: one("method"),
    specimen: fill,
    device: fill,
    reference_range: with(reference_ranges),
    has_member: union,
    derived_from: union,
    component: with(components),
});
