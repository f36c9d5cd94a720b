//! Composite values that several records share.

use ehr_types::{
    Absent, CodeableConcept, Coding, DateTime, Decimal, Identifier, Period, Quantity, Range, Ratio, Time,
};

use crate::class::RecordClass;
use crate::entry::EntryId;
use crate::shape::{alternatives, data};

data! {
    /// A link to another entry, as far as the source made it: resolved, by identifier, or by name only.
    pub struct Reference {
        /// The entry, when it is part of the same chart.
        pub target: Option<EntryId>,
        /// Class of the target, where known.
        pub class: Option<RecordClass>,
        /// The reference as the source wrote it (`Patient/1`, `urn:uuid:…`).
        pub literal: Option<String>,
        /// Identifier of the target.
        pub identifier: Option<Identifier>,
        /// Words for the target.
        pub display: Option<String>,
    }

    /// A status: FHIR's code, and what the source wrote when that was something else.
    pub struct Status {
        /// Code of the FHIR value set of the element; `None` when the source's status has no equivalent or is missing.
        pub code: Option<String>,
        /// The source's own code, when the source is not FHIR.
        pub source: Option<Coding>,
        /// Why there is none.
        pub absent: Option<Absent>,
    }

    /// A remark: FHIR Annotation, HL7 v2 NTE, C-CDA comment activity.
    pub struct Annotation {
        /// The remark.
        pub text: String,
        /// Who made it.
        pub author: Option<Reference>,
        /// When.
        pub time: Option<DateTime>,
    }

    /// Someone or something that takes part, and as what.
    pub struct Participant {
        /// Roles played.
        pub role: Vec<CodeableConcept>,
        /// Who.
        pub actor: Option<Reference>,
        /// On behalf of which organization.
        pub on_behalf_of: Option<Reference>,
        /// When.
        pub period: Option<Period>,
        /// Status of the participation, where the record has one (Appointment).
        pub status: Option<Status>,
    }

    /// Content in a file format: FHIR Attachment, C-CDA ED, HL7 v2 ED and RP.
    pub struct Attachment {
        /// Media type.
        pub content_type: Option<String>,
        /// BCP 47 language.
        pub language: Option<String>,
        /// The content, base64.
        pub data: Option<String>,
        /// Where the content is.
        pub url: Option<String>,
        /// Bytes before base64.
        pub size: Option<u32>,
        /// SHA-1 of the content, base64.
        pub hash: Option<String>,
        /// Label.
        pub title: Option<String>,
        /// When it was created.
        pub creation: Option<DateTime>,
    }

    /// When something recurs: FHIR Timing, C-CDA PIVL/EIVL, HL7 v2 TQ.
    pub struct Timing {
        /// Exact times.
        pub event: Vec<DateTime>,
        /// The whole course.
        pub bounds: Option<Bounds>,
        /// Number of times to repeat.
        pub count: Option<u32>,
        /// Largest number of times.
        pub count_max: Option<u32>,
        /// How long one time takes, in `duration_unit`.
        pub duration: Option<Decimal>,
        /// Longest that one time takes.
        pub duration_max: Option<Decimal>,
        /// UCUM unit of time: `s`, `min`, `h`, `d`, `wk`, `mo`, `a`.
        pub duration_unit: Option<String>,
        /// Times per `period`.
        pub frequency: Option<u32>,
        /// Most times per `period`.
        pub frequency_max: Option<u32>,
        /// Length of a period, in `period_unit`.
        pub period: Option<Decimal>,
        /// Longest period.
        pub period_max: Option<Decimal>,
        /// UCUM unit of time.
        pub period_unit: Option<String>,
        /// `mon` … `sun`.
        pub day_of_week: Vec<String>,
        /// Times of day.
        pub time_of_day: Vec<Time>,
        /// Events of the day by code (`HS`, `AC`, …; FHIR event-timing).
        pub when: Vec<String>,
        /// Minutes from the event in `when`.
        pub offset: Option<u32>,
        /// A coded schedule (`BID`).
        pub code: Option<CodeableConcept>,
    }

    /// How a medication is taken.
    pub struct Dosage {
        /// Order of several instructions.
        pub sequence: Option<i32>,
        /// Free text.
        pub text: Option<String>,
        /// Further instructions.
        pub additional_instruction: Vec<CodeableConcept>,
        /// Words for the patient.
        pub patient_instruction: Option<String>,
        /// When.
        pub timing: Option<Timing>,
        /// Whether to take it as needed; `None` when not said.
        pub as_needed: Option<bool>,
        /// For what it is taken when needed.
        pub as_needed_for: Option<CodeableConcept>,
        /// Where on the body.
        pub site: Option<CodeableConcept>,
        /// By which route.
        pub route: Option<CodeableConcept>,
        /// By which technique.
        pub method: Option<CodeableConcept>,
        /// Ordered or calculated.
        pub dose_type: Option<CodeableConcept>,
        /// How much at a time.
        pub dose: Option<Amount>,
        /// How fast.
        pub rate: Option<Amount>,
        /// Most in a period.
        pub max_dose_per_period: Option<Ratio>,
        /// Most at a time.
        pub max_dose_per_administration: Option<Quantity>,
        /// Most in a lifetime.
        pub max_dose_per_lifetime: Option<Quantity>,
    }

    /// Bounds that count as normal, or another reference.
    pub struct ReferenceRange {
        /// Lower bound, inclusive.
        pub low: Option<Quantity>,
        /// Upper bound, inclusive.
        pub high: Option<Quantity>,
        /// Kind of range: normal, critical, …
        pub type_: Option<CodeableConcept>,
        /// To whom it applies.
        pub applies_to: Vec<CodeableConcept>,
        /// At which age.
        pub age: Option<Range>,
        /// The range in words.
        pub text: Option<String>,
    }

    /// A series of measurements: FHIR SampledData.
    pub struct SampledData {
        /// Zero value and unit.
        pub origin: Option<Quantity>,
        /// Milliseconds between samples.
        pub period: Option<Decimal>,
        /// Factor for the samples.
        pub factor: Option<Decimal>,
        /// Lower limit of detection.
        pub lower_limit: Option<Decimal>,
        /// Upper limit of detection.
        pub upper_limit: Option<Decimal>,
        /// Sample points at each time.
        pub dimensions: Option<u32>,
        /// The samples, separated by spaces, with `E`, `L` and `U` for error and limits.
        pub data: Option<String>,
    }
}

