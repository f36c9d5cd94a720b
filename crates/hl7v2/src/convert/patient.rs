//! PID, PD1 and ARV: the patient.

use ehr_model::{Deceased, EntryId, MultipleBirth, Patient, PatientLink, RecordClass, Reference};
use ehr_types::{
    CodeSystem, CodeableConcept, Coding, ContactPoint, HumanName, Identifier, Period, Precision,
};

use super::conversion::{Conversion, restricted};
use super::datatype::{address, called, identifier_type, name, telecom};
use super::distinct::Distinct;
use super::erasure::Erasure;
use super::group::Unit;
use super::header::facility;
use super::reading::{At, Seg};
use super::table;

/// What PID and MRG say of the visit.
#[derive(Default)]
pub(super) struct VisitIdentifiers {
    /// PID-18 and prior account numbers.
    pub(super) accounts: Vec<Identifier>,
    /// Prior visit numbers.
    pub(super) prior: Vec<Identifier>,
}

impl<'r> Conversion<'r, '_> {
    /// The patient of a PID, with PD1, MRG and the persons in NK1. `linked` are other patients of the message that the
    /// event links to this one.
    pub(super) fn patient(
        &mut self,
        pid: &Unit<'r>,
        next_of_kin: &[&Unit<'r>],
        linked: Vec<Identifier>,
    ) -> VisitIdentifiers {
        let seg = pid.seg;
        // The id is needed by what the patient refers to.
        let id = self.chart.patient_id();
        self.patient = Some(id.clone());
        let mut visit = VisitIdentifiers::default();
        let mut contacts = Distinct::default();
        let mut patient = Patient {
            gender: self.sender().status(seg.at(8), 1, table::gender),
            marital_status: self.concept_of(seg.at(16), 2),
            religion: self.concept_of(seg.at(17), 6),
            ethnicity: self
                .concepts(seg, 22, Some(189))
                .into_iter()
                .map(ethnicity)
                .collect(),
            race: self.concepts(seg, 10, Some(5)).into_iter().map(race).collect(),
            citizenship: self.concepts(seg, 26, Some(171)),
            tribal_affiliation: self.concepts(seg, 39, None),
            ..Patient::default()
        };
        patient.identifier = self.identifiers(seg);
        if self.has_visit {
            let account = self.sender().number(seg.at(18));
            visit.accounts.extend(account.map(|mut account| {
                account
                    .type_
                    .get_or_insert_with(|| identifier_type("AN".to_owned()));
                account
            }));
        }
        patient.name = names(seg, 5).chain(names(seg, 9)).collect();
        self.mother(seg, &mut patient);
        if let Some(birth) = seg.at(7).time() {
            patient.birth_date = Some(birth.date());
            if birth.precision() > Precision::Day {
                patient.birth_time = Some(birth);
            }
        }
        patient.address = seg.all(11).filter_map(address).collect();
        if let Some(county) = seg.at(12).peek_code() {
            match patient.address.as_mut_slice() {
                [only] if only.district.is_none() || only.district.as_deref() == Some(&county) => {
                    seg.at(12).leaf().mark();
                    only.district = Some(county);
                }
                [] => {
                    seg.at(12).leaf().mark();
                    patient.address.push(ehr_types::Address {
                        district: Some(county),
                        ..ehr_types::Address::default()
                    });
                }
                _ => {}
            }
        }
        let mut erased = Vec::new();
        let mut points = Distinct::default();
        for (field, use_) in [(13, Some("home")), (14, Some("work")), (40, None)] {
            let of_field: Vec<ContactPoint> = seg.all(field).flat_map(|at| telecom(at, use_)).collect();
            self.listed(&id, seg.at(field), ("telecom", field), &of_field, &mut erased);
            points.extend(of_field);
        }
        patient.telecom = points.into_vec();
        patient.communication = self.languages(seg, 15);
        if let Some(place) = seg.text(23) {
            patient.birth_place = Some(ehr_types::Address {
                text: Some(place),
                ..ehr_types::Address::default()
            });
        }
        let order = seg.at(25).unsigned().and_then(|order| i32::try_from(order).ok());
        patient.multiple_birth = match (order, seg.at(24).yes_no()) {
            (Some(order), _) => Some(MultipleBirth::Integer(order)),
            (None, answer) => answer.map(MultipleBirth::Boolean),
        };
        patient.deceased = match (seg.at(29).time(), seg.at(30).yes_no()) {
            (Some(time), answer) => {
                if answer == Some(false) {
                    seg.at(30).warn(
                        "v2.death.contradiction",
                        "a time of death, and the statement that there is no death",
                    );
                }
                Some(Deceased::DateTime(time))
            }
            (None, answer) => answer.map(Deceased::Boolean),
        };
        for more in pid.more("PD1") {
            self.additional_demographics(more, &mut patient);
        }
        for more in pid.more("MRG") {
            self.merge(more, &mut patient, &mut visit);
        }
        patient.link.extend(linked.into_iter().map(|other| PatientLink {
            other: Some(other_patient(other)),
            type_: Some("seealso".to_owned()),
        }));
        for unit in next_of_kin {
            self.related_person(unit, &mut contacts);
        }
        patient.contact = contacts.into_vec();
        let roles = self.roles(pid.more("ROL").chain(pid.more("PRT")));
        patient.general_practitioner.extend(
            roles
                .into_iter()
                .filter(|role| is_general_practitioner(&role.role))
                .filter_map(|role| role.actor),
        );
        self.note_replaced(seg, &patient);
        self.note_lists(&id, seg, &patient, &mut erased);
        let mut segments = vec![seg];
        segments.extend(&pid.more);
        self.add(&["patient"], patient, &segments);
        self.chart.erase(&id, erased);
        self.chart.sign(
            &id,
            facility(seg.at(34)).into_iter().collect(),
            self.protection(pid),
        );
        if let Some(updated) = seg.at(33).time() {
            self.chart.recorded(&id, updated);
        }
        self.remarks_on_patient(&pid.notes);
        visit
    }

    /// Notes which fields the items of lists are from, and what null asks to delete.
    fn note_lists(&mut self, id: &EntryId, seg: Seg<'r>, patient: &Patient, erased: &mut Vec<Erasure>) {
        let single = [
            (7, "birth_date"),
            (7, "birth_time"),
            (23, "birth_place"),
            (24, "multiple_birth"),
            (25, "multiple_birth"),
            (29, "deceased"),
            (30, "deceased"),
        ];
        self.erased(id, seg, &single, erased);
        for (field, member, items) in [
            (10, "race", &patient.race),
            (22, "ethnicity", &patient.ethnicity),
            (26, "citizenship", &patient.citizenship),
            (39, "tribal_affiliation", &patient.tribal_affiliation),
        ] {
            self.listed(id, seg.at(field), (member, field), items, erased);
        }
        self.listed(id, seg.at(11), ("address", 11), &patient.address, erased);
        self.listed(
            id,
            seg.at(15),
            ("communication", 15),
            &patient.communication,
            erased,
        );
        for (field, kind) in [(19, "SS"), (20, "DL")] {
            let numbers = patient.identifier.iter().filter(|number| {
                let types = number.type_.iter().flat_map(|type_| &type_.codings);
                types.into_iter().any(|type_| type_.code.as_deref() == Some(kind))
            });
            let numbers: Vec<&Identifier> = numbers.collect();
            self.listed(id, seg.at(field), ("identifier", field), &numbers, erased);
        }
        // PID-9; nobody is without a name because of a null.
        let aliases: Vec<HumanName> = names(seg, 9).collect();
        self.listed(id, seg.at(9), ("name", 9), &aliases, erased);
    }

    /// PD1-12 and ARV-3: who may not see all of the patient.
    fn protection(&self, pid: &Unit<'r>) -> Vec<Coding> {
        let protected = pid.more("PD1").filter_map(|more| restricted(more.at(12)));
        let in_force = pid
            .more("ARV")
            .filter(|seg| !matches!(seg.at(2).peek_code().as_deref(), Some("D")));
        let restrictions = in_force.flat_map(|seg| {
            seg.at(2).leaf().mark();
            self.labels(seg, 3, Some(717))
        });
        protected.chain(restrictions).collect()
    }

    /// Says which of the facts that tell people apart are now others than in an earlier message.
    fn note_replaced(&mut self, seg: Seg<'r>, new: &Patient) {
        let old = &self.chart.stated;
        let code = |patient: &Patient| patient.gender.as_ref().map(|gender| gender.code.clone());
        let other_name = old.name.first().is_some_and(|old| {
            !new.name.is_empty()
                && !new
                    .name
                    .iter()
                    .any(|new| (&new.family, &new.given) == (&old.family, &old.given))
        });
        let other_birth =
            new.birth_date.is_some() && old.birth_date.is_some() && new.birth_date != old.birth_date;
        let other_sex = new.gender.is_some() && old.gender.is_some() && code(new) != code(old);
        let stated = &mut self.chart.stated;
        if let Some(name) = new.name.first() {
            stated.name = vec![name.clone()];
        }
        stated.birth_date = new.birth_date.or(stated.birth_date);
        stated.gender = new.gender.clone().or(stated.gender.take());
        for (replaced, field, message) in [
            (
                other_name,
                5,
                "the name takes the place of another in an earlier message, which is kept beside it",
            ),
            (
                other_birth,
                7,
                "the birth date takes the place of another in an earlier message, which is kept as residual",
            ),
            (
                other_sex,
                8,
                "the sex takes the place of another in an earlier message, which is kept as residual",
            ),
        ] {
            if replaced {
                seg.at(field).warn("v2.patient.replaced", message);
            }
        }
    }

    /// PID-2, 3, 4, 19 and 20.
    fn identifiers(&mut self, seg: Seg<'r>) -> Vec<Identifier> {
        let mut stated = Distinct::default();
        for field in [3, 2, 4] {
            stated.extend(seg.all(field).filter_map(|at| self.sender().identifier(at)));
        }
        let mut identifiers = stated.into_vec();
        let number = seg.at(19);
        if number.take_null() {
            identifiers.push(Identifier {
                system: Some(CodeSystem::US_SSN.uri.to_owned()),
                absent: Some(super::datatype::deleted()),
                ..Identifier::default()
            });
        } else if let Some(value) = number.part(1).text() {
            let known = identifiers.iter().any(|known| {
                known.system.as_deref() == Some(CodeSystem::US_SSN.uri)
                    && same_digits(known.value.as_deref(), &value)
            });
            if !known {
                identifiers.push(Identifier {
                    type_: Some(identifier_type("SS".to_owned())),
                    ..Identifier::new(CodeSystem::US_SSN.uri, value)
                });
            }
        }
        let licence = seg.at(20);
        if let Some(value) = licence.part(1).text() {
            let end = licence.part(3).time();
            identifiers.push(Identifier {
                type_: Some(identifier_type("DL".to_owned())),
                value: Some(value),
                assigner: licence.part(2).code(),
                period: end.map(|end| Period::new(None, Some(end))),
                ..Identifier::default()
            });
        }
        identifiers
    }

    fn additional_demographics(&mut self, seg: Seg<'r>, patient: &mut Patient) {
        let facilities: Vec<At<'r>> = seg.all(3).collect();
        for at in facilities {
            patient
                .general_practitioner
                .extend(self.organization(at, Vec::new(), Vec::new()));
        }
        let practitioners = self.practitioners(seg, 4);
        patient.general_practitioner.extend(practitioners);
        // PD1-10: what the sender has of the same person twice.
        let duplicates = seg.all(10).filter_map(|at| self.sender().number(at));
        patient.link.extend(duplicates.map(|duplicate| PatientLink {
            other: Some(other_patient(duplicate)),
            type_: Some("seealso".to_owned()),
        }));
        self.directives(seg, 7, 315);
        self.directives(seg, 15, 435);
    }
}

