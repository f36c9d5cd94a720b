//! The rows of the generated tables.

/// Index of a name in the pool of names.
pub(super) type Name = u16;

/// In a list of elements: the position is not defined.
pub(super) const NOTHING: u16 = u16::MAX;
/// In a member: the rest is an index of a group, not the name of a segment.
pub(super) const GROUP: u16 = 0x8000;
/// In a member: it must occur. In the use of an element: so as well.
pub(super) const REQUIRED: u16 = 0x4000;
/// In a member: it may occur without bound. In the use of an element: so as well.
pub(super) const REPEATS: u16 = 0x2000;
/// In the use of an element: it must not be valued any more.
pub(super) const WITHDRAWN: u16 = 0x1000;
/// In a member: the bits of the index or name.
pub(super) const INDEX: u16 = 0x1FFF;
/// In a member, among the bits of the index: any segment.
pub(super) const ANY_SEGMENT: u16 = INDEX;
/// In the use of an element: the bits of the number of its table.
pub(super) const TABLE: u16 = 0x0FFF;

/// A field or component: name, length, item number, use, and the place of its data type in the list of
/// data types. The use is the number of a table with the marks above. Zero stands for no length, item
/// number or table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Element(
    pub(super) Name,
    pub(super) u16,
    pub(super) u16,
    pub(super) u16,
    pub(super) u8,
);

/// A group: name, place of its first member, number of members, whether it is a choice.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Group(pub(super) Name, pub(super) u16, pub(super) u8, pub(super) bool);

/// A member of a group: the name of a segment, or [`ANY_SEGMENT`], or [`GROUP`] and the index of a
/// group; with the marks above.
pub(super) type Member = u16;

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
