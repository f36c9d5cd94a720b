//! What a name and a birth date prove by themselves, where there are too few records to learn it from.

use crate::comparison::{Comparison, Pattern, level};
use crate::intern::Symbol;
use crate::known;
use crate::population::{Population, Row};

/// People among whom the namesakes of somebody in a handful of records may be, where the caller does not say: those of
/// a large town and its surroundings.
const PEOPLE: u64 = 4_000_000;

/// How much rarer it is that two people of them live in one place.
const SAME_PLACE: f64 = 0.02;
/// How much less often than other people's the address and the telephone of one person are both others.
const MOVED: f64 = 0.1;

/// Other people who are expected to share what is alike in two records of one full name and birth date, for each such
/// record of the same person: by how common the names are, and the day.
pub(crate) fn expected(population: &Population, pattern: Pattern, a: &Row, b: &Row) -> f64 {
    let people = population.config.population.unwrap_or(PEOPLE) as f64;
    let given = given_share(population, a.given).max(given_share(population, b.given));
    let family = |name| known::family_share(population.names.get(name));
    let born = if known::is_first_of_january(a.birth) {
        known::YEAR
    } else {
        known::DAY
    };
    let middle = match pattern.level(Comparison::MiddleName) {
        level::middle::SAME => given_share(population, a.middle),
        _ => 1.0,
    };
    let address = pattern.level(Comparison::Address);
    let phone = pattern.level(Comparison::Phone);
    let place = match address {
        level::address::OTHER_LINE | level::address::NO_LINE | level::address::SAME_NUMBER => SAME_PLACE,
        level::address::DIFFERENT if phone == level::phone::DIFFERENT => 1.0 / MOVED,
        _ => 1.0,
    };
    people * given * family(a.family).max(family(b.family)) * born * middle * place
}

/// Share of people who bear a given name or one that it may be a form of.
fn given_share(population: &Population, name: Symbol) -> f64 {
    let groups = population.fact(name).groups;
    let forms = groups.iter().flat_map(|group| population.nicknames.forms(*group));
    forms
        .map(known::given_share)
        .fold(known::given_share(population.names.get(name)), f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::fields::Field;
    use crate::frequency::Frequencies;
    use crate::judge::Judge;
    use crate::model::Parameters;
    use crate::policy::Footing;
    use crate::record::Record;

    /// Namesakes of two records with the same names and birth date, one of them with something more.
    fn namesakes(given: &str, family: &str, birth: &str, more: &[(Field, &str, &str)]) -> f64 {
        let mut population = Population::new(&Config::default());
        for side in [0, 1] {
            let mut record = Record::new(side.to_string());
            record.set(Field::Given, given);
            record.set(Field::Family, family);
            record.set(Field::BirthDate, birth);
            for (field, left, right) in more {
                record.set(*field, if side == 0 { left } else { right });
            }
            population.push(&record);
        }
        let judge = Judge::new(
            Frequencies::count(&population),
            Parameters::built_in(2),
            1.0,
            Footing::Few,
        );
        let pattern = judge.compare(&population, 0, 1).unwrap();
        expected(&population, pattern, &population.rows[0], &population.rows[1])
    }

    #[test]
    fn common_names_and_the_first_of_january_have_namesakes() {
        let smith = namesakes("Maria", "Smith", "1961-04-07", &[]);
        let bob = namesakes("Bob", "Smith", "1961-04-07", &[]);
        let zywicki = namesakes("Marta", "Zywicki", "1961-04-07", &[]);
        let january = namesakes("Marta", "Zywicki", "1961-01-01", &[]);
        assert!(
            smith > 0.001 && bob > 0.001 && january > 0.001,
            "{smith} {bob} {january}"
        );
        assert!(zywicki < 0.0001, "{zywicki}");
    }

    #[test]
    fn a_middle_name_and_a_place_tell_namesakes_apart() {
        let ann = namesakes("Ann", "Lee", "1975-05-01", &[]);
        let near = namesakes(
            "Ann",
            "Lee",
            "1975-05-01",
            &[(Field::PostalCode, "97266", "97266")],
        );
        let middle = namesakes("Ann", "Lee", "1975-05-01", &[(Field::Middle, "Ilse", "Ilse")]);
        let moved = [
            (Field::PostalCode, "97266", "02110"),
            (Field::Phone, "503-284-8871", "617-284-9911"),
        ];
        let far = namesakes("Ann", "Lee", "1975-05-01", &moved);
        assert!(near < ann / 10.0 && middle < ann / 100.0 && far > 5.0 * ann);
    }
}
