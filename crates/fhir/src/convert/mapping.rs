//! The tables by which records and choices are mapped.

/// The table by which a record is mapped: a line for each member, read both ways.
///
/// `model: fhir` where the names differ; `required` members get a reason when they are missing; `read` and `write` are
/// functions for what is not one to one.
macro_rules! mapping {
    ($model:ty, $fhir:ty { $($name:ident $(: $other:ident)?),* $(,)? }
     $(required { $($required:ident),* $(,)? })?
     $(read $read:path;)?
     $(write $write:path;)?
    ) => {
        impl $crate::convert::map::Convert<$fhir> for $model {
            fn read_from(&mut self, from: &$fhir, cx: &$crate::convert::map::Reader<'_>) {
                let mut at = $crate::convert::member::Get::new(from, cx);
                $($crate::convert::mapping::member!(at get from self $name $($other)?);)*
                $($read(from, self, cx);)?
            }

            fn write_to(&self, to: &mut $fhir, cx: &$crate::convert::map::Writer<'_>) {
                let mut at = $crate::convert::member::Put::new(to, cx);
                $($crate::convert::mapping::member!(at put self to $name $($other)?);)*
                at.finish(to);
                $($write(self, to, cx);)?
                $(if at.is_due(to) {
                    $(at.require(stringify!($required), &mut to.$required);)*
                    at.finish(to);
                })?
            }
        }
    };
}

macro_rules! member {
    ($at:ident $way:ident $from:ident $to:ident $name:ident) => {
        $crate::convert::mapping::member!($at $way $from $to $name $name)
    };
    ($at:ident get $from:ident $to:ident $name:ident $other:ident) => {
        $at.get(stringify!($other), &$from.$other, &mut $to.$name)
    };
    ($at:ident put $from:ident $to:ident $name:ident $other:ident) => {
        $at.put(stringify!($other), &$from.$name, &mut $to.$other)
    };
}

/// How the alternatives of the model and the types of a choice stand to each other: `variant of FHIR`, how it is carried,
/// `variant of the model`. What the choice of FHIR has no type for is kept in an extension.
macro_rules! choice {
    ($model:ident, $fhir:ident { $($theirs:ident $how:ident $ours:ident),* $(,)? }) => {
        impl $crate::convert::member::Map<Option<$crate::r4::$fhir>> for Option<ehr_model::$model> {
            fn get(&mut self, from: &Option<$crate::r4::$fhir>, at: &$crate::convert::member::Get<'_>) {
                #[allow(unreachable_patterns)] // some choices are covered in full
                match from {
                    $(Some($crate::r4::$fhir::$theirs(value)) => {
                        *self = Some(ehr_model::$model::$ours($crate::convert::mapping::carry!(get $how $theirs value at)));
                    })*
                    None => *self = $crate::convert::choice::absent(at),
                    _ => {}
                }
            }

            fn put(&self, to: &mut Option<$crate::r4::$fhir>, at: &mut $crate::convert::member::Put<'_>) {
                #[allow(unreachable_patterns)] // some choices are covered in full
                match self {
                    None => {}
                    $(Some(ehr_model::$model::$ours(value)) => {
                        *to = $crate::convert::mapping::carry!(put $how $theirs value at).map($crate::r4::$fhir::$theirs);
                    })*
                    Some(other) => $crate::convert::choice::put_aside(other, at),
                }
            }
        }
    };
}

macro_rules! carry {
    (get element $theirs:ident $value:ident $at:ident) => {
        $crate::convert::map::Convert::read($value.as_ref(), $at.cx)
    };
    (get text $theirs:ident $value:ident $at:ident) => {
        $at.whole_text($value, stringify!($theirs), None)
    };
    (get copy $theirs:ident $value:ident $at:ident) => {
        *$value
    };
    (get count $theirs:ident $value:ident $at:ident) => {
        *$value
    };
    (get time $theirs:ident $value:ident $at:ident) => {
        $crate::convert::time::read_time(Some(*$value), $at.beside(stringify!($theirs)), $at.cx)
            .unwrap_or(*$value)
    };
    (get day $theirs:ident $value:ident $at:ident) => {{
        let day = ehr_types::DateTime::from(*$value);
        $crate::convert::time::read_time(Some(day), $at.beside(stringify!($theirs)), $at.cx).unwrap_or(day)
    }};
    (put element $theirs:ident $value:ident $at:ident) => {
        $crate::convert::map::written($value, &$at.inside(stringify!($theirs)))
    };
    (put text $theirs:ident $value:ident $at:ident) => {
        $at.text(stringify!($theirs), $value)
    };
    (put copy $theirs:ident $value:ident $at:ident) => {
        Some(*$value)
    };
    (put count $theirs:ident $value:ident $at:ident) => {
        $at.number(stringify!($theirs), *$value)
    };
    (put time $theirs:ident $value:ident $at:ident) => {
        $at.time(stringify!($theirs), *$value)
    };
    (put day $theirs:ident $value:ident $at:ident) => {{
        if $value.precision() > ehr_types::Precision::Day {
            $at.beside(
                stringify!($theirs),
                $crate::convert::extension::source_time(*$value),
            );
        }
        Some($value.date())
    }};
}

pub(super) use {carry, choice, mapping, member};
