//! Allergy concern acts and allergy–intolerance observations (guide page CF-allergies).

use ehr_model::{AllergyIntolerance, AllergyKnowledge, EntryId, Occurrence, Reaction, RecordClass, Status};
use ehr_types::{AbsentReason, CodeSystem, CodeableConcept, Coding};

use super::importer::{Importer, Scope};
use super::statement::{ended, has_template, is_person, negated, read_code, read_outline, time_of};
use super::vocabulary::{
    ACT_CODE, ALLERGY_CATEGORY, ALLERGY_STATUS, ALLERGY_TYPE, CONCERN_STATUS, CRITICALITY, LOINC,
    NO_KNOWN_ALLERGY, SEVERITY, concept_status, fhir_concept, is_none_known, status_word, translate,
};
use crate::datatype::Interval;
use crate::xml::Element;

const CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical";
const VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification";

impl<'d> Importer<'d> {
    /// An Allergy Concern Act: each observation inside becomes an allergy.
    pub(super) fn allergy_concern(&mut self, act: Element<'d>, scope: &Scope) -> Vec<EntryId> {
        let mut ids = Vec::new();
        for (_, inner) in self.open_related(act) {
            if inner.is("observation") {
                self.consume(inner);
                ids.extend(self.allergy(inner, Some(act), scope));
            }
        }
        if ids.is_empty() {
            // A concern about nothing: "no information" if it says so, else nothing to state.
            ids.extend(self.empty_concern(act));
        }
        let scope = ids.first().map_or_else(|| scope.clone(), |id| scope.about(id));
        self.rest(act, &scope);
        ids
    }

    fn empty_concern(&mut self, act: Element<'d>) -> Option<EntryId> {
        let absent = act.to_absent();
        let note = self.notes(act);
        let code = absent.map(CodeableConcept::from_absent);
        if code.is_none() && note.is_empty() {
            return None;
        }
        let slot = self.open(RecordClass::AllergyIntolerance, act, "").ok()?;
        let record = AllergyIntolerance {
            identifier: act.to_identifiers(),
            knowledge: AllergyKnowledge::NotAsked,
            code,
            patient: self.subject(),
            note,
            ..AllergyIntolerance::default()
        };
        Some(self.close(slot, record))
    }

    /// An Allergy – Intolerance Observation.
    pub(super) fn allergy(
        &mut self,
        observation: Element<'d>,
        concern: Option<Element<'d>>,
        scope: &Scope,
    ) -> Vec<EntryId> {
        let slot = match self.open(RecordClass::AllergyIntolerance, observation, "") {
            Ok(slot) => slot,
            Err(id) => return vec![id],
        };
        if let Some(act) = concern {
            // What only the first observation of a concern can hold.
            self.own(&slot, act);
        }
        read_outline(observation);
        read_code(observation);
        let negated = negated(observation);
        // Older documents name the kind of allergy in the code.
        let kind = observation.child("value").and_then(Element::to_concept);
        let coded = kind
            .as_ref()
            .is_some_and(|kind| kind.codings.iter().any(|coding| coding.code.is_some()));
        let kind = if coded {
            kind
        } else {
            let code = observation.child("code").and_then(Element::to_concept);
            let known = |code: &CodeableConcept| {
                code.codings
                    .iter()
                    .filter_map(|c| c.code.as_deref())
                    .any(|c| NO_KNOWN_ALLERGY.iter().any(|(known, _)| *known == c))
            };
            code.filter(known).or(kind)
        };
        let substance = substance(observation);
        let time = time_of(observation);

        let mut record = AllergyIntolerance {
            identifier: observation.to_identifiers(),
            patient: self.subject(),
            onset: time.start().map(Occurrence::DateTime),
            abatement: time.high,
            ..AllergyIntolerance::default()
        };
        if let Some(kind) = &kind {
            let codes = || kind.codings.iter().filter_map(|coding| coding.code.as_deref());
            let category = codes().find_map(|code| translate(ALLERGY_CATEGORY, code));
            record.category.extend(category.map(str::to_owned));
            let status = concept_status(kind.clone(), ALLERGY_TYPE);
            record.type_ = (status.code.is_some() || status.source.is_some()).then_some(status);
        }
        knowledge(&mut record, negated, kind, substance);
        self.allergy_status(&mut record, observation, concern, &time);
        record.criticality = self
            .take_observation(
                observation,
                &[(LOINC, "82606-5")],
                &["2.16.840.1.113883.10.20.22.4.145"],
            )
            .and_then(|criticality| criticality.child("value"))
            .and_then(Element::to_concept)
            .map(|value| concept_status(value, CRITICALITY));
        self.reactions(&mut record, observation);
        let (recorder, recorded_date) = self.recorder(observation);
        record.recorder = recorder;
        record.recorded_date = recorded_date;
        record.asserter = observation
            .children("informant")
            .filter_map(|i| self.informant(i))
            .find(is_person);
        record.note = self.notes(observation);
        if let Some(act) = concern {
            record.note.extend(self.notes(act));
        }
        let id = self.close(slot, record);
        self.rest(observation, &scope.about(&id));
        vec![id]
    }

