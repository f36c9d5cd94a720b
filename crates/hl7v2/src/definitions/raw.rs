//! The rows of the generated tables.

/// Index of a name in the pool of names.
pub(super) type Name = u16;

/// In a list of elements: the position is not defined.
pub(super) const NOTHING: u16 = u16::MAX;
/// In a member: the rest is an index of a group.
pub(super) const GROUP: u16 = 0x8000;
/// In a member: any segment.
pub(super) const ANY_SEGMENT: u16 = 0x7FFF;
/// In a cardinality: no upper bound.
pub(super) const UNBOUNDED: u8 = u8::MAX;

/// A field or component: name, data type, table, length, item number, least and greatest number of
/// repetitions (0: withdrawn). Zero stands for no table, length or item number.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Element(
    pub(super) Name,
    pub(super) Name,
    pub(super) u16,
    pub(super) u16,
    pub(super) u16,
    pub(super) u8,
    pub(super) u8,
);

/// A group: name, place of its first member, number of members, whether it is a choice.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Group(pub(super) Name, pub(super) u16, pub(super) u8, pub(super) bool);

/// A member of a group: the name of a segment, or [`ANY_SEGMENT`], or [`GROUP`] and the index of a
/// group; least and greatest number of repetitions.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Member(pub(super) u16, pub(super) u8, pub(super) u8);

/// What one version defines; each list holds pairs, in the order of their first names.
pub(super) struct Definitions {
    /// Name of a segment, list of its fields.
    pub(super) segments: &'static [u16],
    /// Name of a data type, list of its components.
    pub(super) datatypes: &'static [u16],
    /// Name of a structure, its group.
    pub(super) structures: &'static [u16],
    /// Message code and event (`ADT_A04`), name of the structure.
    pub(super) events: &'static [u16],
}
