//! Every reference of a resource.

use std::fmt::Write as _;

use crate::element::{Element, Elements, Field, Node, Primitive, Primitives, Visitor};
use crate::r4::{Reference, Resource};

/// Calls `f` with the path and value of every Reference in a resource, those in extensions and contained resources too.
///
/// ```
/// use ehr_fhir::{ParseOptions, for_each_reference, parse_resource};
/// let json = br#"{"resourceType":"Basic","code":{"text":"x"},"subject":{"reference":"Patient/1"}}"#;
/// let mut paths = Vec::new();
/// for_each_reference(&parse_resource(json, &ParseOptions::default())?.value, &mut |path, _| paths.push(path.to_owned()));
/// assert_eq!(paths, ["Basic.subject"]);
/// # Ok::<(), ehr_fhir::ParseError>(())
/// ```
pub fn for_each_reference(resource: &Resource, f: &mut dyn FnMut(&str, &Reference)) {
    if let Some(element) = resource.as_element() {
        Walker {
            path: resource.resource_type().to_owned(),
            f,
        }
        .node(element);
    }
}

struct Walker<'f> {
    path: String,
    f: &'f mut dyn FnMut(&str, &Reference),
}

impl Walker<'_> {
    fn node(&mut self, node: &dyn Node) {
        if let Some(reference) = node.as_reference() {
            (self.f)(&self.path, reference);
        }
        if node.parts().is_none() {
            self.list(
                "extension",
                node.extension().iter().map(|extension| extension as &dyn Node),
            );
            self.list(
                "modifierExtension",
                node.modifier_extension()
                    .iter()
                    .map(|extension| extension as &dyn Node),
            );
        }
        if let Some(extra) = node.extra() {
            for (name, index, primitive) in extra.primitives() {
                self.enter(name, index, |walker| walker.node(primitive));
            }
        }
        node.visit(self);
    }

    fn enter(&mut self, name: &str, index: Option<usize>, run: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push('.');
        self.path.push_str(name);
        if let Some(index) = index {
            let _ = write!(self.path, "[{index}]");
        }
        run(self);
        self.path.truncate(length);
    }

    fn list<'n>(&mut self, name: &str, nodes: impl Iterator<Item = &'n dyn Node>) {
        for (index, node) in nodes.enumerate() {
            self.enter(name, Some(index), |walker| walker.node(node));
        }
    }
}

impl Visitor for Walker<'_> {
    fn primitive(&mut self, _: &'static Field, _: Primitive<'_>) {}
    fn primitives(&mut self, _: &'static Field, _: &dyn Primitives) {}
    fn element(&mut self, field: &'static Field, value: &dyn Node) {
        self.enter(field.name(), None, |walker| walker.node(value));
    }
    fn elements(&mut self, field: &'static Field, values: &dyn Elements) {
        self.list(field.name(), (0..values.count()).filter_map(|at| values.at(at)));
    }
    fn resource(&mut self, field: &'static Field, value: &Resource) {
        if let Some(element) = value.as_element() {
            self.enter(field.name(), None, |walker| walker.node(element));
        }
    }
    fn resources(&mut self, field: &'static Field, values: &[Resource]) {
        self.list(field.name(), values.iter().filter_map(Resource::as_element));
    }
}
