//! The choices of FHIR (`value[x]`) and the alternatives of the model.

use ehr_model::{Amount, Bounds, Deceased, DoseNumber, MultipleBirth, Occurrence, Value};
use ehr_types::DateTime;

use super::map::{Convert, Reader, Writer, said};
use super::mapping::choice;
use super::member::{Get, Put, beside};
use super::{extension, text, time};
use crate::element::{Element, Str};
use crate::r4::{Extension, ExtensionValue};

/// Alternatives that can be put in an extension when an element has no type for one, and read from there.
pub(super) trait Loose: Sized {
    /// As the part `value` of an extension.
    fn loose(&self, cx: &Writer<'_>) -> Option<Extension>;
    /// From the part `value` of an extension.
    fn tight(part: &Extension, cx: &Reader<'_>) -> Option<Self>;
}

/// The value of a choice that is not there: perhaps it was put in an extension, or is a time that FHIR does not allow.
pub(super) fn absent<T: Loose>(at: &Get<'_>) -> Option<T> {
    if let Some(part) = at.asides().next() {
        return T::tight(part, at.cx);
    }
    if let Some(time) = at.raw_time("DateTime") {
        return T::tight(&time_part(time), at.cx);
    }
    let text = at.text_aside("String", None)?;
    T::tight(
        &extension::value("value", ExtensionValue::String(Str::new(text))),
        at.cx,
    )
}

/// Puts a value in an extension that the choice has no type for.
pub(super) fn put_aside<T: Loose>(value: &T, at: &mut Put<'_>) {
    if let Some(value) = value.loose(at.cx) {
        at.aside(value);
    }
}

macro_rules! loose {
    ($model:ident { $($ours:ident $how:ident $theirs:ident),* $(,)? }) => {
        impl Loose for $model {
            #[allow(unused_variables)] // some alternatives are all primitive
            fn loose(&self, cx: &Writer<'_>) -> Option<Extension> {
                match self {
                    $($model::$ours(value) => loose!(write $how $theirs value cx),)*
                }
            }

            #[allow(unused_variables)] // some alternatives are all primitive
            fn tight(part: &Extension, cx: &Reader<'_>) -> Option<Self> {
                match part.value.as_deref()? {
                    $(ExtensionValue::$theirs(value) => Some($model::$ours(loose!(read $how value part cx))),)*
                    #[allow(unreachable_patterns)] // FHIR has more types
                    _ => None,
                }
            }
        }
    };
    (write element $theirs:ident $value:ident $cx:ident) => {
        said($value, $cx).map(|value| extension::value("value", ExtensionValue::$theirs(value)))
    };
    (write text $theirs:ident $value:ident $cx:ident) => {
        (!$value.trim().is_empty()).then(|| extension::exact("value", $value))
    };
    (write copy $theirs:ident $value:ident $cx:ident) => {
        Some(extension::value("value", ExtensionValue::$theirs(*$value)))
    };
    (write time $theirs:ident $value:ident $cx:ident) => { Some(time_part(*$value)) };
    (read element $value:ident $part:ident $cx:ident) => { Convert::read($value.as_ref(), $cx) };
    (read text $value:ident $part:ident $cx:ident) => { text::from_whole($value) };
    (read copy $value:ident $part:ident $cx:ident) => { *$value };
    (read time $value:ident $part:ident $cx:ident) => {
        time::read_time(Some(*$value), $part.primitive_extension("valueDateTime", None), $cx).unwrap_or(*$value)
    };
}

/// A time as the part `value` of an extension, with what FHIR has no form for beside it.
fn time_part(time: DateTime) -> Extension {
    let (time, rest) = time::write_time(time);
    let mut part = Extension {
        url: Some(Str::new_static("value")),
        value: time.map(|time| Box::new(ExtensionValue::DateTime(time))),
        ..Extension::default()
    };
    if let Some(rest) = rest {
        beside(&mut part, "valueDateTime", rest);
    }
    part
}

loose!(Occurrence {
    DateTime time DateTime,
    Period element Period,
    Age element Quantity,
    Range element Range,
    Timing element Timing,
    Text text String,
});
loose!(Bounds { Period element Period, Duration element Quantity, Range element Range });
loose!(Amount { Quantity element Quantity, Range element Range, Ratio element Ratio });
loose!(Value {
    Quantity element Quantity,
    CodeableConcept element CodeableConcept,
    String text String,
    Boolean copy Boolean,
    Integer copy Integer,
    Range element Range,
    Ratio element Ratio,
    Time copy Time,
    DateTime time DateTime,
    Period element Period,
    SampledData element SampledData,
    Attachment element Attachment,
});
loose!(Deceased { Boolean copy Boolean, DateTime time DateTime });
loose!(MultipleBirth { Boolean copy Boolean, Integer copy Integer });
loose!(DoseNumber { PositiveInt copy UnsignedInt, String text String });

choice!(Occurrence, ConditionOnset { DateTime time DateTime, Age element Age, Period element Period, Range element Range, String text Text });
choice!(Occurrence, ObservationEffective { DateTime time DateTime, Period element Period, Timing element Timing, Instant time DateTime });
choice!(Occurrence, DateTimeOrPeriod { DateTime time DateTime, Period element Period });
choice!(Occurrence, DateTimeOrPeriodOrTiming { DateTime time DateTime, Period element Period, Timing element Timing });
choice!(Occurrence, CarePlanActivityDetailScheduled { Timing element Timing, Period element Period, String text Text });
choice!(Occurrence, ImmunizationOccurrence { DateTime time DateTime, String text Text });
choice!(Occurrence, FamilyMemberHistoryBorn { Period element Period, Date day DateTime, String text Text });
choice!(Occurrence, FamilyMemberHistoryAge { Age element Age, Range element Range, String text Text });
choice!(Occurrence, FamilyMemberHistoryConditionOnset { Age element Age, Range element Range, Period element Period, String text Text });
choice!(Bounds, TimingRepeatBounds { Duration element Duration, Range element Range, Period element Period });
choice!(Amount, DosageDoseAndRateDose { Range element Range, Quantity element Quantity });
choice!(Amount, QuantityOrRangeOrRatio { Ratio element Ratio, Range element Range, Quantity element Quantity });
choice!(Amount, MedicationAdministrationDosageRate { Ratio element Ratio, Quantity element Quantity });
choice!(Deceased, PatientDeceased { Boolean copy Boolean, DateTime time DateTime });
choice!(MultipleBirth, PatientMultipleBirth { Boolean copy Boolean, Integer copy Integer });
choice!(DoseNumber, PositiveIntOrString { PositiveInt count PositiveInt, String text String });
choice!(Value, ObservationValue {
    Quantity element Quantity,
    CodeableConcept element CodeableConcept,
    String text String,
    Boolean copy Boolean,
    Integer copy Integer,
    Range element Range,
    Ratio element Ratio,
    SampledData element SampledData,
    Time copy Time,
    DateTime time DateTime,
    Period element Period,
});
choice!(Value, GoalTargetDetail {
    Quantity element Quantity,
    Range element Range,
    CodeableConcept element CodeableConcept,
    String text String,
    Boolean copy Boolean,
    Integer copy Integer,
    Ratio element Ratio,
});
