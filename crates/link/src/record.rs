//! What the matcher is told about a person: plain text fields, as the source wrote them.

use std::fmt;

/// One source's registration of one person.
///
/// The fields hold the text of the source; the matcher normalises them itself. A field that is
/// `None` or empty is *missing*, which is never evidence for or against a match. [`Record::id`]
/// and [`Record::source`] name the record; they are never compared.
///
/// ```
/// use ehr_link::{PersonName, Record, Sex};
/// let mut record = Record::new("17");
/// record.source = Some("north-clinic".into());
/// record.names.push(PersonName::official("Anna", "de la Cruz"));
/// record.birth_date = Some("1971-03-09".into());
/// record.sex = Some(Sex::Female);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// Name of the record, unique within one call; verdicts and results refer to it.
    pub id: String,
    /// The source (practice, system, file) that holds the record.
    pub source: Option<String>,
    /// Names, the current official one first.
    pub names: Vec<PersonName>,
    /// Administrative sex.
    pub sex: Option<Sex>,
    /// Birth date as text: `YYYY[-MM[-DD]]`, `YYYYMMDD[hhmm…]`, `MM/DD/YYYY` or `DD.MM.YYYY`.
    pub birth_date: Option<String>,
    /// Date of death, same forms as [`Record::birth_date`].
    pub death_date: Option<String>,
    /// Whether the person is known to be one of twins, triplets …
    pub multiple_birth: Option<bool>,
    /// Place in the order of a multiple birth, from 1.
    pub birth_order: Option<u8>,
    /// US social security number or another national number of a person, with or without dashes.
    pub ssn: Option<String>,
    /// Last four digits of the social security number, where no more is known.
    pub ssn_last4: Option<String>,
    /// Identifiers with the authority that assigned them.
    pub identifiers: Vec<Identifier>,
    /// Telephone numbers in any notation.
    pub phones: Vec<String>,
    /// E-mail addresses.
    pub emails: Vec<String>,
    /// Postal addresses, the current one first.
    pub addresses: Vec<Address>,
    /// Family name of the mother before marriage.
    pub mothers_maiden_name: Option<String>,
    /// Guardian, parent or next of kin.
    pub guardian: Option<PersonName>,
}

impl Record {
    /// An empty record named `id`.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            ..Self::default()
        }
    }

    /// Empties all fields and keeps their memory, so that one record can serve a whole file.
    pub fn clear(&mut self) {
        self.id.clear();
        self.source = None;
        self.names.clear();
        self.sex = None;
        self.birth_date = None;
        self.death_date = None;
        self.multiple_birth = None;
        self.birth_order = None;
        self.ssn = None;
        self.ssn_last4 = None;
        self.identifiers.clear();
        self.phones.clear();
        self.emails.clear();
        self.addresses.clear();
        self.mothers_maiden_name = None;
        self.guardian = None;
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("names", &self.names.len())
            .field("sex", &self.sex.is_some())
            .field("birth_date", &self.birth_date.is_some())
            .field("ssn", &(self.ssn.is_some() || self.ssn_last4.is_some()))
            .field("identifiers", &self.identifiers.len())
            .field("phones", &self.phones.len())
            .field("emails", &self.emails.len())
            .field("addresses", &self.addresses.len())
            .finish_non_exhaustive()
    }
}

/// Administrative sex as far as it helps to tell people apart. Unknown is `Option::None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
    /// Neither of the two; compares with nothing.
    Other,
}

impl Sex {
    /// Reads the codes and words in use (`F`, `female`, `1`/`2` are not read: sources disagree on them).
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "f" | "female" | "w" | "woman" | "girl" => Some(Self::Female),
            "m" | "male" | "man" | "boy" => Some(Self::Male),
            "o" | "other" | "x" | "un" | "undifferentiated" | "a" | "ambiguous" => Some(Self::Other),
            _ => None,
        }
    }
}

/// What a name is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[non_exhaustive]
pub enum NameUse {
    /// The name in present official use.
    #[default]
    Official,
    /// Another name the person goes or went by.
    Alias,
    /// The family name before marriage.
    Maiden,
    /// A name no longer in use.
    Old,
}

/// A name of a person, in parts. Parts may hold several words.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PersonName {
    /// What the name is used for.
    pub usage: NameUse,
    /// First given name.
    pub given: String,
    /// Further given names or initials.
    pub middle: String,
    /// Family name or names, with particles.
    pub family: String,
    /// `Jr`, `III` and the like.
    pub suffix: String,
}

impl PersonName {
    /// The name in official use.
    pub fn official(given: impl Into<String>, family: impl Into<String>) -> Self {
        Self::new(NameUse::Official, given, family)
    }

    /// A name with a given use.
    pub fn new(usage: NameUse, given: impl Into<String>, family: impl Into<String>) -> Self {
        Self {
            usage,
            given: given.into(),
            family: family.into(),
            ..Self::default()
        }
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PersonName")
            .field("usage", &self.usage)
            .finish_non_exhaustive()
    }
}

/// What sort of identifier it is, which says how far it may be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[non_exhaustive]
pub enum IdentifierKind {
    /// A medical record number: one person may hold several within one organisation.
    MedicalRecord,
    /// A number that one person holds once with its assigner, such as Medicaid or a national
    /// health number: a different value speaks against a match.
    Unique,
    /// The same, and checked with the assigner for this registration, by its card or its service: two registrations that
    /// are both so are one person where the value is the same, and two people where it is not.
    Verified,
    /// Anything else.
    #[default]
    Other,
}

impl IdentifierKind {
    /// Whether the assigner gives each person one alone.
    pub(crate) fn is_single(self) -> bool {
        matches!(self, Self::Unique | Self::Verified)
    }
}

/// An identifier with the authority that assigned it.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identifier {
    /// The assigner's namespace: an OID, a URI or the name of the source. Empty, the identifier
    /// belongs to the record's source; without a source either it is not compared, because
    /// numbers of different assigners mean nothing together.
    pub system: String,
    /// The value.
    pub value: String,
    /// What sort it is.
    pub kind: IdentifierKind,
}

impl Identifier {
    /// An identifier of a given kind.
    pub fn new(system: impl Into<String>, value: impl Into<String>, kind: IdentifierKind) -> Self {
        Self {
            system: system.into(),
            value: value.into(),
            kind,
        }
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identifier")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// A postal address, in parts.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Address {
    /// House number, street and unit in one line; or the street alone where `number` is given.
    pub street: String,
    /// House number, where the source keeps it apart.
    pub number: String,
    /// Second line: building, locality, apartment.
    pub line2: String,
    /// City, town or suburb.
    pub city: String,
    /// State, province or canton.
    pub state: String,
    /// Postal code.
    pub postal_code: String,
}

impl Address {
    /// Whether all parts are empty.
    pub fn is_empty(&self) -> bool {
        [
            &self.street,
            &self.number,
            &self.line2,
            &self.city,
            &self.state,
            &self.postal_code,
        ]
        .iter()
        .all(|part| part.trim().is_empty())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address")
            .field("empty", &self.is_empty())
            .finish_non_exhaustive()
    }
}
