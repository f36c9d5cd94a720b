//! Substances whose amounts laboratories tell by mass and by moles: which it is, by its LOINC code, and what a mole of it weighs.
//!
//! Molar masses are those of the chemical formula by the standard atomic weights of IUPAC (CIAAW, abridged). Of triglycerides it is that
//! of triolein, and of urea nitrogen that of the two atoms of nitrogen in a molecule of urea, as laboratories convert them.

use ehr_types::{CodeSystem, CodeableConcept};

/// A substance that is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Analyte {
    /// Grams of a mole.
    pub(crate) molar_mass: f64,
    /// Equivalents of a mole, of an ion.
    pub(crate) valence: Option<f64>,
}

impl Analyte {
    /// The substance that a code of LOINC is about.
    pub(crate) fn of(code: Option<&CodeableConcept>) -> Option<Self> {
        let codings = code?
            .codings
            .iter()
            .filter(|coding| coding.is_of(&CodeSystem::LOINC));
        let mut codes = codings.filter_map(|coding| coding.code.as_deref());
        codes.find_map(|code| {
            let (molar_mass, valence, _) = ANALYTES.iter().find(|(.., codes)| codes.contains(&code))?;
            Some(Self {
                molar_mass: *molar_mass,
                valence: *valence,
            })
        })
    }
}

/// Grams of a mole, equivalents of a mole, and the codes of the results in blood, serum or plasma, by mass or by moles.
const ANALYTES: &[(f64, Option<f64>, &[&str])] = &[
    // Glucose, C6H12O6: random, in blood, by test strip, fasting.
    (
        180.156,
        None,
        &[
            "2345-7", "2339-0", "2340-8", "2341-6", "41653-7", "32016-8", "1558-6", "1557-8", "14749-6",
            "15074-8", "14771-0", "14743-9",
        ],
    ),
    // Creatinine, C4H7N3O.
    (113.120, None, &["2160-0", "38483-4", "14682-9", "59826-8"]),
    // Cholesterol, C27H46O: total, of HDL, of LDL, of VLDL, but HDL.
    (
        386.664,
        None,
        &[
            "2093-3", "14647-2", "2085-9", "14646-4", "2089-1", "13457-7", "18262-6", "18261-8", "22748-8",
            "39469-2", "13458-5", "43396-1", "70204-3",
        ],
    ),
    // Triglycerides, as triolein, C57H104O6.
    (885.45, None, &["2571-8", "3043-7", "14927-8", "12951-0"]),
    // Urea nitrogen, N2 of a molecule of urea; urea, CH4N2O.
    (28.014, None, &["3094-0", "6299-2"]),
    (60.056, None, &["3091-6", "22664-7"]),
    // Uric acid, C5H4N4O3.
    (168.112, None, &["3084-1", "14933-6"]),
    // Bilirubin, C33H36N4O6: total, direct, indirect.
    (
        584.673,
        None,
        &["1975-2", "14631-6", "1968-7", "14629-0", "1971-1", "14630-8"],
    ),
    // Lactate, as lactic acid, C3H6O3.
    (90.078, None, &["2524-7", "32693-4", "2518-9", "30241-4"]),
    // Calcium: total, ionized.
    (
        40.078,
        Some(2.0),
        &["17861-6", "2000-8", "1995-0", "1994-3", "12180-6", "17863-2"],
    ),
    // Magnesium.
    (24.305, Some(2.0), &["19123-9", "2601-3"]),
    // Phosphate, as phosphorus.
    (30.974, None, &["2777-1", "14879-1"]),
    // Iron; its binding capacity, as iron.
    (55.845, None, &["2498-4", "14798-3", "2500-7", "14800-7"]),
    // Sodium, potassium, chloride, lithium.
    (22.990, Some(1.0), &["2951-2", "2947-0"]),
    (39.098, Some(1.0), &["2823-3", "6298-4", "77142-8"]),
    (35.45, Some(1.0), &["2075-0", "2069-3"]),
    (6.94, Some(1.0), &["14334-7", "3719-2"]),
    // Bicarbonate, HCO3, and carbon dioxide, which is told as such.
    (61.016, Some(1.0), &["1963-8", "1959-6", "1960-4"]),
    (44.009, Some(1.0), &["2028-9"]),
];

#[cfg(test)]
mod tests {
    use ehr_types::Coding;

    use super::*;

    #[test]
    fn a_code_stands_in_one_place() {
        let mut all: Vec<&str> = ANALYTES
            .iter()
            .flat_map(|(.., codes)| codes.iter().copied())
            .collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        // The check digit of LOINC: the digits in pairs, as by Luhn.
        for code in all {
            let (number, check) = code.split_once('-').unwrap();
            let sum: u32 = number
                .bytes()
                .rev()
                .enumerate()
                .map(|(at, digit)| {
                    let digit = u32::from(digit - b'0') * if at % 2 == 0 { 2 } else { 1 };
                    digit / 10 + digit % 10
                })
                .sum();
            assert_eq!((10 - sum % 10) % 10, check.parse::<u32>().unwrap(), "{code}");
        }
    }

    #[test]
    fn of_what_is_not_listed_nothing_is_known() {
        let loinc = |code: &str| CodeableConcept::from_coding(Coding::new(CodeSystem::LOINC.uri, code));
        assert!(Analyte::of(Some(&loinc("2345-7"))).is_some());
        assert_eq!(Analyte::of(Some(&loinc("4548-4"))), None);
        assert_eq!(Analyte::of(None), None);
    }
}
