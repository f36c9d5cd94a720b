//! Supply orders and dispenses of medications.

use ehr_model::{EntryId, MedicationDispense, MedicationRequest, Performer, RecordClass, Reference};
use ehr_types::{CodeableConcept, Period};

use super::importer::{Importer, Scope};
use super::medication::repeats;
use super::statement::{denied, deny, negated, read_outline, status_of, time_of};
use super::vocabulary::{DISPENSE_STATUS, INTENT, MEDICATION_STATUS, translate};
use crate::xml::Element;

impl<'d> Importer<'d> {
    /// A supply: an order in intent mood, a dispense in event mood. `medication` is that of the activity around it.
    pub(super) fn supply(
        &mut self,
        supply: Element<'d>,
        medication: Option<&CodeableConcept>,
        scope: &Scope,
    ) -> Vec<EntryId> {
        if supply.attribute("moodCode").unwrap_or("EVN") == "EVN" {
            self.dispense(supply, medication, scope)
        } else {
            self.supply_order(supply, medication, scope)
        }
    }

    fn dispense(
        &mut self,
        supply: Element<'d>,
        medication: Option<&CodeableConcept>,
        scope: &Scope,
    ) -> Vec<EntryId> {
        let slot = match self.open(RecordClass::MedicationDispense, supply, "") {
            Ok(slot) => slot,
            Err(id) => return vec![id],
        };
        let mut status = status_of(supply, DISPENSE_STATUS);
        if negated(supply) {
            deny(&mut status, "declined");
        }
        let product = self.product(supply, "product");
        let reference = self.medication_details(supply, "product", &product);
        let time = time_of(supply);
        let mut record = MedicationDispense {
            identifier: supply.to_identifiers(),
            status,
            medication: product.code.or_else(|| medication.cloned()),
            medication_reference: reference,
            subject: self.subject(),
            context: self.context(),
            performer: self.performers(supply),
            quantity: supply
                .child("quantity")
                .and_then(Element::to_quantity)
                .filter(|quantity| quantity.value.is_some()),
            when_handed_over: time.point().or(time.high),
            when_prepared: time.low.filter(|_| time.point().is_none()),
            note: self.notes(supply),
            fill_number: fill_number(supply),
            ..MedicationDispense::default()
        };
        record
            .performer
            .retain(|performer: &Performer| performer.actor.is_some());
        if let Some(focus) = &scope.focus {
            let list = match focus.class {
                RecordClass::MedicationRequest => &mut record.authorizing_prescription,
                _ => &mut record.supporting_information,
            };
            list.push(Reference::to(focus));
        }
        self.recorder(supply);
        let id = self.close(slot, record);
        self.rest(supply, &scope.about(&id));
        vec![id]
    }

    fn supply_order(
        &mut self,
        supply: Element<'d>,
        medication: Option<&CodeableConcept>,
        scope: &Scope,
    ) -> Vec<EntryId> {
        let slot = match self.open(RecordClass::MedicationRequest, supply, "") {
            Ok(slot) => slot,
            Err(id) => return vec![id],
        };
        let mood = supply.attribute("moodCode").unwrap_or("INT");
        let intent = if mood == "INT" {
            Some("order")
        } else {
            translate(INTENT, mood)
        };
        let product = self.product(supply, "product");
        let reference = self.medication_details(supply, "product", &product);
        let (requester, authored_on) = self.recorder(supply);
        let mut record = MedicationRequest {
            identifier: supply.to_identifiers(),
            status: status_of(supply, MEDICATION_STATUS),
            intent: intent.map(str::to_owned),
            do_not_perform: negated(supply).then_some(true),
            medication: product.code.or_else(|| medication.cloned()),
            medication_reference: reference,
            subject: self.subject(),
            requester,
            authored_on,
            ..MedicationRequest::default()
        };
        record
            .supporting_information
            .extend(scope.focus.iter().map(Reference::to));
        self.dispense_request(supply, &mut record);
        let notes = self.notes(supply);
        record.note.extend(notes);
        let id = self.close(slot, record);
        self.rest(supply, &scope.about(&id));
        vec![id]
    }

    /// What a supply order says of the dispensing.
    pub(super) fn dispense_request(&mut self, supply: Element<'d>, record: &mut MedicationRequest) {
        read_outline(supply);
        for identifier in supply.to_identifiers() {
            if !record.identifier.contains(&identifier) {
                record.identifier.push(identifier);
            }
        }
        let time = time_of(supply);
        record.validity_period = time
            .period()
            .or_else(|| time.value.map(|at| Period::new(Some(at), None)));
        record.dispense_quantity = supply
            .child("quantity")
            .and_then(Element::to_quantity)
            .filter(|quantity| quantity.value.is_some());
        record.repeats_allowed = repeats(supply).or(record.repeats_allowed);
        record.dispense_performer = self
            .performers(supply)
            .into_iter()
            .find_map(|performer| performer.actor);
        if record.requester.is_none() {
            let (requester, authored_on) = self.recorder(supply);
            record.requester = requester;
            record.authored_on = record.authored_on.or(authored_on);
        }
        // The product of the order is that of the activity around it; another one stays residual.
        let code = supply.find(&["product", "manufacturedProduct", "manufacturedMaterial", "code"]);
        let ordered = code.and_then(|code| code.peek().to_concept());
        if record.medication.is_none() || ordered == record.medication {
            record.medication = Self::ordered_code(supply).or_else(|| record.medication.take());
        }
        for (_, inner) in self.open_related(supply) {
            let instruction = super::statement::has_template(inner, "2.16.840.1.113883.10.20.22.4.20");
            if !instruction || denied(inner) {
                continue;
            }
            // One without words is a request of its own.
            if let Some(text) = inner.child("text").and_then(|text| text.to_encapsulated().text) {
                self.consume(inner);
                read_outline(inner);
                record.note.push(ehr_model::Annotation {
                    text,
                    ..ehr_model::Annotation::default()
                });
            }
        }
    }
}

fn fill_number(supply: Element<'_>) -> Option<u32> {
    let repeat = supply.child("repeatNumber")?;
    let number = repeat.peek().attribute("value")?.parse().ok()?;
    repeat.attribute("value");
    Some(number)
}
