//! Devices: one UDI or serial number, or one kind of device that nothing tells apart.

use ehr_model::Device;

use super::{Facts, Looker, OneSource, Rule, is_error};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::equivalence::Relation;
use crate::project::fields;
use crate::wording::letters;

impl Rule for Device {
    const REACH: Option<i64> = None;
    const ONE_SOURCE: OneSource = OneSource::Free;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.about(self.type_.as_ref());
        looker.key("udi", self.udi_carrier_hrf.as_deref());
        looker.key("di", self.udi_device_identifier.as_deref());
        looker.key("serial", self.serial_number.as_deref());
        for name in &self.name {
            looker.name(Some(&name.name));
        }
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        let (x, y) = (a.record, b.record);
        let same =
            |get: fn(&Device) -> Option<&str>| get(x).zip(get(y)).map(|(a, b)| letters(a) == letters(b));
        let serial = same(|device| device.serial_number.as_deref());
        let carrier = same(|device| device.udi_carrier_hrf.as_deref());
        let model = same(|device| device.udi_device_identifier.as_deref());
        let lot = same(|device| device.lot_number.as_deref());
        if carrier == Some(true) {
            return Verdict::Same(100);
        }
        if [serial, carrier, model, lot].contains(&Some(false)) || a.concept(b, cx) == Relation::Different {
            return Verdict::Different;
        }
        if serial == Some(true) || a.is_identified_with(b, cx) {
            return Verdict::Same(90);
        }
        if a.is_of_same_source(b) {
            return if !a.is_told_apart_from(b) && x == y {
                Verdict::Same(80)
            } else {
                Verdict::Different
            };
        }
        match (model, lot, a.concept(b, cx)) {
            (Some(true), Some(true), _) => Verdict::Same(60),
            (Some(true), None, _) | (None, _, Relation::Same) => Verdict::Likely,
            _ if a.shares_name(b) => Verdict::Likely,
            _ => Verdict::Unsure,
        }
    }

    fn standing(&self) -> i8 {
        is_error(self.status.as_ref())
    }
}

fields!(Device {
    identifier: union,
    udi_device_identifier: one("udiCarrier.deviceIdentifier"),
    udi_issuer: fill,
    udi_carrier_hrf: one("udiCarrier.carrierHRF"),
    status: status("status"),
    distinct_identifier: one("distinctIdentifier"),
    manufacturer: one("manufacturer"),
    manufacture_date: one("manufactureDate"),
    expiration_date: one("expirationDate"),
    lot_number: one("lotNumber"),
    serial_number: one("serialNumber"),
    name: union,
    model_number: one("modelNumber"),
    part_number: fill,
    type_: merged,
    version: union,
    patient: fill,
    owner: fill,
    contact: union,
    location: fill,
    url: fill,
    note: union,
    parent: fill,
});
