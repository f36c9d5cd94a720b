//! Devices: product instances, supplies of equipment.

use ehr_model::{Device, DeviceName, EntryId, RecordClass};

use super::importer::{Importer, Scope};
use super::product::Product;
use super::statement::{code_of, read_outline};
use crate::xml::Element;

impl<'d> Importer<'d> {
    /// A Product Instance: `participantRole` with a `playingDevice`.
    pub(super) fn device(&mut self, role: Element<'d>) -> Option<EntryId> {
        let device = role.child("playingDevice");
        let mut record = Device {
            identifier: role.to_identifiers(),
            patient: self.subject(),
            ..Device::default()
        };
        if let Some(device) = device {
            record.type_ = device
                .child("code")
                .and_then(Element::to_concept)
                .filter(|code| code.label().is_some());
            let model = device.child("manufacturerModelName").and_then(Element::to_text);
            if let Some(name) = model {
                record.model_number = Some(name.clone());
                record.name.push(DeviceName {
                    name,
                    type_: Some("model-name".to_owned()),
                });
            }
            record
                .version
                .extend(device.child("softwareName").and_then(Element::to_text));
        }
        if let Some(scoping) = role.child("scopingEntity") {
            record.manufacturer = scoping.child("desc").and_then(Element::to_text);
        }
        // The UDI is the identifier whose root is that of the FDA, or of an issuing agency.
        let udi = record
            .identifier
            .iter()
            .find(|id| id.system.as_deref() == Some(ehr_types::CodeSystem::FDA_UDI.uri));
        record.udi_carrier_hrf = udi.and_then(|id| id.value.clone());
        let empty = record.identifier.is_empty() && record.type_.is_none() && record.name.is_empty();
        if empty {
            return None;
        }
        let slot = match self.open(RecordClass::Device, role, "") {
            Ok(slot) => slot,
            Err(id) => return Some(id),
        };
        Some(self.close(slot, record))
    }

    /// A Non-Medicinal Supply Activity: the equipment that the patient has.
    pub(super) fn equipment(&mut self, supply: Element<'d>, scope: &Scope) -> Vec<EntryId> {
        read_outline(supply);
        let mut ids = Vec::new();
        let roles: Vec<_> = supply
            .children("participant")
            .filter_map(|p| p.child("participantRole"))
            .collect();
        for role in roles {
            if role.child("playingDevice").is_some() || role.peek().attribute("classCode") == Some("MANU") {
                ids.extend(self.device(role));
            } else if role.peek().attribute("classCode") == Some("SDLOC") {
                self.location(role);
            } else {
                self.actor(role);
            }
        }
        let product = if ids.is_empty() {
            self.product(supply, "product")
        } else {
            Product::default()
        };
        if ids.is_empty()
            && let Some(code) = product.code.or_else(|| code_of(supply))
        {
            match self.open(RecordClass::Device, supply, "") {
                Ok(slot) => {
                    let record = Device {
                        identifier: supply.to_identifiers(),
                        type_: Some(code),
                        lot_number: product.lot_number,
                        expiration_date: product.expiration,
                        manufacturer: product.manufacturer.and_then(|maker| maker.display),
                        patient: self.subject(),
                        note: self.notes(supply),
                        ..Device::default()
                    };
                    ids.push(self.close(slot, record));
                }
                Err(id) => ids.push(id),
            }
        }
        let about = ids.first().map_or_else(|| scope.clone(), |id| scope.about(id));
        self.rest(supply, &about);
        ids
    }

    /// A Medical Equipment Organizer.
    pub(super) fn equipment_organizer(&mut self, organizer: Element<'d>, scope: &Scope) -> Vec<EntryId> {
        read_outline(organizer);
        let inner = self.rest(organizer, scope);
        inner
            .into_iter()
            .filter_map(|reference| reference.target)
            .collect()
    }
}
