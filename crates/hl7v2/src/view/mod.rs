//! Views of fields, repetitions, components and subcomponents.

mod slot;

use std::borrow::Cow;
use std::fmt;

use ehr_types::{SourceLocation, Span};

use crate::message::Message;
use crate::path::Path;
use crate::segment::Segment;
use crate::value::Value;

#[cfg(feature = "convert")]
pub(crate) use slot::decode;
pub(crate) use slot::{Parts, Place, Slot};

macro_rules! view {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $name<'m>(pub(crate) Slot<'m>);

        impl<'m> $name<'m> {
            /// The bytes as they are written; empty when the place is absent.
            #[inline]
            pub fn raw(&self) -> &'m [u8] {
                self.0.raw()
            }

            /// The text, decoded and unescaped; empty when the place is absent. Separators of
            /// parts stay in it, and null is `""`: see [`Self::value`] to tell these apart.
            pub fn text(&self) -> Cow<'m, str> {
                self.0.text()
            }

            /// The text, decoded but with its escape sequences, for [`pieces`](crate::pieces).
            pub fn escaped(&self) -> Cow<'m, str> {
                self.0.escaped()
            }

            /// What stands here: nothing at all, nothing, null or text.
            pub fn value(&self) -> Value<'m> {
                self.0.value()
            }

            /// The text where there is any: not when absent, empty or null.
            pub fn some_text(&self) -> Option<Cow<'m, str>> {
                self.has_text().then(|| self.0.text())
            }

            /// Whether the message ends this level before the place.
            pub fn is_absent(&self) -> bool {
                !self.0.present
            }

            /// Whether nothing is written here, present or not.
            pub fn is_empty(&self) -> bool {
                self.0.start == self.0.end
            }

            /// Whether `""` is written here: delete.
            pub fn is_null(&self) -> bool {
                self.0.raw() == b"\"\""
            }

            /// Whether something other than null is written here.
            pub fn has_text(&self) -> bool {
                !self.is_empty() && !self.is_null()
            }

            /// The range of the bytes.
            pub fn span(&self) -> Span {
                self.0.span()
            }

            /// The path of this place.
            pub fn path(&self) -> Path<'static> {
                self.0.path()
            }

            /// Path, range, line and column; the path alone when the place is absent.
            pub fn location(&self) -> SourceLocation {
                if self.0.present {
                    self.0.message.location(&self.path(), self.span())
                } else {
                    SourceLocation::new(self.path().to_string())
                }
            }

            /// The message that this is a part of.
            pub fn message(&self) -> &'m Message<'m> {
                self.0.message
            }

            /// The segment that this is a part of.
            pub fn segment(&self) -> Segment<'m> {
                Segment::new(self.0.message, self.0.place.segment)
            }
        }

        /// Shows the path and the length, not the text.
        impl fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                if self.0.present {
                    write!(f, "{} ({} bytes)", self.path(), self.raw().len())
                } else {
                    write!(f, "{} (absent)", self.path())
                }
            }
        }
    };
}

view! {
    /// A field, with all its repetitions.
    Field
}

view! {
    /// One repetition of a field: the value of a data type.
    Repetition
}

view! {
    /// A component of a repetition.
    Component
}

view! {
    /// A subcomponent: the smallest part.
    Subcomponent
}

view! {
    /// The value of a data type at whatever level it stands: a repetition, whose parts are
    /// components, a component, whose parts are subcomponents, or a subcomponent, which is its
    /// own first part.
    Node
}

impl<'m> Node<'m> {
    /// A field with all its repetitions; its parts are those of the first.
    pub(crate) fn whole(field: Field<'m>) -> Self {
        Self(field.0)
    }

    /// The whole field that the node is in, with all its repetitions.
    pub fn field(&self) -> Field<'m> {
        self.segment().field(self.0.place.field)
    }

    /// The part of a number, from 1.
    pub fn part(&self, number: u32) -> Self {
        let Slot { message, place, .. } = self.0;
        if place.subcomponent != 0 {
            return if number == 1 {
                *self
            } else {
                Self(Slot::optional(message, None, place))
            };
        }
        if place.component != 0 {
            return Component(self.0).subcomponent(number).into();
        }
        if place.repetition != 0 {
            return Repetition(self.0).component(number).into();
        }
        Field(self.0).component(number).into()
    }

    /// The number of the last part that is written; 0 when the node is absent.
    pub fn part_count(&self) -> u32 {
        let Slot { message, place, .. } = self.0;
        let delimiters = message.delimiters();
        if !self.0.present {
            0
        } else if place.subcomponent != 0 {
            1
        } else if place.component != 0 {
            self.0.parts(delimiters.subcomponent).count() as u32
        } else {
            self.0.parts(delimiters.component).count() as u32
        }
    }
}

impl<'m> From<Field<'m>> for Node<'m> {
    /// The first repetition.
    fn from(field: Field<'m>) -> Self {
        Self(field.repetition(1).0)
    }
}

