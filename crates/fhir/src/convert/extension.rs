//! The extensions that the mapping reads and writes, all in one place.

use ehr_model::Reference;
use ehr_types::{Absent, AbsentReason, CodeableConcept, DateTime};

use super::map::{Convert, Reader, Writer, said};
use super::text;
use crate::element::{Element, Node, Str};
use crate::r4::{Extension, ExtensionValue};

/// Why a value is missing: <https://hl7.org/fhir/R4/extension-data-absent-reason.html>.
pub const DATA_ABSENT_REASON: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
/// The nullFlavor of HL7 v3: <https://hl7.org/fhir/R4/extension-iso21090-nullflavor.html>.
pub const NULL_FLAVOR: &str = "http://hl7.org/fhir/StructureDefinition/iso21090-nullFlavor";
/// Time of birth: <https://hl7.org/fhir/R4/extension-patient-birthtime.html>.
pub const BIRTH_TIME: &str = "http://hl7.org/fhir/StructureDefinition/patient-birthTime";
/// Place of birth.
pub const BIRTH_PLACE: &str = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace";
/// Religion.
pub const RELIGION: &str = "http://hl7.org/fhir/StructureDefinition/patient-religion";
/// Citizenship, with the part `code`.
pub const CITIZENSHIP: &str = "http://hl7.org/fhir/StructureDefinition/patient-citizenship";
/// The mother's maiden name.
pub const MOTHERS_MAIDEN_NAME: &str = "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName";
/// Gender identity, as HL7 defines it.
pub const GENDER_IDENTITY: &str = "http://hl7.org/fhir/StructureDefinition/patient-genderIdentity";
/// Gender identity of the Gender Harmony guide, with the part `value`.
pub const INDIVIDUAL_GENDER_IDENTITY: &str =
    "http://hl7.org/fhir/StructureDefinition/individual-genderIdentity";
/// Pronouns of the Gender Harmony guide, with the part `value`.
pub const INDIVIDUAL_PRONOUNS: &str = "http://hl7.org/fhir/StructureDefinition/individual-pronouns";
/// When an allergy ended, as the C-CDA on FHIR guide writes it.
pub const ALLERGY_ABATEMENT: &str = "http://hl7.org/fhir/StructureDefinition/allergyintolerance-abatement";
/// OBX-4 of HL7 v2: parts as the components of its type OG, of which `original-sub-identifier` is the whole
/// (<http://hl7.org/fhir/StructureDefinition/observation-v2-subid>).
pub const V2_SUB_ID: &str = "http://hl7.org/fhir/StructureDefinition/observation-v2-subid";
/// Race, with parts `ombCategory`, `detailed`, `text`.
pub const US_CORE_RACE: &str = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race";
/// Ethnicity, with parts as race.
pub const US_CORE_ETHNICITY: &str = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity";
/// Sex recorded at birth, a code.
pub const US_CORE_BIRTH_SEX: &str = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex";
/// Gender identity.
pub const US_CORE_GENDER_IDENTITY: &str =
    "http://hl7.org/fhir/us/core/StructureDefinition/us-core-genderIdentity";
/// Tribal affiliation, with the part `tribalAffiliation`.
pub const US_CORE_TRIBAL_AFFILIATION: &str =
    "http://hl7.org/fhir/us/core/StructureDefinition/us-core-tribal-affiliation";

