//! From a record as its source wrote it to its packed form.

use super::{Extra, NameFacts, Place, Population, Row};
use crate::intern::{Symbol, mix, stable_hash};
use crate::normalize::{self, Nicknames};
use crate::record::{Address, NameUse, PersonName, Record, Sex};

impl Population {
    /// Adds a record and returns its position.
    pub fn push(&mut self, record: &Record) -> usize {
        let mut row = Row::default();
        let mut extra = Extra::default();
        let mut digest = Digest::default();

        for (i, name) in record.names.iter().enumerate() {
            self.push_name(name, i == 0, &mut row, &mut extra, &mut digest);
        }
        row.sex = match record.sex {
            Some(Sex::Female) => 1,
            Some(Sex::Male) => 2,
            _ => 0,
        };
        digest.number(1, u64::from(row.sex));
        if let Some(text) = &record.birth_date {
            row.birth = normalize::parse_date(text);
            digest.number(2, u64::from(row.birth.0));
        }
        if let Some(text) = &record.death_date {
            extra.death = normalize::parse_date(text);
            digest.number(3, u64::from(extra.death.0));
        }
        if let Some(text) = &record.ssn {
            row.ssn = normalize::ssn(text);
            if row.ssn == 0 && text.bytes().any(|b| b == b'*' || b == b'X' || b == b'x') {
                row.last4 = normalize::last4(text);
            }
        }
        if let Some(text) = &record.ssn_last4
            && row.ssn == 0
        {
            row.last4 = normalize::last4(text);
        }
        digest.number(4, u64::from(row.ssn) << 16 | u64::from(row.last4));
        for text in &record.phones {
            let phone = normalize::phone(text);
            if phone == 0 {
                continue;
            }
            digest.number(5, phone);
            if row.phone == 0 {
                row.phone = phone;
            } else if phone != row.phone && !extra.phones.contains(&phone) {
                extra.phones.push(phone);
            }
        }
        for text in &record.emails {
            let email = normalize::email(text);
            if email.is_empty() {
                continue;
            }
            digest.text(6, &email);
            let symbol = self.contacts.intern(&email);
            if row.email == 0 {
                row.email = symbol;
            } else if symbol != row.email && !extra.emails.contains(&symbol) {
                extra.emails.push(symbol);
            }
        }
        for (i, address) in record.addresses.iter().enumerate() {
            let place = self.place(address, &mut digest);
            if place == Place::default() || place == row.home || extra.places.contains(&place) {
                continue;
            }
            if i == 0 || row.home == Place::default() {
                row.home = place;
            } else {
                extra.places.push(place);
            }
        }
        for identifier in &record.identifiers {
            let value: String = identifier
                .value
                .chars()
                .filter(|c| c.is_alphanumeric())
                .flat_map(char::to_lowercase)
                .collect();
            let value = value.trim_start_matches('0');
            let mut system = identifier.system.trim().to_ascii_lowercase();
            if system.is_empty() {
                // Without an assigner the number belongs to the source that sent it.
                let Some(source) = &record.source else {
                    continue;
                };
                system = format!("source:{source}");
            }
            if is_no_identifier(value) {
                continue;
            }
            digest.text(7, &system);
            digest.text(7, value);
            let entry = (
                self.codes.intern(&system),
                self.codes.intern(value),
                identifier.kind,
            );
            if !extra.identifiers.contains(&entry) {
                extra.identifiers.push(entry);
            }
        }
        if let Some(text) = &record.mothers_maiden_name {
            extra.mother = self.name(&normalize::split_family(text).value);
            digest.number(8, self.hash(extra.mother));
        }
        if let Some(name) = &record.guardian {
            extra.guardian_given = self.name(&normalize::split_given(&name.given).value);
            extra.guardian_family = self.name(&normalize::split_family(&name.family).value);
            digest.number(9, self.hash(extra.guardian_given));
            digest.number(10, self.hash(extra.guardian_family));
        }
        extra.multiple = record.multiple_birth.map_or(0, |yes| 1 + u8::from(yes));
        extra.birth_order = record.birth_order.unwrap_or(0);
        digest.number(11, u64::from(extra.multiple) << 8 | u64::from(extra.birth_order));
        if !extra.is_empty() {
            self.extras.push(extra);
            row.extra = self.extras.len() as u32;
        }
        let source = record.source.as_deref().unwrap_or_default();
        let position = self.rows.len();
        self.rows.push(row);
        let source = self.codes.intern(source);
        self.sources.push(source);
        self.ids.push(&record.id);
        self.content.push(digest.0);
        position
    }

