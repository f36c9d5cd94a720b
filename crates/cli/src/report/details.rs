//! What a row of the report says of an item beside its name, status and time.

use std::collections::BTreeSet;

use ehr::merge::describe;
use ehr::model::{Amount, Dosage, MergedItem, Record, Reference};
use ehr::types::Quantity;

use super::parts::Parts;
use super::units::plain;

/// What an item that is called `what` says, and on what its sources disagree: nobody should read one side alone.
pub(super) fn details(item: &MergedItem, what: &str, parts: &Parts<'_>) -> String {
    let described = plain(&describe(&item.record));
    let mut said: Vec<String> = instructions(&item.record);
    said.retain(|words| !described.contains(words));
    if !described.is_empty() && described != what {
        said.insert(0, described);
    }
    if has_bare_dose(&item.record) {
        said.push("dose without a unit".to_owned());
    }
    said.extend(related(&item.record, parts));
    let others = Vec::from_iter(parts.also_called(item, what));
    if !others.is_empty() {
        said.push(format!("also called: {}", others.join(", ")));
    }
    said.extend(parts.test_data(item).map(str::to_owned));
    let disputed = parts.disputed(item);
    if !disputed.is_empty() {
        said.push(format!(
            "**sources disagree: {}**",
            Vec::from_iter(disputed).join(", ")
        ));
    }
    if parts.is_replaced(item) {
        said.push("**only in a document that was replaced**".to_owned());
    }
    said.join("; ")
}

fn dosages(record: &Record) -> &[Dosage] {
    match record {
        Record::MedicationRequest(request) => &request.dosage,
        Record::MedicationStatement(statement) => &statement.dosage,
        Record::MedicationDispense(dispense) => &dispense.dosage,
        _ => &[],
    }
}

/// Words on how a medication is to be taken: on what condition, with what, when not.
fn instructions(record: &Record) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for dosage in dosages(record) {
        let further = dosage
            .additional_instruction
            .iter()
            .filter_map(|words| words.label());
        let needed = dosage.as_needed_for.as_ref().and_then(|reason| reason.label());
        let all = dosage.text.as_deref().into_iter().chain(further);
        let all = all
            .chain(dosage.patient_instruction.as_deref())
            .map(str::to_owned);
        words.extend(all.chain(needed.map(|reason| format!("as needed for {reason}"))));
    }
    let mut known = BTreeSet::new();
    words.retain(|text| !text.trim().is_empty() && known.insert(text.clone()));
    words
}

/// Whether a dose is a mere number: of tablets, most likely, but no source says so.
fn has_bare_dose(record: &Record) -> bool {
    let is_bare = |dose: &Quantity| dose.value.is_some() && dose.unit.is_none() && dose.code.is_none();
    let given = match record {
        Record::MedicationAdministration(given) => given.dose.as_ref(),
        Record::Immunization(immunization) => immunization.dose_quantity.as_ref(),
        _ => None,
    };
    let mut doses = dosages(record).iter().filter_map(|dosage| match &dosage.dose {
        Some(Amount::Quantity(dose)) => Some(dose),
        _ => None,
    });
    given.is_some_and(is_bare) || doses.any(is_bare)
}

/// What an observation is about when that is another entry, and the reactions to a vaccine.
fn related(record: &Record, parts: &Parts<'_>) -> Vec<String> {
    let named = |lead: &str, references: &mut dyn Iterator<Item = &Reference>| {
        let names: Vec<String> = references
            .filter_map(|reference| parts.target(reference))
            .collect();
        (!names.is_empty()).then(|| format!("{lead}: {}", names.join(", ")))
    };
    let told = match record {
        Record::Observation(observation) => named("of", &mut observation.focus.iter()),
        Record::Immunization(immunization) => {
            let mut details = immunization
                .reaction
                .iter()
                .filter_map(|reaction| reaction.detail.as_ref());
            named("**reaction**", &mut details)
        }
        _ => None,
    };
    told.into_iter().collect()
}
