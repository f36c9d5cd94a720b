//! Codes of required bindings.

/// Place of a code in a list, or the length of the list.
pub(crate) fn position(codes: &[&str], code: &str) -> usize {
    codes.iter().take_while(|known| **known != code).count()
}

/// Writes the enum of one value set.
macro_rules! code_enum {
    ($name:ident, $url:literal, $($variant:ident = $code:literal,)*) => {
        #[doc = concat!("Codes of <", $url, ">; any other text is kept.")]
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub enum $name {
            $(#[doc = concat!("`", $code, "`")] $variant,)*
            /// A text that is not in the value set.
            Other($crate::Str),
        }

        impl $name {
            /// Every code of the value set, in its order.
            pub const CODES: &'static [&'static str] = &[$($code),*];

            /// The values of [`CODES`](Self::CODES).
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code as it is written.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $code,)*
                    Self::Other(code) => code.as_str(),
                }
            }
        }

        impl From<&str> for $name {
            fn from(code: &str) -> Self {
                match Self::ALL.get($crate::r4::code::position(Self::CODES, code)) {
                    Some(value) => value.clone(),
                    None => Self::Other(code.into()),
                }
            }
        }

        impl $crate::element::AsPrimitive for $name {
            fn as_primitive(&self) -> $crate::element::Primitive<'_> {
                $crate::element::Primitive::Text(self.as_str())
            }
        }

        impl $crate::json::FromJson for $name {
            fn from_json(d: &mut $crate::json::Decoder<'_>) -> Option<Self> {
                let (at, text) = d.code(Self::CODES)?;
                Some(Self::ALL.get(at).cloned().unwrap_or(Self::Other(text)))
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(match self {
                    Self::Other(_) => "Other(…)",
                    _ => self.as_str(),
                })
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use code_enum;
