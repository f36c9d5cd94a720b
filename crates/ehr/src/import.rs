//! One way in for every format.

use ehr_model::{Import, ImportError, ImportOptions};

use crate::detect::{InputFormat, detect};

/// Recognises the format of `bytes` and imports it: one chart for each patient in it. That a FHIR server did not send all is told,
/// too, by the findings `fhir.bundle.page` and `fhir.outcome.incomplete`.
///
/// ```
/// use ehr::model::{ImportOptions, Source};
/// let bytes = br#"{"resourceType":"Patient","id":"a","birthDate":"1958-03-14","gender":"woman"}"#;
/// let import = ehr::import(bytes, &ImportOptions::new(Source::new("clinic")))?;
/// assert_eq!(import.charts.len(), 1);
/// let finding = &import.findings[0];
/// assert_eq!(finding.location.path, "Patient.gender");
/// # Ok::<(), ehr::model::ImportError>(())
/// ```
///
/// # Errors
/// [`ImportError::Unreadable`] when the format is not recognised, its feature is not compiled in, or nothing of it can be
/// read; [`ImportError::Refused`] when the options ask for strictness and it has faults.
pub fn import(bytes: &[u8], options: &ImportOptions) -> Result<Import, ImportError> {
    let format = detect(bytes).map_err(ImportError::Unreadable)?;
    import_as(format, bytes, options)
}

/// Imports `bytes` as the given format.
///
/// # Errors
/// As [`import`].
#[cfg_attr(
    not(any(feature = "fhir", feature = "hl7v2", feature = "ccda")),
    expect(unused_variables, reason = "nothing is read without a format")
)]
pub fn import_as(format: InputFormat, bytes: &[u8], options: &ImportOptions) -> Result<Import, ImportError> {
    match format {
        #[cfg(feature = "fhir")]
        InputFormat::FhirJson | InputFormat::FhirNdjson => {
            let mut import = ehr_fhir::import(bytes, options)?;
            import.findings.extend(crate::withheld::withheld(&import.charts));
            Ok(import)
        }
        #[cfg(feature = "hl7v2")]
        InputFormat::Hl7v2 => ehr_hl7v2::import(bytes, options),
        #[cfg(feature = "ccda")]
        InputFormat::Ccda => ehr_ccda::import(bytes, options),
        #[cfg(not(all(feature = "fhir", feature = "hl7v2", feature = "ccda")))]
        _ => Err(ImportError::Unreadable(not_compiled_in())),
    }
}

#[cfg(not(all(feature = "fhir", feature = "hl7v2", feature = "ccda")))]
pub(crate) fn not_compiled_in() -> ehr_types::Finding {
    let place = ehr_types::SourceLocation::default();
    ehr_types::Finding::fatal(
        "input.feature",
        place,
        "support for this format is not compiled in",
    )
}
