//! What an artifact holds: its resources with their places, and what is not one.

use std::collections::BTreeSet;
use std::sync::Arc;

use ehr_model::Residual;
use ehr_types::{DateTime, Finding, LineIndex, Severity, SourceLocation, Span};

use super::history;
use crate::convert::export::resource_of;
use crate::convert::json::Tree;
use crate::convert::reference::{Holder, Names, identifiers_of};
use crate::convert::release;
use crate::convert::scanner::Scanner;
use crate::convert::version::Version;
use crate::r4::{Bundle, BundleType, HTTPVerb, Resource};
use crate::{ParseOptions, salvage, to_json_string};

/// One resource as it was received.
pub(super) struct Item {
    pub(super) resource: Resource,
    pub(super) tree: Tree,
    pub(super) content: Arc<str>,
    pub(super) full_url: Option<String>,
    pub(super) location: SourceLocation,
    pub(super) timestamp: Option<DateTime>,
    /// The number of the Bundle that it stands in.
    bundle: usize,
}

/// All that was read.
#[derive(Default)]
pub(super) struct Received {
    pub(super) items: Vec<Item>,
    pub(super) findings: Vec<Finding>,
    pub(super) residual: Vec<Residual>,
    /// The number of Bundles so far.
    bundles: usize,
}

/// Whether there are several lines and two of the first three are objects by themselves: one line that is broken does not hide
/// what the others are.
fn is_ndjson(text: &str) -> bool {
    let first: Vec<&str> = ndjson_lines(text).map(|(_, line)| line).take(3).collect();
    let objects = first
        .iter()
        .filter(|line| line.starts_with('{') && line.ends_with('}'));
    first.len() > 1 && first.iter().all(|line| line.starts_with('{')) && objects.count() > 1
}

/// The lines of an NDJSON text that are not blank, each with its offset, without the byte order mark that may stand before each
/// where files were put together. They end at LF, CRLF or a lone CR.
fn ndjson_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut end = 0;
    text.split(['\n', '\r'])
        .map(move |line| {
            let start = end;
            end += line.len() + 1;
            let bare = line.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
            (start + line.len() - bare.len(), bare.trim_end())
        })
        .filter(|(_, line)| !line.is_empty())
}

impl Received {
    /// Reads an artifact: `text` is what follows `offset` in `source`.
    pub(super) fn artifact(&mut self, text: &str, source: &[u8], offset: usize) {
        let mut scanner = Scanner::new(text, 0);
        let first = scanner.skip();
        let rest = text.get(scanner.position()..).unwrap_or_default();
        let lines = LineIndex::new(source);
        match first {
            Some(first) if first.starts_with('[') => {
                for (index, (at, item)) in Scanner::new(text, 0).items().into_iter().enumerate() {
                    self.part(item, &lines, offset + at, &format!("[{index}]"));
                }
            }
            _ if is_ndjson(text)
                || first
                    .is_some_and(|first| first.starts_with('{') && rest.trim_start().starts_with('{')) =>
            {
                for (at, line) in ndjson_lines(text) {
                    self.part(line, &lines, offset + at, "");
                }
            }
            _ => self.single(source, offset, "", Some(text)),
        }
    }

    /// A resource that is a part of the artifact: one that cannot be read does not spoil the others.
    fn part(&mut self, text: &str, lines: &LineIndex, at: usize, prefix: &str) {
        let before = self.items.len();
        let from = self.findings.len();
        self.single(text.as_bytes(), 0, prefix, Some(text));
        for finding in self.findings.iter_mut().skip(from) {
            if let Some(span) = finding.location.span {
                let path = std::mem::take(&mut finding.location.path);
                finding.location =
                    SourceLocation::new(path).at(Span::new(span.start + at, span.end + at), lines);
            }
            finding.severity = finding.severity.min(Severity::Error);
        }
        for item in self.items.iter_mut().skip(before) {
            if let Some(span) = item.location.span {
                let path = std::mem::take(&mut item.location.path);
                item.location =
                    SourceLocation::new(path).at(Span::new(span.start + at, span.end + at), lines);
            }
        }
        if self.items.len() == before {
            let place = SourceLocation::new(prefix).at(Span::new(at, at + text.len()), lines);
            self.residual.push(Residual {
                location: place,
                content: text.to_owned(),
            });
        }
    }

