//! The registry of code systems and identifier namespaces: URI ⇄ OID ⇄ HL7 v2 name.

use std::borrow::Cow;

/// A code system or identifier namespace and the names that formats give it.
///
/// Facts: FHIR R4 [terminologies-systems](https://hl7.org/fhir/R4/terminologies-systems.html) and
/// [identifier registry](https://hl7.org/fhir/R4/identifier-registry.html), the HL7 OID registry, HL7 v2 table 0396.
///
/// ```
/// use ehr_types::CodeSystem;
/// assert_eq!(CodeSystem::by_oid("2.16.840.1.113883.6.1"), Some(&CodeSystem::LOINC));
/// assert_eq!(CodeSystem::by_v2_name("LN").unwrap().uri, "http://loinc.org");
/// assert_eq!(CodeSystem::uri_of_v2_name("HL70001").unwrap(), "http://terminology.hl7.org/CodeSystem/v2-0001");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CodeSystem {
    /// Short name for people.
    pub name: &'static str,
    /// Canonical URI.
    pub uri: &'static str,
    /// OIDs, the canonical one first.
    pub oids: &'static [&'static str],
    /// Names in HL7 v2 (CWE-3, table 0396), the canonical one first.
    pub v2_names: &'static [&'static str],
    /// Other URIs seen for it.
    pub aliases: &'static [&'static str],
}

