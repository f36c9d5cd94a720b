//! Medication activities, planned ones and wrappers: which record they make (guide page CF-medications).

use ehr_model::{
    Amount, Annotation, Bounds, EntryId, MedicationAdministration, MedicationRequest, MedicationStatement,
    RecordClass, Reference,
};
use ehr_types::{CodeableConcept, Coding, TimeRelation};

use super::absence::{is_none, none_known, speaks_of_all};
use super::dosage::{amount, schedule, unread_amount};
use super::importer::{Importer, Scope};
use super::kind::read_code;
use super::phrase::{Said, said_by};
use super::product::product_of;
use super::statement::{
    deny, in_words, is_person, negated, nullified, occurrence, part_of, read_outline, status_of, time_of,
};
use super::vocabulary::{INTENT, PROCEDURE_STATUS, translate};
use crate::template::{EntryKind, SectionKind};
use crate::xml::Element;

impl<'d> Importer<'d> {
    /// An admission or discharge medication act: its activities.
    pub(super) fn medication_wrapper(&mut self, act: Element<'d>, scope: &Scope) -> Vec<EntryId> {
        read_outline(act);
        read_code(act);
        let inner = self.rest(act, scope);
        inner
            .into_iter()
            .filter_map(|reference| reference.target)
            .collect()
    }

    /// A Medication Activity or planned one: an administration, a statement, or an order, by section and mood.
    pub(super) fn medication(
        &mut self,
        element: Element<'d>,
        kind: EntryKind,
        scope: &Scope,
    ) -> Vec<EntryId> {
        let mood = element.attribute("moodCode").unwrap_or("EVN");
        let planned = matches!(
            kind,
            EntryKind::PlannedMedication | EntryKind::PlannedImmunization
        );
        if !planned && denies_all(element, scope) {
            // No order could say that there is none.
            return self.medication_statement(element, scope);
        }
        match mood {
            "EVN" if scope.is_section("29549-3") => self.administration(element, scope),
            // What to take after discharge is a plan, whatever the mood; US Core has it as a request.
            "EVN" if discharge(scope) => self.medication_request(element, mood, planned, scope),
            "EVN" => self.medication_statement(element, scope),
            _ => self.medication_request(element, mood, planned, scope),
        }
    }

    fn medication_statement(&mut self, element: Element<'d>, scope: &Scope) -> Vec<EntryId> {
        let slot = match self.open(RecordClass::MedicationStatement, element, "") {
            Ok(slot) => slot,
            Err(id) => return vec![id],
        };
        let none = denies_all(element, scope) || says_none(element, scope);
        let negated = negated(element);
        let schedule = schedule(element);
        let mut product = self.product(element, "consumable");
        let reference = self.medication_details(element, "consumable", &product);
        let (reason_code, reason_reference) = self.reasons(element);
        let (recorder, recorded) = self.recorder(element);
        let (mut status, stated) = self.medication_status(element, &schedule.course, &slot);
        // The guide: "completed" of a course that is still to end speaks of the prescribing, not of the taking.
        let goes_on = match (schedule.course.high, self.created) {
            (Some(end), Some(now)) => end.relation(&now) == TimeRelation::After,
            _ => false,
        };
        if let Some(status) = &mut status
            && status.is("completed")
            && goes_on
        {
            status.code = Some("active".to_owned());
        }
        if none {
            // That there is none is what is stated, and holds.
            status.get_or_insert_default().code = Some("active".to_owned());
            product.code = Some(none_known(SectionKind::Medications, product.code));
        } else if negated {
            deny(&mut status, "not-taken");
            product.code = in_words(product.code, element);
        }
        let effective = occurrence(&schedule.course);
        let mut record = MedicationStatement {
            identifier: element.to_identifiers(),
            status,
            medication: product.code.clone(),
            medication_reference: reference,
            subject: self.subject(),
            effective,
            date_asserted: recorded,
            reason_code,
            reason_reference,
            ..MedicationStatement::default()
        };
        let informant = element
            .children("informant")
            .find_map(|informant| self.informant(informant));
        record.information_source = informant
            .filter(|who| is_person(who) || who.class == Some(RecordClass::Organization))
            .or(recorder);
        (record.dosage, record.note) = self.dosage(element, schedule.timing, schedule.further);
        record.note.extend(stated);
        self.performers(element);
        let id = slot.id.clone();
        let mut ids = vec![id.clone()];
        for (_, inner) in self.open_related(element) {
            if inner.is("supply") {
                self.consume(inner);
                for made in self.supply(inner, product.code.as_ref(), &scope.about(&id)) {
                    record.derived_from.push(Reference::to(&made));
                    ids.push(made);
                }
            }
        }
        self.close(slot, record);
        self.rest(element, &scope.about(&id));
        ids
    }

