//! How much of what US Core asks for an input has.

use ehr_fhir::us_core::{Coverage, must_support};
use ehr_fhir::{ParseOptions, r4::Resource, salvage};
use ehr_model::{ImportOptions, Source};

use crate::detect::{InputFormat, detect, ndjson_lines};
use crate::{export_charts, import_as};

/// How much of what the profiles of US Core 7.0.0 mark as must-support an input has: FHIR as it is, with the resources in its
/// Bundles; C-CDA and HL7 v2 as [`export_charts`] writes them. Empty for what cannot be read, of which [`check`](crate::check::check)
/// says why.
///
/// ```
/// let report = ehr::us_core_coverage(br#"{"resourceType":"Patient","name":[{"family":"Ng"}]}"#);
/// let of = |element| report.iter().find(|row| row.element == element).unwrap();
/// assert_eq!((of("name.family").present, of("name.given").absent()), (1, 1));
/// ```
pub fn us_core_coverage(bytes: &[u8]) -> Vec<Coverage> {
    must_support(&resources(bytes))
}

fn resources(bytes: &[u8]) -> Vec<Resource> {
    let mut out = Vec::new();
    let mut read = |text: &[u8]| {
        let (value, _) = salvage::<Resource>(text, &ParseOptions::default());
        if let Some(resource) = value {
            take(resource, &mut out);
        }
    };
    match detect(bytes) {
        Ok(InputFormat::FhirJson) => read(bytes),
        Ok(InputFormat::FhirNdjson) => ndjson_lines(bytes).for_each(|(_, line)| read(line)),
        Ok(format) => {
            if let Ok(import) = import_as(format, bytes, &ImportOptions::new(Source::default())) {
                let entries = export_charts(&import.charts).entry.into_iter();
                out.extend(entries.filter_map(|entry| entry.resource));
            }
        }
        Err(_) => {}
    }
    out
}

/// A resource; of a Bundle, the resources in it.
fn take(resource: Resource, out: &mut Vec<Resource>) {
    match resource {
        Resource::Bundle(bundle) => {
            for entry in bundle.into_inner().entry {
                entry
                    .resource
                    .into_iter()
                    .for_each(|resource| take(resource, out));
            }
        }
        resource => out.push(resource),
    }
}

#[cfg(all(test, feature = "hl7v2"))]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_looked_at() {
        let present = |bytes: &[u8], element: &str| {
            let report = us_core_coverage(bytes);
            let row = report.iter().find(|row| row.element == element);
            row.map(|row| (row.resources, row.present))
        };
        let patient = r#"{"resourceType":"Patient","name":[{"family":"Ng"}]}"#;
        let entry = format!(r#"{{"resource":{patient}}}"#);
        let bundle = format!(r#"{{"resourceType":"Bundle","entry":[{entry},{entry}]}}"#);
        assert_eq!(present(bundle.as_bytes(), "name.family"), Some((2, 2)));
        let lines = format!("{patient}\n{patient}\n{patient}\n");
        assert_eq!(present(lines.as_bytes(), "name.family"), Some((3, 3)));
        let message = b"MSH|^~\\&|A|B|||20240101||ADT^A01|1|P|2.5.1\rPID|1||7^^^H||Ng^Ada\r";
        assert_eq!(present(message, "name.given"), Some((1, 1)));
        assert_eq!(present(b"nothing", "name.given"), None);
    }
}
