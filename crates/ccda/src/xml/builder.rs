//! Building the tree out of tokens: one lenient code path that reports to a list of faults.

use std::collections::BTreeSet;
use std::sync::Arc;

use ehr_types::Severity;
use quick_xml::Reader;
use quick_xml::errors::Error as XmlError;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::QName;

use super::attribute::{RawAttribute, attributes, normalize, resolve_reference};
use super::fault::Faults;
use super::namespace::{Namespace, Scopes};
use super::reader::Limits;
use super::tree::{AttributeData, Document, Kind, NodeData, NodeId, Slice};

struct Open {
    id: NodeId,
    /// The whole name as written, prefix included.
    name: Slice,
}

/// Character data under construction.
struct Pending {
    slice: Slice,
    span: (u32, u32),
}

pub(super) struct Builder {
    document: Document,
    faults: Faults,
    open: Vec<Open>,
    scopes: Scopes,
    text: Option<Pending>,
    /// Whether text outside of any element has been reported.
    stray_text: bool,
    limits: Limits,
}

/// Why building stopped early.
struct Stop {
    at: usize,
    code: &'static str,
    message: &'static str,
}

impl Builder {
    pub(super) fn new(document: Document, limits: Limits) -> Self {
        Self {
            document,
            faults: Faults::default(),
            open: Vec::new(),
            scopes: Scopes::default(),
            text: None,
            stray_text: false,
            limits,
        }
    }

    fn report(&mut self, severity: Severity, code: &'static str, at: usize, message: &'static str) {
        let node = self.open.last().map_or(NodeId::DOCUMENT, |open| open.id);
        self.faults.push(severity, code, at, message, node);
    }

    /// The tree of the document's text, and what is wrong with it.
    pub(super) fn build(mut self) -> (Document, Faults) {
        let text = Arc::clone(&self.document.text);
        self.push_node(
            Kind::Document,
            Namespace::None,
            Slice::default(),
            (0, text.len() as u32),
        );
        let stop = self.tokens(&text);
        let end = stop.as_ref().map_or(text.len(), |stop| stop.at);
        self.flush_text();
        match stop {
            Some(Stop { at, code, message }) => self.report(Severity::Fatal, code, at, message),
            None if !self.open.is_empty() => self.report(
                Severity::Error,
                "ccda.xml.unclosed",
                end,
                "the document ends before all elements are closed",
            ),
            None => {}
        }
        while !self.open.is_empty() {
            self.pop(end);
        }
        (self.document, self.faults)
    }

