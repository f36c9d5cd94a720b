//! Names of people and organisations: XPN, FN, XCN, CNN, NDL, XON, DLN.

use super::coded::Cwe;
use super::datatype;
use super::identifier::Hd;
use super::time::{Dr, Dtm};

datatype! {
    /// FN, family name. A component that is not divided is the surname.
    Fn = "FN" {
        /// FN.1: the surname.
        surname: Value = 1,
        /// FN.2: prefix of the person's own surname, such as `van`.
        own_surname_prefix: Value = 2,
        /// FN.3: the person's own surname.
        own_surname: Value = 3,
        /// FN.4: prefix of the partner's surname.
        partner_surname_prefix: Value = 4,
        /// FN.5: the partner's surname.
        partner_surname: Value = 5,
    }
}

datatype! {
    /// XPN, extended person name.
    Xpn = "XPN" {
        /// XPN.1: family name.
        family_name: Fn = 1,
        /// XPN.2: given name.
        given_name: Value = 2,
        /// XPN.3: second and further given names or their initials, as one text.
        second_and_further_given_names: Value = 3,
        /// XPN.4: suffix, such as `Jr`.
        suffix: Value = 4,
        /// XPN.5: prefix, such as `Dr`.
        prefix: Value = 5,
        /// XPN.6: degree (table 0360), in older versions.
        degree: Value = 6,
        /// XPN.7: kind of the name (table 0200): `L` legal, `M` maiden, `N` nickname.
        name_type_code: Value = 7,
        /// XPN.8: script (table 0465): `A` alphabetic, `I` ideographic, `P` phonetic.
        name_representation_code: Value = 8,
        /// XPN.9: where the name is used (table 0448).
        name_context: Cwe = 9,
        /// XPN.10: validity, in older versions.
        name_validity_range: Dr = 10,
        /// XPN.11: order in which the parts are put together (table 0444): `G` given first, `F` family first.
        name_assembly_order: Value = 11,
        /// XPN.12: first day of validity.
        effective_date: Dtm = 12,
        /// XPN.13: last day of validity.
        expiration_date: Dtm = 13,
        /// XPN.14: professional suffix.
        professional_suffix: Value = 14,
        /// XPN.15: what the person is called.
        called_by: Value = 15,
    }
}

datatype! {
    /// XCN, extended composite identifier and name of a person, mostly staff.
    Xcn = "XCN" {
        /// XCN.1: identifier of the person.
        person_identifier: Value = 1,
        /// XCN.2: family name.
        family_name: Fn = 2,
        /// XCN.3: given name.
        given_name: Value = 3,
        /// XCN.4: second and further given names or their initials.
        second_and_further_given_names: Value = 4,
        /// XCN.5: suffix.
        suffix: Value = 5,
        /// XCN.6: prefix.
        prefix: Value = 6,
        /// XCN.7: degree.
        degree: Value = 7,
        /// XCN.8: table that the identifier comes from (table 0297).
        source_table: Value = 8,
        /// XCN.9: who assigned the identifier.
        assigning_authority: Hd = 9,
        /// XCN.10: kind of the name (table 0200).
        name_type_code: Value = 10,
        /// XCN.11: check digit of the identifier.
        check_digit: Value = 11,
        /// XCN.12: how the check digit is computed (table 0061).
        check_digit_scheme: Value = 12,
        /// XCN.13: kind of the identifier (table 0203): `NPI`, `DEA`.
        identifier_type_code: Value = 13,
        /// XCN.14: where the identifier was first assigned.
        assigning_facility: Hd = 14,
        /// XCN.15: script of the name (table 0465).
        name_representation_code: Value = 15,
        /// XCN.16: where the name is used.
        name_context: Cwe = 16,
        /// XCN.17: validity of the name, in older versions.
        name_validity_range: Dr = 17,
        /// XCN.18: order of the parts of the name (table 0444).
        name_assembly_order: Value = 18,
        /// XCN.19: first day of validity.
        effective_date: Dtm = 19,
        /// XCN.20: last day of validity.
        expiration_date: Dtm = 20,
        /// XCN.21: professional suffix.
        professional_suffix: Value = 21,
        /// XCN.22: place that the assigning authority governs.
        assigning_jurisdiction: Cwe = 22,
        /// XCN.23: agency that assigned the identifier.
        assigning_agency: Cwe = 23,
        /// XCN.24: security check.
        security_check: Value = 24,
        /// XCN.25: how the security check is made.
        security_check_scheme: Value = 25,
    }
}

