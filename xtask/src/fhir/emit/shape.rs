//! One struct with its description, reader and walker.

use std::fmt::Write as _;

use super::super::definitions::{Element, Structure};
use super::super::rules::{HAND_WRITTEN, RULES, Relation};
use super::member::Members;
use super::name::{page, snake, upper};
use super::{Generator, PART, Tables};

/// Types that can be told from a node of any type.
const SEEN_AS: &[&str] = &["Identifier", "Reference"];

/// One struct to write: a resource, a data type, or a group of elements inside one.
pub(super) struct Shape<'a> {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) resource: bool,
    pub(super) fields: Vec<&'a Element>,
}

impl Generator<'_> {
    /// The file of a resource or data type, with the groups inside it.
    pub(super) fn structure(&self, structure: &Structure, tables: &mut Tables) -> Result<String, String> {
        let mut shapes: Vec<Shape<'_>> = Vec::new();
        shapes.push(Shape {
            name: structure.name.clone(),
            path: structure.name.clone(),
            resource: structure.resource,
            fields: Vec::new(),
        });
        for element in &structure.elements {
            let parent = element.path.rsplit_once('.').map_or("", |(parent, _)| parent);
            let shape = shapes
                .iter_mut()
                .find(|s| s.path == parent)
                .ok_or_else(|| format!("{}: no parent", element.path))?;
            shape.fields.push(element);
            if let Some(name) = self.names.get(&element.path) {
                shapes.push(Shape {
                    name: name.clone(),
                    path: element.path.clone(),
                    resource: false,
                    fields: Vec::new(),
                });
            }
        }
        let mut out = String::from(PART);
        for shape in &shapes {
            self.shape(&mut out, shape, tables)?;
        }
        Ok(out)
    }

    fn shape(&self, out: &mut String, shape: &Shape<'_>, tables: &mut Tables) -> Result<(), String> {
        let root = shape.path.split('.').next().unwrap_or_default();
        let of_resource = self
            .definitions
            .structures
            .iter()
            .any(|s| s.name == root && s.resource);
        let page = page(root, of_resource);
        let members = self.members(shape, &page, tables)?;
        shape.declare(out, &page, &members);
        shape.describe(out, &members)?;
        shape.implement(out, &members);
        out.push_str(&members.choices);
        Ok(())
    }
}

impl Shape<'_> {
    fn declare(&self, out: &mut String, page: &str, members: &Members) {
        let (name, path, fields) = (&self.name, &self.path, &members.fields);
        let what = if self.resource {
            "resource"
        } else if path.contains('.') {
            "element"
        } else {
            "data type"
        };
        let _ = writeln!(out, "\n/// FHIR R4 {what} [{path}]({page}).");
        let _ = writeln!(out, "#[derive(Clone)]\npub struct {name} {{\n{fields}");
        let _ = writeln!(
            out,
            "    /// What stands beside the fields: see [`Extra`].\n    pub extra: Option<Box<Extra>>,\n}}"
        );
        let _ = writeln!(
            out,
            "impl Empty for {name} {{ const EMPTY: Self = Self {{ {}extra: None }}; }}",
            members.empty
        );
    }

    fn describe(&self, out: &mut String, members: &Members) -> Result<(), String> {
        let new = if self.resource {
            "Type::resource"
        } else {
            "Type::new"
        };
        let _ = writeln!(
            out,
            "static {}: Type = {new}({:?}, &[\n{}]){};",
            upper(&self.name),
            self.path,
            members.table,
            self.rules()?
        );
        Ok(())
    }

    fn implement(&self, out: &mut String, members: &Members) {
        let (name, table) = (&self.name, upper(&self.name));
        let _ = writeln!(out, "impl Node for {name} {{");
        let _ = writeln!(
            out,
            "    fn about(&self) -> About<'_> {{ About::new(&{table}, self.extra.as_deref()) }}"
        );
        self.implement_parts(out);
        if !members.decode.is_empty() {
            let _ = writeln!(
                out,
                "    fn decode(&mut self, field: usize, d: &mut Decoder<'_>) {{ match field {{ {} _ => {{}} }} }}",
                members.decode
            );
            let _ = writeln!(out, "    fn walk(&self, w: &mut Walk<'_>) {{ {} }}", members.walk);
        }
        if SEEN_AS.contains(&name.as_str()) {
            let _ = writeln!(out, "    fn seen_as(&self) -> Seen<'_> {{ Seen::{name}(self) }}");
        }
        if HAND_WRITTEN.contains(&name.as_str()) {
            let _ = writeln!(
                out,
                "    fn invariants(&self, at: &mut Scope<'_>) {{ crate::r4::invariants::{}(self, at); }}",
                snake(name)
            );
        }
        out.push_str("}\n");
        let _ = writeln!(out, "element_traits!({name});");
    }

    /// The places of `id`, `extension` and the like.
    fn implement_parts(&self, out: &mut String) {
        if !self.resource {
            out.push_str(
                "    fn parts_mut(&mut self) -> PartsMut<'_> { PartsMut::beside(&mut self.extra) }\n",
            );
            return;
        }
        let domain = self.fields.iter().any(|e| e.path.ends_with(".extension"));
        let (extensions, places) = if domain {
            (
                "Some((&self.extension, &self.modifier_extension)), contained: &self.contained",
                "Some((&mut self.extension, &mut self.modifier_extension))",
            )
        } else {
            ("None, contained: &[]", "None")
        };
        let _ = writeln!(
            out,
            "    fn parts_mut(&mut self) -> PartsMut<'_> {{ PartsMut {{ extra: &mut self.extra, id: Some(&mut self.id), extensions: {places} }} }}"
        );
        let _ = writeln!(
            out,
            "    fn seen_as(&self) -> Seen<'_> {{ Seen::Resource(ResourceParts {{ id: &self.id, meta: &self.meta, extensions: {extensions} }}) }}"
        );
    }

    /// The rules of a type, with sets of elements as bits.
    fn rules(&self) -> Result<String, String> {
        let bit = |name: &&str| {
            let slot = self
                .fields
                .iter()
                .position(|e| e.path.rsplit('.').next() == Some(name));
            slot.map(|slot| 1_u128 << slot)
                .ok_or_else(|| format!("{}: rule for unknown {name}", self.path))
        };
        let mut out = String::new();
        for (_, key, relation, names) in RULES.iter().filter(|(path, ..)| *path == self.path) {
            let bits = names.iter().map(bit).collect::<Result<Vec<u128>, String>>()?;
            let all: u128 = bits.iter().sum();
            let first = bits.first().copied().unwrap_or_default();
            let list = names.join(", ");
            let text = match relation {
                Relation::Any => format!("Any(0x{all:x}), \"one of {list} must be there\""),
                Relation::One => format!("One(0x{all:x}), \"exactly one of {list} must be there\""),
                Relation::NotBoth => format!(
                    "NotBoth(0x{all:x}), \"{} must not stand together\"",
                    names.join(" and ")
                ),
                Relation::Implies => {
                    format!(
                        "Implies(0x{first:x}, 0x{:x}), \"{} must be there\"",
                        all - first,
                        names.join(" demands that ")
                    )
                }
                Relation::Together => format!(
                    "Together(0x{all:x}), \"{} must stand together\"",
                    names.join(" and ")
                ),
            };
            let _ = write!(out, "Rule::new({key:?}, Test::{text}),");
        }
        Ok(if out.is_empty() {
            out
        } else {
            format!(".rules(&[{out}])")
        })
    }
}
