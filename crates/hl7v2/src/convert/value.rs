//! OBX-5 by its type in OBX-2, and the bounds in OBX-7.

use ehr_model::{Observation, ObservationComponent, ReferenceRange, Value};
use ehr_types::{Address, CodeableConcept, Comparator, Decimal, Quantity, Range, Ratio, Time};

use super::conversion::{Conversion, plain, remark};
use super::datatype::{address, attachment, deleted, name, person_name, pointer, telecom};
use super::reading::{At, Seg};
use crate::datatype::{DataType, Sn};

/// Bytes of a text that may be a number with a word or two.
const LONGEST_NUMBER: usize = 32;

impl<'r> Conversion<'r, '_> {
    /// OBX-5: one value, lines of text, or a component for each of several values.
    pub(super) fn result(&mut self, seg: Seg<'r>, observation: &mut Observation) {
        let kind = seg.code(2).unwrap_or_default().to_ascii_uppercase();
        let mut values: Vec<At<'r>> = seg.all(5).collect();
        let is_text = matches!(kind.as_str(), "TX" | "FT" | "ST" | "");
        if let [only] = values.as_slice()
            && only.take_null()
        {
            observation.data_absent_reason = Some(CodeableConcept::from_absent(deleted()));
            return;
        }
        if is_text && values.len() > 1 {
            // Repetitions of a text are its lines; empty ones are kept as empty lines.
            let all: Vec<String> = seg
                .segment()
                .field(5)
                .repetitions()
                .map(|repetition| plain(repetition.text().trim_end()))
                .collect();
            values.iter().for_each(At::mark);
            observation.value = Some(Value::String(all.join("\n").trim_end().to_owned()));
            self.unit_in_words(seg, observation);
            return;
        }
        if values.len() == 1 {
            observation.value = values.pop().and_then(|at| self.value(&kind, at, seg));
            if is_text || matches!(kind.as_str(), "NM" | "SI") {
                self.unit_in_words(seg, observation);
            }
            return;
        }
        for at in values {
            if let Some(value) = self.value(&kind, at, seg) {
                observation.component.push(ObservationComponent {
                    code: observation.code.clone(),
                    value: Some(value),
                    ..ObservationComponent::default()
                });
            }
        }
    }

    /// OBX-6 of a value that is a text: behind the number in it, else as a remark.
    fn unit_in_words(&self, seg: Seg<'r>, observation: &mut Observation) {
        let Some(Value::String(text)) = &mut observation.value else {
            return;
        };
        let units = self.sender().with_units(Quantity::default(), seg.at(6));
        let Some(unit) = units.unit else { return };
        let is_number = text.contains(|letter: char| letter.is_ascii_digit()) && text.len() <= LONGEST_NUMBER;
        if is_number && !text.contains(&unit) {
            text.push(' ');
            text.push_str(&unit);
        } else {
            observation.note.push(remark(format!("Unit: {unit}")));
        }
    }

    /// A value by its type (table 0125).
    pub(super) fn value(&mut self, kind: &str, at: At<'r>, seg: Seg<'r>) -> Option<Value> {
        let units = seg.at(6);
        let value = match kind {
            "NM" | "SI" => self.number(at, units),
            "SN" => self.structured_number(at, units),
            "CWE" | "CE" | "CNE" | "CF" | "IS" | "ID" => self.concept(at).map(Value::CodeableConcept),
            "DT" | "DTM" | "TS" => match at.time() {
                Some(time) => Some(Value::DateTime(time)),
                None => at.text().map(Value::String),
            },
            "TM" => time_of_day(at)
                .map(Value::Time)
                .or_else(|| at.text().map(Value::String)),
            "DR" => {
                let period = ehr_types::Period::new(at.part(1).time(), at.part(2).time());
                (!period.is_empty()).then_some(Value::Period(period))
            }
            "NR" => {
                let bound = |at: At<'r>| {
                    at.decimal()
                        .map(|value| self.sender().with_units(quantity(value), units))
                };
                let range = Range {
                    low: bound(at.part(1)),
                    high: bound(at.part(2)),
                };
                (range != Range::default()).then_some(Value::Range(range))
            }
            "CQ" => self.sender().quantity(at).map(Value::Quantity),
            "ED" => attachment(at).map(Value::Attachment),
            "RP" => pointer(at).map(Value::Attachment),
            "FT" | "TX" => at.text().map(|text| Value::String(plain(&text))),
            "ST" | "" => self.text_or_number(at, units),
            "XPN" | "PN" => name(at).and_then(|name| name.display()).map(Value::String),
            "XCN" | "CN" => person_name(at).and_then(|name| name.display()).map(Value::String),
            "XAD" | "AD" => address(at).map(|address| Value::String(one_line(&address))),
            "XTN" | "TN" => telecom(at, None)
                .into_iter()
                .find_map(|point| point.value)
                .map(Value::String),
            _ => None,
        };
        // What has no form of its own is kept as it is written, with all its parts.
        if value.is_none() && at.has_text() {
            return at.text().map(|text| Value::String(plain(&text)));
        }
        if value.is_some() && matches!(kind, "XPN" | "PN" | "XCN" | "CN" | "XTN" | "TN") {
            at.mark();
        }
        value
    }

    /// NM: a number. Senders do write `<5` and words here; the text is kept then.
    fn number(&self, at: At<'r>, units: At<'r>) -> Option<Value> {
        let text = at.peek()?;
        if Decimal::parse_numeric(&text).is_err() {
            at.warn("v2.value.type", "OBX-2 says number, but the value is none");
        }
        let Some(quantity) = compared(&text) else {
            return at.text().map(Value::String);
        };
        at.mark();
        Some(Value::Quantity(self.sender().with_units(quantity, units)))
    }

    /// ST with units and a number is a quantity: the number as text would lose its unit.
    fn text_or_number(&self, at: At<'r>, units: At<'r>) -> Option<Value> {
        let text = at.text()?;
        if units.has_text()
            && let Some(quantity) = compared(&text)
        {
            return Some(Value::Quantity(self.sender().with_units(quantity, units)));
        }
        Some(Value::String(plain(&text)))
    }

    /// SN: `>^100`, `^1^:^128`, `^5^-^10`, `^3^+`.
    fn structured_number(&self, at: At<'r>, units: At<'r>) -> Option<Value> {
        let number = Sn::of(at.node());
        let sign = number.comparator();
        let separator = number.separator_or_suffix();
        let (first, second) = (number.num1().decimal(), number.num2().decimal());
        let comparator = match sign.text().map(str::trim) {
            None | Some("" | "=") => Ok(None),
            Some(sign) => Comparator::parse(sign).map(Some).ok_or(()),
        };
        let with = |value: Decimal, comparator: Option<Comparator>| {
            self.sender().with_units(
                Quantity {
                    comparator,
                    ..quantity(value)
                },
                units,
            )
        };
        let value = match (comparator, first, separator.text().map(str::trim), second) {
            (Ok(comparator), Some(Ok(first)), None | Some(""), None) => {
                Value::Quantity(with(first, comparator))
            }
            (Ok(comparator), Some(Ok(first)), Some(":" | "/"), Some(Ok(second))) => Value::Ratio(Ratio {
                numerator: Some(with(first, comparator)),
                denominator: Some(with(second, None)),
            }),
            (Ok(None), Some(Ok(first)), Some("-"), Some(Ok(second))) => Value::Range(Range {
                low: Some(with(first, None)),
                high: Some(with(second, None)),
            }),
            _ => {
                // `<>5`, `3+`, `about 5`: no number alone says it.
                let mut text = number.display();
                if text.is_empty() {
                    return None;
                }
                if let Some(unit) = units.text() {
                    text.push(' ');
                    text.push_str(&unit);
                }
                at.mark();
                return Some(Value::String(text));
            }
        };
        at.mark();
        Some(value)
    }

    /// OBX-7: the words, and bounds where they are two plain numbers.
    #[expect(clippy::unused_self, reason = "read like its neighbours, which need it")]
    pub(super) fn reference_range(&self, at: At<'r>, observation: &Observation) -> Option<ReferenceRange> {
        let text = at.text()?;
        let mut range = ReferenceRange {
            text: Some(text.clone()),
            ..ReferenceRange::default()
        };
        let unit = match &observation.value {
            Some(Value::Quantity(quantity)) => Some(quantity),
            _ => None,
        };
        if let Some(unit) = unit {
            let like = |value: Decimal| Quantity {
                value: Some(value),
                comparator: None,
                ..unit.clone()
            };
            if let Some((low, high)) = bounds(&text) {
                range.low = low.map(like);
                range.high = high.map(like);
            }
        }
        Some(range)
    }
}

