//! What happens while a document is read, kept outside the tree: which leaves were looked at, what was found.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use ehr_types::{Finding, Offset, Severity, SourceLocation, Span};

use super::element::Element;
use super::namespace::Namespace;
use super::tree::{Document, Kind, NodeId};

/// Faults of content that are listed one by one.
pub(crate) const MAX_FINDINGS: usize = 10_000;

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
    /// Bytes of text that references may still lead to.
    allowance: Cell<usize>,
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
            allowance: Cell::new(document.text.len().saturating_mul(4).saturating_add(16 << 20)),
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
        let mut findings = self.findings.borrow_mut();
        if findings.len() > MAX_FINDINGS {
            return;
        }
        // A value that two conversions look at is reported once.
        if self.reported.borrow_mut().insert((at.span, code)) {
            let finding = if findings.len() < MAX_FINDINGS {
                Finding::new(code, severity, at, message)
            } else {
                Finding::error("ccda.limit.findings", at, "more faults than are listed follow")
            };
            findings.push(finding);
        }
    }

    /// Takes `bytes` from the allowance of text read through references. Without one, a few references to one large text
    /// would make a small document huge.
    pub(super) fn spend(&self, bytes: usize) -> bool {
        let left = self.allowance.get().checked_sub(bytes);
        if let Some(left) = left {
            self.allowance.set(left);
        }
        left.is_some()
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

/// One attribute or text with content, as [`Reading`] sees it.
struct Leaf<'d> {
    element: Element<'d>,
    attribute: Option<usize>,
    node: NodeId,
    structural: bool,
    span: (u32, u32),
}

impl<'d> Leaf<'d> {
    fn value(&self) -> &'d str {
        let document = self.element.document();
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

    fn path(&self) -> String {
        let mut path = self.element.path();
        match self
            .attribute
            .and_then(|index| self.element.document().attributes.get(index))
        {
            Some(attribute) => {
                path.push_str("/@");
                path.push_str(self.element.document().slice(attribute.name));
            }
            None => path.push_str("/text()"),
        }
        path
    }

    fn location(&self) -> SourceLocation {
        self.element.document().locate(self.path(), self.span)
    }
}

impl<'d> Element<'d> {
    /// Marks every leaf at and below the element as read.
    pub fn mark_read(self) {
        let Some(marks) = self.marks() else { return };
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

    fn visit_leaves(self, visit: &mut dyn FnMut(Leaf<'d>)) {
        let name = self.name();
        let structural = matches!(name, "templateId" | "typeId" | "realmCode");
        for (index, attribute) in self.attribute_data() {
            let value = self.document().slice(attribute.value);
            if value.trim().is_empty() {
                continue;
            }
            let structural = structural
                || matches!(attribute.namespace, Namespace::Xsi | Namespace::Xml)
                || match self.document().slice(attribute.name) {
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
                node: self.id(),
                structural,
                span: attribute.span,
            });
        }
        for id in self.child_ids() {
            let Some(node) = self.document().node(id) else {
                break;
            };
            if node.kind == Kind::Text {
                if !self.document().slice(node.text).trim().is_empty() {
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
