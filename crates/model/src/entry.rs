//! Entries: one record of one source, with where it came from and what was not understood.

use std::fmt;
use std::sync::Arc;

use ehr_types::{CodeableConcept, Coding, DateTime, Identifier, SourceLocation, debug_shape};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::class::RecordClass;
use crate::datatypes::Reference;
use crate::record::Record;
use crate::shape::data;

/// Lower-case hexadecimal SHA-256 of the concatenation of `parts`, each preceded by its length so that no two lists
/// of parts share a digest by accident.
pub fn digest(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let mut text = String::with_capacity(64);
    for byte in hasher.finalize() {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
    }
    text
}

/// Identifies an entry: its class and a key that derives from source, native identifiers and content, so that the same
/// export gives the same ids each time. The key is a legal FHIR id (up to 64 of `A–Z a–z 0–9 - .`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EntryId {
    /// Class of the record.
    pub class: RecordClass,
    /// Key, unique among all sources.
    pub key: String,
}

impl EntryId {
    /// The id that follows from the given parts, for example source, native identifier and place in the source.
    ///
    /// ```
    /// use ehr_model::{EntryId, RecordClass};
    /// let id = EntryId::derive(RecordClass::Condition, &["clinic-a", "problem 17"]);
    /// assert_eq!(id, EntryId::derive(RecordClass::Condition, &["clinic-a", "problem 17"]));
    /// assert_ne!(id, EntryId::derive(RecordClass::Condition, &["clinic-b", "problem 17"]));
    /// assert_eq!(id.key.len(), 32);
    /// ```
    pub fn derive(class: RecordClass, parts: &[&str]) -> Self {
        let mut bytes = vec![class.as_str().as_bytes()];
        bytes.extend(parts.iter().map(|part| part.as_bytes()));
        let mut key = digest(&bytes);
        key.truncate(32);
        Self { class, key }
    }

    /// The native id of a record that its source tells from others like it by a sub-id alone: an observation, by OBX-4 of HL7 v2.
    ///
    /// ```
    /// use ehr_model::{EntryId, Origin, RecordClass};
    /// let id = EntryId::derive(RecordClass::Observation, &["lab", "order 7", "600-7", "2"]);
    /// let origin = Origin { native_id: Some(id.with_sub_id("2")), ..Origin::default() };
    /// assert_eq!(origin.sub_id(), Some("2"));
    /// ```
    pub fn with_sub_id(&self, sub_id: &str) -> String {
        format!("{sub_id}@{}", self.key)
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.class, self.key)
    }
}

impl fmt::Debug for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Who says something: the namespace that stays on every entry for ever.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Source {
    /// Unique name of the source among those taken together; the command line uses the input's path.
    pub id: String,
    /// The organization that keeps the chart, as it names itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// The system that wrote the export.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
}

impl Source {
    /// A source known by its id alone.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            ..Self::default()
        }
    }
}

/// The format of an original.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Format {
    /// FHIR R4 JSON: one resource.
    #[serde(rename = "fhir")]
    FhirJson,
    /// HL7 v2: one or more segments, CR-terminated.
    #[serde(rename = "hl7v2")]
    Hl7v2,
    /// C-CDA: one XML element.
    #[serde(rename = "ccda")]
    Ccda,
}

impl Format {
    /// The media type of content in this format.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::FhirJson => "application/fhir+json",
            Self::Hl7v2 => "x-application/hl7-v2+er7",
            Self::Ccda => "application/cda+xml",
        }
    }
}

/// The part of the source that an entry was made from, as it was received.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Original {
    /// Format of `content`.
    pub format: Format,
    /// The text as received.
    pub content: Arc<str>,
}

debug_shape!(Original, Residual);

/// Something in the source that was not carried into the model: where it stands and what it says.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Residual {
    /// Where it stands, in the format's own path.
    pub location: SourceLocation,
    /// What it says: the text of the leaf, or the raw JSON of the member.
    pub content: String,
}

data! {
    /// Where an entry came from.
    pub struct Origin {
        /// [`Source::id`] of the source.
        pub source: String,
        /// SHA-256 of the received artifact, lower-case hexadecimal.
        pub artifact: Option<String>,
        /// Place in the artifact; the path is stable between imports.
        pub location: SourceLocation,
        /// The source's own id of the record: the FHIR resource id.
        pub native_id: Option<String>,
        /// Who wrote it down.
        pub authors: Vec<Reference>,
        /// When it was written down.
        pub recorded: Option<DateTime>,
        /// The source's own version (`meta.versionId`, C-CDA versionNumber).
        pub version: Option<String>,
    }
}

impl Origin {
    /// The sub-id in the native id; see [`EntryId::with_sub_id`].
    pub fn sub_id(&self) -> Option<&str> {
        let (sub_id, key) = self.native_id.as_deref()?.rsplit_once('@')?;
        let is_key = key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_key.then_some(sub_id)
    }
}

data! {
    /// What happened at a source, so that it sent something: the event of an HL7 v2 message (MSH, EVN).
    pub struct Event {
        /// The source's own identifier of the message (MSH-10).
        pub identifier: Option<Identifier>,
        /// What happened (MSH-9): the trigger event, with the kind and structure of the message.
        pub activity: Option<CodeableConcept>,
        /// Why (EVN-4).
        pub reason: Vec<CodeableConcept>,
        /// When it happened (EVN-6).
        pub occurred: Option<DateTime>,
        /// When it was written down (EVN-2, else MSH-7).
        pub recorded: Option<DateTime>,
        /// Where (EVN-7), by name or identifier.
        pub location: Option<Reference>,
        /// The entries that were told of, for the first time or again.
        pub entries: Vec<EntryId>,
    }
}

/// One record of one source.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Identity, stable between imports of the same export.
    pub id: EntryId,
    /// Provenance.
    pub origin: Origin,
    /// Security labels of the source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Coding>,
    /// What was understood.
    pub record: Record,
    /// What was received, where the importer keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<Original>,
    /// What of it was not understood.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub residual: Vec<Residual>,
}

debug_shape!(Entry);

impl Entry {
    /// An entry without original and residual.
    pub fn new(id: EntryId, origin: Origin, record: Record) -> Self {
        Self {
            id,
            origin,
            labels: Vec::new(),
            record,
            original: None,
            residual: Vec::new(),
        }
    }

    /// Class of the record.
    pub fn class(&self) -> RecordClass {
        self.id.class
    }

    /// Identifiers that the source gave the record.
    pub fn identifiers(&self) -> &[Identifier] {
        self.record.identifiers()
    }

    /// The whole entry as JSON: equal entries have equal texts. It is for storing and ordering entries, not for a log,
    /// because it shows every value.
    pub fn to_json(&self) -> String {
        serde_json::to_value(self).map_or_else(|_| String::new(), |value| value.to_string())
    }

    /// The name by which the record can be found in its source again: the source's own id, else its place.
    pub fn source_key(&self) -> &str {
        self.origin
            .native_id
            .as_deref()
            .unwrap_or(&self.origin.location.path)
    }
}
