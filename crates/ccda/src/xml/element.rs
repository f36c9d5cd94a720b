//! Elements as readers see them: children, attributes, text, place.

use std::borrow::Cow;
use std::fmt;

use ehr_types::{Severity, SourceLocation, Span};

use super::marks::Reading;
use super::namespace::Namespace;
use super::tree::{AttributeData, Document, Kind, NodeData, NodeId};

/// A child of an element.
#[derive(Clone, Copy, Debug)]
pub enum Node<'d> {
    /// A child element.
    Element(Element<'d>),
    /// Character data, entities resolved, white space as in the source.
    Text(&'d str),
}

/// A handle on one element; cheap to copy.
#[derive(Clone, Copy)]
pub struct Element<'d> {
    document: &'d Document,
    id: NodeId,
    reading: Option<&'d Reading>,
    /// Whether looking leaves no marks and says nothing.
    silent: bool,
}

impl PartialEq for Element<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.document, other.document) && self.id == other.id
    }
}

impl Eq for Element<'_> {}

impl fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Element({})", self.path())
    }
}

impl<'d> Element<'d> {
    pub(super) fn new(document: &'d Document, id: NodeId, reading: Option<&'d Reading>) -> Self {
        Self {
            document,
            id,
            reading,
            silent: false,
        }
    }

