//! RXO and RXE: medication orders. RXD: dispenses. RXA and RXG: administrations. With RXR, RXC, TQ1. The guide maps RXO, RXA,
//! RXR and TQ1; for RXE, RXD, RXG and RXC it is followed in its sense.

use ehr_model::{Amount, Dosage, EntryId, MedicationRequest, Reference, Status};
use ehr_types::{Decimal, Quantity, Ratio};

use super::conversion::{Conversion, remark};
use super::dosage::{labelled, substitution};
use super::group::{Order, Pharmacy};
use super::order::{OrderNumbers, asked};
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
        let request = self.medication_requests(order, &numbers, &key);
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

    /// RXO, what was asked for, and RXE, what the pharmacy made of it. They may name another product, dose or route: each is a
    /// request of its own, and the second says that it is based on the first. Gives the last.
    fn medication_requests(
        &mut self,
        order: &Order<'r>,
        numbers: &OrderNumbers,
        key: &str,
    ) -> Option<EntryId> {
        let of = |id: &'static str| order.pharmacy.iter().filter(move |item| item.unit.seg.is(id));
        let is_encoded = of("RXE").next().is_some();
        let intent = if is_encoded { "original-order" } else { "order" };
        let mut requested: Option<EntryId> = None;
        for (position, item) in of("RXO").enumerate() {
            let mut parts = vec!["medication order", key];
            parts.extend(is_encoded.then_some("requested"));
            let content = (position > 0).then(|| item.unit.seg.content());
            parts.extend(content.as_deref());
            requested = Some(self.medication_request(order, item, numbers, &parts, intent, None));
        }
        let intent = if requested.is_some() {
            "filler-order"
        } else {
            "order"
        };
        let mut encoded = None;
        for (position, item) in of("RXE").enumerate() {
            let mut parts = vec!["medication order", key];
            let content = (position > 0).then(|| item.unit.seg.content());
            parts.extend(content.as_deref());
            encoded = Some(self.medication_request(order, item, numbers, &parts, intent, requested.as_ref()));
        }
        encoded.or(requested)
    }

    /// RXO or RXE with what the order says of both.
    fn medication_request(
        &mut self,
        order: &Order<'r>,
        item: &Pharmacy<'r>,
        numbers: &OrderNumbers,
        key: &[&str],
        intent: &str,
        based_on: Option<&EntryId>,
    ) -> EntryId {
        let orc = order.orc.as_ref().map(|orc| orc.seg);
        let mut request = MedicationRequest {
            identifier: numbers.identifiers.clone(),
            group_identifier: numbers.group.clone(),
            intent: Some(intent.to_owned()),
            subject: self.subject(),
            encounter: self.encounter(),
            based_on: based_on.map(Reference::to).into_iter().collect(),
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
            request.note.extend(asked(orc, request.status.as_ref()));
            request.authored_on = orc.at(9).time();
            request.reason_code.extend(self.concept(orc.at(16)));
        }
        request.requester = self.requester(orc, None);
        let mut dosage = Dosage::default();
        let seg = item.unit.seg;
        let mut places = Vec::new();
        if seg.is("RXO") {
            self.requested(seg, &mut request, &mut dosage);
        } else {
            self.encoded(seg, &mut request, &mut dosage);
        }
        self.routes(item, &mut dosage);
        self.components(item, &mut request.note);
        let notes = self.notes(&item.unit.notes);
        request.note.extend(notes);
        places.push(self.schedules_of_segments(&item.timing));
        places.push(self.schedules_of_segments(&order.timing));
        if seg.is("RXE") {
            places.push(self.schedules_of_tq(seg, 1));
        }
        places.extend(orc.map(|orc| self.schedules_of_tq(orc, 7)));
        let schedules = Self::schedules(places, &mut request.note);
        request.priority = schedules.iter().find_map(|schedule| schedule.priority.clone());
        request.dosage = self.dosages(dosage, schedules, &mut request.note);
        let mut segments: Vec<Seg<'r>> = orc.into_iter().collect();
        segments.extend(item.segments());
        if let Some(unit) = &order.orc {
            let notes = self.notes(&unit.notes);
            request.note.extend(notes);
            segments.extend(unit.notes.iter().copied());
            segments.extend(unit.more.iter().copied());
        }
        segments.extend(order.timing.iter().copied());
        let id = self.add(key, request, &segments);
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
        request.medication = self.concept(seg.at(2));
        dosage.dose = self.amount(seg.at(3), seg.at(4), seg.at(5));
        labelled(seg, 6, "Form", &mut request.note);
        dosage.additional_instruction.extend(self.concepts(seg, 7, None));
        request.substitution_allowed = substitution(seg.at(9));
        request.dispense_quantity = self.units_of(seg.at(10), seg.at(11));
        request.repeats_allowed = seg.at(12).unsigned();
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
}
