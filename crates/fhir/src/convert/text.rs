//! Texts, codes and times: what FHIR allows where, and what to do with the rest.

use ehr_model::Status;
use ehr_types::{Coding, DateTime, Decimal};

use super::extension;
use super::map::{Convert, Reader, Writer, is_empty};
use crate::element::{Kind, Str};
use crate::r4::{self, Extension, ExtensionValue};

/// Whether a text is one that FHIR allows in its place.
pub(super) enum Checked {
    /// It is.
    Good,
    /// It is after white space was set right.
    Amended(Str),
    /// It is not, but must be kept.
    Refused(Str),
    /// It says nothing.
    Blank,
}

/// Name in JSON of a field: `birth_date` is `birthDate`, `r#type` is `type`; `suffix` is the type in a choice.
pub(super) fn json_name(field: &str, suffix: &str) -> String {
    let field = field.strip_prefix("r#").unwrap_or(field);
    let mut out = String::with_capacity(field.len() + suffix.len());
    let mut upper = false;
    for letter in field.chars() {
        if letter == '_' {
            upper = true;
        } else if upper {
            out.extend(letter.to_uppercase());
            upper = false;
        } else {
            out.push(letter);
        }
    }
    out.push_str(suffix);
    out
}

/// Whether a text needs a closer look: white space, control characters, or nothing at all.
pub(super) fn is_doubtful(text: &str) -> bool {
    text.is_empty() || text.bytes().any(|byte| byte <= b' ' || byte == 0x7F) || text.chars().any(is_illegal)
}

/// Characters that XML, and so FHIR, cannot hold.
fn is_illegal(letter: char) -> bool {
    (letter.is_control() && !matches!(letter, '\t' | '\n' | '\r'))
        || matches!(letter, '\u{FFFE}' | '\u{FFFF}')
}

/// What FHIR allows of `text` as a value of that kind.
pub(super) fn check(kind: Kind, text: &Str) -> Checked {
    if kind == Kind::PositiveInt || kind == Kind::UnsignedInt {
        let legal = kind == Kind::UnsignedInt || text != "0";
        return if legal {
            Checked::Good
        } else {
            Checked::Refused(text.clone())
        };
    }
    if text.trim().is_empty() {
        return Checked::Blank;
    }
    let amended = match kind {
        Kind::Code => text.split_whitespace().collect::<Vec<_>>().join(" "),
        Kind::Uri | Kind::Url | Kind::Canonical => text.split_whitespace().collect::<Vec<_>>().join("%20"),
        Kind::Base64Binary => return base64(text),
        Kind::Id | Kind::Oid | Kind::Uuid => return Checked::Refused(text.clone()),
        _ => return string(text).map_or(Checked::Blank, Checked::Amended),
    };
    match string(&amended) {
        Some(amended) if amended == *text => Checked::Good,
        Some(amended) => Checked::Amended(amended),
        None => Checked::Blank,
    }
}

fn base64(text: &str) -> Checked {
    let joined: String = text.split_whitespace().collect();
    if is_base64(&joined) {
        Checked::Amended(Str::new(joined))
    } else {
        Checked::Refused(Str::new(text))
    }
}

/// Whether a text without white space is base64.
pub(super) fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - body.len() <= 2
        && !body.is_empty()
        && body
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// Bytes as base64 (RFC 4648).
pub(super) fn to_base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let [a, b, c] = [0, 1, 2].map(|at| u32::from(chunk.get(at).copied().unwrap_or(0)));
        let bits = a << 16 | b << 8 | c;
        for digit in 0..4 {
            let value = bits >> (18 - 6 * digit) & 63;
            let letter = DIGITS.get(value as usize).copied().unwrap_or(b'A');
            out.push(if digit <= chunk.len() {
                char::from(letter)
            } else {
                '='
            });
        }
    }
    out
}

/// A text as a FHIR string: without the characters that it cannot hold, `None` when nothing is left.
pub(super) fn string(text: &str) -> Option<Str> {
    if text.trim().is_empty() {
        return None;
    }
    if text.chars().any(is_illegal) {
        let kept: String = text.chars().filter(|letter| !is_illegal(*letter)).collect();
        return (!kept.trim().is_empty()).then(|| Str::new(kept));
    }
    Some(Str::new(text))
}

