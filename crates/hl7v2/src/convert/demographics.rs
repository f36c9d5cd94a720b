//! What a PID says of the person, and whether two of them can be about one.
//!
//! Two PIDs with one identifier are of one person unless their demographics contradict each other. No fact alone is a
//! contradiction: names are changed by marriage, dates and sexes are mistyped and corrected by a later message, and what is
//! not stated, or stated by a word for "unknown", speaks neither for nor against. It takes several facts, the more the
//! better the birth dates agree, which nothing but a correction changes:
//!
//! | birth dates | contradiction when these differ too |
//! |---|---|
//! | differ | the given name, the sex (male and female) or the family name |
//! | differ by a slip, or one is not known | the given name, and the sex or the family name |
//! | agree | the given name, and the sex or the birth order of twins |
//!
//! A person who changes sex and given name looks like a brother of the same day whose number was mistyped. Two charts for one
//! person can be joined by who knows; one chart for two harms both.

use ehr_types::Date;

use super::name_words::{add_words, alike, differ};
use super::reading::Seg;
use super::table;

/// The facts of a PID that tell people apart. Never shown: it holds values of a patient.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Demographics {
    /// PID-7, unless it stands for an unknown one.
    birth: Option<Date>,
    /// PID-8, male or female.
    sex: Option<&'static str>,
    /// The words of the given names in PID-5 and PID-9, folded.
    given: Vec<String>,
    /// The words of the family names.
    family: Vec<String>,
    /// PID-25: which of several born together.
    birth_order: Option<u32>,
}

/// How much a PID says of the person; ordered from most to least.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Extent {
    /// Birth date and given name.
    Full,
    Partial,
    Nothing,
}

/// How two birth dates relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Birth {
    /// Equal, as far as both are stated.
    Equal,
    /// Different as by a mistake in writing: in the month or the day, by one figure of the year, or month and day exchanged.
    Slip,
    Differs,
    Unknown,
}

impl Demographics {
    /// Reads a PID, on a reading whose marks and findings are thrown away.
    pub(super) fn of(pid: Seg<'_>) -> Self {
        let mut demographics = Self {
            birth: pid.at(7).time().map(|time| time.date()).filter(is_birth_date),
            sex: pid
                .at(8)
                .peek_code()
                .and_then(|code| table::gender(&code))
                .filter(|sex| matches!(*sex, "male" | "female")),
            birth_order: pid.at(25).unsigned(),
            ..Self::default()
        };
        for name in pid.all(5).chain(pid.all(9)).take(MOST_NAMES) {
            let family = name.part(1);
            add_words(&mut demographics.given, &[name.part(2), name.part(3)]);
            // FN: the surname, the own one and the partner's.
            add_words(
                &mut demographics.family,
                &[family.part(1), family.part(3), family.part(5)],
            );
        }
        for words in [&mut demographics.given, &mut demographics.family] {
            words.sort_unstable();
            words.dedup();
        }
        demographics
    }

    pub(super) fn extent(&self) -> Extent {
        let names = !self.given.is_empty() || !self.family.is_empty();
        if self.birth.is_some() && !self.given.is_empty() {
            Extent::Full
        } else if self.birth.is_some() || names || self.sex.is_some() {
            Extent::Partial
        } else {
            Extent::Nothing
        }
    }

    /// Whether both cannot be of one person; see the table above.
    pub(super) fn contradicts(&self, other: &Self) -> bool {
        if self == other {
            return false;
        }
        let shared = |one: &[String], other: &[String]| one.iter().any(|word| other.contains(word));
        // Given and family name in each other's place are no different names.
        let exchanged = shared(&self.given, &other.family) && shared(&self.family, &other.given);
        let given = || !exchanged && differ(&self.given, &other.given);
        let family = || !exchanged && differ(&self.family, &other.family);
        let sex = matches!((self.sex, other.sex), (Some(one), Some(other)) if one != other);
        let order = matches!((self.birth_order, other.birth_order), (Some(one), Some(other)) if one != other);
        match self.birth_relation(other) {
            Birth::Equal => (sex || order) && given(),
            Birth::Slip | Birth::Unknown => given() && (sex || family()),
            Birth::Differs => sex || given() || family(),
        }
    }

