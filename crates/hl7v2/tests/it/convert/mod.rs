//! Messages into charts.

mod exchange;
mod feeds;
mod laws;
mod medications;
mod people;
mod results;
mod taken_back;
mod whose;

use ehr_hl7v2::convert::import;
use ehr_model::{
    AllergyIntolerance, AllergyKnowledge, Appointment, Chart, Condition, Coverage, DiagnosticReport,
    Document, Encounter, Immunization, Import, ImportError, ImportOptions, MedicationRequest, Observation,
    Occurrence, Procedure, RecordClass, ServiceRequest, Source, Specimen, Value,
};
use ehr_types::{AbsentReason, Comparator, Offset};

fn read(text: &str) -> Import {
    import(text.as_bytes(), &ImportOptions::new(Source::new("test"))).unwrap()
}

fn message(event: &str, segments: &[&str]) -> String {
    let mut text = format!("MSH|^~\\&|APP|ACME|||20240102030405-0500||{event}|C1|P|2.5.1\r");
    for segment in segments {
        text.push_str(segment);
        text.push('\r');
    }
    text
}

const JANE: &str = "PID|1||7^^^ACME^MR||Doe^Jane^Q^^Ms^^L||19800202|F|||1 Elm St^Apt 2^Springfield^IL^62701^USA^H||^PRN^PH^^1^217^5550100";

fn one(text: &str) -> Chart {
    let mut import = read(text);
    assert_eq!(import.charts.len(), 1);
    import.charts.remove(0)
}

fn all<'c, T>(chart: &'c Chart, from: fn(&'c ehr_model::Record) -> Option<&'c T>) -> Vec<&'c T> {
    chart
        .entries
        .iter()
        .filter_map(|entry| from(&entry.record))
        .collect()
}

fn residual(chart: &Chart) -> Vec<(String, String)> {
    let mut all: Vec<_> = chart
        .residual
        .iter()
        .chain(chart.entries.iter().flat_map(|entry| &entry.residual))
        .map(|residual| (residual.location.path.clone(), residual.content.clone()))
        .collect();
    all.sort();
    all
}

#[test]
fn a_patient_with_all_that_a_pid_says() {
    let chart = one(&message("ADT^A08^ADT_A01", &["EVN|A08|20240102", JANE]));
    let patient = chart.patient().unwrap();
    assert_eq!(patient.name[0].given, ["Jane", "Q"]);
    assert_eq!(patient.name[0].use_.as_deref(), Some("official"));
    assert_eq!(patient.identifier[0].assigner.as_deref(), Some("ACME"));
    assert_eq!(patient.address[0].line, ["1 Elm St", "Apt 2"]);
    assert_eq!(patient.telecom[0].value.as_deref(), Some("+1 217 5550100"));
    assert!(patient.gender.as_ref().unwrap().is("female"));
    let entry = chart.patient_entry().unwrap();
    assert_eq!(entry.origin.location.path, "PID");
    assert!(entry.original.as_ref().unwrap().content.starts_with("PID|1||7"));
    assert_eq!(residual(&chart), []);
}

#[test]
fn the_events_that_told_of_an_entry_stay_with_it() {
    let evn = "EVN|A01|20240102030000-0500||01|77^Smith^Ann|20240101120000-0500|Main^1.2.3^ISO";
    let admission = message("ADT^A01^ADT_A01", &[evn, JANE]);
    let update = message("ADT^A08^ADT_A01", &[JANE]).replace("|C1|", "|C2|");
    let chart = one(&format!("{admission}{update}"));
    let patient = &chart.entries[0].id;
    let events = &chart.events;
    assert!(events.iter().all(|event| event.entries.contains(patient)));
    let numbers: Vec<_> = events
        .iter()
        .map(|event| event.identifier.as_ref()?.value.as_deref())
        .collect();
    assert_eq!(numbers, [Some("C1"), Some("C2")]);
    let first = &events[0];
    let activity = first.activity.as_ref().unwrap();
    let codes: Vec<_> = activity
        .codings
        .iter()
        .map(|coding| coding.code.as_deref())
        .collect();
    assert_eq!(codes, [Some("A01"), Some("ADT"), Some("ADT_A01")]);
    assert_eq!(first.reason[0].codings[0].code.as_deref(), Some("01"));
    assert!(first.occurred.is_some_and(|time| Some(time) < first.recorded));
    let place = first.location.as_ref().unwrap();
    assert_eq!(place.display.as_deref(), Some("Main"));
    assert!(place.identifier.is_some());
    let left: Vec<_> = residual(&chart).into_iter().map(|(path, _)| path).collect();
    assert!(
        !left
            .iter()
            .any(|path| path.contains("EVN") || path.contains("MSH-9")),
        "{left:?}"
    );
}

