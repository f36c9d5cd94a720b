//! Whether two quantities are one, after conversion of units: amounts to be given exactly, measured values up to rounding.

use ehr_types::{Decimal, Quantity, Range, Ratio};

use crate::analyte::Analyte;
use crate::unit::Unit;

/// Whether the two measured one amount: the same number in one unit, the same after conversion, or one rounded to the
/// places of the other. A number without a unit is not the same as one with a unit.
pub(crate) fn same_measurement(a: &Quantity, b: &Quantity) -> bool {
    unit(a).is_some() == unit(b).is_some() && same_quantity(a, b, rounding)
}

/// Whether the two measured one amount of a substance, of which one tells the mass and the other the moles or equivalents.
pub(crate) fn same_amount_of(substance: &Analyte, a: &Quantity, b: &Quantity) -> bool {
    let (Some(x), Some(y)) = (&a.value, &b.value) else {
        return false;
    };
    let is_one = |from: &Unit, to: &Unit| {
        let (from, to) = (from.in_moles(substance)?, to.in_moles(substance)?);
        Some(converts(x, &from, y, &to, rounding)?.0)
    };
    a.comparator == b.comparator
        && units(a)
            .iter()
            .any(|from| units(b).iter().any(|to| is_one(from, to) == Some(true)))
}

/// Whether two amounts are in units that no conversion leads from one to the other of, as from mass to moles: they do not contradict
/// each other, and nobody can tell from them alone whether they agree.
pub(crate) fn are_incomparable(a: &Quantity, b: &Quantity) -> bool {
    let (a, b) = (units(a), units(b));
    let converts = |from: &Unit, to: &Unit| from.ratio(to).is_some();
    let of_substance = |units: &[Unit]| units.iter().any(Unit::is_of_substance);
    of_substance(&a) && of_substance(&b) && !a.iter().any(|from| b.iter().any(|to| converts(from, to)))
}

/// Whether the two state one amount: the same number in one unit, or the same after conversion. A dose of 2 is not one of 2.5
/// that somebody rounded; and a number without a unit counts pieces, as a dose of 1 is one tablet and never 1 mg.
pub(crate) fn same_amount(a: &Quantity, b: &Quantity) -> bool {
    let fits = match (unit(a), unit(b)) {
        (Some(unit), None) | (None, Some(unit)) => counts_pieces(unit),
        _ => true,
    };
    fits && same_quantity(a, b, |_| 0.0)
}

/// The unit, where there is one.
fn unit(quantity: &Quantity) -> Option<&str> {
    quantity.unit_key().filter(|unit| !unit.trim().is_empty())
}

/// Whether a unit only says what is counted: `1`, an annotation of UCUM such as `{tbl}`, or a form in which doses come.
fn counts_pieces(unit: &str) -> bool {
    const FORMS: &[&str] = &[
        "1",
        "ea",
        "each",
        "tab",
        "tabs",
        "tablet",
        "tablets",
        "cap",
        "caps",
        "capsule",
        "capsules",
        "patch",
        "puff",
        "puffs",
        "suppository",
        "dose",
        "doses",
    ];
    let unit = unit.trim().to_ascii_lowercase();
    (unit.starts_with('{') && unit.ends_with('}')) || FORMS.contains(&unit.as_str())
}

/// Whether the two are one, each as inexact as `tolerance` says of its number.
fn same_quantity(a: &Quantity, b: &Quantity, tolerance: fn(&Decimal) -> f64) -> bool {
    let (Some(x), Some(y)) = (&a.value, &b.value) else {
        return a.value.is_none() && b.value.is_none() && same_unit_text(a, b);
    };
    if a.comparator != b.comparator {
        return false;
    }
    if same_unit_text(a, b) || unit(a).is_none() || unit(b).is_none() {
        return number_within(x, y, tolerance);
    }
    let units = units(a)
        .into_iter()
        .flat_map(|from| units(b).into_iter().map(move |to| (from, to)));
    for (from, to) in units {
        if let Some((is_one, ratio)) = converts(x, &from, y, &to, tolerance) {
            if (ratio - 1.0).abs() < 1e-9 {
                return number_within(x, y, tolerance);
            }
            return is_one;
        }
    }
    false
}

