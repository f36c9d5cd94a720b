//! What systems, searches and operations declare.

use std::collections::BTreeSet;

use super::{distinct, exists};
use crate::element::Element;
use crate::r4::*;
use crate::scope::Scope;

/// What a statement of each kind of capabilities has: by the keys for instance, capability, requirements.
pub(super) fn of_kind(
    kind: Option<&CapabilityStatementKind>,
    implemented: bool,
    software: bool,
    [instance, capability, requirements]: [&'static str; 3],
    at: &mut Scope<'_>,
) {
    use CapabilityStatementKind as Of;
    match kind {
        Some(Of::Instance) => at.require(implemented, instance, "", "an instance has an implementation"),
        Some(Of::Capability) => {
            let message = "a capability has software and no implementation";
            at.require(!implemented && software, capability, "", message);
        }
        Some(Of::Requirements) => {
            let message = "requirements have no software or implementation";
            at.require(!implemented && !software, requirements, "", message);
        }
        _ => {}
    }
}

pub(crate) fn capability_statement(it: &CapabilityStatement, at: &mut Scope<'_>) {
    let keys = ["cpb-14", "cpb-15", "cpb-16"];
    let implemented = exists(it, it.implementation.is_some(), "implementation");
    of_kind(
        it.kind.as_ref(),
        implemented,
        exists(it, it.software.is_some(), "software"),
        keys,
        at,
    );
    let endpoints = it
        .messaging
        .iter()
        .any(|messaging| !messaging.endpoint.is_empty());
    at.require(
        !endpoints || matches!(it.kind, None | Some(CapabilityStatementKind::Instance)),
        "cpb-3",
        "",
        "only an instance has message endpoints",
    );
    let mut seen = BTreeSet::new();
    let unique = it.document.iter().all(|document| {
        seen.insert((
            document.profile.as_deref(),
            document.mode.as_ref().map(DocumentMode::as_str),
        ))
    });
    at.require(
        unique,
        "cpb-7",
        "",
        "a document stands twice with the same profile and mode",
    );
}

pub(crate) fn capability_statement_rest_resource(it: &CapabilityStatementRestResource, at: &mut Scope<'_>) {
    let names = it
        .search_param
        .iter()
        .filter_map(|parameter| parameter.name.as_deref());
    at.require(distinct(names), "cpb-12", "", "a search parameter stands twice");
}

pub(crate) fn capability_statement_rest(it: &CapabilityStatementRest, at: &mut Scope<'_>) {
    at.require(
        distinct(
            it.resource
                .iter()
                .filter_map(|resource| resource.r#type.as_deref()),
        ),
        "cpb-9",
        "",
        "a resource type stands twice",
    );
}

pub(crate) fn search_parameter(it: &SearchParameter, at: &mut Scope<'_>) {
    let reference = matches!(it.r#type, None | Some(SearchParamType::Reference));
    at.require(
        it.chain.is_empty() || reference,
        "spd-2",
        "",
        "only a reference can be chained",
    );
}

pub(crate) fn operation_definition_parameter(it: &OperationDefinitionParameter, at: &mut Scope<'_>) {
    let kind = it.r#type.as_deref();
    at.require(
        it.search_type.is_none() || matches!(kind, None | Some("string")),
        "opd-2",
        "",
        "only a string has a search type",
    );
    let refers = matches!(kind, None | Some("Reference" | "canonical"));
    at.require(
        it.target_profile.is_empty() || refers,
        "opd-3",
        "",
        "only a reference has a target profile",
    );
}

pub(crate) fn message_definition_focus(it: &MessageDefinitionFocus, at: &mut Scope<'_>) {
    let legal = |max: &str| max == "*" || max.parse::<u32>().is_ok_and(|max| max > 0);
    at.require(
        it.max.as_deref().is_none_or(legal),
        "md-1",
        "max",
        "max is a positive number or *",
    );
}

pub(crate) fn implementation_guide(it: &ImplementationGuide, at: &mut Scope<'_>) {
    let resources = it.definition.iter().flat_map(|definition| &definition.resource);
    let mut versions = resources.flat_map(|resource| &resource.fhir_version);
    at.require(
        versions.all(|version| it.fhir_version.contains(version)),
        "ig-2",
        "",
        "a resource is of a version of FHIR that the guide is not for",
    );
}

pub(crate) fn implementation_guide_definition(it: &ImplementationGuideDefinition, at: &mut Scope<'_>) {
    let grouping = |id: &str| {
        it.grouping
            .iter()
            .any(|grouping| grouping.element_id() == Some(id))
    };
    let mut ids = it
        .resource
        .iter()
        .filter_map(|resource| resource.grouping_id.as_deref());
    at.require(
        ids.all(grouping),
        "ig-1",
        "",
        "a resource names a grouping that is not defined",
    );
}
