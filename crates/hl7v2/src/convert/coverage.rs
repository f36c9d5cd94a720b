//! IN1 with IN2 and IN3: coverage. GT1: the guarantor. FT1: charges.

use ehr_model::{
    ChargeItem, Coverage, CoverageClass, Occurrence, Organization, Performer, Reference, RelatedPerson,
    Status,
};
use ehr_types::{Address, CodeSystem, CodeableConcept, Coding, ContactPoint, HumanName, Identifier};

use super::conversion::{Conversion, code, key_of};
use super::datatype::{address, identifier_type, name, period, telecom};
use super::group::Unit;
use super::reading::{At, Seg};
use super::table;

const COVERAGE_CLASS: &str = "http://terminology.hl7.org/CodeSystem/coverage-class";

impl<'r> Conversion<'r, '_> {
    /// IN1 with its IN2 and IN3.
    pub(super) fn coverage(&mut self, unit: &Unit<'r>) {
        let seg = unit.seg;
        if !self.is_named(seg, &[2, 3, 4, 8, 9, 15, 16, 36, 49]) {
            return;
        }
        let mut coverage = Coverage {
            beneficiary: self.subject(),
            period: period(seg.at(12), seg.at(13)),
            type_: self.concept_of(seg.at(15), 86),
            relationship: self.concept_of(seg.at(17), 63),
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
        let more: Vec<Seg<'r>> = unit.more("IN2").collect();
        coverage.subscriber = self.insured(seg, &more, coverage.relationship.as_ref());
        for extra in &more {
            if let Some(number) = extra.at(61).part(1).text() {
                coverage.dependent.get_or_insert(number.clone());
                coverage.identifier.push(Identifier {
                    value: Some(number),
                    type_: Some(identifier_type("MB".to_owned())),
                    ..Identifier::default()
                });
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

    /// IN1-3 to 7 and 10, 11: who pays, and whose policy it is.
    fn payor(&mut self, seg: Seg<'r>, coverage: &mut Coverage) {
        let identifiers: Vec<Identifier> = seg.all(3).filter_map(|at| self.sender().identifier(at)).collect();
        let name = seg.at(4).part(1).text();
        let address: Vec<Address> = seg.all(5).filter_map(address).collect();
        let telecom: Vec<ContactPoint> = seg.all(7).flat_map(|at| telecom(at, None)).collect();
        let mut organization = Organization {
            identifier: identifiers,
            name,
            address,
            telecom,
            ..Organization::default()
        };
        if let Some(value) = seg.at(4).part(10).text().or_else(|| seg.at(4).part(3).text()) {
            organization.identifier.push(Identifier {
                value: Some(value),
                ..Identifier::default()
            });
        }
        let contact = name_of(seg, 6);
        if let Some(name) = contact {
            organization.contact.push(ehr_model::OrganizationContact {
                name: Some(name),
                ..ehr_model::OrganizationContact::default()
            });
        }
        if organization != Organization::default() {
            coverage
                .payor
                .extend(self.add_organization(organization, seg.at(4)));
        }
        let employers: Vec<At<'r>> = seg.all(11).collect();
        for at in employers {
            coverage.policy_holder = self.organization(at, Vec::new(), Vec::new());
        }
    }

    /// IN1-16, 18, 19, 43: the insured person, who is the patient when IN1-17 says so.
    fn insured(
        &mut self,
        seg: Seg<'r>,
        more: &[Seg<'r>],
        relationship: Option<&CodeableConcept>,
    ) -> Option<Reference> {
        let is_self = relationship.is_some_and(|concept| {
            concept.codings.iter().any(|coding| {
                matches!(
                    coding.code.as_deref().map(str::to_ascii_uppercase).as_deref(),
                    Some("SEL" | "SELF" | "18" | "S" | "01")
                )
            })
        });
        if is_self {
            // The patient again; what differs from PID stays in the residual.
            return self.subject();
        }
        let mut person = RelatedPerson {
            patient: self.subject(),
            name: seg.all(16).filter_map(name).collect(),
            birth_date: seg.at(18).date(),
            address: seg.all(19).filter_map(address).collect(),
            gender: self.sender().status(seg.at(43), 1, table::gender),
            relationship: relationship.cloned().into_iter().collect(),
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

    /// FT1: a charge.
    pub(super) fn charge(&mut self, unit: &Unit<'r>) {
        let seg = unit.seg;
        let mut charge = ChargeItem {
            subject: self.subject(),
            context: self.encounter(),
            note: self.notes(&unit.notes),
            code: self.concept(seg.at(7)),
            entered_date: seg.at(5).time(),
            reason: self.concepts(seg, 19, None),
            ..ChargeItem::default()
        };
        for field in [2, 23] {
            if let Some(identifier) = self.sender().entity(seg.at(field), None) {
                charge.identifier.push(identifier);
            }
        }
        // FT1-4 is a DR: one time, or two.
        let when = seg.at(4);
        charge.occurrence = match (when.part(1).time(), when.part(2).time()) {
            (start, Some(end)) => Some(Occurrence::Period(ehr_types::Period::new(start, Some(end)))),
            (start, None) => start.map(Occurrence::DateTime),
        };
        charge.status = charge_status(seg);
        let quantity = seg.at(10).decimal();
        charge.quantity = quantity.map(|value| ehr_types::Quantity {
            value: Some(value),
            ..ehr_types::Quantity::default()
        });
        for text in [8, 9].iter().filter_map(|field| seg.text(*field)) {
            match &mut charge.code {
                Some(code) if code.text.is_none() => code.text = Some(text),
                Some(code) if code.text.as_deref() == Some(&text) => {}
                Some(_) => charge.note.push(ehr_model::Annotation {
                    text,
                    ..ehr_model::Annotation::default()
                }),
                None => charge.code = Some(CodeableConcept::from_text(text)),
            }
        }
        // FT1-25 names the procedure, FT1-7 the charge code of the sender.
        let procedure = self.concept(seg.at(25));
        if let Some(procedure) = procedure {
            match &mut charge.code {
                Some(code) => code.codings.extend(procedure.codings),
                None => charge.code = Some(procedure),
            }
        }
        for modifier in self.concepts(seg, 26, Some(340)) {
            if let Some(code) = &mut charge.code {
                code.codings.extend(modifier.codings);
            }
        }
        let price = [11, 12, 22]
            .iter()
            .map(|field| seg.at(*field))
            .find(|at| at.has_text());
        if let Some(price) = price {
            charge.price_override = price.part(1).decimal();
            charge.price_currency = price.part(1).part(2).text();
        }
        for (field, function) in [(20, "PRF"), (21, "REF")] {
            let function = super::participant::participation(function, "");
            let performers: Vec<Performer> = self.performers(seg, field, &function);
            charge.performer.extend(performers);
        }
        charge.enterer = self.practitioners(seg, 24).into_iter().next();
        if let Some(place) = self.location(seg.at(16)) {
            charge.performer.push(Performer {
                actor: Some(place),
                ..Performer::default()
            });
        }
        let key = match charge.identifier.first() {
            Some(identifier) => key_of(identifier),
            None => seg.content(),
        };
        self.add(&["charge", &key], charge, &unit.segments());
    }
}

/// FT1-6 by table 0017: a charge can be billed, a credit takes one back.
fn charge_status(seg: Seg<'_>) -> Option<Status> {
    let kind = seg.code(6)?;
    let status = match kind.as_str() {
        "CG" | "CO" => Some("billable"),
        _ => None,
    };
    Some(Status::translated(status, Coding::new(table::uri(17), kind)))
}

fn name_of(seg: Seg<'_>, field: u32) -> Option<HumanName> {
    name(seg.at(field))
}
