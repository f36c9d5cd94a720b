//! The words of names, and whether two of them can be one name.

use super::reading::At;

/// Words that stand where a name is not known, or not yet given.
const NO_NAME: &[&str] = &[
    "anonymous",
    "baby",
    "babyboy",
    "babygirl",
    "bb",
    "bg",
    "boy",
    "declined",
    "female",
    "girl",
    "infant",
    "male",
    "missing",
    "na",
    "newborn",
    "nil",
    "nn",
    "noname",
    "none",
    "null",
    "patient",
    "refused",
    "test",
    "trauma",
    "triplet",
    "twin",
    "unidentified",
    "unk",
    "unknown",
    "unnamed",
    "x",
    "xx",
    "xxx",
    "xxxx",
];

/// The words of a name, without those that stand for none.
pub(super) fn add_words(words: &mut Vec<String>, parts: &[At<'_>]) {
    let mut of_name: Vec<String> = Vec::new();
    let mut placeholder = false;
    for text in parts.iter().filter_map(At::peek) {
        for word in text.split(|letter: char| letter.is_whitespace() || matches!(letter, '-' | ',' | '/')) {
            let folded: String = word
                .chars()
                .filter(|letter| letter.is_alphanumeric())
                .flat_map(char::to_lowercase)
                .take(LONGEST)
                .collect();
            if NO_NAME.contains(&folded.trim_end_matches(|letter: char| letter.is_ascii_digit())) {
                placeholder = true;
            } else if !folded.is_empty() {
                of_name.push(folded);
            }
        }
    }
    if placeholder {
        // "Baby Girl A" of several: no initial.
        of_name.retain(|word| word.chars().nth(1).is_some());
    }
    words.extend(of_name);
}

/// Letters of a word that are compared.
const LONGEST: usize = 40;

/// Whether two names have no word in common. Particles (`van`, `de`) do not count beside longer words.
pub(super) fn differ(one: &[String], other: &[String]) -> bool {
    fn telling(words: &[String]) -> impl Iterator<Item = &String> {
        let has_long = words.iter().any(|word| word.len() > 3);
        words
            .iter()
            .filter(move |word| !has_long || word.len() > 3 || word.len() == 1)
    }
    !one.is_empty()
        && !other.is_empty()
        && !telling(one).any(|word| telling(other).any(|known| alike(word, known)))
}

/// Whether two words can be one name: equal, short for the other, mistyped, or in scripts that cannot be compared.
pub(super) fn alike(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let is_latin = |word: &str| word.bytes().any(|byte| byte.is_ascii_alphabetic());
    if is_latin(one) != is_latin(other) {
        return true;
    }
    let (short, long) = if one.len() <= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    let length = short.chars().count();
    if long.starts_with(short) && (length == 1 || length >= 3) {
        return true;
    }
    let allowed = match length {
        0..=3 => 0,
        4 | 5 => 1,
        _ => 2,
    };
    distance(short, long, allowed) <= allowed
}

/// Letters to add, remove, replace or exchange with their neighbour; at the least one more than `limit` where it is more.
/// A letter beyond ASCII is like any: `Muller`, `Müller`.
fn distance(one: &str, other: &str, limit: usize) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if one.len().abs_diff(other.len()) > limit {
        return limit + 1;
    }
    let equal = |a: char, b: char| a == b || a.is_ascii() != b.is_ascii();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (row, a) in one.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, b) in other.iter().enumerate() {
            let at = |line: &[usize], column: usize| line.get(column).copied().unwrap_or(usize::MAX - 1);
            let mut least = (at(&above, column) + usize::from(!equal(*a, *b)))
                .min(at(&above, column + 1) + 1)
                .min(at(&current, column) + 1);
            if let (Some(up), Some(left)) = (row.checked_sub(1), column.checked_sub(1))
                && one.get(up) == Some(b)
                && other.get(left) == Some(a)
            {
                least = least.min(at(&before, left) + 1);
            }
            current.push(least);
        }
        before = std::mem::replace(&mut above, current);
    }
    above.last().copied().unwrap_or(limit + 1)
}