/// A disagreement between sources, on the resource of the item: parts `field` and, for each side, `value` with parts
/// `text` and `source`.
pub const CONFLICT: &str = "https://ehr.example/fhir/StructureDefinition/conflict";
/// The code that the source gave, where it is not one of the element's value set.
pub const SOURCE_CODE: &str = "https://ehr.example/fhir/StructureDefinition/source-code";
/// The time as the source wrote it, where FHIR has no form for all of it (no zone, or known to the hour).
pub const SOURCE_TIME: &str = "https://ehr.example/fhir/StructureDefinition/source-time";
/// The text that the source gave, where it is not of the element's type. One with characters that FHIR does not allow is a JSON
/// string with its quotes, one that is too long base64 of its UTF-8.
pub const SOURCE_TEXT: &str = "https://ehr.example/fhir/StructureDefinition/source-text";
/// The amount that the source gave, where it breaks a rule of the element's type.
pub const SOURCE_QUANTITY: &str = "https://ehr.example/fhir/StructureDefinition/source-quantity";
/// The reference that the source gave, where what it names is not there.
pub const SOURCE_REFERENCE: &str = "https://ehr.example/fhir/StructureDefinition/source-reference";
/// A value of a type that the element does not allow: parts `element` and `value`.
pub const OTHER_TYPE: &str = "https://ehr.example/fhir/StructureDefinition/value-of-other-type";
/// The concept of something that is referred to.
pub const CONCEPT: &str = "https://ehr.example/fhir/StructureDefinition/concept";
/// A further note, on a resource that has none.
pub const NOTE: &str = "https://ehr.example/fhir/StructureDefinition/note";
/// The organization on whose behalf someone took part.
pub const ON_BEHALF_OF: &str = "https://ehr.example/fhir/StructureDefinition/on-behalf-of";
/// The course of a therapy that is ordered.
pub const EFFECTIVE: &str = "https://ehr.example/fhir/StructureDefinition/effective-period";
/// The number of a fill, from 1.
pub const FILL_NUMBER: &str = "https://ehr.example/fhir/StructureDefinition/fill-number";
/// Whether an allergy entry states that there is one (`present`), that none is known (`none-known`) or that nobody asked
/// (`not-asked`).
pub const ALLERGY_KNOWLEDGE: &str = "https://ehr.example/fhir/StructureDefinition/allergy-knowledge";
/// On an element that no source states: it follows from others by a rule of FHIR, or says visibly what stands in an extension.
pub const DERIVED: &str = "https://ehr.example/fhir/StructureDefinition/derived";
/// Race, sex and the like as the source coded them, where the extension of US Core does not allow it.
pub const SOURCE_CONCEPT: &str = "https://ehr.example/fhir/StructureDefinition/source-concept";
/// On a merged resource, as a modifier extension: what modifies a part of a member's original, with the parts `path`, `json` and
/// `source`. Nobody understood it, so the part that it modifies is not to be taken as it stands.
pub const MEMBER_VALUE: &str = "https://ehr.example/fhir/StructureDefinition/member-value";
/// Namespace of the names by which sources know their records: `source id#key`.
pub const SOURCE_RECORD: &str = "https://ehr.example/fhir/NamingSystem/source-record";
/// Namespace of sources.
pub const SOURCE: &str = "https://ehr.example/fhir/NamingSystem/source";
/// Base of the full URLs in Bundles: references inside resolve against it.
pub const BASE: &str = "https://ehr.example/fhir/";

/// An extension with a value.
#[inline(never)]
pub(super) fn value(url: &'static str, value: ExtensionValue) -> Extension {
    Extension {
        url: Some(Str::new_static(url)),
        value: Some(Box::new(value)),
        ..Extension::default()
    }
}

/// An extension with a text; empty and illegal texts are made legal.
pub(super) fn string(url: &'static str, content: &str) -> Extension {
    let content = text::string(content).unwrap_or(Str::new_static("(empty)"));
    value(url, ExtensionValue::String(content))
}

/// An extension with a text as it is: see [`text::whole`].
pub(super) fn exact(url: &'static str, content: &str) -> Extension {
    match text::whole(content) {
        text::Whole::Text(text) => value(url, ExtensionValue::String(text)),
        text::Whole::Base64(data) => value(url, ExtensionValue::Base64Binary(data)),
    }
}

/// An extension with parts.
#[inline(never)]
pub(super) fn complex(url: &'static str, parts: Vec<Extension>) -> Extension {
    let mut out = Extension {
        url: Some(Str::new_static(url)),
        ..Extension::default()
    };
    *out.extension_mut() = parts;
    out
}

/// A value of a type that the element does not allow.
pub(super) fn other_type(element: &str, content: ExtensionValue) -> Extension {
    aside(element, value("value", content))
}

/// A value that the element does not allow, as the part `value`.
#[inline(never)]
pub(super) fn aside(element: &str, value: Extension) -> Extension {
    complex(OTHER_TYPE, vec![string("element", element), value])
}

/// The values of a member that were put in extensions because the element does not allow them; `name` is that of JSON.
pub(super) fn other_types<'a>(
    extensions: &'a [Extension],
    name: &str,
) -> impl Iterator<Item = &'a ExtensionValue> {
    asides(extensions, name).filter_map(|part| part.value.as_deref())
}

/// The parts `value` of the same.
pub(super) fn asides<'a>(extensions: &'a [Extension], name: &str) -> impl Iterator<Item = &'a Extension> {
    extensions
        .iter()
        .filter(|extension| extension.url.as_deref() == Some(OTHER_TYPE))
        .filter(move |found| {
            matches!(part(found, "element"), Some(ExtensionValue::String(element)) if element == name)
        })
        .flat_map(|found| found.extension())
        .filter(|part| part.url.as_deref() == Some("value"))
}