fn quantity(value: Decimal) -> Quantity {
    Quantity {
        value: Some(value),
        ..Quantity::default()
    }
}

/// A number with or without a sign of comparison before it.
pub(super) fn compared(text: &str) -> Option<Quantity> {
    let text = text.trim();
    let digits = text.trim_start_matches(['<', '>', '=']);
    let sign = text.get(..text.len() - digits.len())?;
    let comparator = match sign {
        "" => None,
        sign => Some(Comparator::parse(sign)?),
    };
    let value = Decimal::parse_numeric(digits.trim()).ok()?;
    Some(Quantity {
        comparator,
        ..quantity(value)
    })
}

/// `low-high`, `>=low` and `<=high`. Bounds that are not inclusive stay words: FHIR's are.
fn bounds(text: &str) -> Option<(Option<Decimal>, Option<Decimal>)> {
    let number = |text: &str| Decimal::parse_numeric(text.trim()).ok();
    let text = text.trim().trim_matches(['(', ')', '[', ']']);
    if let Some(low) = text.strip_prefix(">=") {
        return number(low).map(|low| (Some(low), None));
    }
    if let Some(high) = text.strip_prefix("<=") {
        return number(high).map(|high| (None, Some(high)));
    }
    // The first hyphen after a digit divides; one before is a sign.
    let digit = text.find(|letter: char| letter.is_ascii_digit())?;
    let hyphen = digit + text.get(digit..)?.find('-')?;
    let (low, high) = text.split_at(hyphen);
    Some((Some(number(low)?), Some(number(high.get(1..)?)?)))
}

