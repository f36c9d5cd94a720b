//! A patient of the model as a record of the matcher.

use ehr_link::{IdentifierKind, NameUse, PersonName, Record as LinkRecord, Sex};
use ehr_model::{Deceased, Entry, MultipleBirth, Patient};
use ehr_types::{Address, CodeSystem, HumanName, Identifier};

/// The matcher's record of a patient entry.
pub(crate) fn link_record(entry: &Entry, patient: &Patient) -> LinkRecord {
    let mut record = LinkRecord::new(entry.id.to_string());
    record.source = Some(entry.origin.source.clone());
    record.names = patient.name.iter().filter_map(person_name).collect();
    record.names.sort_by_key(|name| name.usage);
    record.sex = patient
        .gender
        .as_ref()
        .and_then(|gender| gender.code.as_deref())
        .and_then(Sex::parse);
    record.birth_date = patient.birth_date.map(|date| date.to_string());
    record.death_date = match &patient.deceased {
        Some(Deceased::DateTime(time)) => Some(time.date().to_string()),
        _ => None,
    };
    match &patient.multiple_birth {
        Some(MultipleBirth::Boolean(multiple)) => record.multiple_birth = Some(*multiple),
        Some(MultipleBirth::Integer(order)) => {
            record.multiple_birth = Some(true);
            record.birth_order = u8::try_from(*order).ok();
        }
        None => {}
    }
    for identifier in &patient.identifier {
        add_identifier(&mut record, identifier);
    }
    for contact in &patient.telecom {
        let Some(value) = &contact.value else {
            continue;
        };
        match contact.system.as_deref() {
            Some("email") => record.emails.push(value.clone()),
            Some("phone" | "sms") => record.phones.push(value.clone()),
            None if value.contains('@') => record.emails.push(value.clone()),
            None => record.phones.push(value.clone()),
            Some(_) => {}
        }
    }
    record.addresses = patient
        .address
        .iter()
        .map(address)
        .filter(|address| !address.is_empty())
        .collect();
    record
        .mothers_maiden_name
        .clone_from(&patient.mothers_maiden_name);
    record
}

fn person_name(name: &HumanName) -> Option<PersonName> {
    let usage = match name.use_.as_deref() {
        Some("maiden") => NameUse::Maiden,
        Some("old") => NameUse::Old,
        Some("nickname" | "temp" | "anonymous") => NameUse::Alias,
        _ => NameUse::Official,
    };
    let mut given = name.given.iter();
    let mut family = name.family.clone().unwrap_or_default();
    let mut first = given.next().cloned().unwrap_or_default();
    if family.is_empty() && first.is_empty() {
        // Words alone: "Given Family" or "Family, Given".
        let text = name.text.as_deref()?.trim();
        let (left, right) = match text.split_once(',') {
            Some((family, given)) => (given.trim(), family.trim()),
            None => text.rsplit_once(' ')?,
        };
        first = left.to_owned();
        family = right.to_owned();
    }
    let mut out = PersonName::new(usage, first, family);
    out.middle = given.map(String::as_str).collect::<Vec<_>>().join(" ");
    out.suffix = name.suffix.join(" ");
    Some(out)
}

fn add_identifier(record: &mut LinkRecord, identifier: &Identifier) {
    let Some(value) = identifier
        .value
        .as_deref()
        .map(str::trim)
        .filter(|value| !value.is_empty())
    else {
        return;
    };
    let system = identifier.canonical_system();
    let type_ = identifier.type_.as_ref();
    let typed = |code: &str| {
        type_.is_some_and(|type_| {
            type_
                .codings
                .iter()
                .any(|coding| coding.code.as_deref() == Some(code))
        })
    };
    if system == Some(CodeSystem::US_SSN.uri) || typed("SS") || typed("SB") {
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        match digits {
            9 => record.ssn = record.ssn.take().or_else(|| Some(value.to_owned())),
            4 => record.ssn_last4 = record.ssn_last4.take().or_else(|| Some(value.to_owned())),
            _ => {}
        }
        return;
    }
    let Some(namespace) = system.or(identifier.assigner.as_deref()) else {
        return;
    };
    let national = [CodeSystem::US_MBI.uri];
    let unique = ["MA", "MC", "NI", "MB", "HC", "PPN", "DL"]
        .iter()
        .any(|code| typed(code))
        || system.is_some_and(|system| national.contains(&system));
    let kind = if unique {
        IdentifierKind::Unique
    } else if typed("MR") || typed("PI") || typed("PT") {
        IdentifierKind::MedicalRecord
    } else {
        IdentifierKind::Other
    };
    record
        .identifiers
        .push(ehr_link::Identifier::new(namespace, value, kind));
}

fn address(address: &Address) -> ehr_link::Address {
    let mut out = ehr_link::Address::default();
    let mut lines = address.line.iter();
    out.street = lines.next().cloned().unwrap_or_default();
    out.line2 = lines.map(String::as_str).collect::<Vec<_>>().join(" ");
    out.city = address.city.clone().unwrap_or_default();
    out.state = address.state.clone().unwrap_or_default();
    out.postal_code = address.postal_code.clone().unwrap_or_default();
    out
}
