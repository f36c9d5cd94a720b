//! OBX behind RXA: eligibility, funding, information statements, dose in the series, reactions (CDC implementation guide for
//! immunization messaging 1.5, appendix A, NIP003).

use std::collections::{HashMap, HashSet};

use ehr_model::{
    DoseNumber, Immunization, ImmunizationReaction, ProtocolApplied, Reference, VaccineEducation, Value,
};
use ehr_types::DateTime;

use super::conversion::Conversion;
use super::group::Unit;
use super::observation::is_no_result;

impl<'r> Conversion<'r, '_> {
    /// Observations that are parts of the immunization; gives the positions of those that are not.
    pub(super) fn immunization_observations(
        &mut self,
        units: &[Unit<'r>],
        immunization: &mut Immunization,
    ) -> HashSet<usize> {
        let mut rest = HashSet::new();
        let mut education = Statements::default();
        let mut protocol = ProtocolApplied::default();
        for unit in units {
            let seg = unit.seg;
            let position = seg.segment().position();
            // Looked at without being taken as read, until it is clear what it is.
            let known = [1, 4].iter().find_map(|part| {
                let code = seg.at(3).part(*part).peek()?;
                let system = seg.at(3).part(part + 2).peek();
                (system.is_none_or(|system| system == "LN") && KNOWN.contains(&code.as_str())).then_some(code)
            });
            let Some(known) = known.filter(|_| !is_no_result(seg)) else {
                rest.insert(position);
                continue;
            };
            seg.at(3).mark();
            let kind = seg.code(2).unwrap_or_default().to_ascii_uppercase();
            let value = self.value(&kind, seg.at(5), seg);
            let group = seg.at(4).peek().unwrap_or_default();
            seg.at(4).mark();
            let status_is_final = seg.at(11).peek_code();
            if status_is_final.as_deref().is_some_and(|status| status == "F") {
                seg.at(11).leaf().mark();
            }
            let taken = take_observation(&known, value, group, immunization, &mut education, &mut protocol);
            if !taken {
                rest.insert(position);
            }
            immunization.note.extend(self.notes(&unit.notes));
        }
        immunization.education = education.all;
        if protocol != ProtocolApplied::default() {
            immunization.protocol_applied.push(protocol);
        }
        rest
    }
}

/// LOINC codes of observations that are parts of an immunization.
const KNOWN: &[&str] = &[
    "64994-7", "30963-3", "69764-9", "29768-9", "29769-7", "30956-7", "30973-2", "59780-7", "59782-3",
    "31044-1",
];

/// Information statements that were given, in order.
#[derive(Default)]
struct Statements {
    all: Vec<VaccineEducation>,
    /// Which of them the observations with one OBX-4 speak of.
    of_group: HashMap<String, usize>,
}

/// Puts the value of an observation where the immunization has a place for it; false where the value is of another form.
fn take_observation(
    known: &str,
    value: Option<Value>,
    group: String,
    immunization: &mut Immunization,
    education: &mut Statements,
    protocol: &mut ProtocolApplied,
) -> bool {
    let time = |value: &Value| match value {
        Value::DateTime(time) => Some(*time),
        Value::String(text) => DateTime::parse_hl7(text).ok(),
        _ => None,
    };
    let mut statement = |change: &mut dyn FnMut(&mut VaccineEducation)| {
        let position = *education.of_group.entry(group.clone()).or_insert_with(|| {
            education.all.push(VaccineEducation::default());
            education.all.len() - 1
        });
        if let Some(statement) = education.all.get_mut(position) {
            change(statement);
        }
    };
    let Some(value) = value else { return false };
    match (known, value) {
        ("64994-7", Value::CodeableConcept(concept)) => immunization.program_eligibility.push(concept),
        ("30963-3", Value::CodeableConcept(concept)) => immunization.funding_source = Some(concept),
        ("31044-1", Value::CodeableConcept(concept)) => {
            immunization.reaction.push(ImmunizationReaction {
                detail: concept.label().map(Reference::named),
                ..ImmunizationReaction::default()
            });
        }
        ("69764-9" | "30956-7", Value::CodeableConcept(concept)) => {
            let first = concept.codings.first();
            let label = first
                .and_then(|coding| coding.display.clone())
                .or_else(|| concept.label().map(str::to_owned));
            let code = first.and_then(|coding| coding.code.clone());
            statement(&mut |statement| {
                statement
                    .document_type
                    .get_or_insert_with(|| label.clone().unwrap_or_default());
                if let Some(code) = &code {
                    statement.reference.get_or_insert_with(|| code.clone());
                }
            });
        }
        ("29768-9", value) => match time(&value) {
            Some(time) => statement(&mut |statement| statement.publication_date = Some(time)),
            None => return false,
        },
        ("29769-7", value) => match time(&value) {
            Some(time) => statement(&mut |statement| statement.presentation_date = Some(time)),
            None => return false,
        },
        ("30973-2" | "59782-3", value) => {
            let Some(number) = dose_number(&value) else {
                return false;
            };
            if known == "30973-2" {
                protocol.dose_number = Some(number);
            } else {
                protocol.series_doses = Some(number);
            }
        }
        ("59780-7", Value::CodeableConcept(concept)) => protocol.series = concept.label().map(str::to_owned),
        ("59780-7", Value::String(text)) => protocol.series = Some(text),
        _ => return false,
    }
    true
}

fn dose_number(value: &Value) -> Option<DoseNumber> {
    match value {
        Value::Quantity(quantity) => {
            let number = quantity.value.as_ref()?.as_str();
            Some(match number.parse() {
                Ok(number) => DoseNumber::PositiveInt(number),
                Err(_) => DoseNumber::String(number.to_owned()),
            })
        }
        Value::String(text) => Some(DoseNumber::String(text.clone())),
        Value::CodeableConcept(concept) => concept.label().map(|label| DoseNumber::String(label.to_owned())),
        _ => None,
    }
}
