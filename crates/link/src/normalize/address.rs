//! Postal addresses: house number, street, unit.

use super::filler::is_no_address;
use super::name::fold;

/// A street line in parts; empty where missing.
#[derive(Default)]
pub(crate) struct AddressLine {
    /// House number, or the number of a post-office box.
    pub(crate) number: String,
    /// Street with its type and directions in short form.
    pub(crate) street: String,
    /// Apartment, suite, lot.
    pub(crate) unit: String,
}

/// Short form of a word of a street line; the word itself where there is none.
fn short(word: &str) -> &str {
    match word {
        "street" | "str" => "st",
        "avenue" | "av" | "aven" | "avn" => "ave",
        "boulevard" | "blv" | "boul" => "blvd",
        "drive" | "drv" | "driv" => "dr",
        "road" => "rd",
        "lane" => "ln",
        "court" | "crt" => "ct",
        "circle" | "circ" | "crcl" => "cir",
        "place" => "pl",
        "crescent" | "cresc" => "cres",
        "terrace" | "terr" => "ter",
        "highway" | "hwy" => "hwy",
        "parkway" | "pkway" | "pky" => "pkwy",
        "square" | "sqr" => "sq",
        "trail" | "trl" => "trl",
        "turnpike" => "tpke",
        "way" | "wy" => "way",
        "close" => "cl",
        "grove" => "gr",
        "parade" => "pde",
        "circuit" | "cct" => "cct",
        "north" => "n",
        "south" => "s",
        "east" => "e",
        "west" => "w",
        "northeast" => "ne",
        "northwest" => "nw",
        "southeast" => "se",
        "southwest" => "sw",
        "saint" => "st",
        "mount" => "mt",
        "fort" => "ft",
        "heights" | "hts" => "hts",
        "first" => "1st",
        "second" => "2nd",
        "third" => "3rd",
        "fourth" => "4th",
        "fifth" => "5th",
        other => other,
    }
}

/// A street's name and its type where they are run together (`endeavourstreet`), or nothing and the
/// word.
fn unglued(word: &str) -> (&str, &str) {
    const KINDS: &[&str] = &[
        "street",
        "avenue",
        "crescent",
        "circuit",
        "place",
        "close",
        "court",
        "drive",
        "boulevard",
        "terrace",
        "parade",
        "highway",
    ];
    KINDS
        .iter()
        .find_map(|kind| Some((word.strip_suffix(kind).filter(|name| name.len() > 2)?, *kind)))
        .unwrap_or(("", word))
}

fn is_unit_word(word: &str) -> bool {
    matches!(
        word,
        "apt"
            | "apartment"
            | "unit"
            | "ste"
            | "suite"
            | "lot"
            | "rm"
            | "room"
            | "fl"
            | "floor"
            | "flat"
            | "trlr"
            | "bldg"
            | "no"
            | "aot"
            | "num"
    )
}

/// Digits with at most one letter after them: `12`, `12b`.
fn is_house_number(word: &str) -> bool {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_lowercase());
    !digits.is_empty() && word.len() <= digits.len() + 1 && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Divides a street line: `5808 Sunset Drive, Apt 3` is number 5808, `sunset dr`, unit 3.
pub(crate) fn split_line(text: &str, number: &str) -> AddressLine {
    let text = text.replace('#', " apt ");
    let folded = fold(&text);
    let mut line = AddressLine {
        number: fold(number),
        ..AddressLine::default()
    };
    if is_no_address(&folded) {
        return line;
    }
    let mut words = folded.split(' ').filter(|w| !w.is_empty()).peekable();
    let mut in_unit = false;
    if folded.starts_with("po box ") || folded.starts_with("p o box ") || folded.starts_with("pob ") {
        line.street.push_str("pobox");
        line.number = folded.rsplit(' ').next().unwrap_or_default().to_owned();
        return line;
    }
    while let Some(word) = words.next() {
        if in_unit {
            if !is_unit_word(word) {
                line.unit.push_str(word);
            }
        } else if line.street.is_empty()
            && line.number.is_empty()
            && word.as_bytes().first().is_some_and(u8::is_ascii_digit)
            && words.peek().is_some()
        {
            word.trim_start_matches('0').clone_into(&mut line.number);
        } else if is_unit_word(word) && !line.street.is_empty() && words.peek().is_some() {
            in_unit = true;
        } else if line.number.is_empty() && !line.street.is_empty() && is_house_number(word) {
            // The number follows the street in most countries, and the unit the number.
            word.clone_into(&mut line.number);
            in_unit = true;
        } else {
            let (name, kind) = unglued(word);
            for part in [name, short(kind)] {
                if !line.street.is_empty() && !part.is_empty() {
                    line.street.push(' ');
                }
                line.street.push_str(part);
            }
        }
    }
    line
}

/// A postal code as a number: five digits of a US code, or a hash of another country's; 0 where
/// missing or a filler.
pub(crate) fn zip_code(text: &str) -> u32 {
    let text = text.trim();
    let head = text.split('-').next().unwrap_or_default().trim();
    if head.is_empty() || matches!(head, "00000" | "99999" | "0") {
        return 0;
    }
    if head.len() <= 9 && head.bytes().all(|b| b.is_ascii_digit()) {
        let digits = head.get(..5).unwrap_or(head);
        return digits.parse::<u32>().map_or(0, |n| n + 1);
    }
    // Letters and digits of other countries: seven of them in base 36 fit with the top bit set.
    let signs = text.bytes().filter(u8::is_ascii_alphanumeric);
    let value = signs
        .map(|sign| sign.to_ascii_lowercase())
        .fold(None, |value, sign| {
            Some(
                value
                    .unwrap_or(0_u32)
                    .wrapping_mul(37)
                    .wrapping_add(u32::from(sign)),
            )
        });
    value.map_or(0, |value| value | 0x8000_0000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notations_of_one_address_agree() {
        let a = split_line("1158 Ridge Road #50", "");
        let b = split_line("1158 RIDGE RD, Apt. 50", "");
        assert_eq!((&a.number, &a.street, &a.unit), (&b.number, &b.street, &b.unit));
        assert_eq!(a.unit, "50");
        let apart = split_line("forbes street", "44");
        assert_eq!(
            (apart.number.as_str(), apart.street.as_str()),
            ("44", "forbes st")
        );
        let after = split_line("Hauptstraße 12b, 3. Stock", "");
        assert_eq!(
            (after.number.as_str(), after.street.as_str()),
            ("12b", "hauptstrasse")
        );
        assert_eq!(split_line("5 42nd St", "").street, "42nd st");
        assert_eq!(split_line("PO Box 7091", "").street, "pobox");
        assert_eq!(split_line("1 endeavourstreet", "").street, "endeavour st");
    }

    #[test]
    fn zip_codes_are_compared_by_their_first_five_digits() {
        assert_eq!(zip_code("49713-1234"), zip_code("49713"));
        assert_eq!(zip_code("497131234"), zip_code("49713"));
        assert_eq!(zip_code(""), 0);
        assert_eq!(zip_code("-"), 0);
        assert_eq!(zip_code("\u{200b}…"), 0);
        assert_ne!(zip_code("K1A 0B1"), zip_code("K1A 0B2"));
        assert_eq!(zip_code("K1A 0B1"), zip_code("k1a0b1"));
    }
}
