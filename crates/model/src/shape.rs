//! One macro for all plain data of the model.

/// Whether a value says nothing, so that it need not be written.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Declares plain structs with public fields: comparable, serialisable without empty members, `Debug` by shape only.
macro_rules! data {
    ($($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)* })+) => {$(
        $(#[$meta])*
        #[derive(Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub struct $name {
            $($(#[$field_meta])* #[serde(skip_serializing_if = "crate::shape::is_default")] pub $field: $type,)*
        }

        ehr_types::debug_shape!($name);
    )+};
}

/// Declares enums of alternatives, serialised as `{"variant": value}`, `Debug` by shape only.
macro_rules! alternatives {
    ($($(#[$meta:meta])* pub enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident($type:ty),)* })+) => {$(
        $(#[$meta])*
        #[derive(Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub enum $name {
            $($(#[$variant_meta])* $variant($type),)*
        }

        ehr_types::debug_shape!($name);
    )+};
}

pub(crate) use {alternatives, data};
