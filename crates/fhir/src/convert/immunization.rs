//! [Immunization](https://hl7.org/fhir/R4/immunization.html).

use ehr_model as model;

use super::extension;
use super::map::{Writer, is_empty};
use super::mapping::mapping;
use crate::r4;

mapping!(model::Immunization, r4::Immunization {
    identifier, status, status_reason, vaccine_code, patient, encounter, occurrence, recorded, primary_source,
    report_origin, location, manufacturer, lot_number, expiration_date, site, route, dose_quantity, performer, note,
    reason_code, reason_reference, is_subpotent, subpotent_reason, education, program_eligibility, funding_source,
    reaction, protocol_applied,
} required { status, vaccine_code, patient } write write_immunization;);

fn write_immunization(_: &model::Immunization, to: &mut r4::Immunization, cx: &Writer<'_>) {
    if !cx.mirror && to.occurrence.is_none() {
        extension::explain(to, "occurrenceDateTime", extension::unknown());
    }
}

mapping!(model::VaccineEducation, r4::ImmunizationEducation {
    document_type, reference, publication_date, presentation_date,
} write write_education;);

/// Rule imm-1: what was given to read is named by its identifier or its place.
fn write_education(_: &model::VaccineEducation, to: &mut r4::ImmunizationEducation, cx: &Writer<'_>) {
    if !cx.mirror && !is_empty(to) && to.document_type.is_none() && to.reference.is_none() {
        extension::explain(to, "documentType", extension::unknown());
    }
}

mapping!(
    model::ImmunizationReaction,
    r4::ImmunizationReaction {
        date,
        detail,
        reported
    }
);

mapping!(model::ProtocolApplied, r4::ImmunizationProtocolApplied {
    series, authority, target_disease, dose_number, series_doses,
} write write_protocol;);

fn write_protocol(_: &model::ProtocolApplied, to: &mut r4::ImmunizationProtocolApplied, cx: &Writer<'_>) {
    if !cx.mirror && !is_empty(to) && to.dose_number.is_none() {
        extension::explain(to, "doseNumberString", extension::unknown());
    }
}
