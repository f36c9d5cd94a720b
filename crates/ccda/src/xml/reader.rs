//! Building the tree: one lenient code path that reports to a list of findings.

use std::cmp::Ordering;
use std::sync::{Arc, OnceLock};

use ehr_types::{Finding, LineIndex, Severity, SourceLocation, Span};
use quick_xml::Reader;
use quick_xml::errors::Error as XmlError;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

use super::encoding::{EncodingNote, decode};
use super::tree::{AttributeData, Document, Kind, Namespace, NodeData, NodeId, Slice};

/// Faults of form that are listed one by one.
const MAX_FINDINGS: usize = 1_000;

/// What a document may cost at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of source; default 512 MiB (never more than 2 GiB are read).
    pub bytes: usize,
    /// Nesting depth of elements; default 256.
    pub depth: usize,
    /// Elements, texts and attributes together; default 40 million.
    pub nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 512 << 20,
            depth: 256,
            nodes: 40_000_000,
        }
    }
}

/// A tree and what was noticed while building it.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The tree: everything up to the place where reading stopped.
    pub document: Document,
    /// Faults, in document order; a [`Severity::Fatal`] one says where reading stopped.
    pub findings: Vec<Finding>,
}

impl Document {
    /// Parses XML leniently. Never fails: malformed input gives the tree of what could be read and
    /// findings that say what is wrong and where.
    ///
    /// Entities beyond the five of XML are never expanded, nothing is ever fetched.
    ///
    /// ```
    /// use ehr_ccda::{Document, Limits};
    /// let parsed = Document::parse(b"<a><b code='1'/><c", &Limits::default());
    /// assert_eq!(parsed.document.root().unwrap().elements().count(), 1);
    /// assert_eq!(parsed.findings[0].code, "ccda.xml.malformed");
    /// ```
    pub fn parse(source: &[u8], limits: &Limits) -> Parsed {
        let limit = limits.bytes.min(i32::MAX as usize);
        let too_large = source.len() > limit;
        let readable = source.get(..source.len().min(limit)).unwrap_or_default();
        let decoded = decode(readable);
        let document = Self {
            text: decoded.text.into(),
            side: String::new(),
            nodes: Vec::new(),
            attributes: Vec::new(),
            ids: Vec::new(),
            offsets: decoded.map,
            lines: LineIndex::new(source),
            source_len: source.len(),
            ordinals: OnceLock::new(),
        };
        let mut builder = Builder {
            document,
            findings: Vec::new(),
            faults: Vec::new(),
            open: Vec::new(),
            bindings: Vec::new(),
            text: None,
            limits: *limits,
        };
        for note in decoded.notes {
            builder.encoding(note);
        }
        builder.build();
        let Builder {
            mut document,
            mut findings,
            faults,
            ..
        } = builder;
        for fault in faults {
            let path = document.top().at(fault.node).path();
            let location = document.locate(path, (fault.at as u32, fault.at as u32));
            findings.push(Finding::new(fault.code, fault.severity, location, fault.message));
        }
        if too_large {
            let at = SourceLocation::new("/").at(Span::new(limit, limit), &document.lines);
            findings.push(Finding::fatal(
                "ccda.xml.limit.bytes",
                at,
                "the document is larger than the limit; the rest was not read",
            ));
        }
        document.ids = ids(&document);
        Parsed { document, findings }
    }
}

fn ids(document: &Document) -> Vec<(Slice, NodeId)> {
    let mut ids = Vec::new();
    for (index, node) in document.nodes.iter().enumerate() {
        let (start, end) = node.attributes;
        for attribute in document
            .attributes
            .get(start as usize..end as usize)
            .unwrap_or_default()
        {
            if attribute.namespace == Namespace::None && document.slice(attribute.name) == "ID" {
                ids.push((attribute.value, NodeId(index as u32)));
            }
        }
    }
    ids.sort_by(|(a, x), (b, y)| (document.slice(*a), x).cmp(&(document.slice(*b), y)));
    ids
}

struct Open {
    id: NodeId,
    /// The whole name as written, prefix included.
    name: Slice,
    /// Number of namespace bindings before this element.
    bindings: usize,
}

/// Character data under construction.
struct Pending {
    slice: Slice,
    span: (u32, u32),
}

/// A fault of form, before the path of its element can be told: siblings may follow.
struct Fault {
    severity: Severity,
    code: &'static str,
    at: usize,
    message: &'static str,
    node: NodeId,
}

