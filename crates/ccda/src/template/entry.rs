//! What an entry states.

use super::entry_template::ENTRY_TEMPLATES;
use super::lookup;
use super::section::SectionKind;
use crate::xml::Element;

/// What an entry states. Variants are named after the templates of C-CDA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum EntryKind {
    /// Allergy Concern Act: a wrapper of allergy observations.
    AllergyConcern,
    /// Allergy – Intolerance Observation.
    Allergy,
    /// Problem Concern Act, and the other acts that wrap problem observations (diagnoses).
    ProblemConcern,
    /// Problem Observation.
    Problem,
    /// Health Concern Act or Risk Concern Act.
    HealthConcern,
    /// Medication Activity.
    Medication,
    /// Discharge or Admission Medication: an act that wraps medication activities.
    MedicationWrapper,
    /// Planned Medication Activity.
    PlannedMedication,
    /// Immunization Activity.
    Immunization,
    /// Planned Immunization Activity.
    PlannedImmunization,
    /// Medication Supply Order or Medication Dispense that stands alone.
    Supply,
    /// Result Organizer.
    ResultOrganizer,
    /// Vital Signs Organizer.
    VitalSignsOrganizer,
    /// Result Observation.
    Result,
    /// Vital Sign Observation.
    VitalSign,
    /// Any other organizer over observations (functional and mental status, advance directives).
    ObservationOrganizer,
    /// Social history: smoking status, tobacco use, pregnancy, occupation and others.
    SocialHistory,
    /// Birth Sex Observation.
    BirthSex,
    /// Gender Identity Observation.
    GenderIdentity,
    /// Tribal Affiliation Observation.
    TribalAffiliation,
    /// Functional or mental status, assessment scales, caregiver characteristics.
    Status,
    /// Any other observation.
    Observation,
    /// Procedure Activity Procedure, Act or Observation.
    Procedure,
    /// Planned Procedure, Act or Observation.
    PlannedService,
    /// Encounter Activity.
    Encounter,
    /// Planned Encounter.
    PlannedEncounter,
    /// Family History Organizer.
    FamilyHistory,
    /// Family History Observation that stands alone.
    FamilyHistoryObservation,
    /// Goal Observation.
    Goal,
    /// Instruction.
    Instruction,
    /// Intervention Act or Planned Intervention Act.
    Intervention,
    /// Care Team Organizer.
    CareTeam,
    /// Non-Medicinal Supply Activity.
    Equipment,
    /// Planned Supply.
    PlannedSupply,
    /// Medical Equipment Organizer.
    EquipmentOrganizer,
    /// Advance Directive Observation.
    AdvanceDirective,
    /// Coverage Activity.
    Coverage,
    /// Policy Activity that stands alone.
    Policy,
    /// Note Activity.
    Note,
    /// Comment Activity.
    Comment,
    /// Entry Reference or External Document Reference: points elsewhere.
    Reference,
    /// Section Time Range Observation.
    SectionTimeRange,
    /// Any other act.
    Act,
}

use EntryKind as E;
use SectionKind as S;

impl EntryKind {
    /// The kind of entry with this template root.
    pub fn from_template(root: &str) -> Option<Self> {
        lookup(ENTRY_TEMPLATES, root)
    }

    /// The kind of a clinical statement (`act`, `observation`, `organizer`…): its templates first; without a known
    /// template, what such an element means in such a section.
    pub fn of(statement: Element<'_>, section: SectionKind) -> Self {
        let by_template = statement
            .children("templateId")
            .filter_map(|id| id.peek().attribute("root"))
            .filter_map(Self::from_template)
            // Of several the most special, of equals the last: senders list the general ones first.
            .max_by_key(|kind| kind.speciality());
        let mood = statement.peek().attribute("moodCode").unwrap_or("EVN");
        let planned = !matches!(mood, "EVN" | "EVN.CRT");
        match by_template {
            Some(kind) if kind.fits(statement.name()) => kind.in_mood(mood),
            _ => Self::by_section(statement, section, planned),
        }
    }

    /// What a statement of this kind states in a mood: what is intended or ordered has not happened, and a goal is no order.
    /// Medications and supplies of them are of one kind in every mood.
    fn in_mood(self, mood: &str) -> Self {
        let planned = matches!(mood, "INT" | "RQO" | "PRP" | "ARQ" | "PRMS" | "APT");
        match self {
            E::Procedure | E::Result | E::VitalSign | E::Status if planned => E::PlannedService,
            E::Encounter if planned => E::PlannedEncounter,
            E::Equipment if planned => E::PlannedSupply,
            E::PlannedService if mood == "GOL" => E::Goal,
            E::Result | E::VitalSign | E::Status | E::Observation if mood == "GOL" => E::Goal,
            kind => kind,
        }
    }

