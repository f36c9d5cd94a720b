//! Names: of FHIR in Rust, and of pages of the specification.

use super::super::definitions::{Element, ValueSet};

/// Value sets whose official name says too little to be a type name.
const VALUE_SET_NAMES: &[(&str, &str)] = &[
    ("claim-use", "ClaimUse"),
    (
        "v3-ConfidentialityClassification",
        "ConfidentialityClassification",
    ),
    ("verificationresult-status", "VerificationResultStatus"),
    ("subscription-status", "SubscriptionStatusCode"),
    ("medicationrequest-status", "MedicationRequestStatus"),
    ("medicationrequest-intent", "MedicationRequestIntent"),
    ("medicationdispense-status", "MedicationDispenseStatus"),
    ("medication-admin-status", "MedicationAdministrationStatus"),
    ("medication-statement-status", "MedicationStatementStatus"),
    ("medication-status", "MedicationStatus"),
    ("immunization-status", "ImmunizationStatus"),
];

pub(super) fn set_name(set: &ValueSet) -> String {
    VALUE_SET_NAMES
        .iter()
        .find(|(id, _)| *id == set.id)
        .map_or_else(|| set.name.clone(), |(_, name)| (*name).to_owned())
}

pub(super) fn choice_name(element: &Element) -> String {
    element
        .path
        .trim_end_matches("[x]")
        .split('.')
        .map(pascal)
        .collect()
}

pub(super) fn pascal(name: &str) -> String {
    let name = name.trim_end_matches("[x]");
    let mut chars = name.chars();
    chars
        .next()
        .map(|c| c.to_ascii_uppercase())
        .into_iter()
        .chain(chars)
        .collect()
}

/// Name of an enum variant for a code.
pub(super) fn variant_name(code: &str) -> String {
    match code {
        "=" => return "Equal".to_owned(),
        "!=" => return "NotEqual".to_owned(),
        "<" => return "Less".to_owned(),
        "<=" => return "LessOrEqual".to_owned(),
        ">" => return "Greater".to_owned(),
        ">=" => return "GreaterOrEqual".to_owned(),
        "Other" | "other" => return "OtherCode".to_owned(),
        _ => {}
    }
    let name: String = code
        .split(|c: char| !c.is_ascii_alphanumeric())
        .map(pascal)
        .collect();
    if name == "Self" {
        "SelfCode".to_owned()
    } else if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("V{}", code.replace(|c: char| !c.is_ascii_alphanumeric(), "_"))
    } else {
        name
    }
}

pub(crate) fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (i, c) in chars.iter().enumerate() {
        let prev_lower = i > 0 && !chars[i - 1].is_ascii_uppercase();
        let next_lower = chars.get(i + 1).is_some_and(char::is_ascii_lowercase);
        if c.is_ascii_uppercase() && i > 0 && (prev_lower || next_lower) {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

pub(super) fn upper(name: &str) -> String {
    snake(name).to_uppercase()
}

pub(super) fn escape(name: &str) -> String {
    match name {
        "type" | "use" | "abstract" | "for" | "ref" | "final" | "match" | "mod" | "where" | "static"
        | "const" | "in" | "loop" | "move" | "as" | "box" | "do" | "macro" | "override" | "priv"
        | "typeof" | "unsized" | "virtual" | "yield" | "try" | "async" | "await" | "dyn" | "enum"
        | "extern" | "fn" | "if" | "impl" | "let" | "pub" | "return" | "struct" | "trait" | "unsafe"
        | "while" | "true" | "false" | "continue" | "break" | "else" | "gen" => format!("r#{name}"),
        _ => name.to_owned(),
    }
}

pub(super) fn page(name: &str, resource: bool) -> String {
    let base = "https://hl7.org/fhir/R4";
    match name {
        _ if resource => format!("{base}/{}.html", name.to_lowercase()),
        "Extension" => format!("{base}/extensibility.html#Extension"),
        "Narrative" => format!("{base}/narrative.html#Narrative"),
        "Reference" => format!("{base}/references.html#Reference"),
        "Meta" => format!("{base}/resource.html#Meta"),
        "Dosage" => format!("{base}/dosage.html#Dosage"),
        "ElementDefinition" => format!("{base}/elementdefinition.html#ElementDefinition"),
        "ContactDetail"
        | "Contributor"
        | "DataRequirement"
        | "Expression"
        | "ParameterDefinition"
        | "RelatedArtifact"
        | "TriggerDefinition"
        | "UsageContext" => format!("{base}/metadatatypes.html#{name}"),
        _ => format!("{base}/datatypes.html#{name}"),
    }
}
