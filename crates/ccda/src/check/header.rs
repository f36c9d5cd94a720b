//! The header: the document's own parts and the patient.

use ehr_types::Severity;

use super::Checker;
use crate::xml::Element;

const US_REALM_HEADER: &str = "2.16.840.1.113883.10.20.22.1.1";

impl Checker {
    pub(super) fn header(&mut self, root: Element<'_>) {
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
}
