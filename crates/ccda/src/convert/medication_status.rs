//! The status of a medication. Documents of C-CDA R1.1 have `completed` as the `statusCode` of what is still taken, as of an
//! entry that is complete, and say in a Medication Status Observation whether it is taken.

use ehr_model::{Annotation, Status};
use ehr_types::{CodeableConcept, Severity, TimeRelation};

use super::importer::{Importer, Slot};
use super::statement::status_of;
use super::vocabulary::{LOINC, MEDICATION_STATED, MEDICATION_STATUS, coded_status, translate};
use crate::datatype::Interval;
use crate::xml::Element;

/// LOINC: status.
const STATUS: &str = "33999-4";
/// Templates of CCD: Medication Status Observation, and Status Observation, of which it is one.
const TEMPLATES: [&str; 2] = ["2.16.840.1.113883.10.20.1.47", "2.16.840.1.113883.10.20.1.57"];

impl<'d> Importer<'d> {
    /// The status of a medication activity that takes this course, and what its status observation says beside it.
    pub(super) fn medication_status(
        &mut self,
        activity: Element<'d>,
        course: &Interval,
        slot: &Slot<'d>,
    ) -> (Option<Status>, Option<Annotation>) {
        let observation = self.take_observation(activity, &[(LOINC, STATUS)], &TEMPLATES);
        let value = observation.and_then(|observation| {
            self.own(slot, observation);
            observation.child("value")
        });
        let stated = value.and_then(|value| value.peek().to_concept());
        let Some((value, stated)) = value.zip(stated.filter(|stated| stated.label().is_some())) else {
            return (status_of(activity, MEDICATION_STATUS), None);
        };
        let own = status_of(activity.peek(), MEDICATION_STATUS).and_then(|status| status.code);
        let says = stated_status(&stated);
        let agrees = own.as_deref() == says;
        if agrees {
            // Both say the same: the observation does so in the words of the source.
            status_of(activity, MEDICATION_STATUS);
        } else if says.is_some() && own.is_some() {
            activity.report(
                Severity::Warning,
                "ccda.medication.status-contradiction",
                "the status of the medication differs from what its status observation says",
            );
        }
        if let Some(says) = says
            && (agrees || decides(own.as_deref(), says, self.is_over(course)))
        {
            let status = coded_status(value, MEDICATION_STATED).unwrap_or_default();
            let code = Some(says.to_owned());
            return (Some(Status { code, ..status }), None);
        }
        let note = stated.label().map(|label| Annotation {
            text: format!("Status: {label}"),
            ..Annotation::default()
        });
        (status_of(activity, MEDICATION_STATUS), note)
    }

    /// Whether a course has ended when the document was made.
    fn is_over(&self, course: &Interval) -> bool {
        match (course.high, self.created) {
            (Some(end), Some(now)) => end.relation(&now) != TimeRelation::After,
            (end, _) => end.is_some(),
        }
    }
}

/// Whether what the observation says, and not the `statusCode`, is the status. `completed` and `active` may be of the entry; to
/// have been stopped, held or entered in error is not. What has ended and is `completed` is not taken for active.
fn decides(own: Option<&str>, says: &str, over: bool) -> bool {
    match own {
        None | Some("active") => true,
        Some("completed") => says != "active" || !over,
        Some(_) => false,
    }
}

/// What a status observation says in its codes and words; `None` when it is not understood or the two differ.
fn stated_status(stated: &CodeableConcept) -> Option<&'static str> {
    let mut codes = stated.codings.iter().filter_map(|coding| coding.code.as_deref());
    let by_code = codes.find_map(|code| translate(MEDICATION_STATED, code));
    let displays = stated
        .codings
        .iter()
        .filter_map(|coding| coding.display.as_deref());
    let mut words = displays.chain(stated.text.as_deref());
    let by_word = words.find_map(|words| translate(MEDICATION_STATED, &words.trim().to_ascii_lowercase()));
    match (by_code, by_word) {
        (Some(code), Some(word)) if code != word => None,
        (code, word) => code.or(word),
    }
}
