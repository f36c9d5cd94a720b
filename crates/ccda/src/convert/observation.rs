//! Observations of every kind: results, vital signs, social history, status (guide pages CF-results, CF-vitals, CF-social).

use ehr_model::{
    Deceased, EntryId, Observation, ObservationComponent, Occurrence, RecordClass, Reference, Value,
};
use ehr_types::{CodeSystem, CodeableConcept, Coding, Period, Severity};

use super::importer::{Importer, Scope};
use super::kind::read_code;
use super::statement::{
    code_of, denied, has_code, has_template, is_actor, negated, occurrence, part_of, related, status_of,
    time_of,
};
use super::value::{further_values, in_words, observed, reference_range};
use super::vocabulary::{LOINC, RESULT_STATUS};
use crate::template::{EntryKind, SectionKind};
use crate::xml::Element;

const DECEASED_OBSERVATION: &str = "2.16.840.1.113883.10.20.22.4.79";
/// SNOMED CT: dead.
const DEAD: &str = "419099009";

const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";
const US_CORE_CATEGORY: &str = "http://hl7.org/fhir/us/core/CodeSystem/us-core-category";

impl<'d> Importer<'d> {
    /// An observation as an entry of its own.
    pub(super) fn observation(
        &mut self,
        element: Element<'d>,
        kind: EntryKind,
        scope: &Scope,
    ) -> Vec<EntryId> {
        let slot = match self.open(RecordClass::Observation, element, "") {
            Ok(slot) => slot,
            Err(id) => return vec![id],
        };
        let mut record = self.observation_record(element, kind, scope);
        self.death(element, &record);
        let about = scope.about(&slot.id);
        // Estimated delivery dates and the like belong to the observation itself.
        if is_pregnancy(element) {
            for (_, inner) in self.open_related(element) {
                let plain = related(inner).is_empty() && !denied(inner);
                if inner.is("observation") && plain && inner.child("value").is_some() {
                    self.consume(inner);
                    self.own(&slot, inner);
                    let component = Self::component(inner);
                    record
                        .note
                        .extend(further_values(inner, component.value.as_ref()));
                    record.component.push(component);
                }
            }
        }
        for made in self.rest(element, &about) {
            if made.class == Some(RecordClass::Observation) {
                record.has_member.push(made);
            }
        }
        vec![self.close(slot, record)]
    }

