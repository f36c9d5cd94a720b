//! StructureDefinition and its elements.

use super::{distinct, exists};
use crate::element::Element;
use crate::r4::*;
use crate::scope::Scope;

pub(crate) fn element_definition(it: &ElementDefinition, at: &mut Scope<'_>) {
    let max = it.max.as_deref();
    let number = max.and_then(|max| max.parse::<u32>().ok());
    at.require(
        max.is_none_or(|max| max == "*" || number.is_some()),
        "eld-3",
        "max",
        "max is a number or *",
    );
    if let (Some(min), Some(max)) = (it.min, number) {
        at.require(min <= max, "eld-2", "", "min is above max");
    }
    at.require(
        it.fixed.is_none() || it.r#type.len() <= 1,
        "eld-6",
        "",
        "a fixed value needs one type",
    );
    at.require(
        it.pattern.is_none() || it.r#type.len() <= 1,
        "eld-7",
        "",
        "a pattern needs one type",
    );
    let types = it.r#type.iter().filter_map(|kind| kind.code.as_deref());
    at.require(distinct(types), "eld-13", "", "a type stands twice");
    let keys = it
        .constraint
        .iter()
        .filter_map(|constraint| constraint.key.as_deref());
    at.require(distinct(keys), "eld-14", "", "a constraint stands twice");
    let coded = |kind: &ElementDefinitionType| {
        let codes = ["code", "Coding", "CodeableConcept", "Quantity", "string", "uri"];
        kind.code.as_deref().is_some_and(|code| codes.contains(&code))
    };
    let typed = it.r#type.iter().any(|kind| kind.code.is_some());
    at.require(
        it.binding.is_none() || !typed || it.r#type.iter().any(coded),
        "eld-11",
        "",
        "only a coded element, a string or a uri is bound to a value set",
    );
    let token = |letter: char| letter.is_ascii_alphanumeric() || "/-_[]@".contains(letter);
    at.require(
        it.slice_name
            .as_deref()
            .is_none_or(|name| name.chars().all(token)),
        "eld-16",
        "sliceName",
        "a slice is named by tokens with / between",
    );
    at.require(
        it.is_modifier != Some(true) || exists(it, it.is_modifier_reason.is_some(), "isModifierReason"),
        "eld-18",
        "",
        "a modifier says why it is one",
    );
    at.require(
        it.path.as_deref().is_none_or(is_path),
        "eld-19",
        "path",
        "the path is not one of names",
    );
    if it.content_reference.is_some() {
        let alone =
            it.r#type.is_empty() && it.default_value.is_none() && it.fixed.is_none() && it.pattern.is_none();
        let alone = alone && it.example.is_empty() && it.min_value.is_none() && it.max_value.is_none();
        let alone = alone && it.max_length.is_none() && it.binding.is_none();
        at.require(
            alone,
            "eld-5",
            "",
            "shared content has no type or values of its own",
        );
    }
}

/// Whether a path is made of names of at most 64 characters with dots between, as eld-19 says.
fn is_path(path: &str) -> bool {
    let name = |name: &str| {
        let fits = |letter: char| !letter.is_whitespace() && !",:;'\"/|?!@#$%&*()[]{}".contains(letter);
        (1..=64).contains(&name.chars().count()) && name.chars().all(fits)
    };
    let (first, rest) = path
        .split_once('.')
        .map_or((path, None), |(first, rest)| (first, Some(rest)));
    let inner = |part: &str| {
        let (part, slice) = part
            .split_once(':')
            .map_or((part, None), |(part, slice)| (part, Some(slice)));
        name(part.strip_suffix("[x]").unwrap_or(part)) && slice.is_none_or(|slice| !slice.is_empty())
    };
    name(first) && rest.is_none_or(|rest| rest.split('.').all(inner))
}

pub(crate) fn element_definition_binding(it: &ElementDefinitionBinding, at: &mut Scope<'_>) {
    let absolute = |url: &str| {
        ["http:", "https", "urn:"]
            .iter()
            .any(|scheme| url.starts_with(scheme))
    };
    at.require(
        it.value_set.as_deref().is_none_or(absolute),
        "eld-12",
        "valueSet",
        "the URL of a value set starts with http:, https: or urn:",
    );
}

