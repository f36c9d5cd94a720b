//! Reading a source: its charts, and what was noticed on the way.

use std::collections::BTreeSet;

use ehr::model::{Chart, Import, ImportOptions, Source};
use ehr::types::{Finding, Severity, Str};
use ehr::{InputFormat, detect, import_as};

use crate::inputs::Input;

/// What was read of one source.
pub(crate) struct Reading {
    /// Name of the recognised format, `unknown` where none was.
    pub(crate) format: &'static str,
    /// The charts; `None` when the source could not be read at all.
    pub(crate) import: Option<Import>,
    /// Everything noticed.
    pub(crate) findings: Vec<Finding>,
}

/// Reads and imports one input as the word of the source `key`. A subject that `is_elsewhere` is not missed.
pub(crate) fn read(input: &Input, key: &str, is_elsewhere: impl Fn(&str) -> bool) -> Reading {
    let read = input
        .read()
        .and_then(|bytes| detect(&bytes).map(|format| (format, bytes)));
    match read {
        Ok((format, bytes)) => Reading::of(format, &bytes, key, is_elsewhere),
        Err(finding) => Reading::nothing("unknown", vec![finding]),
    }
}

/// Names the source of charts as the caller did, once nothing derives from its key any more.
pub(crate) fn rename<'c>(charts: impl IntoIterator<Item = &'c mut Chart>, name: impl Fn(&str) -> String) {
    for chart in charts {
        chart.source.id = name(&chart.source.id);
        for entry in &mut chart.entries {
            entry.origin.source.clone_from(&chart.source.id);
        }
    }
}

impl Reading {
    /// What these bytes say, as the word of the source.
    pub(crate) fn of(
        format: InputFormat,
        bytes: &[u8],
        source: &str,
        is_elsewhere: impl Fn(&str) -> bool,
    ) -> Self {
        match import_as(format, bytes, &ImportOptions::new(Source::new(source))) {
            Ok(mut import) => {
                let mut findings = std::mem::take(&mut import.findings);
                findings.extend(ehr::unresolved_subjects_beside(&import.charts, is_elsewhere));
                Self {
                    format: format.name(),
                    import: Some(import),
                    findings,
                }
            }
            Err(error) => Self::nothing(format.name(), error.findings().to_vec()),
        }
    }

    /// Nothing was read, for these reasons.
    pub(crate) fn nothing(format: &'static str, findings: Vec<Finding>) -> Self {
        Self {
            format,
            import: None,
            findings,
        }
    }

    /// The charts, none where nothing was read.
    pub(crate) fn charts_mut(&mut self) -> impl Iterator<Item = &mut Chart> {
        self.import.iter_mut().flat_map(|import| &mut import.charts)
    }

    /// Whether the source was read, but not all of it: what it does not say may stand in the rest.
    pub(crate) fn is_partial(&self) -> bool {
        self.import.is_some() && self.findings.iter().any(hides)
    }

    /// Whether all of the source was read.
    pub(crate) fn is_whole(&self) -> bool {
        self.import.is_some() && !self.is_partial()
    }
}

/// Takes back that pages are missing where their next pages are among the sources.
pub(crate) fn join_pages(readings: &mut [Reading]) {
    let links = |readings: &[Reading], relation: &str| -> Vec<Vec<Str>> {
        let of = |reading: &Reading| {
            let charts = reading.import.as_ref().map_or(&[][..], |import| &import.charts);
            let links = ehr::bundle_links(charts).into_iter();
            let links = links.filter(|link| link.relation.as_deref() == Some(relation));
            links.filter_map(|link| link.url).collect()
        };
        readings.iter().map(of).collect()
    };
    let given: BTreeSet<Str> = links(readings, "self").into_iter().flatten().collect();
    let wanted = links(readings, "next");
    for (reading, wanted) in readings.iter_mut().zip(wanted) {
        if wanted.iter().all(|page| given.contains(page)) {
            reading.findings.retain(|finding| finding.code != ehr::NEXT_PAGE);
        }
    }
}

/// Whether the finding tells of a part of the source that was not read, or that was cut off before the source was sent.
fn hides(finding: &Finding) -> bool {
    finding.severity == Severity::Fatal
        || matches!(
            finding.code.as_ref(),
            "json.syntax"
                | "json.trailing"
                | "fhir.resource-type"
                | "ccda.xml.unclosed"
                | "ccda.xml.malformed"
                | "ccda.xml.mismatch"
                | "ccda.xml.text-outside"
                | "v2.batch.trailer"
                | "v2.mllp.unclosed"
                | "v2.unreadable"
                | ehr::NEXT_PAGE
                | ehr::NOT_ALL_SENT
        )
}

/// Whether the finding tells of something that FHIR R4 does not have, as resources of its other versions do.
pub(crate) fn is_foreign(finding: &Finding) -> bool {
    matches!(
        finding.code.as_ref(),
        "fhir.resource.unknown-type" | "fhir.element.unknown" | "fhir.element.type"
    )
}

/// The errors, those first that tell of a part that was not read.
pub(crate) fn errors(findings: &[Finding]) -> Vec<&Finding> {
    let (mut hiding, other): (Vec<&Finding>, Vec<&Finding>) = findings
        .iter()
        .filter(|finding| finding.is_error() || hides(finding))
        .partition(|finding| hides(finding));
    hiding.extend(other);
    hiding
}
