//! Codes of HL7 v2 tables in the vocabularies that FHIR binds its elements to, by the ConceptMaps of the v2-to-FHIR guide,
//! and languages as tags of BCP 47. A translation stands beside the code of the source, never in its place.

use ehr_types::{CodeSystem, Coding};

const MARITAL_STATUS: &str = CodeSystem::V3_MARITAL_STATUS.uri;
const RELIGION: &str = CodeSystem::V3_RELIGIOUS_AFFILIATION.uri;
const ROLE_CODE: &str = CodeSystem::V3_ROLE_CODE.uri;
const ROUTE: &str = CodeSystem::V3_ROUTE_OF_ADMINISTRATION.uri;
const ACT_PRIORITY: &str = CodeSystem::V3_ACT_PRIORITY.uri;
const SNOMED_CT: &str = CodeSystem::SNOMED_CT.uri;

/// Table, code in it, system and code of the translation; sorted by table and code.
#[rustfmt::skip]
const TRANSLATIONS: &[(u16, &str, &str, &str)] = &[
    (2, "A", MARITAL_STATUS, "L"),
    (2, "B", MARITAL_STATUS, "U"),
    (2, "C", MARITAL_STATUS, "C"),
    (2, "D", MARITAL_STATUS, "D"),
    (2, "E", MARITAL_STATUS, "L"),
    (2, "G", MARITAL_STATUS, "T"),
    (2, "I", MARITAL_STATUS, "I"),
    (2, "M", MARITAL_STATUS, "M"),
    (2, "N", MARITAL_STATUS, "A"),
    (2, "P", MARITAL_STATUS, "T"),
    (2, "R", MARITAL_STATUS, "T"),
    (2, "S", MARITAL_STATUS, "S"),
    (2, "W", MARITAL_STATUS, "W"),
    (6, "A", RELIGION, "1007"),
    (6, "AGN", RELIGION, "1004"),
    (6, "ANG", RELIGION, "1005"),
    (6, "AOG", RELIGION, "1061"),
    (6, "ATH", RELIGION, "1007"),
    (6, "B", RELIGION, "1009"),
    (6, "BAH", RELIGION, "1008"),
    (6, "BAP", RELIGION, "1009"),
    (6, "BMA", RELIGION, "1029"),
    (6, "BRE", RELIGION, "1062"),
    (6, "BTH", RELIGION, "1051"),
    (6, "CAT", RELIGION, "1041"),
    (6, "CHR", RELIGION, "1013"),
    (6, "CHS", RELIGION, "1063"),
    (6, "CNF", RELIGION, "1014"),
    (6, "COC", RELIGION, "1064"),
    (6, "COG", RELIGION, "1065"),
    (6, "COL", RELIGION, "1066"),
    (6, "CRR", RELIGION, "1079"),
    (6, "DOC", RELIGION, "1067"),
    (6, "E", RELIGION, "1069"),
    (6, "EOT", RELIGION, "1068"),
    (6, "EPI", RELIGION, "1069"),
    (6, "FRQ", RELIGION, "1071"),
    (6, "FUL", RELIGION, "1072"),
    (6, "HOT", RELIGION, "1020"),
    (6, "HSH", RELIGION, "1020"),
    (6, "HVA", RELIGION, "1020"),
    (6, "J", RELIGION, "1026"),
    (6, "JAI", RELIGION, "1024"),
    (6, "JWN", RELIGION, "1025"),
    (6, "L", RELIGION, "1028"),
    (6, "LUT", RELIGION, "1028"),
    (6, "M", RELIGION, "1027"),
    (6, "MET", RELIGION, "1073"),
    (6, "MOM", RELIGION, "1027"),
    (6, "MOS", RELIGION, "1023"),
    (6, "MSH", RELIGION, "1045"),
    (6, "MSU", RELIGION, "1049"),
    (6, "N", RELIGION, "1020"),
    (6, "NAM", RELIGION, "1074"),
    (6, "NAZ", RELIGION, "1075"),
    (6, "ORT", RELIGION, "1036"),
    (6, "P", RELIGION, "1077"),
    (6, "PEN", RELIGION, "1038"),
    (6, "PRC", RELIGION, "1078"),
    (6, "PRE", RELIGION, "1076"),
    (6, "PRO", RELIGION, "1077"),
    (6, "QUA", RELIGION, "1071"),
    (6, "REC", RELIGION, "1079"),
    (6, "SAA", RELIGION, "1080"),
    (6, "SEV", RELIGION, "1001"),
    (6, "SHN", RELIGION, "1046"),
    (6, "SIK", RELIGION, "1047"),
    (6, "SPI", RELIGION, "1048"),
    (6, "UCC", RELIGION, "1082"),
    (6, "UNI", RELIGION, "1052"),
    (6, "UNU", RELIGION, "1081"),
    (63, "BRO", ROLE_CODE, "BRO"),
    (63, "CHD", ROLE_CODE, "CHILD"),
    (63, "DOM", ROLE_CODE, "SIGOTHR"),
    (63, "EXF", ROLE_CODE, "EXT"),
    (63, "FCH", ROLE_CODE, "CHLDFOST"),
    (63, "FND", ROLE_CODE, "FRND"),
    (63, "FTH", ROLE_CODE, "FTH"),
    (63, "GCH", ROLE_CODE, "GRNDCHILD"),
    (63, "GRP", ROLE_CODE, "GRPRN"),
    (63, "MTH", ROLE_CODE, "MTH"),
    (63, "NCH", ROLE_CODE, "NCHILD"),
    (63, "PAR", ROLE_CODE, "PRN"),
    (63, "SCH", ROLE_CODE, "STPCHLD"),
    (63, "SEL", ROLE_CODE, "ONESELF"),
    (63, "SIB", ROLE_CODE, "SIB"),
    (63, "SIS", ROLE_CODE, "SIS"),
    (63, "SPO", ROLE_CODE, "SPS"),
    (162, "ID", ROUTE, "IDINJ"),
    (162, "IM", ROUTE, "IM"),
    (162, "IV", ROUTE, "IVINJ"),
    (162, "PO", ROUTE, "PO"),
    (162, "SC", ROUTE, "SQ"),
    (162, "TD", ROUTE, "TRNSDERM"),
    (165, "CH", SNOMED_CT, "419747000"),
    (165, "DI", SNOMED_CT, "421682005"),
    (165, "IS", SNOMED_CT, "421257003"),
    (165, "SH", SNOMED_CT, "420606003"),
    (165, "WA", SNOMED_CT, "422152000"),
    (217, "1", ACT_PRIORITY, "EM"),
    (217, "2", ACT_PRIORITY, "UR"),
    (217, "3", ACT_PRIORITY, "EL"),
    (276, "CHECKUP", SNOMED_CT, "866149003"),
    (276, "EMERGENCY", SNOMED_CT, "373110003"),
    (276, "FOLLOWUP", SNOMED_CT, "185389009"),
    (276, "ROUTINE", SNOMED_CT, "3780001"),
];

