//! IN1 with IN2: coverage. GT1: the guarantor.

use ehr_model::{Coverage, CoverageClass, Organization, OrganizationContact, Reference, RelatedPerson};
use ehr_types::{Address, CodeSystem, CodeableConcept, ContactPoint, HumanName, Identifier};

use super::conversion::{Conversion, code, key_of};
use super::datatype::{address, identifier_type, name, period, telecom};
use super::group::Unit;
use super::participant::organization;
use super::reading::Seg;
use super::table;

const COVERAGE_CLASS: &str = "http://terminology.hl7.org/CodeSystem/coverage-class";

impl<'r> Conversion<'r, '_> {
    /// IN1 with its IN2 and IN3.
    pub(super) fn coverage(&mut self, unit: &Unit<'r>) {
        let seg = unit.seg;
        if !self.is_named(seg, &[2, 3, 4, 8, 9, 15, 16, 36, 49]) {
            return;
        }
        let more: Vec<Seg<'r>> = unit.more("IN2").collect();
        // IN1-17 says how the insured stands to the patient; IN2-72 the other way round.
        let to_patient = self.concept_of(seg.at(17), 63);
        let of_patient = || more.iter().find_map(|more| self.concept_of(more.at(72), 344));
        let mut coverage = Coverage {
            beneficiary: self.subject(),
            period: period(seg.at(12), seg.at(13)),
            type_: self.concept_of(seg.at(15), 86),
            relationship: to_patient.clone().or_else(of_patient),
            order: seg.at(22).unsigned().or_else(|| seg.at(1).unsigned()),
            ..Coverage::default()
        };
        self.plan(seg, &mut coverage);
        let policy = seg.text(36);
        if let Some(policy) = policy {
            coverage.identifier.push(Identifier {
                value: Some(policy.clone()),
                ..Identifier::default()
            });
            coverage.subscriber_id = Some(policy);
        }
        let members: Vec<Identifier> = seg
            .all(49)
            .filter_map(|at| self.sender().identifier(at))
            .collect();
        if let Some(member) = members.first().and_then(|member| member.value.clone()) {
            coverage.subscriber_id = Some(member);
        }
        coverage.identifier.extend(members);
        self.payor(seg, &mut coverage);
        coverage.subscriber = if coverage.relationship.as_ref().is_some_and(is_self) {
            // The patient again; what differs from PID stays in the residual.
            self.subject()
        } else {
            self.insured(seg, &more, to_patient)
        };
        for extra in &more {
            if let Some(mut member) = self.sender().number(extra.at(61)) {
                if let Some(number) = &member.value {
                    coverage.dependent.get_or_insert(number.clone());
                }
                member
                    .type_
                    .get_or_insert_with(|| identifier_type("MB".to_owned()));
                coverage.identifier.push(member);
            }
            for (field, kind) in [(6, "MC"), (8, "MA")] {
                if let Some(number) = extra.text(field) {
                    coverage.identifier.push(Identifier {
                        value: Some(number),
                        type_: Some(identifier_type(kind.to_owned())),
                        ..Identifier::default()
                    });
                }
            }
        }
        let key = match (coverage.payor.first(), coverage.identifier.first()) {
            (payor, Some(identifier)) => format!(
                "{} {}",
                key_of(identifier),
                payor
                    .and_then(|payor| payor.target.as_ref())
                    .map_or("", |id| id.key.as_str())
            ),
            (_, None) => seg.content(),
        };
        self.add(&["coverage", &key], coverage, &unit.segments());
    }

    /// IN1-2, 8 and 9: plan and group.
    fn plan(&mut self, seg: Seg<'r>, coverage: &mut Coverage) {
        if let Some(plan) = self.concept(seg.at(2)) {
            let coding = plan.codings.first();
            let value = coding.and_then(|coding| coding.code.clone());
            let name = plan
                .text
                .clone()
                .or_else(|| coding.and_then(|coding| coding.display.clone()));
            if let Some(value) = value.clone() {
                coverage.identifier.push(Identifier {
                    system: coding.and_then(|coding| coding.system.clone()),
                    value: Some(value),
                    ..Identifier::default()
                });
            }
            coverage.class.push(CoverageClass {
                type_: Some(code(COVERAGE_CLASS, "plan", "")),
                value: value.or_else(|| name.clone()),
                name,
            });
        }
        let number = seg.at(8).code();
        let name = seg.at(9).part(1).text();
        if number.is_some() || name.is_some() {
            coverage.class.push(CoverageClass {
                type_: Some(code(COVERAGE_CLASS, "group", "")),
                value: number.or_else(|| name.clone()),
                name,
            });
        }
    }

    /// IN1-3 to 7: who pays; and whose policy it is.
    fn payor(&mut self, seg: Seg<'r>, coverage: &mut Coverage) {
        let identifiers: Vec<Identifier> = seg.all(3).filter_map(|at| self.sender().identifier(at)).collect();
        let company = seg.at(4).part(1).text();
        let address: Vec<Address> = seg.all(5).filter_map(address).collect();
        let telecom: Vec<ContactPoint> = seg.all(7).flat_map(|at| telecom(at, None)).collect();
        let mut payor = Organization {
            identifier: identifiers,
            name: company,
            address,
            telecom,
            ..Organization::default()
        };
        if let Some(value) = seg.at(4).part(10).text().or_else(|| seg.at(4).part(3).text()) {
            payor.identifier.push(Identifier {
                value: Some(value),
                ..Identifier::default()
            });
        }
        if let Some(name) = name(seg.at(6)) {
            payor.contact.push(OrganizationContact {
                name: Some(name),
                ..OrganizationContact::default()
            });
        }
        if payor != Organization::default() {
            coverage.payor.extend(self.add_organization(payor, seg.at(4)));
        }
        self.policy_holder(seg, coverage);
    }

    /// IN1-10, 11 and 44: the group, most often the employer, that holds the policy.
    fn policy_holder(&mut self, seg: Seg<'r>, coverage: &mut Coverage) {
        let mut holder = organization(seg.at(11));
        let numbers = seg.all(10).filter_map(|at| self.sender().number(at));
        holder.identifier.extend(numbers);
        if holder != Organization::default() {
            holder.address = seg.all(44).filter_map(address).collect();
            let at = if seg.has(11) { seg.at(11) } else { seg.at(10) };
            coverage.policy_holder = self.add_organization(holder, at);
        }
    }

    /// IN1-16, 18, 19 and 43 with IN2: the insured person.
    fn insured(
        &mut self,
        seg: Seg<'r>,
        more: &[Seg<'r>],
        relationship: Option<CodeableConcept>,
    ) -> Option<Reference> {
        let is_named = seg.has(16)
            || more
                .iter()
                .any(|more| [1, 2, 10].iter().any(|field| more.has(*field)));
        if !is_named {
            return None;
        }
        let mut person = RelatedPerson {
            patient: self.subject(),
            name: seg.all(16).filter_map(name).collect(),
            birth_date: seg.at(18).date(),
            address: seg.all(19).filter_map(address).collect(),
            gender: self.sender().status(seg.at(43), 1, table::gender),
            relationship: relationship.into_iter().collect(),
            ..RelatedPerson::default()
        };
        for extra in more {
            person
                .telecom
                .extend(extra.all(63).flat_map(|at| telecom(at, Some("home"))));
            person
                .telecom
                .extend(extra.all(64).flat_map(|at| telecom(at, Some("work"))));
            if let Some(value) = extra.text(2) {
                person.identifier.push(Identifier {
                    type_: Some(identifier_type("SS".to_owned())),
                    ..Identifier::new(CodeSystem::US_SSN.uri, value)
                });
            }
            for (field, kind) in [(1, "EI"), (10, "MI")] {
                let numbers = extra.all(field).filter_map(|at| self.sender().number(at));
                person.identifier.extend(numbers.map(|mut number| {
                    number
                        .type_
                        .get_or_insert_with(|| identifier_type(kind.to_owned()));
                    number
                }));
            }
            person.communication.extend(self.languages(*extra, 34));
        }
        if person.name.is_empty() && person.identifier.is_empty() {
            return None;
        }
        let display = person.name.first().and_then(HumanName::display);
        let key = serde_json::to_string(&person).unwrap_or_default();
        let id = self.add_field(&["insured", &key], person, seg.at(16));
        Some(Reference {
            display,
            ..Reference::to(&id)
        })
    }

    /// GT1: the guarantor, as a person related to the patient.
    pub(super) fn guarantor(&mut self, unit: &Unit<'r>) {
        let seg = unit.seg;
        let mut relationship = vec![code(
            "http://terminology.hl7.org/CodeSystem/v3-RoleClass",
            "GUAR",
            "guarantor",
        )];
        relationship.extend(self.concept_of(seg.at(11), 63));
        let mut person = RelatedPerson {
            identifier: seg.all(2).filter_map(|at| self.sender().identifier(at)).collect(),
            patient: self.subject(),
            relationship,
            name: seg.all(3).chain(seg.all(4)).filter_map(name).collect(),
            address: seg.all(5).filter_map(address).collect(),
            birth_date: seg.at(8).date(),
            gender: self.sender().status(seg.at(9), 1, table::gender),
            period: period(seg.at(13), seg.at(14)),
            communication: self.languages(seg, 36),
            ..RelatedPerson::default()
        };
        for (field, use_) in [(6, Some("home")), (7, Some("work"))] {
            person
                .telecom
                .extend(seg.all(field).flat_map(|at| telecom(at, use_)));
        }
        if let Some(value) = seg.at(12).code() {
            person.identifier.push(Identifier {
                type_: Some(identifier_type("SS".to_owned())),
                ..Identifier::new(CodeSystem::US_SSN.uri, value)
            });
        }
        let key = seg.content();
        self.add(&["guarantor", &key], person, &unit.segments());
    }
}

/// Whether a relationship says that the insured is the patient: in table 0063, in X12 (`18`), or in table 0344, where 18 is a parent.
fn is_self(relationship: &CodeableConcept) -> bool {
    let of_patient = table::uri(344);
    relationship.codings.iter().any(|coding| {
        let code = coding.code.as_deref().map(str::to_ascii_uppercase);
        match code.as_deref() {
            Some("01") => true,
            Some("SEL" | "SELF" | "18" | "S") => coding.system.as_deref() != Some(&of_patient),
            _ => false,
        }
    })
}
