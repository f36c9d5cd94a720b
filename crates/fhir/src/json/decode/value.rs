//! Reading the value of a member, as its type asks: alone or repeated, primitive, element or resource.

use ehr_types::{Severity, Span};

use super::{Decoder, FromJson, NO_INDEX, Residue, Step};
use crate::extra::RawReason;
use crate::r4::Resource;

impl Decoder<'_> {
    /// Reads a repeating primitive.
    #[inline(never)]
    pub(crate) fn primitives<T: FromJson>(&mut self, list: &mut Vec<T>) {
        if !self.open_array() {
            return;
        }
        loop {
            if let Some(value) = T::from_json(self) {
                if list.len() == list.capacity() {
                    list.reserve_exact(list.len().max(1));
                }
                list.push(value);
            }
            if !self.next_item() {
                return;
            }
        }
    }

    /// Reads a resource that may stand once.
    #[inline(never)]
    pub(crate) fn resource(&mut self, slot: &mut Option<Resource>) {
        if self.can_open() {
            let (field, index) = (self.field, self.item);
            self.path.push(Step { field, index });
            let any_resource: fn(&mut Self) -> Option<Resource> = Self::any_resource;
            *slot = any_resource(self);
            if self.fatal.is_none() {
                self.path.pop();
            }
        }
    }

    /// Reads a repeating resource.
    #[inline(never)]
    pub(crate) fn resources(&mut self, list: &mut Vec<Resource>) {
        if !self.open_array() {
            return;
        }
        let field = self.field;
        loop {
            if self.can_open() {
                let mut slot = None;
                let item = self.item;
                self.resource(&mut slot);
                self.field = field;
                self.item = item;
                if list.len() == list.capacity() {
                    list.reserve_exact(list.len().max(1));
                }
                list.extend(slot);
            }
            if !self.next_item() {
                return;
            }
        }
    }

    /// Reads the primitive of a choice.
    #[inline(never)]
    pub(crate) fn choice_primitive<T: FromJson>(&mut self) -> Option<T> {
        T::from_json(self)
    }

    /// Goes to the first item of an array; `false` when there is none to read.
    #[inline(never)]
    pub(crate) fn open_array(&mut self) -> bool {
        let start = self.lexer.pos;
        if self.lexer.peek() != b'[' {
            return self.no_array(start);
        }
        self.lexer.pos += 1;
        if self.lexer.next_token() == b']' {
            self.lexer.pos += 1;
            let span = Span::new(start, self.lexer.pos);
            let path = self.path_of(Some(self.field.name()), NO_INDEX);
            self.note(
                "fhir.element.empty-array",
                Severity::Error,
                path,
                span,
                "an array must not be empty",
            );
            self.residue.push(Residue::Raw {
                span,
                reason: RawReason::Invalid,
            });
            return false;
        }
        self.item = 0;
        true
    }

    /// A value where an array should be: one item without brackets, or something else.
    #[cold]
    fn no_array(&mut self, start: usize) -> bool {
        let object = self.lexer.peek() == b'{';
        if object == self.field.kind().is_primitive() || self.lexer.peek() == b'n' {
            self.reject("fhir.element.type", "expected an array");
            return false;
        }
        self.report(
            "fhir.element.not-array",
            Severity::Error,
            Some(self.field.name()),
            start,
            "expected an array",
        );
        self.residue.push(Residue::Single);
        self.item = NO_INDEX;
        true
    }

    /// Goes to the next item of an array; `false` at its end.
    #[inline(never)]
    pub(crate) fn next_item(&mut self) -> bool {
        if self.item == NO_INDEX || self.fatal.is_some() {
            return false;
        }
        match self.lexer.next_token() {
            b',' => {
                self.lexer.pos += 1;
                self.lexer.next_token();
                self.item += 1;
                true
            }
            b']' => {
                self.lexer.pos += 1;
                self.item = NO_INDEX;
                false
            }
            _ => {
                self.fatal = self.lexer.broken::<()>("`,` or `]`").err();
                false
            }
        }
    }

    /// Whether an object can be read here; otherwise the value is kept as it is.
    #[inline(never)]
    pub(crate) fn can_open(&mut self) -> bool {
        if self.lexer.peek() != b'{' {
            self.reject("fhir.element.type", "expected an object");
            return false;
        }
        if self.depth >= self.options.max_depth {
            self.reject("fhir.limit.depth", "nested deeper than the limit; kept as text");
            return false;
        }
        true
    }
}
