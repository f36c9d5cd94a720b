//! What resources of FHIR before R4 (DSTU2, STU3) say in members that R4 has otherwise, as R4 says it: foremost what negates.
//!
//! Only members are read that R4 does not have, or not as a text: nobody has to say which release a resource is of. The original
//! stays as it was received. What is in neither release is left where it stands.

use crate::convert::extension;
use crate::convert::json::Tree;
use crate::element::Str;

/// Members that negate or otherwise change the meaning of a resource of a former release.
pub(in crate::convert) const MODIFIERS: &[&str] = &[
    "taken",
    "wasNotTaken",
    "notDone",
    "notPerformed",
    "notGiven",
    "wasNotGiven",
    "animal",
];

/// Whether a path leads into one of them.
pub(in crate::convert) fn is_modifier(path: &str) -> bool {
    let first = path.split(['.', '[']).next().unwrap_or_default();
    MODIFIERS.contains(&first)
}

/// Types, their former members that say that it did not happen, and the status of R4 that says so.
const NEGATIONS: &[(&str, &[&str], &str)] = &[
    ("MedicationStatement", &["wasNotTaken", "taken"], "not-taken"),
    (
        "MedicationAdministration",
        &["wasNotGiven", "notGiven"],
        "not-done",
    ),
    ("Immunization", &["wasNotGiven", "notGiven"], "not-done"),
    ("Procedure", &["notPerformed", "notDone"], "not-done"),
    ("Communication", &["notDone"], "not-done"),
];

/// Types, their former members, those of R4, and whether these are lists.
const RENAMED: &[(&str, &str, &str, bool)] = &[
    ("AllergyIntolerance", "substance", "code", false),
    ("AllergyIntolerance", "assertedDate", "recordedDate", false),
    ("AllergyIntolerance", "reporter", "asserter", false),
    ("Condition", "patient", "subject", false),
    ("Condition", "dateRecorded", "recordedDate", false),
    ("Condition", "assertedDate", "recordedDate", false),
    ("MedicationStatement", "patient", "subject", false),
    ("MedicationStatement", "reasonNotTaken", "statusReason", true),
    ("MedicationAdministration", "patient", "subject", false),
    (
        "MedicationAdministration",
        "effectiveTimeDateTime",
        "effectiveDateTime",
        false,
    ),
    (
        "MedicationAdministration",
        "effectiveTimePeriod",
        "effectivePeriod",
        false,
    ),
    ("Immunization", "date", "occurrenceDateTime", false),
    ("Procedure", "notDoneReason", "statusReason", false),
    ("MedicationOrder", "patient", "subject", false),
    ("MedicationOrder", "dateWritten", "authoredOn", false),
    ("MedicationOrder", "prescriber", "requester", false),
    ("MedicationOrder", "reasonCodeableConcept", "reasonCode", true),
];

/// Former members of a dosage, and those of R4 in its `doseAndRate`.
const DOSES: &[(&str, &str)] = &[
    ("doseQuantity", "doseQuantity"),
    ("doseRange", "doseRange"),
    ("quantityQuantity", "doseQuantity"),
    ("quantityRange", "doseRange"),
    ("rateRatio", "rateRatio"),
    ("rateRange", "rateRange"),
    ("rateQuantity", "rateQuantity"),
];

/// The former name of MedicationRequest.
pub(in crate::convert) const MEDICATION_ORDER: &str = "MedicationOrder";

/// Says a resource as R4 says it.
pub(super) fn say_in_r4(now: &mut Tree) {
    let Some(of) = now.get("resourceType").and_then(Tree::as_str).map(str::to_owned) else {
        return;
    };
    match &*of {
        "AllergyIntolerance" => {
            allergy_status(now);
            criticality(now);
            statuses(
                now,
                "allergyintolerance-clinical",
                "allergyintolerance-verification",
            );
        }
        "Condition" => statuses(now, "condition-clinical", "condition-ver-status"),
        "Immunization" => reason_not_given(now),
        MEDICATION_ORDER => order(now),
        _ => {}
    }
    for (_, from, to, is_list) in RENAMED.iter().filter(|(type_, ..)| *type_ == of) {
        rename(now, from, to, *is_list);
    }
    for (_, members, status) in NEGATIONS.iter().filter(|(type_, ..)| *type_ == of) {
        for member in *members {
            negation(now, member, status);
        }
    }
    let dosages = match &*of {
        "MedicationStatement" => "dosage",
        "MedicationRequest" | "MedicationDispense" | MEDICATION_ORDER => "dosageInstruction",
        _ => "",
    };
    if let Some(Tree::Array(dosages)) = now.get_mut(dosages) {
        dosages.iter_mut().for_each(dosage);
    }
}

