//! Reading primitive values, each by the rules of its type.

use std::borrow::Cow;

use ehr_types::{Date, DateTime, Decimal, Severity, Time};

use super::{Decoder, FromJson, Residue};
use crate::element::{Kind, Str};
use crate::json::format;
use crate::r4::{Codes, fault_of_external_code};

impl<'a> Decoder<'a> {
    /// Reads a string and checks it against the type of the current field.
    pub(super) fn text(&mut self) -> Option<(Cow<'a, str>, usize)> {
        let start = self.lexer.pos;
        if self.lexer.peek() != b'"' {
            self.reject("fhir.element.type", "expected a string");
            return None;
        }
        let text = match self.lexer.string() {
            Ok(text) => text,
            Err(broken) => {
                self.fatal = Some(broken);
                return None;
            }
        };
        if text.lone_surrogate {
            self.reject_from(
                start,
                "json.lone-surrogate",
                "half of a surrogate pair is no character",
            );
            return None;
        }
        if text.control {
            self.fault(
                start,
                "json.control-character",
                Severity::Error,
                "a control character must be escaped",
            );
        }
        Some((text.value, start))
    }

    /// Reads a code of an enum: its number, or its text when it is not among `codes`, which is reported.
    #[inline(never)]
    pub(crate) fn code(&mut self, codes: &Codes) -> Option<Result<usize, Str>> {
        let (text, start) = self.text()?;
        let number = codes.position(&text);
        if number.is_none() {
            self.fault(
                start,
                "fhir.code.unknown",
                Severity::Error,
                "the code is not in the required value set",
            );
        }
        Some(number.ok_or_else(|| Str::new(&text)))
    }

    /// Checks a code of a member whose set of codes is published by others than HL7.
    #[cold]
    #[inline(never)]
    fn external_code(&mut self, code: &str, start: usize) {
        let holder = self.path.last().map(|step| step.field.kind());
        if let Some((severity, message)) = fault_of_external_code(self.field.name(), holder, code) {
            self.fault(start, "fhir.code.unknown", severity, message);
        }
    }

    pub(super) fn number(&mut self) -> Option<(&'a str, usize)> {
        let start = self.lexer.pos;
        if !matches!(self.lexer.peek(), b'-' | b'0'..=b'9') {
            self.reject("fhir.element.type", "expected a number");
            return None;
        }
        match self.lexer.number() {
            Ok(text) => Some((text, start)),
            Err(broken) => {
                self.fatal = Some(broken);
                None
            }
        }
    }

    pub(super) fn parsed<T, E>(
        &mut self,
        parse: fn(&str) -> Result<T, E>,
        code: &'static str,
        message: &'static str,
    ) -> Option<T> {
        let (text, start) = self.text()?;
        if let Ok(value) = parse(&text) {
            return Some(value);
        }
        // A value of nanoseconds has a place for nine digits; the text stays beside it.
        if let Some(value) = with_nine_digits(&text).and_then(|short| parse(&short).ok()) {
            self.residue.push(Residue::Spelling {
                index: self.item,
                text: text.into(),
            });
            return Some(value);
        }
        self.reject_from(start, code, message);
        None
    }
}

/// A time with a fraction of a second of more than nine digits, cut to nine; `None` when it has no more.
pub(crate) fn with_nine_digits(text: &str) -> Option<String> {
    let (start, rest) = text.split_once('.')?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (kept, end) = (rest.get(..9)?, rest.get(digits..)?);
    (digits > 9).then(|| format!("{start}.{kept}{end}"))
}

