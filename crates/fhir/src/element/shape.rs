//! What `Debug` prints.

use std::fmt;

use super::{Element, Elements, Field, Node, Primitive, Primitives, Visitor};
use crate::r4::Resource;

/// Prints the shape of an element: the members present, counts, and no value.
pub(crate) fn debug_shape(element: &dyn Node, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    struct Shape(Vec<(&'static str, usize)>);
    impl Visitor for Shape {
        fn primitive(&mut self, field: &'static Field, _: Primitive<'_>) {
            self.0.push((field.name(), 0));
        }
        fn primitives(&mut self, field: &'static Field, values: &dyn Primitives) {
            self.0.push((field.name(), values.count()));
        }
        fn element(&mut self, field: &'static Field, _: &dyn Node) {
            self.0.push((field.name(), 0));
        }
        fn elements(&mut self, field: &'static Field, values: &dyn Elements) {
            self.0.push((field.name(), values.count()));
        }
        fn resource(&mut self, field: &'static Field, _: &Resource) {
            self.0.push((field.name(), 0));
        }
        fn resources(&mut self, field: &'static Field, values: &[Resource]) {
            self.0.push((field.name(), values.len()));
        }
    }
    let mut shape = Shape(Vec::new());
    element.visit(&mut shape);
    f.write_str(element.describe().path)?;
    let mut set = f.debug_set();
    for (name, count) in shape.0 {
        match count {
            0 => set.entry(&format_args!("{name}")),
            n => set.entry(&format_args!("{name}[{n}]")),
        };
    }
    if element.extra().is_some_and(|extra| !extra.is_empty()) {
        set.entry(&format_args!("…"));
    }
    set.finish()
}
