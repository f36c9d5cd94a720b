//! JSON as a tree that keeps the text of numbers.

use super::scanner::Scanner;
use crate::element::Str;

/// A JSON value.
#[derive(Clone, PartialEq)]
pub(super) enum Tree {
    Null,
    Bool(bool),
    Number(Str),
    String(Str),
    Array(Vec<Tree>),
    Object(Vec<(Str, Tree)>),
    /// What is nested too deeply to be looked into, or is a string but no text, as JSON.
    Raw(Box<str>),
}

/// Values nested deeper are kept as text. An element stands in a list at most: as deep as resources are read by default.
pub(super) const MAX_DEPTH: usize = 2 * 128;

impl Tree {
    /// Reads a JSON text; `None` when it is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Scanner::new(text, 0).node(0)
    }

    pub(super) fn string(text: impl AsRef<str>) -> Self {
        Self::String(Str::new(text))
    }

    /// The member of an object.
    #[inline(never)]
    pub(super) fn get(&self, name: &str) -> Option<&Tree> {
        self.members()
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    #[inline(never)]
    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Tree> {
        match self {
            Self::Object(members) => members
                .iter_mut()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// The members of an object.
    pub(super) fn members(&self) -> &[(Str, Tree)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    /// The members of an object, taken out of it.
    pub(super) fn into_members(self) -> Vec<(Str, Tree)> {
        match self {
            Self::Object(members) => members,
            _ => Vec::new(),
        }
    }

    pub(super) fn items(&self) -> &[Tree] {
        match self {
            Self::Array(items) => items,
            _ => &[],
        }
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Sets a member of an object.
    #[inline(never)]
    pub(super) fn set(&mut self, name: &str, value: Tree) {
        if let Some(old) = self.get_mut(name) {
            *old = value;
        } else {
            self.append(name, value);
        }
    }

    /// Adds a member that an object does not have.
    pub(super) fn append(&mut self, name: &str, value: Tree) {
        if let Self::Object(members) = self {
            members.push((Str::new(name), value));
        }
    }

    pub(super) fn remove(&mut self, name: &str) -> Option<Tree> {
        let Self::Object(members) = self else { return None };
        let at = members.iter().position(|(known, _)| known == name)?;
        Some(members.remove(at).1)
    }

    /// Appends to the array in a member, which is made where it is missing.
    pub(super) fn push(&mut self, name: &str, value: Tree) {
        match self.get_mut(name) {
            Some(Self::Array(items)) => items.push(value),
            _ => self.set(name, Tree::Array(vec![value])),
        }
    }

    /// Removes an item of the array in a member, and the array with the last one.
    pub(super) fn take_item(&mut self, name: &str, item: &Tree) {
        if let Some(Self::Array(items)) = self.get_mut(name) {
            items.retain(|other| other != item);
            if items.is_empty() {
                self.remove(name);
            }
        }
    }

    /// The JSON text, without white space.
    pub(super) fn to_text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(number) => out.push_str(number),
            Self::String(text) => write_string(text, out),
            Self::Raw(text) => out.push_str(text),
            Self::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    write_string(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// Calls `visit` on every object, the outermost first.
    pub(super) fn each_object(&mut self, visit: &mut dyn FnMut(&mut Tree)) {
        if matches!(self, Self::Object(_)) {
            visit(self);
        }
        match self {
            Self::Object(members) => members.iter_mut().for_each(|(_, value)| value.each_object(visit)),
            Self::Array(items) => items.iter_mut().for_each(|item| item.each_object(visit)),
            _ => {}
        }
    }

    /// Calls `visit` with every Reference, by a literal, an identifier or a name, and the member of the root that it is in.
    pub(super) fn each_reference<'n>(&'n self, visit: &mut dyn FnMut(&'n str, &'n Tree)) {
        for (name, value) in self.members() {
            value.references_in(name, visit);
        }
    }

    fn references_in<'n>(&'n self, top: &'n str, visit: &mut dyn FnMut(&'n str, &'n Tree)) {
        match self {
            Self::Object(members) => {
                if self.is_reference() {
                    visit(top, self);
                }
                for (_, value) in members {
                    value.references_in(top, visit);
                }
            }
            Self::Array(items) => items.iter().for_each(|item| item.references_in(top, visit)),
            _ => {}
        }
    }

    /// Whether an object has the form of a Reference: a literal, or nothing but what else one has.
    fn is_reference(&self) -> bool {
        let members = self.members();
        let is_of = |name: &str| {
            matches!(
                name.trim_start_matches('_'),
                "type" | "identifier" | "display" | "id" | "extension"
            )
        };
        let is_named = |(name, value): &(Str, Tree)| match name.as_str() {
            "identifier" => matches!(value, Self::Object(_)),
            name => name == "display",
        };
        match self.get("reference") {
            Some(literal) => matches!(literal, Self::String(_)),
            None => {
                self.get("identifier")
                    .is_some_and(|identifier| matches!(identifier, Self::Object(_)))
                    || members.iter().any(is_named) && members.iter().all(|(name, _)| is_of(name))
            }
        }
    }
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if letter < ' ' => out.push_str(&format!("\\u{:04x}", letter as u32)),
            letter => out.push(letter),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_goes_both_ways() {
        for text in [
            r#"{"a":[1.00,-0,1e5],"b":"x\"\\\n","c":null,"d":{},"e":[],"f":true}"#,
            r#"{"a":"\ud83d x"}"#,
            "[]",
            "\"é\"",
        ] {
            assert_eq!(Tree::parse(text).unwrap().to_text(), text);
        }
        assert!(Tree::parse("{\"a\":").is_none());
        let deep = format!("{}1{}", "[".repeat(300), "]".repeat(300));
        assert_eq!(Tree::parse(&deep).unwrap().to_text(), deep);
    }

    #[test]
    fn an_outline_has_offsets() {
        let text = r#" {"entry": [ {"resource": {"a": "}"}}, 5 ]} "#;
        let members = Scanner::new(text, 0).members();
        let (_, at, _) = members.first().unwrap();
        let items = Scanner::new(text, *at).items();
        assert_eq!(
            items.iter().map(|(_, text)| *text).collect::<Vec<_>>(),
            [r#"{"resource": {"a": "}"}}"#, "5"]
        );
    }
}
