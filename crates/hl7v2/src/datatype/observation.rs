//! OBX-5, whose data type OBX-2 names.

use super::*;
use crate::segment::Segment;

/// One value of OBX-5, read as the data type that OBX-2 names.
///
/// ```
/// use ehr_hl7v2::{datatype::ObservationValue, Message};
/// let message = Message::parse(b"MSH|^~\\&\rOBX|1|SN|||>^100\r")?;
/// let obx = message.first("OBX").ok_or("no OBX")?;
/// let values: Vec<_> = ObservationValue::read_all(obx).collect();
/// assert!(matches!(&values[..], [ObservationValue::StructuredNumber(number)] if number.display() == ">100"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ObservationValue<'m> {
    /// NM, also SI: a number.
    Number(Nm<'m>),
    /// SN: a number with comparator, range or ratio.
    StructuredNumber(Sn<'m>),
    /// CWE, CE, CNE, CF, ID, IS: a code.
    Coded(Cwe<'m>),
    /// ST, TX, GTS: text.
    Text(Node<'m>),
    /// FT: text with formatting commands.
    FormattedText(Node<'m>),
    /// DTM, TS: date and time.
    DateTime(Dtm<'m>),
    /// DT: date.
    Date(Dt<'m>),
    /// TM: time of day.
    Time(Tm<'m>),
    /// DR: range of times.
    DateRange(Dr<'m>),
    /// CQ: quantity with units.
    Quantity(Cq<'m>),
    /// MO: money.
    Money(Mo<'m>),
    /// CP: price.
    Price(Cp<'m>),
    /// ED: encapsulated data.
    Data(Ed<'m>),
    /// RP: pointer to data.
    Pointer(Rp<'m>),
    /// CX, CK: identifier of a person or a case.
    Identifier(Cx<'m>),
    /// EI: identifier of an entity.
    Entity(Ei<'m>),
    /// HD: identifier of an organisation or application.
    Designator(Hd<'m>),
    /// XPN, PN: name of a person.
    PersonName(Xpn<'m>),
    /// XCN, CN: identifier and name of a person.
    Person(Xcn<'m>),
    /// XON: organisation.
    Organization(Xon<'m>),
    /// XAD, AD: address.
    Address(Xad<'m>),
    /// XTN, TN: telephone number or electronic address.
    Telecom(Xtn<'m>),
    /// PL: place.
    Place(Pl<'m>),
    /// Any other type, or none in OBX-2: the value as it is.
    Other(Node<'m>),
}

impl<'m> ObservationValue<'m> {
    /// A node as the data type of a name (table 0125).
    pub fn of(data_type: &str, node: Node<'m>) -> Self {
        match data_type.trim().to_ascii_uppercase().as_str() {
            "NM" | "SI" => Self::Number(Nm::of(node)),
            "SN" => Self::StructuredNumber(Sn::of(node)),
            "CWE" | "CE" | "CNE" | "CF" | "ID" | "IS" => Self::Coded(Cwe::of(node)),
            "ST" | "TX" | "GTS" => Self::Text(node),
            "FT" => Self::FormattedText(node),
            "DTM" | "TS" => Self::DateTime(Dtm::of(node)),
            "DT" => Self::Date(Dt::of(node)),
            "TM" => Self::Time(Tm::of(node)),
            "DR" => Self::DateRange(Dr::of(node)),
            "CQ" => Self::Quantity(Cq::of(node)),
            "MO" => Self::Money(Mo::of(node)),
            "CP" => Self::Price(Cp::of(node)),
            "ED" => Self::Data(Ed::of(node)),
            "RP" => Self::Pointer(Rp::of(node)),
            "CX" | "CK" => Self::Identifier(Cx::of(node)),
            "EI" => Self::Entity(Ei::of(node)),
            "HD" => Self::Designator(Hd::of(node)),
            "XPN" | "PN" => Self::PersonName(Xpn::of(node)),
            "XCN" | "CN" => Self::Person(Xcn::of(node)),
            "XON" => Self::Organization(Xon::of(node)),
            "XAD" | "AD" => Self::Address(Xad::of(node)),
            "XTN" | "TN" => Self::Telecom(Xtn::of(node)),
            "PL" => Self::Place(Pl::of(node)),
            _ => Self::Other(node),
        }
    }

    /// The values of OBX-5 of a segment: each repetition in which something is written.
    pub fn read_all(obx: Segment<'m>) -> impl Iterator<Item = Self> + use<'m> {
        let data_type = obx.field(2).leaf().text();
        obx.field(5)
            .read_all()
            .map(move |node| Self::of(&data_type, node))
    }
}
