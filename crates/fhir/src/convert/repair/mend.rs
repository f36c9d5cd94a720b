//! What is done about the faults of one element.

use std::collections::HashMap;

use ehr_types::DateTime;

use super::place::{Step, walk};
use crate::convert::json::Tree;
use crate::convert::{extension, narrative, text};
use crate::element::{self, Field, Node, Str, Type};
use crate::r4;

/// A fault of an element: which member, and what is wrong with it.
pub(super) struct Fault {
    pub(super) place: Step,
    pub(super) kind: Kind,
}

/// What is to be done about a fault.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// A required member is not there: that is said.
    Missing,
    /// The member says nothing: it goes.
    Empty,
    /// The member is no list.
    NotArray,
    /// The list of values and that of what stands beside them differ in length.
    Uneven,
    /// The element has an id alone.
    Childless,
    /// The value cannot stand there: it is set aside.
    Misplaced,
    /// The value cannot stand beside another: it is set aside.
    Second,
    /// The reference leads where it must not: it is kept in an extension, where it may.
    Target,
    /// The reference leads to nothing in the resource: it is kept as a text.
    Dangling,
    /// The narrative is none: its words stay, and what it was is kept as a text.
    Narrative,
    /// Nothing refers to the contained resource: the one that contains it does.
    Unreferenced,
    /// A contained resource says of itself what only another may.
    Version,
    /// See `Version`.
    Label,
    /// A contained resource contains others: they move out of it.
    Nested,
}

impl Kind {
    pub(super) fn of(code: &str) -> Option<Self> {
        Some(match code {
            "fhir.element.missing" => Self::Missing,
            "fhir.element.empty-array" | "fhir.element.empty-object" | "fhir.element.null" => Self::Empty,
            "fhir.element.not-array" => Self::NotArray,
            "fhir.element.array-length" => Self::Uneven,
            "fhir.invariant.ele-1" => Self::Childless,
            "fhir.choice.two-values" | "json.duplicate-member" => Self::Second,
            "fhir.reference.target" => Self::Target,
            "fhir.invariant.ref-1" => Self::Dangling,
            "fhir.invariant.txt-1" | "fhir.invariant.txt-2" | "fhir.primitive.xhtml" => Self::Narrative,
            "fhir.invariant.dom-2" => Self::Nested,
            "fhir.invariant.dom-3" => Self::Unreferenced,
            "fhir.invariant.dom-4" => Self::Version,
            "fhir.invariant.dom-5" => Self::Label,
            "fhir.element.type"
            | "fhir.element.unknown"
            | "fhir.resource.unknown-type"
            | "fhir.resource.no-type"
            | "fhir.resource.duplicate-id"
            | "fhir.code.unknown"
            | "fhir.invariant.ext-1"
            | "json.lone-surrogate" => Self::Misplaced,
            code if code.starts_with("fhir.primitive.") => Self::Misplaced,
            _ => return None,
        })
    }

    /// Whether the fault of an extension's member can be mended inside the extension, which is nothing without its URL.
    pub(super) fn is_mended_inside(self, place: &Step) -> bool {
        match self {
            Self::Missing | Self::Second => false,
            Self::Misplaced => place.name != "url",
            _ => true,
        }
    }
}

pub(super) fn extension_type() -> &'static Type {
    r4::Extension::default().describe()
}

/// Stands for an item that was taken out of a list, so that the others keep their places until [`sweep`].
fn gap() -> Tree {
    Tree::Raw("".into())
}

fn is_gap(tree: &Tree) -> bool {
    matches!(tree, Tree::Raw(text) if text.is_empty())
}

/// Takes the gaps out of lists, and the lists in which nothing is left.
pub(super) fn sweep(tree: &mut Tree) {
    tree.each_object(&mut |object| {
        let Tree::Object(members) = object else { return };
        members.retain_mut(|(name, value)| {
            let Tree::Array(items) = value else { return true };
            let before = items.len();
            items.retain(|item| !is_gap(item));
            let is_left = |item: &Tree| !(name.starts_with('_') && *item == Tree::Null);
            items.len() == before || items.iter().any(is_left)
        });
    });
}

