//! Versions of the standard, and the way from a version to what it defines.

use std::fmt;
use std::str::FromStr;

use super::element::{DatatypeDefinition, List, SegmentDefinition};
use super::generated::versions::VERSIONS;
use super::group::GroupDefinition;
use super::names::{find, name, pairs};
use super::raw::Definitions;
use super::table::TableDefinition;

/// A version of HL7 v2 for which definitions are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Version {
    /// Version 2.1 of 1990.
    V2_1,
    /// Version 2.2 of 1994.
    V2_2,
    /// Version 2.3 of 1997.
    V2_3,
    /// Version 2.3.1 of 1999.
    V2_3_1,
    /// Version 2.4 of 2000.
    V2_4,
    /// Version 2.5 of 2003.
    V2_5,
    /// Version 2.5.1 of 2007.
    V2_5_1,
    /// Version 2.6 of 2007.
    V2_6,
    /// Version 2.7 of 2011.
    V2_7,
    /// Version 2.7.1 of 2012.
    V2_7_1,
    /// Version 2.8 of 2014.
    V2_8,
    /// Version 2.8.1 of 2014.
    V2_8_1,
    /// Version 2.8.2 of 2015.
    V2_8_2,
}

/// What MSH-12 says, as far as it can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VersionReading {
    /// A version with definitions.
    Known(Version),
    /// A version without definitions of its own (`2.9`, `2.4.1`); the last one before it serves.
    Nearest(Version),
    /// Nothing that can be read as a version.
    Unknown,
}

impl VersionReading {
    /// The version whose definitions serve: [`Version::DEFAULT`] when nothing could be read.
    pub fn version(self) -> Version {
        match self {
            Self::Known(version) | Self::Nearest(version) => version,
            Self::Unknown => Version::DEFAULT,
        }
    }
}

impl Version {
    /// All versions, oldest first.
    pub const ALL: [Self; 13] = [
        Self::V2_1,
        Self::V2_2,
        Self::V2_3,
        Self::V2_3_1,
        Self::V2_4,
        Self::V2_5,
        Self::V2_5_1,
        Self::V2_6,
        Self::V2_7,
        Self::V2_7_1,
        Self::V2_8,
        Self::V2_8_1,
        Self::V2_8_2,
    ];

    /// The version that serves where a message names none: 2.5.1, to which most profiles are written.
    pub const DEFAULT: Self = Self::V2_5_1;

    /// The newest version with definitions.
    pub const LATEST: Self = Self::V2_8_2;