struct Builder {
    document: Document,
    findings: Vec<Finding>,
    faults: Vec<Fault>,
    open: Vec<Open>,
    bindings: Vec<(String, Namespace)>,
    text: Option<Pending>,
    limits: Limits,
}

/// Why building stopped early.
enum Stop {
    Malformed(usize, &'static str),
    Limit(usize, &'static str, &'static str),
}

impl Builder {
    fn encoding(&mut self, note: EncodingNote) {
        let (code, at, message) = match note {
            EncodingNote::InvalidBytes(at) => (
                "ccda.xml.encoding.invalid",
                at,
                "bytes that the encoding does not allow; read as Windows-1252",
            ),
            EncodingNote::UnknownEncoding => (
                "ccda.xml.encoding.unknown",
                0,
                "the declared encoding is unknown; read as UTF-8",
            ),
            EncodingNote::Contradiction => (
                "ccda.xml.encoding.contradiction",
                0,
                "the bytes are not in the declared encoding; read as what they are",
            ),
        };
        // One finding a kind is enough to act on; a binary file would give millions.
        if self
            .findings
            .iter()
            .filter(|finding| finding.code == code)
            .count()
            < 20
        {
            let at = SourceLocation::new("/").at(Span::new(at, at), &self.document.lines);
            self.findings.push(Finding::warning(code, at, message));
        }
    }

    fn report(&mut self, severity: Severity, code: &'static str, at: usize, message: &'static str) {
        let node = self.open.last().map_or(NodeId::DOCUMENT, |open| open.id);
        match self.faults.len().cmp(&MAX_FINDINGS) {
            Ordering::Less => self.faults.push(Fault {
                severity,
                code,
                at,
                message,
                node,
            }),
            Ordering::Equal => {
                let (code, message) = ("ccda.xml.limit.findings", "more faults than are listed follow");
                self.faults.push(Fault {
                    severity: Severity::Error,
                    code,
                    at,
                    message,
                    node: NodeId::DOCUMENT,
                });
            }
            Ordering::Greater => {}
        }
        // What ends the reading is told even then.
        if self.faults.len() > MAX_FINDINGS && severity == Severity::Fatal {
            self.faults.push(Fault {
                severity,
                code,
                at,
                message,
                node,
            });
        }
    }

    fn build(&mut self) {
        self.push_node(
            Kind::Document,
            Namespace::None,
            Slice::default(),
            (0, self.document.text.len() as u32),
        );
        let text = Arc::clone(&self.document.text);
        let stop = self.events(&text);
        let end = match &stop {
            Some(Stop::Malformed(at, _) | Stop::Limit(at, ..)) => *at,
            None => text.len(),
        };
        self.flush_text();
        match stop {
            Some(Stop::Malformed(at, message)) => {
                self.report(Severity::Fatal, "ccda.xml.malformed", at, message);
            }
            Some(Stop::Limit(at, code, message)) => self.report(Severity::Fatal, code, at, message),
            None => {
                if !self.open.is_empty() {
                    self.report(
                        Severity::Error,
                        "ccda.xml.unclosed",
                        end,
                        "the document ends before all elements are closed",
                    );
                }
            }
        }
        while let Some(open) = self.open.pop() {
            self.close(open.id, end);
        }
    }

    fn events(&mut self, text: &str) -> Option<Stop> {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        loop {
            let start = reader.buffer_position() as usize;
            let event = match reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    return Some(Stop::Malformed(
                        (reader.error_position() as usize).max(start),
                        describe(&error),
                    ));
                }
            };
            let end = reader.buffer_position() as usize;
            if self.document.nodes.len() + self.document.attributes.len() > self.limits.nodes {
                return Some(Stop::Limit(
                    start,
                    "ccda.xml.limit.nodes",
                    "more nodes than the limit allows; the rest was not read",
                ));
            }
            match event {
                Event::Start(_) | Event::Empty(_) => {
                    self.flush_text_from(text);
                    if self.open.len() >= self.limits.depth {
                        return Some(Stop::Limit(
                            start,
                            "ccda.xml.limit.depth",
                            "elements are nested deeper than the limit allows; the rest was not read",
                        ));
                    }
                    self.start(text, start, end);
                    if matches!(event, Event::Empty(_)) {
                        self.pop(end);
                    }
                }
                Event::End(_) => {
                    self.flush_text_from(text);
                    self.end(text, start, end);
                }
                Event::Text(_) => self.text_run(text, start, end, None),
                Event::CData(_) => {
                    let inner = (start + 9, end.saturating_sub(3).max(start + 9));
                    self.text_run(text, inner.0, inner.1, None);
                }
                Event::GeneralRef(reference) => {
                    let resolved = match reference.resolve_char_ref() {
                        Ok(Some(c)) => Some(c.to_string()),
                        Ok(None) => {
                            let inner = text.get(start + 1..end.saturating_sub(1)).unwrap_or_default();
                            resolve_predefined_entity(inner).map(str::to_owned)
                        }
                        Err(_) => None,
                    };
                    if resolved.is_none() {
                        self.unexpanded(start);
                    }
                    self.text_run(text, start, end, resolved.as_deref());
                }
                Event::DocType(_) => {
                    let body = text.get(start..end).unwrap_or_default();
                    let (severity, code, message) = if body.contains("<!ENTITY") {
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
                    self.report(severity, code, start, message);
                }
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
                Event::Eof => {
                    self.flush_text_from(text);
                    return None;
                }
            }
        }
    }

