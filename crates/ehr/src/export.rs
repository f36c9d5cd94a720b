//! Charts out as one Bundle.

use std::collections::BTreeSet;

use ehr_fhir::export_chart;
use ehr_fhir::r4::Bundle;
use ehr_model::Chart;

/// Charts as one FHIR R4 Bundle of type collection: [`ehr_fhir::export_chart`] for each, with what several
/// charts share (practitioners, organizations) written once.
///
/// ```
/// use ehr::model::{ImportOptions, Source};
/// let bytes = br#"{"resourceType":"Patient","id":"a","gender":"female"}"#;
/// let import = ehr::import(bytes, &ImportOptions::new(Source::new("clinic")))?;
/// let bundle = ehr::export_charts(&import.charts);
/// assert_eq!(bundle.entry.len(), 1);
/// # Ok::<(), ehr::model::ImportError>(())
/// ```
pub fn export_charts(charts: &[Chart]) -> Bundle {
    let mut bundles = charts.iter().map(export_chart);
    let Some(mut whole) = bundles.next() else {
        return export_chart(&Chart::new(ehr_model::Source::default()));
    };
    let mut seen: BTreeSet<_> = whole
        .entry
        .iter()
        .filter_map(|entry| entry.full_url.clone())
        .collect();
    for bundle in bundles {
        for entry in bundle.entry {
            if entry.full_url.clone().is_none_or(|url| seen.insert(url)) {
                whole.entry.push(entry);
            }
        }
    }
    whole
}
