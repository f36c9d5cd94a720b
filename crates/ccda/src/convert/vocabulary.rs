//! Code maps of the C-CDA on FHIR guide (ConceptMaps CF-*), as facts.

use ehr_model::{Allergens, AllergyKnowledge, NoneKnown, Status};
use ehr_types::{Absent, CodeSystem, CodeableConcept, Coding};

use crate::xml::Element;

/// OID of SNOMED CT.
pub(super) const SNOMED: &str = "2.16.840.1.113883.6.96";
/// OID of LOINC.
pub(super) const LOINC: &str = "2.16.840.1.113883.6.1";
/// OID of HL7 v3 ActCode.
pub(super) const ACT_CODE: &str = "2.16.840.1.113883.5.4";

pub(super) type Map = &'static [(&'static str, &'static str)];

/// CF-ConditionClinicalStatus: status of a concern act.
pub(super) const CONCERN_STATUS: Map = &[
    ("aborted", "inactive"),
    ("active", "active"),
    ("completed", "inactive"),
    ("suspended", "inactive"),
];
/// CF-ProblemStatus (SNOMED CT).
pub(super) const PROBLEM_STATUS: Map = &[
    ("246455001", "recurrence"),
    ("263855007", "relapse"),
    ("277022003", "remission"),
    ("413322009", "resolved"),
    ("55561003", "active"),
    ("73425007", "inactive"),
];
/// CF-AllergyStatus (SNOMED CT).
pub(super) const ALLERGY_STATUS: Map = &[
    ("413322009", "resolved"),
    ("73425007", "inactive"),
    ("55561003", "active"),
];
/// CF-Severity (SNOMED CT); "mild to moderate" and "moderate to severe" have no equivalent, "fatal" is severe.
pub(super) const SEVERITY: Map = &[
    ("255604002", "mild"),
    ("6736007", "moderate"),
    ("24484000", "severe"),
    ("399166001", "severe"),
];
/// CF-Criticality (v3 ObservationValue).
pub(super) const CRITICALITY: Map = &[("CRITH", "high"), ("CRITL", "low"), ("CRITU", "unable-to-assess")];
/// CF-AllergyIntoleranceType (SNOMED CT).
pub(super) const ALLERGY_TYPE: Map = &[
    ("235719002", "intolerance"),
    ("414285001", "allergy"),
    ("416098002", "allergy"),
    ("419199007", "allergy"),
    ("59037007", "intolerance"),
];
/// CF-AllergyIntoleranceCategory (SNOMED CT), with environmental allergy, which the value set of R2.1 has too.
pub(super) const ALLERGY_CATEGORY: Map = &[
    ("235719002", "food"),
    ("414285001", "food"),
    ("418471000", "food"),
    ("416098002", "medication"),
    ("419511003", "medication"),
    ("59037007", "medication"),
    ("426232007", "environment"),
];
/// CF-MedicationStatus.
pub(super) const MEDICATION_STATUS: Map = &[
    ("active", "active"),
    ("suspended", "on-hold"),
    ("held", "on-hold"),
    ("aborted", "stopped"),
    ("completed", "completed"),
    ("nullified", "entered-in-error"),
];
/// What a Medication Status Observation says: SNOMED CT codes of the value set of CCD, and its words.
pub(super) const MEDICATION_STATED: Map = &[
    ("55561003", "active"),
    ("421139008", "on-hold"),
    ("392521001", "completed"),
    ("73425007", "completed"),
    ("active", "active"),
    ("on hold", "on-hold"),
    ("prior history", "completed"),
    ("no longer active", "completed"),
    ("inactive", "completed"),
    ("completed", "completed"),
    ("discontinued", "stopped"),
];
/// v3 ActStatus to FHIR medicationdispense-status.
pub(super) const DISPENSE_STATUS: Map = &[
    ("active", "in-progress"),
    ("suspended", "on-hold"),
    ("held", "on-hold"),
    ("aborted", "stopped"),
    ("cancelled", "cancelled"),
    ("completed", "completed"),
    ("nullified", "entered-in-error"),
];
/// CF-ImmunizationStatus.
pub(super) const IMMUNIZATION_STATUS: Map = &[
    ("aborted", "not-done"),
    ("cancelled", "not-done"),
    ("completed", "completed"),
    ("held", "not-done"),
    ("new", "not-done"),
    ("nullified", "entered-in-error"),
    ("obsolete", "not-done"),
    ("suspended", "not-done"),
];
/// CF-ResultStatus and CF-ResultReportStatus.
pub(super) const RESULT_STATUS: Map = &[
    ("aborted", "cancelled"),
    ("active", "registered"),
    ("cancelled", "cancelled"),
    ("completed", "final"),
    ("held", "registered"),
    ("suspended", "registered"),
    ("nullified", "entered-in-error"),
];
/// CF-ProcedureStatus.
pub(super) const PROCEDURE_STATUS: Map = &[
    ("aborted", "stopped"),
    ("active", "in-progress"),
    ("cancelled", "not-done"),
    ("completed", "completed"),
    ("suspended", "on-hold"),
    ("held", "on-hold"),
    ("nullified", "entered-in-error"),
];
/// CF-EncounterStatus.
pub(super) const ENCOUNTER_STATUS: Map = &[
    ("aborted", "unknown"),
    ("active", "in-progress"),
    ("cancelled", "cancelled"),
    ("completed", "finished"),
    ("held", "planned"),
    ("new", "unknown"),
    ("suspended", "onleave"),
    ("nullified", "entered-in-error"),
];
/// v3 ActStatus to FHIR request-status.
pub(super) const REQUEST_STATUS: Map = &[
    ("new", "draft"),
    ("active", "active"),
    ("suspended", "on-hold"),
    ("held", "on-hold"),
    ("aborted", "revoked"),
    ("cancelled", "revoked"),
    ("completed", "completed"),
    ("nullified", "entered-in-error"),
];
/// v3 ActStatus to FHIR goal-status.
pub(super) const GOAL_STATUS: Map = &[
    ("new", "proposed"),
    ("active", "active"),
    ("suspended", "on-hold"),
    ("held", "on-hold"),
    ("aborted", "cancelled"),
    ("cancelled", "cancelled"),
    ("completed", "completed"),
    ("nullified", "entered-in-error"),
];
/// v3 ActStatus to FHIR care-team-status.
pub(super) const CARE_TEAM_STATUS: Map = &[
    ("new", "proposed"),
    ("active", "active"),
    ("suspended", "suspended"),
    ("held", "suspended"),
    ("aborted", "inactive"),
    ("cancelled", "inactive"),
    ("completed", "inactive"),
    ("nullified", "entered-in-error"),
];
/// v3 ActStatus to FHIR family history status (history-status).
pub(super) const HISTORY_STATUS: Map = &[
    ("completed", "completed"),
    ("active", "partial"),
    ("nullified", "entered-in-error"),
];
/// v3 ActMood to FHIR request-intent.
pub(super) const INTENT: Map = &[
    ("INT", "plan"),
    ("ARQ", "proposal"),
    ("PRP", "proposal"),
    ("PRMS", "plan"),
    ("RQO", "order"),
    ("APT", "order"),
];
/// CF-AdministrativeGender.
pub(super) const GENDER: Map = &[("M", "male"), ("F", "female"), ("UN", "other")];

