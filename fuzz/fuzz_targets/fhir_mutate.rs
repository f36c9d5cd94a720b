//! Faults planted in valid resources, as many and where the input says: nothing panics, nothing is lost, what is written
//! reads the same again, and each fault is reported at its place.
#![no_main]

use std::fmt::Write;

use ehr::fhir::r4::Resource;
use ehr::fhir::{Element, Field, Kind, ParseOptions, check, parse_resource, to_json_vec};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

/// Valid resources; the first byte of the input chooses one.
const SOUND: &[&str] = &[
    r#"{"resourceType":"Patient","id":"p1","meta":{"versionId":"1","lastUpdated":"2021-02-03T04:05:06Z"},
      "text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">Ada Example</div>"},
      "extension":[{"url":"http://example.org/race","extension":[{"url":"text","valueString":"x"}]}],
      "identifier":[{"use":"usual","system":"urn:example:mrn","value":"17","period":{"start":"2020-01-02"}}],
      "active":true,"name":[{"use":"official","family":"Example","given":["Ada","B"]}],"gender":"female",
      "birthDate":"1980-05-06","deceasedBoolean":false,"multipleBirthInteger":2,
      "telecom":[{"system":"phone","value":"555-0100","rank":1}],
      "contact":[{"name":{"family":"Other"}}],"communication":[{"language":{"text":"English"},"preferred":true}]}"#,
    r##"{"resourceType":"Observation","id":"o1","contained":[{"resourceType":"Device","id":"d","status":"active"}],
      "status":"final","category":[{"coding":[{"system":"http://example.org/category","code":"vital-signs"}]}],
      "code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}],"text":"blood pressure"},
      "subject":{"reference":"Patient/p1"},"device":{"reference":"#d"},"effectiveDateTime":"2021-02-03T04:05:00+01:00",
      "issued":"2021-02-03T04:05:06.700Z","component":[
      {"code":{"text":"systolic"},"valueQuantity":{"value":120,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},
      {"code":{"text":"diastolic"},"valueQuantity":{"value":80.5,"unit":"mmHg"}}],
      "referenceRange":[{"low":{"value":90},"high":{"value":140},"text":"usual"}]}"##,
    r#"{"resourceType":"MedicationRequest","status":"active","intent":"order","subject":{"reference":"Patient/p1"},
      "medicationCodeableConcept":{"coding":[{"system":"urn:example:drugs","code":"A1","display":"drug"}]},
      "authoredOn":"2021-02","dosageInstruction":[{"sequence":1,"text":"twice a day","asNeededBoolean":false,
      "timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d","boundsPeriod":{"start":"2021-02-03","end":"2021-03-03"}}},
      "doseAndRate":[{"doseQuantity":{"value":1.50,"unit":"tablet"}}]}],
      "dispenseRequest":{"numberOfRepeatsAllowed":0,"quantity":{"value":30}}}"#,
    r#"{"resourceType":"Bundle","type":"collection","timestamp":"2021-02-03T04:05:06Z","entry":[
      {"fullUrl":"urn:uuid:0b2dbb3a-5d3c-4d43-8b1f-0d7d3a1f3c11","resource":{"resourceType":"Condition","id":"c1",
       "clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},
       "code":{"text":"asthma"},"subject":{"reference":"Patient/p1"},"onsetAge":{"value":7,"unit":"a",
       "system":"http://unitsofmeasure.org","code":"a"},"note":[{"text":"since school","time":"2021-02-03"}]}},
      {"fullUrl":"urn:uuid:0b2dbb3a-5d3c-4d43-8b1f-0d7d3a1f3c12","resource":{"resourceType":"Encounter","id":"e1",
       "status":"finished","class":{"code":"AMB"},"period":{"start":"2021-02-03","end":"2021-02-04"},
       "participant":[{"individual":{"display":"Dr. Example"}}]}}]}"#,
];

/// A step into a JSON value.
#[derive(Clone, PartialEq)]
enum Step {
    Member(String),
    Item(usize),
}

fn at<'v>(root: &'v mut Value, steps: &[Step]) -> &'v mut Value {
    steps.iter().fold(root, |value, step| match step {
        Step::Member(name) => &mut value[name.as_str()],
        Step::Item(index) => &mut value[*index],
    })
}