/// Mends an element; `false` when nothing could be done.
pub(super) fn mend(parent: &mut Tree, faults: &[Fault], of: Option<&Type>) -> bool {
    if !matches!(parent, Tree::Object(_)) {
        return false;
    }
    let mut changed = false;
    for fault in faults.iter().filter(|fault| fault.kind == Kind::NotArray) {
        changed |= wrap(parent, &fault.place.name);
    }
    let has = |kind: Kind, name: &str| {
        faults
            .iter()
            .any(|fault| fault.kind == kind && fault.place.name == name)
    };
    if has(Kind::Target, "reference") {
        changed |= target(parent);
    } else if has(Kind::Target, "type") {
        changed |= type_aside(parent);
    }
    changed |= has(Kind::Dangling, "reference") && dangling(parent);
    changed |= faults.iter().any(|fault| fault.kind == Kind::Narrative) && narrative(parent);
    for fault in faults {
        changed |= match fault.kind {
            Kind::Version => beside_meta(parent, &fault.place, &["versionId", "lastUpdated"]),
            Kind::Label => beside_meta(parent, &fault.place, &["security"]),
            Kind::Unreferenced => refer(parent, &fault.place, of),
            Kind::Nested => hoist(parent, &fault.place),
            _ => false,
        };
    }
    if of.is_some_and(|of| of.field("extension").is_none()) {
        // There is nowhere to keep anything.
        return changed;
    }
    let taken = take_members(parent, faults, of);
    changed |= !taken.is_empty();
    for fault in faults.iter().filter(|fault| fault.place.index.is_some()) {
        changed |= match fault.kind {
            Kind::Empty => empty_item(parent, &fault.place),
            Kind::Misplaced | Kind::Second => set_item_aside(parent, &fault.place, of),
            _ => false,
        };
    }
    let mut beside = Vec::new();
    for (name, value, kind) in taken {
        let is_first = kind != Kind::Second && !beside.contains(&name) && parent.get(&name).is_none();
        let field = single_primitive(of, &name).filter(|_| is_first && is_plain(&value));
        match field {
            Some(field) => {
                put_beside(parent, field, &value);
                beside.push(name);
            }
            None => set_aside(parent, &name, &value, of),
        }
    }
    for fault in faults {
        match fault.kind {
            Kind::Missing => {
                if let Some(of) = of {
                    changed |= missing(parent, &fault.place.name, of);
                }
            }
            Kind::Uneven => changed |= level(parent, &fault.place.name),
            Kind::Childless => {
                if let Some(element) = walk(parent, std::slice::from_ref(&fault.place)) {
                    element.push("extension", unknown());
                    changed = true;
                }
            }
            _ => {}
        }
    }
    changed
}

/// Puts a value into the list that it should be; of a primitive, that can be what stands beside it.
fn wrap(parent: &mut Tree, name: &str) -> bool {
    for name in [name.to_owned(), format!("_{name}")] {
        if let Some(value) = parent.get_mut(&name)
            && !matches!(value, Tree::Array(_))
        {
            *value = Tree::Array(vec![std::mem::replace(value, Tree::Null)]);
            return true;
        }
    }
    false
}

/// Takes out the members that are at fault as a whole, in one pass: there may be many, and names may repeat, of which the
/// last are at fault.
fn take_members(parent: &mut Tree, faults: &[Fault], of: Option<&Type>) -> Vec<(Str, Tree, Kind)> {
    let mut wanted: HashMap<String, Vec<Kind>> = HashMap::new();
    for Fault { place, kind } in faults {
        if place.index.is_none() && matches!(kind, Kind::Empty | Kind::Misplaced | Kind::Second) {
            let beside = format!("_{}", place.name);
            let asked = if *kind == Kind::Second {
                &place.name
            } else {
                &beside
            };
            let is_new = !wanted.contains_key(asked);
            let field = of.filter(|_| is_new).and_then(|of| of.field(&place.name));
            let is_beside = field.is_some_and(|field| is_fault_beside(parent, &beside, field, *kind));
            let name = if is_beside { beside } else { place.name.clone() };
            wanted.entry(name).or_default().push(*kind);
        }
    }
    let Tree::Object(members) = parent else {
        return Vec::new();
    };
    if wanted.is_empty() {
        return Vec::new();
    }
    let (mut left, mut taken) = (Vec::with_capacity(members.len()), Vec::new());
    for (name, value) in members.drain(..).rev() {
        match wanted.get_mut(name.as_str()).and_then(Vec::pop) {
            Some(kind) => taken.push((name, value, kind)),
            None => left.push((name, value)),
        }
    }
    left.reverse();
    *members = left;
    taken.reverse();
    taken
}