pub(super) fn translate(map: Map, code: &str) -> Option<&'static str> {
    map.iter().find(|(from, _)| *from == code).map(|(_, to)| *to)
}

/// The clinical status that a status observation says in words alone.
pub(super) fn status_word(concept: &CodeableConcept) -> Option<&'static str> {
    let words = concept.label()?.to_ascii_lowercase();
    [
        "active",
        "inactive",
        "resolved",
        "remission",
        "recurrence",
        "relapse",
    ]
    .into_iter()
    .find(|known| *known == words)
}

/// Whether a concept states in its codes that no allergy (of some kind) is known.
pub(super) fn is_none_known(concept: &CodeableConcept) -> AllergyKnowledge {
    match NoneKnown::of(concept) {
        Some(NoneKnown::Allergies(_)) => AllergyKnowledge::NoneKnown,
        _ => AllergyKnowledge::Present,
    }
}

/// The kind of allergy, or the substances at large, that a concept names in its codes (guide: CF-NoKnownAllergies).
pub(super) fn allergens(concept: &CodeableConcept) -> Option<Allergens> {
    concept.codings.iter().find_map(Allergens::of_coding)
}

/// A code element as a status: translated by the map where it can be, with the source's own code beside it.
pub(super) fn status(element: Option<Element<'_>>, map: Map) -> Option<Status> {
    let element = element?;
    let mut coding = element.to_coding();
    match &coding.code {
        Some(code) => {
            let code = translate(map, code);
            if coding.system.is_none() && element.is("statusCode") {
                coding.system = Some(CodeSystem::V3_ACT_STATUS.uri.to_owned());
            }
            Some(Status::translated(code, coding))
        }
        None => element.to_absent().map(absent_status),
    }
}