macro_rules! systems {
    ($($(#[$doc:meta])* $id:ident = $name:literal, $uri:literal, [$($oid:literal),*], [$($v2:literal),*] $(, [$($alias:literal),*])?;)*) => {
        impl CodeSystem {
            $($(#[$doc])* pub const $id: CodeSystem = CodeSystem {
                name: $name,
                uri: $uri,
                oids: &[$($oid),*],
                v2_names: &[$($v2),*],
                aliases: &[$($($alias),*)?],
            };)*
        }

        /// Every system of the registry.
        static ALL: &[CodeSystem] = &[$(CodeSystem::$id),*];
    };
}

systems! {
    /// Logical Observation Identifiers Names and Codes.
    LOINC = "LOINC", "http://loinc.org", ["2.16.840.1.113883.6.1"], ["LN", "LOINC"];
    /// SNOMED Clinical Terms.
    SNOMED_CT = "SNOMED CT", "http://snomed.info/sct", ["2.16.840.1.113883.6.96"], ["SCT", "SCT2", "SNM", "SNM3", "SNOMED"], ["http://snomed.info/id", "https://snomed.info/sct"];
    /// RxNorm.
    RXNORM = "RxNorm", "http://www.nlm.nih.gov/research/umls/rxnorm", ["2.16.840.1.113883.6.88"], ["RXNORM", "RXN"];
    /// ICD-10-CM, the clinical modification of the United States.
    ICD_10_CM = "ICD-10-CM", "http://hl7.org/fhir/sid/icd-10-cm", ["2.16.840.1.113883.6.90"], ["I10C", "ICD-10-CM", "ICD10CM"];
    /// ICD-10 of the World Health Organization.
    ICD_10 = "ICD-10", "http://hl7.org/fhir/sid/icd-10", ["2.16.840.1.113883.6.3"], ["I10", "ICD10"];
    /// ICD-10-PCS procedures.
    ICD_10_PCS = "ICD-10-PCS", "http://www.cms.gov/Medicare/Coding/ICD10", ["2.16.840.1.113883.6.4"], ["I10P", "ICD10PCS"];
    /// ICD-9-CM diagnoses.
    ICD_9_CM = "ICD-9-CM", "http://hl7.org/fhir/sid/icd-9-cm", ["2.16.840.1.113883.6.103", "2.16.840.1.113883.6.42"], ["I9C", "I9CDX", "I9", "ICD9"], ["http://terminology.hl7.org/CodeSystem/icd9cm", "http://hl7.org/fhir/sid/icd-9-cm/diagnosis"];
    /// ICD-9-CM procedures.
    ICD_9_CM_PROCEDURES = "ICD-9-CM procedures", "http://terminology.hl7.org/CodeSystem/icd9cm-procedures", ["2.16.840.1.113883.6.104"], ["I9CP"], ["http://hl7.org/fhir/sid/icd-9-cm/procedure"];
    /// Vaccines administered (CDC).
    CVX = "CVX", "http://hl7.org/fhir/sid/cvx", ["2.16.840.1.113883.12.292", "2.16.840.1.113883.6.59"], ["CVX"];
    /// Manufacturers of vaccines (CDC).
    MVX = "MVX", "http://hl7.org/fhir/sid/mvx", ["2.16.840.1.113883.12.227"], ["MVX"], ["http://terminology.hl7.org/CodeSystem/MVX"];
    /// National Drug Code.
    NDC = "NDC", "http://hl7.org/fhir/sid/ndc", ["2.16.840.1.113883.6.69"], ["NDC"];
    /// Unified Code for Units of Measure.
    UCUM = "UCUM", "http://unitsofmeasure.org", ["2.16.840.1.113883.6.8"], ["UCUM"];
    /// Current Procedural Terminology (AMA): codes only, no table is held here.
    CPT = "CPT", "http://www.ama-assn.org/go/cpt", ["2.16.840.1.113883.6.12"], ["C4", "CPT", "CPT4", "CPT-4"];
    /// Healthcare Common Procedure Coding System, level II.
    HCPCS = "HCPCS", "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", ["2.16.840.1.113883.6.285", "2.16.840.1.113883.6.14"], ["HCPCS", "HPC"], ["http://terminology.hl7.org/CodeSystem/HCPCS"];
    /// Code on Dental Procedures and Nomenclature.
    CDT = "CDT", "http://www.ada.org/cdt", ["2.16.840.1.113883.6.13"], ["CD2"];
    /// Unique Ingredient Identifier (FDA).
    UNII = "UNII", "http://fdasis.nlm.nih.gov", ["2.16.840.1.113883.4.9"], ["UNII"];
    /// Medication Reference Terminology (formerly NDF-RT).
    MED_RT = "MED-RT", "http://va.gov/terminology/medrt", ["2.16.840.1.113883.6.345"], ["MEDRT"];
    /// National Drug File Reference Terminology.
    NDF_RT = "NDF-RT", "http://hl7.org/fhir/ndfrt", ["2.16.840.1.113883.3.26.1.5", "2.16.840.1.113883.6.209"], ["NDFRT"];
    /// National Cancer Institute Thesaurus.
    NCI_THESAURUS = "NCI Thesaurus", "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl", ["2.16.840.1.113883.3.26.1.1"], ["NCIT"];
    /// Race and ethnicity of the CDC.
    CDC_RACE = "CDC Race and Ethnicity", "urn:oid:2.16.840.1.113883.6.238", ["2.16.840.1.113883.6.238"], ["CDCREC"], ["http://terminology.hl7.org/CodeSystem/CDCREC"];
    /// Health care provider taxonomy (NUCC).
    NUCC = "NUCC provider taxonomy", "http://nucc.org/provider-taxonomy", ["2.16.840.1.113883.6.101"], ["NUCC", "PTX"];
    /// Healthcare Service Location (NHSN).
    HSLOC = "HSLOC", "https://www.cdc.gov/nhsn/cdaportal/terminology/codesystem/hsloc.html", ["2.16.840.1.113883.6.259"], ["HSLOC"], ["http://terminology.hl7.org/CodeSystem/HSLOC"];
    /// Place of service (CMS).
    PLACE_OF_SERVICE = "CMS place of service", "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set", ["2.16.840.1.113883.6.50"], ["POS"];
    /// NUBC patient discharge status.
    NUBC_DISCHARGE = "NUBC patient discharge status", "http://www.nubc.org/patient-discharge", ["2.16.840.1.113883.6.301.5", "2.16.840.1.113883.6.21"], ["NUBC"];
    /// Source of payment typology.
    PAYER_TYPOLOGY = "Source of Payment Typology", "https://nahdo.org/sopt", ["2.16.840.1.113883.3.221.5"], ["SOPT"];
    /// Languages by BCP 47.
    BCP_47 = "BCP 47 language tags", "urn:ietf:bcp:47", ["2.16.840.1.113883.6.121", "2.16.840.1.113883.1.11.11526"], ["ISO6392", "ISO639"];
    /// Countries by ISO 3166-1, codes of two letters.
    ISO_3166 = "ISO 3166", "urn:iso:std:iso:3166", ["1.0.3166.1.2.2", "2.16.840.1.113883.5.28"], ["ISO3166_1", "ISO3166-1"];
    /// States of the United States (FIPS 5-2).
    FIPS_STATE = "FIPS state", "urn:oid:2.16.840.1.113883.6.92", ["2.16.840.1.113883.6.92"], ["FIPS5_2"];
    /// US Social Security Number.
    US_SSN = "US SSN", "http://hl7.org/fhir/sid/us-ssn", ["2.16.840.1.113883.4.1"], ["USSSA", "SSA"];
    /// US National Provider Identifier.
    US_NPI = "US NPI", "http://hl7.org/fhir/sid/us-npi", ["2.16.840.1.113883.4.6"], ["NPI"];
    /// Medicare Beneficiary Identifier.
    US_MBI = "US Medicare beneficiary identifier", "http://hl7.org/fhir/sid/us-mbi", ["2.16.840.1.113883.4.927"], ["MBI"];
    /// US Drug Enforcement Administration number.
    US_DEA = "US DEA number", "urn:oid:2.16.840.1.113883.4.814", ["2.16.840.1.113883.4.814"], ["DEA"];
    /// Device identifiers, the first part of a UDI, as GS1 issues them.
    GS1_DI = "GS1 device identifier", "http://hl7.org/fhir/NamingSystem/gs1-di", ["1.3.160"], [];
    /// Unique device identifiers (FDA).
    FDA_UDI = "FDA UDI", "http://hl7.org/fhir/NamingSystem/fda-udi", ["2.16.840.1.113883.3.3719"], [];
    /// HL7 v3 AdministrativeGender.
    V3_ADMINISTRATIVE_GENDER = "v3 AdministrativeGender", "http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender", ["2.16.840.1.113883.5.1"], [];
    /// HL7 v3 MaritalStatus.
    V3_MARITAL_STATUS = "v3 MaritalStatus", "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", ["2.16.840.1.113883.5.2"], [];
    /// HL7 v3 ActCode.
    V3_ACT_CODE = "v3 ActCode", "http://terminology.hl7.org/CodeSystem/v3-ActCode", ["2.16.840.1.113883.5.4"], [];
    /// HL7 v3 ActClass.
    V3_ACT_CLASS = "v3 ActClass", "http://terminology.hl7.org/CodeSystem/v3-ActClass", ["2.16.840.1.113883.5.6"], [];
    /// HL7 v3 ActPriority.
    V3_ACT_PRIORITY = "v3 ActPriority", "http://terminology.hl7.org/CodeSystem/v3-ActPriority", ["2.16.840.1.113883.5.7"], [];
    /// HL7 v3 ActReason.
    V3_ACT_REASON = "v3 ActReason", "http://terminology.hl7.org/CodeSystem/v3-ActReason", ["2.16.840.1.113883.5.8"], [];
    /// HL7 v3 ActStatus.
    V3_ACT_STATUS = "v3 ActStatus", "http://terminology.hl7.org/CodeSystem/v3-ActStatus", ["2.16.840.1.113883.5.14"], [];
    /// HL7 v3 Confidentiality.
    V3_CONFIDENTIALITY = "v3 Confidentiality", "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", ["2.16.840.1.113883.5.25"], [];
    /// HL7 v3 EntityNameUse.
    V3_ENTITY_NAME_USE = "v3 EntityNameUse", "http://terminology.hl7.org/CodeSystem/v3-EntityNameUse", ["2.16.840.1.113883.5.45"], [];
    /// HL7 v3 ObservationInterpretation.
    V3_OBSERVATION_INTERPRETATION = "v3 ObservationInterpretation", "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", ["2.16.840.1.113883.5.83"], ["HL70078"];
    /// HL7 v3 ObservationMethod.
    V3_OBSERVATION_METHOD = "v3 ObservationMethod", "http://terminology.hl7.org/CodeSystem/v3-ObservationMethod", ["2.16.840.1.113883.5.84"], [];
    /// HL7 v3 ParticipationFunction.
    V3_PARTICIPATION_FUNCTION = "v3 ParticipationFunction", "http://terminology.hl7.org/CodeSystem/v3-ParticipationFunction", ["2.16.840.1.113883.5.88"], [];
    /// HL7 v3 ParticipationType.
    V3_PARTICIPATION_TYPE = "v3 ParticipationType", "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", ["2.16.840.1.113883.5.90"], [];
    /// HL7 v3 RoleClass.
    V3_ROLE_CLASS = "v3 RoleClass", "http://terminology.hl7.org/CodeSystem/v3-RoleClass", ["2.16.840.1.113883.5.110"], [];
    /// HL7 v3 RoleCode.
    V3_ROLE_CODE = "v3 RoleCode", "http://terminology.hl7.org/CodeSystem/v3-RoleCode", ["2.16.840.1.113883.5.111"], [];
    /// HL7 v3 RouteOfAdministration.
    V3_ROUTE_OF_ADMINISTRATION = "v3 RouteOfAdministration", "http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration", ["2.16.840.1.113883.5.112"], [];
    /// HL7 v3 LanguageAbilityMode.
    V3_LANGUAGE_ABILITY_MODE = "v3 LanguageAbilityMode", "http://terminology.hl7.org/CodeSystem/v3-LanguageAbilityMode", ["2.16.840.1.113883.5.60"], [];
    /// HL7 v3 LanguageAbilityProficiency.
    V3_LANGUAGE_ABILITY_PROFICIENCY = "v3 LanguageAbilityProficiency", "http://terminology.hl7.org/CodeSystem/v3-LanguageAbilityProficiency", ["2.16.840.1.113883.5.61"], [];
    /// HL7 v3 NullFlavor.
    V3_NULL_FLAVOR = "v3 NullFlavor", "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", ["2.16.840.1.113883.5.1008"], [];
    /// HL7 v3 Religious Affiliation.
    V3_RELIGIOUS_AFFILIATION = "v3 ReligiousAffiliation", "http://terminology.hl7.org/CodeSystem/v3-ReligiousAffiliation", ["2.16.840.1.113883.5.1076"], [];
    /// HL7 v3 AddressUse.
    V3_ADDRESS_USE = "v3 AddressUse", "http://terminology.hl7.org/CodeSystem/v3-AddressUse", ["2.16.840.1.113883.5.1119"], [];
    /// HL7 v3 TimingEvent.
    V3_TIMING_EVENT = "v3 TimingEvent", "http://terminology.hl7.org/CodeSystem/v3-TimingEvent", ["2.16.840.1.113883.5.139"], [];
    /// HL7 v3 EntityCode.
    V3_ENTITY_CODE = "v3 EntityCode", "http://terminology.hl7.org/CodeSystem/v3-EntityCode", ["2.16.840.1.113883.5.1060"], [];
    /// HL7 v3 SpecimenType.
    V3_SPECIMEN_TYPE = "v3 SpecimenType", "http://terminology.hl7.org/CodeSystem/v3-SpecimenType", ["2.16.840.1.113883.5.129"], [];
}

const V2_URI: &str = "http://terminology.hl7.org/CodeSystem/v2-";
const V2_OID: &str = "2.16.840.1.113883.12.";

impl CodeSystem {
    /// Every system of the registry; HL7 v2 tables that have no entry of their own follow the rule of
    /// [`uri_of_oid`](Self::uri_of_oid).
    pub fn all() -> &'static [CodeSystem] {
        ALL
    }

    /// The system with this URI, canonical or alias; a trailing slash does not matter.
    pub fn by_uri(uri: &str) -> Option<&'static CodeSystem> {
        let uri = uri.strip_suffix('/').unwrap_or(uri);
        ALL.iter()
            .find(|known| known.uri == uri || known.aliases.contains(&uri))
    }

    /// The system with this OID (without `urn:oid:`).
    pub fn by_oid(oid: &str) -> Option<&'static CodeSystem> {
        ALL.iter().find(|known| known.oids.contains(&oid))
    }

    /// The system with this HL7 v2 name (CWE-3), in any case.
    pub fn by_v2_name(name: &str) -> Option<&'static CodeSystem> {
        ALL.iter().find(|known| {
            known
                .v2_names
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name))
        })
    }

    /// The URI of a code system OID: the registry's, that of an HL7 v2 table (OID …12.*n*), else `urn:oid:…`.
    pub fn uri_of_oid(oid: &str) -> Cow<'static, str> {
        if let Some(known) = Self::by_oid(oid) {
            return Cow::Borrowed(known.uri);
        }
        match oid.strip_prefix(V2_OID).map(str::parse::<u32>) {
            Some(Ok(table)) if table < 10_000 => Cow::Owned(format!("{V2_URI}{table:04}")),
            _ => Cow::Owned(format!("urn:oid:{oid}")),
        }
    }

    /// The URI of an HL7 v2 coding system name: the registry's, or that of a table (`HL7nnnn`). `None` for local
    /// systems (`L`, `99…`) and names that are not known.
    pub fn uri_of_v2_name(name: &str) -> Option<Cow<'static, str>> {
        if let Some(known) = Self::by_v2_name(name) {
            return Some(Cow::Borrowed(known.uri));
        }
        let table = name
            .get(..3)
            .filter(|prefix| prefix.eq_ignore_ascii_case("HL7"))
            .and_then(|_| name.get(3..))?;
        let number: u32 = table
            .trim_start_matches(['-', '_'])
            .parse()
            .ok()
            .filter(|number| *number < 10_000)?;
        Some(Cow::Owned(format!("{V2_URI}{number:04}")))
    }

    /// The OID of a URI: the registry's, that of an HL7 v2 table, or the one inside `urn:oid:…`.
    pub fn oid_of_uri(uri: &str) -> Option<Cow<'_, str>> {
        if let Some(oid) = Self::by_uri(uri).and_then(|known| known.oids.first()) {
            return Some(Cow::Borrowed(*oid));
        }
        if let Some(oid) = oid_of_urn(uri) {
            return Some(Cow::Borrowed(oid));
        }
        let table: u32 = uri.strip_prefix(V2_URI)?.parse().ok()?;
        Some(Cow::Owned(format!("{V2_OID}{table}")))
    }

    /// The HL7 v2 name of a URI: the registry's, or `HL7nnnn` for a v2 table.
    pub fn v2_name_of_uri(uri: &str) -> Option<Cow<'_, str>> {
        if let Some(name) = Self::by_uri(uri).and_then(|known| known.v2_names.first()) {
            return Some(Cow::Borrowed(*name));
        }
        let table: u32 = uri.strip_prefix(V2_URI)?.parse().ok()?;
        Some(Cow::Owned(format!("HL7{table:04}")))
    }
}

