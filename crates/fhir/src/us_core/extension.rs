//! The extensions that US Core defines.

use crate::element::Element;
use crate::r4::{
    CodeableConcept, Coding, ContactPoint, Extension, ExtensionValue, Identifier, MedicationRequest,
    QuestionnaireResponse,
};
use ehr_types::DateTime;

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

/// Whether and how a medication is taken as prescribed, as somebody stated it (`us-core-medication-adherence`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MedicationAdherence<'a> {
    /// How the medication is taken.
    pub adherence: Option<&'a CodeableConcept>,
    /// When that was stated.
    pub date_asserted: Option<DateTime>,
    /// Who stated it.
    pub information_sources: Vec<&'a CodeableConcept>,
}

/// The extensions of US Core with the last part of the URL.
fn named<'a>(extensions: &'a [Extension], name: &'static str) -> impl Iterator<Item = &'a Extension> {
    extensions.iter().filter(move |extension| {
        let url = extension.url.as_deref();
        url.and_then(|url| url.strip_prefix(super::BASE)) == Some(name)
    })
}

/// The values of the parts of a complex extension that have the name.
fn parts<'a>(extension: &'a Extension, name: &'static str) -> impl Iterator<Item = &'a ExtensionValue> {
    let named = move |part: &&Extension| part.url.as_deref() == Some(name);
    let parts = extension.extension().iter().filter(named);
    parts.filter_map(|part| part.value.as_deref())
}

fn coding(value: &ExtensionValue) -> Option<&Coding> {
    match value {
        ExtensionValue::Coding(coding) => Some(coding),
        _ => None,
    }
}

fn concept(value: &ExtensionValue) -> Option<&CodeableConcept> {
    match value {
        ExtensionValue::CodeableConcept(concept) => Some(concept),
        _ => None,
    }
}

fn code(extension: &Extension) -> Option<&str> {
    match extension.value.as_deref()? {
        ExtensionValue::Code(code) | ExtensionValue::String(code) => Some(code),
        ExtensionValue::Coding(coding) => coding.code.as_deref(),
        _ => None,
    }
}

/// The code of an extension that stands once; `None` where it stands twice with codes that differ, for nothing says which
/// holds.
fn one_code<'a>(element: &'a impl Element, name: &'static str) -> Option<&'a str> {
    let mut codes = named(element.extension(), name).filter_map(code);
    let first = codes.next()?;
    codes.all(|other| other == first).then_some(first)
}

fn categories<'a>(element: &'a impl Element, name: &'static str) -> Option<Categories<'a>> {
    let extension = named(element.extension(), name).next()?;
    Some(Categories {
        omb: parts(extension, "ombCategory").filter_map(coding).collect(),
        detailed: parts(extension, "detailed").filter_map(coding).collect(),
        text: parts(extension, "text").find_map(|value| match value {
            ExtensionValue::String(text) => Some(text.as_str()),
            _ => None,
        }),
    })
}

/// The race (`us-core-race`) of a Patient, RelatedPerson, Person or Practitioner, or a FamilyMemberHistory.
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
pub fn race(element: &impl Element) -> Option<Categories<'_>> {
    categories(element, "us-core-race")
}

/// The ethnicity (`us-core-ethnicity`) of a Patient, RelatedPerson, Person or Practitioner, or a FamilyMemberHistory.
pub fn ethnicity(element: &impl Element) -> Option<Categories<'_>> {
    categories(element, "us-core-ethnicity")
}

/// The sex of a Patient that was assigned at birth (`us-core-birthsex`): `F`, `M`, `UNK` or another code. `None` where it is
/// not given, or twice and not the same; why it is not given may be told by [`birth_sex_absent_reason`].
///
/// ```
/// use ehr_fhir::{ParseOptions, parse, r4::Patient, us_core};
/// let json = br#"{"resourceType":"Patient","extension":[{
///   "url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex","_valueCode":{"extension":[{
///     "url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"asked-declined"}]}}]}"#;
/// let patient = parse::<Patient>(json, &ParseOptions::default())?.value;
/// assert_eq!(us_core::birth_sex(&patient), None);
/// assert_eq!(us_core::birth_sex_absent_reason(&patient), Some("asked-declined"));
/// # Ok::<(), ehr_fhir::ParseError>(())
/// ```
pub fn birth_sex(element: &impl Element) -> Option<&str> {
    one_code(element, "us-core-birthsex")
}

