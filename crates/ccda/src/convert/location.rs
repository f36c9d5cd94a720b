//! Places where service is delivered.

use ehr_model::{Location, RecordClass, Reference};

use super::actor::one_of;
use super::importer::{Importer, native_keys, squeeze};
use crate::xml::Element;

impl<'d> Importer<'d> {
    /// A place where service is delivered: `participantRole` or `healthCareFacility`.
    pub(super) fn location(&mut self, role: Element<'d>) -> Option<Reference> {
        let place = one_of(role, &["playingEntity", "location"]);
        let name = place
            .and_then(|place| place.child("name"))
            .and_then(Element::to_organization_name);
        let address = role
            .child("addr")
            .or_else(|| place.and_then(|place| place.child("addr")))
            .and_then(Element::to_address);
        let managing = one_of(role, &["serviceProviderOrganization", "scopingOrganization"])
            .and_then(|o| self.organization(o));
        let record = Location {
            identifier: role.to_identifiers(),
            name: name.clone(),
            type_: role
                .child("code")
                .and_then(Element::to_concept)
                .into_iter()
                .collect(),
            telecom: role.to_contact_points(),
            address,
            managing_organization: managing.clone(),
            ..Location::default()
        };
        if record.identifier.is_empty()
            && record.name.is_none()
            && record.address.is_none()
            && record.type_.is_empty()
        {
            return managing;
        }
        let id = self.shared_id(
            RecordClass::Location,
            &[&native_keys(role).join(" "), &squeeze(role.source_text())],
        );
        let id = match self.open_as(id, role) {
            Ok(slot) => self.close(slot, record),
            Err(id) => id,
        };
        Some(Reference {
            display: name,
            ..Reference::to(&id)
        })
    }
}