impl<'m> From<Repetition<'m>> for Node<'m> {
    fn from(repetition: Repetition<'m>) -> Self {
        Self(repetition.0)
    }
}

impl<'m> From<Component<'m>> for Node<'m> {
    fn from(component: Component<'m>) -> Self {
        Self(component.0)
    }
}

impl<'m> From<Subcomponent<'m>> for Node<'m> {
    fn from(subcomponent: Subcomponent<'m>) -> Self {
        Self(subcomponent.0)
    }
}

impl<'m> Field<'m> {
    #[inline]
    pub(crate) fn new(slot: Slot<'m>) -> Self {
        Self(slot)
    }

    /// The number of the field in its segment, from 1.
    pub fn number(&self) -> u32 {
        self.0.place.field
    }

    /// The repetition of a number, from 1.
    #[inline]
    pub fn repetition(&self, number: u32) -> Repetition<'m> {
        let slot = self.0;
        let range = slot.part(slot.message.delimiters().repetition, number);
        let place = Place {
            repetition: number,
            ..slot.place
        };
        Repetition(Slot::optional(slot.message, range, place))
    }

    /// The repetitions that are written; one, empty, for an empty field, none for an absent one.
    pub fn repetitions(&self) -> impl Iterator<Item = Repetition<'m>> + use<'m> {
        let field = *self;
        self.repetition_parts().map(move |part| field.repetition_of(part))
    }

    pub(crate) fn repetition_parts(&self) -> Parts<'m> {
        self.0.parts(self.0.message.delimiters().repetition)
    }

    #[inline]
    pub(crate) fn repetition_of(&self, (number, start, end): (u32, u32, u32)) -> Repetition<'m> {
        let place = Place {
            repetition: number,
            ..self.0.place
        };
        Repetition(Slot {
            start,
            end,
            place,
            ..self.0
        })
    }

    /// The component of a number of the first repetition.
    #[inline]
    pub fn component(&self, number: u32) -> Component<'m> {
        self.repetition(1).component(number)
    }

    /// The first subcomponent of the first component of the first repetition: the value of a
    /// primitive field, also when the sender wrote more behind it.
    pub fn leaf(&self) -> Subcomponent<'m> {
        self.repetition(1).component(1).subcomponent(1)
    }

    pub(crate) fn path_at(&self, offset: u32) -> Path<'static> {
        if self.0.is_declaration() {
            return self.path();
        }
        let repetition = self.repetition(self.0.part_at(self.0.message.delimiters().repetition, offset));
        let component = repetition.component(
            repetition
                .0
                .part_at(self.0.message.delimiters().component, offset),
        );
        let inside = component
            .0
            .part_at(self.0.message.delimiters().subcomponent, offset);
        component.subcomponent(inside).path()
    }
}

impl<'m> Repetition<'m> {
    /// The number of the repetition in its field, from 1.
    pub fn number(&self) -> u32 {
        self.0.place.repetition
    }

    /// The component of a number, from 1.
    #[inline]
    pub fn component(&self, number: u32) -> Component<'m> {
        let slot = self.0;
        let range = slot.part(slot.message.delimiters().component, number);
        Component(Slot::optional(
            slot.message,
            range,
            Place {
                component: number,
                ..slot.place
            },
        ))
    }

    /// The components that are written.
    pub fn components(&self) -> impl Iterator<Item = Component<'m>> + use<'m> {
        let slot = self.0;
        slot.parts(slot.message.delimiters().component)
            .map(move |(number, start, end)| {
                let place = Place {
                    component: number,
                    ..slot.place
                };
                Component(Slot {
                    start,
                    end,
                    place,
                    ..slot
                })
            })
    }
}

impl<'m> Component<'m> {
    /// The number of the component in its repetition, from 1.
    pub fn number(&self) -> u32 {
        self.0.place.component
    }

    /// The subcomponent of a number, from 1.
    #[inline]
    pub fn subcomponent(&self, number: u32) -> Subcomponent<'m> {
        let slot = self.0;
        let range = slot.part(slot.message.delimiters().subcomponent, number);
        Subcomponent(Slot::optional(
            slot.message,
            range,
            Place {
                subcomponent: number,
                ..slot.place
            },
        ))
    }

    /// The subcomponents that are written.
    pub fn subcomponents(&self) -> impl Iterator<Item = Subcomponent<'m>> + use<'m> {
        let slot = self.0;
        slot.parts(slot.message.delimiters().subcomponent)
            .map(move |(number, start, end)| {
                let place = Place {
                    subcomponent: number,
                    ..slot.place
                };
                Subcomponent(Slot {
                    start,
                    end,
                    place,
                    ..slot
                })
            })
    }
}

impl Subcomponent<'_> {
    /// The number of the subcomponent in its component, from 1.
    pub fn number(&self) -> u32 {
        self.0.place.subcomponent
    }
}
