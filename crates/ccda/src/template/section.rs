//! What a section is about.

use super::lookup;
use crate::xml::Element;

/// What a section is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SectionKind {
    /// Allergies and intolerances.
    Allergies,
    /// Medications, on admission, at discharge and administered ones included.
    Medications,
    /// Problems, past medical history, admission and discharge diagnoses included.
    Problems,
    /// Immunizations.
    Immunizations,
    /// Results of laboratory tests and other diagnostics.
    Results,
    /// Vital signs and physical findings.
    VitalSigns,
    /// Procedures.
    Procedures,
    /// Encounters.
    Encounters,
    /// Social history.
    SocialHistory,
    /// Family history.
    FamilyHistory,
    /// Goals.
    Goals,
    /// Health concerns.
    HealthConcerns,
    /// Plan of treatment, assessment and plan, interventions.
    PlanOfTreatment,
    /// Care teams.
    CareTeams,
    /// Medical equipment.
    MedicalEquipment,
    /// Functional status.
    FunctionalStatus,
    /// Mental status.
    MentalStatus,
    /// Advance directives.
    AdvanceDirectives,
    /// Payers.
    Payers,
    /// Clinical notes.
    Notes,
    /// Any other: kept as narrative, its entries read by their own templates.
    Other,
}

use SectionKind as S;

/// Section kinds by LOINC code.
const SECTION_CODES: &[(&str, SectionKind)] = &[
    ("48765-2", S::Allergies),
    ("10160-0", S::Medications),
    ("29549-3", S::Medications),
    ("10183-2", S::Medications),
    ("42346-7", S::Medications),
    ("75311-1", S::Medications),
    ("8654-6", S::Medications),
    ("11450-4", S::Problems),
    ("11348-0", S::Problems),
    ("46241-6", S::Problems),
    ("11535-2", S::Problems),
    ("29308-4", S::Problems),
    ("10219-4", S::Problems),
    ("10218-6", S::Problems),
    ("55109-3", S::Problems),
    ("78375-3", S::Problems),
    ("11369-6", S::Immunizations),
    ("30954-2", S::Results),
    ("8716-3", S::VitalSigns),
    ("47519-4", S::Procedures),
    ("46240-8", S::Encounters),
    ("29762-2", S::SocialHistory),
    ("10157-6", S::FamilyHistory),
    ("61146-7", S::Goals),
    ("75310-3", S::HealthConcerns),
    ("46030-3", S::HealthConcerns),
    ("18776-5", S::PlanOfTreatment),
    ("51847-2", S::PlanOfTreatment),
    ("62387-6", S::PlanOfTreatment),
    ("85847-2", S::CareTeams),
    ("46264-8", S::MedicalEquipment),
    ("47420-5", S::FunctionalStatus),
    ("10190-7", S::MentalStatus),
    ("42348-3", S::AdvanceDirectives),
    ("48768-6", S::Payers),
    ("34109-9", S::Notes),
    ("11506-3", S::Notes),
    ("34117-2", S::Notes),
    ("18842-5", S::Notes),
    ("11488-4", S::Notes),
    ("28570-0", S::Notes),
    ("57133-1", S::Notes),
    ("11502-2", S::Notes),
    ("11526-1", S::Notes),
    ("18748-4", S::Notes),
];

