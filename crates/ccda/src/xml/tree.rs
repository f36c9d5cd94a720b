//! The arena: nodes in document order, attributes in one list, text kept as ranges.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use ehr_types::{LineIndex, Severity, SourceLocation, Span};

use super::encoding::OffsetMap;
use super::marks::Reading;

/// Index of a node in its [`Document`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) u32);

impl NodeId {
    pub(super) const DOCUMENT: Self = Self(0);
    pub(super) const NONE: Self = Self(u32::MAX);

    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// The namespaces that matter in C-CDA; resolved by URI, never by prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Namespace {
    /// No namespace. Element look-ups treat it as [`Namespace::Hl7V3`], because fragments and some
    /// senders leave the declaration out.
    None,
    /// `urn:hl7-org:v3`.
    Hl7V3,
    /// `urn:hl7-org:sdtc`, the extensions of the structured documents workgroup.
    Sdtc,
    /// `http://www.w3.org/2001/XMLSchema-instance`.
    Xsi,
    /// `http://www.w3.org/XML/1998/namespace`.
    Xml,
    /// Any other.
    Other,
}

impl Namespace {
    pub(super) fn from_uri(uri: &str) -> Self {
        match uri {
            "" => Self::None,
            "urn:hl7-org:v3" => Self::Hl7V3,
            "urn:hl7-org:sdtc" => Self::Sdtc,
            "http://www.w3.org/2001/XMLSchema-instance" => Self::Xsi,
            "http://www.w3.org/XML/1998/namespace" => Self::Xml,
            _ => Self::Other,
        }
    }

    /// What a prefix means by custom, for documents that forgot to declare it.
    pub(super) fn from_custom(prefix: &str) -> Self {
        match prefix {
            "sdtc" => Self::Sdtc,
            "xsi" => Self::Xsi,
            "xml" => Self::Xml,
            "cda" | "hl7" | "v3" | "n1" => Self::Hl7V3,
            _ => Self::Other,
        }
    }
}

/// A range of the decoded text, or of the side buffer when the text had to be unescaped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Slice {
    pub(super) start: u32,
    pub(super) len: u32,
    pub(super) side: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Document,
    Element,
    Text,
}

#[derive(Clone, Debug)]
pub(super) struct NodeData {
    pub(super) kind: Kind,
    pub(super) namespace: Namespace,
    /// Local name of an element, content of a text.
    pub(super) text: Slice,
    pub(super) parent: NodeId,
    pub(super) first_child: NodeId,
    pub(super) last_child: NodeId,
    pub(super) next: NodeId,
    pub(super) attributes: (u32, u32),
    /// Offsets in the decoded text.
    pub(super) span: (u32, u32),
}

#[derive(Clone, Debug)]
pub(super) struct AttributeData {
    pub(super) namespace: Namespace,
    pub(super) name: Slice,
    pub(super) value: Slice,
    pub(super) span: (u32, u32),
}

/// An XML document as a tree with byte positions. Immutable once parsed.
///
/// `Debug` shows the size and never the content.
#[derive(Clone)]
pub struct Document {
    pub(super) text: Arc<str>,
    pub(super) side: String,
    pub(super) nodes: Vec<NodeData>,
    pub(super) attributes: Vec<AttributeData>,
    /// Elements that have an `ID` attribute, sorted by its value.
    pub(super) ids: Vec<(Slice, NodeId)>,
    pub(super) offsets: OffsetMap,
    pub(super) lines: LineIndex,
    pub(super) source_len: usize,
    /// Places among siblings of the same name, worked out when a path is first asked for.
    pub(super) ordinals: OnceLock<Vec<u32>>,
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Document({} bytes, {} nodes, {} attributes)",
            self.source_len,
            self.nodes.len(),
            self.attributes.len()
        )
    }
}

