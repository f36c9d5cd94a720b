//! Problem and health concern acts, problem observations (guide page CF-problems).

use ehr_model::{Condition, EntryId, Observation, Occurrence, RecordClass, Reference, Value};
use ehr_types::{CodeSystem, CodeableConcept, Coding, Severity};

use super::absence::{is_none, none_known, speaks_of_all};
use super::concern::{Concern, unfinished};
use super::importer::{Importer, Scope};
use super::kind::{is_kind, read_code};
use super::phrase::{Said, said_by};
use super::statement::{
    code_of, encounter_around, ended, has_code, has_template, is_person, is_unknown, negated, occurrence,
    read_outline, retracted, says_nothing, sites, status_of, time_of,
};
use super::vocabulary::{
    ACT_CODE, CONCERN_STATUS, LOINC, PROBLEM_STATUS, RESULT_STATUS, SNOMED, entered_in_error, fhir_concept,
    status_word, translate,
};
use crate::datatype::Interval;
use crate::template::{EntryKind, SectionKind};
use crate::xml::Element;

const CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";
const VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/condition-category";
const US_CORE_CATEGORY: &str = "http://hl7.org/fhir/us/core/CodeSystem/condition-category";
/// LOINC: date of diagnosis.
const DIAGNOSED: &str = "77975-1";

impl<'d> Importer<'d> {
    /// A Problem Concern Act or another act that wraps problem observations: each becomes a condition.
    pub(super) fn problem_concern(&mut self, act: Element<'d>, scope: &Scope) -> Vec<EntryId> {
        let mut ids = Vec::new();
        let mut concern = Concern::new(act);
        for (_, inner) in self.open_related(act) {
            let kind = EntryKind::of(inner, SectionKind::Problems);
            if inner.is("observation") && kind == EntryKind::Problem {
                self.consume(inner);
                ids.extend(self.problem(inner, Some(&mut concern), scope));
            }
        }
        if ids.is_empty() {
            ids.extend(self.bare_concern(act, scope));
        }
        let scope = ids.first().map_or_else(|| scope.clone(), |id| scope.about(id));
        self.rest(act, &scope);
        ids
    }

    /// A Health Concern or Risk Concern Act.
    pub(super) fn health_concern(&mut self, act: Element<'d>, scope: &Scope) -> Vec<EntryId> {
        let scope = Scope {
            section: SectionKind::HealthConcerns,
            ..scope.clone()
        };
        let mut ids = Vec::new();
        let mut concern = Concern::new(act);
        for (_, inner) in self.open_related(act) {
            let problem = EntryKind::of(inner, SectionKind::Other) == EntryKind::Problem;
            if inner.is("observation") && problem {
                self.consume(inner);
                ids.extend(self.problem(inner, Some(&mut concern), &scope));
            }
        }
        if ids.is_empty() {
            ids.extend(self.bare_concern(act, &scope));
        }
        let scope = ids.first().map_or_else(|| scope.clone(), |id| scope.about(id));
        let others = self.rest(act, &scope);
        if ids.is_empty() {
            ids.extend(others.into_iter().filter_map(|reference| reference.target));
        }
        ids
    }

    /// A concern whose only statement is its own text or code.
    fn bare_concern(&mut self, act: Element<'d>, scope: &Scope) -> Option<EntryId> {
        if self.withholds_part(act) {
            // The words of the act are those of what is about somebody else.
            return None;
        }
        let text = act.child("text").and_then(|text| text.to_encapsulated().text);
        let generic = |code: &CodeableConcept| {
            let mut codes = code.codings.iter().filter_map(|coding| coding.code.as_deref());
            codes.any(is_kind) || code.label().is_none()
        };
        let code = act
            .child("code")
            .filter(|code| code.peek().to_concept().is_some_and(|code| !generic(&code)))
            .and_then(Element::to_concept);
        read_code(act);
        let code = match (code, text) {
            (Some(mut code), text) => {
                code.text = code.text.or(text);
                code
            }
            (None, Some(text)) => CodeableConcept::from_text(text),
            (None, None) => return None,
        };
        let slot = self.open(RecordClass::Condition, act, "").ok()?;
        let time = time_of(act);
        let status = act
            .child("statusCode")
            .and_then(|status| status.attribute("code"));
        let (recorder, recorded_date) = self.recorder(act);
        let mut record = Condition {
            identifier: act.to_identifiers(),
            clinical_status: status.map(concern_status),
            category: category(scope).into_iter().collect(),
            code: Some(code),
            subject: self.subject(),
            onset: time.start().map(Occurrence::DateTime),
            abatement: time.high.map(Occurrence::DateTime),
            recorder,
            recorded_date,
            note: self.notes(act),
            ..Condition::default()
        };
        if negated(act) {
            deny(&mut record, scope);
        }
        if retracted(act) {
            retract(&mut record);
        }
        Some(self.close(slot, record))
    }