    fn tokens(&mut self, text: &str) -> Option<Stop> {
        let depth = self.limits.depth.min(i16::MAX as usize);
        // Where the reader at hand began: it begins anew behind a `<` that is no markup.
        let mut base = 0;
        let mut reader = reader(text, base);
        loop {
            let start = base + reader.buffer_position() as usize;
            if self.document.nodes.len() + self.document.attributes.len() > self.limits.nodes {
                return Some(Stop {
                    at: start,
                    code: "ccda.xml.limit.nodes",
                    message: "more nodes than the limit allows; the rest was not read",
                });
            }
            if is_stray(text, start) {
                self.report(
                    Severity::Error,
                    "ccda.xml.stray",
                    start,
                    "a < that begins no markup; read as text",
                );
                base = start + 1;
                self.text_run(text, start, base, None);
                reader = self::reader(text, base);
                continue;
            }
            let event = match reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    return Some(Stop {
                        at: (base + reader.error_position() as usize).max(start),
                        code: "ccda.xml.malformed",
                        message: describe(&error),
                    });
                }
            };
            let end = base + reader.buffer_position() as usize;
            match event {
                Event::Start(_) | Event::Empty(_) if self.open.len() >= depth => {
                    return Some(Stop {
                        at: start,
                        code: "ccda.xml.limit.depth",
                        message: "elements are nested deeper than the limit allows; the rest was not read",
                    });
                }
                Event::Start(tag) => self.start(text, &tag, start, end),
                Event::Empty(tag) => {
                    self.start(text, &tag, start, end);
                    self.pop(end);
                }
                Event::End(_) => self.end(text, start, end),
                Event::Text(_) => self.text_run(text, start, end, None),
                Event::CData(_) => {
                    let inner = start + 9;
                    self.text_run(text, inner, end.saturating_sub(3).max(inner), None);
                }
                Event::GeneralRef(reference) => {
                    let name = text.get(start + 1..end.saturating_sub(1)).unwrap_or_default();
                    let resolved = resolve_reference(&reference, name);
                    if resolved.is_none() {
                        self.unresolved(start);
                    }
                    self.text_run(text, start, end, resolved.as_deref());
                }
                Event::DocType(_) => self.doctype(text.get(start..end).unwrap_or_default(), start),
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
                Event::Eof => {
                    self.flush_text_between();
                    return None;
                }
            }
        }
    }

    fn doctype(&mut self, declaration: &str, at: usize) {
        let (severity, code, message) = if declaration.contains("<!ENTITY") {
            (
                Severity::Error,
                "ccda.xml.entity-declaration",
                "entity declarations are not obeyed in health records",
            )
        } else {
            (
                Severity::Warning,
                "ccda.xml.doctype",
                "a document type declaration has no place in CDA; ignored",
            )
        };
        self.report(severity, code, at, message);
    }

    fn unresolved(&mut self, at: usize) {
        self.report(
            Severity::Error,
            "ccda.xml.entity",
            at,
            "an entity that XML does not define; kept as it is written",
        );
    }

    /// Adds to the character data at hand: as written, or `resolved` in its place.
    fn text_run(&mut self, text: &str, start: usize, end: usize, resolved: Option<&str>) {
        if start >= end {
            return;
        }
        let raw = text.get(start..end).unwrap_or_default();
        if self.open.is_empty() {
            if !self.stray_text && !raw.trim().is_empty() {
                self.stray_text = true;
                let at = start + (raw.len() - raw.trim_start().len());
                self.report(
                    Severity::Error,
                    "ccda.xml.text-outside",
                    at,
                    "text outside of any element; not read",
                );
            }
            return;
        }
        let mut pending = self.text.take().unwrap_or(Pending {
            slice: Slice::new(start, start),
            span: (start as u32, start as u32),
        });
        let adjoins = !pending.slice.side && pending.slice.end() == start;
        if let (true, None) = (adjoins, resolved) {
            pending.slice.len += raw.len() as u32;
        } else {
            let side = &mut self.document.side;
            if !pending.slice.side {
                let from = side.len();
                side.push_str(pending.slice.of(text));
                pending.slice = Slice::aside(from, side.len());
            }
            side.push_str(resolved.unwrap_or(raw));
            pending.slice = Slice::aside(pending.slice.start as usize, side.len());
        }
        pending.span.1 = end as u32;
        self.text = Some(pending);
    }

    fn flush_text(&mut self) {
        if let Some(pending) = self.text.take() {
            self.push_node(Kind::Text, Namespace::None, pending.slice, pending.span);
        }
    }

    /// As [`Self::flush_text`]; white space between elements is dropped unless it stands in mixed content.
    fn flush_text_between(&mut self) {
        let blank = self.text.as_ref().is_some_and(|pending| {
            let run = pending.slice.of(&self.document.text);
            !pending.slice.side && run.trim().is_empty() && run.contains('\n')
        });
        if blank {
            self.text = None;
        } else {
            self.flush_text();
        }
    }

    fn push_node(&mut self, kind: Kind, namespace: Namespace, text: Slice, span: (u32, u32)) -> NodeId {
        let id = NodeId(self.document.nodes.len() as u32);
        let attributes = self.document.attributes.len() as u32;
        let parent = match kind {
            Kind::Document => NodeId::NONE,
            Kind::Element | Kind::Text => self.open.last().map_or(NodeId::DOCUMENT, |open| open.id),
        };
        self.document.nodes.push(NodeData {
            kind,
            namespace,
            text,
            parent,
            first_child: NodeId::NONE,
            last_child: NodeId::NONE,
            next: NodeId::NONE,
            attributes: (attributes, attributes),
            span,
        });
        let before = self.document.nodes.get_mut(parent.index()).map(|node| {
            if node.first_child == NodeId::NONE {
                node.first_child = id;
            }
            std::mem::replace(&mut node.last_child, id)
        });
        if let Some(node) = before.and_then(|before| self.document.nodes.get_mut(before.index())) {
            node.next = id;
        }
        id
    }

    fn start(&mut self, text: &str, tag: &BytesStart<'_>, start: usize, end: usize) {
        self.flush_text_between();
        let from = start + 1;
        let name_len = tag.name().0.len();
        let content = from + name_len + tag.attributes_raw().len();
        let raw = attributes(text.get(from..content).unwrap_or_default(), from, name_len);

        self.scopes.enter();
        for attribute in &raw.list {
            if let Some(declaration) = attribute.key.as_namespace_binding()
                && !self.scopes.bind(declaration, attribute.value)
            {
                self.report(
                    Severity::Error,
                    "ccda.xml.namespace",
                    attribute.key_at,
                    "a namespace declaration that XML forbids, or one of too many; not obeyed",
                );
            }
        }
        let (namespace, local) = self.resolve(tag.name(), from, true);
        let id = self.push_node(Kind::Element, namespace, local, (start as u32, end as u32));
        self.open.push(Open {
            id,
            name: Slice::new(from, from + name_len),
        });

        let first = self.document.attributes.len() as u32;
        let mut seen = BTreeSet::new();
        for attribute in raw.list.iter().filter(|a| a.key.as_namespace_binding().is_none()) {
            self.attribute(attribute, &mut seen);
        }
        let last = self.document.attributes.len() as u32;
        if let Some(node) = self.document.nodes.get_mut(id.index()) {
            node.attributes = (first, last);
        }
        if let Some(at) = raw.fault {
            self.report(
                Severity::Error,
                "ccda.xml.attribute",
                at,
                "an attribute that is not written as name=\"value\"",
            );
        }
    }

    fn attribute<'t>(&mut self, raw: &RawAttribute<'t>, seen: &mut BTreeSet<(Namespace, &'t str)>) {
        let (namespace, name) = self.resolve(raw.key, raw.key_at, false);
        if !seen.insert((namespace, raw.key.local_name().into_inner())) {
            self.report(
                Severity::Error,
                "ccda.xml.attribute.twice",
                raw.key_at,
                "an attribute is given twice; the first is read",
            );
        }
        let end = raw.value_at + raw.value.len();
        let value = if raw.value.contains(['&', '\n', '\r', '\t']) {
            let from = self.document.side.len();
            if let Some(at) = normalize(raw.value, &mut self.document.side) {
                self.unresolved(raw.value_at + at);
            }
            Slice::aside(from, self.document.side.len())
        } else {
            Slice::new(raw.value_at, end)
        };
        self.document.attributes.push(AttributeData {
            namespace,
            name,
            value,
            span: (raw.key_at as u32, end as u32),
        });
    }

    /// The namespace and the local part of a name that stands at this offset.
    fn resolve(&mut self, name: QName<'_>, at: usize, is_element: bool) -> (Namespace, Slice) {
        let (namespace, undeclared) = self.scopes.resolve(name, is_element);
        if undeclared {
            self.report(
                Severity::Warning,
                "ccda.xml.prefix",
                at,
                "a namespace prefix is not declared; read with its customary meaning, if it has one",
            );
        }
        let end = at + name.0.len();
        (
            namespace,
            Slice::new(end - name.local_name().into_inner().len(), end),
        )
    }

    fn end(&mut self, text: &str, start: usize, end: usize) {
        self.flush_text_between();
        let tag = text.get(start..end).unwrap_or_default();
        let name = tag.trim_start_matches("</").trim_end_matches('>').trim();
        // Lengths first: the name of every open element may have to be looked at.
        let depth = self
            .open
            .iter()
            .rev()
            .position(|open| open.name.len as usize == name.len() && open.name.of(text) == name);
        match depth {
            Some(0) => self.pop(end),
            Some(depth) => {
                self.report(
                    Severity::Error,
                    "ccda.xml.mismatch",
                    start,
                    "an end tag closes an outer element; the inner ones are taken as closed",
                );
                for _ in 0..depth {
                    self.pop(start);
                }
                self.pop(end);
            }
            None => {
                self.report(
                    Severity::Error,
                    "ccda.xml.mismatch",
                    start,
                    "an end tag without a start tag; ignored",
                );
            }
        }
    }

    fn pop(&mut self, end: usize) {
        let Some(open) = self.open.pop() else { return };
        self.scopes.leave();
        if let Some(node) = self.document.nodes.get_mut(open.id.index()) {
            node.span.1 = (end as u32).max(node.span.1);
        }
    }
}

/// A reader of the text from an offset on, which leaves the pairing of tags to the builder.
fn reader(text: &str, from: usize) -> Reader<&[u8]> {
    let mut reader = Reader::from_str(text.get(from..).unwrap_or_default());
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    reader
}

/// Whether a `<` stands here that cannot begin markup: senders forget to write `&lt;` in "< 5" and "<5".
fn is_stray(text: &str, at: usize) -> bool {
    let mut next = text.get(at..).unwrap_or_default().chars();
    next.next() == Some('<')
        && next
            .next()
            .is_some_and(|c| !(c.is_alphabetic() || matches!(c, '_' | ':' | '/' | '!' | '?')))
}

fn describe(error: &XmlError) -> &'static str {
    match error {
        XmlError::Syntax(_) => "markup is cut off or broken; read up to here",
        XmlError::IllFormed(_) => "not well-formed XML; read up to here",
        XmlError::Encoding(_) => "bytes that the encoding does not allow; read up to here",
        _ => "XML that cannot be read; read up to here",
    }
}