    fn unexpanded(&mut self, at: usize) {
        self.report(
            Severity::Error,
            "ccda.xml.entity",
            at,
            "an entity that XML does not define; kept as it is written",
        );
    }

    /// Adds to the character data at hand: as written, or `resolved` in its place.
    fn text_run(&mut self, text: &str, start: usize, end: usize, resolved: Option<&str>) {
        if start >= end && resolved.is_none() {
            return;
        }
        if self.open.is_empty() {
            let run = text.get(start..end).unwrap_or_default();
            if !run.trim().is_empty()
                && !self
                    .faults
                    .iter()
                    .any(|fault| fault.code == "ccda.xml.text-outside")
            {
                let at = start + (run.len() - run.trim_start().len());
                self.report(
                    Severity::Error,
                    "ccda.xml.text-outside",
                    at,
                    "text outside of any element; not read",
                );
            }
            return;
        }
        let raw = text.get(start..end).unwrap_or_default();
        match self.text.take() {
            None if resolved.is_none() => {
                self.text = Some(Pending {
                    slice: Slice {
                        start: start as u32,
                        len: (end - start) as u32,
                        side: false,
                    },
                    span: (start as u32, end as u32),
                });
            }
            before => {
                let side = &mut self.document.side;
                let mut pending = match before {
                    Some(pending) if pending.slice.side => pending,
                    Some(pending) => {
                        let from = side.len();
                        let run = pending.slice.start as usize;
                        side.push_str(
                            text.get(run..run + pending.slice.len as usize)
                                .unwrap_or_default(),
                        );
                        Pending {
                            slice: Slice {
                                start: from as u32,
                                len: pending.slice.len,
                                side: true,
                            },
                            ..pending
                        }
                    }
                    None => Pending {
                        slice: Slice {
                            start: side.len() as u32,
                            len: 0,
                            side: true,
                        },
                        span: (start as u32, end as u32),
                    },
                };
                side.push_str(resolved.unwrap_or(raw));
                pending.slice.len = side.len() as u32 - pending.slice.start;
                pending.span.1 = end as u32;
                self.text = Some(pending);
            }
        }
    }

    fn flush_text(&mut self) {
        if let Some(pending) = self.text.take() {
            self.push_node(Kind::Text, Namespace::None, pending.slice, pending.span);
        }
    }

