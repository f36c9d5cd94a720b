//! What resources of FHIR R5 say in members that R4 has otherwise, as R4 says it.
//!
//! Only forms are read that R4 does not have: nobody has to say which release a resource is of. What R4 cannot say in one way stays
//! where it stands. The original stays as it was received.

use super::codeable_reference::{Held, MANY, ONE, held, many, one, split};
use super::encounter::encounter;
use super::former::{rename, restate};
use crate::convert::json::Tree;
use crate::convert::reference::type_of;
use crate::element::Str;

/// Types, their members of R5 and those of R4.
pub(super) const RENAMED: &[(&str, &str, &str)] = &[
    ("Encounter", "actualPeriod", "period"),
    ("Encounter", "admission", "hospitalization"),
    ("MedicationRequest", "informationSource", "reportedReference"),
    ("MedicationStatement", "encounter", "context"),
    ("MedicationDispense", "encounter", "context"),
    ("MedicationAdministration", "encounter", "context"),
    // R5 has it in this spelling.
    (
        "MedicationAdministration",
        "occurenceDateTime",
        "effectiveDateTime",
    ),
    ("MedicationAdministration", "occurencePeriod", "effectivePeriod"),
    ("Procedure", "occurrenceDateTime", "performedDateTime"),
    ("Procedure", "occurrencePeriod", "performedPeriod"),
    ("Procedure", "occurrenceString", "performedString"),
    ("Procedure", "occurrenceAge", "performedAge"),
    ("Procedure", "occurrenceRange", "performedRange"),
    ("Location", "form", "physicalType"),
    ("Medication", "doseForm", "form"),
];

/// Members that are lists in R5 and single in R4.
const SINGLE: &[(&str, &str)] = &[
    ("MedicationRequest", "informationSource"),
    ("MedicationRequest", "performer"),
    ("MedicationStatement", "informationSource"),
    ("Device", "type"),
];

/// Says a resource as R4 says it.
pub(super) fn say_in_r4(now: &mut Tree) {
    let Some(of) = now.get("resourceType").and_then(Tree::as_str).map(str::to_owned) else {
        return;
    };
    for split in ONE.iter().filter(|split| split.of == of) {
        one(now, split);
    }
    for split in MANY.iter().filter(|split| split.of == of) {
        many(now, split);
    }
    for (_, member) in SINGLE.iter().filter(|(type_, _)| *type_ == of) {
        single(now, member);
    }
    for (_, from, to) in RENAMED.iter().filter(|(type_, ..)| *type_ == of) {
        // A list would be of several, where R4 has one.
        if matches!(now.get(from), Some(Tree::Object(_) | Tree::String(_))) {
            rename(now, from, to, false);
        }
    }
    match &*of {
        "AllergyIntolerance" => allergy(now),
        "CareTeam" => each(now, "participant", |participant| {
            if matches!(participant.get("role"), Some(Tree::Object(_)))
                && let Some(role) = participant.remove("role")
            {
                participant.set("role", Tree::Array(vec![role]));
            }
        }),
        "Condition" => evidence(now),
        "DocumentReference" => document_context(now),
        "Encounter" => encounter(now),
        "Immunization" => each(now, "reaction", |reaction| {
            one(reaction, &split("", "manifestation", None, Some("detail")));
        }),
        "Medication" => each(now, "ingredient", |ingredient| {
            one(
                ingredient,
                &split("", "item", Some("itemCodeableConcept"), Some("itemReference")),
            );
        }),
        "MedicationAdministration" => each(now, "performer", |performer| {
            one(performer, &split("", "actor", None, Some("actor")));
        }),
        "MedicationStatement" => adherence(now),
        _ => {}
    }
    let dosages = match &*of {
        "MedicationStatement" => "dosage",
        "MedicationRequest" | "MedicationDispense" => "dosageInstruction",
        _ => "",
    };
    each(now, dosages, dosage);
}

