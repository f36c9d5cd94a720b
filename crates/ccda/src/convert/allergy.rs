//! Allergy concern acts and allergy–intolerance observations (guide page CF-allergies).

use ehr_model::{AllergyIntolerance, AllergyKnowledge, EntryId, Occurrence, Reaction, RecordClass, Status};
use ehr_types::{CodeSystem, CodeableConcept, Coding};

use super::allergy_statement::{first_translated, kind_in_code, knowledge, substances};
use super::concern::{Concern, unfinished};
use super::importer::{Importer, Scope};
use super::kind::read_code;
use super::statement::{denied, ended, has_template, is_person, negated, read_outline, retracted, time_of};
use super::vocabulary::{
    ACT_CODE, ALLERGY_CATEGORY, ALLERGY_STATUS, ALLERGY_TYPE, CONCERN_STATUS, CRITICALITY, LOINC, SEVERITY,
    allergens, coded_status, concept_status, entered_in_error, fhir_concept, status_word, translate,
};
use crate::datatype::Interval;
use crate::xml::Element;

const CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical";
pub(super) const VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification";

impl<'d> Importer<'d> {
    /// An Allergy Concern Act: each observation inside becomes an allergy.
    pub(super) fn allergy_concern(&mut self, act: Element<'d>, scope: &Scope) -> Vec<EntryId> {
        let mut ids = Vec::new();
        let mut concern = Concern::new(act);
        for (_, inner) in self.open_related(act) {
            if inner.is("observation") {
                self.consume(inner);
                ids.extend(self.allergy(inner, Some(&mut concern), scope));
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
        if self.withholds_part(act) {
            return None;
        }
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
        mut concern: Option<&mut Concern<'d>>,
        scope: &Scope,
    ) -> Vec<EntryId> {
        let slot = match self.open(RecordClass::AllergyIntolerance, observation, "") {
            Ok(slot) => slot,
            Err(id) => return vec![id],
        };
        if let Some(concern) = concern.as_deref_mut() {
            self.read_concern(concern, &slot);
        }
        read_outline(observation);
        read_code(observation);
        let negated = negated(observation) || concern.as_ref().is_some_and(|concern| concern.is_negated);
        let value = observation.child("value");
        let stated = value.and_then(|value| value.peek().to_concept());
        let coded = stated
            .as_ref()
            .is_some_and(|kind| kind.codings.iter().any(|coding| coding.code.is_some()));
        // Older documents name the kind of allergy in the code.
        let code = observation.child("code").filter(|code| {
            let concept = code.peek().to_concept();
            !coded && concept.is_some_and(|concept| allergens(&concept).is_some())
        });
        let kind = code.and_then(|code| code.peek().to_concept()).or(stated);
        let mut substances = substances(observation).into_iter();
        let substance = substances.next();
        let time = time_of(observation);

        let mut record = AllergyIntolerance {
            identifier: observation.to_identifiers(),
            patient: self.subject(),
            onset: time.start().map(Occurrence::DateTime),
            abatement: time.high,
            ..AllergyIntolerance::default()
        };
        if let Some(kind) = &kind {
            let category = first_translated(kind, ALLERGY_CATEGORY);
            record.category.extend(category.map(str::to_owned));
        }
        // A kind that neither says is not understood and stays residual.
        if let Some(kind) = code.or(value) {
            let type_ = coded_status(kind.peek(), ALLERGY_TYPE).filter(|type_| type_.code.is_some());
            if type_.is_some() || !record.category.is_empty() {
                coded_status(kind, ALLERGY_TYPE);
            }
            record.type_ = type_;
        }
        value.map(Element::null_flavor);
        kind_in_code(&mut record, observation);
        let absent = || {
            observation
                .to_absent()
                .or_else(|| concern.as_ref()?.act.to_absent())
        };
        knowledge(&mut record, negated, kind.clone(), substance, absent);
        if record.code == kind {
            // The kind is all that is said to be the allergy.
            code.or(value).map(Element::to_concept);
        }
        self.allergy_status(&mut record, observation, concern.as_deref(), &time);
        record.criticality = self
            .take_observation(
                observation,
                &[(LOINC, "82606-5")],
                &["2.16.840.1.113883.10.20.22.4.145"],
            )
            .and_then(|criticality| criticality.child("value"))
            .and_then(|value| coded_status(value, CRITICALITY));
        let reactions = self.reactions(&mut record, observation);
        if record.knowledge == AllergyKnowledge::NotAsked && !record.reaction.is_empty() {
            // Who reacted is allergic to something, though nobody knows to what.
            record.knowledge = AllergyKnowledge::Present;
        }
        let (recorder, recorded_date) = self.recorder(observation);
        record.recorder = recorder;
        record.recorded_date = recorded_date;
        record.asserter = observation
            .children("informant")
            .filter_map(|i| self.informant(i))
            .find(is_person);
        record.note = self.notes(observation);
        record.note.extend(unfinished(observation));
        if let Some(concern) = concern {
            record.note.append(&mut concern.note);
        }
        let mut ids = Vec::new();
        for (index, code) in substances.enumerate() {
            // FHIR has one substance an allergy.
            let further = AllergyIntolerance {
                code: Some(code),
                ..record.clone()
            };
            let role = format!("substance {}", index + 2);
            ids.push(
                match self.open(RecordClass::AllergyIntolerance, observation, &role) {
                    Ok(slot) => self.close(slot, further),
                    Err(id) => id,
                },
            );
        }
        ids.insert(0, self.close(slot, record));
        let about = ids.first().map_or_else(|| scope.clone(), |id| scope.about(id));
        for reaction in reactions {
            // How it was treated.
            self.rest(reaction, &about);
        }
        self.rest(observation, &about);
        ids
    }

    fn allergy_status(
        &mut self,
        record: &mut AllergyIntolerance,
        observation: Element<'d>,
        concern: Option<&Concern<'d>>,
        time: &Interval,
    ) {
        if retracted(observation) || concern.is_some_and(|concern| concern.is_nullified) {
            record.verification_status = Some(entered_in_error(VERIFICATION));
            return;
        }
        let stated = self
            .take_observation(
                observation,
                &[(LOINC, "33999-4")],
                &["2.16.840.1.113883.10.20.22.4.28", "2.16.840.1.113883.10.20.1.39"],
            )
            .and_then(|status| status.child("value"))
            .and_then(Element::to_concept);
        let concern_status = concern.and_then(|concern| concern.status);
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
    }

    /// The reactions, and the statements they are made from.
    fn reactions(&mut self, record: &mut AllergyIntolerance, observation: Element<'d>) -> Vec<Element<'d>> {
        let mut read = Vec::new();
        for (kind, inner) in self.open_related(observation) {
            let is_reaction = kind == "MFST" || has_template(inner, "2.16.840.1.113883.10.20.22.4.9");
            if !inner.is("observation") || !is_reaction || denied(inner) {
                continue;
            }
            self.consume(inner);
            read.push(inner);
            read_outline(inner);
            read_code(inner);
            let value = inner
                .child("value")
                .and_then(Element::to_concept)
                .filter(|v| !v.codings.is_empty() || v.text.is_some());
            let text = inner.child("text").and_then(|text| text.to_encapsulated().text);
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
                onset: inner.child("effectiveTime").and_then(Element::to_start),
                severity,
                note,
                ..Reaction::default()
            });
        }
        // The guide: the allergy's severity stands for that of each reaction without one.
        let without = record.reaction.iter().any(|reaction| reaction.severity.is_none());
        if (without || record.reaction.is_empty())
            && let Some(overall) = self.severity(observation)
        {
            if record.reaction.is_empty() {
                record.reaction.push(Reaction::default());
            }
            for reaction in &mut record.reaction {
                reaction.severity.get_or_insert_with(|| overall.clone());
            }
        }
        read
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
            match severity.child("value") {
                Some(value) => coded_status(value, SEVERITY),
                None => severity
                    .child("text")
                    .and_then(|text| text.to_encapsulated().text)
                    .map(|words| concept_status(CodeableConcept::from_text(words), SEVERITY)),
            }
        })
        .filter(|status| status.code.is_some() || status.source.is_some())
    }
}
