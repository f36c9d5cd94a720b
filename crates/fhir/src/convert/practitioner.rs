//! [Practitioner](https://hl7.org/fhir/R4/practitioner.html),
//! [PractitionerRole](https://hl7.org/fhir/R4/practitionerrole.html),
//! [Organization](https://hl7.org/fhir/R4/organization.html), [Location](https://hl7.org/fhir/R4/location.html).

use ehr_model as model;
use ehr_types::{CodeableConcept, Coding};

use super::extension;
use super::map::{Convert, Reader, Writer, is_empty, written};
use super::mapping::mapping;
use super::member::beside;
use super::text::number;
use crate::element::Element;
use crate::r4::{self, ExtensionValue};

mapping!(
    model::Practitioner,
    r4::Practitioner {
        identifier,
        active,
        name,
        telecom,
        address,
        gender,
        birth_date,
        photo,
        qualification,
        communication,
    }
);

mapping!(model::Qualification, r4::PractitionerQualification { identifier, code, period, issuer } required { code });

mapping!(
    model::PractitionerRole,
    r4::PractitionerRole {
        identifier,
        active,
        period,
        practitioner,
        organization,
        code,
        specialty,
        location,
        healthcare_service,
        telecom,
        endpoint,
    }
);

mapping!(model::Organization, r4::Organization {
    identifier, active, type_: r#type, name, alias, telecom, address, part_of, contact, endpoint,
} write write_organization;);

/// Rule org-1: a name or an identifier; org-2 and org-3: nothing of use `home`.
fn write_organization(_: &model::Organization, to: &mut r4::Organization, cx: &Writer<'_>) {
    if cx.mirror {
        return;
    }
    if to.name.is_none() && to.identifier.is_empty() {
        extension::explain(to, "name", extension::unknown());
    }
    for address in &mut to.address {
        if address.r#use == Some(r4::AddressUse::Home) {
            address.r#use = None;
            beside(address, "use", extension::string(extension::SOURCE_CODE, "home"));
        }
    }
    for telecom in &mut to.telecom {
        if telecom.r#use == Some(r4::ContactPointUse::Home) {
            telecom.r#use = None;
            beside(telecom, "use", extension::string(extension::SOURCE_CODE, "home"));
        }
    }
}

mapping!(
    model::OrganizationContact,
    r4::OrganizationContact {
        purpose,
        name,
        telecom,
        address
    }
);

mapping!(model::Location, r4::Location {
    identifier, status, name, alias, description, mode, type_: r#type, telecom, address, physical_type,
    managing_organization, part_of,
} read read_location; write write_location;);

fn read_location(from: &r4::Location, to: &mut model::Location, cx: &Reader<'_>) {
    to.operational_status = from.operational_status.as_ref().map(|coding| {
        match extension::find(coding.extension(), extension::CONCEPT) {
            Some(ExtensionValue::CodeableConcept(whole)) => CodeableConcept::read(whole, cx),
            _ => CodeableConcept::from_coding(Coding::read(coding, cx)),
        }
    });
    if let Some(position) = &from.position {
        to.latitude = position.latitude.clone();
        to.longitude = position.longitude.clone();
        to.altitude = position.altitude.clone();
    }
}

fn write_location(from: &model::Location, to: &mut r4::Location, cx: &Writer<'_>) {
    if let Some(status) = &from.operational_status {
        match status.codings.as_slice() {
            [only] if status.text.is_none() && status.absent.is_none() => {
                to.operational_status = written(only, cx);
            }
            _ => {
                let whole: r4::CodeableConcept = status.write(cx);
                if !is_empty(&whole) {
                    let coding = to.operational_status.get_or_insert_default();
                    if let Some(first) = status.codings.first() {
                        **coding = first.write(cx);
                    }
                    coding.extension_mut().push(extension::value(
                        extension::CONCEPT,
                        ExtensionValue::CodeableConcept(Box::new(whole)),
                    ));
                }
            }
        }
    }
    let mut position = r4::LocationPosition {
        latitude: from.latitude.as_ref().and_then(number),
        longitude: from.longitude.as_ref().and_then(number),
        altitude: from.altitude.as_ref().and_then(number),
        ..r4::LocationPosition::default()
    };
    if !is_empty(&position) {
        for (name, missing) in [
            ("longitude", position.longitude.is_none()),
            ("latitude", position.latitude.is_none()),
        ] {
            if missing && !cx.mirror {
                extension::explain(&mut position, name, extension::unknown());
            }
        }
        to.position = Some(Box::new(position));
    }
}
