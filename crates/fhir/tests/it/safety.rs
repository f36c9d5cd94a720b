//! What would hurt a patient if it were misread: modifiers, versions, edits in place, faulty values.

use ehr_fhir::convert::{export, export_chart, export_entry, import};
use ehr_fhir::to_json_string;
use ehr_model::{
    Chart, EntryId, HealthRecord, Import, ImportOptions, Member, MergedItem, Record, RecordClass, Source,
};
use ehr_types::DateTime;

fn read(json: &str, source: &str) -> Import {
    import(json.as_bytes(), &ImportOptions::new(Source::new(source))).unwrap()
}

fn bundle(type_: &str, entries: &[&str]) -> String {
    let entries: Vec<String> = entries
        .iter()
        .map(|entry| {
            if entry.starts_with(r#"{"request""#) {
                (*entry).to_owned()
            } else {
                format!(r#"{{"resource":{entry}}}"#)
            }
        })
        .collect();
    format!(
        r#"{{"resourceType":"Bundle","type":"{type_}","entry":[{}]}}"#,
        entries.join(",")
    )
}

/// A record whose items each have the entries at one place of each chart as members, and the record of the first.
fn merged(charts: Vec<Chart>) -> HealthRecord {
    let count = charts[0].entries.len();
    let items = (0..count).map(|at| {
        let entries = || charts.iter().map(|chart| &chart.entries[at]);
        let first = entries().next().unwrap();
        let member = |entry: &ehr_model::Entry| Member {
            source: entry.origin.source.clone(),
            entry: Some(entry.id.clone()),
            key: entry.source_key().to_owned(),
        };
        MergedItem {
            id: first.id.clone(),
            members: entries().map(member).collect(),
            record: first.record.clone(),
            conflicts: Vec::new(),
        }
    });
    let items = items.collect();
    HealthRecord {
        person: "p1".into(),
        charts,
        items,
    }
}

fn errors(bundle: &ehr_fhir::r4::Bundle) -> Vec<String> {
    let findings = ehr_fhir::check(bundle).into_iter();
    findings
        .filter(ehr_fhir::Finding::is_error)
        .map(|finding| finding.to_string())
        .collect()
}

#[test]
fn what_changes_the_meaning_is_told_and_stays_on_the_merged_resource() {
    let condition = |more: &str| {
        format!(
            r#"{{"resourceType":"Condition","id":"c","code":{{"text":"x"}},"subject":{{"display":"a"}}{more}}}"#
        )
    };
    for (more, path, shown) in [
        (
            r#","modifierExtension":[{"url":"http://x/not","valueBoolean":true}]"#,
            "Condition.modifierExtension",
            r#""modifierExtension":[{"url":"http://x/not","valueBoolean":true}]"#,
        ),
        (
            r#","stage":[{"summary":{"text":"s"},"modifierExtension":[{"url":"http://x/not","valueBoolean":true}]}]"#,
            "Condition.stage[0].modifierExtension",
            r#"{"url":"path","valueString":"stage[0].modifierExtension"}"#,
        ),
        (
            r#","implicitRules":"http://x/rules""#,
            "Condition.implicitRules",
            r#"{"url":"json","valueString":"\"http://x/rules\""}"#,
        ),
    ] {
        let (a, b) = (read(&condition(""), "a"), read(&condition(more), "b"));
        assert!(a.findings.is_empty());
        let told: Vec<&str> = b
            .findings
            .iter()
            .map(|finding| finding.location.path.as_str())
            .collect();
        assert_eq!(told, [path]);
        assert_eq!(b.findings[0].code, "fhir.modifier.not-understood");
        let charts: Vec<Chart> = [a, b].into_iter().flat_map(|import| import.charts).collect();
        let bundle = export(&merged(charts));
        let item = to_json_string(bundle.entry[0].resource.as_ref().unwrap());
        assert!(
            item.contains(shown) && item.contains("modifierExtension"),
            "{item}"
        );
        assert_eq!(errors(&bundle), Vec::<String>::new());
    }
}

#[test]
fn of_a_history_the_newest_version_is_a_record() {
    let allergy = |version: u8, code: &str| {
        format!(
            r#"{{"resourceType":"AllergyIntolerance","id":"a","meta":{{"versionId":"{version}"}},"code":{{"text":"{code}"}},"patient":{{"reference":"Patient/p"}}}}"#
        )
    };
    let patient = r#"{"resourceType":"Patient","id":"p"}"#;
    let (old, new) = (allergy(1, "old"), allergy(2, "new"));
    let delete = r#"{"request":{"method":"DELETE","url":"AllergyIntolerance/a"}}"#;
    for (entries, code, told) in [
        (
            vec![patient, &new, &old],
            Some("new"),
            "fhir.history.older-version",
        ),
        (vec![patient, delete, &old], None, "fhir.history.deleted"),
        (vec![patient, &old, delete], None, "fhir.history.deleted"),
    ] {
        let import = read(&bundle("history", &entries), "a");
        let chart = &import.charts[0];
        let mut codes = chart.entries.iter().filter_map(|entry| match &entry.record {
            Record::AllergyIntolerance(allergy) => allergy.code.as_ref()?.text.as_deref(),
            _ => None,
        });
        assert_eq!((codes.next(), codes.next()), (code, None));
        assert!(
            import.findings.iter().any(|finding| finding.code == told),
            "{:?}",
            import.findings
        );
        let kept = |residual: &ehr_model::Residual| residual.content.contains(r#""text":"old""#);
        assert!(chart.residual.iter().any(kept));
    }
    let import = read(&bundle("transaction", &[patient, delete]), "a");
    assert!(
        import
            .findings
            .iter()
            .any(|finding| finding.code == "fhir.history.deletion")
    );
}

#[test]
fn a_patient_inside_a_record_is_not_the_one_beside_it() {
    let patient = r#"{"resourceType":"Patient","id":"p","identifier":[{"system":"http://mrn","value":"1"}]}"#;
    let observation = |value: &str| {
        format!(
            r##"{{"resourceType":"Observation","contained":[{{"resourceType":"Patient","id":"x","identifier":[{{"system":"http://mrn","value":"{value}"}}]}}],"status":"final","code":{{"text":"x"}},"subject":{{"reference":"#x"}}}}"##
        )
    };
    let (his, another) = (observation("1"), observation("2"));
    let import = read(&bundle("collection", &[patient, &his, &another]), "a");
    let counts: Vec<usize> = import.charts.iter().map(|chart| chart.entries.len()).collect();
    assert_eq!(counts, [2, 1]);
}

#[test]
fn an_edit_of_what_fhir_does_not_allow_replaces_it() {
    let time = |text: &str| DateTime::parse_any(text).ok();
    let observation = r#"{"resourceType":"Observation","status":"final","code":{"text":"x"},"issued":"2020-01-03","effectiveDateTime":"2020-01-02T10:00:00"}"#;
    let patient = r#"{"resourceType":"Patient","birthDate":"1990-02-03T04:05:06Z"}"#;
    for new in [
        None,
        Some("2021-05-06"),
        Some("2021-05-06T10:00:00Z"),
        Some("2021-05-06T10:00:00"),
    ] {
        let mut entry = read(observation, "a").charts.remove(0).entries.remove(0);
        assert_eq!(to_json_string(&export_entry(&entry)), observation);
        let Record::Observation(record) = &mut entry.record else {
            panic!()
        };
        assert_eq!(record.issued, time("2020-01-03"));
        record.issued = new.and_then(time);
        record.effective = new.and_then(time).map(ehr_model::Occurrence::DateTime);
        let text = to_json_string(&export_entry(&entry));
        assert!(!text.contains("2020-01-0"), "{text}");
        let again = read(&text, "a").charts.remove(0).entries.remove(0);
        assert!(again.record == entry.record, "{text}");

        let mut entry = read(patient, "a").charts.remove(0).entries.remove(0);
        assert_eq!(to_json_string(&export_entry(&entry)), patient);
        let Record::Patient(record) = &mut entry.record else {
            panic!()
        };
        assert_eq!(record.birth_date.unwrap().to_string(), "1990-02-03");
        assert_eq!(record.birth_time, time("1990-02-03T04:05:06Z"));
        record.birth_time = new.and_then(time);
        record.birth_date = new.and_then(time).map(|time| time.date());
        let text = to_json_string(&export_entry(&entry));
        assert!(!text.contains("1990"), "{text}");
        let again = read(&text, "a").charts.remove(0).entries.remove(0);
        assert!(again.record == entry.record, "{text}");
    }
    let bundle = export_chart(&read(patient, "a").charts[0]);
    assert_eq!(errors(&bundle), Vec::<String>::new());
    let again = read(&to_json_string(&bundle), "a")
        .charts
        .remove(0)
        .entries
        .remove(0);
    assert!(again.record == read(patient, "a").charts[0].entries[0].record);
}

#[test]
fn the_concept_behind_a_reference_can_be_changed_in_place() {
    let json = bundle(
        "collection",
        &[
            r#"{"resourceType":"Patient","id":"p"}"#,
            r#"{"resourceType":"Medication","id":"m","code":{"text":"aspirin"}}"#,
            r#"{"resourceType":"MedicationRequest","id":"r","status":"active","intent":"order","subject":{"reference":"Patient/p"},"medicationReference":{"reference":"Medication/m"}}"#,
        ],
    );
    let mut chart = read(&json, "a").charts.remove(0);
    assert!(!to_json_string(&export_chart(&chart)).contains("/concept"));
    // In a record, references lead to items.
    let mut record = merged(vec![chart.clone()]);
    for item in &mut record.items {
        item.id = EntryId::derive(item.id.class, &["item", &item.id.key]);
    }
    let medication = record
        .items
        .iter()
        .find(|item| item.class() == RecordClass::Medication);
    let medication = medication.unwrap().id.clone();
    for item in &mut record.items {
        if let Record::MedicationRequest(request) = &mut item.record {
            request.medication_reference.as_mut().unwrap().target = Some(medication.clone());
        }
    }
    assert!(!to_json_string(&export(&record)).contains("/concept"));
    let place = chart
        .entries
        .iter()
        .position(|entry| matches!(entry.record, Record::MedicationRequest(_)));
    let Record::MedicationRequest(request) = &mut chart.entries[place.unwrap()].record else {
        panic!()
    };
    let concept = request.medication.as_mut().unwrap();
    assert_eq!(concept.text.as_deref(), Some("aspirin"));
    concept.text = Some("warfarin".into());
    for text in [
        to_json_string(&export_chart(&chart)),
        to_json_string(&export(&merged(vec![chart.clone()]))),
    ] {
        assert!(text.contains("warfarin") && text.contains("aspirin"), "{text}");
        let again = read(&text, "a").charts.remove(0);
        let mut requests = again.entries.iter().filter_map(|entry| match &entry.record {
            Record::MedicationRequest(request) => request.medication.as_ref()?.text.as_deref(),
            _ => None,
        });
        assert_eq!(requests.next(), Some("warfarin"), "{text}");
    }
}

#[test]
fn what_is_nested_deeply_is_taken_in_as_deep_as_it_is_read() {
    let mut extension = r#"{"url":"u","valueCode":"c"}"#.to_owned();
    for _ in 0..126 {
        extension = format!(r#"{{"extension":[{extension}],"url":"u"}}"#);
    }
    let json = format!(r#"{{"resourceType":"Patient","active":true,"extension":[{extension}]}}"#);
    let work = move || {
        let mut import = read(&json, "a");
        assert!(import.findings.is_empty());
        let entry = &mut import.charts[0].entries[0];
        assert_eq!(to_json_string(&export_entry(entry)).len(), json.len());
        let Record::Patient(patient) = &mut entry.record else {
            panic!()
        };
        patient.active = Some(false);
        assert_eq!(to_json_string(&export_entry(entry)).len(), json.len() + 1);
    };
    // Frames of a debug build are several times those of a release build, in which 256 KB are enough.
    let stack = if cfg!(debug_assertions) { 1024 } else { 256 } * 1024;
    let thread = std::thread::Builder::new().stack_size(stack).spawn(work);
    thread.unwrap().join().unwrap();
}

const CONTROL: &str = r#"{"resourceType":"Bundle","type":"collection","entry":[
 {"resource":{"resourceType":"Patient","id":"1","name":[{"family":"O\u000bBrien","given":["Ann","Mary\u0001"]}]}},
 {"resource":{"resourceType":"AllergyIntolerance","id":"2","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]},"code":{"text":"Penicillin\u000bV"},"patient":{"reference":"Patient/1"},
   "note":[{"text":"Anaphylaxis 2019.\u000bCarries adrenaline."},{"text":"Pen\ud83d"}],"reaction":[{"manifestation":[{"text":"m"}],"description":"a\u000bb"}]}},
 {"resource":{"resourceType":"Observation","id":"3","status":"final","code":{"text":"Culture"},"subject":{"reference":"Patient/1"},
   "valueString":"MRSA\u0001 positive","dataAbsentReason":{"text":"x\u000by"}}},
 {"resource":{"resourceType":"Basic","id":"4","code":{"coding":[{"code":"x\u000by"}],"text":"Local\u000bcode"},"subject":{"reference":"Patient/1"}}}]}"#;

#[test]
fn a_text_that_fhir_does_not_allow_is_seen_and_kept_whole() {
    let import = read(CONTROL, "a");
    let chart = &import.charts[0];
    let Record::AllergyIntolerance(allergy) = &chart.entries[1].record else {
        panic!("an allergy")
    };
    assert_eq!(
        allergy.code.as_ref().unwrap().text.as_deref(),
        Some("Penicillin\u{b}V")
    );
    assert_eq!(allergy.note[1].text, "Pen\u{FFFD}");
    let Record::Patient(patient) = &chart.entries[0].record else {
        panic!("a patient")
    };
    assert_eq!(patient.name[0].given, ["Ann", "Mary\u{1}"]);
    let merged = merged(vec![
        chart.clone(),
        read(&CONTROL.replace("2019", "2020"), "b").charts.remove(0),
    ]);
    for (bundle, is_merged) in [(export_chart(chart), false), (export(&merged), true)] {
        let text = to_json_string(&bundle);
        assert_eq!(errors(&bundle), Vec::<String>::new(), "{text}");
        for seen in [
            "Penicillin V",
            "O Brien",
            "Mary\u{FFFD}",
            "MRSA\u{FFFD} positive",
            "Local code",
            "Carries adrenaline.",
        ] {
            assert!(text.contains(&format!(r#"{seen}""#)), "{seen} in {text}");
        }
        for whole in [
            r#""\"Penicillin\\u000bV\"""#,
            r#""\"MRSA\\u0001 positive\"""#,
            r#""\"O\\u000bBrien\"""#,
        ] {
            assert!(text.contains(whole), "{whole} in {text}");
        }
        assert!(!text.contains(r#"source-text","_valueString"#), "once: {text}");
        if !is_merged {
            let again = read(&text, "a").charts.remove(0);
            for (before, after) in chart.entries.iter().zip(&again.entries) {
                assert!(before.record == after.record, "{} from {text}", before.class());
            }
        }
    }
    for entry in &chart.entries {
        let original = &entry.original.as_ref().unwrap().content;
        assert_eq!(
            to_json_string(&export_entry(entry)),
            original.replace("\n   ", "")
        );
    }
}

#[test]
fn a_text_that_is_too_long_is_kept_whole() {
    let long = "x".repeat(1024 * 1024 + 1);
    let json = format!(
        r#"{{"resourceType":"AllergyIntolerance","id":"a","clinicalStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}}]}},"code":{{"text":"{long}"}},"patient":{{"display":"Ann"}},"note":[{{"text":"{long}"}}]}}"#
    );
    let chart = read(&json, "a").charts.remove(0);
    let bundle = export_chart(&chart);
    assert_eq!(errors(&bundle), Vec::<String>::new());
    let again = read(&to_json_string(&bundle), "a").charts.remove(0);
    assert!(again.entries[0].record == chart.entries[0].record);
}

#[test]
fn what_breaks_a_rule_does_not_give_a_false_picture() {
    let condition = |more: &str| {
        format!(
            r#"{{"resourceType":"Condition","id":"c","code":{{"text":"x"}},"subject":{{"display":"a"}}{more}}}"#
        )
    };
    let status = |code: &str| {
        format!(
            r#","clinicalStatus":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"{code}"}}]}}"#
        )
    };
    let ended = r#","abatementDateTime":"2010-02-01""#;
    let observation =
        r#"{"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"code":"k"}]}"#;
    for (json, shown, hidden) in [
        // Nobody says that it lasts.
        (
            condition(ended),
            vec![r#""code":"inactive""#, ended],
            vec!["The source states an end"],
        ),
        // The source contradicts itself: both are seen.
        (
            condition(&format!("{}{ended}", status("active"))),
            vec![
                r#""code":"active""#,
                r#""text":"The source states an end: 2010-02-01""#,
            ],
            vec![ended, "inactive"],
        ),
        (
            condition(&format!(r#","clinicalStatus":{{"text":"Resolved"}}{ended}"#)),
            vec![r#""code":"resolved""#, r#""text":"Resolved""#, ended],
            vec!["The source states an end"],
        ),
        (
            condition(&format!(r#","clinicalStatus":{{"text":"still there"}}{ended}"#)),
            vec![
                "clinicalStatus, as the source says: still there",
                "The source states an end: 2010-02-01",
            ],
            vec!["inactive"],
        ),
        (
            condition(r#","abatementString":"ongoing""#),
            vec!["The source states an end: ongoing"],
            vec!["inactive"],
        ),
        (
            format!(r#"{observation},"valueString":"3.9 low","dataAbsentReason":{{"text":"hemolyzed"}}}}"#),
            vec![
                r#""valueString":"3.9 low""#,
                "The source states why there is no value: hemolyzed",
            ],
            vec![r#""dataAbsentReason":{"#],
        ),
        (
            format!(
                r#"{observation},"valueQuantity":{{"value":3.90,"unit":"mmol/l"}},"component":[{{"code":{{"coding":[{{"code":"k"}}]}},"valueString":"low"}}]}}"#
            ),
            vec!["The source states a value of the whole: 3.90 mmol/l"],
            vec![],
        ),
    ] {
        let chart = read(&json, "a").charts.remove(0);
        for bundle in [
            export_chart(&chart),
            export(&merged(vec![chart.clone(), read(&json, "b").charts.remove(0)])),
        ] {
            assert_eq!(errors(&bundle), Vec::<String>::new());
            let resource = to_json_string(bundle.entry[0].resource.as_ref().unwrap());
            for shown in &shown {
                assert!(resource.contains(shown), "{shown} in {resource}");
            }
            for hidden in &hidden {
                assert!(!resource.contains(hidden), "{hidden} in {resource}");
            }
            let again = read(&to_json_string(&bundle), "a").charts.remove(0);
            assert!(again.entries[0].record == chart.entries[0].record, "{resource}");
        }
    }
}

#[test]
fn an_active_narrative_goes_out_as_words() {
    let json = r#"{"resourceType":"Patient","id":"1","active":true,"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">Ann <b onclick=\"a()\">Ng</b><script>b()</script></div>"}}"#;
    let chart = read(json, "a").charts.remove(0);
    for bundle in [export_chart(&chart), export(&merged(vec![chart.clone()]))] {
        assert_eq!(errors(&bundle), Vec::<String>::new());
        let text = to_json_string(&bundle);
        assert!(text.contains("<p>Ann Ng</p></div>"), "{text}");
        assert!(text.contains(r#"source-text","valueString":"<div"#), "{text}");
    }
}

#[test]
fn what_a_bundle_says_of_itself_is_told_and_kept() {
    let json = r#"{"resourceType":"Bundle","type":"searchset","identifier":{"value":"i"},"meta":{"tag":[{"code":"t"}]},"link":[{"relation":"next","url":"http://x/2"}],"signature":{"data":"AA=="},
        "entry":[{"search":{"score":0.50},"resource":{"resourceType":"Patient","id":"1"}},{"search":{"score":0.25},"extension":[{"url":"http://x","valueCode":"c"}],
          "resource":{"resourceType":"Bundle","type":"collection","timestamp":"2020-01-01T00:00:00Z","entry":[{"resource":{"resourceType":"Organization","id":"o"}}]}}]}"#;
    let import = read(json, "a");
    let told: Vec<&str> = import
        .findings
        .iter()
        .filter(|finding| finding.code == "fhir.bundle.beside")
        .map(|finding| finding.location.path.as_str())
        .collect();
    let inner = "Bundle.entry[1].resource.timestamp";
    assert_eq!(
        told,
        [
            "Bundle.identifier",
            "Bundle.meta",
            "Bundle.link",
            "Bundle.signature",
            "Bundle.entry[0].search",
            "Bundle.entry[1].extension",
            "Bundle.entry[1].resource.type",
            inner
        ]
    );
    let kept: Vec<&str> = import.charts[0]
        .residual
        .iter()
        .map(|residual| residual.content.as_str())
        .collect();
    for content in [
        r#"{"value":"i"}"#,
        r#"{"score":0.25}"#,
        r#""2020-01-01T00:00:00Z""#,
    ] {
        assert!(kept.contains(&content), "{kept:?}");
    }
}

#[test]
fn what_a_bundle_says_of_itself_goes_out_with_its_resources() {
    let json = r#"{"resourceType":"Bundle","type":"searchset","identifier":{"system":"urn:ietf:rfc:3986","value":"urn:x:7"},"timestamp":"2020-01-02T03:04:05Z",
        "meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}],"tag":[{"code":"t"}],"profile":["http://x"]},
        "entry":[{"fullUrl":"http://a/Patient/1","search":{"score":0.50},"resource":{"resourceType":"Patient","id":"1"}},
          {"resource":{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"http://a/Basic/2","resource":{"resourceType":"Basic","id":"2","code":{"text":"x"},"subject":{"reference":"Patient/1"}}}]}}]}"#;
    let chart = read(json, "a").charts.remove(0);
    let bundle = export_chart(&chart);
    assert_eq!(errors(&bundle), Vec::<String>::new());
    let written = |of: &ehr_fhir::r4::Bundle| -> serde_json::Value {
        serde_json::from_str(&to_json_string(of)).unwrap()
    };
    let bundle = written(&bundle);
    assert_eq!(bundle["meta"]["security"][0]["code"], "R");
    assert_eq!(bundle["meta"]["tag"][0]["code"], "t");
    assert!(bundle["meta"]["profile"].is_null() && bundle["identifier"].is_null());
    let provenance = &bundle["entry"][2]["resource"];
    assert_eq!(provenance["recorded"], "2020-01-02T03:04:05Z");
    assert_eq!(provenance["target"][1]["reference"], "Basic/2");
    assert_eq!(
        provenance["target"][1]["display"],
        "Bundle.entry[1].resource.entry[0].resource"
    );
    let what = &provenance["entity"][0]["what"];
    assert_eq!(what["identifier"]["value"], "urn:x:7");
    assert_eq!(what["reference"], "#beside");
    let data = provenance["contained"][0]["data"].as_str().unwrap();
    let beside = String::from_utf8(crate::model::from_base64(data)).unwrap();
    for part in [
        r#"{"path":"Bundle.entry[0].search","line":3,"json":{"score":0.50}}"#,
        r#""profile":["http://x"]"#,
    ] {
        assert!(beside.contains(part), "{part} in {beside}");
    }
    // Read again, there is nothing to add.
    let again = read(&bundle.to_string(), "a").charts.remove(0);
    let twice = written(&export_chart(&again));
    assert_eq!(twice["entry"].as_array().unwrap().len(), 3);
    assert_eq!(twice["meta"], bundle["meta"]);
    let plain = r#"{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","id":"1"}}]}"#;
    assert_eq!(export_chart(&read(plain, "a").charts[0]).entry.len(), 1);
}

#[test]
fn what_a_former_release_negates_is_negated() {
    let resources = [
        r#"{"resourceType":"Patient","id":"p"}"#,
        r#"{"resourceType":"MedicationStatement","id":"m","status":"active","taken":"n","medicationCodeableConcept":{"text":"Warfarin"},"subject":{"reference":"Patient/p"}}"#,
        r#"{"resourceType":"Procedure","id":"c","status":"completed","notPerformed":true,"code":{"text":"CABG"},"subject":{"reference":"Patient/p"}}"#,
        r#"{"resourceType":"Immunization","id":"i","status":"completed","notGiven":true,"vaccineCode":{"text":"MMR"},"patient":{"reference":"Patient/p"},"date":"2020-01-01"}"#,
        r#"{"resourceType":"AllergyIntolerance","id":"a","clinicalStatus":"active","verificationStatus":"refuted","code":{"text":"Penicillin"},"patient":{"reference":"Patient/p"}}"#,
        r#"{"resourceType":"MedicationOrder","id":"o","status":"stopped","medicationCodeableConcept":{"text":"Digoxin"},"patient":{"reference":"Patient/p"}}"#,
        r#"{"resourceType":"MedicationStatement","id":"u","status":"active","taken":"unk","medicationCodeableConcept":{"text":"Aspirin"},"subject":{"reference":"Patient/p"}}"#,
    ];
    let import = read(&bundle("collection", &resources), "a");
    let chart = &import.charts[0];
    assert_eq!(import.charts.len(), 1);
    let told = |code: &str| {
        import
            .findings
            .iter()
            .filter(|finding| finding.code == code)
            .count()
    };
    assert_eq!(
        (told("fhir.release.former"), told("fhir.modifier.not-understood")),
        (5, 1)
    );
    let classes: Vec<&str> = chart.entries.iter().map(|entry| entry.class().as_str()).collect();
    assert_eq!(classes[5], "MedicationRequest");
    for out in [export_chart(chart), export(&merged(vec![chart.clone()]))] {
        assert_eq!(errors(&out), Vec::<String>::new());
        let all: Vec<String> = out
            .entry
            .iter()
            .map(|entry| to_json_string(entry.resource.as_ref().unwrap()))
            .collect();
        for (name, parts) in [
            ("Warfarin", vec![r#""status":"not-taken""#]),
            ("CABG", vec![r#""status":"not-done""#]),
            (
                "MMR",
                vec![r#""status":"not-done""#, r#""occurrenceDateTime":"2020-01-01""#],
            ),
            ("Penicillin", vec![r#""code":"refuted""#]),
            (
                "Digoxin",
                vec![
                    r#""resourceType":"MedicationRequest""#,
                    r#""status":"stopped","intent":"order""#,
                ],
            ),
            (
                "Aspirin",
                vec![r#""modifierExtension":["#, r#""valueString":"unk""#],
            ),
        ] {
            let resource = all.iter().find(|text| text.contains(name)).unwrap();
            for part in parts {
                assert!(resource.contains(part), "{part} in {resource}");
            }
        }
    }
}

#[test]
fn a_bundle_is_as_confidential_as_what_is_in_it() {
    let label = |code: &str| {
        format!(
            r#""meta":{{"security":[{{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"{code}"}}]}}"#
        )
    };
    let patient = format!(r#"{{"resourceType":"Patient","id":"p",{}}}"#, label("N"));
    let allergy = format!(
        r#"{{"resourceType":"AllergyIntolerance","id":"a",{},"code":{{"text":"x"}},"patient":{{"reference":"Patient/p"}}}}"#,
        label("V")
    );
    let chart = read(&bundle("collection", &[&patient, &allergy]), "a")
        .charts
        .remove(0);
    for out in [export_chart(&chart), export(&merged(vec![chart.clone()]))] {
        let meta = to_json_string(&out);
        let head = meta.split(r#""entry""#).next().unwrap();
        assert!(head.contains(r#""code":"V""#), "{head}");
    }
}
