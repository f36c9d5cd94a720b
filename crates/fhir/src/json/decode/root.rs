//! Reading a whole text, and giving out what was noticed.

use std::borrow::Cow;

use ehr_types::{Finding, LineIndex, Severity, SourceLocation, Span};

use super::{Decoder, NO_INDEX, Note};
use crate::element::{Element, Node};
use crate::json::lex::Why;
use crate::r4::Resource;
use crate::sort::sort_by;

impl Decoder<'_> {
    /// Makes paths start with `root` and not with the name of the type.
    pub(crate) fn root_at(&mut self, root: String) {
        self.root = Cow::Owned(root);
        self.fixed_root = true;
    }

    /// Reads a root of a known type. `false` when the text does not hold an object of that type.
    pub(crate) fn root_element(&mut self, node: &mut dyn Node) -> bool {
        let ty = node.describe();
        if !self.fixed_root {
            self.root = Cow::Borrowed(ty.path);
        }
        if self.lexer.next_token() != b'{' {
            self.no_object();
            return false;
        }
        if ty.is_resource {
            match self.resource_type() {
                Some(name) if name == ty.path => {}
                Some(_) => {
                    self.fatal_note("fhir.resource.type", "the resource is not of the type asked for");
                    return false;
                }
                None => {
                    if self.fatal.is_none() {
                        self.fatal_note("fhir.resource.no-type", "the object has no resourceType");
                    }
                    return false;
                }
            }
        }
        self.object(node);
        self.end();
        true
    }

    /// Reads a root that may be any resource.
    pub(crate) fn root_resource(&mut self) -> Option<Resource> {
        if self.lexer.next_token() != b'{' {
            self.no_object();
            return None;
        }
        let resource = self.any_resource();
        self.end();
        resource
    }

    pub(super) fn no_object(&mut self) {
        match self.lexer.skip_value() {
            Ok(()) => self.fatal_note(
                "fhir.resource.no-object",
                "the text holds a JSON value that is not an object",
            ),
            Err(broken) => self.fatal = Some(broken),
        }
    }

    /// Whether the text ended where the root did.
    pub(super) fn end(&mut self) {
        if self.fatal.is_none() {
            self.lexer.next_token();
            let (at, end) = (self.lexer.pos, self.lexer.text.len());
            if at < end {
                let path = self.root.clone().into_owned();
                self.note(
                    "json.trailing",
                    Severity::Fatal,
                    path,
                    Span::new(at, end),
                    "text follows the JSON value",
                );
            }
        }
    }

    pub(super) fn fatal_note(&mut self, code: &'static str, message: &'static str) {
        let span = Span::new(self.lexer.pos, self.lexer.pos + 1);
        let path = self.path_of(None, NO_INDEX);
        self.note(code, Severity::Fatal, path, span, message);
    }

    /// All that was noticed, in the order of the source.
    pub(crate) fn finish(mut self, source: &[u8], offset: usize) -> Vec<Finding> {
        if let Some(broken) = self.fatal.take() {
            let path = self.path_of(None, NO_INDEX);
            let span = Span::new(broken.at, broken.at + 1);
            let (code, message) = match broken.why {
                Why::Expected(what) => ("json.syntax", Cow::Owned(format!("not JSON: expected {what}"))),
                Why::TooManyElements => (
                    "fhir.limit.elements",
                    Cow::Borrowed("the source has more elements than the limit"),
                ),
            };
            self.notes.push(Note {
                code: code.into(),
                severity: Severity::Fatal,
                path,
                span,
                message,
            });
        }
        if self.notes.is_empty() {
            return Vec::new();
        }
        if self.unrecorded > 0 {
            let end = self.lexer.text.len();
            self.notes.push(Note {
                code: "fhir.limit.findings".into(),
                severity: Severity::Error,
                path: String::new(),
                span: Span::new(end, end),
                message: format!("{} more findings are not recorded", self.unrecorded).into(),
            });
        }
        let lines = LineIndex::new(source);
        sort_by(&mut self.notes, |one, other| {
            one.span.start.cmp(&other.span.start)
        });
        self.notes
            .into_iter()
            .map(|note| {
                let span = Span::new(note.span.start + offset, note.span.end + offset);
                Finding::new(
                    note.code,
                    note.severity,
                    SourceLocation::new(note.path).at(span, &lines),
                    note.message,
                )
            })
            .collect()
    }
}
