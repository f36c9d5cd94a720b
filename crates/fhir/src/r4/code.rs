//! Codes of required bindings.

use crate::element::Str;
use crate::json::{Decoder, FromJson};

/// An enum of codes, as its own macro writes it: by the number of a code in the value set.
pub(crate) trait Coded: Sized {
    /// Every code of the value set.
    const CODES: &'static [&'static str];

    /// The code of that number, or the text when there is none.
    fn numbered(number: usize, code: Str) -> Self;

    /// The code of that text.
    fn of(code: &str) -> Self {
        Self::numbered(position(Self::CODES, code), code.into())
    }
}

impl<T: Coded> FromJson for T {
    #[inline]
    fn from_json(d: &mut Decoder<'_>) -> Option<Self> {
        let (number, code) = d.code(Self::CODES)?;
        Some(Self::numbered(number, code))
    }
}

/// Place of a code in a list, or the length of the list.
#[inline(never)]
pub(crate) fn position(codes: &[&str], code: &str) -> usize {
    codes.iter().take_while(|known| **known != code).count()
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
                match self {
                    $(Self::$variant => $code,)*
                    Self::Other(code) => code.as_str(),
                }
            }
        }

        impl $crate::r4::code::Coded for $name {
            const CODES: &'static [&'static str] = Self::CODES;

            #[inline]
            fn numbered(number: usize, code: $crate::Str) -> Self {
                match number {
                    $($number => Self::$variant,)*
                    _ => Self::Other(code),
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
