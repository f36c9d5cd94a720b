//! US Core 7.0.0 (<https://hl7.org/fhir/us/core/STU7/>): its extensions by name, and how much of what its profiles mark as
//! must-support a record has.

use crate::element::{Element, Elements, Field, Node, Primitive, Primitives, Visitor};
use crate::r4::{CodeableConcept, Coding, Extension, ExtensionValue, Observation, Patient, Resource};

const BASE: &str = "http://hl7.org/fhir/us/core/StructureDefinition/";

/// Race or ethnicity as US Core records it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Categories<'a> {
    /// Categories of the Office of Management and Budget (and "unknown", "asked but unknown").
    pub omb: Vec<&'a Coding>,
    /// Detailed codes of CDC.
    pub detailed: Vec<&'a Coding>,
    /// The text, which should always be there.
    pub text: Option<&'a str>,
}

fn find<'a>(extensions: &'a [Extension], name: &str) -> impl Iterator<Item = &'a Extension> {
    let url = format!("{BASE}{name}");
    extensions
        .iter()
        .filter(move |extension| extension.url.as_deref() == Some(url.as_str()))
}

fn code_of(extension: &Extension) -> Option<&str> {
    match extension.value.as_deref()? {
        ExtensionValue::Code(code) | ExtensionValue::String(code) => Some(code),
        ExtensionValue::Coding(coding) => coding.code.as_deref(),
        _ => None,
    }
}

fn categories<'a>(patient: &'a Patient, name: &str) -> Option<Categories<'a>> {
    let extension = find(&patient.extension, name).next()?;
    let mut out = Categories::default();
    for part in extension.extension() {
        match (part.url.as_deref(), part.value.as_deref()) {
            (Some("ombCategory"), Some(ExtensionValue::Coding(coding))) => out.omb.push(coding),
            (Some("detailed"), Some(ExtensionValue::Coding(coding))) => out.detailed.push(coding),
            (Some("text"), Some(ExtensionValue::String(text))) => out.text = Some(text),
            _ => {}
        }
    }
    Some(out)
}

/// The patient's race (`us-core-race`).
///
/// ```
/// use ehr_fhir::{ParseOptions, parse, r4::Patient, us_core};
/// let json = br#"{"resourceType":"Patient","extension":[{
///   "url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-race",
///   "extension":[{"url":"ombCategory","valueCoding":{"system":"urn:oid:2.16.840.1.113883.6.238","code":"2106-3"}},
///                {"url":"text","valueString":"White"}]}]}"#;
/// let patient = parse::<Patient>(json, &ParseOptions::default())?.value;
/// let race = us_core::race(&patient).unwrap();
/// assert_eq!((race.omb[0].code.as_deref(), race.text), (Some("2106-3"), Some("White")));
/// # Ok::<(), ehr_fhir::ParseError>(())
/// ```
pub fn race(patient: &Patient) -> Option<Categories<'_>> {
    categories(patient, "us-core-race")
}

/// The patient's ethnicity (`us-core-ethnicity`).
pub fn ethnicity(patient: &Patient) -> Option<Categories<'_>> {
    categories(patient, "us-core-ethnicity")
}

/// The sex that was assigned at birth (`us-core-birthsex`): `F`, `M`, `UNK` or another code.
pub fn birth_sex(patient: &Patient) -> Option<&str> {
    find(&patient.extension, "us-core-birthsex").find_map(code_of)
}

/// The sex that is documented (`us-core-sex`), a code of SNOMED CT or of data absent reason.
pub fn sex(patient: &Patient) -> Option<&str> {
    find(&patient.extension, "us-core-sex").find_map(code_of)
}

/// The gender identities (`us-core-genderIdentity`).
pub fn gender_identity(patient: &Patient) -> impl Iterator<Item = &CodeableConcept> {
    find(&patient.extension, "us-core-genderIdentity").filter_map(|extension| {
        match extension.value.as_deref() {
            Some(ExtensionValue::CodeableConcept(concept)) => Some(concept.as_ref()),
            _ => None,
        }
    })
}

/// The tribes the patient belongs to, and whether enrolled (`us-core-tribal-affiliation`).
pub fn tribal_affiliation(patient: &Patient) -> impl Iterator<Item = (&CodeableConcept, Option<bool>)> {
    find(&patient.extension, "us-core-tribal-affiliation").filter_map(|extension| {
        let part = |name: &str| {
            extension
                .extension()
                .iter()
                .find(|part| part.url.as_deref() == Some(name))
                .and_then(|part| part.value.as_deref())
        };
        let enrolled = match part("isEnrolled") {
            Some(ExtensionValue::Boolean(enrolled)) => Some(*enrolled),
            _ => None,
        };
        match part("tribalAffiliation") {
            Some(ExtensionValue::CodeableConcept(tribe)) => Some((tribe.as_ref(), enrolled)),
            _ => None,
        }
    })
}

