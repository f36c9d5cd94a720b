//! The arena: nodes in document order, attributes in one list, text kept as ranges.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use ehr_types::{LineIndex, SourceLocation, Span};

use super::element::Element;
use super::encoding::OffsetMap;
use super::marks::Reading;
use super::namespace::Namespace;

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

/// A range of the decoded text, or of the side buffer when the text had to be unescaped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Slice {
    pub(super) start: u32,
    pub(super) len: u32,
    pub(super) side: bool,
}

impl Slice {
    /// A range of the decoded text.
    pub(super) fn new(start: usize, end: usize) -> Self {
        Self {
            start: start as u32,
            len: (end - start) as u32,
            side: false,
        }
    }

    /// A range of the side buffer.
    pub(super) fn aside(start: usize, end: usize) -> Self {
        Self {
            side: true,
            ..Self::new(start, end)
        }
    }

    pub(super) fn end(self) -> usize {
        self.start as usize + self.len as usize
    }

    pub(super) fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end()).unwrap_or_default()
    }
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
        Element::new(self, NodeId::DOCUMENT, None)
    }

    /// The document node; what is read through it is marked in `marks`.
    pub fn reading<'d>(&'d self, marks: &'d Reading) -> Element<'d> {
        Element::new(self, NodeId::DOCUMENT, Some(marks))
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
    pub(super) fn ordinal(&self, id: NodeId) -> Option<u32> {
        let ordinals = self.ordinals.get_or_init(|| self.all_ordinals());
        ordinals.get(id.index()).copied().filter(|ordinal| *ordinal > 0)
    }

    fn all_ordinals(&self) -> Vec<u32> {
        let mut ordinals = vec![0; self.nodes.len()];
        // Count and first of each name under the parent at hand; looked up only, never iterated.
        let mut seen: HashMap<&str, (u32, NodeId)> = HashMap::new();
        for parent in &self.nodes {
            if parent.first_child == parent.last_child {
                continue;
            }
            // To clear a map costs its capacity, which a single flood of names must not make everyone pay.
            if seen.capacity() > 64 + 4 * seen.len() {
                seen = HashMap::new();
            }
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

    /// Bytes of the source.
    pub fn source_len(&self) -> usize {
        self.source_len
    }

    /// The parent of a node; `None` at the document node.
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.node(id)
            .map(|node| node.parent)
            .filter(|parent| *parent != NodeId::NONE)
    }

    /// Fills [`Self::ids`], once the tree stands.
    pub(super) fn index_ids(&mut self) {
        let mut ids = Vec::new();
        for (index, node) in self.nodes.iter().enumerate() {
            let (start, end) = node.attributes;
            let attributes = self.attributes.get(start as usize..end as usize);
            let of_node = attributes.unwrap_or_default().iter().filter(|attribute| {
                attribute.namespace == Namespace::None && self.slice(attribute.name) == "ID"
            });
            ids.extend(of_node.map(|attribute| (attribute.value, NodeId(index as u32))));
        }
        ids.sort_by(|(a, x), (b, y)| (self.slice(*a), x).cmp(&(self.slice(*b), y)));
        self.ids = ids;
    }

    pub(super) fn slice(&self, slice: Slice) -> &str {
        slice.of(if slice.side { &self.side } else { &self.text })
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
