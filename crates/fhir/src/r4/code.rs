//! Codes of required bindings.

use crate::element::Str;
use crate::json::{Decoder, FromJson};

/// The codes of a value set, one text after the other, and where each starts: a list of texts costs 40 bytes a code in a
/// program that is loaded at an address not known before.
pub(crate) struct Codes {
    text: &'static str,
    starts: &'static [u16],
}

impl Codes {
    pub(crate) const fn new(text: &'static str, starts: &'static [u16]) -> Self {
        Self { text, starts }
    }

    /// The code of that number, unless there is another text.
    #[inline(never)]
    pub(crate) fn get<'a>(&self, number: usize, other: Option<&'a Str>) -> &'a str {
        if let Some(other) = other {
            return other;
        }
        match self.starts.get(number..) {
            Some([start, end, ..]) => self
                .text
                .get(usize::from(*start)..usize::from(*end))
                .unwrap_or_default(),
            _ => "",
        }
    }

    /// The number of a code.
    #[inline(never)]
    pub(crate) fn position(&self, code: &str) -> Option<usize> {
        let (text, code) = (self.text.as_bytes(), code.as_bytes());
        let is_code = |ends: &[u16]| match ends {
            [start, end] => text.get(usize::from(*start)..usize::from(*end)) == Some(code),
            _ => false,
        };
        self.starts.windows(2).position(is_code)
    }
}

/// Where each code starts in the text of all, and where the last ends: `N` is one more than there are codes.
#[allow(clippy::indexing_slicing, clippy::cast_possible_truncation)] // const context: an error would be one of compilation
pub(crate) const fn starts<const N: usize>(codes: &[&str]) -> [u16; N] {
    let mut starts = [0; N];
    let mut end = 0;
    let mut at = 0;
    while at < codes.len() {
        end += codes[at].len();
        assert!(end <= u16::MAX as usize);
        at += 1;
        starts[at] = end as u16;
    }
    starts
}

/// An enum of codes, as its own macro writes it: by the number of a code in the value set.
pub(crate) trait Coded: Sized {
    /// Every code of the value set.
    const LIST: Codes;

    /// The code of that number, or the text when there is none.
    fn numbered(code: Result<usize, Str>) -> Self;

    /// The code of that text.
    fn of(code: &str) -> Self {
        Self::numbered(Self::LIST.position(code).ok_or_else(|| code.into()))
    }
}

impl<T: Coded> FromJson for T {
    #[inline]
    fn from_json(d: &mut Decoder<'_>) -> Option<Self> {
        d.code(&Self::LIST).map(Self::numbered)
    }
}

/// Writes the enum of one value set. Equality, hash and `Debug` go by the code, not by the variant: the texts are there
/// anyway.
macro_rules! code_enum {
    ($name:ident, $url:literal, $($number:literal $variant:ident = $code:literal,)*) => {
        #[doc = concat!("Codes of <", $url, ">; any other text is kept.")]
        #[derive(Clone)]
        pub enum $name {
            $(#[doc = concat!("`", $code, "`")] $variant,)*
            /// A text that is not in the value set. One that is, made by hand, equals its variant.
            Other($crate::Str),
        }

        impl $name {
            /// Every code of the value set, in its order.
            pub const CODES: &'static [&'static str] = &[$($code),*];

            /// The values of [`CODES`](Self::CODES).
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code as it is written.
            #[inline(never)]
            pub fn as_str(&self) -> &str {
                let other = match self {
                    Self::Other(code) => Some(code),
                    _ => None,
                };
                let number = match self {
                    $(Self::$variant => $number,)*
                    Self::Other(_) => Self::CODES.len(),
                };
                <Self as $crate::r4::code::Coded>::LIST.get(number, other)
            }
        }

        impl $crate::r4::code::Coded for $name {
            const LIST: $crate::r4::code::Codes = $crate::r4::code::Codes::new(
                concat!($($code),*),
                &$crate::r4::code::starts::<{ $name::CODES.len() + 1 }>(Self::CODES),
            );

            #[inline]
            fn numbered(code: Result<usize, $crate::Str>) -> Self {
                match code {
                    $(Ok($number) => Self::$variant,)*
                    // There are no other numbers.
                    Ok(_) => Self::Other($crate::Str::default()),
                    Err(code) => Self::Other(code),
                }
            }
        }

        impl PartialEq for $name {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                self.as_str() == other.as_str()
            }
        }

        impl Eq for $name {}

        impl ::std::hash::Hash for $name {
            fn hash<H: ::std::hash::Hasher>(&self, state: &mut H) {
                self.as_str().hash(state);
            }
        }

        impl From<&str> for $name {
            #[inline]
            fn from(code: &str) -> Self {
                $crate::r4::code::Coded::of(code)
            }
        }

        impl $crate::element::AsPrimitive for $name {
            #[inline]
            fn as_primitive(&self) -> $crate::element::Primitive<'_> {
                $crate::element::Primitive::Text(self.as_str())
            }
        }

        impl ::std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(match self {
                    Self::Other(_) => "Other(…)",
                    _ => self.as_str(),
                })
            }
        }

        impl ::std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use code_enum;

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher, RandomState};

    use crate::r4::{AddressUse, AdministrativeGender, ObservationStatus};

    #[test]
    fn a_code_is_its_text() {
        let known = ObservationStatus::Final;
        let by_hand = ObservationStatus::Other("final".into());
        assert_eq!(known, by_hand);
        let hasher = RandomState::new();
        assert_eq!(hasher.hash_one(&known), hasher.hash_one(&by_hand));
        assert_ne!(known, ObservationStatus::Other("Final".into()));
        assert_eq!(ObservationStatus::from("final"), known);
        assert_eq!(AddressUse::from("x").as_str(), "x");
    }

    /// The code named `other` is told from a text that is no code, which is not shown.
    #[test]
    fn debug_shows_codes_alone() {
        let shown = |code: &str| format!("{:?}", AdministrativeGender::from(code));
        assert_eq!(
            (shown("other").as_str(), shown("secret").as_str()),
            ("other", "Other(…)")
        );
    }
}
