//! Checks of a document against what C-CDA demands of every one: a modest list, by value set and form only where no
//! licensed table is needed.

mod code;
mod header;
mod section;
mod statement;

use std::cmp::Ordering;
use std::collections::BTreeSet;

use ehr_types::{DateTime, Finding, Severity, Span};

use crate::xml::{Document, Element, MAX_FINDINGS};

/// Reports what is wrong with a `ClinicalDocument`: missing header parts, bad codes, bad times.
///
/// ```
/// use ehr_ccda::{Document, Limits, validate};
/// let parsed = Document::parse(b"<ClinicalDocument/>", &Limits::default());
/// assert!(validate(&parsed.document).iter().any(|finding| finding.code == "ccda.check.record-target"));
/// ```
pub fn validate(document: &Document) -> Vec<Finding> {
    let mut checker = Checker {
        findings: Vec::new(),
        places: BTreeSet::new(),
    };
    for root in document
        .top()
        .elements()
        .filter(|root| root.is("ClinicalDocument"))
    {
        checker.header(root);
        checker.required_sections(root);
        for section in root.sections() {
            checker.section(section.element);
        }
        checker.values(root);
    }
    checker
        .findings
        .sort_by(|a, b| (a.location.span, &a.code).cmp(&(b.location.span, &b.code)));
    checker.findings
}

struct Checker {
    findings: Vec<Finding>,
    places: BTreeSet<Span>,
}

impl Checker {
    fn say(&mut self, severity: Severity, code: &'static str, element: Element<'_>, message: &'static str) {
        self.places.insert(element.span());
        match self.findings.len().cmp(&MAX_FINDINGS) {
            Ordering::Less => {
                self.findings
                    .push(Finding::new(code, severity, element.location(), message));
            }
            Ordering::Equal => self.findings.push(Finding::error(
                "ccda.limit.findings",
                element.location(),
                "more faults than are listed follow",
            )),
            Ordering::Greater => {}
        }
    }

    fn require(
        &mut self,
        element: Element<'_>,
        path: &[&'static str],
        code: &'static str,
        message: &'static str,
    ) {
        if element.find(path).is_none() {
            self.say(Severity::Error, code, element, message);
        }
    }

    /// Statements and values anywhere in the document.
    fn values(&mut self, root: Element<'_>) {
        for element in root.descendants() {
            self.code(element);
            match element.name() {
                "effectiveTime" | "time" | "low" | "high" | "birthTime" => self.time(element),
                "act" | "observation" => self.statement(element),
                "statusCode" => self.status(element),
                "languageCode" => self.language(element),
                "templateId" if !names_template(element) => {
                    self.say(
                        Severity::Error,
                        "ccda.check.template-id",
                        element,
                        "not a template identifier",
                    );
                }
                _ => {}
            }
        }
    }

    fn time(&mut self, element: Element<'_>) {
        if let Some(text) = element.attribute("value") {
            let of_quantity = element.has_attribute("unit")
                || matches!(
                    element.parent().and_then(Element::xsi_type),
                    Some("IVL_PQ" | "IVL_INT" | "IVL_REAL")
                );
            let of_value = matches!(element.name(), "low" | "high")
                && element.parent().is_none_or(|parent| {
                    !matches!(
                        parent.name(),
                        "effectiveTime" | "time" | "useablePeriod" | "validTime"
                    )
                });
            if !of_quantity && !of_value && DateTime::parse_hl7(text).is_err() {
                let severity = if DateTime::parse_any(text).is_ok() {
                    Severity::Warning
                } else {
                    Severity::Error
                };
                let (code, message) = if severity == Severity::Warning {
                    ("ccda.ts.form", "a time in ISO form where the form of HL7 is due")
                } else {
                    ("ccda.ts.invalid", "not a date or time")
                };
                self.say(severity, code, element, message);
            }
        }
        let low = element
            .child("low")
            .and_then(|low| low.attribute("value"))
            .and_then(|t| DateTime::parse_any(t).ok());
        let high = element
            .child("high")
            .and_then(|high| high.attribute("value"))
            .and_then(|t| DateTime::parse_any(t).ok());
        if let (Some(low), Some(high)) = (low, high)
            && high.relation(&low) == ehr_types::TimeRelation::Before
        {
            self.say(
                Severity::Warning,
                "ccda.check.interval",
                element,
                "the end is before the beginning",
            );
        }
    }
}

fn names_template(id: Element<'_>) -> bool {
    match id.attribute("root") {
        Some(root) => is_root(root),
        None => id.null_flavor().is_some(),
    }
}

fn is_root(root: &str) -> bool {
    let oid =
        root.contains('.') && root.bytes().all(|b| b.is_ascii_digit() || b == b'.') && !root.contains("..");
    let uuid = root.len() == 36 && root.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    oid || uuid
}