    /// Whether so much differs that even who says that both are one person may be mistaken. Who links two numbers knows of
    /// marriages and of mistyped dates; not of a person with another given name, another sex and another birth date.
    pub(super) fn is_unlike(&self, other: &Self) -> bool {
        let facts = [
            differ(&self.given, &other.given),
            self.sex.is_some() && other.sex.is_some() && self.sex != other.sex,
            self.birth_relation(other) == Birth::Differs,
        ];
        facts.into_iter().filter(|differs| *differs).count() > 1
    }

    /// How many facts of two that do not contradict each other agree.
    pub(super) fn agreement(&self, other: &Self) -> u32 {
        let shared = |one: &[String], other: &[String]| {
            u32::from(
                one.iter()
                    .any(|word| other.iter().any(|known| alike(word, known))),
            )
        };
        2 * u32::from(self.birth_relation(other) == Birth::Equal)
            + 2 * shared(&self.given, &other.given)
            + shared(&self.family, &other.family)
            + u32::from(self.sex.is_some() && self.sex == other.sex)
    }

    /// The facts as one text, to derive an id from.
    pub(super) fn text(&self) -> String {
        let birth = self.birth.map(|birth| birth.to_string()).unwrap_or_default();
        let sex = self.sex.unwrap_or_default();
        format!("{birth}|{sex}|{}|{}", self.given.join(" "), self.family.join(" "))
    }

    fn birth_relation(&self, other: &Self) -> Birth {
        let (Some(one), Some(other)) = (self.birth, other.birth) else {
            return Birth::Unknown;
        };
        let differ =
            |one: Option<u8>, other: Option<u8>| matches!((one, other), (Some(a), Some(b)) if a != b);
        let (month, day) = (differ(one.month(), other.month()), differ(one.day(), other.day()));
        match (one.year() != other.year(), month, day) {
            (false, false, false) => Birth::Equal,
            (false, true, true) if one.month() == other.day() && one.day() == other.month() => Birth::Slip,
            (false, true, true) => Birth::Differs,
            (false, ..) => Birth::Slip,
            (true, false, false) if is_slip(one.year(), other.year()) => Birth::Slip,
            (true, ..) => Birth::Differs,
        }
    }
}

/// Whether a date can be one of birth. Systems that must have one write the first day of their calendar for "unknown".
fn is_birth_date(date: &Date) -> bool {
    let first_day = date.month() == Some(1) && date.day() == Some(1);
    (1800..=2200).contains(&date.year()) && !(first_day && date.year() <= 1901)
}

/// Whether two years differ in one figure, or have two neighbours exchanged.
fn is_slip(one: u16, other: u16) -> bool {
    let figures = |year: u16| [year / 1000, year / 100 % 10, year / 10 % 10, year % 10];
    let (one, other) = (figures(one), figures(other));
    let different: Vec<usize> = (0..4)
        .filter(|place| one.get(*place) != other.get(*place))
        .collect();
    match different.as_slice() {
        [_] => true,
        [first, second] if first + 1 == *second => {
            one.get(*first) == other.get(*second) && one.get(*second) == other.get(*first)
        }
        _ => false,
    }
}