    /// Where to mark what is looked at.
    pub(super) fn marks(self) -> Option<&'d Reading> {
        self.reading.filter(|_| !self.silent)
    }

    fn data(self) -> Option<&'d NodeData> {
        self.document.node(self.id)
    }

    pub(super) fn at(self, id: NodeId) -> Self {
        Self { id, ..self }
    }

    /// The document this element belongs to.
    pub fn document(self) -> &'d Document {
        self.document
    }

    /// Position of the element in the document; later elements have greater ids.
    pub fn id(self) -> NodeId {
        self.id
    }

    /// The same element without setting read-marks.
    #[must_use]
    pub fn peek(self) -> Self {
        Self { silent: true, ..self }
    }

    /// The local name; empty for the document node.
    pub fn name(self) -> &'d str {
        self.data()
            .filter(|node| node.kind == Kind::Element)
            .map_or("", |node| self.document.slice(node.text))
    }

    /// The namespace.
    pub fn namespace(self) -> Namespace {
        self.data().map_or(Namespace::None, |node| node.namespace)
    }

    /// Whether this is the element `name` of CDA (`urn:hl7-org:v3`, or no namespace at all).
    pub fn is(self, name: &str) -> bool {
        matches!(self.namespace(), Namespace::Hl7V3 | Namespace::None) && self.name() == name
    }

    /// The parent element; `None` at a root.
    pub fn parent(self) -> Option<Self> {
        let parent = self.data()?.parent;
        (parent != NodeId::NONE && parent != NodeId::DOCUMENT).then(|| self.at(parent))
    }

    /// Child elements and texts, in order. Marks texts as read when they are reached.
    pub fn nodes(self) -> impl Iterator<Item = Node<'d>> + use<'d> {
        self.child_ids().filter_map(move |id| {
            let node = self.document.node(id)?;
            Some(match node.kind {
                Kind::Text => {
                    if let Some(marks) = self.marks() {
                        marks.node(id);
                    }
                    Node::Text(self.document.slice(node.text))
                }
                Kind::Element | Kind::Document => Node::Element(self.at(id)),
            })
        })
    }

    pub(super) fn child_ids(self) -> impl Iterator<Item = NodeId> + use<'d> {
        let document = self.document;
        let mut next = self.data().map_or(NodeId::NONE, |node| node.first_child);
        std::iter::from_fn(move || {
            let id = next;
            next = document.node(id)?.next;
            Some(id)
        })
    }

    /// Child elements of any namespace.
    pub fn elements(self) -> impl Iterator<Item = Self> + use<'d> {
        self.child_ids()
            .filter(move |id| {
                self.document
                    .node(*id)
                    .is_some_and(|node| node.kind == Kind::Element)
            })
            .map(move |id| self.at(id))
    }

    /// The CDA children called `name`.
    pub fn children(self, name: &'static str) -> impl Iterator<Item = Self> + use<'d> {
        self.elements().filter(move |element| element.is(name))
    }

    /// The first CDA child called `name`.
    pub fn child(self, name: &'static str) -> Option<Self> {
        self.children(name).next()
    }

    /// The first element reached by the CDA child names in `path`, trying every branch.
    pub fn find(self, path: &[&'static str]) -> Option<Self> {
        match path.split_first() {
            None => Some(self),
            Some((name, rest)) => self.children(name).find_map(|child| child.find(rest)),
        }
    }

    /// All elements reached by the CDA child names in `path`, in document order.
    pub fn find_all(self, path: &[&'static str]) -> Vec<Self> {
        match path.split_first() {
            None => vec![self],
            Some((name, rest)) => self
                .children(name)
                .flat_map(|child| child.find_all(rest))
                .collect(),
        }
    }

    /// The children called `name` in the `sdtc` namespace.
    pub fn sdtc(self, name: &'static str) -> impl Iterator<Item = Self> + use<'d> {
        self.elements()
            .filter(move |element| element.namespace() == Namespace::Sdtc && element.name() == name)
    }

    /// All elements below this one, in document order.
    pub fn descendants(self) -> impl Iterator<Item = Self> + use<'d> {
        // Nodes are stored in document order, so a subtree is a contiguous run of the arena.
        let last = self.last_descendant();
        (self.id.0 + 1..=last.0)
            .map(NodeId)
            .filter(move |id| {
                self.document
                    .node(*id)
                    .is_some_and(|node| node.kind == Kind::Element)
            })
            .map(move |id| self.at(id))
    }

    fn last_descendant(self) -> NodeId {
        let mut id = self.id;
        while let Some(node) = self.document.node(id) {
            if node.last_child == NodeId::NONE {
                break;
            }
            id = node.last_child;
        }
        id
    }

    /// The value of the attribute `name` without namespace, trimmed; `None` when absent or blank.
    pub fn attribute(self, name: &str) -> Option<&'d str> {
        let (index, attribute) = self
            .attribute_data()
            .find(|(_, a)| a.namespace == Namespace::None && self.document.slice(a.name) == name)?;
        if let Some(marks) = self.marks() {
            marks.attribute(index);
        }
        Some(self.document.slice(attribute.value).trim()).filter(|value| !value.is_empty())
    }

    /// Whether the attribute `name` is there, even blank.
    pub fn has_attribute(self, name: &str) -> bool {
        self.attribute_data()
            .any(|(_, a)| a.namespace == Namespace::None && self.document.slice(a.name) == name)
    }

    /// The local part of the type name in `xsi:type`.
    pub fn xsi_type(self) -> Option<&'d str> {
        let (index, attribute) = self
            .attribute_data()
            .find(|(_, a)| a.namespace == Namespace::Xsi && self.document.slice(a.name) == "type")?;
        if let Some(marks) = self.marks() {
            marks.attribute(index);
        }
        let value = self.document.slice(attribute.value).trim();
        Some(value.rsplit_once(':').map_or(value, |(_, local)| local)).filter(|value| !value.is_empty())
    }

    /// Names and values of all attributes, in order; does not set read-marks.
    pub fn attributes(self) -> impl Iterator<Item = (Namespace, &'d str, &'d str)> + use<'d> {
        self.attribute_data().map(move |(_, a)| {
            (
                a.namespace,
                self.document.slice(a.name),
                self.document.slice(a.value),
            )
        })
    }

    pub(super) fn attribute_data(self) -> impl Iterator<Item = (usize, &'d AttributeData)> + use<'d> {
        let (start, end) = self.data().map_or((0, 0), |node| node.attributes);
        let all = self
            .document
            .attributes
            .get(start as usize..end as usize)
            .unwrap_or_default();
        all.iter().enumerate().map(move |(i, a)| (start as usize + i, a))
    }

    /// The `nullFlavor`, when present.
    pub fn null_flavor(self) -> Option<&'d str> {
        self.attribute("nullFlavor")
    }

    /// The element's own text, with white space collapsed; `None` when there is none.
    pub fn text(self) -> Option<Cow<'d, str>> {
        let mut out: Option<Cow<'d, str>> = None;
        for node in self.nodes() {
            if let Node::Text(text) = node {
                out = Some(match out {
                    None => Cow::Borrowed(text),
                    Some(before) => Cow::Owned(format!("{before} {text}")),
                });
            }
        }
        out.map(collapse).filter(|text| !text.is_empty())
    }

    /// All text below the element, with white space collapsed; `None` when there is none.
    pub fn deep_text(self) -> Option<String> {
        let mut out = String::new();
        self.push_text(&mut out);
        let out = collapse(Cow::Owned(out)).into_owned();
        (!out.is_empty()).then_some(out)
    }

    fn push_text(self, out: &mut String) {
        for node in self.nodes() {
            match node {
                Node::Text(text) => out.push_str(text),
                Node::Element(element) => {
                    out.push(' ');
                    element.push_text(out);
                    out.push(' ');
                }
            }
        }
    }

    /// The element of this document whose `ID` attribute is `id`.
    pub fn by_id(self, id: &str) -> Option<Self> {
        let ids = &self.document.ids;
        let found = ids.partition_point(|(slice, _)| self.document.slice(*slice) < id);
        let (slice, node) = ids.get(found)?;
        (self.document.slice(*slice) == id).then(|| self.at(*node))
    }

    /// Bytes of the whole element in the source.
    pub fn span(self) -> Span {
        self.document
            .source_span(self.data().map_or((0, 0), |node| node.span))
    }

    /// The bytes of the element in the decoded text, as written.
    pub fn source_text(self) -> &'d str {
        let (start, end) = self.data().map_or((0, 0), |node| node.span);
        self.document
            .text
            .get(start as usize..end as usize)
            .unwrap_or_default()
    }

    /// The path from the root: `/ClinicalDocument/component/structuredBody/component[2]/section`.
    ///
    /// An index (from 1) stands where a parent has several children of that name.
    pub fn path(self) -> String {
        let mut steps = Vec::new();
        let mut at = self;
        while at.id != NodeId::DOCUMENT {
            let Some(node) = at.data() else { break };
            steps.push(at);
            at = at.at(node.parent);
        }
        if steps.is_empty() {
            return "/".to_owned();
        }
        let mut path = String::new();
        for step in steps.iter().rev() {
            path.push('/');
            if step.namespace() == Namespace::Sdtc {
                path.push_str("sdtc:");
            }
            path.push_str(step.name());
            if let Some(ordinal) = self.document.ordinal(step.id) {
                path.push('[');
                path.push_str(&ordinal.to_string());
                path.push(']');
            }
        }
        path
    }

    /// Path, bytes, line and column.
    pub fn location(self) -> SourceLocation {
        self.document
            .locate(self.path(), self.data().map_or((0, 0), |node| node.span))
    }

    /// The zone to assume for times that state none, as told to the [`Reading`].
    pub(crate) fn default_offset(self) -> Option<ehr_types::Offset> {
        self.reading.and_then(|reading| reading.default_offset)
    }

    /// Takes what the text of `target` costs from what may be read through references; `false` when it is used up.
    pub(crate) fn affords(self, target: Element<'_>) -> bool {
        self.reading
            .is_none_or(|reading| reading.spend(target.span().len()))
    }

    /// Reports something about this element to the [`Reading`] it was obtained through, if any.
    pub fn report(self, severity: Severity, code: &'static str, message: &'static str) {
        if let Some(marks) = self.marks() {
            marks.report(severity, code, self.location(), message);
        }
    }
}

