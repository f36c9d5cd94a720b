//! From a document to the clinical model: the only module that names [`ehr_model`].
//!
//! The field tables are those of the C-CDA on FHIR guide (HL7/ccda-on-fhir, CF pages); each file of this
//! module reads one group of templates.

mod absence;
mod act;
mod actor;
mod allergy;
mod allergy_statement;
mod care_team;
mod concern;
mod condition;
mod coverage;
mod device;
mod dispatch;
mod document;
mod dosage;
mod encounter;
mod family_history;
mod fragment;
mod goal;
mod header;
mod immunization;
mod importer;
mod kind;
mod list_noun;
mod location;
mod medication;
mod medication_status;
mod observation;
mod order;
mod participation;
mod patient;
mod phrase;
mod procedure;
mod product;
mod remark;
mod result;
mod section;
mod specimen;
mod statement;
mod subject;
mod supply;
mod value;
mod vital_sign;
mod vocabulary;

use ehr_model::{Import, ImportError, ImportOptions, digest};
use ehr_types::Strictness;

use crate::check;
use crate::document::RootKind;
use crate::xml::{Document, Limits, Reading};
use importer::Importer;

/// Reads a C-CDA document, or a fragment of one, into a chart.
///
/// Every section's narrative is kept whole in the document's entry; every entry states what it was made from, and leaves
/// of it that were not understood are its residual. The same bytes give the same chart, ids included.
///
/// # Errors
/// [`ImportError::Unreadable`] when the bytes are no XML or no CDA; [`ImportError::Refused`] when `options` ask for
/// strictness and there is a fault.
///
/// ```
/// use ehr_ccda::import;
/// use ehr_model::{ImportOptions, RecordClass, Source};
/// let document = br#"<ClinicalDocument xmlns="urn:hl7-org:v3">
///   <recordTarget><patientRole><id root="1.2.3" extension="A1"/>
///     <patient><name><given>Ada</given><family>Shaw</family></name></patient></patientRole></recordTarget>
/// </ClinicalDocument>"#;
/// let import = import(document, &ImportOptions::new(Source::new("clinic"))).unwrap();
/// let patient = import.charts[0].patient().unwrap();
/// assert_eq!(patient.name[0].family.as_deref(), Some("Shaw"));
/// assert!(import.charts[0].of_class(RecordClass::DocumentReference).count() == 1);
/// ```
pub fn import(bytes: &[u8], options: &ImportOptions) -> Result<Import, ImportError> {
    let parsed = Document::parse(bytes, &Limits::default());
    let document = parsed.document;
    let kind = document.kind().map_err(ImportError::Unreadable)?;
    let mut findings = parsed.findings;

    let mut reading = Reading::new(&document);
    reading.default_offset = options.default_offset;
    let chart = {
        let mut importer = Importer::new(&document, &reading, options, digest(&[bytes]));
        for root in document.reading(&reading).elements() {
            importer.withhold_others(root);
            match RootKind::of(root) {
                Some(RootKind::ClinicalDocument) => importer.clinical_document(root),
                Some(RootKind::Fragment) => importer.fragment(root),
                None => {}
            }
        }
        importer.finish()
    };
    findings.extend(reading.into_findings());
    if kind == RootKind::ClinicalDocument {
        findings.extend(check::validate(&document));
    }
    findings.sort_by(|a, b| (a.location.span, &a.code).cmp(&(b.location.span, &b.code)));

    // A value that could not be read has been reported by the reader and by the checks.
    findings.dedup();
    if options.strictness == Strictness::Strict && findings.iter().any(ehr_types::Finding::is_error) {
        return Err(ImportError::Refused(findings));
    }
    Ok(Import {
        charts: vec![chart],
        findings,
    })
}
