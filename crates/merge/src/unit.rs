//! Units of measure, as far as they are needed to see that two values are one.
//!
//! A small reader of [UCUM](https://ucum.org/ucum) expressions and of the spellings that sources use instead. A unit that
//! it does not know is compared by its text.

use crate::analyte::Analyte;

/// A unit as a multiple of base units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Unit {
    /// Value in base units of one of this unit.
    factor: f64,
    /// Value in base units of zero of this unit; only temperatures have one.
    zero: f64,
    dimension: Dimension,
}

/// Exponents of metre, gram, second, mole, kelvin, candela, international unit, other arbitrary unit.
type Dimension = [i8; 8];

const NONE: Dimension = [0; 8];

impl Unit {
    /// Reads a unit; `None` when it is not known.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some((_, code)) = SPELLINGS
            .iter()
            .find(|(spelling, _)| spelling.eq_ignore_ascii_case(text))
        {
            return expression(code);
        }
        expression(text)
    }

    /// Converts a value of this unit into another of the same dimension.
    pub(crate) fn convert(&self, value: f64, to: &Self) -> Option<f64> {
        (self.dimension == to.dimension).then(|| (value * self.factor + self.zero - to.zero) / to.factor)
    }

    /// The unit by which an amount of a substance is told in moles, where this one tells it by mass, in equivalents or in moles.
    pub(crate) fn in_moles(&self, substance: &Analyte) -> Option<Self> {
        let [
            length,
            gram,
            second,
            mole,
            kelvin,
            candela,
            international,
            arbitrary,
        ] = self.dimension;
        let per_mole = match (gram, mole, arbitrary) {
            (1, 0, 0) => substance.molar_mass,
            (0, 1, 0) => 1.0,
            (0, 0, 1) => substance.valence?,
            _ => return None,
        };
        Some(Self {
            factor: self.factor / per_mole,
            dimension: [length, 0, second, 1, kelvin, candela, international, 0],
            ..*self
        })
    }

    /// Whether it tells how much of a substance there is: by mass, in equivalents or in moles.
    pub(crate) fn is_of_substance(&self) -> bool {
        let [_, gram, _, mole, _, _, _, arbitrary] = self.dimension;
        matches!((gram, mole, arbitrary), (1, 0, 0) | (0, 1, 0) | (0, 0, 1))
    }

    /// The number of these units in base units.
    pub(crate) fn in_base_units(&self, value: f64) -> f64 {
        value * self.factor
    }

    /// How much a step of one of this unit is in another of the same dimension.
    pub(crate) fn ratio(&self, to: &Self) -> Option<f64> {
        (self.dimension == to.dimension).then(|| self.factor / to.factor)
    }
}

