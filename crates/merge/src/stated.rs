//! What two statements of one value have in common: whether they agree, which says more, how to show them.

use ehr_model::{
    Amount, Annotation, Attachment, Bounds, CarePlanActivity, Communication, ConditionStage, CoverageClass,
    Deceased, DeviceName, DocumentRelation, Dosage, DoseNumber, EncounterDiagnosis, EncounterLocation,
    FamilyCondition, GoalTarget, Hospitalization, ImmunizationReaction, Ingredient, MultipleBirth,
    NarrativeSection, ObservationComponent, Occurrence, OrganizationContact, Participant, PatientContact,
    PatientLink, Performer, ProtocolApplied, Qualification, Reaction, Reference, ReferenceRange, SampledData,
    Status, Timing, VaccineEducation, Value,
};
use ehr_types::{
    Address, CodeableConcept, Coding, ContactPoint, Date, DateTime, Decimal, HumanName, Identifier, Period,
    Precision, Quantity, Range, Ratio, Time,
};
use serde::Serialize;

use crate::context::Context;
use crate::equivalence::Relation;
use crate::measure::{same_number, same_quantity, same_range, same_ratio};
use crate::moment::Moment;
use crate::wording::{letters, words};

/// A value that several sources may state.
pub(crate) trait Stated: Clone + PartialEq + Serialize {
    /// Whether both can be true of one thing: spelling, precision and units do not make a disagreement.
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        let _ = cx;
        self == other
    }

    /// How much is said; where values agree, the one that says most is shown.
    fn detail(&self) -> u32 {
        0
    }

    /// Takes over what an agreeing value says in addition.
    fn absorb(&mut self, other: &Self, cx: &Context<'_>) {
        let _ = (other, cx);
    }

    /// Whether nothing is said, as with "unknown", so that there is nothing to disagree with.
    fn is_blank(&self) -> bool {
        false
    }

    /// The value for a person.
    fn show(&self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(text)) => text,
            Ok(value) => value.to_string(),
            Err(_) => String::new(),
        }
    }
}

/// Types whose values agree when they are equal.
macro_rules! equal_when_identical {
    ($($type:ty),+ $(,)?) => { $(impl Stated for $type {})+ };
}

equal_when_identical!(
    bool,
    u32,
    i32,
    Time,
    SampledData,
    Bounds,
    DoseNumber,
    ConditionStage,
    EncounterDiagnosis,
    EncounterLocation,
    CarePlanActivity,
    GoalTarget,
    CoverageClass,
    DeviceName,
    DocumentRelation,
    NarrativeSection,
    ImmunizationReaction,
    ProtocolApplied,
    VaccineEducation,
    PatientLink,
    Qualification,
    OrganizationContact,
    ehr_model::AllergyKnowledge,
);

/// Puts what is missing here from there.
pub(crate) fn fill<T: Clone>(mine: &mut Option<T>, theirs: Option<&T>) {
    if mine.is_none() {
        *mine = theirs.cloned();
    }
}

/// Whether two optional values agree; a missing one agrees with everything.
fn agree<T: Stated>(a: Option<&T>, b: Option<&T>, cx: &Context<'_>) -> bool {
    a.zip(b).is_none_or(|(a, b)| a.agrees(b, cx))
}

/// Whether two optional values are both missing or agree.
fn alike<T: Stated>(a: Option<&T>, b: Option<&T>, cx: &Context<'_>) -> bool {
    a.is_some() == b.is_some() && agree(a, b, cx)
}

/// Whether each value of either list agrees with one of the other.
pub(crate) fn same_set<T: Stated>(a: &[T], b: &[T], cx: &Context<'_>) -> bool {
    let within = |a: &[T], b: &[T]| a.iter().all(|x| b.iter().any(|y| x.agrees(y, cx)));
    within(a, b) && within(b, a)
}

impl Stated for String {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        words(self) == words(other)
    }

    fn is_blank(&self) -> bool {
        self.trim().is_empty()
    }
}

