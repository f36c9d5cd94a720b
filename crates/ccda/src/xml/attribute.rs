//! The attributes of a start tag with their places, and what their values say.

use std::borrow::Cow;

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::BytesRef;
use quick_xml::events::attributes::{AttrError, Attribute, Attributes};
use quick_xml::name::QName;

/// An attribute as written.
pub(super) struct RawAttribute<'t> {
    pub(super) key: QName<'t>,
    /// Offset of the key in the text.
    pub(super) key_at: usize,
    /// Between the quotes, references unresolved.
    pub(super) value: &'t str,
    /// Offset of the value in the text.
    pub(super) value_at: usize,
}

pub(super) struct RawAttributes<'t> {
    pub(super) list: Vec<RawAttribute<'t>>,
    /// Where the first thing stands that is not written as `name="value"`.
    pub(super) fault: Option<usize>,
}

/// The attributes of the tag whose content (from the name on) is `tag`, at the offset `at` of the text.
pub(super) fn attributes(tag: &str, at: usize, name_len: usize) -> RawAttributes<'_> {
    let mut out = RawAttributes {
        list: Vec::new(),
        fault: None,
    };
    // In its HTML manner quick-xml reads `name` and `name=value` too, which are faults in XML but lose nothing. That
    // a name is there twice is for the caller to say, so that the second value is kept.
    let mut scan = Attributes::html(tag, name_len);
    scan.with_checks(false);
    for attribute in scan {
        match attribute {
            Ok(Attribute { key, value }) => {
                let key_at = offset_in(tag, key.0).unwrap_or_default();
                let place = match value {
                    Cow::Borrowed(value) => offset_in(tag, value).map(|at| (at, value)),
                    Cow::Owned(_) => None,
                };
                let (value_at, value) = place.unwrap_or((key_at + key.0.len(), ""));
                let before = tag.get(..value_at).unwrap_or_default();
                if !before.ends_with(['"', '\'']) {
                    out.fault.get_or_insert(at + key_at);
                }
                out.list.push(RawAttribute {
                    key,
                    key_at: at + key_at,
                    value,
                    value_at: at + value_at,
                });
            }
            Err(
                AttrError::ExpectedEq(place)
                | AttrError::ExpectedValue(place)
                | AttrError::UnquotedValue(place)
                | AttrError::ExpectedQuote(place, _)
                | AttrError::Duplicated(place, _),
            ) => {
                out.fault.get_or_insert(at + place);
            }
        }
    }
    out
}

/// Where `part` stands in `whole`, when it is a slice of it.
fn offset_in(whole: &str, part: &str) -> Option<usize> {
    let at = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    (at + part.len() <= whole.len()).then_some(at)
}

/// What a reference (`&name;`, given as `name`) stands for: a character reference or one of the five entities of XML.
pub(super) fn resolve_reference(reference: &BytesRef<'_>, name: &str) -> Option<Cow<'static, str>> {
    match reference.resolve_char_ref() {
        Ok(Some(c)) => Some(Cow::Owned(c.to_string())),
        Ok(None) => resolve_predefined_entity(name).map(Cow::Borrowed),
        Err(_) => None,
    }
}

/// Appends the value of an attribute to `out`: references resolved, each white space character a space (XML 1.0, 3.3.3).
/// A reference that XML does not define stays as written; the offset of the first such is returned.
pub(super) fn normalize(value: &str, out: &mut String) -> Option<usize> {
    /// No name of an entity or number of a character is longer.
    const LONGEST: usize = 16;
    let mut unknown = None;
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('&') {
        push_spaced(before, out);
        let semicolon = after.bytes().take(LONGEST).position(|byte| byte == b';');
        let resolved = semicolon.and_then(|at| {
            let name = after.get(..at)?;
            Some((
                resolve_reference(&BytesRef::new(name), name)?,
                after.get(at + 1..)?,
            ))
        });
        rest = if let Some((text, next)) = resolved {
            out.push_str(&text);
            next
        } else {
            unknown.get_or_insert(value.len() - after.len() - 1);
            out.push('&');
            after
        };
    }
    push_spaced(rest, out);
    unknown
}

fn push_spaced(text: &str, out: &mut String) {
    let lines = text.replace("\r\n", "\n");
    out.extend(
        lines
            .chars()
            .map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c }),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_know_their_places_and_the_first_fault() {
        let tag = "a b = 'x' c=\"\" d e=1";
        let raw = attributes(tag, 10, 1);
        let seen: Vec<_> = raw
            .list
            .iter()
            .map(|a| (a.key.0, a.key_at, a.value, a.value_at))
            .collect();
        assert_eq!(
            seen,
            [
                ("b", 12, "x", 17),
                ("c", 20, "", 23),
                ("d", 25, "", 26),
                ("e", 27, "1", 29)
            ]
        );
        assert_eq!(raw.fault, Some(25));
    }

    #[test]
    fn values_are_normalized_and_unknown_references_kept() {
        for (value, expected, unknown) in [
            ("a&lt;b&#x41;&#66;", "a<bAB", None),
            ("a\r\nb\tc", "a b c", None),
            ("Smith & Wesson &amp; Co", "Smith & Wesson & Co", Some(6)),
            ("&nbsp;x&#0;&#xD800;", "&nbsp;x&#0;&#xD800;", Some(0)),
            ("&&&&&amp;é;", "&&&&&é;", Some(0)),
        ] {
            let mut out = String::new();
            assert_eq!(normalize(value, &mut out), unknown, "{value}");
            assert_eq!(out, expected);
        }
    }
}
