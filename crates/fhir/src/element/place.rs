//! How a value is read and shown where it stands: alone, in a box, in a list, as one of a choice.
//!
//! All of it is in methods of traits whose `Self` is the type concerned, and not inlined. The compiler then puts them where
//! the type is, with the one table of its functions and the one copy of the code that drops it. A function generic over the
//! type, or a trait object made where the type is used, would have these copied into each part of the crate that does so.
//! Lists are the exception: what reads and shows one belongs to [`Many`](super::Many), whose part of the crate has the tables too.
//!
//! # Pointers to functions
//! Reader, writer and what serde calls are at some places called through a local pointer to a function. Before it inlines a call,
//! the compiler looks through all that the called function may come to for a way back to the caller; a thousand types
//! have it look through the whole reader each. It does not look behind a pointer, and the optimizer undoes it.

use std::mem;

use super::{Node, Primitive, Walk};
use crate::json::Decoder;

/// A type's value without anything in it, as data: a function that makes it would be compiled for each field.
pub(crate) trait Empty: Sized {
    /// The empty value.
    const EMPTY: Self;
}

/// Puts a value into the place of an element just made, which is empty: what drops a value that would be there is not compiled
/// for each type.
#[inline]
pub(crate) fn fill<T>(place: &mut Option<T>, value: Option<T>) {
    debug_assert!(place.is_none());
    mem::forget(mem::replace(place, value));
}

/// An element type in its places.
pub(crate) trait Place: Node + Empty + 'static {
    /// The element whatever its type.
    #[inline(never)]
    fn node(&self) -> &dyn Node {
        self
    }

    /// An empty element. Not inlined: the caller recurses, and its stack should not hold the element as well.
    #[inline(never)]
    fn boxed() -> Box<Self> {
        Box::new(Self::EMPTY)
    }

    /// Reads one element.
    #[inline(never)]
    fn read(slot: &mut Option<Box<Self>>, d: &mut Decoder<'_>) {
        if d.can_open() {
            d.child(slot.get_or_insert_with(Self::boxed).as_mut());
        }
    }

    /// Reads the element of a choice.
    #[inline(never)]
    fn read_boxed(d: &mut Decoder<'_>) -> Option<Box<Self>> {
        let mut slot = None;
        Self::read(&mut slot, d);
        slot
    }

    /// Shows one element as the member numbered `at`.
    #[inline(never)]
    fn show(&self, at: usize, walk: &mut Walk<'_>) {
        walk.element(at, self);
    }
}

impl<T: Node + Empty + 'static> Place for T {}

/// The value of a choice.
pub(crate) enum ChoiceValue<'a> {
    /// A primitive.
    Primitive(Primitive<'a>),
    /// A complex value.
    Element(&'a dyn Node),
}

/// A `value[x]`.
pub(crate) trait Choice: Sized {
    /// Reads the value of the type numbered `variant`.
    fn decode(variant: usize, d: &mut Decoder<'_>) -> Option<Self>;

    /// The number of the type and the value.
    fn value(&self) -> (usize, ChoiceValue<'_>);

    /// Reads the value of the type numbered `variant` into its place.
    #[inline(never)]
    fn read(slot: &mut Option<Self>, variant: usize, d: &mut Decoder<'_>) {
        fill(slot, Self::decode(variant, d));
    }

    /// Shows the value; the member of the first type is numbered `at`.
    #[inline(never)]
    fn show(&self, at: usize, walk: &mut Walk<'_>) {
        let (variant, value) = self.value();
        walk.one(at + variant, value);
    }
}

impl<T: Choice> Choice for Box<T> {
    fn decode(variant: usize, d: &mut Decoder<'_>) -> Option<Self> {
        T::decode(variant, d).map(Self::new)
    }

    fn value(&self) -> (usize, ChoiceValue<'_>) {
        T::value(self)
    }
}