impl FromJson for Str {
    #[inline]
    fn from_json(d: &mut Decoder<'_>) -> Option<Self> {
        let (text, start) = d.text()?;
        let field = d.field;
        if let Some((code, message)) = format::fault(field.kind(), &text, matches!(text, Cow::Owned(_))) {
            d.fault(start, code, Severity::Error, message);
        } else if field.kind() == Kind::Code {
            match field.binding() {
                Some(set) if !set.has_code(&text) => d.fault(
                    start,
                    "fhir.code.unknown",
                    Severity::Error,
                    "the code is not in the required value set",
                ),
                // Nearly always the one of a Coding.
                None if field.name().len() > "code".len() => d.external_code(&text, start),
                _ => {}
            }
        }
        if matches!(field.kind(), Kind::Uri | Kind::Url | Kind::Canonical)
            && let Some(id) = text.strip_prefix('#')
        {
            d.mentioned.push(id.into());
        }
        Some(d.interner.get(&text))
    }
}

impl FromJson for bool {
    fn from_json(d: &mut Decoder<'_>) -> Option<Self> {
        let read = match d.lexer.peek() {
            b't' => d.lexer.literal("true").map(|()| true),
            b'f' => d.lexer.literal("false").map(|()| false),
            _ => {
                d.reject("fhir.element.type", "expected true or false");
                return None;
            }
        };
        read.map_err(|broken| d.fatal = Some(broken)).ok()
    }
}

impl FromJson for i32 {
    fn from_json(d: &mut Decoder<'_>) -> Option<Self> {
        let (text, start) = d.number()?;
        match text.parse() {
            Ok(value) if text != "-0" => Some(value),
            _ => {
                d.reject_from(
                    start,
                    "fhir.primitive.integer",
                    "expected a whole number of 32 bits",
                );
                None
            }
        }
    }
}

impl FromJson for u32 {
    fn from_json(d: &mut Decoder<'_>) -> Option<Self> {
        let (text, start) = d.number()?;
        let kind = d.field.kind();
        let Ok(value) = text.parse::<u32>() else {
            d.reject_from(
                start,
                "fhir.primitive.integer",
                "expected a whole number from 0 to 2,147,483,647",
            );
            return None;
        };
        if value > i32::MAX as u32 {
            d.fault(
                start,
                "fhir.primitive.integer",
                Severity::Error,
                "the number is above 2,147,483,647",
            );
        } else if value == 0 && kind == Kind::PositiveInt {
            d.fault(
                start,
                "fhir.primitive.integer",
                Severity::Error,
                "the number must be 1 or more",
            );
        }
        Some(value)
    }
}

impl FromJson for Decimal {
    fn from_json(d: &mut Decoder<'_>) -> Option<Self> {
        let (text, start) = d.number()?;
        let value = Self::parse(text);
        if value.is_err() {
            d.reject_from(start, "fhir.primitive.decimal", "the exponent is out of range");
        }
        value.ok()
    }
}

impl FromJson for Date {
    fn from_json(d: &mut Decoder<'_>) -> Option<Self> {
        d.parsed(
            Self::parse,
            "fhir.primitive.date",
            "expected YYYY, YYYY-MM or YYYY-MM-DD",
        )
    }
}

impl FromJson for DateTime {
    fn from_json(d: &mut Decoder<'_>) -> Option<Self> {
        let instant = d.field.kind() == Kind::Instant;
        let start = d.lexer.pos;
        let value = d.parsed(
            Self::parse,
            if instant {
                "fhir.primitive.instant"
            } else {
                "fhir.primitive.date-time"
            },
            "expected YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with a time zone",
        )?;
        // From +14:00 to -14:00, as the type's pattern says.
        if value
            .offset()
            .minutes()
            .is_some_and(|minutes| minutes.abs() > 14 * 60)
        {
            d.fault(
                start,
                if instant {
                    "fhir.primitive.instant"
                } else {
                    "fhir.primitive.date-time"
                },
                Severity::Error,
                "a time zone is 14 hours from UTC at most",
            );
        }
        if instant && !value.is_instant() {
            d.fault(
                start,
                "fhir.primitive.instant",
                Severity::Error,
                "an instant has a time and a time zone",
            );
        }
        Some(value)
    }
}

impl FromJson for Time {
    fn from_json(d: &mut Decoder<'_>) -> Option<Self> {
        d.parsed(Self::parse, "fhir.primitive.time", "expected hh:mm:ss")
    }
}
