//! Synthetic registrations whose truth is known: the example's table, and the tests'.

mod words;

use words::{
    ALIKE, ENDINGS, FAMILIES, MAILS, MEN, NAMESAKES, NICKNAMES, STATES, STREETS, SYLLABLES, TYPES, WOMEN,
};

/// What the table has more of than usual.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Kind {
    /// What families are like.
    Usual,
    /// Twins and people named alike.
    Twins,
    /// People of one name, and first days of January.
    Namesakes,
}

/// SplitMix64: small, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn chance(&mut self, percent: f64) -> bool {
        (self.next() >> 11) as f64 / ((1_u64 << 53) as f64) < percent / 100.0
    }

    /// An index that favours the first ones, as names do.
    fn skewed(&mut self, n: usize, power: f64) -> usize {
        let u = (self.next() >> 11) as f64 / ((1_u64 << 53) as f64);
        ((u.powf(power) * n as f64) as usize).min(n - 1)
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

struct Person {
    first: String,
    middle: String,
    last: String,
    maiden: Option<String>,
    suffix: &'static str,
    female: bool,
    birth: (u32, u32, u32),
    ssn4: Option<u32>,
    phones: Vec<u64>,
    email: String,
    homes: Vec<Home>,
}

#[derive(Clone)]
struct Home {
    number: usize,
    street: &'static str,
    kind: (&'static str, &'static str),
    unit: usize,
    town: usize,
}

fn invented(dice: &mut Dice, tail: usize) -> String {
    let mut seed = Dice(dice.skewed(tail, 2.5) as u64 * 7919 + 13);
    let mut name = String::new();
    for _ in 0..=seed.below(2) {
        name.push_str(seed.pick(&SYLLABLES));
    }
    name.push_str(seed.pick(&ENDINGS));
    let mut letters = name.chars();
    letters
        .next()
        .map(|c| c.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

fn family_name(dice: &mut Dice) -> String {
    if dice.chance(30.0) {
        FAMILIES[dice.skewed(FAMILIES.len(), 1.8)].to_owned()
    } else {
        invented(dice, 40_000)
    }
}

fn given_name(dice: &mut Dice, female: bool) -> String {
    let list = if female { &WOMEN } else { &MEN };
    if dice.chance(85.0) {
        list[dice.skewed(list.len(), 1.6)].to_owned()
    } else {
        let mut name = invented(dice, 6_000);
        if female {
            name.push('a');
        }
        name
    }
}

fn phone(dice: &mut Dice) -> u64 {
    2_000_000_000 + dice.next() % 7_999_999_999
}

fn home(dice: &mut Dice, towns: usize) -> Home {
    Home {
        number: 1 + dice.below(9999),
        street: STREETS[dice.below(STREETS.len())],
        kind: TYPES[dice.below(TYPES.len())],
        unit: if dice.chance(20.0) { 1 + dice.below(60) } else { 0 },
        town: dice.skewed(towns, 2.2),
    }
}

fn household(dice: &mut Dice, towns: usize, kind: Kind) -> Vec<Person> {
    let size = [1, 1, 1, 1, 1, 1, 2, 2, 3, 4, 5][dice.below(11)];
    let mut last = family_name(dice);
    let place = home(dice, towns);
    let line = phone(dice);
    let mut people: Vec<Person> = Vec::new();
    let year = 1930 + dice.below(70) as u32;
    for n in 0..size {
        let mut female = dice.chance(50.0);
        let mut birth = (
            year + if n < 2 {
                dice.below(8) as u32
            } else {
                20 + dice.below(18) as u32
            },
            1 + dice.below(12) as u32,
            1 + dice.below(28) as u32,
        );
        birth.0 = birth.0.min(2025);
        if n == 1 {
            female = !people[0].female;
        }
        let mut first = given_name(dice, female);
        let mut suffix = "";
        let mut named_alike = None;
        if n >= 2 {
            let twin = people.last().filter(|p| n > 2 && p.birth.0 >= year + 20);
            let chance = if kind == Kind::Twins { 50.0 } else { 5.0 };
            if let Some(twin) = twin
                && dice.chance(chance)
            {
                birth = twin.birth;
                while first == twin.first {
                    first = given_name(dice, female);
                }
                if kind == Kind::Twins && dice.chance(50.0) {
                    named_alike = Some(ALIKE[dice.below(ALIKE.len())]);
                    female = twin.female;
                }
            } else if !female
                && dice.chance(8.0)
                && people.iter().all(|p| p.suffix.is_empty())
                && let Some(father) = people.iter_mut().take(2).find(|p| !p.female)
            {
                first.clone_from(&father.first);
                if dice.chance(60.0) {
                    father.suffix = "Sr";
                    suffix = "Jr";
                }
            }
        }
        let mut middle = if dice.chance(40.0) {
            given_name(dice, female)
        } else {
            String::new()
        };
        if let Some((elder, younger)) = named_alike
            && let Some(twin) = people.last_mut()
        {
            for (name, person_first, person_middle) in [
                (elder, &mut twin.first, &mut twin.middle),
                (younger, &mut first, &mut middle),
            ] {
                let (one, other) = name.split_once(' ').unwrap_or((name, ""));
                one.clone_into(person_first);
                other.clone_into(person_middle);
            }
        }
        if kind == Kind::Namesakes && dice.chance(20.0) {
            let (one, family) = NAMESAKES[dice.skewed(NAMESAKES.len(), 1.5)];
            one.clone_into(&mut first);
            family.clone_into(&mut last);
            if dice.chance(50.0) {
                birth = (1950 + dice.below(50) as u32, 1, 1);
            }
        }
        let maiden = (female && n == 1 && dice.chance(25.0)).then(|| family_name(dice));
        let own = dice.chance(60.0);
        let mut phones = vec![if own && birth.0 < 2010 { phone(dice) } else { line }];
        if dice.chance(15.0) {
            phones.push(phone(dice));
        }
        let mut homes = vec![place.clone()];
        if dice.chance(18.0) {
            homes.push(home(dice, towns));
        }
        let email = if birth.0 > 2008 && !people.is_empty() {
            people[0].email.clone()
        } else {
            format!(
                "{}.{}{}@{}",
                first.to_lowercase(),
                last.to_lowercase(),
                dice.below(99),
                dice.pick(&MAILS)
            )
        };
        people.push(Person {
            first,
            middle,
            last: last.clone(),
            maiden,
            suffix,
            female,
            birth,
            ssn4: Some(dice.below(10_000) as u32).filter(|_| kind != Kind::Twins),
            phones,
            email,
            homes,
        });
    }
    people
}

/// One error of typing: a letter left out, doubled, replaced or exchanged with its neighbour.
fn mistype(dice: &mut Dice, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() < 3 {
        return text.to_owned();
    }
    let at = dice.below(letters.len() - 1);
    let digit = letters[at].is_ascii_digit();
    match dice.below(if digit { 2 } else { 4 }) {
        0 => letters.swap(at, at + 1),
        1 if digit => letters[at] = char::from(b'0' + dice.below(10) as u8),
        1 => letters[at] = char::from(b'a' + dice.below(26) as u8),
        2 => {
            letters.remove(at);
        }
        _ => letters.insert(at, letters[at]),
    }
    letters.into_iter().collect()
}

fn registration(dice: &mut Dice, person: &Person, practice: usize) -> Vec<String> {
    let mut first = person.first.clone();
    let forms = NICKNAMES.iter().find(|(name, _)| *name == first);
    if let Some((_, forms)) = forms
        && dice.chance(12.0)
    {
        first = dice.pick(forms).to_owned();
    }
    let mut last = person.last.clone();
    if let Some(maiden) = &person.maiden
        && dice.chance(25.0)
    {
        last.clone_from(maiden);
    }
    if dice.chance(3.0) {
        first = mistype(dice, &first);
    }
    if dice.chance(3.0) {
        last = mistype(dice, &last);
    }
    if dice.chance(0.7) {
        std::mem::swap(&mut first, &mut last);
    }
    let middle = match dice.below(10) {
        0..=4 => String::new(),
        5..=6 => person.middle.chars().take(1).collect(),
        _ => person.middle.clone(),
    };
    let (mut year, mut month, mut day) = person.birth;
    match dice.below(200) {
        0 if day <= 12 => std::mem::swap(&mut month, &mut day),
        1 => (month, day) = (1, 1),
        2 => day = 1,
        3 => year = year / 10 * 10 + dice.below(10) as u32,
        4 => day = 1 + dice.below(28) as u32,
        _ => {}
    }
    let birth = if dice.chance(1.0) {
        String::new()
    } else {
        format!("{year:04}-{month:02}-{day:02}")
    };
    let mut digits = match person.ssn4 {
        Some(digits) if !dice.chance(45.0) => format!("{digits:04}"),
        _ => String::new(),
    };
    if dice.chance(3.0) {
        digits = mistype(dice, &digits);
    }
    let mut number = if dice.chance(15.0) {
        String::new()
    } else {
        person.phones[dice.below(person.phones.len())].to_string()
    };
    if dice.chance(2.0) {
        number = mistype(dice, &number);
    }
    let email = if dice.chance(53.0) {
        String::new()
    } else {
        person.email.clone()
    };
    let home = &person.homes[dice.below(person.homes.len())];
    let kind = if dice.chance(80.0) {
        home.kind.0
    } else {
        home.kind.1
    };
    let mut street = format!("{} {} {kind}", home.number, home.street);
    if home.unit > 0 {
        street.push_str(if dice.chance(70.0) { " Apt " } else { " #" });
        street.push_str(&home.unit.to_string());
    }
    if dice.chance(3.0) {
        street = mistype(dice, &street);
    }
    if dice.chance(3.0) {
        street.clear();
    }
    let mut towns = Dice(home.town as u64 * 31 + 5);
    let mut city = towns.pick(&SYLLABLES).to_owned();
    city.push_str(towns.pick(&SYLLABLES));
    city.push_str("ville");
    let state = towns.pick(&STATES);
    let zip = format!("{:05}", 10_000 + towns.below(89_999));
    let sex = match dice.below(100) {
        0..=1 => "",
        2 if dice.chance(50.0) => {
            if person.female {
                "M"
            } else {
                "F"
            }
        }
        _ => {
            if person.female {
                "F"
            } else {
                "M"
            }
        }
    };
    let suffix = if dice.chance(55.0) { person.suffix } else { "" };
    vec![
        format!("practice-{practice}"),
        first,
        middle,
        last,
        suffix.to_owned(),
        sex.to_owned(),
        birth,
        digits,
        number,
        email,
        street,
        city,
        state.to_owned(),
        if dice.chance(3.0) { String::new() } else { zip },
    ]
}

/// The names of the columns; the last two are the truth.
pub(crate) const HEADER: &str = "rec_id,source,first,middle,last,suffix,sex,dob,ssn4,phone,email,street,city,state,zip,person_id,household_id";

/// So many registrations of the people of a seed: the cells of each row.
pub(crate) fn table(wanted: usize, seed: u64, kind: Kind) -> Vec<Vec<String>> {
    let mut dice = Dice(seed);
    let towns = 12 + wanted / 2_500;
    let mut rows: Vec<(u64, Vec<String>)> = Vec::new();
    let (mut person_id, mut household_id) = (0, 0);
    while rows.len() < wanted {
        household_id += 1;
        for person in household(&mut dice, towns, kind) {
            person_id += 1;
            let copies = [1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 5][dice.below(11)];
            for _ in 0..copies {
                let practice = 1 + dice.below(8);
                let mut row = registration(&mut dice, &person, practice);
                row.push(person_id.to_string());
                row.push(household_id.to_string());
                rows.push((dice.next(), row));
            }
        }
    }
    rows.sort();
    rows.truncate(wanted);
    let rows = rows.into_iter().zip(1..);
    rows.map(|((_, mut row), number)| {
        row.insert(0, number.to_string());
        row
    })
    .collect()
}
