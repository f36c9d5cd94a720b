//! Amounts and measured values: units are converted, and what was measured agrees with what is rounded to fewer places.

use ehr_model::{Amount, ObservationComponent, ReferenceRange, Value};
use ehr_types::{CodeableConcept, Decimal, Quantity, Range, Ratio};

use super::{Shown, Stated, agree, alike, fill, shown, span};
use crate::context::Context;
use crate::measure::{same_amount, same_measurement, same_number, same_range, same_ratio};
use crate::wording::words;

impl Stated for Decimal {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        self == other
    }

    fn detail(&self) -> u32 {
        self.decimal_places().max(0) as u32
    }
}

impl Stated for Quantity {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        same_amount(self, other)
    }

    fn detail(&self) -> u32 {
        let places = self.value.as_ref().map_or(0, |value| 1 + value.detail().min(40));
        places + u32::from(self.code.is_some()) + u32::from(self.unit.is_some())
    }

    fn is_blank(&self) -> bool {
        self.value.is_none()
    }
}

impl Shown for Quantity {
    fn show(&self) -> String {
        let comparator = self.comparator.map_or("", |comparator| comparator.as_str());
        let value = self.value.as_ref().map_or("", |value| value.as_str());
        let unit = self.unit.as_deref().or(self.code.as_deref()).unwrap_or("");
        // A mere annotation in UCUM: `{tbl}`.
        let annotation = unit.strip_prefix('{').and_then(|unit| unit.strip_suffix('}'));
        let unit = annotation
            .filter(|words| !words.contains(['{', '}']))
            .unwrap_or(unit);
        format!("{comparator}{value} {unit}").trim().to_owned()
    }
}

impl Stated for Range {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        same_range(self, other)
    }
}

impl Shown for Range {
    fn show(&self) -> String {
        span(&shown(self.low.as_ref()), &shown(self.high.as_ref()))
    }
}

impl Stated for Ratio {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        same_ratio(self, other)
    }
}

impl Shown for Ratio {
    fn show(&self) -> String {
        let (numerator, denominator) = (shown(self.numerator.as_ref()), shown(self.denominator.as_ref()));
        format!("{numerator} / {denominator}")
    }
}

impl Shown for Decimal {
    fn show(&self) -> String {
        self.as_str().to_owned()
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
}

impl Shown for Amount {
    fn show(&self) -> String {
        match self {
            Self::Quantity(quantity) => quantity.show(),
            Self::Range(range) => range.show(),
            Self::Ratio(ratio) => ratio.show(),
        }
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
}

impl Shown for ReferenceRange {
    fn show(&self) -> String {
        if self.low.is_none() && self.high.is_none() {
            return self.text.clone().unwrap_or_default();
        }
        span(&shown(self.low.as_ref()), &shown(self.high.as_ref()))
    }
}

impl Stated for Value {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        match (self, other) {
            (Self::Quantity(a), Self::Quantity(b)) => same_measurement(a, b),
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
}

impl Shown for Value {
    fn show(&self) -> String {
        match self {
            Self::Quantity(value) => value.show(),
            Self::CodeableConcept(value) => value.show(),
            Self::String(value) => value.clone(),
            Self::Boolean(value) => value.show(),
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
}
