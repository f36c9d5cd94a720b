//! OBX: observations, and the values of OBX-5 by their type in OBX-2.

use ehr_model::{
    Device, EntryId, Observation, ObservationComponent, Occurrence, PractitionerRole, Reference,
    ReferenceRange, Value,
};
use ehr_types::{
    Address, CodeSystem, CodeableConcept, Comparator, DateTime, Decimal, Quantity, Range, Ratio, Time,
};

use super::conversion::{Conversion, code, key_of, plain};
use super::datatype::{address, attachment, deleted, name, person_name, pointer, telecom};
use super::group::Unit;
use super::reading::{At, Seg};
use super::table;
use crate::datatype::{DataType, Sn};

const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";
const DATA_ABSENT: &str = "http://terminology.hl7.org/CodeSystem/data-absent-reason";

/// Codes of table 0078 that FHIR's observation interpretation has too.
const INTERPRETATIONS: &[&str] = &[
    "<", ">", "A", "AA", "B", "CAR", "D", "DET", "E", "EX", "EXP", "H", "HH", "HU", "HX", "I", "IE", "IND",
    "L", "LL", "LU", "LX", "MS", "N", "NCL", "ND", "NEG", "NR", "NS", "POS", "R", "RR", "S", "SDD", "SYN-R",
    "SYN-S", "U", "UNE", "VS", "W", "WR",
];

/// What the observations of a report have from it.
#[derive(Clone, Default)]
pub(super) struct Context {
    /// What the order is known by; empty for observations without one.
    pub(super) order: String,
    pub(super) based_on: Vec<Reference>,
    pub(super) specimen: Option<Reference>,
    pub(super) effective: Option<Occurrence>,
    pub(super) issued: Option<DateTime>,
    pub(super) category: Option<&'static str>,
}