/// A concept that a rule forbids in its place, where it was put in an extension.
pub(super) fn set_aside(extensions: &[Extension], name: &str) -> Option<CodeableConcept> {
    match other_types(extensions, name).next()? {
        ExtensionValue::CodeableConcept(concept) => Some(CodeableConcept::read(concept, &Reader::PLAIN)),
        _ => None,
    }
}

/// The organization on whose behalf someone took part.
pub(super) fn read_on_behalf_of(extensions: &[Extension], cx: &Reader<'_>) -> Option<Reference> {
    match find(extensions, ON_BEHALF_OF)? {
        ExtensionValue::Reference(organization) => Some(Reference::read(organization.as_ref(), cx)),
        _ => None,
    }
}

/// The organization on whose behalf someone took part, where FHIR has no element for it.
pub(super) fn on_behalf_of(organization: Option<&Reference>, cx: &Writer<'_>) -> Option<Extension> {
    Some(value(
        ON_BEHALF_OF,
        ExtensionValue::Reference(said(organization?, cx)?),
    ))
}

/// The value of a part.
pub(super) fn part<'a>(extension: &'a Extension, url: &str) -> Option<&'a ExtensionValue> {
    find(extension.extension(), url)
}

/// The value of the first extension with that URL.
#[inline(never)]
pub(super) fn find<'a>(extensions: &'a [Extension], url: &str) -> Option<&'a ExtensionValue> {
    extensions
        .iter()
        .find(|extension| extension.url.as_deref() == Some(url))
        .and_then(|extension| extension.value.as_deref())
}

/// The first text in an extension with that URL.
pub(super) fn text_in(extensions: &[Extension], url: &str) -> Option<String> {
    extensions
        .iter()
        .filter(|extension| extension.url.as_deref() == Some(url))
        .find_map(|found| match found.value.as_deref()? {
            ExtensionValue::String(text) => Some(text::from_whole(text)),
            ExtensionValue::Code(text) | ExtensionValue::Uri(text) => Some(text.to_string()),
            ExtensionValue::Base64Binary(data) => String::from_utf8(text::of_base64(data)?).ok(),
            _ => None,
        })
}

/// A time as the source wrote it.
pub(super) fn source_time(time: DateTime) -> Extension {
    string(SOURCE_TIME, &time.to_string())
}

/// That a value is missing, with the reason and, beside that, the source's code for it.
pub(super) fn absent(absent: &Absent) -> Vec<Extension> {
    let mut out = vec![reason(absent.reason)];
    if let Some(code) = &absent.source_code {
        let is_flavor = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_uppercase());
        if is_flavor {
            out.push(value(NULL_FLAVOR, ExtensionValue::Code(Str::new(code))));
        } else if let Some(reason) = out.first_mut() {
            let code = string(SOURCE_CODE, if code.is_empty() { "\"\"" } else { code });
            super::member::beside(reason, "valueCode", code);
        }
    }
    out
}

fn reason(reason: AbsentReason) -> Extension {
    value(
        DATA_ABSENT_REASON,
        ExtensionValue::Code(Str::new_static(reason.code())),
    )
}

/// That a required value is missing and the source does not say why.
#[inline(never)]
pub(super) fn unknown() -> Extension {
    reason(AbsentReason::Unknown)
}

/// Says why the primitive `name` of `to` is missing, unless something does already.
pub(super) fn explain(to: &mut dyn Node, name: &str, why: Extension) {
    if find(to.primitive_extension(name, None), DATA_ABSENT_REASON).is_none() {
        super::member::beside(to, name, why);
    }
}

/// The reason that extensions give for an absence.
pub(super) fn read_absent(extensions: &[Extension]) -> Option<Absent> {
    if extensions.is_empty() {
        return None;
    }
    let flavor = text_in(extensions, NULL_FLAVOR);
    let given = extensions
        .iter()
        .find(|extension| extension.url.as_deref() == Some(DATA_ABSENT_REASON));
    let reason = text_in(extensions, DATA_ABSENT_REASON).and_then(|code| AbsentReason::from_code(&code));
    match (reason, flavor) {
        (Some(reason), Some(flavor)) => Some(Absent {
            reason,
            source_code: Some(flavor),
        }),
        (Some(reason), None) => Some(Absent {
            reason,
            source_code: given
                .and_then(|reason| text_in(reason.primitive_extension("valueCode", None), SOURCE_CODE))
                .map(|code| match code.as_str() {
                    "\"\"" => String::new(),
                    _ => code,
                }),
        }),
        (None, Some(flavor)) => Some(Absent::from_null_flavor(&flavor)),
        (None, None) => None,
    }
}
