//! Code systems, value sets, concept maps.

use std::collections::BTreeSet;

use super::{distinct, exists, of_kind};
use crate::r4::*;
use crate::scope::Scope;

pub(crate) fn code_system(it: &CodeSystem, at: &mut Scope<'_>) {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&CodeSystemConcept> = it.concept.iter().collect();
    let mut unique = true;
    while let Some(concept) = open.pop() {
        unique &= concept.code.as_deref().is_none_or(|code| seen.insert(code));
        open.extend(&concept.concept);
    }
    at.require(unique, "csd-1", "", "a code stands twice");
}

pub(crate) fn value_set_expansion_contains(it: &ValueSetExpansionContains, at: &mut Scope<'_>) {
    at.require(
        exists(it, it.code.is_some(), "code") || it.r#abstract == Some(true),
        "vsd-9",
        "",
        "only an abstract item has no code",
    );
}

pub(crate) fn concept_map_group_element_target(it: &ConceptMapGroupElementTarget, at: &mut Scope<'_>) {
    let loose = matches!(
        it.equivalence,
        Some(ConceptMapEquivalence::Narrower | ConceptMapEquivalence::Inexact)
    );
    at.require(
        !loose || exists(it, it.comment.is_some(), "comment"),
        "cmd-1",
        "",
        "a narrower or inexact mapping has a comment",
    );
}

pub(crate) fn concept_map_group_unmapped(it: &ConceptMapGroupUnmapped, at: &mut Scope<'_>) {
    let fixed = it.mode == Some(ConceptMapGroupUnmappedMode::Fixed);
    at.require(
        !fixed || exists(it, it.code.is_some(), "code"),
        "cmd-2",
        "",
        "mode fixed needs a code",
    );
    let other = it.mode == Some(ConceptMapGroupUnmappedMode::OtherMap);
    at.require(
        !other || exists(it, it.url.is_some(), "url"),
        "cmd-3",
        "",
        "mode other-map needs a url",
    );
}

pub(crate) fn naming_system(it: &NamingSystem, at: &mut Scope<'_>) {
    let root = it.kind == Some(NamingSystemType::Root);
    let uuid = it
        .unique_id
        .iter()
        .any(|id| id.r#type == Some(NamingSystemIdentifierType::Uuid));
    at.require(
        !root || !uuid,
        "nsd-1",
        "",
        "a root of identifiers is not named by a uuid",
    );
    let preferred = it.unique_id.iter().filter(|id| id.preferred == Some(true));
    let types = preferred
        .filter_map(|id| id.r#type.as_ref())
        .map(NamingSystemIdentifierType::as_str);
    at.require(
        distinct(types),
        "nsd-2",
        "",
        "two identifiers of one type are preferred",
    );
}

pub(crate) fn terminology_capabilities(it: &TerminologyCapabilities, at: &mut Scope<'_>) {
    let keys = ["tcp-3", "tcp-4", "tcp-5"];
    let implemented = exists(it, it.implementation.is_some(), "implementation");
    of_kind(
        it.kind.as_ref(),
        implemented,
        exists(it, it.software.is_some(), "software"),
        keys,
        at,
    );
}

pub(crate) fn terminology_capabilities_code_system(
    it: &TerminologyCapabilitiesCodeSystem,
    at: &mut Scope<'_>,
) {
    let coded = it
        .version
        .iter()
        .all(|version| exists(version, version.code.is_some(), "code"));
    at.require(
        it.version.len() < 2 || coded,
        "tcp-1",
        "",
        "several versions have a code each",
    );
}