/// ISO 639-2 and ISO 639-1 of languages that have both; BCP 47 takes the shorter. Sorted.
#[rustfmt::skip]
const LANGUAGES: &[(&str, &str)] = &[
    ("aar", "aa"),
    ("afr", "af"),
    ("alb", "sq"),
    ("amh", "am"),
    ("ara", "ar"),
    ("arm", "hy"),
    ("ben", "bn"),
    ("bos", "bs"),
    ("bul", "bg"),
    ("bur", "my"),
    ("cat", "ca"),
    ("ces", "cs"),
    ("chi", "zh"),
    ("cym", "cy"),
    ("cze", "cs"),
    ("dan", "da"),
    ("deu", "de"),
    ("dut", "nl"),
    ("ell", "el"),
    ("eng", "en"),
    ("est", "et"),
    ("fas", "fa"),
    ("fin", "fi"),
    ("fra", "fr"),
    ("fre", "fr"),
    ("geo", "ka"),
    ("ger", "de"),
    ("gre", "el"),
    ("guj", "gu"),
    ("hat", "ht"),
    ("heb", "he"),
    ("hin", "hi"),
    ("hrv", "hr"),
    ("hun", "hu"),
    ("hye", "hy"),
    ("ice", "is"),
    ("ind", "id"),
    ("isl", "is"),
    ("ita", "it"),
    ("jpn", "ja"),
    ("kat", "ka"),
    ("khm", "km"),
    ("kor", "ko"),
    ("kur", "ku"),
    ("lao", "lo"),
    ("lat", "la"),
    ("lav", "lv"),
    ("lit", "lt"),
    ("mac", "mk"),
    ("mal", "ml"),
    ("mar", "mr"),
    ("may", "ms"),
    ("mkd", "mk"),
    ("mon", "mn"),
    ("msa", "ms"),
    ("mya", "my"),
    ("nav", "nv"),
    ("nep", "ne"),
    ("nld", "nl"),
    ("nor", "no"),
    ("pan", "pa"),
    ("per", "fa"),
    ("pol", "pl"),
    ("por", "pt"),
    ("pus", "ps"),
    ("ron", "ro"),
    ("rum", "ro"),
    ("rus", "ru"),
    ("slk", "sk"),
    ("slo", "sk"),
    ("slv", "sl"),
    ("som", "so"),
    ("spa", "es"),
    ("sqi", "sq"),
    ("srp", "sr"),
    ("swa", "sw"),
    ("swe", "sv"),
    ("tam", "ta"),
    ("tel", "te"),
    ("tgl", "tl"),
    ("tha", "th"),
    ("tir", "ti"),
    ("tur", "tr"),
    ("ukr", "uk"),
    ("urd", "ur"),
    ("uzb", "uz"),
    ("vie", "vi"),
    ("wel", "cy"),
    ("yid", "yi"),
    ("yor", "yo"),
    ("zho", "zh"),
    ("zul", "zu"),
];