impl Stated for Timing {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        let lists = |a: &[String], b: &[String]| a.is_empty() || b.is_empty() || same_set(a, b, cx);
        let rates = match (per_day(self), per_day(other)) {
            (Some(a), Some(b)) => (a - b).abs() <= 1e-6 * a.max(b),
            _ => agree(self.code.as_ref(), other.code.as_ref(), cx),
        };
        rates
            && lists(&self.when, &other.when)
            && lists(&self.day_of_week, &other.day_of_week)
            && (self.time_of_day.is_empty()
                || other.time_of_day.is_empty()
                || self.time_of_day == other.time_of_day)
            && agree(self.count.as_ref(), other.count.as_ref(), cx)
    }

    fn detail(&self) -> u32 {
        u32::from(per_day(self).is_some()) + u32::from(self.bounds.is_some()) + self.when.len() as u32
    }

    fn show(&self) -> String {
        let mut parts: Vec<String> = self.code.iter().map(Stated::show).collect();
        if let Some(period) = &self.period {
            let unit = self.period_unit.as_deref().unwrap_or("");
            let times = self.frequency.unwrap_or(1);
            parts.push(
                format!("{times} per {} {unit}", period.as_str())
                    .trim()
                    .to_owned(),
            );
        }
        parts.extend(self.when.iter().cloned());
        parts.extend(self.time_of_day.iter().map(Stated::show));
        parts.join(", ")
    }
}

/// Times per day, where the timing says so: by frequency and period, or by one of the common codes of HL7 v3 GTSAbbreviation.
fn per_day(timing: &Timing) -> Option<f64> {
    if let Some(period) = &timing.period {
        let days = match timing.period_unit.as_deref()? {
            "s" => 1.0 / 86_400.0,
            "min" => 1.0 / 1440.0,
            "h" => 1.0 / 24.0,
            "d" => 1.0,
            "wk" => 7.0,
            "mo" => 30.4375,
            "a" => 365.25,
            _ => return None,
        };
        let length = period.to_f64() * days;
        return (length > 0.0).then(|| f64::from(timing.frequency.unwrap_or(1)) / length);
    }
    let code = timing
        .code
        .as_ref()?
        .codings
        .iter()
        .find_map(|coding| coding.code.as_deref())?;
    Some(match code.to_ascii_uppercase().as_str() {
        "QD" | "DAILY" | "BED" | "AM" | "PM" => 1.0,
        "BID" | "Q12H" => 2.0,
        "TID" | "Q8H" => 3.0,
        "QID" | "Q6H" => 4.0,
        "Q4H" => 6.0,
        "QOD" => 0.5,
        "WK" => 1.0 / 7.0,
        _ => return None,
    })
}

impl Stated for Decimal {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        same_number(self, other)
    }

    fn detail(&self) -> u32 {
        self.decimal_places().max(0) as u32
    }
}

impl Stated for Date {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        DateTime::from(*self)
            .relation(&DateTime::from(*other))
            .is_compatible()
    }

    fn detail(&self) -> u32 {
        u32::from(self.month().is_some()) + u32::from(self.day().is_some())
    }
}

impl Stated for DateTime {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        Moment::new(self)
            .zip(Moment::new(other))
            .is_some_and(|(a, b)| a.gap(&b) == 0)
    }

    fn detail(&self) -> u32 {
        let precision = match self.precision() {
            Precision::Year => 0,
            Precision::Month => 1,
            Precision::Day => 2,
            Precision::Hour => 3,
            Precision::Minute => 4,
            Precision::Second => 5,
            Precision::Fraction => 6,
        };
        2 * precision + u32::from(self.offset().minutes().is_some())
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Stated for Period {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        agree(self.start.as_ref(), other.start.as_ref(), cx)
            && agree(self.end.as_ref(), other.end.as_ref(), cx)
    }

    fn detail(&self) -> u32 {
        [&self.start, &self.end]
            .into_iter()
            .flatten()
            .map(|time| 20 + time.detail())
            .sum()
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.start, other.start.as_ref());
        fill(&mut self.end, other.end.as_ref());
    }

    fn is_blank(&self) -> bool {
        self.is_empty()
    }

    fn show(&self) -> String {
        let side = |time: &Option<DateTime>| time.map(|time| time.to_string()).unwrap_or_default();
        format!("{} – {}", side(&self.start), side(&self.end))
            .trim()
            .to_owned()
    }
}

