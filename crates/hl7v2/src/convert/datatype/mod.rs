//! Data types of HL7 v2 as value types, by the data type maps of the v2-to-FHIR guide.
//!
//! # Code systems
//!
//! The name of a coding system (CWE.3) becomes the registry's URI, a table `HL7nnnn` its URI in the HL7 terminology. A name
//! that is in neither becomes `urn:id:<facility>:<name>`, where the facility is MSH-4 (else MSH-3); and where the name
//! says no more than that the codes are local (`L`, `99LAB`: table 0396), `urn:id:<facility>:<application>:<name>`, as each
//! application (MSH-3) has local codes of its own: stable, and different for two senders that both say `L`. The guide leaves
//! the URI of such systems to a local table; none is invented here that could be taken for another's. Without a name there
//! is no system, except that a code of a field that is bound to a table is of that table when the table lists it.
//!
//! # Namespaces of identifiers
//!
//! HD.2 becomes the system when it is an OID, a UUID or a URI. A namespace that is a name only (HD.1) is kept in
//! [`Identifier::assigner`].

mod attachment;
mod concept;
mod contact;
mod identifier;

use ehr_types::{Absent, AbsentReason, CodeSystem, Period};

use super::reading::At;
use identifier::oid;

pub(super) use attachment::{attachment, base64, pointer};
pub(super) use concept::words;
pub(super) use contact::{address, called, name, person_name, telecom};
pub(super) use identifier::{assign, identifier_type, universal};

/// The sender asks to delete.
pub(super) fn deleted() -> Absent {
    Absent {
        reason: AbsentReason::Deleted,
        source_code: Some("\"\"".to_owned()),
    }
}

/// What data types need to know of the message they stand in.
#[derive(Clone, Debug, Default)]
pub(super) struct Sender {
    /// MSH-4, else MSH-3: the facility.
    pub(super) name: Option<String>,
    /// MSH-3, where it is another name: the application.
    pub(super) application: Option<String>,
}

impl Sender {
    /// The URI of a coding system by its name in CWE.3.
    pub(super) fn system(&self, name: &str) -> String {
        if let Some(known) = CodeSystem::uri_of_v2_name(name) {
            return known.into_owned();
        }
        if name.contains("://") || name.starts_with("urn:") {
            return name.to_owned();
        }
        if let Some(oid) = oid(name) {
            return CodeSystem::uri_of_oid(oid).into_owned();
        }
        let application = self.application.as_deref().filter(|_| is_of_application(name));
        let owners = self.name.as_deref().into_iter().chain(application);
        let parts: Vec<String> = owners.chain([name]).map(encode).collect();
        format!("urn:id:{}", parts.join(":"))
    }
}

/// Table 0396: names of which each application means its own codes.
fn is_of_application(name: &str) -> bool {
    name.starts_with("99")
        || ["L", "LOCAL"]
            .iter()
            .any(|local| local.eq_ignore_ascii_case(name))
}

/// A name as a part of a URN (RFC 8141): what is not unreserved is percent-encoded.
fn encode(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Two times as a period.
pub(super) fn period(start: At<'_>, end: At<'_>) -> Option<Period> {
    let period = Period::new(start.time(), end.time());
    (!period.is_empty()).then_some(period)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::table;

    #[test]
    fn local_systems_are_of_their_sender() {
        let sender = Sender {
            name: Some("ACME LAB".into()),
            application: Some("LIS".into()),
        };
        assert_eq!(sender.system("LN"), "http://loinc.org");
        assert_eq!(sender.system("HL70001"), table::uri(1));
        assert_eq!(sender.system("L"), "urn:id:ACME%20LAB:LIS:L");
        assert_eq!(sender.system("99X"), "urn:id:ACME%20LAB:LIS:99X");
        assert_eq!(sender.system("DRUGS"), "urn:id:ACME%20LAB:DRUGS");
        assert_eq!(sender.system("1.2.3.4"), "urn:oid:1.2.3.4");
        assert_eq!(Sender::default().system("99X"), "urn:id:99X");
    }
}
