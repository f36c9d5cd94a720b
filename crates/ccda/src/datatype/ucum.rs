//! Whether a unit is one of UCUM: its grammar and its common atoms. Nothing is converted.

/// Atoms that take a metric prefix.
const METRIC: &[&str] = &[
    "m", "s", "g", "rad", "K", "C", "cd", "mol", "sr", "Hz", "N", "Pa", "J", "W", "A", "V", "F", "Ohm", "S",
    "Wb", "Cel", "T", "H", "lm", "lx", "Bq", "Gy", "Sv", "l", "L", "ar", "t", "bar", "u", "eV", "pc", "cal",
    "eq", "osm", "kat", "U", "dyn", "erg", "P", "St", "Bi", "Ci", "R", "RAD", "REM", "B", "Np", "bit", "By",
    "Bd", "mho", "G", "Gb", "Mx", "Oe", "m[H2O]", "m[Hg]", "[iU]", "[IU]", "[degRe]",
];

/// Atoms that stand for themselves.
const PLAIN: &[&str] = &[
    "%", "10*", "10^", "[pi]", "deg", "gon", "'", "''", "min", "h", "d", "wk", "mo", "a", "a_j", "mo_j",
    "atm", "AU", "st", "b", "att", "circ", "sph", "ph", "Lmb", "sb",
];

const PREFIXES: &[&str] = &[
    "da", "Ki", "Mi", "Gi", "Ti", "Y", "Z", "E", "P", "T", "G", "M", "k", "h", "d", "c", "m", "u", "n", "p",
    "f", "a", "z", "y",
];

/// Whether `unit` is a term of UCUM as far as it is known here; bracketed atoms are taken on their form.
pub(super) fn is_ucum(unit: &str) -> bool {
    !unit.is_empty() && unit.is_ascii() && term(unit.strip_prefix('/').unwrap_or(unit))
}

fn term(text: &str) -> bool {
    let (mut depth, mut braces, mut brackets, mut start) = (0_i32, false, false, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' if !brackets => braces = true,
            b'}' => braces = false,
            b'[' if !braces => brackets = true,
            b']' if !braces => brackets = false,
            b'(' if !braces && !brackets => depth += 1,
            b')' if !braces && !brackets => depth -= 1,
            b'.' | b'/' if depth == 0 && !braces && !brackets => {
                if !text.get(start..at).is_some_and(component) {
                    return false;
                }
                start = at + 1;
            }
            _ => {}
        }
    }
    depth == 0 && !braces && !brackets && text.get(start..).is_some_and(component)
}

fn component(text: &str) -> bool {
    if let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return term(inner);
    }
    let (unit, annotation) = match text.find('{') {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let one = annotation.ends_with('}') && annotation.matches('{').count() == 1;
    if !annotation.is_empty() && !one {
        return false;
    }
    if unit.is_empty() {
        return !annotation.is_empty();
    }
    if unit.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    // 10*3 and 10^3 have their exponent after the sign.
    for ten in ["10*", "10^"] {
        if let Some(exponent) = unit.strip_prefix(ten) {
            let digits = exponent.trim_start_matches(['+', '-']);
            return digits.bytes().all(|byte| byte.is_ascii_digit());
        }
    }
    let base = unit.trim_end_matches(|c: char| c.is_ascii_digit());
    let base = if base.len() < unit.len() {
        base.trim_end_matches(['+', '-'])
    } else {
        base
    };
    atom(base)
}

fn atom(text: &str) -> bool {
    let bracketed =
        |text: &str| text.len() > 2 && text.starts_with('[') && text.ends_with(']') && !text.contains(' ');
    if PLAIN.contains(&text) || METRIC.contains(&text) || bracketed(text) {
        return true;
    }
    // A few atoms have a bracketed part: B[SPL], [lb_av].
    if text.starts_with("B[") && text.ends_with(']') {
        return true;
    }
    PREFIXES
        .iter()
        .filter_map(|prefix| text.strip_prefix(prefix))
        .any(|rest| METRIC.contains(&rest) || bracketed(rest))
}

#[cfg(test)]
mod tests {
    use super::is_ucum;

    #[test]
    fn units_of_laboratories_and_wards() {
        for unit in [
            "mm[Hg]",
            "mg/dL",
            "10*3/uL",
            "10*3/mm3",
            "{tablet}",
            "/min",
            "kg/m2",
            "mmol/L",
            "[lb_av]",
            "[in_i]",
            "%",
            "meq/L",
            "mL/min/{1.73_m2}",
            "g/(24.h)",
            "Cel",
            "[degF]",
            "ug",
            "[iU]/L",
            "m[iU]/L",
            "U/L",
            "fL",
            "pg",
            "h",
            "10^9/L",
            "ng/mL",
            "{INR}",
            "mg/kg",
            "cm",
            "mL/h",
        ] {
            assert!(is_ucum(unit), "{unit}");
        }
        for unit in [
            "mmHg",
            "lbs",
            "inches",
            "tablet",
            "milliliter",
            "x10E3/uL",
            "mg dl",
            "K/uL x",
            "puffs",
            "{open",
            "",
            "Puff(s)",
            "é",
        ] {
            assert!(!is_ucum(unit), "{unit}");
        }
    }
}