impl Stated for Occurrence {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        match (self, other) {
            (Self::Age(a), Self::Age(b)) => a.agrees(b, cx),
            (Self::Range(a), Self::Range(b)) => a.agrees(b, cx),
            (Self::Text(a), Self::Text(b)) => a.agrees(b, cx),
            (Self::Timing(a), Self::Timing(b)) => a.agrees(b, cx),
            (Self::Period(a), Self::Period(b)) => a.agrees(b, cx),
            (Self::DateTime(a), Self::DateTime(b)) => a.agrees(b, cx),
            // A point agrees with a span that begins there.
            _ => match (self.start(), other.start()) {
                (Some(a), Some(b)) => a.agrees(&b, cx),
                _ => true,
            },
        }
    }

    fn detail(&self) -> u32 {
        match self {
            Self::Period(period) => 40 + period.detail(),
            Self::DateTime(time) => 60 + time.detail(),
            Self::Timing(_) => 30,
            Self::Age(_) | Self::Range(_) => 10,
            Self::Text(_) => 0,
        }
    }

    fn absorb(&mut self, other: &Self, cx: &Context<'_>) {
        if let (Self::Period(a), Self::Period(b)) = (self, other) {
            a.absorb(b, cx);
        }
    }

    fn is_blank(&self) -> bool {
        match self {
            Self::Period(period) => period.is_empty(),
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }

    fn show(&self) -> String {
        match self {
            Self::DateTime(time) => time.show(),
            Self::Period(period) => period.show(),
            Self::Age(age) => age.show(),
            Self::Range(range) => range.show(),
            Self::Timing(timing) => timing.show(),
            Self::Text(text) => text.clone(),
        }
    }
}

impl Stated for Quantity {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        same_quantity(self, other)
    }

    fn detail(&self) -> u32 {
        let places = self.value.as_ref().map_or(0, |value| 1 + value.detail().min(40));
        places + u32::from(self.code.is_some()) + u32::from(self.unit.is_some())
    }

    fn is_blank(&self) -> bool {
        self.value.is_none()
    }

    fn show(&self) -> String {
        let comparator = self.comparator.map_or("", |comparator| comparator.as_str());
        let value = self.value.as_ref().map_or("", |value| value.as_str());
        let unit = self.unit.as_deref().or(self.code.as_deref()).unwrap_or("");
        format!("{comparator}{value} {unit}").trim().to_owned()
    }
}

impl Stated for Range {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        same_range(self, other)
    }

    fn show(&self) -> String {
        let side = |quantity: &Option<Quantity>| quantity.as_ref().map(Stated::show).unwrap_or_default();
        format!("{} – {}", side(&self.low), side(&self.high))
            .trim()
            .to_owned()
    }
}

impl Stated for Ratio {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        same_ratio(self, other)
    }

    fn show(&self) -> String {
        let side = |quantity: &Option<Quantity>| quantity.as_ref().map(Stated::show).unwrap_or_default();
        format!("{} / {}", side(&self.numerator), side(&self.denominator))
            .trim()
            .to_owned()
    }
}

impl Stated for Amount {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        match (self, other) {
            (Self::Quantity(a), Self::Quantity(b)) => a.agrees(b, cx),
            (Self::Range(a), Self::Range(b)) => a.agrees(b, cx),
            (Self::Ratio(a), Self::Ratio(b)) => a.agrees(b, cx),
            _ => false,
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Quantity(quantity) => quantity.show(),
            Self::Range(range) => range.show(),
            Self::Ratio(ratio) => ratio.show(),
        }
    }
}

impl Stated for Coding {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        self.is_same_as(other) || (self.system.is_none() && self.code == other.code && other.system.is_none())
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.display, other.display.as_ref());
        fill(&mut self.version, other.version.as_ref());
    }

    fn show(&self) -> String {
        match (&self.display, &self.code) {
            (Some(display), Some(code)) => format!("{display} ({code})"),
            (Some(text), None) | (None, Some(text)) => text.clone(),
            (None, None) => String::new(),
        }
    }
}

