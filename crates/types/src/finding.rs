//! What was noticed while reading or checking a source.

use std::borrow::Cow;
use std::fmt;

#[cfg(feature = "values")]
use serde::{Deserialize, Serialize};

use crate::location::SourceLocation;

/// How much a finding matters; ordered from least to most. The words are those of FHIR's
/// [issue-severity](https://hl7.org/fhir/R4/valueset-issue-severity.html).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "values",
    derive(Serialize, Deserialize),
    serde(rename_all = "lowercase")
)]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Information,
    /// Suspicious or unsupported, but read in full.
    Warning,
    /// Breaks the standard; the value is kept as text but not understood.
    Error,
    /// The source could not be read (further).
    Fatal,
}

/// Whether faults in a source stop the reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Strictness {
    /// Report every fault and read on; the default of all importers.
    #[default]
    Lenient,
    /// A finding of [`Severity::Error`] or worse is a failure.
    Strict,
}

/// One thing noticed in a source: a stable code, how bad it is, where it stands, and a sentence.
///
/// A finding never holds a value from the source, so that it can be logged: it says where to look.
///
/// ```
/// use ehr_types::{Finding, Severity, SourceLocation};
/// let finding = Finding::error("date.invalid", SourceLocation::new("Patient.birthDate"), "not a date");
/// assert_eq!(finding.severity, Severity::Error);
/// assert_eq!(finding.to_string(), "error[date.invalid] at Patient.birthDate: not a date");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "values", derive(Serialize, Deserialize))]
pub struct Finding {
    /// Stable, dotted code: `fhir.element.unknown`, `v2.escape.stray`, `ccda.value.unread`.
    pub code: Cow<'static, str>,
    /// How much it matters.
    pub severity: Severity,
    /// Where it stands.
    pub location: SourceLocation,
    /// One sentence for a person, without any value from the source.
    pub message: Cow<'static, str>,
}

impl Finding {
    /// A finding of the given severity.
    pub fn new(
        code: impl Into<Cow<'static, str>>,
        severity: Severity,
        location: SourceLocation,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            code: code.into(),
            severity,
            location,
            message: message.into(),
        }
    }

    /// A finding of [`Severity::Information`].
    pub fn information(
        code: impl Into<Cow<'static, str>>,
        at: SourceLocation,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(code, Severity::Information, at, message)
    }

    /// A finding of [`Severity::Warning`].
    pub fn warning(
        code: impl Into<Cow<'static, str>>,
        at: SourceLocation,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(code, Severity::Warning, at, message)
    }

    /// A finding of [`Severity::Error`].
    pub fn error(
        code: impl Into<Cow<'static, str>>,
        at: SourceLocation,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(code, Severity::Error, at, message)
    }

    /// A finding of [`Severity::Fatal`].
    pub fn fatal(
        code: impl Into<Cow<'static, str>>,
        at: SourceLocation,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(code, Severity::Fatal, at, message)
    }

    /// Whether this finding stops a [`Strictness::Strict`] reader.
    pub fn is_error(&self) -> bool {
        self.severity >= Severity::Error
    }

    /// Shows the finding with the line it stands in, for a person who may see the data.
    ///
    /// This is the one place where a value of the source can appear next to a finding.
    pub fn render(&self, source: &[u8]) -> String {
        let mut out = self.to_string();
        if let Some(span) = self.location.span {
            let line_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
            let at = span.start.min(source.len());
            let before = source.get(..at).unwrap_or_default();
            let after = source.get(at..).unwrap_or_default();
            let start = before
                .iter()
                .rposition(line_end)
                .map_or(0, |i| i + 1)
                .max(at.saturating_sub(80));
            let end = after
                .iter()
                .position(line_end)
                .map_or(source.len(), |i| at + i)
                .min(at + 80);
            let text = String::from_utf8_lossy(source.get(start..end).unwrap_or_default()).into_owned();
            let lead = String::from_utf8_lossy(source.get(start..at).unwrap_or_default())
                .chars()
                .count();
            out.push_str(&format!("\n  | {text}\n  | {}^", " ".repeat(lead)));
        }
        out
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Information => "information",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Fatal => "fatal",
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SourceLocation {
            path, line, column, ..
        } = &self.location;
        write!(f, "{}[{}]", self.severity, self.code)?;
        let place = line.zip(*column);
        match (path.as_str(), place) {
            ("", None) => {}
            ("", Some((line, column))) => write!(f, " at {line}:{column}")?,
            (path, None) => write!(f, " at {path}")?,
            (path, Some((line, column))) => write!(f, " at {path} ({line}:{column})")?,
        }
        write!(f, ": {}", self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LineIndex, Span};

    #[test]
    fn what_is_not_known_of_the_place_is_left_out() {
        let index = LineIndex::new(b"one\ntwo");
        let shown = |location: SourceLocation| Finding::error("x", location, "m").to_string();
        let span = Span::new(4, 5);
        assert_eq!(
            shown(SourceLocation::new("a.b").at(span, &index)),
            "error[x] at a.b (2:1): m"
        );
        assert_eq!(shown(SourceLocation::new("a.b")), "error[x] at a.b: m");
        assert_eq!(
            shown(SourceLocation::new("").at(span, &index)),
            "error[x] at 2:1: m"
        );
        assert_eq!(shown(SourceLocation::new("")), "error[x]: m");
    }

    #[test]
    fn render_points_at_the_place_and_survives_any_span() {
        let source = b"one\ntwo three\nfour";
        let index = LineIndex::new(source);
        let finding = Finding::warning("x", SourceLocation::new("p").at(Span::new(8, 13), &index), "m");
        assert_eq!(
            finding.render(source),
            "warning[x] at p (2:5): m\n  | two three\n  |     ^"
        );
        let beyond = Finding::warning("x", SourceLocation::new("p").at(Span::new(900, 901), &index), "m");
        assert!(beyond.render(source).contains('^'));
    }
}