/// Spellings outside of UCUM and the UCUM expression they stand for.
const SPELLINGS: &[(&str, &str)] = &[
    ("", "1"),
    ("in", "[in_i]"),
    ("ins", "[in_i]"),
    ("inch", "[in_i]"),
    ("inches", "[in_i]"),
    ("\"", "[in_i]"),
    ("ft", "[ft_i]"),
    ("feet", "[ft_i]"),
    ("lb", "[lb_av]"),
    ("lbs", "[lb_av]"),
    ("pound", "[lb_av]"),
    ("pounds", "[lb_av]"),
    ("oz", "[oz_av]"),
    ("ounces", "[oz_av]"),
    ("cms", "cm"),
    ("kgs", "kg"),
    ("kilograms", "kg"),
    ("kilogram", "kg"),
    ("centimeters", "cm"),
    ("f", "[degF]"),
    ("degf", "[degF]"),
    ("deg f", "[degF]"),
    ("°f", "[degF]"),
    ("fahrenheit", "[degF]"),
    ("c", "Cel"),
    ("degc", "Cel"),
    ("deg c", "Cel"),
    ("°c", "Cel"),
    ("celsius", "Cel"),
    ("mmhg", "mm[Hg]"),
    ("mm hg", "mm[Hg]"),
    ("mm(hg)", "mm[Hg]"),
    ("bpm", "/min"),
    ("beats/min", "/min"),
    ("breaths/min", "/min"),
    ("br/min", "/min"),
    ("per minute", "/min"),
    ("percent", "%"),
    ("pct", "%"),
    ("mcg", "ug"),
    ("mcg/ml", "ug/mL"),
    ("mcg/dl", "ug/dL"),
    ("mcg/l", "ug/L"),
    ("mcl", "uL"),
    ("cc", "mL"),
    ("hrs", "h"),
    ("hr", "h"),
    ("hours", "h"),
    ("days", "d"),
    ("day", "d"),
    ("weeks", "wk"),
    ("months", "mo"),
    ("years", "a"),
    ("yr", "a"),
    ("yrs", "a"),
    ("sec", "s"),
    ("mins", "min"),
    ("minutes", "min"),
    ("kg/m^2", "kg/m2"),
    ("kg/m²", "kg/m2"),
    ("k/ul", "10*3/uL"),
    ("k/mm3", "10*3/uL"),
    ("thou/ul", "10*3/uL"),
    ("thou/mm3", "10*3/uL"),
    ("x10e3/ul", "10*3/uL"),
    ("x10(3)/ul", "10*3/uL"),
    ("10e3/ul", "10*3/uL"),
    ("m/ul", "10*6/uL"),
    ("mil/ul", "10*6/uL"),
    ("mill/mcl", "10*6/uL"),
    ("x10e6/ul", "10*6/uL"),
    ("iu/l", "[iU]/L"),
    ("u/l", "U/L"),
    ("unit/l", "U/L"),
    ("units/l", "U/L"),
    ("miu/l", "m[iU]/L"),
    ("uiu/ml", "u[iU]/mL"),
    ("miu/ml", "m[iU]/mL"),
    ("meq/l", "meq/L"),
    ("mmol/l", "mmol/L"),
    ("mg/dl", "mg/dL"),
    ("g/dl", "g/dL"),
    ("gm/dl", "g/dL"),
    ("ng/ml", "ng/mL"),
    ("pg/ml", "pg/mL"),
    ("ng/dl", "ng/dL"),
    ("ug/ml", "ug/mL"),
    ("ug/dl", "ug/dL"),
    ("mg/l", "mg/L"),
    ("umol/l", "umol/L"),
    ("fl", "fL"),
    ("ml/min/1.73m2", "mL/min/{1.73_m2}"),
    ("ml/min/1.73 m2", "mL/min/{1.73_m2}"),
    ("ml/min/{1.73m2}", "mL/min/{1.73_m2}"),
    ("ml/min/1.73", "mL/min/{1.73_m2}"),
];

/// Prefixes of metric units.
const PREFIXES: &[(&str, f64)] = &[
    ("da", 1e1),
    ("G", 1e9),
    ("M", 1e6),
    ("k", 1e3),
    ("h", 1e2),
    ("d", 1e-1),
    ("c", 1e-2),
    ("m", 1e-3),
    ("u", 1e-6),
    ("µ", 1e-6),
    ("μ", 1e-6),
    ("n", 1e-9),
    ("p", 1e-12),
    ("f", 1e-15),
];