/// Whether one number is the other after conversion, perhaps rounded in either unit, and how much one unit is in the other; `None` for
/// units of two kinds.
fn converts(
    x: &Decimal,
    from: &Unit,
    y: &Decimal,
    to: &Unit,
    tolerance: fn(&Decimal) -> f64,
) -> Option<(bool, f64)> {
    let (converted, ratio) = (from.convert(x.to_f64(), to)?, from.ratio(to)?);
    let within = tolerance(y).max(tolerance(x) * ratio.abs());
    Some((close(converted, y.to_f64(), within), ratio))
}

/// Whether the two are one number, or one is the other rounded to fewer places.
pub(crate) fn same_number(a: &Decimal, b: &Decimal) -> bool {
    number_within(a, b, rounding)
}

/// How far rounding moves a number: half a unit of the last place, but by no more than a twentieth of the number, or 1 would be
/// 1.5, and 0 something.
fn rounding(number: &Decimal) -> f64 {
    half_unit(number).min(number.to_f64().abs() / 20.0)
}

fn number_within(a: &Decimal, b: &Decimal, tolerance: fn(&Decimal) -> f64) -> bool {
    a == b
        || (a.decimal_places() != b.decimal_places()
            && close(a.to_f64(), b.to_f64(), tolerance(a).max(tolerance(b))))
}

pub(crate) fn same_range(a: &Range, b: &Range) -> bool {
    same_bound(a.low.as_ref(), b.low.as_ref()) && same_bound(a.high.as_ref(), b.high.as_ref())
}

pub(crate) fn same_ratio(a: &Ratio, b: &Ratio) -> bool {
    same_bound(a.numerator.as_ref(), b.numerator.as_ref())
        && same_bound(a.denominator.as_ref(), b.denominator.as_ref())
}

fn same_bound(a: Option<&Quantity>, b: Option<&Quantity>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => same_amount(a, b),
        (None, None) => true,
        _ => false,
    }
}

fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance + a.abs().max(b.abs()) * 1e-9
}

/// Half a unit of the last place that is written.
pub(crate) fn half_unit(number: &Decimal) -> f64 {
    let places = number.decimal_places().clamp(-300, 300) as i32;
    0.5 * 10f64.powi(-places)
}

fn same_unit_text(a: &Quantity, b: &Quantity) -> bool {
    match (unit(a), unit(b)) {
        (Some(a), Some(b)) => a.trim().eq_ignore_ascii_case(b.trim()),
        (a, b) => a.is_none() && b.is_none(),
    }
}

