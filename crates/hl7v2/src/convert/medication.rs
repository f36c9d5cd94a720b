//! RXO and RXE: medication orders. RXD: dispenses. RXA and RXG: administrations. With RXR, RXC, TQ1. The guide maps RXO, RXA,
//! RXR and TQ1; for RXE, RXD, RXG and RXC it is followed in its sense.

use ehr_model::{
    Amount, Dosage, EntryId, MedicationAdministration, MedicationDispense, MedicationRequest, Occurrence,
    Performer, Reference, Status, Timing,
};
use ehr_types::{CodeableConcept, Coding, Decimal, Period, Quantity, Range};

use super::conversion::{Conversion, code, remark};
use super::group::{Order, Pharmacy};
use super::order::{OrderNumbers, priority};
use super::reading::{At, Seg};
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
            } else if seg.is("RXA") && self.is_immunization(seg) {
                self.immunization(order, item, &numbers);
                continue;
            } else if seg.is("RXA") {
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
        self.form(seg.at(5), &mut request.note);
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
        self.form(seg.at(6), &mut request.note);
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

    /// RXD.
    fn dispense(
        &mut self,
        order: &Order<'r>,
        item: &Pharmacy<'r>,
        numbers: &OrderNumbers,
        request: Option<&EntryId>,
    ) {
        let seg = item.unit.seg;
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
            status: Some(Status::fhir("completed")),
            ..MedicationDispense::default()
        };
        let form = seg.at(6);
        self.form(form, &mut dispense.note);
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
        let lots: Vec<String> = seg.all(18).filter_map(|at| at.text()).collect();
        dispense
            .note
            .extend(lots.into_iter().map(|lot| remark(format!("Lot {lot}"))));
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
    fn administration(
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
        let action = seg.at(21).peek_code();
        given.status = if action.as_deref() == Some("D") {
            seg.at(21).leaf().mark();
            Some(Status::translated(
                Some("entered-in-error"),
                Coding::new(table::uri(323), "D"),
            ))
        } else {
            self.sender().status(seg.at(20), 322, table::completion_status)
        };
        self.form(seg.at(8), &mut given.note);
        for at in seg.all(9).collect::<Vec<_>>() {
            if let Some(label) = self
                .concept(at)
                .and_then(|concept| concept.label().map(str::to_owned))
            {
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
        given.note.extend(
            seg.all(15)
                .filter_map(|at| at.text())
                .map(|lot| remark(format!("Lot {lot}"))),
        );
        let mut dosage = Dosage::default();
        self.routes(item, &mut dosage);
        given.route = dosage.route;
        given.site = dosage.site;
        given.method = dosage.method;
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
    fn give(&mut self, item: &Pharmacy<'r>, numbers: &OrderNumbers, request: Option<&EntryId>, key: &str) {
        let seg = item.unit.seg;
        let mut dosage = Dosage {
            dose: self.amount(seg.at(5), seg.at(6), seg.at(7)),
            additional_instruction: self.concepts(seg, 13, None),
            ..Dosage::default()
        };
        self.routes(item, &mut dosage);
        let tq = seg.at(3);
        if tq.has_text() {
            dosage.timing = self.timing_of_tq(tq);
        }
        for timing in item.timing.iter().filter(|timing| timing.is("TQ1")) {
            dosage.timing = self.timing(*timing).or(dosage.timing.take());
        }
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
        self.form(seg.at(8), &mut order.note);
        self.components(item, &mut order.note);
        if dosage != Dosage::default() {
            order.dosage.push(dosage);
        }
        let number = seg.at(1).peek_code().unwrap_or_default();
        self.add(&["give", key, &number], order, &item.segments());
    }

    /// RXR: route, site, method.
    fn routes(&mut self, item: &Pharmacy<'r>, dosage: &mut Dosage) {
        let mut first = true;
        for route in &item.routes {
            let (way, site) = (
                self.concept_of(route.at(1), 162),
                self.concept_of(route.at(2), 163),
            );
            if first {
                dosage.route = way;
                dosage.site = site;
                dosage.method = self.concept_of(route.at(4), 165);
                dosage.additional_instruction.extend(self.concept(route.at(5)));
            } else {
                // A further way is a choice: it stands in words.
                let words: Vec<String> = [way, site]
                    .iter()
                    .flatten()
                    .filter_map(|way| way.label().map(str::to_owned))
                    .collect();
                if !words.is_empty() {
                    dosage
                        .additional_instruction
                        .push(CodeableConcept::from_text(words.join(", ")));
                }
            }
            first = false;
        }
    }

    /// RXC: what a mixture consists of, in words: `A: Dextrose 5 % 500 mL`.
    fn components(&mut self, item: &Pharmacy<'r>, notes: &mut Vec<ehr_model::Annotation>) {
        for seg in &item.components {
            let kind = seg.code(1);
            let what = self.concept(seg.at(2));
            let amount = self.units_of(seg.at(3), seg.at(4));
            let strength = self.units_of(seg.at(5), seg.at(6));
            let mut words: Vec<String> = Vec::new();
            words.extend(kind.map(|kind| format!("{kind}:")));
            words.extend(
                what.iter()
                    .flat_map(|what| {
                        let coding = what.codings.first();
                        [
                            coding.and_then(|coding| coding.code.clone()),
                            what.text
                                .clone()
                                .or_else(|| coding.and_then(|coding| coding.display.clone())),
                        ]
                    })
                    .flatten(),
            );
            words.extend([strength, amount].iter().flatten().map(in_words));
            if !words.is_empty() {
                notes.push(remark(words.join(" ")));
            }
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

    /// Least and most (RXO-2, 3, 4 and the like) as one dose.
    fn amount(&self, least: At<'r>, most: At<'r>, units: At<'r>) -> Option<Amount> {
        let with = |value: Decimal| {
            self.sender().with_units(
                Quantity {
                    value: Some(value),
                    ..Quantity::default()
                },
                units,
            )
        };
        match (least.decimal(), most.decimal()) {
            (Some(low), Some(high)) if low != high => Some(Amount::Range(Range {
                low: Some(with(low)),
                high: Some(with(high)),
            })),
            (low, high) => low.or(high).map(|value| Amount::Quantity(with(value))),
        }
    }

    fn units_of(&self, amount: At<'r>, units: At<'r>) -> Option<Quantity> {
        let value = amount.decimal()?;
        Some(self.sender().with_units(
            Quantity {
                value: Some(value),
                ..Quantity::default()
            },
            units,
        ))
    }

    /// Form of the medication: the model has it at a medication of its own, so it goes over in words.
    fn form(&self, at: At<'r>, notes: &mut Vec<ehr_model::Annotation>) {
        if let Some(form) = self.concept(at).and_then(|form| form.label().map(str::to_owned)) {
            notes.push(remark(format!("Form: {form}")));
        }
    }

    fn strength(&self, amount: At<'r>, units: At<'r>, notes: &mut Vec<ehr_model::Annotation>) {
        if let Some(strength) = self.units_of(amount, units) {
            notes.push(remark(format!("Strength: {}", in_words(&strength))));
        }
    }
}

/// Table 0161 and 0167 in part: whether another product may be given.
fn substitution(at: At<'_>) -> Option<bool> {
    let allowed = match at.peek_code()?.as_str() {
        "N" => false,
        "G" | "T" | "Y" => true,
        _ => return None,
    };
    at.leaf().mark();
    Some(allowed)
}

fn in_words(quantity: &Quantity) -> String {
    let number = quantity.value.as_ref().map(|value| value.as_str().to_owned());
    let words: Vec<String> = number.into_iter().chain(quantity.unit.clone()).collect();
    words.join(" ")
}
