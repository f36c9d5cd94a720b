//! The canonical view of an item: a projection of its members, field by field, with what they disagree on.

use ehr_model::{AllergyKnowledge, Record, Reference};

use crate::desk::Desk;

/// A record class whose fields are projected by a table.
pub(crate) trait Fields: Sized + Clone {
    /// The record as this type, when it is of this class.
    fn of(record: &Record) -> Option<&Self>;

    fn into_record(self) -> Record;

    /// One record from those of all members; the best-ranked member comes first.
    fn project(voices: &[&Self], desk: &mut Desk<'_>) -> Self;

    /// Calls `visit` for each reference.
    fn refers(&mut self, visit: &mut dyn FnMut(&mut Reference));

    /// Number of fields that say something.
    fn said(&self) -> usize;
}

/// Declares how each field of a record is projected:
///
/// * `one("path")` – a single value; values that do not agree are a conflict on that FHIR path;
/// * `status("path")` – likewise, of all members: here those speak too that were entered in error;
/// * `verification("path", doubts)` – likewise, and who is silent is a side against who says one of these codes;
/// * `beside(status, "path")` – likewise, of those members that state the status which is shown;
/// * `list_beside(status)` – all values of those members;
/// * `as_done(status, "path")` and `list_as_done(status)` – likewise, of the members that say as the status shown does whether it was
///   done: who did not do it says nothing of how another did;
/// * `fill` – a single value without clinical weight: the best-ranked member's, else the next one's;
/// * `merged` – a concept that all members mean: all codings together;
/// * `named("path")` – likewise, and a conflict where the names that they give it have nothing to do with each other;
/// * `worded("path")` – likewise, and also where their words differ in number, grade, certainty or place;
/// * `worded_substance("path")` – likewise, of a substance: what only begins alike is another;
/// * `product` and `product_entry` – likewise, of a medication, and a conflict where its strengths differ;
/// * `union` – all values, those that agree once;
/// * `whole("path")` – a list that only makes sense as a whole: the best-ranked member's; another list is a conflict;
/// * `lead` – the best-ranked member's;
/// * `with(function)` – by a function of the voices and the desk.
macro_rules! fields {
    ($type:ident { $($field:ident: $how:ident $(($($argument:tt),+))?,)* }) => {
        impl $crate::project::Fields for ehr_model::$type {
            fn of(record: &ehr_model::Record) -> Option<&Self> {
                Self::from_record(record)
            }

            fn into_record(self) -> ehr_model::Record {
                self.into()
            }

            fn project(voices: &[&Self], desk: &mut $crate::desk::Desk<'_>) -> Self {
                // Every field is named: a new one is a compile error here.
                Self { $($field: fields!(@$how voices, desk, $field $(, $($argument),+)?),)* }
            }

            fn refers(&mut self, visit: &mut dyn FnMut(&mut ehr_model::Reference)) {
                $($crate::refers::Refers::refers(&mut self.$field, visit);)*
            }

            fn said(&self) -> usize {
                [$($crate::project::Said::is_said(&self.$field)),*].into_iter().filter(|said| *said).count()
            }
        }
    };
    (@one $voices:ident, $desk:ident, $field:ident, $path:expr) => { $desk.one($path, &|at| $voices.get(at)?.$field.as_ref()) };
    (@status $voices:ident, $desk:ident, $field:ident, $path:expr) => { $desk.status($path, &|at| $voices.get(at)?.$field.as_ref()) };
    (@verification $voices:ident, $desk:ident, $field:ident, $path:expr, $doubts:expr) => { $desk.verification($path, $doubts, &|at| $voices.get(at)?.$field.as_ref()) };
    (@beside $voices:ident, $desk:ident, $field:ident, $status:ident, $path:expr) => {{
        let states = $desk.states_shown(&|at| $voices.get(at)?.$status.as_ref());
        $desk.one($path, &|at| states(at).then(|| $voices.get(at)?.$field.as_ref())?)
    }};
    (@list_beside $voices:ident, $desk:ident, $field:ident, $status:ident) => {{
        let states = $desk.states_shown(&|at| $voices.get(at)?.$status.as_ref());
        $desk.union(&|at| $voices.get(at).filter(|_| states(at)).map_or(&[], |voice| &voice.$field))
    }};
    (@as_done $voices:ident, $desk:ident, $field:ident, $status:ident, $path:expr) => {{
        let done = $desk.done_as_shown(&|at| $voices.get(at)?.$status.as_ref());
        $desk.one($path, &|at| done(at).then(|| $voices.get(at)?.$field.as_ref())?)
    }};
    (@list_as_done $voices:ident, $desk:ident, $field:ident, $status:ident) => {{
        let done = $desk.done_as_shown(&|at| $voices.get(at)?.$status.as_ref());
        $desk.union(&|at| $voices.get(at).filter(|_| done(at)).map_or(&[], |voice| &voice.$field))
    }};
    (@product $voices:ident, $desk:ident, $field:ident) => { $desk.product("medication[x]", &|at| $voices.get(at)?.$field.as_ref()) };
    (@product_entry $voices:ident, $desk:ident, $field:ident) => { $desk.product_entry("medication[x]", &|at| $voices.get(at)?.$field.as_ref()) };
    (@fill $voices:ident, $desk:ident, $field:ident) => { $desk.fill(&|at| $voices.get(at)?.$field.as_ref()) };
    (@merged $voices:ident, $desk:ident, $field:ident) => { $desk.merged(&|at| $voices.get(at)?.$field.as_ref()) };
    (@named $voices:ident, $desk:ident, $field:ident, $path:expr) => { $desk.named($path, $crate::concept::Naming::Name, &|at| $voices.get(at)?.$field.as_ref()) };
    (@worded $voices:ident, $desk:ident, $field:ident, $path:expr) => { $desk.named($path, $crate::concept::Naming::Wording, &|at| $voices.get(at)?.$field.as_ref()) };
    (@worded_substance $voices:ident, $desk:ident, $field:ident, $path:expr) => { $desk.named($path, $crate::concept::Naming::SubstanceWording, &|at| $voices.get(at)?.$field.as_ref()) };
    (@union $voices:ident, $desk:ident, $field:ident) => { $desk.union(&|at| $voices.get(at).map_or(&[], |voice| &voice.$field)) };
    (@whole $voices:ident, $desk:ident, $field:ident, $path:expr) => { $desk.whole($path, &|at| $voices.get(at).map_or(&[], |voice| &voice.$field)) };
    (@lead $voices:ident, $desk:ident, $field:ident) => { $voices.first().map(|voice| voice.$field.clone()).unwrap_or_default() };
    (@with $voices:ident, $desk:ident, $field:ident, $function:expr) => { $function($voices.get(..$desk.heard).unwrap_or($voices), $desk) };
}

pub(crate) use fields;

/// Whether a field says something.
pub(crate) trait Said {
    fn is_said(&self) -> bool;
}

impl<T> Said for Option<T> {
    fn is_said(&self) -> bool {
        self.is_some()
    }
}

impl<T> Said for Vec<T> {
    fn is_said(&self) -> bool {
        !self.is_empty()
    }
}

impl Said for String {
    fn is_said(&self) -> bool {
        !self.is_empty()
    }
}

impl Said for AllergyKnowledge {
    fn is_said(&self) -> bool {
        *self != Self::default()
    }
}
