//! What happens while a document is read, kept outside the tree: which leaves were looked at, what was found.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use super::tree::{Document, Element, NodeId};
use ehr_types::{Finding, Offset, Severity, SourceLocation, Span};

/// One reading of a [`Document`]: marks on the leaves (attributes and text) that have been read, and the
/// findings about their values.
///
/// An [`Element`] obtained through [`Document::reading`] sets a mark with every attribute or text that
/// it hands out. What is left unmarked is the residual: content that nobody looked at.
///
/// ```
/// use ehr_ccda::{Document, Limits, Reading};
/// let parsed = Document::parse(b"<code code='1' displayName='one'/>", &Limits::default());
/// let reading = Reading::new(&parsed.document);
/// let code = parsed.document.reading(&reading).elements().next().unwrap();
/// assert_eq!(code.attribute("code"), Some("1"));
/// let left: Vec<_> = reading.unread(code).iter().map(|leaf| leaf.path.clone()).collect();
/// assert_eq!(left, ["/code/@displayName"]);
/// ```
pub struct Reading {
    /// The zone of times that state none, where somebody knows it.
    pub default_offset: Option<Offset>,
    attributes: Vec<Cell<bool>>,
    nodes: Vec<Cell<bool>>,
    findings: RefCell<Vec<Finding>>,
    reported: RefCell<BTreeSet<(Option<Span>, &'static str)>>,
}

/// A leaf with content that no conversion has read. Holds no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadLeaf {
    /// The element that has the attribute or text.
    pub element: NodeId,
    /// Path of the leaf, such as `/ClinicalDocument/…/code/@displayName` or `…/text()`.
    pub path: String,
    /// Bytes of the leaf in the source.
    pub location: SourceLocation,
}

impl Reading {
    /// No leaf read yet.
    pub fn new(document: &Document) -> Self {
        Self {
            default_offset: None,
            attributes: vec![Cell::new(false); document.attribute_count()],
            nodes: vec![Cell::new(false); document.node_count()],
            findings: RefCell::default(),
            reported: RefCell::default(),
        }
    }

    /// The findings reported so far, in the order in which the values were read.
    pub fn into_findings(self) -> Vec<Finding> {
        self.findings.into_inner()
    }

    pub(super) fn report(
        &self,
        severity: Severity,
        code: &'static str,
        at: SourceLocation,
        message: &'static str,
    ) {
        // A value that two conversions look at is reported once.
        if self.reported.borrow_mut().insert((at.span, code)) {
            self.findings
                .borrow_mut()
                .push(Finding::new(code, severity, at, message));
        }
    }

    pub(super) fn attribute(&self, index: usize) {
        if let Some(mark) = self.attributes.get(index) {
            mark.set(true);
        }
    }

    pub(super) fn node(&self, id: NodeId) {
        if let Some(mark) = self.nodes.get(id.index()) {
            mark.set(true);
        }
    }

    pub(super) fn has_attribute(&self, index: usize) -> bool {
        self.attributes.get(index).is_some_and(Cell::get)
    }

    pub(super) fn has_node(&self, id: NodeId) -> bool {
        self.nodes.get(id.index()).is_some_and(Cell::get)
    }

    /// The leaves with content below (and at) `element` that have not been read, in document order.
    ///
    /// Structural attributes that carry no clinical content of their own (`classCode`, `typeCode`,
    /// `xsi:type`, template and type ids, a `moodCode` of `EVN`) are not listed.
    pub fn unread(&self, element: Element<'_>) -> Vec<UnreadLeaf> {
        self.unread_values(element)
            .into_iter()
            .map(|(leaf, _)| leaf)
            .collect()
    }

    /// As [`Self::unread`], with the values.
    pub(crate) fn unread_values<'d>(&self, element: Element<'d>) -> Vec<(UnreadLeaf, &'d str)> {
        let mut out = Vec::new();
        element.visit_leaves(&mut |leaf| {
            let read = match leaf.attribute {
                Some(index) => self.has_attribute(index),
                None => self.has_node(leaf.node),
            };
            if !read && !leaf.structural {
                let unread = UnreadLeaf {
                    element: leaf.element.id(),
                    path: leaf.path(),
                    location: leaf.location(),
                };
                out.push((unread, leaf.value()));
            }
        });
        out
    }
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let read = self
            .attributes
            .iter()
            .chain(&self.nodes)
            .filter(|mark| mark.get())
            .count();
        write!(
            f,
            "Reading({read} of {})",
            self.attributes.len() + self.nodes.len()
        )
    }
}
