//! Messages on their way into charts: whose they are, and what of them nobody has read.

use std::cell::OnceCell;
use std::collections::HashMap;

use ehr_model::{Chart, EntryId, ImportOptions, Residual, Source, digest};
use ehr_types::{Finding, LineIndex, Offset, Span};

use super::chart::ChartBuilder;
use super::conversion::{Conversion, Header};
use super::demographics::Demographics;
use super::group::{Grouped, Item, is_head};
use super::header::{check_event, check_processing, grouped, header};
use super::link::{Link, Party, links};
use super::reading::{Reading, Seg};
use super::registration::{Doubt, Registration, place};
use crate::message::Message;

/// A message of an artifact.
pub(super) struct Received<'a> {
    pub(super) message: Message<'a>,
    pub(super) span: Span,
    /// Whether its last segment is cut off.
    pub(super) is_cut: bool,
}

impl<'r> Received<'r> {
    fn reading(&'r self, lines: &'r LineIndex, prefix: String, offset: Offset) -> Reading<'r> {
        let reading = Reading::new(&self.message, self.span.start, lines, prefix, offset);
        if self.is_cut {
            reading.without_last()
        } else {
            reading
        }
    }
}

/// Messages on their way into charts.
pub(super) struct Feed<'a> {
    options: &'a ImportOptions,
    lines: &'a LineIndex,
    artifact: String,
    /// Whether the artifact is more than one message, so that paths must say which.
    numbered: bool,
    /// The chart of each patient group, by message and group.
    chart_of: Vec<Vec<Assigned>>,
    charts: Vec<ChartBuilder>,
    /// What is said of the person of each chart, as it was last said.
    demographics: Vec<Demographics>,
    /// What belongs to no patient.
    loose: Vec<Residual>,
    /// What belongs to no patient and speaks of the exchange alone: MSH, EVN, MSA, …
    envelope: Vec<Residual>,
    pub(super) findings: Vec<Finding>,
}