impl Stated for CodeableConcept {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        self == other || cx.relate(self, other) == Relation::Same
    }

    fn detail(&self) -> u32 {
        self.codings.len() as u32 * 2 + u32::from(self.text.is_some())
    }

    fn absorb(&mut self, other: &Self, cx: &Context<'_>) {
        for coding in &other.codings {
            match self.codings.iter_mut().find(|known| known.agrees(coding, cx)) {
                Some(known) => known.absorb(coding, cx),
                None => self.codings.push(coding.clone()),
            }
        }
        fill(&mut self.text, other.text.as_ref());
        if self.codings.is_empty() && self.text.is_none() {
            fill(&mut self.absent, other.absent.as_ref());
        }
    }

    fn is_blank(&self) -> bool {
        self.codings
            .iter()
            .all(|coding| coding.code.is_none() && coding.display.is_none())
            && self.text.is_none()
    }

    fn show(&self) -> String {
        let code = self.codings.iter().find_map(|coding| coding.code.as_deref());
        match (self.label(), code) {
            (Some(label), Some(code)) if label != code => format!("{label} ({code})"),
            (Some(label), _) => label.to_owned(),
            (None, _) => String::new(),
        }
    }
}

impl Stated for Status {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        match (&self.code, &other.code) {
            (Some(a), Some(b)) => a == b,
            _ => agree(self.source.as_ref(), other.source.as_ref(), cx),
        }
    }

    fn detail(&self) -> u32 {
        2 * u32::from(self.code.is_some()) + u32::from(self.source.is_some())
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.source, other.source.as_ref());
    }

    fn is_blank(&self) -> bool {
        self.code.as_deref().is_none_or(|code| code == "unknown") && self.source.is_none()
    }

    fn show(&self) -> String {
        self.code
            .clone()
            .or_else(|| self.source.as_ref().map(Stated::show))
            .unwrap_or_default()
    }
}

impl Stated for Identifier {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        self.is_same_as(other)
            || (self.value == other.value && self.system == other.system && self.assigner == other.assigner)
    }

    fn absorb(&mut self, other: &Self, cx: &Context<'_>) {
        fill(&mut self.use_, other.use_.as_ref());
        fill(&mut self.assigner, other.assigner.as_ref());
        fill(&mut self.period, other.period.as_ref());
        match (&mut self.type_, &other.type_) {
            (Some(mine), Some(theirs)) if mine.agrees(theirs, cx) => mine.absorb(theirs, cx),
            (mine, theirs) => fill(mine, theirs.as_ref()),
        }
    }
}

impl Stated for HumanName {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        let list = |parts: &[String]| parts.iter().map(|part| words(part)).collect::<Vec<_>>();
        let key = |name: &HumanName| {
            if name.family.is_none() && name.given.is_empty() {
                (name.text.as_deref().map(words), Vec::new(), Vec::new())
            } else {
                (
                    name.family.as_deref().map(words),
                    list(&name.given),
                    list(&name.suffix),
                )
            }
        };
        let former = |name: &HumanName| matches!(name.use_.as_deref(), Some("old" | "maiden"));
        key(self) == key(other) && former(self) == former(other)
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.use_, other.use_.as_ref());
        fill(&mut self.text, other.text.as_ref());
        fill(&mut self.period, other.period.as_ref());
        if self.prefix.is_empty() {
            self.prefix.clone_from(&other.prefix);
        }
    }

    fn is_blank(&self) -> bool {
        self.display().is_none()
    }

    fn show(&self) -> String {
        self.display().unwrap_or_default()
    }
}