    /// A Problem Observation.
    pub(super) fn problem(
        &mut self,
        observation: Element<'d>,
        mut concern: Option<&mut Concern<'d>>,
        scope: &Scope,
    ) -> Vec<EntryId> {
        if says_nothing(observation) || is_unknown(observation, SectionKind::Problems) {
            return Vec::new();
        }
        let slot = match self.open(RecordClass::Condition, observation, "") {
            Ok(slot) => slot,
            Err(id) => return vec![id],
        };
        if let Some(concern) = concern.as_deref_mut() {
            self.read_concern(concern, &slot);
        }
        read_outline(observation);
        let time = time_of(observation);
        let mut record = Condition {
            identifier: observation.to_identifiers(),
            category: category(scope).into_iter().collect(),
            code: problem_code(observation),
            subject: self.subject(),
            encounter: encounter_around(scope),
            onset: time.start().map(Occurrence::DateTime),
            abatement: time.high.map(Occurrence::DateTime),
            body_site: sites(observation),
            ..Condition::default()
        };
        // The kind of problem: complaint, diagnosis, finding….
        let kind = observation.child("code").and_then(Element::to_concept);
        record.category.extend(kind.filter(|kind| {
            kind.codings
                .iter()
                .any(|coding| !matches!(coding.code.as_deref(), None | Some("ASSERTION")))
        }));
        if negated(observation) || concern.as_ref().is_some_and(|concern| concern.is_negated) {
            deny(&mut record, scope);
        } else if speaks_of_all(scope, SectionKind::Problems)
            && let Some(code) = &record.code
            && said_by(SectionKind::Problems, code) == Some(Said::NoneKnown)
        {
            record.code = Some(none_known(SectionKind::Problems, record.code.take()));
        }
        self.condition_status(&mut record, observation, concern.as_deref(), &time);
        record.severity = self
            .take_observation(
                observation,
                &[(ACT_CODE, "SEV")],
                &["2.16.840.1.113883.10.20.22.4.8"],
            )
            .and_then(|severity| severity.child("value"))
            .and_then(Element::to_concept);
        if record.onset.is_none() {
            record.onset = self
                .take_observation(
                    observation,
                    &[(SNOMED, "445518008"), (LOINC, "30525-0")],
                    &["2.16.840.1.113883.10.20.22.4.31"],
                )
                .and_then(|age| age.child("value"))
                .and_then(Element::to_quantity)
                .map(Occurrence::Age);
        }
        let (recorder, recorded_date) = self.recorder(observation);
        record.recorder = recorder;
        record.recorded_date = recorded_date;
        let own = observation.children("informant");
        let mut informants: Vec<_> = own.filter_map(|informant| self.informant(informant)).collect();
        record.note = self.notes(observation);
        record.note.extend(unfinished(observation));
        if let Some(concern) = concern {
            informants.extend_from_slice(&concern.informants);
            record.note.append(&mut concern.note);
        }
        record.asserter = informants.into_iter().find(is_person);
        let scope = scope.about(&slot.id);
        for (kind, inner) in self.open_related(observation) {
            if inner.is("act") && has_code(inner, LOINC, DIAGNOSED) {
                self.consume(inner);
                self.date_of_diagnosis(inner, &scope);
                continue;
            }
            let made = self.statement(inner, &scope);
            if kind == "SPRT" {
                record.evidence_detail.extend(
                    made.into_iter()
                        .filter(|made| made.class == Some(RecordClass::Observation)),
                );
            }
        }
        for performer in observation.children("performer") {
            self.participant(performer);
        }
        vec![self.close(slot, record)]
    }

    /// A Date of Diagnosis Act: when the diagnosis was first made, which is neither onset nor recording.
    fn date_of_diagnosis(&mut self, act: Element<'d>, scope: &Scope) {
        let Ok(slot) = self.open(RecordClass::Observation, act, "") else {
            return;
        };
        read_outline(act);
        let record = Observation {
            identifier: act.to_identifiers(),
            status: status_of(act, RESULT_STATUS),
            code: code_of(act),
            subject: self.subject(),
            focus: scope.focus.iter().map(Reference::to).collect(),
            value: occurrence(&time_of(act)).and_then(|time| match time {
                Occurrence::DateTime(time) => Some(Value::DateTime(time)),
                Occurrence::Period(period) => Some(Value::Period(period)),
                _ => None,
            }),
            note: self.notes(act),
            ..Observation::default()
        };
        let id = self.close(slot, record);
        self.rest(act, &scope.about(&id));
    }

