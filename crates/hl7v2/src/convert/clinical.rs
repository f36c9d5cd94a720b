//! DG1 and PRB: conditions. PR1: procedures. GOL: goals.

use std::collections::BTreeMap;

use ehr_model::{
    Annotation, Condition, EncounterDiagnosis, EntryId, Goal, Occurrence, Procedure, Record, Reference,
    Status,
};
use ehr_types::{CodeableConcept, Coding};

use super::conversion::{Conversion, code, key_of, restricted, takes_back};
use super::datatype::words;
use super::distinct::add_all;
use super::group::Unit;
use super::reading::Seg;
use super::table;
use super::withdrawn::{CONDITION_VERIFICATION, IN_ERROR};

const CONDITION_CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";
const CONDITION_CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/condition-category";

impl<'r> Conversion<'r, '_> {
    /// DG1: a diagnosis of the visit, or of an order.
    pub(super) fn diagnosis(&mut self, unit: &Unit<'r>, of_visit: bool) -> Option<EntryId> {
        let seg = unit.seg;
        if !self.is_named(seg, &[3, 4, 20]) {
            return None;
        }
        let concept = self.coded_by_method(seg);
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
        condition.category.extend(self.concept_of(seg.at(17), 228));
        let diagnosticians: Vec<Reference> = self.practitioners(seg, 16);
        condition.asserter = diagnosticians.into_iter().next();
        if takes_back(seg.at(21)) {
            condition.verification_status = Some(code(CONDITION_VERIFICATION, IN_ERROR, ""));
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
        let label = restricted(seg.at(18));
        self.chart.sign(&id, Vec::new(), label.into_iter().collect());
        if of_visit && let Some(visit) = self.visit.clone() {
            let diagnosis = EncounterDiagnosis {
                condition: Some(Reference::to(&id)),
                use_: kind,
                rank,
            };
            self.diagnoses.push((visit, diagnosis));
        }
        Some(id)
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

    /// Lists the diagnoses of the message with their visits.
    pub(super) fn file_diagnoses(&mut self) {
        let mut of_visit: BTreeMap<EntryId, Vec<EncounterDiagnosis>> = BTreeMap::new();
        for (visit, diagnosis) in self.diagnoses.drain(..) {
            of_visit.entry(visit).or_default().push(diagnosis);
        }
        for (visit, diagnoses) in of_visit {
            if let Some(Record::Encounter(encounter)) = self.chart.record_mut(&visit) {
                add_all(&mut encounter.diagnosis, diagnoses);
            }
        }
    }

    /// PRB: a problem of the problem list.
    pub(super) fn problem(&mut self, unit: &Unit<'r>) {
        let seg = unit.seg;
        if !self.is_named(seg, &[3, 4]) {
            return;
        }
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
        if takes_back(seg.at(1)) {
            condition.verification_status = Some(code(CONDITION_VERIFICATION, IN_ERROR, ""));
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
            if let Some(label) = words(seg.at(field)) {
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
        let id = self.add(&["problem", &key], condition, &unit.segments());
        let labels = self.labels(seg, 25, None);
        self.chart.sign(&id, Vec::new(), labels);
    }

    /// Field 3 of DG1 and PR1, by the coding method in field 2, which versions up to 2.3 name once for all, with the
    /// description in field 4.
    fn coded_by_method(&self, seg: Seg<'r>) -> CodeableConcept {
        let mut concept = self.concept(seg.at(3)).unwrap_or_default();
        if let Some(method) = seg.at(2).peek() {
            let system = self.sender().system(&method);
            for coding in concept
                .codings
                .iter_mut()
                .filter(|coding| coding.system.is_none())
            {
                seg.at(2).mark();
                coding.system = Some(system.clone());
            }
        }
        let description = seg.at(4);
        if concept.text.is_none() || concept.text == description.peek() {
            concept.text = description.text();
        }
        concept
    }

    /// PR1: a procedure.
    pub(super) fn procedure(&mut self, unit: &Unit<'r>) {
        const FUNCTION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
        let seg = unit.seg;
        if !self.is_named(seg, &[3, 4, 19]) {
            return;
        }
        let mut concept = self.coded_by_method(seg);
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
        if takes_back(seg.at(20)) {
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
        if !self.is_named(seg, &[3, 4]) {
            return;
        }
        let identifier = self.sender().entity(seg.at(4), None);
        let mut goal = Goal {
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
        if takes_back(seg.at(1)) {
            goal.lifecycle_status = Some(Status::translated(
                Some("entered-in-error"),
                Coding::new(table::uri(287), "DE"),
            ));
        }
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