/// TM as FHIR's time, which has seconds; a bare hour is none.
pub(super) fn time_of_day(at: At<'_>) -> Option<Time> {
    let text = at.leaf().peek()?;
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let rest = text.get(digits.len()..)?;
    let (hour, minute, second) = (
        digits.get(..2)?,
        digits.get(2..4)?,
        digits.get(4..6).unwrap_or("00"),
    );
    let fraction = if rest.starts_with('.') && rest.get(1..)?.bytes().all(|byte| byte.is_ascii_digit()) {
        rest
    } else if rest.is_empty() {
        ""
    } else {
        // A zone is more than FHIR's time can say.
        return None;
    };
    let time = Time::parse(&format!("{hour}:{minute}:{second}{fraction}")).ok()?;
    at.leaf().mark();
    Some(time)
}

fn one_line(address: &Address) -> String {
    let parts = [
        &address.city,
        &address.district,
        &address.state,
        &address.postal_code,
        &address.country,
    ];
    let mut line = address.line.clone();
    line.extend(parts.into_iter().flatten().cloned());
    line.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons() {
        assert_eq!(compared("<5").unwrap().comparator, Some(Comparator::Less));
        assert_eq!(compared(">= 5.0").unwrap().value.unwrap().as_str(), "5.0");
        assert!(compared("5 H").is_none() && compared("Negative").is_none() && compared("<>5").is_none());
    }

    #[test]
    fn ranges_of_two_numbers() {
        let text = |range: Option<(Option<Decimal>, Option<Decimal>)>| {
            range.map(|(low, high)| {
                let show =
                    |bound: Option<Decimal>| bound.map_or(String::new(), |bound| bound.as_str().to_owned());
                format!("{}..{}", show(low), show(high))
            })
        };
        for (range, expected) in [
            ("3.5-5.0", Some("3.5..5.0")),
            ("-2 - 2", Some("-2..2")),
            ("-3--1", Some("-3..-1")),
            ("<=5", Some("..5")),
            (">=60", Some("60..")),
            ("<5", None),
            ("Negative", None),
            ("1-2-3", None),
            ("", None),
        ] {
            assert_eq!(text(bounds(range)).as_deref(), expected, "{range}");
        }
    }
}