alternatives! {
    /// When something began, ended or was.
    pub enum Occurrence {
        /// A point in time.
        DateTime(DateTime),
        /// A span of time.
        Period(Period),
        /// An age of the patient.
        Age(Quantity),
        /// A span of ages.
        Range(Range),
        /// Recurring times.
        Timing(Timing),
        /// Words.
        Text(String),
    }

    /// The course of a timing.
    pub enum Bounds {
        /// From a time to a time.
        Period(Period),
        /// How long.
        Duration(Quantity),
        /// Between two lengths.
        Range(Range),
    }

    /// An amount in one of the forms of doses and rates.
    pub enum Amount {
        /// A quantity.
        Quantity(Quantity),
        /// Between two quantities.
        Range(Range),
        /// One quantity per another.
        Ratio(Ratio),
    }

    /// The result of an observation.
    pub enum Value {
        /// A measured amount.
        Quantity(Quantity),
        /// A coded finding.
        CodeableConcept(CodeableConcept),
        /// Words.
        String(String),
        /// Yes or no.
        Boolean(bool),
        /// A whole number.
        Integer(i32),
        /// Between two amounts.
        Range(Range),
        /// One amount over another.
        Ratio(Ratio),
        /// A time of day.
        Time(Time),
        /// A time.
        DateTime(DateTime),
        /// A span of time.
        Period(Period),
        /// A series.
        SampledData(SampledData),
        /// A file: HL7 v2 ED and RP, C-CDA ED.
        Attachment(Attachment),
    }
}

/// `From` for what can be meant in one way only: the alternative has the name of its type.
macro_rules! from_alternatives {
    ($($name:ident { $($variant:ident),* })+) => {$($(
        impl From<$variant> for $name {
            fn from(value: $variant) -> Self {
                Self::$variant(value)
            }
        }
    )*)+};
}

from_alternatives! {
    Occurrence { DateTime, Period, Timing }
    Amount { Quantity, Range, Ratio }
    Value { Quantity, CodeableConcept, String, Range, Ratio, Time, DateTime, Period, SampledData, Attachment }
}

impl Reference {
    /// A link to an entry of the same chart.
    pub fn to(id: &EntryId) -> Self {
        Self {
            target: Some(id.clone()),
            class: Some(id.class),
            ..Self::default()
        }
    }

    /// A link by words only.
    pub fn named(display: impl Into<String>) -> Self {
        Self {
            display: Some(display.into()),
            ..Self::default()
        }
    }
}

impl Status {
    /// A status given in FHIR's own code.
    pub fn fhir(code: impl Into<String>) -> Self {
        Self {
            code: Some(code.into()),
            ..Self::default()
        }
    }

    /// A status that was translated from the source's own code.
    pub fn translated(code: Option<&str>, source: Coding) -> Self {
        Self {
            code: code.map(str::to_owned),
            source: Some(source),
            absent: None,
        }
    }

    /// Whether the normalised code is this one.
    pub fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }
}

impl Occurrence {
    /// First known moment: the time, or the start of the period.
    pub fn start(&self) -> Option<DateTime> {
        match self {
            Self::DateTime(time) => Some(*time),
            Self::Period(period) => period.start,
            Self::Timing(timing) => timing.event.first().copied(),
            Self::Age(_) | Self::Range(_) | Self::Text(_) => None,
        }
    }

    /// Last known moment: the time, or the end of the period.
    pub fn end(&self) -> Option<DateTime> {
        match self {
            Self::DateTime(time) => Some(*time),
            Self::Period(period) => period.end,
            Self::Timing(timing) => timing.event.last().copied(),
            Self::Age(_) | Self::Range(_) | Self::Text(_) => None,
        }
    }
}
