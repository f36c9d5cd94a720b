//! How one value is carried both ways.

use ehr_model as model;
use ehr_types::Offset;

use super::text;
use crate::element::{Element, Elements, Field, Kind, Many, Node, Primitive, Primitives, Type, Visitor};
use crate::extra::Extra;
use crate::r4::{self, ElementType, Resource};

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

/// What the writing side knows besides the value: how references are written, and where the value goes.
#[derive(Clone, Copy)]
pub(super) struct Writer<'a> {
    /// The text of a reference to an entry. `None` writes each reference as the source wrote it.
    pub(super) link: Option<&'a Link<'a>>,
    /// Whether the result is compared with an original and not sent: then nothing is added that a source did not say, and
    /// items keep their places in lists even where nothing of them was understood.
    pub(super) mirror: bool,
    /// The member that the value goes to: its type, its name in Rust and, in a choice, the type in the name.
    pub(super) member: Option<(&'static Type, &'static str, &'static str)>,
}

impl<'a> Writer<'a> {
    /// Writes what was read, for comparison with the original.
    pub(super) const MIRROR: Writer<'static> = Writer {
        link: None,
        mirror: true,
        member: None,
    };

    /// Writes references as the source wrote them.
    pub(super) const PLAIN: Writer<'static> = Writer {
        link: None,
        mirror: false,
        member: None,
    };

    /// Writes references to entries as `link` says.
    pub(super) fn linked(link: &'a Link<'a>) -> Self {
        Writer {
            link: Some(link),
            ..Writer::PLAIN
        }
    }

    /// The same for a member of `to`: `field` is its name in Rust, `suffix` the type in the name of a choice.
    pub(super) fn at(&self, to: &dyn Node, field: &'static str, suffix: &'static str) -> Self {
        Writer {
            member: Some((to.describe(), field, suffix)),
            ..*self
        }
    }

    /// The member that the value goes to, where its kind is that of the value; what is written by hand may not say.
    pub(super) fn field(&self, kinds: &[ElementType]) -> Option<&'static Field> {
        let (of, field, suffix) = self.member?;
        let field = of.field(&text::json_name(field, suffix))?;
        matches!(field.kind(), Kind::Element(kind) if kinds.contains(&kind)).then_some(field)
    }
}

/// A structure of the model that stands for an element of FHIR, or for a part of one.
///
/// Both ways fill what is there rather than make it: code that moves and drops whole records is long.
pub(super) trait Convert<F> {
    /// Takes over what the element says.
    fn read_from(&mut self, from: &F, cx: &Reader<'_>);

    /// Says it in the element.
    fn write_to(&self, to: &mut F, cx: &Writer<'_>);

    /// From FHIR.
    #[inline(never)]
    fn read(from: &F, cx: &Reader<'_>) -> Self
    where
        Self: Default,
    {
        let mut to = Self::default();
        to.read_from(from, cx);
        to
    }

    /// To FHIR.
    #[inline(never)]
    fn write(&self, cx: &Writer<'_>) -> F
    where
        F: Default,
    {
        let mut to = F::default();
        self.write_to(&mut to, cx);
        to
    }
}

/// The element of a value that a member holds; one that says nothing only in a mirror.
pub(super) fn written<M: Convert<F>, F: Node + Default>(from: &M, cx: &Writer<'_>) -> Option<Box<F>> {
    let mut to = Box::<F>::default();
    from.write_to(&mut to, cx);
    (cx.mirror || !is_empty(&*to)).then_some(to)
}

/// The element that holds a part of a record, unless it says nothing.
pub(super) fn said<M: Convert<F>, F: Node + Default>(from: &M, cx: &Writer<'_>) -> Option<Box<F>> {
    written(from, cx).filter(|to| !is_empty(&**to))
}

/// The elements of a list; those that say nothing only in a mirror.
pub(super) fn each_written<M: Convert<F>, F: Node + Default>(from: &[M], cx: &Writer<'_>) -> Many<F> {
    from.iter()
        .map(|from| from.write(cx))
        .filter(|to| cx.mirror || !is_empty(to))
        .collect()
}

/// Whether an element says nothing.
pub(super) fn is_empty(element: &dyn Node) -> bool {
    struct Members(usize);
    impl Visitor for Members {
        fn primitive(&mut self, _: &'static Field, _: Primitive<'_>) {
            self.0 += 1;
        }
        fn primitives(&mut self, _: &'static Field, _: &dyn Primitives) {
            self.0 += 1;
        }
        fn element(&mut self, _: &'static Field, _: &dyn Node) {
            self.0 += 1;
        }
        fn elements(&mut self, _: &'static Field, _: &dyn Elements) {
            self.0 += 1;
        }
        fn resource(&mut self, _: &'static Field, _: &Resource) {
            self.0 += 1;
        }
        fn resources(&mut self, _: &'static Field, _: &[Resource]) {
            self.0 += 1;
        }
    }
    let mut members = Members(0);
    element.visit(&mut members);
    members.0 == 0 && element.extra().is_none_or(Extra::is_empty)
}
