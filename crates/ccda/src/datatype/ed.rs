//! ED and ST: text, references into the narrative, and embedded data.

use std::borrow::Cow;

use ehr_types::Severity;

use crate::xml::Element;

/// ED as written.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct EncapsulatedData {
    /// Plain text: the content, or what the reference points to in the narrative.
    pub text: Option<String>,
    /// `@mediaType`.
    pub media_type: Option<String>,
    /// Base64 content (`@representation="B64"`), white space removed.
    pub data: Option<String>,
    /// `reference/@value`: `#id` in the narrative, or a URL.
    pub reference: Option<String>,
}

impl std::fmt::Debug for EncapsulatedData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EncapsulatedData(…)")
    }
}

impl<'d> Element<'d> {
    /// ED: text, embedded data and reference.
    pub fn to_encapsulated(self) -> EncapsulatedData {
        let mut out = EncapsulatedData {
            media_type: self.attribute("mediaType").map(str::to_owned),
            reference: self
                .child("reference")
                .and_then(|r| r.attribute("value"))
                .map(str::to_owned),
            ..EncapsulatedData::default()
        };
        self.null_flavor();
        if self.attribute("representation") == Some("B64") {
            let data: String = self.deep_text().unwrap_or_default().split_whitespace().collect();
            if !data.is_empty() {
                out.data = Some(data);
            }
            return out;
        }
        out.text = self.deep_text();
        if out.text.is_none()
            && let Some(target) = self.narrative_target()
        {
            out.text = target.to_plain_text();
        }
        out
    }

    /// The narrative element that the `reference` in this ED points to. A dangling one is reported.
    pub fn narrative_target(self) -> Option<Element<'d>> {
        let reference = self.child("reference")?;
        let id = reference.attribute("value")?;
        let local = match id.strip_prefix('#') {
            Some(local) => local,
            None if id.contains([':', '/']) => return None,
            None => id,
        };
        let target = self.by_id(local);
        if target.is_none() {
            reference.report(
                Severity::Warning,
                "ccda.reference.dangling",
                "the reference points to nothing in the narrative",
            );
        }
        let target = target?;
        if !self.affords(target) {
            reference.report(
                Severity::Error,
                "ccda.limit.references",
                "references lead to more text than the document could honestly have; not followed",
            );
            return None;
        }
        Some(target)
    }

    /// ST: the text of the element, white space collapsed.
    pub fn to_text(self) -> Option<String> {
        self.text().map(Cow::into_owned)
    }
}
