//! Profiles as JSON.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Profile, ProfileError};
use crate::definitions::Version;

impl Profile {
    /// Reads a profile from JSON.
    ///
    /// ```
    /// use ehr_hl7v2::profile::Profile;
    /// let profile = Profile::from_json(r#"{
    ///   "name": "Riverside results", "version": "2.5.1", "message": "ORU^R01",
    ///   "tables": { "sex": ["F", "M", "U"] },
    ///   "rules": [
    ///     { "group": "PATIENT_RESULT", "usage": "R", "max": 1, "rules": [
    ///       { "segment": "PID", "usage": "R", "fields": [
    ///         { "position": 3, "usage": "R", "parts": [{ "position": 1, "usage": "R", "length": 15 }] },
    ///         { "position": 8, "usage": "RE", "table": "sex" } ] } ] } ] }"#)?;
    /// assert_eq!(profile.rules.len(), 1);
    /// # Ok::<(), ehr_hl7v2::profile::ProfileError>(())
    /// ```
    ///
    /// # Errors
    /// When the text is not JSON, or not of the form of a profile.
    pub fn from_json(text: &str) -> Result<Self, ProfileError> {
        // A list of the values without their names would do for serde, but is no profile.
        if text.trim_start().starts_with('[') {
            let reason = "an object is expected".to_owned();
            return Err(ProfileError::Json {
                line: 1,
                column: 1,
                reason,
            });
        }
        serde_json::from_str(text).map_err(|error| ProfileError::Json {
            line: error.line(),
            column: error.column(),
            reason: error.to_string(),
        })
    }

    /// The profile as JSON.
    ///
    /// # Errors
    /// Never for a profile; the writer's own error is passed on.
    pub fn to_json(&self) -> Result<String, ProfileError> {
        serde_json::to_string_pretty(self).map_err(|error| ProfileError::Json {
            line: error.line(),
            column: error.column(),
            reason: error.to_string(),
        })
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}