/// Atoms: symbol, whether it takes prefixes, factor, zero, dimension.
const ATOMS: &[(&str, bool, f64, f64, Dimension)] = &[
    ("m", true, 1.0, 0.0, [1, 0, 0, 0, 0, 0, 0, 0]),
    ("g", true, 1.0, 0.0, [0, 1, 0, 0, 0, 0, 0, 0]),
    ("s", true, 1.0, 0.0, [0, 0, 1, 0, 0, 0, 0, 0]),
    ("mol", true, 1.0, 0.0, [0, 0, 0, 1, 0, 0, 0, 0]),
    ("K", true, 1.0, 0.0, [0, 0, 0, 0, 1, 0, 0, 0]),
    ("[iU]", true, 1.0, 0.0, [0, 0, 0, 0, 0, 0, 1, 0]),
    ("[IU]", true, 1.0, 0.0, [0, 0, 0, 0, 0, 0, 1, 0]),
    // The catalytic unit is 1 µmol/min.
    ("U", true, 1e-6 / 60.0, 0.0, [0, 0, -1, 1, 0, 0, 0, 0]),
    // How many moles that is depends on the charge of the ion.
    ("eq", true, 1.0, 0.0, [0, 0, 0, 0, 0, 0, 0, 1]),
    ("osm", true, 1.0, 0.0, [0, 0, 0, 1, 0, 0, 0, 0]),
    ("L", true, 1e-3, 0.0, [3, 0, 0, 0, 0, 0, 0, 0]),
    ("l", true, 1e-3, 0.0, [3, 0, 0, 0, 0, 0, 0, 0]),
    ("Pa", true, 1e3, 0.0, [-1, 1, -2, 0, 0, 0, 0, 0]),
    ("m[Hg]", true, 133.322_387_415e6, 0.0, [-1, 1, -2, 0, 0, 0, 0, 0]),
    ("J", true, 1e3, 0.0, [2, 1, -2, 0, 0, 0, 0, 0]),
    ("cal", true, 4184.0, 0.0, [2, 1, -2, 0, 0, 0, 0, 0]),
    ("Hz", true, 1.0, 0.0, [0, 0, -1, 0, 0, 0, 0, 0]),
    ("Cel", false, 1.0, 273.15, [0, 0, 0, 0, 1, 0, 0, 0]),
    (
        "[degF]",
        false,
        5.0 / 9.0,
        459.67 * 5.0 / 9.0,
        [0, 0, 0, 0, 1, 0, 0, 0],
    ),
    ("[in_i]", false, 0.0254, 0.0, [1, 0, 0, 0, 0, 0, 0, 0]),
    ("[ft_i]", false, 0.3048, 0.0, [1, 0, 0, 0, 0, 0, 0, 0]),
    ("[lb_av]", false, 453.592_37, 0.0, [0, 1, 0, 0, 0, 0, 0, 0]),
    ("[oz_av]", false, 28.349_523_125, 0.0, [0, 1, 0, 0, 0, 0, 0, 0]),
    ("t", true, 1e6, 0.0, [0, 1, 0, 0, 0, 0, 0, 0]),
    ("min", false, 60.0, 0.0, [0, 0, 1, 0, 0, 0, 0, 0]),
    ("h", false, 3600.0, 0.0, [0, 0, 1, 0, 0, 0, 0, 0]),
    ("d", false, 86_400.0, 0.0, [0, 0, 1, 0, 0, 0, 0, 0]),
    ("wk", false, 604_800.0, 0.0, [0, 0, 1, 0, 0, 0, 0, 0]),
    ("mo", false, 2_629_800.0, 0.0, [0, 0, 1, 0, 0, 0, 0, 0]),
    ("a", false, 31_557_600.0, 0.0, [0, 0, 1, 0, 0, 0, 0, 0]),
    ("%", false, 1e-2, 0.0, NONE),
    ("[ppm]", false, 1e-6, 0.0, NONE),
    ("10*", false, 10.0, 0.0, NONE),
    ("10^", false, 10.0, 0.0, NONE),
];

/// A product and quotient of terms: `mg/dL`, `10*3/uL`, `kg/m2`, `/min`.
fn expression(text: &str) -> Option<Unit> {
    let mut unit = Unit {
        factor: 1.0,
        zero: 0.0,
        dimension: NONE,
    };
    let mut rest = text;
    let mut sign = 1;
    let mut terms = 0;
    loop {
        let (term, divide, tail) = split(rest);
        if !(term.is_empty() && terms == 0 && divide.is_some()) {
            let (part, exponent) = component(term)?;
            let power = sign * exponent;
            // A temperature scale with a zero of its own stands alone.
            if part.zero != 0.0 && (terms > 0 || divide.is_some() || power != 1) {
                return None;
            }
            unit.factor *= part.factor.powi(i32::from(power));
            unit.zero = part.zero;
            for (sum, add) in unit.dimension.iter_mut().zip(part.dimension) {
                *sum = sum.checked_add(add.checked_mul(power)?)?;
            }
        }
        terms += 1;
        match divide {
            None => return Some(unit),
            Some(divides) => sign = if divides { -1 } else { 1 },
        }
        rest = tail;
    }
}