impl Document {
    /// The document node, whose children are the root element(s).
    pub fn top(&self) -> Element<'_> {
        Element {
            document: self,
            id: NodeId::DOCUMENT,
            marks: None,
        }
    }

    /// The document node; what is read through it is marked in `marks`.
    pub fn reading<'d>(&'d self, marks: &'d Reading) -> Element<'d> {
        Element {
            document: self,
            id: NodeId::DOCUMENT,
            marks: Some(marks),
        }
    }

    /// The (first) root element, if there is any element at all.
    pub fn root(&self) -> Option<Element<'_>> {
        self.top().elements().next()
    }

    /// Number of elements and texts, the document node included.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// Number of attributes.
    pub fn attribute_count(&self) -> usize {
        self.attributes.len()
    }

    /// The place of an element among its siblings of the same name, from 1; `None` when it is the only one.
    fn ordinal(&self, id: NodeId) -> Option<u32> {
        let ordinals = self.ordinals.get_or_init(|| self.all_ordinals());
        ordinals.get(id.index()).copied().filter(|ordinal| *ordinal > 0)
    }

    fn all_ordinals(&self) -> Vec<u32> {
        let mut ordinals = vec![0; self.nodes.len()];
        // Count and first of each name under the parent at hand; looked up only, never iterated.
        let mut seen: HashMap<&str, (u32, NodeId)> = HashMap::new();
        for parent in &self.nodes {
            seen.clear();
            let mut next = parent.first_child;
            while let Some(node) = self.node(next) {
                if node.kind == Kind::Element {
                    let (count, first) = seen.entry(self.slice(node.text)).or_insert((0, next));
                    *count += 1;
                    if *count > 1 {
                        if let Some(ordinal) = ordinals.get_mut(first.index()) {
                            *ordinal = 1;
                        }
                        if let Some(ordinal) = ordinals.get_mut(next.index()) {
                            *ordinal = *count;
                        }
                    }
                }
                next = node.next;
            }
        }
        ordinals
    }

    /// The parent of a node; `None` at the document node.
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.node(id)
            .map(|node| node.parent)
            .filter(|parent| *parent != NodeId::NONE)
    }

    pub(super) fn slice(&self, slice: Slice) -> &str {
        let from: &str = if slice.side { &self.side } else { &self.text };
        let start = slice.start as usize;
        from.get(start..start + slice.len as usize).unwrap_or_default()
    }

    pub(super) fn node(&self, id: NodeId) -> Option<&NodeData> {
        self.nodes.get(id.index())
    }

    /// Where the text offsets `span` stand in the source.
    pub(super) fn locate(&self, path: String, span: (u32, u32)) -> SourceLocation {
        let span = self.source_span(span);
        SourceLocation::new(path).at(span, &self.lines)
    }

    pub(super) fn source_span(&self, span: (u32, u32)) -> Span {
        Span::new(
            self.offsets.source(span.0 as usize),
            self.offsets.source(span.1 as usize),
        )
    }
}

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
    marks: Option<&'d Reading>,
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

/// One attribute or text with content, as [`Reading`] sees it.
pub(super) struct Leaf<'d> {
    pub(super) element: Element<'d>,
    pub(super) attribute: Option<usize>,
    pub(super) node: NodeId,
    pub(super) structural: bool,
    span: (u32, u32),
}

impl<'d> Leaf<'d> {
    pub(super) fn value(&self) -> &'d str {
        let document = self.element.document;
        match self.attribute {
            Some(index) => document
                .attributes
                .get(index)
                .map_or("", |a| document.slice(a.value)),
            None => document
                .node(self.node)
                .map_or("", |node| document.slice(node.text)),
        }
    }

    pub(super) fn path(&self) -> String {
        let mut path = self.element.path();
        match self
            .attribute
            .and_then(|index| self.element.document.attributes.get(index))
        {
            Some(attribute) => {
                path.push_str("/@");
                path.push_str(self.element.document.slice(attribute.name));
            }
            None => path.push_str("/text()"),
        }
        path
    }

    pub(super) fn location(&self) -> SourceLocation {
        self.element.document.locate(self.path(), self.span)
    }
}

