//! Columns of a table of people by the names in use, so that a reader of CSV stays thin.

use crate::record::{Address, Identifier, IdentifierKind, NameUse, PersonName, Record, Sex};

/// A field of a flat table of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Field {
    /// Name of the record.
    Id,
    /// Source that holds the record.
    Source,
    /// First given name.
    Given,
    /// Further given names.
    Middle,
    /// Family name.
    Family,
    /// Second family name, kept in its own column.
    FamilySecond,
    /// Family name before marriage.
    Maiden,
    /// Another given name in use.
    Alias,
    /// `Jr`, `III` …
    Suffix,
    /// Full name in one column, `Family, Given Middle` or `Given Middle Family`.
    FullName,
    /// Administrative sex.
    Sex,
    /// Birth date.
    BirthDate,
    /// Date of death.
    DeathDate,
    /// Whether the person is one of a multiple birth.
    MultipleBirth,
    /// Order in a multiple birth.
    BirthOrder,
    /// Social security number.
    Ssn,
    /// Its last four digits.
    SsnLast4,
    /// Telephone number.
    Phone,
    /// E-mail address.
    Email,
    /// Street with house number, or street alone.
    Street,
    /// House number alone.
    StreetNumber,
    /// Second address line.
    AddressLine2,
    /// City or suburb.
    City,
    /// State or province.
    State,
    /// Postal code.
    PostalCode,
    /// Medical record number; its assigner is the record's source.
    MedicalRecordNumber,
    /// Medicaid number.
    Medicaid,
    /// Mother's maiden name.
    MothersMaidenName,
    /// Guardian's given name.
    GuardianGiven,
    /// Guardian's family name.
    GuardianFamily,
}

impl Field {
    /// The field that a column header names, whatever its case and separators; `None` where the
    /// name is not known. Columns of truth (`cluster`, `person_id`, `household_id`) are not fields.
    ///
    /// ```
    /// use ehr_link::Field;
    /// assert_eq!(Field::from_header("Date_of_Birth"), Some(Field::BirthDate));
    /// assert_eq!(Field::from_header("BIRTHDATE"), Some(Field::BirthDate));
    /// assert_eq!(Field::from_header("cluster"), None);
    /// ```
    pub fn from_header(header: &str) -> Option<Self> {
        let key: String = header
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        Some(match key.as_str() {
            "id" | "recid" | "recordid" | "uniqueid" | "rowid" => Self::Id,
            "source" | "sourcedataset" | "sourcesystem" | "practice" | "facility" => Self::Source,
            "first" | "firstname" | "given" | "givenname" | "forename" | "namefirst" | "fname" => Self::Given,
            "middle" | "middlename" | "namemiddle" | "middleinitial" | "secondgivenname" | "mname" => {
                Self::Middle
            }
            "last" | "lastname" | "surname" | "family" | "familyname" | "namelast" | "lname" => Self::Family,
            "namelasthyph" | "secondfamily" | "secondsurname" | "surname2" => Self::FamilySecond,
            "maiden" | "maidenname" | "birthname" => Self::Maiden,
            "alias" | "namealias" | "nickname" | "aliasname" | "preferredname" => Self::Alias,
            "suffix" | "namesuffix" | "generation" => Self::Suffix,
            "name" | "fullname" | "patientname" => Self::FullName,
            "sex" | "gender" | "administrativesex" => Self::Sex,
            "dob" | "dateofbirth" | "birthdate" | "birth" | "bday" => Self::BirthDate,
            "dod" | "dateofdeath" | "deathdate" | "deceased" => Self::DeathDate,
            "birthstatus" | "multiplebirth" | "multiple" | "twin" => Self::MultipleBirth,
            "birthorder" => Self::BirthOrder,
            "ssn" | "socsecid" | "socialsecuritynumber" | "socialsecurity" | "nationalid" => Self::Ssn,
            "ssn4" | "ssnlast4" | "last4" | "last4ssn" => Self::SsnLast4,
            "phone" | "phonenumber" | "telephone" | "tel" | "mobile" | "homephone" | "cellphone"
            | "workphone" | "phone1" | "phone2" => Self::Phone,
            "email" | "emailaddress" | "mail" => Self::Email,
            "street" | "address" | "address1" | "addressstreet1" | "addressline1" | "streetaddress"
            | "line1" | "street1" => Self::Street,
            "streetnumber" | "housenumber" | "streetno" => Self::StreetNumber,
            "address2" | "addressstreet2" | "addressline2" | "line2" | "street2" | "apt" | "unit"
            | "apartment" => Self::AddressLine2,
            "city" | "suburb" | "town" | "addresscity" | "locality" => Self::City,
            "state" | "province" | "addressstate" | "region" => Self::State,
            "zip" | "zipcode" | "postcode" | "postalcode" | "addresszip" => Self::PostalCode,
            "mrn" | "mrns" | "medicalrecordnumber" => Self::MedicalRecordNumber,
            "medicaid" | "medicaidid" | "medicaidnumber" => Self::Medicaid,
            "mothermaidenname" | "mothersmaidenname" | "mothermaiden" => Self::MothersMaidenName,
            "guardiannamefirst" | "guardianfirst" | "guardiangiven" => Self::GuardianGiven,
            "guardiannamelast" | "guardianlast" | "guardianfamily" => Self::GuardianFamily,
            _ => return None,
        })
    }

