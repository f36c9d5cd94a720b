//! RXO and RXE: medication orders. RXD: dispenses. RXA and RXG: administrations. With RXR, RXC, TQ1. The guide maps RXO, RXA,
//! RXR and TQ1; for RXE, RXD, RXG and RXC it is followed in its sense.

use ehr_model::{Amount, Dosage, EntryId, MedicationRequest, Reference, Status, Timing};
use ehr_types::{CodeableConcept, Decimal, Quantity, Ratio};

use super::conversion::{Conversion, remark};
use super::dosage::{labelled, substitution};
use super::group::{Order, Pharmacy};
use super::order::{OrderNumbers, priority};
use super::reading::Seg;
use super::table;

impl<'r> Conversion<'r, '_> {
    /// A pharmacy order: what was ordered, dispensed and given.
    pub(super) fn pharmacy_order(&mut self, order: &Order<'r>) {
        let orc = order.orc.as_ref().map(|orc| orc.seg);
        let numbers = self.order_numbers(orc, None);
        let base = numbers.key().unwrap_or_default();
        let again = self.occurrence(&format!("pharmacy {base}"));
        let key = if again > 1 || base.is_empty() {
            let content = order
                .pharmacy
                .first()
                .map(|first| first.unit.seg.content())
                .unwrap_or_default();
            format!("{base} {content}")
        } else {
            base
        };
        let ordered: Vec<&Pharmacy<'r>> = order
            .pharmacy
            .iter()
            .filter(|item| item.unit.seg.is("RXO") || item.unit.seg.is("RXE"))
            .collect();
        let request = if ordered.is_empty() {
            None
        } else {
            Some(self.medication_request(order, &ordered, &numbers, &key))
        };
        for item in &order.pharmacy {
            let seg = item.unit.seg;
            if seg.is("RXD") {
                self.dispense(order, item, &numbers, request.as_ref());
            } else if seg.is("RXA") && self.is_named(seg, &[5]) {
                if self.is_immunization(seg) {
                    self.immunization(order, item, &numbers);
                    continue;
                }
                self.administration(order, item, &numbers, request.as_ref());
            } else if seg.is("RXG") {
                self.give(item, &numbers, request.as_ref(), &key);
            }
            let context = super::observation::Context {
                order: format!("pharmacy {key}"),
                based_on: request.iter().map(Reference::to).collect(),
                ..super::observation::Context::default()
            };
            self.observations(&item.observations, &context);
        }
    }

    /// RXO, and RXE where the pharmacy encoded the order; RXE has the last word.
    fn medication_request(
        &mut self,
        order: &Order<'r>,
        items: &[&Pharmacy<'r>],
        numbers: &OrderNumbers,
        key: &str,
    ) -> EntryId {
        let orc = order.orc.as_ref().map(|orc| orc.seg);
        let mut request = MedicationRequest {
            identifier: numbers.identifiers.clone(),
            group_identifier: numbers.group.clone(),
            intent: Some("order".to_owned()),
            subject: self.subject(),
            encounter: self.encounter(),
            ..MedicationRequest::default()
        };
        if let Some(orc) = orc {
            request.status = self.request_status(orc).map(|status| Status {
                code: status
                    .code
                    .as_deref()
                    .map(|code| table::medication_request_status(code).to_owned()),
                ..status
            });
            request.authored_on = orc.at(9).time();
            request.reason_code.extend(self.concept(orc.at(16)));
        }
        request.requester = self.requester(orc, None);
        let mut dosage = Dosage::default();
        let mut segments: Vec<Seg<'r>> = orc.into_iter().collect();
        for item in items {
            let seg = item.unit.seg;
            if seg.is("RXO") {
                self.requested(seg, &mut request, &mut dosage);
            } else {
                self.encoded(seg, &mut request, &mut dosage);
            }
            self.routes(item, &mut dosage);
            self.components(item, &mut request.note);
            for timing in item.timing.iter().chain(&order.timing) {
                self.medication_timing(*timing, &mut request, &mut dosage);
            }
            let notes = self.notes(&item.unit.notes);
            request.note.extend(notes);
            segments.extend(item.segments());
        }
        if let Some(unit) = &order.orc {
            let notes = self.notes(&unit.notes);
            request.note.extend(notes);
            segments.extend(unit.notes.iter().copied());
            segments.extend(unit.more.iter().copied());
        }
        let tq = orc.map(|orc| orc.at(7)).into_iter().chain(
            items
                .iter()
                .filter(|item| item.unit.seg.is("RXE"))
                .map(|item| item.unit.seg.at(1)),
        );
        for at in tq.collect::<Vec<_>>() {
            if !at.has_text() {
                continue;
            }
            request.priority = request.priority.take().or_else(|| priority(at.part(6)));
            if dosage.dose.is_none() {
                dosage.dose = self.sender().quantity(at.part(1)).map(Amount::Quantity);
            }
            if dosage.timing.is_none() {
                dosage.timing = self.timing_of_tq(at);
            }
        }
        if dosage != Dosage::default() {
            request.dosage.push(dosage);
        }
        let id = self.add(&["medication order", key], request, &segments);
        if let Some(orc) = orc {
            self.entered(orc, &id);
        }
        id
    }

    /// RXO.
    fn requested(&mut self, seg: Seg<'r>, request: &mut MedicationRequest, dosage: &mut Dosage) {
        request.medication = self.concept(seg.at(1));
        if request.medication.is_none() {
            // RXO-24: an order that is not of one code.
            request.medication = self.concept(seg.at(24));
        }
        dosage.dose = self.amount(seg.at(2), seg.at(3), seg.at(4));
        labelled(seg, 5, "Form", &mut request.note);
        for field in [6, 7] {
            dosage
                .additional_instruction
                .extend(self.concepts(seg, field, None));
        }
        request.substitution_allowed = substitution(seg.at(9));
        request.dispense_quantity = self.units_of(seg.at(11), seg.at(12));
        request.repeats_allowed = seg.at(13).unsigned();
        if request.requester.is_none() {
            request.requester = self.practitioners(seg, 14).into_iter().next();
        }
        self.strength(seg.at(18), seg.at(19), &mut request.note);
        request.reason_code.extend(self.concepts(seg, 20, None));
    }

    /// RXE.
    fn encoded(&mut self, seg: Seg<'r>, request: &mut MedicationRequest, dosage: &mut Dosage) {
        let encoded = self.concept(seg.at(2));
        request.medication = match (encoded, request.medication.take()) {
            (Some(mut encoded), Some(requested)) if encoded != requested => {
                // What was asked for stays beside what the pharmacy made of it.
                for coding in requested.codings {
                    if !encoded.codings.contains(&coding) {
                        encoded.codings.push(coding);
                    }
                }
                encoded.text = encoded.text.or(requested.text);
                Some(encoded)
            }
            (encoded, requested) => encoded.or(requested),
        };
        if let Some(dose) = self.amount(seg.at(3), seg.at(4), seg.at(5)) {
            dosage.dose = Some(dose);
        }
        labelled(seg, 6, "Form", &mut request.note);
        dosage.additional_instruction.extend(self.concepts(seg, 7, None));
        if let Some(allowed) = substitution(seg.at(9)) {
            request.substitution_allowed = Some(allowed);
        }
        if let Some(quantity) = self.units_of(seg.at(10), seg.at(11)) {
            request.dispense_quantity = Some(quantity);
        }
        if let Some(refills) = seg.at(12).unsigned() {
            request.repeats_allowed = Some(refills);
        }
        if request.requester.is_none() {
            request.requester = self.practitioners(seg, 13).into_iter().next();
        }
        let verifiers = self.practitioners(seg, 14);
        request.recorder = verifiers.into_iter().next();
        if let Some(value) = seg.text(15) {
            request.identifier.push(ehr_types::Identifier {
                value: Some(value),
                type_: Some(super::datatype::identifier_type("RX".to_owned())),
                ..ehr_types::Identifier::default()
            });
        }
        for (field, label) in [
            (16, "Refills remaining"),
            (17, "Refills dispensed"),
            (18, "Last dispensed"),
        ] {
            labelled(seg, field, label, &mut request.note);
        }
        // RXE-19: the guide takes the dose of a day for the most of a day.
        let daily = self.sender().quantity(seg.at(19));
        dosage.max_dose_per_period = daily.map(|daily| Ratio {
            numerator: Some(daily),
            denominator: Some(Quantity::ucum(Decimal::from(1), "d")),
        });
        if seg.at(20).yes_no() == Some(true) {
            request.note.push(remark("Needs human review".to_owned()));
        }
        dosage.additional_instruction.extend(self.concepts(seg, 21, None));
        if let Some(rate) = self.units_of(seg.at(23), seg.at(24)) {
            dosage.rate = Some(Amount::Quantity(rate));
        }
        self.strength(seg.at(25), seg.at(26), &mut request.note);
        request.reason_code.extend(self.concepts(seg, 27, None));
        if request.authored_on.is_none() {
            request.authored_on = seg.at(32).time();
        }
    }

    fn medication_timing(&mut self, seg: Seg<'r>, request: &mut MedicationRequest, dosage: &mut Dosage) {
        if !seg.is("TQ1") {
            return;
        }
        if dosage.dose.is_none() {
            dosage.dose = self.sender().quantity(seg.at(2)).map(Amount::Quantity);
        }
        request.priority = request.priority.take().or_else(|| priority(seg.at(9)));
        let instructions = [10, 11]
            .iter()
            .filter_map(|field| seg.text(*field))
            .map(CodeableConcept::from_text);
        dosage.additional_instruction.extend(instructions);
        if let Some(timing) = self.timing(seg) {
            dosage.timing = Some(timing);
        }
        if let Some(Timing { code: Some(code), .. }) = &dosage.timing
            && code
                .codings
                .iter()
                .any(|coding| coding.code.as_deref() == Some("PRN"))
        {
            dosage.as_needed = Some(true);
        }
    }
}