    fn allergy_status(
        &mut self,
        record: &mut AllergyIntolerance,
        observation: Element<'d>,
        concern: Option<Element<'d>>,
        time: &Interval,
    ) {
        let stated = self
            .take_observation(
                observation,
                &[(LOINC, "33999-4")],
                &["2.16.840.1.113883.10.20.22.4.28", "2.16.840.1.113883.10.20.1.39"],
            )
            .and_then(|status| status.child("value"))
            .and_then(Element::to_concept);
        let concern_status = concern
            .and_then(|act| act.child("statusCode"))
            .and_then(|status| status.attribute("code"));
        if let Some(act) = concern {
            read_outline(act);
            read_code(act);
        }
        let translated = stated.as_ref().and_then(|value| {
            let mut codes = value.codings.iter().filter_map(|coding| coding.code.as_deref());
            codes
                .find_map(|code| translate(ALLERGY_STATUS, code))
                .or_else(|| {
                    status_word(value).filter(|word| matches!(*word, "active" | "inactive" | "resolved"))
                })
        });
        let over = ended(time);
        let code = translated
            .or_else(|| over.then_some("inactive").filter(|_| stated.is_none()))
            .or_else(|| concern_status.and_then(|code| translate(CONCERN_STATUS, code)));
        let source = stated.or_else(|| {
            let code = concern_status?;
            Some(CodeableConcept::from_coding(Coding::new(
                CodeSystem::V3_ACT_STATUS.uri,
                code,
            )))
        });
        record.clinical_status = match code {
            Some(code) => Some(fhir_concept(CLINICAL, code, source)),
            None => source,
        };
        let nullified = concern_status == Some("nullified")
            || observation.child("statusCode").and_then(|s| s.attribute("code")) == Some("nullified");
        if nullified {
            record.verification_status = Some(fhir_concept(VERIFICATION, "entered-in-error", None));
        }
    }

    fn reactions(&mut self, record: &mut AllergyIntolerance, observation: Element<'d>) {
        let overall = self.severity(observation);
        for (kind, inner) in self.open_related(observation) {
            let is_reaction = kind == "MFST" || has_template(inner, "2.16.840.1.113883.10.20.22.4.9");
            if !inner.is("observation") || !is_reaction {
                continue;
            }
            self.consume(inner);
            read_outline(inner);
            read_code(inner);
            inner.to_identifiers();
            let value = inner
                .child("value")
                .and_then(Element::to_concept)
                .filter(|v| !v.codings.is_empty() || v.text.is_some());
            let text = inner.child("text").and_then(|text| text.to_encapsulated().text);
            let time = time_of(inner);
            let manifestation: Vec<_> = match (value, &text) {
                (Some(value), _) => vec![value],
                (None, Some(text)) => vec![CodeableConcept::from_text(text.clone())],
                (None, None) => inner
                    .child("value")
                    .and_then(Element::to_concept)
                    .into_iter()
                    .collect(),
            };
            let severity = self.severity(inner);
            let note = self.notes(inner);
            record.reaction.push(Reaction {
                description: text
                    .filter(|text| manifestation.first().and_then(CodeableConcept::label) != Some(text)),
                manifestation,
                onset: time.start(),
                // The guide: the allergy's severity stands for that of each reaction without one.
                severity: severity.or_else(|| overall.clone()),
                note,
                ..Reaction::default()
            });
        }
        if record.reaction.is_empty()
            && let Some(severity) = overall
        {
            record.reaction.push(Reaction {
                severity: Some(severity),
                ..Reaction::default()
            });
        }
    }

