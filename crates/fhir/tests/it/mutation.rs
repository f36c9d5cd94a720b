//! Faults planted in valid examples are reported at their place, and nothing is reported where nothing was planted.

use std::collections::BTreeMap;

use ehr_fhir::r4::Resource;
use ehr_fhir::{
    Element, Elements, Field, Finding, Kind, Node, ParseOptions, Primitive, Primitives, Type, Visitor,
    parse_resource,
};
use serde_json::{Value, json};

use crate::corpus;

/// One planted fault: what kind, where it must be reported, and the faulty resource.
struct Mutant {
    kind: &'static str,
    path: String,
    json: Value,
}

/// A step into a JSON value.
#[derive(Clone)]
enum Step {
    Member(String),
    Item(usize),
}

fn at<'v>(value: &'v mut Value, steps: &[Step]) -> &'v mut Value {
    steps.iter().fold(value, |value, step| match step {
        Step::Member(name) => &mut value[name.as_str()],
        Step::Item(index) => &mut value[*index],
    })
}

fn path(root: &Value, steps: &[Step]) -> String {
    let mut out = root["resourceType"].as_str().unwrap().to_owned();
    for step in steps {
        match step {
            Step::Member(name) => out.push_str(&format!(".{name}")),
            Step::Item(index) => out.push_str(&format!("[{index}]")),
        }
    }
    out
}

/// Every place in a value, those of siblings (`_name`) left out.
fn places(value: &Value, here: &mut Vec<Step>, out: &mut Vec<Vec<Step>>) {
    out.push(here.clone());
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if !name.starts_with('_') && name != "resourceType" {
                    here.push(Step::Member(name.clone()));
                    places(value, here, out);
                    here.pop();
                }
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                here.push(Step::Item(index));
                places(value, here, out);
                here.pop();
            }
        }
        _ => {}
    }
}

fn looks_like_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 10
        && bytes[..4].iter().all(u8::is_ascii_digit)
        && bytes[4] == b'-'
        && bytes[5..7].iter().all(u8::is_ascii_digit)
        && bytes[7] == b'-'
        && (bytes.len() == 10 || bytes[10] == b'T')
}

/// Elements whose text is a date by their type.
fn is_date_member(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.ends_with("date")
        || lower.ends_with("datetime")
        || [
            "start",
            "end",
            "issued",
            "recorded",
            "created",
            "sent",
            "timestamp",
        ]
        .contains(&name)
}

