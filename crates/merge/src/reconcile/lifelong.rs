//! What does not change by itself: two values of it are a disagreement, at whatever times they were found.

use ehr_model::{MergedItem, Observation, Record, Side, Value};
use ehr_types::CodeSystem;

use super::dispute;
use crate::context::Context;
use crate::stated::{Shown, Stated};

/// Blood groups (LOINC: ABO and Rh, ABO, Rh), and what holds until it is taken back: whether to resuscitate (SNOMED CT, LOINC).
const LIFELONG: &[&[(&CodeSystem, &str)]] = &[
    &[(&CodeSystem::LOINC, "882-1")],
    &[(&CodeSystem::LOINC, "883-9")],
    &[(&CodeSystem::LOINC, "10331-7")],
    &[
        (&CodeSystem::SNOMED_CT, "304251008"),
        (&CodeSystem::LOINC, "75320-2"),
    ],
];

/// So many values of one analyte are told; more of them say no more.
const VALUES: usize = 8;

/// Adds a conflict to each result that another one of the same analyte contradicts, with one result for each other value.
pub(crate) fn contradicted_for_life(items: &mut [MergedItem], cx: &Context<'_>) {
    for codes in LIFELONG {
        // Of each value the first result, and which value each result has.
        let mut values: Vec<(Value, Side)> = Vec::new();
        let mut found: Vec<(usize, Option<usize>)> = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let Record::Observation(observation) = &item.record else {
                continue;
            };
            let Some(value) = observation.value.as_ref().filter(|_| is_of(observation, codes)) else {
                continue;
            };
            let known = values.iter().position(|(known, _)| known.agrees(value, cx));
            if known.is_none() && values.len() < VALUES {
                found.push((at, Some(values.len())));
                values.push((value.clone(), side(value, item)));
            } else {
                found.push((at, known));
            }
        }
        if values.len() < 2 {
            continue;
        }
        for (at, own) in found {
            let Some(item) = items.get_mut(at) else { continue };
            let Record::Observation(observation) = &item.record else {
                continue;
            };
            let stated = observation.value.as_ref().map(|value| side(value, item));
            let others = values.iter().enumerate().filter(|(value, _)| Some(*value) != own);
            let values = stated
                .into_iter()
                .chain(others.map(|(_, (_, side))| side.clone()))
                .collect();
            dispute(item, "value[x]", values);
        }
    }
}

fn side(value: &Value, item: &MergedItem) -> Side {
    Side {
        value: value.show(),
        members: item.members.clone(),
    }
}

/// Whether it is a valid result of the analyte.
fn is_of(observation: &Observation, codes: &[(&CodeSystem, &str)]) -> bool {
    let coded = observation.code.as_ref();
    let withdrawn = ["entered-in-error", "cancelled"];
    let status = observation.status.as_ref();
    coded.is_some_and(|coded| {
        codes
            .iter()
            .any(|(system, code)| coded.has_code(system.uri, code))
    }) && !status.is_some_and(|status| withdrawn.iter().any(|code| status.is(code)))
}
