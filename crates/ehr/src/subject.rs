//! Entries that say whose they are by a reference that leads nowhere.

use std::collections::BTreeSet;

use ehr_fhir::ReferenceTarget;
use ehr_fhir::convert::export_entry;
use ehr_model::{Chart, Entry, EntryId, Record, Reference};
use ehr_types::{Finding, SourceLocation};

/// The code of the findings of [`unresolved_subjects`].
pub const UNRESOLVED_SUBJECT: &str = "fhir.reference.subject";

/// A warning for each entry of a source whose subject is named by a reference that resolves to nothing in the charts of the
/// same source: nobody can tell from the source alone whose it is.
///
/// The files of a FHIR bulk data export, read one by one, are the common case: read them together, or tell
/// [`unresolved_subjects_beside`] what the others hold.
///
/// ```
/// use ehr::model::{ImportOptions, Source};
/// let bytes = br#"{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/p"}}"#;
/// let import = ehr::import(bytes, &ImportOptions::new(Source::new("clinic")))?;
/// let findings = ehr::unresolved_subjects(&import.charts);
/// assert_eq!(findings[0].code, ehr::UNRESOLVED_SUBJECT);
/// assert_eq!(findings[0].location.path, "Condition.subject");
/// # Ok::<(), ehr::model::ImportError>(())
/// ```
pub fn unresolved_subjects(charts: &[Chart]) -> Vec<Finding> {
    unresolved_subjects_beside(charts, |_| false)
}

/// As [`unresolved_subjects`], but for subjects that stand elsewhere: `is_elsewhere` is asked for the text of each reference
/// that resolves to nothing here.
pub fn unresolved_subjects_beside(charts: &[Chart], is_elsewhere: impl Fn(&str) -> bool) -> Vec<Finding> {
    // An entry that names two patients stands in the charts of both, and only one of them resolves each name.
    let known: BTreeSet<&EntryId> = entries(charts)
        .filter(|entry| subject(&entry.record).is_some_and(|(_, subject)| subject.target.is_some()))
        .map(|entry| &entry.id)
        .collect();
    let mut told: BTreeSet<&EntryId> = BTreeSet::new();
    let mut findings = Vec::new();
    for chart in charts {
        let is_of_nobody = chart.patient_entry().is_none();
        for entry in &chart.entries {
            let named = match subject(&entry.record) {
                Some((element, reference)) if names_somebody(reference) => {
                    Some((element, reference.literal.clone()))
                }
                None if is_of_nobody => other_subject(entry),
                _ => None,
            };
            if let Some((element, literal)) = named
                && !known.contains(&entry.id)
                && !literal.is_some_and(|literal| is_elsewhere(&literal))
                && told.insert(&entry.id)
            {
                findings.push(finding(&entry.origin.location, element));
            }
        }
    }
    findings.sort_by_key(|finding| finding.location.span.map(|span| span.start));
    findings
}

fn entries(charts: &[Chart]) -> impl Iterator<Item = &Entry> {
    charts.iter().flat_map(|chart| &chart.entries)
}

fn finding(entry: &SourceLocation, element: &str) -> Finding {
    let mut place = entry.clone();
    place.path = format!("{}.{element}", place.path);
    Finding::warning(
        UNRESOLVED_SUBJECT,
        place,
        "the subject is not in this source, so that nobody can tell whose entry this is",
    )
}

/// Whether the reference names somebody, whoever that is.
fn names_somebody(reference: &Reference) -> bool {
    let contained = reference
        .literal
        .as_deref()
        .is_some_and(|literal| literal.starts_with('#'));
    !contained && (reference.literal.is_some() || reference.identifier.is_some())
}

/// The element that says whose a resource without a class in the model is, where it is a patient elsewhere, and the reference.
fn other_subject(entry: &Entry) -> Option<(&'static str, Option<String>)> {
    let Record::Other(other) = &entry.record else {
        return None;
    };
    let elements = ["subject", "patient"];
    let paths = elements.map(|element| format!("{}.{element}", other.resource_type));
    let mut found = None;
    ehr_fhir::for_each_reference(&export_entry(entry), &mut |path, reference| {
        let literal = reference.reference.as_deref();
        let is_patient = matches!(
            literal.map(ReferenceTarget::parse),
            Some(
                ReferenceTarget::Literal {
                    resource_type: "Patient",
                    ..
                } | ReferenceTarget::Uri(_)
            )
        );
        if let Some(at) = paths.iter().position(|own| own == path)
            && is_patient
        {
            found = elements
                .get(at)
                .map(|element| (*element, literal.map(str::to_owned)));
        }
    });
    found
}

/// The element that says whose a record is, and what it says.
fn subject(record: &Record) -> Option<(&'static str, &Reference)> {
    let (element, reference) = match record {
        Record::AllergyIntolerance(record) => ("patient", &record.patient),
        Record::CarePlan(record) => ("subject", &record.subject),
        Record::CareTeam(record) => ("subject", &record.subject),
        Record::ChargeItem(record) => ("subject", &record.subject),
        Record::Condition(record) => ("subject", &record.subject),
        Record::Coverage(record) => ("beneficiary", &record.beneficiary),
        Record::Device(record) => ("patient", &record.patient),
        Record::DiagnosticReport(record) => ("subject", &record.subject),
        Record::DocumentReference(record) => ("subject", &record.subject),
        Record::Encounter(record) => ("subject", &record.subject),
        Record::FamilyMemberHistory(record) => ("patient", &record.patient),
        Record::Goal(record) => ("subject", &record.subject),
        Record::Immunization(record) => ("patient", &record.patient),
        Record::MedicationAdministration(record) => ("subject", &record.subject),
        Record::MedicationDispense(record) => ("subject", &record.subject),
        Record::MedicationRequest(record) => ("subject", &record.subject),
        Record::MedicationStatement(record) => ("subject", &record.subject),
        Record::Observation(record) => ("subject", &record.subject),
        Record::Procedure(record) => ("subject", &record.subject),
        Record::RelatedPerson(record) => ("patient", &record.patient),
        Record::ServiceRequest(record) => ("subject", &record.subject),
        Record::Specimen(record) => ("subject", &record.subject),
        Record::Patient(_)
        | Record::Practitioner(_)
        | Record::PractitionerRole(_)
        | Record::Organization(_)
        | Record::Location(_)
        | Record::Medication(_)
        | Record::Appointment(_)
        | Record::Other(_) => return None,
    };
    Some((element, reference.as_ref()?))
}
