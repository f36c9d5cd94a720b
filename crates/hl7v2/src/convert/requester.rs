//! ORC and OBR: who asked for it, and who entered and verified that.

use ehr_model::{EntryId, PractitionerRole, Reference};
use ehr_types::{Address, ContactPoint};

use super::conversion::Conversion;
use super::datatype::{address, telecom};
use super::distinct::Distinct;
use super::reading::{At, Seg};

impl<'r> Conversion<'r, '_> {
    /// ORC-10, 11, 17 and 19 (who entered, verified and acted) as authors, ORC-28 as label of the entry.
    pub(super) fn entered(&mut self, orc: Seg<'r>, id: &EntryId) {
        let mut authors = Distinct::default();
        for field in [10, 11, 19] {
            authors.extend(self.practitioners(orc, field));
        }
        let mut authors = authors.into_vec();
        authors.extend(self.organization_of_code(orc.at(17)));
        let labels = self.labels(orc, 28, Some(177));
        self.chart.sign(id, authors, labels);
    }

    /// ORC-12 or OBR-16, at ORC-21, with ORC-14, 22, 23, 24 and OBR-17.
    pub(super) fn requester(&mut self, orc: Option<Seg<'r>>, obr: Option<Seg<'r>>) -> Option<Reference> {
        let mut phones: Distinct<ContactPoint> = Distinct::default();
        for (seg, field) in [(orc, 14), (obr, 17)] {
            let fields = seg.into_iter().flat_map(|seg| seg.all(field));
            phones.extend(fields.flat_map(|at| telecom(at, None)));
        }
        let phones = phones.into_vec();
        let home: Vec<Address> = orc
            .into_iter()
            .flat_map(|orc| orc.all(24))
            .filter_map(address)
            .collect();
        let mut person: Option<Reference> = None;
        for (seg, field) in [(orc, 12), (obr, 16)] {
            let ats: Vec<At<'r>> = seg.into_iter().flat_map(|seg| seg.all(field)).collect();
            for at in ats {
                let next = self.practitioner_with(at, home.clone(), phones.clone());
                if person.is_some() && next.is_some() && next != person {
                    // Another than ORC-12.
                    at.leave();
                }
                person = person.or(next);
            }
        }
        if person.is_none() {
            // Nobody to be called or written to.
            let fields = orc.into_iter().flat_map(|orc| orc.all(14).chain(orc.all(24)));
            let callbacks = obr.into_iter().flat_map(|obr| obr.all(17));
            fields.chain(callbacks).for_each(|at| at.leave());
        }
        let organization = orc.and_then(|orc| {
            let address: Vec<Address> = orc.all(22).filter_map(address).collect();
            let telecom: Vec<ContactPoint> = orc.all(23).flat_map(|at| telecom(at, None)).collect();
            let organization = self.organization(orc.at(21), address, telecom);
            if organization.is_none() {
                orc.all(22).chain(orc.all(23)).for_each(|at| at.leave());
            }
            organization
        });
        match (person, organization) {
            (Some(person), Some(organization)) => {
                let role = PractitionerRole {
                    organization: Some(organization),
                    ..PractitionerRole::default()
                };
                self.in_role(person, role, orc?.at(12))
            }
            (person, organization) => person.or(organization),
        }
    }
}
