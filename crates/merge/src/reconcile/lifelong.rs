//! What does not change in a life: two values of it are a disagreement, at whatever times they were found.

use ehr_model::{Conflict, Member, MergedItem, Observation, Record, Side};
use ehr_types::CodeSystem;

use crate::context::Context;
use crate::stated::{Shown, Stated};

/// Blood groups in LOINC: ABO and Rh, ABO, Rh.
const LIFELONG: &[&str] = &["882-1", "883-9", "10331-7"];

/// Adds a conflict to each result that another one of the same analyte contradicts.
pub(crate) fn contradicted_for_life(items: &mut [MergedItem], cx: &Context<'_>) {
    for code in LIFELONG {
        let found: Vec<(usize, Observation, Vec<Member>)> = items
            .iter()
            .enumerate()
            .filter_map(|(at, item)| match &item.record {
                Record::Observation(observation) if is_of(observation, code) => {
                    Some((at, (**observation).clone(), item.members.clone()))
                }
                _ => None,
            })
            .collect();
        for (at, own, members) in &found {
            let differs = |(other, found, _): &&(usize, Observation, Vec<Member>)| {
                let values = own.value.as_ref().zip(found.value.as_ref());
                other != at && values.is_some_and(|(a, b)| !a.agrees(b, cx))
            };
            let side = |observation: &Observation, members: &[Member]| Side {
                value: observation.value.as_ref().map(Shown::show).unwrap_or_default(),
                members: members.to_vec(),
            };
            let others = found.iter().filter(differs);
            let opposed: Vec<Side> = others.map(|(_, found, members)| side(found, members)).collect();
            if let (false, Some(item)) = (opposed.is_empty(), items.get_mut(*at)) {
                let values = std::iter::once(side(own, members)).chain(opposed).collect();
                item.conflicts.push(Conflict {
                    field: "value[x]".to_owned(),
                    values,
                });
            }
        }
    }
}

/// Whether it is a valid result of the analyte.
fn is_of(observation: &Observation, code: &str) -> bool {
    let coded = observation.code.as_ref();
    let withdrawn = ["entered-in-error", "cancelled"];
    let status = observation.status.as_ref();
    coded.is_some_and(|coded| coded.has_code(CodeSystem::LOINC.uri, code))
        && !status.is_some_and(|status| withdrawn.iter().any(|code| status.is(code)))
}