pub(super) fn each(of: &mut Tree, list: &str, mut change: impl FnMut(&mut Tree)) {
    if let Some(Tree::Array(items)) = of.get_mut(list) {
        items.iter_mut().for_each(&mut change);
    }
}

/// The only item of a list in its place.
fn single(of: &mut Tree, member: &str) {
    if let Some(Tree::Array(items)) = of.get(member)
        && let [only @ Tree::Object(_)] = items.as_slice()
    {
        let only = only.clone();
        of.set(member, only);
    }
}

fn allergy(of: &mut Tree) {
    let codings = of.get("type").and_then(|type_| type_.get("coding"));
    let mut codes = codings
        .map(Tree::items)
        .unwrap_or_default()
        .iter()
        .filter(|coding| {
            let system = coding.get("system").and_then(Tree::as_str);
            system.is_none_or(|system| system.ends_with("/allergy-intolerance-type"))
        })
        .filter_map(|coding| coding.get("code").and_then(Tree::as_str))
        .filter(|code| matches!(*code, "allergy" | "intolerance"));
    // The concept has more: other codings, or words.
    if let (Some(code), None) = (codes.next(), codes.next())
        && codings.is_some_and(|codings| codings.items().len() == 1)
        && of.get("type").is_some_and(|type_| type_.members().len() == 1)
    {
        let code = Tree::string(code);
        of.set("type", code);
    }
    each(of, "reaction", |reaction| {
        many(reaction, &split("", "manifestation", Some("manifestation"), None));
    });
}

/// R5 lists what supports a condition, R4 groups of it.
fn evidence(of: &mut Tree) {
    each(of, "evidence", |evidence| {
        let part = match held(evidence) {
            Some(Held::Concept(concept)) => ("code", concept),
            Some(Held::Reference(reference)) => ("detail", reference),
            None => return,
        };
        *evidence = Tree::Object(vec![(Str::new_static(part.0), Tree::Array(vec![part.1]))]);
    });
}

/// What R5 says beside the status of a statement: whether the patient takes it. R4 has no other place for it than the status.
fn adherence(of: &mut Tree) {
    if of.get("status").and_then(Tree::as_str) != Some("recorded") {
        return;
    }
    let codings = of
        .get("adherence")
        .and_then(|adherence| adherence.get("code"))
        .and_then(|code| code.get("coding"));
    let codes = codings.map(Tree::items).unwrap_or_default().iter();
    let mut statuses = codes
        .filter(|coding| {
            let system = coding.get("system").and_then(Tree::as_str);
            system.is_some_and(|system| system.ends_with("/medication-statement-adherence"))
        })
        .filter_map(|coding| match coding.get("code").and_then(Tree::as_str)? {
            "not-taking" => Some("not-taken"),
            code if code.starts_with("taking") => Some("active"),
            code if code.starts_with("on-hold") => Some("on-hold"),
            code if code.starts_with("stopped") => Some("stopped"),
            _ => None,
        });
    if let (Some(status), None) = (statuses.next(), statuses.next()) {
        restate(of, status);
    }
}

fn dosage(of: &mut Tree) {
    let is_free = ["asNeededBoolean", "asNeededCodeableConcept"]
        .iter()
        .all(|name| of.get(name).is_none());
    let reason = match of.get("asNeededFor") {
        Some(Tree::Array(reasons)) => match reasons.as_slice() {
            [only @ Tree::Object(_)] => Some(only.clone()),
            _ => None,
        },
        _ => None,
    };
    let is_denied = matches!(of.get("asNeeded"), Some(Tree::Bool(false)));
    if is_free
        && !is_denied
        && let Some(reason) = reason
    {
        of.remove("asNeeded");
        of.remove("asNeededFor");
        of.set("asNeededCodeableConcept", reason);
    } else {
        rename(of, "asNeeded", "asNeededBoolean", false);
    }
    single(of, "maxDosePerPeriod");
}

