//! What is done about the faults of one element.

use std::collections::HashMap;

use super::aside::{
    as_text, extension_of, in_place, is_plain, put_beside, set_aside, single_primitive, text_extension,
    unknown, whole_time,
};
use super::fault::{Fault, Kind};
use super::place::{Step, walk};
use crate::convert::json::Tree;
use crate::convert::{extension, narrative, text};
use crate::element::{self, Field, Str, Type};
use crate::r4::ElementType;

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
    let is_time = field.is_some_and(|field| whole_time(&value, field.kind()).is_some());
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

/// Takes what modifies an element that cannot be modified out of it, so that it modifies the whole.
pub(super) fn take_modifier(parent: &mut Tree, of: Option<&Type>) -> Option<Tree> {
    of.filter(|of| of.field("modifierExtension").is_none())?;
    parent.remove("modifierExtension")
}

pub(super) fn is_void(value: &Tree) -> bool {
    match value {
        Tree::Null => true,
        Tree::Array(items) => is_nulls(items),
        Tree::Object(members) => members.is_empty(),
        other => is_gap(other),
    }
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
    if field.kind() == element::Kind::Element(ElementType::Narrative) {
        parent.set(name, no_narrative());
        return true;
    }
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

/// A narrative that says that there is none.
fn no_narrative() -> Tree {
    Tree::Object(vec![
        (Str::new_static("status"), Tree::string("empty")),
        (Str::new_static("div"), Tree::string(narrative::safe("-"))),
    ])
}
