//! The searches of conditional references: <https://hl7.org/fhir/R4/search.html#token>.

use crate::element::{Element, Elements, Field, Node, Primitive, Primitives, Visitor};
use crate::r4::{Identifier, Resource};

/// Whether a search by `_id` or `identifier` finds the resource; other searches find nothing.
pub(super) fn matches(resource: &Resource, resource_type: &str, query: &str) -> bool {
    resource.resource_type() == resource_type
        && query.split('&').all(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let value = unescape_percent(value);
            let mut choices = split(&value, ',');
            match name {
                "_id" => choices.any(|id| resource.id() == Some(unescape(id).as_str())),
                "identifier" => {
                    let own = identifiers(resource);
                    choices.any(|token| own.iter().any(|own| is_token(token, own)))
                }
                _ => false,
            }
        })
}

/// Whether an identifier is one that a token asks for: `value`, `system|value`, `|value` without a system, `system|` with any
/// value.
fn is_token(token: &str, (own_system, own_value): &(Option<String>, Option<String>)) -> bool {
    let mut parts = split(token, '|').map(unescape);
    let (first, second) = (parts.next().unwrap_or_default(), parts.next());
    let of_system = |system: &str| own_system.as_deref().unwrap_or_default() == system;
    let of_value = |value: &str| own_value.as_deref() == Some(value);
    match second {
        _ if parts.next().is_some() => false,
        None => !first.is_empty() && of_value(&first),
        Some(value) if value.is_empty() => !first.is_empty() && of_system(&first),
        Some(value) => of_system(&first) && of_value(&value),
    }
}

/// The parts of a search value between separators that no backslash stands before.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut escaped = false;
    text.split(move |c| {
        let separates = c == separator && !escaped;
        escaped = c == '\\' && !escaped;
        separates
    })
}

/// A part of a search value without the backslashes before `\`, `,`, `|` and `$`.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    out
}

fn unescape_percent(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match (byte, digit(ahead.next()), digit(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                bytes = ahead;
            }
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// System and value of the identifiers of a resource.
fn identifiers(resource: &Resource) -> Vec<(Option<String>, Option<String>)> {
    struct Find(Vec<(Option<String>, Option<String>)>);
    impl Find {
        fn add(&mut self, value: &dyn Node) {
            if let Some(Identifier { system, value, .. }) = value.as_identifier() {
                self.0.push((
                    system.as_ref().map(ToString::to_string),
                    value.as_ref().map(ToString::to_string),
                ));
            }
        }
    }
    impl Visitor for Find {
        fn primitive(&mut self, _: &'static Field, _: Primitive<'_>) {}
        fn primitives(&mut self, _: &'static Field, _: &dyn Primitives) {}
        fn element(&mut self, field: &'static Field, value: &dyn Node) {
            if field.name() == "identifier" {
                self.add(value);
            }
        }
        fn elements(&mut self, field: &'static Field, values: &dyn Elements) {
            if field.name() == "identifier" {
                (0..values.count())
                    .filter_map(|at| values.at(at))
                    .for_each(|value| self.add(value));
            }
        }
        fn resource(&mut self, _: &'static Field, _: &Resource) {}
        fn resources(&mut self, _: &'static Field, _: &[Resource]) {}
    }
    let mut find = Find(Vec::new());
    if let Some(element) = resource.as_element() {
        element.visit(&mut find);
    }
    find.0
}