    fn hash(&self, name: Symbol) -> u64 {
        self.fact(name).hash
    }

    fn name(&mut self, folded: &str) -> Symbol {
        if folded.is_empty() || (!self.placeholders.is_empty() && self.placeholders.contains(folded)) {
            return 0;
        }
        let symbol = self.names.intern(folded);
        if symbol as usize == self.facts.len() {
            self.facts.push(facts(&self.nicknames, folded));
        }
        symbol
    }

    /// Finds what is known of the names that have come to their table otherwise.
    pub(crate) fn find_facts(&mut self) {
        let unknown = self.facts.len()..self.names.len();
        let names = unknown.map(|symbol| self.names.get(symbol as Symbol));
        self.facts.extend(names.map(|name| facts(&self.nicknames, name)));
    }

    fn push_name(
        &mut self,
        name: &PersonName,
        first: bool,
        row: &mut Row,
        extra: &mut Extra,
        digest: &mut Digest,
    ) {
        let given = normalize::split_given(&name.given);
        let family = normalize::split_family(&name.family);
        let nobody = normalize::are_nobodys_names((&name.given, &given.value), (&name.family, &family.value));
        let [given_symbol, family_symbol] = if nobody {
            [0, 0]
        } else {
            [self.name(&given.value), self.name(&family.value)]
        };
        let place = if first { 20 } else { 30 };
        digest.number(place, self.hash(given_symbol));
        digest.number(place + 1, self.hash(family_symbol));
        if first || (row.given == 0 && name.usage == NameUse::Official) {
            row.given = given_symbol;
        } else if given_symbol != 0 && given_symbol != row.given {
            add(&mut extra.given, given_symbol);
        }
        if first || (row.family == 0 && name.usage == NameUse::Official) {
            row.family = family_symbol;
        } else if family_symbol != 0 && family_symbol != row.family {
            add(&mut extra.family, family_symbol);
        }
        for part in &family.parts {
            let part = self.name(part);
            add(&mut extra.family, part);
        }
        let middle = if name.middle.is_empty() {
            given.middle
        } else {
            normalize::split_given(&name.middle).value
        };
        if row.middle == 0 && !middle.is_empty() {
            row.middle = self.name(&middle);
            digest.number(place + 2, self.hash(row.middle));
        }
        if row.suffix == 0 {
            row.suffix = match normalize::suffix_code(&name.suffix) {
                0 => family.suffix,
                code => code,
            };
            digest.number(place + 3, u64::from(row.suffix));
        }
    }

    fn place(&mut self, address: &Address, digest: &mut Digest) -> Place {
        let line = normalize::split_line(&address.street, &address.number);
        let mut place = Place {
            number: self.places.intern(&line.number),
            street: self.places.intern(&line.street),
            unit: self.places.intern(&line.unit),
            ..Place::default()
        };
        digest.text(12, &line.number);
        digest.text(13, &line.street);
        digest.text(14, &line.unit);
        if !address.line2.trim().is_empty() {
            let second = normalize::split_line(&address.line2, "");
            if line.street.is_empty() && !second.street.is_empty() {
                place.street = self.places.intern(&second.street);
                if line.number.is_empty() {
                    place.number = self.places.intern(&second.number);
                }
            } else {
                let mut text = second.number;
                text.push_str(&second.street);
                text.push_str(&second.unit);
                let bare = ["apt", "unit", "ste", "suite", "apartment", "lot"]
                    .iter()
                    .find_map(|word| text.strip_prefix(word));
                if place.unit == 0
                    && let Some(unit) = bare
                {
                    place.unit = self.places.intern(unit.trim());
                } else if place.unit == 0 && second.unit.len() == text.len() {
                    place.unit = self.places.intern(&second.unit);
                } else {
                    place.line2 = self.places.intern(&text);
                }
            }
            digest.text(15, &address.line2);
        }
        place.city = self.town(&address.city);
        place.state = self.town(&address.state);
        place.zip = normalize::zip_code(&address.postal_code);
        digest.number(16, stable_hash(self.places.get(place.city)));
        digest.number(17, stable_hash(self.places.get(place.state)));
        digest.number(18, u64::from(place.zip));
        place
    }

