//! The order of the report, and what it calls things.

use crate::partly::{merge, put};
use crate::scratch;

/// A file of a laboratory with one potassium of Eleanor Vance.
fn result(number: u8, value: &str, status: char) -> String {
    format!(
        "MSH|^~\\&|LIS|LAB|||2026091{number}||ORU^R01^ORU_R01|{number}|P|2.5.1\rPID|1||7^^^LAB^MR||Vance^Eleanor||19580314|F\r\
         OBR|1||F77|2823-3^Potassium^LN|||202609091500\rOBX|1|NM|2823-3^Potassium^LN||{value}|mmol/L|||||{status}|||202609091500\r"
    )
}

/// The part of a report below a heading.
fn part<'r>(report: &'r str, heading: &str) -> Option<&'r str> {
    let (_, below) = report.split_once(heading)?;
    Some(below.split_once("\n#").map_or(below, |(part, _)| part))
}

#[test]
fn a_correction_in_a_later_file_is_no_disagreement() {
    let folder = scratch("report-corrected");
    let input = folder.join("in");
    put(&input, "day1.hl7", result(1, "5.9", 'F'));
    put(&input, "day2.hl7", result(2, "4.9", 'C'));
    let run = merge(&input, &folder.join("out"));
    let corrected = part(&run.report, "### Corrected by their source").unwrap_or_default();
    let row = "| result | **4.9 mmol/L** LAB (day2.hl7) replaces **5.9 mmol/L** LAB (day1.hl7) |";
    assert!(corrected.contains(row), "{}", run.report);
    assert!(!run.report.contains("### Disagreements"), "{}", run.report);
    assert!(!run.report.contains("sources disagree"), "{}", run.report);

    // Two results of one moment, of which none is said to correct the other, are a disagreement.
    put(&input, "day2.hl7", result(2, "4.9", 'F'));
    let run = merge(&input, &folder.join("out"));
    assert!(part(&run.report, "### Corrected by").is_none(), "{}", run.report);
}

#[test]
fn persons_are_listed_by_family_name_and_what_is_nobodys_last() {
    let folder = scratch("report-order");
    let patient = |id: u8, family: &str, given: &str| {
        format!(
            r#"{{"resource":{{"resourceType":"Patient","id":"{id}","name":[{{"family":"{family}","given":["{given}"]}}]}}}}"#
        )
    };
    let problem = r#"{"resource":{"resourceType":"Condition","id":"c","code":{"text":"Gout"},"subject":{"reference":"Patient/9"}}}"#;
    let entries = [
        patient(1, "Young", "Ada"),
        patient(2, "Abbot", "Zoe"),
        patient(3, "abbot", "Ann"),
        problem.to_owned(),
    ]
    .join(",");
    let bundle = format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{entries}]}}"#);
    let run = merge(&put(&folder, "x.json", bundle), &folder.join("out"));
    let index = part(&run.report, "## Persons").unwrap_or_default();
    let listed: Vec<&str> = index
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" |").next())
        .collect();
    let expected = [
        "person",
        "Ann abbot, birth date not known",
        "Zoe Abbot, birth date not known",
        "Ada Young, birth date not known",
        "Entries without a patient: x.json",
    ];
    assert_eq!(listed, expected, "{}", run.report);
    let (_, nobodys) = run
        .report
        .split_once("\n## Entries without a patient: x.json\n")
        .unwrap();
    assert!(nobodys.contains("Gout"), "{nobodys}");
    assert!(
        !nobodys.contains("says anything about"),
        "there is nobody to know of: {nobodys}"
    );
}

#[test]
fn blood_groups_that_cannot_both_be_true_are_a_disagreement() {
    let folder = scratch("report-blood-group");
    let group = |number: u8, year: u16, letter: &str| {
        format!(
            "MSH|^~\\&|LIS|LAB|||{year}0111||ORU^R01^ORU_R01|{number}|P|2.5.1\rPID|1||7^^^LAB^MR||Vance^Eleanor||19580314|F\r\
             OBR|1|P{number}|F{number}|883-9^ABO^LN|||{year}01110800\r\
             OBX|1|ST|883-9^ABO group^LN||{letter}||||||F|||{year}01110800\r"
        )
    };
    let feed = group(1, 2020, "A") + &group(2, 2023, "B");
    let run = merge(&put(&folder, "feed.hl7", feed), &folder.join("out"));
    let disputed = part(&run.report, "### Disagreements").unwrap_or_default();
    assert!(
        disputed.contains("**A**") && disputed.contains("**B**"),
        "{}",
        run.report
    );
    assert!(!run.report.contains("### Corrected by"), "{}", run.report);
}