/// The unit by its code and by its text; the code goes first.
pub(crate) fn units(quantity: &Quantity) -> Vec<Unit> {
    [quantity.code.as_deref(), quantity.unit.as_deref()]
        .into_iter()
        .flatten()
        .filter_map(Unit::parse)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(value: &str, unit: &str) -> Quantity {
        Quantity::ucum(Decimal::parse(value).unwrap(), unit)
    }

    #[test]
    fn one_amount_in_several_forms() {
        for (a, unit_a, b, unit_b, same) in [
            ("170.88469021", "cm", "170.9", "cm", true),
            ("176.59400043386583", "cm", "69.5", "[in_i]", true),
            ("87.62960243186684", "kg", "193.2", "[lb_av]", true),
            ("98", "mg/dL", "97", "mg/dL", false),
            ("98.4", "mg/dL", "98", "mg/dL", true),
            ("98.6", "mg/dL", "98", "mg/dL", false),
            ("4", "{INR}", "3.5", "{INR}", false),
            ("0", "ng/mL", "0.45", "ng/mL", false),
            ("1", "g/L", "60", "mg/dL", false),
            ("3", "kg", "3450", "g", false),
            ("5.5", "", "5.5", "mmol/L", false),
            ("37.0", "Cel", "98.6", "[degF]", true),
            ("37.5", "Cel", "98.6", "[degF]", false),
            ("5.0", "10*3/uL", "5.0", "K/uL", true),
            ("1.10", "mg/dL", "1.1", "mg/dL", true),
            ("1.1", "mg/dL", "1.1", "mmol/L", false),
            ("176", "[lb_av]", "79.8", "kg", true),
            ("176", "[lb_av]", "80", "kg", true),
            ("176", "[lb_av]", "80.1", "kg", false),
        ] {
            assert_eq!(
                same_measurement(&quantity(a, unit_a), &quantity(b, unit_b)),
                same,
                "{a} {unit_a} {b} {unit_b}"
            );
            assert_eq!(
                same_measurement(&quantity(b, unit_b), &quantity(a, unit_a)),
                same,
                "{b} {unit_b} {a} {unit_a}"
            );
        }
    }

    #[test]
    fn mass_and_moles_of_one_substance() {
        let glucose = Analyte {
            molar_mass: 180.156,
            valence: None,
        };
        let calcium = Analyte {
            molar_mass: 40.078,
            valence: Some(2.0),
        };
        for (substance, a, unit_a, b, unit_b, same) in [
            (glucose, "99", "mg/dL", "5.5", "mmol/L", true),
            (glucose, "100", "mg/dL", "5.5", "mmol/L", false),
            (glucose, "99", "mg/dL", "5.5", "meq/L", false),
            (calcium, "9.6", "mg/dL", "2.40", "mmol/L", true),
            (calcium, "2.40", "mmol/L", "4.8", "meq/L", true),
            (calcium, "9.6", "mg/dL", "2.40", "", false),
        ] {
            let (a, b) = (quantity(a, unit_a), quantity(b, unit_b));
            assert_eq!(same_amount_of(&substance, &a, &b), same, "{unit_a} {unit_b}");
            assert_eq!(same_amount_of(&substance, &b, &a), same, "{unit_b} {unit_a}");
        }
    }

    #[test]
    fn what_no_conversion_leads_to_is_not_comparable() {
        let apart =
            |unit_a: &str, unit_b: &str| are_incomparable(&quantity("5", unit_a), &quantity("5", unit_b));
        assert!(apart("mg/dL", "mmol/L"));
        assert!(!apart("mg/dL", "g/L"));
        assert!(!apart("mg/dL", "furlong"));
        assert!(!apart("mg/dL", "%"));
        assert!(!apart("mg/dL", ""));
    }

    #[test]
    fn a_bound_is_not_a_value() {
        let mut bound = quantity("5", "mg/dL");
        bound.comparator = ehr_types::Comparator::parse("<");
        assert!(!same_measurement(&bound, &quantity("5", "mg/dL")));
    }

    #[test]
    fn an_amount_to_be_given_is_not_rounded() {
        for (a, unit_a, b, unit_b, same) in [
            ("2", "mg", "2.5", "mg", false),
            ("0.5", "mL", "1", "mL", false),
            ("1", "{tbl}", "1.5", "{tbl}", false),
            ("500", "mg", "500.0", "mg", true),
            ("0.5", "g", "500", "mg", true),
            ("100", "mcg", "0.1", "mg", true),
            ("5", "mg", "5", "mL", false),
            ("1", "", "1", "mg", false),
            ("5", "", "5", "mL", false),
            ("10", "", "10", "[iU]", false),
            ("1", "", "1", "{tbl}", true),
            ("1", "", "1", "TAB", true),
            ("1", "", "1", "", true),
        ] {
            let (a, b) = (quantity(a, unit_a), quantity(b, unit_b));
            assert_eq!(same_amount(&a, &b), same, "{unit_a} {unit_b}");
            assert_eq!(same_amount(&b, &a), same, "{unit_b} {unit_a}");
        }
    }
}
