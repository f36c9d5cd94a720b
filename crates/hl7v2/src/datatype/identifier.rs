//! Identifiers: CX, EI, EIP, HD.

use super::coded::Cwe;
use super::datatype;
use super::time::Dtm;

datatype! {
    /// HD, hierarchic designator: who assigned something, or which application sent it.
    Hd = "HD" {
        /// HD.1: name in a local table.
        namespace_id: Value = 1,
        /// HD.2: identifier that is unique in the world, of the kind that HD.3 names.
        universal_id: Value = 2,
        /// HD.3: kind of HD.2 (table 0301): `ISO` (OID), `UUID`, `DNS`, `CLIA` and others.
        universal_id_type: Value = 3,
    }
}

datatype! {
    /// EI, entity identifier: the identifier of an order, a document, a specimen.
    Ei = "EI" {
        /// EI.1: the identifier.
        entity_identifier: Value = 1,
        /// EI.2: name of the assigning authority in a local table.
        namespace_id: Value = 2,
        /// EI.3: universal identifier of the assigning authority.
        universal_id: Value = 3,
        /// EI.4: kind of EI.3 (table 0301).
        universal_id_type: Value = 4,
    }
}

datatype! {
    /// EIP, entity identifier pair: what the placer and the filler call one thing.
    Eip = "EIP" {
        /// EIP.1: the placer's identifier.
        placer: Ei = 1,
        /// EIP.2: the filler's identifier.
        filler: Ei = 2,
    }
}

datatype! {
    /// CX, extended composite identifier with check digit: the identifier of a person or a case.
    Cx = "CX" {
        /// CX.1: the identifier.
        id_number: Value = 1,
        /// CX.2: check digit.
        check_digit: Value = 2,
        /// CX.3: how the check digit is computed (table 0061): `M10`, `M11`, `ISO`, `NPI`.
        check_digit_scheme: Value = 3,
        /// CX.4: who assigned the identifier (table 0363).
        assigning_authority: Hd = 4,
        /// CX.5: kind of the identifier (table 0203): `MR`, `SS`, `DL`.
        identifier_type_code: Value = 5,
        /// CX.6: where it was first assigned.
        assigning_facility: Hd = 6,
        /// CX.7: first day of validity.
        effective_date: Dtm = 7,
        /// CX.8: last day of validity.
        expiration_date: Dtm = 8,
        /// CX.9: place that the assigning authority governs.
        assigning_jurisdiction: Cwe = 9,
        /// CX.10: agency that assigned it.
        assigning_agency: Cwe = 10,
        /// CX.11: security check.
        security_check: Value = 11,
        /// CX.12: how the security check is made.
        security_check_scheme: Value = 12,
    }
}

/// What the kinds of table 0301 have to do with the identifier itself.
fn is_oid(text: &str) -> bool {
    text.contains('.')
        && text
            .split('.')
            .all(|arc| !arc.is_empty() && arc.bytes().all(|byte| byte.is_ascii_digit()))
}

impl Hd<'_> {
    /// The object identifier, when HD.2 is one: by its kind `ISO`, or by its form when HD.3 is missing.
    pub fn oid(&self) -> Option<String> {
        let kind = self.universal_id_type();
        let id = self.universal_id().into_text()?;
        let declared = kind.text().is_none_or(|kind| kind.eq_ignore_ascii_case("ISO"));
        (declared && is_oid(&id)).then(|| id.into_owned())
    }
}

impl Cx<'_> {
    /// Whether CX.2 is the check digit that CX.3 asks for: Luhn for `M10` and `NPI`, modulus 11 for
    /// `M11`. `None` when no digit is given, the scheme is another, or the number is not decimal.
    ///
    /// ```
    /// use ehr_hl7v2::{datatype::Cx, Message};
    /// let message = Message::parse(b"MSH|^~\\&\rPID|||7992739871^3^M10\r")?;
    /// let id: Option<Cx> = message.first("PID").and_then(|pid| pid.field(3).read());
    /// assert_eq!(id.and_then(|id| id.check_digit_agrees()), Some(true));
    /// # Ok::<(), ehr_hl7v2::ParseError>(())
    /// ```
    pub fn check_digit_agrees(&self) -> Option<bool> {
        let (number, digit, scheme) = (self.id_number(), self.check_digit(), self.check_digit_scheme());
        let digits: Vec<u32> = number
            .text()?
            .chars()
            .map(|c| c.to_digit(10))
            .collect::<Option<_>>()?;
        let expected = match scheme.text()? {
            "M10" => luhn(&digits, 0),
            // An NPI is checked with the card issuer prefix 80840, whose digits sum to 24.
            "NPI" => luhn(&digits, 24),
            "M11" => {
                let weights = (2..=7).cycle();
                let sum: u32 = digits
                    .iter()
                    .rev()
                    .zip(weights)
                    .map(|(digit, weight)| digit * weight)
                    .sum();
                match 11 - sum % 11 {
                    11 => 0,
                    10 => return Some(false),
                    digit => digit,
                }
            }
            _ => return None,
        };
        Some(digit.text()?.parse() == Ok(expected))
    }
}

/// The Luhn check digit to put behind `digits`.
fn luhn(digits: &[u32], prefix: u32) -> u32 {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| {
            if index % 2 == 0 {
                digit * 2 / 10 + digit * 2 % 10
            } else {
                *digit
            }
        })
        .fold(prefix, |sum, digit| sum.wrapping_add(digit));
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Message;

    fn cx(text: &str, check: impl Fn(Cx<'_>)) {
        let source = format!("MSH|^~\\&\rPID|||{text}\r");
        let message = Message::parse(source.as_bytes()).unwrap();
        check(message.first("PID").unwrap().field(3).read().unwrap());
    }

    #[test]
    fn check_digits() {
        cx("123456789^3^NPI", |id| {
            assert_eq!(id.check_digit_agrees(), Some(true));
        });
        cx("123456789^4^NPI", |id| {
            assert_eq!(id.check_digit_agrees(), Some(false));
        });
        cx("123456^8^M11", |id| {
            assert_eq!(id.check_digit_agrees(), Some(false));
        });
        cx("123456^0^M11", |id| {
            assert_eq!(id.check_digit_agrees(), Some(true));
        });
        cx("A1^3^M10", |id| assert_eq!(id.check_digit_agrees(), None));
        cx("1", |id| assert_eq!(id.check_digit_agrees(), None));
    }

    #[test]
    fn authorities() {
        cx("1^^^X&1.2.3&ISO", |id| {
            assert_eq!(id.assigning_authority().oid().as_deref(), Some("1.2.3"));
        });
        cx("1^^^X&1.2.3", |id| {
            assert_eq!(id.assigning_authority().oid().as_deref(), Some("1.2.3"));
        });
        cx("1^^^X&1.2.3&DNS", |id| {
            assert_eq!(id.assigning_authority().oid(), None);
        });
        cx("1^^^X", |id| {
            assert_eq!(id.assigning_authority().namespace_id().text(), Some("X"));
            assert!(id.assigning_facility().is_empty());
        });
    }
}
