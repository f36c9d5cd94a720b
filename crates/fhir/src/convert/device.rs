//! [Device](https://hl7.org/fhir/R4/device.html).

use ehr_model as model;

use super::map::{Convert, Reader, Writer, said};
use super::mapping::mapping;
use super::text;
use crate::r4;

mapping!(model::Device, r4::Device {
    identifier, status, distinct_identifier, manufacturer, manufacture_date, expiration_date, lot_number, serial_number,
    name: device_name, model_number, part_number, type_: r#type, patient, owner, contact, location, url, note, parent,
} read read_device; write write_device;);

mapping!(
    model::Device,
    r4::DeviceUdiCarrier {
        udi_device_identifier: device_identifier,
        udi_issuer: issuer,
        udi_carrier_hrf: carrier_hrf,
    }
);

fn read_device(from: &r4::Device, to: &mut model::Device, cx: &Reader<'_>) {
    if let Some(carrier) = from.udi_carrier.first() {
        to.read_from(carrier, cx);
    }
    to.version = from
        .version
        .iter()
        .map(|version| version.value.as_deref().unwrap_or_default().to_owned())
        .collect();
}

fn write_device(from: &model::Device, to: &mut r4::Device, cx: &Writer<'_>) {
    to.udi_carrier.extend(said(from, cx).map(|carrier| *carrier));
    for version in &from.version {
        let value = text::string(version);
        if cx.mirror || value.is_some() {
            to.version.push(r4::DeviceVersion {
                value,
                ..r4::DeviceVersion::default()
            });
        }
    }
}

mapping!(model::DeviceName, r4::DeviceDeviceName { name, type_: r#type } required { name, r#type });