/// Whether not the value of a primitive is at fault but what stands beside it: the path is that of the primitive.
fn is_fault_beside(parent: &Tree, beside: &str, field: &Field, kind: Kind) -> bool {
    let Some(beside) = field.kind().is_primitive().then(|| parent.get(beside)).flatten() else {
        return false;
    };
    let is_item = |item: &Tree| matches!(item, Tree::Null | Tree::Object(_));
    if kind == Kind::Second {
        return parent.get(field.name()).is_none();
    }
    match beside {
        Tree::Object(members) => members.is_empty() || field.many(),
        Tree::Array(items) => !field.many() || !items.iter().all(is_item) || is_nulls(items),
        _ => true,
    }
}

/// Takes out an item that says nothing; of a list of primitives also what stands beside it and says nothing.
fn empty_item(parent: &mut Tree, place: &Step) -> bool {
    let Some(index) = place.index else { return false };
    let names = [place.name.clone(), format!("_{}", place.name)];
    let is_empty = names
        .each_ref()
        .map(|name| item_mut(parent, name, index).map(|item| is_void(item)));
    let [_, beside] = &names;
    match is_empty {
        // An extension without a value has null in its place.
        [Some(true), Some(false)] => return false,
        [Some(true), _] => {
            for name in &names {
                if let Some(item) = item_mut(parent, name, index) {
                    *item = gap();
                }
            }
        }
        [_, Some(true)] => {
            if let Some(item) = item_mut(parent, beside, index) {
                *item = Tree::Null;
            }
            drop_nulls(parent, beside);
        }
        _ => return false,
    }
    true
}

/// Takes away a list of nulls, beside which nothing stands.
fn drop_nulls(parent: &mut Tree, name: &str) {
    if parent.get(name).is_some_and(|list| is_nulls(list.items())) {
        parent.remove(name);
    }
}

fn is_nulls(items: &[Tree]) -> bool {
    items.iter().all(|item| *item == Tree::Null)
}

/// Makes the lists of values and of what stands beside them equally long.
fn level(parent: &mut Tree, name: &str) -> bool {
    let names = [name.to_owned(), format!("_{name}")];
    let len = |name: &String| parent.get(name).map_or(0, |list| list.items().len());
    let longest = names.iter().map(len).max().unwrap_or(0);
    let mut changed = false;
    for name in &names {
        if let Some(Tree::Array(items)) = parent.get_mut(name) {
            changed |= items.len() < longest;
            items.resize(longest, Tree::Null);
        }
    }
    changed
}

fn item_mut<'t>(parent: &'t mut Tree, name: &str, index: usize) -> Option<&'t mut Tree> {
    match parent.get_mut(name)? {
        Tree::Array(items) => items.get_mut(index),
        _ => None,
    }
}

/// Sets an item of a list aside. In a list of primitives with something beside any of them, the places have to stay.
fn set_item_aside(parent: &mut Tree, place: &Step, of: Option<&Type>) -> bool {
    let Some(index) = place.index else { return false };
    let Some(item) = item_mut(parent, &place.name, index).filter(|item| !is_gap(item)) else {
        return false;
    };
    let value = item.clone();
    let field = of
        .and_then(|of| of.field(&place.name))
        .filter(|field| field.kind().is_primitive());
    let beside = format!("_{}", place.name);
    let is_time = field.is_some_and(|field| time(&value, field.kind()).is_some());
    let is_unfit = as_text(&value).is_some_and(|text| text::is_unfit(&text)) || matches!(value, Tree::Raw(_));
    let field = field.filter(|_| is_time || is_unfit || parent.get(&beside).is_some());
    let (now, why) = match field {
        Some(field) if is_plain(&value) => in_place(field, &value),
        _ => (None, None),
    };
    let is_kept = now.is_some() || why.is_some();
    if let Some(item) = item_mut(parent, &place.name, index) {
        *item = now.unwrap_or_else(|| if is_kept { Tree::Null } else { gap() });
    }
    if !is_kept {
        set_aside(parent, &place.name, &value, of);
    }
    let Some(why) = why else { return true };
    if parent.get(&beside).is_none() {
        parent.set(&beside, Tree::Array(Vec::new()));
    }
    level(parent, &place.name);
    if let Some(item) = item_mut(parent, &beside, index) {
        if !matches!(item, Tree::Object(_)) {
            *item = Tree::Object(Vec::new());
        }
        item.push("extension", why);
    }
    true
}