fn path(root: &Value, steps: &[Step]) -> String {
    let mut out = root["resourceType"].as_str().expect("a resource").to_owned();
    for step in steps {
        match step {
            Step::Member(name) => write!(out, ".{name}"),
            Step::Item(index) => write!(out, "[{index}]"),
        }
        .expect("a String takes all");
    }
    out
}

fn places(value: &Value, here: &mut Vec<Step>, out: &mut Vec<Vec<Step>>) {
    out.push(here.clone());
    let mut inside = |step: Step, value: &Value| {
        here.push(step);
        places(value, here, out);
        here.pop();
    };
    match value {
        Value::Object(members) => {
            for (name, value) in members.iter().filter(|(name, _)| *name != "resourceType") {
                inside(Step::Member(name.clone()), value);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                inside(Step::Item(index), value);
            }
        }
        _ => {}
    }
}

fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 7
        && bytes[..4].iter().all(u8::is_ascii_digit)
        && bytes[4] == b'-'
        && bytes[5].is_ascii_digit()
}

/// A fault that was planted.
struct Planted {
    /// The places that it made faulty: nothing else may be planted in or around them, it would hide the one or the other.
    spoiled: Vec<Vec<Step>>,
    /// Where it must be found.
    path: String,
}

fn is_inside(steps: &[Step], outer: &[Step]) -> bool {
    steps.len() >= outer.len() && steps[..outer.len()] == *outer
}

/// Plants a fault in the value at a place: of the kind that `fault` numbers, `pick` chooses within it. `None` when the
/// value takes no such fault.
fn plant(fault: u8, pick: u8, root: &mut Value, place: &[Step], planted: &[Planted]) -> Option<Planted> {
    let of = |member: &str| [place, &[Step::Member(member.to_owned())]].concat();
    let spoiled = || planted.iter().flat_map(|other| &other.spoiled);
    let untouched =
        |place: &[Step]| spoiled().all(|other| !is_inside(other, place) && !is_inside(place, other));
    let value = at(root, place);
    let is_resource = value["resourceType"].is_string();
    let (members, found) = match fault % 11 {
        8 if value.is_object() && untouched(&of("unheardOf")) => {
            value["unheardOf"] = json!({"x": [pick]});
            (vec!["unheardOf".to_owned()], "unheardOf".to_owned())
        }
        9 if is_resource => without_required(pick, value, &|member| untouched(&of(member)))?,
        10 if is_resource && pick < 128 => with_second_choice(pick, value, &|member| untouched(&of(member)))?,
        10 if is_resource => with_bad_code(pick, value, &|member| untouched(&of(member)))?,
        fault if untouched(place) && spoil(fault, pick, place, value) => {
            return Some(Planted {
                spoiled: vec![place.to_vec()],
                path: path(root, place),
            });
        }
        _ => return None,
    };
    let spoiled = members.iter().map(|member| of(member)).collect();
    Some(Planted {
        spoiled,
        path: format!("{}.{found}", path(root, place)),
    })
}

/// Puts in the place of a value one that cannot be right.
fn spoil(fault: u8, pick: u8, place: &[Step], value: &mut Value) -> bool {
    let is_resource = value["resourceType"].is_string();
    let is_member = matches!(place.last(), Some(Step::Member(_)));
    *value = match fault {
        0 if value.is_object() && !is_resource => json!([value.take()]),
        1 if matches!(value.as_array().map(Vec::as_slice), Some([Value::Object(_)])) => value[0].take(),
        2 if value.is_string() => json!(pick),
        3 if value.is_number() || value.is_boolean() => json!(value.to_string()),
        4 if value.as_str().is_some_and(is_date) => {
            json!(["2020-13-01", "2021-02-30", "yesterday", "2021-2-3", "20210203"][usize::from(pick) % 5])
        }
        5 if value.is_array() => json!([]),
        6 if is_member && value.is_object() && !is_resource => json!({}),
        7 if is_member => Value::Null,
        _ => return false,
    };
    true
}

type Members = (Vec<String>, String);
type Free<'f> = &'f dyn Fn(&str) -> bool;

fn fields_of(value: &Value) -> Option<&'static [Field]> {
    let resource = Resource::new(value["resourceType"].as_str()?)?;
    Some(resource.as_element()?.describe().fields)
}

