//! Whole JSON texts, looked at apart from any type.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::lex::Lexer;

/// Whether the text is one JSON value.
pub(crate) fn is_json(text: &str) -> bool {
    let mut lexer = Lexer::new(text);
    lexer.skip_value().is_ok() && {
        lexer.next_token();
        lexer.pos == text.len()
    }
}

/// The value of a member of a JSON object, when it is a string.
pub(crate) fn text_member(json: &str, name: &str) -> Option<String> {
    let mut lexer = Lexer::new(json);
    let at = lexer.member(name).ok()??;
    lexer.pos = at;
    if lexer.peek() != b'"' {
        return None;
    }
    let text = lexer.string().ok().filter(|text| !text.lone_surrogate)?;
    Some(text.value.into_owned())
}

/// A name as it is written between its quotes, its escapes replaced.
pub(crate) fn decode_name(written: &[u8]) -> Option<Cow<'_, str>> {
    let text = std::str::from_utf8(written).ok()?;
    if !text.contains('\\') {
        return Some(Cow::Borrowed(text));
    }
    let quoted = format!("\"{text}\"");
    let name = Lexer::new(&quoted).string().ok()?;
    Some(Cow::Owned(name.value.into_owned()))
}

/// The text of a JSON value on one line, so that it may stand in a line of NDJSON: without white space where there are line
/// ends, and with control characters in strings escaped.
pub(crate) fn one_line(json: &str) -> Cow<'_, str> {
    if !json.bytes().any(|byte| byte < b' ') {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in json.chars() {
        if !in_string && matches!(c, ' ' | '\n' | '\r' | '\t') {
            continue;
        }
        if in_string && c < ' ' {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
        if !escaped && c == '"' {
            in_string = !in_string;
        }
        escaped = in_string && !escaped && c == '\\';
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_on_one_line() {
        for (json, line) in [
            ("{\"a b\" : [1, 2]}", "{\"a b\" : [1, 2]}"),
            (
                "{\n  \"a b\": [1.0,\r\n\t\"x\\\" y\\\\\" , 2]\n}",
                "{\"a b\":[1.0,\"x\\\" y\\\\\",2]}",
            ),
            ("\"a\tb\n\"", "\"a\\u0009b\\u000a\""),
        ] {
            assert_eq!(one_line(json), line);
        }
    }
}
