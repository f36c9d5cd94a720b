//! What is told of all types together: the enum of resources, that of complex types.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::super::definitions::TypeRef;
use super::member::primitive;
use super::{Generator, HEADER, PART};

impl Generator<'_> {
    pub(super) fn element_type(&self, kind: &TypeRef, path: &str) -> Result<String, String> {
        if kind.simple {
            Ok("SimpleQuantity".to_owned())
        } else if kind.name.starts_with('#') {
            self.complex(kind, path)
        } else {
            Ok(kind.name.clone())
        }
    }

    /// The enum of complex types that a member can have.
    pub(super) fn element_types(&self) -> Result<String, String> {
        let mut names = BTreeSet::new();
        for element in self.definitions.structures.iter().flat_map(|s| &s.elements) {
            for kind in &element.types {
                if primitive(&kind.name).is_none() && kind.name != "Resource" {
                    names.insert(self.element_type(kind, &element.path)?);
                }
            }
        }
        let mut out = String::from(HEADER);
        out.push_str("\n/// A complex type that a member can have.\n#[derive(Clone, Copy, Debug, PartialEq, Eq)]\npub enum ElementType {\n");
        for name in &names {
            let _ = writeln!(out, "    /// `{name}`\n    {name},");
        }
        out.push_str("}\nimpl ElementType {\n    /// Name of the type in FHIR; of a group that is used in several places, the name of its struct.\n    pub fn name(self) -> &'static str { match self {\n");
        for name in &names {
            let _ = writeln!(out, "Self::{name} => {name:?},");
        }
        out.push_str("} }\n}\n");
        Ok(out)
    }

    pub(super) fn resources(&self) -> String {
        let mut out = String::from(PART);
        let names: Vec<&str> = self
            .definitions
            .structures
            .iter()
            .filter(|s| s.resource)
            .map(|s| s.name.as_str())
            .collect();
        out.push_str("/// Any FHIR R4 resource.\n#[derive(Clone)]\npub enum Resource {\n");
        for name in &names {
            let _ = writeln!(
                out,
                "    /// [{name}](https://hl7.org/fhir/R4/{}.html)\n    {name}(Boxed<{}>),",
                name.to_lowercase(),
                name
            );
        }
        out.push_str("    /// An object whose `resourceType` names no resource of R4, kept as it is written.\n    Unknown(Box<UnknownResource>),\n}\n");
        let arms = |f: &dyn Fn(&str) -> String| names.iter().map(|n| f(n)).collect::<String>();
        let _ = writeln!(
            out,
            "impl Resource {{\n    /// An empty resource of the type named, if R4 has it.\n    pub fn new(resource_type: &str) -> Option<Self> {{ Some(match resource_type {{ {} _ => return None }}) }}",
            arms(&|n| format!("{n:?} => Self::{n}(Boxed::default()),\n"))
        );
        let _ = writeln!(
            out,
            "    /// The resource behind the enum; `None` for [`Resource::Unknown`].\n    pub fn as_element(&self) -> Option<&dyn Node> {{ Some(match self {{ {} Self::Unknown(_) => return None }}) }}",
            arms(&|n| format!("Self::{n}(r) => r.node(),\n"))
        );
        let _ = writeln!(
            out,
            "    /// The resource behind the enum, to change; `None` for [`Resource::Unknown`].\n    pub fn as_element_mut(&mut self) -> Option<&mut dyn Node> {{ Some(match self {{ {} Self::Unknown(_) => return None }}) }}\n}}",
            arms(&|n| format!("Self::{n}(r) => r.node_mut(),\n"))
        );
        let _ = writeln!(
            out,
            "resource_traits!({});",
            names
                .iter()
                .map(|n| format!("{n}({n})"))
                .collect::<Vec<_>>()
                .join(", ")
        );
        let _ = writeln!(
            out,
            "/// Names of all resource types, in order.\npub(crate) static RESOURCE_NAMES: &[&str] = &{names:?};"
        );
        out
    }
}
