//! Codes of required bindings.

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
                match code {
                    $($code => Self::$variant,)*
                    _ => Self::Other(code.into()),
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
                Some(Self::from(d.code_text(Self::CODES)?))
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