#[test]
fn what_is_coded_or_apart_is_kept_whole() {
    let chart = one(&message(
        "ADT^A01",
        &[
            "PID|1||7^^^ACME^MR||Doe^Jane||||||1000&Hospital Lane^^Ann Arbor^MI",
            "PV1|1|I|||||||||||||||||||||||||||||||||||22&Home&LOCAL^20240103",
            "DG1|1|I9|250.00^Diabetes^I9^^^^^^my words|said otherwise",
        ],
    ));
    let patient = chart.patient().unwrap();
    assert_eq!(patient.address[0].line, ["1000 Hospital Lane"]);
    let place = all(&chart, ehr_model::Location::from_record);
    assert_eq!(place[0].type_[0].codings[0].code.as_deref(), Some("22"));
    let left: Vec<_> = residual(&chart).into_iter().map(|(_, content)| content).collect();
    assert!(left.contains(&"said otherwise".to_owned()), "{left:?}");
}

#[test]
fn a_corrected_result_takes_the_place_of_the_former_one() {
    let result = |value: &str, status: &str, control: &str, time: &str| {
        format!(
            "MSH|^~\\&|LAB|ACME|||{time}||ORU^R01|{control}|P|2.5.1\r{JANE}\r\
             OBR|1|P1|F1|2345-7^Glucose^LN|||20240101||||||||||||||||||{status}\r\
             OBX|1|NM|2345-7^Glucose^LN||{value}|mg/dL^^UCUM|70-99|N|||{status}|||20240101\r"
        )
    };
    let first = result("95", "F", "1", "20240102");
    let second = result("59", "C", "2", "20240103");
    for text in [format!("{first}{second}"), format!("{second}{first}")] {
        let import = read(&text);
        assert_eq!(import.charts.len(), 1);
        let chart = &import.charts[0];
        let results: Vec<_> = chart.of_class(RecordClass::Observation).collect();
        assert_eq!(results.len(), 2, "the former result is not dropped");
        let report = all(chart, DiagnosticReport::from_record)[0];
        let current = chart.entry(report.result[0].target.as_ref().unwrap()).unwrap();
        let observation = Observation::from_record(&current.record).unwrap();
        assert!(observation.status.as_ref().unwrap().is("corrected"));
        let Some(Value::Quantity(quantity)) = &observation.value else {
            panic!()
        };
        assert_eq!(quantity.value.as_ref().unwrap().as_str(), "59");
        assert_eq!(quantity.code.as_deref(), Some("mg/dL"));
        assert_eq!(current.origin.version.as_deref(), Some("2"));
        let former = results.iter().find(|entry| entry.id != current.id).unwrap();
        assert!(
            Observation::from_record(&former.record)
                .unwrap()
                .status
                .as_ref()
                .unwrap()
                .is("final")
        );
        assert!(
            import
                .findings
                .iter()
                .any(|finding| finding.code == "v2.superseded")
        );
    }
    assert_eq!(
        read(&format!("{first}{first}")).charts[0]
            .of_class(RecordClass::Observation)
            .count(),
        1
    );
}

