//! Invariants of the specification: one resource that breaks each, and where it is reported.

use ehr_fhir::{ParseOptions, Severity, parse_resource};

/// Key, place, and a resource that breaks the rule there.
const BROKEN: &[(&str, &str, &str)] = &[
    (
        "inv-1",
        "Task",
        r#"{"resourceType":"Task","status":"draft","intent":"order","authoredOn":"2020-02-01","lastModified":"2020-01-01"}"#,
    ),
    (
        "con-4",
        "Condition",
        r#"{"resourceType":"Condition","subject":{"display":"x"},
        "_abatementString":{"extension":[{"url":"http://a","valueString":"b"}]}}"#,
    ),
    (
        "org-2",
        "Organization.address[1]",
        r#"{"resourceType":"Organization","name":"x","address":[{"text":"a"},{"use":"home","text":"b"}]}"#,
    ),
    (
        "org-3",
        "Organization.telecom[0]",
        r#"{"resourceType":"Organization","name":"x","telecom":[{"use":"home","system":"phone","value":"1"}]}"#,
    ),
    (
        "con-3",
        "Condition",
        r#"{"resourceType":"Condition","subject":{"display":"x"},"category":[{"coding":[{"system":
        "http://terminology.hl7.org/CodeSystem/condition-category","code":"problem-list-item"}]}]}"#,
    ),
    (
        "nor-1",
        "NutritionOrder",
        r#"{"resourceType":"NutritionOrder","status":"active","intent":"order","patient":{"display":"x"},"dateTime":"2020"}"#,
    ),
    (
        "ctm-1",
        "CareTeam.participant[0]",
        r#"{"resourceType":"CareTeam","participant":[{"member":{"reference":"Patient/1"},"onBehalfOf":{"display":"x"}}]}"#,
    ),
    (
        "ras-1",
        "RiskAssessment.prediction[0].probabilityRange",
        r#"{"resourceType":"RiskAssessment","status":"final","subject":{"display":"x"},
        "prediction":[{"probabilityRange":{"low":{"value":1}}}]}"#,
    ),
    (
        "mea-1",
        "Measure.group[0].stratifier[0]",
        r#"{"resourceType":"Measure","status":"draft","group":[{"stratifier":[{"description":"x","component":[
        {"criteria":{"language":"text/cql","expression":"x"}}]}]}]}"#,
    ),
    (
        "mrp-2",
        "MeasureReport.group[0].stratifier[0].stratum[0]",
        r#"{"resourceType":"MeasureReport","status":"complete","type":"summary","measure":"http://a","period":{"start":"2020"},
        "group":[{"stratifier":[{"stratum":[{"value":{"text":"x"},"component":[{"code":{"text":"x"},"value":{"text":"x"}}]}]}]}]}"#,
    ),
    (
        "cpb-7",
        "CapabilityStatement",
        r#"{"resourceType":"CapabilityStatement","status":"draft","date":"2020","kind":"requirements","fhirVersion":"4.0.1",
        "format":["json"],"description":"x","document":[{"mode":"producer","profile":"http://a"},
        {"mode":"producer","profile":"http://a"}]}"#,
    ),
    (
        "cpb-12",
        "CapabilityStatement.rest[0].resource[0]",
        r#"{"resourceType":"CapabilityStatement","status":"draft","date":"2020","kind":"requirements","fhirVersion":"4.0.1",
        "format":["json"],"description":"x","rest":[{"mode":"server","resource":[{"type":"Patient","searchParam":[
        {"name":"a","type":"string"},{"name":"a","type":"string"}]}]}]}"#,
    ),
    (
        "tcp-1",
        "TerminologyCapabilities.codeSystem[0]",
        r#"{"resourceType":"TerminologyCapabilities","status":"draft","date":"2020","kind":"requirements","description":"x",
        "codeSystem":[{"version":[{"code":"1"},{"isDefault":true}]}]}"#,
    ),
    (
        "tcp-2",
        "TerminologyCapabilities",
        r#"{"resourceType":"TerminologyCapabilities","status":"draft","date":"2020","kind":"requirements"}"#,
    ),
    (
        "tcp-3",
        "TerminologyCapabilities",
        r#"{"resourceType":"TerminologyCapabilities","status":"draft","date":"2020","kind":"instance","description":"x"}"#,
    ),
    (
        "tcp-4",
        "TerminologyCapabilities",
        r#"{"resourceType":"TerminologyCapabilities","status":"draft","date":"2020","kind":"capability","description":"x"}"#,
    ),
    (
        "tcp-5",
        "TerminologyCapabilities",
        r#"{"resourceType":"TerminologyCapabilities","status":"draft","date":"2020","kind":"requirements","software":{"name":"x"}}"#,
    ),
    (
        "nsd-1",
        "NamingSystem",
        r#"{"resourceType":"NamingSystem","name":"A","status":"draft","kind":"root","date":"2020","uniqueId":[
        {"type":"uuid","value":"0b2dbb3a-5d3c-4d43-8b1f-0d7d3a1f3c11"}]}"#,
    ),
    (
        "nsd-2",
        "NamingSystem",
        r#"{"resourceType":"NamingSystem","name":"A","status":"draft","kind":"codesystem","date":"2020","uniqueId":[
        {"type":"uri","value":"http://a","preferred":true},{"type":"uri","value":"http://b","preferred":true}]}"#,
    ),
    (
        "md-1",
        "MessageDefinition.focus[0].max",
        r#"{"resourceType":"MessageDefinition","status":"draft","date":"2020","eventUri":"http://a","focus":[
        {"code":"Patient","min":0,"max":"0"}]}"#,
    ),
    (
        "ig-1",
        "ImplementationGuide.definition",
        r#"{"resourceType":"ImplementationGuide","url":"http://a","name":"A","status":"draft","packageId":"a","fhirVersion":["4.0.1"],
        "definition":{"resource":[{"reference":{"display":"x"},"groupingId":"g"}]}}"#,
    ),
    (
        "ig-2",
        "ImplementationGuide",
        r#"{"resourceType":"ImplementationGuide","url":"http://a","name":"A","status":"draft","packageId":"a","fhirVersion":["4.0.1"],
        "definition":{"resource":[{"reference":{"display":"x"},"fhirVersion":["4.0.0"]}]}}"#,
    ),
    ("tst-3", "TestScript.variable[0]", TEST_VARIABLE),
    ("tst-5", "TestScript.setup.action[0].assert", TEST_ASSERTS),
    ("tst-7", "TestScript.test[0].action[0].operation", TEST_OPERATION),
    ("tst-10", "TestScript.setup.action[1].assert", TEST_ASSERTS),
    ("tst-12", "TestScript.setup.action[2].assert", TEST_ASSERTS),
    ("eld-11", "StructureDefinition.differential.element[1]", ELEMENTS),
    (
        "eld-12",
        "StructureDefinition.differential.element[1].binding.valueSet",
        ELEMENTS,
    ),
    (
        "eld-16",
        "StructureDefinition.differential.element[1].sliceName",
        ELEMENTS,
    ),
    ("eld-18", "StructureDefinition.differential.element[1]", ELEMENTS),
    (
        "eld-19",
        "StructureDefinition.differential.element[2].path",
        ELEMENTS,
    ),
    ("sdf-14", "StructureDefinition", ELEMENTS),
    ("sdf-9", "StructureDefinition", ELEMENTS),
    ("sdf-15a", "StructureDefinition", ELEMENTS),
    ("sdf-18", "StructureDefinition", ELEMENTS),
    ("sdf-19", "StructureDefinition", ELEMENTS),
    ("sdf-20", "StructureDefinition.differential", ELEMENTS),
    ("sdf-21", "StructureDefinition", ELEMENTS),
    ("sdf-22", "StructureDefinition", ELEMENTS),
    ("sdf-23", "StructureDefinition", ELEMENTS),
    ("sdf-8a", "StructureDefinition.differential", ELEMENTS),
    ("sdf-5", "StructureDefinition", SNAPSHOT),
    ("sdf-8", "StructureDefinition.snapshot", SNAPSHOT),
    ("sdf-8b", "StructureDefinition.snapshot", SNAPSHOT),
    ("sdf-10", "StructureDefinition.snapshot.element[1]", SNAPSHOT),
    ("sdf-11", "StructureDefinition", SNAPSHOT),
    ("sdf-15", "StructureDefinition", SNAPSHOT),
];

