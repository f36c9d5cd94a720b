//! RXA in messages about immunizations, with RXR.

use ehr_model::{Dosage, Immunization, Occurrence, Performer, Reference, Status};
use ehr_types::{CodeSystem, CodeableConcept, Coding, Quantity};

use super::conversion::{Conversion, code, remark, takes_back};
use super::dosage::instruction;
use super::group::{Order, Pharmacy};
use super::observation::Context;
use super::order::{OrderNumbers, is_called_off};
use super::reading::{At, Seg};
use super::table;

impl<'r> Conversion<'r, '_> {
    /// Whether an RXA is a vaccination: by the message, or by the code system of what was given.
    pub(super) fn is_immunization(&self, rxa: Seg<'r>) -> bool {
        let message = ["VXU", "VXR", "VXX", "VXQ", "RSP"]
            .iter()
            .any(|code| self.header.is(code));
        let system = [3, 6].iter().any(|part| {
            rxa.at(5)
                .part(*part)
                .peek()
                .is_some_and(|system| system.eq_ignore_ascii_case("CVX") || system == "HL70292")
        });
        message || system
    }

    /// An RXA of an order.
    pub(super) fn immunization(&mut self, order: &Order<'r>, given: &Pharmacy<'r>, numbers: &OrderNumbers) {
        let seg = given.unit.seg;
        let orc = order.orc.as_ref().map(|orc| orc.seg);
        let mut immunization = Immunization {
            identifier: numbers.identifiers.clone(),
            vaccine_code: self.concept(seg.at(5)),
            patient: self.subject(),
            encounter: self.encounter(),
            occurrence: seg.at(3).time().map(Occurrence::DateTime),
            dose_quantity: self.dose(seg),
            lot_number: seg.text(15),
            expiration_date: seg.at(16).date(),
            reason_code: self.concepts(seg, 19, None),
            note: self.notes(&given.unit.notes),
            ..Immunization::default()
        };
        self.immunization_status(order, seg, &mut immunization);
        self.immunization_source(seg, &mut immunization);
        if matches!(seg.at(21).peek_code().as_deref(), None | Some("A")) {
            immunization.recorded = seg.at(22).time();
        }
        if immunization.recorded.is_none() {
            immunization.recorded = orc.and_then(|orc| orc.at(9).time());
        }
        let manufacturer: Vec<At<'r>> = seg.all(17).collect();
        immunization.manufacturer = manufacturer
            .into_iter()
            .next()
            .and_then(|at| self.organization_of_code(at));
        immunization.location = self.administered_at(seg);
        let administering = self.performers(seg, 10, &code(&table::uri(443), "AP", "Administering Provider"));
        immunization.performer.extend(administering);
        if let Some(requester) = self.requester(orc, None) {
            immunization.performer.push(Performer {
                function: Some(code(&table::uri(443), "OP", "Ordering Provider")),
                actor: Some(requester),
                on_behalf_of: None,
            });
        }
        for role in self.roles(given.unit.more("PRT").chain(given.unit.more("ROL"))) {
            immunization.performer.push(Performer {
                function: role.role.into_iter().next(),
                actor: role.actor,
                on_behalf_of: None,
            });
        }
        let mut dosage = Dosage::default();
        self.routes(given, &mut dosage);
        immunization.route = dosage.route;
        immunization.site = dosage.site;
        let instructions = dosage.method.iter().chain(&dosage.additional_instruction);
        immunization.note.extend(instructions.map(instruction));
        let rest = self.immunization_observations(&given.observations, &mut immunization);
        let key = self.immunization_key(seg, numbers, &immunization);
        let mut segments = given.segments();
        segments.extend(orc);
        if let Some(orc) = &order.orc {
            let notes = self.notes(&orc.notes);
            immunization.note.extend(notes);
            segments.extend(orc.notes.iter().copied());
        }
        let read: Vec<Seg<'r>> = given
            .observations
            .iter()
            .map(|unit| unit.seg)
            .filter(|seg| !rest.contains(&seg.segment().position()))
            .collect();
        segments.extend(read);
        let id = self.add(&["immunization", &key], immunization, &segments);
        if let Some(orc) = orc {
            self.entered(orc, &id);
        }
        let context = Context {
            order: format!("immunization {key}"),
            ..Context::default()
        };
        for unit in given
            .observations
            .iter()
            .filter(|unit| rest.contains(&unit.seg.segment().position()))
        {
            let observation = self.observation(unit, &context);
            if let Some(ehr_model::Record::Observation(observation)) = self.chart.record_mut(&observation) {
                observation.part_of = vec![Reference::to(&id)];
            }
        }
    }

    /// The order's number, vaccine and day: registries use one order number for several vaccines, or none at all
    /// (`9999`).
    fn immunization_key(
        &mut self,
        seg: Seg<'r>,
        numbers: &OrderNumbers,
        immunization: &Immunization,
    ) -> String {
        let number = numbers
            .key()
            .filter(|number| !number.ends_with("|9999") && !number.ends_with("|0"));
        let when = seg.at(3).peek_code().unwrap_or_default();
        let vaccine = self.key_of_concept(immunization.vaccine_code.as_ref());
        match number {
            Some(number) => format!("{number} {vaccine}"),
            None => format!(
                "{vaccine} {} {}",
                when.get(..8).unwrap_or(&when),
                seg.at(15).peek().unwrap_or_default()
            ),
        }
    }

    /// RXA-6 and 7. `999` is the guide's word for "amount not known".
    fn dose(&self, seg: Seg<'r>) -> Option<Quantity> {
        let amount = seg.at(6);
        if amount
            .peek_code()
            .is_some_and(|text| text.trim_start_matches('0') == "999")
        {
            return None;
        }
        let value = amount.decimal()?;
        Some(self.sender().with_units(
            Quantity {
                value: Some(value),
                ..Quantity::default()
            },
            seg.at(7),
        ))
    }

    /// RXA-20, 18 and 21.
    fn immunization_status(&mut self, order: &Order<'r>, seg: Seg<'r>, immunization: &mut Immunization) {
        let mut reasons = self.concepts(seg, 18, None).into_iter();
        immunization.status_reason = reasons.next();
        immunization
            .note
            .extend(reasons.map(|reason| instruction(&reason)));
        let completion = self.sender().status(seg.at(20), 322, table::completion_status);
        immunization.status = if takes_back(seg.at(21)) {
            Some(Status::translated(
                Some("entered-in-error"),
                Coding::new(table::uri(323), "D"),
            ))
        } else if immunization.vaccine_code.as_ref().is_some_and(is_no_vaccine) {
            // Whatever RXA-20 says, nothing was given.
            let source = completion.and_then(|completion| completion.source);
            Some(Status {
                source,
                ..Status::fhir("not-done")
            })
        } else if completion.is_some() {
            completion
        } else if immunization.status_reason.is_some() {
            // A reason for refusal, and no word that it was given.
            Some(Status::fhir("not-done"))
        } else if is_called_off(order) {
            None
        } else {
            // The guide: an RXA without RXA-20 is of a vaccination that took place.
            Some(Status::fhir("completed"))
        };
        let partial = immunization
            .status
            .as_ref()
            .and_then(|status| status.source.as_ref())
            .and_then(|source| source.code.as_deref());
        if partial == Some("PA") {
            immunization.is_subpotent = Some(true);
            immunization.subpotent_reason.push(code(
                "http://terminology.hl7.org/CodeSystem/immunization-subpotent-reason",
                "partialdose",
                "",
            ));
        }
    }

    /// RXA-9: NIP001, whether the record is of who gave it (`00`) or of history told by others.
    fn immunization_source(&mut self, seg: Seg<'r>, immunization: &mut Immunization) {
        let notes: Vec<At<'r>> = seg.all(9).collect();
        for at in notes {
            let is_source = [3, 6]
                .iter()
                .any(|part| at.part(*part).peek().as_deref() == Some("NIP001"));
            let Some(concept) = self.concept(at) else { continue };
            let first = concept.codings.first().and_then(|coding| coding.code.clone());
            if is_source {
                immunization.primary_source = first.as_deref().map(|source| source == "00");
                if immunization.primary_source == Some(false) {
                    immunization.report_origin = Some(concept);
                } else if let Some(label) = concept.label() {
                    immunization.note.push(remark(label.to_owned()));
                }
            } else if let Some(label) = concept.label() {
                immunization.note.push(remark(label.to_owned()));
            }
        }
    }

    /// RXA-11, or RXA-27 and 28.
    pub(super) fn administered_at(&mut self, seg: Seg<'r>) -> Option<Reference> {
        let address = seg.all(28).find_map(super::datatype::address);
        let place = self.location_with(seg.at(27), address.clone());
        if place.is_some() {
            return place;
        }
        let at = seg.at(11);
        // LA2: the address in parts 9 to 14 of the same field.
        let line = [9, 10].iter().filter_map(|part| at.part(*part).text()).collect();
        let within = ehr_types::Address {
            line,
            city: at.part(11).text(),
            state: at.part(12).text(),
            postal_code: at.part(13).text(),
            country: at.part(14).text(),
            ..ehr_types::Address::default()
        };
        let within = (within != ehr_types::Address::default()).then_some(within);
        self.location_with(at, address.or(within))
    }
}

/// CVX 998: no vaccine administered.
fn is_no_vaccine(vaccine: &CodeableConcept) -> bool {
    vaccine.has_code(CodeSystem::CVX.uri, "998")
}
