//! Business identifiers and who assigned them.

use serde::{Deserialize, Serialize};

use super::absent::Absent;
use super::code_system::{CodeSystem, oid_of_urn};
use super::coding::CodeableConcept;
use super::period::Period;
use crate::debug_shape;

/// A business identifier: FHIR [Identifier](https://hl7.org/fhir/R4/datatypes.html#Identifier), C-CDA II, HL7 v2 CX and EI.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Identifier {
    /// FHIR [identifier-use](https://hl7.org/fhir/R4/valueset-identifier-use.html): `usual`, `official`, `temp`, `secondary`, `old`.
    #[serde(skip_serializing_if = "Option::is_none", rename = "use")]
    pub use_: Option<String>,
    /// What kind of identifier, for example `MR` of HL7 table 0203.
    #[serde(skip_serializing_if = "Option::is_none", rename = "type")]
    pub type_: Option<CodeableConcept>,
    /// Namespace as a URI; OIDs as `urn:oid:…`. A namespace of HL7 v2 that has no universal id is in `assigner` instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// The identifier itself, unique within `system`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Who assigned it, as text (CX-4 namespace id, II assigningAuthorityName, Identifier.assigner.display).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigner: Option<String>,
    /// When it was valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// Why there is no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent: Option<Absent>,
}

debug_shape!(Identifier);

impl Identifier {
    /// An identifier in a namespace.
    pub fn new(system: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            system: Some(system.into()),
            value: Some(value.into()),
            ..Self::default()
        }
    }

    /// From a C-CDA II: an OID or UUID root, and the extension. A root alone identifies by itself, so it becomes the
    /// value in the namespace `urn:ietf:rfc:3986`, as the C-CDA on FHIR guide maps it.
    pub fn from_ii(root: &str, extension: Option<&str>) -> Self {
        match extension {
            Some(extension) => Self::new(uri_of_root(root), extension),
            None => Self::new("urn:ietf:rfc:3986", uri_of_root(root)),
        }
    }

    /// The namespace in one spelling: the registry's URI where the system is known by an OID too.
    pub fn canonical_system(&self) -> Option<&str> {
        let system = self.system.as_deref()?;
        Some(
            oid_of_urn(system)
                .and_then(CodeSystem::by_oid)
                .or_else(|| CodeSystem::by_uri(system))
                .map_or(system, |known| known.uri),
        )
    }

    /// Whether both name the same thing: the same value in the same stated namespace (or, where neither states one, with
    /// the same assigner). Without a namespace on either side nothing is known, and the answer is no.
    pub fn is_same_as(&self, other: &Self) -> bool {
        let same_value = self.value.is_some() && self.value == other.value;
        let same_namespace = match (self.canonical_system(), other.canonical_system()) {
            (Some(a), Some(b)) => a == b,
            (None, None) => self.assigner.is_some() && self.assigner == other.assigner,
            _ => false,
        };
        same_value && same_namespace
    }
}

/// The URI of a CDA root: `urn:oid:` for OIDs, `urn:uuid:` for UUIDs, and the registry's URI where FHIR has one.
pub fn uri_of_root(root: &str) -> String {
    let root = root.trim();
    if let Some(known) = CodeSystem::by_oid(root) {
        return known.uri.to_owned();
    }
    let is_oid = root.contains('.') && root.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let is_uuid = root.len() == 36 && root.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if is_oid {
        format!("urn:oid:{root}")
    } else if is_uuid {
        format!("urn:uuid:{}", root.to_ascii_lowercase())
    } else {
        root.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_needs_a_namespace() {
        let ssn = Identifier::new("http://hl7.org/fhir/sid/us-ssn", "1");
        let by_oid = Identifier::new("urn:oid:2.16.840.1.113883.4.1", "1");
        assert!(ssn.is_same_as(&by_oid));
        let bare = Identifier {
            value: Some("1".into()),
            ..Identifier::default()
        };
        assert!(!bare.is_same_as(&bare.clone()));
        assert!(!ssn.is_same_as(&bare));
    }

    #[test]
    fn roots() {
        assert_eq!(
            uri_of_root("2.16.840.1.113883.4.6"),
            "http://hl7.org/fhir/sid/us-npi"
        );
        assert_eq!(uri_of_root("1.2.3"), "urn:oid:1.2.3");
        assert_eq!(
            Identifier::from_ii("AB000000-0000-0000-0000-00000000000C", None)
                .value
                .unwrap(),
            "urn:uuid:ab000000-0000-0000-0000-00000000000c"
        );
    }
}
