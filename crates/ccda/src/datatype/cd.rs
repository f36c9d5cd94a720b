//! CD, CE, CV, CO, CS: coded values with translations and original text.

use ehr_types::{CodeSystem, CodeableConcept, Coding};

use crate::xml::Element;

impl Element<'_> {
    /// CD and its flavours: the code, all translations in order, the original text (looked up in the
    /// narrative when it is a reference), and the null flavour. `None` when nothing is said.
    pub fn to_concept(self) -> Option<CodeableConcept> {
        let mut concept = CodeableConcept {
            absent: self.to_absent(),
            ..CodeableConcept::default()
        };
        self.push_codings(&mut concept.codings, 0);
        concept.text = self
            .child("originalText")
            .and_then(|text| text.to_encapsulated().text);
        if concept.text.is_none() && concept.codings.is_empty() {
            // Some senders write the words as the content of the element.
            concept.text = self.text().map(std::borrow::Cow::into_owned);
        }
        if concept.text.is_none() {
            // A display without a code is what the source says in words.
            let wordless = concept
                .codings
                .iter()
                .position(|c| c.code.is_none() && c.system.is_none() && c.display.is_some());
            if let Some(index) = wordless {
                concept.text = concept.codings.remove(index).display;
            }
        }
        (!concept.is_empty()).then_some(concept)
    }

    fn push_codings(self, codings: &mut Vec<Coding>, depth: usize) {
        let coding = self.to_coding();
        if coding.code.is_some() || coding.display.is_some() {
            codings.push(coding);
        }
        if depth < 8 {
            for translation in self.children("translation") {
                translation.push_codings(codings, depth + 1);
            }
        }
    }

    /// The attributes of a code alone.
    pub fn to_coding(self) -> Coding {
        let name = self.attribute("codeSystemName");
        let system = match self.attribute("codeSystem") {
            Some(root) => Some(system_uri(root)),
            None => name.and_then(system_by_name).map(str::to_owned),
        };
        Coding {
            system,
            version: self.attribute("codeSystemVersion").map(str::to_owned),
            code: self.attribute("code").map(str::to_owned),
            display: self.attribute("displayName").map(str::to_owned),
            ..Coding::default()
        }
    }

    /// Whether the code or one of its translations is `code`, of `system` (an OID) or of no stated system.
    pub fn has_code(self, system: &str, code: &str) -> bool {
        let own = self.peek();
        let same = own.attribute("code") == Some(code)
            && own.attribute("codeSystem").is_none_or(|oid| oid == system);
        same || own.children("translation").any(|translation| {
            translation.attribute("code") == Some(code) && translation.attribute("codeSystem") == Some(system)
        })
    }
}

/// The URI of a `codeSystem`: an OID, or the name or URI that some senders write in its place.
fn system_uri(root: &str) -> String {
    let oid = root.strip_prefix("urn:oid:").unwrap_or(root);
    let is_oid = oid.contains('.') && oid.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if is_oid {
        return CodeSystem::uri_of_oid(oid).into_owned();
    }
    system_by_name(root).map_or_else(|| ehr_types::uri_of_root(root), str::to_owned)
}

fn system_by_name(name: &str) -> Option<&'static str> {
    let named = || {
        CodeSystem::all()
            .iter()
            .find(|system| system.name.eq_ignore_ascii_case(name))
    };
    CodeSystem::by_v2_name(name)
        .or_else(named)
        .map(|system| system.uri)
}