    /// How special a template is. In CCD and IHE PCC an allergy bears the template of problems too, a vital sign that of
    /// results, an immunization that of medications; and everything is an observation.
    fn speciality(self) -> u8 {
        match self {
            E::Observation | E::Act => 0,
            E::Problem
            | E::ProblemConcern
            | E::Medication
            | E::Result
            | E::ResultOrganizer
            | E::SocialHistory
            | E::Status => 1,
            _ => 2,
        }
    }

    /// Whether a statement of this kind can be written as this element. Guards against a template id that was put in the
    /// wrong place.
    fn fits(self, element: &str) -> bool {
        match self {
            E::AllergyConcern
            | E::ProblemConcern
            | E::HealthConcern
            | E::MedicationWrapper
            | E::Instruction
            | E::Intervention
            | E::Coverage
            | E::Policy
            | E::Note
            | E::Comment
            | E::Act => element == "act",
            E::Medication | E::PlannedMedication | E::Immunization | E::PlannedImmunization => {
                element == "substanceAdministration" || (self == E::PlannedMedication && element == "supply")
            }
            E::ResultOrganizer
            | E::VitalSignsOrganizer
            | E::ObservationOrganizer
            | E::FamilyHistory
            | E::CareTeam
            | E::EquipmentOrganizer => element == "organizer",
            E::Supply | E::Equipment | E::PlannedSupply => element == "supply",
            E::Encounter | E::PlannedEncounter => element == "encounter",
            E::Procedure | E::PlannedService => matches!(element, "procedure" | "act" | "observation"),
            E::Allergy
            | E::Problem
            | E::Result
            | E::VitalSign
            | E::SocialHistory
            | E::BirthSex
            | E::GenderIdentity
            | E::TribalAffiliation
            | E::Status
            | E::Observation
            | E::FamilyHistoryObservation
            | E::Goal
            | E::AdvanceDirective
            | E::SectionTimeRange => element == "observation",
            E::Reference => true,
        }
    }