    /// The name of the field, as `--map NAME=FIELD` takes it; [`Field::from_header`] reads it back.
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Source => "source",
            Self::Given => "first",
            Self::Middle => "middle",
            Self::Family => "last",
            Self::FamilySecond => "second_family",
            Self::Maiden => "maiden",
            Self::Alias => "alias",
            Self::Suffix => "suffix",
            Self::FullName => "name",
            Self::Sex => "sex",
            Self::BirthDate => "dob",
            Self::DeathDate => "death_date",
            Self::MultipleBirth => "multiple_birth",
            Self::BirthOrder => "birth_order",
            Self::Ssn => "ssn",
            Self::SsnLast4 => "ssn4",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Street => "street",
            Self::StreetNumber => "street_number",
            Self::AddressLine2 => "address_2",
            Self::City => "city",
            Self::State => "state",
            Self::PostalCode => "zip",
            Self::MedicalRecordNumber => "mrn",
            Self::Medicaid => "medicaid",
            Self::MothersMaidenName => "mothers_maiden_name",
            Self::GuardianGiven => "guardian_given",
            Self::GuardianFamily => "guardian_family",
        }
    }

    /// All fields, in the order of declaration.
    pub const ALL: [Self; 30] = [
        Self::Id,
        Self::Source,
        Self::Given,
        Self::Middle,
        Self::Family,
        Self::FamilySecond,
        Self::Maiden,
        Self::Alias,
        Self::Suffix,
        Self::FullName,
        Self::Sex,
        Self::BirthDate,
        Self::DeathDate,
        Self::MultipleBirth,
        Self::BirthOrder,
        Self::Ssn,
        Self::SsnLast4,
        Self::Phone,
        Self::Email,
        Self::Street,
        Self::StreetNumber,
        Self::AddressLine2,
        Self::City,
        Self::State,
        Self::PostalCode,
        Self::MedicalRecordNumber,
        Self::Medicaid,
        Self::MothersMaidenName,
        Self::GuardianGiven,
        Self::GuardianFamily,
    ];
}

impl Record {
    /// Sets one field from the text of a table's cell; empty text changes nothing. Fields that may
    /// repeat (phone, e-mail, alias) are added to. Parts of a name or an address go to the first one.
    pub fn set(&mut self, field: Field, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let owned = || text.to_owned();
        match field {
            Field::Id => self.id = owned(),
            Field::Source => self.source = Some(owned()),
            Field::Given => self.official().given = owned(),
            Field::Middle => self.official().middle = owned(),
            Field::Family => self.official().family = owned(),
            Field::Suffix => self.official().suffix = owned(),
            Field::FullName => self.set_full_name(text),
            Field::FamilySecond => {
                self.official();
                self.names.push(PersonName::new(NameUse::Alias, "", text));
            }
            Field::Maiden => {
                self.official();
                self.names.push(PersonName::new(NameUse::Maiden, "", text));
            }
            Field::Alias => {
                self.official();
                self.names.push(PersonName::new(NameUse::Alias, text, ""));
            }
            Field::Sex => self.sex = Sex::parse(text),
            Field::BirthDate => self.birth_date = Some(owned()),
            Field::DeathDate => self.death_date = Some(owned()),
            Field::MultipleBirth => {
                self.multiple_birth = match text.to_ascii_lowercase().as_str() {
                    "y" | "yes" | "true" | "1" => Some(true),
                    "n" | "no" | "false" | "0" => Some(false),
                    _ => None,
                }
            }
            Field::BirthOrder => self.birth_order = text.parse().ok().filter(|n| *n > 0),
            Field::Ssn => self.ssn = Some(owned()),
            Field::SsnLast4 => self.ssn_last4 = Some(owned()),
            Field::Phone => self.phones.push(owned()),
            Field::Email => self.emails.push(owned()),
            Field::Street => self.home().street = owned(),
            Field::StreetNumber => self.home().number = owned(),
            Field::AddressLine2 => self.home().line2 = owned(),
            Field::City => self.home().city = owned(),
            Field::State => self.home().state = owned(),
            Field::PostalCode => self.home().postal_code = owned(),
            Field::MedicalRecordNumber => {
                // No system: the number belongs to the record's source.
                self.identifiers
                    .push(Identifier::new("", text, IdentifierKind::MedicalRecord));
            }
            Field::Medicaid => {
                self.identifiers
                    .push(Identifier::new("medicaid", text, IdentifierKind::Unique));
            }
            Field::MothersMaidenName => self.mothers_maiden_name = Some(owned()),
            Field::GuardianGiven => self.guardian.get_or_insert_default().given = owned(),
            Field::GuardianFamily => self.guardian.get_or_insert_default().family = owned(),
        }
    }

