//! Nothing is lost: what a statement says is in a record of the chart or in a residual, whatever its form.

use ehr_ccda::import;
use ehr_model::{ImportOptions, Source};
use proptest::prelude::*;
use proptest::sample::select;

use crate::properties::config;

/// Where a word goes that occurs once in the document.
const WORD: &str = "@@";

/// Templates of statements, known to the importer and not, in places where they fit and where they do not.
const TEMPLATES: &[&str] = &[
    "",
    "1.2.3.4",
    "2.16.840.1.113883.10.20.22.4.30",
    "2.16.840.1.113883.10.20.22.4.7",
    "2.16.840.1.113883.10.20.22.4.3",
    "2.16.840.1.113883.10.20.22.4.4",
    "2.16.840.1.113883.10.20.22.4.132",
    "2.16.840.1.113883.10.20.22.4.16",
    "2.16.840.1.113883.10.20.22.4.35",
    "2.16.840.1.113883.10.20.22.4.42",
    "2.16.840.1.113883.10.20.22.4.52",
    "2.16.840.1.113883.10.20.22.4.17",
    "2.16.840.1.113883.10.20.22.4.18",
    "2.16.840.1.113883.10.20.22.4.1",
    "2.16.840.1.113883.10.20.22.4.26",
    "2.16.840.1.113883.10.20.22.4.2",
    "2.16.840.1.113883.10.20.22.4.27",
    "2.16.840.1.113883.10.20.22.4.38",
    "2.16.840.1.113883.10.20.22.4.14",
    "2.16.840.1.113883.10.20.22.4.41",
    "2.16.840.1.113883.10.20.22.4.49",
    "2.16.840.1.113883.10.20.22.4.40",
    "2.16.840.1.113883.10.20.22.4.45",
    "2.16.840.1.113883.10.20.22.4.121",
    "2.16.840.1.113883.10.20.22.4.20",
    "2.16.840.1.113883.10.20.22.4.131",
    "2.16.840.1.113883.10.20.22.4.500",
    "2.16.840.1.113883.10.20.22.4.50",
    "2.16.840.1.113883.10.20.22.4.202",
    "2.16.840.1.113883.10.20.22.4.64",
    "2.16.840.1.113883.10.20.22.4.8",
    "2.16.840.1.113883.10.20.22.4.9",
    "2.16.840.1.113883.10.20.22.4.6",
    "2.16.840.1.113883.10.20.22.4.28",
    "2.16.840.1.113883.10.20.22.4.147",
    "2.16.840.1.113883.10.20.15.3.8",
    "2.16.840.1.113883.10.20.22.4.19",
    "2.16.840.1.113883.10.20.22.4.60",
    "2.16.840.1.113883.10.20.22.4.145",
    "2.16.840.1.113883.10.20.22.4.31",
    "2.16.840.1.113883.10.20.22.4.200",
];

const SECTIONS: &[&str] = &[
    "48765-2", "11450-4", "10160-0", "29549-3", "10183-2", "11369-6", "30954-2", "8716-3", "47519-4",
    "46240-8", "29762-2", "10157-6", "61146-7", "75310-3", "18776-5", "85847-2", "46264-8", "47420-5",
    "42348-3", "48768-6", "34109-9", "11111-1",
];

