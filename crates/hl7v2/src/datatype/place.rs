//! Places and specimens: PL, LA2, SPS, PRL.

use super::coded::Cwe;
use super::datatype;
use super::identifier::{Ei, Hd};

datatype! {
    /// PL, person location.
    Pl = "PL" {
        /// PL.1: point of care: ward, clinic (table 0302).
        point_of_care: Hd = 1,
        /// PL.2: room (table 0303).
        room: Hd = 2,
        /// PL.3: bed (table 0304).
        bed: Hd = 3,
        /// PL.4: facility.
        facility: Hd = 4,
        /// PL.5: status of the place (table 0306).
        location_status: Value = 5,
        /// PL.6: kind of the place (table 0305).
        person_location_type: Value = 6,
        /// PL.7: building (table 0307).
        building: Hd = 7,
        /// PL.8: floor (table 0308).
        floor: Hd = 8,
        /// PL.9: description.
        location_description: Value = 9,
        /// PL.10: one identifier for the whole place.
        comprehensive_location_identifier: Ei = 10,
        /// PL.11: who assigned PL.10.
        assigning_authority: Hd = 11,
    }
}

datatype! {
    /// LA2, location with address, as in RXA-11 of older versions.
    La2 = "LA2" {
        /// LA2.1: point of care.
        point_of_care: Value = 1,
        /// LA2.2: room.
        room: Value = 2,
        /// LA2.3: bed.
        bed: Value = 3,
        /// LA2.4: facility.
        facility: Hd = 4,
        /// LA2.5: status of the place.
        location_status: Value = 5,
        /// LA2.6: kind of the place.
        patient_location_type: Value = 6,
        /// LA2.7: building.
        building: Value = 7,
        /// LA2.8: floor.
        floor: Value = 8,
        /// LA2.9: street line.
        street_address: Value = 9,
        /// LA2.10: other designation.
        other_designation: Value = 10,
        /// LA2.11: city.
        city: Value = 11,
        /// LA2.12: state or province.
        state_or_province: Value = 12,
        /// LA2.13: postal code.
        zip_or_postal_code: Value = 13,
        /// LA2.14: country.
        country: Value = 14,
        /// LA2.15: kind of the address.
        address_type: Value = 15,
        /// LA2.16: other geographic designation.
        other_geographic_designation: Value = 16,
    }
}

datatype! {
    /// SPS, specimen source (OBR-15 of older versions).
    Sps = "SPS" {
        /// SPS.1: what the specimen is (table 0070).
        specimen_source: Cwe = 1,
        /// SPS.2: additives (table 0371).
        additives: Cwe = 2,
        /// SPS.3: how it was collected, as text.
        collection_method: Value = 3,
        /// SPS.4: body site (table 0163).
        body_site: Cwe = 4,
        /// SPS.5: modifier of the site (table 0495).
        site_modifier: Cwe = 5,
        /// SPS.6: modifier of the collection method.
        collection_method_modifier: Cwe = 6,
        /// SPS.7: role (table 0369).
        specimen_role: Cwe = 7,
    }
}

datatype! {
    /// PRL, link to a parent result (OBR-26).
    Prl = "PRL" {
        /// PRL.1: OBX-3 of the parent.
        parent_observation_identifier: Cwe = 1,
        /// PRL.2: OBX-4 of the parent.
        parent_observation_sub_id: Value = 2,
        /// PRL.3: what the parent's value says, as text.
        parent_observation_value_descriptor: Value = 3,
    }
}
