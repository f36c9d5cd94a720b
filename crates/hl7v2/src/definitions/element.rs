//! Segments and their fields, data types and their components.

use std::fmt;

use super::generated::elements::{DATATYPES, ELEMENTS, MEMBERS, STARTS};
use super::names::name;
use super::raw::{Element, NOTHING, REPEATS, REQUIRED, TABLE, WITHDRAWN};

/// A segment as one version defines it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SegmentDefinition(pub(super) List);

/// A data type as one version defines it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DatatypeDefinition(pub(super) List);

/// A field of a segment, or a component of a data type, as one version defines it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ElementDefinition(&'static Element);

/// A name and a list of elements by position.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct List {
    pub(super) name: u16,
    pub(super) list: u16,
}

impl List {
    fn members(self) -> &'static [u16] {
        let at = usize::from(self.list);
        match (STARTS.get(at), STARTS.get(at + 1)) {
            (Some(start), Some(end)) => MEMBERS
                .get(usize::from(*start)..usize::from(*end))
                .unwrap_or_default(),
            _ => &[],
        }
    }

    fn element(self, position: usize) -> Option<ElementDefinition> {
        let index = *self.members().get(position.checked_sub(1)?)?;
        ELEMENTS
            .get(usize::from(index))
            .filter(|_| index != NOTHING)
            .map(ElementDefinition)
    }

    fn elements(self) -> impl Iterator<Item = (usize, ElementDefinition)> {
        (1..=self.members().len()).filter_map(move |at| self.element(at).map(|element| (at, element)))
    }
}

impl SegmentDefinition {
    /// The segment's identifier: `PID`.
    pub fn id(&self) -> &'static str {
        name(self.0.name)
    }

    /// The field at a position, from 1; `None` where this version defines none.
    pub fn field(&self, position: usize) -> Option<ElementDefinition> {
        self.0.element(position)
    }

    /// The defined fields with their positions, in order.
    pub fn fields(&self) -> impl Iterator<Item = (usize, ElementDefinition)> {
        self.0.elements()
    }

    /// The position of the last defined field.
    pub fn field_count(&self) -> usize {
        self.0.members().len()
    }
}

impl DatatypeDefinition {
    /// The name of the type: `XPN`.
    pub fn name(&self) -> &'static str {
        name(self.0.name)
    }

    /// The component at a position, from 1; `None` where this version defines none.
    pub fn component(&self, position: usize) -> Option<ElementDefinition> {
        self.0.element(position)
    }

    /// The defined components with their positions, in order.
    pub fn components(&self) -> impl Iterator<Item = (usize, ElementDefinition)> {
        self.0.elements()
    }

    /// The position of the last defined component.
    pub fn component_count(&self) -> usize {
        self.0.members().len()
    }
}

impl ElementDefinition {
    /// The name in lower case with underscores: `patient_name`.
    pub fn name(&self) -> &'static str {
        name(self.0.0)
    }

    /// The data type: `XPN`; `varies` for OBX-5 and its like, `WD` for what was withdrawn.
    pub fn datatype(&self) -> &'static str {
        DATATYPES
            .get(usize::from(self.0.4))
            .map_or("", |datatype| name(*datatype))
    }

    /// The number of the table that its codes come from: 1 for HL70001.
    pub fn table(&self) -> Option<u16> {
        Some(self.0.3 & TABLE).filter(|table| *table != 0)
    }

    /// The greatest length in characters, where the sources hold one.
    pub fn length(&self) -> Option<u16> {
        Some(self.0.1).filter(|length| *length != 0)
    }

    /// The number of the data element, unique for a meaning: 108 for a patient's name.
    pub fn item(&self) -> Option<u16> {
        Some(self.0.2).filter(|item| *item != 0)
    }

    /// Whether at least one repetition must be valued.
    pub fn is_required(&self) -> bool {
        self.0.3 & REQUIRED != 0
    }

    /// Whether it must not be valued any more.
    pub fn is_withdrawn(&self) -> bool {
        self.0.3 & WITHDRAWN != 0
    }

    /// Whether it may occur more than once.
    pub fn repeats(&self) -> bool {
        self.0.3 & REPEATS != 0
    }

    /// How often it may occur: not at all when it is withdrawn, once, or without bound (`None`).
    pub fn max_repetitions(&self) -> Option<u8> {
        (!self.repeats()).then(|| u8::from(!self.is_withdrawn()))
    }
}

impl fmt::Debug for SegmentDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SegmentDefinition({}, {} fields)",
            self.id(),
            self.field_count()
        )
    }
}

impl fmt::Debug for DatatypeDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "DatatypeDefinition({}, {} components)",
            self.name(),
            self.component_count()
        )
    }
}

impl fmt::Debug for ElementDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ElementDefinition")
            .field("name", &self.name())
            .field("datatype", &self.datatype())
            .field("table", &self.table())
            .field("required", &self.is_required())
            .field("max_repetitions", &self.max_repetitions())
            .finish_non_exhaustive()
    }
}