/// What may stand in a statement beside its code, each with words of its own.
const PARTS: &[&str] = &[
    "",
    "<value xsi:type='CD' code='@@' codeSystem='1.2.3' displayName='@@'><translation code='@@' codeSystem='1.2.4'/></value>",
    "<value xsi:type='ST'>@@</value>",
    "<value xsi:type='PQ' value='5' unit='{@@}'/>",
    "<text>@@</text>",
    "<participant typeCode='CSM'><participantRole classCode='MANU'><playingEntity classCode='MMAT'><code code='@@' \
     codeSystem='1.2.3'/><name>@@</name></playingEntity></participantRole></participant>",
    "<consumable><manufacturedProduct><manufacturedMaterial><code code='@@' codeSystem='1.2.3'/><lotNumberText>@@</lotNumberText>\
     </manufacturedMaterial></manufacturedProduct></consumable>",
    "<performer><assignedEntity><id root='1.2.9' extension='@@'/><assignedPerson><name><family>@@</family></name>\
     </assignedPerson></assignedEntity></performer>",
    "<author><time value='2020'/><assignedAuthor><id root='1.2.8' extension='@@'/><assignedPerson><name><given>@@</given></name>\
     </assignedPerson></assignedAuthor></author>",
    "<routeCode code='@@' codeSystem='1.2.3'/>",
    "<targetSiteCode code='@@' codeSystem='1.2.3'/>",
    "<interpretationCode code='@@' codeSystem='1.2.3'/>",
    "<referenceRange><observationRange><text>@@</text></observationRange></referenceRange>",
    "<precondition><criterion><value xsi:type='CD' code='@@' codeSystem='1.2.3'/></criterion></precondition>",
    "<unheardOf><of code='@@'/>@@</unheardOf>",
    "<id root='1.2.7' extension='@@'/>",
    "<effectiveTime xsi:type='IVL_TS'><low value='##'/><high value='##'/></effectiveTime>",
    "<effectiveTime value='##'/>",
    "<effectiveTime xsi:type='IVL_TS'><low value='##'/><width value='$$' unit='d'/></effectiveTime>",
    "<effectiveTime xsi:type='IVL_TS'><low value='##'/></effectiveTime><effectiveTime xsi:type='PIVL_TS' operator='A'>\
     <phase><low value='##'/><width value='$$' unit='h'/></phase><period value='$$' unit='d'/></effectiveTime>\
     <effectiveTime xsi:type='PIVL_TS'><period><low value='$$' unit='h'/><high value='$$' unit='h'/></period></effectiveTime>\
     <effectiveTime xsi:type='PIVL_TS' operator='E'><period value='$$' unit='wk'/></effectiveTime>",
    "<doseQuantity value='$$' unit='mg'/>",
    "<priorityCode code='@@' codeSystem='1.2.3'/>",
    "<product><manufacturedProduct><id root='1.2.6' extension='@@'/><manufacturedMaterial><code code='@@' codeSystem='1.2.3'/>\
     <lotNumberText>@@</lotNumberText></manufacturedMaterial></manufacturedProduct></product>",
];

/// Where a day goes that occurs once in the document, and where such a number goes.
const DAY: &str = "##";
const NUMBER: &str = "$$";

fn statement(depth: u32) -> BoxedStrategy<String> {
    let nested = if depth == 0 {
        Just(Vec::new()).boxed()
    } else {
        proptest::collection::vec(
            (
                select(vec!["MFST", "SUBJ", "RSON", "REFR", "COMP", "CAUS"]),
                statement(depth - 1),
            ),
            0..3,
        )
        .boxed()
    };
    let head = (
        select(vec![
            "act",
            "observation",
            "organizer",
            "procedure",
            "encounter",
            "substanceAdministration",
            "supply",
        ]),
        select(vec!["EVN", "EVN", "EVN", "INT", "RQO", "GOL"]),
        select(vec!["", "", "", " negationInd='true'", " negationInd='false'"]),
        select(TEMPLATES),
        // A code that says something, and codes that say of what kind the statement is.
        select(vec![
            "@@",
            "@@",
            "ASSERTION",
            "SEV",
            "33999-4",
            "48767-8",
            "8480-6",
            "8462-4",
            "59408-5",
            "3150-0",
            "77975-1",
        ]),
    );
    (head, proptest::collection::vec(select(PARTS), 0..4), nested)
        .prop_map(|((name, mood, negation, template, code), parts, nested)| {
            let mut out = format!("<{name} classCode='X' moodCode='{mood}'{negation}>");
            if !template.is_empty() {
                out.push_str(&format!("<templateId root='{template}'/>"));
            }
            out.push_str(&format!("<code code='{code}'/><statusCode code='completed'/>"));
            let mut seen: Vec<&str> = Vec::new();
            for part in parts {
                // CDA has each part once.
                let kind = part.split([' ', '>']).next().unwrap_or_default();
                if !seen.contains(&kind) {
                    seen.push(kind);
                    out.push_str(part);
                }
            }
            for (relation, inner) in nested {
                let link = if name == "organizer" {
                    "component"
                } else {
                    "entryRelationship"
                };
                out.push_str(&format!("<{link} typeCode='{relation}'>{inner}</{link}>"));
            }
            out.push_str(&format!("</{name}>"));
            out
        })
        .boxed()
}