impl<'r> Conversion<'r, '_> {
    /// Observations of one report, in order.
    pub(super) fn observations(&mut self, units: &[Unit<'r>], context: &Context) -> Vec<EntryId> {
        let mut ids = Vec::new();
        for unit in units {
            let id = self.observation(unit, context);
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }

    /// OBX with its NTE and PRT.
    pub(super) fn observation(&mut self, unit: &Unit<'r>, context: &Context) -> EntryId {
        let seg = unit.seg;
        let mut observation = Observation {
            based_on: context.based_on.clone(),
            status: self.sender().status(seg.at(11), 85, table::observation_status),
            code: self.concept(seg.at(3)),
            subject: self.subject(),
            encounter: self.encounter(),
            issued: context.issued,
            specimen: context.specimen.clone(),
            interpretation: self.interpretations(seg),
            method: self.concepts_first(seg, 17),
            body_site: self.concept_of(seg.at(20), 163),
            note: self.notes(&unit.notes),
            ..Observation::default()
        };
        let time = seg.at(14).time();
        observation.effective = time
            .map(Occurrence::DateTime)
            .or_else(|| context.effective.clone());
        self.result(seg, &mut observation);
        if observation
            .status
            .as_ref()
            .and_then(|status| status.source.as_ref())
            .and_then(|source| source.code.as_deref())
            == Some("N")
        {
            observation.data_absent_reason = Some(code(DATA_ABSENT, "not-asked", ""));
        }
        if let Some(reason) = self.concept(seg.at(32)) {
            observation.data_absent_reason.get_or_insert(reason);
        }
        observation
            .reference_range
            .extend(self.reference_range(seg, &observation));
        if let Some(category) = context.category {
            observation.category.push(code(CATEGORY, category, ""));
        }
        observation.category.extend(self.concepts(seg, 29, Some(936)));
        self.performers_of(seg, &mut observation);
        observation
            .identifier
            .extend(self.sender().entity(seg.at(21), Some("FILL")));
        if let Some(equipment) = seg.all(18).next().and_then(|at| self.sender().entity(at, None)) {
            let key = key_of(&equipment);
            let device = Device {
                identifier: vec![equipment],
                ..Device::default()
            };
            let id = self.add_field(&["device", &key], device, seg.at(18));
            observation.device = Some(Reference::to(&id));
        }
        let roles = self.roles(unit.more("PRT").chain(unit.more("ROL")));
        for role in roles {
            observation.performer.extend(role.actor);
        }
        let key = self.observation_key(seg, &observation, context, time);
        let parts: Vec<&str> = key.iter().map(String::as_str).collect();
        self.add(&parts, observation, &unit.segments())
    }

    /// What an observation is known by: its order, code and sub-id, the time it states, and which of its like it is.
    /// A result that corrects (status C, D, W, A) with another time is still that of its order and code, when there is one.
    fn observation_key(
        &mut self,
        seg: Seg<'r>,
        observation: &Observation,
        context: &Context,
        time: Option<DateTime>,
    ) -> Vec<String> {
        let concept = self.key_of_concept(observation.code.as_ref());
        let sub = seg.at(4).peek().unwrap_or_default();
        let order = if context.order.is_empty() {
            self.visit
                .as_ref()
                .map(|visit| visit.key.clone())
                .unwrap_or_default()
        } else {
            context.order.clone()
        };
        let stated = time.map(|time| time.to_string()).unwrap_or_default();
        let key = |time: &str, ordinal: u32| {
            vec![
                "observation".to_owned(),
                order.clone(),
                concept.clone(),
                sub.clone(),
                time.to_owned(),
                ordinal.to_string(),
            ]
        };
        let ordinal = self.occurrence(&format!("observation {order} {concept} {sub} {stated}"));
        let exact = key(&stated, ordinal);
        // The same without the time it states: the sender changed the time along with the value.
        let corrects = observation.status.as_ref().is_some_and(|status| {
            ["corrected", "amended", "entered-in-error"]
                .iter()
                .any(|code| status.is(code))
        });
        let exact_parts: Vec<&str> = exact.iter().map(String::as_str).collect();
        let known = self
            .chart
            .contains(&self.chart.id(ehr_model::RecordClass::Observation, &exact_parts));
        if corrects && !known && !context.order.is_empty() {
            let place = format!("{order} {concept} {sub} {ordinal}");
            if let Some(first) = self.chart.first_time(&place) {
                return key(&first, ordinal);
            }
        }
        if !context.order.is_empty() {
            self.chart
                .note_time(format!("{order} {concept} {sub} {ordinal}"), stated);
        }
        exact
    }

    fn concepts_first(&mut self, seg: Seg<'r>, field: u32) -> Option<CodeableConcept> {
        seg.all(field).next().and_then(|at| self.concept(at))
    }

    fn interpretations(&self, seg: Seg<'r>) -> Vec<CodeableConcept> {
        let uri = table::uri(78);
        let v3 = CodeSystem::V3_OBSERVATION_INTERPRETATION.uri;
        seg.all(8)
            .filter_map(|at| self.sender().concept(at, Some(78)))
            .map(|mut concept| {
                for coding in &mut concept.codings {
                    let of_table = coding
                        .system
                        .as_deref()
                        .is_none_or(|system| system == uri || system == v3);
                    let known = coding
                        .code
                        .as_deref()
                        .is_some_and(|code| INTERPRETATIONS.contains(&code));
                    if of_table && known {
                        coding.system = Some(v3.to_owned());
                    } else if coding.system.as_deref() == Some(v3) {
                        coding.system = Some(uri.clone());
                    }
                }
                concept
            })
            .collect()
    }

    /// OBX-5: one value, lines of text, or a component for each of several values.
    fn result(&mut self, seg: Seg<'r>, observation: &mut Observation) {
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
            return;
        }
        if values.len() == 1 {
            observation.value = values.pop().and_then(|at| self.value(&kind, at, seg));
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
    fn reference_range(&self, seg: Seg<'r>, observation: &Observation) -> Option<ReferenceRange> {
        let text = seg.text(7)?;
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

    /// OBX-15, 16, 23, 24, 25: who is responsible, and where it was done.
    fn performers_of(&mut self, seg: Seg<'r>, observation: &mut Observation) {
        let observers = self.practitioners(seg, 16);
        observation.performer.extend(observers);
        let address: Vec<Address> = seg.all(24).filter_map(address).collect();
        let laboratory = self.organization(seg.at(23), address, Vec::new());
        let director = self.practitioner(seg.at(25));
        match (laboratory, director) {
            (Some(laboratory), Some(director)) => {
                let role = PractitionerRole {
                    practitioner: Some(director),
                    organization: Some(laboratory.clone()),
                    code: vec![code(&table::uri(912), "MDIR", "Medical Director")],
                    ..PractitionerRole::default()
                };
                let role = self.role(role, seg.at(25));
                observation.performer.push(laboratory);
                observation.performer.extend(role);
            }
            (laboratory, director) => observation.performer.extend(laboratory.or(director)),
        }
        let producer = self.organization_of_code(seg.at(15));
        observation.performer.extend(producer);
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
fn time_of_day(at: At<'_>) -> Option<Time> {
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
