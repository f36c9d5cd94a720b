//! MSH and EVN: what a message is, from whom, and how it falls apart into patients.

use ehr_model::{Event, Reference};
use ehr_types::{CodeSystem, CodeableConcept, Coding, Identifier};

use super::conversion::Header;
use super::datatype::universal;
use super::group::{Grouped, group};
use super::reading::{At, Reading};
use super::table;

/// MSH and EVN.
pub(super) fn header(reading: &Reading<'_>) -> Header {
    let mut header = Header::default();
    let mut event = Event::default();
    for seg in reading.segments() {
        if seg.is("MSH") {
            let (facility, application) = (seg.at(4).part(1).text(), seg.at(3).part(1).text());
            header.sender.application = application
                .clone()
                .filter(|_| facility.is_some() && facility != application);
            header.sender.name = facility.or(application);
            header.code = seg.at(9).part(1).text().unwrap_or_default();
            header.event = seg.at(9).part(2).text().unwrap_or_default();
            event.activity = activity(seg.at(9));
            header.provenance.recorded = seg.at(7).time();
            header.provenance.control_id = seg.text(10);
            event.identifier = header.provenance.control_id.clone().map(|value| Identifier {
                value: Some(value),
                assigner: header.sender.name.clone(),
                ..Identifier::default()
            });
            // Version and character set were used to read the message.
            seg.at(12).mark();
            seg.all(18).for_each(|at| at.mark());
            match seg.at(11).peek_code().as_deref() {
                Some("P") => seg.at(11).leaf().mark(),
                Some("T" | "D") => {
                    let test = Coding::new(CodeSystem::V3_ACT_REASON.uri, "HTEST");
                    header.provenance.labels = vec![test.with_display("test health data")];
                }
                _ => {}
            }
        } else if seg.is("EVN") {
            if let Some(code) = seg.code(1) {
                let coding = Coding::new(table::uri(3), code.clone());
                let activity = event.activity.get_or_insert_with(CodeableConcept::default);
                if !activity.codings.iter().any(|known| known.is_same_as(&coding)) {
                    activity.codings.push(coding);
                }
                if header.event.is_empty() {
                    header.event = code;
                }
            }
            header.provenance.recorded = seg.at(2).time().or(header.provenance.recorded);
            event.reason.extend(header.sender.concept(seg.at(4), Some(62)));
            event.occurred = seg.at(6).time();
            event.location = facility(seg.at(7));
        }
    }
    event.recorded = header.provenance.recorded;
    header.provenance.event = (event != Event::default()).then_some(event);
    header
}

/// MSH-9: the event, with the code and the structure of the message, which say the same less or more exactly.
fn activity(at: At<'_>) -> Option<CodeableConcept> {
    let text = at.text()?;
    let coding = |part, number| Some(Coding::new(table::uri(number), at.part(part).peek()?));
    Some(CodeableConcept {
        codings: [coding(2, 3), coding(1, 76), coding(3, 354)]
            .into_iter()
            .flatten()
            .collect(),
        text: Some(text),
        ..CodeableConcept::default()
    })
}

/// HD as the place where something happened.
pub(super) fn facility(at: At<'_>) -> Option<Reference> {
    let (name, id) = (at.part(1).text(), at.part(2).text());
    let identifier = id.map(|id| {
        let kind = at.part(3).text();
        Identifier {
            system: universal(&id, kind.as_deref()).map(|_| "urn:ietf:rfc:3986".to_owned()),
            value: Some(universal(&id, kind.as_deref()).unwrap_or(id)),
            ..Identifier::default()
        }
    });
    (name.is_some() || identifier.is_some()).then(|| Reference {
        identifier,
        display: name,
        ..Reference::default()
    })
}

pub(super) fn grouped<'r>(reading: &'r Reading<'r>, header: &Header) -> Grouped<'r> {
    let samples_first = header.is("OUL") && matches!(header.event.as_str(), "R22" | "R23");
    group(reading.segments(), samples_first)
}

/// MSH-11: data of a test or a training is not of a patient.
pub(super) fn check_processing(reading: &Reading<'_>) {
    for seg in reading.segments().filter(|seg| seg.is("MSH")) {
        let at = seg.at(11);
        if matches!(at.peek_code().as_deref(), Some("T" | "D")) {
            at.warn(
                "v2.not-production",
                "MSH-11 says that this is a message of a test or of training",
            );
        }
    }
}

/// Events that ask for something that is for the receiver to decide: to delete a patient.
pub(super) fn check_event(reading: &Reading<'_>, header: &Header) {
    if !matches!(header.event.to_ascii_uppercase().as_str(), "A23" | "A29") {
        return;
    }
    for seg in reading.segments().filter(|seg| seg.is("MSH")) {
        seg.at(9).warn(
            "v2.delete.not-applied",
            "the event asks to delete the record of the patient; what is said of the patient here and before stays",
        );
    }
}
