//! Medication activities, planned ones and wrappers (guide page CF-medications).

use ehr_model::{
    Amount, Bounds, Dosage, EntryId, Ingredient, Medication, MedicationAdministration, MedicationRequest,
    MedicationStatement, RecordClass, Reference, Timing,
};
use ehr_types::{CodeableConcept, Coding, Decimal, Quantity, TimeRelation};

use super::importer::{Importer, Scope};
use super::statement::{
    has_code, has_template, is_person, negated, occurrence, part_of, read_code, read_outline, status_of,
};
use super::vocabulary::{INTENT, LOINC, MEDICATION_STATUS, PROCEDURE_STATUS, translate};
use crate::datatype::{Interval, PeriodicTiming};
use crate::template::EntryKind;
use crate::xml::Element;

/// The product of a `consumable` or `product`.
#[derive(Clone, Default)]
pub(super) struct Product {
    pub(super) code: Option<CodeableConcept>,
    pub(super) manufacturer: Option<Reference>,
    pub(super) lot_number: Option<String>,
    pub(super) expiration: Option<ehr_types::DateTime>,
}

/// The times of a medication.
#[derive(Default)]
struct Schedule {
    course: Interval,
    timing: Timing,
}

impl<'d> Importer<'d> {
    /// A `manufacturedProduct` under a consumable or product.
    pub(super) fn product(&mut self, statement: Element<'d>, path: &'static str) -> Product {
        match statement
            .child(path)
            .and_then(|consumable| consumable.child("manufacturedProduct"))
        {
            Some(product) => self.manufactured_product(product),
            None => Product::default(),
        }
    }

    /// A product standing alone.
    pub(super) fn lone_product(&mut self, element: Element<'d>) {
        let Ok(slot) = self.open(RecordClass::Medication, element, "") else {
            return;
        };
        let product = self.manufactured_product(element);
        let record = Medication {
            code: product.code,
            manufacturer: product.manufacturer,
            lot_number: product.lot_number,
            expiration_date: product.expiration,
            ..Medication::default()
        };
        self.close(slot, record);
    }

