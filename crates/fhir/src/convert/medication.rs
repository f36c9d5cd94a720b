//! [Medication](https://hl7.org/fhir/R4/medication.html) and its orders, statements, dispenses and administrations.

use ehr_model as model;
use ehr_model::Record;
use ehr_types::{CodeableConcept, Period};

use super::export::{Entries, original_of};
use super::extension;
use super::json::Tree;
use super::map::{Convert, Reader, Writer, is_empty, said, written};
use super::mapping::mapping;
use super::primitive::unknown;
use crate::element::Element;
use crate::r4::{self, ExtensionValue, Resource};
use crate::{ParseOptions, to_json_string};

mapping!(model::Medication, r4::Medication {
    identifier, code, status, manufacturer, form, amount, ingredient,
} read read_medication; write write_medication;);

mapping!(
    model::Medication,
    r4::MedicationBatch {
        lot_number,
        expiration_date
    }
);

fn read_medication(from: &r4::Medication, to: &mut model::Medication, cx: &Reader<'_>) {
    if let Some(batch) = &from.batch {
        to.read_from(batch.as_ref(), cx);
    }
}

fn write_medication(from: &model::Medication, to: &mut r4::Medication, cx: &Writer<'_>) {
    to.batch = said(from, cx);
}

mapping!(model::Ingredient, r4::MedicationIngredient { is_active, strength } read read_ingredient; write write_ingredient;);

fn read_ingredient(from: &r4::MedicationIngredient, to: &mut model::Ingredient, cx: &Reader<'_>) {
    match &from.item {
        Some(r4::MedicationIngredientItem::CodeableConcept(item)) => {
            to.item = Some(CodeableConcept::read(item, cx));
        }
        Some(r4::MedicationIngredientItem::Reference(item)) => {
            to.item_reference = Some(model::Reference::read(item.as_ref(), cx));
            to.item = concept_of(item, cx);
        }
        None => {}
    }
}

fn write_ingredient(from: &model::Ingredient, to: &mut r4::MedicationIngredient, cx: &Writer<'_>) {
    to.item = match either(
        from.item.as_ref(),
        from.item_reference.as_ref(),
        &cx.at(to, "item", "Reference"),
    ) {
        Some(Either::Concept(item)) => Some(r4::MedicationIngredientItem::CodeableConcept(item)),
        Some(Either::Reference(item)) => Some(r4::MedicationIngredientItem::Reference(item)),
        None if cx.mirror || is_empty(to) => None,
        None => Some(r4::MedicationIngredientItem::CodeableConcept(Box::new(missing()))),
    };
}

/// What a medication element holds: a concept, or a reference with the concept beside it.
enum Either {
    Concept(Box<r4::CodeableConcept>),
    Reference(Box<r4::Reference>),
}

fn either(
    concept: Option<&CodeableConcept>,
    reference: Option<&model::Reference>,
    cx: &Writer<'_>,
) -> Option<Either> {
    let concept = concept.and_then(|concept| written(concept, cx));
    let reference: Option<Box<r4::Reference>> = reference.and_then(|reference| written(reference, cx));
    match (concept, reference) {
        (Some(concept), None) => Some(Either::Concept(concept)),
        (Some(concept), Some(mut reference)) => {
            reference.extension_mut().push(extension::value(
                extension::CONCEPT,
                ExtensionValue::CodeableConcept(concept),
            ));
            Some(Either::Reference(reference))
        }
        (None, Some(reference)) => Some(Either::Reference(reference)),
        (None, None) => None,
    }
}

fn reference_of(record: &Record) -> Option<&model::Reference> {
    match record {
        Record::MedicationRequest(record) => record.medication_reference.as_ref(),
        Record::MedicationStatement(record) => record.medication_reference.as_ref(),
        Record::MedicationDispense(record) => record.medication_reference.as_ref(),
        Record::MedicationAdministration(record) => record.medication_reference.as_ref(),
        _ => None,
    }
}

