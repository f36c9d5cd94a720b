//! The sample data of the README.

use serde_json::Value;

use crate::{ehr, items, json, persons, scratch, text, tree};

const CLINIC: &str = "examples/data/riverside/clinic";
const HOSPITAL: &str = "examples/data/riverside/hospital";
const LAB: &str = "examples/data/riverside/lab";
const REGISTRY: &str = "examples/data/riverside/registry";

fn merged(name: &str, inputs: &[&str]) -> (Value, String) {
    let out = scratch(name);
    let mut args = vec!["merge"];
    args.extend(inputs);
    args.extend(["--out", text(&out)]);
    let output = ehr(&args);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    (
        json(&out.join("merge.json")),
        String::from_utf8(output.stdout).expect("text"),
    )
}

/// The person with this source patient among its members.
fn person<'a>(merge: &'a Value, source: &str, patient: &str) -> &'a Value {
    let is = |member: &Value| {
        member["source"]
            .as_str()
            .is_some_and(|name| name.contains(source))
            && member["patient"] == patient
    };
    let found: Vec<&Value> = persons(merge)
        .iter()
        .filter(|person| person["members"].as_array().unwrap().iter().any(is))
        .collect();
    assert_eq!(found.len(), 1, "{source} {patient} belongs to one person");
    found[0]
}

fn members(person: &Value) -> usize {
    person["members"].as_array().unwrap().len()
}

#[test]
fn eight_people_become_eight_records_and_nothing_is_lost() {
    let (merge, stdout) = merged("riverside", &["examples/data/riverside"]);
    assert_eq!(persons(&merge).len(), 8);
    let table: Vec<&str> = stdout.lines().rev().take(2).collect();
    assert!(
        table[1]
            .split_whitespace()
            .eq("sources persons entries in entries out merged conflicts for review lost".split(' '))
    );
    assert_eq!(table[0].split_whitespace().last(), Some("0"), "lost");

    let eleanor = person(&merge, "hospital/export.json", "pat-5001");
    assert_eq!(members(eleanor), 3, "clinic, hospital and laboratory");
    let samuel = person(&merge, "hospital/export.json", "pat-5008");
    assert!(members(samuel) >= 3, "export, A40 and laboratory");
}

#[test]
fn twins_and_namesakes_stay_apart() {
    let (merge, _) = merged("riverside-apart", &["examples/data/riverside"]);
    let tomas = person(&merge, "export.json", "pat-5004");
    let teodor = person(&merge, "export.json", "pat-5005");
    assert_ne!(tomas["id"], teodor["id"]);
    assert_eq!(
        (members(tomas), members(teodor)),
        (2, 2),
        "hospital and registry each"
    );
    let grace = person(&merge, "export.json", "pat-5007");
    assert_eq!(members(grace), 1, "the older Grace Holloway is someone else");
}

#[test]
fn disagreements_are_shown_with_both_sides() {
    let (merge, _) = merged("riverside-conflicts", &["examples/data/riverside"]);
    let eleanor = person(&merge, "export.json", "pat-5001");
    let allergies = items(eleanor, "AllergyIntolerance");
    assert_eq!(
        allergies.len(),
        2,
        "penicillin, and the hospital's statement of none"
    );
    assert!(allergies.iter().any(|item| item["code"]["code"] == "7980"));
    let warfarin: Vec<&Value> = items(eleanor, "MedicationStatement")
        .into_iter()
        .filter(|item| item["code"]["code"] == "855332")
        .collect();
    assert_eq!(warfarin.len(), 1);
    let status = warfarin[0]["conflicts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|conflict| conflict["field"] == "status");
    let sides: Vec<&Value> = status
        .expect("a conflict")
        .get("values")
        .unwrap()
        .as_array()
        .unwrap()
        .iter()
        .collect();
    assert_eq!(sides.len(), 2, "active at the clinic, stopped at the hospital");

    let marcus = person(&merge, "export.json", "pat-5002");
    let potassium: Vec<&Value> = items(marcus, "Observation")
        .into_iter()
        .filter(|item| item["code"]["code"] == "2823-3")
        .collect();
    assert_eq!(
        potassium.len(),
        1,
        "the corrected result and the one that it corrects are versions of one"
    );
    assert_eq!(potassium[0]["status"], "corrected");
    assert_eq!(potassium[0]["members"].as_array().unwrap().len(), 2);
}

#[test]
fn any_order_of_inputs_gives_the_same_bytes() {
    let (first, second) = (scratch("order-1"), scratch("order-2"));
    assert!(
        ehr(&["merge", CLINIC, HOSPITAL, LAB, REGISTRY, "--out", text(&first)])
            .status
            .success()
    );
    assert!(
        ehr(&["merge", REGISTRY, LAB, HOSPITAL, CLINIC, "--out", text(&second)])
            .status
            .success()
    );
    assert_eq!(tree(&first), tree(&second));
}

#[test]
fn the_report_speaks_to_a_clinician() {
    let out = scratch("riverside-report");
    ehr(&["merge", "examples/data/riverside", "--out", text(&out)]);
    let report = std::fs::read_to_string(out.join("report.md")).unwrap();
    for words in [
        "| Allergies: No known allergy | whether there is any |",
        "Riverside Family Clinic (clinic/vance-eleanor.xml)",
        "| Results and observations: Potassium, 2026-09-20 08:15 | result | **4.4 mmol/L**",
        "replaces **6.9 mmol/L**",
        "| Problems: Essential (primary) hypertension | when it began |",
        "**No known allergy** St. Brigid Hospital (hospital/export.json) — **Penicillin G** Riverside",
        "1 tablet, oral, every day; **sources disagree: status** | taken | stopped |",
        "| Penicillin G | Hives, moderate; **sources disagree: whether there is any** | active |",
        "reference 62 – 115 µmol/L",
        "| Ines Calder MD |  | practitioner |",
        "No source says anything about allergies. That is not the same as having none.",
    ] {
        assert!(report.contains(words), "{words}");
    }
    let (allergies, warfarin) = (
        report.find("| Allergies: No known allergy |"),
        report.find("| Medications: warfarin"),
    );
    assert!(allergies < warfarin, "in the order in which a chart is read");
    for jargon in [
        "[x]",
        "clinicalStatus",
        "20260920",
        "| |  |",
        "ORAL",
        "[Hg]",
        "umol",
        "tbl",
        "| allergy intolerance |",
    ] {
        assert!(!report.contains(jargon), "{jargon}");
    }
}

#[test]
fn the_messages_that_told_of_entries_are_named_in_the_record() {
    let out = scratch("riverside-events");
    assert!(
        ehr(&["merge", "examples/data/riverside", "--out", text(&out)])
            .status
            .success()
    );
    let mut told = Vec::new();
    for person in persons(&json(&out.join("merge.json"))) {
        let name = format!("ehr/{}.json", person["id"].as_str().unwrap());
        let bundle = json(&out.join(name));
        for entry in bundle["entry"].as_array().unwrap() {
            let resource = &entry["resource"];
            if resource["resourceType"] == "Provenance" && !resource["activity"].is_null() {
                assert!(!resource["target"].as_array().unwrap().is_empty());
                told.push(resource["activity"]["text"].as_str().unwrap().to_owned());
            }
        }
    }
    for kind in ["ADT^A40", "ORU^R01", "VXU^V04"] {
        assert!(
            told.iter().any(|text| text.starts_with(kind)),
            "{kind} in {told:?}"
        );
    }
}
