//! How primitive values are carried, and what stands for a required element that is missing.

use ehr_model as model;
use ehr_types::{Date, DateTime, Decimal, Time};

use super::extension;
use super::map::{From_, Into_, Map};
use super::text::{self, Checked};
use crate::element::{Element, Str};
use crate::r4::{self, Extension, ExtensionValue};

macro_rules! same {
    ($($type:ty),*) => {$(
        impl Map<Option<$type>> for Option<$type> {
            fn read(from: &Option<$type>, _: &From_<'_>) -> Self {
                *from
            }
            fn write(&self, _: &mut Into_<'_>) -> Option<$type> {
                *self
            }
        }
    )*};
}

same!(bool, i32, Time, Date);

impl Map<Option<u32>> for Option<u32> {
    fn read(from: &Option<u32>, _: &From_<'_>) -> Self {
        *from
    }

    fn write(&self, at: &mut Into_<'_>) -> Option<u32> {
        if *self == Some(0) {
            at.doubtful(&Str::new_static("0"));
        }
        *self
    }

    fn amend(to: &mut Option<u32>, checked: Checked) {
        if matches!(checked, Checked::Refused(_)) {
            *to = None;
        }
    }
}

impl Map<Option<Decimal>> for Option<Decimal> {
    fn read(from: &Option<Decimal>, _: &From_<'_>) -> Self {
        from.clone()
    }

    fn write(&self, _: &mut Into_<'_>) -> Option<Decimal> {
        self.as_ref()
            .and_then(|number| Decimal::parse(&number.json_text()).ok())
    }
}

impl Map<Option<Str>> for Option<String> {
    fn read(from: &Option<Str>, _: &From_<'_>) -> Self {
        from.as_ref().map(|text| text.to_string())
    }

    fn write(&self, at: &mut Into_<'_>) -> Option<Str> {
        let value = Str::new(self.as_deref()?);
        if text::is_doubtful(&value) {
            at.doubtful(&value);
        }
        Some(value)
    }

    fn amend(to: &mut Option<Str>, checked: Checked) {
        match checked {
            Checked::Good => {}
            Checked::Amended(text) => *to = Some(text),
            Checked::Refused(_) | Checked::Blank => *to = None,
        }
    }
}

impl Map<Vec<Str>> for Vec<String> {
    fn read(from: &Vec<Str>, _: &From_<'_>) -> Self {
        from.iter().map(|text| text.to_string()).collect()
    }

    fn write(&self, _: &mut Into_<'_>) -> Vec<Str> {
        self.iter().filter_map(|text| text::string(text)).collect()
    }
}

impl Map<Option<DateTime>> for Option<DateTime> {
    fn read(from: &Option<DateTime>, at: &From_<'_>) -> Self {
        text::read_time(*from, at.beside(""), at.cx)
    }

    fn write(&self, at: &mut Into_<'_>) -> Option<DateTime> {
        let (time, extension) = text::write_time((*self)?);
        if let Some(extension) = extension {
            at.beside("", extension);
        }
        time
    }
}

impl Map<Vec<DateTime>> for Vec<DateTime> {
    fn read(from: &Vec<DateTime>, _: &From_<'_>) -> Self {
        from.clone()
    }

    fn write(&self, _: &mut Into_<'_>) -> Vec<DateTime> {
        self.iter().filter_map(|time| text::write_time(*time).0).collect()
    }
}

impl Map<Vec<Time>> for Vec<Time> {
    fn read(from: &Vec<Time>, _: &From_<'_>) -> Self {
        from.clone()
    }

    fn write(&self, _: &mut Into_<'_>) -> Vec<Time> {
        self.clone()
    }
}

/// A required element that may be missing.
pub(super) trait Fill {
    /// Whether it is missing.
    fn missing(&self) -> bool;
    /// Says why it is missing. Gives the extension back when it belongs beside the primitive.
    fn fill(&mut self, why: Extension) -> Option<Extension>;
}

impl<T: Element + Default> Fill for Option<Box<T>> {
    fn missing(&self) -> bool {
        self.is_none()
    }

    fn fill(&mut self, why: Extension) -> Option<Extension> {
        self.get_or_insert_default().extension_mut().push(why);
        None
    }
}

impl<T: Element + Default> Fill for Vec<T> {
    fn missing(&self) -> bool {
        self.is_empty()
    }

