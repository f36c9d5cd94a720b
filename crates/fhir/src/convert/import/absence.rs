//! Lists and sections that say why they are empty: that there is nothing, or that nobody knows
//! ([emptyReason](https://hl7.org/fhir/R4/valueset-list-empty-reason.html)).
//!
//! Where it is plain what the list is about, that becomes a record, so that it is compared with what others say. What says less
//! than "none" never becomes "none".

use ehr_model::{
    Allergens, AllergyIntolerance, AllergyKnowledge, Chart, Condition, Entry, EntryId, MedicationStatement,
    NoneKnown, Record, Reference, Status,
};
use ehr_types::{Absent, AbsentReason, CodeableConcept, Coding, Finding};

use super::receive::Item;
use crate::convert::json::Tree;
use crate::convert::map::{Convert, Reader};
use crate::{ParseOptions, r4};

/// A list, or a section, that says why it is empty.
struct Statement {
    /// Where, below the resource.
    path: String,
    /// What it says; `None` where that is not understood.
    said: Option<Said>,
}

/// What an empty list says.
#[derive(Clone, Copy, PartialEq)]
enum Said {
    NoneKnown(NoneKnown),
    /// Nobody knows whether there is an allergy, for this reason. Of other lists, no record says that.
    AllergiesUnknown(AbsentReason),
}