/// Gives a member its name of R4, where that is free.
pub(super) fn rename(of: &mut Tree, from: &str, to: &str, is_list: bool) {
    let [from_beside, to_beside] = [from, to].map(|name| format!("_{name}"));
    if of.get(to).is_some() || of.get(&to_beside).is_some() {
        return;
    }
    if let Some(value) = of.remove(from) {
        let is_one = is_list && !matches!(value, Tree::Array(_));
        of.set(to, if is_one { Tree::Array(vec![value]) } else { value });
    }
    if let Some(beside) = of.remove(&from_beside) {
        of.set(&to_beside, beside);
    }
}

/// What did not happen has the status that says so.
fn negation(of: &mut Tree, member: &str, status: &str) {
    let code = of.get("status").and_then(Tree::as_str).map(str::to_owned);
    let is_negated = match of.get(member) {
        Some(Tree::Bool(is_negated)) => *is_negated,
        Some(Tree::String(code)) if member == "taken" && code == "n" => true,
        Some(Tree::String(code)) if member == "taken" && code == "y" => false,
        _ => return,
    };
    let is_wrong = code.as_deref() == Some("entered-in-error");
    if is_negated && is_wrong {
        return;
    }
    of.remove(member);
    if is_negated {
        restate(of, status);
    }
}

/// Sets the status to that of R4; the one that the source gave is kept.
pub(super) fn restate(of: &mut Tree, status: &str) {
    let code = of.get("status").and_then(Tree::as_str).map(str::to_owned);
    if code.as_deref() == Some(status) {
        return;
    }
    of.set("status", Tree::string(status));
    if let Some(code) = code {
        let part = |url: &str, text: &str| {
            Tree::Object(vec![
                (Str::new_static("url"), Tree::string(url)),
                (Str::new_static("valueString"), Tree::string(text)),
            ])
        };
        let former = Tree::Object(vec![
            (Str::new_static("url"), Tree::string(extension::OTHER_TYPE)),
            (
                Str::new_static("extension"),
                Tree::Array(vec![part("element", "status"), part("value", &code)]),
            ),
        ]);
        of.push("extension", former);
    }
}

fn coded(system: &str, code: &str) -> Tree {
    let coding = Tree::Object(vec![
        (
            Str::new_static("system"),
            Tree::string(format!("http://terminology.hl7.org/CodeSystem/{system}")),
        ),
        (Str::new_static("code"), Tree::string(code)),
    ]);
    Tree::Object(vec![(Str::new_static("coding"), Tree::Array(vec![coding]))])
}

/// Statuses that were codes and are concepts. A code that is none any more is seen to later.
fn statuses(of: &mut Tree, clinical: &str, verification: &str) {
    for (member, system) in [("clinicalStatus", clinical), ("verificationStatus", verification)] {
        if let Some(code) = of.get(member).and_then(Tree::as_str).map(str::to_owned) {
            of.set(member, coded(system, &code));
        }
    }
}

/// DSTU2: one status, of which some codes are of the verification.
fn allergy_status(of: &mut Tree) {
    let Some(code) = of.get("status").and_then(Tree::as_str).map(str::to_owned) else {
        return;
    };
    let member = match code.as_str() {
        "active" | "inactive" | "resolved" => "clinicalStatus",
        "unconfirmed" | "confirmed" | "refuted" | "entered-in-error" => "verificationStatus",
        _ => return,
    };
    if of.get(member).is_none() {
        of.remove("status");
        of.set(member, Tree::string(code));
    }
}

