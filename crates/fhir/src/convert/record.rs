//! Resources and records: which struct of FHIR stands for which class.

use ehr_model as model;
use ehr_model::{OtherRecord, Record, RecordClass};
use ehr_types::{CodeableConcept, Identifier};

use super::json::Tree;
use super::map::{Convert, Reader, Writer, each_written, said};
use crate::element::Boxed;
use crate::r4::{self, Meta, Resource};

macro_rules! classes {
    ($($class:ident($model:ident)),* $(,)?) => {
        /// The record of a resource; [`Record::Other`] for types without a class.
        pub(super) fn read(resource: &Resource, cx: &Reader<'_>) -> Record {
            match resource {
                $(Resource::$class(resource) => {
                    let mut to = Box::<model::$model>::default();
                    to.read_from(resource.as_ref(), cx);
                    Record::$class(to)
                })*
                other => Record::from(OtherRecord {
                    resource_type: other.resource_type().to_owned(),
                    identifier: Vec::new(),
                }),
            }
        }

        /// The resource of a record; a [Basic](https://hl7.org/fhir/R4/basic.html) for one without a class.
        pub(super) fn write(record: &Record, cx: &Writer<'_>) -> Resource {
            match record {
                $(Record::$class(record) => {
                    let mut to = Boxed::<r4::$class>::default();
                    record.write_to(&mut *to, cx);
                    Resource::$class(to)
                })*
                Record::Other(record) => Resource::from(basic(record, cx)),
            }
        }

        /// The place of the meta of a resource that [`write`] made.
        pub(super) fn meta_mut(resource: &mut Resource) -> Option<&mut Option<Box<Meta>>> {
            match resource {
                $(Resource::$class(resource) => Some(&mut resource.meta),)*
                Resource::Basic(resource) => Some(&mut resource.meta),
                _ => None,
            }
        }
    };
}

classes!(
    Patient(Patient),
    RelatedPerson(RelatedPerson),
    Practitioner(Practitioner),
    PractitionerRole(PractitionerRole),
    Organization(Organization),
    Location(Location),
    Encounter(Encounter),
    Condition(Condition),
    AllergyIntolerance(AllergyIntolerance),
    Medication(Medication),
    MedicationRequest(MedicationRequest),
    MedicationStatement(MedicationStatement),
    MedicationDispense(MedicationDispense),
    MedicationAdministration(MedicationAdministration),
    Immunization(Immunization),
    Observation(Observation),
    DiagnosticReport(DiagnosticReport),
    Specimen(Specimen),
    Procedure(Procedure),
    CarePlan(CarePlan),
    CareTeam(CareTeam),
    Goal(Goal),
    ServiceRequest(ServiceRequest),
    Appointment(Appointment),
    DocumentReference(Document),
    FamilyMemberHistory(FamilyMemberHistory),
    Device(Device),
    Coverage(Coverage),
    ChargeItem(ChargeItem),
);

fn basic(record: &OtherRecord, cx: &Writer<'_>) -> r4::Basic {
    r4::Basic {
        identifier: each_written(&record.identifier, cx),
        code: said(&CodeableConcept::from_text(record.resource_type.as_str()), cx)
            .or_else(|| said(&CodeableConcept::from_text("unknown"), cx)),
        ..r4::Basic::default()
    }
}

/// Identifiers of a resource without a class, from its JSON.
pub(super) fn identifiers(tree: &Tree) -> Vec<Identifier> {
    let Some(member) = tree.get("identifier") else {
        return Vec::new();
    };
    let all = match member {
        Tree::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let read = |item: &Tree| {
        let parsed =
            crate::parse::<r4::Identifier>(item.to_text().as_bytes(), &crate::ParseOptions::default())
                .ok()?;
        Some(Identifier::read(&parsed.value, &Reader::PLAIN))
    };
    all.iter().filter_map(read).collect()
}

/// The class of a resource.
pub(super) fn class_of(resource_type: &str) -> RecordClass {
    RecordClass::from_fhir_type(resource_type).unwrap_or(RecordClass::Other)
}
