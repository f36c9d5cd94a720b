//! What holds of the conversion of every message.

use std::collections::BTreeMap;

use ehr_hl7v2::convert::import;
use ehr_hl7v2::{Message, Subcomponent};
use ehr_model::{Chart, ImportOptions, Source};
use ehr_types::{CodeSystem, DateTime, Strictness};
use proptest::prelude::*;
use serde_json::Value as Json;

use super::{JANE, message, one, read, residual};

/// `OBX-5` for `MSG[2]/OBX[3]-5[1].1`.
fn field_of(path: &str) -> String {
    let place = path.rsplit('/').next().unwrap_or_default();
    let mut depth = 0;
    let flat: String = place
        .chars()
        .filter(|letter| {
            depth += i32::from(*letter == '[') - i32::from(*letter == ']');
            depth == 0 && *letter != ']'
        })
        .collect();
    flat.split(['.', '#']).next().unwrap_or_default().to_owned()
}

#[test]
fn every_file_of_the_corpus_gives_charts() {
    let Some(files) = crate::corpus::files() else {
        return;
    };
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    let mut unread: BTreeMap<String, usize> = BTreeMap::new();
    let (mut charts, mut refused, mut left) = (0, 0, 0);
    for (name, bytes) in &files {
        let options = ImportOptions::new(Source::new(name.as_str()));
        let import = match import(bytes, &options) {
            Ok(import) => import,
            Err(error) => {
                assert!(!error.findings().is_empty(), "{name}");
                refused += 1;
                continue;
            }
        };
        for finding in &import.findings {
            assert!(
                !finding.location.path.is_empty() || finding.location.span.is_some(),
                "{name}: {finding}"
            );
        }
        charts += import.charts.len();
        for chart in &import.charts {
            let mut ids = std::collections::HashSet::new();
            left += chart.residual_count();
            for entry in &chart.entries {
                assert!(ids.insert(entry.id.clone()), "{name}: an id twice");
                *classes.entry(entry.class().as_str()).or_default() += 1;
                for residual in &entry.residual {
                    *unread.entry(field_of(&residual.location.path)).or_default() += 1;
                }
            }
            let json = serde_json::to_string(chart).unwrap();
            let again: Chart = serde_json::from_str(&json).unwrap();
            assert_eq!(serde_json::to_string(&again).unwrap(), json, "{name}");
        }
    }
    println!(
        "{} files, {charts} charts, {refused} refused, {left} leaves residual",
        files.len()
    );
    println!("{classes:?}");
    let mut unread: Vec<_> = unread.into_iter().collect();
    unread.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    println!("most residual: {:?}", &unread[..unread.len().min(60)]);
    assert!(refused == 0 || files.len() > refused);
}

#[test]
fn strict_refuses_what_lenient_reports() {
    let text = message("ADT^A01", &[JANE]);
    let options = ImportOptions {
        strictness: Strictness::Strict,
        ..ImportOptions::new(Source::new("test"))
    };
    assert!(import(text.as_bytes(), &options).is_ok());
}

#[test]
fn the_same_bytes_give_the_same_import() {
    let text = [
        message("ADT^A01", &[JANE, "PV1|1|O"]),
        message("ORU^R01", &[JANE, "OBR|1||F|T", "OBX|1|ST|T||x||||||F"]),
    ]
    .concat();
    let json = |text: &str| serde_json::to_string(&read(text)).unwrap();
    assert_eq!(json(&text), json(&text));
}

/// Every leaf with content is read or is residual: here, what stands in no entry's text is in the residual.
#[test]
fn nothing_is_lost_without_a_word() {
    let text = message(
        "ADT^A01",
        &[
            JANE,
            "PV1|1|O||||||||||||||||||||||||||||||||||||||||||||||||||||||EXTRA",
            "XYZ|1|two^three&four",
        ],
    );
    let chart = one(&text);
    let left: Vec<String> = residual(&chart).into_iter().map(|(_, content)| content).collect();
    for expected in ["EXTRA", "two", "three", "four"] {
        assert!(left.contains(&expected.to_owned()), "{expected}");
    }
}

fn segment() -> impl Strategy<Value = String> {
    let id = prop::sample::select(vec![
        "PID", "PV1", "PV2", "OBR", "OBX", "ORC", "NTE", "SPM", "DG1", "AL1", "IAM", "IN1", "IN2", "GT1",
        "RXA", "RXR", "RXE", "RXO", "RXD", "TXA", "SCH", "AIS", "AIP", "FT1", "MRG", "NK1", "PR1", "PRB",
        "ROL", "PRT", "TQ1", "EVN", "MSH", "ZZ1", "GOL", "ODS", "RXC", "RXG", "PD1", "FHS", "BTS",
    ]);
    let field = prop_oneof![
        Just(String::new()),
        Just("\"\"".to_owned()),
        "[A-Z0-9^&~\\\\.:<>-]{0,12}",
        "20[0-9]{2,12}[+-]?[0-9]{0,4}",
        Just("A^B^C~D&E^F".to_owned()),
    ];
    (id, prop::collection::vec(field, 0..40)).prop_map(|(id, fields)| format!("{id}|{}\r", fields.join("|")))
}