#[test]
fn results_of_one_order_with_one_code_are_not_versions_of_each_other() {
    let chart = one(&message(
        "ORU^R01",
        &[
            JANE,
            "OBR|1||F1|GTT^Tolerance^L|||20240101",
            "OBX|1|NM|2345-7^Glucose^LN||95|mg/dL|||||F|||202401010800",
            "OBX|2|NM|2345-7^Glucose^LN||150|mg/dL|||||F|||202401010900",
            "OBX|3|TX|R^Report^L||line one||||||F",
            "OBX|4|TX|R^Report^L||line two||||||F",
        ],
    ));
    assert_eq!(chart.of_class(RecordClass::Observation).count(), 4);
}

#[test]
fn messages_of_one_patient_are_one_chart_and_of_two_are_two() {
    let john = JANE.replace("7^^^ACME", "8^^^ACME").replace("Jane", "John");
    let text = [
        message("ADT^A01", &[JANE]),
        message("ADT^A01", &[&john]),
        message("ADT^A08", &[JANE]),
    ]
    .concat();
    let import = read(&text);
    assert_eq!(import.charts.len(), 2);
    assert_eq!(import.charts[1].patient().unwrap().name[0].given[0], "John");
    let other = JANE.replace("7^^^ACME", "7^^^OTHER");
    assert_eq!(
        read(&[message("ADT^A01", &[JANE]), message("ADT^A01", &[&other])].concat())
            .charts
            .len(),
        2
    );
    // An identifier list that names both joins them.
    let both = JANE.replace("7^^^ACME^MR", "7^^^ACME^MR~7^^^OTHER^MR");
    let text = [
        message("ADT^A01", &[JANE]),
        message("ADT^A01", &[&other]),
        message("ADT^A08", &[&both]),
    ]
    .concat();
    assert_eq!(read(&text).charts.len(), 1);
    // Not by what people may share.
    let shared = |name: &str| format!("PID|1||1^^^SSA^SS||{name}^A");
    assert_eq!(
        read(
            &[
                message("ADT^A01", &[&shared("X")]),
                message("ADT^A01", &[&shared("Y")])
            ]
            .concat()
        )
        .charts
        .len(),
        2
    );
}

#[test]
fn a_later_message_replaces_a_value_and_the_former_stays() {
    let married = JANE.replace("Doe^Jane", "Roe^Jane").replace("|F|", "|U|");
    let text = [message("ADT^A01", &[JANE]), message("ADT^A08", &[&married])].concat();
    let chart = one(&text);
    let patient = chart.patient().unwrap();
    let families: Vec<_> = patient
        .name
        .iter()
        .map(|name| name.family.as_deref().unwrap())
        .collect();
    assert_eq!(families, ["Roe", "Doe"]);
    assert!(patient.gender.as_ref().unwrap().is("unknown"));
    assert!(
        residual(&chart)
            .iter()
            .any(|(path, content)| path.ends_with("#gender") && content.contains("female"))
    );
}

#[test]
fn a_merge_names_who_the_patient_was() {
    let chart = one(&message(
        "ADT^A40^ADT_A39",
        &["EVN|A40|20240102", JANE, "MRG|9^^^ACME^MR||||||Dow^Jane"],
    ));
    let patient = chart.patient().unwrap();
    let former = patient
        .identifier
        .iter()
        .find(|known| known.value.as_deref() == Some("9"))
        .unwrap();
    assert_eq!(former.use_.as_deref(), Some("old"));
    assert_eq!(patient.link[0].type_.as_deref(), Some("replaces"));
    let other = patient.link[0]
        .other
        .as_ref()
        .unwrap()
        .identifier
        .as_ref()
        .unwrap();
    assert!(other.is_same_as(former));
    assert!(
        patient
            .name
            .iter()
            .any(|name| name.family.as_deref() == Some("Dow"))
    );

    let moved = read(&message("ADT^A45", &[JANE, "MRG|9^^^ACME^MR"]));
    let patient = moved.charts[0].patient().unwrap();
    assert!(patient.link.is_empty() && patient.identifier.len() == 1);
    assert!(
        moved
            .findings
            .iter()
            .any(|finding| finding.code == "v2.merge.not-applied")
    );
    assert!(residual(&moved.charts[0]).contains(&("MRG-1[1].1".into(), "9".into())));
}

