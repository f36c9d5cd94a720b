//! [Patient](https://hl7.org/fhir/R4/patient.html) with the extensions of US Core, and
//! [RelatedPerson](https://hl7.org/fhir/R4/relatedperson.html).

use ehr_model as model;
use ehr_types::{Address, CodeSystem, CodeableConcept, Coding, Precision};

use super::extension;
use super::map::{Convert, Reader, Writer, is_empty, said};
use super::mapping::mapping;
use super::member::beside;
use super::primitive::unknown;
use super::time;
use crate::element::{Element, Str};
use crate::r4::{self, Extension, ExtensionValue};

mapping!(model::Patient, r4::Patient {
    identifier, active, name, telecom, gender, birth_date, deceased, address, marital_status, multiple_birth, photo, contact,
    communication, general_practitioner, managing_organization, link,
} read read_patient; write write_patient;);

mapping!(model::PatientContact, r4::PatientContact {
    relationship, name, telecom, address, gender, organization, period,
} write write_contact;);

/// Rule pat-1: a contact has a name, a way to reach it or an organization.
fn write_contact(_: &model::PatientContact, to: &mut r4::PatientContact, cx: &Writer<'_>) {
    let reachable =
        to.name.is_some() || !to.telecom.is_empty() || to.address.is_some() || to.organization.is_some();
    if !cx.mirror && !reachable && !is_empty(to) {
        unknown(&mut to.name);
    }
}

