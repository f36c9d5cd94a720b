//! [Observation](https://hl7.org/fhir/R4/observation.html),
//! [DiagnosticReport](https://hl7.org/fhir/R4/diagnosticreport.html), [Specimen](https://hl7.org/fhir/R4/specimen.html).

use ehr_model as model;
use ehr_model::{Entry, RecordClass};

use super::extension;
use super::json::Tree;
use super::map::{Convert, Reader, Writer, said};
use super::mapping::mapping;
use super::member::clear_beside;
use super::{note, time};
use crate::r4::{self, Extension, ExtensionValue};

mapping!(model::Observation, r4::Observation {
    identifier, based_on, part_of, status, category, code, subject, focus, encounter, effective, performer, value,
    data_absent_reason, interpretation, note, body_site, method, specimen, device, reference_range, has_member,
    derived_from, component,
} required { status, code } read read_observation; write write_observation;);

fn read_observation(from: &r4::Observation, to: &mut model::Observation, cx: &Reader<'_>) {
    to.issued = time::read_instant(from.issued, from, "issued", cx);
    note::take_back(&from.note, &mut to.note);
    if to.data_absent_reason.is_none() {
        to.data_absent_reason = extension::set_aside(&from.extension, "dataAbsentReason");
    }
}

/// Rule obs-6: no reason for an absent value beside a value; obs-7: no value beside a component of the same code.
fn write_observation(from: &model::Observation, to: &mut r4::Observation, cx: &Writer<'_>) {
    to.issued = time::put_instant(from.issued, to, "issued");
    if cx.mirror {
        return;
    }
    if to.value.is_some()
        && let Some(reason) = to.data_absent_reason.take()
    {
        note::visible(
            &mut to.note,
            "The source states why there is no value",
            &note::concept_words(&reason),
        );
        to.extension.push(extension::other_type(
            "dataAbsentReason",
            ExtensionValue::CodeableConcept(reason),
        ));
    }
    let same_code = |component: &r4::ObservationComponent| {
        let (Some(a), Some(b)) = (&component.code, &to.code) else {
            return false;
        };
        a.coding
            .iter()
            .any(|a| b.coding.iter().any(|b| a.code == b.code && a.system == b.system))
    };
    if to.value.is_some() && to.component.iter().any(same_code) {
        to.value = None;
        clear_beside(to, "valueDateTime");
        let value = from
            .value
            .as_ref()
            .and_then(|value| super::choice::Loose::loose(value, cx));
        if let Some(value) = value {
            let words = value.value.as_deref().map(note::words).unwrap_or_default();
            note::visible(&mut to.note, "The source states a value of the whole", &words);
            to.extension.push(extension::aside("value", value));
        }
    }
}

/// OBX-4 of HL7 v2, as the guide HL7/v2-to-fhir writes it.
pub(super) fn sub_id(entry: &Entry) -> Option<Extension> {
    let is_observation = entry.class() == RecordClass::Observation;
    let sub_id = entry.origin.sub_id().filter(|_| is_observation)?;
    let whole = extension::string(ORIGINAL_SUB_ID, sub_id);
    Some(extension::complex(extension::V2_SUB_ID, vec![whole]))
}

/// The extension of a resource that [`sub_id`] wrote, and the text in it.
pub(super) fn find_sub_id(resource: &Tree) -> Option<(&Tree, &str)> {
    let is = |tree: &Tree, url: &str| tree.get("url").and_then(Tree::as_str) == Some(url);
    let mut extensions = resource.get("extension")?.items().iter();
    let found = extensions.find(|extension| is(extension, extension::V2_SUB_ID))?;
    let [whole] = found.get("extension")?.items() else {
        return None;
    };
    let text = whole.get("valueString").and_then(Tree::as_str)?;
    (is(whole, ORIGINAL_SUB_ID) && found.members().len() == 2 && whole.members().len() == 2)
        .then_some((found, text))
}

const ORIGINAL_SUB_ID: &str = "original-sub-identifier";

mapping!(model::ObservationComponent, r4::ObservationComponent {
    code, value, data_absent_reason, interpretation, reference_range,
} required { code });

mapping!(model::DiagnosticReport, r4::DiagnosticReport {
    identifier, based_on, status, category, code, subject, encounter, effective, performer, results_interpreter, specimen,
    result, imaging_study, media, conclusion, conclusion_code, presented_form,
} required { status, code } read read_report; write write_report;);

fn read_report(from: &r4::DiagnosticReport, to: &mut model::DiagnosticReport, cx: &Reader<'_>) {
    to.issued = time::read_instant(from.issued, from, "issued", cx);
    to.note = note::read(&from.extension, cx);
}

fn write_report(from: &model::DiagnosticReport, to: &mut r4::DiagnosticReport, cx: &Writer<'_>) {
    to.issued = time::put_instant(from.issued, to, "issued");
    to.extension.extend(note::write(&from.note, cx));
}

// A key image: the remark is the text, the image is what `author` refers to.
mapping!(model::Annotation, r4::DiagnosticReportMedia { text: comment, author: link } required { link });

mapping!(model::Specimen, r4::Specimen {
    identifier, accession_identifier, status, type_: r#type, subject, received_time, parent, request, condition, note,
} read read_specimen; write write_specimen;);

mapping!(
    model::Specimen,
    r4::SpecimenCollection {
        collector,
        collected,
        quantity,
        method,
        body_site
    }
);

fn read_specimen(from: &r4::Specimen, to: &mut model::Specimen, cx: &Reader<'_>) {
    if let Some(collection) = &from.collection {
        to.read_from(collection.as_ref(), cx);
    }
}

fn write_specimen(from: &model::Specimen, to: &mut r4::Specimen, cx: &Writer<'_>) {
    to.collection = said(from, cx);
}
