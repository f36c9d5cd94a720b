//! AL1 and IAM: allergies. DG1 and PRB: conditions. PR1: procedures. GOL: goals.

use ehr_model::{
    AllergyIntolerance, AllergyKnowledge, Annotation, Condition, Encounter, EncounterDiagnosis, EntryId,
    Goal, Occurrence, Procedure, Reaction, Record, Reference, RelatedPerson, Status,
};
use ehr_types::{CodeSystem, CodeableConcept, Coding, HumanName};

use super::conversion::{Conversion, code, key_of};
use super::datatype::name;
use super::group::Unit;
use super::reading::Seg;
use super::table;

const ALLERGY_CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical";
const ALLERGY_VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification";
const CONDITION_CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";
const CONDITION_VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
const CONDITION_CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/condition-category";

/// SNOMED CT codes that say "no known allergy", of any kind or of one: drug, food, environment, latex.
const NO_KNOWN_ALLERGY: &[&str] = &[
    "716186003",
    "409137002",
    "429625007",
    "428607008",
    "1003774007",
    "428197003",
    "716184000",
    "716220001",
    "716185004",
];
/// RxNorm and local words that senders write into AL1-3 for "none"; compared without case and punctuation.
const NONE_KNOWN_WORDS: &[&str] = &[
    "nka",
    "nkda",
    "nkfa",
    "no known allergies",
    "no known allergy",
    "no known drug allergies",
    "no known drug allergy",
    "no known medication allergies",
    "no known food allergies",
    "no known environmental allergies",
];

