//! What is noticed about the form of a message.

use ehr_types::Finding;

use crate::message::Message;

/// All findings about the form, in the order of the message.
pub(crate) fn inspect(message: &Message<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for segment in message.segments() {
        if segment.id().is_unknown() {
            findings.push(Finding::warning(
                "v2.segment.unnamed",
                segment.location(),
                "the line does not begin with the name of a segment",
            ));
        }
    }
    findings
}