    /// What an observation says, without the statements related to it.
    pub(super) fn observation_record(
        &mut self,
        element: Element<'d>,
        kind: EntryKind,
        scope: &Scope,
    ) -> Observation {
        element.attribute("moodCode");
        let time = time_of(element);
        // What is denied is said in words; its codes stay residual.
        let (mut value, mut absent) = observed(if negated(element) { element.peek() } else { element });
        if negated(element) {
            // "Was not observed": the value must not be read as a finding.
            element.report(
                Severity::Information,
                "ccda.observation.negated",
                "a negated observation; its value is kept as what was denied",
            );
        }
        let (_, issued) = self.recorder(element);
        let mut record = Observation {
            identifier: element.to_identifiers(),
            status: status_of(element, RESULT_STATUS),
            category: category(element, kind, scope).into_iter().collect(),
            code: code_of(element),
            subject: self.subject(),
            encounter: self.encounter_of(scope),
            effective: occurrence(&time),
            issued,
            part_of: part_of(scope)
                .into_iter()
                .filter(|r| r.class == Some(RecordClass::Procedure))
                .collect(),
            interpretation: element
                .children("interpretationCode")
                .filter_map(Element::to_concept)
                .filter(|c| !c.codings.is_empty() || c.text.is_some())
                .collect(),
            method: element.child("methodCode").and_then(Element::to_concept),
            body_site: element.child("targetSiteCode").and_then(Element::to_concept),
            reference_range: element
                .children("referenceRange")
                .filter_map(reference_range)
                .collect(),
            ..Observation::default()
        };
        if is_pregnancy(element)
            && let Some(code) = &mut record.code
            && code
                .codings
                .iter()
                .all(|coding| coding.code.as_deref() == Some("ASSERTION"))
        {
            // The guide: until R4 the template asserts; the observation is of the status of pregnancy.
            code.codings = vec![Coding::new(CodeSystem::LOINC.uri, "82810-3")];
        }
        if kind == EntryKind::VitalSign
            && let Some(code) = &mut record.code
        {
            super::vital_sign::complete_oximetry(code);
        }
        if is_pregnancy(element) || has_code(element, LOINC, "86645-9") {
            // The guide: FHIR has one time of a pregnancy's status, and "unknown" is an answer.
            if let Some(Occurrence::Period(Period {
                start: Some(start),
                end: None,
                ..
            })) = record.effective
            {
                record.effective = Some(Occurrence::DateTime(start));
            }
            let unknown = |value: &Element<'_>| value.peek().null_flavor() == Some("UNK");
            if value.is_none() && element.child("value").as_ref().is_some_and(unknown) {
                let coding = Coding::new(CodeSystem::V3_NULL_FLAVOR.uri, "UNK");
                value = Some(Value::CodeableConcept(CodeableConcept::from_coding(coding)));
            }
        }
        record.note = further_values(element, value.as_ref());
        if negated(element) {
            // FHIR has no negated observation: what was denied is not a value, and that it is denied does not say that
            // nobody looked.
            let reason = if value.is_some() {
                "unknown"
            } else {
                "not-performed"
            };
            let mut reason = CodeableConcept::from_coding(Coding::new(
                "http://terminology.hl7.org/CodeSystem/data-absent-reason",
                reason,
            ));
            reason.text = value.as_ref().map(denial);
            record
                .note
                .extend(reason.text.clone().map(|text| ehr_model::Annotation {
                    text,
                    ..ehr_model::Annotation::default()
                }));
            absent = Some(reason);
        } else {
            record.value = value;
        }
        if record.value.is_none() {
            record.data_absent_reason = absent;
        }
        if let Some(focus) = &scope.focus
            && matches!(
                focus.class,
                RecordClass::Condition
                    | RecordClass::AllergyIntolerance
                    | RecordClass::MedicationStatement
                    | RecordClass::MedicationRequest
                    | RecordClass::Immunization
                    | RecordClass::Encounter
                    | RecordClass::Device
                    | RecordClass::Goal
            )
        {
            record.focus.push(Reference::to(focus));
        }
        record.performer = self.observers(element);
        record.specimen = self.first_specimen(element, scope);
        let notes = self.notes(element);
        record.note.extend(notes);
        record
    }

    /// A Deceased Observation: the patient died, where the header does not say whether.
    fn death(&mut self, element: Element<'d>, record: &Observation) {
        let is_dead = matches!(&record.value, Some(Value::CodeableConcept(value)) if value.has_code(CodeSystem::SNOMED_CT.uri, DEAD));
        let stands = !record
            .status
            .as_ref()
            .is_some_and(|status| status.is("entered-in-error"));
        if !is_dead || !stands || !has_template(element, DECEASED_OBSERVATION) {
            return;
        }
        if let Some((_, patient)) = &mut self.patient {
            patient.deceased.get_or_insert(match record.effective {
                Some(Occurrence::DateTime(time)) => Deceased::DateTime(time),
                _ => Deceased::Boolean(true),
            });
        }
    }

    /// Who observed: performers, else authors that are people or organizations.
    fn observers(&mut self, element: Element<'d>) -> Vec<Reference> {
        let mut out = self.performing(element);
        let participants: Vec<_> = element.children("participant").collect();
        for participant in participants {
            if let Some(role) = participant.child("participantRole") {
                let named = role
                    .child("playingEntity")
                    .is_some_and(|entity| entity.child("name").is_some());
                match role.peek().attribute("classCode") {
                    Some("SDLOC") => {
                        self.location(role);
                    }
                    Some("MANU") if role.child("playingDevice").is_some() => {
                        self.device(role);
                    }
                    Some("MANU") => {}
                    _ if named => out.extend(self.actor(role)),
                    _ => {}
                }
            }
        }
        if out.is_empty() {
            out = self.own_authors(element).0;
        }
        out.retain(is_actor);
        out
    }

