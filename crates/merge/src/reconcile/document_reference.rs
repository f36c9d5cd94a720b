//! Documents: one identifier of the version, or the same content. A new version is an item of its own.

use ehr_model::{Document, NarrativeSection};
use ehr_types::DateTime;

use super::{Facts, Looker, OneSource, Rule, is_error};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::equivalence::Relation;
use crate::moment::Closeness;
use crate::project::fields;
use crate::wording::words;

impl Rule for Document {
    const REACH: Option<i64> = None;
    const ONE_SOURCE: OneSource = OneSource::Free;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.about(self.type_.as_ref());
        looker.time(self.date, None);
        let master = self.master_identifier.as_ref();
        let namespace = master.and_then(|id| id.canonical_system()).unwrap_or("");
        if let Some(value) = master.and_then(|id| id.value.as_deref()) {
            looker.look.names.push(format!("{namespace}\u{1}{value}"));
        }
        for content in &self.content {
            looker.look.names.extend(content.hash.clone());
        }
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        let masters = a
            .record
            .master_identifier
            .as_ref()
            .zip(b.record.master_identifier.as_ref());
        match masters {
            // One number on two contents is a number that was not renewed.
            Some((x, y)) if x.is_same_as(y) => {
                return match same_content(a.record, b.record) {
                    Some(false) => Verdict::Different,
                    Some(true) | None => Verdict::Same(100),
                };
            }
            // Two versions, or two documents.
            Some((x, y)) if x.canonical_system() == y.canonical_system() => return Verdict::Different,
            // A form that was filled in twice alike, years apart.
            Some(_) if a.closeness(b) == Some(Closeness::Apart) => return Verdict::Different,
            _ => {}
        }
        if a.is_told_apart_from(b) {
            return Verdict::Different;
        }
        match same_content(a.record, b.record) {
            Some(true) => Verdict::Same(90),
            Some(false) => Verdict::Different,
            None if a.concept(b, cx) == Relation::Different => Verdict::Different,
            None if a.shares_identifier(b) && a.closeness(b) != Some(Closeness::Apart) => Verdict::Same(70),
            None if a.equals(b) => Verdict::Same(60),
            None => Verdict::Unsure,
        }
    }

    fn standing(&self) -> i8 {
        is_error(self.status.as_ref()).min(is_error(self.doc_status.as_ref()))
    }

    fn recorded(&self) -> Option<DateTime> {
        self.date
    }
}

/// Whether both hold the same content; `None` where one holds none to compare.
fn same_content(a: &Document, b: &Document) -> Option<bool> {
    let data = |document: &Document| -> Vec<String> {
        let attached = document.content.iter();
        attached.filter_map(|content| content.data.clone()).collect()
    };
    let hashes = |document: &Document| -> Vec<String> {
        let attached = document.content.iter();
        attached.filter_map(|content| content.hash.clone()).collect()
    };
    let narrative = |document: &Document| {
        let mut text = String::new();
        collect(&document.section, &mut text);
        text
    };
    let shared = |a: Vec<String>, b: Vec<String>| {
        (!a.is_empty() && !b.is_empty()).then(|| a.iter().any(|content| b.contains(content)))
    };
    let (x, y) = (narrative(a), narrative(b));
    let narrated = (!x.is_empty() && !y.is_empty()).then(|| x == y);
    shared(data(a), data(b))
        .or_else(|| shared(hashes(a), hashes(b)))
        .or(narrated)
}

fn collect(sections: &[NarrativeSection], text: &mut String) {
    for section in sections {
        if let Some(narrative) = &section.text {
            text.push_str(&words(narrative));
            text.push('\n');
        }
        collect(&section.section, text);
    }
}

fields!(Document {
    identifier: union,
    master_identifier: one("masterIdentifier"),
    status: status("status"),
    doc_status: status("docStatus"),
    type_: merged,
    category: union,
    subject: fill,
    date: one("date"),
    author: union,
    authenticator: fill,
    custodian: fill,
    relates_to: union,
    description: fill,
    security_label: union,
    content: union,
    format: union,
    encounter: union,
    event: union,
    period: one("context.period"),
    facility_type: fill,
    practice_setting: fill,
    related: union,
    section: lead,
});
