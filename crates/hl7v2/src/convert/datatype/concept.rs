//! CWE, CE and CNE; statuses and amounts, which are codes and numbers with codes.

use ehr_model::Status;
use ehr_types::{CodeSystem, CodeableConcept, Coding, Quantity};

use super::{Sender, deleted};
use crate::convert::reading::At;
use crate::convert::{table, vocabulary};
use crate::definitions::Version;

/// The parts of each coding in a CWE: code, text, name of the system, its version and its OID.
const CODINGS: [[u32; 5]; 3] = [[1, 2, 3, 7, 14], [4, 5, 6, 8, 17], [10, 11, 12, 13, 20]];

impl Sender {
    /// CWE, CE, CNE, CF, and codes of older versions: all codings and the text. `bound` is the table that the field is
    /// bound to, whose codes need no coding system.
    pub(in crate::convert) fn concept(&self, at: At<'_>, bound: Option<u16>) -> Option<CodeableConcept> {
        if at.is_empty() {
            return None;
        }
        if at.take_null() {
            return Some(CodeableConcept::from_absent(deleted()));
        }
        let mut concept = CodeableConcept::default();
        for parts in CODINGS {
            concept.codings.extend(self.coding(at, parts, bound));
        }
        if let Some(number) = bound {
            let uri = table::uri(number);
            let of_table = |coding: &&Coding| {
                let system = coding.system.as_deref();
                system.is_none_or(|system| system == uri || number == 296 && system == CodeSystem::BCP_47.uri)
            };
            let translated = concept
                .codings
                .iter()
                .filter(of_table)
                .find_map(|coding| vocabulary::translate(number, coding.code.as_deref()?));
            let translated =
                translated.filter(|new| !concept.codings.iter().any(|known| known.is_same_as(new)));
            concept.codings.extend(translated);
        }
        concept.text = at.part(9).text();
        if concept.codings.is_empty() && concept.text.is_none() {
            // Null as the code, with something that is no code behind it.
            concept.absent = at.part(1).take_null().then(deleted);
        }
        (!concept.is_empty()).then_some(concept)
    }

    fn coding(&self, at: At<'_>, parts: [u32; 5], bound: Option<u16>) -> Option<Coding> {
        let [code, display, system, version, system_oid] = parts.map(|part| at.part(part));
        let (code, display) = (code.text(), display.text());
        if code.is_none() && display.is_none() {
            return None;
        }
        let oid = system_oid.text();
        let uri = match (system.peek(), oid) {
            // The OID says more than a name that is not known; the name stays in the residual.
            (Some(name), Some(oid)) if CodeSystem::uri_of_v2_name(&name).is_none() => {
                Some(CodeSystem::uri_of_oid(&oid).into_owned())
            }
            (Some(name), _) => {
                system.mark();
                Some(self.system(&name))
            }
            (None, Some(oid)) => Some(CodeSystem::uri_of_oid(&oid).into_owned()),
            (None, None) => code.as_deref().and_then(|code| table_of(code, bound)),
        };
        Some(Coding {
            system: uri,
            version: version.text(),
            code,
            display,
            user_selected: None,
        })
    }

    /// The first coding of a CWE.
    pub(in crate::convert) fn first_coding(&self, at: At<'_>, bound: u16) -> Option<Coding> {
        self.concept(at, Some(bound))
            .and_then(|concept| concept.codings.into_iter().next())
    }

    /// A code of a table as a status: FHIR's code where the map has one, and the source's own.
    pub(in crate::convert) fn status(
        &self,
        at: At<'_>,
        bound: u16,
        map: fn(&str) -> Option<&'static str>,
    ) -> Option<Status> {
        if at.is_empty() {
            return None;
        }
        if at.take_null() {
            return Some(Status {
                absent: Some(deleted()),
                ..Status::default()
            });
        }
        let mut source = self.first_coding(at, bound)?;
        let code = source.code.clone().or_else(|| source.display.clone())?;
        if source.system.is_none() && map(&code).is_some() {
            source.system = Some(table::uri(bound));
        }
        Some(Status::translated(map(&code), source))
    }

    /// Units (CWE) of a number: UCUM where the source says so, else its words.
    pub(in crate::convert) fn with_units(&self, mut quantity: Quantity, units: At<'_>) -> Quantity {
        if units.is_null() {
            return quantity;
        }
        // A quantity has one unit: other codings of it stay in the residual.
        let is_written =
            |[code, text, ..]: &[u32; 5]| [code, text].iter().any(|part| units.part(**part).has_text());
        let is_ucum = |[_, _, name, _, oid]: &[u32; 5]| {
            let named = units.part(*name).peek().map(|name| self.system(&name));
            let system =
                named.or_else(|| Some(CodeSystem::uri_of_oid(&units.part(*oid).peek()?).into_owned()));
            system.as_deref() == Some(CodeSystem::UCUM.uri)
        };
        let written: Vec<[u32; 5]> = CODINGS.into_iter().filter(is_written).collect();
        let chosen = written.iter().find(|parts| is_ucum(parts)).or(written.first());
        let Some(coding) = chosen.and_then(|parts| self.coding(units, *parts, None)) else {
            quantity.unit = quantity.unit.or_else(|| units.part(9).text());
            return quantity;
        };
        quantity.unit = coding.display.or_else(|| coding.code.clone());
        if coding.system.is_some() {
            quantity.system = coding.system;
            quantity.code = coding.code;
        }
        quantity
    }

    /// CQ: an amount with its units.
    pub(in crate::convert) fn quantity(&self, at: At<'_>) -> Option<Quantity> {
        if at.take_null() {
            return Some(Quantity {
                absent: Some(deleted()),
                ..Quantity::default()
            });
        }
        let value = at.part(1).decimal();
        let quantity = Quantity {
            value,
            ..Quantity::default()
        };
        let units = at.part(2);
        let quantity = self.with_units(quantity, units);
        (quantity != Quantity::default()).then_some(quantity)
    }
}

/// A coded value in words, for a place that holds text alone: its text, else a name, else a code. What the
/// words leave out stays in the residual.
pub(in crate::convert) fn words(at: At<'_>) -> Option<String> {
    [9, 2, 5, 11, 1, 4]
        .into_iter()
        .find_map(|part| at.part(part).text())
}

/// The table that a field is bound to, when it lists the code.
fn table_of(code: &str, bound: Option<u16>) -> Option<String> {
    let number = bound?;
    let listed = [Version::V2_8_2, Version::V2_5_1, Version::V2_3]
        .into_iter()
        .filter_map(|version| version.table(number))
        .any(|table| table.codes().any(|known| known == code));
    listed.then(|| table::uri(number))
}