pub(crate) fn element_definition_type(it: &ElementDefinitionType, at: &mut Scope<'_>) {
    let refers = matches!(it.code.as_deref(), None | Some("Reference" | "canonical"));
    at.require(
        refers || it.aggregation.is_empty(),
        "eld-4",
        "",
        "aggregation is for references",
    );
    at.require(
        refers || it.target_profile.is_empty(),
        "eld-17",
        "",
        "a target profile is for references",
    );
}

pub(crate) fn structure_definition(it: &StructureDefinition, at: &mut Scope<'_>) {
    let abstracted = it.r#abstract == Some(true);
    at.require(
        abstracted || exists(it, it.base_definition.is_some(), "baseDefinition"),
        "sdf-4",
        "",
        "what is not abstract has a base",
    );
    let specialized = it.derivation == Some(TypeDerivationRule::Specialization);
    let extension = it.r#type.as_deref() == Some("Extension");
    at.require(
        it.r#type.is_none() || !extension || specialized || !it.context.is_empty(),
        "sdf-5",
        "",
        "an extension says where it is used",
    );
    at.require(
        it.context_invariant.is_empty() || it.r#type.is_none() || extension,
        "sdf-18",
        "",
        "only an extension has a contextInvariant",
    );
    let snapshot = it.snapshot.as_ref().map_or(&[][..], |view| &view.element);
    let differential = it.differential.as_ref().map_or(&[][..], |view| &view.element);
    both_views(it, snapshot, differential, at);
    of_snapshot(it, snapshot, at);
    of_differential(it, differential, at);
}

fn is_root(element: &ElementDefinition) -> bool {
    element.path.as_deref().is_some_and(|path| !path.contains('.'))
}

/// Whether all elements but the first are below the root.
fn are_below(elements: &[ElementDefinition], root: &str) -> bool {
    let below = |path: &str| path.strip_prefix(root).is_some_and(|rest| rest.starts_with('.'));
    let mut paths = elements
        .iter()
        .skip(1)
        .filter_map(|element| element.path.as_deref());
    paths.all(below)
}