impl<'a> Feed<'a> {
    pub(super) fn new(
        artifact: String,
        options: &'a ImportOptions,
        lines: &'a LineIndex,
        messages: &[Received<'_>],
    ) -> Self {
        let mut feed = Self {
            options,
            lines,
            artifact,
            numbered: messages.len() > 1,
            chart_of: Vec::new(),
            charts: Vec::new(),
            demographics: Vec::new(),
            loose: Vec::new(),
            envelope: Vec::new(),
            findings: Vec::new(),
        };
        feed.assign_charts(messages);
        feed
    }

    /// Finds out which patients of which messages are the same, by what their PIDs say.
    fn assign_charts(&mut self, messages: &[Received<'_>]) {
        let mut registrations: Vec<Registration> = Vec::new();
        let mut sources: Vec<Source> = Vec::new();
        let mut groups: Vec<usize> = Vec::new();
        let mut uses: HashMap<String, u32> = HashMap::new();
        for received in messages {
            // Read once for who it is about: these marks are thrown away.
            let reading = received.reading(self.lines, String::new(), Offset::Unstated);
            let header = header(&reading);
            let grouped = grouped(&reading, &header);
            let content = OnceCell::new();
            for (position, patient) in grouped.patients.iter().enumerate() {
                let mut registration = patient
                    .pid
                    .as_ref()
                    .map(|pid| Registration::of(pid.seg, &header.sender))
                    .unwrap_or_default();
                if registration.keys.is_empty() {
                    // Known by its message and place alone.
                    let content = content.get_or_init(|| digest(&[received.message.as_bytes()]));
                    let use_ = uses.entry(content.clone()).or_default();
                    *use_ += 1;
                    registration
                        .keys
                        .push(format!("message {content} {position} {use_}"));
                }
                registrations.push(registration);
                sources.push(self.source(&reading));
            }
            groups.push(grouped.patients.len());
        }
        // The chart of each set, in the order in which its patient first appears.
        let mut charts: HashMap<usize, usize> = HashMap::new();
        let mut places = place(&registrations).into_iter().zip(&registrations).zip(sources);
        for count in groups {
            let mut of_message = Vec::new();
            for ((placed, registration), source) in places.by_ref().take(count) {
                let chart = *charts.entry(placed.set).or_insert_with(|| {
                    self.charts.push(ChartBuilder::new(source, placed.key));
                    self.demographics.push(Demographics::default());
                    self.charts.len() - 1
                });
                let said = &registration.demographics;
                if let Some(known) = self.demographics.get_mut(chart)
                    && said.extent() <= known.extent()
                {
                    known.clone_from(said);
                }
                of_message.push(Assigned {
                    chart,
                    doubt: placed.doubt,
                    is_placeholder: registration.is_placeholder,
                });
            }
            self.chart_of.push(of_message);
        }
    }

    /// The source, with what MSH-3 and MSH-4 say where the caller does not.
    fn source(&self, reading: &Reading<'_>) -> Source {
        let mut source = self.options.source.clone();
        if let Some(header) = reading.header() {
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

    pub(super) fn message(&mut self, number: usize, received: &Received<'_>) {
        let message = &received.message;
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
        let reading = received.reading(self.lines, prefix, offset);
        for mut finding in message.findings() {
            finding.location = reading.relocate(&finding.location);
            reading.note(finding);
        }
        let mut header = header(&reading);
        header.provenance.artifact.clone_from(&self.artifact);
        header.provenance.keep_originals = self.options.keep_originals;
        check_processing(&reading);
        check_event(&reading, &header);
        let grouped = grouped(&reading, &header);
        note_subject(&reading, &grouped);
        let mut owners = vec![None; message.segment_count()];
        let of_message = self.chart_of.get(number).cloned().unwrap_or_default();
        let links = self.links(&reading, &grouped, &header, &of_message);
        for (position, (patient, assigned)) in grouped.patients.iter().zip(&of_message).enumerate() {
            let Some(chart) = self.charts.get_mut(assigned.chart) else {
                continue;
            };
            if let Some(pid) = &patient.pid {
                assigned.note(&reading, pid.seg);
            }
            let own = || links.iter().filter(|link| link.position == position);
            own()
                .filter_map(|link| link.statement.clone())
                .for_each(|statement| chart.state(statement));
            let others = own().filter_map(|link| link.other.clone()).collect();
            Conversion::new(&reading, &header, chart, &mut owners).convert(patient, others, &grouped.head);
        }
        self.take_residual(&reading, &owners, &of_message);
        self.findings.extend(reading.into_findings());
    }

    /// What the event says of the patients of the message as one person or several.
    fn links(
        &self,
        reading: &Reading<'_>,
        grouped: &Grouped<'_>,
        header: &Header,
        of_message: &[Assigned],
    ) -> Vec<Link> {
        let parties: Vec<Option<Party>> = of_message
            .iter()
            .map(|assigned| {
                Some(Party {
                    id: self.charts.get(assigned.chart)?.patient_id(),
                    demographics: self.demographics.get(assigned.chart)?.clone(),
                })
            })
            .collect();
        links(reading, grouped, header, &parties)
    }

    /// What nobody has read goes to the entry that its segment belongs to, else to the chart, else to no patient.
    fn take_residual(&mut self, reading: &Reading<'_>, owners: &[Option<EntryId>], of_message: &[Assigned]) {
        let mut group = 0;
        let mut seen = false;
        for seg in reading.all_segments() {
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
                .and_then(|assigned| self.charts.get_mut(assigned.chart))
            {
                Some(chart) => chart.add_residual(owner, residual),
                None if is_head(&seg) => self.envelope.extend(residual),
                None => self.loose.extend(residual),
            }
        }
    }

    /// The charts, with what belongs to no patient on the first. Where nothing is about a patient there is no chart: what
    /// headers, trailers and acknowledgements say of the exchange is then left, with a finding.
    pub(super) fn finish(self, around: Around, findings: &mut Vec<Finding>) -> Vec<Chart> {
        let mut loose = around.text;
        loose.extend(self.loose);
        let mut envelope = around.framing;
        envelope.extend(self.envelope);
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
        if charts.is_empty() && !loose.is_empty() {
            charts.push(Chart::new(self.options.source.clone()));
        }
        match (charts.first_mut(), envelope.first()) {
            (Some(first), _) => first.residual.extend(envelope.into_iter().chain(loose)),
            (None, Some(left)) => findings.push(Finding::information(
                "v2.no-chart",
                left.location.clone(),
                "nothing here is about a patient; what is said of the exchange itself is in no chart",
            )),
            (None, None) => {}
        }
        charts
    }
}

/// Says where it is not known whose something is: of a message without PID the whole, of another what stands in a group
/// of its own before the first PID.
fn note_subject(reading: &Reading<'_>, grouped: &Grouped<'_>) {
    if grouped.patients.iter().any(|patient| patient.pid.is_some()) {
        return;
    }
    let header = reading.header();
    let location = reading.relocate(&header.map(|header| header.location()).unwrap_or_default());
    let first = grouped
        .patients
        .iter()
        .flat_map(|patient| &patient.items)
        .find_map(Item::clinical);
    reading.note(match first {
        Some(segment) => Finding::warning(
            "v2.patient.missing",
            segment.location(),
            "the message has no PID: whose this is, and all that follows, is not known; it has a chart of its own without a \
             patient, and belongs to nobody until a person says to whom",
        ),
        None => Finding::information(
            "v2.no-patient",
            location,
            "the message is not about a patient: it has no PID",
        ),
    });
}

/// What stands around the messages.
#[derive(Default)]
pub(super) struct Around {
    /// Headers and trailers of files and batches.
    pub(super) framing: Vec<Residual>,
    /// Text that is none, and messages that cannot be read.
    pub(super) text: Vec<Residual>,
}

/// The chart of a patient group, and what is uncertain about that.
#[derive(Clone)]
struct Assigned {
    chart: usize,
    doubt: Option<Doubt>,
    /// Whether the PID has placeholders where its identifiers should be.
    is_placeholder: bool,
}

impl Assigned {
    /// Says at the PID what is uncertain about whose it is.
    fn note(&self, reading: &Reading<'_>, pid: Seg<'_>) {
        let doubt = self.doubt.map(|doubt| match doubt {
            Doubt::Contradicted => {
                "an identifier in PID-3 is that of another patient too, whom birth date, name or sex \
                 contradict; the patient has a chart apart"
            }
            Doubt::Ambiguous => {
                "several patients who contradict each other have the identifier in PID-3, and the PID does \
                 not say which one it is about; it is taken as the nearest before it that it agrees with"
            }
        });
        if let Some(message) = doubt {
            reading.note(Finding::warning(
                "v2.patient.contradicted",
                pid.location(),
                message,
            ));
        }
        if self.is_placeholder {
            reading.note(Finding::warning(
                "v2.patient.placeholder",
                pid.at(3).location(),
                "the identifier stands for an unknown one; the patient has a chart apart",
            ));
        }
    }
}
