//! Data types with their meaning (HL7 v2.8.2, chapter 2.A).
//!
//! Each type is a `Copy` view of one [`Node`]: its methods read the parts when asked, and every
//! part can say where it stands. A type covers all versions: the parts of v2.8.2, which hold the
//! places that earlier versions gave them.

mod address;
mod coded;
mod data;
mod identifier;
mod measure;
mod message;
mod name;
mod observation;
mod place;
mod telecom;
mod time;

use std::marker::PhantomData;

use crate::view::{Component, Field, Node, Parts, Repetition, Subcomponent};

pub use address::{Sad, Xad};
pub use coded::{Code, Cwe};
pub use data::{DataError, Ed, Rp};
pub use identifier::{Cx, Ei, Eip, Hd};
pub use measure::{Comparator, Cp, Cq, Mo, Nm, Sn};
pub use message::{Erl, Fc, Msg, Pt, Vid};
pub use name::{Cnn, Dln, Fn, Ndl, Xcn, Xon, Xpn};
pub use observation::ObservationValue;
pub use place::{La2, Pl, Prl, Sps};
pub use telecom::Xtn;
pub use time::{Clock, Dr, Dt, Dtm, Ri, Rpt, Tm, Tq};

/// A data type that can be read from a node.
pub trait DataType<'m>: Copy {
    /// The name in the standard: `CX`.
    const NAME: &'static str;

    /// The node taken as a value of this type.
    fn of(node: Node<'m>) -> Self;

    /// The node that the value is read from.
    fn node(&self) -> Node<'m>;
}

impl<'m> DataType<'m> for Node<'m> {
    const NAME: &'static str = "ANY";

    fn of(node: Node<'m>) -> Self {
        node
    }

    fn node(&self) -> Node<'m> {
        *self
    }
}

impl<'m> Node<'m> {
    /// This node as a value of a data type; `None` when nothing is written. Null (`""`) is a value.
    pub fn read<T: DataType<'m>>(self) -> Option<T> {
        (!self.is_empty()).then(|| T::of(self))
    }
}

impl<'m> Field<'m> {
    /// The first repetition as a value of a data type; `None` when nothing is written. Null (`""`)
    /// is a value, whose parts are null.
    ///
    /// ```
    /// use ehr_hl7v2::{datatype::Cx, Message};
    /// let message = Message::parse(b"MSH|^~\\&\rPID|||7^^^ACME&1.2.3&ISO^MR\r")?;
    /// let pid = message.first("PID").ok_or("no PID")?;
    /// let id: Cx = pid.field(3).read().ok_or("no identifier")?;
    /// assert_eq!(id.id_number().text(), Some("7"));
    /// assert_eq!(id.assigning_authority().universal_id().text(), Some("1.2.3"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read<T: DataType<'m>>(&self) -> Option<T> {
        Node::from(*self).read()
    }

    /// All repetitions in which something is written, as values of a data type.
    pub fn read_all<T: DataType<'m>>(&self) -> Values<'m, T> {
        Values {
            field: *self,
            parts: self.repetition_parts(),
            datatype: PhantomData,
        }
    }
}

/// The repetitions of a field in which something is written, as values of a data type.
///
/// ```
/// use ehr_hl7v2::{Message, datatype::Cx};
/// let message = Message::parse(b"MSH|^~\\&\rPID|||7^^^ACME~~8^^^STATE\r")?;
/// let ids = message.first("PID").ok_or("no PID")?.field(3).read_all::<Cx>();
/// assert_eq!(ids.field().raw(), b"7^^^ACME~~8^^^STATE");
/// assert_eq!(ids.map(|id| id.node().path().to_string()).collect::<Vec<_>>(), ["PID-3[1]", "PID-3[3]"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Values<'m, T> {
    field: Field<'m>,
    parts: Parts<'m>,
    datatype: PhantomData<T>,
}

impl<'m, T> Values<'m, T> {
    /// The field that the values are read from, also when there are none: it tells absent, empty and
    /// null apart.
    pub fn field(&self) -> Field<'m> {
        self.field
    }
}

impl<'m, T: DataType<'m>> Iterator for Values<'m, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let part = self.parts.find(|(_, start, end)| start < end)?;
        Some(T::of(self.field.repetition_of(part).into()))
    }
}

/// Shows the place, not the values.
impl<T> std::fmt::Debug for Values<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "values of {:?}", self.field)
    }
}

impl<'m> Repetition<'m> {
    /// The repetition as a value of a data type; `None` when nothing is written.
    pub fn read<T: DataType<'m>>(&self) -> Option<T> {
        Node::from(*self).read()
    }
}

impl<'m> Component<'m> {
    /// The component as a value of a data type; `None` when nothing is written.
    pub fn read<T: DataType<'m>>(&self) -> Option<T> {
        Node::from(*self).read()
    }
}

impl<'m> Subcomponent<'m> {
    /// The subcomponent as a value of a data type; `None` when nothing is written.
    pub fn read<T: DataType<'m>>(&self) -> Option<T> {
        Node::from(*self).read()
    }
}

/// Defines a data type: its parts by name, number and type (`Value` for a primitive).
macro_rules! datatype {
    (
        $(#[$doc:meta])*
        $name:ident = $code:literal { $( $(#[$part_doc:meta])* $part:ident: $kind:ident = $number:literal, )* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $name<'m>(crate::view::Node<'m>);

        impl<'m> crate::datatype::DataType<'m> for $name<'m> {
            const NAME: &'static str = $code;

            fn of(node: crate::view::Node<'m>) -> Self {
                Self(node)
            }

            fn node(&self) -> crate::view::Node<'m> {
                self.0
            }
        }

        impl<'m> $name<'m> {
            /// The node that the value is read from: its bytes, path and location.
            pub fn node(&self) -> crate::view::Node<'m> {
                self.0
            }

            /// Whether nothing is written.
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }

            $( datatype!(@part $(#[$part_doc])* $part $kind $number); )*
        }

        /// Shows the path and the length, not the text.
        impl std::fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($code, " at {:?}"), self.0)
            }
        }
    };
    (@part $(#[$doc:meta])* $part:ident Value $number:literal) => {
        $(#[$doc])*
        pub fn $part(&self) -> crate::value::Value<'m> {
            self.0.part($number).value()
        }
    };
    (@part $(#[$doc:meta])* $part:ident $kind:ident $number:literal) => {
        $(#[$doc])*
        pub fn $part(&self) -> $kind<'m> {
            <$kind as crate::datatype::DataType>::of(self.0.part($number))
        }
    };
}
use datatype;
