//! What all conversions of one message share: where they read, what they add to, whom they speak of.

use std::collections::HashMap;

use ehr_model::{Annotation, EncounterDiagnosis, EntryId, Record, Reference};
use ehr_types::{CodeSystem, CodeableConcept, Coding, Finding, Identifier};

use super::chart::{ChartBuilder, Provenance, superseded};
use super::datatype::{Sender, words};
use super::observation::NamedResult;
use super::reading::{At, Reading, Seg};

/// What the header of a message says.
#[derive(Clone, Debug, Default)]
pub(super) struct Header {
    /// MSH-9.1: `ADT`.
    pub(super) code: String,
    /// MSH-9.2, else EVN-1: `A01`.
    pub(super) event: String,
    pub(super) sender: Sender,
    pub(super) provenance: Provenance,
}

impl Header {
    pub(super) fn is(&self, code: &str) -> bool {
        self.code.eq_ignore_ascii_case(code)
    }
}

/// The conversion of the part of a message that is about one patient.
pub(super) struct Conversion<'r, 'c> {
    pub(super) reading: &'r Reading<'r>,
    pub(super) header: &'c Header,
    pub(super) chart: &'c mut ChartBuilder,
    pub(super) patient: Option<EntryId>,
    pub(super) visit: Option<EntryId>,
    /// Whether there is a visit for the account and visit numbers in PID and MRG.
    pub(super) has_visit: bool,
    /// The entry that each segment of the message went into, by position.
    pub(super) owners: &'c mut Vec<Option<EntryId>>,
    /// Visits with what was diagnosed.
    pub(super) diagnoses: Vec<(EntryId, EncounterDiagnosis)>,
    /// The results of the message so far.
    pub(super) results: Vec<NamedResult>,
    /// How often each key was used in this message.
    occurrences: HashMap<String, u32>,
}

impl<'r, 'c> Conversion<'r, 'c> {
    pub(super) fn new(
        reading: &'r Reading<'r>,
        header: &'c Header,
        chart: &'c mut ChartBuilder,
        owners: &'c mut Vec<Option<EntryId>>,
    ) -> Self {
        Self {
            reading,
            header,
            chart,
            patient: None,
            visit: None,
            has_visit: false,
            owners,
            diagnoses: Vec::new(),
            results: Vec::new(),
            occurrences: HashMap::new(),
        }
    }