/// Section kinds by template root.
const SECTION_TEMPLATES: &[(&str, SectionKind)] = &[
    ("2.16.840.1.113883.10.20.22.2.6", S::Allergies),
    ("2.16.840.1.113883.10.20.22.2.6.1", S::Allergies),
    ("2.16.840.1.113883.3.88.11.83.102", S::Allergies),
    ("2.16.840.1.113883.10.20.1.2", S::Allergies),
    ("1.3.6.1.4.1.19376.1.5.3.1.3.13", S::Allergies),
    ("2.16.840.1.113883.10.20.22.2.1", S::Medications),
    ("2.16.840.1.113883.10.20.22.2.1.1", S::Medications),
    ("2.16.840.1.113883.10.20.22.2.11", S::Medications),
    ("2.16.840.1.113883.10.20.22.2.11.1", S::Medications),
    ("2.16.840.1.113883.10.20.22.2.38", S::Medications),
    ("2.16.840.1.113883.10.20.22.2.44", S::Medications),
    ("2.16.840.1.113883.10.20.22.2.44.1", S::Medications),
    ("2.16.840.1.113883.3.88.11.83.112", S::Medications),
    ("2.16.840.1.113883.10.20.1.8", S::Medications),
    ("1.3.6.1.4.1.19376.1.5.3.1.3.19", S::Medications),
    ("2.16.840.1.113883.10.20.22.2.5", S::Problems),
    ("2.16.840.1.113883.10.20.22.2.5.1", S::Problems),
    ("2.16.840.1.113883.10.20.22.2.20", S::Problems),
    ("2.16.840.1.113883.10.20.22.2.24", S::Problems),
    ("2.16.840.1.113883.10.20.22.2.34", S::Problems),
    ("2.16.840.1.113883.10.20.22.2.35", S::Problems),
    ("2.16.840.1.113883.10.20.22.2.37", S::Problems),
    ("2.16.840.1.113883.10.20.22.2.43", S::Problems),
    ("2.16.840.1.113883.3.88.11.83.103", S::Problems),
    ("2.16.840.1.113883.10.20.1.11", S::Problems),
    ("1.3.6.1.4.1.19376.1.5.3.1.3.6", S::Problems),
    ("2.16.840.1.113883.10.20.22.2.2", S::Immunizations),
    ("2.16.840.1.113883.10.20.22.2.2.1", S::Immunizations),
    ("2.16.840.1.113883.10.20.1.6", S::Immunizations),
    ("2.16.840.1.113883.3.88.11.83.117", S::Immunizations),
    ("2.16.840.1.113883.10.20.22.2.3", S::Results),
    ("2.16.840.1.113883.10.20.22.2.3.1", S::Results),
    ("2.16.840.1.113883.10.20.1.14", S::Results),
    ("2.16.840.1.113883.3.88.11.83.122", S::Results),
    ("2.16.840.1.113883.10.20.22.2.4", S::VitalSigns),
    ("2.16.840.1.113883.10.20.22.2.4.1", S::VitalSigns),
    ("2.16.840.1.113883.10.20.1.16", S::VitalSigns),
    ("2.16.840.1.113883.10.20.22.2.7", S::Procedures),
    ("2.16.840.1.113883.10.20.22.2.7.1", S::Procedures),
    ("2.16.840.1.113883.10.20.1.12", S::Procedures),
    ("2.16.840.1.113883.10.20.22.2.22", S::Encounters),
    ("2.16.840.1.113883.10.20.22.2.22.1", S::Encounters),
    ("2.16.840.1.113883.10.20.1.3", S::Encounters),
    ("2.16.840.1.113883.10.20.22.2.17", S::SocialHistory),
    ("2.16.840.1.113883.10.20.1.15", S::SocialHistory),
    ("2.16.840.1.113883.10.20.22.2.15", S::FamilyHistory),
    ("2.16.840.1.113883.10.20.1.4", S::FamilyHistory),
    ("2.16.840.1.113883.10.20.22.2.60", S::Goals),
    ("2.16.840.1.113883.10.20.22.2.58", S::HealthConcerns),
    ("2.16.840.1.113883.10.20.22.2.10", S::PlanOfTreatment),
    ("2.16.840.1.113883.10.20.22.2.9", S::PlanOfTreatment),
    ("2.16.840.1.113883.10.20.21.2.3", S::PlanOfTreatment),
    ("2.16.840.1.113883.10.20.1.10", S::PlanOfTreatment),
    ("2.16.840.1.113883.10.20.22.2.500", S::CareTeams),
    ("2.16.840.1.113883.10.20.22.2.23", S::MedicalEquipment),
    ("2.16.840.1.113883.10.20.1.7", S::MedicalEquipment),
    ("2.16.840.1.113883.10.20.22.2.14", S::FunctionalStatus),
    ("2.16.840.1.113883.10.20.1.5", S::FunctionalStatus),
    ("2.16.840.1.113883.10.20.22.2.56", S::MentalStatus),
    ("2.16.840.1.113883.10.20.22.2.21", S::AdvanceDirectives),
    ("2.16.840.1.113883.10.20.22.2.21.1", S::AdvanceDirectives),
    ("2.16.840.1.113883.10.20.1.1", S::AdvanceDirectives),
    ("2.16.840.1.113883.10.20.22.2.18", S::Payers),
    ("2.16.840.1.113883.10.20.1.9", S::Payers),
    ("2.16.840.1.113883.10.20.22.2.65", S::Notes),
    // HITSP C32/C83 and IHE PCC.
    ("2.16.840.1.113883.3.88.11.83.101", S::Payers),
    ("2.16.840.1.113883.3.88.11.83.104", S::Problems),
    ("2.16.840.1.113883.3.88.11.83.108", S::Procedures),
    ("2.16.840.1.113883.3.88.11.83.111", S::Problems),
    ("2.16.840.1.113883.3.88.11.83.113", S::Medications),
    ("2.16.840.1.113883.3.88.11.83.114", S::Medications),
    ("2.16.840.1.113883.3.88.11.83.115", S::Medications),
    ("2.16.840.1.113883.3.88.11.83.116", S::AdvanceDirectives),
    ("2.16.840.1.113883.3.88.11.83.119", S::VitalSigns),
    ("2.16.840.1.113883.3.88.11.83.124", S::PlanOfTreatment),
    ("2.16.840.1.113883.3.88.11.83.125", S::FamilyHistory),
    ("2.16.840.1.113883.3.88.11.83.126", S::SocialHistory),
    ("2.16.840.1.113883.3.88.11.83.127", S::Encounters),
    ("2.16.840.1.113883.3.88.11.83.128", S::MedicalEquipment),
    ("1.3.6.1.4.1.19376.1.5.3.1.1.5.3.4", S::Payers),
    ("1.3.6.1.4.1.19376.1.5.3.1.1.5.3.2", S::VitalSigns),
    ("1.3.6.1.4.1.19376.1.5.3.1.1.5.3.3", S::Encounters),
    ("1.3.6.1.4.1.19376.1.5.3.1.3.8", S::Problems),
    ("1.3.6.1.4.1.19376.1.5.3.1.3.11", S::Procedures),
    ("1.3.6.1.4.1.19376.1.5.3.1.3.12", S::Procedures),
    ("1.3.6.1.4.1.19376.1.5.3.1.3.14", S::FamilyHistory),
    ("1.3.6.1.4.1.19376.1.5.3.1.3.15", S::FamilyHistory),
    ("1.3.6.1.4.1.19376.1.5.3.1.3.16", S::SocialHistory),
    ("1.3.6.1.4.1.19376.1.5.3.1.3.20", S::Medications),
    ("1.3.6.1.4.1.19376.1.5.3.1.3.21", S::Medications),
    ("1.3.6.1.4.1.19376.1.5.3.1.3.22", S::Medications),
    ("1.3.6.1.4.1.19376.1.5.3.1.3.23", S::Immunizations),
    ("1.3.6.1.4.1.19376.1.5.3.1.3.25", S::VitalSigns),
    ("1.3.6.1.4.1.19376.1.5.3.1.3.27", S::Results),
    ("1.3.6.1.4.1.19376.1.5.3.1.3.28", S::Results),
    ("1.3.6.1.4.1.19376.1.5.3.1.3.31", S::PlanOfTreatment),
    ("1.3.6.1.4.1.19376.1.5.3.1.3.34", S::AdvanceDirectives),
    ("1.3.6.1.4.1.19376.1.5.3.1.3.35", S::AdvanceDirectives),
];