pub(super) fn other_patient(identifier: Identifier) -> Reference {
    Reference {
        class: Some(RecordClass::Patient),
        identifier: Some(identifier),
        ..Reference::default()
    }
}

pub(super) fn names(seg: Seg<'_>, field: u32) -> impl Iterator<Item = HumanName> + use<'_> {
    seg.all(field)
        .flat_map(|at| name(at).into_iter().chain(called(at)))
}

fn same_digits(known: Option<&str>, value: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    known.is_some_and(|known| digits(known) == digits(value))
}

fn is_general_practitioner(roles: &[CodeableConcept]) -> bool {
    roles
        .iter()
        .flat_map(|role| &role.codings)
        .any(|coding| matches!(coding.code.as_deref(), Some("PP" | "FHCP")))
}

/// A race of table 0005, whose codes are those of the CDC, with the CDC's coding in front.
fn race(concept: CodeableConcept) -> CodeableConcept {
    with_cdc(concept, 5, |code| is_cdc(code).then(|| code.to_owned()))
}

/// An ethnicity of table 0189, by the CDC's code where the standard gives one.
fn ethnicity(concept: CodeableConcept) -> CodeableConcept {
    with_cdc(concept, 189, |code| match code {
        "H" => Some("2135-2".to_owned()),
        "N" | "NH" => Some("2186-5".to_owned()),
        code => is_cdc(code).then(|| code.to_owned()),
    })
}

fn is_cdc(code: &str) -> bool {
    let bytes = code.as_bytes();
    matches!(bytes, [a, b, c, d, b'-', e] if [a, b, c, d, e].iter().all(|digit| digit.is_ascii_digit()))
}

fn with_cdc(
    mut concept: CodeableConcept,
    table: u16,
    translate: impl Fn(&str) -> Option<String>,
) -> CodeableConcept {
    if concept
        .codings
        .iter()
        .any(|coding| coding.is_of(&CodeSystem::CDC_RACE))
    {
        return concept;
    }
    let uri = table::uri(table);
    let translated = concept.codings.iter().find_map(|coding| {
        let of_table = coding.system.as_deref().is_none_or(|system| system == uri);
        let code = coding.code.as_deref().filter(|_| of_table)?;
        Some(Coding {
            display: coding.display.clone(),
            ..Coding::new(CodeSystem::CDC_RACE.uri, translate(code)?)
        })
    });
    if let Some(coding) = translated {
        concept.codings.insert(0, coding);
    }
    concept
}
