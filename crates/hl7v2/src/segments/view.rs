//! What a view is made of.

/// Declares views: a name, the identifier of the segment, and its fields by position.
macro_rules! segment_views {
    ($($(#[$doc:meta])* $name:ident = $id:literal {
        $($(#[$field_doc:meta])* $position:literal $field:ident $(: $kind:tt)?,)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name<'m>($crate::Segment<'m>);

        impl<'m> $name<'m> {
            /// Views a segment; `None` when it is another one.
            #[inline]
            pub fn new(segment: $crate::Segment<'m>) -> Option<Self> {
                const ID: Option<$crate::SegmentId> = $crate::SegmentId::new($id);
                (Some(segment.id()) == ID).then_some(Self(segment))
            }

            /// Views the first segment of this name in a message.
            #[inline]
            pub fn first(message: &'m $crate::Message<'_>) -> Option<Self> {
                message.first($id).map(Self)
            }

            /// Views all segments of this name in a message, in order.
            #[inline]
            pub fn all(message: &'m $crate::Message<'_>) -> impl DoubleEndedIterator<Item = Self> {
                message.all($id).map(Self)
            }

            /// The segment that is viewed.
            #[inline]
            pub fn segment(self) -> $crate::Segment<'m> {
                self.0
            }

            /// The field of a number, from 1, as it is written.
            #[inline]
            pub fn field(self, number: u32) -> $crate::Field<'m> {
                self.0.field(number)
            }

            $( segment_views!(@field $(#[$field_doc])* $position $field $($kind)?); )*
        }
    )*};
    (@field $(#[$doc:meta])* $position:literal $field:ident) => {
        $(#[$doc])*
        #[inline]
        pub fn $field(self) -> $crate::Field<'m> {
            self.0.field($position)
        }
    };
    (@field $(#[$doc:meta])* $position:literal $field:ident [$kind:ident]) => {
        $(#[$doc])*
        #[inline]
        pub fn $field(self) -> $crate::datatype::Values<'m, $crate::datatype::$kind<'m>> {
            self.0.field($position).read_all()
        }
    };
    (@field $(#[$doc:meta])* $position:literal $field:ident $kind:ident) => {
        $(#[$doc])*
        #[inline]
        pub fn $field(self) -> Option<$crate::datatype::$kind<'m>> {
            self.0.field($position).read()
        }
    };
}

pub(super) use segment_views;
