//! The list that the values of a repeating element are kept in.

use std::fmt;
use std::iter;
use std::mem::{self, ManuallyDrop};
use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Empty, Node};
use crate::json::Decoder;

/// The values of an element that may repeat (`0..*`): a [`Vec`], used like one and made of one.
///
/// ```
/// use ehr_fhir::r4::{HumanName, Patient};
/// let mut patient = Patient { name: [HumanName::default()].into(), ..Patient::default() };
/// patient.name.push(HumanName { family: Some("Ng".into()), ..HumanName::default() });
/// assert_eq!(patient.name.len(), 2);
/// patient.name = patient.name.into_iter().filter(|name| name.family.is_some()).collect();
/// let names: Vec<HumanName> = patient.name.into();
/// assert_eq!(names[0].family.as_deref(), Some("Ng"));
/// ```
///
/// What differs is the code that drops it. That of a `Vec` is compiled again into what drops each struct that holds one, with a
/// second copy for the case that it unwinds, and a program that holds a `Bundle` drops 700 types. Here it is one call, which
/// is known not to unwind: should the drop of a `T` panic, which that of no element does, the program is aborted.
pub struct Many<T>(ManuallyDrop<Vec<T>>);

impl<T> Many<T> {
    /// An empty list.
    pub const fn new() -> Self {
        Self(ManuallyDrop::new(Vec::new()))
    }
}

impl<T> Many<T> {
    /// Reads a list of elements.
    #[inline(never)]
    pub(crate) fn read(&mut self, d: &mut Decoder<'_>)
    where
        T: Node + Empty + 'static,
    {
        if !d.open_array() {
            return;
        }
        let list: &mut Vec<T> = self;
        loop {
            if d.can_open() {
                if list.len() == list.capacity() {
                    // Most arrays of FHIR have one item: grow 1, 2, 4 … instead of starting with four.
                    list.reserve_exact(list.len().max(1));
                }
                // Not `push`, whose code to grow is compiled for each type.
                list.extend(iter::once_with(|| T::EMPTY));
                if let Some(item) = list.last_mut() {
                    d.child(item);
                }
            }
            if !d.next_item() {
                return;
            }
        }
    }
}

impl<T> Drop for Many<T> {
    #[inline]
    fn drop(&mut self) {
        if self.0.capacity() != 0 {
            T::release(&mut self.0);
        }
    }
}

/// Dropping the list is a method of the type that it holds, for the reason that is told at [`Place`](super::Place).
trait Release: Sized {
    /// A C function does not unwind, and that is known wherever it is called.
    #[inline(never)]
    extern "C" fn release(list: &mut ManuallyDrop<Vec<Self>>) {
        drop(ManuallyDrop::into_inner(mem::take(list)));
    }
}

impl<T> Release for T {}

impl<T> Deref for Many<T> {
    type Target = Vec<T>;

    #[inline]
    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<T> DerefMut for Many<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.0
    }
}

impl<T> From<Vec<T>> for Many<T> {
    #[inline]
    fn from(values: Vec<T>) -> Self {
        Self(ManuallyDrop::new(values))
    }
}

impl<T, const N: usize> From<[T; N]> for Many<T> {
    fn from(values: [T; N]) -> Self {
        Vec::from(values).into()
    }
}

impl<T> From<Many<T>> for Vec<T> {
    #[inline]
    fn from(mut values: Many<T>) -> Self {
        mem::take(&mut *values)
    }
}

impl<T> FromIterator<T> for Many<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Vec::from_iter(values).into()
    }
}

impl<T> Extend<T> for Many<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        self.0.extend(values);
    }
}

impl<T> IntoIterator for Many<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        Vec::from(self).into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Many<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T> IntoIterator for &'a mut Many<T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl<T> Default for Many<T> {
    #[inline]
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone> Clone for Many<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: fmt::Debug> fmt::Debug for Many<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Vec::fmt(self, f)
    }
}

impl<T: PartialEq<U>, U> PartialEq<Many<U>> for Many<T> {
    fn eq(&self, other: &Many<U>) -> bool {
        **self == **other
    }
}

impl<T: PartialEq<U>, U> PartialEq<Vec<U>> for Many<T> {
    fn eq(&self, other: &Vec<U>) -> bool {
        **self == *other
    }
}

impl<T: PartialEq<U>, U> PartialEq<[U]> for Many<T> {
    fn eq(&self, other: &[U]) -> bool {
        **self == *other
    }
}

impl<T: PartialEq<U>, U, const N: usize> PartialEq<[U; N]> for Many<T> {
    fn eq(&self, other: &[U; N]) -> bool {
        **self == *other
    }
}

impl<T: PartialEq<U>, U> PartialEq<Many<U>> for Vec<T> {
    fn eq(&self, other: &Many<U>) -> bool {
        *self == **other
    }
}

impl<T> AsRef<[T]> for Many<T> {
    fn as_ref(&self) -> &[T] {
        self
    }
}

impl<T: Serialize> Serialize for Many<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Vec::serialize(self, serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_list_is_a_vector() {
        let mut list: Many<u8> = [1, 2].into();
        list.push(3);
        list.extend([4]);
        for value in &mut list {
            *value += 1;
        }
        assert_eq!(list, [2, 3, 4, 5]);
        assert_eq!(list, vec![2, 3, 4, 5]);
        assert_eq!(list.clone(), list);
        assert_eq!((&list).into_iter().sum::<u8>(), 14);
        assert_eq!(format!("{list:?}"), "[2, 3, 4, 5]");
        let json = serde_json::to_string(&list).unwrap();
        assert_eq!(serde_json::from_str::<Many<u8>>(&json).unwrap(), list);
        assert_eq!(list.into_iter().rev().collect::<Many<u8>>(), [5, 4, 3, 2]);
    }

    #[test]
    fn what_it_holds_is_dropped_once() {
        let value = Arc::new(());
        let list: Many<Arc<()>> = vec![value.clone(); 3].into();
        assert_eq!(Arc::strong_count(&value), 4);
        drop(list.clone());
        assert_eq!(Arc::strong_count(&value), 4);
        let mut out = Vec::from(list);
        assert_eq!((out.len(), Arc::strong_count(&value)), (3, 4));
        out.pop();
        drop(Many::from(out));
        assert_eq!(Arc::strong_count(&value), 1);
    }
}
