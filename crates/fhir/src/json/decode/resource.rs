//! Reading a resource of a type that its own member tells.

use std::borrow::Cow;

use ehr_types::{Severity, Span};

use super::Decoder;
use super::report::shown;
use crate::json::lex::Broken;
use crate::r4::{Resource, UnknownResource};

impl<'a> Decoder<'a> {
    pub(super) fn any_resource(&mut self) -> Option<Resource> {
        let name = self.resource_type();
        if self.fatal.is_some() {
            return None;
        }
        if self.path.is_empty() && !self.fixed_root {
            self.root = Cow::Owned(
                name.as_deref()
                    .map_or_else(String::new, |name| shown(name).into_owned()),
            );
        }
        if let Some(name) = &name
            && let Some(mut resource) = Resource::new(name)
        {
            if let Some(node) = resource.as_element_mut() {
                self.object(node);
            }
            return Some(resource);
        }
        self.unknown_resource(name)
    }

    /// Keeps the object that starts here as text. Resources nest, so this is apart from where they are read.
    #[cold]
    #[inline(never)]
    fn unknown_resource(&mut self, name: Option<Cow<'a, str>>) -> Option<Resource> {
        let start = self.lexer.pos;
        match &name {
            Some(_) => {
                self.report(
                    "fhir.resource.unknown-type",
                    Severity::Error,
                    None,
                    start,
                    "FHIR R4 has no such resource type",
                );
            }
            None => self.report(
                "fhir.resource.no-type",
                Severity::Error,
                None,
                start,
                "the object has no resourceType",
            ),
        }
        if !self.skip() {
            return None;
        }
        let json = self.json(Span::new(start, self.lexer.pos));
        Some(Resource::Unknown(Box::new(UnknownResource::new(
            name.unwrap_or_default().as_ref(),
            json,
        ))))
    }

    /// Looks for the `resourceType` of the object that starts here, and comes back to its start.
    pub(super) fn resource_type(&mut self) -> Option<Cow<'a, str>> {
        let start = self.lexer.pos;
        let found = self.find_resource_type();
        match found {
            Ok(name) => {
                self.lexer.pos = start;
                name
            }
            Err(broken) => {
                self.fatal = Some(broken);
                None
            }
        }
    }

    pub(super) fn find_resource_type(&mut self) -> Result<Option<Cow<'a, str>>, Broken> {
        self.lexer.pos += 1;
        if self.lexer.next_token() == b'}' {
            return Ok(None);
        }
        loop {
            if self.lexer.next_token() != b'"' {
                return self.lexer.broken("a member name");
            }
            let key = self.lexer.string()?;
            self.lexer.take(b':', "`:`")?;
            let value = self.lexer.next_token();
            if key.value == "resourceType" && value == b'"' {
                return Ok(Some(self.lexer.string()?.value));
            }
            self.lexer.skip_value()?;
            match self.lexer.next_token() {
                b',' => {
                    self.lexer.pos += 1;
                    self.lexer.next_token();
                }
                b'}' => return Ok(None),
                _ => return self.lexer.broken("`,` or `}`"),
            }
        }
    }
}
