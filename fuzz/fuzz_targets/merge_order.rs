//! The order of charts and of their entries never changes what the merge makes of them; no entry is lost; a chart that is
//! given twice counts once.
#![no_main]

use std::collections::BTreeSet;

use ehr::merge::{Policy, merge};
use ehr::model::{
    AllergyIntolerance, Chart, Condition, Encounter, Entry, EntryId, MedicationRequest, Observation,
    Occurrence, Origin, Procedure, Record, Source, Status, Value,
};
use ehr::types::{CodeableConcept, Coding, DateTime, Decimal, Identifier, Period, Quantity};
use libfuzzer_sys::fuzz_target;

const NAMES: &[&str] = &["Asthma", "Fever", "Gout", "Cough"];
const VALUES: &[&str] = &["98", "98.4", "97", "100"];
const STATUSES: &[&str] = &["final", "corrected", "preliminary", "entered-in-error"];

fn pick<'a>(from: &[&'a str], byte: u8) -> &'a str {
    from[usize::from(byte) % from.len()]
}

fn concept(byte: u8) -> CodeableConcept {
    let which = byte % 4;
    let name = pick(NAMES, which);
    let standard = Coding::new("http://snomed.info/sct", format!("10{which}")).with_display(name);
    let local = Coding::new("urn:local", format!("L{}", byte / 4 % 4));
    let codings = match byte / 16 % 5 {
        0 => vec![standard],
        1 => vec![local],
        2 => vec![local, standard],
        3 => vec![standard, Coding::new("urn:coarse", format!("C{}", which / 2))],
        _ => Vec::new(),
    };
    CodeableConcept {
        codings,
        text: (byte & 128 != 0).then(|| name.to_uppercase()),
        absent: None,
    }
}

fn time(byte: u8) -> Option<DateTime> {
    let (month, day) = (1 + byte / 4 % 2, 1 + byte / 8 % 4);
    let text = match byte % 4 {
        0 => return None,
        1 => format!("2020-{month:02}-{day:02}"),
        2 => format!("2020-{month:02}-{day:02}T22:00:00-05:00"),
        _ => format!("2020-{month:02}"),
    };
    DateTime::parse(&text).ok()
}

fn record(bytes: &[u8; 5]) -> Record {
    let [class, about, from, to, other] = *bytes;
    let code = Some(concept(about));
    let at = time(from).map(Occurrence::DateTime);
    let identifier: Vec<Identifier> = (other % 7 == 0)
        .then(|| Identifier::new("urn:ids", (other / 7 % 4).to_string()))
        .into_iter()
        .collect();
    match class % 6 {
        0 => AllergyIntolerance {
            identifier,
            code,
            onset: at,
            ..AllergyIntolerance::default()
        }
        .into(),
        1 => Condition {
            identifier,
            code,
            onset: at,
            abatement: time(to).map(Occurrence::DateTime),
            ..Condition::default()
        }
        .into(),
        2 => MedicationRequest {
            identifier,
            medication: code,
            authored_on: time(from),
            ..MedicationRequest::default()
        }
        .into(),
        3 => Procedure {
            identifier,
            code,
            performed: at,
            ..Procedure::default()
        }
        .into(),
        4 => Encounter {
            identifier,
            type_: code.into_iter().collect(),
            period: Some(Period::new(time(from), time(to))),
            ..Encounter::default()
        }
        .into(),
        _ => Observation {
            identifier,
            code,
            status: Some(Status::fhir(pick(STATUSES, to))),
            effective: at,
            value: Decimal::parse(pick(VALUES, other))
                .ok()
                .map(|value| Value::Quantity(Quantity::ucum(value, "mg/dL"))),
            ..Observation::default()
        }
        .into(),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut charts: Vec<Chart> = (0..4)
        .map(|source| Chart::new(Source::new(format!("s{source}"))))
        .collect();
    for (place, chunk) in bytes.chunks_exact(6).take(64).enumerate() {
        let [source, rest @ ..]: [u8; 6] = chunk.try_into().unwrap();
        let chart = &mut charts[usize::from(source % 4)];
        let record = record(&rest);
        let key = place.to_string();
        let native_id = (source & 128 == 0).then(|| key.clone());
        let origin = Origin {
            source: chart.source.id.clone(),
            native_id,
            ..Origin::default()
        };
        let id = EntryId::derive(record.class(), &[&chart.source.id, &key]);
        chart.entries.push(Entry::new(id, origin, record));
    }
    let policy = Policy::default();
    let merged = merge("p", &charts, &policy);

    let mut turned = charts.clone();
    turned.reverse();
    for chart in &mut turned {
        chart.entries.reverse();
    }
    turned.extend(turned.clone());
    let again = merge("p", &turned, &policy);
    assert!(merged.items == again.items);

    let members: Vec<_> = merged
        .items
        .iter()
        .flat_map(|item| &item.members)
        .filter_map(|member| member.entry.clone())
        .collect();
    let distinct: BTreeSet<_> = members.iter().cloned().collect();
    let entries: BTreeSet<_> = charts
        .iter()
        .flat_map(|chart| &chart.entries)
        .map(|entry| entry.id.clone())
        .collect();
    assert_eq!(members.len(), distinct.len());
    assert!(distinct == entries);
});