/// A number in a form that FHIR allows.
pub(super) fn number(number: &Decimal) -> Option<Decimal> {
    Decimal::parse(&number.json_text()).ok()
}

/// A time, restored from the extension that holds what FHIR could not.
pub(super) fn read_time(value: Option<DateTime>, beside: &[Extension], cx: &Reader<'_>) -> Option<DateTime> {
    let whole =
        extension::text_in(beside, extension::SOURCE_TIME).and_then(|text| DateTime::parse_any(&text).ok());
    let time = whole.or(value)?;
    Some(match cx.default_offset {
        Some(offset) => time.with_default_offset(offset),
        None => time,
    })
}

/// A time in a form that FHIR allows, and the extension that holds the rest.
pub(super) fn write_time(time: DateTime) -> (Option<DateTime>, Option<Extension>) {
    let fhir = time.to_fhir();
    let extension = (!fhir.complete).then(|| extension::source_time(time));
    (DateTime::parse(&fhir.text).ok(), extension)
}

/// A time as a FHIR instant, or the extension that holds it.
pub(super) fn write_instant(time: DateTime) -> (Option<DateTime>, Option<Extension>) {
    match DateTime::parse(&time.to_fhir().text) {
        Ok(instant) if instant.is_instant() => (Some(instant), None),
        _ => (None, Some(extension::source_time(time))),
    }
}

/// A status from its code and what stands beside it.
pub(super) fn read_status(code: Option<&str>, known: bool, beside: &[Extension]) -> Option<Status> {
    let source = match extension::find(beside, extension::SOURCE_CODE) {
        Some(ExtensionValue::Coding(coding)) => Some(Coding::read(coding, &Reader::PLAIN)),
        Some(ExtensionValue::String(text)) => Some(Coding {
            code: Some(text.to_string()),
            ..Coding::default()
        }),
        _ => None,
    };
    let unknown = || {
        code.filter(|_| !known).map(|code| Coding {
            code: Some(code.to_owned()),
            ..Coding::default()
        })
    };
    let status = Status {
        code: code.filter(|_| known).map(str::to_owned),
        source: source.or_else(unknown),
        absent: extension::read_absent(beside),
    };
    (status != Status::default()).then_some(status)
}

/// What stands beside the code of a status: the source's own code, or why there is none.
pub(super) fn status_extensions(status: &Status, known: bool) -> Vec<Extension> {
    let mut out = Vec::new();
    let mut coding = status.source.clone();
    if !known && coding.is_none() {
        coding = Some(Coding {
            code: status.code.clone(),
            ..Coding::default()
        });
    }
    if let Some(coding) = coding {
        let coding: r4::Coding = coding.write(&Writer::MIRROR);
        if !is_empty(&coding) {
            out.push(extension::value(
                extension::SOURCE_CODE,
                ExtensionValue::Coding(Box::new(coding)),
            ));
        }
    }
    if let (Some(absent), None) = (&status.absent, &status.code) {
        out.extend(extension::absent(absent));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_json() {
        assert_eq!(json_name("birth_date", ""), "birthDate");
        assert_eq!(json_name("r#type", ""), "type");
        assert_eq!(json_name("effective", "DateTime"), "effectiveDateTime");
    }

    #[test]
    fn texts_are_made_legal_or_kept_elsewhere() {
        assert!(matches!(check(Kind::Code, &Str::new(" a  b ")), Checked::Amended(text) if text == "a b"));
        assert!(matches!(check(Kind::Uri, &Str::new("x y")), Checked::Amended(text) if text == "x%20y"));
        assert!(matches!(check(Kind::String, &Str::new(" ")), Checked::Blank));
        assert!(
            matches!(check(Kind::Base64Binary, &Str::new("AA AA")), Checked::Amended(text) if text == "AAAA")
        );
        assert!(matches!(
            check(Kind::Base64Binary, &Str::new("A A")),
            Checked::Refused(_)
        ));
        assert_eq!(string("a\u{1}b").unwrap(), "ab");
        for (bytes, text) in [
            ("", ""),
            ("a", "YQ=="),
            ("ab", "YWI="),
            ("abc", "YWJj"),
            ("abcd", "YWJjZA=="),
        ] {
            assert_eq!(to_base64(bytes.as_bytes()), text);
        }
    }
}