#[test]
fn a_visit_with_its_people_and_places() {
    let text = message(
        "ADT^A03^ADT_A03",
        &[
            JANE,
            "PV1|1|I|W1^R2^B3^HOSP|E|||1^Ash^Ann^^^Dr^^^NPI&2.16.840.1.113883.4.6&ISO|2^Elm^Ed||MED||||7|||3^Fir^Flo||V9^^^HOSP^VN|||||||||||||||||01|||||||||20240101|20240102",
            "PV2|||R07.9^Chest pain^I10C",
            "DG1|1||I21.9^Infarction^I10C||20240101|A",
            "AL1|1|DA|7980^Penicillin^RXNORM|SV|Hives~Rash|2001",
            "AL1|2|DA|^NKDA",
            "PR1|1||0270346^PCI^I10P||20240101|D",
            "IN1|1|PLAN1^Gold|PAY1|Payer Inc|1 Pay Rd^^Paytown^NY^10001||555-1|G7|Group 7|||20230101|20241231|||Doe^Jane|SEL|19800202||||||||||||||||||POL1",
            "ZZZ|own|data",
        ],
    );
    let import = read(&text);
    let chart = &import.charts[0];
    let visit = all(chart, Encounter::from_record)[0];
    assert!(visit.status.as_ref().unwrap().is("finished"));
    assert_eq!(visit.class.as_ref().unwrap().code.as_deref(), Some("IMP"));
    assert_eq!(visit.identifier[0].value.as_deref(), Some("V9"));
    assert_eq!(visit.participant.len(), 3);
    assert_eq!(visit.diagnosis.len(), 1);
    assert_eq!(
        visit
            .hospitalization
            .as_ref()
            .unwrap()
            .discharge_disposition
            .as_ref()
            .unwrap()
            .label(),
        Some("01")
    );
    assert_eq!(chart.of_class(RecordClass::Location).count(), 4);
    let attending = chart.of_class(RecordClass::Practitioner).next().unwrap();
    assert_eq!(
        attending.identifiers()[0].system.as_deref(),
        Some("http://hl7.org/fhir/sid/us-npi")
    );
    let allergies = all(chart, AllergyIntolerance::from_record);
    assert_eq!(allergies[0].reaction[0].manifestation.len(), 2);
    assert!(allergies[0].criticality.as_ref().unwrap().is("high"));
    assert_eq!(allergies[1].knowledge, AllergyKnowledge::NoneKnown);
    assert_eq!(all(chart, Condition::from_record).len(), 1);
    assert_eq!(all(chart, Procedure::from_record).len(), 1);
    let coverage = all(chart, Coverage::from_record)[0];
    assert_eq!(coverage.subscriber, coverage.beneficiary);
    assert_eq!(coverage.class.len(), 2);
    assert!(residual(chart).contains(&("ZZZ-1".into(), "own".into())));
    assert!(
        import
            .findings
            .iter()
            .any(|finding| finding.code == "v2.segment.local")
    );
}