/// Trims and turns every run of white space into one space.
fn collapse(text: Cow<'_, str>) -> Cow<'_, str> {
    let trimmed = text.trim();
    let clean = !trimmed.contains("  ") && !trimmed.contains(|c: char| c.is_whitespace() && c != ' ');
    if clean {
        return match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
    }
    Cow::Owned(trimmed.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    fn parse(text: &str) -> Document {
        Document::parse(text.as_bytes(), &Limits::default()).document
    }

    #[test]
    fn paths_count_only_siblings_of_the_same_name() {
        let document = parse("<a><b/><c/><b><d x='1'/></b></a>");
        let d = document.root().unwrap().find(&["b", "d"]).unwrap();
        assert_eq!(d.path(), "/a/b[2]/d");
        assert_eq!(d.location().column, Some(15));
    }

    #[test]
    fn namespaces_resolve_by_uri_whatever_the_prefix() {
        let document = parse(
            "<x:a xmlns:x='urn:hl7-org:v3' xmlns:s='urn:hl7-org:sdtc' xmlns:i='http://www.w3.org/2001/XMLSchema-instance'>\
             <x:value i:type='x:CD' code=' 1 '/><s:raceCode code='2'/><raceCode/></x:a>",
        );
        let root = document.root().unwrap();
        assert!(root.is("a"));
        assert_eq!(root.child("value").unwrap().xsi_type(), Some("CD"));
        assert_eq!(root.child("value").unwrap().attribute("code"), Some("1"));
        assert_eq!(root.sdtc("raceCode").count(), 1);
        assert_eq!(root.children("raceCode").count(), 1);
    }

    #[test]
    fn ids_are_found_and_text_is_collapsed() {
        let document = parse("<t><td ID='b'>two\n   words<br/> more</td><td ID='a'/></t>");
        let root = document.root().unwrap();
        assert_eq!(
            root.by_id("b").unwrap().deep_text().as_deref(),
            Some("two words more")
        );
        assert_eq!(root.by_id("b").unwrap().text().as_deref(), Some("two words more"));
        assert!(root.by_id("c").is_none());
        assert_eq!(root.descendants().count(), 3);
    }

    #[test]
    fn debug_never_shows_content() {
        let document = parse("<a b='secret'>secret</a>");
        assert!(!format!("{document:?} {:?}", document.root()).contains("secret"));
    }
}
