//! Messages on their way into charts: whose they are, and what of them nobody has read.

use std::collections::HashMap;

use ehr_model::{Chart, EntryId, ImportOptions, Residual, Source, digest};
use ehr_types::{Finding, LineIndex, Offset, Span};

use super::chart::ChartBuilder;
use super::conversion::{Conversion, key_of};
use super::datatype::Sender;
use super::header::{check_processing, grouped, header, linked};
use super::reading::{Reading, Seg};
use crate::message::Message;

/// Messages on their way into charts.
pub(super) struct Feed<'a> {
    options: &'a ImportOptions,
    lines: &'a LineIndex,
    artifact: String,
    /// Whether the artifact is more than one message, so that paths must say which.
    numbered: bool,
    /// The chart of each patient group, by message and group.
    chart_of: Vec<Vec<usize>>,
    charts: Vec<ChartBuilder>,
    /// What belongs to no patient.
    loose: Vec<Residual>,
    pub(super) findings: Vec<Finding>,
}

impl<'a> Feed<'a> {
    pub(super) fn new(
        bytes: &[u8],
        options: &'a ImportOptions,
        lines: &'a LineIndex,
        messages: &[(Message<'_>, Span)],
    ) -> Self {
        let mut feed = Self {
            options,
            lines,
            artifact: digest(&[bytes]),
            numbered: messages.len() > 1,
            chart_of: Vec::new(),
            charts: Vec::new(),
            loose: Vec::new(),
            findings: Vec::new(),
        };
        feed.assign_charts(messages);
        feed
    }

    /// Finds out which patients of which messages are the same, by the identifiers in PID.
    fn assign_charts(&mut self, messages: &[(Message<'_>, Span)]) {
        let mut union = Union::default();
        let mut nodes: Vec<(usize, Vec<usize>)> = Vec::new();
        let mut keys: Vec<Vec<String>> = Vec::new();
        let mut sources: Vec<Source> = Vec::new();
        let mut by_key: HashMap<String, usize> = HashMap::new();
        for (number, (message, _)) in messages.iter().enumerate() {
            // Read once for the identifiers alone: these marks are thrown away.
            let reading = Reading::new(message, 0, self.lines, String::new(), Offset::Unstated);
            let header = header(&reading);
            let mut groups = Vec::new();
            let grouped = grouped(&reading, &header);
            for (position, patient) in grouped.patients.iter().enumerate() {
                let mut known = patient
                    .pid
                    .as_ref()
                    .map(|pid| identity(pid.seg, &header.sender))
                    .unwrap_or_default();
                let node = union.add();
                for key in &known {
                    match by_key.get(key) {
                        Some(other) => union.join(*other, node),
                        None => {
                            by_key.insert(key.clone(), node);
                        }
                    }
                }
                if known.is_empty() {
                    // Known by its message and place alone.
                    let content = digest(&[message.as_bytes()]);
                    known.push(format!(
                        "message {content} {position} {}",
                        union.count_of(&content)
                    ));
                }
                keys.push(known);
                sources.push(self.source(&reading));
                groups.push(node);
            }
            nodes.push((number, groups));
        }
        // The chart of each set, in the order in which its patient first appears.
        let mut charts: HashMap<usize, usize> = HashMap::new();
        let mut smallest: HashMap<usize, String> = HashMap::new();
        for (node, keys) in keys.iter().enumerate() {
            let root = union.root(node);
            for key in keys {
                let least = smallest.entry(root).or_insert_with(|| key.clone());
                if *key < *least {
                    least.clone_from(key);
                }
            }
        }
        for (_, groups) in nodes {
            let mut of_message = Vec::new();
            for node in groups {
                let root = union.root(node);
                let chart = *charts.entry(root).or_insert_with(|| {
                    let key = smallest.get(&root).cloned().unwrap_or_default();
                    let source = sources.get(node).cloned().unwrap_or_default();
                    self.charts.push(ChartBuilder::new(source, key));
                    self.charts.len() - 1
                });
                of_message.push(chart);
            }
            self.chart_of.push(of_message);
        }
    }

    /// The source, with what MSH-3 and MSH-4 say where the caller does not.
    fn source(&self, reading: &Reading<'_>) -> Source {
        let mut source = self.options.source.clone();
        if let Some(header) = reading.message().header() {
            let text = |field: u32| {
                header
                    .field(field)
                    .component(1)
                    .some_text()
                    .map(|text| text.trim().to_owned())
            };
            source.organization = source.organization.or_else(|| text(4));
            source.system = source.system.or_else(|| text(3));
        }
        source
    }

    pub(super) fn message(&mut self, number: usize, message: &Message<'_>, span: Span) {
        let prefix = if self.numbered {
            format!("MSG[{}]/", number + 1)
        } else {
            String::new()
        };
        let header_offset = message
            .header()
            .and_then(|header| header.field(7).read::<crate::datatype::Dtm>())
            .and_then(|time| time.date_time()?.ok())
            .map_or(Offset::Unstated, |time| time.offset());
        let offset = if header_offset == Offset::Unstated {
            self.options.default_offset.unwrap_or(Offset::Unstated)
        } else {
            header_offset
        };
        let reading = Reading::new(message, span.start, self.lines, prefix, offset);
        for mut finding in message.findings() {
            finding.location = reading.relocate(&finding.location);
            reading.note(finding);
        }
        let mut header = header(&reading);
        header.provenance.artifact.clone_from(&self.artifact);
        header.provenance.keep_originals = self.options.keep_originals;
        check_processing(&reading);
        let grouped = grouped(&reading, &header);
        if grouped.patients.iter().all(|patient| patient.pid.is_none()) {
            let location = message
                .header()
                .map(|header| header.location())
                .unwrap_or_default();
            reading.note(Finding::information(
                "v2.no-patient",
                reading.relocate(&location),
                "the message is not about a patient: it has no PID",
            ));
        }
        let mut owners = vec![None; message.segment_count()];
        let of_message = self.chart_of.get(number).cloned().unwrap_or_default();
        let linked = linked(&grouped, &header);
        for (position, (patient, chart)) in grouped.patients.iter().zip(&of_message).enumerate() {
            let Some(chart) = self.charts.get_mut(*chart) else {
                continue;
            };
            let links = linked
                .iter()
                .filter(|(from, _)| *from == position)
                .map(|(_, other)| other.clone())
                .collect();
            Conversion::new(&reading, &header, chart, &mut owners).convert(patient, links, &grouped.head);
        }
        self.take_residual(&reading, &owners, &of_message);
        self.findings.extend(reading.into_findings());
    }

    /// What nobody has read goes to the entry that its segment belongs to, else to the chart, else to no patient.
    fn take_residual(&mut self, reading: &Reading<'_>, owners: &[Option<EntryId>], of_message: &[usize]) {
        let mut group = 0;
        let mut seen = false;
        for seg in reading.segments() {
            if seg.is("PID") {
                group += usize::from(seen);
                seen = true;
            }
            let residual = seg.residual();
            if residual.is_empty() {
                continue;
            }
            let owner = owners.get(seg.segment().position()).and_then(Option::as_ref);
            match of_message
                .get(group)
                .and_then(|chart| self.charts.get_mut(*chart))
            {
                Some(chart) => chart.add_residual(owner, residual),
                None => self.loose.extend(residual),
            }
        }
    }

    pub(super) fn finish(self, around: Vec<Residual>) -> Vec<Chart> {
        let mut loose = around;
        loose.extend(self.loose);
        let mut charts = Vec::new();
        for chart in self.charts {
            let has_entries = chart.has_entries();
            let mut chart = chart.finish();
            if has_entries {
                charts.push(chart);
            } else {
                loose.append(&mut chart.residual);
            }
        }
        if !loose.is_empty() {
            match charts.first_mut() {
                Some(first) => first.residual.extend(loose),
                None => charts.push(Chart {
                    residual: loose,
                    ..Chart::new(self.options.source.clone())
                }),
            }
        }
        charts
    }
}

/// Sets of things that are the same.
#[derive(Default)]
struct Union {
    parents: Vec<usize>,
    counts: HashMap<String, u32>,
}

impl Union {
    fn add(&mut self) -> usize {
        self.parents.push(self.parents.len());
        self.parents.len() - 1
    }

    fn root(&self, mut node: usize) -> usize {
        while let Some(parent) = self.parents.get(node).filter(|parent| **parent != node) {
            node = *parent;
        }
        node
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        let (first, second) = (a.min(b), a.max(b));
        if let Some(parent) = self.parents.get_mut(second) {
            *parent = first;
        }
    }

    /// Which use of a content this is.
    fn count_of(&mut self, content: &str) -> u32 {
        let count = self.counts.entry(content.to_owned()).or_insert(0);
        *count += 1;
        *count
    }
}

/// What a PID identifies its patient by.
fn identity(pid: Seg<'_>, sender: &Sender) -> Vec<String> {
    const NOT_OF_ONE_PERSON: &[&str] = &["SS", "AN", "VN", "DL", "PPN", "ANON", "ANC", "ANT", "GI", "BA"];
    for field in [3, 2, 4] {
        let known: Vec<String> = pid
            .all(field)
            .filter_map(|at| sender.identifier(at))
            .filter(|identifier| identifier.value.is_some())
            .filter(|identifier| {
                let kind = identifier.type_.as_ref().and_then(|kind| kind.codings.first());
                kind.and_then(|kind| kind.code.as_deref())
                    .is_none_or(|kind| !NOT_OF_ONE_PERSON.contains(&kind))
            })
            .map(|identifier| {
                let of_sender = identifier.system.is_none() && identifier.assigner.is_none();
                let sender = sender.name.as_deref().filter(|_| of_sender).unwrap_or_default();
                format!("{}@{sender}", key_of(&identifier))
            })
            .collect();
        if !known.is_empty() {
            return known;
        }
    }
    Vec::new()
}
