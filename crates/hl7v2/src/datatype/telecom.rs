//! Telephone numbers and electronic addresses: XTN.

use std::borrow::Cow;

use super::coded::Cwe;
use super::datatype;
use super::identifier::Ei;
use super::time::Dtm;

datatype! {
    /// XTN, extended telecommunication number.
    Xtn = "XTN" {
        /// XTN.1: the number as one text, in older versions and in most feeds.
        telephone_number: Value = 1,
        /// XTN.2: use (table 0201): `PRN` home, `WPN` work, `NET` electronic.
        use_code: Value = 2,
        /// XTN.3: equipment (table 0202): `PH`, `FX`, `CP`, `Internet`.
        equipment_type: Value = 3,
        /// XTN.4: electronic address.
        communication_address: Value = 4,
        /// XTN.5: country code, without `+`.
        country_code: Value = 5,
        /// XTN.6: area or city code.
        area_city_code: Value = 6,
        /// XTN.7: local number.
        local_number: Value = 7,
        /// XTN.8: extension.
        extension: Value = 8,
        /// XTN.9: comment.
        any_text: Value = 9,
        /// XTN.10: what to dial before the extension.
        extension_prefix: Value = 10,
        /// XTN.11: speed dial code.
        speed_dial_code: Value = 11,
        /// XTN.12: the number as one text, as it is to be shown or dialled.
        unformatted_telephone_number: Value = 12,
        /// XTN.13: start of validity.
        effective_start_date: Dtm = 13,
        /// XTN.14: end of validity.
        expiration_date: Dtm = 14,
        /// XTN.15: why it is no longer valid (table 0868).
        expiration_reason: Cwe = 15,
        /// XTN.16: whether it must be kept secret (table 0618).
        protection_code: Cwe = 16,
        /// XTN.17: identifier shared by uses of one number.
        shared_identifier: Ei = 17,
        /// XTN.18: order of preference, 1 first.
        preference_order: Value = 18,
    }
}

impl<'m> Xtn<'m> {
    /// The number or address as one text: as the sender wrote it whole (XTN.4 for electronic
    /// addresses, XTN.12, XTN.1), else put together from XTN.5 to XTN.8.
    ///
    /// ```
    /// use ehr_hl7v2::{datatype::Xtn, Message};
    /// let message = Message::parse(b"MSH|^~\\&\rPID|||||||||||||^PRN^PH^^1^555^1234567^89\r")?;
    /// let number: Option<Xtn> = message.first("PID").and_then(|pid| pid.field(13).read());
    /// assert_eq!(number.and_then(|number| number.number()).as_deref(), Some("+1 555 1234567 ext. 89"));
    /// # Ok::<(), ehr_hl7v2::ParseError>(())
    /// ```
    pub fn number(&self) -> Option<Cow<'m, str>> {
        if self.is_electronic()
            && let Some(address) = self.communication_address().into_text()
        {
            return Some(address);
        }
        let whole = self
            .unformatted_telephone_number()
            .into_text()
            .or_else(|| self.telephone_number().into_text());
        whole
            .or_else(|| self.assembled().map(Cow::Owned))
            .or_else(|| self.communication_address().into_text())
    }

    /// The number put together from country code, area code, local number and extension.
    pub fn assembled(&self) -> Option<String> {
        let local = self.local_number().into_text()?;
        let mut number = String::new();
        if let Some(country) = self.country_code().into_text() {
            if !country.starts_with('+') {
                number.push('+');
            }
            number.push_str(&country);
            number.push(' ');
        }
        if let Some(area) = self.area_city_code().into_text() {
            number.push_str(&area);
            number.push(' ');
        }
        number.push_str(&local);
        if let Some(extension) = self.extension().into_text() {
            number.push_str(" ext. ");
            number.push_str(&extension);
        }
        Some(number)
    }

    /// Whether use or equipment says that this is an electronic address, or only XTN.4 is filled.
    pub fn is_electronic(&self) -> bool {
        let equipment = self.equipment_type();
        let says = self.use_code().text() == Some("NET")
            || equipment.text().is_some_and(|kind| {
                ["Internet", "X.400"]
                    .iter()
                    .any(|net| kind.eq_ignore_ascii_case(net))
            });
        let no_number = ![1, 7, 12].iter().any(|part| self.0.part(*part).has_text());
        says || (no_number && self.communication_address().is_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Message;

    #[test]
    fn a_number_is_one_text() {
        for (text, number, electronic) in [
            ("(555)123-4567", Some("(555)123-4567"), false),
            ("^NET^Internet^a@b.org", Some("a@b.org"), true),
            ("^^^a@b.org", Some("a@b.org"), true),
            ("a@b.org^NET", Some("a@b.org"), true),
            ("^PRN^PH^^^555^1234567", Some("555 1234567"), false),
            ("^PRN^PH^^^555", None, false),
            ("^PRN^PH^^^^^^^^^+1 555", Some("+1 555"), false),
        ] {
            let source = format!("MSH|^~\\&\rPID|||||||||||||{text}\r");
            let message = Message::parse(source.as_bytes()).unwrap();
            let telecom: Xtn = message.first("PID").unwrap().field(13).read().unwrap();
            assert_eq!(telecom.number().as_deref(), number, "{text}");
            assert_eq!(telecom.is_electronic(), electronic, "{text}");
        }
    }
}