fn criticality(of: &mut Tree) {
    let code = match of.get("criticality").and_then(Tree::as_str) {
        Some("CRITH") => "high",
        Some("CRITL") => "low",
        Some("CRITU") => "unable-to-assess",
        _ => return,
    };
    of.set("criticality", Tree::string(code));
}

/// The only reason why a vaccine was not given.
fn reason_not_given(of: &mut Tree) {
    if of.get("statusReason").is_some() {
        return;
    }
    let Some(explanation) = of.get_mut("explanation") else {
        return;
    };
    let Some(Tree::Array(reasons)) = explanation.get("reasonNotGiven") else {
        return;
    };
    let [reason] = reasons.as_slice() else { return };
    let reason = reason.clone();
    explanation.remove("reasonNotGiven");
    if explanation.members().is_empty() {
        of.remove("explanation");
    }
    of.set("statusReason", reason);
}

/// A MedicationOrder is a MedicationRequest that is an order.
fn order(of: &mut Tree) {
    of.set("resourceType", Tree::string("MedicationRequest"));
    if of.get("intent").is_none() {
        of.set("intent", Tree::string("order"));
    }
    if let Some(note) = of.get("note").and_then(Tree::as_str).map(str::to_owned) {
        let note = Tree::Object(vec![(Str::new_static("text"), Tree::string(note))]);
        of.set("note", Tree::Array(vec![note]));
    }
}

fn dosage(of: &mut Tree) {
    rename(of, "additionalInstructions", "additionalInstruction", true);
    rename(of, "siteCodeableConcept", "site", false);
    if of.get("doseAndRate").is_some() {
        return;
    }
    let mut doses = Tree::Object(Vec::new());
    for (from, to) in DOSES {
        if doses.get(to).is_none()
            && let Some(value) = of.remove(from)
        {
            doses.set(to, value);
        }
    }
    if !doses.members().is_empty() {
        of.set("doseAndRate", Tree::Array(vec![doses]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_r4(resource: &Tree) -> Option<Tree> {
        let mut now = resource.clone();
        say_in_r4(&mut now);
        (now != *resource).then_some(now)
    }

    #[test]
    fn what_did_not_happen_did_not() {
        for (former, now) in [
            (
                r#"{"resourceType":"MedicationStatement","status":"active","taken":"n"}"#,
                r#""status":"not-taken","extension":[{"url":"https://ehr.example/fhir/StructureDefinition/value-of-other-type","extension":[{"url":"element","valueString":"status"},{"url":"value","valueString":"active"}]}]}"#,
            ),
            (
                r#"{"resourceType":"Procedure","notDone":true}"#,
                r#""status":"not-done"}"#,
            ),
            (
                r#"{"resourceType":"Immunization","status":"completed","wasNotGiven":false,"date":"2020"}"#,
                r#""status":"completed","occurrenceDateTime":"2020"}"#,
            ),
            (
                r#"{"resourceType":"AllergyIntolerance","status":"refuted","substance":{"text":"Latex"}}"#,
                r#""verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-verification","code":"refuted"}]},"code":{"text":"Latex"}}"#,
            ),
            (
                r#"{"resourceType":"MedicationOrder","status":"stopped","dosageInstruction":[{"doseQuantity":{"value":5}}]}"#,
                r#"{"resourceType":"MedicationRequest","status":"stopped","dosageInstruction":[{"doseAndRate":[{"doseQuantity":{"value":5}}]}],"intent":"order"}"#,
            ),
        ] {
            let text = in_r4(&Tree::parse(former).unwrap()).unwrap().to_text();
            assert!(text.contains(now), "{text}");
        }
        for same in [
            r#"{"resourceType":"MedicationStatement","status":"active","taken":"unk"}"#,
            r#"{"resourceType":"Procedure","status":"entered-in-error","notDone":true}"#,
            r#"{"resourceType":"Patient","animal":{}}"#,
        ] {
            assert!(in_r4(&Tree::parse(same).unwrap()).is_none(), "{same}");
        }
    }
}
