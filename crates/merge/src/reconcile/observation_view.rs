//! What is shown of a result that several sources give.

use ehr_model::{Observation, ObservationComponent, ReferenceRange, Value};
use ehr_types::{CodeSystem, CodeableConcept};

use super::measured::{self, Results};
use super::observation::{same_code, stage};
use crate::desk::{Desk, InWords};
use crate::equivalence::Relation;
use crate::stated::{Shown, Stated, label};

/// The result. That there is none is a statement too, where a reason tells more than that nobody knows: it contradicts a
/// result, and where it corrects one, that is not shown.
pub(super) fn value(voices: &[&Observation], desk: &mut Desk<'_>) -> Option<Value> {
    let withheld: Vec<usize> = (0..voices.len())
        .filter(|at| voices.get(*at).is_some_and(|voice| is_withheld(voice)))
        .collect();
    let is_known = voices
        .iter()
        .any(|voice| voice.value.as_ref().is_some_and(|value| !is_unknown(value)));
    let results = Results::new(voices.iter().map(|voice| {
        let value = voice.value.as_ref();
        let said = value.filter(|value| !(is_known && is_unknown(value)));
        (said, voice.code.as_ref())
    }));
    let (shown, mut sides) = results.sides(desk)?;
    let Some(first) = withheld.first() else {
        results.conflict("value[x]", sides, desk);
        return Some(shown);
    };
    let reason = voices
        .get(*first)
        .and_then(|voice| voice.data_absent_reason.as_ref());
    let taken_back = is_taken_back(voices);
    let at = if taken_back { 0 } else { sides.len() };
    sides.insert(at, (label(reason), withheld));
    desk.conflict("value[x]", sides);
    (!taken_back).then_some(shown)
}

/// Whether a value says that nobody knows (SNOMED CT: unknown if ever smoked, unknown), so that it is no side against one that is
/// known.
fn is_unknown(value: &Value) -> bool {
    let Value::CodeableConcept(concept) = value else {
        return false;
    };
    let code = |code: &str| concept.has_code(CodeSystem::SNOMED_CT.uri, code);
    code("266927001") || code("261665006")
}

/// Why there is no result, where none is shown.
pub(super) fn data_absent_reason(voices: &[&Observation], desk: &mut Desk<'_>) -> Option<CodeableConcept> {
    let has_value = voices.iter().any(|voice| voice.value.is_some());
    if has_value && !is_taken_back(voices) {
        return None;
    }
    desk.one("dataAbsentReason", &|at| {
        voices.get(at)?.data_absent_reason.as_ref()
    })
}

/// Whether there is no result, for a reason that is more than not to know it.
fn is_withheld(observation: &Observation) -> bool {
    let unknown = |reason: &CodeableConcept| {
        let mut codes = reason.codings.iter().filter_map(|coding| coding.code.as_deref());
        codes.any(|code| {
            matches!(
                code,
                "unknown" | "asked-unknown" | "temp-unknown" | "not-asked" | "masked"
            )
        })
    };
    let reason = observation.data_absent_reason.as_ref();
    observation.value.is_none() && reason.is_some_and(|reason| !unknown(reason))
}

/// Whether the first voice corrects a result to none.
fn is_taken_back(voices: &[&Observation]) -> bool {
    let corrects = |voice: &&&Observation| stage(voice).corrected && voice.component.is_empty();
    let lead = voices.first().filter(corrects);
    lead.is_some_and(|lead| lead.value.is_none() && (is_withheld(lead) || lead.data_absent_reason.is_some()))
}

pub(super) fn interpretations(voices: &[&Observation], desk: &mut Desk<'_>) -> Vec<CodeableConcept> {
    let all = of_shown_value(voices, desk, |voice| {
        (
            voice.value.as_ref(),
            voice.code.as_ref(),
            voice.interpretation.as_slice(),
        )
    });
    let mut sides: InWords = Vec::new();
    for flag in &all {
        let contradicts = |other: &CodeableConcept| desk.cx.relate(flag, other) == Relation::Different;
        if all.iter().any(contradicts) {
            let says = |at: &usize| {
                let flags = voices.get(*at).map_or(&[][..], |voice| &voice.interpretation);
                flags.iter().any(|own| own.agrees(flag, desk.cx))
            };
            sides.push((flag.show(), (0..voices.len()).filter(says).collect()));
        }
    }
    // What one source says of one result is no disagreement.
    let spoken = |(_, voices): &(String, Vec<usize>)| voices.clone();
    let first = sides.first().map(spoken);
    if sides.iter().any(|side| Some(spoken(side)) != first) {
        desk.conflict("interpretation", sides);
    }
    all
}

/// A value, what it is of, and what is said of it.
type Part<'v> = (
    Option<&'v Value>,
    Option<&'v CodeableConcept>,
    &'v [CodeableConcept],
);

/// What is said of the value that is shown: "critical" of a result that was corrected is not said of the right one.
fn of_shown_value<'v, V>(
    voices: &[&'v V],
    desk: &Desk<'_>,
    parts: fn(&'v V) -> Part<'v>,
) -> Vec<CodeableConcept> {
    let said = |voice: &&'v V| parts(*voice).0.filter(|value| !value.is_blank());
    let shown = voices.iter().find_map(said);
    desk.union(&|at| {
        let of_shown = |voice: &&&'v V| match (said(voice), shown) {
            (Some(own), Some(shown)) => measured::agree(own, shown, parts(voice).1, desk.cx),
            _ => true,
        };
        voices
            .get(at)
            .filter(of_shown)
            .map_or(&[], |voice| parts(voice).2)
    })
}

/// Components by what they measure; those with different values are a conflict of that component.
pub(super) fn components(voices: &[&Observation], desk: &mut Desk<'_>) -> Vec<ObservationComponent> {
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
            let results = Results::new(stated.iter().map(|own| (own.value.as_ref(), own.code.as_ref())));
            let value = results.sides(desk).map(|(shown, sides)| {
                results.conflict("component.value[x]", sides, desk);
                shown
            });
            Some(ObservationComponent {
                code: desk.merged(&|at| stated.get(at)?.code.as_ref()),
                data_absent_reason: desk
                    .fill(&|at| stated.get(at)?.data_absent_reason.as_ref())
                    .filter(|_| stated.iter().all(|own| own.value.is_none())),
                value,
                interpretation: of_shown_value(&stated, desk, |own| {
                    (
                        own.value.as_ref(),
                        own.code.as_ref(),
                        own.interpretation.as_slice(),
                    )
                }),
                reference_range: desk.union(&|at| stated.get(at).map_or(&[], |own| &own.reference_range)),
            })
        })
        .collect()
}

/// The ranges in which values are expected.
pub(super) fn reference_ranges(voices: &[&Observation], desk: &mut Desk<'_>) -> Vec<ReferenceRange> {
    let all = voices
        .iter()
        .map(|voice| (voice.reference_range.as_slice(), voice.code.as_ref()));
    measured::ranges(all, desk)
}
