//! The members of a struct: how each is declared, described, read and shown.

use std::fmt::Write as _;

use super::super::definitions::{Element, TypeRef, ValueSet};
use super::choice::{OPEN_CHOICE, is_choice};
use super::code::is_enum;
use super::name::{choice_name, escape, pascal, set_name, snake, upper};
use super::shape::Shape;
use super::{Generator, Tables};

const PRIMITIVES: &[(&str, &str)] = &[
    ("boolean", "bool"),
    ("integer", "i32"),
    ("positiveInt", "u32"),
    ("unsignedInt", "u32"),
    ("decimal", "Decimal"),
    ("date", "Date"),
    ("dateTime", "DateTime"),
    ("instant", "DateTime"),
    ("time", "Time"),
    ("string", "Str"),
    ("markdown", "Str"),
    ("uri", "Str"),
    ("url", "Str"),
    ("canonical", "Str"),
    ("code", "Str"),
    ("id", "Str"),
    ("oid", "Str"),
    ("uuid", "Str"),
    ("base64Binary", "Str"),
    ("xhtml", "Str"),
];

/// The Rust type of a primitive of FHIR.
pub(super) fn primitive(name: &str) -> Option<&'static str> {
    PRIMITIVES
        .iter()
        .find(|(fhir, _)| *fhir == name)
        .map(|(_, rust)| *rust)
}

/// Where the value of a member is kept.
#[derive(Clone, Copy)]
enum Place {
    Primitive,
    Element,
    Resource,
}

/// The text of all members of a struct.
#[derive(Default)]
pub(super) struct Members {
    /// Their declarations.
    pub(super) fields: String,
    /// Their values when there is nothing.
    pub(super) empty: String,
    /// The rows of the description.
    pub(super) table: String,
    /// The arms of the reader.
    pub(super) decode: String,
    /// What shows those that are there.
    pub(super) walk: String,
    /// The types of choices.
    pub(super) choices: String,
    /// How many members of JSON there are so far.
    count: usize,
}

