//! How primitive values are carried, and what stands for a required element that is missing.

use ehr_model as model;
use ehr_types::{Date, DateTime, Decimal, Time};

use super::extension;
use super::member::{Get, Map, Put};
use super::status;
use super::text;
use super::time;
use crate::element::{Element, Many, Node, Str};
use crate::r4::{self, ExtensionValue};

macro_rules! same {
    ($($type:ty),*) => {$(
        impl Map<Option<$type>> for Option<$type> {
            fn get(&mut self, from: &Option<$type>, _: &Get<'_>) {
                *self = *from;
            }
            fn put(&self, to: &mut Option<$type>, _: &mut Put<'_>) {
                *to = *self;
            }
        }
    )*};
}

same!(bool, i32, Time);

/// A date that was given a time of day is the day.
impl Map<Option<Date>> for Option<Date> {
    fn get(&mut self, from: &Option<Date>, at: &Get<'_>) {
        *self = from.or_else(|| at.raw_time("").map(|time| time.date()));
    }

    fn put(&self, to: &mut Option<Date>, _: &mut Put<'_>) {
        *to = *self;
    }
}

impl Map<Option<u32>> for Option<u32> {
    fn get(&mut self, from: &Option<u32>, at: &Get<'_>) {
        *self = from.or_else(|| match at.other_type() {
            Some(ExtensionValue::UnsignedInt(number)) => Some(*number),
            _ => at.source_text()?.parse().ok(),
        });
    }

    fn put(&self, to: &mut Option<u32>, at: &mut Put<'_>) {
        *to = self.and_then(|number| at.number("", number));
    }
}

impl Map<Option<Decimal>> for Option<Decimal> {
    fn get(&mut self, from: &Option<Decimal>, at: &Get<'_>) {
        *self = match (from, at.other_type()) {
            (None, Some(ExtensionValue::Decimal(number))) => Some(number.clone()),
            _ => from.clone(),
        };
    }

    fn put(&self, to: &mut Option<Decimal>, _: &mut Put<'_>) {
        *to = self.as_ref().and_then(text::number);
    }
}

impl Map<Option<Str>> for Option<String> {
    fn get(&mut self, from: &Option<Str>, at: &Get<'_>) {
        *self = match from {
            Some(text) => Some(at.whole_text(text, "", None)),
            None => at.source_text(),
        };
    }

    fn put(&self, to: &mut Option<Str>, at: &mut Put<'_>) {
        *to = match self {
            Some(text) if at.is_doubtful(text) => at.check(Str::new(text)),
            Some(text) => Some(Str::new(text)),
            None => None,
        };
    }
}

/// A text that must not be `None`.
impl Map<Option<Str>> for String {
    fn get(&mut self, from: &Option<Str>, at: &Get<'_>) {
        *self = match from {
            Some(text) => at.whole_text(text, "", None),
            None => at.source_text().unwrap_or_default(),
        };
    }

    fn put(&self, to: &mut Option<Str>, at: &mut Put<'_>) {
        *to = at.text("", self);
    }
}

impl Map<Many<Str>> for Vec<String> {
    fn get(&mut self, from: &Many<Str>, at: &Get<'_>) {
        let texts = from.iter().enumerate();
        *self = texts
            .map(|(index, text)| at.whole_text(text, "", Some(index)))
            .collect();
        at.raw_items(self);
    }

    fn put(&self, to: &mut Many<Str>, at: &mut Put<'_>) {
        *to = at.texts(self);
    }
}

impl Map<Option<DateTime>> for Option<DateTime> {
    fn get(&mut self, from: &Option<DateTime>, at: &Get<'_>) {
        *self = time::read_time(from.or_else(|| at.raw_time("")), at.beside(""), at.cx);
    }

    fn put(&self, to: &mut Option<DateTime>, at: &mut Put<'_>) {
        *to = self.and_then(|time| at.time("", time));
    }
}

impl Map<Many<DateTime>> for Vec<DateTime> {
    fn get(&mut self, from: &Many<DateTime>, at: &Get<'_>) {
        let read = |(index, time): (usize, &DateTime)| {
            time::read_time(Some(*time), at.beside_item("", Some(index)), at.cx)
        };
        *self = from.iter().enumerate().filter_map(read).collect();
    }

    fn put(&self, to: &mut Many<DateTime>, at: &mut Put<'_>) {
        *to = at.times(self);
    }
}

impl Map<Many<Time>> for Vec<Time> {
    fn get(&mut self, from: &Many<Time>, _: &Get<'_>) {
        *self = from.to_vec();
    }

    fn put(&self, to: &mut Many<Time>, _: &mut Put<'_>) {
        *to = self.iter().copied().collect();
    }
}

/// A required element that may be missing.
pub(super) trait Fill {
    /// Whether it is missing.
    fn is_missing(&self) -> bool;
    /// Puts an element there, to say why it is missing; `None` for a primitive, beside which that is said.
    fn place(&mut self) -> Option<&mut dyn Node>;
}

