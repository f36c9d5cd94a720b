//! Resources inside another: what they may say of themselves, their ids, and the references to them.

use std::collections::BTreeSet;

use ehr_model::{Entry, Format, Member};

use super::export::resource_of;
use super::json::Tree;
use super::map::{Writer, is_empty};
use super::provenance::record_identifier;
use super::{extension, record, text};
use crate::element::{Element, Str};
use crate::r4::{self, Meta, Resource};
use crate::to_json_string;

/// Puts originals into a Provenance as they were received, each referred to by the entity of its member.
///
/// As a Binary, not as a resource: it may be of any quality, and is evidence, not a further statement about the person.
pub(super) fn contain(provenance: &mut r4::Provenance, originals: &[(&Member, &Entry)], writer: &Writer<'_>) {
    for (member, entry) in originals {
        let (format, content) = match &entry.original {
            Some(original) => (original.format, original.content.to_string()),
            None => (
                Format::FhirJson,
                to_json_string(&record::write(&entry.record, writer)),
            ),
        };
        let identifier = record_identifier(member);
        let entity = provenance
            .entity
            .iter_mut()
            .filter_map(|entity| entity.what.as_mut())
            .find(|what| what.identifier == identifier && what.reference.is_none());
        let Some(what) = entity else { continue };
        let id = format!("original-{}", provenance.contained.len() + 1);
        what.reference = Some(Str::new(format!("#{id}")));
        provenance.contained.push(Resource::from(r4::Binary {
            id: Some(Str::new(id)),
            content_type: Some(Str::new_static(format.media_type())),
            data: Some(Str::new(text::to_base64(content.as_bytes()))),
            ..r4::Binary::default()
        }));
    }
}

/// The meta that a contained resource may have (rules dom-4, dom-5).
pub(super) fn contained_meta(mut meta: Box<Meta>) -> Option<Box<Meta>> {
    meta.version_id = None;
    meta.last_updated = None;
    meta.security.clear();
    (!is_empty(&*meta)).then_some(meta)
}

/// Gives a contained resource an id that cannot meet another's.
pub(super) fn prefix_id(resource: &mut Resource, prefix: &str) {
    prefix_local_references(resource, prefix);
    if let Some(element) = resource.as_element_mut() {
        let id = element.element_id().unwrap_or_default();
        let id: String = format!("{prefix}.{id}").chars().take(64).collect();
        element.set_element_id(Some(Str::new(id)));
    }
}

pub(super) fn prefix_local_references(resource: &mut Resource, prefix: &str) {
    let Some(mut tree) = Tree::parse(&to_json_string(resource)) else {
        return;
    };
    let mut changed = false;
    tree.each_object(&mut |object| {
        let Some(Tree::String(literal)) = object.get("reference") else {
            return;
        };
        if let Some(id) = literal.strip_prefix('#').filter(|id| !id.is_empty()) {
            let id: String = format!("{prefix}.{id}").chars().take(64).collect();
            object.set("reference", Tree::string(format!("#{id}")));
            changed = true;
        }
    });
    if changed && let Some(new) = resource_of(&tree) {
        *resource = new;
    }
}

/// Rule ref-1: a reference to a contained resource that did not come along is kept as an extension.
pub(super) fn drop_dead_references(resource: &mut Resource) {
    let json = to_json_string(resource);
    if !json.contains("\"#") {
        return;
    }
    let Some(mut tree) = Tree::parse(&json) else {
        return;
    };
    let contained = tree.get("contained").map(Tree::items).unwrap_or_default();
    let there: BTreeSet<String> = contained
        .iter()
        .filter_map(|contained| contained.get("id").and_then(Tree::as_str))
        .map(str::to_owned)
        .collect();
    let mut changed = false;
    tree.each_object(&mut |object| {
        let Some(Tree::String(literal)) = object.get("reference").cloned() else {
            return;
        };
        if let Some(id) = literal
            .strip_prefix('#')
            .filter(|id| !id.is_empty() && !there.contains(*id))
        {
            let kept = Tree::Object(vec![
                (Str::new_static("url"), Tree::string(extension::SOURCE_REFERENCE)),
                (Str::new_static("valueString"), Tree::string(format!("#{id}"))),
            ]);
            object.remove("reference");
            object.push("extension", kept);
            changed = true;
        }
    });
    if changed && let Some(new) = resource_of(&tree) {
        *resource = new;
    }
}
