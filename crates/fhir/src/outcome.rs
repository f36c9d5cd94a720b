//! Findings as an [OperationOutcome](https://hl7.org/fhir/R4/operationoutcome.html).

use ehr_types::{Finding, Severity};

use crate::r4::{CodeableConcept, IssueSeverity, IssueType, OperationOutcome, OperationOutcomeIssue};

/// Says findings as an OperationOutcome: severity, type, code, path as `expression`, and line and column in
/// `diagnostics`. No finding gives one informational issue, because an outcome must have one.
///
/// ```
/// use ehr_fhir::{ParseOptions, operation_outcome, parse, r4::Patient, to_json_string};
/// let parsed = parse::<Patient>(br#"{"resourceType":"Patient","gender":"x"}"#, &ParseOptions::default())?;
/// let outcome = operation_outcome(&parsed.findings);
/// assert!(to_json_string(&outcome).contains(r#""expression":["Patient.gender"]"#));
/// # Ok::<(), ehr_fhir::ParseError>(())
/// ```
pub fn operation_outcome(findings: &[Finding]) -> OperationOutcome {
    let mut issue: Vec<OperationOutcomeIssue> = findings.iter().map(issue_of).collect();
    if issue.is_empty() {
        issue.push(OperationOutcomeIssue {
            severity: Some(IssueSeverity::Information),
            code: Some(IssueType::Informational),
            diagnostics: Some("no findings".into()),
            ..OperationOutcomeIssue::default()
        });
    }
    OperationOutcome {
        issue: issue.into(),
        ..OperationOutcome::default()
    }
}

fn issue_of(finding: &Finding) -> OperationOutcomeIssue {
    let place = match (finding.location.line, finding.location.column) {
        (Some(line), Some(column)) => format!(" (line {line}, column {column})"),
        _ => String::new(),
    };
    OperationOutcomeIssue {
        severity: Some(match finding.severity {
            Severity::Information => IssueSeverity::Information,
            Severity::Warning => IssueSeverity::Warning,
            Severity::Error => IssueSeverity::Error,
            Severity::Fatal => IssueSeverity::Fatal,
        }),
        code: Some(issue_type(&finding.code)),
        details: Some(Box::new(CodeableConcept {
            text: Some(finding.code.as_ref().into()),
            ..CodeableConcept::default()
        })),
        diagnostics: Some(format!("{}{place}", finding.message).into()),
        expression: Some(finding.location.path.as_str())
            .filter(|path| !path.is_empty())
            .map(Into::into)
            .into_iter()
            .collect(),
        ..OperationOutcomeIssue::default()
    }
}

/// The [issue type](https://hl7.org/fhir/R4/valueset-issue-type.html) of a finding code.
fn issue_type(code: &str) -> IssueType {
    match code {
        "fhir.element.missing" => IssueType::Required,
        "fhir.code.unknown" => IssueType::CodeInvalid,
        "fhir.resource.unknown-type" => IssueType::NotSupported,
        code if code.starts_with("fhir.limit") => IssueType::TooCostly,
        code if code.starts_with("fhir.invariant.") => IssueType::Invariant,
        code if code.starts_with("fhir.primitive.") || code.starts_with("fhir.reference.") => {
            IssueType::Value
        }
        _ => IssueType::Structure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ParseOptions, check, parse_resource};

    #[test]
    fn an_outcome_is_valid_whatever_the_findings() {
        let parsed = parse_resource(
            br#"{"resourceType":"Observation","x":1,"status":"y","valueString":"","effectivePeriod":{"start":"2020","end":"2019"}}"#,
            &ParseOptions::default(),
        )
        .unwrap();
        assert!(parsed.findings.len() >= 5);
        let outcome = operation_outcome(&parsed.findings);
        assert_eq!(outcome.issue.len(), parsed.findings.len());
        assert_eq!(check(&outcome), []);
        assert_eq!(check(&operation_outcome(&[])), []);
    }
}