pub(super) fn absent_status(absent: Absent) -> Status {
    Status {
        absent: Some(absent),
        ..Status::default()
    }
}

/// The status that a concept has by a map over its codes of any system, with the first coding as the source's own.
pub(super) fn concept_status(concept: CodeableConcept, map: Map) -> Status {
    let code = concept
        .codings
        .iter()
        .filter_map(|coding| coding.code.as_deref())
        .find_map(|code| translate(map, code));
    let source = concept.codings.into_iter().next().or_else(|| {
        concept.text.map(|text| Coding {
            display: Some(text),
            ..Coding::default()
        })
    });
    Status {
        code: code.map(str::to_owned),
        source,
        absent: concept.absent,
    }
}

/// As [`concept_status`], of an element. Only what the status holds is read: further translations and words beside a code
/// stay residual.
pub(super) fn coded_status(element: Element<'_>, map: Map) -> Option<Status> {
    let concept = element.peek().to_concept()?;
    element.null_flavor();
    let mut elements = std::iter::once(element).chain(element.children("translation"));
    match elements.find(|element| element.peek().attribute("code").is_some()) {
        Some(coded) => {
            coded.to_coding();
        }
        None => {
            element.to_concept();
        }
    }
    Some(concept_status(concept, map))
}

/// A code of a FHIR code system followed by what the source said.
pub(super) fn fhir_concept(system: &str, code: &str, source: Option<CodeableConcept>) -> CodeableConcept {
    let mut concept = source.unwrap_or_default();
    concept.codings.insert(0, Coding::new(system, code));
    concept
}

/// The verification status, of this system, of what the source has nullified.
pub(super) fn entered_in_error(system: &str) -> CodeableConcept {
    let source = Coding::new(CodeSystem::V3_ACT_STATUS.uri, "nullified");
    fhir_concept(
        system,
        "entered-in-error",
        Some(CodeableConcept::from_coding(source)),
    )
}

/// Why a value is missing, as FHIR's data-absent-reason with the null flavour beside it.
pub(super) fn absent_concept(absent: Absent) -> CodeableConcept {
    let reason = Coding::new(
        "http://terminology.hl7.org/CodeSystem/data-absent-reason",
        absent.reason.code(),
    );
    let mut concept = CodeableConcept::from_coding(reason);
    if let Some(flavor) = &absent.source_code {
        concept
            .codings
            .push(Coding::new(CodeSystem::V3_NULL_FLAVOR.uri, flavor.as_str()));
    }
    concept.absent = Some(absent);
    concept
}

/// Base64 of text, for attachments.
pub(super) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |value: u32| {
        ALPHABET
            .get((value & 63) as usize)
            .map_or('=', |byte| char::from(*byte))
    };
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut group = chunk
            .iter()
            .fold(0_u32, |group, byte| (group << 8) | u32::from(*byte));
        group <<= 8 * (3 - chunk.len());
        for place in 0..4 {
            out.push(if place <= chunk.len() {
                digit(group >> (18 - 6 * place))
            } else {
                '='
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads() {
        for (text, expected) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
        ] {
            assert_eq!(base64(text.as_bytes()), expected);
        }
    }
}
