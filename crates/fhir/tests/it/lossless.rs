//! Writing what was read gives the same JSON values, with the same text of every number.

use std::collections::BTreeMap;

use ehr_fhir::{ParseOptions, parse_resource, to_json_pretty, to_json_vec};

use crate::corpus;

/// A JSON value that keeps number texts and the order and repetition of members.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Literal(String),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub(crate) fn read(text: &str) -> Self {
        let raw: &serde_json::value::RawValue = serde_json::from_str(text).unwrap();
        Self::of(raw.get())
    }

    fn of(text: &str) -> Self {
        struct Members(Vec<(String, Box<serde_json::value::RawValue>)>);
        impl<'de> serde::Deserialize<'de> for Members {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                struct V;
                impl<'de> serde::de::Visitor<'de> for V {
                    type Value = Members;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }
                    fn visit_map<A: serde::de::MapAccess<'de>>(
                        self,
                        mut map: A,
                    ) -> Result<Members, A::Error> {
                        let mut out = Vec::new();
                        while let Some(member) = map.next_entry()? {
                            out.push(member);
                        }
                        Ok(Members(out))
                    }
                }
                d.deserialize_map(V)
            }
        }
        match text.as_bytes().first() {
            Some(b'{') => {
                let members: Members = serde_json::from_str(text).unwrap();
                Self::Object(
                    members
                        .0
                        .into_iter()
                        .map(|(k, v)| (k, Self::of(v.get())))
                        .collect(),
                )
            }
            Some(b'[') => {
                let items: Vec<Box<serde_json::value::RawValue>> = serde_json::from_str(text).unwrap();
                Self::Array(items.iter().map(|v| Self::of(v.get())).collect())
            }
            Some(b'"') => Self::Text(serde_json::from_str(text).unwrap()),
            _ => Self::Literal(text.to_owned()),
        }
    }

    /// The same without the order of members.
    pub(crate) fn sorted(self) -> Self {
        match self {
            Self::Array(items) => Self::Array(items.into_iter().map(Self::sorted).collect()),
            Self::Object(mut members) => {
                members.sort_by(|a, b| a.0.cmp(&b.0));
                Self::Object(members.into_iter().map(|(k, v)| (k, v.sorted())).collect())
            }
            other => other,
        }
    }
}

/// Reads and writes; says what is wrong.
pub(crate) fn check(source: &[u8]) -> Result<Vec<ehr_fhir::Finding>, String> {
    let parsed = parse_resource(source, &ParseOptions::default()).map_err(|e| e.to_string())?;
    let text = std::str::from_utf8(source)
        .unwrap()
        .trim_start_matches('\u{feff}');
    let before = Json::read(text).sorted();
    for written in [to_json_vec(&parsed.value), to_json_pretty(&parsed.value)] {
        let written = String::from_utf8(written).unwrap();
        if Json::read(&written).sorted() != before {
            return Err("changed by writing".to_owned());
        }
        let again =
            parse_resource(written.as_bytes(), &ParseOptions::default()).map_err(|e| e.to_string())?;
        if again.value != parsed.value {
            return Err("changed by reading again".to_owned());
        }
        if to_json_vec(&again.value) != to_json_vec(&parsed.value) {
            return Err("not stable".to_owned());
        }
    }
    let ordered = ParseOptions {
        keep_order: true,
        ..ParseOptions::default()
    };
    let kept = parse_resource(source, &ordered).map_err(|e| e.to_string())?;
    for written in [to_json_vec(&kept.value), to_json_pretty(&kept.value)] {
        if Json::read(&String::from_utf8(written).unwrap()) != Json::read(text) {
            return Err("order not kept".to_owned());
        }
    }
    Ok(parsed.findings)
}

#[test]
fn every_example_is_written_as_it_was_read() {
    let mut failures = Vec::new();
    for name in ["fhir/r4-examples", "fhir/synthea", "merge_split"] {
        let Some(folder) = corpus::folder(name) else {
            continue;
        };
        let (mut count, mut lossless, mut findings) = (0, 0, BTreeMap::<String, usize>::new());
        for path in corpus::json_files(&folder) {
            let source = std::fs::read(&path).unwrap();
            let Ok(value) = serde_json::from_slice::<serde_json::Value>(&source) else {
                continue;
            };
            if value["resourceType"].as_str().is_none() {
                continue;
            }
            count += 1;
            match check(&source) {
                Ok(found) => {
                    lossless += 1;
                    if std::env::var_os("EHR_SHOW").is_some() && name == "fhir/r4-examples" {
                        for finding in &found {
                            println!("{} {finding}", path.file_name().unwrap().to_string_lossy());
                        }
                    }
                    for finding in found {
                        *findings.entry(finding.code.to_string()).or_default() += 1;
                    }
                }
                Err(what) => failures.push(format!("{}: {what}", path.display())),
            }
        }
        println!("{name}: {lossless} of {count} lossless; findings {findings:?}");
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
