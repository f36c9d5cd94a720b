//! The form of codes, as far as it can be known without a table of them.

use ehr_types::Severity;

use super::Checker;
use crate::xml::Element;

/// The null flavours of HL7 v3.
const NULL_FLAVORS: &[&str] = &[
    "NI", "INV", "DER", "OTH", "NINF", "PINF", "UNC", "MSK", "NA", "UNK", "ASKU", "NAV", "NASK", "QS", "TRC",
    "NP",
];

/// The states of acts in HL7 v3.
const ACT_STATES: &[&str] = &[
    "new",
    "active",
    "completed",
    "aborted",
    "cancelled",
    "held",
    "suspended",
    "nullified",
    "obsolete",
    "normal",
];

impl Checker {
    /// Null flavour and code of any element.
    pub(super) fn code(&mut self, element: Element<'_>) {
        if element
            .null_flavor()
            .is_some_and(|flavor| !NULL_FLAVORS.contains(&flavor))
        {
            self.say(
                Severity::Error,
                "ccda.check.null-flavor",
                element,
                "not a null flavour",
            );
        }
        let (Some(code), Some(system)) = (element.attribute("code"), element.attribute("codeSystem")) else {
            return;
        };
        let digits = |from: usize, to: usize| {
            (from..=to).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit())
        };
        let right = match system {
            "2.16.840.1.113883.6.1" => is_loinc(code),
            "2.16.840.1.113883.6.96" => is_sctid(code),
            "2.16.840.1.113883.6.88" => digits(1, 8),
            "2.16.840.1.113883.12.292" | "2.16.840.1.113883.6.59" => digits(1, 3),
            "2.16.840.1.113883.6.90" => is_icd_10(code),
            "2.16.840.1.113883.6.101" => code.len() == 10 && code.bytes().all(|b| b.is_ascii_alphanumeric()),
            "2.16.840.1.113883.5.1" => matches!(code, "M" | "F" | "UN"),
            "2.16.840.1.113883.5.2" => matches!(
                code,
                "A" | "C" | "D" | "I" | "L" | "M" | "P" | "S" | "T" | "U" | "W"
            ),
            _ => true,
        };
        let known = self.places.contains(&element.span());
        if !right && !known {
            self.say(
                Severity::Warning,
                "ccda.check.code.form",
                element,
                "a code that its code system cannot have",
            );
        }
    }

    pub(super) fn status(&mut self, element: Element<'_>) {
        if element
            .attribute("code")
            .is_some_and(|code| !ACT_STATES.contains(&code))
        {
            self.say(
                Severity::Error,
                "ccda.check.status",
                element,
                "not a state of acts",
            );
        }
    }

    /// A language tag: BCP 47 as RFC 5646 writes it, at least a language of two or three letters.
    pub(super) fn language(&mut self, element: Element<'_>) {
        let Some(code) = element.attribute("code") else {
            return;
        };
        let mut parts = code.split(['-', '_']);
        let language = parts.next().unwrap_or_default();
        let right = (2..=3).contains(&language.len())
            && language.bytes().all(|b| b.is_ascii_alphabetic())
            && parts
                .all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
        if !right {
            self.say(
                Severity::Error,
                "ccda.check.language",
                element,
                "not a language tag",
            );
        }
    }
}

fn is_icd_10(code: &str) -> bool {
    let (category, rest) = code.split_once('.').unwrap_or((code, ""));
    let mut bytes = category.bytes();
    let letter = bytes.next().is_some_and(|b| b.is_ascii_alphabetic());
    let digit = bytes.next().is_some_and(|b| b.is_ascii_digit());
    let dotless = rest.is_empty() && category.len() <= 7;
    letter
        && digit
        && (category.len() == 3 || dotless)
        && category.len() >= 3
        && rest.len() <= 4
        && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.')
}

/// The form of a LOINC code: digits, a hyphen, one check digit (mod 10).
pub(super) fn is_loinc(code: &str) -> bool {
    // Answers and parts are checked by form alone: their check digit follows another rule.
    let prefixed = code.strip_prefix("LA").or_else(|| code.strip_prefix("LP"));
    let code = prefixed.unwrap_or(code);
    let Some((number, check)) = code.split_once('-') else {
        return false;
    };
    if number.is_empty()
        || number.len() > 7
        || check.len() != 1
        || !code.bytes().all(|b| b.is_ascii_digit() || b == b'-')
    {
        return false;
    }
    if prefixed.is_some() {
        return true;
    }
    let sum: u32 = number
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte - b'0');
            if place % 2 == 0 {
                if digit > 4 { digit * 2 - 9 } else { digit * 2 }
            } else {
                digit
            }
        })
        .sum();
    check.parse() == Ok((10 - sum % 10) % 10)
}

/// The form of a SNOMED CT identifier: 6 to 18 digits with a Verhoeff check digit.
pub(super) fn is_sctid(code: &str) -> bool {
    const D: [[u8; 10]; 10] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
        [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
        [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
        [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ];
    const P: [[u8; 10]; 8] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
        [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
        [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
        [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
        [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
        [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
        [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
    ];
    if !(6..=18).contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let mut check = 0_u8;
    for (place, byte) in code.bytes().rev().enumerate() {
        let permuted = P
            .get(place % 8)
            .and_then(|row| row.get(usize::from(byte - b'0')))
            .copied()
            .unwrap_or_default();
        check = D
            .get(usize::from(check))
            .and_then(|row| row.get(usize::from(permuted)))
            .copied()
            .unwrap_or_default();
    }
    check == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits() {
        assert!(
            is_loinc("48765-2")
                && is_loinc("8716-3")
                && is_loinc("LA6576-8")
                && !is_loinc("48765-3")
                && !is_loinc("x")
        );
        assert!(is_sctid("419199007") && is_sctid("55561003") && !is_sctid("419199008") && !is_sctid("12"));
    }
}
