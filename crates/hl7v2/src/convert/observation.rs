//! OBX: observations.

use std::collections::{BTreeSet, HashMap};

use ehr_model::{
    Device, EntryId, Observation, Occurrence, PractitionerRole, RecordClass, Reference, Status, Value,
};
use ehr_types::{Address, CodeSystem, CodeableConcept, DateTime, Finding, Identifier};

use super::conversion::{Conversion, code, key_of, remark};
use super::datatype::address;
use super::distinct::Distinct;
use super::group::Unit;
use super::reading::{At, Seg};
use super::table;

const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";
const DATA_ABSENT: &str = "http://terminology.hl7.org/CodeSystem/data-absent-reason";

/// Codes of table 0078 that FHIR's observation interpretation has too.
const INTERPRETATIONS: &[&str] = &[
    "<", ">", "A", "AA", "B", "CAR", "D", "DET", "E", "EX", "EXP", "H", "HH", "HU", "HX", "I", "IE", "IND",
    "L", "LL", "LU", "LX", "MS", "N", "NCL", "ND", "NEG", "NR", "NS", "POS", "R", "RR", "S", "SDD", "SYN-R",
    "SYN-S", "U", "UNE", "VS", "W", "WR",
];

/// What the observations of a report have from it.
#[derive(Clone, Default)]
pub(super) struct Context {
    /// What the order is known by; empty for observations without one.
    pub(super) order: String,
    pub(super) based_on: Vec<Reference>,
    pub(super) specimen: Option<Reference>,
    pub(super) effective: Option<Occurrence>,
    pub(super) issued: Option<DateTime>,
    pub(super) category: Option<&'static str>,
    /// Whether the order has several observations of the code.
    pub(super) is_one_of_many: bool,
    /// Whether the order has observations of several sub-ids.
    pub(super) has_sub_ids: bool,
    /// OBR-26: the result that the order follows from.
    pub(super) parent: Option<ParentResult>,
}

/// A result of the message that another order follows from: the organism of susceptibilities.
#[derive(Clone)]
pub(super) struct ParentResult {
    /// What is written of it.
    pub(super) words: String,
    /// Its entry, where the message has just one that it can be.
    pub(super) entry: Option<EntryId>,
}

/// A result as OBR-26 names it: OBX-3, OBX-4, and the numbers of its order.
pub(super) struct NamedResult {
    code: String,
    sub: String,
    order: Vec<Identifier>,
    id: EntryId,
}

/// OBX-3 as it is written.
fn concept_name(obx: Seg<'_>) -> String {
    obx.segment().field(3).escaped().into_owned()
}

/// Whether OBX-11 takes the observation back, or says that there is no result: what it says is then no part of anything else.
pub(super) fn is_no_result(obx: Seg<'_>) -> bool {
    let status = obx.at(11).peek_code();
    let status = status.as_deref().and_then(table::observation_status);
    matches!(status, Some("entered-in-error" | "cancelled"))
}

