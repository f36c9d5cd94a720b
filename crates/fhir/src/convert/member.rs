//! The members of an element: how each is read and written, and what stands beside it.

use ehr_model as model;
use ehr_types::DateTime;

use super::map::{Convert, Reader, Writer, each_written, is_empty, written};
use super::primitive::Fill;
use super::text::Checked;
use super::{extension, status, text, time};
use crate::element::{Element, Kind, Many, Node, Str, Type};
use crate::extra::RawReason;
use crate::r4::{Extension, ExtensionValue};

/// One member: a field of the model and a field of FHIR.
pub(super) trait Map<F> {
    /// Takes over the field of FHIR.
    fn get(&mut self, from: &F, at: &Get<'_>);
    /// Fills the field of FHIR, which is empty.
    fn put(&self, to: &mut F, at: &mut Put<'_>);
}

/// Reads the members of an element.
pub(super) struct Get<'a> {
    pub(super) cx: &'a Reader<'a>,
    parent: &'a dyn Node,
    /// Name in Rust of the field at hand.
    field: &'static str,
}

impl<'a> Get<'a> {
    pub(super) fn new(parent: &'a dyn Node, cx: &'a Reader<'a>) -> Self {
        Self {
            cx,
            parent,
            field: "",
        }
    }

    /// Reads one member.
    #[inline(never)]
    pub(super) fn get<F, M: Map<F>>(&mut self, field: &'static str, from: &F, to: &mut M) {
        self.field = field;
        to.get(from, self);
    }

    /// Extensions beside the primitive of the field; `suffix` is the type in the name of a choice.
    pub(super) fn beside(&self, suffix: &str) -> &'a [Extension] {
        self.beside_item(suffix, None)
    }

    /// Extensions beside a primitive of a list, by its place, or of the field.
    pub(super) fn beside_item(&self, suffix: &str, index: Option<usize>) -> &'a [Extension] {
        if self.parent.extra().is_none() {
            return &[];
        }
        self.parent
            .primitive_extension(&text::json_name(self.field, suffix), index)
    }

    /// A time in a form that FHIR does not allow in the field; `suffix` is the type in the name of a choice.
    pub(super) fn raw_time(&self, suffix: &str) -> Option<DateTime> {
        self.parent.extra()?;
        time::raw_time(self.parent, &text::json_name(self.field, suffix))
    }

    /// A code, or the one that was kept beside because the value set does not have it.
    pub(super) fn code(&self, code: Option<&str>) -> Option<String> {
        match code {
            Some(code) => Some(code.to_owned()),
            None => extension::text_in(self.beside(""), extension::SOURCE_CODE).or_else(|| {
                match self.other_type()? {
                    ExtensionValue::String(code) => Some(code.to_string()),
                    _ => None,
                }
            }),
        }
    }

    /// The values that were written as extensions because the element does not allow them, each in its part `value`.
    pub(super) fn asides(&self) -> impl Iterator<Item = &'a Extension> + use<'a> {
        let extensions = self.parent.extension();
        let name = (!extensions.is_empty()).then(|| text::json_name(self.field, ""));
        name.into_iter()
            .flat_map(|name| extension::asides(extensions, &name).collect::<Vec<_>>())
    }

    /// The first of them.
    pub(super) fn other_type(&self) -> Option<&'a ExtensionValue> {
        self.asides().find_map(|part| part.value.as_deref())
    }

    /// Adds the codes of a list that the value set does not have.
    pub(super) fn unknown_codes(&self, codes: &mut Vec<String>) {
        for part in self.asides() {
            if let Some(ExtensionValue::String(code)) = part.value.as_deref() {
                codes.push(code.to_string());
            }
        }
    }

    /// The text that was put beside the field because FHIR does not allow it there, or that stands there all the same.
    pub(super) fn source_text(&self) -> Option<String> {
        self.text_aside("", None)
    }

    /// The same beside or in an item of a list, or a type of a choice.
    pub(super) fn text_aside(&self, suffix: &str, index: Option<usize>) -> Option<String> {
        let extra = self.parent.extra()?;
        if let Some(text) = extension::text_in(self.beside_item(suffix, index), extension::SOURCE_TEXT) {
            return Some(text);
        }
        let name = text::json_name(self.field, suffix);
        let mut raw = extra.raw_members().iter();
        let raw = raw.find(|raw| raw.name == name && raw.reason == RawReason::Invalid)?;
        text::of_json(&raw.json)
    }

    /// The text that FHIR allows, or all of that of which it is what FHIR allows.
    pub(super) fn whole_text(&self, shown: &str, suffix: &str, index: Option<usize>) -> String {
        let whole = extension::text_in(self.beside_item(suffix, index), extension::SOURCE_TEXT);
        whole
            .filter(|whole| text::is_unfit(whole) && text::string(whole).as_deref() == Some(shown))
            .unwrap_or_else(|| shown.to_owned())
    }

    /// Adds the texts of a list that are there although FHIR does not allow them, each in its place.
    pub(super) fn raw_items(&self, texts: &mut Vec<String>) {
        let Some(extra) = self.parent.extra() else { return };
        let name = text::json_name(self.field, "");
        for (_, index, json) in extra.raw_items().filter(|(of, ..)| *of == name) {
            if let Some(text) = text::of_json(json) {
                texts.insert(index.min(texts.len()), text);
            }
        }
    }
}

