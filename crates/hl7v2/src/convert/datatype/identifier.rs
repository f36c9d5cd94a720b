//! CX, EI and EIP; HD as the namespace of an identifier.

use ehr_types::{CodeSystem, CodeableConcept, Coding, Identifier, uri_of_root};

use super::{Sender, deleted, period};
use crate::convert::reading::At;
use crate::convert::table;

impl Sender {
    /// CX: an identifier.
    #[expect(clippy::unused_self, reason = "read like its neighbours, which need it")]
    pub(in crate::convert) fn identifier(&self, at: At<'_>) -> Option<Identifier> {
        if at.is_empty() {
            return None;
        }
        if at.take_null() {
            return Some(Identifier {
                absent: Some(deleted()),
                ..Identifier::default()
            });
        }
        let mut identifier = Identifier {
            value: at.part(1).text(),
            ..Identifier::default()
        };
        if identifier.value.is_none() {
            identifier.absent = at.part(1).take_null().then(deleted);
        }
        let kind = at.part(5).text();
        assign(&mut identifier, at.part(4), kind.as_deref());
        if identifier.assigner.is_none() && identifier.system.is_none() {
            identifier.assigner = at.part(6).part(1).text();
        }
        identifier.type_ = kind.map(identifier_type);
        identifier.period = period(at.part(7), at.part(8));
        let says = identifier.value.is_some() || identifier.absent.is_some();
        says.then_some(identifier)
    }

    /// CX with a value. Null stays in the residual, where what the identifier goes into cannot say that it is to be deleted.
    pub(in crate::convert) fn number(&self, at: At<'_>) -> Option<Identifier> {
        (!at.leaf().is_null()).then(|| self.identifier(at)).flatten()
    }

    /// EI, or CX where a sender of another version writes one: `kind` is the code in table 0203.
    #[expect(clippy::unused_self, reason = "read like its neighbours, which need it")]
    pub(in crate::convert) fn entity(&self, at: At<'_>, kind: Option<&str>) -> Option<Identifier> {
        if at.is_empty() {
            return None;
        }
        if at.take_null() {
            return Some(Identifier {
                absent: Some(deleted()),
                ..Identifier::default()
            });
        }
        let mut identifier = Identifier {
            value: Some(at.part(1).text()?),
            ..Identifier::default()
        };
        let namespace = at.part(2).text();
        let system = at
            .part(3)
            .peek()
            .and_then(|id| universal(&id, at.part(4).peek().as_deref()));
        if system.is_some() {
            at.part(3).mark();
            at.part(4).mark();
            identifier.assigner = namespace;
        } else {
            identifier.assigner = namespace.or_else(|| at.part(3).text());
        }
        identifier.system = system;
        identifier.type_ = kind.map(|kind| identifier_type(kind.to_owned()));
        Some(identifier)
    }

    /// A number without a namespace is unique for its sender.
    pub(in crate::convert) fn named(&self, mut number: Identifier) -> Identifier {
        let is_bare = number.system.is_none() && number.assigner.is_none() && number.value.is_some();
        if is_bare {
            number.assigner.clone_from(&self.name);
        }
        number
    }

    /// EIP: what the placer and the filler call one thing.
    pub(in crate::convert) fn entity_pair(&self, at: At<'_>) -> Vec<Identifier> {
        if at.part(1).part_count() <= 1 && at.part(2).part_count() <= 1 {
            // An EI of components, or one plain number.
            if at.part_count() > 2 || at.part(2).is_empty() {
                return self.entity(at, None).into_iter().collect();
            }
        }
        let placer = self.entity(at.part(1), Some("PLAC"));
        placer
            .into_iter()
            .chain(self.entity(at.part(2), Some("FILL")))
            .collect()
    }
}

/// The type of an identifier by its code in table 0203.
pub(in crate::convert) fn identifier_type(code: String) -> CodeableConcept {
    Coding::new(table::uri(203), code).into()
}

/// HD as the assigner of an identifier.
pub(in crate::convert) fn assign(identifier: &mut Identifier, authority: At<'_>, kind: Option<&str>) {
    let namespace = authority.part(1).peek();
    let id = authority.part(2).peek();
    let universal = id
        .as_deref()
        .and_then(|id| universal(id, authority.part(3).peek().as_deref()));
    if universal.is_some() {
        authority.part(2).mark();
        authority.part(3).mark();
    }
    let named = namespace.as_deref().and_then(national);
    let by_kind = match kind {
        Some("NPI") => Some(CodeSystem::US_NPI.uri),
        Some("SS") if namespace.as_deref().is_some_and(is_united_states) => Some(CodeSystem::US_SSN.uri),
        _ => None,
    };
    identifier.system = universal.or_else(|| named.or(by_kind).map(str::to_owned));
    authority.part(1).mark();
    identifier.assigner = match (namespace, id) {
        (Some(namespace), _) => Some(namespace),
        (None, Some(id)) if identifier.system.is_none() => {
            authority.part(2).mark();
            Some(id)
        }
        _ => None,
    };
}

/// Names of assigners that are namespaces of the whole United States.
fn national(name: &str) -> Option<&'static str> {
    let known = [
        CodeSystem::US_SSN,
        CodeSystem::US_NPI,
        CodeSystem::US_MBI,
        CodeSystem::US_DEA,
    ];
    known
        .iter()
        .find(|system| {
            system
                .v2_names
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name))
        })
        .map(|system| system.uri)
}

fn is_united_states(name: &str) -> bool {
    ["US", "USA", "SSA"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
}

/// A universal identifier as a URI, by its type in table 0301, or by its form where it has none.
pub(in crate::convert) fn universal(id: &str, kind: Option<&str>) -> Option<String> {
    match kind.map(str::to_ascii_uppercase).as_deref() {
        Some("ISO") | None if oid(id).is_some() => Some(uri_of_root(oid(id)?)),
        Some("UUID" | "GUID") => Some(format!("urn:uuid:{}", id.to_ascii_lowercase())),
        Some("URI" | "URL" | "HTTP") => Some(id.to_owned()),
        _ if id.contains("://") || id.starts_with("urn:") => Some(id.to_owned()),
        _ => None,
    }
}

/// The OID that a text is, with or without `urn:oid:`.
pub(super) fn oid(text: &str) -> Option<&str> {
    let text = text.strip_prefix("urn:oid:").unwrap_or(text);
    let arcs = text.split('.').count();
    let legal = text
        .split('.')
        .all(|arc| !arc.is_empty() && arc.bytes().all(|byte| byte.is_ascii_digit()));
    (arcs > 2 && legal).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn universal_ids() {
        assert_eq!(universal("1.2.3", Some("ISO")).as_deref(), Some("urn:oid:1.2.3"));
        assert_eq!(
            universal("2.16.840.1.113883.4.1", None).as_deref(),
            Some("http://hl7.org/fhir/sid/us-ssn")
        );
        assert_eq!(universal("05D0897628", Some("CLIA")), None);
        assert_eq!(universal("acme.org", Some("DNS")), None);
    }
}