#[test]
fn values_by_their_type() {
    let value = |kind: &str, value: &str, unit: &str| {
        let chart = one(&message(
            "ORU^R01",
            &[
                JANE,
                "OBR|1||F|T",
                &format!("OBX|1|{kind}|T^Test^L||{value}|{unit}|||||F"),
            ],
        ));
        all(&chart, Observation::from_record)[0].clone()
    };
    let Some(Value::Quantity(less)) = value("SN", "<^5", "mg/L").value else {
        panic!()
    };
    assert_eq!(
        (less.comparator, less.unit.as_deref()),
        (Some(Comparator::Less), Some("mg/L"))
    );
    assert!(matches!(value("SN", "^1^:^128", "").value, Some(Value::Ratio(_))));
    assert!(matches!(value("SN", "^5^-^10", "").value, Some(Value::Range(_))));
    assert!(matches!(value("SN", "^3^+", "").value, Some(Value::String(text)) if text == "3+"));
    assert!(
        matches!(value("NM", "7.10", "%").value, Some(Value::Quantity(q)) if q.value.as_ref().unwrap().as_str() == "7.10")
    );
    assert!(matches!(value("NM", "trace", "%").value, Some(Value::String(text)) if text == "trace"));
    assert!(matches!(
        value("ST", "120", "mm[Hg]").value,
        Some(Value::Quantity(_))
    ));
    assert!(matches!(value("ST", "120", "").value, Some(Value::String(_))));
    assert!(matches!(
        value("CWE", "260373001^Detected^SCT", "").value,
        Some(Value::CodeableConcept(_))
    ));
    assert!(matches!(value("TX", "one~two", "").value, Some(Value::String(text)) if text == "one\ntwo"));
    assert!(
        matches!(value("FT", "one\\.br\\two", "").value, Some(Value::String(text)) if text == "one\ntwo")
    );
    assert!(matches!(
        value("TS", "20240102", "").value,
        Some(Value::DateTime(_))
    ));
    assert!(matches!(value("TM", "1530", "").value, Some(Value::Time(_))));
    assert!(
        matches!(value("ED", "^AP^PDF^Base64^SGVsbG8=", "").value, Some(Value::Attachment(a)) if a.data.as_deref() == Some("SGVsbG8="))
    );
    assert!(matches!(value("XPN", "Doe^Jane", "").value, Some(Value::String(text)) if text == "Jane Doe"));
    assert_eq!(value("CE", "A^One^L~B^Two^L", "").component.len(), 2);
    let null = value("NM", "\"\"", "");
    assert_eq!(null.value, None);
    let reason = null.data_absent_reason.unwrap().absent.unwrap();
    assert_eq!(reason.reason, AbsentReason::Deleted);
}

#[test]
fn orders_results_and_specimens_hang_together() {
    let chart = one(&message(
        "ORU^R01^ORU_R01",
        &[
            JANE,
            "ORC|RE|P1^ACME|F1^LAB||CM||||20240101|||1^Ash^Ann",
            "OBR|1|P1^ACME|F1^LAB|58410-2^CBC^LN|||20240101080000|||||||20240101090000|||||||||20240101100000||HM|F",
            "NTE|1|L|checked twice",
            "OBX|1|NM|718-7^Hemoglobin^LN||13.2|g/dL|12-16|N|||F|||||||||||||||ACME Lab^L^^^^CLIA&2.16.840.1.113883.4.7&ISO^XX^^^05D1",
            "NTE|1|L|normal for age",
            "SPM|1|S1&ACME^S2&LAB||119297000^Blood^SCT|||||||||||||20240101080000|20240101090000",
            "ORC|RE|P2^ACME|F2^LAB",
            "OBR|2|P2^ACME|F2^LAB|2345-7^Glucose^LN|||20240101080000",
            "OBX|1|NM|2345-7^Glucose^LN||95|mg/dL|||||F",
        ],
    ));
    let reports = all(&chart, DiagnosticReport::from_record);
    assert_eq!(reports.len(), 2);
    assert_eq!(reports[0].note[0].text, "checked twice");
    assert_eq!(reports[0].result.len(), 1);
    assert_eq!(reports[0].specimen.len(), 1);
    assert!(reports[1].specimen.is_empty());
    let observations = all(&chart, Observation::from_record);
    assert_eq!(observations[0].note[0].text, "normal for age");
    assert_eq!(
        observations[0].reference_range[0]
            .low
            .as_ref()
            .unwrap()
            .value
            .as_ref()
            .unwrap()
            .as_str(),
        "12"
    );
    assert!(observations[0].specimen.is_some());
    let Some(Occurrence::DateTime(time)) = &observations[0].effective else {
        panic!()
    };
    assert_eq!(time.offset(), Offset::Minutes(-300), "the zone of MSH-7");
    let requests = all(&chart, ServiceRequest::from_record);
    assert_eq!(requests.len(), 2);
    assert!(requests[0].status.as_ref().unwrap().is("completed"));
    assert!(requests[0].requester.is_some());
    let specimen = all(&chart, Specimen::from_record)[0];
    assert_eq!(specimen.identifier.len(), 2);
}

