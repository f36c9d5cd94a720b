//! How one value is carried both ways: the traits, and the table that each record is mapped by.

use ehr_model as model;
use ehr_types::Offset;

use super::extension;
use super::text::{self, Checked};
use crate::element::{Element, Node, Str};
use crate::r4::{self, Extension, ExtensionValue};

/// What the reading side knows besides the element: where references lead.
pub(super) struct Reader<'a> {
    /// The entry that a reference, by its text or its identifier, leads to.
    pub(super) resolve: &'a dyn Fn(&r4::Reference) -> Option<model::EntryId>,
    /// The zone of times that state none.
    pub(super) default_offset: Option<Offset>,
}

impl Reader<'_> {
    /// A reader that follows no reference.
    pub(super) const PLAIN: Reader<'static> = Reader {
        resolve: &|_| None,
        default_offset: None,
    };
}

/// Gives the text of a reference to an entry.
pub(super) type Link<'a> = dyn Fn(&model::EntryId) -> Option<String> + 'a;

/// What the writing side knows besides the value: how references are written.
pub(super) struct Writer<'a> {
    /// The text of a reference to an entry. `None` writes each reference as the source wrote it.
    pub(super) link: Option<&'a Link<'a>>,
    /// Whether the result is compared with an original and not sent: then nothing is added that a source did not say, and
    /// items keep their places in lists even where nothing of them was understood.
    pub(super) mirror: bool,
}

impl Writer<'_> {
    /// Writes what was read, for comparison with the original.
    pub(super) const MIRROR: Writer<'static> = Writer {
        link: None,
        mirror: true,
    };
}

/// A structure of the model that stands for an element of FHIR.
pub(super) trait Convert<F>: Sized {
    /// From FHIR.
    fn read(from: &F, cx: &Reader<'_>) -> Self;
    /// To FHIR.
    fn write(&self, cx: &Writer<'_>) -> F;
}

/// The place that a member is read from.
#[derive(Clone, Copy)]
pub(super) struct From_<'a> {
    pub(super) cx: &'a Reader<'a>,
    pub(super) parent: &'a dyn Node,
    /// Name of the field in Rust.
    pub(super) field: &'static str,
}

impl<'a> From_<'a> {
    /// Extensions beside the primitive of that name; `suffix` is the type in the name of a choice.
    pub(super) fn beside(&self, suffix: &str) -> &'a [Extension] {
        if self.parent.extra().is_none() {
            return &[];
        }
        self.parent
            .primitive_extension(&text::json_name(self.field, suffix), None)
    }

    /// The value that was written as an extension because the element has no such type.
    pub(super) fn other_type(&self) -> Option<&'a ExtensionValue> {
        let name = text::json_name(self.field, "");
        self.parent
            .extension()
            .iter()
            .filter(|extension| extension.url.as_deref() == Some(extension::OTHER_TYPE))
            .find(|found| {
                found.extension().iter().any(
                    |part| matches!(part.value.as_deref(), Some(ExtensionValue::String(text)) if *text == name),
                )
            })
            .and_then(|found| extension::part(found, "value"))
    }
}

/// The place that a member is written to, and what has to stand beside it.
pub(super) struct Into_<'a> {
    pub(super) cx: &'a Writer<'a>,
    pub(super) field: &'static str,
    primitive: Vec<(String, Extension)>,
    element: Vec<Extension>,
    texts: Vec<Str>,
}

impl<'a> Into_<'a> {
    pub(super) fn new(cx: &'a Writer<'a>, field: &'static str) -> Self {
        Self {
            cx,
            field,
            primitive: Vec::new(),
            element: Vec::new(),
            texts: Vec::new(),
        }
    }

    /// Puts an extension beside the primitive; `suffix` is the type in the name of a choice.
    pub(super) fn beside(&mut self, suffix: &str, extension: Extension) {
        self.primitive
            .push((text::json_name(self.field, suffix), extension));
    }

    /// Keeps a value whose type the element does not allow.
    pub(super) fn other_type(&mut self, value: ExtensionValue) {
        let name = text::json_name(self.field, "");
        self.element.push(extension::other_type(&name, value));
    }

    /// Marks a text that its kind may not allow, to be looked at when the place is known.
    pub(super) fn doubtful(&mut self, value: &Str) {
        self.texts.push(value.clone());
    }