/// A document of one section, and the words in it.
fn document(section: &str, statements: &[String]) -> (String, Vec<String>) {
    let entries = statements
        .iter()
        .map(|inner| format!("<entry>{inner}</entry>"))
        .collect::<Vec<_>>()
        .concat();
    let template = format!(
        "<ClinicalDocument xmlns='urn:hl7-org:v3' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><recordTarget><patientRole>\
         <id root='1.2' extension='p'/></patientRole></recordTarget><component><structuredBody><component><section>\
         <code code='{section}' codeSystem='2.16.840.1.113883.6.1'/>{entries}</section></component></structuredBody></component>\
         </ClinicalDocument>"
    );
    let mut words = Vec::new();
    let mut source = template;
    for mark in [WORD, DAY, NUMBER] {
        let mut filled = String::new();
        for (index, part) in source.split(mark).enumerate() {
            if index > 0 {
                let word = match mark {
                    WORD => format!("Word{index:04x}"),
                    DAY => format!(
                        "{}{:02}{:02}",
                        1900 + index / 336,
                        1 + index / 28 % 12,
                        1 + index % 28
                    ),
                    _ => format!("{}", 700_000 + index),
                };
                filled.push_str(&word);
                words.push(word);
            }
            filled.push_str(part);
        }
        source = filled;
    }
    (source, words)
}

/// All strings of a record; what looks like base64 also as what it stands for, because notes are attachments.
fn push_words(value: &serde_json::Value, out: &mut String) {
    match value {
        serde_json::Value::String(text) => {
            out.push_str(text);
            out.push(' ');
            out.push_str(&decoded(text));
            out.push(' ');
        }
        serde_json::Value::Array(list) => list.iter().for_each(|value| push_words(value, out)),
        serde_json::Value::Object(members) => members.values().for_each(|value| push_words(value, out)),
        _ => {}
    }
}

fn decoded(text: &str) -> String {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut out) = (0_u32, 0, Vec::new());
    for digit in text.chars().map_while(|c| alphabet.find(c)) {
        bits = (bits << 6) | u32::try_from(digit).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count).unwrap());
            bits &= (1 << count) - 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_word_of_a_statement_is_in_the_chart_or_residual(
        section in select(SECTIONS),
        statements in proptest::collection::vec(statement(2), 1..3),
    ) {
        let (source, words) = document(section, &statements);
        let mut options = ImportOptions::new(Source::new("p"));
        // The original would hold every word.
        options.keep_originals = false;
        let chart = import(source.as_bytes(), &options).unwrap().charts.remove(0);
        let mut said = String::new();
        for entry in &chart.entries {
            push_words(&serde_json::to_value(&entry.record).unwrap(), &mut said);
            said.push_str(&entry.residual.iter().map(|leaf| leaf.content.as_str()).collect::<Vec<_>>().join(" "));
        }
        said.push_str(&chart.residual.iter().map(|leaf| leaf.content.as_str()).collect::<Vec<_>>().join(" "));
        // Days are written in another form.
        let said = said.replace('-', "");
        let lost: Vec<_> = words.iter().filter(|word| !said.contains(word.as_str())).collect();
        prop_assert!(lost.is_empty(), "lost {lost:?} of {source}");
    }
}
