//! Laws of the value types.

use ehr_types::{
    Absent, Address, CodeSystem, CodeableConcept, ContactPoint, Date, DateTime, Decimal, Finding, HumanName,
    Identifier, LineIndex, ParseDateTimeError, ParseDecimalError, Period, Precision, Quantity, Range, Ratio,
    SourceLocation, Span, Str, Strictness, Time, TimeRelation,
};
use proptest::prelude::*;

fn hl7_time() -> impl Strategy<Value = String> {
    (
        1u16..=9999,
        1u8..=12,
        1u8..=28,
        0u8..24,
        0u8..60,
        0u8..=60,
        0usize..=6,
        "[0-9]{1,9}",
        0usize..4,
        0u8..=14,
        0u8..60,
    )
        .prop_map(
            |(year, month, day, hour, minute, second, length, fraction, zone, zone_hour, zone_minute)| {
                let whole = format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}");
                let mut text = whole[..4 + 2 * length.min(5)].to_owned();
                if length == 6 {
                    text.push('.');
                    text.push_str(&fraction);
                }
                match zone {
                    0 if length >= 2 => text.push_str(&format!("+{zone_hour:02}{zone_minute:02}")),
                    1 if length >= 2 => text.push_str(&format!("-{zone_hour:02}{zone_minute:02}")),
                    2 if length >= 3 => text.push_str(&format!("-{zone_hour:02}")),
                    _ => {}
                }
                text
            },
        )
}

fn number() -> impl Strategy<Value = String> {
    "-?(0|[1-9][0-9]{0,12})(\\.[0-9]{1,9})?([eE][+-]?[0-9]{1,2})?"
}

#[test]
fn values_can_be_copied_compared_shown_and_moved_between_threads() {
    fn holds<T: Clone + PartialEq + std::fmt::Debug + Send + Sync + 'static>() {}
    holds::<(Date, DateTime, Time, Decimal, Str, Period)>();
    holds::<(CodeableConcept, CodeSystem, Identifier, Quantity, Range, Ratio)>();
    holds::<(HumanName, Address, ContactPoint, Absent)>();
    holds::<(Finding, SourceLocation, Strictness)>();
    holds::<(ParseDateTimeError, ParseDecimalError)>();
}

proptest! {
    #[test]
    fn an_hl7_time_prints_as_it_was_written(text in hl7_time()) {
        let time = DateTime::parse_hl7(&text).expect("a time");
        prop_assert_eq!(time.to_string(), text);
    }

    #[test]
    fn the_fhir_form_is_legal_and_does_not_contradict(text in hl7_time()) {
        let time = DateTime::parse_hl7(&text).expect("a time");
        let fhir = time.to_fhir();
        let again = DateTime::parse(&fhir.text).expect("legal FHIR");
        prop_assert!(time.relation(&again).is_compatible());
        if fhir.complete && time.precision() != Precision::Minute {
            prop_assert_eq!(again.precision(), time.precision());
        }
    }

    #[test]
    fn what_is_read_prints_back(text in "\\PC{0,30}") {
        if let Ok(date) = Date::parse(&text) {
            prop_assert_eq!(date.to_string(), text.clone());
        }
        for time in [DateTime::parse(&text), DateTime::parse_iso(&text), DateTime::parse_hl7(&text)].into_iter().flatten() {
            prop_assert_eq!(time.to_string(), text.clone());
        }
        if let Ok(time) = Time::parse(&text) {
            prop_assert_eq!(time.to_string(), text);
        }
    }

    #[test]
    fn relations_mirror(a in hl7_time(), b in hl7_time()) {
        let (a, b) = (DateTime::parse_hl7(&a).expect("a time"), DateTime::parse_hl7(&b).expect("a time"));
        let mirrored = match a.relation(&b) {
            TimeRelation::Before => TimeRelation::After,
            TimeRelation::After => TimeRelation::Before,
            same => same,
        };
        prop_assert_eq!(b.relation(&a), mirrored);
        prop_assert_eq!(a.relation(&a), TimeRelation::Same);
    }

    #[test]
    fn times_go_through_serde(text in hl7_time()) {
        let time = DateTime::parse_hl7(&text).expect("a time");
        let json = serde_json::to_string(&time).expect("json");
        let again: DateTime = serde_json::from_str(&json).expect("a time");
        prop_assert_eq!(again, time);
        prop_assert_eq!(again.to_string(), text);
    }

    #[test]
    fn decimals_compare_as_numbers(a in number(), b in number()) {
        let (x, y) = (Decimal::parse(&a).expect("a number"), Decimal::parse(&b).expect("a number"));
        prop_assert_eq!(x.cmp(&y), y.cmp(&x).reverse());
        // Floating point rounds, so it may call equal what is not, but it never reverses.
        let (f, g) = (x.to_f64(), y.to_f64());
        if f < g {
            prop_assert!(x < y);
        }
        if x == y {
            prop_assert!(f.to_bits() == g.to_bits() || f == 0.0 && g == 0.0);
        }
        prop_assert_eq!(x.as_str(), a);
    }

    #[test]
    fn a_lenient_number_has_a_legal_json_text(text in "[+-]?[0-9]{0,5}\\.?[0-9]{0,5}") {
        if let Ok(number) = Decimal::parse_numeric(&text) {
            let json = Decimal::parse(&number.json_text()).expect("JSON number");
            prop_assert_eq!(&json, &number);
            let again: Decimal = number.to_string().parse().expect("what was written");
            prop_assert_eq!(again.as_str(), number.as_str());
        }
    }

    #[test]
    fn a_place_is_found_again(text in "[a-z\\r\\n]{0,60}", at in 0usize..60) {
        let at = at.min(text.len());
        let index = LineIndex::new(text.as_bytes());
        let (line, column) = index.line_column(at);
        prop_assert!(line >= 1 && column >= 1);
        let finding = Finding::warning("x", SourceLocation::new("p").at(Span::new(at, at + 1), &index), "m");
        prop_assert!(finding.render(text.as_bytes()).starts_with("warning[x] at p"));
    }
}
