//! Addresses: XAD, SAD.

use std::borrow::Cow;

use super::coded::Cwe;
use super::datatype;
use super::identifier::Ei;
use super::time::{Dr, Dtm};

datatype! {
    /// SAD, street address. A component that is not divided is the street line.
    Sad = "SAD" {
        /// SAD.1: street line, or mailing address.
        street_or_mailing_address: Value = 1,
        /// SAD.2: name of the street.
        street_name: Value = 2,
        /// SAD.3: number of the house.
        dwelling_number: Value = 3,
    }
}

datatype! {
    /// XAD, extended address.
    Xad = "XAD" {
        /// XAD.1: street address.
        street_address: Sad = 1,
        /// XAD.2: other designation: flat, second line.
        other_designation: Value = 2,
        /// XAD.3: city.
        city: Value = 3,
        /// XAD.4: state or province.
        state_or_province: Value = 4,
        /// XAD.5: postal code.
        zip_or_postal_code: Value = 5,
        /// XAD.6: country (table 0399: ISO 3166).
        country: Value = 6,
        /// XAD.7: kind of the address (table 0190): `H` home, `B` business, `M` mailing.
        address_type: Value = 7,
        /// XAD.8: other geographic designation.
        other_geographic_designation: Value = 8,
        /// XAD.9: county or parish (table 0289).
        county_or_parish_code: Value = 9,
        /// XAD.10: census tract (table 0288).
        census_tract: Value = 10,
        /// XAD.11: script (table 0465).
        address_representation_code: Value = 11,
        /// XAD.12: validity, in older versions.
        address_validity_range: Dr = 12,
        /// XAD.13: first day of validity.
        effective_date: Dtm = 13,
        /// XAD.14: last day of validity.
        expiration_date: Dtm = 14,
        /// XAD.15: why it is no longer valid (table 0616).
        expiration_reason: Cwe = 15,
        /// XAD.16: whether it is temporary (table 0136).
        temporary_indicator: Value = 16,
        /// XAD.17: whether it is known to be wrong (table 0136).
        bad_address_indicator: Value = 17,
        /// XAD.18: use (table 0617).
        address_usage: Value = 18,
        /// XAD.19: addressee.
        addressee: Value = 19,
        /// XAD.20: comment.
        comment: Value = 20,
        /// XAD.21: order of preference, 1 first.
        preference_order: Value = 21,
        /// XAD.22: whether it must be kept secret (table 0618).
        protection_code: Cwe = 22,
        /// XAD.23: identifier of the address.
        address_identifier: Ei = 23,
    }
}

impl<'m> Xad<'m> {
    /// The lines before the city, in order: street (or street name and number, where only these are
    /// given) and other designation.
    pub fn lines(&self) -> Vec<Cow<'m, str>> {
        let street = self.street_address();
        let line = street.street_or_mailing_address().into_text().or_else(|| {
            match (
                street.dwelling_number().into_text(),
                street.street_name().into_text(),
            ) {
                (Some(number), Some(name)) => Some(Cow::Owned(format!("{number} {name}"))),
                (number, name) => name.or(number),
            }
        });
        line.into_iter()
            .chain(self.other_designation().into_text())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Message;

    #[test]
    fn lines_are_street_and_other_designation() {
        for (text, lines) in [
            ("1 Elm St^Apt 2^Town", vec!["1 Elm St", "Apt 2"]),
            ("&Elm St&1", vec!["1 Elm St"]),
            ("1 Elm St&Elm St&1", vec!["1 Elm St"]),
            ("^^Town", vec![]),
        ] {
            let source = format!("MSH|^~\\&\rPID|||||||||||{text}\r");
            let message = Message::parse(source.as_bytes()).unwrap();
            let address: Xad = message.first("PID").unwrap().field(11).read().unwrap();
            assert_eq!(address.lines(), lines, "{text}");
        }
    }
}