/// Names of a person that are compared.
const MOST_NAMES: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    /// `family^given|birth|sex`
    fn person(text: &str) -> Demographics {
        let mut parts = text.split('|');
        let (family, given) = parts.next().unwrap().split_once('^').unwrap_or_default();
        let pid = format!(
            "MSH|^~\\&|A\rPID|||7||{family}^{given}||{}|{}\r",
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default()
        );
        let message = crate::Message::parse(pid.as_bytes()).unwrap();
        let lines = ehr_types::LineIndex::new(pid.as_bytes());
        let reading = super::super::reading::Reading::new(
            &message,
            0,
            &lines,
            String::new(),
            ehr_types::Offset::Unstated,
        );
        let pid = reading.segments().find(|seg| seg.is("PID")).unwrap();
        Demographics::of(pid)
    }

    fn check(cases: &[(&str, &str)], contradiction: bool) {
        for (one, other) in cases {
            let (a, b) = (person(one), person(other));
            assert_eq!(a.contradicts(&b), contradiction, "{one} and {other}");
            assert_eq!(b.contradicts(&a), contradiction, "{other} and {one}");
        }
    }

    #[test]
    fn two_people_contradict_each_other() {
        check(
            &[
                ("Alpha^Ann|19700102|F", "Beta^Robert|19550102|M"),
                ("Alpha^Ann|19700102|F", "Alpha^Betty|19550617|F"),
                ("Alpha^Ann|19700102|F", "Beta^Ann|19550102|F"),
                ("Alpha^Kim|19700102|F", "Alpha^Kim|19550617|M"),
                ("Alpha^Ann|19700102", "Beta^Robert|19550617"),
                ("Alpha^Ann||F", "Alpha^Robert||M"),
                ("Alpha^Ann", "Beta^Robert|19550617|M"),
                ("Alpha^Ann|19700102|F", "Beta^Robert|19700102|M"),
                ("Alpha^Ann|19700102|F", "Alpha^Robert|19700102|M"),
                ("van der Berg^Ann||", "van der Meer^Robert||"),
                (
                    "\u{5c71}\u{7530}^\u{592a}\u{90ce}||M",
                    "\u{9234}\u{6728}^\u{82b1}\u{5b50}||F",
                ),
            ],
            true,
        );
    }

    #[test]
    fn corrections_and_changes_of_one_person_do_not() {
        check(
            &[
                ("Alpha^Ann|19700102|F", "Beta^Ann|19700102|F"),
                ("Alpha^Ann|19700102|F", "Alpha^Ann|19550617|F"),
                ("Alpha^Ann|19700102|F", "Alpha^Ann|19700102|M"),
                ("Alpha^Ann|19700102|F", "Alpha^Betty|19700102|F"),
                ("Alpha^Anna|19700102|F", "Alhpa^Ann|19700103|M"),
                ("Alpha^Ann|1970", "Beta^A|19700102|F"),
                ("Alpha^Ann|19700102|F", "Ann^Alpha|19550617|F"),
                ("M\u{fc}ller^Zo\u{eb}|19700102|F", "Muller^Zoe|19551203|F"),
                (
                    "Ito^Taro|19700102|M",
                    "\u{4f0a}\u{85e4}^\u{592a}\u{90ce}|19551203|M",
                ),
                ("Smith-Jones^Ann|19700102|F", "Jones^Ann|19551203|F"),
                ("Doe^Baby Girl A|20240102|F", "Roe^Emma|20240102|F"),
                ("Unknown^Trauma1|19000101|M", "Smith^Robert|19550617|M"),
                ("^||", "Smith^Robert|19550617|M"),
                ("^||F", "Smith^Robert|19550617|M"),
            ],
            false,
        );
    }

    #[test]
    fn birth_dates_by_their_parts() {
        let relation = |one: &str, other: &str| {
            person(&format!("^|{one}")).birth_relation(&person(&format!("^|{other}")))
        };
        assert_eq!(relation("19700102", "197001"), Birth::Equal);
        for slip in ["19700112", "19700902", "19700201", "19800102", "19070102"] {
            assert_eq!(relation("19700102", slip), Birth::Slip, "{slip}");
        }
        for other in ["19550102", "19710103", "19700617", "20700102"] {
            assert_eq!(relation("19700102", other), Birth::Differs, "{other}");
        }
        for unknown in ["", "19000101", "99991231", "UNK"] {
            assert_eq!(relation("19700102", unknown), Birth::Unknown, "{unknown}");
        }
    }
}