    fn manufactured_product(&mut self, product: Element<'d>) -> Product {
        product.to_identifiers();
        product.read_null_flavors();
        let material = product
            .child("manufacturedMaterial")
            .or_else(|| product.child("manufacturedLabeledDrug"));
        let name = material
            .and_then(|material| material.child("name"))
            .and_then(Element::to_organization_name);
        let mut code = material
            .and_then(|material| material.child("code"))
            .and_then(Element::to_concept);
        if let Some(name) = name {
            let code = code.get_or_insert_default();
            if code.text.is_none() {
                code.text = Some(name);
            }
        }
        let mut expiration = None;
        let mut lot_number = None;
        if let Some(material) = material {
            lot_number = material.child("lotNumberText").and_then(|lot| lot.deep_text());
            let mut times = material
                .sdtc("expirationTime")
                .chain(material.children("expirationTime"));
            expiration = times.find_map(|time| time.to_interval().start());
        }
        let manufacturer = product
            .child("manufacturerOrganization")
            .and_then(|organization| self.organization(organization));
        Product {
            code,
            manufacturer,
            lot_number,
            expiration,
        }
    }

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
        let negated = negated(element);
        let schedule = schedule(element);
        let product = self.product(element, "consumable");
        let reference = self.medication_details(element, &product);
        let (reason_code, reason_reference) = self.reasons(element);
        let (recorder, recorded) = self.recorder(element);
        let mut status = status_of(element, MEDICATION_STATUS);
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
        if negated {
            status.get_or_insert_default().code = Some("not-taken".to_owned());
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
        record.dosage.extend(self.dosage(element, schedule.timing));
        record.note = self.notes(element);
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
        let product = self.product(element, "consumable");
        let reference = self.medication_details(element, &product);
        let (reason_code, reason_reference) = self.reasons(element);
        let (requester, authored_on) = self.recorder(element);
        // The guide maps the intent of an activity in the medication section to an order.
        let intent = match mood {
            "INT" if !planned => Some("order"),
            "EVN" => Some("plan"),
            _ => translate(INTENT, mood),
        };
        let effective = schedule.course.period();
        match (schedule.course.point(), effective) {
            (Some(point), _) => schedule.timing.event.push(point),
            (None, Some(period)) => schedule.timing.bounds = Some(Bounds::Period(period)),
            (None, None) => {}
        }
        let mut record = MedicationRequest {
            identifier: element.to_identifiers(),
            status: status_of(element, MEDICATION_STATUS),
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
        record.dosage.extend(self.dosage(element, schedule.timing));
        record.note = self.notes(element);
        record.performer = self
            .performers(element)
            .into_iter()
            .find_map(|performer| performer.actor);
        for (_, inner) in self.open_related(element) {
            let ordered = inner.peek().attribute("moodCode") != Some("EVN");
            if inner.is("supply") && ordered && record.dispense_quantity.is_none() {
                self.consume(inner);
                self.own(&slot, inner);
                self.dispense_request(inner, &mut record);
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
        let schedule = schedule(element);
        let product = self.product(element, "consumable");
        let reference = self.medication_details(element, &product);
        let (reason_code, reason_reference) = self.reasons(element);
        let mut status = status_of(element, PROCEDURE_STATUS);
        if negated {
            status.get_or_insert_default().code = Some("not-done".to_owned());
        }
        let dosage = self.dosage(element, schedule.timing).unwrap_or_default();
        let record = MedicationAdministration {
            identifier: element.to_identifiers(),
            part_of: part_of(scope),
            status,
            medication: product.code,
            medication_reference: reference,
            subject: self.subject(),
            context: self.context(),
            effective: occurrence(&schedule.course),
            performer: self.performers(element),
            reason_code,
            reason_reference,
            note: self.notes(element),
            dosage_text: dosage.text.or(dosage.patient_instruction),
            site: dosage.site,
            route: dosage.route,
            method: dosage.method,
            dose: dosage.dose.and_then(|dose| match dose {
                Amount::Quantity(quantity) => Some(quantity),
                Amount::Range(range) => range.low,
                Amount::Ratio(_) => None,
            }),
            rate: dosage.rate,
            ..MedicationAdministration::default()
        };
        let id = self.close(slot, record);
        self.rest(element, &scope.about(&id));
        vec![id]
    }

    /// A Medication of its own, where the source says more of the product than its code.
    fn medication_details(&mut self, element: Element<'d>, product: &Product) -> Option<Reference> {
        let form = element
            .child("administrationUnitCode")
            .and_then(Element::to_concept);
        let mut ingredient = Vec::new();
        for participant in element.children("participant") {
            // Drug Vehicle: what the drug is mixed with.
            if participant.peek().attribute("typeCode") == Some("CSM")
                && let Some(entity) = participant.find(&["participantRole", "playingEntity"])
            {
                participant
                    .find(&["participantRole", "code"])
                    .map(Element::to_coding);
                let name = entity.child("name").and_then(Element::to_organization_name);
                let item = entity
                    .child("code")
                    .and_then(Element::to_concept)
                    .or_else(|| name.map(CodeableConcept::from_text));
                ingredient.push(Ingredient {
                    item,
                    is_active: Some(false),
                    ..Ingredient::default()
                });
            }
        }
        if form.is_none()
            && ingredient.is_empty()
            && product.manufacturer.is_none()
            && product.lot_number.is_none()
        {
            return None;
        }
        let record = Medication {
            code: product.code.clone(),
            manufacturer: product.manufacturer.clone(),
            form,
            ingredient,
            lot_number: product.lot_number.clone(),
            expiration_date: product.expiration,
            ..Medication::default()
        };
        let material = element.child("consumable")?;
        let id = match self.open(RecordClass::Medication, material, "") {
            Ok(slot) => self.close(slot, record),
            Err(id) => id,
        };
        Some(Reference::to(&id))
    }

    fn dosage(&mut self, element: Element<'d>, timing: Timing) -> Option<Dosage> {
        let mut dosage = Dosage {
            timing: (timing != Timing::default()).then_some(timing),
            route: element.child("routeCode").and_then(Element::to_concept),
            site: element.child("approachSiteCode").and_then(Element::to_concept),
            method: element.child("methodCode").and_then(Element::to_concept),
            dose: element.child("doseQuantity").and_then(amount),
            rate: element.child("rateQuantity").and_then(amount),
            max_dose_per_period: element.child("maxDoseQuantity").and_then(Element::to_ratio),
            ..Dosage::default()
        };
        for precondition in element.children("precondition") {
            // The guide: a precondition says "as needed".
            dosage.as_needed = Some(true);
            if let Some(criterion) = precondition.child("criterion") {
                let text = criterion
                    .child("text")
                    .and_then(|text| text.to_encapsulated().text);
                let value = criterion
                    .child("value")
                    .and_then(Element::to_concept)
                    .filter(|value| value.label().is_some());
                let code = criterion.child("code").and_then(Element::to_concept);
                let code = code.filter(|code| {
                    !code
                        .codings
                        .iter()
                        .all(|c| c.code.as_deref().is_none_or(|c| c == "ASSERTION"))
                });
                dosage.as_needed_for = value.or(code).or_else(|| text.map(CodeableConcept::from_text));
            }
        }
        for (kind, inner) in self.open_related(element) {
            let sig =
                has_template(inner, "2.16.840.1.113883.10.20.22.4.147") || has_code(inner, LOINC, "76662-6");
            let instruction = has_template(inner, "2.16.840.1.113883.10.20.22.4.20")
                || (inner.is("act")
                    && kind == "SUBJ"
                    && EntryKind::of(inner, crate::SectionKind::Other) == EntryKind::Act);
            if inner.is("substanceAdministration") && sig {
                self.consume(inner);
                read_outline(inner);
                read_code(inner);
                dosage.text = inner.child("text").and_then(|text| text.to_encapsulated().text);
            } else if instruction && dosage.patient_instruction.is_none() {
                self.consume(inner);
                read_outline(inner);
                dosage.additional_instruction.extend(
                    inner
                        .child("code")
                        .and_then(Element::to_concept)
                        .filter(|c| !c.codings.is_empty()),
                );
                dosage.patient_instruction = inner.child("text").and_then(|text| text.to_encapsulated().text);
            }
        }
        (dosage != Dosage::default()).then_some(dosage)
    }
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
    let code = element.child("priorityCode")?.attribute("code")?;
    let priority = match code {
        "S" | "STAT" => "stat",
        "A" | "ASAP" => "asap",
        "UR" | "EM" => "urgent",
        "R" => "routine",
        _ => return None,
    };
    Some(priority.to_owned())
}

fn amount(element: Element<'_>) -> Option<Amount> {
    if let Some(range) = element.to_range() {
        return Some(match (range.low, range.high) {
            (Some(low), Some(high)) if low == high => Amount::Quantity(low),
            (low, high) => Amount::Range(ehr_types::Range { low, high }),
        });
    }
    element
        .to_quantity()
        .filter(|quantity| quantity.value.is_some())
        .map(Amount::Quantity)
}

/// All `effectiveTime`s of a medication: the course, and when it is taken.
fn schedule(element: Element<'_>) -> Schedule {
    let mut schedule = Schedule::default();
    for time in element.children("effectiveTime") {
        add_time(time, &mut schedule, 0);
    }
    // How many times it is or was taken.
    if let Some(repeat) = element.child("repeatNumber")
        && let Some(count) = repeat
            .peek()
            .attribute("value")
            .and_then(|text| text.parse().ok())
            .filter(|count| *count > 0)
    {
        repeat.attribute("value");
        schedule.timing.count = Some(count);
    }
    // The kind of administration that the code repeats is the statement's own.
    if let Some(code) = element.child("code")
        && matches!(code.peek().attribute("code"), None | Some("DRUG" | "IMMUNIZ"))
    {
        code.to_concept();
    }
    schedule
}

fn add_time(time: Element<'_>, schedule: &mut Schedule, depth: usize) {
    if let Some(periodic) = time.to_periodic_timing() {
        recur(&periodic, &mut schedule.timing);
    } else if let Some(event) = time.to_event_timing() {
        schedule.timing.when.extend(event.event);
        schedule.timing.offset = schedule
            .timing
            .offset
            .or_else(|| event.offset.and_then(|offset| minutes(&offset)));
    } else if matches!(time.xsi_type(), Some("SXPR_TS")) && depth < 4 {
        for part in time.children("comp") {
            add_time(part, schedule, depth + 1);
        }
    } else {
        let interval = time.to_interval();
        if schedule.course.is_empty() && (schedule.course.absent.is_none() || !interval.is_empty()) {
            schedule.course = interval;
        } else {
            // A further time is a further time of taking.
            schedule.timing.event.extend(interval.point());
        }
    }
}

fn recur(periodic: &PeriodicTiming, timing: &mut Timing) {
    let Some(period) = &periodic.period else {
        timing.event.extend(periodic.phase);
        return;
    };
    let Some(value) = period.value.clone() else { return };
    let unit = period.unit_key().and_then(time_unit);
    let whole = value.to_f64();
    let times = 24.0 / whole;
    let per_day = periodic.institution_specified
        && unit == Some("h")
        && whole > 0.0
        && times.fract() == 0.0
        && times >= 1.0;
    if per_day && periodic.period_max.is_none() {
        timing.frequency = Some(times as u32);
        timing.period = Some(Decimal::from(1));
        timing.period_unit = Some("d".to_owned());
    } else {
        timing.frequency = Some(1);
        timing.period = Some(value);
        timing.period_max = periodic.period_max.as_ref().and_then(|max| max.value.clone());
        match unit {
            Some(unit) => timing.period_unit = Some(unit.to_owned()),
            None => {
                // Not a unit of time that FHIR knows: kept in words.
                let words = format!(
                    "every {} {}",
                    timing.period.take().unwrap_or(Decimal::from(1)),
                    period.unit_key().unwrap_or_default()
                );
                timing.frequency = None;
                timing.code = Some(CodeableConcept::from_text(words.trim().to_owned()));
            }
        }
    }
    if let Some(duration) = &periodic.duration {
        timing.duration.clone_from(&duration.value);
        timing.duration_unit = duration.unit_key().and_then(time_unit).map(str::to_owned);
    }
}

/// UCUM units of time, and the spellings of them that senders use.
fn time_unit(unit: &str) -> Option<&'static str> {
    Some(match unit.to_ascii_lowercase().as_str() {
        "s" | "sec" | "second" | "seconds" => "s",
        "min" | "minute" | "minutes" => "min",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        "wk" | "week" | "weeks" => "wk",
        "mo" | "month" | "months" => "mo",
        "a" | "y" | "yr" | "year" | "years" => "a",
        _ => return None,
    })
}

fn minutes(offset: &Quantity) -> Option<u32> {
    let value = offset.value.as_ref()?.to_f64();
    let factor = match offset.unit_key().and_then(time_unit)? {
        "s" => 1.0 / 60.0,
        "min" => 1.0,
        "h" => 60.0,
        "d" => 1440.0,
        _ => return None,
    };
    let minutes = value * factor;
    (minutes >= 0.0 && minutes < f64::from(u32::MAX)).then_some(minutes.round() as u32)
}