    /// Reads one JSON value; `text` is what follows `offset` in `source`.
    pub(super) fn single(&mut self, source: &[u8], offset: usize, prefix: &str, text: Option<&str>) {
        let (value, mut findings) = salvage::<Resource>(source, &ParseOptions::default());
        let fatal = findings
            .iter()
            .find(|finding| finding.severity == Severity::Fatal);
        let broken_at = fatal
            .and_then(|finding| finding.location.span)
            .map(|span| span.start);
        let Some(resource) = value else {
            self.findings.append(&mut findings);
            return;
        };
        if resource.resource_type().is_empty() {
            findings.push(Finding::error(
                "fhir.resource-type",
                SourceLocation::new(prefix),
                "the object has no resourceType",
            ));
            self.findings.append(&mut findings);
            return;
        }
        for finding in &mut findings {
            if !prefix.is_empty() {
                finding.location.path = format!("{prefix}.{}", finding.location.path);
            }
        }
        self.findings.append(&mut findings);
        let text = text.unwrap_or_default();
        if let Some(at) = broken_at
            && let Some(rest) = text.get(at.saturating_sub(offset)..)
        {
            self.residual.push(Residual {
                location: SourceLocation::new(prefix)
                    .at(Span::new(at, source.len()), &LineIndex::new(source)),
                content: rest.to_owned(),
            });
        }
        let lines = LineIndex::new(source);
        let path = if prefix.is_empty() {
            resource.resource_type().to_owned()
        } else {
            prefix.to_owned()
        };
        let whole = Scanner::new(text, 0).skip().map(|whole| {
            let start = text.find(whole).unwrap_or(0);
            (offset + start, whole)
        });
        self.take(
            resource,
            whole.filter(|_| broken_at.is_none()),
            Outline {
                text,
                offset,
                lines: &lines,
            },
            path,
            &Around::default(),
        );
    }

    /// Takes a resource in, a Bundle entry by entry.
    fn take(
        &mut self,
        resource: Resource,
        place: Option<(usize, &str)>,
        outline: Outline<'_>,
        path: String,
        around: &Around,
    ) {
        let mut location = SourceLocation::new(path);
        if let Some((start, text)) = place {
            location = location.at(Span::new(start, start + text.len()), outline.lines);
        }
        match resource {
            Resource::Bundle(bundle) => {
                self.take_bundle(bundle.into_inner(), place, outline, location, around.timestamp);
            }
            resource => {
                let content: Arc<str> = match place {
                    Some((_, text)) => text.into(),
                    None => to_json_string(&resource).into(),
                };
                let mut tree = Tree::parse(&content).unwrap_or(Tree::Null);
                let mut resource = resource;
                if let Some(foreign) = release::foreign(&tree)
                    && let Some(read) = resource_of(&foreign.in_r4)
                {
                    self.findings.extend(foreign.findings(&location));
                    (tree, resource) = (foreign.in_r4, read);
                }
                self.findings.extend(release::unread(&tree, &location));
                self.items.push(Item {
                    resource,
                    tree,
                    content,
                    full_url: around.full_url.clone(),
                    location,
                    timestamp: around.timestamp,
                    bundle: around.bundle,
                });
            }
        }
    }

