//! How a value that cannot stand where it stands is kept.

use ehr_types::DateTime;

use super::mend::is_void;
use crate::convert::json::Tree;
use crate::convert::{extension, release, text, time};
use crate::element::{self, Element, Field, Str, Type};
use crate::r4;

pub(super) fn extension_type() -> &'static Type {
    r4::Extension::default().describe()
}

/// What stands in the place of a primitive value that cannot, and the extension that holds it.
pub(super) fn in_place(field: &Field, value: &Tree) -> (Option<Tree>, Option<Tree>) {
    if matches!(field.kind(), element::Kind::String | element::Kind::Markdown)
        && let Some(text) = as_text(value)
        && let Some(shown) = text::string(&text).filter(|shown| !text::is_unfit(shown))
    {
        let why = words(value).map(|words| text_extension(extension::SOURCE_TEXT, &words));
        return (Some(Tree::string(shown)), why);
    }
    if let Some((as_far, whole)) = whole_time(value, field.kind()) {
        let is_whole = as_far.as_deref() == Some(whole.as_str());
        let why = (!is_whole).then(|| text_extension(extension::SOURCE_TIME, &whole));
        return (as_far.map(Tree::string), why);
    }
    let words = words(value);
    let why = words.map(|words| text_extension(extension::SOURCE_TEXT, &words));
    (None, why)
}

pub(super) fn put_beside(parent: &mut Tree, field: &Field, value: &Tree) {
    let (now, why) = in_place(field, value);
    if let Some(now) = now {
        parent.set(field.name(), now);
    }
    let Some(why) = why else { return };
    let name = format!("_{}", field.name());
    if parent.get(&name).is_none() {
        parent.set(&name, Tree::Object(Vec::new()));
    }
    if let Some(beside) = parent.get_mut(&name) {
        beside.push("extension", why);
    }
}

/// A time that FHIR has no form for: as far as it has one, and the whole.
pub(super) fn whole_time(value: &Tree, kind: element::Kind) -> Option<(Option<String>, String)> {
    let whole = DateTime::parse_any(value.as_str()?).ok()?;
    let as_far = match kind {
        element::Kind::Date => Some(whole.date().to_string()),
        element::Kind::DateTime => time::write_time(whole).0.map(|time| time.to_string()),
        element::Kind::Instant => None,
        _ => return None,
    };
    Some((as_far, whole.to_string()))
}

/// Keeps a value as text in an extension of the element that it stood in; what says nothing goes.
pub(super) fn set_aside(parent: &mut Tree, name: &str, value: &Tree, of: Option<&Type>) {
    let Some(words) = words(value) else { return };
    let has = |list: &str| of.is_none_or(|of| of.field(list).is_some());
    // What modifies the meaning goes on doing so.
    let modifies = name == "modifierExtension" || release::MODIFIERS.contains(&name);
    let list = if modifies && has("modifierExtension") {
        "modifierExtension"
    } else {
        "extension"
    };
    let parts = vec![text_extension("element", name), text_extension("value", &words)];
    let kept = extension_of(extension::OTHER_TYPE, "extension", Tree::Array(parts));
    let is_extension = of.is_some_and(|of| std::ptr::eq(of, extension_type()));
    let value = if is_extension {
        value_of_extension(parent, name)
    } else {
        None
    };
    match value {
        Some(value) => value.push("extension", kept),
        None if has(list) => parent.push(list, kept),
        // A Binary, a Bundle, Parameters.
        None => {
            if !matches!(parent.get("meta"), Some(Tree::Object(_))) {
                parent.set("meta", Tree::Object(Vec::new()));
            }
            if let Some(meta) = parent.get_mut("meta") {
                meta.push(list, kept);
            }
        }
    }
}

/// The value of an extension, beside which there is a place that there is not in the extension itself (rule ext-1).
pub(super) fn value_of_extension<'t>(parent: &'t mut Tree, aside: &str) -> Option<&'t mut Tree> {
    let is_value = |name: &str| name.starts_with("value") && name != aside;
    let (name, is_element) = parent.members().iter().find_map(|(name, value)| {
        let field = extension_type().field(name).filter(|_| is_value(name))?;
        Some((
            name.to_string(),
            !field.kind().is_primitive() && matches!(value, Tree::Object(_)),
        ))
    })?;
    if is_element {
        return parent.get_mut(&name);
    }
    let beside = format!("_{name}");
    if !matches!(parent.get(&beside), Some(Tree::Object(_))) {
        parent.set(&beside, Tree::Object(Vec::new()));
    }
    parent.get_mut(&beside)
}

/// What [`take_modifier`] took, as a modifier of the resource.
pub(super) fn modifier_of_all(path: &str, value: &Tree) -> Tree {
    let parts = vec![
        text_extension("path", path),
        text_extension("json", &value.to_text()),
    ];
    extension_of(extension::MEMBER_VALUE, "extension", Tree::Array(parts))
}

/// The text of a JSON string, also where it is none.
pub(super) fn as_text(value: &Tree) -> Option<String> {
    match value {
        Tree::String(text) => Some(text.to_string()),
        Tree::Raw(json) if json.starts_with('"') => text::of_json(json),
        _ => None,
    }
}

pub(super) fn words(value: &Tree) -> Option<String> {
    let words = match value {
        Tree::String(text) => text.to_string(),
        value if is_void(value) => return None,
        other => other.to_text(),
    };
    (!words.trim().is_empty()).then_some(words)
}

pub(super) fn is_plain(value: &Tree) -> bool {
    matches!(value, Tree::String(_) | Tree::Number(_) | Tree::Bool(_)) || as_text(value).is_some()
}

pub(super) fn text_extension(url: &str, text: &str) -> Tree {
    match text::whole(text) {
        text::Whole::Text(text) => extension_of(url, "valueString", Tree::String(text)),
        text::Whole::Base64(data) => extension_of(url, "valueBase64Binary", Tree::String(data)),
    }
}

pub(super) fn extension_of(url: &str, name: &'static str, value: Tree) -> Tree {
    Tree::Object(vec![
        (Str::new_static("url"), Tree::string(url)),
        (Str::new_static(name), value),
    ])
}

/// The extension that says that something is not known.
pub(super) fn unknown() -> Tree {
    Tree::Object(vec![
        (
            Str::new_static("url"),
            Tree::string(extension::DATA_ABSENT_REASON),
        ),
        (Str::new_static("valueCode"), Tree::string("unknown")),
    ])
}

/// The single primitive of that name, beside which something can stand.
pub(super) fn single_primitive(of: Option<&Type>, name: &str) -> Option<&'static Field> {
    let field = of?.field(name)?;
    let holds = field.kind().is_primitive() && field.kind() != element::Kind::Id && !field.many();
    holds.then_some(field)
}