/// Whether an interpreter is needed (`us-core-interpreter-needed`), of a Patient or Encounter: a SNOMED CT code for yes or no.
pub fn interpreter_needed(element: &impl Element) -> Option<&str> {
    find(element.extension(), "us-core-interpreter-needed").find_map(code_of)
}

/// How many resources have one must-support element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The profile, by the last part of its URL: `us-core-patient`.
    pub profile: &'static str,
    /// The element, by its path in the resource: `name.family`, `value[x]`, `extension(us-core-race)`.
    pub element: &'static str,
    /// Resources that the profile is for.
    pub resources: usize,
    /// Those of them that have the element.
    pub present: usize,
    /// Those that say why they do not have it (extension `data-absent-reason`).
    pub absent_with_reason: usize,
}

/// Reports, profile by profile, how many resources have each element that US Core marks as must-support.
///
/// A profile without a resource is left out, so that "no such data" differs from "data without that element".
pub fn must_support<'a>(resources: impl IntoIterator<Item = &'a Resource>) -> Vec<Coverage> {
    let mut of_profile: Vec<Vec<&Resource>> = vec![Vec::new(); PROFILES.len()];
    for resource in resources {
        let kind = resource.resource_type();
        for ((_, own, applies, _), list) in PROFILES.iter().zip(&mut of_profile) {
            if *own == kind && applies(resource) {
                list.push(resource);
            }
        }
    }
    let mut out = Vec::new();
    for ((profile, _, _, elements), list) in PROFILES.iter().zip(&of_profile) {
        if list.is_empty() {
            continue;
        }
        for element in *elements {
            let mut coverage = Coverage {
                profile,
                element,
                resources: list.len(),
                present: 0,
                absent_with_reason: 0,
            };
            for node in list.iter().filter_map(|resource| resource.as_element()) {
                match presence(node, element) {
                    Presence::Present => coverage.present += 1,
                    Presence::Reasoned => coverage.absent_with_reason += 1,
                    Presence::Absent => {}
                }
            }
            out.push(coverage);
        }
    }
    out
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Presence {
    Absent,
    Reasoned,
    Present,
}

fn presence(node: &dyn Node, path: &str) -> Presence {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    if let Some(name) = first
        .strip_prefix("extension(")
        .and_then(|name| name.strip_suffix(')'))
    {
        return if find(node.extension(), name).next().is_some() {
            Presence::Present
        } else {
            Presence::Absent
        };
    }
    let mut look = Look {
        name: first,
        rest,
        found: Presence::Absent,
    };
    node.visit(&mut look);
    let reasoned = node.extra().is_some_and(|extra| {
        extra
            .primitives()
            .any(|(name, _, primitive)| name == first && rest.is_empty() && has_reason(primitive))
    });
    if reasoned {
        look.found.max(Presence::Reasoned)
    } else {
        look.found
    }
}

fn has_reason(node: &dyn Node) -> bool {
    const REASON: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
    node.extension()
        .iter()
        .any(|extension| extension.url.as_deref() == Some(REASON))
}

struct Look<'p> {
    name: &'p str,
    rest: &'p str,
    found: Presence,
}

impl Look<'_> {
    fn is(&self, field: &Field) -> bool {
        field.element_name() == self.name
    }

    fn node(&mut self, node: &dyn Node) {
        let found = if has_reason(node) {
            Presence::Reasoned
        } else if self.rest.is_empty() {
            Presence::Present
        } else {
            presence(node, self.rest)
        };
        self.found = self.found.max(found);
    }
}

impl Visitor for Look<'_> {
    fn primitive(&mut self, field: &'static Field, _: Primitive<'_>) {
        if self.is(field) {
            self.found = Presence::Present;
        }
    }
    fn primitives(&mut self, field: &'static Field, _: &dyn Primitives) {
        if self.is(field) {
            self.found = Presence::Present;
        }
    }
    fn element(&mut self, field: &'static Field, value: &dyn Node) {
        if self.is(field) {
            self.node(value);
        }
    }
    fn elements(&mut self, field: &'static Field, values: &dyn Elements) {
        if self.is(field) {
            (0..values.count())
                .filter_map(|at| values.at(at))
                .for_each(|value| self.node(value));
        }
    }
    fn resource(&mut self, field: &'static Field, _: &Resource) {
        if self.is(field) {
            self.found = Presence::Present;
        }
    }
    fn resources(&mut self, field: &'static Field, _: &[Resource]) {
        if self.is(field) {
            self.found = Presence::Present;
        }
    }
}