impl<'r> Conversion<'r, '_> {
    /// AL1.
    pub(super) fn allergy(&mut self, unit: &Unit<'r>) {
        let seg = unit.seg;
        let mut allergy = AllergyIntolerance {
            patient: self.subject(),
            encounter: self.encounter(),
            code: self.concept(seg.at(3)),
            onset: seg.at(6).time().map(Occurrence::DateTime),
            note: self.notes(&unit.notes),
            clinical_status: Some(code(ALLERGY_CLINICAL, "active", "")),
            ..AllergyIntolerance::default()
        };
        let reactions: Vec<CodeableConcept> = seg
            .all(5)
            .filter_map(|at| {
                let coded = at.part_count() > 1;
                if coded {
                    self.concept(at)
                } else {
                    at.text().map(CodeableConcept::from_text)
                }
            })
            .collect();
        self.allergy_details(seg, reactions, &mut allergy);
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
        if let Some(inactive) = self
            .concept(seg.at(8))
            .and_then(|reason| reason.label().map(str::to_owned))
        {
            allergy.note.push(Annotation {
                text: inactive,
                ..Annotation::default()
            });
        }
        if seg.code(6).as_deref() == Some("D") {
            allergy.verification_status = Some(code(ALLERGY_VERIFICATION, "entered-in-error", ""));
        }
        allergy.asserter = self.reporter(seg);
        allergy.recorder = self.practitioner(seg.at(18));
        let reactions = self.concepts(seg, 5, None);
        self.allergy_details(seg, reactions, &mut allergy);
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
    fn allergy_details(
        &mut self,
        seg: Seg<'r>,
        reactions: Vec<CodeableConcept>,
        allergy: &mut AllergyIntolerance,
    ) {
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
        let severity = self.sender().status(seg.at(4), 128, table::reaction_severity);
        allergy.criticality = severity
            .as_ref()
            .and_then(|severity| severity.source.clone())
            .map(|source| {
                let criticality = source.code.as_deref().and_then(table::allergy_criticality);
                Status::translated(criticality, source)
            });
        if !reactions.is_empty() || severity.as_ref().is_some_and(|severity| severity.code.is_some()) {
            allergy.reaction.push(Reaction {
                manifestation: reactions,
                severity,
                ..Reaction::default()
            });
        }
        if allergy.code.as_ref().is_some_and(says_none_known) {
            allergy.knowledge = AllergyKnowledge::NoneKnown;
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
            "U" => Some("unconfirmed"),
            "P" | "S" => Some("unconfirmed"),
            "C" => Some("confirmed"),
            "E" => Some("entered-in-error"),
            "D" => Some("refuted"),
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

    /// DG1: a diagnosis of the visit. `order`: of an order, not of the visit.
    pub(super) fn diagnosis(&mut self, unit: &Unit<'r>, of_visit: bool) -> EntryId {
        let seg = unit.seg;
        let mut concept = self.concept(seg.at(3)).unwrap_or_default();
        // Versions up to 2.3 name the coding method once for all.
        let method = seg.at(2).peek();
        if let Some(method) = method
            && concept.codings.iter().any(|coding| coding.system.is_none())
        {
            seg.at(2).mark();
            for coding in concept
                .codings
                .iter_mut()
                .filter(|coding| coding.system.is_none())
            {
                coding.system = Some(self.sender().system(&method));
            }
        }
        if let Some(text) = seg.text(4) {
            concept.text.get_or_insert(text);
        }
        let mut condition = Condition {
            identifier: self.sender().entity(seg.at(20), None).into_iter().collect(),
            code: (!concept.is_empty()).then_some(concept),
            subject: self.subject(),
            encounter: self.encounter(),
            onset: seg.at(5).time().map(Occurrence::DateTime),
            recorded_date: seg.at(19).time(),
            note: self.notes(&unit.notes),
            ..Condition::default()
        };
        condition.category.push(code(
            CONDITION_CATEGORY,
            "encounter-diagnosis",
            "Encounter Diagnosis",
        ));
        let diagnosticians: Vec<Reference> = self.practitioners(seg, 16);
        condition.asserter = diagnosticians.into_iter().next();
        if seg.at(21).peek_code().as_deref() == Some("D") {
            seg.at(21).leaf().mark();
            condition.verification_status = Some(code(CONDITION_VERIFICATION, "entered-in-error", ""));
        }
        let kind = self.diagnosis_use(seg);
        let rank = seg.at(15).unsigned();
        if self.visit.is_none() || !of_visit {
            // Without a visit the use stays with the condition.
            condition.category.extend(kind.clone());
        }
        let key = match condition.identifier.first() {
            Some(identifier) => key_of(identifier),
            None => {
                let visit = self.visit.as_ref().map_or("", |id| id.key.as_str());
                format!(
                    "{visit} {} {} {}",
                    self.key_of_concept(condition.code.as_ref()),
                    seg.at(5).peek_code().unwrap_or_default(),
                    seg.at(6).peek_code().unwrap_or_default()
                )
            }
        };
        let mut segments = vec![seg];
        segments.extend(&unit.notes);
        segments.extend(&unit.more);
        let id = self.add(&["diagnosis", &key], condition, &segments);
        if of_visit && let Some(visit) = self.visit.clone() {
            let diagnosis = EncounterDiagnosis {
                condition: Some(Reference::to(&id)),
                use_: kind,
                rank,
            };
            self.change_visit(&visit, |encounter| {
                if !encounter.diagnosis.contains(&diagnosis) {
                    encounter.diagnosis.push(diagnosis.clone());
                }
            });
        }
        id
    }

    /// DG1-6 by table 0052, with the role of FHIR where the guide gives one.
    fn diagnosis_use(&self, seg: Seg<'r>) -> Option<CodeableConcept> {
        let mut kind = self.concept_of(seg.at(6), 52)?;
        if kind
            .codings
            .iter()
            .any(|coding| coding.code.as_deref() == Some("A"))
        {
            kind.codings.insert(
                0,
                Coding::new("http://terminology.hl7.org/CodeSystem/diagnosis-role", "AD")
                    .with_display("Admission diagnosis"),
            );
        }
        Some(kind)
    }

    fn change_visit(&mut self, visit: &EntryId, change: impl FnOnce(&mut Encounter)) {
        if let Some(Record::Encounter(encounter)) = self.chart.record_mut(visit) {
            change(encounter);
        }
    }

    /// PRB: a problem of the problem list.
    pub(super) fn problem(&mut self, unit: &Unit<'r>) {
        let seg = unit.seg;
        let identifier = self.sender().entity(seg.at(4), None);
        let mut condition = Condition {
            code: self.concept(seg.at(3)),
            subject: self.subject(),
            encounter: self.encounter(),
            recorded_date: seg.at(7).time().or_else(|| seg.at(2).time()),
            abatement: seg.at(9).time().map(Occurrence::DateTime),
            onset: seg.at(16).time().map(Occurrence::DateTime),
            note: self.notes(&unit.notes),
            severity: self.concept(seg.at(26)),
            ..Condition::default()
        };
        if condition.onset.is_none() {
            condition.onset = seg.text(17).map(Occurrence::Text);
        }
        condition
            .category
            .push(code(CONDITION_CATEGORY, "problem-list-item", "Problem List Item"));
        if seg.at(1).peek_code().as_deref() == Some("DE") {
            seg.at(1).mark();
            condition.verification_status = Some(code(CONDITION_VERIFICATION, "entered-in-error", ""));
        } else if let Some(confirmation) = self.concept(seg.at(13)) {
            condition.verification_status = Some(by_word(
                confirmation,
                CONDITION_VERIFICATION,
                &[
                    ("confirmed", "confirmed"),
                    ("differential", "differential"),
                    ("provisional", "provisional"),
                    ("unconfirmed", "unconfirmed"),
                    ("rule-out", "differential"),
                    ("C", "confirmed"),
                ],
            ));
        }
        if let Some(status) = self.concept(seg.at(14)) {
            condition.clinical_status = Some(by_word(
                status,
                CONDITION_CLINICAL,
                &[
                    ("active", "active"),
                    ("active-improving", "active"),
                    ("active-stable", "active"),
                    ("active-worsening", "active"),
                    ("inactive", "inactive"),
                    ("remission", "remission"),
                    ("resolved", "resolved"),
                    ("recurring", "recurrence"),
                ],
            ));
        }
        for field in [10, 11, 12, 18, 19, 20, 21, 22, 23, 24] {
            // Class, discipline, persistence, ranking, certainty, awareness: words that a reader needs.
            if let Some(label) = self
                .concept(seg.at(field))
                .and_then(|concept| concept.label().map(str::to_owned))
            {
                condition.note.push(Annotation {
                    text: label,
                    ..Annotation::default()
                });
            }
        }
        let roles = self.roles(unit.more("ROL").chain(unit.more("PRT")));
        condition.recorder = roles.into_iter().find_map(|role| role.actor);
        let key = match &identifier {
            Some(identifier) => key_of(identifier),
            None => self.key_of_concept(condition.code.as_ref()),
        };
        condition.identifier.extend(identifier);
        self.add(&["problem", &key], condition, &unit.segments());
    }

    /// PR1: a procedure.
    pub(super) fn procedure(&mut self, unit: &Unit<'r>) {
        const FUNCTION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
        let seg = unit.seg;
        let mut concept = self.concept(seg.at(3)).unwrap_or_default();
        let method = seg.at(2).peek();
        if let Some(method) = method
            && concept.codings.iter().any(|coding| coding.system.is_none())
        {
            seg.at(2).mark();
            for coding in concept
                .codings
                .iter_mut()
                .filter(|coding| coding.system.is_none())
            {
                coding.system = Some(self.sender().system(&method));
            }
        }
        if let Some(text) = seg.text(4) {
            concept.text.get_or_insert(text);
        }
        for modifier in self.concepts(seg, 16, Some(340)) {
            concept.codings.extend(modifier.codings);
        }
        let start = seg.at(5).time();
        // PR1-7: minutes that it took; no time of an end is computed from them.
        let mut procedure = Procedure {
            identifier: self.sender().entity(seg.at(19), None).into_iter().collect(),
            status: Some(Status::fhir("completed")),
            code: (!concept.is_empty()).then_some(concept),
            category: self.concept_of(seg.at(6), 230),
            subject: self.subject(),
            encounter: self.encounter(),
            performed: start.map(Occurrence::DateTime),
            reason_code: self.concepts(seg, 15, None),
            location: self.location(seg.at(23)),
            note: self.notes(&unit.notes),
            ..Procedure::default()
        };
        if seg.at(20).peek_code().as_deref() == Some("D") {
            seg.at(20).leaf().mark();
            procedure.status = Some(Status::translated(
                Some("entered-in-error"),
                Coding::new(table::uri(206), "D"),
            ));
        }
        for (field, function, display) in [
            (8, "PPRF", "primary performer"),
            (11, "PPRF", "primary performer"),
            (12, "PRF", "performer"),
        ] {
            let performers = self.performers(seg, field, &code(FUNCTION, function, display));
            procedure.performer.extend(performers);
        }
        if seg.has(9) {
            let performers = self.performers(seg, 9, &CodeableConcept::from_text("anesthesiologist"));
            procedure.performer.extend(performers);
        }
        for role in self.roles(unit.more("ROL").chain(unit.more("PRT"))) {
            procedure.performer.push(ehr_model::Performer {
                function: role.role.into_iter().next(),
                actor: role.actor,
                on_behalf_of: role.on_behalf_of,
            });
        }
        procedure.part_of = self
            .sender()
            .entity(seg.at(25), None)
            .map(|identifier| Reference {
                identifier: Some(identifier),
                ..Reference::default()
            })
            .into_iter()
            .collect();
        let key = match procedure.identifier.first() {
            Some(identifier) => key_of(identifier),
            None => format!(
                "{} {}",
                self.key_of_concept(procedure.code.as_ref()),
                seg.at(5).peek_code().unwrap_or_default()
            ),
        };
        self.add(&["procedure", &key], procedure, &unit.segments());
    }

    /// GOL: a goal.
    pub(super) fn goal(&mut self, unit: &Unit<'r>) {
        let seg = unit.seg;
        let identifier = self.sender().entity(seg.at(4), None);
        let goal = Goal {
            identifier: identifier.into_iter().collect(),
            description: self.concept(seg.at(3)),
            subject: self.subject(),
            start_date: seg.at(7).date(),
            priority: self.concept(seg.at(12)),
            lifecycle_status: self.sender().status(seg.at(18), 0, |_| None),
            status_date: seg.at(19).date(),
            achievement_status: self.concept(seg.at(11)),
            category: self.concept(seg.at(10)).into_iter().collect(),
            note: self.notes(&unit.notes),
            ..Goal::default()
        };
        let key = match goal.identifier.first() {
            Some(identifier) => key_of(identifier),
            None => self.key_of_concept(goal.description.as_ref()),
        };
        self.add(&["goal", &key], goal, &unit.segments());
    }

    /// What a concept is known by in the key of an entry.
    #[expect(clippy::unused_self, reason = "read like its neighbours, which need it")]
    pub(super) fn key_of_concept(&self, concept: Option<&CodeableConcept>) -> String {
        let Some(concept) = concept else {
            return String::new();
        };
        match concept.codings.iter().find(|coding| coding.code.is_some()) {
            Some(coding) => format!(
                "{}|{}",
                coding.system.as_deref().unwrap_or_default(),
                coding.code.as_deref().unwrap_or_default()
            ),
            None => concept.label().unwrap_or_default().to_lowercase(),
        }
    }
}

/// Whether a substance is the statement that there is none.
fn says_none_known(concept: &CodeableConcept) -> bool {
    let coded = concept.codings.iter().any(|coding| {
        coding.is_of(&CodeSystem::SNOMED_CT)
            && coding
                .code
                .as_deref()
                .is_some_and(|code| NO_KNOWN_ALLERGY.contains(&code))
    });
    let words = concept
        .codings
        .iter()
        .flat_map(|coding| [coding.code.as_deref(), coding.display.as_deref()])
        .chain([concept.text.as_deref()])
        .flatten();
    coded
        || words.into_iter().any(|word| {
            let plain: String = word
                .to_lowercase()
                .chars()
                .filter(|letter| letter.is_alphanumeric() || *letter == ' ')
                .collect();
            NONE_KNOWN_WORDS.contains(&plain.trim())
        })
}

/// A concept with FHIR's code in front, found by the words of the source.
fn by_word(mut concept: CodeableConcept, system: &str, map: &[(&str, &str)]) -> CodeableConcept {
    let found = concept
        .codings
        .iter()
        .flat_map(|coding| [coding.code.as_deref(), coding.display.as_deref()])
        .flatten()
        .find_map(|word| {
            map.iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(word.trim()))
        });
    if let Some((_, code)) = found {
        concept.codings.insert(0, Coding::new(system, *code));
    }
    concept
}
