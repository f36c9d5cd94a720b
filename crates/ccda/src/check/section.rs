//! Sections: their codes and parts, and which of them a document must have.

use ehr_types::Severity;

use super::Checker;
use super::code::is_loinc;
use crate::template::SectionKind;
use crate::xml::Element;

/// Template of the Continuity of Care Document.
const CCD: &str = "2.16.840.1.113883.10.20.22.1.2";

impl Checker {
    /// The sections that every CCD has, R1.1 and R2.1 alike.
    pub(super) fn required_sections(&mut self, root: Element<'_>) {
        let ccd = root
            .children("templateId")
            .any(|id| id.attribute("root") == Some(CCD));
        if !ccd || root.find(&["component", "structuredBody"]).is_none() {
            return;
        }
        let present: Vec<_> = root.sections().iter().map(|section| section.kind).collect();
        for (kind, message) in [
            (SectionKind::Allergies, "a CCD without allergies section"),
            (SectionKind::Medications, "a CCD without medications section"),
            (SectionKind::Problems, "a CCD without problems section"),
            (SectionKind::Results, "a CCD without results section"),
        ] {
            if !present.contains(&kind) {
                self.say(Severity::Error, "ccda.check.section.missing", root, message);
            }
        }
    }

    pub(super) fn section(&mut self, section: Element<'_>) {
        let by_template = section
            .children("templateId")
            .filter_map(|id| id.attribute("root"))
            .find_map(SectionKind::from_template);
        match section.child("code") {
            None => self.say(
                Severity::Error,
                "ccda.check.section.code",
                section,
                "a section without code",
            ),
            Some(code) => {
                let value = code.attribute("code");
                let by_code = value.and_then(SectionKind::from_loinc);
                if let (Some(expected), false) = (by_template, code.null_flavor().is_some())
                    && by_code != Some(expected)
                {
                    self.say(
                        Severity::Error,
                        "ccda.check.section.code",
                        code,
                        "the code is not that of the section's template",
                    );
                } else if value.is_some_and(|value| !is_loinc(value))
                    && code
                        .attribute("codeSystem")
                        .is_none_or(|oid| oid == "2.16.840.1.113883.6.1")
                {
                    self.say(
                        Severity::Error,
                        "ccda.check.section.code",
                        code,
                        "not a code of LOINC",
                    );
                }
            }
        }
        for (name, code, message) in [
            ("title", "ccda.check.section.title", "a section without title"),
            ("text", "ccda.check.section.text", "a section without narrative"),
        ] {
            if section.child(name).is_none() {
                self.say(Severity::Warning, code, section, message);
            }
        }
        let required = section
            .children("templateId")
            .filter_map(|id| id.attribute("root"))
            .any(|root| root.ends_with(".1") && SectionKind::from_template(root).is_some());
        if required && section.null_flavor().is_none() && section.child("entry").is_none() {
            self.say(
                Severity::Error,
                "ccda.check.section.entries",
                section,
                "the template demands entries, or a nullFlavor in their place",
            );
        }
    }
}
