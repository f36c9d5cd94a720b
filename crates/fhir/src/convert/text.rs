//! Texts and codes: what FHIR allows where, and what to do with the rest.

use ehr_types::Decimal;

use crate::element::{Kind, Str};
use crate::r4::{is_currency, is_media_type};

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
    if field == "carrier_hrf" {
        // The one name in which FHIR writes initials large.
        return format!("carrierHRF{suffix}");
    }
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

/// The longest text of FHIR, in characters.
const LONGEST: usize = 1024 * 1024;

/// Whether a text needs a closer look: white space, control characters, nothing at all, or too much.
pub(super) fn is_doubtful(text: &str) -> bool {
    text.is_empty()
        || text.len() > LONGEST
        || text.bytes().any(|byte| byte <= b' ' || byte == 0x7F)
        || text.chars().any(is_illegal)
}

/// Characters that XML, and so FHIR, cannot hold.
fn is_illegal(letter: char) -> bool {
    (letter.is_control() && !matches!(letter, '\t' | '\n' | '\r'))
        || matches!(letter, '\u{FFFE}' | '\u{FFFF}')
}

/// Whether a text is none that FHIR can hold: by its characters, or by its length.
pub(super) fn is_unfit(text: &str) -> bool {
    text.chars().any(is_illegal) || is_too_long(text)
}

fn is_too_long(text: &str) -> bool {
    text.len() > LONGEST && text.chars().count() > LONGEST
}

/// A text in a form that FHIR can hold whole: as it is; as JSON, with its quotes, where it has characters that FHIR cannot
/// hold; as base64 of its UTF-8 where it is too long.
pub(super) fn whole(text: &str) -> Whole {
    if is_too_long(text) {
        return Whole::Base64(Str::new(to_base64(text.as_bytes())));
    }
    if !text.chars().any(is_illegal) {
        return Whole::Text(Str::new(text));
    }
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            letter if is_illegal(letter) => out.push_str(&format!("\\u{:04x}", u32::from(letter))),
            letter => out.push(letter),
        }
    }
    out.push('"');
    Whole::Text(Str::new(out))
}

/// See [`whole`].
pub(super) enum Whole {
    Text(Str),
    Base64(Str),
}

/// The text that [`whole`] gave as JSON.
pub(super) fn from_whole(text: &str) -> String {
    let quoted = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let plain = quoted.filter(|quoted| quoted.contains("\\u")).and_then(|quoted| {
        // JSON has escapes for line ends, which stand here as they are.
        let json = quoted
            .replace('\n', "\\n")
            .replace('\r', "\\r")
            .replace('\t', "\\t");
        serde_json::from_str::<String>(&format!("\"{json}\"")).ok()
    });
    plain
        .filter(|plain| plain.chars().any(is_illegal))
        .unwrap_or_else(|| text.to_owned())
}

/// The text of a JSON string; half of a surrogate pair is the replacement character.
pub(super) fn of_json(json: &str) -> Option<String> {
    if let Ok(text) = serde_json::from_str(json) {
        return Some(text);
    }
    let mut mended = String::with_capacity(json.len());
    let mut rest = json;
    while let Some((before, after)) = rest.split_once('\\') {
        mended.push_str(before);
        let unit = |text: &str| u16::from_str_radix(text.strip_prefix('u')?.get(..4)?, 16).ok();
        let (half, len) = match (
            unit(after),
            after.get(5..).and_then(|next| unit(next.strip_prefix('\\')?)),
        ) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => (false, 11),
            (Some(0xD800..=0xDFFF), _) => (true, 5),
            (Some(_), _) => (false, 5),
            (None, _) => (false, after.chars().next().map_or(0, char::len_utf8)),
        };
        let (escape, tail) = after.split_at_checked(len)?;
        if half {
            mended.push(char::REPLACEMENT_CHARACTER);
        } else {
            mended.push('\\');
            mended.push_str(escape);
        }
        rest = tail;
    }
    mended.push_str(rest);
    // What must be escaped and is not.
    let mended: String = mended
        .chars()
        .map(|letter| if letter.is_ascii_control() { ' ' } else { letter })
        .collect();
    serde_json::from_str(&mended).ok()
}

/// Whether a text may stand in the field of that name in Rust, where its value set is one that others than HL7 publish: media
/// types (BCP 13) and currencies (ISO 4217).
pub(super) fn is_in_set(field: &str, text: &str) -> bool {
    match field {
        _ if text.trim().is_empty() => true,
        "content_type" => is_media_type(text),
        "currency" => is_currency(text),
        _ => true,
    }
}

/// What FHIR allows of `text` as a value of that kind.
pub(super) fn check(kind: Kind, text: &Str) -> Checked {
    if text.trim().is_empty() {
        return Checked::Blank;
    }
    if is_too_long(text) {
        return Checked::Refused(text.clone());
    }
    let amended = match kind {
        Kind::Code => {
            return match code(text) {
                Some(code) if code == *text => Checked::Good,
                Some(code) => Checked::Amended(code),
                None => Checked::Blank,
            };
        }
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

/// The bytes of base64 without white space.
pub(super) fn of_base64(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        bits = bits << 6 | u32::from(digit(byte)?);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Some(out)
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

/// A text as a FHIR code: without the white space that it cannot hold.
pub(super) fn code(text: &str) -> Option<Str> {
    string(&text.split_whitespace().collect::<Vec<_>>().join(" "))
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

/// A text as a FHIR string, `None` when it says nothing: for what separates words and cannot stand in one there is a space, for
/// other characters the replacement character, so that it is seen that there was something.
pub(super) fn string(text: &str) -> Option<Str> {
    if text.trim().is_empty() {
        return None;
    }
    if text.chars().any(is_illegal) {
        let shown = |letter| match letter {
            '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1f}' | '\u{85}' => ' ',
            letter if is_illegal(letter) => char::REPLACEMENT_CHARACTER,
            letter => letter,
        };
        let shown: String = text.chars().map(shown).collect();
        return (!shown.trim().is_empty()).then(|| Str::new(shown));
    }
    Some(Str::new(text))
}

/// A number in a form that FHIR allows.
pub(super) fn number(number: &Decimal) -> Option<Decimal> {
    Decimal::parse(&number.json_text()).ok()
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
        assert_eq!(string("a\u{b}b\u{1}").unwrap(), "a b\u{FFFD}");
        for text in ["a\u{b}\"b\\\n\t\u{1}", "\"quoted\"", "\"\\u0041\"", "plain"] {
            let Whole::Text(whole) = whole(text) else {
                panic!("short")
            };
            assert!(!whole.chars().any(is_illegal));
            assert_eq!(from_whole(&whole), text);
        }
        for (json, text) in [
            (r#""a\ud83d\ude00\n""#, "a\u{1F600}\n"),
            (r#""\\ud83d\ud83d\u0041""#, "\\ud83d\u{FFFD}A"),
            (r#""a\ude00""#, "a\u{FFFD}"),
        ] {
            assert_eq!(of_json(json).as_deref(), Some(text));
        }
        for (bytes, text) in [
            ("", ""),
            ("a", "YQ=="),
            ("ab", "YWI="),
            ("abc", "YWJj"),
            ("abcd", "YWJjZA=="),
        ] {
            assert_eq!(to_base64(bytes.as_bytes()), text);
            assert_eq!(of_base64(text).as_deref(), Some(bytes.as_bytes()));
        }
    }
}
