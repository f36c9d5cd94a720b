//! What a FHIR artifact says beside its resources: what a Bundle says of itself and in its entries, former versions, what could
//! not be read.

use std::collections::BTreeMap;

use ehr_model::{Chart, Entry, EntryId, Format, Residual};
use ehr_types::DateTime;

use super::json::Tree;
use super::map::is_empty;
use super::provenance::{local, set_recorded, source_agent};
use super::scanner::Scanner;
use super::{extension, text};
use crate::element::{Element, Str};
use crate::r4::{self, Meta};
use crate::{Json, ParseOptions};

/// A Provenance of the resources of a chart: which artifact they are from, by the identifier and time of its Bundle, and where
/// in it each was; and, as JSON, all that it says beside them, by its path. `None` when that is nothing.
pub(super) fn provenance(chart: &Chart, names: &BTreeMap<&EntryId, String>) -> Option<r4::Provenance> {
    let beside: Vec<Tree> = residual(chart)
        .filter(|part| !is_in_meta(part))
        .map(said)
        .collect();
    if beside.is_empty() {
        return None;
    }
    let target = chart.entries.iter().filter_map(|entry| {
        let mut target = local(names.get(&entry.id)?);
        target.display = text::string(&entry.origin.location.path);
        Some(target)
    });
    let mut out = r4::Provenance {
        target: target.collect(),
        agent: [source_agent(&chart.source)].into(),
        ..r4::Provenance::default()
    };
    if out.target.is_empty() {
        let mut nobody = r4::Reference::default();
        nobody.extension_mut().push(extension::unknown());
        out.target.push(nobody);
    }
    let time = only(chart, "timestamp").and_then(|time| DateTime::parse(time.as_str()?).ok());
    set_recorded(&mut out, time);
    let identifier = only(chart, "identifier").and_then(|identifier| valid::<r4::Identifier>(&identifier));
    out.entity.push(r4::ProvenanceEntity {
        role: Some(r4::ProvenanceEntityRole::Source),
        what: Some(Box::new(r4::Reference {
            reference: Some(Str::new_static("#beside")),
            identifier: identifier.map(Box::new),
            ..r4::Reference::default()
        })),
        ..r4::ProvenanceEntity::default()
    });
    let content = Tree::Array(beside).to_text();
    out.contained.push(r4::Resource::from(r4::Binary {
        id: Some(Str::new_static("beside")),
        content_type: Some(Str::new_static("application/json")),
        data: Some(Str::new(text::to_base64(content.as_bytes()))),
        ..r4::Binary::default()
    }));
    Some(out)
}

/// The security labels and tags of Bundles: what they say holds for all that comes of them.
pub(super) fn meta(chart: &Chart) -> Option<Box<Meta>> {
    let mut out = Box::<Meta>::default();
    for part in residual(chart).filter(|part| is_meta(&part.location.path)) {
        let Some(meta) = Tree::parse(&part.content) else {
            continue;
        };
        let lists = [("security", &mut out.security), ("tag", &mut out.tag)];
        for (name, to) in lists {
            // A tag of an inner Bundle is not one of the whole.
            if name == "tag" && part.location.path != META {
                continue;
            }
            let codings = meta.get(name).map(Tree::items).unwrap_or_default();
            for coding in codings.iter().filter_map(valid::<r4::Coding>) {
                if !to.contains(&coding) {
                    to.push(coding);
                }
            }
        }
    }
    (!is_empty(&*out)).then_some(out)
}

const META: &str = "Bundle.meta";

/// Whether it is the path of the `meta` of a Bundle.
fn is_meta(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, member)| member == "meta")
}

/// Whether it is the `meta` of a Bundle of which [`meta`] says all.
fn is_in_meta(part: &Residual) -> bool {
    let Some(meta) = Tree::parse(&part.content).filter(|_| part.location.path == META) else {
        return false;
    };
    let is_valid = |coding: &Tree| valid::<r4::Coding>(coding).is_some();
    let is_said = |(name, list): &(Str, Tree)| {
        matches!(name.as_str(), "security" | "tag")
            && matches!(list, Tree::Array(codings) if codings.iter().all(is_valid))
    };
    meta.members().iter().all(is_said)
}

/// What of an artifact is in no resource, where the chart is of FHIR.
fn residual(chart: &Chart) -> impl Iterator<Item = &Residual> {
    let is_fhir = |entry: &Entry| {
        let original = entry.original.as_ref();
        original.is_some_and(|original| original.format == Format::FhirJson)
    };
    // What an empty list says is an entry without an original.
    let is_fhir = chart.entries.is_empty() || chart.entries.iter().any(is_fhir);
    chart.residual.iter().filter(move |_| is_fhir)
}

/// What the only Bundle that says it says in a member.
fn only(chart: &Chart, member: &str) -> Option<Tree> {
    let mut said = residual(chart).filter(|said| {
        let of_bundle = said.location.path.strip_prefix("Bundle.");
        of_bundle == Some(member)
    });
    match (said.next(), said.next()) {
        (Some(said), None) => Tree::parse(&said.content),
        _ => None,
    }
}

/// The element, where it is one to the letter.
fn valid<T: Json>(tree: &Tree) -> Option<T> {
    let parsed = crate::parse::<T>(tree.to_text().as_bytes(), &ParseOptions::default()).ok()?;
    parsed.findings.is_empty().then_some(parsed.value)
}

/// A part of an artifact: its path, its line, and what it is.
fn said(part: &Residual) -> Tree {
    let mut scanner = Scanner::new(&part.content, 0);
    let is_whole = scanner
        .skip()
        .is_some_and(|value| value.len() == part.content.trim().len());
    let value = Tree::parse(&part.content).filter(|_| is_whole);
    let mut members = vec![(Str::new_static("path"), Tree::string(&part.location.path))];
    let line = part.location.line;
    members.extend(line.map(|line| (Str::new_static("line"), Tree::Number(Str::new(line.to_string())))));
    members.push((
        Str::new_static("json"),
        value.unwrap_or_else(|| Tree::string(&part.content)),
    ));
    Tree::Object(members)
}