    /// A nested observation as a component of the one around it.
    pub(super) fn component(element: Element<'d>) -> ObservationComponent {
        super::statement::read_outline(element);
        let (value, absent) = observed(element);
        ObservationComponent {
            code: code_of(element),
            data_absent_reason: absent.filter(|_| value.is_none()),
            value,
            interpretation: element
                .children("interpretationCode")
                .filter_map(Element::to_concept)
                .filter(|c| !c.codings.is_empty())
                .collect(),
            reference_range: element
                .children("referenceRange")
                .filter_map(reference_range)
                .collect(),
        }
    }

    /// Birth sex, gender identity and tribal affiliation say something of the patient. Without one they are observations.
    pub(super) fn patient_observation(
        &mut self,
        element: Element<'d>,
        kind: EntryKind,
        scope: &Scope,
    ) -> Vec<EntryId> {
        if denied(element) {
            return self.observation(element, EntryKind::SocialHistory, scope);
        }
        let Some((slot, mut patient)) = self.patient.take() else {
            return self.observation(element, EntryKind::SocialHistory, scope);
        };
        let id = slot.id.clone();
        let current = time_of(element.peek()).high.is_none();
        let concept = element.child("value").and_then(Element::to_concept);
        super::statement::read_outline(element);
        read_code(element);
        self.own(&slot, element);
        if let Some(concept) = concept {
            match kind {
                EntryKind::BirthSex if patient.birth_sex.is_none() => patient.birth_sex = Some(concept),
                EntryKind::GenderIdentity if current => patient.gender_identity.push(concept),
                EntryKind::TribalAffiliation => patient.tribal_affiliation.push(concept),
                _ => {
                    self.patient = Some((slot, patient));
                    return self.observation(element, EntryKind::SocialHistory, scope);
                }
            }
        }
        self.patient = Some((slot, patient));
        self.rest(element, scope);
        vec![id]
    }
}

fn is_pregnancy(element: Element<'_>) -> bool {
    has_template(element, "2.16.840.1.113883.10.20.15.3.8")
        || has_template(element, "2.16.840.1.113883.10.20.22.4.293")
        || has_code(element, LOINC, "82810-3")
}

fn denial(value: &Value) -> String {
    in_words(value).map_or_else(
        || "What was observed is denied".to_owned(),
        |words| format!("Not so: {words}"),
    )
}

/// The category that the kind of statement or its section gives.
fn category(element: Element<'_>, kind: EntryKind, scope: &Scope) -> Option<CodeableConcept> {
    let coding = match (kind, scope.section) {
        (EntryKind::VitalSign, _) | (EntryKind::Observation, SectionKind::VitalSigns) => {
            Coding::new(CATEGORY, "vital-signs")
        }
        (EntryKind::SocialHistory, _) | (EntryKind::Observation, SectionKind::SocialHistory) => {
            Coding::new(CATEGORY, "social-history")
        }
        (EntryKind::Status, SectionKind::FunctionalStatus) => {
            Coding::new(US_CORE_CATEGORY, "functional-status")
        }
        (EntryKind::Status, SectionKind::MentalStatus) => Coding::new(US_CORE_CATEGORY, "cognitive-status"),
        (EntryKind::Status, _) => Coding::new(CATEGORY, "survey"),
        // Without a table of LOINC classes only measured values, and what is reported with them, are surely of the
        // laboratory.
        (EntryKind::Result, SectionKind::Results) if scope.laboratory || is_measured(element) => {
            Coding::new(CATEGORY, "laboratory")
        }
        _ => return None,
    };
    Some(CodeableConcept::from_coding(coding))
}

/// Whether a result has the form of a laboratory test: a quantity, a reference range, or a specimen.
pub(super) fn is_measured(element: Element<'_>) -> bool {
    let quantity = element.child("value").is_some_and(|value| {
        matches!(
            value.peek().xsi_type(),
            Some("PQ" | "IVL_PQ" | "RTO_PQ_PQ" | "REAL" | "INT")
        )
    });
    quantity || element.child("referenceRange").is_some() || element.child("specimen").is_some()
}
