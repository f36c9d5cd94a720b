//! What a statement is about, and the codes that say no more than of what kind it is.

use ehr_types::CodeableConcept;

use crate::xml::Element;

/// What a statement is about: its code, its value, its product or its participant. Nothing is read.
pub(super) fn leading_concepts(statement: Element<'_>) -> Vec<CodeableConcept> {
    let statement = statement.peek();
    let paths: [&[&'static str]; 4] = [
        &["code"],
        &["value"],
        &[
            "consumable",
            "manufacturedProduct",
            "manufacturedMaterial",
            "code",
        ],
        &["participant", "participantRole", "playingEntity", "code"],
    ];
    let codes = paths.iter().filter_map(|path| statement.find(path));
    codes.filter_map(Element::to_concept).collect()
}

/// Codes that say of a part of a statement what kind of part it is, and no more.
#[rustfmt::skip]
const KINDS: &[&str] = &[
    "ASSERTION",
    "CONC",
    "SEV",
    "DRUG", "IMMUNIZ", "INITIMMUNIZ", "PINSTRUCT", "FINSTRUCT",
    // Sections, used as codes of the acts in them.
    "10160-0", "10183-2", "10218-6", "10219-4", "11450-4", "11535-2", "42346-7", "46030-3", "46240-8",
    "46241-6", "48765-2", "48768-6", "55109-3", "75310-3", "75311-1", "75326-9", "8654-6",
    // Status, severity, criticality, priority, age, date of onset; comment; directions; diagnosis; care team; collection
    // of a specimen.
    "33999-4", "82606-5", "225773000", "397659008", "445518008", "30525-0", "48767-8", "76662-6", "29308-4",
    "85847-2", "86744-0", "86895-1", "17636008",
    // Kinds of problem: finding, symptom, complaint, diagnosis, condition, functional and cognitive limitation.
    "404684003", "418799008", "409586006", "282291009", "64572001", "55607006", "248536006", "373930000",
    "75321-0", "75325-1", "75322-8", "75318-6", "75319-4", "75323-6", "75275-8",
];

/// Whether a code says no more than of what kind a statement is.
pub(super) fn is_kind(code: &str) -> bool {
    KINDS.contains(&code)
}

/// Whether all codes of a concept, and there is one, say no more than that.
pub(super) fn says_kind(concept: &CodeableConcept) -> bool {
    let mut codes = concept
        .codings
        .iter()
        .filter_map(|coding| coding.code.as_deref())
        .peekable();
    codes.peek().is_some() && codes.all(is_kind)
}

/// Reads a code that was only looked at to know what the statement is. One that says more stays residual.
pub(super) fn read_code(statement: Element<'_>) {
    let Some(code) = statement.child("code") else {
        return;
    };
    match code.peek().attribute("code") {
        Some(kind) if is_kind(kind) => {
            code.to_concept();
        }
        Some(_) => {}
        None => {
            code.null_flavor();
        }
    }
}