impl Generator<'_> {
    /// Writes all members of a struct.
    pub(super) fn members(
        &self,
        shape: &Shape<'_>,
        page: &str,
        tables: &mut Tables,
    ) -> Result<Members, String> {
        let mut out = Members::default();
        for (slot, element) in shape.fields.iter().enumerate() {
            let name = element.path.rsplit('.').next().unwrap_or_default();
            let beside = match name {
                _ if shape.resource => None,
                "id" => Some("Field::ID,\n"),
                "extension" => Some("Field::EXTENSION,\n"),
                "modifierExtension" => Some("Field::MODIFIER_EXTENSION,\n"),
                _ => None,
            };
            if let Some(row) = beside {
                out.table.push_str(row);
                out.count += 1;
            } else if is_choice(element) {
                self.choices.declare(&mut out.choices, element, page);
                self.choice(&mut out, element, slot, tables)?;
            } else {
                self.member(&mut out, element, slot, tables)?;
            }
        }
        Ok(out)
    }

    /// Writes a choice, whose types are members of JSON each.
    fn choice(
        &self,
        out: &mut Members,
        element: &Element,
        slot: usize,
        tables: &mut Tables,
    ) -> Result<(), String> {
        let name = element.path.rsplit('.').next().unwrap_or_default();
        let stem = name.trim_end_matches("[x]");
        let field = escape(&snake(stem));
        let declared = if self.choices.is_open(element) {
            format!("Option<Box<{OPEN_CHOICE}>>")
        } else {
            format!("Option<{}>", choice_name(element))
        };
        self.declare(out, element, &field, &declared);
        let types = self.choices.types(element);
        for kind in &types {
            let json = format!("{stem}{}", pascal(&kind.name));
            let described = self.kind(kind, &json, None)?;
            let more = tables.more(Some(name), targets(kind), None);
            let row = tables.field(&json, slot, &described, &flags(element), more);
            out.table.push_str(&row);
        }
        let (first, count) = (out.count, types.len());
        let _ = writeln!(
            out.decode,
            "{first}..={} => Choice::read(&mut self.{field}, field - {first}, d),",
            first + count - 1
        );
        let _ = writeln!(
            out.walk,
            "if let Some(it) = &self.{field} {{ it.show({first}, w); }}"
        );
        out.count += count;
        Ok(())
    }

    fn member(
        &self,
        out: &mut Members,
        element: &Element,
        slot: usize,
        tables: &mut Tables,
    ) -> Result<(), String> {
        let name = element.path.rsplit('.').next().unwrap_or_default();
        let field = escape(&snake(name));
        let kind = element
            .types
            .first()
            .ok_or_else(|| format!("{}: no type", element.path))?;
        let set = element
            .binding
            .as_ref()
            .and_then(|id| self.definitions.value_sets.get(id));
        let coded = set.filter(|set| kind.name == "code" && is_enum(set));
        let rust = match (primitive(&kind.name), coded) {
            (_, Some(set)) => set_name(set),
            (Some(rust), None) => rust.to_owned(),
            (None, None) => self.complex(kind, &element.path)?,
        };
        let place = match (primitive(&kind.name), kind.name.as_str()) {
            (Some(_), _) => Place::Primitive,
            (None, "Resource") => Place::Resource,
            (None, _) => Place::Element,
        };
        let declared = match (element.many, place) {
            (true, _) => format!("Many<{rust}>"),
            (false, Place::Element) => format!("Option<Box<{rust}>>"),
            (false, _) => format!("Option<{rust}>"),
        };
        self.declare(out, element, &field, &declared);
        let bound = match (coded, set) {
            (None, Some(set)) if !set.systems.is_empty() => Some(upper(&set_name(set))),
            _ => None,
        };
        let described = self.kind(kind, &element.path, coded)?;
        let more = tables.more(None, targets(kind), bound);
        let row = tables.field(name, slot, &described, &flags(element), more);
        out.table.push_str(&row);
        let at = out.count;
        let reader = match (element.many, place) {
            (true, Place::Primitive) => format!("d.primitives(&mut self.{field})"),
            (false, Place::Primitive) => format!("FromJson::read(&mut self.{field}, d)"),
            (true, Place::Resource) => format!("d.resources(&mut self.{field})"),
            (false, Place::Resource) => format!("d.resource(&mut self.{field})"),
            (true, Place::Element) => format!("self.{field}.read(d)"),
            (false, Place::Element) => format!("Place::read(&mut self.{field}, d)"),
        };
        let _ = writeln!(out.decode, "{at} => {reader},");
        let present = if element.many {
            format!("if !self.{field}.is_empty()")
        } else {
            format!("if let Some(it) = &self.{field}")
        };
        let shower = match (element.many, place) {
            (true, Place::Primitive) => format!("w.primitives({at}, &&self.{field})"),
            (false, Place::Primitive) if coded.is_some() => format!("w.text({at}, it.as_str())"),
            (false, Place::Primitive) if rust == "Str" => format!("w.string({at}, it)"),
            (false, Place::Primitive) => format!("w.primitive({at}, it)"),
            (true, Place::Resource) => format!("w.resources({at}, &self.{field})"),
            (false, Place::Resource) => format!("w.resource({at}, it)"),
            (true, Place::Element) => format!("w.elements({at}, &&self.{field})"),
            (false, Place::Element) => format!("it.show({at}, w)"),
        };
        let _ = writeln!(out.walk, "{present} {{ {shower}; }}");
        out.count += 1;
        Ok(())
    }

    fn declare(&self, out: &mut Members, element: &Element, field: &str, declared: &str) {
        let name = element.path.rsplit('.').next().unwrap_or_default();
        let _ = writeln!(
            out.fields,
            "    /// `{name}` {}\n    pub {field}: {declared},",
            self.doc(element)
        );
        let empty = if declared.starts_with("Many<") {
            "Many::new()"
        } else {
            "None"
        };
        let _ = write!(out.empty, "{field}: {empty}, ");
    }

    fn doc(&self, element: &Element) -> String {
        let mut out = format!("{}..{}", u8::from(element.required), element.max);
        if element.modifier {
            out.push_str(", modifier");
        }
        let targets: Vec<&str> = element
            .types
            .iter()
            .flat_map(|t| &t.targets)
            .map(String::as_str)
            .collect();
        if !targets.is_empty() && targets != ["Resource"] {
            let _ = write!(out, ", refers to {}", targets.join(", "));
        }
        if let [kind] = element.types.as_slice()
            && matches!(
                kind.name.as_str(),
                "instant"
                    | "positiveInt"
                    | "markdown"
                    | "uri"
                    | "url"
                    | "canonical"
                    | "code"
                    | "id"
                    | "oid"
                    | "base64Binary"
            )
        {
            let _ = write!(out, ", {}", kind.name);
        }
        if let Some(set) = element
            .binding
            .as_ref()
            .and_then(|id| self.definitions.value_sets.get(id))
        {
            let _ = write!(out, ", required binding <{}>", set.url);
        }
        out.push('.');
        out
    }

    /// The struct of a complex type.
    pub(super) fn complex(&self, kind: &TypeRef, path: &str) -> Result<String, String> {
        let key = match kind.name.strip_prefix('#') {
            Some(shared) => shared,
            None if matches!(kind.name.as_str(), "BackboneElement" | "Element") => path,
            None if kind.name == "Resource" => return Ok("Resource".to_owned()),
            None => &kind.name,
        };
        self.names
            .get(key)
            .cloned()
            .ok_or_else(|| format!("{path}: unknown type {}", kind.name))
    }

    fn kind(&self, kind: &TypeRef, path: &str, coded: Option<&ValueSet>) -> Result<String, String> {
        if coded.is_some() {
            return Ok("Kind::Code".to_owned());
        }
        if primitive(&kind.name).is_some() {
            return Ok(format!("Kind::{}", pascal(&kind.name)));
        }
        if kind.name == "Resource" {
            return Ok("Kind::Resource".to_owned());
        }
        Ok(format!(
            "Kind::Element(ElementType::{})",
            self.element_type(kind, path)?
        ))
    }
}

fn flags(element: &Element) -> String {
    let flags = [
        ("REQUIRED", element.required),
        ("MANY", element.many),
        ("SUMMARY", element.summary),
        ("MODIFIER", element.modifier),
    ];
    let set: Vec<&str> = flags
        .iter()
        .filter(|(_, is_set)| *is_set)
        .map(|(name, _)| *name)
        .collect();
    if set.is_empty() {
        "0".to_owned()
    } else {
        set.join(" | ")
    }
}

/// The resource types that a Reference of the type may name, when they are restricted.
fn targets(kind: &TypeRef) -> &[String] {
    if kind.targets == ["Resource"] {
        &[]
    } else {
        &kind.targets
    }
}
