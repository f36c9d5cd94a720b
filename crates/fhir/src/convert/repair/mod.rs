//! Making a faulty resource valid without losing what is wrong with it.
//!
//! A Bundle that we write is to be valid FHIR even where a source is not. What cannot stand where it stands is kept beside
//! it, in an extension; what is required and missing is said to be missing.

mod aside;
mod fault;
mod mend;
mod place;

use self::fault::{Fault, Kind, add_demanded, by_parent};
use self::mend::mend;
use self::place::{Step, steps, type_at, walk};
use super::json::Tree;
use crate::element::Element;
use crate::r4::Resource;
use crate::{Finding, ParseOptions, salvage};

/// Rounds of repair: putting one thing right can bring another to light.
const ROUNDS: usize = 6;

/// The resource put right; `None` when there was nothing to do.
pub(super) fn repair(tree: &Tree) -> Option<Resource> {
    let options = ParseOptions {
        max_findings: usize::MAX,
        ..ParseOptions::default()
    };
    let mut tree = tree.clone();
    let mut fixed = None;
    for round in 0..ROUNDS {
        let (value, findings) = salvage::<Resource>(tree.to_text().as_bytes(), &options);
        if !findings.iter().any(Finding::is_error) {
            return if round == 0 { None } else { value };
        }
        let root = value.as_ref().and_then(Resource::as_element);
        let mut groups = by_parent(&findings);
        if let Some(root) = root {
            add_demanded(&findings, root, &mut tree, &mut groups);
        }
        let (mut changed, mut modifiers) = (false, Vec::new());
        let has_modifiers = root.is_some_and(|root| root.describe().field("modifierExtension").is_some());
        // From the outside in: what is set aside as a whole is out of the way of what is wrong beside it.
        for ((_, parents), faults) in &groups {
            let of = match parents.last() {
                Some(last) if last.is_extension() => Some(aside::extension_type()),
                _ => root.and_then(|root| type_at(root, parents)),
            };
            let Some(parent) = walk(&mut tree, parents) else {
                continue;
            };
            let modifies = |fault: &Fault| {
                has_modifiers && fault.kind == Kind::Misplaced && fault.place.name == "modifierExtension"
            };
            if faults.iter().any(modifies)
                && let Some(modifier) = mend::take_modifier(parent, of)
            {
                modifiers.push(aside::modifier_of_all(&path(parents), &modifier));
            }
            changed |= mend(parent, faults, of);
        }
        changed |= !modifiers.is_empty();
        for modifier in modifiers {
            tree.push("modifierExtension", modifier);
        }
        fixed = value;
        if !changed {
            break;
        }
        mend::sweep(&mut tree);
    }
    fixed
}

/// The path of a modifier in its resource.
fn path(parents: &[Step]) -> String {
    let step = |step: &Step| match step.index {
        Some(index) => format!("{}[{index}].", step.name),
        None => format!("{}.", step.name),
    };
    parents
        .iter()
        .map(step)
        .chain(["modifierExtension".to_owned()])
        .collect()
}

/// Drops the value of a choice that the original has and the record does not, where the record has another now.
pub(super) fn drop_older_choices(tree: &mut Tree, original: &Tree) {
    let (_, findings) = salvage::<Resource>(tree.to_text().as_bytes(), &ParseOptions::default());
    let mut twice: Vec<Vec<Step>> = findings
        .iter()
        .filter(|finding| finding.code == "fhir.choice.two-values")
        .filter_map(|finding| steps(&finding.location.path))
        .collect();
    if twice.is_empty() {
        return;
    }
    let mut original = original.clone();
    for steps in &mut twice {
        let Some(newer) = steps.pop() else { continue };
        let newer = newer.name.trim_start_matches('_');
        let is_old = walk(&mut original, steps).is_some_and(|parent| parent.get(newer).is_some());
        let Some(parent) = walk(tree, steps).filter(|_| !is_old) else {
            continue;
        };
        let names = parent.members().iter().map(|(name, _)| name.clone());
        let others = names.filter(|name| !name.starts_with('_') && *name != newer && stem(name, newer) > 0);
        // The value that was there is the one that shares the name of the choice.
        if let Some(older) = others.max_by_key(|name| stem(name, newer)) {
            parent.remove(&older);
            parent.remove(&format!("_{older}"));
        }
    }
}

