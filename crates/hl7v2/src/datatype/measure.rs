//! Numbers and amounts: NM, SN, CQ, MO, CP.

use ehr_types::{Decimal, ParseDecimalError};

use super::coded::Cwe;
use super::datatype;
use crate::value::Value;

datatype! {
    /// NM, number.
    Nm = "NM" {}
}

datatype! {
    /// SN, structured numeric: `>^100`, `^1^:^128`, `^3^+`.
    Sn = "SN" {
        /// SN.1: comparator: `>`, `<`, `>=`, `<=`, `=`, `<>`; `=` where it is empty.
        comparator: Value = 1,
        /// SN.2: first number.
        num1: Nm = 2,
        /// SN.3: separator (`-`, `:`, `/`, `.`) or suffix (`+`).
        separator_or_suffix: Value = 3,
        /// SN.4: second number.
        num2: Nm = 4,
    }
}

datatype! {
    /// CQ, quantity with units.
    Cq = "CQ" {
        /// CQ.1: quantity.
        quantity: Nm = 1,
        /// CQ.2: units.
        units: Cwe = 2,
    }
}

datatype! {
    /// MO, money.
    Mo = "MO" {
        /// MO.1: amount.
        quantity: Nm = 1,
        /// MO.2: currency (ISO 4217).
        denomination: Value = 2,
    }
}

datatype! {
    /// CP, composite price.
    Cp = "CP" {
        /// CP.1: price.
        price: Mo = 1,
        /// CP.2: kind of the price (table 0205).
        price_type: Value = 2,
        /// CP.3: lower end of the range it holds for.
        from_value: Nm = 3,
        /// CP.4: upper end of the range.
        to_value: Nm = 4,
        /// CP.5: units of the range.
        range_units: Cwe = 5,
        /// CP.6: kind of the range (table 0298).
        range_type: Value = 6,
    }
}

/// How a measured value compares to the number written (SN.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparator {
    /// `=`, or nothing written.
    Equal,
    /// `<>`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
}

impl<'m> Nm<'m> {
    /// What is written.
    pub fn value(&self) -> Value<'m> {
        self.0.part(1).value()
    }

    /// The number with its digits as written, spaces around it aside; `None` when nothing or null
    /// is written.
    ///
    /// # Errors
    /// The inner result is an error when the text is no number.
    pub fn decimal(&self) -> Option<Result<Decimal, ParseDecimalError>> {
        self.value()
            .text()
            .map(|text| Decimal::parse_numeric(text.trim()))
    }
}

impl Sn<'_> {
    /// The comparator; `None` when what is written is none.
    pub fn comparison(&self) -> Option<Comparator> {
        match self.comparator().text().map(str::trim) {
            None | Some("" | "=") => Some(Comparator::Equal),
            Some("<>") => Some(Comparator::NotEqual),
            Some("<") => Some(Comparator::Less),
            Some("<=") => Some(Comparator::LessOrEqual),
            Some(">") => Some(Comparator::Greater),
            Some(">=") => Some(Comparator::GreaterOrEqual),
            Some(_) => None,
        }
    }

    /// The value as people write it: `>100`, `1:128`, `3+`, `5-10`.
    pub fn display(&self) -> String {
        let parts = [
            self.comparator(),
            self.num1().value(),
            self.separator_or_suffix(),
            self.num2().value(),
        ];
        parts.iter().filter_map(Value::text).map(str::trim).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Message;

    #[test]
    fn structured_numbers() {
        for (text, comparison, display) in [
            (">^100", Some(Comparator::Greater), ">100"),
            ("^1^:^128", Some(Comparator::Equal), "1:128"),
            ("^3^+", Some(Comparator::Equal), "3+"),
            ("<>^ 5.50", Some(Comparator::NotEqual), "<>5.50"),
            ("about^5", None, "about5"),
        ] {
            let source = format!("MSH|^~\\&\rOBX|1|SN|||{text}\r");
            let message = Message::parse(source.as_bytes()).unwrap();
            let number: Sn = message.first("OBX").unwrap().field(5).read().unwrap();
            assert_eq!(number.comparison(), comparison, "{text}");
            assert_eq!(number.display(), display, "{text}");
        }
    }

    #[test]
    fn numbers_keep_their_digits() {
        let message = Message::parse(b"MSH|^~\\&\rOBX|1|CQ|||1.50^mg~ten^mg~\"\"^mg~^mg\r").unwrap();
        let amounts: Vec<Cq> = message.first("OBX").unwrap().field(5).read_all().collect();
        assert_eq!(amounts[0].quantity().decimal().unwrap().unwrap().as_str(), "1.50");
        assert!(amounts[1].quantity().decimal().unwrap().is_err());
        assert!(amounts[2].quantity().decimal().is_none() && amounts[2].quantity().value().is_null());
        assert!(amounts[3].quantity().decimal().is_none());
        assert_eq!(amounts[3].units().identifier().text(), Some("mg"));
    }
}