/// The translation of a code of a table.
pub(super) fn translate(table: u16, code: &str) -> Option<Coding> {
    if table == 296 {
        return language(code);
    }
    TRANSLATIONS
        .iter()
        .find(|(of, known, ..)| *of == table && known.eq_ignore_ascii_case(code))
        .map(|(_, _, system, code)| Coding::new(*system, *code))
}

/// The BCP 47 tag of a language given by ISO 639, with or without a region.
fn language(code: &str) -> Option<Coding> {
    let (primary, region) = code
        .split_once(['-', '_'])
        .map_or((code, None), |(primary, region)| (primary, Some(region)));
    let primary = primary.to_ascii_lowercase();
    let short = match primary.len() {
        2 => LANGUAGES
            .iter()
            .any(|(_, short)| *short == primary)
            .then_some(primary.as_str()),
        3 => LANGUAGES
            .iter()
            .find(|(long, _)| *long == primary)
            .map(|(_, short)| *short),
        _ => None,
    }?;
    let tag = match region {
        Some(region) if region.len() == 2 && region.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            format!("{short}-{}", region.to_ascii_uppercase())
        }
        Some(_) => return None,
        None => short.to_owned(),
    };
    Some(Coding::new(CodeSystem::BCP_47.uri, tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn translations_stand_beside() {
        let code = |table, code| translate(table, code).and_then(|coding| coding.code);
        assert_eq!(code(2, "A").as_deref(), Some("L"));
        assert_eq!(code(63, "SPO").as_deref(), Some("SPS"));
        assert_eq!(code(63, "?"), None);
        assert_eq!(code(296, "eng").as_deref(), Some("en"));
        assert_eq!(code(296, "en-us").as_deref(), Some("en-US"));
        assert_eq!(code(296, "E"), None);
    }
}