const TEST_VARIABLE: &str = r#"{"resourceType":"TestScript","url":"http://a","name":"A","status":"draft","variable":[
    {"name":"v","expression":"x","headerField":"x","path":"x"}]}"#;

const TEST_ASSERTS: &str = r#"{"resourceType":"TestScript","url":"http://a","name":"A","status":"draft","setup":{"action":[
    {"assert":{"contentType":"json","minimumId":"x","warningOnly":false}},
    {"assert":{"compareToSourceId":"x","warningOnly":false}},
    {"assert":{"direction":"request","responseCode":"200","warningOnly":false}}]}}"#;

const TEST_OPERATION: &str = r#"{"resourceType":"TestScript","url":"http://a","name":"A","status":"draft","test":[{"action":[
    {"operation":{"encodeRequestUrl":true,"targetId":"a","url":"b"}}]}]}"#;

const ELEMENTS: &str = r#"{"resourceType":"StructureDefinition","url":"http://hl7.org/fhir/StructureDefinition/a","name":"A",
    "status":"draft","kind":"resource","abstract":false,"type":"Patient","contextInvariant":["true"],
    "baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient","derivation":"constraint","differential":{"element":[
    {"id":"a","path":"Patient","label":"x","sliceName":"s","type":[{"code":"x-y"}],
     "slicing":{"rules":"open","description":"x"}},
    {"id":"b","path":"Patient.a","sliceName":"no good","isModifier":true,"type":[{"code":"boolean"}],"defaultValueBoolean":true,
     "binding":{"strength":"required","valueSet":"a"}},
    {"path":"Person.a b"}]}}"#;

