//! MRG: who the patient was before, by the events that merge and change identifiers.

use std::collections::HashSet;

use ehr_model::{IdentityStatement, Patient, PatientLink, Reference};
use ehr_types::{Finding, HumanName, Identifier};

use super::conversion::{Conversion, key_of};
use super::datatype::name;
use super::distinct::add_all;
use super::patient::{VisitIdentifiers, other_patient};
use super::reading::Seg;

/// Events that merge two records of one patient.
const MERGE: &[&str] = &["A18", "A30", "A34", "A36", "A39", "A40"];
/// Events that change the identifiers of one patient.
const CHANGE: &[&str] = &["A46", "A47", "A48"];
/// Events that change or merge account numbers.
const ACCOUNT: &[&str] = &["A35", "A41", "A49"];
/// Events that change or merge visit numbers.
const VISIT: &[&str] = &["A42", "A50", "A51"];

impl<'r> Conversion<'r, '_> {
    /// MRG: who the patient was before.
    pub(super) fn merge(&mut self, seg: Seg<'r>, patient: &mut Patient, visit: &mut VisitIdentifiers) {
        let event = self.header.event.to_ascii_uppercase();
        let is_one_of = |events: &[&str]| events.contains(&event.as_str());
        let merges = is_one_of(MERGE);
        if is_one_of(ACCOUNT) && self.has_visit {
            visit.accounts.extend(self.former(seg, 3));
            return;
        }
        if is_one_of(VISIT) && self.has_visit {
            visit.prior.extend(self.former(seg, 5));
            visit.prior.extend(self.former(seg, 6));
            return;
        }
        if !merges && !is_one_of(CHANGE) {
            self.reading.note(Finding::warning(
                "v2.merge.not-applied",
                seg.location(),
                "the event does not make the former patient the same person; MRG is kept as residual",
            ));
            return;
        }
        let mut former: Vec<Identifier> = [1, 4, 2]
            .iter()
            .flat_map(|field| self.former(seg, *field))
            .collect();
        let current: HashSet<String> = patient
            .identifier
            .iter()
            .filter(|known| known.use_.as_deref() != Some("old"))
            .map(key_of)
            .collect();
        former.retain(|prior| !current.contains(&key_of(prior)));
        let names: Vec<HumanName> = seg.all(7).filter_map(name).collect();
        if merges && let Some(identifier) = former.first() {
            let mut identifier = identifier.clone();
            identifier.use_ = None;
            patient.link.push(PatientLink {
                other: Some(Reference {
                    display: names.first().and_then(HumanName::display),
                    ..other_patient(identifier)
                }),
                type_: Some("replaces".to_owned()),
            });
            let known = |identifiers: &[Identifier]| identifiers.iter().cloned().map(other_patient).collect();
            self.chart.state(IdentityStatement {
                patient: known(&patient.identifier),
                other: known(&former),
                is_one_person: true,
                recorded: self.header.provenance.recorded,
            });
        }
        add_all(&mut patient.identifier, former);
        let own = |name: &HumanName| (name.family.clone(), name.given.clone());
        let mut known: HashSet<_> = patient.name.iter().map(own).collect();
        for mut former in names {
            if known.insert(own(&former)) {
                former.use_ = Some("old".to_owned());
                patient.name.push(former);
            }
        }
        if self.has_visit {
            visit.accounts.extend(self.former(seg, 3));
        }
    }

    /// The identifiers of a field, which are no longer used.
    fn former(&self, seg: Seg<'r>, field: u32) -> Vec<Identifier> {
        seg.all(field)
            .filter_map(|at| self.sender().number(at))
            .map(|identifier| Identifier {
                use_: Some("old".to_owned()),
                ..identifier
            })
            .collect()
    }
}
