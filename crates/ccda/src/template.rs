//! The registry of templates: which `templateId` or section code makes what kind of section or entry.
//!
//! Roots decide; the version in `@extension` does not, because a reader of one version can read the other.
//! The facts are those of C-CDA R1.1, R2.1 and their predecessors (CCD/HITSP C32, IHE PCC).

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

/// Section kinds by LOINC code, then by template root.
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
];

/// Entry kinds by template root.
const ENTRY_TEMPLATES: &[(&str, EntryKind)] = &[
    ("2.16.840.1.113883.10.20.22.4.30", E::AllergyConcern),
    ("2.16.840.1.113883.3.88.11.83.6", E::AllergyConcern),
    ("2.16.840.1.113883.10.20.22.4.7", E::Allergy),
    ("2.16.840.1.113883.10.20.24.3.90", E::Allergy),
    ("2.16.840.1.113883.10.20.1.18", E::Allergy),
    ("2.16.840.1.113883.10.20.22.4.3", E::ProblemConcern),
    ("2.16.840.1.113883.3.88.11.83.7", E::ProblemConcern),
    ("2.16.840.1.113883.10.20.22.4.33", E::ProblemConcern),
    ("2.16.840.1.113883.10.20.22.4.34", E::ProblemConcern),
    ("2.16.840.1.113883.10.20.22.4.51", E::ProblemConcern),
    ("2.16.840.1.113883.10.20.22.4.65", E::ProblemConcern),
    ("2.16.840.1.113883.10.20.22.4.80", E::ProblemConcern),
    ("2.16.840.1.113883.10.20.22.4.4", E::Problem),
    ("2.16.840.1.113883.10.20.1.28", E::Problem),
    ("2.16.840.1.113883.10.20.22.4.19", E::Problem),
    ("2.16.840.1.113883.10.20.22.4.132", E::HealthConcern),
    ("2.16.840.1.113883.10.20.22.4.136", E::HealthConcern),
    ("2.16.840.1.113883.10.20.22.4.16", E::Medication),
    ("2.16.840.1.113883.3.88.11.83.8", E::Medication),
    ("2.16.840.1.113883.10.20.1.24", E::Medication),
    ("2.16.840.1.113883.10.20.22.4.35", E::MedicationWrapper),
    ("2.16.840.1.113883.10.20.22.4.36", E::MedicationWrapper),
    ("2.16.840.1.113883.10.20.22.4.42", E::PlannedMedication),
    ("2.16.840.1.113883.10.20.22.4.52", E::Immunization),
    ("2.16.840.1.113883.3.88.11.83.13", E::Immunization),
    ("2.16.840.1.113883.10.20.22.4.120", E::PlannedImmunization),
    ("2.16.840.1.113883.10.20.22.4.17", E::Supply),
    ("2.16.840.1.113883.10.20.22.4.18", E::Supply),
    ("2.16.840.1.113883.10.20.22.4.1", E::ResultOrganizer),
    ("2.16.840.1.113883.10.20.1.32", E::ResultOrganizer),
    ("2.16.840.1.113883.10.20.22.4.26", E::VitalSignsOrganizer),
    ("2.16.840.1.113883.10.20.22.4.2", E::Result),
    ("2.16.840.1.113883.10.20.22.4.27", E::VitalSign),
    ("2.16.840.1.113883.10.20.22.4.66", E::ObservationOrganizer),
    ("2.16.840.1.113883.10.20.22.4.75", E::ObservationOrganizer),
    ("2.16.840.1.113883.10.20.22.4.108", E::ObservationOrganizer),
    ("2.16.840.1.113883.3.3251.1.4", E::ObservationOrganizer),
    ("2.16.840.1.113883.10.20.22.4.38", E::SocialHistory),
    ("2.16.840.1.113883.10.20.22.4.78", E::SocialHistory),
    ("2.16.840.1.113883.10.22.4.78", E::SocialHistory),
    ("2.16.840.1.113883.10.20.22.4.85", E::SocialHistory),
    ("2.16.840.1.113883.10.20.15.3.8", E::SocialHistory),
    ("2.16.840.1.113883.10.20.22.4.293", E::SocialHistory),
    ("2.16.840.1.113883.10.20.22.4.501", E::SocialHistory),
    ("2.16.840.1.113883.10.20.22.4.502", E::SocialHistory),
    ("2.16.840.1.113883.10.20.22.4.503", E::SocialHistory),
    ("2.16.840.1.113883.10.20.22.4.504", E::SocialHistory),
    ("2.16.840.1.113883.10.20.22.4.507", E::SocialHistory),
    ("2.16.840.1.113883.10.20.22.4.111", E::SocialHistory),
    ("2.16.840.1.113883.10.20.22.4.109", E::SocialHistory),
    ("2.16.840.1.113883.10.20.22.4.72", E::SocialHistory),
    ("2.16.840.1.113883.10.20.22.4.200", E::BirthSex),
    ("2.16.840.1.113883.10.20.34.3.45", E::GenderIdentity),
    ("2.16.840.1.113883.10.20.22.4.506", E::TribalAffiliation),
    ("2.16.840.1.113883.10.20.22.4.67", E::Status),
    ("2.16.840.1.113883.10.20.22.4.68", E::Status),
    ("2.16.840.1.113883.10.20.22.4.69", E::Status),
    ("2.16.840.1.113883.10.20.22.4.73", E::Status),
    ("2.16.840.1.113883.10.20.22.4.74", E::Status),
    ("2.16.840.1.113883.10.20.22.4.86", E::Status),
    ("2.16.840.1.113883.10.20.22.4.114", E::Status),
    ("2.16.840.1.113883.10.20.22.4.124", E::Status),
    ("2.16.840.1.113883.10.20.22.4.127", E::Status),
    ("2.16.840.1.113883.10.20.22.4.128", E::Status),
    ("2.16.840.1.113883.10.20.22.4.505", E::Status),
    ("2.16.840.1.113883.10.20.22.4.125", E::ObservationOrganizer),
    ("2.16.840.1.113883.10.20.22.4.144", E::Status),
    ("2.16.840.1.113883.10.20.22.4.12", E::Procedure),
    ("2.16.840.1.113883.10.20.22.4.13", E::Procedure),
    ("2.16.840.1.113883.10.20.22.4.14", E::Procedure),
    ("2.16.840.1.113883.10.20.1.29", E::Procedure),
    ("2.16.840.1.113883.10.20.22.4.39", E::PlannedService),
    ("2.16.840.1.113883.10.20.22.4.41", E::PlannedService),
    ("2.16.840.1.113883.10.20.22.4.44", E::PlannedService),
    ("2.16.840.1.113883.10.20.22.4.130", E::PlannedService),
    ("2.16.840.1.113883.10.20.22.4.140", E::PlannedService),
    ("2.16.840.1.113883.10.20.1.25", E::PlannedService),
    ("2.16.840.1.113883.10.20.22.4.49", E::Encounter),
    ("2.16.840.1.113883.10.20.1.21", E::Encounter),
    ("2.16.840.1.113883.10.20.22.4.40", E::PlannedEncounter),
    ("2.16.840.1.113883.10.20.22.4.45", E::FamilyHistory),
    ("2.16.840.1.113883.10.20.1.23", E::FamilyHistory),
    ("2.16.840.1.113883.10.20.22.4.46", E::FamilyHistoryObservation),
    ("2.16.840.1.113883.10.20.22.4.121", E::Goal),
    ("2.16.840.1.113883.10.20.22.4.20", E::Instruction),
    ("2.16.840.1.113883.10.20.22.4.131", E::Intervention),
    ("2.16.840.1.113883.10.20.22.4.146", E::Intervention),
    ("2.16.840.1.113883.10.20.22.4.500", E::CareTeam),
    ("2.16.840.1.113883.10.20.22.4.50", E::Equipment),
    ("2.16.840.1.113883.10.20.22.4.43", E::PlannedSupply),
    ("2.16.840.1.113883.10.20.22.4.135", E::EquipmentOrganizer),
    ("2.16.840.1.113883.10.20.22.4.48", E::AdvanceDirective),
    ("2.16.840.1.113883.10.20.1.17", E::AdvanceDirective),
    ("2.16.840.1.113883.10.20.22.4.60", E::Coverage),
    ("2.16.840.1.113883.10.20.1.20", E::Coverage),
    ("2.16.840.1.113883.10.20.22.4.61", E::Policy),
    ("2.16.840.1.113883.10.20.22.4.202", E::Note),
    ("2.16.840.1.113883.10.20.22.4.64", E::Comment),
    ("2.16.840.1.113883.10.20.22.4.122", E::Reference),
    ("2.16.840.1.113883.10.20.22.4.115", E::Reference),
    ("2.16.840.1.113883.10.20.22.4.201", E::SectionTimeRange),
    // Observations about another statement: read with it, or kept as observations of their own.
    ("2.16.840.1.113883.10.20.22.4.5", E::Observation),
    ("2.16.840.1.113883.10.20.22.4.6", E::Observation),
    ("2.16.840.1.113883.10.20.22.4.8", E::Observation),
    ("2.16.840.1.113883.10.20.22.4.9", E::Observation),
    ("2.16.840.1.113883.10.20.22.4.28", E::Observation),
    ("2.16.840.1.113883.10.20.22.4.31", E::Observation),
    ("2.16.840.1.113883.10.20.22.4.47", E::Observation),
    ("2.16.840.1.113883.10.20.22.4.110", E::Observation),
    ("2.16.840.1.113883.10.20.22.4.113", E::Observation),
    ("2.16.840.1.113883.10.20.22.4.143", E::Observation),
    ("2.16.840.1.113883.10.20.22.4.145", E::Observation),
    ("2.16.840.1.113883.10.20.1.39", E::Observation),
    ("2.16.840.1.113883.10.20.1.50", E::Observation),
    ("2.16.840.1.113883.10.20.1.51", E::Observation),
    ("2.16.840.1.113883.10.20.1.54", E::Observation),
    ("2.16.840.1.113883.10.20.1.55", E::Observation),
];

fn lookup<T: Copy>(table: &[(&str, T)], key: &str) -> Option<T> {
    table
        .iter()
        .find(|(known, _)| *known == key)
        .map(|(_, value)| *value)
}

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
            // Several kinds fit: the more specific one has the later template in C-CDA.
            .last();
        let mood = statement.peek().attribute("moodCode").unwrap_or("EVN");
        let planned = !matches!(mood, "EVN" | "EVN.CRT");
        match by_template {
            Some(kind) if kind.fits(statement.name()) => kind,
            _ => Self::by_section(statement, section, planned),
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
        for table in [
            SECTION_TEMPLATES
                .iter()
                .map(|(root, _)| *root)
                .collect::<Vec<_>>(),
            ENTRY_TEMPLATES.iter().map(|(root, _)| *root).collect(),
        ] {
            let mut sorted = table.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), table.len());
        }
    }
}
