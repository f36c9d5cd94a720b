//! Keeping what is faulty and saying where it stands.

use std::borrow::Cow;
use std::fmt::Write as _;

use ehr_types::{Severity, Span};

use super::{Decoder, NO_INDEX, Note, Residue};
use crate::extra::RawReason;

impl Decoder<'_> {
    pub(super) fn skip(&mut self) -> bool {
        match self.lexer.skip_value() {
            Ok(()) => true,
            Err(broken) => {
                self.fatal = Some(broken);
                false
            }
        }
    }

    /// Keeps the value that starts here as it is, with a finding.
    #[cold]
    #[inline(never)]
    pub(crate) fn reject(&mut self, code: &'static str, message: &'static str) {
        let reject: fn(&mut Self, usize, &'static str, &'static str) = Self::reject_from;
        reject(self, self.lexer.pos, code, message);
    }

    #[cold]
    #[inline(never)]
    pub(super) fn reject_from(&mut self, start: usize, code: &'static str, message: &'static str) {
        self.lexer.pos = start;
        let null = self.lexer.peek() == b'n';
        if !self.skip() {
            return;
        }
        let span = Span::new(start, self.lexer.pos);
        let hole = self.item != NO_INDEX;
        let null_item = null && hole && self.field.kind().is_primitive();
        if !null_item {
            let path = self.path_of(Some(self.field.name()), self.item);
            if null {
                self.note(
                    "fhir.element.null",
                    Severity::Error,
                    path,
                    span,
                    "null is not a value in FHIR",
                );
            } else {
                self.note(code, Severity::Error, path, span, message);
            }
        }
        self.residue.push(if hole {
            Residue::Hole {
                index: self.item,
                span,
                null: null_item,
            }
        } else {
            Residue::Raw {
                span,
                reason: RawReason::Invalid,
            }
        });
    }

    /// Reports a fault of the current member whose value is still kept in its field.
    #[cold]
    #[inline(never)]
    pub(crate) fn fault(
        &mut self,
        start: usize,
        code: &'static str,
        severity: Severity,
        message: &'static str,
    ) {
        let path = self.path_of(Some(self.field.name()), self.item);
        self.note(code, severity, path, Span::new(start, self.lexer.pos), message);
    }

    pub(super) fn report(
        &mut self,
        code: &'static str,
        severity: Severity,
        member: Option<&str>,
        at: usize,
        message: &'static str,
    ) {
        let path = self.path_of(member, NO_INDEX);
        let end = self.lexer.pos.max(at + 1);
        self.note(code, severity, path, Span::new(at, end), message);
    }

    pub(super) fn note(
        &mut self,
        code: &'static str,
        severity: Severity,
        path: String,
        span: Span,
        message: &'static str,
    ) {
        self.push_note(Note {
            code: code.into(),
            severity,
            path,
            span,
            message: message.into(),
        });
    }

    pub(super) fn push_note(&mut self, note: Note) {
        // The worst ones are never crowded out.
        if self.notes.len() < self.options.max_findings || note.severity == Severity::Fatal {
            self.notes.push(note);
        } else {
            self.unrecorded += 1;
        }
    }

    #[cold]
    pub(super) fn path_of(&self, member: Option<&str>, index: u32) -> String {
        let mut out = self.root.clone().into_owned();
        let mut push = |name: &str, index: u32| {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(name);
            if index != NO_INDEX {
                let _ = write!(out, "[{index}]");
            }
        };
        for step in &self.path {
            push(step.field.name(), step.index);
        }
        if let Some(member) = member {
            push(member, index);
        }
        out
    }
}

/// A name from the source as it may stand in a path: short, and of letters and digits that starts with a letter, or of letters
/// and the signs of other formats (`x-y`, `$ref`, `@type`, `xsi:type`). In any other what is neither is left out, for a
/// value may stand where a name belongs.
pub(super) fn shown(name: &str) -> Cow<'_, str> {
    const LONGEST: usize = 64;
    let letter = |c: char| c.is_alphabetic() || c == '_';
    let sign = |c: char| matches!(c, '-' | '$' | '@' | ':');
    let of_letters_and_digits =
        name.starts_with(letter) && name.chars().all(|c| letter(c) || c.is_ascii_digit());
    if name.len() <= LONGEST && (of_letters_and_digits || name.chars().all(|c| letter(c) || sign(c))) {
        return Cow::Borrowed(name);
    }
    Cow::Owned(
        name.chars()
            .take(LONGEST)
            .map(|c| if letter(c) || sign(c) { c } else { '?' })
            .collect(),
    )
}