    fn condition_status(
        &mut self,
        record: &mut Condition,
        observation: Element<'d>,
        concern: Option<&Concern<'d>>,
        time: &Interval,
    ) {
        if retracted(observation) || concern.is_some_and(|concern| concern.is_nullified) {
            retract(record);
            return;
        }
        let stated = self
            .take_observation(
                observation,
                &[(LOINC, "33999-4")],
                &[
                    "2.16.840.1.113883.10.20.22.4.6",
                    "2.16.840.1.113883.10.20.1.50",
                    "2.16.840.1.113883.10.20.1.57",
                ],
            )
            .and_then(|status| {
                read_code(status);
                status.child("value").and_then(Element::to_concept)
            });
        let concern_status = concern.and_then(|concern| concern.status);
        let over = ended(time);
        let translated = stated.as_ref().and_then(|value| {
            let mut codes = value.codings.iter().filter_map(|coding| coding.code.as_deref());
            codes
                .find_map(|code| translate(PROBLEM_STATUS, code))
                .or_else(|| status_word(value))
        });
        let code = match translated {
            // An unknown end does not overrule a status that says otherwise; a known one does, as the guide has it.
            Some("active" | "relapse" | "recurrence") if time.high.is_some() => {
                observation.report(
                    Severity::Warning,
                    "ccda.problem.status-contradiction",
                    "the problem is stated active and to have ended; taken as inactive",
                );
                Some("inactive")
            }
            Some(code) => Some(code),
            None if over && stated.is_none() => Some("resolved"),
            None => concern_status.and_then(|code| translate(CONCERN_STATUS, code)),
        };
        let source = stated.or_else(|| {
            concern_status
                .map(|code| CodeableConcept::from_coding(Coding::new(CodeSystem::V3_ACT_STATUS.uri, code)))
        });
        record.clinical_status = match code {
            Some(code) => Some(fhir_concept(CLINICAL, code, source)),
            None => source,
        };
    }

    /// Diagnoses wrapped in an act under an encounter.
    pub(super) fn diagnoses(&mut self, statement: Element<'d>, scope: &Scope) -> Vec<Reference> {
        let mut out = Vec::new();
        let scope = Scope {
            section_code: Some("46240-8".to_owned()),
            section: SectionKind::Problems,
            ..scope.clone()
        };
        for (_, inner) in self.open_related(statement) {
            let diagnosis = has_template(inner, "2.16.840.1.113883.10.20.22.4.80")
                || (inner.is("act")
                    && inner
                        .child("code")
                        .is_some_and(|code| code.has_code(LOINC, "29308-4")));
            if diagnosis {
                self.consume(inner);
                out.extend(self.problem_concern(inner, &scope).iter().map(Reference::to));
            }
        }
        out
    }
}

fn problem_code(observation: Element<'_>) -> Option<CodeableConcept> {
    let mut concept = observation.child("value").and_then(Element::to_concept);
    for value in observation.children("value").skip(1) {
        if let (Some(concept), Some(more)) = (&mut concept, value.to_concept()) {
            concept.codings.extend(more.codings);
        }
    }
    let wordless = concept
        .as_ref()
        .is_none_or(|concept| concept.text.is_none() && concept.codings.is_empty());
    if wordless {
        let words = observation
            .child("text")
            .and_then(|text| text.to_encapsulated().text);
        if let Some(words) = words {
            concept.get_or_insert_default().text = Some(words);
        }
    }
    concept
}

/// The category that the section gives to its conditions (CF-ProblemCategory).
pub(super) fn category(scope: &Scope) -> Option<CodeableConcept> {
    let coding = match scope.section_code.as_deref() {
        Some("46240-8" | "11535-2" | "46241-6" | "78375-3") => Coding::new(CATEGORY, "encounter-diagnosis"),
        Some("75310-3") => Coding::new(US_CORE_CATEGORY, "health-concern"),
        Some("11450-4") => Coding::new(CATEGORY, "problem-list-item"),
        _ => match scope.section {
            SectionKind::HealthConcerns => Coding::new(US_CORE_CATEGORY, "health-concern"),
            // A section known as the problem list by its template alone, its code being wrong.
            SectionKind::Problems if scope.section_code.is_none() => {
                Coding::new(CATEGORY, "problem-list-item")
            }
            _ => return None,
        },
    };
    Some(CodeableConcept::from_coding(coding))
}

fn concern_status(code: &str) -> CodeableConcept {
    let source = CodeableConcept::from_coding(Coding::new(CodeSystem::V3_ACT_STATUS.uri, code));
    match translate(CONCERN_STATUS, code) {
        Some(translated) => fhir_concept(CLINICAL, translated, Some(source)),
        None => source,
    }
}

/// A problem that was entered in error: FHIR gives it no clinical status.
fn retract(record: &mut Condition) {
    record.clinical_status = None;
    record.verification_status = Some(entered_in_error(VERIFICATION));
}

/// A negated problem: "no known problems" where problems at large are denied in the problem list, else a refuted one.
fn deny(record: &mut Condition, scope: &Scope) {
    let list = SectionKind::Problems;
    if is_none(list, record.code.as_ref(), scope) {
        record.code = Some(none_known(list, record.code.take()));
    } else {
        record.verification_status = Some(fhir_concept(VERIFICATION, "refuted", None));
    }
}
