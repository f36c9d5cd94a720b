//! Names of persons.

use unicode_normalization::UnicodeNormalization;

use super::filler::is_placeholder_name;

/// Lower-case letters and digits without diacritics; apostrophes and full stops vanish, every other
/// run of characters becomes one space.
pub(crate) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    let mut push = |c: char| match c {
        '\'' | '\u{2019}' | '\u{2018}' | '`' | '.' | '\u{b4}' => {}
        c if c.is_alphanumeric() => {
            if gap && !out.is_empty() {
                out.push(' ');
            }
            gap = false;
            match c {
                'ß' => out.push_str("ss"),
                'æ' | 'Æ' => out.push_str("ae"),
                'œ' | 'Œ' => out.push_str("oe"),
                'ø' | 'Ø' => out.push('o'),
                'đ' | 'Đ' | 'ð' | 'Ð' => out.push('d'),
                'ł' | 'Ł' => out.push('l'),
                'ı' => out.push('i'),
                'þ' | 'Þ' => out.push_str("th"),
                c if c.is_ascii() => out.push(c.to_ascii_lowercase()),
                c => out.extend(c.to_lowercase()),
            }
        }
        _ => gap = true,
    };
    if text.is_ascii() {
        text.chars().for_each(&mut push);
    } else {
        text.nfkd()
            .filter(|c| !('\u{300}'..='\u{36f}').contains(c))
            .for_each(&mut push);
    }
    out
}

/// A given name in its normal form and what else stood in its field.
#[derive(Default)]
pub(crate) struct Given {
    /// Normal form; empty where missing or a placeholder.
    pub(crate) value: String,
    /// Further words that look like middle names.
    pub(crate) middle: String,
}

/// Divides the text of a given-name field. Middle names in the same field are recognised only as
/// initials, because double given names (`Mary Ann`) are names of their own.
pub(crate) fn split_given(text: &str) -> Given {
    let folded = fold(text);
    if folded.is_empty() {
        return Given::default();
    }
    if is_placeholder_name(&folded) {
        return Given::default();
    }
    if !folded.contains(' ') {
        return Given {
            value: folded,
            ..Given::default()
        };
    }
    let mut words: Vec<&str> = folded.split(' ').filter(|w| !is_title(w)).collect();
    let mut middle = String::new();
    while words.len() > 1 && words.last().is_some_and(|w| w.chars().count() == 1) {
        if let Some(word) = words.pop() {
            middle.insert_str(0, word);
        }
    }
    Given {
        value: words.join(" "),
        middle,
    }
}

/// A family name in its normal form.
#[derive(Default)]
pub(crate) struct Family {
    /// All words run together, particles included: `delacruz`, `smithjones`.
    pub(crate) value: String,
    /// The names of a double name, each with its particles; empty for a single name.
    pub(crate) parts: Vec<String>,
    /// Generational suffix that stood in the field.
    pub(crate) suffix: u8,
}

const PARTICLES: &[&str] = &[
    "al", "ap", "ben", "bin", "bint", "da", "dal", "de", "del", "della", "den", "der", "di", "do", "dos",
    "das", "du", "e", "el", "fitz", "ibn", "la", "las", "le", "lo", "los", "mac", "mc", "o", "san", "santa",
    "st", "saint", "te", "ten", "ter", "ul", "van", "vande", "vander", "vom", "von", "y", "zu", "zum", "zur",
];

/// Divides the text of a family-name field.
pub(crate) fn split_family(text: &str) -> Family {
    let folded = fold(text);
    if folded.is_empty() || is_placeholder_name(&folded) {
        return Family::default();
    }
    if !folded.contains(' ') {
        return Family {
            value: folded,
            ..Family::default()
        };
    }
    let mut words: Vec<&str> = folded.split(' ').collect();
    let mut suffix = 0;
    while words.len() > 1 {
        let code = words.last().map_or(0, |w| suffix_code(w));
        // A lone `v` or `i` is more often a part of the name than a number.
        if code == 0 || words.last().is_some_and(|w| w.len() == 1) {
            break;
        }
        suffix = code;
        words.pop();
    }
    let mut parts: Vec<String> = Vec::new();
    let mut pending = String::new();
    for word in &words {
        pending.push_str(word);
        if !PARTICLES.contains(word) {
            parts.push(std::mem::take(&mut pending));
        }
    }
    if !pending.is_empty() {
        match parts.last_mut() {
            Some(last) => last.push_str(&pending),
            None => parts.push(pending),
        }
    }
    let value = parts.concat();
    if parts.len() < 2 {
        parts.clear();
    }
    Family { value, parts, suffix }
}