datatype! {
    /// CNN, composite identifier and name without parts of parts, as it stands inside NDL.
    Cnn = "CNN" {
        /// CNN.1: identifier of the person.
        id_number: Value = 1,
        /// CNN.2: family name.
        family_name: Value = 2,
        /// CNN.3: given name.
        given_name: Value = 3,
        /// CNN.4: second and further given names.
        second_and_further_given_names: Value = 4,
        /// CNN.5: suffix.
        suffix: Value = 5,
        /// CNN.6: prefix.
        prefix: Value = 6,
        /// CNN.7: degree.
        degree: Value = 7,
        /// CNN.8: table that the identifier comes from.
        source_table: Value = 8,
        /// CNN.9: namespace of the assigning authority.
        namespace_id: Value = 9,
        /// CNN.10: universal identifier of the assigning authority.
        universal_id: Value = 10,
        /// CNN.11: kind of CNN.10.
        universal_id_type: Value = 11,
    }
}

datatype! {
    /// NDL, name with date and location, as in OBR-32 to OBR-35.
    Ndl = "NDL" {
        /// NDL.1: the person.
        name: Cnn = 1,
        /// NDL.2: start.
        start: Dtm = 2,
        /// NDL.3: end.
        end: Dtm = 3,
        /// NDL.4: point of care.
        point_of_care: Value = 4,
        /// NDL.5: room.
        room: Value = 5,
        /// NDL.6: bed.
        bed: Value = 6,
        /// NDL.7: facility.
        facility: Hd = 7,
        /// NDL.8: status of the place.
        location_status: Value = 8,
        /// NDL.9: kind of the place (table 0305).
        person_location_type: Value = 9,
        /// NDL.10: building.
        building: Value = 10,
        /// NDL.11: floor.
        floor: Value = 11,
    }
}

datatype! {
    /// XON, extended composite name and identifier of an organisation.
    Xon = "XON" {
        /// XON.1: name.
        organization_name: Value = 1,
        /// XON.2: kind of the name (table 0204).
        name_type_code: Value = 2,
        /// XON.3: identifier as a number, in older versions.
        id_number: Value = 3,
        /// XON.4: check digit.
        check_digit: Value = 4,
        /// XON.5: how the check digit is computed.
        check_digit_scheme: Value = 5,
        /// XON.6: who assigned the identifier.
        assigning_authority: Hd = 6,
        /// XON.7: kind of the identifier (table 0203).
        identifier_type_code: Value = 7,
        /// XON.8: where the identifier was first assigned.
        assigning_facility: Hd = 8,
        /// XON.9: script of the name (table 0465).
        name_representation_code: Value = 9,
        /// XON.10: identifier.
        organization_identifier: Value = 10,
    }
}

datatype! {
    /// DLN, driver's licence number (PID-20).
    Dln = "DLN" {
        /// DLN.1: number of the licence.
        license_number: Value = 1,
        /// DLN.2: state, province or country that issued it.
        issuing_authority: Value = 2,
        /// DLN.3: last day of validity.
        expiration_date: Dtm = 3,
    }
}

impl Xon<'_> {
    /// The identifier: XON.10, or XON.3 where an older sender filled only that.
    pub fn identifier(&self) -> Option<String> {
        let identifier = self
            .organization_identifier()
            .into_text()
            .or_else(|| self.id_number().into_text());
        identifier.map(std::borrow::Cow::into_owned)
    }
}

/// The given names: the first, then the further ones as they are written, each as its own text.
fn given<'m>(
    first: crate::Value<'m>,
    further: crate::Value<'m>,
) -> impl Iterator<Item = std::borrow::Cow<'m, str>> {
    first.into_text().into_iter().chain(further.into_text())
}

impl<'m> Xpn<'m> {
    /// The given names in order. XPN.3 is one text, which may hold several names: where they divide
    /// is not said.
    pub fn given_names(&self) -> impl Iterator<Item = std::borrow::Cow<'m, str>> + use<'m> {
        given(self.given_name(), self.second_and_further_given_names())
    }
}

impl<'m> Xcn<'m> {
    /// The given names in order.
    pub fn given_names(&self) -> impl Iterator<Item = std::borrow::Cow<'m, str>> + use<'m> {
        given(self.given_name(), self.second_and_further_given_names())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Message, Value};

    #[test]
    fn names_with_and_without_parts() {
        let message =
            Message::parse(b"MSH|^~\\&\rPID|||||van Dam&van&Dam&de&Wit^Ann^B C^^Dr^^L~Moss^\"\"\r").unwrap();
        let names: Vec<Xpn> = message.first("PID").unwrap().field(5).read_all().collect();
        assert_eq!(names[0].family_name().surname().text(), Some("van Dam"));
        assert_eq!(names[0].family_name().own_surname().text(), Some("Dam"));
        assert_eq!(names[0].given_names().collect::<Vec<_>>(), ["Ann", "B C"]);
        assert_eq!(names[1].family_name().surname().text(), Some("Moss"));
        assert_eq!(names[1].given_name(), Value::Null);
        assert_eq!(names[1].prefix(), Value::Absent);
        assert_eq!(names[1].node().path().to_string(), "PID-5[2]");
    }
}
