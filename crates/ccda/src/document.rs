//! What kind of XML one has: a document, a fragment of one, or something else.

use ehr_types::{Finding, SourceLocation};

use crate::section::STATEMENTS;
use crate::xml::{Document, Element, Namespace};

/// What the root of an XML document says that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RootKind {
    /// A `ClinicalDocument`.
    ClinicalDocument,
    /// A part of one: a `section`, an `entry`, an `observation`, a `recordTarget`….
    Fragment,
}

/// Elements of CDA, other than statements, at which a fragment may begin.
const FRAGMENTS: &[&str] = &[
    "section",
    "component",
    "structuredBody",
    "entry",
    "entryRelationship",
    "recordTarget",
    "patientRole",
    "author",
    "assignedAuthor",
    "custodian",
    "informant",
    "informationRecipient",
    "legalAuthenticator",
    "authenticator",
    "dataEnterer",
    "documentationOf",
    "componentOf",
    "encompassingEncounter",
    "relatedDocument",
    "authorization",
    "inFulfillmentOf",
    "participant",
    "participantRole",
    "performer",
    "specimen",
    "manufacturedProduct",
    "externalDocument",
    "serviceEvent",
    "encounterParticipant",
    "responsibleParty",
    "precondition",
    "criterion",
    "signatureText",
    "reference",
    "nonXMLBody",
    "subject",
];

impl RootKind {
    /// The kind of a root element; `None` when it is none of CDA.
    pub fn of(root: Element<'_>) -> Option<Self> {
        let name = root.name();
        if !root.is(name) && root.namespace() != Namespace::Sdtc {
            return None;
        }
        if name == "ClinicalDocument" {
            Some(Self::ClinicalDocument)
        } else if FRAGMENTS.contains(&name) || STATEMENTS.contains(&name) {
            Some(Self::Fragment)
        } else {
            None
        }
    }
}

impl Document {
    /// The kind of the document, or a finding that says what it is instead.
    ///
    /// # Errors
    /// A finding located at the root element (or at the whole) when this is no CDA: no XML, no element of CDA at the
    /// root, or a root that merely bears the name of one.
    pub fn kind(&self) -> Result<RootKind, Finding> {
        let Some(root) = self.root() else {
            let at = SourceLocation::new("/");
            return Err(Finding::fatal(
                "ccda.not-xml",
                at,
                "no XML element; this is no C-CDA document",
            ));
        };
        let kind = self.top().elements().find_map(RootKind::of);
        match kind {
            Some(kind) => Ok(kind),
            None => Err(Finding::fatal(
                "ccda.not-cda",
                root.location(),
                "XML, but no CDA document or part of one",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    #[test]
    fn documents_fragments_and_strangers_are_told_apart() {
        for (source, expected) in [
            (
                "<ClinicalDocument xmlns='urn:hl7-org:v3'/>",
                Ok(RootKind::ClinicalDocument),
            ),
            ("<observation/>", Ok(RootKind::Fragment)),
            ("<!-- x --><entry/>", Ok(RootKind::Fragment)),
            ("<html><body/></html>", Err("ccda.not-cda")),
            (
                "<section xmlns='http://www.w3.org/1999/xhtml'/>",
                Err("ccda.not-cda"),
            ),
            ("readme", Err("ccda.not-xml")),
        ] {
            let parsed = Document::parse(source.as_bytes(), &Limits::default());
            let kind = parsed.document.kind();
            assert_eq!(
                kind.map_err(|finding| finding.code.into_owned()),
                expected.map_err(str::to_owned),
                "{source}"
            );
        }
    }
}
