//! Primitive values whatever their type.

use ehr_types::{Date, DateTime, Decimal, Time};

use super::Str;

/// A primitive value on its way to a [`Visitor`](super::Visitor).
#[derive(Clone, Copy, PartialEq)]
pub enum Primitive<'a> {
    /// A `boolean`.
    Boolean(bool),
    /// An `integer`.
    Integer(i32),
    /// A `positiveInt` or `unsignedInt`.
    Unsigned(u32),
    /// A `decimal`.
    Decimal(&'a Decimal),
    /// A `date`.
    Date(Date),
    /// A `dateTime` or `instant`.
    DateTime(DateTime),
    /// A `time`.
    Time(Time),
    /// Any text.
    Text(&'a str),
}

/// A value that can be seen as a [`Primitive`].
pub trait AsPrimitive {
    /// The value.
    fn as_primitive(&self) -> Primitive<'_>;
}

macro_rules! as_primitive {
    ($($type:ty => |$value:ident| $primitive:expr;)*) => {
        $(impl AsPrimitive for $type {
            #[inline]
            fn as_primitive(&self) -> Primitive<'_> {
                let $value = self;
                $primitive
            }
        })*
    };
}

as_primitive! {
    bool => |value| Primitive::Boolean(*value);
    i32 => |value| Primitive::Integer(*value);
    u32 => |value| Primitive::Unsigned(*value);
    Decimal => |value| Primitive::Decimal(value);
    Date => |value| Primitive::Date(*value);
    DateTime => |value| Primitive::DateTime(*value);
    Time => |value| Primitive::Time(*value);
    Str => |value| Primitive::Text(value.as_str());
}