/// Profile, resource type, whether it is for this resource, must-support elements.
type Profile = (
    &'static str,
    &'static str,
    fn(&Resource) -> bool,
    &'static [&'static str],
);

fn any(_: &Resource) -> bool {
    true
}

fn in_category(observation: &Observation, code: &str) -> bool {
    observation
        .category
        .iter()
        .flat_map(|category| &category.coding)
        .any(|coding| coding.code.as_deref() == Some(code))
}

fn laboratory(resource: &Resource) -> bool {
    matches!(resource, Resource::Observation(observation) if in_category(observation, "laboratory"))
}

fn vital_signs(resource: &Resource) -> bool {
    matches!(resource, Resource::Observation(observation) if in_category(observation, "vital-signs"))
}

fn implanted(resource: &Resource) -> bool {
    matches!(resource, Resource::Device(device) if !device.udi_carrier.is_empty())
}

const PROFILES: &[Profile] = &[
    (
        "us-core-patient",
        "Patient",
        any,
        &[
            "identifier",
            "identifier.system",
            "identifier.value",
            "name",
            "name.family",
            "name.given",
            "telecom.system",
            "telecom.value",
            "gender",
            "birthDate",
            "address",
            "address.line",
            "address.city",
            "address.state",
            "address.postalCode",
            "communication.language",
            "extension(us-core-race)",
            "extension(us-core-ethnicity)",
            "extension(us-core-birthsex)",
        ],
    ),
    (
        "us-core-allergyintolerance",
        "AllergyIntolerance",
        any,
        &[
            "clinicalStatus",
            "verificationStatus",
            "code",
            "patient",
            "reaction",
            "reaction.manifestation",
        ],
    ),
    (
        "us-core-careplan",
        "CarePlan",
        any,
        &["text", "text.status", "status", "intent", "category", "subject"],
    ),
    (
        "us-core-careteam",
        "CareTeam",
        any,
        &["status", "subject", "participant.role", "participant.member"],
    ),
    (
        "us-core-condition",
        "Condition",
        any,
        &[
            "clinicalStatus",
            "verificationStatus",
            "category",
            "code",
            "subject",
            "onset[x]",
            "abatement[x]",
            "recordedDate",
        ],
    ),
    (
        "us-core-coverage",
        "Coverage",
        any,
        &[
            "identifier",
            "status",
            "type",
            "subscriberId",
            "beneficiary",
            "relationship",
            "period",
            "payor",
            "class",
        ],
    ),
    (
        "us-core-implantable-device",
        "Device",
        implanted,
        &[
            "udiCarrier.deviceIdentifier",
            "udiCarrier.carrierHRF",
            "distinctIdentifier",
            "manufactureDate",
            "expirationDate",
            "lotNumber",
            "serialNumber",
            "type",
            "patient",
        ],
    ),
    (
        "us-core-diagnosticreport",
        "DiagnosticReport",
        any,
        &[
            "status",
            "category",
            "code",
            "subject",
            "encounter",
            "effective[x]",
            "issued",
            "performer",
            "result",
        ],
    ),
    (
        "us-core-documentreference",
        "DocumentReference",
        any,
        &[
            "identifier",
            "status",
            "type",
            "category",
            "subject",
            "date",
            "author",
            "content.attachment.contentType",
            "content.format",
            "context.encounter",
            "context.period",
        ],
    ),
    (
        "us-core-encounter",
        "Encounter",
        any,
        &[
            "identifier",
            "status",
            "class",
            "type",
            "subject",
            "participant.type",
            "participant.period",
            "participant.individual",
            "period",
            "reasonCode",
            "hospitalization.dischargeDisposition",
            "location.location",
            "serviceProvider",
        ],
    ),
    (
        "us-core-goal",
        "Goal",
        any,
        &[
            "lifecycleStatus",
            "description",
            "subject",
            "start[x]",
            "target.due[x]",
        ],
    ),
    (
        "us-core-immunization",
        "Immunization",
        any,
        &[
            "status",
            "statusReason",
            "vaccineCode",
            "patient",
            "encounter",
            "occurrence[x]",
            "primarySource",
            "lotNumber",
        ],
    ),
    (
        "us-core-location",
        "Location",
        any,
        &[
            "status",
            "name",
            "type",
            "telecom",
            "address",
            "managingOrganization",
        ],
    ),
    ("us-core-medication", "Medication", any, &["code"]),
    (
        "us-core-medicationdispense",
        "MedicationDispense",
        any,
        &[
            "status",
            "medication[x]",
            "subject",
            "performer.actor",
            "authorizingPrescription",
            "type",
            "quantity",
            "whenHandedOver",
            "dosageInstruction",
        ],
    ),
    (
        "us-core-medicationrequest",
        "MedicationRequest",
        any,
        &[
            "status",
            "intent",
            "category",
            "reported[x]",
            "medication[x]",
            "subject",
            "encounter",
            "authoredOn",
            "requester",
            "reasonCode",
            "dosageInstruction.text",
            "dosageInstruction.timing",
            "dosageInstruction.doseAndRate",
            "dispenseRequest.numberOfRepeatsAllowed",
            "dispenseRequest.quantity",
        ],
    ),
    (
        "us-core-observation-lab",
        "Observation",
        laboratory,
        &[
            "status",
            "category",
            "code",
            "subject",
            "encounter",
            "effective[x]",
            "value[x]",
            "dataAbsentReason",
            "interpretation",
            "specimen",
            "referenceRange",
        ],
    ),
    (
        "us-core-vital-signs",
        "Observation",
        vital_signs,
        &[
            "status",
            "category",
            "code",
            "subject",
            "effective[x]",
            "value[x]",
            "dataAbsentReason",
            "component",
        ],
    ),
    (
        "us-core-organization",
        "Organization",
        any,
        &[
            "identifier",
            "active",
            "name",
            "telecom",
            "address.line",
            "address.city",
            "address.state",
            "address.postalCode",
        ],
    ),
    (
        "us-core-practitioner",
        "Practitioner",
        any,
        &["identifier.system", "identifier.value", "name.family"],
    ),
    (
        "us-core-practitionerrole",
        "PractitionerRole",
        any,
        &[
            "practitioner",
            "organization",
            "code",
            "specialty",
            "location",
            "telecom",
            "endpoint",
        ],
    ),
    (
        "us-core-procedure",
        "Procedure",
        any,
        &[
            "basedOn",
            "status",
            "code",
            "subject",
            "encounter",
            "performed[x]",
            "reasonCode",
        ],
    ),
    (
        "us-core-provenance",
        "Provenance",
        any,
        &[
            "target",
            "recorded",
            "agent.type",
            "agent.who",
            "agent.onBehalfOf",
        ],
    ),
    (
        "us-core-relatedperson",
        "RelatedPerson",
        any,
        &["active", "patient", "relationship", "name", "telecom", "address"],
    ),
    (
        "us-core-servicerequest",
        "ServiceRequest",
        any,
        &[
            "status",
            "intent",
            "category",
            "code",
            "subject",
            "encounter",
            "occurrence[x]",
            "authoredOn",
            "requester",
            "reasonCode",
        ],
    ),
    (
        "us-core-specimen",
        "Specimen",
        any,
        &["identifier", "type", "subject", "collection", "condition"],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ParseOptions, parse_resource};

    #[test]
    fn coverage_counts_what_is_there_and_what_has_a_reason() {
        let read = |json: &str| {
            parse_resource(json.as_bytes(), &ParseOptions::default())
                .unwrap()
                .value
        };
        let resources = [
            read(r#"{"resourceType":"Patient","name":[{"family":"Ng"}],"birthDate":"1990"}"#),
            read(
                r#"{"resourceType":"Patient","_birthDate":{"extension":[{"url":
                "http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}}"#,
            ),
        ];
        let report = must_support(&resources);
        let of = |element: &str| {
            let row = report.iter().find(|row| row.element == element).unwrap();
            (row.resources, row.present, row.absent_with_reason)
        };
        assert_eq!(of("name.family"), (2, 1, 0));
        assert_eq!(of("name.given"), (2, 0, 0));
        assert_eq!(of("birthDate"), (2, 1, 1));
        assert!(report.iter().all(|row| row.profile == "us-core-patient"));
    }

    #[test]
    fn every_listed_element_is_one_of_its_type() {
        for (profile, kind, _, elements) in PROFILES {
            let resource = Resource::new(kind).unwrap();
            let fields = resource.as_element().unwrap().describe().fields;
            for element in *elements {
                let first = element.split('.').next().unwrap();
                let known = first.starts_with("extension(")
                    || fields.iter().any(|field| field.element_name() == first);
                assert!(known, "{profile} {element}");
            }
        }
    }
}