/// The concepts, as JSON, of the Medication that a record refers to: as it is, and as it was received. `None` when it is not
/// at hand.
pub(super) fn concepts_behind(record: &Record, entries: Option<&Entries<'_>>) -> Option<Vec<Tree>> {
    let target = reference_of(record).and_then(|reference| reference.target.as_ref());
    let (Some(target), Some(entries)) = (target, entries) else {
        return target.is_none().then(Vec::new);
    };
    let Some((entry, _)) = entries.get(target) else {
        return Some(Vec::new());
    };
    let received = original_of(entry).and_then(|original| original.get("code").cloned());
    let now = match &entry.record {
        Record::Medication(medication) => medication.code.clone(),
        _ => None,
    };
    let received = received.and_then(|code| {
        let parsed = crate::parse::<r4::CodeableConcept>(code.to_text().as_bytes(), &ParseOptions::default());
        Some(CodeableConcept::read(&parsed.ok()?.value, &Reader::PLAIN))
    });
    let written = |concept: CodeableConcept| {
        let concept: r4::CodeableConcept = concept.write(&Writer::MIRROR);
        Tree::parse(&to_json_string(&concept))
    };
    Some(now.into_iter().chain(received).filter_map(written).collect())
}

/// Takes back the concept beside a reference where it is that of the Medication that is referred to: the original does not
/// say it, and need not. `behind` are the concepts that the Medication has, where that is known.
pub(super) fn take_back_concept(
    original: &Tree,
    before: &mut Tree,
    after: &mut Tree,
    behind: Option<&[Tree]>,
) {
    const NAME: &str = "medicationReference";
    let concept = |tree: &Tree| {
        let extensions = tree.get(NAME)?.get("extension")?.items().iter();
        let of_url =
            |extension: &&Tree| extension.get("url").and_then(Tree::as_str) == Some(extension::CONCEPT);
        extensions.rev().find(of_url).cloned()
    };
    if original.get(NAME).is_none() || concept(original).is_some() {
        return;
    }
    let reference = |tree: &Tree| tree.get(NAME)?.get("reference").cloned();
    let (old, new) = (concept(before), concept(after));
    let is_local = original
        .get(NAME)
        .and_then(|member| member.get("reference")?.as_str())
        .is_some_and(|literal| literal.starts_with('#'));
    let take = |tree: &mut Tree, concept: &Option<Tree>| {
        if let (Some(member), Some(concept)) = (tree.get_mut(NAME), concept) {
            member.take_item("extension", concept);
        }
    };
    take(before, &old);
    let is_behind = || {
        let concept = new.as_ref().and_then(|new| new.get("valueCodeableConcept"));
        behind.is_none_or(|behind| behind.iter().any(|behind| Some(behind) == concept))
    };
    if reference(before) == reference(after) && (old == new || old.is_none() && !is_local && is_behind()) {
        take(after, &new);
    }
}

fn missing() -> r4::CodeableConcept {
    let mut concept = r4::CodeableConcept::default();
    concept.extension_mut().push(extension::unknown());
    concept
}

/// The concept that stands beside a reference.
fn concept_of(reference: &r4::Reference, cx: &Reader<'_>) -> Option<CodeableConcept> {
    match extension::find(reference.extension(), extension::CONCEPT) {
        Some(ExtensionValue::CodeableConcept(concept)) => Some(CodeableConcept::read(concept, cx)),
        _ => None,
    }
}

/// The code of a contained Medication.
fn contained_code(
    contained: &[Resource],
    reference: &r4::Reference,
    cx: &Reader<'_>,
) -> Option<CodeableConcept> {
    let id = reference.reference.as_deref()?.strip_prefix('#')?;
    contained.iter().find_map(|resource| match resource {
        Resource::Medication(found) if found.id.as_deref() == Some(id) => {
            found.code.as_ref().map(|code| CodeableConcept::read(code, cx))
        }
        _ => None,
    })
}

macro_rules! medication {
    ($model:ident, $read:ident, $write:ident, $choice:ident) => {
        fn $read(from: &r4::$model, to: &mut model::$model, cx: &Reader<'_>) {
            match &from.medication {
                Some(r4::$choice::CodeableConcept(concept)) => {
                    to.medication = Some(CodeableConcept::read(concept, cx));
                }
                Some(r4::$choice::Reference(reference)) => {
                    to.medication_reference = Some(model::Reference::read(reference.as_ref(), cx));
                    to.medication =
                        concept_of(reference, cx).or_else(|| contained_code(&from.contained, reference, cx));
                }
                None => {}
            }
        }

        fn $write(from: &model::$model, to: &mut r4::$model, cx: &Writer<'_>) {
            to.medication = match either(
                from.medication.as_ref(),
                from.medication_reference.as_ref(),
                &cx.at(to, "medication", "Reference"),
            ) {
                Some(Either::Concept(concept)) => Some(r4::$choice::CodeableConcept(concept)),
                Some(Either::Reference(reference)) => Some(r4::$choice::Reference(reference)),
                None if cx.mirror => None,
                None => Some(r4::$choice::CodeableConcept(Box::new(missing()))),
            };
        }
    };
}