/// Writes the members of an element, and what has to stand beside them.
pub(super) struct Put<'a> {
    pub(super) cx: &'a Writer<'a>,
    of: &'static Type,
    /// Name in Rust of the field at hand.
    field: &'static str,
    /// Extensions of primitives, by their names in JSON and, in a list, their places.
    primitives: Vec<(String, Option<usize>, Extension)>,
    /// Extensions of the element.
    element: Vec<Extension>,
    /// Names in JSON of lists of primitives, and how long they are.
    lists: Vec<(String, usize)>,
    /// Names in JSON of primitives that are required and missing.
    missing: Vec<String>,
}

impl<'a> Put<'a> {
    pub(super) fn new(to: &dyn Node, cx: &'a Writer<'a>) -> Self {
        Self {
            cx,
            of: to.describe(),
            field: "",
            primitives: Vec::new(),
            element: Vec::new(),
            lists: Vec::new(),
            missing: Vec::new(),
        }
    }

    /// Writes one member.
    #[inline(never)]
    pub(super) fn put<F, M: Map<F>>(&mut self, field: &'static str, from: &M, to: &mut F) {
        self.field = field;
        from.put(to, self);
    }

    /// What the value of the field is written with; `suffix` is the type in the name of a choice.
    pub(super) fn inside(&self, suffix: &'static str) -> Writer<'a> {
        Writer {
            member: Some((self.of, self.field, suffix)),
            ..*self.cx
        }
    }

    /// Puts an extension beside the primitive of the field; `suffix` is the type in the name of a choice.
    pub(super) fn beside(&mut self, suffix: &str, extension: Extension) {
        self.primitives
            .push((text::json_name(self.field, suffix), None, extension));
    }

    /// Keeps a text that the element does not allow.
    pub(super) fn other_text(&mut self, text: &str) {
        if let Some(text) = text::string(text) {
            self.other_type(ExtensionValue::String(text));
        }
    }

    /// Keeps a value that the element does not allow.
    pub(super) fn other_type(&mut self, value: ExtensionValue) {
        self.aside(extension::value("value", value));
    }

    /// Keeps a value that the element does not allow, as the part `value` of an extension.
    pub(super) fn aside(&mut self, value: Extension) {
        let name = text::json_name(self.field, "");
        self.element.push(extension::aside(&name, value));
    }

    /// The number, unless the field counts from one and it is zero, which is kept aside.
    pub(super) fn number(&mut self, suffix: &str, number: u32) -> Option<u32> {
        let field = self.of.field(&text::json_name(self.field, suffix));
        if number > 0 || field.is_none_or(|field| field.kind() != Kind::PositiveInt) {
            return Some(number);
        }
        self.other_type(ExtensionValue::UnsignedInt(number));
        None
    }

    /// The value as FHIR allows it in the field; one that it does not allow is kept beside.
    pub(super) fn check(&mut self, value: Str) -> Option<Str> {
        let is_unfit = text::is_unfit(&value);
        if is_unfit && self.cx.mirror {
            return Some(value);
        }
        let Some(field) = self.of.field(&text::json_name(self.field, "")) else {
            return Some(value);
        };
        if !self.cx.mirror && !text::is_in_set(self.field, &value) {
            self.beside("", extension::exact(extension::SOURCE_TEXT, &value));
            return None;
        }
        match text::check(field.kind(), &value) {
            Checked::Good => Some(value),
            Checked::Amended(text) => {
                if is_unfit {
                    self.beside("", extension::exact(extension::SOURCE_TEXT, &value));
                }
                Some(text)
            }
            Checked::Blank => {
                if is_unfit {
                    self.beside("", extension::exact(extension::SOURCE_TEXT, &value));
                }
                None
            }
            Checked::Refused(text) => {
                self.beside("", extension::exact(extension::SOURCE_TEXT, &text));
                None
            }
        }
    }

    /// Whether the text is to be looked at more closely.
    pub(super) fn is_doubtful(&self, text: &str) -> bool {
        text::is_doubtful(text) || !text::is_in_set(self.field, text)
    }

    /// The text as FHIR allows it in the type `suffix` of a choice; what it does not allow is kept beside.
    pub(super) fn text(&mut self, suffix: &str, value: &str) -> Option<Str> {
        if let Some(exact) = self.unfit(value) {
            self.beside(suffix, exact);
        }
        self.shown(value)
    }

    /// The texts as FHIR allows them in a list; what it does not allow is kept beside each.
    pub(super) fn texts(&mut self, values: &[String]) -> Many<Str> {
        let mut out = Many::new();
        for value in values {
            let shown = self.shown(value);
            match (self.unfit(value), &shown) {
                (Some(exact), Some(_)) => {
                    self.primitives
                        .push((text::json_name(self.field, ""), Some(out.len()), exact));
                }
                // Without a value there is no place beside it.
                (Some(_), None) => self.aside(extension::exact("value", value)),
                _ => {}
            }
            out.extend(shown);
        }
        if self.primitives.iter().any(|(_, index, _)| index.is_some()) {
            self.lists.push((text::json_name(self.field, ""), out.len()));
        }
        out
    }

    /// What FHIR allows of a text; in a mirror all of it.
    fn shown(&self, value: &str) -> Option<Str> {
        if self.cx.mirror && text::is_unfit(value) {
            return Some(Str::new(value));
        }
        text::string(value).filter(|text| !text::is_unfit(text))
    }

    /// The extension that holds a text that FHIR cannot; a mirror has the text itself.
    fn unfit(&self, value: &str) -> Option<Extension> {
        let is_kept = !self.cx.mirror && text::is_unfit(value);
        is_kept.then(|| extension::exact(extension::SOURCE_TEXT, value))
    }

    /// The times as FHIR allows them in the field; what it does not allow is kept beside each.
    pub(super) fn times(&mut self, times: &[DateTime]) -> Many<DateTime> {
        let mut out = Many::new();
        for time in times {
            let (time, rest) = time::write_time(*time);
            if let Some(rest) = rest {
                self.primitives
                    .push((text::json_name(self.field, ""), Some(out.len()), rest));
            }
            out.extend(time);
        }
        self.lists.push((text::json_name(self.field, ""), out.len()));
        out
    }

    /// The time as FHIR allows it in the field; what it does not allow is kept beside.
    pub(super) fn time(&mut self, suffix: &str, time: DateTime) -> Option<DateTime> {
        let (time, extension) = time::write_time(time);
        if let Some(extension) = extension {
            self.beside(suffix, extension);
        }
        time
    }

    /// Keeps a code beside that the value set does not have.
    pub(super) fn unknown_code(&mut self, code: &str) {
        if !code.trim().is_empty() {
            self.beside("", extension::string(extension::SOURCE_CODE, code));
        }
    }

    /// Puts beside a status what its code does not say; `has_code` when it has one that FHIR allows.
    pub(super) fn status(&mut self, status: &model::Status, has_code: bool) {
        let is_known = has_code || status.code.is_none();
        for extension in status::status_extensions(status, is_known) {
            self.beside("", extension);
        }
    }

    /// Whether what is required and missing has to be said: of a resource, and of an element that says anything.
    pub(super) fn is_due(&self, to: &dyn Node) -> bool {
        !self.cx.mirror && (self.of.is_resource || !is_empty(to))
    }

    /// Says of a required member that it is not known, when it is missing.
    pub(super) fn require(&mut self, field: &'static str, member: &mut dyn Fill) {
        if !member.is_missing() {
            return;
        }
        match member.place() {
            Some(element) => element.extension_mut().push(extension::unknown()),
            None => self.missing.push(text::json_name(field, "")),
        }
    }

    /// Puts in its place what has to stand beside the members.
    pub(super) fn finish(&mut self, to: &mut dyn Node) {
        for (name, index, extension) in self.primitives.drain(..) {
            beside_item(to, &name, index, extension);
        }
        // What stands beside a list is a list of the same length.
        let beside = to.extra_mut().as_mut().and_then(|extra| extra.rest.as_mut());
        for sibling in beside.into_iter().flat_map(|rest| &mut rest.siblings) {
            let list = self.lists.iter().find(|(name, _)| sibling.name == *name);
            sibling.len = list.map_or(sibling.len, |(_, len)| sibling.len.max(Some(*len)));
        }
        if !self.element.is_empty() {
            to.extension_mut().append(&mut self.element);
        }
        for name in self.missing.drain(..) {
            extension::explain(to, &name, extension::unknown());
        }
    }
}

/// Adds an extension to a primitive of `to`.
pub(super) fn beside(to: &mut dyn Node, name: &str, extension: Extension) {
    beside_item(to, name, None, extension);
}

/// Takes away what stands beside a primitive of `to`: a primitive that is only said to be missing counts as one.
pub(super) fn clear_beside(to: &mut dyn Node, name: &str) {
    to.set_primitive_extension(name, None, Vec::new());
    to.extra_mut().take_if(|extra| extra.is_empty());
}

fn beside_item(to: &mut dyn Node, name: &str, index: Option<usize>, extension: Extension) {
    let mut all = to.primitive_extension(name, index).to_vec();
    all.push(extension);
    to.set_primitive_extension(name, index, all);
}

impl<T: Convert<U> + Default, U: Node + Default> Map<Option<Box<U>>> for Option<T> {
    fn get(&mut self, from: &Option<Box<U>>, at: &Get<'_>) {
        if let Some(from) = from {
            self.get_or_insert_default().read_from(from, at.cx);
        }
    }

    fn put(&self, to: &mut Option<Box<U>>, at: &mut Put<'_>) {
        if let Some(from) = self {
            *to = written(from, &at.inside(""));
        }
    }
}

impl<T: Convert<U> + Default, U: Node + Default> Map<Many<U>> for Vec<T> {
    fn get(&mut self, from: &Many<U>, at: &Get<'_>) {
        self.extend(from.iter().map(|from| T::read(from, at.cx)));
    }

    fn put(&self, to: &mut Many<U>, at: &mut Put<'_>) {
        to.extend(each_written(self, &at.inside("")));
    }
}