impl Stated for Address {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        let text = |text: &Option<String>| text.as_deref().map(words).unwrap_or_default();
        let lines = |address: &Address| words(&address.line.join(" "));
        let zip = |address: &Address| -> String {
            letters(address.postal_code.as_deref().unwrap_or(""))
                .chars()
                .take(5)
                .collect()
        };
        let old = |address: &Address| address.use_.as_deref() == Some("old");
        lines(self) == lines(other)
            && text(&self.city) == text(&other.city)
            && zip(self) == zip(other)
            && (!self.line.is_empty() || self.city.is_some() || text(&self.text) == text(&other.text))
            && old(self) == old(other)
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.use_, other.use_.as_ref());
        fill(&mut self.type_, other.type_.as_ref());
        fill(&mut self.text, other.text.as_ref());
        fill(&mut self.district, other.district.as_ref());
        fill(&mut self.state, other.state.as_ref());
        fill(&mut self.country, other.country.as_ref());
        fill(&mut self.period, other.period.as_ref());
        let length = |zip: &Option<String>| zip.as_deref().map_or(0, str::len);
        if length(&other.postal_code) > length(&self.postal_code) {
            self.postal_code.clone_from(&other.postal_code);
        }
    }

    fn show(&self) -> String {
        let parts = self
            .line
            .iter()
            .chain(&self.city)
            .chain(&self.state)
            .chain(&self.postal_code);
        self.text
            .clone()
            .unwrap_or_else(|| parts.map(String::as_str).collect::<Vec<_>>().join(", "))
    }
}

impl Stated for ContactPoint {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        let kind = |contact: &ContactPoint| match contact.system.as_deref() {
            Some("sms" | "phone") | None => "phone".to_owned(),
            Some(other) => other.to_owned(),
        };
        let value = |contact: &ContactPoint| {
            let value = contact.value.as_deref().unwrap_or("").trim().to_lowercase();
            if matches!(kind(contact).as_str(), "phone" | "fax" | "pager") && !value.contains('@') {
                let digits = letters(&value);
                match digits.strip_prefix('1') {
                    Some(national) if national.len() == 10 => national.to_owned(),
                    _ => digits,
                }
            } else {
                value
            }
        };
        kind(self) == kind(other) && value(self) == value(other)
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.system, other.system.as_ref());
        fill(&mut self.use_, other.use_.as_ref());
        fill(&mut self.rank, other.rank.as_ref());
        fill(&mut self.period, other.period.as_ref());
    }
}

impl Stated for Reference {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        let absolute = |literal: &Option<String>| literal.as_deref().is_some_and(|text| text.contains(':'));
        match (&self.target, &other.target) {
            (Some(a), Some(b)) => return a == b,
            (None, None) => {}
            _ => return self.display.is_some() && self.display == other.display,
        }
        if let (Some(a), Some(b)) = (&self.identifier, &other.identifier)
            && a.is_same_as(b)
        {
            return true;
        }
        if self == other {
            return self.literal.is_none() || absolute(&self.literal);
        }
        let shown = |reference: &Reference| reference.display.as_deref().map(words);
        self.literal.is_none()
            && other.literal.is_none()
            && shown(self).is_some()
            && shown(self) == shown(other)
    }

    fn detail(&self) -> u32 {
        4 * u32::from(self.target.is_some())
            + 2 * u32::from(self.identifier.is_some())
            + u32::from(self.display.is_some())
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.identifier, other.identifier.as_ref());
        fill(&mut self.display, other.display.as_ref());
    }

    fn show(&self) -> String {
        self.display
            .clone()
            .or_else(|| self.target.as_ref().map(ToString::to_string))
            .or_else(|| self.literal.clone())
            .unwrap_or_default()
    }
}

impl Stated for Annotation {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        words(&self.text) == words(&other.text)
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.author, other.author.as_ref());
        fill(&mut self.time, other.time.as_ref());
    }
}

impl Stated for Participant {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        alike(self.actor.as_ref(), other.actor.as_ref(), cx) && same_set(&self.role, &other.role, cx)
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.period, other.period.as_ref());
        fill(&mut self.on_behalf_of, other.on_behalf_of.as_ref());
        fill(&mut self.status, other.status.as_ref());
    }
}