/// Length of the words that two names start with.
fn stem(a: &str, b: &str) -> usize {
    let common = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let starts_word = |at: usize| a.as_bytes().get(at).is_some_and(u8::is_ascii_uppercase);
    (0..=common).rev().find(|at| starts_word(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repaired(json: &str) -> (String, Vec<String>) {
        let tree = Tree::parse(json).unwrap();
        let fixed = repair(&tree).unwrap();
        let errors = crate::check(&fixed)
            .into_iter()
            .filter(Finding::is_error)
            .map(|f| f.to_string())
            .collect();
        (crate::to_json_string(&fixed), errors)
    }

    #[test]
    fn faults_are_set_aside_and_kept() {
        let (text, errors) = repaired(
            r#"{"resourceType":"Observation","status":"done","issued":"1983-08-13","local":{"a":1.0},"code":{"coding":[{"code":5}]},
                "note":[],"component":[{"valueString":"x"}],"referenceRange":[{"text":"x","age":{"low":{"value":"one"}}}],"valueString":"a","valueBoolean":true}"#,
        );
        assert_eq!(errors, Vec::<String>::new(), "{text}");
        assert!(text.contains(r#""low":{"_value":{"extension":[{"url""#), "{text}");
        for kept in ["done", "one", "1983-08-13", r#"{\"a\":1.0}"#, "5", "true"] {
            assert!(text.contains(kept), "{kept} in {text}");
        }
    }

    #[test]
    fn only_what_is_wrong_goes_aside() {
        for (members, left) in [
            (
                r#""name":[null,{"family":"Ng"},{}]"#,
                r#""name":[{"family":"Ng"}]"#,
            ),
            (
                r#""birthDate":"1990-01-01","_birthDate":[1]"#,
                r#""birthDate":"1990-01-01""#,
            ),
            (r#""active":true,"_active":null,"_gender":{}"#, r#""active":true"#),
            (
                r#""_gender":{"x":1,"id":"g"}"#,
                r#""_gender":{"id":"g","extension":["#,
            ),
            (
                r#""birthDate":"1990-02-03T04:05:06Z""#,
                r#""birthDate":"1990-02-03","_birthDate":{"extension":["#,
            ),
            (
                r#""name":[{"given":["a"],"_given":[null,{}]}]"#,
                r#""name":[{"given":["a"]}]"#,
            ),
            (
                r#""name":[{"given":[null,"a"],"_given":[null,{"extension":"b"}]}]"#,
                r#""given":["a"]"#,
            ),
            (
                r#""name":[{"given":["a",5,"b"],"_given":[null,null,{"id":"b"}]}]"#,
                r#""given":["a",null,"b"],"_given":[null,{"extension":["#,
            ),
            (
                r#""extension":[{"url":5,"valueString":"s"},{"url":"u","valueDateTime":"2020-01-01T10:00"}]"#,
                r#""valueDateTime":"2020-01-01","_valueDateTime""#,
            ),
            (
                r#""extension":[{"url":"u","valueString":"s","extension":[{"url":"v","valueCode":"c"}]}]"#,
                r#""valueString":"extension""#,
            ),
            (
                r#""modifierExtension":[{"url":"u","valueString":[]}]"#,
                r#""modifierExtension":[{"#,
            ),
            (
                r#""maritalStatus":{"id":"only"},"photo":"p","a":{},"b":null,"c":0"#,
                r#""maritalStatus":{"id":"only","extension":["#,
            ),
        ] {
            let (text, errors) = repaired(&format!(r#"{{"resourceType":"Patient",{members}}}"#));
            assert_eq!(errors, Vec::<String>::new(), "{text}");
            assert!(text.contains(left), "{left} in {text}");
        }
    }

    #[test]
    fn what_is_contained_and_what_refers_is_put_right() {
        for (members, left) in [
            // dom-3: nothing refers to it.
            (
                r#""contained":[{"resourceType":"Organization","id":"o","name":"O"}]"#,
                r##""valueReference":{"reference":"#o"}"##,
            ),
            (
                r#""contained":[{"resourceType":"Organization","name":"O"}]"#,
                r#""valueString":"contained""#,
            ),
            // ref-1: nothing has that id.
            (
                r##""managingOrganization":{"reference":"#x","display":"d"}"##,
                r##""managingOrganization":{"extension":[{"url":"https://ehr.example/fhir/StructureDefinition/source-reference","valueString":"#x"}],"display":"d"}"##,
            ),
            // A target that is not allowed.
            (
                r#""managingOrganization":{"reference":"Patient/1"}"#,
                r#""valueReference":{"reference":"Patient/1"}"#,
            ),
            (
                r#""managingOrganization":{"type":"Patient","display":"d"}"#,
                r#""valueString":"Patient""#,
            ),
            // What only a resource that stands alone may have.
            (
                r##""contained":[{"resourceType":"Organization","id":"o","name":"O","meta":{"versionId":"7","security":[{"code":"R"}]}}],"managingOrganization":{"reference":"#o"}"##,
                r#""valueString":"versionId""#,
            ),
            (
                r##""contained":[{"resourceType":"Organization","id":"o","name":"O","partOf":{"reference":"#p"},"contained":[{"resourceType":"Organization","id":"p","name":"P"}]}],"managingOrganization":{"reference":"#o"}"##,
                r#"{"resourceType":"Organization","id":"p","name":"P"}]"#,
            ),
            (
                r##""contained":[{"resourceType":"Foo","id":"o","bar":1.0}],"managingOrganization":{"reference":"#o"}"##,
                r#"\"bar\":1.0"#,
            ),
            (
                r##""contained":[{"resourceType":"Organization","id":"o","name":"O"},{"resourceType":"Organization","id":"o","name":"Q"}],"managingOrganization":{"reference":"#o"}"##,
                r#"\"name\":\"Q\""#,
            ),
            // What modifies a part that cannot be modified modifies the whole.
            (
                r#""name":[{"family":"Ng","modifierExtension":[{"url":"u","valueBoolean":true}]}]"#,
                r#"{"url":"path","valueString":"name[0].modifierExtension"}"#,
            ),
            // An extension stays one.
            (
                r#""extension":[{"url":"race","extension":[{"url":"text","valueString":"White"}],"x":1}]"#,
                r#""valueString":"White"},{"extension":[{"url":"element","valueString":"x"}"#,
            ),
            (
                r#""extension":[{"url":"u","valueString":"s","x":1},{"url":"v","valueCoding":{"code":"c"},"y":2}]"#,
                r#""valueString":"s","_valueString":{"extension":["#,
            ),
        ] {
            let (text, errors) = repaired(&format!(r#"{{"resourceType":"Patient",{members}}}"#));
            assert_eq!(errors, Vec::<String>::new(), "{text}");
            assert!(text.contains(left), "{left} in {text}");
        }
    }

    #[test]
    fn what_a_binary_cannot_say_is_kept_in_its_meta() {
        for (members, left) in [
            (
                r#""contentType":"text/plain","extension":[{"url":"u","valueCode":"c"}],"modifierExtension":[]"#,
                r#"[{\"url\":\"u\",\"valueCode\":\"c\"}]"#,
            ),
            (r#""contentType":{"a":"b"}"#, r#"{\"a\":\"b\"}"#),
            (r#""contentType":["a"],"meta":7"#, r#""valueString":"7""#),
            (
                r#""contentType":5,"data":"A A","securityContext":{},"x":1"#,
                r#""valueString":"A A""#,
            ),
            (
                r#""data":"AAAA","_contentType":{}"#,
                r#""_contentType":{"extension""#,
            ),
        ] {
            let (text, errors) = repaired(&format!(r#"{{"resourceType":"Binary",{members}}}"#));
            assert_eq!(errors, Vec::<String>::new(), "{text}");
            assert!(text.contains(left), "{left} in {text}");
        }
    }

    #[test]
    fn what_a_rule_demands_is_said_to_be_missing_and_the_rest_stays() {
        for (json, left) in [
            (
                r#"{"resourceType":"Specimen","collection":{"quantity":{"value":1.0,"code":"mL"}}}"#,
                r#""quantity":{"value":1.0,"_system":{"extension":["#,
            ),
            (
                r##"{"resourceType":"MedicationRequest","status":"active","intent":"order","subject":{"display":"x"},
                    "medicationReference":{"reference":"#m"},"contained":[{"resourceType":"Medication","id":"m",
                    "ingredient":[{"itemCodeableConcept":{"text":"i"},"strength":{"numerator":{"value":5.00}}}]}]}"##,
                r#""strength":{"numerator":{"value":5.00},"denominator":{"extension":["#,
            ),
            (
                r##"{"resourceType":"Patient","managingOrganization":{"reference":"#o"},
                    "contained":[{"resourceType":"Organization","id":"o","active":true}]}"##,
                r#""active":true,"_name":{"extension":["#,
            ),
            (
                r#"{"resourceType":"Composition","status":"final","type":{"text":"t"},"date":"2020","author":[{"display":"a"}],
                    "title":"t","section":[{"title":"Plan","emptyReason":{"text":"none"}}]}"#,
                r#""title":"Plan","text":{"status":"empty""#,
            ),
        ] {
            let (text, errors) = repaired(json);
            assert_eq!(errors, Vec::<String>::new(), "{text}");
            assert!(text.contains(left), "{left} in {text}");
        }
    }

    /// In time that grows with the square, this takes minutes; the bench `fhir/faults` shows how it grows.
    #[test]
    fn many_faults_are_put_right_at_once() {
        let mut json = r#"{"resourceType":"Patient""#.to_owned();
        for number in 0..20_000 {
            json += &format!(r#","x{number}":{number},"gender":"male","_y":null"#);
        }
        json += r#","name":[{"given":["a"],"x":1}]}"#;
        let (text, errors) = repaired(&json);
        assert_eq!(errors, Vec::<String>::new());
        assert!(text.contains(r#""valueString":"19999""#) && text.contains(r#""given":["a"]"#));
    }

    #[test]
    fn a_missing_choice_is_said_to_be_missing_where_it_belongs() {
        let (text, errors) = repaired(
            r#"{"resourceType":"Immunization","status":"completed","vaccineCode":{"text":"x"},"patient":{"display":"x"},
                "occurrenceString":"once","protocolApplied":[{"doseNumberPositiveInt":0}],"education":[{}]}"#,
        );
        assert_eq!(errors, Vec::<String>::new(), "{text}");
        assert!(
            text.contains(r#""_doseNumberPositiveInt":{"extension":["#),
            "{text}"
        );
        assert!(text.contains(r#""valueString":"0""#), "{text}");
    }

    #[test]
    fn the_newer_value_of_a_choice_stays() {
        let mut tree = Tree::parse(
            r#"{"resourceType":"Observation","valueSampledData":{"data":"1"},"value2":1,"valueString":"x"}"#,
        )
        .unwrap();
        drop_older_choices(&mut tree, &Tree::Null);
        let left = r#"{"resourceType":"Observation","value2":1,"valueString":"x"}"#;
        assert_eq!(tree.to_text(), left);
    }

    #[test]
    fn a_valid_resource_is_left_alone() {
        let json = r#"{"resourceType":"Patient","active":true}"#;
        assert!(repair(&Tree::parse(json).unwrap()).is_none());
    }
}