#[test]
fn vaccinations_given_and_refused() {
    let chart = one(&message(
        "VXU^V04^VXU_V04",
        &[
            JANE,
            "ORC|RE||V1^ACME",
            "RXA|0|1|20240101||03^MMR^CVX|0.5|mL^^UCUM||00^New record^NIP001|1^Ash^Ann|||||LOT1|20250101|MSD^Merck^MVX|||CP|A",
            "RXR|C38299^Subcutaneous^NCIT|LA^Left arm^HL70163",
            "OBX|1|CE|64994-7^Eligibility^LN|1|V02^Medicaid^HL70064||||||F",
            "OBX|2|CE|30956-7^Vaccine type^LN|2|03^MMR^CVX||||||F",
            "OBX|3|TS|29768-9^VIS published^LN|2|20120420||||||F",
            "OBX|4|TS|29769-7^VIS given^LN|2|20240101||||||F",
            "ORC|RE||9999^ACME",
            "RXA|0|1|20240101||141^Influenza^CVX|999||||||||||||00^Parental refusal^NIP002||RE",
        ],
    ));
    let given = all(&chart, Immunization::from_record);
    assert_eq!(given.len(), 2);
    assert!(given[0].status.as_ref().unwrap().is("completed"));
    assert_eq!(given[0].primary_source, Some(true));
    assert_eq!(given[0].program_eligibility.len(), 1);
    assert_eq!(given[0].education.len(), 1);
    assert!(
        given[0].education[0].publication_date.is_some() && given[0].education[0].presentation_date.is_some()
    );
    assert_eq!(given[0].lot_number.as_deref(), Some("LOT1"));
    assert!(given[1].status.as_ref().unwrap().is("not-done"));
    assert!(given[1].dose_quantity.is_none() && given[1].status_reason.is_some());
    assert_eq!(chart.of_class(RecordClass::Observation).count(), 0);
}

#[test]
fn documents_appointments_and_medications() {
    let chart = one(&message(
        "MDM^T02",
        &[
            JANE,
            "TXA|1|DS^Discharge summary^HL70270|TX|20240101|||20240102||1^Ash^Ann|||D1^ACME||||file.txt|AU||AV",
            "OBX|1|TX|||Dear colleague",
        ],
    ));
    let document = all(&chart, Document::from_record)[0];
    assert_eq!(document.content[0].data.as_deref(), Some("RGVhciBjb2xsZWFndWU="));
    assert!(document.doc_status.as_ref().unwrap().is("final"));

    let chart = one(&message(
        "SIU^S12^SIU_S12",
        &[
            "SCH|A1^ACME|B1^ACME||||||ROUTINE^Routine^HL70277|30|min|^^^202401051000^202401051030||||||||||||||Booked",
            JANE,
            "RGS|1",
            "AIS|1||99213^Visit^C4|202401051000",
            "AIP|1||1^Ash^Ann|ATT",
            "AIL|1||ROOM^1^^HOSP",
        ],
    ));
    let appointment = all(&chart, Appointment::from_record)[0];
    assert!(appointment.status.as_ref().unwrap().is("booked"));
    assert_eq!(appointment.minutes_duration, Some(30));
    assert_eq!(appointment.participant.len(), 3);

    let chart = one(&message(
        "RDE^O11^RDE_O11",
        &[
            JANE,
            "ORC|NW|R1^ACME|||IP||||20240101",
            "RXE|^^^20240101|197361^Amlodipine 5 MG^RXNORM|5||mg|TAB|||N|30|TAB|3",
            "RXR|PO^Oral^HL70162",
            "TQ1|1||QD|||30^D|20240101",
        ],
    ));
    let order = all(&chart, MedicationRequest::from_record)[0];
    assert!(order.status.as_ref().unwrap().is("active"));
    assert_eq!(order.repeats_allowed, Some(3));
    assert_eq!(order.dosage[0].route.as_ref().unwrap().label(), Some("Oral"));
    assert!(order.dosage[0].dose.is_some() && order.dosage[0].timing.is_some());
}

