//! Making a faulty resource valid without losing what is wrong with it.
//!
//! A Bundle that we write is to be valid FHIR even where a source is not. What cannot stand where it stands is kept beside
//! it, in an extension; what is required and missing is said to be missing.

use ehr_types::DateTime;

use super::json::Tree;
use super::{extension, text};
use crate::element::{Element, Elements, Field, Kind, Node, Primitive, Primitives, Str, Type, Visitor};
use crate::r4::Resource;
use crate::{Finding, ParseOptions, salvage};

/// Rounds of repair: putting one thing right can bring another to light.
const ROUNDS: usize = 4;

/// The resource put right; `None` when there was nothing to do.
pub(super) fn repair(resource: &Resource, tree: &Tree) -> Option<Resource> {
    let mut tree = tree.clone();
    let mut fixed = None;
    for round in 0..ROUNDS {
        let (value, findings) = salvage::<Resource>(tree.to_text().as_bytes(), &ParseOptions::default());
        let errors: Vec<&Finding> = findings.iter().filter(|finding| finding.is_error()).collect();
        if errors.is_empty() {
            return if round == 0 { None } else { value };
        }
        fixed = value;
        let before = tree.clone();
        // From the last to the first, so that places in lists stay what they were.
        for error in errors.iter().rev() {
            fix(&mut tree, error, resource);
        }
        if tree == before {
            break;
        }
    }
    fixed
}

/// Drops the value of a choice that the original has and the record does not, where the record has another now.
pub(super) fn drop_older_choices(tree: &mut Tree) {
    let (_, findings) = salvage::<Resource>(tree.to_text().as_bytes(), &ParseOptions::default());
    let mut twice: Vec<Vec<Step>> = findings
        .iter()
        .filter(|finding| finding.code == "fhir.choice.two-values")
        .filter_map(|finding| steps(&finding.location.path))
        .collect();
    for steps in &mut twice {
        let Some(newer) = steps.pop() else { continue };
        let Some(parent) = walk(tree, steps) else { continue };
        let newer = newer.name.trim_start_matches('_');
        let names = parent.members().iter().map(|(name, _)| name.clone());
        let others = names.filter(|name| !name.starts_with('_') && *name != newer);
        // The value that was there is the one that shares the name of the choice.
        if let Some(older) = others.max_by_key(|name| stem(name, newer)) {
            parent.remove(&older);
            parent.remove(&format!("_{older}"));
        }
    }
}

/// Length of the words that two names start with.
fn stem(a: &str, b: &str) -> usize {
    let common = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let starts_word = |at: usize| a.as_bytes().get(at).is_some_and(u8::is_ascii_uppercase);
    (0..=common).rev().find(|at| starts_word(*at)).unwrap_or(0)
}

fn fix(tree: &mut Tree, error: &Finding, resource: &Resource) {
    let Some(steps) = steps(&error.location.path) else {
        return;
    };
    let Some((last, parents)) = steps.split_last() else {
        return;
    };
    let of = resource
        .as_element()
        .and_then(|element| type_at(element, parents));
    let Some(parent) = walk(tree, parents) else { return };
    // An extension with a value has no extensions (rule ext-1).
    if parent.get("url").is_some()
        && !parent.members().iter().any(|(name, _)| name == "extension")
        && parents.len() > 1
    {
        return;
    }
    match error.code.as_ref() {
        "fhir.element.missing" => {
            if let Some(of) = of {
                missing(parent, &last.name, of);
            }
        }
        "fhir.element.empty-array" | "fhir.element.empty-object" | "fhir.element.null" => {
            parent.remove(&last.name);
        }
        "fhir.element.not-array" => {
            if let Some(value) = parent.remove(&last.name) {
                parent.set(&last.name, Tree::Array(vec![value]));
            }
        }
        "fhir.primitive.date-time" | "fhir.primitive.instant"
            if last.index.is_none() && write_time(parent, &last.name, of).is_some() => {}
        code if code.starts_with("fhir.primitive.")
            || matches!(
                code,
                "fhir.element.type"
                    | "fhir.element.unknown"
                    | "fhir.code.unknown"
                    | "fhir.choice.two-values"
                    | "json.duplicate-member"
            ) =>
        {
            set_aside(parent, last, of);
        }
        _ => {}
    }
}