impl<'d> Element<'d> {
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
        Self { marks: None, ..self }
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
                    if let Some(marks) = self.marks {
                        marks.node(id);
                    }
                    Node::Text(self.document.slice(node.text))
                }
                Kind::Element | Kind::Document => Node::Element(self.at(id)),
            })
        })
    }

    fn child_ids(self) -> impl Iterator<Item = NodeId> + use<'d> {
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
        if let Some(marks) = self.marks {
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
        if let Some(marks) = self.marks {
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

    fn attribute_data(self) -> impl Iterator<Item = (usize, &'d AttributeData)> + use<'d> {
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

    /// Marks every leaf at and below the element as read.
    pub fn mark_read(self) {
        let Some(marks) = self.marks else { return };
        self.visit_leaves(&mut |leaf| match leaf.attribute {
            Some(index) => marks.attribute(index),
            None => marks.node(leaf.node),
        });
    }

    /// Marks the null flavours at and below the element as read: for parts whose absence says no more than that they
    /// are absent.
    pub fn read_null_flavors(self) {
        for element in std::iter::once(self).chain(self.descendants()) {
            element.null_flavor();
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
            let name = at.name();
            let prefix = if node.namespace == Namespace::Sdtc {
                "sdtc:"
            } else {
                ""
            };
            steps.push(match self.document.ordinal(at.id) {
                Some(ordinal) => format!("/{prefix}{name}[{ordinal}]"),
                None => format!("/{prefix}{name}"),
            });
            at = at.at(node.parent);
        }
        if steps.is_empty() {
            return "/".to_owned();
        }
        steps.iter().rev().map(String::as_str).collect()
    }

    /// Path, bytes, line and column.
    pub fn location(self) -> SourceLocation {
        self.document
            .locate(self.path(), self.data().map_or((0, 0), |node| node.span))
    }

    /// The zone to assume for times that state none, as told to the [`Reading`].
    pub(crate) fn default_offset(self) -> Option<ehr_types::Offset> {
        self.marks.and_then(|marks| marks.default_offset)
    }

    /// Reports something about this element to the [`Reading`] it was obtained through, if any.
    pub fn report(self, severity: Severity, code: &'static str, message: &'static str) {
        if let Some(marks) = self.marks {
            marks.report(severity, code, self.location(), message);
        }
    }

    pub(super) fn visit_leaves(self, visit: &mut dyn FnMut(Leaf<'d>)) {
        let name = self.name();
        let structural = matches!(name, "templateId" | "typeId" | "realmCode");
        for (index, attribute) in self.attribute_data() {
            let value = self.document.slice(attribute.value);
            if value.trim().is_empty() {
                continue;
            }
            let structural = structural
                || matches!(attribute.namespace, Namespace::Xsi | Namespace::Xml)
                || match self.document.slice(attribute.name) {
                    "classCode"
                    | "typeCode"
                    | "determinerCode"
                    | "contextConductionInd"
                    | "contextControlCode"
                    | "inversionInd"
                    | "independentInd"
                    | "ID"
                    | "codeSystemName"
                    | "codeSystemVersion"
                    | "operator" => true,
                    "moodCode" => value == "EVN",
                    "negationInd" => value == "false",
                    _ => false,
                };
            visit(Leaf {
                element: self,
                attribute: Some(index),
                node: self.id,
                structural,
                span: attribute.span,
            });
        }
        for id in self.child_ids() {
            let Some(node) = self.document.node(id) else { break };
            if node.kind == Kind::Text {
                if !self.document.slice(node.text).trim().is_empty() {
                    visit(Leaf {
                        element: self,
                        attribute: None,
                        node: id,
                        structural: false,
                        span: node.span,
                    });
                }
            } else {
                self.at(id).visit_leaves(visit);
            }
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
    use super::super::Limits;
    use super::*;

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
