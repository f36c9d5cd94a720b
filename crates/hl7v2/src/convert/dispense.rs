//! RXD: dispenses. RXA and RXG: administrations.

use ehr_model::{
    Amount, Dosage, EntryId, MedicationAdministration, MedicationDispense, MedicationRequest, Occurrence,
    Performer, Reference, Status,
};
use ehr_types::{Coding, Period};

use super::conversion::{Conversion, code, remark, takes_back};
use super::datatype::words;
use super::dosage::{instruction, labelled, substitution};
use super::group::{Order, Pharmacy};
use super::order::{OrderNumbers, is_called_off};
use super::table;

impl<'r> Conversion<'r, '_> {
    /// RXD.
    pub(super) fn dispense(
        &mut self,
        order: &Order<'r>,
        item: &Pharmacy<'r>,
        numbers: &OrderNumbers,
        request: Option<&EntryId>,
    ) {
        let seg = item.unit.seg;
        if !self.is_named(seg, &[2]) {
            return;
        }
        let mut dosage = Dosage::default();
        self.routes(item, &mut dosage);
        dosage.additional_instruction.extend(self.concepts(seg, 15, None));
        let mut dispense = MedicationDispense {
            identifier: numbers.identifiers.clone(),
            medication: self.concept(seg.at(2)),
            when_handed_over: seg.at(3).time(),
            quantity: self.units_of(seg.at(4), seg.at(5)),
            subject: self.subject(),
            context: self.encounter(),
            authorizing_prescription: request.map(Reference::to).into_iter().collect(),
            note: self.notes(&item.unit.notes),
            status: (!is_called_off(order)).then(|| Status::fhir("completed")),
            ..MedicationDispense::default()
        };
        labelled(seg, 6, "Form", &mut dispense.note);
        if let Some(value) = seg.text(7) {
            dispense.identifier.push(ehr_types::Identifier {
                value: Some(value),
                type_: Some(super::datatype::identifier_type("RX".to_owned())),
                ..ehr_types::Identifier::default()
            });
        }
        dispense
            .note
            .extend(seg.all(9).filter_map(|at| at.text()).map(remark));
        for person in self.practitioners(seg, 10) {
            dispense.performer.push(Performer {
                actor: Some(person),
                ..Performer::default()
            });
        }
        self.strength(seg.at(16), seg.at(17), &mut dispense.note);
        self.components(item, &mut dispense.note);
        for (field, label) in [
            (8, "Refills remaining"),
            (18, "Lot"),
            (19, "Expires"),
            (20, "Manufacturer"),
        ] {
            labelled(seg, field, label, &mut dispense.note);
        }
        dispense.fill_number = seg.at(1).unsigned();
        if dosage != Dosage::default() {
            dispense.dosage.push(dosage);
        }
        let key = format!(
            "{} {} {} {}",
            numbers.key().unwrap_or_default(),
            self.key_of_concept(dispense.medication.as_ref()),
            seg.at(3).peek_code().unwrap_or_default(),
            seg.at(7).peek().unwrap_or_default()
        );
        let mut segments = item.segments();
        segments.extend(order.orc.as_ref().map(|orc| orc.seg));
        self.add(&["dispense", &key], dispense, &segments);
    }

    /// RXA that is no vaccination.
    pub(super) fn administration(
        &mut self,
        order: &Order<'r>,
        item: &Pharmacy<'r>,
        numbers: &OrderNumbers,
        request: Option<&EntryId>,
    ) {
        let seg = item.unit.seg;
        let (start, end) = (seg.at(3).time(), seg.at(4).time());
        let mut given = MedicationAdministration {
            identifier: numbers.identifiers.clone(),
            medication: self.concept(seg.at(5)),
            subject: self.subject(),
            context: self.encounter(),
            request: request.map(Reference::to),
            effective: match (start, end) {
                (start, Some(end)) if start != Some(end) => {
                    Some(Occurrence::Period(Period::new(start, Some(end))))
                }
                (start, _) => start.map(Occurrence::DateTime),
            },
            dose: self.units_of(seg.at(6), seg.at(7)),
            reason_code: self.concepts(seg, 19, None),
            status_reason: self.concepts(seg, 18, None),
            note: self.notes(&item.unit.notes),
            ..MedicationAdministration::default()
        };
        given.status = if takes_back(seg.at(21)) {
            Some(Status::translated(
                Some("entered-in-error"),
                Coding::new(table::uri(323), "D"),
            ))
        } else {
            self.sender().status(seg.at(20), 322, table::completion_status)
        };
        labelled(seg, 8, "Form", &mut given.note);
        for at in seg.all(9).collect::<Vec<_>>() {
            if let Some(label) = words(at) {
                given.note.push(remark(label));
            }
        }
        let function = code(
            "http://terminology.hl7.org/CodeSystem/med-admin-perform-function",
            "performer",
            "Performer",
        );
        given.performer = self.performers(seg, 10, &function);
        if let Some(place) = self.administered_at(seg) {
            given.supporting_information.push(place);
        }
        if let Some(rate) = self.units_of(seg.at(12), seg.at(24)) {
            given.rate = Some(Amount::Quantity(rate));
        }
        self.strength(seg.at(13), seg.at(14), &mut given.note);
        for (field, label) in [(15, "Lot"), (16, "Expires"), (17, "Manufacturer")] {
            labelled(seg, field, label, &mut given.note);
        }
        let mut dosage = Dosage::default();
        self.routes(item, &mut dosage);
        given.route = dosage.route;
        given.site = dosage.site;
        given.method = dosage.method;
        let instructions = dosage.additional_instruction.iter().map(instruction);
        given.note.extend(instructions);
        let key = format!(
            "{} {} {} {}",
            numbers.key().unwrap_or_default(),
            self.key_of_concept(given.medication.as_ref()),
            seg.at(3).peek_code().unwrap_or_default(),
            seg.at(2).peek_code().unwrap_or_default()
        );
        let mut segments = item.segments();
        segments.extend(order.orc.as_ref().map(|orc| orc.seg));
        self.add(&["administration", &key], given, &segments);
    }

    /// RXG: what is to be given, by the pharmacy's schedule.
    pub(super) fn give(
        &mut self,
        item: &Pharmacy<'r>,
        numbers: &OrderNumbers,
        request: Option<&EntryId>,
        key: &str,
    ) {
        let seg = item.unit.seg;
        let mut dosage = Dosage {
            dose: self.amount(seg.at(5), seg.at(6), seg.at(7)),
            additional_instruction: self.concepts(seg, 13, None),
            ..Dosage::default()
        };
        self.routes(item, &mut dosage);
        let places = vec![
            self.schedules_of_segments(&item.timing),
            self.schedules_of_tq(seg, 3),
        ];
        let mut order = MedicationRequest {
            identifier: numbers.identifiers.clone(),
            intent: Some("instance-order".to_owned()),
            medication: self.concept(seg.at(4)),
            subject: self.subject(),
            encounter: self.encounter(),
            based_on: request.map(Reference::to).into_iter().collect(),
            substitution_allowed: substitution(seg.at(10)),
            note: self.notes(&item.unit.notes),
            ..MedicationRequest::default()
        };
        labelled(seg, 8, "Form", &mut order.note);
        self.components(item, &mut order.note);
        let schedules = Self::schedules(places, &mut order.note);
        order.dosage = self.dosages(dosage, schedules, &mut order.note);
        let number = seg.at(1).peek_code().unwrap_or_default();
        self.add(&["give", key, &number], order, &item.segments());
    }
}
