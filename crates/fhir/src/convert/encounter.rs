//! [Encounter](https://hl7.org/fhir/R4/encounter.html) and [Appointment](https://hl7.org/fhir/R4/appointment.html).

use ehr_model as model;
use ehr_types::CodeableConcept;

use super::extension;
use super::map::{Convert, Reader, Writer, is_empty, written};
use super::mapping::mapping;
use super::primitive::unknown;
use super::{note, status, time};
use crate::element::Element;
use crate::r4::{self, ExtensionValue};

mapping!(model::Encounter, r4::Encounter {
    identifier, status, class, type_: r#type, service_type, priority, subject, episode_of_care, based_on, participant,
    appointment, period, length, reason_code, reason_reference, diagnosis, account, hospitalization, location,
    service_provider, part_of,
} required { status, class } read read_encounter; write write_encounter;);

fn read_encounter(from: &r4::Encounter, to: &mut model::Encounter, cx: &Reader<'_>) {
    to.note = note::read(&from.extension, cx);
    if let Some(class) = &from.class
        && let Some(ExtensionValue::CodeableConcept(whole)) =
            extension::find(class.extension(), extension::CONCEPT)
    {
        to.class_concept = Some(CodeableConcept::read(whole, cx));
    }
}

fn write_encounter(from: &model::Encounter, to: &mut r4::Encounter, cx: &Writer<'_>) {
    to.extension.extend(note::write(&from.note, cx));
    let Some(concept) = &from.class_concept else {
        return;
    };
    let whole: r4::CodeableConcept = concept.write(cx);
    let plain = match (concept.codings.as_slice(), &from.class) {
        ([only], Some(class)) => only == class && concept.text.is_none() && concept.absent.is_none(),
        ([_], None) => concept.text.is_none() && concept.absent.is_none(),
        _ => false,
    };
    if from.class.is_none()
        && let Some(first) = concept.codings.first()
    {
        to.class = written(first, cx);
    }
    if !plain && !is_empty(&whole) {
        to.class
            .get_or_insert_default()
            .extension_mut()
            .push(extension::value(
                extension::CONCEPT,
                ExtensionValue::CodeableConcept(Box::new(whole)),
            ));
    }
}

mapping!(model::Participant, r4::EncounterParticipant { role: r#type, period, actor: individual }
    read read_participant;
    write write_participant;
);

fn read_participant(from: &r4::EncounterParticipant, to: &mut model::Participant, cx: &Reader<'_>) {
    to.on_behalf_of = extension::read_on_behalf_of(from.extension(), cx);
    to.status = status::get_status(from.extension());
}

fn write_participant(from: &model::Participant, to: &mut r4::EncounterParticipant, cx: &Writer<'_>) {
    status::put_status(from.status.as_ref(), to);
    if let Some(extension) = extension::on_behalf_of(from.on_behalf_of.as_ref(), cx) {
        to.extension_mut().push(extension);
    }
}

mapping!(model::EncounterDiagnosis, r4::EncounterDiagnosis { condition, use_: r#use, rank } required { condition });

mapping!(
    model::Hospitalization,
    r4::EncounterHospitalization {
        pre_admission_identifier,
        origin,
        admit_source,
        re_admission,
        diet_preference,
        special_courtesy,
        special_arrangement,
        destination,
        discharge_disposition,
    }
);

mapping!(model::EncounterLocation, r4::EncounterLocation { location, status, physical_type, period } required { location });

mapping!(model::Appointment, r4::Appointment {
    identifier, status, cancelation_reason, service_category, service_type, specialty, appointment_type, reason_code,
    reason_reference, priority, description, supporting_information, minutes_duration, slot, created, comment,
    patient_instruction, based_on, participant, requested_period,
} required { status } read read_appointment; write write_appointment;);

fn read_appointment(from: &r4::Appointment, to: &mut model::Appointment, cx: &Reader<'_>) {
    to.start = time::read_instant(from.start, from, "start", cx);
    to.end = time::read_instant(from.end, from, "end", cx);
    if to.cancelation_reason.is_none() {
        to.cancelation_reason = extension::set_aside(&from.extension, "cancelationReason");
    }
}

/// Rules app-2 and app-3: start and end go together, and only a proposed or cancelled appointment has neither; app-4: a
/// reason for cancelling only where it is cancelled.
fn write_appointment(from: &model::Appointment, to: &mut r4::Appointment, cx: &Writer<'_>) {
    to.start = time::put_instant(from.start, to, "start");
    to.end = time::put_instant(from.end, to, "end");
    if cx.mirror {
        return;
    }
    if to.participant.is_empty() {
        let mut nobody = r4::AppointmentParticipant::default();
        unknown(&mut nobody.actor);
        extension::explain(&mut nobody, "status", extension::unknown());
        to.participant.push(nobody);
    }
    let code = from.status.as_ref().and_then(|status| status.code.as_deref());
    let may_lack = matches!(code, Some("proposed" | "cancelled" | "waitlist"));
    let said = |to: &r4::Appointment, name| !to.primitive_extension(name, None).is_empty();
    let start = to.start.is_some() || said(to, "start");
    let end = to.end.is_some() || said(to, "end");
    if !may_lack || start || end {
        if !start {
            extension::explain(to, "start", extension::unknown());
        }
        if !end {
            extension::explain(to, "end", extension::unknown());
        }
    }
    if to.cancelation_reason.is_some()
        && !matches!(code, Some("cancelled" | "noshow"))
        && let Some(reason) = to.cancelation_reason.take()
    {
        to.extension.push(extension::other_type(
            "cancelationReason",
            ExtensionValue::CodeableConcept(reason),
        ));
    }
}

mapping!(model::Participant, r4::AppointmentParticipant { role: r#type, actor, status, period } required { status }
    read read_appointment_participant;
    write write_appointment_participant;
);

fn read_appointment_participant(
    from: &r4::AppointmentParticipant,
    to: &mut model::Participant,
    cx: &Reader<'_>,
) {
    to.on_behalf_of = extension::read_on_behalf_of(from.extension(), cx);
}

/// Rule app-1: a type or an actor.
fn write_appointment_participant(
    from: &model::Participant,
    to: &mut r4::AppointmentParticipant,
    cx: &Writer<'_>,
) {
    if let Some(extension) = extension::on_behalf_of(from.on_behalf_of.as_ref(), cx) {
        to.extension_mut().push(extension);
    }
    if !cx.mirror && !is_empty(to) && to.r#type.is_empty() && to.actor.is_none() {
        unknown(&mut to.actor);
    }
}
