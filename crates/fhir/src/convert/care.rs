//! [CarePlan](https://hl7.org/fhir/R4/careplan.html), [CareTeam](https://hl7.org/fhir/R4/careteam.html),
//! [Goal](https://hl7.org/fhir/R4/goal.html), [ServiceRequest](https://hl7.org/fhir/R4/servicerequest.html).

use ehr_model as model;
use ehr_types::CodeableConcept;

use super::extension;
use super::map::{Convert, Reader, Writer, is_empty, said, written};
use super::mapping::mapping;
use super::primitive::unknown;
use super::status;
use crate::element::Element;
use crate::r4::{self, ExtensionValue};

mapping!(model::CarePlan, r4::CarePlan {
    identifier, based_on, replaces, part_of, status, intent, category, title, description, subject, encounter, period,
    created, author, contributor, care_team, addresses, supporting_info, goal, activity, note,
} required { status, intent, subject });

mapping!(model::CarePlanActivity, r4::CarePlanActivity {
    outcome: outcome_codeable_concept, outcome_reference, progress, reference,
} read read_activity; write write_activity;);

fn read_activity(from: &r4::CarePlanActivity, to: &mut model::CarePlanActivity, cx: &Reader<'_>) {
    if let Some(detail) = &from.detail {
        to.read_from(detail.as_ref(), cx);
        if let (None, Some(ExtensionValue::Reference(reference))) = (
            &to.reference,
            extension::find(from.extension(), extension::SOURCE_REFERENCE),
        ) {
            to.reference = Some(model::Reference::read(reference.as_ref(), cx));
        }
    }
}

/// Rule cpl-3: a reference or a detail, not both.
fn write_activity(from: &model::CarePlanActivity, to: &mut r4::CarePlanActivity, cx: &Writer<'_>) {
    to.detail = said(from, cx);
    if !cx.mirror
        && to.detail.is_some()
        && let Some(reference) = to.reference.take()
    {
        to.extension_mut().push(extension::value(
            extension::SOURCE_REFERENCE,
            ExtensionValue::Reference(reference),
        ));
    }
}

mapping!(model::CarePlanActivity, r4::CarePlanActivityDetail {
    kind, code, reason_code, goal, status, status_reason, do_not_perform, scheduled, location, performer, description,
} required { status });

mapping!(
    model::CareTeam,
    r4::CareTeam {
        identifier,
        status,
        category,
        name,
        subject,
        encounter,
        period,
        participant,
        reason_code,
        reason_reference,
        managing_organization,
        telecom,
        note,
    }
);

// Rule ctm-1: only a practitioner takes part on behalf of an organization.
mapping!(model::Participant, r4::CareTeamParticipant { role, actor: member, period } read read_member; write write_member;);

fn read_member(from: &r4::CareTeamParticipant, to: &mut model::Participant, cx: &Reader<'_>) {
    to.on_behalf_of = match &from.on_behalf_of {
        Some(organization) => Some(model::Reference::read(organization.as_ref(), cx)),
        None => extension::read_on_behalf_of(from.extension(), cx),
    };
    to.status = status::get_status(from.extension());
}

fn write_member(from: &model::Participant, to: &mut r4::CareTeamParticipant, cx: &Writer<'_>) {
    status::put_status(from.status.as_ref(), to);
    let Some(organization) = &from.on_behalf_of else {
        return;
    };
    let organization: Box<r4::Reference> = Box::new(organization.write(&cx.at(to, "on_behalf_of", "")));
    let class = from.actor.as_ref().and_then(|actor| actor.class);
    if cx.mirror || class == Some(model::RecordClass::Practitioner) {
        to.on_behalf_of = Some(organization);
    } else if !is_empty(&*organization) {
        to.extension_mut().push(extension::value(
            extension::ON_BEHALF_OF,
            ExtensionValue::Reference(organization),
        ));
    }
}

mapping!(model::Goal, r4::Goal {
    identifier, lifecycle_status, achievement_status, category, priority, description, subject, target, status_date,
    status_reason, expressed_by, addresses, note, outcome_code, outcome_reference,
} required { lifecycle_status, description, subject } read read_goal; write write_goal;);

fn read_goal(from: &r4::Goal, to: &mut model::Goal, cx: &Reader<'_>) {
    match &from.start {
        Some(r4::GoalStart::Date(date)) => to.start_date = Some(*date),
        Some(r4::GoalStart::CodeableConcept(code)) => to.start_code = Some(CodeableConcept::read(code, cx)),
        None => {}
    }
    if to.start_code.is_none() {
        to.start_code = extension::set_aside(&from.extension, "start");
    }
}

