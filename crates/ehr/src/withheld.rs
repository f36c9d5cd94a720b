//! What a FHIR server says that it did not send.

use ehr_fhir::convert::export_entry;
use ehr_fhir::r4::{Bundle, BundleLink, IssueSeverity, IssueType, OperationOutcome, Resource};
use ehr_fhir::{Many, ParseOptions, parse};
use ehr_model::{Chart, Entry, Record, Residual};
use ehr_types::{Finding, SourceLocation};

/// The code of the finding of [`import`](crate::import) that a Bundle is one page of several.
pub const NEXT_PAGE: &str = "fhir.bundle.page";

/// The code of the finding of [`import`](crate::import) that an OperationOutcome tells of something that was not sent.
pub const NOT_ALL_SENT: &str = "fhir.outcome.incomplete";

/// What the Bundles that charts were read from say of other pages: `self`, `next`, `previous` and the like, with their URLs.
///
/// ```
/// use ehr::model::{ImportOptions, Source};
/// let page = br#"{"resourceType":"Bundle","type":"searchset","link":[{"relation":"next","url":"http://x.org?page=2"}],
///     "entry":[{"resource":{"resourceType":"Patient","id":"p"}}]}"#;
/// let import = ehr::import(page, &ImportOptions::new(Source::new("hospital")))?;
/// assert!(import.findings.iter().any(|finding| finding.code == ehr::NEXT_PAGE));
/// let links = ehr::bundle_links(&import.charts);
/// assert_eq!(links[0].url.as_deref(), Some("http://x.org?page=2"));
/// # Ok::<(), ehr::model::ImportError>(())
/// ```
pub fn bundle_links(charts: &[Chart]) -> Vec<BundleLink> {
    link_parts(charts).flat_map(links).collect()
}

/// Warnings about what is not in a source, by what it says itself: a page of a search whose next page is another answer, and
/// the words of a server that could not or would not send all.
pub(crate) fn withheld(charts: &[Chart]) -> Vec<Finding> {
    let pages = link_parts(charts).filter(|part| links(part).iter().any(is_next));
    let pages = pages.map(|part| {
        let message = "the Bundle is one page of several: what the next pages hold is not in this source";
        Finding::warning(NEXT_PAGE, part.location.clone(), message)
    });
    let entries = charts.iter().flat_map(|chart| &chart.entries);
    let outcomes = entries.filter_map(unsent).map(|place| {
        let message = "the server says that this is not all that was asked for";
        Finding::warning(NOT_ALL_SENT, place, message)
    });
    pages.chain(outcomes).collect()
}

/// Whether a link leads to what the source goes on with.
fn is_next(link: &BundleLink) -> bool {
    link.relation.as_deref() == Some("next")
}

fn link_parts(charts: &[Chart]) -> impl Iterator<Item = &Residual> {
    let parts = charts.iter().flat_map(|chart| &chart.residual);
    parts.filter(|part| {
        // A Bundle may be the answer to a request of a batch. The link of an entry is none of the Bundle.
        let of = part.location.path.strip_suffix(".link");
        of.is_some_and(|of| of.ends_with("Bundle") || of.ends_with(".resource"))
    })
}

fn links(part: &Residual) -> Many<BundleLink> {
    let json = format!("{{\"resourceType\":\"Bundle\",\"link\":{}}}", part.content);
    parse::<Bundle>(json.as_bytes(), &ParseOptions::default())
        .map_or_else(|_| Many::new(), |read| read.value.link)
}

/// The place of an OperationOutcome that tells of something that was not sent.
fn unsent(entry: &Entry) -> Option<SourceLocation> {
    let is_outcome =
        matches!(&entry.record, Record::Other(other) if other.resource_type == "OperationOutcome");
    match is_outcome.then(|| export_entry(entry))? {
        Resource::OperationOutcome(outcome) if tells_of_gap(&outcome) => Some(entry.origin.location.clone()),
        _ => None,
    }
}

/// Whether something failed, or is left out by a rule or for its size
/// ([issue-type](https://hl7.org/fhir/R4/valueset-issue-type.html)).
fn tells_of_gap(outcome: &OperationOutcome) -> bool {
    outcome.issue.iter().any(|issue| {
        let failed = matches!(issue.severity, Some(IssueSeverity::Error | IssueSeverity::Fatal));
        let left_out = matches!(
            issue.code,
            Some(
                IssueType::Incomplete
                    | IssueType::Suppressed
                    | IssueType::TooCostly
                    | IssueType::Throttled
                    | IssueType::Timeout
            )
        );
        failed || left_out
    })
}

#[cfg(test)]
mod tests {
    use ehr_model::{ImportOptions, Source};

    use super::*;

    fn told(json: &str) -> Vec<String> {
        let import = crate::import(json.as_bytes(), &ImportOptions::new(Source::new("s"))).unwrap();
        let own = import
            .findings
            .into_iter()
            .filter(|finding| [NEXT_PAGE, NOT_ALL_SENT].contains(&&*finding.code));
        own.map(|finding| format!("{} {}", finding.code, finding.location.path))
            .collect()
    }

    fn search(link: &str, entry: &str) -> String {
        format!(r#"{{"resourceType":"Bundle","type":"searchset","link":[{link}],"entry":[{entry}]}}"#)
    }

    #[test]
    fn a_page_of_a_search_is_told() {
        let own = r#"{"relation":"self","url":"http://x.org?page=1"}"#;
        let next = r#"{"relation":"next","url":"http://x.org?page=2"}"#;
        let patient = r#"{"resource":{"resourceType":"Patient","id":"p"}}"#;
        assert_eq!(
            told(&search(&format!("{own},{next}"), patient)),
            ["fhir.bundle.page Bundle.link"]
        );
        assert_eq!(
            told(&search(
                next,
                r#"{"resource":{"resourceType":"Organization","id":"o"}}"#
            )),
            ["fhir.bundle.page Bundle.link"],
            "nobody on this page"
        );
        assert!(told(&search(own, patient)).is_empty());
        let inner = format!(r#"{{"link":[{next}],"resource":{}}}"#, search(next, patient));
        let batch = format!(r#"{{"resourceType":"Bundle","type":"batch-response","entry":[{inner}]}}"#);
        assert_eq!(
            told(&batch),
            ["fhir.bundle.page Bundle.entry[0].resource.link"],
            "a page in an answer to a batch, and not what an entry links to"
        );
    }

    #[test]
    fn what_a_server_did_not_send_is_told() {
        for (severity, code, is_told) in [
            ("error", "security", true),
            ("fatal", "exception", true),
            ("warning", "incomplete", true),
            ("information", "suppressed", true),
            ("warning", "too-costly", true),
            ("information", "informational", false),
            ("warning", "code-invalid", false),
        ] {
            let outcome = format!(
                r#"{{"resourceType":"OperationOutcome","issue":[{{"severity":"{severity}","code":"{code}"}}]}}"#
            );
            let alone = told(&outcome);
            assert_eq!(
                alone == ["fhir.outcome.incomplete OperationOutcome"],
                is_told,
                "{alone:?}"
            );
            let inside = told(&search(
                "",
                &format!(r#"{{"resource":{outcome},"search":{{"mode":"outcome"}}}}"#),
            ));
            assert_eq!(inside.len(), usize::from(is_told), "{inside:?}");
        }
    }
}