fn mutants(root: &Value, pick: &mut impl FnMut(usize) -> usize) -> Vec<Mutant> {
    let mut all = Vec::new();
    places(root, &mut Vec::new(), &mut all);
    let mut out = Vec::new();
    let mut plant = |kind: &'static str,
                     wanted: &dyn Fn(&Value, &[Step]) -> bool,
                     change: &dyn Fn(&mut Value) -> Option<String>| {
        let fit: Vec<&Vec<Step>> = all
            .iter()
            .filter(|steps| {
                let mut copy = root.clone();
                wanted(at(&mut copy, steps), steps)
            })
            .collect();
        if fit.is_empty() {
            return;
        }
        let steps = fit[pick(fit.len())];
        let mut json = root.clone();
        if let Some(tail) = change(at(&mut json, steps)) {
            out.push(Mutant {
                kind,
                path: format!("{}{tail}", path(root, steps)),
                json,
            });
        }
    };
    let own = || Some(String::new());
    let member = |steps: &[Step]| match steps.last() {
        Some(Step::Member(name)) => name.clone(),
        _ => String::new(),
    };
    plant("unknown element", &|value, _| value.is_object(), &|value| {
        value["unheardOf"] = json!("x");
        Some(".unheardOf".to_owned())
    });
    plant(
        "array for object",
        &|value, steps| {
            value.is_object() && matches!(steps.last(), Some(Step::Member(name)) if name != "resource")
        },
        &|value| {
            *value = json!([value.clone()]);
            own()
        },
    );
    plant(
        "object for array",
        &|value, _| {
            value
                .as_array()
                .is_some_and(|items| items.len() == 1 && items[0].is_object())
        },
        &|value| {
            *value = value[0].clone();
            own()
        },
    );
    plant("number for string", &|value, _| value.is_string(), &|value| {
        *value = json!(42);
        own()
    });
    plant("string for number", &|value, _| value.is_number(), &|value| {
        *value = json!(value.to_string());
        own()
    });
    plant("string for boolean", &|value, _| value.is_boolean(), &|value| {
        *value = json!(value.to_string());
        own()
    });
    plant(
        "bad date",
        &|value, steps| value.as_str().is_some_and(looks_like_date) && is_date_member(&member(steps)),
        &|value| {
            *value = json!("2020-13-45");
            own()
        },
    );
    plant("empty array", &|value, _| value.is_array(), &|value| {
        *value = json!([]);
        own()
    });
    plant(
        "empty object",
        &|value, steps| {
            value.is_object()
                && steps.len() > 1
                && !matches!(steps.last(), Some(Step::Member(name)) if name == "resource")
        },
        &|value| {
            *value = json!({});
            own()
        },
    );
    plant(
        "null",
        &|_, steps| matches!(steps.last(), Some(Step::Member(_))),
        &|value| {
            *value = Value::Null;
            own()
        },
    );
    plant("empty string", &|value, _| value.is_string(), &|value| {
        *value = json!("");
        own()
    });
    plant(
        "end before start",
        &|value, _| {
            value["start"].is_string()
                && value["end"].is_string()
                && value.as_object().is_some_and(|o| o.len() == 2)
        },
        &|value| {
            value["end"] = json!("1800-01-01");
            own()
        },
    );
    plant(
        "value without system",
        &|value, _| value["system"].is_string() && value["code"].is_string() && value["value"].is_number(),
        &|value| {
            value.as_object_mut().unwrap().remove("system");
            own()
        },
    );
    plant(
        "extension with value and extension",
        &|value, _| {
            value["url"].is_string()
                && value["extension"].is_array()
                && value.as_object().is_some_and(|o| o.len() == 2)
        },
        &|value| {
            value["valueString"] = json!("x");
            own()
        },
    );
    plant(
        "dangling local reference",
        &|value, _| value["reference"].is_string(),
        &|value| {
            value["reference"] = json!("#nowhere");
            Some(".reference".to_owned())
        },
    );
    let kind = root["resourceType"].as_str().unwrap();
    let resource = Resource::new(kind).unwrap();
    let fields = resource.as_element().unwrap().describe().fields;
    for field in fields
        .iter()
        .filter(|field| field.kind() == Kind::Code && field.binding().is_none() && !field.many())
    {
        // Codes without a required binding.
        let open = field.name() == "code" && ["SearchParameter", "OperationDefinition"].contains(&kind);
        if root.get(field.name()).is_some() && !open {
            let mut json = root.clone();
            json[field.name()] = json!("no-such-code");
            out.push(Mutant {
                kind: "bad code",
                path: format!("{kind}.{}", field.name()),
                json,
            });
        }
    }
    by_definition(root, pick, &mut out);
    out
}

/// Every element of a resource: where it stands, and its type.
#[derive(Default)]
struct Typed {
    here: Vec<Step>,
    all: Vec<(Vec<Step>, &'static Type)>,
}

impl Typed {
    fn enter(&mut self, field: &Field, index: Option<usize>, value: &dyn Node) {
        let depth = self.here.len();
        self.here.push(Step::Member(field.name().to_owned()));
        self.here.extend(index.map(Step::Item));
        self.add(value);
        self.here.truncate(depth);
    }

