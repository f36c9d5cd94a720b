//! The lexical rules of the primitive types: <https://hl7.org/fhir/R4/datatypes.html#primitive>.

use super::scan::has_space;
use super::xhtml;
use crate::element::Kind;

/// Longest `string`, in characters.
const LONGEST_STRING: usize = 1024 * 1024;

/// Says what is wrong with a text as a value of that type: a finding code and a sentence. Only a text that was written
/// with escapes can have control characters.
pub(crate) fn fault(kind: Kind, text: &str, escaped: bool) -> Option<(&'static str, &'static str)> {
    let bytes = text.as_bytes();
    if bytes.is_empty() {
        return Some(("fhir.primitive.empty", "a value must not be empty"));
    }
    match kind {
        Kind::Code if !is_code(bytes) => Some((
            "fhir.primitive.code",
            "a code has no white space but single spaces between its parts",
        )),
        Kind::Id if !is_id(bytes) => Some((
            "fhir.primitive.id",
            "an id is 1 to 64 letters, digits, `-` and `.`",
        )),
        Kind::Oid if !text.strip_prefix("urn:oid:").is_some_and(is_oid) => Some((
            "fhir.primitive.oid",
            "an oid is `urn:oid:` and numbers with points",
        )),
        Kind::Uuid if !text.strip_prefix("urn:uuid:").is_some_and(is_uuid) => Some((
            "fhir.primitive.uuid",
            "a uuid is `urn:uuid:` and 32 hexadecimal digits in five groups",
        )),
        Kind::Uri | Kind::Url | Kind::Canonical
            if has_space(bytes) || (escaped && bytes.iter().any(u8::is_ascii_whitespace)) =>
        {
            Some(("fhir.primitive.uri", "a URI has no white space"))
        }
        Kind::Base64Binary if !is_base64(bytes) => Some((
            "fhir.primitive.base64",
            "base64 is letters, digits, `+` and `/` in groups of four, `=` at the end",
        )),
        Kind::Xhtml => xhtml::fault(text),
        Kind::String | Kind::Markdown
            if bytes.len() > LONGEST_STRING && text.chars().count() > LONGEST_STRING =>
        {
            Some((
                "fhir.primitive.string",
                "a string has at most 1,048,576 characters",
            ))
        }
        Kind::String | Kind::Markdown if escaped && has_control(bytes) => Some((
            "fhir.primitive.string",
            "a string has no control characters except tab and line ends",
        )),
        Kind::String | Kind::Markdown if is_blank(text) => {
            Some(("fhir.primitive.string", "a string must have some text"))
        }
        _ => None,
    }
}

fn is_code(bytes: &[u8]) -> bool {
    let mut space = true;
    for byte in bytes {
        if *byte > b' ' {
            space = false;
        } else if *byte == b' ' && !space {
            space = true;
        } else if *byte == b' ' || byte.is_ascii_whitespace() {
            return false;
        } else {
            space = false;
        }
    }
    !space
}

fn is_id(bytes: &[u8]) -> bool {
    bytes.len() <= 64
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

fn is_oid(text: &str) -> bool {
    let mut arcs = text.split('.');
    matches!(arcs.next(), Some("0" | "1" | "2"))
        && text.contains('.')
        && arcs.all(|arc| {
            !arc.is_empty()
                && arc.bytes().all(|byte| byte.is_ascii_digit())
                && (arc.len() == 1 || !arc.starts_with('0'))
        })
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn is_base64(bytes: &[u8]) -> bool {
    let (mut count, mut padding) = (0_usize, 0_usize);
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => count += 1,
            b'=' => padding += 1,
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => return false,
        }
    }
    padding <= 2 && (count + padding) % 4 == 0 && count > 0
}

fn has_control(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .any(|byte| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r'))
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primitive_formats() {
        let check = |kind, good: &[&str], bad: &[&str]| {
            for text in good {
                assert_eq!(fault(kind, text, true), None, "{kind:?} {text}");
            }
            for text in bad {
                assert!(fault(kind, text, true).is_some(), "{kind:?} {text}");
            }
        };
        check(
            Kind::Code,
            &["a", "a b", "1.2-x"],
            &["", " a", "a ", "a  b", "a\tb", "a\nb"],
        );
        check(Kind::Id, &["a", "A-1.b"], &["", "a_b", "a b", &"x".repeat(65)]);
        check(
            Kind::Oid,
            &["urn:oid:1.2.3", "urn:oid:2.16.840.1"],
            &["1.2", "urn:oid:3.1", "urn:oid:1.02", "urn:oid:1", "urn:oid:1..2"],
        );
        check(
            Kind::Uuid,
            &[
                "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
                "urn:uuid:C757873D-EC9A-4326-A141-556F43239520",
            ],
            &[
                "c757873d-ec9a-4326-a141-556f43239520",
                "urn:uuid:c757873dec9a4326a141556f43239520",
                "urn:uuid:x",
            ],
        );
        check(Kind::Uri, &["http://a", "urn:x", "a"], &["", "a b", " a"]);
        check(
            Kind::Base64Binary,
            &["AAAA", "AA==", "A A\nAA", "AAA="],
            &["", "A", "AAA", "A=AA", "AAAA====", "AA_A"],
        );
        check(Kind::String, &["a", " a ", "a\tb\n"], &["", " ", "a\u{1}"]);
    }
}
