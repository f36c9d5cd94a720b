//! Coded values: CWE, and with the same places CE, CNE, CF and the codes of older versions.

use std::fmt;

use super::datatype;
use crate::value::Value;
use crate::view::Node;

datatype! {
    /// CWE, coded with exceptions. CE and CNE have the same parts, so they are read with this type;
    /// an ID or IS field is one with CWE.1 alone.
    Cwe = "CWE" {
        /// CWE.1: code.
        identifier: Value = 1,
        /// CWE.2: text of the code.
        text: Value = 2,
        /// CWE.3: name of the coding system (table 0396): `LN`, `SCT`, `I10`, `L`.
        coding_system: Value = 3,
        /// CWE.4: code in another system.
        alternate_identifier: Value = 4,
        /// CWE.5: text of the alternate code.
        alternate_text: Value = 5,
        /// CWE.6: name of the alternate coding system.
        alternate_coding_system: Value = 6,
        /// CWE.7: version of the coding system.
        coding_system_version: Value = 7,
        /// CWE.8: version of the alternate coding system.
        alternate_coding_system_version: Value = 8,
        /// CWE.9: what the author wrote or saw.
        original_text: Value = 9,
        /// CWE.10: code in a third system.
        second_alternate_identifier: Value = 10,
        /// CWE.11: text of the second alternate code.
        second_alternate_text: Value = 11,
        /// CWE.12: name of the third coding system.
        second_alternate_coding_system: Value = 12,
        /// CWE.13: version of the third coding system.
        second_alternate_coding_system_version: Value = 13,
        /// CWE.14: OID of the coding system.
        coding_system_oid: Value = 14,
        /// CWE.15: OID of the value set.
        value_set_oid: Value = 15,
        /// CWE.16: version of the value set.
        value_set_version: Value = 16,
        /// CWE.17: OID of the alternate coding system.
        alternate_coding_system_oid: Value = 17,
        /// CWE.18: OID of the alternate value set.
        alternate_value_set_oid: Value = 18,
        /// CWE.19: version of the alternate value set.
        alternate_value_set_version: Value = 19,
        /// CWE.20: OID of the third coding system.
        second_alternate_coding_system_oid: Value = 20,
        /// CWE.21: OID of the third value set.
        second_alternate_value_set_oid: Value = 21,
        /// CWE.22: version of the third value set.
        second_alternate_value_set_version: Value = 22,
    }
}

/// One of the up to three codes of a [`Cwe`].
#[derive(Clone, Copy)]
pub struct Code<'m> {
    node: Node<'m>,
    /// Numbers of the parts: code, text, system, version, OID of the system, OID of the value set.
    parts: [u32; 6],
}

impl<'m> Code<'m> {
    fn part(&self, index: usize) -> Node<'m> {
        self.node.part(self.parts.get(index).copied().unwrap_or(0))
    }

    /// The code.
    pub fn identifier(&self) -> Value<'m> {
        self.part(0).value()
    }

    /// The text of the code.
    pub fn text(&self) -> Value<'m> {
        self.part(1).value()
    }

    /// The name of the coding system (table 0396).
    pub fn coding_system(&self) -> Value<'m> {
        self.part(2).value()
    }

    /// The version of the coding system.
    pub fn coding_system_version(&self) -> Value<'m> {
        self.part(3).value()
    }

    /// The OID of the coding system.
    pub fn coding_system_oid(&self) -> Value<'m> {
        self.part(4).value()
    }

    /// The OID of the value set.
    pub fn value_set_oid(&self) -> Value<'m> {
        self.part(5).value()
    }

    /// Where the code stands.
    pub fn node(&self) -> Node<'m> {
        self.part(0)
    }
}

/// Shows the place, not the code.
impl fmt::Debug for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code at {:?}", self.part(0))
    }
}

impl<'m> Cwe<'m> {
    /// The codes in order, of which the code or its text is written; none is dropped.
    ///
    /// ```
    /// use ehr_hl7v2::{datatype::Cwe, Message};
    /// let message = Message::parse(b"MSH|^~\\&\rOBX|1|NM|718-7^Hgb^LN^HGB^Hemoglobin^L\r")?;
    /// let code: Cwe = message.first("OBX").and_then(|obx| obx.field(3).read()).ok_or("no code")?;
    /// let systems: Vec<_> = code.codes().map(|code| code.coding_system().text().map(str::to_owned)).collect();
    /// assert_eq!(systems, [Some("LN".into()), Some("L".into())]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn codes(&self) -> impl Iterator<Item = Code<'m>> + use<'m> {
        let node = self.0;
        [
            [1, 2, 3, 7, 14, 15],
            [4, 5, 6, 8, 17, 18],
            [10, 11, 12, 13, 20, 21],
        ]
        .into_iter()
        .map(move |parts| Code { node, parts })
        .filter(|code| code.identifier().is_text() || code.text().is_text())
    }

    /// What a person is to read: the original text, else the first text of a code.
    pub fn display(&self) -> Option<std::borrow::Cow<'m, str>> {
        [9, 2, 5, 11]
            .iter()
            .find_map(|part| self.0.part(*part).some_text())
    }
}