/// Where a document is of, which R5 says of the document itself.
fn document_context(of: &mut Tree) {
    let mut context = match of.get("context") {
        None => Tree::Object(Vec::new()),
        Some(Tree::Array(references)) => {
            let is_encounter = |reference: &Tree| {
                let literal = reference.get("reference").and_then(Tree::as_str);
                let type_ = reference.get("type").and_then(Tree::as_str);
                let of_literal = literal.and_then(type_of);
                matches!(type_.or(of_literal), Some("Encounter" | "EpisodeOfCare"))
            };
            if !references.iter().all(is_encounter) {
                return;
            }
            let references = references.clone();
            of.remove("context");
            Tree::Object(vec![(Str::new_static("encounter"), Tree::Array(references))])
        }
        Some(_) => return,
    };
    for name in ["facilityType", "practiceSetting", "period"] {
        if matches!(of.get(name), Some(Tree::Object(_)))
            && let Some(value) = of.remove(name)
        {
            context.set(name, value);
        }
    }
    let events = of.get("event").map(Tree::items).unwrap_or_default().iter();
    let concepts: Option<Vec<Tree>> = events
        .map(|event| match held(event)? {
            Held::Concept(concept) => Some(concept),
            Held::Reference(_) => None,
        })
        .collect();
    if let Some(concepts) = concepts.filter(|concepts| !concepts.is_empty()) {
        of.remove("event");
        context.set("event", Tree::Array(concepts));
    }
    if !context.members().is_empty() {
        of.set("context", context);
    }
}

#[cfg(test)]
mod tests {
    use super::super::unread::unread;
    use super::*;

    fn in_r4(resource: &Tree) -> Option<Tree> {
        let mut now = resource.clone();
        say_in_r4(&mut now);
        (now != *resource).then_some(now)
    }

    #[test]
    fn forms_of_r5_are_those_of_r4() {
        for (later, now) in [
            (
                r#"{"resourceType":"MedicationRequest","medication":{"concept":{"text":"Aspirin"}},"reason":[{"concept":{"text":"Pain"}},{"reference":{"reference":"Condition/1"}}]}"#,
                r#"{"resourceType":"MedicationRequest","medicationCodeableConcept":{"text":"Aspirin"},"reasonCode":[{"text":"Pain"}],"reasonReference":[{"reference":"Condition/1"}]}"#,
            ),
            (
                r#"{"resourceType":"MedicationRequest","dosageInstruction":[{"asNeeded":true,"asNeededFor":[{"text":"Pain"}],"maxDosePerPeriod":[{"numerator":{"value":4}}]},{"asNeeded":true}]}"#,
                r#"{"resourceType":"MedicationRequest","dosageInstruction":[{"maxDosePerPeriod":{"numerator":{"value":4}},"asNeededCodeableConcept":{"text":"Pain"}},{"asNeededBoolean":true}]}"#,
            ),
            (
                r#"{"resourceType":"Encounter","class":[{"coding":[{"code":"AMB"}]}],"actualPeriod":{"start":"2024"},"diagnosis":[{"condition":[{"reference":{"reference":"Condition/1"}}],"use":[{"text":"x"}]}],"reason":[{"value":[{"concept":{"text":"Cough"}}]}]}"#,
                r#"{"resourceType":"Encounter","class":{"code":"AMB"},"diagnosis":[{"condition":{"reference":"Condition/1"},"use":{"text":"x"}}],"period":{"start":"2024"},"reasonCode":[{"text":"Cough"}]}"#,
            ),
            (
                r#"{"resourceType":"AllergyIntolerance","type":{"coding":[{"system":"http://hl7.org/fhir/allergy-intolerance-type","code":"allergy"}]},"reaction":[{"manifestation":[{"concept":{"text":"Hives"}}]}]}"#,
                r#"{"resourceType":"AllergyIntolerance","type":"allergy","reaction":[{"manifestation":[{"text":"Hives"}]}]}"#,
            ),
            (
                r#"{"resourceType":"Procedure","occurrenceDateTime":"2024","complication":[{"concept":{"text":"Bleeding"}},{"reference":{"reference":"Condition/1"}}]}"#,
                r#"{"resourceType":"Procedure","complication":[{"text":"Bleeding"}],"complicationDetail":[{"reference":"Condition/1"}],"performedDateTime":"2024"}"#,
            ),
            (
                r#"{"resourceType":"Condition","evidence":[{"concept":{"text":"Fever"}},{"reference":{"reference":"Observation/1"}}]}"#,
                r#"{"resourceType":"Condition","evidence":[{"code":[{"text":"Fever"}]},{"detail":[{"reference":"Observation/1"}]}]}"#,
            ),
            (
                r#"{"resourceType":"DocumentReference","context":[{"reference":"Encounter/1"}],"period":{"start":"2024"}}"#,
                r#"{"resourceType":"DocumentReference","context":{"encounter":[{"reference":"Encounter/1"}],"period":{"start":"2024"}}}"#,
            ),
        ] {
            let read = in_r4(&Tree::parse(later).unwrap()).unwrap();
            assert_eq!(read.to_text(), now);
            assert_eq!(unread(&read).count(), 0);
        }
    }

