//! Administrative resources, lists and groups.

use super::{exists, reference_type};
use crate::r4::*;
use crate::scope::Scope;

pub(crate) fn organization(it: &Organization, at: &mut Scope<'_>) {
    for (index, address) in it.address.iter().enumerate() {
        if address.r#use == Some(AddressUse::Home) {
            let member = format!("address[{index}]").into();
            at.broken("org-2", member, "an organization has no home address");
        }
    }
    for (index, telecom) in it.telecom.iter().enumerate() {
        if telecom.r#use == Some(ContactPointUse::Home) {
            let member = format!("telecom[{index}]").into();
            at.broken("org-3", member, "an organization has no home phone");
        }
    }
}

pub(crate) fn appointment(it: &Appointment, at: &mut Scope<'_>) {
    let timed = exists(it, it.start.is_some(), "start") && exists(it, it.end.is_some(), "end");
    let open = matches!(
        it.status,
        None | Some(AppointmentStatus::Proposed | AppointmentStatus::Cancelled | AppointmentStatus::Waitlist)
    );
    at.require(
        timed || open,
        "app-3",
        "",
        "an appointment that is booked has start and end",
    );
    let off = matches!(
        it.status,
        None | Some(AppointmentStatus::Noshow | AppointmentStatus::Cancelled)
    );
    at.require(
        it.cancelation_reason.is_none() || off,
        "app-4",
        "",
        "a cancelation reason needs a cancelled appointment",
    );
}

pub(crate) fn list(it: &List, at: &mut Scope<'_>) {
    let deleted = it
        .entry
        .iter()
        .any(|entry| exists(entry, entry.deleted.is_some(), "deleted"));
    at.require(
        !deleted || it.mode == Some(ListMode::Changes),
        "lst-2",
        "",
        "only a list of changes has deleted entries",
    );
    let dated = it
        .entry
        .iter()
        .any(|entry| exists(entry, entry.date.is_some(), "date"));
    at.require(
        !dated || it.mode == Some(ListMode::Working),
        "lst-3",
        "",
        "only a working list dates its entries",
    );
}

pub(crate) fn group(it: &Group, at: &mut Scope<'_>) {
    at.require(
        it.member.is_empty() || it.actual == Some(true),
        "grp-1",
        "",
        "only an actual group has members",
    );
}

pub(crate) fn linkage(it: &Linkage, at: &mut Scope<'_>) {
    at.require(it.item.len() > 1, "lnk-1", "", "a linkage has two items or more");
}

pub(crate) fn care_team_participant(it: &CareTeamParticipant, at: &mut Scope<'_>) {
    let member = it
        .member
        .as_ref()
        .and_then(|member| member.reference.as_deref())
        .and_then(reference_type);
    at.require(
        it.on_behalf_of.is_none() || matches!(member, None | Some("Practitioner")),
        "ctm-1",
        "",
        "only a Practitioner acts on behalf of an organization",
    );
}