    /// The severity observation directly under a statement.
    fn severity(&mut self, statement: Element<'d>) -> Option<Status> {
        self.take_observation(
            statement,
            &[(ACT_CODE, "SEV")],
            &["2.16.840.1.113883.10.20.22.4.8", "2.16.840.1.113883.10.20.1.55"],
        )
        .and_then(|severity| {
            read_code(severity);
            severity.to_identifiers();
            severity.child("value").and_then(Element::to_concept).or_else(|| {
                severity
                    .child("text")
                    .and_then(|text| text.to_encapsulated().text)
                    .map(CodeableConcept::from_text)
            })
        })
        .map(|value| concept_status(value, SEVERITY))
        .filter(|status| status.code.is_some() || status.source.is_some())
    }
}

/// The substance: the entity that plays the consumable participant.
fn substance(observation: Element<'_>) -> Option<CodeableConcept> {
    for participant in observation.children("participant") {
        if participant
            .peek()
            .attribute("typeCode")
            .is_some_and(|code| code != "CSM")
        {
            continue;
        }
        let Some(entity) = participant.find(&["participantRole", "playingEntity"]) else {
            continue;
        };
        let name = entity.child("name");
        let words = name.and_then(|name| name.peek().to_organization_name());
        let read = || name.and_then(Element::to_organization_name);
        return match entity.child("code").and_then(Element::to_concept) {
            Some(mut concept) => {
                let displays = concept
                    .codings
                    .iter()
                    .filter_map(|coding| coding.display.as_ref());
                let repeated = displays
                    .chain(&concept.text)
                    .any(|known| Some(known) == words.as_ref());
                if concept.text.is_none() || repeated {
                    let words = read();
                    concept.text = concept.text.or(words);
                }
                Some(concept)
            }
            None => read().map(CodeableConcept::from_text),
        };
    }
    None
}

/// What is stated: an allergy, that none is known, or that nobody can say.
fn knowledge(
    record: &mut AllergyIntolerance,
    negated: bool,
    kind: Option<CodeableConcept>,
    substance: Option<CodeableConcept>,
) {
    let named = substance
        .as_ref()
        .is_some_and(|s| !s.codings.is_empty() || s.text.is_some());
    record.knowledge = substance.as_ref().map(is_none_known).unwrap_or_default();
    if record.knowledge == AllergyKnowledge::Present
        && !named
        && let Some(kind) = &kind
    {
        record.knowledge = is_none_known(kind);
        if record.knowledge == AllergyKnowledge::NoneKnown {
            record.code = Some(kind.clone());
            return;
        }
    }
    if negated {
        record.knowledge = AllergyKnowledge::NoneKnown;
        let narrower = kind.as_ref().and_then(|kind| {
            let mut codes = kind.codings.iter().filter_map(|coding| coding.code.as_deref());
            codes.find_map(|code| translate(NO_KNOWN_ALLERGY, code))
        });
        record.code = match (named, narrower) {
            // "Not allergic to this": the substance says to what.
            (true, _) => substance,
            (false, Some(code)) => Some(fhir_concept(CodeSystem::SNOMED_CT.uri, code, substance)),
            (false, None) => substance.or(kind),
        };
        return;
    }
    if named {
        record.code = substance;
        return;
    }
    let reason = substance
        .as_ref()
        .and_then(|s| s.absent.as_ref())
        .or(kind.as_ref().and_then(|k| k.absent.as_ref()));
    let unknown = reason.is_some_and(|absent| {
        !matches!(
            absent.reason,
            AbsentReason::Unsupported | AbsentReason::AsText | AbsentReason::Masked
        )
    });
    if unknown && record.knowledge == AllergyKnowledge::Present {
        record.knowledge = AllergyKnowledge::NotAsked;
    }
    // Older documents name the allergy in the value and have no participant.
    record.code = substance.or(kind);
}