fn both_views(
    it: &StructureDefinition,
    snapshot: &[ElementDefinition],
    differential: &[ElementDefinition],
    at: &mut Scope<'_>,
) {
    let mut all = snapshot.iter().chain(differential);
    at.require(
        all.all(|element| element.element_id().is_some()),
        "sdf-14",
        "",
        "an element has no id",
    );
    let mut roots = snapshot
        .iter()
        .chain(differential)
        .filter(|element| is_root(element));
    let plain = |root: &ElementDefinition| {
        root.label.is_none() && root.code.is_empty() && root.requirements.is_none()
    };
    at.require(
        roots.all(plain),
        "sdf-9",
        "",
        "the root has no label, code or requirements",
    );
    let mut roots = snapshot
        .iter()
        .chain(differential)
        .filter(|element| is_root(element));
    at.require(
        roots.all(|root| root.slice_name.is_none()),
        "sdf-23",
        "",
        "the root has no slice name",
    );
    let defaults =
        |elements: &[ElementDefinition]| elements.iter().any(|element| element.default_value.is_some());
    at.require(
        !defaults(differential) || it.derivation == Some(TypeDerivationRule::Specialization),
        "sdf-21",
        "",
        "only a specialization has default values",
    );
    let of_fhir = it
        .url
        .as_deref()
        .is_some_and(|url| url.starts_with("http://hl7.org/fhir/StructureDefinition"));
    at.require(
        !of_fhir || !(defaults(snapshot) || defaults(differential)),
        "sdf-22",
        "",
        "a model of the specification has no default values",
    );
    let known = |elements: &[ElementDefinition], dots: bool| {
        let mut codes = elements
            .iter()
            .flat_map(|element| &element.r#type)
            .filter_map(|kind| kind.code.as_deref());
        codes.all(|code| is_type(code, dots))
    };
    at.require(
        !of_fhir || (known(differential, false) && known(snapshot, true)),
        "sdf-19",
        "",
        "a model of the specification uses types of FHIR alone",
    );
}

/// Whether a code names a type of FHIR or FHIRPath, as sdf-19 says.
fn is_type(code: &str, dots: bool) -> bool {
    let alphanumeric = |letter: char| letter.is_ascii_alphanumeric() || (dots && letter == '.');
    let system = code.strip_prefix("http://hl7.org/fhirpath/System.");
    let of_fhirpath = |name: &str| {
        name.len() > 1
            && name.starts_with(|first: char| first.is_ascii_uppercase())
            && name.chars().all(char::is_alphabetic)
    };
    (!code.is_empty() && code.chars().all(alphanumeric)) || system.is_some_and(of_fhirpath)
}

fn of_snapshot(it: &StructureDefinition, elements: &[ElementDefinition], at: &mut Scope<'_>) {
    let Some(first) = elements.first() else { return };
    let paths = elements.iter().filter_map(|element| element.path.as_deref());
    let constrained = it.derivation == Some(TypeDerivationRule::Constraint);
    at.require(
        constrained || distinct(paths),
        "sdf-1",
        "",
        "a path stands twice in the snapshot",
    );
    let complete = |element: &ElementDefinition| {
        element.min.is_some() && element.max.is_some() && element.definition.is_some()
    };
    at.require(
        elements.iter().all(complete),
        "sdf-3",
        "snapshot",
        "every element of a snapshot has definition, min and max",
    );
    let ids = elements.iter().filter_map(|element| element.element_id());
    at.require(
        distinct(ids),
        "sdf-16",
        "",
        "an element id stands twice in the snapshot",
    );
    at.require(
        elements.iter().all(|element| element.base.is_some()),
        "sdf-8b",
        "snapshot",
        "every element of a snapshot has a base",
    );
    let described = |binding: &ElementDefinitionBinding| {
        exists(binding, binding.value_set.is_some(), "valueSet")
            || exists(binding, binding.description.is_some(), "description")
    };
    for (index, element) in elements.iter().enumerate() {
        if !element.binding.as_deref().is_none_or(described) {
            let member = format!("snapshot.element[{index}]").into();
            at.broken("sdf-10", member, "a binding has a value set or a description");
        }
    }
    let (Some(path), Some(kind)) = (first.path.as_deref(), it.r#type.as_deref()) else {
        return;
    };
    let logical = it.kind == Some(StructureDefinitionKind::Logical);
    at.require(
        logical || path == kind,
        "sdf-11",
        "",
        "the snapshot starts with the type",
    );
    at.require(
        are_below(elements, path),
        "sdf-8",
        "snapshot",
        "every element of a snapshot is below the first",
    );
    at.require(
        logical || first.r#type.is_empty(),
        "sdf-15",
        "",
        "the first element of a snapshot has no type",
    );
}

fn of_differential(it: &StructureDefinition, elements: &[ElementDefinition], at: &mut Scope<'_>) {
    let Some(first) = elements.first() else { return };
    let ids = elements.iter().filter_map(|element| element.element_id());
    at.require(
        distinct(ids),
        "sdf-17",
        "",
        "an element id stands twice in the differential",
    );
    let mut roots = elements.iter().filter(|element| is_root(element));
    at.require(
        roots.all(|root| root.slicing.is_none()),
        "sdf-20",
        "differential",
        "the root is not sliced",
    );
    let (Some(path), Some(kind)) = (first.path.as_deref(), it.r#type.as_deref()) else {
        return;
    };
    let logical = it.kind == Some(StructureDefinitionKind::Logical);
    let root = path.split('.').next().unwrap_or(path);
    at.require(
        (logical || path.starts_with(kind)) && are_below(elements, root),
        "sdf-8a",
        "differential",
        "every element of a differential is below the type",
    );
    at.require(
        logical || path.contains('.') || first.r#type.is_empty(),
        "sdf-15a",
        "",
        "the root of a differential has no type",
    );
}