fn one_of<'f>(pick: u8, fields: impl Iterator<Item = &'f Field>) -> Option<&'f Field> {
    let fit: Vec<_> = fields.collect();
    fit.get(usize::from(pick) % fit.len().max(1)).copied()
}

fn without_required(pick: u8, value: &mut Value, free: Free<'_>) -> Option<Members> {
    let fields = fields_of(value)?.iter();
    let members = value.as_object_mut()?;
    let field = one_of(
        pick,
        fields.filter(|field| field.required() && members.contains_key(field.name()) && free(field.name())),
    )?;
    members.remove(field.name());
    Some((vec![field.name().to_owned()], field.element_name().to_owned()))
}

fn with_second_choice(pick: u8, value: &mut Value, free: Free<'_>) -> Option<Members> {
    let fields = fields_of(value)?;
    let members = value.as_object_mut()?;
    let first = |field: &Field| {
        fields.iter().find(|other| {
            other.slot() == field.slot() && members.contains_key(other.name()) && free(other.name())
        })
    };
    let plain = |field: &&Field| matches!(field.kind(), Kind::Boolean | Kind::DateTime | Kind::String);
    let new = |field: &&Field| {
        field.choice().is_some() && !members.contains_key(field.name()) && free(field.name())
    };
    let field = one_of(
        pick,
        fields
            .iter()
            .filter(plain)
            .filter(new)
            .filter(|field| first(field).is_some()),
    )?;
    let first = first(field)?.name();
    members.insert(
        field.name().to_owned(),
        match field.kind() {
            Kind::Boolean => json!(true),
            Kind::DateTime => json!("2020"),
            _ => json!("x"),
        },
    );
    // The one that comes second in the text is reported, and serde_json sorts members.
    Some((
        vec![first.to_owned(), field.name().to_owned()],
        first.max(field.name()).to_owned(),
    ))
}

fn with_bad_code(pick: u8, value: &mut Value, free: Free<'_>) -> Option<Members> {
    let fields = fields_of(value)?.iter();
    let members = value.as_object_mut()?;
    let bound = |field: &&Field| {
        field.kind() == Kind::Code && field.binding().is_none() && field.name() != "language"
    };
    let there = |field: &&Field| members.contains_key(field.name()) && !field.many() && free(field.name());
    let field = one_of(pick, fields.filter(bound).filter(there))?;
    members.insert(field.name().to_owned(), json!("no-such-code"));
    Some((vec![field.name().to_owned()], field.name().to_owned()))
}

fuzz_target!(|bytes: &[u8]| {
    let Some((first, faults)) = bytes.split_first() else {
        return;
    };
    let mut root: Value = serde_json::from_str(SOUND[usize::from(*first) % SOUND.len()]).expect("is JSON");
    let mut planted: Vec<Planted> = Vec::new();
    for fault in faults.chunks_exact(4).take(12) {
        let mut all = Vec::new();
        places(&root, &mut Vec::new(), &mut all);
        let place = &all[usize::from(u16::from_le_bytes([fault[1], fault[2]])) % all.len()];
        planted.extend(plant(fault[0], fault[3], &mut root, place, &planted));
    }

    let text = serde_json::to_vec(&root).expect("JSON is written");
    let ordered = ParseOptions {
        keep_order: true,
        ..ParseOptions::default()
    };
    let parsed = parse_resource(&text, &ordered).expect("a resource of a known type is read");
    for Planted { path, .. } in &planted {
        let found = parsed
            .findings
            .iter()
            .any(|finding| finding.location.path == *path);
        assert!(found, "nothing at {path} in {root}: {:?}", parsed.findings);
    }
    assert_eq!(
        parsed.findings.is_empty(),
        planted.is_empty(),
        "{:?}",
        parsed.findings
    );
    assert_eq!(check(&parsed.value).is_empty(), planted.is_empty());

    let written = to_json_vec(&parsed.value);
    assert_eq!(String::from_utf8_lossy(&written), String::from_utf8_lossy(&text));
    assert!(parse_resource(&written, &ordered).is_ok_and(|again| again.value == parsed.value));
    let sorted = parse_resource(&text, &ParseOptions::default()).expect("is read in any order");
    let kept: Value = serde_json::from_slice(&to_json_vec(&sorted.value)).expect("what is written is JSON");
    assert_eq!(kept, root);
});
