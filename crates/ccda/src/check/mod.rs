//! Checks of a document against what C-CDA demands of every one: a modest list, by value set and form only where no
//! licensed table is needed.

mod code;
mod section;

use std::collections::BTreeSet;

use ehr_types::{DateTime, Finding, Severity, Span};

use crate::template::EntryKind;
use crate::xml::{Document, Element};
use code::is_sctid;

const US_REALM_HEADER: &str = "2.16.840.1.113883.10.20.22.1.1";

/// Reports what is wrong with a `ClinicalDocument`: missing header parts, bad codes, bad times.
///
/// ```
/// use ehr_ccda::{Document, Limits, validate};
/// let parsed = Document::parse(b"<ClinicalDocument/>", &Limits::default());
/// assert!(validate(&parsed.document).iter().any(|finding| finding.code == "ccda.check.record-target"));
/// ```
pub fn validate(document: &Document) -> Vec<Finding> {
    let mut checker = Checker {
        findings: Vec::new(),
        places: BTreeSet::new(),
    };
    for root in document
        .top()
        .elements()
        .filter(|root| root.is("ClinicalDocument"))
    {
        checker.header(root);
        checker.required_sections(root);
        for section in root.sections() {
            checker.section(section.element);
        }
        checker.values(root);
    }
    checker
        .findings
        .sort_by(|a, b| (a.location.span, &a.code).cmp(&(b.location.span, &b.code)));
    checker.findings
}

struct Checker {
    findings: Vec<Finding>,
    places: BTreeSet<Span>,
}

impl Checker {
    fn say(&mut self, severity: Severity, code: &'static str, element: Element<'_>, message: &'static str) {
        self.places.insert(element.span());
        self.findings
            .push(Finding::new(code, severity, element.location(), message));
    }