#[test]
fn a_row_says_what_must_be_known_of_it() {
    let folder = scratch("report-rows");
    let entries = [
        r#"{"resourceType":"Patient","id":"p","name":[{"family":"Vance"}],"birthDate":"1958-03-14"}"#,
        r#"{"resourceType":"MedicationRequest","id":"m","status":"active","intent":"plan","subject":{"reference":"Patient/p"},
            "medicationCodeableConcept":{"text":"Warfarin"},"dosageInstruction":[{"timing":{"event":["2030-01-01"]},
            "patientInstruction":"not with aspirin","doseAndRate":[{"doseQuantity":{"value":5}}]}]}"#,
        r#"{"resourceType":"Immunization","id":"i","status":"completed","patient":{"reference":"Patient/p"},
            "vaccineCode":{"text":"MMR"},"occurrenceDateTime":"2021-10-01","reaction":[{"detail":{"reference":"Observation/o"}}]}"#,
        r#"{"resourceType":"Observation","id":"o","status":"final","subject":{"reference":"Patient/p"},
            "code":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"ASSERTION"}]},
            "focus":[{"reference":"Immunization/i"}],"valueCodeableConcept":{"text":"Anaphylaxis"}}"#,
    ];
    let entries = entries
        .map(|resource| format!(r#"{{"resource":{resource}}}"#))
        .join(",");
    let bundle = format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{entries}]}}"#);
    let run = merge(&put(&folder, "x.json", bundle), &folder.join("out"));
    for (heading, name, words) in [
        (
            "### Medications",
            "| Warfarin |",
            "not with aspirin; dose without a unit | planned | active | 2030-01-01 |",
        ),
        ("### Vaccinations", "| MMR |", "**reaction**: Anaphylaxis |"),
        ("### Results", "| Anaphylaxis |", " of: MMR | final |"),
    ] {
        let rows = part(&run.report, heading).unwrap_or_default();
        let row = rows
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap_or_default();
        assert!(row.contains(words), "{words}: {}", run.report);
    }
}

#[test]
fn another_name_of_a_thing_stands_in_its_row() {
    let folder = scratch("report-names");
    let input = folder.join("in");
    let record = |name: &str| {
        let patient = r#"{"resource":{"resourceType":"Patient","id":"1","identifier":[{"system":"urn:oid:1.2","value":"7"}],"name":[{"family":"Vance","given":["Eleanor"]}],"birthDate":"1958-03-14","gender":"female","telecom":[{"system":"phone","value":"503-555-0147"}]}}"#;
        format!(
            r#"{{"resourceType":"Bundle","type":"collection","entry":[{patient},{{"resource":{{"resourceType":"Condition","id":"c","code":{{"coding":[{{"system":"http://snomed.info/sct","code":"38341003"}}],"text":"{name}"}},"subject":{{"reference":"Patient/1"}}}}}}]}}"#
        )
    };
    put(&input, "a.json", record("Hypertension"));
    put(&input, "b.json", record("High blood pressure"));
    let run = merge(&input, &folder.join("out"));
    assert!(
        run.report
            .contains("| Hypertension | also called: High blood pressure |"),
        "{}",
        run.report
    );
    assert!(!run.report.contains("### Disagreements"), "{}", run.report);
    // What may be another disease is a disagreement, and stands there.
    put(&input, "b.json", record("Diabetes"));
    let run = merge(&input, &folder.join("out"));
    let disputed = part(&run.report, "### Disagreements").unwrap_or_default();
    assert!(disputed.contains("**Diabetes** b.json"), "{}", run.report);
    assert!(!run.report.contains("also called"), "{}", run.report);
}

#[test]
fn what_is_of_a_test_is_said_to_be() {
    let folder = scratch("report-test-data");
    let input = folder.join("in");
    put(&input, "live.hl7", result(1, "4.9", 'F'));
    let run = merge(&input, &folder.join("out"));
    assert!(part(&run.report, "## Test data").is_none(), "{}", run.report);
    put(
        &input,
        "test.hl7",
        result(2, "4.9", 'F').replacen("|P|2.5.1", "|T|2.5.1", 1),
    );
    let run = merge(&input, &folder.join("out"));
    let told = part(&run.report, "## Test data").unwrap_or_default();
    assert!(told.contains("test.hl7`: 1 message\n"), "{}", run.report);
    assert!(!told.contains("live.hl7"), "{}", run.report);
    let allergy = r#"{"resourceType":"AllergyIntolerance","id":"a","meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"HTEST"}]},"code":{"text":"Latex"},"patient":{"reference":"Patient/1"}}"#;
    let bundle = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{{"resourceType":"Patient","id":"1"}}}},{{"resource":{allergy}}}]}}"#
    );
    let run = merge(&put(&folder, "x.json", bundle), &folder.join("out"));
    assert!(run.report.contains("| Latex | **test data** |"), "{}", run.report);
}