/// Code of a generational suffix; 0 where the word is none. `Jr` and `II` are one generation.
pub(crate) fn suffix_code(text: &str) -> u8 {
    match fold(text).as_str() {
        "sr" | "senior" | "i" | "1st" => 1,
        "jr" | "junior" | "ii" | "2nd" => 2,
        "iii" | "3rd" => 3,
        "iv" | "4th" => 4,
        "v" | "5th" => 5,
        _ => 0,
    }
}

fn is_title(word: &str) -> bool {
    matches!(word, "mr" | "mrs" | "ms" | "miss" | "dr" | "prof" | "rev" | "sir")
}

/// A coarse code of how a name sounds, for blocking only: the first letter's class and up to four
/// consonant classes. Names that differ by a vowel, a doubled letter or a common spelling
/// (`ph`/`f`, `ck`/`k`) share it.
pub(crate) fn sound(name: &str) -> u32 {
    let mut code: u32 = 0;
    let mut count = 0;
    let mut last = 0;
    for (i, byte) in name.bytes().filter(|b| *b != b' ').enumerate() {
        let class = match byte {
            b'b' | b'f' | b'p' | b'v' => 1,
            b'c' | b'g' | b'j' | b'k' | b'q' | b's' | b'x' | b'z' => 2,
            b'd' | b't' => 3,
            b'l' => 4,
            b'm' | b'n' => 5,
            b'r' => 6,
            b'h' | b'w' => continue,
            b'a' | b'e' | b'i' | b'o' | b'u' | b'y' => 0,
            other => 7 + u32::from(other % 7),
        };
        if i == 0 {
            code = if class == 0 { 15 } else { class };
            count = 1;
        } else if class != 0 && class != last {
            code = code * 16 + class;
            count += 1;
        }
        if count == 5 {
            break;
        }
        last = class;
    }
    code + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_removes_what_carries_no_information() {
        assert_eq!(fold("  O’Brien "), "obrien");
        assert_eq!(fold("Müller-Lüdenscheidt"), "muller ludenscheidt");
        assert_eq!(fold("José  María"), "jose maria");
        assert_eq!(fold("Strauß"), "strauss");
        assert_eq!(fold("Ærø"), "aero");
        assert_eq!(fold("李"), "李");
    }

    #[test]
    fn family_names_keep_their_particles() {
        assert_eq!(split_family("de la Cruz").value, "delacruz");
        assert!(split_family("de la Cruz").parts.is_empty());
        assert_eq!(split_family("Garcia-Lopez").parts, ["garcia", "lopez"]);
        assert_eq!(split_family("van der Berg Smith").parts, ["vanderberg", "smith"]);
        assert_eq!(split_family("Headley Jr.").suffix, 2);
        assert_eq!(split_family("Headley III").value, "headley");
    }

    #[test]
    fn initials_leave_the_given_name() {
        let given = split_given("John Q.");
        assert_eq!((given.value.as_str(), given.middle.as_str()), ("john", "q"));
        assert_eq!(split_given("Mary Ann").value, "mary ann");
        assert_eq!(split_given("J").value, "j");
    }

    #[test]
    fn like_sounds_share_a_code() {
        for (a, b) in [
            ("philip", "filip"),
            ("smith", "smyth"),
            ("catherine", "katherine"),
        ] {
            assert_eq!(sound(a), sound(b), "{a} {b}");
        }
        assert_ne!(sound("smith"), sound("jones"));
    }
}