/// What a list is about, by its code: LOINC, or the example codes of FHIR.
fn about(code: Option<&Tree>) -> Option<NoneKnown> {
    const LISTS: &[(&str, &[&str], NoneKnown)] = &[
        (
            "allergies",
            &["48765-2", "52472-8"],
            NoneKnown::Allergies(Allergens::Any),
        ),
        ("medications", &["10160-0"], NoneKnown::Medications),
        ("problems", &["11450-4"], NoneKnown::Problems),
    ];
    let codings = code?.get("coding").map(Tree::items).unwrap_or_default();
    let mut found = codings.iter().filter_map(|coding| {
        let system = coding.get("system").and_then(Tree::as_str)?;
        let code = coding.get("code").and_then(Tree::as_str)?;
        let list = LISTS.iter().find(|(example, loinc, _)| match system {
            "http://loinc.org" => loinc.contains(&code),
            _ => system.ends_with("/list-example-use-codes") && *example == code,
        });
        list.map(|(.., about)| *about)
    });
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

/// What a reason for being empty says of what the list is about.
fn said(about: NoneKnown, reason: &Tree) -> Option<Said> {
    let codings = reason.get("coding").map(Tree::items).unwrap_or_default();
    let mut codes = codings.iter().filter_map(|coding| {
        let system = coding.get("system").and_then(Tree::as_str);
        let code = coding.get("code").and_then(Tree::as_str);
        code.filter(|_| system.is_some_and(|system| system.ends_with("/list-empty-reason")))
    });
    let (Some(code), None) = (codes.next(), codes.next()) else {
        return None;
    };
    let unknown = match code {
        "nilknown" => return Some(Said::NoneKnown(about)),
        "notasked" => AbsentReason::NotAsked,
        "unavailable" => AbsentReason::Unknown,
        "withheld" => AbsentReason::Masked,
        "notstarted" => AbsentReason::TempUnknown,
        _ => return None,
    };
    matches!(about, NoneKnown::Allergies(_)).then_some(Said::AllergiesUnknown(unknown))
}

/// What the empty lists of a resource say.
fn statements(resource: &Tree) -> Vec<Statement> {
    let mut out = Vec::new();
    let is = |name: &str, codes: &[&str]| {
        let code = resource.get(name).and_then(Tree::as_str);
        code.is_some_and(|code| codes.contains(&code))
    };
    match resource.get("resourceType").and_then(Tree::as_str) {
        Some("List") => {
            let stands = !is("status", &["retired", "entered-in-error"]) && !is("mode", &["changes"]);
            statement(resource, "", stands, &mut out);
        }
        Some("Composition") => {
            let stands = !is("status", &["entered-in-error"]);
            sections(resource, "", stands, &mut out);
        }
        _ => {}
    }
    out
}

fn sections(of: &Tree, path: &str, stands: bool, out: &mut Vec<Statement>) {
    let inner = of.get("section").map(Tree::items).unwrap_or_default();
    for (at, section) in inner.iter().enumerate() {
        let path = format!("{path}.section[{at}]");
        // Who the section is about may be somebody else; what a part of it says is not said of the whole.
        let is_whole = section.get("focus").is_none() && section.get("section").is_none();
        let is_change = section.get("mode").and_then(Tree::as_str) == Some("changes");
        statement(section, &path, stands && is_whole && !is_change, out);
        sections(section, &path, stands && section.get("focus").is_none(), out);
    }
}

fn statement(list: &Tree, path: &str, stands: bool, out: &mut Vec<Statement>) {
    let Some(reason) = list.get("emptyReason") else {
        return;
    };
    // What is not empty contradicts itself.
    let is_empty = list.get("entry").map(Tree::items).unwrap_or_default().is_empty();
    let about = about(list.get("code")).filter(|_| stands && is_empty);
    out.push(Statement {
        path: format!("{path}.emptyReason"),
        said: about.and_then(|about| said(about, reason)),
    });
}

/// A warning for each resource that says why a list is empty where no record says the same.
pub(super) fn untold(items: &[Item]) -> impl Iterator<Item = Finding> {
    let is_untold = |item: &&Item| {
        let statements = statements(&item.tree);
        statements.iter().any(|statement| statement.said.is_none())
    };
    items.iter().filter(is_untold).map(|item| {
        Finding::warning(
            "fhir.absence.list",
            item.location.clone(),
            "it says why a list is empty, which may be that there is none: that is kept, and compared with no record",
        )
    })
}

/// The entries that say what an empty list, which is the entry `list` of the chart, says of its patient. What an entry of the chart
/// says already is not said again; nor is what does not say of whom it is, where it is in several charts.
pub(super) fn entries(
    item: &Item,
    list: &EntryId,
    chart: &Chart,
    is_shared: &dyn Fn() -> bool,
    reader: &Reader<'_>,
) -> Vec<Entry> {
    let statements = statements(&item.tree);
    if statements.is_empty() {
        return Vec::new();
    }
    let (Some(list), Some(patient)) = (chart.entry(list), chart.patient_entry()) else {
        return Vec::new();
    };
    let subject = item.tree.get("subject").and_then(|subject| {
        let parsed = crate::parse::<r4::Reference>(subject.to_text().as_bytes(), &ParseOptions::default());
        parsed.ok().map(|parsed| Reference::read(&parsed.value, reader))
    });
    let is_of_patient = match &subject {
        Some(subject) => subject.target.as_ref() == Some(&patient.id),
        None => !is_shared(),
    };
    if !is_of_patient {
        return Vec::new();
    }
    let subject = subject.unwrap_or_else(|| Reference::to(&patient.id));
    let mut told: Vec<Entry> = Vec::new();
    for statement in statements {
        let Some(said) = statement.said else { continue };
        let mut known = chart.entries.iter().chain(&told);
        if known.any(|entry| says(&entry.record, said)) {
            continue;
        }
        let record = record(said, subject.clone());
        let id = EntryId::derive(record.class(), &[&list.id.key, &statement.path]);
        let mut origin = list.origin.clone();
        origin.native_id = None;
        origin.location.path += &statement.path;
        let mut entry = Entry::new(id, origin, record);
        entry.labels.clone_from(&list.labels);
        told.push(entry);
    }
    told
}

fn record(said: Said, subject: Reference) -> Record {
    let concept = |none: NoneKnown| CodeableConcept {
        codings: none.codings(),
        ..CodeableConcept::default()
    };
    match said {
        Said::NoneKnown(none @ NoneKnown::Medications) => Record::from(MedicationStatement {
            status: Some(Status::fhir("active")),
            medication: Some(concept(none)),
            subject: Some(subject),
            ..MedicationStatement::default()
        }),
        Said::NoneKnown(none @ NoneKnown::Allergies(_)) => Record::from(AllergyIntolerance {
            knowledge: AllergyKnowledge::NoneKnown,
            code: Some(concept(none)),
            patient: Some(subject),
            ..AllergyIntolerance::default()
        }),
        Said::NoneKnown(none) => Record::from(Condition {
            category: vec![CodeableConcept::from_coding(Coding::new(
                "http://terminology.hl7.org/CodeSystem/condition-category",
                "problem-list-item",
            ))],
            code: Some(concept(none)),
            subject: Some(subject),
            ..Condition::default()
        }),
        Said::AllergiesUnknown(reason) => Record::from(AllergyIntolerance {
            knowledge: AllergyKnowledge::NotAsked,
            code: Some(CodeableConcept::from_absent(Absent::new(reason))),
            patient: Some(subject),
            ..AllergyIntolerance::default()
        }),
    }
}

/// Whether a record says the same.
fn says(record: &Record, said: Said) -> bool {
    match (record, said) {
        (Record::AllergyIntolerance(allergy), Said::AllergiesUnknown(_)) => {
            allergy.knowledge == AllergyKnowledge::NotAsked
        }
        (_, Said::NoneKnown(none)) => record.concept().and_then(NoneKnown::of) == Some(none),
        _ => false,
    }
}