    /// Symbol of a city or state; 0 where missing or a filler.
    fn town(&mut self, text: &str) -> Symbol {
        match normalize::fold(text).as_str() {
            folded if folded.is_empty() || normalize::is_filler(folded) => 0,
            folded => self.places.intern(folded),
        }
    }
}

fn facts(nicknames: &Nicknames, folded: &str) -> NameFacts {
    let (mut groups, mut in_full) = ([0; 4], 0);
    let first = folded.split(' ').next().unwrap_or_default();
    for (at, (group, known)) in groups.iter_mut().zip(nicknames.groups(first)).enumerate() {
        *group = known.group;
        in_full |= u8::from(known.in_full) << at;
    }
    NameFacts {
        hash: stable_hash(folded),
        sound: normalize::sound(folded),
        groups,
        in_full,
        established: nicknames.is_established(first),
        compound: folded.contains(' '),
        initial: is_initial(folded),
    }
}

fn add(list: &mut Vec<Symbol>, symbol: Symbol) {
    if symbol != 0 && !list.contains(&symbol) {
        list.push(symbol);
    }
}

/// Whether a folded name is one letter of an alphabet: those of syllables and words come after the alphabets.
fn is_initial(folded: &str) -> bool {
    let mut letters = folded.chars();
    letters.next().is_some_and(|letter| letter < '\u{1100}') && letters.next().is_none()
}

/// Whether an identifier, without zeros at its start, is empty or a word for none, or is made of one letter, of one
/// character again and again, or of digits in their order. A small practice numbers its patients from one.
fn is_no_identifier(value: &str) -> bool {
    let first = value.bytes().next();
    let numeric = value.bytes().all(|byte| byte.is_ascii_digit());
    let repeated = value.bytes().all(|byte| Some(byte) == first);
    let digits = || value.bytes().map(|byte| byte - b'0');
    value.is_empty()
        || (repeated && !(numeric && value.len() < 3))
        || normalize::is_filler(value)
        || (value.len() >= 6 && numeric && normalize::is_made_up(digits()))
}

/// Hash of a record's normalised content. Repeated values count whatever their order.
#[derive(Default)]
struct Digest(u64);

impl Digest {
    fn number(&mut self, field: u64, value: u64) {
        if value != 0 {
            self.0 = self.0.wrapping_add(mix(mix(field) ^ value));
        }
    }

    fn text(&mut self, field: u64, value: &str) {
        if !value.is_empty() {
            self.number(field, stable_hash(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::fields::Field;

    #[test]
    fn notation_does_not_change_the_content() {
        let mut population = Population::new(&Config::default());
        let mut a = Record::new("1");
        let mut b = Record::new("2");
        for (field, left, right) in [
            (Field::Given, "José", "JOSE"),
            (Field::Family, "de la Cruz", "De La Cruz"),
            (Field::BirthDate, "1971-03-09", "03/09/1971"),
            (Field::Phone, "(231) 512-9048", "231-512-9048"),
            (Field::Street, "5 Oak Street", "5 OAK ST."),
            (Field::PostalCode, "49713", "49713-0001"),
        ] {
            a.set(field, left);
            b.set(field, right);
        }
        population.push(&a);
        population.push(&b);
        assert_eq!(population.content[0], population.content[1]);
        assert_ne!(population.content[0], 0);
    }

    #[test]
    fn a_name_of_one_character_is_no_initial() {
        assert!(is_initial("a") && is_initial("ж"));
        for name in ["伟", "민", "al", ""] {
            assert!(!is_initial(name), "{name}");
        }
    }
}