const SNAPSHOT: &str = r#"{"resourceType":"StructureDefinition","url":"http://example.org/a","name":"A",
    "status":"draft","kind":"complex-type","abstract":false,"type":"Extension",
    "baseDefinition":"http://hl7.org/fhir/StructureDefinition/Extension","derivation":"constraint","snapshot":{"element":[
    {"id":"a","path":"Patient","min":0,"max":"*","definition":"x","type":[{"code":"Patient"}]},
    {"id":"b","path":"Person.a","min":0,"max":"*","definition":"x","type":[{"code":"code"}],"binding":{"strength":"required"}}]}}"#;

#[test]
fn each_is_reported_at_its_place() {
    for (key, place, json) in BROKEN {
        let findings = parse_resource(json.as_bytes(), &ParseOptions::default())
            .unwrap()
            .findings;
        let code = format!("fhir.invariant.{key}");
        let found = findings
            .iter()
            .any(|finding| finding.code == code && finding.location.path == *place);
        assert!(found, "{key}: {findings:?}");
    }
}

#[test]
fn what_the_specification_calls_a_warning_is_one() {
    for (key, _, json) in BROKEN.iter().filter(|(key, ..)| ["con-3", "nor-1"].contains(key)) {
        let findings = parse_resource(json.as_bytes(), &ParseOptions::default())
            .unwrap()
            .findings;
        assert_eq!(findings.len(), 1, "{key}: {findings:?}");
        assert_eq!(findings[0].severity, Severity::Warning);
    }
}
