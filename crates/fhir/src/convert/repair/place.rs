//! Where a finding points: the steps of its path, the value in the tree, the type of that place.

use crate::convert::json::Tree;
use crate::element::{Element, Elements, Field, Node, Primitive, Primitives, Type, Visitor};
use crate::r4::Resource;

/// A member and, in a list, its place.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Step {
    pub(super) name: String,
    pub(super) index: Option<usize>,
}

impl Step {
    pub(super) fn is_extension(&self) -> bool {
        matches!(self.name.as_str(), "extension" | "modifierExtension")
    }
}

/// The steps of `Type.a[0].b`, without the type.
pub(super) fn steps(path: &str) -> Option<Vec<Step>> {
    path.split('.')
        .skip(1)
        .map(|part| {
            let Some((name, index)) = part.split_once('[') else {
                return Some(Step {
                    name: part.to_owned(),
                    index: None,
                });
            };
            // `value[x]` names a choice.
            let index = index.strip_suffix(']')?.parse().ok();
            Some(Step {
                name: name.to_owned(),
                index,
            })
        })
        .collect()
}

/// The value that the steps lead to. The path of a primitive's extensions does not say that they stand in `_name`.
pub(super) fn walk<'t>(tree: &'t mut Tree, steps: &[Step]) -> Option<&'t mut Tree> {
    steps.iter().try_fold(tree, |at, step| {
        let is_element = |tree: &Tree| matches!(at_place(tree, step.index), Some(Tree::Object(_)));
        let beside = format!("_{}", step.name);
        let name = match at.get(&step.name) {
            Some(value) if is_element(value) => &step.name,
            _ if at.get(&beside).is_some_and(is_element) => &beside,
            _ => &step.name,
        };
        match (step.index, at.get_mut(name)?) {
            (Some(index), Tree::Array(items)) => items.get_mut(index),
            (_, member) => Some(member),
        }
    })
}

fn at_place(tree: &Tree, index: Option<usize>) -> Option<&Tree> {
    match (index, tree) {
        (Some(index), Tree::Array(items)) => items.get(index),
        _ => Some(tree),
    }
}

/// The type of the element that the steps lead to.
pub(super) fn type_at(element: &dyn Node, steps: &[Step]) -> Option<&'static Type> {
    struct Find<'s> {
        steps: &'s [Step],
        first: &'s Step,
        found: Option<&'static Type>,
    }
    impl Visitor for Find<'_> {
        fn primitive(&mut self, _: &'static Field, _: Primitive<'_>) {}
        fn primitives(&mut self, _: &'static Field, _: &dyn Primitives) {}
        fn element(&mut self, field: &'static Field, value: &dyn Node) {
            if field.name() == self.first.name {
                self.found = type_at(value, self.steps);
            }
        }
        fn elements(&mut self, field: &'static Field, values: &dyn Elements) {
            // The places in the list do not count what could not be read.
            if let Some(value) = values.at(self.first.index.unwrap_or(0)).or_else(|| values.at(0)) {
                self.element(field, value);
            }
        }
        fn resource(&mut self, _: &'static Field, _: &Resource) {}
        fn resources(&mut self, field: &'static Field, values: &[Resource]) {
            if field.name() == self.first.name
                && let Some(resource) = values.get(self.first.index.unwrap_or(0))
            {
                self.found = resource
                    .as_element()
                    .and_then(|element| type_at(element, self.steps));
            }
        }
    }
    let Some((first, rest)) = steps.split_first() else {
        return Some(element.describe());
    };
    let mut find = Find {
        steps: rest,
        first,
        found: None,
    };
    element.visit(&mut find);
    if find.found.is_some() {
        return find.found;
    }
    // Extensions are not visited: those of the element, or of the primitive that the step names.
    let (extensions, step, rest) = match (first.name.as_str(), rest.split_first()) {
        ("extension", _) => (element.extension(), first, rest),
        ("modifierExtension", _) => (element.modifier_extension(), first, rest),
        (name, Some((step, rest))) if step.name == "extension" => {
            (element.primitive_extension(name, first.index), step, rest)
        }
        _ => return None,
    };
    let extension = extensions
        .get(step.index.unwrap_or(0))
        .or_else(|| extensions.first());
    type_at(extension?, rest)
}