    fn official(&mut self) -> &mut PersonName {
        let known = self.names.iter().position(|n| n.usage == NameUse::Official);
        match known {
            Some(0) => {}
            Some(at) => self.names.swap(0, at),
            None => self.names.insert(0, PersonName::default()),
        }
        #[expect(clippy::indexing_slicing, reason = "the first name was just put there")]
        &mut self.names[0]
    }

    fn home(&mut self) -> &mut Address {
        if self.addresses.is_empty() {
            self.addresses.push(Address::default());
        }
        #[expect(clippy::indexing_slicing, reason = "there is at least one address by now")]
        &mut self.addresses[0]
    }

    fn set_full_name(&mut self, text: &str) {
        let name = self.official();
        let mut words;
        if let Some((family, given)) = text.split_once(',') {
            family.trim().clone_into(&mut name.family);
            words = given.split_whitespace();
            words.next().unwrap_or_default().clone_into(&mut name.given);
            name.middle = words.collect::<Vec<_>>().join(" ");
        } else {
            words = text.split_whitespace();
            words.next().unwrap_or_default().clone_into(&mut name.given);
            let rest: Vec<_> = words.collect();
            if let Some((family, middle)) = rest.split_last() {
                (*family).clone_into(&mut name.family);
                name.middle = middle.join(" ");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_read_back_from_its_name() {
        for field in Field::ALL {
            assert_eq!(Field::from_header(field.name()), Some(field));
        }
    }

    #[test]
    fn headers_of_common_tables_are_known() {
        for (header, field) in [
            ("rec_id", Field::Id),
            ("ID", Field::Id),
            ("unique_id", Field::Id),
            ("FIRST", Field::Given),
            ("nameLastHyph", Field::FamilySecond),
            ("a_nameFirst".trim_start_matches("a_"), Field::Given),
            ("soc_sec_id", Field::Ssn),
            ("address_1", Field::Street),
            ("ADDRESS", Field::Street),
            ("suburb", Field::City),
            ("postcode", Field::PostalCode),
            ("BIRTHDATE", Field::BirthDate),
            ("MAIDEN", Field::Maiden),
        ] {
            assert_eq!(Field::from_header(header), Some(field), "{header}");
        }
        for header in ["cluster", "person_id", "household_id", "Match Id", "RACE"] {
            assert_eq!(Field::from_header(header), None, "{header}");
        }
    }

    #[test]
    fn a_full_name_is_divided() {
        let mut record = Record::new("1");
        record.set(Field::FullName, "de la Cruz, Anna Maria");
        assert_eq!(record.names[0].family, "de la Cruz");
        assert_eq!(record.names[0].given, "Anna");
        assert_eq!(record.names[0].middle, "Maria");
        record.set(Field::FullName, "John Q Public");
        assert_eq!(record.names[0].family, "Public");
        assert_eq!(record.names[0].middle, "Q");
    }

    #[test]
    fn empty_cells_change_nothing() {
        let mut record = Record::new("1");
        for field in Field::ALL {
            record.set(field, "  ");
        }
        assert_eq!(record, Record::new("1"));
    }
}