    fn require(
        &mut self,
        element: Element<'_>,
        path: &[&'static str],
        code: &'static str,
        message: &'static str,
    ) {
        if element.find(path).is_none() {
            self.say(Severity::Error, code, element, message);
        }
    }

    fn header(&mut self, root: Element<'_>) {
        match root.child("typeId") {
            Some(id) => {
                let right = id.attribute("root") == Some("2.16.840.1.113883.1.3")
                    && id.attribute("extension") == Some("POCD_HD000040");
                if !right {
                    self.say(
                        Severity::Error,
                        "ccda.check.type-id",
                        id,
                        "typeId is not that of CDA R2",
                    );
                }
            }
            None => self.say(Severity::Error, "ccda.check.type-id", root, "typeId is missing"),
        }
        let templates: Vec<_> = root
            .children("templateId")
            .filter_map(|id| id.attribute("root"))
            .collect();
        let realm = templates.contains(&US_REALM_HEADER);
        if templates.is_empty() {
            self.say(
                Severity::Error,
                "ccda.check.template-id",
                root,
                "no templateId: which kind of document it is cannot be known",
            );
        } else if !realm {
            self.say(
                Severity::Warning,
                "ccda.check.template-id",
                root,
                "the templateId of the US Realm Header is missing",
            );
        }
        for (path, code, message) in [
            ("id", "ccda.check.id", "the document has no id"),
            ("code", "ccda.check.code", "the document has no code"),
            (
                "effectiveTime",
                "ccda.check.effective-time",
                "the document has no effectiveTime",
            ),
            (
                "confidentialityCode",
                "ccda.check.confidentiality",
                "the document has no confidentialityCode",
            ),
            (
                "recordTarget",
                "ccda.check.record-target",
                "the document has no recordTarget",
            ),
            ("author", "ccda.check.author", "the document has no author"),
            (
                "custodian",
                "ccda.check.custodian",
                "the document has no custodian",
            ),
            ("component", "ccda.check.component", "the document has no body"),
        ] {
            self.require(root, &[path], code, message);
        }
        for role in root.find_all(&["recordTarget", "patientRole"]) {
            self.patient(role);
        }
    }

    fn patient(&mut self, role: Element<'_>) {
        self.require(role, &["id"], "ccda.check.patient.id", "the patient has no id");
        self.require(
            role,
            &["addr"],
            "ccda.check.patient.addr",
            "the patient has no addr",
        );
        self.require(
            role,
            &["telecom"],
            "ccda.check.patient.telecom",
            "the patient has no telecom",
        );
        let Some(patient) = role.child("patient") else {
            self.say(Severity::Error, "ccda.check.patient", role, "patient is missing");
            return;
        };
        self.require(
            patient,
            &["name"],
            "ccda.check.patient.name",
            "the patient has no name",
        );
        self.require(
            patient,
            &["birthTime"],
            "ccda.check.patient.birth-time",
            "the patient has no birthTime",
        );
        self.require(
            patient,
            &["administrativeGenderCode"],
            "ccda.check.patient.gender",
            "the patient has no administrativeGenderCode",
        );
        self.require(
            patient,
            &["raceCode"],
            "ccda.check.patient.race",
            "the patient has no raceCode",
        );
        self.require(
            patient,
            &["ethnicGroupCode"],
            "ccda.check.patient.ethnicity",
            "the patient has no ethnicGroupCode",
        );
        for name in patient.children("name") {
            self.name(name);
        }
        if let Some(gender) = patient.child("administrativeGenderCode") {
            self.coded(
                gender,
                "2.16.840.1.113883.5.1",
                &["M", "F", "UN"],
                "ccda.check.patient.gender",
                "not an administrative gender",
            );
        }
        for race in patient.children("raceCode").chain(patient.sdtc("raceCode")) {
            self.cdc(
                race,
                "ccda.check.patient.race",
                "not a code of CDC race and ethnicity",
            );
        }
        for ethnicity in patient
            .children("ethnicGroupCode")
            .chain(patient.sdtc("ethnicGroupCode"))
        {
            self.cdc(
                ethnicity,
                "ccda.check.patient.ethnicity",
                "not a code of CDC race and ethnicity",
            );
            let broad = ethnicity.is("ethnicGroupCode") && ethnicity.attribute("code").is_some();
            if broad && !matches!(ethnicity.attribute("code"), Some("2135-2" | "2186-5")) {
                self.say(
                    Severity::Error,
                    "ccda.check.patient.ethnicity",
                    ethnicity,
                    "not one of the two ethnic groups",
                );
            }
        }
    }

    fn name(&mut self, name: Element<'_>) {
        if name.null_flavor().is_some() {
            return;
        }
        if name.text().is_none() {
            for (part, code, message) in [
                ("family", "ccda.check.name.family", "a name without family name"),
                ("given", "ccda.check.name.given", "a name without given name"),
            ] {
                if !name
                    .children(part)
                    .any(|part| part.deep_text().is_some() || part.null_flavor().is_some())
                {
                    self.say(Severity::Error, code, name, message);
                }
            }
        } else if name.child("family").is_some() || name.child("given").is_some() {
            self.say(
                Severity::Warning,
                "ccda.check.name.mixed",
                name,
                "text beside the parts of a name",
            );
        }
        for part in name.elements() {
            let known =
                ["prefix", "given", "family", "suffix", "delimiter", "validTime"].contains(&part.name());
            if !known {
                self.say(
                    Severity::Error,
                    "ccda.check.name.part",
                    part,
                    "not a part of a name",
                );
            }
            let empty = part.deep_text().is_none()
                && part.null_flavor().is_none()
                && part.name() != "validTime"
                && part.name() != "delimiter";
            if empty {
                self.say(
                    Severity::Warning,
                    "ccda.check.name.empty",
                    part,
                    "an empty part of a name",
                );
            }
            // Names are words: digits or markup in them point to a fault of the sender.
            if part.deep_text().is_some_and(|text| {
                part.name() != "suffix"
                    && part.name() != "prefix"
                    && text
                        .chars()
                        .any(|c| c.is_ascii_digit() || "<>{}[]|\\^~=#%$@!".contains(c))
            }) {
                self.say(
                    Severity::Warning,
                    "ccda.check.name.characters",
                    part,
                    "characters that names do not have",
                );
            }
        }
        let uses = [
            "A", "ABC", "ASGN", "BAD", "BIR", "C", "I", "IDE", "L", "MIR", "OR", "P", "PHON", "R", "SNDX",
            "SRCH", "SYL", "T", "TMP", "DN", "M",
        ];
        if name
            .attribute("use")
            .is_some_and(|codes| codes.split_whitespace().any(|code| !uses.contains(&code)))
        {
            self.say(
                Severity::Warning,
                "ccda.check.name.use",
                name,
                "not a use of names",
            );
        }
    }

    fn coded(
        &mut self,
        element: Element<'_>,
        system: &str,
        codes: &[&str],
        finding: &'static str,
        message: &'static str,
    ) {
        if element.null_flavor().is_some() {
            return;
        }
        let right = element
            .attribute("code")
            .is_some_and(|code| codes.contains(&code))
            && element.attribute("codeSystem").is_none_or(|oid| oid == system);
        if !right {
            self.say(Severity::Error, finding, element, message);
        }
    }

    fn cdc(&mut self, element: Element<'_>, finding: &'static str, message: &'static str) {
        if element.null_flavor().is_some() {
            return;
        }
        let form = |code: &str| {
            let (number, digit) = code.split_once('-').unwrap_or((code, ""));
            number.len() == 4 && digit.len() == 1 && code.bytes().all(|b| b.is_ascii_digit() || b == b'-')
        };
        let right = element.attribute("code").is_some_and(form)
            && element.attribute("codeSystem") == Some("2.16.840.1.113883.6.238");
        if !right {
            self.say(Severity::Error, finding, element, message);
        }
    }

    /// Statements and values anywhere in the document.
    fn values(&mut self, root: Element<'_>) {
        for element in root.descendants() {
            self.code(element);
            match element.name() {
                "effectiveTime" | "time" | "low" | "high" | "birthTime" => self.time(element),
                "act" | "observation" => self.statement(element),
                "statusCode" => self.status(element),
                "languageCode" => self.language(element),
                "templateId" if !names_template(element) => {
                    self.say(
                        Severity::Error,
                        "ccda.check.template-id",
                        element,
                        "not a template identifier",
                    );
                }
                _ => {}
            }
        }
    }

    fn time(&mut self, element: Element<'_>) {
        if let Some(text) = element.attribute("value") {
            let of_quantity = element.has_attribute("unit")
                || matches!(
                    element.parent().and_then(Element::xsi_type),
                    Some("IVL_PQ" | "IVL_INT" | "IVL_REAL")
                );
            let of_value = matches!(element.name(), "low" | "high")
                && element.parent().is_none_or(|parent| {
                    !matches!(
                        parent.name(),
                        "effectiveTime" | "time" | "useablePeriod" | "validTime"
                    )
                });
            if !of_quantity && !of_value && DateTime::parse_hl7(text).is_err() {
                let severity = if DateTime::parse_any(text).is_ok() {
                    Severity::Warning
                } else {
                    Severity::Error
                };
                let (code, message) = if severity == Severity::Warning {
                    ("ccda.ts.form", "a time in ISO form where the form of HL7 is due")
                } else {
                    ("ccda.ts.invalid", "not a date or time")
                };
                self.say(severity, code, element, message);
            }
        }
        let low = element
            .child("low")
            .and_then(|low| low.attribute("value"))
            .and_then(|t| DateTime::parse_any(t).ok());
        let high = element
            .child("high")
            .and_then(|high| high.attribute("value"))
            .and_then(|t| DateTime::parse_any(t).ok());
        if let (Some(low), Some(high)) = (low, high)
            && high.relation(&low) == ehr_types::TimeRelation::Before
        {
            self.say(
                Severity::Warning,
                "ccda.check.interval",
                element,
                "the end is before the beginning",
            );
        }
    }

    /// What the concern acts and observations of problems and allergies must have.
    fn statement(&mut self, element: Element<'_>) {
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

fn names_template(id: Element<'_>) -> bool {
    match id.attribute("root") {
        Some(root) => is_root(root),
        None => id.null_flavor().is_some(),
    }
}

fn is_root(root: &str) -> bool {
    let oid =
        root.contains('.') && root.bytes().all(|b| b.is_ascii_digit() || b == b'.') && !root.contains("..");
    let uuid = root.len() == 36 && root.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    oid || uuid
}
