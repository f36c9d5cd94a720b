//! How alike two normalised texts are.

use rapidfuzz::distance::{jaro_winkler, osa};

/// From alike to unlike.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Likeness {
    /// The same text.
    Same,
    /// One or, in long words, two errors of typing apart.
    Typo,
    /// Alike, yet more than an error of typing.
    Similar,
    /// Unlike.
    Different,
}

/// Compares two texts, neither of them empty.
pub(super) fn likeness(a: &str, b: &str) -> Likeness {
    if a == b {
        return Likeness::Same;
    }
    if a.is_ascii() && b.is_ascii() {
        bytes(a.as_bytes(), b.as_bytes())
    } else {
        let (x, y): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
        graded(
            x.len(),
            y.len(),
            |limit| {
                osa::distance_with_args(
                    x.iter().copied(),
                    y.iter().copied(),
                    &osa::Args::default().score_cutoff(limit),
                )
            },
            || jaro_winkler::similarity(x.iter().copied(), y.iter().copied()),
        )
    }
}

fn bytes(a: &[u8], b: &[u8]) -> Likeness {
    // Letters in common bound the distance from below; most unlike pairs end here.
    let set = |text: &[u8]| {
        text.iter()
            .fold(0_u64, |set, byte| set | 1 << (byte.wrapping_sub(b'0') & 63))
    };
    let (sa, sb) = (set(a), set(b));
    let only = (sa & !sb).count_ones().max((sb & !sa).count_ones());
    if only > 4 && (sa & sb).count_ones() < 4 {
        return Likeness::Different;
    }
    // Jaro's similarity is at most this, from the letters that can have a partner.
    let partners = (a.len() - ((sa & !sb).count_ones() as usize).min(a.len()))
        .min(b.len() - ((sb & !sa).count_ones() as usize).min(b.len())) as f64;
    let bound = (partners / a.len() as f64 + partners / b.len() as f64 + 1.0) / 3.0;
    let needed = if a.first() == b.first() { 0.8 } else { SIMILAR };
    graded(
        a.len(),
        b.len(),
        |limit| {
            if only as usize > limit {
                return None;
            }
            osa::distance_with_args(
                a.iter().copied(),
                b.iter().copied(),
                &osa::Args::default().score_cutoff(limit),
            )
        },
        || {
            if bound < needed {
                return 0.0;
            }
            jaro_winkler::similarity(a.iter().copied(), b.iter().copied())
        },
    )
}

/// Jaro–Winkler similarity from which on two names are alike.
const SIMILAR: f64 = 0.88;

fn graded(
    a: usize,
    b: usize,
    distance: impl Fn(usize) -> Option<usize>,
    winkler: impl Fn() -> f64,
) -> Likeness {
    let longest = a.max(b);
    let limit = match longest {
        0..=2 => 0,
        3..=7 => 1,
        _ => 2,
    };
    if limit > 0 && a.abs_diff(b) <= limit && distance(limit).is_some() {
        return Likeness::Typo;
    }
    let two_errors = limit == 1 && longest > 4 && a.abs_diff(b) <= 2 && distance(2).is_some();
    if two_errors || (longest > 2 && a.min(b) > 2 && winkler() >= SIMILAR) {
        return Likeness::Similar;
    }
    Likeness::Different
}

/// Whether two short texts are at most one error apart.
pub(super) fn within_one(a: &str, b: &str) -> bool {
    a == b
        || (a.len().abs_diff(b.len()) <= 1
            && a.len().max(b.len()) > 1
            && osa::distance_with_args(a.bytes(), b.bytes(), &osa::Args::default().score_cutoff(1)).is_some())
}

/// Whether two folded names are one name in two spellings: `Brian` and `Bryan`, `Sara` and `Sarah`; not `Anna` and `Anne`.
pub(super) fn spoken_alike(a: &str, b: &str) -> bool {
    spoken(a) == spoken(b)
}

/// The sounds of a name, roughly: letters that are not heard are left out, and of those heard alike one stands for all.
fn spoken(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let is_vowel = |letter: &char| "aeiouy".contains(*letter);
    let mut sounds = String::with_capacity(name.len());
    let mut before = None;
    for (at, letter) in letters.iter().enumerate() {
        let next = letters.get(at + 1);
        let after_consonant = before.is_some_and(|letter| !is_vowel(letter));
        let silent = match letter {
            'h' => before.is_some(),
            // Anne, Stephanie; Lesley; Katherine, Jeffery.
            'e' => match next {
                None => after_consonant || before == Some(&'i'),
                Some('y') => at + 2 == letters.len(),
                Some('r') => after_consonant && letters.get(at + 2).is_some_and(is_vowel),
                _ => false,
            },
            _ => false,
        };
        before = Some(letter);
        let sound = match letter {
            'p' if next == Some(&'h') => 'f',
            'c' | 'q' => 'k',
            'd' => 't',
            'j' | 'y' => 'i',
            'v' | 'w' => 'f',
            'z' => 's',
            other => *other,
        };
        if !silent && !sounds.ends_with(sound) {
            sounds.push(sound);
        }
    }
    sounds
}

/// Whether two e-mail addresses are one mistyped or one mailbox at two hosts.
pub(super) fn similar_email(a: &str, b: &str) -> bool {
    let local = |text: &str| text.split('@').next().unwrap_or_default().len();
    let (la, lb) = (local(a), local(b));
    if la == lb && la >= 6 && a.get(..la) == b.get(..lb) {
        return true;
    }
    a.len().abs_diff(b.len()) <= 2
        && osa::distance_with_args(a.bytes(), b.bytes(), &osa::Args::default().score_cutoff(2)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_typing_are_told_from_other_names() {
        for (a, b, expected) in [
            ("harold", "harlod", Likeness::Typo),
            ("carline", "carlie", Likeness::Typo),
            ("goldie", "goldie", Likeness::Same),
            ("evanoff", "evaniff", Likeness::Typo),
            ("mary", "john", Likeness::Different),
            ("smith", "jones", Likeness::Different),
            ("kari", "karl", Likeness::Typo),
            ("al", "ed", Likeness::Different),
            ("müller", "muller", Likeness::Typo),
        ] {
            assert_eq!(likeness(a, b), expected, "{a} {b}");
            assert_eq!(likeness(b, a), expected, "{b} {a}");
        }
    }

    #[test]
    fn spellings_are_told_from_other_forms() {
        for (a, b) in [
            ("brian", "bryan"),
            ("sara", "sarah"),
            ("steven", "stephen"),
            ("catherine", "katherine"),
            ("ann", "anne"),
            ("jon", "john"),
            ("michele", "michelle"),
            ("stephanie", "stephany"),
            ("jeffrey", "jeffery"),
            ("katherine", "kathryn"),
            ("leslie", "lesley"),
        ] {
            assert!(spoken_alike(a, b), "{a} {b}");
        }
        for (a, b) in [
            ("anna", "anne"),
            ("julia", "julie"),
            ("maria", "marie"),
            ("kathryn", "kathleen"),
        ] {
            assert!(!spoken_alike(a, b), "{a} {b}");
        }
    }

    #[test]
    fn emails_forgive_little() {
        assert!(similar_email(
            "harold.moniz69@outlook.com",
            "harold.moniz69@gmail.com"
        ));
        assert!(similar_email("ann@x.org", "anm@x.org"));
        assert!(!similar_email("ann.lee@x.org", "bob.ray@x.org"));
    }
}