    /// As in MSH-12: `2.5.1`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2_1 => "2.1",
            Self::V2_2 => "2.2",
            Self::V2_3 => "2.3",
            Self::V2_3_1 => "2.3.1",
            Self::V2_4 => "2.4",
            Self::V2_5 => "2.5",
            Self::V2_5_1 => "2.5.1",
            Self::V2_6 => "2.6",
            Self::V2_7 => "2.7",
            Self::V2_7_1 => "2.7.1",
            Self::V2_8 => "2.8",
            Self::V2_8_1 => "2.8.1",
            Self::V2_8_2 => "2.8.2",
        }
    }

    /// Reads the text of MSH-12, or of its first component, as loosely as senders write it.
    ///
    /// ```
    /// use ehr_hl7v2::definitions::{Version, VersionReading};
    /// assert_eq!(Version::read("2.5.1^USA"), VersionReading::Known(Version::V2_5_1));
    /// assert_eq!(Version::read(" v2.3 "), VersionReading::Known(Version::V2_3));
    /// assert_eq!(Version::read("2.9"), VersionReading::Nearest(Version::V2_8_2));
    /// assert_eq!(Version::read("P"), VersionReading::Unknown);
    /// ```
    pub fn read(text: &str) -> VersionReading {
        let runs = text.split(|c: char| !c.is_ascii_digit() && c != '.');
        let numbers = runs.filter_map(|run| {
            let mut numbers = [0_u32; 3];
            for (slot, number) in numbers.iter_mut().zip(run.split('.')) {
                *slot = if number.is_empty() {
                    0
                } else {
                    number.parse().ok()?
                };
            }
            Some(numbers)
        });
        let Some(numbers) = numbers.into_iter().find(|numbers| numbers.first() == Some(&2)) else {
            return VersionReading::Unknown;
        };
        let mut nearest = Self::V2_1;
        for version in Self::ALL {
            match version.numbers().cmp(&numbers) {
                std::cmp::Ordering::Equal => return VersionReading::Known(version),
                std::cmp::Ordering::Less => nearest = version,
                std::cmp::Ordering::Greater => {}
            }
        }
        VersionReading::Nearest(nearest)
    }

    fn numbers(self) -> [u32; 3] {
        let mut numbers = [0; 3];
        for (slot, text) in numbers.iter_mut().zip(self.as_str().split('.')) {
            *slot = text.parse().unwrap_or(0);
        }
        numbers
    }

    /// The version's bit in the masks of the tables.
    pub(super) fn bit(self) -> u16 {
        1 << (self as u16)
    }

    fn definitions(self) -> &'static Definitions {
        match VERSIONS.get(self as usize) {
            Some(definitions) => definitions,
            None => &Definitions {
                segments: &[],
                datatypes: &[],
                structures: &[],
                events: &[],
            },
        }
    }

    /// The segment of this identifier, if the version defines it.
    pub fn segment(self, id: &str) -> Option<SegmentDefinition> {
        let (name, list) = find(self.definitions().segments, id)?;
        Some(SegmentDefinition(List { name, list }))
    }

    /// All segments of the version, in the order of their identifiers.
    pub fn segments(self) -> impl Iterator<Item = SegmentDefinition> {
        pairs(self.definitions().segments).map(|(name, list)| SegmentDefinition(List { name, list }))
    }

    /// The composite data type of this name. Primitive types (`ST`, `NM`, …) have no components and
    /// are not listed.
    pub fn datatype(self, name: &str) -> Option<DatatypeDefinition> {
        let (name, list) = find(self.definitions().datatypes, name)?;
        Some(DatatypeDefinition(List { name, list }))
    }

    /// All composite data types of the version, in the order of their names.
    pub fn datatypes(self) -> impl Iterator<Item = DatatypeDefinition> {
        pairs(self.definitions().datatypes).map(|(name, list)| DatatypeDefinition(List { name, list }))
    }

    /// The message structure of this name (MSH-9.3): `ADT_A01`.
    pub fn message_structure(self, name: &str) -> Option<GroupDefinition> {
        find(self.definitions().structures, name).and_then(|(_, group)| GroupDefinition::at(group))
    }

    /// All message structures of the version, in the order of their names.
    pub fn message_structures(self) -> impl Iterator<Item = GroupDefinition> {
        pairs(self.definitions().structures).filter_map(|(_, group)| GroupDefinition::at(group))
    }

    /// The structure of messages with this code (MSH-9.1) and event (MSH-9.2): `ADT`, `A04` gives
    /// ADT_A01. Acknowledgments have one structure whatever their event.
    pub fn structure_of(self, code: &str, event: &str) -> Option<GroupDefinition> {
        let joined = format!("{code}_{event}");
        if let Some((_, structure)) = find(self.definitions().events, &joined) {
            return self.message_structure(name(structure));
        }
        self.message_structure(&joined)
            .or_else(|| self.message_structure(code))
    }

    /// Message codes with their events (`ADT_A04`) and the structure they share with another event
    /// (`ADT_A01`). An event that has a structure of its own name is not listed.
    pub fn events(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        pairs(self.definitions().events).map(|(event, structure)| (name(event), name(structure)))
    }

    /// The table of this number, if its codes are held for the version: none are before v2.3.1.
    pub fn table(self, number: u16) -> Option<TableDefinition> {
        TableDefinition::find(number, self)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is not the number of a version with definitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a version of HL7 v2 with definitions")]
pub struct UnknownVersion;

impl FromStr for Version {
    type Err = UnknownVersion;

    /// Reads exactly the number, `2.5.1`; see [`Version::read`] for what senders write.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|version| version.as_str() == text)
            .ok_or(UnknownVersion)
    }
}
