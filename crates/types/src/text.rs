//! Text that is short or shared.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::mem::{self, ManuallyDrop};
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use smol_str::SmolStr;

/// Text that does not change: up to 23 bytes without an allocation, longer text shared, so that a copy costs no copying.
///
/// ```
/// use ehr_types::Str;
/// let code = Str::from("final");
/// assert_eq!(code, "final");
/// assert_eq!(code.len(), 5);
/// assert_eq!(String::from(code.clone()), "final");
/// ```
///
/// It is a [`SmolStr`] of which the compiler knows that dropping cannot unwind. Hundreds of types are made of such texts, and
/// each would have code for the case that it does.
pub struct Str(ManuallyDrop<SmolStr>);

impl Str {
    /// A copy of the text.
    #[inline]
    pub fn new(text: impl AsRef<str>) -> Self {
        Self::from(text.as_ref())
    }

    /// Text of the program, never copied.
    pub const fn new_static(text: &'static str) -> Self {
        Self(ManuallyDrop::new(SmolStr::new_static(text)))
    }

    /// The text.
    #[inline]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl Drop for Str {
    #[inline]
    fn drop(&mut self) {
        // Any other form holds nothing that must be given back.
        if self.0.is_heap_allocated() {
            release(self);
        }
    }
}

/// Gives up a share of a long text. A C function does not unwind, and that is known wherever it is called.
#[inline(never)]
extern "C" fn release(text: &mut Str) {
    let empty = ManuallyDrop::new(SmolStr::new_static(""));
    drop(ManuallyDrop::into_inner(mem::replace(&mut text.0, empty)));
}

impl Clone for Str {
    #[inline]
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl Default for Str {
    #[inline]
    fn default() -> Self {
        Self::new_static("")
    }
}

impl Deref for Str {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Str {
    fn as_ref(&self) -> &str {
        self
    }
}

impl Borrow<str> for Str {
    fn borrow(&self) -> &str {
        self
    }
}

impl From<&str> for Str {
    #[inline]
    fn from(text: &str) -> Self {
        Self(ManuallyDrop::new(SmolStr::new(text)))
    }
}

impl From<&String> for Str {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<String> for Str {
    fn from(text: String) -> Self {
        Self(ManuallyDrop::new(SmolStr::from(text)))
    }
}

impl From<Str> for String {
    fn from(text: Str) -> Self {
        text.as_str().to_owned()
    }
}

impl PartialEq for Str {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        *self.0 == *other.0
    }
}

impl PartialEq<str> for Str {
    #[inline]
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Str {
    #[inline]
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<String> for Str {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<Str> for str {
    fn eq(&self, other: &Str) -> bool {
        self == other.as_str()
    }
}

impl PartialEq<Str> for &str {
    fn eq(&self, other: &Str) -> bool {
        *self == other.as_str()
    }
}

impl PartialEq<Str> for String {
    fn eq(&self, other: &Str) -> bool {
        self == other.as_str()
    }
}

impl Eq for Str {}

impl PartialOrd for Str {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Str {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other)
    }
}

impl Hash for Str {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl Serialize for Str {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for Str {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl de::Visitor<'_> for Text {
            type Value = Str;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Str, E> {
                Ok(Str::from(text))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn it_is_the_text_it_was_made_of(text in ".{0,60}", other in ".{0,4}") {
            let one = Str::from(text.as_str());
            let copies = [one.clone(), Str::from(&text), Str::from(text.clone())];
            drop(one);
            for copy in &copies {
                prop_assert_eq!(copy, &text);
                prop_assert_eq!(copy.cmp(&Str::from(other.as_str())), text.cmp(&other));
                prop_assert_eq!(copy.to_string(), text.as_str());
                prop_assert_eq!(format!("{copy:?}"), format!("{text:?}"));
            }
            let json = serde_json::to_string(&copies[0]).unwrap();
            prop_assert_eq!(&json, &serde_json::to_string(&text).unwrap());
            prop_assert_eq!(&serde_json::from_str::<Str>(&json).unwrap(), &copies[1]);
        }
    }

    #[test]
    fn it_is_found_by_its_text_and_takes_no_more_room_than_three_words() {
        let map = HashMap::from([
            (Str::from("key"), 1),
            (Str::new_static("a key that is longer than 23"), 2),
        ]);
        assert_eq!(
            (map.get("key"), map.get("a key that is longer than 23")),
            (Some(&1), Some(&2))
        );
        assert_eq!(size_of::<Option<Str>>(), 24);
        assert_eq!(Str::default(), "");
    }
}