/// Keeps a reference that may not stand in the element whole, in an extension.
fn target(reference: &mut Tree) -> bool {
    let Some(literal) = reference.remove("reference") else {
        return false;
    };
    let mut whole = vec![(Str::new_static("reference"), literal)];
    whole.extend(
        reference
            .remove("type")
            .map(|type_| (Str::new_static("type"), type_)),
    );
    let kept = extension_of(extension::SOURCE_REFERENCE, "valueReference", Tree::Object(whole));
    reference.push("extension", kept);
    true
}

/// Keeps the type of a reference that may not be of that type: it only says what a reader may expect.
fn type_aside(reference: &mut Tree) -> bool {
    let type_ = reference.remove("type");
    if let Some(type_) = &type_ {
        set_aside(reference, "type", type_, None);
    }
    type_.is_some()
}

/// Keeps the text of a reference to nothing.
fn dangling(reference: &mut Tree) -> bool {
    let Some(literal) = reference
        .get("reference")
        .and_then(Tree::as_str)
        .map(str::to_owned)
    else {
        return false;
    };
    reference.remove("reference");
    reference.push("extension", text_extension(extension::SOURCE_REFERENCE, &literal));
    true
}

/// Has the words of a narrative stand for it.
fn narrative(narrative: &mut Tree) -> bool {
    let Some(div) = narrative.get("div").and_then(as_text) else {
        return false;
    };
    narrative.push("extension", text_extension(extension::SOURCE_TEXT, &div));
    narrative.set("div", Tree::string(narrative::safe(&div)));
    true
}

/// Sets members of a contained resource's `meta` aside.
fn beside_meta(parent: &mut Tree, place: &Step, names: &[&str]) -> bool {
    let Some(meta) =
        item_mut(parent, &place.name, place.index.unwrap_or(0)).and_then(|inner| inner.get_mut("meta"))
    else {
        return false;
    };
    let mut changed = false;
    for name in names {
        if let Some(value) = meta.remove(name) {
            set_aside(meta, name, &value, None);
            changed = true;
        }
        meta.remove(&format!("_{name}"));
    }
    changed
}

/// Refers to a contained resource to which nothing else does; one that has no id is set aside.
fn refer(parent: &mut Tree, place: &Step, of: Option<&Type>) -> bool {
    let inner = item_mut(parent, &place.name, place.index.unwrap_or(0));
    let id = inner
        .and_then(|inner| inner.get("id"))
        .and_then(Tree::as_str)
        .map(str::to_owned);
    let Some(id) = id else {
        return set_item_aside(parent, place, of);
    };
    let reference = vec![(Str::new_static("reference"), Tree::string(format!("#{id}")))];
    let kept = extension_of(
        extension::SOURCE_REFERENCE,
        "valueReference",
        Tree::Object(reference),
    );
    parent.push("extension", kept);
    true
}

/// Moves what a contained resource contains beside it.
fn hoist(parent: &mut Tree, place: &Step) -> bool {
    let inner = item_mut(parent, &place.name, place.index.unwrap_or(0));
    let Some(Tree::Array(moved)) = inner.and_then(|inner| inner.remove("contained")) else {
        return false;
    };
    for resource in moved {
        parent.push(&place.name, resource);
    }
    true
}

/// What stands in the place of a primitive value that cannot, and the extension that holds it.
fn in_place(field: &Field, value: &Tree) -> (Option<Tree>, Option<Tree>) {
    if matches!(field.kind(), element::Kind::String | element::Kind::Markdown)
        && let Some(text) = as_text(value)
        && let Some(shown) = text::string(&text).filter(|shown| !text::is_unfit(shown))
    {
        let why = words(value).map(|words| text_extension(extension::SOURCE_TEXT, &words));
        return (Some(Tree::string(shown)), why);
    }
    if let Some((as_far, whole)) = time(value, field.kind()) {
        let is_whole = as_far.as_deref() == Some(whole.as_str());
        let why = (!is_whole).then(|| text_extension(extension::SOURCE_TIME, &whole));
        return (as_far.map(Tree::string), why);
    }
    let words = words(value);
    let why = words.map(|words| text_extension(extension::SOURCE_TEXT, &words));
    (None, why)
}

