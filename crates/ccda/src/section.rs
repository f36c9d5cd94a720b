//! Sections of a document's body, however deep they stand.

use std::borrow::Cow;

use crate::template::{EntryKind, SectionKind};
use crate::xml::Element;

/// A `section` element.
#[derive(Clone, Copy, Debug)]
pub struct Section<'d> {
    /// The element.
    pub element: Element<'d>,
    /// What it is about.
    pub kind: SectionKind,
}

/// A clinical statement in an `entry`.
#[derive(Clone, Copy, Debug)]
pub struct Statement<'d> {
    /// The `act`, `observation`, `organizer`, `procedure`, `encounter`, `substanceAdministration`, `supply`….
    pub element: Element<'d>,
    /// What it states.
    pub kind: EntryKind,
}

/// Names of the elements that are clinical statements (CDA R2, ClinicalStatement choice).
pub(crate) const STATEMENTS: [&str; 9] = [
    "act",
    "encounter",
    "observation",
    "observationMedia",
    "organizer",
    "procedure",
    "regionOfInterest",
    "substanceAdministration",
    "supply",
];

impl<'d> Section<'d> {
    /// The view of a `section` element.
    pub fn new(element: Element<'d>) -> Self {
        Self {
            element,
            kind: SectionKind::of(element),
        }
    }

    /// The title.
    pub fn title(self) -> Option<Cow<'d, str>> {
        self.element.child("title").and_then(Element::text)
    }

    /// The narrative block.
    pub fn narrative(self) -> Option<Element<'d>> {
        self.element.child("text")
    }

    /// The statements of the entries, in order.
    pub fn statements(self) -> impl Iterator<Item = Statement<'d>> + use<'d> {
        self.element
            .children("entry")
            .flat_map(Element::elements)
            .filter(|element| is_statement(*element))
            .map(move |element| Statement {
                element,
                kind: EntryKind::of(element, self.kind),
            })
    }

    /// The sections directly inside this one.
    pub fn subsections(self) -> impl Iterator<Item = Section<'d>> + use<'d> {
        self.element
            .children("component")
            .filter_map(|component| component.child("section"))
            .map(Section::new)
    }
}

pub(crate) fn is_statement(element: Element<'_>) -> bool {
    STATEMENTS.contains(&element.name()) && element.is(element.name())
}

impl<'d> Element<'d> {
    /// All sections at or below this element, outermost first, in document order.
    pub fn sections(self) -> Vec<Section<'d>> {
        let own = std::iter::once(self);
        own.chain(self.descendants())
            .filter(|element| element.is("section"))
            .map(Section::new)
            .collect()
    }
}
