//! TestScript. Setup, test and teardown share their types; the keys are those of setup.

use super::exists;
use crate::element::Element;
use crate::r4::{AssertionDirectionType, TestScriptSetupActionAssert, TestScriptSetupActionOperation};
use crate::scope::Scope;

pub(crate) fn test_script_setup_action_operation(it: &TestScriptSetupActionOperation, at: &mut Scope<'_>) {
    let whole = ["capabilities", "search", "transaction", "history"];
    let code = it.r#type.as_ref().and_then(|kind| kind.code.as_deref());
    let targets = [
        exists(it, it.target_id.is_some(), "targetId"),
        exists(it, it.url.is_some(), "url"),
        exists(it, it.params.is_some(), "params"),
    ];
    let one = targets.iter().filter(|there| **there).count() == 1;
    at.require(
        one || exists(it, it.source_id.is_some(), "sourceId")
            || code.is_some_and(|code| whole.contains(&code)),
        "tst-7",
        "",
        "an operation has one of sourceId, targetId, params and url",
    );
}

pub(crate) fn test_script_setup_action_assert(it: &TestScriptSetupActionAssert, at: &mut Scope<'_>) {
    let assertions = [
        it.content_type.is_some(),
        it.expression.is_some(),
        it.header_field.is_some(),
        it.minimum_id.is_some(),
        it.navigation_links.is_some(),
        it.path.is_some(),
        it.request_method.is_some(),
        it.resource.is_some(),
        it.response_code.is_some(),
        it.response.is_some(),
        it.validate_profile_id.is_some(),
    ];
    let several = assertions.iter().filter(|there| **there).count() > 1;
    at.require(
        !several || !it.extension().is_empty(),
        "tst-5",
        "",
        "an assert asserts one thing",
    );
    let compared = exists(it, it.compare_to_source_id.is_some(), "compareToSourceId");
    let by_expression = exists(
        it,
        it.compare_to_source_expression.is_some(),
        "compareToSourceExpression",
    );
    let by_path = exists(it, it.compare_to_source_path.is_some(), "compareToSourcePath");
    at.require(
        compared == (by_expression || by_path),
        "tst-10",
        "",
        "compareToSourceId stands with compareToSourceExpression or compareToSourcePath",
    );
    let request = it.direction == Some(AssertionDirectionType::Request);
    let answered = it.response.is_some() || it.response_code.is_some();
    at.require(
        !request || !answered,
        "tst-12",
        "",
        "a request has no response or responseCode",
    );
}
