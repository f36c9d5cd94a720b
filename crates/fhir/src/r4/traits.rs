//! Traits that all generated types have, written so that they cost no generated code of their own: what calls one function
//! is inlined, and so compiled only where it is used.

/// Default, equality, Debug (shape only) and serde for a struct.
macro_rules! element_traits {
    ($name:ident) => {
        impl Default for $name {
            #[inline]
            fn default() -> Self {
                <Self as $crate::element::Empty>::EMPTY
            }
        }

        impl PartialEq for $name {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                $crate::element::equal(self, other)
            }
        }

        impl ::std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::element::debug_shape(self, f)
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::serde_json_form::serialize(self, serializer)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::serde_json_form::deserialize(deserializer)
            }
        }
    };
}

/// Equality and Debug for the values of a choice.
macro_rules! choice_traits {
    ($name:ident) => {
        impl PartialEq for $name {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                $crate::element::choice_equal(self.value(), other.value())
            }
        }

        impl ::std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

/// Conversions of resources into the enum, and equality.
macro_rules! resource_traits {
    ($($name:ident($type:ident)),*) => {
        $(impl $crate::element::IsResource for $type {}

        impl From<$type> for Resource {
            #[inline]
            fn from(resource: $type) -> Self {
                Self::$name(Boxed::new(resource))
            }
        })*

        impl PartialEq for Resource {
            fn eq(&self, other: &Self) -> bool {
                match (self, other) {
                    (Self::Unknown(one), Self::Unknown(other)) => one == other,
                    _ => match (self.as_element(), other.as_element()) {
                        (Some(one), Some(other)) => {
                            ::std::ptr::eq(one.about().ty, other.about().ty) && $crate::element::equal(one, other)
                        }
                        _ => false,
                    },
                }
            }
        }

        impl Resource {
            /// Name of the resource type: `Patient`.
            pub fn resource_type(&self) -> &str {
                match (self, self.as_element()) {
                    (Self::Unknown(unknown), _) => unknown.resource_type(),
                    (_, element) => element.map_or("", |element| element.about().ty.path),
                }
            }
        }
    };
}

pub(crate) use {choice_traits, element_traits, resource_traits};