impl SectionKind {
    /// The kind of section with this LOINC code.
    pub fn from_loinc(code: &str) -> Option<Self> {
        lookup(SECTION_CODES, code)
    }

    /// The kind of section with this template root.
    pub fn from_template(root: &str) -> Option<Self> {
        lookup(SECTION_TEMPLATES, root)
    }

    /// The kind of a `section` element: its templates first, then its code and the code's translations.
    pub fn of(section: Element<'_>) -> Self {
        let mut templates = section
            .children("templateId")
            .filter_map(|id| id.peek().attribute("root"));
        let code = section.child("code");
        let codes = code
            .into_iter()
            .chain(code.into_iter().flat_map(|code| code.children("translation")));
        templates
            .find_map(Self::from_template)
            .or_else(|| {
                codes
                    .filter_map(|code| code.peek().attribute("code"))
                    .find_map(Self::from_loinc)
            })
            .unwrap_or(Self::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Document, Limits};

    #[test]
    fn sections_are_known_by_template_code_or_translation() {
        let of = |xml: &str| {
            let parsed = Document::parse(xml.as_bytes(), &Limits::default());
            SectionKind::of(parsed.document.root().unwrap())
        };
        assert_eq!(
            of("<section><templateId root='1.2.3'/><code code='48765-2'/></section>"),
            S::Allergies
        );
        assert_eq!(
            of("<section><templateId root='2.16.840.1.113883.10.20.22.2.5.1'/><code code='bad'/></section>"),
            S::Problems
        );
        assert_eq!(
            of("<section><code code='x'><translation code='30954-2'/></code></section>"),
            S::Results
        );
        assert_eq!(of("<section/>"), S::Other);
    }

    #[test]
    fn no_template_is_listed_twice() {
        let mut roots: Vec<_> = SECTION_TEMPLATES.iter().map(|(root, _)| *root).collect();
        roots.sort_unstable();
        roots.dedup();
        assert_eq!(roots.len(), SECTION_TEMPLATES.len());
    }
}