impl Stated for Performer {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        alike(self.actor.as_ref(), other.actor.as_ref(), cx)
            && agree(self.function.as_ref(), other.function.as_ref(), cx)
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.function, other.function.as_ref());
        fill(&mut self.on_behalf_of, other.on_behalf_of.as_ref());
    }
}

impl Stated for Attachment {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        match (&self.data, &other.data, &self.hash, &other.hash) {
            (Some(a), Some(b), _, _) => a == b,
            (_, _, Some(a), Some(b)) => a == b,
            _ => self == other,
        }
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.title, other.title.as_ref());
        fill(&mut self.content_type, other.content_type.as_ref());
        fill(&mut self.language, other.language.as_ref());
        fill(&mut self.data, other.data.as_ref());
    }
}

impl Stated for Dosage {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        agree(self.dose.as_ref(), other.dose.as_ref(), cx)
            && agree(self.rate.as_ref(), other.rate.as_ref(), cx)
            && agree(self.route.as_ref(), other.route.as_ref(), cx)
            && agree(self.timing.as_ref(), other.timing.as_ref(), cx)
            && agree(self.as_needed.as_ref(), other.as_needed.as_ref(), cx)
            && (self.dose.is_some()
                || other.dose.is_some()
                || agree(self.text.as_ref(), other.text.as_ref(), cx))
    }

    fn detail(&self) -> u32 {
        [
            self.text.is_some(),
            self.timing.is_some(),
            self.route.is_some(),
            self.dose.is_some(),
            self.rate.is_some(),
            self.site.is_some(),
            self.as_needed.is_some(),
        ]
        .into_iter()
        .map(u32::from)
        .sum()
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.text, other.text.as_ref());
        fill(&mut self.timing, other.timing.as_ref());
        fill(&mut self.route, other.route.as_ref());
        fill(&mut self.dose, other.dose.as_ref());
        fill(&mut self.rate, other.rate.as_ref());
        fill(&mut self.site, other.site.as_ref());
        fill(&mut self.method, other.method.as_ref());
        fill(&mut self.as_needed, other.as_needed.as_ref());
        fill(&mut self.patient_instruction, other.patient_instruction.as_ref());
    }

    fn is_blank(&self) -> bool {
        self.show().is_empty()
    }

    fn show(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.dose.as_ref().map(Stated::show));
        parts.extend(self.rate.as_ref().map(Stated::show));
        parts.extend(self.route.as_ref().map(Stated::show));
        parts.extend(self.timing.as_ref().map(Stated::show));
        parts.extend((self.as_needed == Some(true)).then(|| "as needed".to_owned()));
        parts.retain(|part| !part.is_empty());
        if parts.is_empty() {
            parts.extend(self.text.clone());
        }
        parts.join(", ")
    }
}

impl Stated for ReferenceRange {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        let bounds = |range: &ReferenceRange| range.low.is_some() || range.high.is_some();
        if bounds(self) && bounds(other) {
            alike(self.low.as_ref(), other.low.as_ref(), cx)
                && alike(self.high.as_ref(), other.high.as_ref(), cx)
                && agree(self.type_.as_ref(), other.type_.as_ref(), cx)
        } else {
            agree(self.text.as_ref(), other.text.as_ref(), cx)
        }
    }

    fn detail(&self) -> u32 {
        u32::from(self.low.is_some()) + u32::from(self.high.is_some()) + u32::from(self.text.is_some())
    }

    fn show(&self) -> String {
        let side = |quantity: &Option<Quantity>| quantity.as_ref().map(Stated::show).unwrap_or_default();
        if self.low.is_none() && self.high.is_none() {
            return self.text.clone().unwrap_or_default();
        }
        format!("{} – {}", side(&self.low), side(&self.high))
    }
}