proptest! {
    #[test]
    fn no_message_makes_it_panic_or_lose_a_segment(segments in prop::collection::vec(segment(), 0..20)) {
        let text = format!("MSH|^~\\&|A|B|||2024||ORU^R01|1|P|2.5\r{}", segments.concat());
        let import = read(&text);
        for chart in &import.charts {
            let json = serde_json::to_string(chart).unwrap();
            let again: Chart = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(serde_json::to_string(&again).unwrap(), json);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut text = b"MSH|^~\\&|A\rPID|".to_vec();
        text.extend(bytes);
        let _ = import(&text, &ImportOptions::new(Source::new("test")));
    }
}

/// All texts of the charts of a message, to look a leaf up in.
#[derive(Default)]
struct Texts {
    whole: std::collections::HashSet<String>,
    joined: String,
    digits: String,
    /// Names of the members that hold them.
    members: std::collections::HashSet<String>,
}

impl Texts {
    fn add(&mut self, json: &Json) {
        match json {
            Json::Null | Json::Bool(_) => {}
            Json::Number(number) => self.add_text(&number.to_string()),
            Json::String(text) => self.add_text(text),
            Json::Array(items) => items.iter().for_each(|item| self.add(item)),
            Json::Object(members) => {
                self.members.extend(members.keys().cloned());
                members.values().for_each(|member| self.add(member));
            }
        }
    }

    fn add_text(&mut self, text: &str) {
        let text = folded(text);
        self.joined.push_str(&text);
        self.joined.push('\n');
        self.digits.extend(text.chars().filter(char::is_ascii_digit));
        self.digits.push('\n');
        self.whole.insert(text);
    }

    /// Whether a leaf stands in a text, or is a code or time that the model spells otherwise.
    fn hold(&self, leaf: &Subcomponent<'_>) -> bool {
        let text = folded(&leaf.text());
        if self.whole.contains(&text) || (text.chars().count() > 3 && self.joined.contains(&text)) {
            return true;
        }
        // Type codes of names, addresses and identifiers, answers, kinds of namespaces.
        let translated =
            text.chars().count() <= 3 || CodeSystem::uri_of_v2_name(leaf.text().trim()).is_some();
        let time = DateTime::parse_hl7(leaf.text().trim()).is_ok();
        let digits: String = text
            .split(['+', '-', '.'])
            .next()
            .unwrap_or_default()
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        translated
            || (time && self.digits.contains(digits.trim_end_matches("00")))
            || self.hold_other_spelling(&leaf.text())
    }

    /// Whether the text stands in the spelling of the model: the URI of a coding system or namespace, the figures of a
    /// telephone number, words without marks for highlighting.
    fn hold_other_spelling(&self, text: &str) -> bool {
        let text = text.trim();
        let uri = match text {
            "Internet" => return self.whole.contains("email"),
            "Minutes" => return self.members.contains("minutes_duration"),
            "GUID" => return self.joined.contains("urn:uuid:"),
            text => folded(&CodeSystem::uri_of_oid(text)),
        };
        let name = text.bytes().map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        });
        let name = folded(&name.collect::<String>());
        let is_number = text.len() >= 7 && text.bytes().all(|byte| byte.is_ascii_digit());
        self.whole.contains(&uri)
            || self.joined.contains(&format!(":{name}\n"))
            || is_number && self.digits.contains(text)
            || self
                .joined
                .contains(&folded(&text.replace("\\H\\", "").replace("\\N\\", "")))
    }
}

fn folded(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

/// Every leaf of every message of the corpus is in an entry, or is residual, or says only how the
/// message is written.
#[test]
fn no_leaf_of_the_corpus_is_lost_in_silence() {
    let Some(files) = crate::corpus::files() else {
        return;
    };
    let (mut leaves, mut lost) = (0, BTreeMap::<String, (usize, String)>::new());
    for (name, bytes) in &files {
        // The original holds every leaf.
        let options = ImportOptions {
            keep_originals: false,
            ..ImportOptions::new(Source::new("corpus"))
        };
        let Ok(import) = import(bytes, &options) else {
            continue;
        };
        if import.charts.is_empty() {
            // What speaks of the exchange alone is in no chart, and that is said.
            let says = |code: &str| import.findings.iter().any(|finding| finding.code == code);
            assert!(says("v2.no-chart") || says("v2.no-patient"), "{name}");
            continue;
        }
        let mut texts = Texts::default();
        texts.add(&serde_json::to_value(&import.charts).unwrap());
        for finding in &import.findings {
            texts.add_text(&finding.code);
        }
        for message in ehr_hl7v2::messages(bytes) {
            let message: Message<'_> = message.unwrap();
            for segment in message
                .segments()
                .filter(|segment| !segment.id().is_header() && !segment.id().is_unknown())
            {
                for field in segment.fields() {
                    for leaf in field
                        .repetitions()
                        .flat_map(|r| r.components())
                        .flat_map(|c| c.subcomponents())
                    {
                        if !leaf.has_text() || leaf.text().trim().is_empty() {
                            continue;
                        }
                        leaves += 1;
                        if !texts.hold(&leaf) {
                            let place = format!(
                                "{}-{}.{}.{}",
                                segment.id(),
                                field.number(),
                                leaf.path().component().unwrap_or(0),
                                leaf.path().subcomponent().unwrap_or(0)
                            );
                            let entry = lost
                                .entry(place)
                                .or_insert((0, format!("{} in {name}", leaf.text())));
                            entry.0 += 1;
                        }
                    }
                }
            }
        }
    }
    let total: usize = lost.values().map(|(count, _)| count).sum();
    let mut worst: Vec<_> = lost.into_iter().collect();
    worst.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    println!(
        "{leaves} leaves of {} files, {total} neither in an entry nor residual",
        files.len()
    );
    for (place, (count, example)) in worst.iter().take(80) {
        println!("{count:6} {place} {example}");
    }
    assert!(total * 1000 < leaves, "{total} of {leaves} leaves are lost");
}