/// A member and, in a list, its place.
struct Step {
    name: String,
    index: Option<usize>,
}

/// The steps of `Type.a[0].b`, without the type.
fn steps(path: &str) -> Option<Vec<Step>> {
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

fn walk<'t>(tree: &'t mut Tree, steps: &[Step]) -> Option<&'t mut Tree> {
    steps.iter().try_fold(tree, |at, step| {
        let member = at.get_mut(&step.name)?;
        match (step.index, member) {
            (Some(index), Tree::Array(items)) => items.get_mut(index),
            (_, member) => Some(member),
        }
    })
}

/// The type of the element that the steps lead to.
fn type_at(element: &dyn Node, steps: &[Step]) -> Option<&'static Type> {
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
            if let Some(value) = values.at(self.first.index.unwrap_or(0)) {
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
    if first.name == "extension" {
        let extension = element.extension().get(first.index.unwrap_or(0))?;
        find.element(&Field::EXTENSION, extension);
    }
    find.found
}

/// Says that a required element is missing: beside the primitive, or as an element with only that extension.
fn missing(parent: &mut Tree, name: &str, of: &Type) {
    let why = Tree::Object(vec![(
        Str::new_static("extension"),
        Tree::Array(vec![Tree::Object(vec![
            (
                Str::new_static("url"),
                Tree::string(extension::DATA_ABSENT_REASON),
            ),
            (Str::new_static("valueCode"), Tree::string("unknown")),
        ])]),
    )]);
    // Of a choice, a type that can say it beside a primitive.
    let is_of = |field: &&Field| field.element_name().strip_suffix("[x]").unwrap_or(field.name()) == name;
    let mut fields = of.fields.iter().filter(is_of);
    let primitive = fields.clone().find(|field| field.kind().is_primitive());
    let Some(field) = primitive.or_else(|| fields.next()) else {
        return;
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
}

/// Writes a time that FHIR has no form for as far as it has one, with the whole beside it.
fn write_time(parent: &mut Tree, name: &str, of: Option<&Type>) -> Option<()> {
    let kind = of?.field(name)?.kind();
    let whole = DateTime::parse_any(parent.get(name)?.as_str()?).ok()?;
    match text::write_time(whole).0.filter(|_| kind == Kind::DateTime) {
        Some(time) => parent.set(name, Tree::string(time.to_string())),
        None => drop(parent.remove(name)),
    }
    push_beside(parent, name, extension::SOURCE_TIME, &whole.to_string());
    Some(())
}

/// Adds an extension with a text beside a primitive.
fn push_beside(parent: &mut Tree, name: &str, url: &str, text: &str) {
    let beside = format!("_{name}");
    if parent.get(&beside).is_none() {
        parent.set(&beside, Tree::Object(Vec::new()));
    }
    if let Some(beside) = parent.get_mut(&beside) {
        beside.push("extension", text_extension(url, text));
    }
}

fn text_extension(url: &str, text: &str) -> Tree {
    Tree::Object(vec![
        (Str::new_static("url"), Tree::string(url)),
        (Str::new_static("valueString"), Tree::string(text)),
    ])
}

/// Moves a value into an extension: beside its primitive, or of the element that it stands in.
fn set_aside(parent: &mut Tree, place: &Step, of: Option<&Type>) {
    let value = match (place.index, parent.get_mut(&place.name)) {
        (Some(index), Some(Tree::Array(items))) if index < items.len() => {
            let value = items.remove(index);
            if items.is_empty() {
                parent.remove(&place.name);
            }
            Some(value)
        }
        _ => parent.remove_last(&place.name),
    };
    let Some(value) = value else { return };
    let words = match &value {
        Tree::String(text) => text.to_string(),
        Tree::Null => return,
        other => other.to_text(),
    };
    if words.trim().is_empty() {
        return;
    }
    let is_plain = matches!(value, Tree::String(_) | Tree::Number(_) | Tree::Bool(_));
    let is_known = parent.get(&place.name).is_none() && place.index.is_none() && is_plain;
    if is_known && is_primitive(of, &place.name) {
        push_beside(parent, &place.name, extension::SOURCE_TEXT, &words);
        return;
    }
    parent.push(
        "extension",
        Tree::Object(vec![
            (Str::new_static("url"), Tree::string(extension::OTHER_TYPE)),
            (
                Str::new_static("extension"),
                Tree::Array(vec![
                    text_extension("element", &place.name),
                    text_extension("value", &words),
                ]),
            ),
        ]),
    );
}

/// Whether the type has a single primitive of that name, beside which something can stand.
fn is_primitive(of: Option<&Type>, name: &str) -> bool {
    of.and_then(|of| of.field(name))
        .is_some_and(|field| field.kind().is_primitive() && field.kind() != Kind::Id && !field.many())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repaired(json: &str) -> (String, Vec<String>) {
        let tree = Tree::parse(json).unwrap();
        let (resource, _) = salvage::<Resource>(json.as_bytes(), &ParseOptions::default());
        let fixed = repair(&resource.unwrap(), &tree).unwrap();
        let errors = crate::check(&fixed)
            .into_iter()
            .filter(Finding::is_error)
            .map(|f| f.to_string())
            .collect();
        (crate::to_json_string(&fixed), errors)
    }

    #[test]
    fn faults_are_set_aside_and_kept() {
        let (text, errors) = repaired(
            r#"{"resourceType":"Observation","status":"done","issued":"1983-08-13","local":{"a":1.0},"code":{"coding":[{"code":5}]},
                "note":[],"component":[{"valueString":"x"}],"referenceRange":[{"text":"x","age":{"low":{"value":"one"}}}],"valueString":"a","valueBoolean":true}"#,
        );
        assert_eq!(errors, Vec::<String>::new(), "{text}");
        assert!(text.contains(r#""low":{"_value":{"extension":[{"url""#), "{text}");
        for kept in ["done", "one", "1983-08-13", r#"{\"a\":1.0}"#, "5", "true"] {
            assert!(text.contains(kept), "{kept} in {text}");
        }
    }

    #[test]
    fn a_missing_choice_is_said_to_be_missing_where_it_belongs() {
        let (text, errors) = repaired(
            r#"{"resourceType":"Immunization","status":"completed","vaccineCode":{"text":"x"},"patient":{"display":"x"},
                "occurrenceString":"once","protocolApplied":[{"doseNumberPositiveInt":0}],"education":[{}]}"#,
        );
        assert_eq!(errors, Vec::<String>::new(), "{text}");
        assert!(
            text.contains(r#""_doseNumberPositiveInt":{"extension":["#),
            "{text}"
        );
        assert!(text.contains(r#""valueString":"0""#), "{text}");
    }

    #[test]
    fn the_newer_value_of_a_choice_stays() {
        let mut tree = Tree::parse(
            r#"{"resourceType":"Observation","valueSampledData":{"data":"1"},"value2":1,"valueString":"x"}"#,
        )
        .unwrap();
        drop_older_choices(&mut tree);
        let left = r#"{"resourceType":"Observation","value2":1,"valueString":"x"}"#;
        assert_eq!(tree.to_text(), left);
    }

    #[test]
    fn a_valid_resource_is_left_alone() {
        let json = r#"{"resourceType":"Patient","active":true}"#;
        let (resource, _) = salvage::<Resource>(json.as_bytes(), &ParseOptions::default());
        assert!(repair(&resource.unwrap(), &Tree::parse(json).unwrap()).is_none());
    }
}
