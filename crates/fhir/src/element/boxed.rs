//! The box that a resource is kept in.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::{RefUnwindSafe, UnwindSafe};

use super::Node;

/// A value in an allocation of its own, used like a `Box`.
///
/// The code that drops a `Box<T>` is compiled again wherever one may be dropped, down to the last field of `T`, and any
/// resource may contain any other: each program that holds a `Bundle` would compile the dropping of all resource types.
/// This box knows how to drop its value from where it was made, so that code exists once, in this crate.
///
/// ```
/// use ehr_fhir::r4::{Patient, Resource};
/// let mut resource = Resource::from(Patient::default());
/// let Resource::Patient(patient) = &mut resource else { panic!() };
/// patient.active = Some(true);
/// ```
pub struct Boxed<T>(Held<T>);

type Held<T> = Box<dyn Hold<T> + Send + Sync>;

/// A resource type: what may be in a [`Boxed`], and moved between threads in it.
///
/// That the types may be moved is proved once for each here. Asked for where a box is made, it would be proved again at each such
/// place, through all the types that a resource is made of.
pub trait IsResource: Node + Send + Sync + 'static {}

// Nothing in a resource changes behind a shared reference.
impl<T> UnwindSafe for Boxed<T> {}
impl<T> RefUnwindSafe for Boxed<T> {}

/// What is done with a value whose dropping is known only where it was made.
trait Hold<T>: Node {
    fn get(&self) -> &T;
    fn get_mut(&mut self) -> &mut T;
    fn take(self: Box<Self>) -> T;
}

impl<T: IsResource> Hold<T> for T {
    fn get(&self) -> &T {
        self
    }

    fn get_mut(&mut self) -> &mut T {
        self
    }

    fn take(self: Box<Self>) -> T {
        *self
    }
}

/// Making the box is a method of the type that it holds, for the reason that is told at [`Place`](super::Place).
trait Make: IsResource + Sized {
    #[inline(never)]
    fn hold(self) -> Held<Self> {
        Box::new(self)
    }

    #[inline(never)]
    fn fresh() -> Held<Self>
    where
        Self: Default,
    {
        Box::new(Self::default())
    }
}

impl<T: IsResource> Make for T {}

impl<T: IsResource> Boxed<T> {
    /// Moves the value into an allocation.
    pub fn new(value: T) -> Self {
        Self(value.hold())
    }
}

impl<T> Boxed<T> {
    /// The value whatever its type.
    #[inline]
    pub(crate) fn node(&self) -> &dyn Node {
        &*self.0
    }

    /// The value whatever its type, to change.
    #[inline]
    pub(crate) fn node_mut(&mut self) -> &mut dyn Node {
        &mut *self.0
    }
}

impl<T> Boxed<T> {
    /// Moves the value out.
    pub fn into_inner(self) -> T {
        self.0.take()
    }
}

impl<T> Deref for Boxed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.get()
    }
}

impl<T> DerefMut for Boxed<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }
}

impl<T> AsRef<T> for Boxed<T> {
    fn as_ref(&self) -> &T {
        self
    }
}

impl<T> AsMut<T> for Boxed<T> {
    fn as_mut(&mut self) -> &mut T {
        self
    }
}

impl<T: IsResource> From<T> for Boxed<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: IsResource + Default> Default for Boxed<T> {
    fn default() -> Self {
        Self(T::fresh())
    }
}

impl<T: IsResource + Clone> Clone for Boxed<T> {
    fn clone(&self) -> Self {
        Self::new(T::clone(self))
    }
}

impl<T: PartialEq> PartialEq for Boxed<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: fmt::Debug> fmt::Debug for Boxed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::r4::Patient;

    #[test]
    fn a_boxed_value_is_its_value() {
        let mut boxed = Boxed::new(Patient::default());
        boxed.active = Some(true);
        let copy = boxed.clone();
        assert_eq!((copy == boxed, copy.active), (true, Some(true)));
        assert_eq!(format!("{copy:?}"), "Patient{active}");
        assert_eq!(boxed.into_inner(), *copy);
        assert_eq!(Boxed::<Patient>::default(), Patient::default().into());
    }
}