fn write_goal(from: &model::Goal, to: &mut r4::Goal, cx: &Writer<'_>) {
    let code = from.start_code.as_ref().and_then(|code| written(code, cx));
    match (from.start_date, code) {
        (Some(date), code) => {
            to.start = Some(r4::GoalStart::Date(date));
            if let Some(code) = code {
                to.extension.push(extension::other_type(
                    "start",
                    ExtensionValue::CodeableConcept(code),
                ));
            }
        }
        (None, Some(code)) => to.start = Some(r4::GoalStart::CodeableConcept(code)),
        (None, None) => {}
    }
}

mapping!(model::GoalTarget, r4::GoalTarget { measure, detail } read read_target; write write_target;);

fn read_target(from: &r4::GoalTarget, to: &mut model::GoalTarget, cx: &Reader<'_>) {
    match &from.due {
        Some(r4::GoalTargetDue::Date(date)) => {
            to.due_date = Some(*date);
            if let Some(ExtensionValue::Quantity(within)) =
                extension::other_types(from.extension(), "due").next()
            {
                to.due_duration = Some(Convert::<r4::Quantity>::read(within.as_ref(), cx));
            }
        }
        Some(r4::GoalTargetDue::Duration(within)) => {
            to.due_duration = Some(Convert::<r4::Duration>::read(within.as_ref(), cx));
        }
        None => {}
    }
}

/// Rule gol-1: a target value has a measure.
fn write_target(from: &model::GoalTarget, to: &mut r4::GoalTarget, cx: &Writer<'_>) {
    let within: Option<Box<r4::Duration>> = from.due_duration.as_ref().and_then(|within| written(within, cx));
    to.due = match (from.due_date, within) {
        (Some(date), None) => Some(r4::GoalTargetDue::Date(date)),
        (Some(date), Some(_)) => {
            if let Some(within) = from.due_duration.as_ref().and_then(|within| said(within, cx)) {
                let within = ExtensionValue::Quantity(within);
                to.extension_mut().push(extension::other_type("due", within));
            }
            Some(r4::GoalTargetDue::Date(date))
        }
        (None, Some(within)) => Some(r4::GoalTargetDue::Duration(within)),
        (None, None) => None,
    };
    if !cx.mirror && to.detail.is_some() && to.measure.is_none() {
        unknown(&mut to.measure);
    }
}

mapping!(model::ServiceRequest, r4::ServiceRequest {
    identifier, based_on, replaces, requisition, status, intent, category, priority, do_not_perform, code, order_detail,
    quantity, subject, encounter, occurrence, authored_on, requester, performer_type, performer, location_code,
    location_reference, reason_code, reason_reference, insurance, supporting_info, specimen, body_site, note,
    patient_instruction,
} required { status, intent, subject } read read_service; write write_service;);

fn read_service(from: &r4::ServiceRequest, to: &mut model::ServiceRequest, cx: &Reader<'_>) {
    match &from.as_needed {
        Some(r4::ServiceRequestAsNeeded::Boolean(needed)) => to.as_needed = Some(*needed),
        Some(r4::ServiceRequestAsNeeded::CodeableConcept(why)) => {
            to.as_needed_for = Some(CodeableConcept::read(why, cx));
        }
        None => {}
    }
    if to.as_needed_for.is_none() {
        to.as_needed_for = extension::set_aside(from.extension(), "asNeeded");
    }
}

/// Rule prr-1: details only of an order that says what is ordered.
fn write_service(from: &model::ServiceRequest, to: &mut r4::ServiceRequest, cx: &Writer<'_>) {
    to.as_needed = match (&from.as_needed_for, from.as_needed) {
        (Some(why), needed) if needed != Some(false) => written(why, cx)
            .map(r4::ServiceRequestAsNeeded::CodeableConcept)
            .or_else(|| needed.map(r4::ServiceRequestAsNeeded::Boolean)),
        (_, needed) => needed.map(r4::ServiceRequestAsNeeded::Boolean),
    };
    if let (Some(false), Some(why)) = (from.as_needed, &from.as_needed_for)
        && let Some(why) = said(why, cx)
    {
        to.extension_mut().push(extension::other_type(
            "asNeeded",
            ExtensionValue::CodeableConcept(why),
        ));
    }
    if !cx.mirror && to.code.is_none() && !to.order_detail.is_empty() {
        unknown(&mut to.code);
    }
}