    /// Puts everything where it belongs. True when the text of the field is not one that FHIR allows there.
    pub(super) fn finish(self, to: &mut dyn Node) -> Option<Checked> {
        for (name, extension) in self.primitive {
            beside(to, &name, extension);
        }
        if !self.element.is_empty() {
            to.extension_mut().extend(self.element);
        }
        let first = self.texts.first()?;
        let name = text::json_name(self.field, "");
        let kind = to.describe().field(&name)?.kind();
        let checked = text::check(kind, first);
        if let Checked::Refused(text) = &checked {
            beside(to, &name, extension::string(extension::SOURCE_TEXT, text));
        }
        Some(checked)
    }
}

/// Adds an extension to a primitive of `to`.
pub(super) fn beside(to: &mut dyn Node, name: &str, extension: Extension) {
    let mut all = to.primitive_extension(name, None).to_vec();
    all.push(extension);
    to.set_primitive_extension(name, None, all);
}

/// One member: a field of the model and a field of FHIR.
pub(super) trait Map<F>: Sized {
    fn read(from: &F, at: &From_<'_>) -> Self;
    fn write(&self, at: &mut Into_<'_>) -> F;
    /// Takes back a text that FHIR does not allow there.
    fn amend(_to: &mut F, _checked: Checked) {}
}

impl<T: Convert<U>, U: Element + Default + PartialEq> Map<Option<Box<U>>> for Option<T> {
    fn read(from: &Option<Box<U>>, at: &From_<'_>) -> Self {
        from.as_ref().map(|from| T::read(from, at.cx))
    }

    fn write(&self, at: &mut Into_<'_>) -> Option<Box<U>> {
        let to = self.as_ref()?.write(at.cx);
        (at.cx.mirror || to != U::default()).then(|| Box::new(to))
    }
}

impl<T: Convert<U>, U: Element + Default + PartialEq> Map<Vec<U>> for Vec<T> {
    fn read(from: &Vec<U>, at: &From_<'_>) -> Self {
        from.iter().map(|from| T::read(from, at.cx)).collect()
    }

    fn write(&self, at: &mut Into_<'_>) -> Vec<U> {
        let all = self.iter().map(|item| item.write(at.cx));
        if at.cx.mirror {
            return all.collect();
        }
        all.filter(|to| *to != U::default()).collect()
    }
}

/// The table by which a record is mapped: a line for each member, read both ways.
///
/// `model: fhir` where the names differ; `required` members get a reason when they are missing; `read` and `write` are
/// functions for what is not one to one.
macro_rules! mapping {
    ($model:ty, $fhir:ty { $($name:ident $(: $other:ident)?),* $(,)? }
     $(required { $($required:ident),* $(,)? })?
     $(read $read:path;)?
     $(write $write:path;)?
    ) => {
        impl $crate::convert::map::Convert<$fhir> for $model {
            fn read(from: &$fhir, cx: &$crate::convert::map::Reader<'_>) -> Self {
                let mut to = Self::default();
                $($crate::convert::map::member!(read from to cx $name $($other)?);)*
                $($read(from, &mut to, cx);)?
                to
            }

            fn write(&self, cx: &$crate::convert::map::Writer<'_>) -> $fhir {
                let mut to = <$fhir>::default();
                $($crate::convert::map::member!(write self to cx $name $($other)?);)*
                $($write(self, &mut to, cx);)?
                if !cx.mirror && (crate::element::Node::describe(&to).is_resource || to != <$fhir>::default()) {
                    $($({
                        if $crate::convert::primitive::Fill::missing(&to.$required) {
                            let why = $crate::convert::extension::unknown();
                            if let Some(why) = $crate::convert::primitive::Fill::fill(&mut to.$required, why) {
                                let name = $crate::convert::text::json_name(stringify!($required), "");
                                $crate::convert::extension::explain(&mut to, &name, why);
                            }
                        }
                    })*)?
                }
                to
            }
        }
    };
}

macro_rules! member {
    ($way:ident $from:ident $to:ident $cx:ident $name:ident) => {
        $crate::convert::map::member!($way $from $to $cx $name $name)
    };
    (read $from:ident $to:ident $cx:ident $name:ident $other:ident) => {
        $to.$name = $crate::convert::map::Map::read(
            &$from.$other,
            &$crate::convert::map::From_ { cx: $cx, parent: $from, field: stringify!($other) },
        )
    };
    (write $from:ident $to:ident $cx:ident $name:ident $other:ident) => {{
        let mut at = $crate::convert::map::Into_::new($cx, stringify!($other));
        $to.$other = $crate::convert::map::Map::write(&$from.$name, &mut at);
        if let Some(checked) = at.finish(&mut $to) {
            $crate::convert::map::amend(&$from.$name, &mut $to.$other, checked);
        }
    }};
}

/// The members of a record that stand in a group of the resource: a function that reads them, and one that writes the group,
/// which is `None` when it has none of them.
macro_rules! group {
    ($model:ty, $fhir:ty { $($name:ident $(: $other:ident)?),* $(,)? } read $read:ident; write $write:ident;) => {
        fn $read(from: &$fhir, to: &mut $model, cx: &$crate::convert::map::Reader<'_>) {
            $($crate::convert::map::member!(read from to cx $name $($other)?);)*
        }

        fn $write(from: &$model, cx: &$crate::convert::map::Writer<'_>) -> Option<$fhir> {
            let mut to = <$fhir>::default();
            $($crate::convert::map::member!(write from to cx $name $($other)?);)*
            (to != <$fhir>::default()).then_some(to)
        }
    };
}

/// Takes back a text that FHIR does not allow there.
pub(super) fn amend<M: Map<F>, F>(_: &M, to: &mut F, checked: Checked) {
    M::amend(to, checked);
}

/// How the alternatives of the model and the types of a choice stand to each other: `variant of FHIR`, how it is carried,
/// `variant of the model`. What the choice of FHIR has no type for is kept in an extension.
macro_rules! choice {
    ($model:ident, $fhir:ident { $($theirs:ident $how:ident $ours:ident),* $(,)? }) => {
        impl $crate::convert::map::Map<Option<$crate::r4::$fhir>> for Option<ehr_model::$model> {
            fn read(from: &Option<$crate::r4::$fhir>, at: &$crate::convert::map::From_<'_>) -> Self {
                #[allow(unreachable_patterns)] // some choices are covered in full
                match from {
                    $(Some($crate::r4::$fhir::$theirs(value)) => {
                        Some(ehr_model::$model::$ours($crate::convert::map::carry!(read $how $theirs value at)))
                    })*
                    None => $crate::convert::choice::absent(at),
                    _ => None,
                }
            }

            fn write(&self, at: &mut $crate::convert::map::Into_<'_>) -> Option<$crate::r4::$fhir> {
                #[allow(unreachable_patterns)] // some choices are covered in full
                match self {
                    None => None,
                    $(Some(ehr_model::$model::$ours(value)) => {
                        $crate::convert::map::carry!(write $how $theirs value at).map($crate::r4::$fhir::$theirs)
                    })*
                    Some(other) => {
                        if let Some(value) = $crate::convert::choice::Loose::loose(other, at.cx) {
                            at.other_type(value);
                        }
                        None
                    }
                }
            }
        }
    };
}

macro_rules! carry {
    (read element $theirs:ident $value:ident $at:ident) => {
        $crate::convert::map::Convert::read($value.as_ref(), $at.cx)
    };
    (read text $theirs:ident $value:ident $at:ident) => {
        $value.to_string()
    };
    (read copy $theirs:ident $value:ident $at:ident) => {
        *$value
    };
    (read time $theirs:ident $value:ident $at:ident) => {
        $crate::convert::text::read_time(Some(*$value), $at.beside(stringify!($theirs)), $at.cx)
            .unwrap_or(*$value)
    };
    (read day $theirs:ident $value:ident $at:ident) => {
        ehr_types::DateTime::from(*$value)
    };
    (write element $theirs:ident $value:ident $at:ident) => {
        Some(Box::new($crate::convert::map::Convert::write($value, $at.cx)))
            .filter(|to| $at.cx.mirror || **to != Default::default())
    };
    (write text $theirs:ident $value:ident $at:ident) => {
        $crate::convert::text::string($value)
    };
    (write copy $theirs:ident $value:ident $at:ident) => {
        Some(*$value)
    };
    (write time $theirs:ident $value:ident $at:ident) => {{
        let (time, extension) = $crate::convert::text::write_time(*$value);
        if let Some(extension) = extension {
            $at.beside(stringify!($theirs), extension);
        }
        time
    }};
    (write day $theirs:ident $value:ident $at:ident) => {{
        if $value.precision() > ehr_types::Precision::Day {
            $at.beside(
                stringify!($theirs),
                $crate::convert::extension::source_time(*$value),
            );
        }
        Some($value.date())
    }};
}

pub(super) use {carry, choice, group, mapping, member};