    fn take_bundle(
        &mut self,
        bundle: Bundle,
        place: Option<(usize, &str)>,
        outline: Outline<'_>,
        location: SourceLocation,
        timestamp: Option<DateTime>,
    ) {
        let timestamp = bundle.timestamp.or(timestamp);
        self.bundles += 1;
        let number = self.bundles;
        let start = match place {
            Some((start, _)) => Some(start),
            // A Bundle that breaks off: its start is that of the text.
            None if location.path == "Bundle" => Some(outline.offset),
            None => None,
        };
        let members = start
            .and_then(|start| start.checked_sub(outline.offset))
            .map(|at| Scanner::new(outline.text, at).members_partly())
            .unwrap_or_default();
        let entries = members
            .iter()
            .find(|(name, ..)| name == "entry")
            .map(|(_, at, _)| Scanner::new(outline.text, *at).items())
            .unwrap_or_default();
        let is_inner = location.path.ends_with(".resource");
        for (name, at, _) in &members {
            if matches!(name.as_str(), "entry" | "resourceType") || name == "type" && !is_inner {
                continue;
            }
            if let Some(value) = Scanner::new(outline.text, *at).skip() {
                let span = Span::new(outline.offset + at, outline.offset + at + value.len());
                let place = SourceLocation::new(format!("{}.{name}", location.path)).at(span, outline.lines);
                if !matches!(name.as_str(), "id" | "total") {
                    self.findings.push(of_the_bundle(place.clone()));
                }
                self.residual.push(Residual {
                    location: place,
                    content: value.to_owned(),
                });
            }
        }
        let trees: Vec<Tree> = if bundle.r#type == Some(BundleType::History) {
            entries
                .iter()
                .map(|(_, text)| Tree::parse(text).unwrap_or(Tree::Null))
                .collect()
        } else {
            Vec::new()
        };
        let outdated = history::outdated(&trees);
        let mut told = BTreeSet::new();
        for (index, entry) in bundle.entry.into_iter().enumerate() {
            let path = format!("{}.entry[{index}]", location.path);
            let outdated = outdated.get(index).copied().flatten();
            let deletes = entry
                .request
                .as_ref()
                .is_some_and(|request| request.method == Some(HTTPVerb::DELETE));
            if let Some((at, text)) = entries.get(index)
                && (outdated.is_some() || deletes)
            {
                let span = Span::new(outline.offset + at, outline.offset + at + text.len());
                let place = SourceLocation::new(&path).at(span, outline.lines);
                self.findings.push(history::finding(outdated, place));
            }
            let parts = entries
                .get(index)
                .map(|(at, _)| Scanner::new(outline.text, *at).members())
                .unwrap_or_default();
            for (name, at, value) in &parts {
                if outdated.is_some() || !matches!(name.as_str(), "resource" | "fullUrl") {
                    let span = Span::new(outline.offset + at, outline.offset + at + value.len());
                    let place = SourceLocation::new(format!("{path}.{name}")).at(span, outline.lines);
                    // One for all entries: the first is enough to know.
                    if !matches!(name.as_str(), "resource" | "fullUrl" | "request" | "response")
                        && told.insert(name.to_string())
                    {
                        self.findings.push(of_the_bundle(place.clone()));
                    }
                    self.residual.push(Residual {
                        location: place,
                        content: (*value).to_owned(),
                    });
                }
            }
            let Some(resource) = entry.resource.filter(|_| outdated.is_none()) else {
                continue;
            };
            let place = parts
                .iter()
                .find(|(name, ..)| name == "resource")
                .map(|(_, at, text)| (outline.offset + at, *text));
            let around = Around {
                full_url: entry.full_url.map(|url| url.to_string()),
                timestamp,
                bundle: number,
            };
            self.take(resource, place, outline, format!("{path}.resource"), &around);
        }
    }
}

/// What a Bundle or its entries say of themselves is no part of anybody's record.
fn of_the_bundle(place: SourceLocation) -> Finding {
    Finding::information(
        "fhir.bundle.beside",
        place,
        "the Bundle says it, and no resource: it is kept beside the records",
    )
}

/// The text that offsets count in.
#[derive(Clone, Copy)]
struct Outline<'a> {
    text: &'a str,
    offset: usize,
    lines: &'a LineIndex,
}

/// What the entry of a Bundle says of its resource.
#[derive(Default)]
struct Around {
    full_url: Option<String>,
    timestamp: Option<DateTime>,
    /// The number of the Bundle.
    bundle: usize,
}

impl Item {
    pub(super) fn holder(&self) -> Holder<'_> {
        Holder {
            full_url: self.full_url.as_deref(),
            bundle: self.bundle,
        }
    }

    pub(super) fn names(&self) -> Names<'_> {
        Names {
            resource_type: self.resource.resource_type(),
            id: self.id(),
            full_url: self.full_url.as_deref(),
            version: Version::of(&self.tree),
            identifiers: identifiers_of(&self.tree),
            bundle: self.bundle,
        }
    }

    pub(super) fn id(&self) -> Option<&str> {
        self.tree
            .get("id")
            .and_then(Tree::as_str)
            .filter(|id| !id.is_empty())
    }

    pub(super) fn is_patient(&self) -> bool {
        matches!(self.resource, Resource::Patient(_))
    }
}