/// The OID inside `urn:oid:…`.
pub(crate) fn oid_of_urn(uri: &str) -> Option<&str> {
    uri.strip_prefix("urn:oid:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_its_system() {
        for system in CodeSystem::all() {
            assert_eq!(CodeSystem::by_uri(system.uri), Some(system));
            for oid in system.oids {
                assert_eq!(CodeSystem::by_oid(oid), Some(system), "{oid}");
            }
            for name in system.v2_names {
                assert_eq!(CodeSystem::by_v2_name(name), Some(system), "{name}");
            }
        }
    }

    #[test]
    fn v2_tables_follow_a_rule() {
        assert_eq!(
            CodeSystem::uri_of_oid("2.16.840.1.113883.12.1"),
            "http://terminology.hl7.org/CodeSystem/v2-0001"
        );
        assert_eq!(CodeSystem::uri_of_oid("1.2.3"), "urn:oid:1.2.3");
        assert_eq!(
            CodeSystem::oid_of_uri("http://terminology.hl7.org/CodeSystem/v2-0203").unwrap(),
            "2.16.840.1.113883.12.203"
        );
        assert_eq!(
            CodeSystem::v2_name_of_uri("http://terminology.hl7.org/CodeSystem/v2-0203").unwrap(),
            "HL70203"
        );
        assert_eq!(CodeSystem::uri_of_v2_name("L"), None);
        assert_eq!(CodeSystem::uri_of_v2_name("99LAB"), None);
    }
}