/// Why the sex assigned at birth is not given: a code of <http://hl7.org/fhir/ValueSet/data-absent-reason>.
pub fn birth_sex_absent_reason(element: &impl Element) -> Option<&str> {
    named(element.extension(), "us-core-birthsex").find_map(|extension| {
        let of_value = extension.primitive_extension("valueCode", None);
        let mut reasons = of_value.iter().chain(extension.extension());
        reasons.find_map(|reason| {
            let is_reason = reason.url.as_deref() == Some(super::DATA_ABSENT_REASON);
            if is_reason { code(reason) } else { None }
        })
    })
}

/// The sex of a Patient that is documented (`us-core-sex`): a code of SNOMED CT or a data absent reason. `None` also where it
/// is given twice and not the same.
pub fn sex(element: &impl Element) -> Option<&str> {
    one_code(element, "us-core-sex")
}

/// The gender identities (`us-core-genderIdentity`) of a Patient, RelatedPerson, Person or Practitioner.
pub fn gender_identity(element: &impl Element) -> impl Iterator<Item = &CodeableConcept> {
    named(element.extension(), "us-core-genderIdentity")
        .filter_map(|extension| concept(extension.value.as_deref()?))
}

/// The tribes somebody belongs to, and whether enrolled (`us-core-tribal-affiliation`).
pub fn tribal_affiliation(element: &impl Element) -> impl Iterator<Item = (&CodeableConcept, Option<bool>)> {
    named(element.extension(), "us-core-tribal-affiliation").filter_map(|extension| {
        let tribe = parts(extension, "tribalAffiliation").find_map(concept)?;
        let enrolled = parts(extension, "isEnrolled").find_map(|value| match value {
            ExtensionValue::Boolean(enrolled) => Some(*enrolled),
            _ => None,
        });
        Some((tribe, enrolled))
    })
}

/// Whether a Patient or Encounter needs an interpreter (`us-core-interpreter-needed`, which is of US Core 8): a SNOMED CT
/// code for yes or no. `None` also where it is given twice and not the same.
pub fn interpreter_needed(element: &impl Element) -> Option<&str> {
    one_code(element, "us-core-interpreter-needed")
}

/// How the medication of an order is taken (`us-core-medication-adherence`), as often as it was stated.
pub fn medication_adherence(order: &MedicationRequest) -> impl Iterator<Item = MedicationAdherence<'_>> {
    named(&order.extension, "us-core-medication-adherence").map(|extension| MedicationAdherence {
        adherence: parts(extension, "medicationAdherence").find_map(concept),
        date_asserted: parts(extension, "dateAsserted").find_map(|value| match value {
            ExtensionValue::DateTime(date) => Some(*date),
            _ => None,
        }),
        information_sources: parts(extension, "informationSource")
            .filter_map(concept)
            .collect(),
    })
}

/// Where a questionnaire that is not a FHIR resource is (`us-core-extension-questionnaire-uri`).
pub fn questionnaire_uri(response: &QuestionnaireResponse) -> Option<&str> {
    let questionnaire = response.primitive_extension("questionnaire", None);
    let uri = named(questionnaire, "us-core-extension-questionnaire-uri").next()?;
    match uri.value.as_deref()? {
        ExtensionValue::Uri(uri) => Some(uri),
        _ => None,
    }
}

/// Whether an e-mail address is one of Direct secure messaging (`us-core-direct`); `None` when it does not say.
pub fn is_direct_address(contact: &ContactPoint) -> Option<bool> {
    match named(contact.extension(), "us-core-direct")
        .next()?
        .value
        .as_deref()?
    {
        ExtensionValue::Boolean(direct) => Some(*direct),
        _ => None,
    }
}

/// The states or territories that an identifier such as a licence is for (`us-core-jurisdiction`).
pub fn jurisdictions(identifier: &Identifier) -> impl Iterator<Item = &CodeableConcept> {
    named(identifier.extension(), "us-core-jurisdiction")
        .filter_map(|extension| concept(extension.value.as_deref()?))
}