medication!(
    MedicationRequest,
    read_ordered,
    write_ordered,
    MedicationRequestMedication
);
medication!(
    MedicationStatement,
    read_stated,
    write_stated,
    MedicationStatementMedication
);
medication!(
    MedicationDispense,
    read_dispensed,
    write_dispensed,
    MedicationDispenseMedication
);
medication!(
    MedicationAdministration,
    read_administered,
    write_administered,
    MedicationAdministrationMedication
);

mapping!(model::MedicationRequest, r4::MedicationRequest {
    identifier, status, status_reason, intent, category, priority, do_not_perform, subject, encounter,
    supporting_information, authored_on, requester, performer, performer_type, recorder, reason_code, reason_reference,
    based_on, group_identifier, course_of_therapy_type, note, dosage: dosage_instruction, prior_prescription,
} required { status, intent, subject } read read_request; write write_request;);

mapping!(
    model::MedicationRequest,
    r4::MedicationRequestDispenseRequest {
        dispense_quantity: quantity,
        repeats_allowed: number_of_repeats_allowed,
        validity_period,
        expected_supply_duration,
        dispense_performer: performer,
    }
);

fn read_request(from: &r4::MedicationRequest, to: &mut model::MedicationRequest, cx: &Reader<'_>) {
    read_ordered(from, to, cx);
    match &from.reported {
        Some(r4::MedicationRequestReported::Boolean(reported)) => to.reported = Some(*reported),
        Some(r4::MedicationRequestReported::Reference(by)) => {
            to.reported_by = Some(model::Reference::read(by.as_ref(), cx));
        }
        None => {}
    }
    if let (None, Some(ExtensionValue::Reference(by))) = (
        &to.reported_by,
        extension::other_types(&from.extension, "reported").next(),
    ) {
        to.reported_by = Some(model::Reference::read(by.as_ref(), cx));
    }
    if let Some(dispense) = &from.dispense_request {
        to.read_from(dispense.as_ref(), cx);
    }
    if let Some(substitution) = &from.substitution
        && let Some(r4::MedicationRequestSubstitutionAllowed::Boolean(allowed)) = &substitution.allowed
    {
        to.substitution_allowed = Some(*allowed);
    }
    to.effective = match extension::find(&from.extension, extension::EFFECTIVE) {
        Some(ExtensionValue::Period(period)) => Some(Period::read(period, cx)),
        _ => None,
    };
}

fn write_request(from: &model::MedicationRequest, to: &mut r4::MedicationRequest, cx: &Writer<'_>) {
    write_ordered(from, to, cx);
    to.reported = match (&from.reported_by, from.reported) {
        (Some(by), reported) if reported != Some(false) => written(by, &cx.at(to, "reported", "Reference"))
            .map(r4::MedicationRequestReported::Reference)
            .or_else(|| reported.map(r4::MedicationRequestReported::Boolean)),
        (_, reported) => reported.map(r4::MedicationRequestReported::Boolean),
    };
    if let (Some(false), Some(by)) = (from.reported, &from.reported_by)
        && let Some(by) = said(by, cx)
    {
        to.extension
            .push(extension::other_type("reported", ExtensionValue::Reference(by)));
    }
    to.dispense_request = said(from, cx);
    if let Some(allowed) = from.substitution_allowed {
        to.substitution = Some(Box::new(r4::MedicationRequestSubstitution {
            allowed: Some(r4::MedicationRequestSubstitutionAllowed::Boolean(allowed)),
            ..r4::MedicationRequestSubstitution::default()
        }));
    }
    if let Some(effective) = from.effective.as_ref().and_then(|effective| said(effective, cx)) {
        to.extension.push(extension::value(
            extension::EFFECTIVE,
            ExtensionValue::Period(effective),
        ));
    }
}

mapping!(model::MedicationStatement, r4::MedicationStatement {
    identifier, based_on, part_of, status, status_reason, category, subject, context, effective, date_asserted,
    information_source, derived_from, reason_code, reason_reference, note, dosage,
} required { status, subject } read read_stated; write write_stated;);

