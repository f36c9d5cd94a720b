//! AL1 and IAM: allergies.

use ehr_model::{
    AllergyIntolerance, AllergyKnowledge, Annotation, Occurrence, Reaction, Reference, RelatedPerson, Status,
};
use ehr_types::{CodeableConcept, Coding, Finding, HumanName};

use super::allergy_statement::{names_something, stated};
use super::conversion::{Conversion, code, key_of, takes_back};
use super::datatype::{name, words};
use super::group::Unit;
use super::reading::Seg;
use super::table;
use super::withdrawn::{ALLERGY_VERIFICATION, IN_ERROR};

const ALLERGY_CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical";

impl<'r> Conversion<'r, '_> {
    /// AL1.
    pub(super) fn allergy(&mut self, unit: &Unit<'r>) {
        let seg = unit.seg;
        if !self.is_named(seg, &[3, 4, 5]) {
            return;
        }
        let mut allergy = AllergyIntolerance {
            patient: self.subject(),
            encounter: self.encounter(),
            code: self.concept(seg.at(3)),
            onset: seg.at(6).time().map(Occurrence::DateTime),
            note: self.notes(&unit.notes),
            ..AllergyIntolerance::default()
        };
        self.allergy_details(seg, &mut allergy);
        let is_stated = seg.at(3).says() && allergy.knowledge != AllergyKnowledge::NotAsked;
        allergy.clinical_status = is_stated.then(|| code(ALLERGY_CLINICAL, "active", ""));
        let key = format!(
            "{} {}",
            self.key_of_concept(allergy.code.as_ref()),
            seg.at(2).peek_code().unwrap_or_default()
        );
        self.add(&["allergy", &key], allergy, &unit.segments());
    }

    /// IAM.
    pub(super) fn adverse_reaction(&mut self, unit: &Unit<'r>) {
        let seg = unit.seg;
        if !self.is_named(seg, &[3, 4, 5, 7]) {
            return;
        }
        let mut allergy = AllergyIntolerance {
            identifier: self.sender().entity(seg.at(7), None).into_iter().collect(),
            patient: self.subject(),
            encounter: self.encounter(),
            code: self.concept(seg.at(3)),
            note: self.notes(&unit.notes),
            recorded_date: seg.at(13).time(),
            ..AllergyIntolerance::default()
        };
        if let Some(time) = seg.at(11).time() {
            allergy.onset = Some(Occurrence::DateTime(time));
        } else if let Some(text) = seg.text(12) {
            allergy.onset = Some(Occurrence::Text(text));
        }
        if let Some(status) = self.concept_of(seg.at(17), 438) {
            self.allergy_status(status, &mut allergy);
        }
        if let Some(inactive) = words(seg.at(8)) {
            allergy.note.push(Annotation {
                text: inactive,
                ..Annotation::default()
            });
        }
        if takes_back(seg.at(6)) {
            allergy.verification_status = Some(code(ALLERGY_VERIFICATION, IN_ERROR, ""));
        }
        allergy.asserter = self.reporter(seg);
        allergy.recorder = self.practitioner(seg.at(18));
        self.allergy_details(seg, &mut allergy);
        let key = match allergy.identifier.first() {
            Some(identifier) => key_of(identifier),
            None => format!(
                "{} {}",
                self.key_of_concept(allergy.code.as_ref()),
                seg.at(2).peek_code().unwrap_or_default()
            ),
        };
        self.add(&["allergy", &key], allergy, &unit.segments());
    }

    /// What AL1 and IAM have in common: type, severity, reactions, and whether it says that there is none.
    fn allergy_details(&mut self, seg: Seg<'r>, allergy: &mut AllergyIntolerance) {
        // ST, or since version 2.7 of IAM a code.
        let reactions = seg.all(5).filter_map(|at| {
            if at.part_count() > 1 {
                return self.concept(at);
            }
            at.text().map(CodeableConcept::from_text)
        });
        let reactions: Vec<CodeableConcept> = reactions.collect();
        if let Some(kind) = self.sender().status(seg.at(2), 127, table::allergy_type) {
            let source = kind
                .source
                .as_ref()
                .and_then(|coding| coding.code.as_deref())
                .unwrap_or_default();
            allergy
                .category
                .extend(table::allergy_category(source).map(str::to_owned));
            allergy.type_ = Some(kind);
        }
        // One or the other, as the guide has it: the criticality, or the severity where that says more.
        let severity = self.sender().status(seg.at(4), 128, table::reaction_severity);
        let criticality = severity.as_ref().and_then(|severity| {
            let source = severity.source.clone()?;
            let criticality = source.code.as_deref().and_then(table::allergy_criticality);
            Some(Status::translated(criticality, source))
        });
        let is_severe = severity.as_ref().is_some_and(|severity| severity.code.is_some());
        let happened = is_severe
            || reactions
                .iter()
                .any(|reaction| reaction.label().is_some_and(names_something));
        let is_severity = is_severe && criticality.as_ref().is_none_or(|it| it.code.is_none());
        allergy.criticality = if is_severity {
            None
        } else {
            criticality.or_else(|| severity.clone())
        };
        if !reactions.is_empty() || is_severity {
            allergy.reaction.push(Reaction {
                manifestation: reactions,
                severity: severity.filter(|_| is_severity),
                ..Reaction::default()
            });
        }
        let knowledge = match allergy.code.as_ref().map(stated) {
            // What has happened to somebody is not known not to exist.
            Some(Ok(AllergyKnowledge::NoneKnown)) if happened => Err(AllergyKnowledge::NotAsked),
            stated => stated.unwrap_or(Ok(AllergyKnowledge::Present)),
        };
        allergy.knowledge = knowledge.unwrap_or_else(|knowledge| {
            self.reading.note(Finding::warning(
                "v2.allergy.contradiction",
                seg.location(),
                "one part says that no allergy is known, another speaks of one; it is not read as \"none known\"",
            ));
            knowledge
        });
        if !seg.at(3).says() {
            self.reading.note(Finding::warning(
                "v2.allergy.no-substance",
                seg.location(),
                "a reaction or a severity is stated, but not to what",
            ));
        }
    }

    #[expect(clippy::unused_self, reason = "read like its neighbours, which need it")]
    fn allergy_status(&mut self, concept: CodeableConcept, allergy: &mut AllergyIntolerance) {
        let source = concept
            .codings
            .first()
            .and_then(|coding| coding.code.as_deref())
            .unwrap_or_default();
        // Table 0438.
        let verification = match source {
            // Doubt raised is not refuted.
            "U" | "P" | "S" | "D" => Some("unconfirmed"),
            "C" => Some("confirmed"),
            "E" => Some("entered-in-error"),
            _ => None,
        };
        let clinical = match source {
            "I" => Some("inactive"),
            "A" | "active" => Some("active"),
            _ => None,
        };
        let with = |system: &str, code: &str| {
            let mut concept = concept.clone();
            concept.codings.insert(0, Coding::new(system, code));
            concept
        };
        match (clinical, verification) {
            (None, Some(status)) => allergy.verification_status = Some(with(ALLERGY_VERIFICATION, status)),
            (Some(status), _) => allergy.clinical_status = Some(with(ALLERGY_CLINICAL, status)),
            (None, None) => allergy.clinical_status = Some(concept),
        }
    }

    /// IAM-14 and IAM-15: who reported it, and how that person stands to the patient.
    fn reporter(&mut self, seg: Seg<'r>) -> Option<Reference> {
        let relationship = self.concept_of(seg.at(15), 63);
        let is_self = relationship.as_ref().is_some_and(|concept| {
            concept
                .codings
                .iter()
                .any(|coding| coding.code.as_deref() == Some("SEL"))
        });
        if is_self {
            seg.at(14).mark();
            return self.subject();
        }
        let Some(relationship) = relationship else {
            return self.practitioner_named(seg.at(14));
        };
        let name = name(seg.at(14));
        let display = name.as_ref().and_then(HumanName::display);
        let person = RelatedPerson {
            patient: self.subject(),
            relationship: vec![relationship],
            name: name.into_iter().collect(),
            ..RelatedPerson::default()
        };
        let key = serde_json::to_string(&person).unwrap_or_default();
        let id = self.add_field(&["related", &key], person, seg.at(14));
        Some(Reference {
            display,
            ..Reference::to(&id)
        })
    }
}
