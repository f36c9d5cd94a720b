//! Resources of other releases than R4: read as R4 says it, kept as they were, and told of.

use ehr_fhir::convert::{export_chart, export_entry, import};
use ehr_fhir::{check, to_json_string};
use ehr_model::{Chart, Import, ImportOptions, Occurrence, Record, RecordClass, Source};

fn read(json: &str) -> Import {
    import(json.as_bytes(), &ImportOptions::new(Source::new("s"))).unwrap()
}

fn record(chart: &Chart, class: RecordClass) -> &Record {
    &chart.of_class(class).next().unwrap().record
}

fn told<'i>(import: &'i Import, code: &str) -> Vec<&'i str> {
    let findings = import.findings.iter().filter(|finding| finding.code == code);
    findings
        .inspect(|finding| assert!(finding.message.contains("R5"), "{}", finding.message))
        .map(|finding| finding.location.path.as_str())
        .collect()
}

#[test]
fn an_export_of_r5_is_read() {
    let json = r#"{"resourceType":"Bundle","type":"collection","entry":[
        {"resource":{"resourceType":"Patient","id":"p"}},
        {"resource":{"resourceType":"MedicationRequest","id":"m","status":"active","intent":"order","subject":{"reference":"Patient/p"},
            "medication":{"concept":{"text":"Aspirin"}},"dosageInstruction":[{"asNeeded":true}]}},
        {"resource":{"resourceType":"Encounter","id":"e","status":"completed","subject":{"reference":"Patient/p"},
            "class":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"}]}],
            "actualPeriod":{"start":"2024-01-01"}}},
        {"resource":{"resourceType":"Procedure","id":"o","status":"completed","subject":{"reference":"Patient/p"},
            "code":{"text":"CABG"},"occurrenceDateTime":"2020-02-03"}},
        {"resource":{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/p"},"code":{"text":"Asthma"},
            "participant":[{"actor":{"reference":"Practitioner/1"}}]}}]}"#;
    let import = read(json);
    let chart = &import.charts[0];
    let Record::MedicationRequest(order) = record(chart, RecordClass::MedicationRequest) else {
        panic!()
    };
    assert_eq!(
        order.medication.as_ref().unwrap().text.as_deref(),
        Some("Aspirin")
    );
    assert_eq!(order.dosage[0].as_needed, Some(true));
    let Record::Encounter(encounter) = record(chart, RecordClass::Encounter) else {
        panic!()
    };
    assert_eq!(encounter.class.as_ref().unwrap().code.as_deref(), Some("AMB"));
    assert!(encounter.status.as_ref().unwrap().is("finished") && encounter.period.is_some());
    let Record::Procedure(procedure) = record(chart, RecordClass::Procedure) else {
        panic!()
    };
    assert!(matches!(procedure.performed, Some(Occurrence::DateTime(_))));
    let read_as_r4 = told(&import, "fhir.release.later");
    assert_eq!(
        read_as_r4,
        [
            "Bundle.entry[1].resource",
            "Bundle.entry[2].resource",
            "Bundle.entry[3].resource"
        ]
    );
    assert_eq!(
        told(&import, "fhir.release.later.unread"),
        ["Bundle.entry[4].resource.participant"]
    );
    // Nothing is lost: what is not read is residual, and goes out.
    let condition = chart.of_class(RecordClass::Condition).next().unwrap();
    assert!(condition.residual[0].location.path.ends_with(".participant"));
    assert!(to_json_string(&export_entry(condition)).contains("Practitioner/1"));
    let bundle = export_chart(chart);
    let errors: Vec<_> = check(&bundle)
        .into_iter()
        .filter(ehr_fhir::Finding::is_error)
        .collect();
    assert_eq!(errors, []);
    for word in [
        "Aspirin",
        "AMB",
        "2024-01-01",
        "2020-02-03",
        "Practitioner/1",
        "completed",
    ] {
        assert!(to_json_string(&bundle).contains(word), "{word}");
    }
}

#[test]
fn a_statement_of_r5_that_is_not_taken_is_not_active() {
    let import = read(
        r#"{"resourceType":"MedicationStatement","status":"recorded","medication":{"concept":{"text":"Warfarin"}},
        "adherence":{"code":{"coding":[{"system":"http://hl7.org/fhir/CodeSystem/medication-statement-adherence","code":"not-taking"}]}}}"#,
    );
    let Record::MedicationStatement(statement) = record(&import.charts[0], RecordClass::MedicationStatement)
    else {
        panic!()
    };
    assert!(statement.status.as_ref().unwrap().is("not-taken"));
}

#[test]
fn resources_of_r4_are_not_called_otherwise() {
    let Some(folder) = crate::corpus::folder("fhir/r4-examples") else {
        return;
    };
    let (mut count, mut wrong) = (0, Vec::new());
    for path in crate::corpus::json_files(&folder) {
        let bytes = std::fs::read(&path).unwrap();
        if bytes.len() > 200_000 {
            continue;
        }
        let Ok(import) = import(&bytes, &ImportOptions::new(Source::new("s"))) else {
            continue;
        };
        count += 1;
        let called = import
            .findings
            .iter()
            .find(|finding| finding.code.starts_with("fhir.release."));
        wrong.extend(called.map(|finding| format!("{}: {finding}", path.display())));
    }
    println!("{count} examples");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