    /// Adds a record made from segments, the first of which says where it stands, and makes it their owner.
    pub(super) fn add(&mut self, key: &[&str], record: impl Into<Record>, segments: &[Seg<'r>]) -> EntryId {
        let location = segments.first().map(Seg::location).unwrap_or_default();
        let added = self
            .chart
            .add(&self.header.provenance, key, record.into(), location, segments);
        if let Some(former) = added.superseded {
            self.reading.note(superseded(former));
        }
        self.own(&added.id, segments);
        added.id
    }

    /// Adds a record made from one field.
    pub(super) fn add_field(&mut self, key: &[&str], record: impl Into<Record>, at: At<'r>) -> EntryId {
        self.chart
            .add(&self.header.provenance, key, record.into(), at.location(), &[])
            .id
    }

    /// Makes an entry the owner of segments that have none.
    pub(super) fn own(&mut self, id: &EntryId, segments: &[Seg<'r>]) {
        for segment in segments {
            if let Some(owner) = self.owners.get_mut(segment.segment().position()) {
                owner.get_or_insert_with(|| id.clone());
            }
        }
    }

    /// Which use of a key in this message this is, from 1.
    pub(super) fn occurrence(&mut self, key: &str) -> u32 {
        let count = self.occurrences.entry(key.to_owned()).or_insert(0);
        *count += 1;
        *count
    }

    /// Whether a segment says in one of these fields what it is about. Where it does not there is nothing to make an entry of:
    /// a null there asks to delete, and what is to be deleted is for the receiver to say, not a thing of its own. The
    /// segment then stays in the residual.
    pub(super) fn is_named(&self, seg: Seg<'r>, fields: &[u32]) -> bool {
        if fields.iter().any(|field| seg.all(*field).any(|at| at.says())) {
            return true;
        }
        if let Some(null) = fields
            .iter()
            .map(|field| seg.at(*field))
            .find(|at| at.leaf().is_null())
        {
            null.warn(
                "v2.delete.not-applied",
                "the sender asks to delete; what it said before stays, and this is kept as residual",
            );
        } else if seg.says() {
            self.reading.note(Finding::warning(
                "v2.segment.unnamed",
                seg.location(),
                "the segment does not say what it is about; no entry is made of it, it is kept as residual",
            ));
        }
        false
    }

    pub(super) fn subject(&self) -> Option<Reference> {
        self.patient.as_ref().map(Reference::to)
    }

    pub(super) fn encounter(&self) -> Option<Reference> {
        self.visit.as_ref().map(Reference::to)
    }

    pub(super) fn sender(&self) -> &'c Sender {
        &self.header.sender
    }

    pub(super) fn concept(&self, at: At<'_>) -> Option<CodeableConcept> {
        self.sender().concept(at, None)
    }

    pub(super) fn concept_of(&self, at: At<'_>, table: u16) -> Option<CodeableConcept> {
        self.sender().concept(at, Some(table))
    }

    /// All repetitions of a field as concepts.
    pub(super) fn concepts(&self, seg: Seg<'r>, field: u32, table: Option<u16>) -> Vec<CodeableConcept> {
        seg.all(field)
            .filter_map(|at| self.sender().concept(at, table))
            .collect()
    }

    /// The codes of a field as security labels.
    pub(super) fn labels(&self, seg: Seg<'r>, field: u32, table: Option<u16>) -> Vec<Coding> {
        let concepts = self.concepts(seg, field, table);
        concepts.into_iter().flat_map(|concept| concept.codings).collect()
    }

    /// NTE segments as remarks: NTE-3, by NTE-5, at NTE-6.
    pub(super) fn notes(&mut self, notes: &[Seg<'r>]) -> Vec<Annotation> {
        let mut remarks = Vec::new();
        for note in notes {
            // Senders use NTE-2 or later fields only; a note without text says nothing.
            if let Some(text) = text_of_note(*note) {
                remarks.push(Annotation {
                    text,
                    author: self.practitioner(note.at(5)),
                    time: note.at(6).time(),
                });
            }
        }
        remarks
    }
}

/// NTE-3 alone, for a place that holds no more than text: who wrote it, and when, is residual.
pub(super) fn text_of_note(note: Seg<'_>) -> Option<String> {
    let lines = note.all(3).filter_map(|at| at.text().map(|text| plain(&text)));
    let lines: Vec<String> = lines.chain(words(note.at(9))).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Whether an action code (tables 0206, 0287 and 0323) takes back what its segment says. The other codes say only how a
/// receiver should take it in.
pub(super) fn takes_back(action: At<'_>) -> bool {
    let code = action.peek_code().unwrap_or_default().to_ascii_uppercase();
    let takes_back = matches!(code.as_str(), "D" | "DE");
    if takes_back || matches!(code.as_str(), "A" | "AD" | "CO" | "U" | "UC" | "UP" | "X") {
        action.leaf().mark();
    }
    takes_back
}

/// The label of what only some may see, where a field (table 0136) says that it is protected.
pub(super) fn restricted(at: At<'_>) -> Option<Coding> {
    let is_protected = at
        .peek_code()
        .is_some_and(|answer| answer.eq_ignore_ascii_case("Y"));
    is_protected.then(|| {
        at.leaf().mark();
        Coding::new(CodeSystem::V3_CONFIDENTIALITY.uri, "R").with_display("restricted")
    })
}

/// A concept of one code.
pub(super) fn code(system: &str, code: &str, display: &str) -> CodeableConcept {
    let coding = Coding::new(system, code);
    if display.is_empty() {
        coding.into()
    } else {
        coding.with_display(display).into()
    }
}

/// What an identifier is known by in the key of an entry.
pub(super) fn key_of(identifier: &Identifier) -> String {
    let namespace = identifier.system.as_deref().or(identifier.assigner.as_deref());
    format!(
        "{}|{}",
        namespace.unwrap_or_default(),
        identifier.value.as_deref().unwrap_or_default()
    )
}

/// Formatted text as plain text: the formatting commands (`\.br\` and the like, HL7 v2.8.2 chapter 2.7.6), which
/// the parser leaves in place where they do not stand for a character, become line ends.
pub(super) fn plain(text: &str) -> String {
    if !text.contains("\\.") && !text.contains("\\H\\") && !text.contains("\\N\\") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('\\') {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let Some(end) = from.get(1..).and_then(|inner| inner.find('\\')) else {
            out.push_str(from);
            return out;
        };
        let command = from.get(1..=end).unwrap_or_default();
        match command {
            "H" | "N" => {}
            _ if command.starts_with(".br") || command.starts_with(".sp") || command.starts_with(".ce") => {
                out.push('\n');
            }
            _ if command.starts_with(".in") || command.starts_with(".ti") || command.starts_with(".sk") => {
                out.push(' ');
            }
            _ if command.starts_with(".fi") || command.starts_with(".nf") => {}
            _ => {
                out.push('\\');
                out.push_str(command);
                out.push('\\');
            }
        }
        rest = from.get(end + 2..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// A remark of text alone.
pub(super) fn remark(text: String) -> Annotation {
    Annotation {
        text,
        ..Annotation::default()
    }
}
