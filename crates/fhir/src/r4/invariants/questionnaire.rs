//! Questionnaire.

use std::collections::BTreeSet;

use super::exists;
use crate::r4::{
    Questionnaire, QuestionnaireItem, QuestionnaireItemEnableWhen, QuestionnaireItemEnableWhenAnswer,
    QuestionnaireItemOperator, QuestionnaireItemType,
};
use crate::scope::Scope;

pub(crate) fn questionnaire(it: &Questionnaire, at: &mut Scope<'_>) {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&QuestionnaireItem> = it.item.iter().collect();
    let mut unique = true;
    while let Some(item) = open.pop() {
        unique &= item.link_id.as_deref().is_none_or(|id| seen.insert(id));
        open.extend(&item.item);
    }
    at.require(unique, "que-2", "", "a linkId stands twice");
}

pub(crate) fn questionnaire_item(it: &QuestionnaireItem, at: &mut Scope<'_>) {
    use QuestionnaireItemType as Type;
    at.require(
        it.enable_when.len() < 3 || exists(it, it.enable_behavior.is_some(), "enableBehavior"),
        "que-12",
        "",
        "several conditions need enableBehavior",
    );
    at.require(
        it.repeats == Some(true) || it.initial.len() <= 1,
        "que-13",
        "",
        "an item that does not repeat has one initial value",
    );
    let Some(kind) = &it.r#type else { return };
    let (group, display) = (*kind == Type::Group, *kind == Type::Display);
    let items = exists(it, !it.item.is_empty(), "item");
    at.require(!group || items, "que-1", "", "a group has items");
    at.require(
        !display || it.item.is_empty(),
        "que-1",
        "",
        "a display item has no items",
    );
    at.require(
        !display || it.code.is_empty(),
        "que-3",
        "",
        "a display item has no code",
    );
    at.require(
        !display
            || !(exists(it, it.required.is_some(), "required")
                || exists(it, it.repeats.is_some(), "repeats")),
        "que-6",
        "",
        "a display item is not required and does not repeat",
    );
    at.require(
        !(group || display) || it.initial.is_empty(),
        "que-8",
        "",
        "only a question has an initial value",
    );
    at.require(
        !display || !exists(it, it.read_only.is_some(), "readOnly"),
        "que-9",
        "",
        "a display item is not read-only",
    );
    let sized = matches!(
        kind.as_str(),
        "boolean" | "decimal" | "integer" | "string" | "text" | "url" | "open-choice"
    );
    at.require(
        sized || !exists(it, it.max_length.is_some(), "maxLength"),
        "que-10",
        "",
        "only simple questions have a longest answer",
    );
    let optional = matches!(
        kind.as_str(),
        "choice"
            | "open-choice"
            | "decimal"
            | "integer"
            | "date"
            | "dateTime"
            | "time"
            | "string"
            | "quantity"
    );
    let listed = it.answer_value_set.is_some() || !it.answer_option.is_empty();
    at.require(
        optional || !listed,
        "que-5",
        "",
        "this type of item has no list of answers",
    );
}

pub(crate) fn questionnaire_item_enable_when(it: &QuestionnaireItemEnableWhen, at: &mut Scope<'_>) {
    if it.operator == Some(QuestionnaireItemOperator::Exists) {
        let boolean = matches!(
            it.answer,
            None | Some(QuestionnaireItemEnableWhenAnswer::Boolean(_))
        );
        at.require(boolean, "que-7", "", "whether an answer exists is true or false");
    }
}