    fn fill(&mut self, why: Extension) -> Option<Extension> {
        let mut only = T::default();
        only.extension_mut().push(why);
        self.push(only);
        None
    }
}

macro_rules! fill_primitives {
    ($($type:ty),*) => {$(
        impl Fill for Option<$type> {
            fn missing(&self) -> bool {
                self.is_none()
            }
            fn fill(&mut self, why: Extension) -> Option<Extension> {
                Some(why)
            }
        }
    )*};
}

fill_primitives!(bool, u32, Str, Decimal, Date, DateTime);

/// The code enums that the mapping uses: a code outside of the value set is never written.
macro_rules! codes {
    ($($name:ident),* $(,)?) => {$(
        impl Map<Option<r4::$name>> for Option<model::Status> {
            fn read(from: &Option<r4::$name>, at: &From_<'_>) -> Self {
                let known = !matches!(from, Some(r4::$name::Other(_)));
                text::read_status(from.as_ref().map(|code| code.as_str()), known, at.beside(""))
            }
            fn write(&self, at: &mut Into_<'_>) -> Option<r4::$name> {
                let status = self.as_ref()?;
                let code = status.code.as_deref().map(r4::$name::from);
                let known = !matches!(code, Some(r4::$name::Other(_)));
                for extension in text::status_extensions(status, known) {
                    at.beside("", extension);
                }
                code.filter(|_| known)
            }
        }

        impl Map<Option<r4::$name>> for Option<String> {
            fn read(from: &Option<r4::$name>, at: &From_<'_>) -> Self {
                let code = from.as_ref().map(|code| code.as_str().to_owned());
                code.or_else(|| extension::text_in(at.beside(""), extension::SOURCE_CODE))
            }
            fn write(&self, at: &mut Into_<'_>) -> Option<r4::$name> {
                let text = self.as_deref()?;
                match r4::$name::from(text) {
                    r4::$name::Other(_) => {
                        if !text.trim().is_empty() {
                            at.beside("", extension::string(extension::SOURCE_CODE, text));
                        }
                        None
                    }
                    code => Some(code),
                }
            }
        }

        impl Map<Vec<r4::$name>> for Vec<String> {
            fn read(from: &Vec<r4::$name>, _: &From_<'_>) -> Self {
                from.iter().map(|code| code.as_str().to_owned()).collect()
            }
            fn write(&self, at: &mut Into_<'_>) -> Vec<r4::$name> {
                let mut known = Vec::new();
                for text in self {
                    match r4::$name::from(text.as_str()) {
                        r4::$name::Other(other) => at.other_type(ExtensionValue::String(other)),
                        code => known.push(code),
                    }
                }
                known
            }
        }

        impl Fill for Option<r4::$name> {
            fn missing(&self) -> bool {
                self.is_none()
            }
            fn fill(&mut self, why: Extension) -> Option<Extension> {
                Some(why)
            }
        }
    )*};
}

codes!(
    AddressType,
    AddressUse,
    AdministrativeGender,
    AllergyIntoleranceCategory,
    AllergyIntoleranceCriticality,
    AllergyIntoleranceSeverity,
    AllergyIntoleranceType,
    AppointmentStatus,
    CarePlanActivityKind,
    CarePlanActivityStatus,
    CarePlanIntent,
    CareTeamStatus,
    ChargeItemStatus,
    CompositionStatus,
    ContactPointSystem,
    ContactPointUse,
    DaysOfWeek,
    DeviceNameType,
    DiagnosticReportStatus,
    DocumentReferenceStatus,
    DocumentRelationshipType,
    EncounterLocationStatus,
    EncounterStatus,
    EventStatus,
    EventTiming,
    FHIRDeviceStatus,
    FamilyHistoryStatus,
    FinancialResourceStatusCodes,
    GoalLifecycleStatus,
    IdentifierUse,
    ImmunizationStatus,
    LinkType,
    LocationMode,
    LocationStatus,
    MedicationAdministrationStatus,
    MedicationDispenseStatus,
    MedicationRequestIntent,
    MedicationRequestStatus,
    MedicationStatementStatus,
    MedicationStatus,
    NameUse,
    ObservationStatus,
    ParticipationStatus,
    QuantityComparator,
    RequestIntent,
    RequestPriority,
    RequestStatus,
    SpecimenStatus,
    UnitsOfTime,
);