    fn medication_request(
        &mut self,
        element: Element<'d>,
        mood: &str,
        planned: bool,
        scope: &Scope,
    ) -> Vec<EntryId> {
        let slot = match self.open(RecordClass::MedicationRequest, element, "") {
            Ok(slot) => slot,
            Err(id) => return vec![id],
        };
        let negated = negated(element);
        let mut schedule = schedule(element);
        let (status, stated) = self.medication_status(element, &schedule.course, &slot);
        let mut product = self.product(element, "consumable");
        if negated {
            product.code = in_words(product.code, element);
        }
        let reference = self.medication_details(element, "consumable", &product);
        let (reason_code, reason_reference) = self.reasons(element);
        let (requester, authored_on) = self.recorder(element);
        // The guide maps the intent of an activity in the medication section to an order.
        let intent = match mood {
            "INT" if !planned => Some("order"),
            "EVN" => Some("plan"),
            _ => translate(INTENT, mood),
        };
        let effective = schedule.course.period();
        for timing in std::iter::once(&mut schedule.timing).chain(&mut schedule.further) {
            match (schedule.course.point(), effective) {
                (Some(point), _) => timing.event.push(point),
                (None, Some(period)) => {
                    timing.bounds.get_or_insert(Bounds::Period(period));
                }
                (None, None) => {}
            }
        }
        let mut record = MedicationRequest {
            identifier: element.to_identifiers(),
            status,
            intent: intent.map(str::to_owned),
            do_not_perform: negated.then_some(true),
            medication: product.code.clone(),
            medication_reference: reference,
            subject: self.subject(),
            authored_on,
            requester,
            reason_code,
            reason_reference,
            priority: priority(element),
            effective,
            ..MedicationRequest::default()
        };
        if discharge(scope) {
            let category = Coding::new(
                "http://terminology.hl7.org/CodeSystem/medicationrequest-category",
                "discharge",
            );
            record.category.push(CodeableConcept::from_coding(category));
        }
        record
            .supporting_information
            .extend(scope.focus.iter().map(Reference::to));
        (record.dosage, record.note) = self.dosage(element, schedule.timing, schedule.further);
        record.note.extend(stated);
        record.reported_by = element
            .children("informant")
            .find_map(|informant| self.informant(informant));
        record.performer = self
            .performers(element)
            .into_iter()
            .find_map(|performer| performer.actor);
        let mut dispensing = false;
        for (_, inner) in self.open_related(element) {
            if !inner.is("supply") {
                continue;
            }
            self.consume(inner);
            if completes(inner, element) && !dispensing {
                dispensing = true;
                self.own(&slot, inner);
                self.dispense_request(inner, &mut record);
            } else {
                // Without a product of its own it is one of what is ordered.
                self.supply(inner, product.code.as_ref(), &scope.about(&slot.id));
            }
        }
        let id = self.close(slot, record);
        self.rest(element, &scope.about(&id));
        vec![id]
    }

