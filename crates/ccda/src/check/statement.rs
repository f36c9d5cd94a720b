//! Concern acts, and observations of problems and allergies.

use ehr_types::Severity;

use super::Checker;
use super::code::is_sctid;
use crate::template::EntryKind;
use crate::xml::Element;

impl Checker {
    /// What the concern acts and observations of problems and allergies must have.
    pub(super) fn statement(&mut self, element: Element<'_>) {
        let known = element
            .children("templateId")
            .filter_map(|id| id.attribute("root"))
            // An indication has the form of a problem observation and none of its demands.
            .filter(|root| *root != "2.16.840.1.113883.10.20.22.4.19")
            .find_map(EntryKind::from_template);
        let Some(
            kind @ (EntryKind::AllergyConcern
            | EntryKind::ProblemConcern
            | EntryKind::Allergy
            | EntryKind::Problem),
        ) = known
        else {
            return;
        };
        // Of the wrappers only the two concern acts are bound to the code CONC and a status.
        let concern = element
            .children("templateId")
            .filter_map(|id| id.attribute("root"))
            .any(|root| {
                matches!(
                    root,
                    "2.16.840.1.113883.10.20.22.4.30" | "2.16.840.1.113883.10.20.22.4.3"
                )
            });
        if concern && element.is("act") {
            self.require(
                element,
                &["id"],
                "ccda.check.concern.id",
                "a concern act without id",
            );
            match element.child("code") {
                None => self.say(
                    Severity::Error,
                    "ccda.check.concern.code",
                    element,
                    "a concern act without code",
                ),
                Some(code) => {
                    let right = code.attribute("code") == Some("CONC")
                        || code.attribute("code") == Some("48765-2")
                        || code.attribute("code") == Some("11450-4");
                    if !right {
                        self.say(
                            Severity::Error,
                            "ccda.check.concern.code",
                            code,
                            "the code of a concern act is CONC",
                        );
                    }
                }
            }
            match element.child("statusCode") {
                None => self.say(
                    Severity::Error,
                    "ccda.check.concern.status",
                    element,
                    "a concern act without statusCode",
                ),
                Some(status) => {
                    let right = status
                        .attribute("code")
                        .is_some_and(|code| ["active", "suspended", "aborted", "completed"].contains(&code));
                    if !right && status.null_flavor().is_none() {
                        self.say(
                            Severity::Error,
                            "ccda.check.concern.status",
                            status,
                            "not a status of concerns",
                        );
                    }
                }
            }
            match element.child("effectiveTime") {
                None => self.say(
                    Severity::Error,
                    "ccda.check.concern.time",
                    element,
                    "a concern act without effectiveTime",
                ),
                Some(time) => self.require(
                    time,
                    &["low"],
                    "ccda.check.concern.time",
                    "the time of a concern act has no low",
                ),
            }
            self.require(
                element,
                &["entryRelationship"],
                "ccda.check.concern.observation",
                "a concern act without observation",
            );
        }
        if matches!(kind, EntryKind::Allergy | EntryKind::Problem) && element.is("observation") {
            self.require(
                element,
                &["id"],
                "ccda.check.observation.id",
                "an observation without id",
            );
            self.require(
                element,
                &["code"],
                "ccda.check.observation.code",
                "an observation without code",
            );
            if let Some(status) = element.child("statusCode") {
                if status.attribute("code") != Some("completed") && status.null_flavor().is_none() {
                    self.say(
                        Severity::Error,
                        "ccda.check.observation.status",
                        status,
                        "the status of the observation is completed",
                    );
                }
            } else {
                self.say(
                    Severity::Error,
                    "ccda.check.observation.status",
                    element,
                    "an observation without statusCode",
                );
            }
            match element.child("value") {
                None => self.say(
                    Severity::Error,
                    "ccda.check.observation.value",
                    element,
                    "an observation without value",
                ),
                Some(value) => {
                    let coded = matches!(value.xsi_type(), Some("CD" | "CE" | "CV"));
                    if !coded {
                        self.say(
                            Severity::Error,
                            "ccda.check.observation.value",
                            value,
                            "the value is not a code (CD)",
                        );
                    } else if value.attribute("code").is_none() && value.null_flavor().is_none() {
                        self.say(
                            Severity::Error,
                            "ccda.check.observation.value",
                            value,
                            "a code without code or nullFlavor",
                        );
                    } else if value.attribute("codeSystem") == Some("2.16.840.1.113883.6.96")
                        && value.attribute("code").is_some_and(|code| !is_sctid(code))
                    {
                        self.say(
                            Severity::Error,
                            "ccda.check.observation.value",
                            value,
                            "not a code of SNOMED CT",
                        );
                    }
                }
            }
            if element.child("effectiveTime").is_none() {
                self.say(
                    Severity::Error,
                    "ccda.check.observation.time",
                    element,
                    "an observation without effectiveTime",
                );
            }
            if kind == EntryKind::Allergy
                && element
                    .find(&["participant", "participantRole", "playingEntity"])
                    .is_none()
            {
                self.say(
                    Severity::Warning,
                    "ccda.check.allergy.substance",
                    element,
                    "an allergy without substance",
                );
            }
        }
    }
}