mapping!(model::Communication, r4::PatientCommunication { language, preferred } required { language });
mapping!(model::Communication, r4::RelatedPersonCommunication { language, preferred } required { language });
mapping!(model::PatientLink, r4::PatientLink { other, type_: r#type } required { other, r#type });

mapping!(model::RelatedPerson, r4::RelatedPerson {
    identifier, active, patient, relationship, name, telecom, gender, birth_date, address, photo, period, communication,
} required { patient });

/// Categories of race of the US Office of Management and Budget, in the code system of the CDC.
const OMB_RACES: &[&str] = &["1002-5", "2028-9", "2054-5", "2076-8", "2106-3"];
/// Categories of ethnicity.
const OMB_ETHNICITIES: &[&str] = &["2135-2", "2186-5"];
const V3_NULL_FLAVOR: &str = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor";

fn read_patient(from: &r4::Patient, to: &mut model::Patient, cx: &Reader<'_>) {
    let concept = |value: &ExtensionValue| match value {
        ExtensionValue::CodeableConcept(concept) => Some(CodeableConcept::read(concept, cx)),
        ExtensionValue::Coding(coding) => Some(CodeableConcept::from_coding(Coding::read(coding, cx))),
        ExtensionValue::Code(code) => Some(CodeableConcept::from_coding(Coding {
            code: Some(code.to_string()),
            ..Coding::default()
        })),
        ExtensionValue::String(text) => Some(CodeableConcept::from_text(text.as_str())),
        _ => None,
    };
    for found in from.extension() {
        let Some(url) = found.url.as_deref() else { continue };
        let value = found.value.as_deref();
        let part = |name: &str| extension::part(found, name).and_then(concept);
        match url {
            extension::SOURCE_CONCEPT => {
                let element = extension::part(found, "element").and_then(concept);
                match (element.and_then(|element| element.text).as_deref(), part("value")) {
                    (Some("race"), concept) => to.race.extend(concept),
                    (Some("ethnicity"), concept) => to.ethnicity.extend(concept),
                    (Some("birthSex"), Some(concept)) => to.birth_sex = Some(concept),
                    _ => {}
                }
            }
            extension::US_CORE_RACE => to.race.extend(read_categories(found, cx)),
            extension::US_CORE_ETHNICITY => to.ethnicity.extend(read_categories(found, cx)),
            extension::US_CORE_BIRTH_SEX => to.birth_sex = value.and_then(concept).map(birth_sex_system),
            extension::US_CORE_GENDER_IDENTITY | extension::GENDER_IDENTITY => {
                to.gender_identity.extend(value.and_then(concept));
            }
            extension::INDIVIDUAL_GENDER_IDENTITY => to.gender_identity.extend(part("value")),
            extension::INDIVIDUAL_PRONOUNS => to.pronouns.extend(part("value")),
            extension::RELIGION => to.religion = value.and_then(concept),
            extension::CITIZENSHIP => to.citizenship.extend(part("code")),
            extension::US_CORE_TRIBAL_AFFILIATION => {
                to.tribal_affiliation.extend(part("tribalAffiliation"));
            }
            extension::MOTHERS_MAIDEN_NAME => {
                to.mothers_maiden_name = extension::text_in(std::slice::from_ref(found), url);
            }
            extension::BIRTH_PLACE => {
                if let Some(ExtensionValue::Address(address)) = value {
                    to.birth_place = Some(Address::read(address, cx));
                }
            }
            _ => {}
        }
    }
    keep_whole(&mut to.race);
    keep_whole(&mut to.ethnicity);
    let birth = from.primitive_extension("birthDate", None);
    to.birth_time = match extension::find(birth, extension::BIRTH_TIME) {
        Some(ExtensionValue::DateTime(time)) => Some(*time),
        _ => {
            let raw = time::raw_time(from, "birthDate").filter(|time| time.precision() > Precision::Day);
            time::read_time(raw, birth, cx)
        }
    };
}

/// Drops words that are those of a coded concept among the others.
fn keep_whole(concepts: &mut Vec<CodeableConcept>) {
    let coded: Vec<String> = concepts
        .iter()
        .filter(|concept| !concept.codings.is_empty())
        .filter_map(|concept| concept.text.as_deref().or_else(|| concept.label()))
        .map(str::to_owned)
        .collect();
    concepts.retain(|concept| {
        let words = concept.text.as_ref().filter(|_| concept.codings.is_empty());
        !words.is_some_and(|words| coded.contains(words))
    });
}

/// Race and ethnicity: a concept for each category and detail; the text goes to the first.
fn read_categories(found: &Extension, cx: &Reader<'_>) -> Vec<CodeableConcept> {
    let mut out = Vec::new();
    let mut words = None;
    for part in found.extension() {
        match (part.url.as_deref(), part.value.as_deref()) {
            (Some("ombCategory" | "detailed"), Some(ExtensionValue::Coding(coding))) => {
                out.push(CodeableConcept::from_coding(Coding::read(coding, cx)));
            }
            (Some("text"), Some(ExtensionValue::String(text))) => words = Some(text.to_string()),
            _ => {}
        }
    }
    match out.first_mut() {
        Some(first) => first.text = words,
        None => out.extend(words.map(CodeableConcept::from_text)),
    }
    out
}

fn birth_sex_system(mut sex: CodeableConcept) -> CodeableConcept {
    for coding in &mut sex.codings {
        let system = match coding.code.as_deref() {
            Some("F" | "M") => CodeSystem::V3_ADMINISTRATIVE_GENDER.uri,
            Some("UNK" | "OTH" | "ASKU") => V3_NULL_FLAVOR,
            _ => continue,
        };
        coding.system.get_or_insert_with(|| system.to_owned());
    }
    sex
}

fn write_patient(from: &model::Patient, to: &mut r4::Patient, cx: &Writer<'_>) {
    let concept = |from: &CodeableConcept| ExtensionValue::CodeableConcept(Box::new(from.write(cx)));
    let mut out = Vec::new();
    write_categories(&from.race, extension::US_CORE_RACE, OMB_RACES, cx, &mut out);
    write_categories(
        &from.ethnicity,
        extension::US_CORE_ETHNICITY,
        OMB_ETHNICITIES,
        cx,
        &mut out,
    );
    if let Some(sex) = &from.birth_sex {
        let (code, exact) = birth_sex_code(sex);
        if let Some(code) = code {
            out.push(extension::value(
                extension::US_CORE_BIRTH_SEX,
                ExtensionValue::Code(Str::new_static(code)),
            ));
        }
        if !exact {
            out.extend(source_concept("birthSex", sex, cx));
        }
    }
    for identity in &from.gender_identity {
        out.push(extension::value(
            extension::US_CORE_GENDER_IDENTITY,
            concept(identity),
        ));
    }
    for pronouns in &from.pronouns {
        let part = extension::value("value", concept(pronouns));
        out.push(extension::complex(extension::INDIVIDUAL_PRONOUNS, vec![part]));
    }
    if let Some(religion) = &from.religion {
        out.push(extension::value(extension::RELIGION, concept(religion)));
    }
    for citizenship in &from.citizenship {
        let part = extension::value("code", concept(citizenship));
        out.push(extension::complex(extension::CITIZENSHIP, vec![part]));
    }
    for tribe in &from.tribal_affiliation {
        let part = extension::value("tribalAffiliation", concept(tribe));
        out.push(extension::complex(
            extension::US_CORE_TRIBAL_AFFILIATION,
            vec![part],
        ));
    }
    if let Some(name) = from
        .mothers_maiden_name
        .as_deref()
        .filter(|name| !name.trim().is_empty())
    {
        out.push(extension::string(extension::MOTHERS_MAIDEN_NAME, name));
    }
    if let Some(place) = from.birth_place.as_ref().and_then(|place| said(place, cx)) {
        out.push(extension::value(
            extension::BIRTH_PLACE,
            ExtensionValue::Address(place),
        ));
    }
    out.retain(|extension| !says_nothing(extension));
    to.extension.extend(out);
    if let Some(time) = from.birth_time {
        let extension = match time::write_time(time) {
            (Some(time), None) => extension::value(extension::BIRTH_TIME, ExtensionValue::DateTime(time)),
            _ => extension::source_time(time),
        };
        beside(to, "birthDate", extension);
    }
}

/// Whether an extension has an empty concept, or a part with one.
fn says_nothing(extension: &Extension) -> bool {
    let empty = |value: &ExtensionValue| matches!(value, ExtensionValue::CodeableConcept(concept) if is_empty(&**concept));
    match extension.value.as_deref() {
        Some(value) => empty(value),
        None => extension
            .extension()
            .iter()
            .all(|part| part.value.as_deref().is_none_or(empty)),
    }
}

/// A concept that its extension does not allow as it is.
fn source_concept(element: &str, from: &CodeableConcept, cx: &Writer<'_>) -> Option<Extension> {
    let concept = ExtensionValue::CodeableConcept(said(from, cx)?);
    Some(extension::complex(
        extension::SOURCE_CONCEPT,
        vec![
            extension::string("element", element),
            extension::value("value", concept),
        ],
    ))
}

fn write_categories(
    from: &[CodeableConcept],
    url: &'static str,
    categories: &[&str],
    cx: &Writer<'_>,
    out: &mut Vec<Extension>,
) {
    let mut parts = Vec::new();
    let mut words = Vec::new();
    let element = if url == extension::US_CORE_RACE {
        "race"
    } else {
        "ethnicity"
    };
    for concept in from {
        let mut understood = false;
        for coding in &concept.codings {
            let known = coding.is_of(&CodeSystem::CDC_RACE);
            let is_null = coding.system.as_deref() == Some(V3_NULL_FLAVOR);
            let code = coding.code.as_deref().unwrap_or_default();
            let part = match (known, is_null, code) {
                (true, _, code) if categories.contains(&code) => "ombCategory",
                (true, _, code) if !code.is_empty() => "detailed",
                (_, true, "UNK" | "ASKU") => "ombCategory",
                _ => continue,
            };
            understood = true;
            let mut coding: r4::Coding = coding.write(cx);
            if known {
                coding.system = Some(Str::new_static(CodeSystem::CDC_RACE.uri));
            }
            parts.push(extension::value(part, ExtensionValue::Coding(Box::new(coding))));
        }
        if let (Some(absent), true) = (&concept.absent, concept.codings.is_empty()) {
            let code = match absent.reason {
                ehr_types::AbsentReason::AskedUnknown | ehr_types::AbsentReason::AskedDeclined => "ASKU",
                _ => "UNK",
            };
            understood = true;
            parts.push(extension::value(
                "ombCategory",
                ExtensionValue::Coding(Box::new(r4::Coding {
                    system: Some(Str::new_static(V3_NULL_FLAVOR)),
                    code: Some(Str::new_static(code)),
                    ..r4::Coding::default()
                })),
            ));
        }
        if !understood && !concept.codings.is_empty() {
            out.extend(source_concept(element, concept, cx));
        }
        words.extend(
            concept
                .text
                .as_deref()
                .or_else(|| concept.label())
                .filter(|word| !word.trim().is_empty()),
        );
    }
    // US Core demands one category of ethnicity at most.
    let said = from.iter().find_map(|concept| concept.text.clone());
    let words = if cx.mirror {
        said
    } else {
        said.or_else(|| (!words.is_empty()).then(|| words.join(", ")))
    };
    if parts.is_empty() && words.is_none() {
        return;
    }
    // `ombCategory` before `detailed` before `text`, as the profile lists them.
    parts.sort_by_key(|part| part.url.as_deref() == Some("detailed"));
    match words {
        Some(words) => parts.push(extension::string("text", &words)),
        None if cx.mirror => {}
        None => {
            let mut text = extension::complex("text", Vec::new());
            let why = extension::unknown();
            super::member::beside(&mut text, "valueString", why);
            parts.push(text);
        }
    }
    out.push(extension::complex(url, parts));
}

/// The code of US Core for a sex at birth, and whether it says all that the concept says.
fn birth_sex_code(sex: &CodeableConcept) -> (Option<&'static str>, bool) {
    for coding in &sex.codings {
        let code = match coding.code.as_deref() {
            Some("F") => "F",
            Some("M") => "M",
            Some("UNK") => "UNK",
            Some("OTH") => "OTH",
            Some("ASKU") => "ASKU",
            // SNOMED CT, female and male.
            Some("248152002") => return (Some("F"), false),
            Some("248153007") => return (Some("M"), false),
            _ => continue,
        };
        let plain = sex.codings.len() == 1 && sex.text.is_none();
        let system = coding.system.as_deref();
        let usual = [
            None,
            Some(CodeSystem::V3_ADMINISTRATIVE_GENDER.uri),
            Some(V3_NULL_FLAVOR),
        ];
        return (Some(code), plain && usual.contains(&system));
    }
    if sex.absent.is_some() && sex.codings.is_empty() && sex.text.is_none() {
        return (Some("UNK"), true);
    }
    (None, sex.is_empty())
}