    fn administration(&mut self, element: Element<'d>, scope: &Scope) -> Vec<EntryId> {
        let slot = match self.open(RecordClass::MedicationAdministration, element, "") {
            Ok(slot) => slot,
            Err(id) => return vec![id],
        };
        let negated = negated(element);
        read_code(element);
        let product = self.product(element, "consumable");
        let reference = self.medication_details(element, "consumable", &product);
        let (reason_code, reason_reference) = self.reasons(element);
        let mut status = status_of(element, PROCEDURE_STATUS);
        if negated {
            deny(&mut status, "not-done");
        }
        let directions = self.directions(element);
        let mut note = self.remarks(element, directions.as_ref());
        // FHIR has one quantity here: a range is said in words.
        let (dose, words) = match element.child("doseQuantity").and_then(amount) {
            Some(Amount::Quantity(quantity)) => (Some(quantity), None),
            Some(other) => (None, Some(format!("Dose: {}", super::dosage::in_words(&other)))),
            None => (None, unread_amount(element, "doseQuantity")),
        };
        let words = [words, unread_amount(element, "rateQuantity")];
        note.extend(words.into_iter().flatten().map(|text| Annotation {
            text,
            ..Annotation::default()
        }));
        let record = MedicationAdministration {
            identifier: element.to_identifiers(),
            part_of: part_of(scope),
            status,
            medication: product.code,
            medication_reference: reference,
            subject: self.subject(),
            context: self.context(),
            effective: occurrence(&time_of(element)),
            performer: self.performers(element),
            reason_code,
            reason_reference,
            note,
            dosage_text: directions,
            site: element.child("approachSiteCode").and_then(Element::to_concept),
            route: element.child("routeCode").and_then(Element::to_concept),
            method: element.child("methodCode").and_then(Element::to_concept),
            dose,
            rate: element.child("rateQuantity").and_then(amount),
            ..MedicationAdministration::default()
        };
        let id = self.close(slot, record);
        self.rest(element, &scope.about(&id));
        vec![id]
    }
}

/// Whether a supply is what a medication activity orders to be dispensed: an order that stands. One that is denied, or has
/// a status of its own such as cancelled, is a request of its own.
fn completes(supply: Element<'_>, activity: Element<'_>) -> bool {
    let own = status_code(supply);
    let stands = matches!(own, None | Some("active" | "completed" | "new")) || own == status_code(activity);
    let ordered = supply
        .peek()
        .attribute("moodCode")
        .is_some_and(|mood| mood != "EVN");
    ordered && stands && !super::statement::denied(supply)
}

fn status_code(statement: Element<'_>) -> Option<&str> {
    statement.peek().child("statusCode")?.attribute("code")
}

/// Whether an activity says that there are no medications: it denies medication at large, in the list of all.
fn denies_all(activity: Element<'_>, scope: &Scope) -> bool {
    let stands = matches!(
        status_code(activity),
        None | Some("active" | "completed" | "new" | "normal")
    );
    let product = in_words(product_of(activity), activity.peek());
    negated(activity.peek())
        && stands
        && !nullified(activity)
        && is_none(SectionKind::Medications, product.as_ref(), scope)
}

/// Whether the product of an activity is that there is none.
fn says_none(activity: Element<'_>, scope: &Scope) -> bool {
    !negated(activity.peek())
        && !nullified(activity)
        && speaks_of_all(scope, SectionKind::Medications)
        && product_of(activity)
            .is_some_and(|product| said_by(SectionKind::Medications, &product) == Some(Said::NoneKnown))
}

/// Sections of discharge medications.
fn discharge(scope: &Scope) -> bool {
    scope.is_section("10183-2") || scope.is_section("75311-1") || scope.is_section("8654-6")
}

/// `repeatNumber`: in C-CDA all times, in FHIR the times after the first.
pub(super) fn repeats(element: Element<'_>) -> Option<u32> {
    let repeat = element.child("repeatNumber")?;
    let number: u32 = repeat.peek().attribute("value")?.parse().ok()?;
    repeat.attribute("value");
    number.checked_sub(1)
}

pub(super) fn priority(element: Element<'_>) -> Option<String> {
    let code = element.child("priorityCode")?;
    let priority = match code.peek().attribute("code")? {
        "S" | "STAT" => "stat",
        "A" | "ASAP" => "asap",
        "UR" | "EM" => "urgent",
        "R" => "routine",
        _ => return None,
    };
    code.attribute("code");
    Some(priority.to_owned())
}