impl Stated for Value {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        match (self, other) {
            (Self::Quantity(a), Self::Quantity(b)) => a.agrees(b, cx),
            (Self::CodeableConcept(a), Self::CodeableConcept(b)) => a.agrees(b, cx),
            (Self::String(a), Self::String(b)) => a.agrees(b, cx),
            (Self::Boolean(a), Self::Boolean(b)) => a == b,
            (Self::Integer(a), Self::Integer(b)) => a == b,
            (Self::Range(a), Self::Range(b)) => a.agrees(b, cx),
            (Self::Ratio(a), Self::Ratio(b)) => a.agrees(b, cx),
            (Self::Time(a), Self::Time(b)) => a == b,
            (Self::DateTime(a), Self::DateTime(b)) => a.agrees(b, cx),
            (Self::Period(a), Self::Period(b)) => a.agrees(b, cx),
            (Self::SampledData(a), Self::SampledData(b)) => a == b,
            (Self::Attachment(a), Self::Attachment(b)) => a.agrees(b, cx),
            (Self::CodeableConcept(concept), Self::String(text))
            | (Self::String(text), Self::CodeableConcept(concept)) => {
                concept.agrees(&CodeableConcept::from_text(text.clone()), cx)
            }
            (Self::Quantity(quantity), Self::Integer(number))
            | (Self::Integer(number), Self::Quantity(quantity)) => {
                quantity.comparator.is_none()
                    && quantity
                        .value
                        .as_ref()
                        .is_some_and(|value| same_number(value, &Decimal::from(i64::from(*number))))
            }
            (Self::Quantity(quantity), Self::String(text))
            | (Self::String(text), Self::Quantity(quantity)) => {
                words(&quantity.show()) == words(text)
                    || (quantity.comparator.is_none()
                        && quantity
                            .value
                            .as_ref()
                            .zip(Decimal::parse_numeric(text.trim()).ok())
                            .is_some_and(|(value, number)| same_number(value, &number)))
            }
            _ => false,
        }
    }

    fn detail(&self) -> u32 {
        match self {
            Self::Quantity(quantity) => 100 + quantity.detail(),
            Self::CodeableConcept(concept) => 50 + concept.detail(),
            Self::String(_) => 0,
            _ => 20,
        }
    }

    fn absorb(&mut self, other: &Self, cx: &Context<'_>) {
        if let (Self::CodeableConcept(a), Self::CodeableConcept(b)) = (self, other) {
            a.absorb(b, cx);
        }
    }

    fn is_blank(&self) -> bool {
        match self {
            Self::Quantity(quantity) => quantity.is_blank(),
            Self::CodeableConcept(concept) => concept.is_blank(),
            Self::String(text) => text.trim().is_empty(),
            _ => false,
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Quantity(value) => value.show(),
            Self::CodeableConcept(value) => value.show(),
            Self::String(value) => value.clone(),
            Self::Boolean(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Range(value) => value.show(),
            Self::Ratio(value) => value.show(),
            Self::Time(value) => value.show(),
            Self::DateTime(value) => value.show(),
            Self::Period(value) => value.show(),
            Self::SampledData(_) => "series".to_owned(),
            Self::Attachment(_) => "attachment".to_owned(),
        }
    }
}

impl Stated for ObservationComponent {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        alike(self.code.as_ref(), other.code.as_ref(), cx)
            && agree(self.value.as_ref(), other.value.as_ref(), cx)
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.value, other.value.as_ref());
        fill(&mut self.data_absent_reason, other.data_absent_reason.as_ref());
    }

    fn show(&self) -> String {
        let code = self.code.as_ref().map(Stated::show).unwrap_or_default();
        let value = self.value.as_ref().map(Stated::show).unwrap_or_default();
        format!("{code}: {value}")
    }
}

impl Stated for Ingredient {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        alike(self.item.as_ref(), other.item.as_ref(), cx)
            && agree(self.strength.as_ref(), other.strength.as_ref(), cx)
    }

    fn show(&self) -> String {
        self.item.as_ref().map(Stated::show).unwrap_or_default()
    }
}

