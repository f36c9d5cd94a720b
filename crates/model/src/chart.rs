//! Charts: what one source holds about one patient, and what an importer gives.

use ehr_types::{Finding, Offset, Strictness, debug_shape};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::class::RecordClass;
use crate::entry::{Entry, EntryId, Event, Residual, Source};
use crate::identity::IdentityStatement;
use crate::record::{Patient, Record};

/// One source's view of one patient: an EMR's chart.
///
/// `entries` holds every record that the source sent, the [`Patient`] among them; a source that sends records without a
/// patient gives a chart without one.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// Who says it.
    pub source: Source,
    /// All records, in the order of the source.
    pub entries: Vec<Entry>,
    /// What could not be given to any one entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub residual: Vec<Residual>,
    /// The events on whose occasion the source told of the entries, where it says so; in the order of the source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
    /// What the source says of whether the patient and others are one person, in the order of the source. What it still says in its
    /// last word is [`IdentityStatement::standing`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identity: Vec<IdentityStatement>,
}

debug_shape!(Chart);

impl Chart {
    /// An empty chart.
    pub fn new(source: Source) -> Self {
        Self {
            source,
            entries: Vec::new(),
            residual: Vec::new(),
            events: Vec::new(),
            identity: Vec::new(),
        }
    }

    /// The entry of the patient whose chart it is: the first one.
    pub fn patient_entry(&self) -> Option<&Entry> {
        self.entries
            .iter()
            .find(|entry| entry.class() == RecordClass::Patient)
    }

    /// The patient whose chart it is.
    pub fn patient(&self) -> Option<&Patient> {
        self.patient_entry().and_then(|entry| match &entry.record {
            Record::Patient(patient) => Some(patient.as_ref()),
            _ => None,
        })
    }

    /// The entry with this id.
    pub fn entry(&self, id: &EntryId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == *id)
    }

    /// Entries of one class, in the order of the source.
    pub fn of_class(&self, class: RecordClass) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.class() == class)
    }

    /// Number of things in the source that were not understood, in the chart and in its entries.
    pub fn residual_count(&self) -> usize {
        self.residual.len()
            + self
                .entries
                .iter()
                .map(|entry| entry.residual.len())
                .sum::<usize>()
    }
}

/// What an importer is told. The default is lenient, knows no zone and keeps originals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportOptions {
    /// Who says what is imported. An importer fills in organization and system from the artifact where they are not given.
    pub source: Source,
    /// Whether faults of [`Severity::Error`](ehr_types::Severity::Error) refuse the artifact.
    pub strictness: Strictness,
    /// The zone of times that state none, where the caller knows it.
    pub default_offset: Option<Offset>,
    /// Whether each entry keeps its [`Original`](crate::Original). Without them less memory is taken, and an
    /// export to the same format gives what was understood, not all that was received.
    pub keep_originals: bool,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self {
            source: Source::default(),
            strictness: Strictness::default(),
            default_offset: None,
            keep_originals: true,
        }
    }
}

impl ImportOptions {
    /// The default options, for a source.
    pub fn new(source: Source) -> Self {
        Self {
            source,
            ..Self::default()
        }
    }
}

/// What an importer gives: a chart for each patient of the artifact, and what was noticed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Import {
    /// One chart a patient, in the order of the artifact.
    pub charts: Vec<Chart>,
    /// Everything noticed, in the order of the artifact.
    pub findings: Vec<Finding>,
}

/// Why an artifact could not be imported at all. Neither form holds a value of the artifact.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ImportError {
    /// It is not of the format, or so broken that nothing can be read.
    #[error("unreadable: {0}")]
    Unreadable(Finding),
    /// It was read, but the caller asked for [`Strictness::Strict`] and it has faults.
    #[error("refused for {} finding(s), the first: {}", .0.len(), .0.first().map(ToString::to_string).unwrap_or_default())]
    Refused(Vec<Finding>),
}

impl ImportError {
    /// What was found.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::Unreadable(finding) => std::slice::from_ref(finding),
            Self::Refused(findings) => findings,
        }
    }

    /// What was found, to be changed: for an importer that reads a form made of the source and tells places in the source.
    pub fn findings_mut(&mut self) -> &mut [Finding] {
        match self {
            Self::Unreadable(finding) => std::slice::from_mut(finding),
            Self::Refused(findings) => findings,
        }
    }
}