/// The text up to the first operator outside of brackets, whether that divides, and the text after it.
fn split(text: &str) -> (&str, Option<bool>, &str) {
    let mut depth = 0;
    for (index, char) in text.char_indices() {
        match char {
            '[' | '{' => depth += 1,
            ']' | '}' => depth -= 1,
            '.' | '/' if depth == 0 => {
                let (term, rest) = text.split_at(index);
                return (term, Some(char == '/'), rest.get(1..).unwrap_or(""));
            }
            _ => {}
        }
    }
    (text, None, "")
}

/// One term and its exponent; an annotation in braces counts as 1.
fn component(term: &str) -> Option<(Unit, i8)> {
    let one = Unit {
        factor: 1.0,
        zero: 0.0,
        dimension: NONE,
    };
    let term = match term.find('{') {
        Some(start) if term.ends_with('}') => term.get(..start)?,
        Some(_) => return None,
        None => term,
    };
    if term.is_empty() || term == "1" {
        return Some((one, 1));
    }
    if let Some(unit) = atom(term) {
        return Some((unit, 1));
    }
    let digits = term.trim_end_matches(|char: char| char.is_ascii_digit());
    let base = digits.strip_suffix(['-', '+']).unwrap_or(digits);
    if base.is_empty() {
        let factor: f64 = term.parse().ok()?;
        return Some((Unit { factor, ..one }, 1));
    }
    let exponent: i8 = term.get(base.len()..)?.parse().ok()?;
    Some((atom(base)?, exponent))
}

fn atom(symbol: &str) -> Option<Unit> {
    let find = |symbol: &str, prefixed: bool| {
        ATOMS
            .iter()
            .find(|(known, metric, ..)| *known == symbol && (*metric || !prefixed))
            .map(|(_, _, factor, zero, dimension)| Unit {
                factor: *factor,
                zero: *zero,
                dimension: *dimension,
            })
    };
    find(symbol, false).or_else(|| {
        PREFIXES.iter().find_map(|(prefix, factor)| {
            let unit = find(symbol.strip_prefix(prefix)?, true)?;
            Some(Unit {
                factor: unit.factor * factor,
                ..unit
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convert(value: f64, from: &str, to: &str) -> Option<f64> {
        Unit::parse(from)?.convert(value, &Unit::parse(to)?)
    }

    #[test]
    fn conversions() {
        for (value, from, to, expected) in [
            (1.0, "[in_i]", "cm", 2.54),
            (100.0, "kg", "lbs", 220.462_262),
            (98.6, "[degF]", "Cel", 37.0),
            (120.0, "mm[Hg]", "kPa", 15.998_686),
            (1.0, "g/L", "mg/dL", 100.0),
            (5.0, "10*3/uL", "10*9/L", 5.0),
            (5.0, "K/uL", "10*9/L", 5.0),
            (72.0, "/min", "{beats}/min", 72.0),
            (1.0, "U/L", "mU/mL", 1.0),
            (6.0, "wk", "d", 42.0),
            (24.0, "kg/m2", "kg/m^2", 24.0),
        ] {
            let actual = convert(value, from, to).unwrap_or(f64::NAN);
            assert!((actual - expected).abs() < 1e-5, "{value} {from} = {actual} {to}");
        }
    }

    #[test]
    fn what_cannot_be_converted() {
        for (from, to) in [
            ("kg", "cm"),
            ("mg/dL", "mmol/L"),
            ("furlong", "m"),
            ("[degF]/min", "K/min"),
        ] {
            assert_eq!(convert(1.0, from, to), None, "{from} {to}");
        }
    }
}
