//! Units and routes as a ward writes them. The Bundle keeps the source's own.

/// Routes of administration are capitals in the FDA's list, which C-CDA and RxNorm use.
const ROUTES: [&str; 14] = [
    "BUCCAL",
    "INHALATION",
    "INTRADERMAL",
    "INTRAMUSCULAR",
    "INTRANASAL",
    "INTRAVENOUS",
    "NASAL",
    "OPHTHALMIC",
    "ORAL",
    "RECTAL",
    "SUBCUTANEOUS",
    "SUBLINGUAL",
    "TOPICAL",
    "TRANSDERMAL",
];

/// What an item says, with units and routes in the words of a ward: `138 mm[Hg]` as `138 mmHg`, `62 umol/L – 115 umol/L` as
/// `62 – 115 µmol/L`, `ORAL` as `oral`.
pub(super) fn plain(text: &str) -> String {
    let mut before = "";
    let words = text.split(' ').map(|word| {
        let (bare, end) = split_end(word);
        let shown = if is_number(before) {
            unit(bare)
        } else {
            route(bare)
        };
        before = word;
        shown + end
    });
    let words: Vec<String> = words.collect();
    one_unit_a_range(&words).join(" ")
}

/// A word without the comma, semicolon or asterisks behind it.
fn split_end(word: &str) -> (&str, &str) {
    let bare = word.trim_end_matches([',', ';', '*']);
    (bare, word.get(bare.len()..).unwrap_or_default())
}

fn is_number(word: &str) -> bool {
    let digits = word.trim_start_matches(['*', '<', '>', '=', '-', '+']);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

fn route(word: &str) -> String {
    if ROUTES.contains(&word) {
        return word.to_lowercase();
    }
    word.to_owned()
}

/// A UCUM unit as it is written by hand; another word as it is.
fn unit(unit: &str) -> String {
    match unit {
        "Cel" => "°C",
        "[degF]" => "°F",
        "[lb_av]" => "lb",
        "[oz_av]" => "oz",
        "[in_i]" => "in",
        "[ft_i]" => "ft",
        "kg/m2" => "kg/m²",
        "10*3/uL" | "10*9/L" => "×10⁹/L",
        "10*6/uL" | "10*12/L" => "×10¹²/L",
        "mL/min/{1.73_m2}" | "mL/min/1.73.m2" => "mL/min/1.73 m²",
        _ => return unit.split('/').map(part).collect::<Vec<_>>().join("/"),
    }
    .to_owned()
}

/// One part of a unit: brackets belong to UCUM alone.
fn part(part: &str) -> &str {
    match part {
        "mm[Hg]" => "mmHg",
        "cm[H2O]" => "cmH2O",
        "[pH]" => "pH",
        // "µg" is misread as "mg".
        "ug" => "mcg",
        "umol" => "µmol",
        "uL" => "µL",
        "um" => "µm",
        "meq" => "mEq",
        "[iU]" | "[IU]" => "IU",
        "m[iU]" | "m[IU]" => "mIU",
        "u[iU]" | "u[IU]" => "µIU",
        part => part,
    }
}

/// `62 mg – 115 mg` as `62 – 115 mg`.
fn one_unit_a_range(words: &[String]) -> Vec<&str> {
    let mut out = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let is_low = at > 0
            && words.get(at - 1).is_some_and(|word| is_number(word))
            && words.get(at + 1).is_some_and(|word| word == "–")
            && words.get(at + 2).is_some_and(|word| is_number(word))
            && words.get(at + 3).is_some_and(|high| split_end(high).0 == word);
        if !is_low {
            out.push(word.as_str());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn units_are_those_of_a_ward() {
        for (text, expected) in [
            (
                "Systolic 138 mm[Hg], Diastolic 82 mm[Hg]",
                "Systolic 138 mmHg, Diastolic 82 mmHg",
            ),
            (
                "90 umol/L, normal, reference 62 umol/L – 115 umol/L",
                "90 µmol/L, normal, reference 62 – 115 µmol/L",
            ),
            ("reference 2 INR – 3 mg", "reference 2 INR – 3 mg"),
            ("1 tablet, ORAL, every day", "1 tablet, oral, every day"),
            ("6.9 10*3/uL", "6.9 ×10⁹/L"),
            ("**0.5 m[IU]/L**", "**0.5 mIU/L**"),
            (">60 mL/min/{1.73_m2}", ">60 mL/min/1.73 m²"),
            ("50 ug", "50 mcg"),
            // What is no unit stays, and so does every number.
            ("um 1971", "um 1971"),
            ("Cel 5 5 5", "Cel 5 5 5"),
            ("", ""),
        ] {
            assert_eq!(plain(text), expected);
        }
    }
}