    /// As [`Self::flush_text`]; white space between elements is dropped unless it stands in mixed content.
    fn flush_text_from(&mut self, text: &str) {
        let blank = self.text.as_ref().is_some_and(|pending| {
            let start = pending.slice.start as usize;
            !pending.slice.side
                && text
                    .get(start..start + pending.slice.len as usize)
                    .is_some_and(|run| run.trim().is_empty() && run.contains('\n'))
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

    fn start(&mut self, text: &str, start: usize, end: usize) {
        let tag = text.get(start..end).unwrap_or_default();
        let body = tag.strip_prefix('<').unwrap_or(tag);
        let name_len = body
            .find(|c: char| c.is_whitespace() || c == '/' || c == '>')
            .unwrap_or(body.len());
        let name = Slice {
            start: start as u32 + 1,
            len: name_len as u32,
            side: false,
        };
        let bindings = self.bindings.len();
        let raw = scan_attributes(text, start + 1 + name_len, end);

        for attribute in &raw.attributes {
            let key = text.get(attribute.key.0..attribute.key.1).unwrap_or_default();
            let value = text.get(attribute.value.0..attribute.value.1).unwrap_or_default();
            if key == "xmlns" {
                self.bindings
                    .push((String::new(), Namespace::from_uri(value.trim())));
            } else if let Some(prefix) = key.strip_prefix("xmlns:") {
                self.bindings
                    .push((prefix.to_owned(), Namespace::from_uri(value.trim())));
            }
        }

        let whole = body.get(..name_len).unwrap_or_default();
        let (namespace, local) = match whole.split_once(':') {
            Some((prefix, local)) => {
                let namespace = self.resolve(prefix, start);
                let from = (start + 1 + prefix.len() + 1) as u32;
                (
                    namespace,
                    Slice {
                        start: from,
                        len: local.len() as u32,
                        side: false,
                    },
                )
            }
            None => (self.bound("").unwrap_or(Namespace::None), name),
        };
        let id = self.push_node(Kind::Element, namespace, local, (start as u32, end as u32));
        self.open.push(Open { id, name, bindings });

        let first = self.document.attributes.len();
        for attribute in &raw.attributes {
            self.attribute(text, attribute, first);
        }
        let last = self.document.attributes.len() as u32;
        if let Some(node) = self.document.nodes.get_mut(id.index()) {
            node.attributes = (first as u32, last);
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

    fn attribute(&mut self, text: &str, raw: &RawAttribute, first: usize) {
        let key = text.get(raw.key.0..raw.key.1).unwrap_or_default();
        if key == "xmlns" || key.starts_with("xmlns:") {
            return;
        }
        let (namespace, skip) = match key.split_once(':') {
            Some((prefix, _)) => (self.resolve(prefix, raw.key.0), prefix.len() + 1),
            None => (Namespace::None, 0),
        };
        let name = Slice {
            start: (raw.key.0 + skip) as u32,
            len: (raw.key.1 - raw.key.0 - skip) as u32,
            side: false,
        };
        let local = key.get(skip..).unwrap_or_default();
        let twice = self
            .document
            .attributes
            .get(first..)
            .unwrap_or_default()
            .iter()
            .any(|a| {
                a.namespace == namespace
                    && text.get(a.name.start as usize..(a.name.start + a.name.len) as usize) == Some(local)
            });
        if twice {
            self.report(
                Severity::Error,
                "ccda.xml.attribute.twice",
                raw.key.0,
                "an attribute is given twice; the first is read",
            );
        }
        let value = text.get(raw.value.0..raw.value.1).unwrap_or_default();
        let value = if value.contains(['&', '\n', '\r', '\t']) {
            let from = self.document.side.len();
            let mut unknown = None;
            unescape(value, &mut self.document.side, &mut |at| {
                unknown = unknown.or(Some(raw.value.0 + at));
            });
            if let Some(at) = unknown {
                self.unexpanded(at);
            }
            Slice {
                start: from as u32,
                len: (self.document.side.len() - from) as u32,
                side: true,
            }
        } else {
            Slice {
                start: raw.value.0 as u32,
                len: value.len() as u32,
                side: false,
            }
        };
        self.document.attributes.push(AttributeData {
            namespace,
            name,
            value,
            span: (raw.key.0 as u32, raw.value.1 as u32),
        });
    }

    fn bound(&self, prefix: &str) -> Option<Namespace> {
        self.bindings
            .iter()
            .rev()
            .find(|(bound, _)| bound == prefix)
            .map(|(_, namespace)| *namespace)
    }

    fn resolve(&mut self, prefix: &str, at: usize) -> Namespace {
        if prefix == "xml" {
            return Namespace::Xml;
        }
        if let Some(namespace) = self.bound(prefix) {
            return namespace;
        }
        let namespace = Namespace::from_custom(prefix);
        // Remember the guess at the outermost level, so that it is reported once.
        self.bindings.insert(0, (prefix.to_owned(), namespace));
        for open in &mut self.open {
            open.bindings += 1;
        }
        self.report(
            Severity::Warning,
            "ccda.xml.prefix",
            at,
            "a namespace prefix is not declared; read with its customary meaning, if it has one",
        );
        namespace
    }

    fn end(&mut self, text: &str, start: usize, end: usize) {
        let tag = text.get(start..end).unwrap_or_default();
        let name = tag.trim_start_matches("</").trim_end_matches('>').trim();
        let written =
            |open: &Open| text.get(open.name.start as usize..(open.name.start + open.name.len) as usize);
        let depth = self
            .open
            .iter()
            .rev()
            .position(|open| written(open) == Some(name));
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
        if let Some(open) = self.open.pop() {
            self.bindings.truncate(open.bindings);
            self.close(open.id, end);
        }
    }

    fn close(&mut self, id: NodeId, end: usize) {
        if let Some(node) = self.document.nodes.get_mut(id.index()) {
            node.span.1 = (end as u32).max(node.span.1);
        }
    }
}

struct RawAttribute {
    key: (usize, usize),
    value: (usize, usize),
}

struct RawAttributes {
    attributes: Vec<RawAttribute>,
    fault: Option<usize>,
}

/// Finds the attributes of a tag between the offsets `at` and `end`, keeping their places.
fn scan_attributes(text: &str, mut at: usize, end: usize) -> RawAttributes {
    let bytes = text.as_bytes();
    let byte = |i: usize| if i < end { bytes.get(i).copied() } else { None };
    let mut out = RawAttributes {
        attributes: Vec::new(),
        fault: None,
    };
    loop {
        while byte(at).is_some_and(|b| b.is_ascii_whitespace() || b == b'/') {
            at += 1;
        }
        let key = at;
        while byte(at)
            .is_some_and(|b| !b.is_ascii_whitespace() && !matches!(b, b'=' | b'>' | b'/' | b'"' | b'\''))
        {
            at += 1;
        }
        let key = (key, at);
        if key.0 == key.1 {
            if byte(at).is_some_and(|b| b != b'>') {
                out.fault = out.fault.or(Some(at));
                at += 1;
                continue;
            }
            return out;
        }
        while byte(at).is_some_and(|b| b.is_ascii_whitespace()) {
            at += 1;
        }
        if byte(at) != Some(b'=') {
            out.fault = out.fault.or(Some(key.0));
            continue;
        }
        at += 1;
        while byte(at).is_some_and(|b| b.is_ascii_whitespace()) {
            at += 1;
        }
        match byte(at) {
            Some(quote @ (b'"' | b'\'')) => {
                let from = at + 1;
                at = from;
                while byte(at).is_some_and(|b| b != quote) {
                    at += 1;
                }
                out.attributes.push(RawAttribute {
                    key,
                    value: (from, at),
                });
                at += 1;
            }
            _ => {
                let from = at;
                while byte(at).is_some_and(|b| !b.is_ascii_whitespace() && b != b'>') {
                    at += 1;
                }
                out.fault = out.fault.or(Some(from));
                out.attributes.push(RawAttribute {
                    key,
                    value: (from, at),
                });
            }
        }
    }
}

/// Resolves character references and predefined entities and normalises white space, as XML says for
/// attribute values. `unknown` gets the offset of each reference that is left as it stands.
fn unescape(value: &str, out: &mut String, unknown: &mut dyn FnMut(usize)) {
    let mut rest = value;
    while let Some(c) = rest.chars().next() {
        let mut step = c.len_utf8();
        match c {
            '\r' if rest.starts_with("\r\n") => {
                out.push(' ');
                step = 2;
            }
            '\n' | '\r' | '\t' => out.push(' '),
            '&' => {
                let resolved = rest.find(';').and_then(|semicolon| {
                    let name = rest.get(1..semicolon)?;
                    let c = match name.strip_prefix('#') {
                        Some(number) => {
                            let code = match number.strip_prefix(['x', 'X']) {
                                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                                None => number.parse().ok()?,
                            };
                            char::from_u32(code).filter(|c| *c != '\0')?.to_string()
                        }
                        None => resolve_predefined_entity(name)?.to_owned(),
                    };
                    Some((c, semicolon + 1))
                });
                match resolved {
                    Some((c, length)) => {
                        out.push_str(&c);
                        step = length;
                    }
                    None => {
                        unknown(value.len() - rest.len());
                        out.push('&');
                    }
                }
            }
            _ => out.push(c),
        }
        rest = rest.get(step..).unwrap_or_default();
    }
}

fn describe(error: &XmlError) -> &'static str {
    match error {
        XmlError::Syntax(_) => "markup is cut off or broken; read up to here",
        XmlError::IllFormed(_) => "not well-formed XML; read up to here",
        XmlError::Encoding(_) => "bytes that the encoding does not allow; read up to here",
        _ => "XML that cannot be read; read up to here",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Parsed {
        Document::parse(text.as_bytes(), &Limits::default())
    }

    fn codes(parsed: &Parsed) -> Vec<&str> {
        parsed.findings.iter().map(|finding| &*finding.code).collect()
    }

    #[test]
    fn text_is_joined_across_references_and_cdata() {
        let parsed = parse("<a b='&lt;&#x41;&amp;&#66;'>x &amp; <![CDATA[<y>]]>&#233;</a>");
        assert_eq!(codes(&parsed), Vec::<&str>::new());
        let root = parsed.document.root().unwrap();
        assert_eq!(root.attribute("b"), Some("<A&B"));
        assert_eq!(root.text().as_deref(), Some("x & <y>é"));
    }

    #[test]
    fn entity_bombs_are_refused_and_the_rest_is_read() {
        let parsed =
            parse("<!DOCTYPE a [<!ENTITY x 'yyyyyyyy'><!ENTITY z '&x;&x;&x;'>]><a>&z;<b c='&z;'/></a>");
        assert!(codes(&parsed).contains(&"ccda.xml.entity-declaration"));
        assert_eq!(parsed.document.root().unwrap().text().as_deref(), Some("&z;"));
        assert_eq!(
            parsed.document.root().unwrap().child("b").unwrap().attribute("c"),
            Some("&z;")
        );
    }

    #[test]
    fn a_cut_document_keeps_what_was_there_and_says_where_it_ends() {
        let parsed = parse("<a><b code='1'/><c code='2'><d");
        assert_eq!(codes(&parsed), ["ccda.xml.malformed"]);
        assert_eq!(parsed.findings[0].location.path, "/a/c");
        assert_eq!(parsed.findings[0].location.column, Some(29));
        assert_eq!(parsed.document.root().unwrap().elements().count(), 2);
        let parsed = parse("<a><b>");
        assert_eq!(codes(&parsed), ["ccda.xml.unclosed"]);
    }

    #[test]
    fn mismatched_tags_recover() {
        let parsed = parse("<a><b><c></b><d/></x></a>");
        assert_eq!(codes(&parsed), ["ccda.xml.mismatch", "ccda.xml.mismatch"]);
        let root = parsed.document.root().unwrap();
        assert_eq!(root.elements().map(|e| e.name()).collect::<Vec<_>>(), ["b", "d"]);
    }

    #[test]
    fn undeclared_prefixes_keep_their_custom_and_are_reported_once() {
        let parsed = parse("<a><v xsi:type='CD'/><v xsi:type='PQ'/><sdtc:x/></a>");
        assert_eq!(codes(&parsed), ["ccda.xml.prefix", "ccda.xml.prefix"]);
        let types: Vec<_> = parsed
            .document
            .root()
            .unwrap()
            .children("v")
            .map(|v| v.xsi_type())
            .collect();
        assert_eq!(types, [Some("CD"), Some("PQ")]);
    }

    #[test]
    fn limits_stop_the_reader_with_a_finding() {
        let deep = "<a>".repeat(300);
        assert_eq!(codes(&parse(&deep)), ["ccda.xml.limit.depth"]);
        let limits = Limits {
            nodes: 3,
            ..Limits::default()
        };
        let parsed = Document::parse(b"<a><b/><b/><b/><b/></a>", &limits);
        assert_eq!(codes(&parsed), ["ccda.xml.limit.nodes"]);
        let limits = Limits {
            bytes: 3,
            ..Limits::default()
        };
        assert!(codes(&Document::parse(b"<a><b/></a>", &limits)).contains(&"ccda.xml.limit.bytes"));
    }

    #[test]
    fn broken_attributes_are_reported_and_the_others_read() {
        let parsed = parse("<a b=1 c d='2' d='3' e=\"4\"/>");
        let root = parsed.document.root().unwrap();
        assert_eq!(root.attribute("b"), Some("1"));
        assert_eq!(root.attribute("d"), Some("2"));
        assert_eq!(root.attribute("e"), Some("4"));
        assert_eq!(codes(&parsed), ["ccda.xml.attribute.twice", "ccda.xml.attribute"]);
    }

    #[test]
    fn what_is_no_xml_gives_an_empty_tree_and_a_place() {
        for text in ["", "hello", "MSH|^~\\&|", "{\"resourceType\":\"Patient\"}"] {
            assert!(parse(text).document.root().is_none());
        }
        assert_eq!(codes(&parse("hello")), ["ccda.xml.text-outside"]);
    }
}
