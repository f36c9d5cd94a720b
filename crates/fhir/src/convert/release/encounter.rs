//! Encounters of FHIR R5, which has lists where R4 has one.

use super::codeable_reference::{Held, REASON, held, many, split};
use super::former::{rename, restate};
use super::later::each;
use crate::convert::json::Tree;

/// Says an Encounter as R4 says it.
pub(super) fn encounter(of: &mut Tree) {
    if of.get("status").and_then(Tree::as_str) == Some("completed") {
        restate(of, "finished");
    }
    // R4 has one class, and that a coding.
    if let Some(Tree::Array(classes)) = of.get("class")
        && let [class] = classes.as_slice()
        && let [(name, Tree::Array(codings))] = class.members()
        && name == "coding"
        && let [coding] = codings.as_slice()
    {
        let coding = coding.clone();
        of.set("class", coding);
    }
    if let Some(Tree::Array(types)) = of.get("serviceType")
        && let [type_] = types.as_slice()
        && let Some(Held::Concept(concept)) = held(type_)
    {
        of.set("serviceType", concept);
    }
    each(of, "participant", |participant| {
        rename(participant, "actor", "individual", false);
    });
    each(of, "location", |location| {
        rename(location, "form", "physicalType", false);
    });
    each(of, "diagnosis", diagnosis);
    reasons(of);
}

/// R5 has lists of what R4 has one of.
fn diagnosis(of: &mut Tree) {
    let [condition, use_] = ["condition", "use"].map(|name| match of.get(name) {
        Some(Tree::Array(items)) => Some(items.clone()),
        _ => None,
    });
    let Some([condition]) = condition.as_deref() else {
        return;
    };
    let Some(Held::Reference(reference)) = held(condition) else {
        return;
    };
    match use_.as_deref() {
        None => {}
        Some([use_]) => of.set("use", use_.clone()),
        Some(_) => return,
    }
    of.set("condition", reference);
}

/// The reasons for an encounter, where R5 says no more of them.
fn reasons(of: &mut Tree) {
    let Some(Tree::Array(reasons)) = of.get("reason") else {
        return;
    };
    let values: Option<Vec<&[Tree]>> = reasons
        .iter()
        .map(|reason| match reason.members() {
            [(name, Tree::Array(values))] if name == "value" => Some(values.as_slice()),
            _ => None,
        })
        .collect();
    let Some(values) = values else { return };
    let values = Tree::Array(values.concat());
    let before = of.get("reason").cloned();
    of.set("reason", values);
    many(of, &split("", "reason", REASON.0, REASON.1));
    if let (Some(_), Some(before)) = (of.get("reason"), before) {
        of.set("reason", before);
    }
}
