//! Small charts, written by hand.

use ehr_merge::{Policy, merge};
use ehr_model::{
    AllergyIntolerance, Chart, Condition, Conflict, Entry, EntryId, HealthRecord, MedicationStatement,
    MergedItem, Observation, Occurrence, Origin, Record, RecordClass, Source, Status, Value,
};
use ehr_types::{CodeableConcept, Coding, DateTime, Decimal, Period, Quantity};

pub(crate) const SNOMED: &str = "http://snomed.info/sct";
pub(crate) const RXNORM: &str = "http://www.nlm.nih.gov/research/umls/rxnorm";
pub(crate) const LOINC: &str = "http://loinc.org";

/// A chart of records, known in the source as `0`, `1`, ….
pub(crate) fn chart(source: &str, records: Vec<Record>) -> Chart {
    let mut chart = Chart::new(Source::new(source));
    for (index, record) in records.into_iter().enumerate() {
        let key = index.to_string();
        let origin = Origin {
            source: source.to_owned(),
            native_id: Some(key.clone()),
            ..Origin::default()
        };
        let id = EntryId::derive(record.class(), &[source, &key]);
        chart.entries.push(Entry::new(id, origin, record));
    }
    chart
}

pub(crate) fn merged(charts: &[Chart]) -> HealthRecord {
    merge("p", charts, &Policy::default())
}

/// For each item of a class its members as `source/key`, sorted.
pub(crate) fn members(record: &HealthRecord, class: RecordClass) -> Vec<Vec<String>> {
    let name = |item: &MergedItem| -> Vec<String> {
        item.members
            .iter()
            .map(|m| format!("{}/{}", m.source, m.key))
            .collect()
    };
    let mut all: Vec<Vec<String>> = record.of_class(class).map(name).collect();
    all.sort();
    all
}

/// The sides of the conflicts of the items of a class, in words.
pub(crate) fn sides(record: &HealthRecord, class: RecordClass, field: &str) -> Vec<Vec<String>> {
    let conflicts = record.of_class(class).flat_map(|item| &item.conflicts);
    let words = |conflict: &Conflict| conflict.values.iter().map(|side| side.value.clone()).collect();
    conflicts
        .filter(|conflict| conflict.field == field)
        .map(words)
        .collect()
}

/// A concept with one code, and no words.
pub(crate) fn state(system: &str, value: &str) -> Option<CodeableConcept> {
    Some(CodeableConcept::from_coding(Coding::new(system, value)))
}

/// The fields in conflict of the only item of a class.
pub(crate) fn conflicts(record: &HealthRecord, class: RecordClass) -> Vec<String> {
    record
        .of_class(class)
        .flat_map(|item| item.conflicts.iter().map(|conflict| conflict.field.clone()))
        .collect()
}

pub(crate) fn time(text: &str) -> DateTime {
    DateTime::parse_any(text).unwrap()
}

pub(crate) fn code(system: &str, code: &str, text: &str) -> CodeableConcept {
    CodeableConcept {
        codings: vec![Coding::new(system, code)],
        text: (!text.is_empty()).then(|| text.to_owned()),
        absent: None,
    }
}

pub(crate) fn allergy(concept: CodeableConcept) -> AllergyIntolerance {
    AllergyIntolerance {
        code: Some(concept),
        ..AllergyIntolerance::default()
    }
}

pub(crate) fn problem(concept: CodeableConcept, onset: &str, end: &str) -> Condition {
    let time = |text: &str| (!text.is_empty()).then(|| Occurrence::DateTime(time(text)));
    Condition {
        code: Some(concept),
        onset: time(onset),
        abatement: time(end),
        ..Condition::default()
    }
}

pub(crate) fn taken(concept: CodeableConcept, start: &str, end: &str) -> MedicationStatement {
    let time = |text: &str| (!text.is_empty()).then(|| time(text));
    MedicationStatement {
        medication: Some(concept),
        effective: Some(Occurrence::Period(Period::new(time(start), time(end)))),
        ..MedicationStatement::default()
    }
}

pub(crate) fn result(
    concept: CodeableConcept,
    at: &str,
    value: &str,
    unit: &str,
    status: &str,
) -> Observation {
    Observation {
        code: Some(concept),
        status: Some(Status::fhir(status)),
        effective: Some(Occurrence::DateTime(time(at))),
        value: Some(Value::Quantity(Quantity::ucum(
            Decimal::parse(value).unwrap(),
            unit,
        ))),
        ..Observation::default()
    }
}

/// Checks the items of a class by their members, as `source/key`; the sources are called `a`, `b`, ….
pub(crate) fn check(class: RecordClass, sources: Vec<Vec<Record>>, expected: &[&[&str]]) {
    let names = ["a", "b", "c", "d"];
    let charts: Vec<_> = sources
        .into_iter()
        .zip(names)
        .map(|(records, name)| chart(name, records))
        .collect();
    let record = merged(&charts);
    let expected: Vec<Vec<String>> = expected
        .iter()
        .map(|item| item.iter().map(|member| (*member).to_owned()).collect())
        .collect();
    assert_eq!(members(&record, class), expected);
}

pub(crate) fn potassium(value: &str, status: &str) -> Observation {
    result(
        code(LOINC, "2823-3", "Potassium"),
        "2020-01-02T08:00:00Z",
        value,
        "mmol/L",
        status,
    )
}

/// The only result of a record.
pub(crate) fn shown(record: &HealthRecord) -> Observation {
    let mut items = record.of_class(RecordClass::Observation);
    match (items.next().map(|item| &item.record), items.next()) {
        (Some(Record::Observation(observation)), None) => (**observation).clone(),
        _ => panic!("one result"),
    }
}