    fn by_section(statement: Element<'_>, section: SectionKind, planned: bool) -> Self {
        let code = statement.child("code");
        let is = |system: &str, wanted: &str| code.is_some_and(|code| code.has_code(system, wanted));
        let wraps = |name| {
            statement
                .children("entryRelationship")
                .any(|relation| relation.child(name).is_some())
        };
        match (statement.name(), section) {
            ("act", _) if is("2.16.840.1.113883.6.1", "48767-8") => E::Comment,
            ("act", _) if is("2.16.840.1.113883.6.1", "34109-9") => E::Note,
            ("act", S::Allergies) if wraps("observation") => E::AllergyConcern,
            ("act", S::Problems | S::HealthConcerns) if wraps("observation") => E::ProblemConcern,
            ("act", S::HealthConcerns) => E::HealthConcern,
            ("act", S::Medications) if wraps("substanceAdministration") => E::MedicationWrapper,
            ("act", S::Procedures) => E::Procedure,
            ("act", S::Payers) => E::Coverage,
            ("act", S::Notes) => E::Note,
            ("act", S::PlanOfTreatment) => E::PlannedService,
            ("act", _) if planned => E::PlannedService,
            ("act", _) if wraps("observation") && is("2.16.840.1.113883.5.6", "CONC") => E::ProblemConcern,
            ("act", _) => E::Act,
            ("observation", _) if statement.peek().attribute("moodCode") == Some("GOL") => E::Goal,
            ("observation", _) if planned && section != S::SocialHistory => E::PlannedService,
            ("observation", S::Allergies) => E::Allergy,
            ("observation", S::Problems | S::HealthConcerns) => E::Problem,
            ("observation", S::Results) => E::Result,
            ("observation", S::VitalSigns) => E::VitalSign,
            ("observation", S::Procedures) => E::Procedure,
            ("observation", S::SocialHistory) => E::SocialHistory,
            ("observation", S::FamilyHistory) => E::FamilyHistoryObservation,
            ("observation", S::Goals) => E::Goal,
            ("observation", S::FunctionalStatus | S::MentalStatus) => E::Status,
            ("observation", S::AdvanceDirectives) => E::AdvanceDirective,
            ("observation", _) => E::Observation,
            ("organizer", S::Results) => E::ResultOrganizer,
            ("organizer", S::VitalSigns) => E::VitalSignsOrganizer,
            ("organizer", S::FamilyHistory) => E::FamilyHistory,
            ("organizer", S::CareTeams) => E::CareTeam,
            ("organizer", S::MedicalEquipment) => E::EquipmentOrganizer,
            ("organizer", _) => match statement.peek().attribute("classCode") {
                Some("BATTERY") => E::ResultOrganizer,
                _ => E::ObservationOrganizer,
            },
            ("substanceAdministration", S::Immunizations) if planned => E::PlannedImmunization,
            ("substanceAdministration", S::Immunizations) => E::Immunization,
            ("substanceAdministration", S::PlanOfTreatment) => E::PlannedMedication,
            ("substanceAdministration", _) => E::Medication,
            ("supply", S::Medications) => E::Supply,
            ("supply", _) if planned => E::PlannedSupply,
            ("supply", _) => E::Equipment,
            ("encounter", _) if planned => E::PlannedEncounter,
            ("encounter", _) => E::Encounter,
            ("procedure", _) if planned => E::PlannedService,
            ("procedure", _) => E::Procedure,
            _ => E::Act,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Document, Limits};

    fn kind(xml: &str, section: SectionKind) -> EntryKind {
        let parsed = Document::parse(xml.as_bytes(), &Limits::default());
        EntryKind::of(parsed.document.root().unwrap(), section)
    }

    #[test]
    fn what_is_intended_has_not_happened() {
        let of = |element: &str, template: &str, mood: &str| {
            let xml = format!(
                "<{element} moodCode='{mood}'><templateId root='2.16.840.1.113883.10.20.22.4.{template}'/></{element}>"
            );
            kind(&xml, S::Other)
        };
        for mood in ["INT", "RQO", "PRMS", "ARQ"] {
            assert_eq!(of("procedure", "14", mood), E::PlannedService);
            assert_eq!(of("encounter", "49", mood), E::PlannedEncounter);
            assert_eq!(of("supply", "50", mood), E::PlannedSupply);
            assert_eq!(of("observation", "2", mood), E::PlannedService);
        }
        assert_eq!(of("procedure", "14", "EVN"), E::Procedure);
        assert_eq!(of("observation", "44", "GOL"), E::Goal);
        // To take an allergy for an order would hide it.
        assert_eq!(of("observation", "7", "INT"), E::Allergy);
    }

    #[test]
    fn an_unknown_or_misplaced_template_falls_back_to_the_section() {
        let known = "<act><templateId root='2.16.840.1.113883.10.20.22.4.30'/></act>";
        assert_eq!(kind(known, S::Other), E::AllergyConcern);
        let unknown =
            "<act><templateId root='1.2.3'/><entryRelationship><observation/></entryRelationship></act>";
        assert_eq!(kind(unknown, S::Allergies), E::AllergyConcern);
        assert_eq!(kind(unknown, S::Other), E::Act);
        let misplaced = "<observation><templateId root='2.16.840.1.113883.10.20.22.4.16'/></observation>";
        assert_eq!(kind(misplaced, S::Results), E::Result);
        assert_eq!(
            kind("<observation moodCode='RQO'/>", S::PlanOfTreatment),
            E::PlannedService
        );
    }

    #[test]
    fn of_several_templates_the_special_one_decides() {
        for roots in [
            ["2.16.840.1.113883.10.20.1.18", "2.16.840.1.113883.10.20.1.28"],
            ["1.3.6.1.4.1.19376.1.5.3.1.4.6", "1.3.6.1.4.1.19376.1.5.3.1.4.5"],
        ] {
            let xml = format!(
                "<observation><templateId root='{}'/><templateId root='{}'/></observation>",
                roots[0], roots[1]
            );
            assert_eq!(kind(&xml, S::Allergies), E::Allergy, "{roots:?}");
        }
    }

    #[test]
    fn no_template_is_listed_twice() {
        let mut roots: Vec<_> = ENTRY_TEMPLATES.iter().map(|(root, _)| *root).collect();
        roots.sort_unstable();
        roots.dedup();
        assert_eq!(roots.len(), ENTRY_TEMPLATES.len());
    }
}