fn put_beside(parent: &mut Tree, field: &Field, value: &Tree) {
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
fn time(value: &Tree, kind: element::Kind) -> Option<(Option<String>, String)> {
    let whole = DateTime::parse_any(value.as_str()?).ok()?;
    let as_far = match kind {
        element::Kind::Date => Some(whole.date().to_string()),
        element::Kind::DateTime => text::write_time(whole).0.map(|time| time.to_string()),
        element::Kind::Instant => None,
        _ => return None,
    };
    Some((as_far, whole.to_string()))
}

/// Keeps a value as text in an extension of the element that it stood in; what says nothing goes.
fn set_aside(parent: &mut Tree, name: &str, value: &Tree, of: Option<&Type>) {
    let Some(words) = words(value) else { return };
    // What modifies the meaning goes on doing so.
    let list = if name == "modifierExtension" {
        name
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
        None => parent.push(list, kept),
    }
}

/// The value of an extension, beside which there is a place that there is not in the extension itself (rule ext-1).
fn value_of_extension<'t>(parent: &'t mut Tree, aside: &str) -> Option<&'t mut Tree> {
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

/// Takes what modifies an element that cannot be modified out of it, so that it modifies the whole.
pub(super) fn take_modifier(parent: &mut Tree, of: Option<&Type>) -> Option<Tree> {
    of.filter(|of| of.field("modifierExtension").is_none())?;
    parent.remove("modifierExtension")
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
fn as_text(value: &Tree) -> Option<String> {
    match value {
        Tree::String(text) => Some(text.to_string()),
        Tree::Raw(json) if json.starts_with('"') => text::of_json(json),
        _ => None,
    }
}

fn words(value: &Tree) -> Option<String> {
    let words = match value {
        Tree::String(text) => text.to_string(),
        value if is_void(value) => return None,
        other => other.to_text(),
    };
    (!words.trim().is_empty()).then_some(words)
}

fn is_void(value: &Tree) -> bool {
    match value {
        Tree::Null => true,
        Tree::Array(items) => is_nulls(items),
        Tree::Object(members) => members.is_empty(),
        other => is_gap(other),
    }
}

fn is_plain(value: &Tree) -> bool {
    matches!(value, Tree::String(_) | Tree::Number(_) | Tree::Bool(_)) || as_text(value).is_some()
}

fn text_extension(url: &str, text: &str) -> Tree {
    match text::whole(text) {
        text::Whole::Text(text) => extension_of(url, "valueString", Tree::String(text)),
        text::Whole::Base64(data) => extension_of(url, "valueBase64Binary", Tree::String(data)),
    }
}

fn extension_of(url: &str, name: &'static str, value: Tree) -> Tree {
    Tree::Object(vec![
        (Str::new_static("url"), Tree::string(url)),
        (Str::new_static(name), value),
    ])
}

/// The extension that says that something is not known.
fn unknown() -> Tree {
    Tree::Object(vec![
        (
            Str::new_static("url"),
            Tree::string(extension::DATA_ABSENT_REASON),
        ),
        (Str::new_static("valueCode"), Tree::string("unknown")),
    ])
}

/// Says that a required element is missing: beside the primitive, or as an element with only that extension.
fn missing(parent: &mut Tree, name: &str, of: &Type) -> bool {
    let why = Tree::Object(vec![(Str::new_static("extension"), Tree::Array(vec![unknown()]))]);
    // Of a choice, a type that can say it beside a primitive.
    let is_of = |field: &&Field| field.element_name().strip_suffix("[x]").unwrap_or(field.name()) == name;
    let mut fields = of.fields.iter().filter(is_of);
    let primitive = fields.clone().find(|field| field.kind().is_primitive());
    let Some(field) = primitive.or_else(|| fields.next()) else {
        return false;
    };
    let beside = format!("_{}", field.name());
    if primitive.is_some() {
        parent.set(&beside, why);
    } else {
        parent.remove(&beside);
        parent.set(
            field.name(),
            if field.many() { Tree::Array(vec![why]) } else { why },
        );
    }
    true
}

/// The single primitive of that name, beside which something can stand.
fn single_primitive(of: Option<&Type>, name: &str) -> Option<&'static Field> {
    let field = of?.field(name)?;
    let holds = field.kind().is_primitive() && field.kind() != element::Kind::Id && !field.many();
    holds.then_some(field)
}
