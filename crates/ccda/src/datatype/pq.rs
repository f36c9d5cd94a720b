//! PQ, IVL_PQ, RTO, INT, REAL: amounts.

use ehr_types::{Comparator, Decimal, Quantity, Range, Ratio, Severity};

use super::ucum::is_ucum;
use crate::xml::Element;

impl Element<'_> {
    /// The number in `@value`.
    pub fn to_decimal(self) -> Option<Decimal> {
        let text = self.peek().attribute("value")?;
        match Decimal::parse_numeric(text) {
            Ok(number) => {
                self.attribute("value");
                Some(number)
            }
            Err(_) => {
                self.report(Severity::Error, "ccda.number.invalid", "not a number");
                None
            }
        }
    }

    /// PQ: a number and its unit, or why there is none. `None` when nothing is said, or no number can be read.
    ///
    /// A quantity in units outside UCUM stands in a `translation` of a null value; it is read from there.
    pub fn to_quantity(self) -> Option<Quantity> {
        let mut quantity = Quantity {
            value: self.to_decimal(),
            absent: self.to_absent(),
            ..Quantity::default()
        };
        match self.attribute("unit") {
            // `1` is UCUM for "no unit".
            None | Some("1") => {}
            Some(unit) => {
                quantity.unit = Some(unit.to_owned());
                if is_ucum(unit) {
                    quantity.system = Some(Quantity::UCUM.to_owned());
                    quantity.code = Some(unit.to_owned());
                }
            }
        }
        for translation in self.children("translation") {
            if quantity.value.is_some() && quantity.unit.is_some() {
                break;
            }
            let Some(value) = translation.to_decimal() else {
                continue;
            };
            if quantity.value.as_ref().is_some_and(|own| *own != value) {
                continue;
            }
            quantity.value = Some(value);
            let coding = translation.to_coding();
            let words = translation
                .child("originalText")
                .and_then(|text| text.to_encapsulated().text);
            quantity.unit = words
                .or(coding.display)
                .or_else(|| coding.code.clone())
                .or(quantity.unit);
            if coding.code.is_some() && coding.system.is_some() {
                quantity.system = coding.system;
                quantity.code = coding.code;
            }
        }
        let said = quantity.value.is_some() || quantity.absent.is_some();
        said.then_some(quantity)
    }

    /// IVL_PQ: bounds, the exclusive ones (`inclusive="false"`) as comparators on their side.
    pub fn to_range(self) -> Option<Range> {
        let bound = |name, exclusive| {
            let bound = self.child(name)?;
            let mut quantity = bound.to_quantity().filter(|quantity| quantity.value.is_some())?;
            if bound.attribute("inclusive") == Some("false") {
                quantity.comparator = Some(exclusive);
            }
            Some(quantity)
        };
        let range = Range {
            low: bound("low", Comparator::Greater),
            high: bound("high", Comparator::Less),
        };
        (range.low.is_some() || range.high.is_some()).then_some(range)
    }

    /// An IVL_PQ with one bound as a quantity with comparator: `<high value="5" inclusive="false"/>` is `<5`.
    ///
    /// `None` when both bounds or none are known.
    pub fn to_bounded_quantity(self) -> Option<Quantity> {
        let range = self.to_range()?;
        let open = |name| {
            self.child(name)
                .is_some_and(|bound| bound.peek().attribute("value").is_some())
        };
        match (range.low, range.high) {
            (Some(mut low), None) if !open("high") => {
                low.comparator = low.comparator.or(Some(Comparator::GreaterOrEqual));
                Some(low)
            }
            (None, Some(mut high)) if !open("low") => {
                high.comparator = high.comparator.or(Some(Comparator::LessOrEqual));
                Some(high)
            }
            _ => None,
        }
    }

    /// RTO: numerator and denominator.
    pub fn to_ratio(self) -> Option<Ratio> {
        let part = |name| self.child(name).and_then(Element::to_quantity);
        let ratio = Ratio {
            numerator: part("numerator"),
            denominator: part("denominator"),
        };
        (ratio.numerator.is_some() || ratio.denominator.is_some()).then_some(ratio)
    }
}