impl Stated for Reaction {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        same_set(&self.manifestation, &other.manifestation, cx)
            && agree(self.onset.as_ref(), other.onset.as_ref(), cx)
            && (!self.manifestation.is_empty()
                || alike(self.description.as_ref(), other.description.as_ref(), cx))
    }

    fn absorb(&mut self, other: &Self, cx: &Context<'_>) {
        for (mine, theirs) in self.manifestation.iter_mut().zip(&other.manifestation) {
            if mine.agrees(theirs, cx) {
                mine.absorb(theirs, cx);
            }
        }
        fill(&mut self.substance, other.substance.as_ref());
        fill(&mut self.description, other.description.as_ref());
        fill(&mut self.onset, other.onset.as_ref());
        fill(&mut self.severity, other.severity.as_ref());
        fill(&mut self.exposure_route, other.exposure_route.as_ref());
    }
}

impl Stated for FamilyCondition {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        alike(self.code.as_ref(), other.code.as_ref(), cx)
            && agree(self.onset.as_ref(), other.onset.as_ref(), cx)
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.onset, other.onset.as_ref());
        fill(&mut self.outcome, other.outcome.as_ref());
        fill(
            &mut self.contributed_to_death,
            other.contributed_to_death.as_ref(),
        );
    }
}

impl Stated for Deceased {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        match (self, other) {
            (Self::Boolean(a), Self::Boolean(b)) => a == b,
            (Self::DateTime(a), Self::DateTime(b)) => a.agrees(b, cx),
            (Self::Boolean(dead), Self::DateTime(_)) | (Self::DateTime(_), Self::Boolean(dead)) => *dead,
        }
    }

    fn detail(&self) -> u32 {
        match self {
            Self::Boolean(_) => 0,
            Self::DateTime(time) => 1 + time.detail(),
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Boolean(dead) => dead.to_string(),
            Self::DateTime(time) => time.show(),
        }
    }
}

impl Stated for MultipleBirth {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        match (self, other) {
            (Self::Boolean(multiple), Self::Integer(_)) | (Self::Integer(_), Self::Boolean(multiple)) => {
                *multiple
            }
            _ => self == other,
        }
    }

    fn detail(&self) -> u32 {
        u32::from(matches!(self, Self::Integer(_)))
    }

    fn show(&self) -> String {
        match self {
            Self::Boolean(multiple) => multiple.to_string(),
            Self::Integer(order) => order.to_string(),
        }
    }
}

impl Stated for PatientContact {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        alike(self.name.as_ref(), other.name.as_ref(), cx)
            && alike(self.organization.as_ref(), other.organization.as_ref(), cx)
            && (self.relationship.is_empty()
                || other.relationship.is_empty()
                || same_set(&self.relationship, &other.relationship, cx))
            && (self.name.is_some()
                || self.organization.is_some()
                || same_set(&self.telecom, &other.telecom, cx))
    }

    fn absorb(&mut self, other: &Self, cx: &Context<'_>) {
        for contact in &other.telecom {
            if !self.telecom.iter().any(|known| known.agrees(contact, cx)) {
                self.telecom.push(contact.clone());
            }
        }
        if self.relationship.is_empty() {
            self.relationship.clone_from(&other.relationship);
        }
        fill(&mut self.address, other.address.as_ref());
        fill(&mut self.gender, other.gender.as_ref());
        fill(&mut self.period, other.period.as_ref());
    }
}

impl Stated for Communication {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        alike(self.language.as_ref(), other.language.as_ref(), cx)
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.preferred, other.preferred.as_ref());
    }
}

impl Stated for Hospitalization {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        agree(self.admit_source.as_ref(), other.admit_source.as_ref(), cx)
            && agree(
                self.discharge_disposition.as_ref(),
                other.discharge_disposition.as_ref(),
                cx,
            )
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(
            &mut self.pre_admission_identifier,
            other.pre_admission_identifier.as_ref(),
        );
        fill(&mut self.origin, other.origin.as_ref());
        fill(&mut self.admit_source, other.admit_source.as_ref());
        fill(&mut self.re_admission, other.re_admission.as_ref());
        fill(&mut self.destination, other.destination.as_ref());
        fill(
            &mut self.discharge_disposition,
            other.discharge_disposition.as_ref(),
        );
    }

    fn show(&self) -> String {
        [&self.admit_source, &self.discharge_disposition]
            .into_iter()
            .flatten()
            .map(Stated::show)
            .collect::<Vec<_>>()
            .join(", ")
    }
}