    fn add(&mut self, value: &dyn Node) {
        self.all.push((self.here.clone(), value.describe()));
        value.visit(self);
    }
}

impl Visitor for Typed {
    fn primitive(&mut self, _: &'static Field, _: Primitive<'_>) {}
    fn primitives(&mut self, _: &'static Field, _: &dyn Primitives) {}
    fn element(&mut self, field: &'static Field, value: &dyn Node) {
        self.enter(field, None, value);
    }
    fn elements(&mut self, field: &'static Field, values: &dyn Elements) {
        for index in 0..values.count() {
            self.enter(field, Some(index), values.at(index).unwrap());
        }
    }
    fn resource(&mut self, field: &'static Field, value: &Resource) {
        if let Some(value) = value.as_element() {
            self.enter(field, None, value);
        }
    }
    fn resources(&mut self, field: &'static Field, values: &[Resource]) {
        for (index, value) in values.iter().enumerate() {
            if let Some(value) = value.as_element() {
                self.enter(field, Some(index), value);
            }
        }
    }
}

/// A text that is no value of that type.
fn misformed(kind: Kind) -> Option<Value> {
    Some(match kind {
        Kind::Id => json!("a_b"),
        Kind::Oid => json!("urn:oid:1.02"),
        Kind::Uuid => json!("urn:uuid:1"),
        Kind::Uri | Kind::Url | Kind::Canonical => json!("http://a b"),
        Kind::Code => json!("a  b"),
        Kind::Base64Binary => json!("A=B"),
        Kind::Date => json!("2020-02-30"),
        Kind::DateTime => json!("2020-01-01T10:00:00"),
        Kind::Instant => json!("2020-01-01"),
        Kind::Time => json!("24:00:00"),
        Kind::PositiveInt => json!(0),
        Kind::UnsignedInt => json!(-1),
        Kind::Integer => json!(1.5),
        Kind::Xhtml => json!("<div><p>x</div>"),
        _ => return None,
    })
}

/// Faults that need to know the type, at any depth: of each kind one.
fn by_definition(root: &Value, pick: &mut impl FnMut(usize) -> usize, out: &mut Vec<Mutant>) {
    let source = serde_json::to_vec(root).unwrap();
    let parsed = parse_resource(&source, &ParseOptions::default()).unwrap().value;
    let mut typed = Typed::default();
    typed.add(parsed.as_element().unwrap());
    let mut plant =
        |kind: &'static str,
         wanted: &dyn Fn(&Field, &Value) -> bool,
         change: &dyn Fn(&Field, &'static Type, &mut Value) -> Option<String>| {
            let mut json = root.clone();
            let fit: Vec<(&Vec<Step>, &'static Type, &'static Field)> = typed
                .all
                .iter()
                .flat_map(|(steps, ty)| ty.fields.iter().map(move |field| (steps, *ty, field)))
                .filter(|(steps, _, field)| {
                    let element = at(&mut json, steps);
                    let bare = element.get(format!("_{}", field.name())).is_none();
                    bare && element
                        .get(field.name())
                        .is_some_and(|value| wanted(field, value))
                })
                .collect();
            if fit.is_empty() {
                return;
            }
            let (steps, ty, field) = fit[pick(fit.len())];
            if let Some(name) = change(field, ty, at(&mut json, steps)) {
                let path = format!("{}.{name}", path(root, steps));
                out.push(Mutant { kind, path, json });
            }
        };
    plant(
        "missing required",
        &|field, _| field.required(),
        &|field, _, element| {
            element.as_object_mut().unwrap().remove(field.name());
            Some(field.element_name().to_owned())
        },
    );
    for single in [false, true] {
        plant(
            if single {
                "misformed primitive"
            } else {
                "misformed primitive in an array"
            },
            &|field, _| field.many() != single && misformed(field.kind()).is_some(),
            &|field, _, element| {
                let value = misformed(field.kind())?;
                if single {
                    element[field.name()] = value;
                    return Some(field.name().to_owned());
                }
                element[field.name()][0] = value;
                Some(format!("{}[0]", field.name()))
            },
        );
    }
    let of_choice = |ty: &'static Type, field: &Field| {
        let same = |other: &&Field| other.slot() == field.slot() && other.name() != field.name();
        let kinds = [
            Kind::String,
            Kind::Boolean,
            Kind::DateTime,
            Kind::Date,
            Kind::Integer,
        ];
        ty.fields
            .iter()
            .filter(same)
            .find(|other| kinds.contains(&other.kind()))
    };
    plant(
        "two values of a choice",
        &|field, _| field.choice().is_some(),
        &|field, ty, element| {
            let other = of_choice(ty, field)?;
            element[other.name()] = match other.kind() {
                Kind::Boolean => json!(true),
                Kind::Integer => json!(1),
                Kind::DateTime | Kind::Date => json!("2020"),
                _ => json!("x"),
            };
            // The reader sees the members in the order of the text; serde_json sorts them.
            Some(field.name().max(other.name()).to_owned())
        },
    );
    plant(
        "two types of a choice",
        &|field, _| field.choice().is_some(),
        &|field, ty, element| {
            let other = of_choice(ty, field)?;
            element[format!("_{}", other.name())] = json!({"id": "x"});
            Some(other.name().to_owned())
        },
    );
    plant(
        "arrays of different length",
        &|field, _| field.many() && field.kind().is_primitive(),
        &|field, _, element| {
            let nulls = vec![Value::Null; element[field.name()].as_array()?.len()];
            element[format!("_{}", field.name())] = Value::Array([nulls, vec![json!({"id": "x"})]].concat());
            Some(field.name().to_owned())
        },
    );
    plant(
        "wrong target",
        &|field, value| {
            let target = |name| field.targets().any(|target| target == name);
            field.targets().len() > 0 && !field.many() && value.is_object() && !target("Slot")
        },
        &|field, _, element| {
            element[field.name()] = json!({"reference": "Slot/1"});
            Some(format!("{}.reference", field.name()))
        },
    );
}

fn findings(json: &Value) -> Vec<Finding> {
    match parse_resource(&serde_json::to_vec(json).unwrap(), &ParseOptions::default()) {
        Ok(parsed) => parsed.findings,
        Err(error) => error.findings,
    }
}

/// The small official examples, without those that are faulty as published.
fn examples() -> Vec<(String, Value)> {
    let Some(folder) = corpus::folder("fhir/r4-examples") else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for path in corpus::json_files(&folder) {
        let source = std::fs::read(&path).unwrap();
        let Ok(value) = serde_json::from_slice::<Value>(&source) else {
            continue;
        };
        let known = value["resourceType"].as_str().is_some_and(Resource::is_type);
        if source.len() < 12_000 && known && findings(&value).is_empty() {
            out.push((path.file_name().unwrap().to_string_lossy().into_owned(), value));
        }
    }
    out
}

#[test]
fn planted_faults_are_found_at_their_place() {
    let (mut state, mut found) = (1_u64, BTreeMap::<&str, (usize, usize)>::new());
    let mut pick = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut missed = Vec::new();
    for (name, root) in examples() {
        for mutant in mutants(&root, &mut pick) {
            let (hit, all) = found.entry(mutant.kind).or_default();
            *all += 1;
            if findings(&mutant.json)
                .iter()
                .any(|finding| finding.location.path == mutant.path)
            {
                *hit += 1;
            } else {
                missed.push(format!("{name}: {} at {}", mutant.kind, mutant.path));
            }
        }
    }
    let (mut hits, mut total) = (0, 0);
    for (kind, (hit, all)) in &found {
        println!("{kind}: {hit} of {all}");
        hits += hit;
        total += all;
    }
    println!("{hits} of {total} planted faults found at their place");
    for miss in missed.iter().take(40) {
        println!("missed {miss}");
    }
    assert!(hits * 100 >= total * 99, "{} missed", missed.len());
}

#[test]
fn valid_examples_give_no_finding() {
    let Some(folder) = corpus::folder("fhir/r4-examples") else {
        return;
    };
    let listed: Vec<(&str, &str)> = include_str!("../expected_failures.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(' '))
        .collect();
    let (mut clean, mut faulty, mut wrong) = (0, 0, Vec::new());
    for path in corpus::json_files(&folder) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let source = std::fs::read(&path).unwrap();
        let Ok(value) = serde_json::from_slice::<Value>(&source) else {
            continue;
        };
        if value["resourceType"].as_str().is_none() {
            continue;
        }
        let parsed = parse_resource(&source, &ParseOptions::default()).unwrap();
        let expected: Vec<&str> = listed
            .iter()
            .filter(|(file, _)| {
                *file == name || file.strip_prefix('*').is_some_and(|end| name.ends_with(end))
            })
            .flat_map(|(_, codes)| codes.split(' '))
            .collect();
        let exact = listed.iter().any(|(file, _)| *file == name);
        let unexpected: Vec<String> = parsed
            .findings
            .iter()
            .filter(|f| !expected.contains(&f.code.as_ref()))
            .map(ToString::to_string)
            .collect();
        if !unexpected.is_empty() {
            wrong.push(format!("{name}: {}", unexpected[0]));
        } else if exact && parsed.findings.is_empty() {
            wrong.push(format!("{name} is listed as faulty but gives no finding"));
        } else if parsed.findings.is_empty() {
            clean += 1;
        } else {
            faulty += 1;
        }
    }
    println!("{clean} examples without a finding, {faulty} faulty as published");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn objects_that_are_maps_stay_maps() {
    // The mutator works on serde_json values; this guards its idea of a place.
    let value: Value =
        json!({"resourceType": "Patient", "name": [{"family": "x"}], "_birthDate": {"id": "y"}});
    let mut all = Vec::new();
    places(&value, &mut Vec::new(), &mut all);
    let paths: Vec<String> = all.iter().map(|steps| path(&value, steps)).collect();
    assert_eq!(
        paths,
        [
            "Patient",
            "Patient.name",
            "Patient.name[0]",
            "Patient.name[0].family"
        ]
    );
}
