//! Security labels of what is made of several entries ([security labels](https://hl7.org/fhir/R4/security-labels.html)).

use ehr_model::Entry;

use super::map::{Convert, Writer};
use crate::element::{Element, Str};
use crate::r4::{Coding, ConfidentialityClassification, Meta, Resource};

const CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";

/// The degrees of confidentiality, the least first.
const DEGREES: &[&str] = &["U", "L", "M", "N", "R", "V"];

/// All labels of entries, each once.
pub(super) fn of<'e>(entries: impl Iterator<Item = &'e Entry>) -> Vec<Coding> {
    let mut out = Vec::new();
    for label in entries.flat_map(|entry| &entry.labels) {
        let label: Coding = label.write(&Writer::PLAIN);
        if !out.contains(&label) {
            out.push(label);
        }
    }
    out
}

fn degree(label: &Coding) -> Option<usize> {
    let code = label
        .code
        .as_deref()
        .filter(|_| label.system.as_deref() == Some(CONFIDENTIALITY))?;
    DEGREES.iter().position(|degree| *degree == code)
}

/// The highest degree of confidentiality among labels.
fn highest<'l>(labels: impl Iterator<Item = &'l Coding>) -> Option<&'static str> {
    let highest = labels.filter_map(degree).max()?;
    DEGREES.get(highest).copied()
}

/// The same as the code of a Composition.
pub(super) fn confidentiality(labels: &[Coding]) -> Option<ConfidentialityClassification> {
    highest(labels.iter()).map(ConfidentialityClassification::from)
}

/// Puts labels on a resource that is made of what has them.
pub(super) fn put(labels: Vec<Coding>, meta: &mut Option<Box<Meta>>) {
    if !labels.is_empty() {
        meta.get_or_insert_default().security = labels.into();
    }
}

/// The `meta` of a Bundle, as confidential as the most confidential of what is in it: the high-water mark.
pub(super) fn high_water<'r>(
    meta: Option<Box<Meta>>,
    resources: impl Iterator<Item = &'r Resource>,
) -> Option<Box<Meta>> {
    let of = |resource: &'r Resource| Some(&resource.as_element()?.parts()?.meta.as_ref()?.security);
    let inside = highest(resources.filter_map(of).flatten());
    let own = highest(meta.iter().flat_map(|meta| &meta.security));
    let place = |degree: Option<&str>| DEGREES.iter().position(|known| Some(*known) == degree);
    let Some(inside) = inside.filter(|inside| place(Some(inside)) > place(own)) else {
        return meta;
    };
    let mut meta = meta.unwrap_or_default();
    meta.security.push(Coding {
        system: Some(Str::new_static(CONFIDENTIALITY)),
        code: Some(Str::new_static(inside)),
        ..Coding::default()
    });
    Some(meta)
}