impl<T: Node + Default> Fill for Option<Box<T>> {
    fn is_missing(&self) -> bool {
        self.is_none()
    }

    fn place(&mut self) -> Option<&mut dyn Node> {
        Some(self.get_or_insert_default().as_mut())
    }
}

impl<T: Node + Default> Fill for Many<T> {
    fn is_missing(&self) -> bool {
        self.is_empty()
    }

    fn place(&mut self) -> Option<&mut dyn Node> {
        self.push(T::default());
        self.last_mut().map(|only| only as &mut dyn Node)
    }
}

macro_rules! fill_primitives {
    ($($type:ty),*) => {$(
        impl Fill for Option<$type> {
            fn is_missing(&self) -> bool {
                self.is_none()
            }
            fn place(&mut self) -> Option<&mut dyn Node> {
                None
            }
        }
    )*};
}

fill_primitives!(bool, u32, Str, Decimal, Date, DateTime);

/// Puts an element there that says that it is not known.
#[inline(never)]
pub(super) fn unknown(slot: &mut dyn Fill) {
    if let Some(element) = slot.place() {
        element.extension_mut().push(extension::unknown());
    }
}

/// Codes that the model holds as statuses. One outside of the value set is never written.
macro_rules! statuses {
    ($($name:ident),* $(,)?) => {$(
        impl Map<Option<r4::$name>> for Option<model::Status> {
            fn get(&mut self, from: &Option<r4::$name>, at: &Get<'_>) {
                let is_known = !matches!(from, Some(r4::$name::Other(_)));
                *self = status::read_status(from.as_ref().map(r4::$name::as_str), is_known, at.beside(""));
            }
            fn put(&self, to: &mut Option<r4::$name>, at: &mut Put<'_>) {
                let Some(status) = self else { return };
                let code = status.code.as_deref().map(r4::$name::from);
                *to = code.filter(|code| !matches!(code, r4::$name::Other(_)));
                at.status(status, to.is_some());
            }
        }
        fill_primitives!(r4::$name);
    )*};
}

statuses!(
    AdministrativeGender,
    AllergyIntoleranceCriticality,
    AllergyIntoleranceSeverity,
    AllergyIntoleranceType,
    AppointmentStatus,
    CarePlanActivityStatus,
    CareTeamStatus,
    ChargeItemStatus,
    CompositionStatus,
    DiagnosticReportStatus,
    DocumentReferenceStatus,
    EncounterLocationStatus,
    EncounterStatus,
    EventStatus,
    FHIRDeviceStatus,
    FamilyHistoryStatus,
    FinancialResourceStatusCodes,
    GoalLifecycleStatus,
    ImmunizationStatus,
    LocationStatus,
    MedicationAdministrationStatus,
    MedicationDispenseStatus,
    MedicationRequestStatus,
    MedicationStatementStatus,
    MedicationStatus,
    ObservationStatus,
    ParticipationStatus,
    RequestStatus,
    SpecimenStatus,
);

/// Codes that the model holds as texts. One outside of the value set is never written.
macro_rules! codes {
    ($($name:ident),* $(,)?) => {$(
        impl Map<Option<r4::$name>> for Option<String> {
            fn get(&mut self, from: &Option<r4::$name>, at: &Get<'_>) {
                *self = at.code(from.as_ref().map(r4::$name::as_str));
            }
            fn put(&self, to: &mut Option<r4::$name>, at: &mut Put<'_>) {
                let Some(text) = self else { return };
                match r4::$name::from(text.as_str()) {
                    r4::$name::Other(other) => at.unknown_code(&other),
                    known => *to = Some(known),
                }
            }
        }
        fill_primitives!(r4::$name);
    )*};
}

codes!(
    AddressType,
    AddressUse,
    CarePlanActivityKind,
    CarePlanIntent,
    ContactPointSystem,
    ContactPointUse,
    DeviceNameType,
    DocumentRelationshipType,
    IdentifierUse,
    LinkType,
    LocationMode,
    MedicationRequestIntent,
    NameUse,
    RequestIntent,
    RequestPriority,
    UnitsOfTime,
);

macro_rules! code_lists {
    ($($name:ident),* $(,)?) => {$(
        impl Map<Many<r4::$name>> for Vec<String> {
            fn get(&mut self, from: &Many<r4::$name>, at: &Get<'_>) {
                self.extend(from.iter().map(|code| code.as_str().to_owned()));
                at.unknown_codes(self);
            }
            fn put(&self, to: &mut Many<r4::$name>, at: &mut Put<'_>) {
                for text in self {
                    match r4::$name::from(text.as_str()) {
                        r4::$name::Other(other) => at.other_text(&other),
                        known => to.push(known),
                    }
                }
            }
        }
    )*};
}

code_lists!(AllergyIntoleranceCategory, DaysOfWeek, EventTiming);