#[test]
fn null_asks_to_delete() {
    let chart = one(&message(
        "ADT^A08",
        &["PID|1||7^^^ACME^MR||Doe^Jane||\"\"|\"\"|||\"\"||\"\""],
    ));
    let patient = chart.patient().unwrap();
    let deleted =
        |absent: &Option<ehr_types::Absent>| absent.as_ref().unwrap().reason == AbsentReason::Deleted;
    assert!(deleted(&patient.gender.as_ref().unwrap().absent));
    assert!(deleted(&patient.address[0].absent) && deleted(&patient.telecom[0].absent));
    // The model cannot say why a birth date is missing: the request is kept.
    assert_eq!(residual(&chart), [("PID-7".to_owned(), "\"\"".to_owned())]);
}

#[test]
fn local_codes_are_of_their_sender() {
    let code = |sender: &str| {
        let text = message(
            "ORU^R01",
            &[JANE, "OBR|1||F|T", "OBX|1|ST|GLU^Glucose^L||x||||||F"],
        )
        .replace("|ACME|||2024", &format!("|{sender}|||2024"));
        let chart = one(&text);
        all(&chart, Observation::from_record)[0].code.clone().unwrap()
    };
    assert!(code("A").codings[0].is_same_as(&code("A").codings[0]));
    assert!(!code("A").codings[0].is_same_as(&code("B").codings[0]));
}

#[test]
fn what_is_no_message_is_refused_with_a_place() {
    for bytes in [
        &b""[..],
        b"  \r\n",
        b"<ClinicalDocument/>",
        b"\x00\x01\x02",
        b"{\"resourceType\":\"Patient\"}",
    ] {
        let error = import(bytes, &ImportOptions::new(Source::new("test"))).unwrap_err();
        assert!(matches!(error, ImportError::Unreadable(_)));
        assert!(error.findings()[0].location.line.is_some());
    }
}

#[test]
fn a_message_without_a_patient_keeps_what_it_says() {
    let import = read(&message("MFN^M02", &["MFI|PRA", "STF|1|2|Doe^Jo"]));
    let found = |code| import.findings.iter().any(|finding| finding.code == code);
    assert!(found("v2.no-patient") && !found("v2.no-chart"));
    assert_eq!(import.charts.len(), 1);
    assert!(import.charts[0].patient().is_none());
    assert!(residual(&import.charts[0]).contains(&("STF-3[1].1".into(), "Doe".into())));
}

#[test]
fn batches_frames_and_places() {
    let bad = "PID|1||8^^^ACME^MR||Roe^Joe||1980-13-99";
    let text = format!(
        "FHS|^~\\&|A\rBHS|^~\\&|B\r{}{}BTS|2\rFTS|1\r",
        message("ADT^A01", &[JANE]),
        message("ADT^A01", &[bad])
    );
    let import = read(&text);
    assert_eq!(import.charts.len(), 2);
    let finding = import
        .findings
        .iter()
        .find(|finding| finding.code == "v2.time.unread")
        .unwrap();
    assert!(finding.location.path.starts_with("MSG[2]/PID-7"), "{finding}");
    let span = finding.location.span.unwrap();
    assert_eq!(&text.as_bytes()[span.start..span.end], b"1980-13-99");
    assert!(residual(&import.charts[0]).iter().any(|(path, _)| path == "FHS"));
    assert!(
        residual(&import.charts[1])
            .iter()
            .any(|(path, content)| path == "MSG[2]/PID-7" && content == "1980-13-99")
    );

    let framed = format!(
        "\x0b{}\x1c\r\x0b{}\x1c\r",
        message("ADT^A01", &[JANE]),
        message("ADT^A08", &[JANE])
    );
    assert_eq!(read(&framed).charts.len(), 1);
}