mapping!(model::MedicationDispense, r4::MedicationDispense {
    identifier, part_of, status, category, subject, context, supporting_information, performer, location,
    authorizing_prescription, type_: r#type, quantity, days_supply, when_prepared, when_handed_over, destination, receiver,
    note, dosage: dosage_instruction,
} required { status } read read_dispense; write write_dispense;);

fn read_dispense(from: &r4::MedicationDispense, to: &mut model::MedicationDispense, cx: &Reader<'_>) {
    read_dispensed(from, to, cx);
    if let Some(r4::MedicationDispenseStatusReason::CodeableConcept(reason)) = &from.status_reason {
        to.status_reason = Some(CodeableConcept::read(reason, cx));
    }
    to.fill_number = match extension::find(&from.extension, extension::FILL_NUMBER) {
        Some(ExtensionValue::PositiveInt(number)) => Some(*number),
        _ => None,
    };
}

/// Rule mdd-1: what was handed over was prepared before.
fn write_dispense(from: &model::MedicationDispense, to: &mut r4::MedicationDispense, cx: &Writer<'_>) {
    write_dispensed(from, to, cx);
    to.status_reason = from
        .status_reason
        .as_ref()
        .and_then(|reason| written(reason, cx))
        .map(r4::MedicationDispenseStatusReason::CodeableConcept);
    if let Some(number) = from.fill_number.filter(|number| *number > 0) {
        to.extension.push(extension::value(
            extension::FILL_NUMBER,
            ExtensionValue::PositiveInt(number),
        ));
    }
    if cx.mirror {
        return;
    }
    if let (Some(prepared), Some(handed)) = (to.when_prepared, to.when_handed_over)
        && handed.relation(&prepared) == ehr_types::TimeRelation::Before
    {
        to.when_handed_over = None;
        super::member::beside(to, "whenHandedOver", extension::source_time(handed));
    }
}

mapping!(model::MedicationAdministration, r4::MedicationAdministration {
    identifier, part_of, status, status_reason, category, subject, context, supporting_information, effective, performer,
    reason_code, reason_reference, request, device, note,
} required { status, subject } read read_administration; write write_administration;);

mapping!(
    model::MedicationAdministration,
    r4::MedicationAdministrationDosage {
        dosage_text: text,
        site,
        route,
        method,
        dose,
        rate,
    }
);

fn read_administration(
    from: &r4::MedicationAdministration,
    to: &mut model::MedicationAdministration,
    cx: &Reader<'_>,
) {
    read_administered(from, to, cx);
    if let Some(dosage) = &from.dosage {
        to.read_from(dosage.as_ref(), cx);
    }
}

/// Rule mad-1: a dosage has a dose or a rate.
fn write_administration(
    from: &model::MedicationAdministration,
    to: &mut r4::MedicationAdministration,
    cx: &Writer<'_>,
) {
    write_administered(from, to, cx);
    to.dosage = said(from, cx);
    if let Some(dosage) = &mut to.dosage
        && !cx.mirror
        && dosage.dose.is_none()
        && dosage.rate.is_none()
    {
        unknown(&mut dosage.dose);
    }
    if !cx.mirror && to.effective.is_none() {
        extension::explain(to, "effectiveDateTime", extension::unknown());
    }
}

macro_rules! performers {
    ($($fhir:ident $read:ident $write:ident),*) => {$(
        mapping!(model::Performer, r4::$fhir { function, actor } required { actor } read $read; write $write;);

        fn $read(from: &r4::$fhir, to: &mut model::Performer, cx: &Reader<'_>) {
            to.on_behalf_of = extension::read_on_behalf_of(from.extension(), cx);
        }

        fn $write(from: &model::Performer, to: &mut r4::$fhir, cx: &Writer<'_>) {
            if let Some(extension) = extension::on_behalf_of(from.on_behalf_of.as_ref(), cx) {
                to.extension_mut().push(extension);
            }
        }
    )*};
}

performers!(
    MedicationDispensePerformer read_dispenser write_dispenser,
    MedicationAdministrationPerformer read_administrator write_administrator,
    ImmunizationPerformer read_vaccinator write_vaccinator,
    ChargeItemPerformer read_charged write_charged
);

mapping!(model::Performer, r4::ProcedurePerformer { function, actor, on_behalf_of } required { actor });