impl<'r> Conversion<'r, '_> {
    /// Observations of one report, in order.
    pub(super) fn observations(&mut self, units: &[Unit<'r>], context: &Context) -> Vec<EntryId> {
        let mut uses: HashMap<String, u32> = HashMap::new();
        for unit in units {
            *uses.entry(concept_name(unit.seg)).or_default() += 1;
        }
        let subs: BTreeSet<String> = units.iter().filter_map(|unit| unit.seg.at(4).peek()).collect();
        let mut ids = Distinct::default();
        for unit in units {
            if unit.seg.at(29).peek_code().as_deref() == Some("QCM") {
                self.reading.note(Finding::warning(
                    "v2.specimen.control",
                    unit.seg.location(),
                    "a measurement for the control of quality; it is kept as residual",
                ));
                continue;
            }
            let is_one_of_many = uses.get(&concept_name(unit.seg)).is_some_and(|uses| *uses > 1);
            let context = Context {
                is_one_of_many,
                has_sub_ids: subs.len() > 1,
                ..context.clone()
            };
            ids.add(self.observation(unit, &context));
        }
        ids.into_vec()
    }

    /// PD1-7, PD1-15 and PV2-45: what the patient has laid down for a time when it cannot say, do not resuscitate among it.
    pub(super) fn directives(&mut self, seg: Seg<'r>, field: u32, table: u16) {
        let ats: Vec<At<'r>> = seg.all(field).filter(At::says).collect();
        for (position, at) in ats.into_iter().enumerate() {
            let directive = Observation {
                status: Some(Status::fhir("final")),
                code: Some(code(CodeSystem::LOINC.uri, "75320-2", "Advance directive")),
                subject: self.subject(),
                value: self.concept_of(at, table).map(Value::CodeableConcept),
                ..Observation::default()
            };
            let (table, position) = (table.to_string(), position.to_string());
            self.add_field(&["directive", &table, &position], directive, at);
        }
    }

    /// NTE behind PID: remarks on the patient, which FHIR's Patient has no place for, as annotation comments.
    pub(super) fn remarks_on_patient(&mut self, notes: &[Seg<'r>]) {
        for note in notes {
            for remark in self.notes(std::slice::from_ref(note)) {
                let key = remark.text.clone();
                let comment = Observation {
                    status: Some(Status::fhir("final")),
                    code: Some(code(CodeSystem::LOINC.uri, "48767-8", "Annotation comment")),
                    subject: self.subject(),
                    effective: remark.time.map(Occurrence::DateTime),
                    performer: remark.author.into_iter().collect(),
                    value: Some(Value::String(remark.text)),
                    ..Observation::default()
                };
                self.add(&["remark on the patient", &key], comment, &[*note]);
            }
        }
    }

    /// OBX with its NTE and PRT.
    pub(super) fn observation(&mut self, unit: &Unit<'r>, context: &Context) -> EntryId {
        let seg = unit.seg;
        let mut observation = Observation {
            based_on: context.based_on.clone(),
            status: self.sender().status(seg.at(11), 85, table::observation_status),
            code: self.concept(seg.at(3)),
            subject: self.subject(),
            encounter: self.encounter(),
            issued: context.issued,
            specimen: context.specimen.clone(),
            interpretation: self.interpretations(seg),
            method: self.concepts_first(seg, 17),
            body_site: self.concept_of(seg.at(20), 163),
            note: self.notes(&unit.notes),
            ..Observation::default()
        };
        let time = seg.at(14).time();
        // A time that cannot be read is another than that of the order.
        observation.effective = match time {
            None if seg.at(14).is_empty() => context.effective.clone(),
            time => time.map(Occurrence::DateTime),
        };
        self.result(seg, &mut observation);
        if observation
            .status
            .as_ref()
            .and_then(|status| status.source.as_ref())
            .and_then(|source| source.code.as_deref())
            == Some("N")
        {
            observation.data_absent_reason = Some(code(DATA_ABSENT, "not-asked", ""));
        }
        if let Some(reason) = self.concept(seg.at(32)) {
            observation.data_absent_reason.get_or_insert(reason);
        }
        for at in seg.all(7) {
            let range = self.reference_range(at, &observation);
            observation.reference_range.extend(range);
        }
        if let Some(category) = context.category {
            observation.category.push(code(CATEGORY, category, ""));
        }
        observation.category.extend(self.concepts(seg, 29, Some(936)));
        self.performers_of(seg, &mut observation);
        observation
            .identifier
            .extend(self.sender().entity(seg.at(21), Some("FILL")));
        if let Some(equipment) = seg.all(18).next().and_then(|at| self.sender().entity(at, None)) {
            let key = key_of(&equipment);
            let device = Device {
                identifier: vec![equipment],
                ..Device::default()
            };
            let id = self.add_field(&["device", &key], device, seg.at(18));
            observation.device = Some(Reference::to(&id));
        }
        let roles = self.roles(unit.more("PRT").chain(unit.more("ROL")));
        for role in roles {
            // A device is what measured, and a place is nobody who did.
            match role.actor.as_ref().and_then(|actor| actor.class) {
                Some(RecordClass::Device) => observation.device = observation.device.or(role.actor),
                Some(RecordClass::Location) => {}
                _ => observation.performer.extend(role.actor),
            }
        }
        if let Some(sub) = seg.at(4).peek()
            && (context.has_sub_ids || sub.contains(char::is_alphabetic))
        {
            seg.at(4).mark();
            observation.note.push(remark(format!("Sub-id: {sub}")));
        }
        if let Some(parent) = &context.parent {
            observation
                .note
                .push(remark(format!("Parent result: {}", parent.words)));
            observation.derived_from = parent.entry.iter().map(Reference::to).collect();
        }
        let key = self.observation_key(seg, &observation, context, time);
        let parts: Vec<&str> = key.iter().map(String::as_str).collect();
        let id = self.add(&parts, observation, &unit.segments());
        // OBX-13: who may see the result.
        let labels = self.labels(seg, 13, None);
        self.chart.sign(&id, Vec::new(), labels);
        // A colon would make a URL of it.
        if context.is_one_of_many
            && !context.order.is_empty()
            && let Some(sub) = seg.at(4).peek().filter(|sub| !sub.contains(':'))
            && self.chart.name(&id, &id.with_sub_id(&sub))
        {
            seg.at(4).mark();
        }
        id
    }

    /// Notes results as later orders of the message may name them.
    pub(super) fn name_results(&mut self, units: &[Unit<'r>], ids: &[EntryId], order: &[Identifier]) {
        if units.len() != ids.len() {
            return;
        }
        self.results
            .extend(units.iter().zip(ids).map(|(unit, id)| NamedResult {
                code: unit.seg.at(3).peek_code().unwrap_or_default(),
                sub: unit.seg.at(4).peek().unwrap_or_default(),
                order: order.to_vec(),
                id: id.clone(),
            }));
    }

    /// OBR-26 (PRL: OBX-3, OBX-4 and words of OBX-5 of the parent), within the order of OBR-29.
    pub(super) fn parent_result(&mut self, obr: Seg<'r>) -> Option<ParentResult> {
        let at = obr.at(26);
        let words = at.phrase()?;
        let order = self.sender().entity_pair(obr.at(29));
        let code = at.part(1).part(1).peek().unwrap_or_default();
        let sub = at.part(2).peek().unwrap_or_default();
        let of_order = |result: &&NamedResult| {
            order.is_empty()
                || order
                    .iter()
                    .any(|number| result.order.iter().any(|known| known.value == number.value))
        };
        let results = self.results.iter().filter(of_order);
        let mut named = results.filter(|result| result.code == code && result.sub == sub);
        let first = named.next().filter(|_| named.next().is_none());
        Some(ParentResult {
            words,
            entry: first.map(|result| result.id.clone()),
        })
    }

    /// What an observation is known by: its order, code and sub-id, the time it states, and which of its like it is.
    /// A result that corrects (status C, D, W, A) with another time is still that of its order and code, when there is one.
    fn observation_key(
        &mut self,
        seg: Seg<'r>,
        observation: &Observation,
        context: &Context,
        time: Option<DateTime>,
    ) -> Vec<String> {
        let concept = self.key_of_concept(observation.code.as_ref());
        let sub = seg.at(4).peek().unwrap_or_default();
        let order = if context.order.is_empty() {
            self.visit
                .as_ref()
                .map(|visit| visit.key.clone())
                .unwrap_or_default()
        } else {
            context.order.clone()
        };
        let stated = time.map(|time| time.to_string()).unwrap_or_default();
        let key = |time: &str, ordinal: u32| {
            vec![
                "observation".to_owned(),
                order.clone(),
                concept.clone(),
                sub.clone(),
                time.to_owned(),
                ordinal.to_string(),
            ]
        };
        let ordinal = self.occurrence(&format!("observation {order} {concept} {sub} {stated}"));
        let exact = key(&stated, ordinal);
        // The same without the time it states: the sender changed the time along with the value.
        let corrects = observation.status.as_ref().is_some_and(|status| {
            ["corrected", "amended", "entered-in-error"]
                .iter()
                .any(|code| status.is(code))
        });
        let exact_parts: Vec<&str> = exact.iter().map(String::as_str).collect();
        let known = self
            .chart
            .contains(&self.chart.id(ehr_model::RecordClass::Observation, &exact_parts));
        if corrects && !known && !context.order.is_empty() {
            let place = format!("{order} {concept} {sub} {ordinal}");
            if let Some(first) = self.chart.first_time(&place) {
                return key(&first, ordinal);
            }
        }
        if !context.order.is_empty() {
            self.chart
                .note_time(format!("{order} {concept} {sub} {ordinal}"), stated);
        }
        exact
    }

    fn concepts_first(&mut self, seg: Seg<'r>, field: u32) -> Option<CodeableConcept> {
        seg.all(field).next().and_then(|at| self.concept(at))
    }

    fn interpretations(&self, seg: Seg<'r>) -> Vec<CodeableConcept> {
        let uri = table::uri(78);
        let v3 = CodeSystem::V3_OBSERVATION_INTERPRETATION.uri;
        seg.all(8)
            .filter_map(|at| self.sender().concept(at, Some(78)))
            .map(|mut concept| {
                for coding in &mut concept.codings {
                    let of_table = coding
                        .system
                        .as_deref()
                        .is_none_or(|system| system == uri || system == v3);
                    let known = coding
                        .code
                        .as_deref()
                        .is_some_and(|code| INTERPRETATIONS.contains(&code));
                    if of_table && known {
                        coding.system = Some(v3.to_owned());
                    } else if coding.system.as_deref() == Some(v3) {
                        coding.system = Some(uri.clone());
                    }
                }
                concept
            })
            .collect()
    }

    /// OBX-15, 16, 23, 24, 25: who is responsible, and where it was done.
    fn performers_of(&mut self, seg: Seg<'r>, observation: &mut Observation) {
        let observers = self.practitioners(seg, 16);
        observation.performer.extend(observers);
        let address: Vec<Address> = seg.all(24).filter_map(address).collect();
        let laboratory = self.organization(seg.at(23), address, Vec::new());
        let director = self.practitioner(seg.at(25));
        match (laboratory, director) {
            (Some(laboratory), Some(director)) => {
                let role = PractitionerRole {
                    organization: Some(laboratory.clone()),
                    code: vec![code(&table::uri(912), "MDIR", "Medical Director")],
                    ..PractitionerRole::default()
                };
                let role = self.in_role(director, role, seg.at(25));
                observation.performer.push(laboratory);
                observation.performer.extend(role);
            }
            (laboratory, director) => observation.performer.extend(laboratory.or(director)),
        }
        let producer = self.organization_of_code(seg.at(15));
        observation.performer.extend(producer);
    }
}