    #[test]
    fn who_does_not_take_it_does_not() {
        for (code, status) in [
            ("not-taking", "not-taken"),
            ("stopped-not-as-directed", "stopped"),
            ("on-hold", "on-hold"),
            ("taking-as-directed", "active"),
        ] {
            let later = format!(
                r#"{{"resourceType":"MedicationStatement","status":"recorded","adherence":{{"code":{{"coding":[{{"system":"http://hl7.org/fhir/CodeSystem/medication-statement-adherence","code":"{code}"}}]}}}}}}"#
            );
            let read = in_r4(&Tree::parse(&later).unwrap()).unwrap();
            assert_eq!(read.get("status").and_then(Tree::as_str), Some(status));
            assert!(read.to_text().contains("recorded"));
        }
    }

    #[test]
    fn what_r4_cannot_say_stays_and_is_named() {
        for (later, names) in [
            (
                r#"{"resourceType":"Condition","participant":[{}]}"#,
                "participant",
            ),
            (
                r#"{"resourceType":"Encounter","class":[{"coding":[{"code":"AMB"}]},{"text":"x"}]}"#,
                "class",
            ),
            (
                r#"{"resourceType":"MedicationRequest","medication":{"concept":{"text":"a"},"reference":{"reference":"Medication/1"}}}"#,
                "medication",
            ),
            (
                r#"{"resourceType":"Encounter","reason":[{"use":[{"text":"x"}],"value":[{"concept":{"text":"Cough"}}]}]}"#,
                "reason",
            ),
            (
                r#"{"resourceType":"AllergyIntolerance","type":{"text":"allergy"}}"#,
                "type",
            ),
        ] {
            let later = Tree::parse(later).unwrap();
            assert!(in_r4(&later).is_none(), "{}", later.to_text());
            assert_eq!(unread(&later).collect::<Vec<_>>(), [names]);
        }
        for same in [
            r#"{"resourceType":"ServiceRequest","code":{"text":"x"},"performer":[{"reference":"Practitioner/1"}]}"#,
            r#"{"resourceType":"Procedure","complication":[{"text":"x"}],"performedDateTime":"2020"}"#,
            r#"{"resourceType":"Encounter","reason":[{"text":"of STU3"}],"class":{"code":"AMB"}}"#,
            r#"{"resourceType":"DocumentReference","context":{"period":{"start":"2020"}}}"#,
        ] {
            let same = Tree::parse(same).unwrap();
            assert!(in_r4(&same).is_none(), "{}", same.to_text());
        }
    }
}
