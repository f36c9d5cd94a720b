//! The version of a kept form.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A version that stands first in what is written, so that what another version wrote is refused before anything else of
/// it is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version<const KNOWN: u32>(bool);

/// Not the version that is read.
#[derive(Debug, thiserror::Error)]
#[error("written in version {found} of its form, and this version of the crate reads version {known}")]
struct Unknown {
    found: u32,
    known: u32,
}

impl<const KNOWN: u32> Version<KNOWN> {
    /// The one that is written.
    pub(crate) const WRITTEN: Self = Self(true);

    /// Whether there was a version at all.
    pub(crate) fn is_known(self) -> bool {
        self.0
    }
}

impl<const KNOWN: u32> Default for Version<KNOWN> {
    /// None.
    fn default() -> Self {
        Self(false)
    }
}

impl<const KNOWN: u32> Serialize for Version<KNOWN> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        KNOWN.serialize(serializer)
    }
}

impl<'de, const KNOWN: u32> Deserialize<'de> for Version<KNOWN> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let found = u32::deserialize(deserializer)?;
        if found == KNOWN {
            Ok(Self::WRITTEN)
        } else {
            Err(D::Error::custom(Unknown { found, known: KNOWN }))
        }
    }
}
