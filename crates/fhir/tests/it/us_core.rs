//! The table of must-support elements against the published profiles of US Core, and its examples against the table: run
//! where the folder `fhir/us-core` of the corpus holds the unpacked package `hl7.fhir.us.core` 7.0.0.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use ehr_fhir::us_core::{Coverage, Obligation, must_support};
use ehr_fhir::{ParseOptions, parse_resource, r4::Resource};
use serde_json::{Value, json};

use crate::corpus;

/// Elements of a profile that are asked for: how, and whether they and all around them are required.
type Asked = BTreeMap<String, (Obligation, bool)>;

fn profiles(folder: &std::path::Path) -> BTreeMap<String, (String, Asked)> {
    let mut out = BTreeMap::new();
    let named = |path: &PathBuf| path.to_string_lossy().contains("/StructureDefinition-");
    for path in corpus::json_files(folder).into_iter().filter(named) {
        let profile: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        if profile["type"] == "Extension" {
            continue;
        }
        let mut asked = Asked::new();
        let mut optional: Vec<&str> = Vec::new();
        for element in profile["snapshot"]["element"].as_array().unwrap() {
            let id = element["id"].as_str().unwrap();
            let inside = |outer: &&str| {
                id.strip_prefix(*outer)
                    .is_some_and(|rest| rest.starts_with(['.', ':']))
            };
            let required = element["min"].as_u64() >= Some(1) && !optional.iter().any(inside);
            if element["min"] == 0 && id.contains('.') {
                optional.push(id);
            }
            let uscdi = element["extension"].as_array().is_some_and(|extensions| {
                extensions
                    .iter()
                    .any(|extension| extension["url"].as_str().unwrap().ends_with("uscdi-requirement"))
            });
            let obligation = match (element["mustSupport"] == true, uscdi) {
                (true, _) => Obligation::MustSupport,
                (false, true) => Obligation::Uscdi,
                (false, false) => continue,
            };
            let (_, id) = id.split_once('.').unwrap();
            asked.insert(id.to_owned(), (obligation, required));
        }
        let name = profile["id"].as_str().unwrap().to_owned();
        out.insert(name, (profile["type"].as_str().unwrap().to_owned(), asked));
    }
    out
}

fn folder() -> Option<PathBuf> {
    corpus::folder("fhir/us-core/package")
}

fn of_profile<'r>(report: &'r [Coverage], name: &str) -> impl Iterator<Item = &'r Coverage> {
    report.iter().filter(move |row| row.profile == name)
}

#[test]
fn the_table_is_that_of_the_published_profiles() {
    let Some(folder) = folder() else { return };
    let profiles = profiles(&folder);
    for (name, (kind, asked)) in &profiles {
        let url = format!("http://hl7.org/fhir/us/core/StructureDefinition/{name}");
        let json = json!({"resourceType": kind, "meta": {"profile": [url]}});
        let resource = parse_resource(json.to_string().as_bytes(), &ParseOptions::default())
            .unwrap()
            .value;
        let report = must_support([&resource]);
        let ours: BTreeSet<(&str, Obligation)> = of_profile(&report, name)
            .map(|row| (row.element, row.obligation))
            .collect();
        let theirs: BTreeSet<(&str, Obligation)> = asked
            .iter()
            .map(|(element, (obligation, _))| (element.as_str(), *obligation))
            .collect();
        assert_eq!(ours, theirs, "{name}");
    }
    println!("{} profiles compared", profiles.len());
}

#[test]
fn examples_have_what_their_profiles_require() {
    let Some(folder) = folder() else { return };
    let profiles = profiles(&folder);
    let (mut examples, mut checked, mut wrong) = (0, 0, Vec::new());
    for path in corpus::json_files(&folder.join("example")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let parsed = parse_resource(&std::fs::read(&path).unwrap(), &ParseOptions::default()).unwrap();
        let named: Vec<String> = match &parsed.value {
            Resource::Bundle(_) => continue,
            resource => {
                let json: Value = serde_json::from_slice(&ehr_fhir::to_json_vec(resource)).unwrap();
                let urls = json["meta"]["profile"].as_array().into_iter().flatten();
                urls.filter_map(|url| Some(url.as_str()?.rsplit('/').next()?.split('|').next()?.to_owned()))
                    .collect()
            }
        };
        wrong.extend(parsed.findings.iter().map(|finding| format!("{name}: {finding}")));
        let report = must_support([&parsed.value]);
        for profile in named {
            let Some((_, asked)) = profiles.get(&profile) else {
                continue;
            };
            examples += 1;
            for row in of_profile(&report, &profile).filter(|row| asked[row.element].1) {
                checked += 1;
                if row.absent() > 0 {
                    wrong.push(format!("{name}: no {} of {profile}", row.element));
                }
            }
        }
    }
    println!("{checked} required elements looked for in {examples} examples");
    assert!(checked > examples, "almost nothing was looked for");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_says_nothing_is_not_present() {
    let read = |members: &str| {
        let json = format!(r#"{{"resourceType":"Patient",{members}}}"#);
        ehr_fhir::parse_resource(json.as_bytes(), &ehr_fhir::ParseOptions::default())
            .unwrap()
            .value
    };
    let present = |members: &str, element: &str| {
        let report = ehr_fhir::us_core::must_support([&read(members)]);
        report
            .iter()
            .find(|row| row.element == element)
            .map(|row| row.present)
    };
    let race = |inside: &str| {
        let url = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race";
        present(
            &format!(r#""extension":[{{"url":"{url}"{inside}}}]"#),
            "extension:race",
        )
    };
    assert_eq!(
        present(r#""telecom":[{"system":"phone","value":""}]"#, "telecom.value"),
        Some(0)
    );
    assert_eq!(
        present(r#""telecom":[{"system":"phone","value":"1"}]"#, "telecom.value"),
        Some(1)
    );
    assert_eq!(present(r#""name":[{"given":["", " "]}]"#, "name.given"), Some(0));
    assert_eq!(present(r#""name":[{"id":"x"}]"#, "name"), Some(0));
    assert_eq!(race(""), Some(0));
    assert_eq!(race(r#","extension":[{"url":"text"}]"#), Some(0));
    assert_eq!(race(r#","extension":[{"url":"text","valueString":""}]"#), Some(0));
    assert_eq!(
        race(r#","extension":[{"url":"text","valueString":"White"}]"#),
        Some(1)
    );
    assert_eq!(
        race(r#","extension":[{"url":"ombCategory","valueCoding":{"code":"2106-3"}}]"#),
        Some(1)
    );
}

#[test]
fn a_sex_that_is_said_twice_and_not_the_same_is_not_known() {
    let sex = |values: &[&str]| {
        let url = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex";
        let extensions: Vec<Value> = values
            .iter()
            .map(|code| json!({"url": url, "valueCode": code}))
            .collect();
        let json = json!({"resourceType": "Patient", "extension": extensions}).to_string();
        let patient = ehr_fhir::parse::<ehr_fhir::r4::Patient>(json.as_bytes(), &ParseOptions::default())
            .unwrap()
            .value;
        ehr_fhir::us_core::birth_sex(&patient).map(str::to_owned)
    };
    assert_eq!(sex(&["F"]).as_deref(), Some("F"));
    assert_eq!(sex(&["F", "F"]).as_deref(), Some("F"));
    assert_eq!(sex(&["F", "M"]), None);
    assert_eq!(sex(&[]), None);
}
