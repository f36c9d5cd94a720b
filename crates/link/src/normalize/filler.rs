//! What registration desks and systems write where they know nothing.

mod words;

use words::{COUNTED, FILLERS, NEWBORN, PHRASES, WEAK};

/// Whether a folded text says that there is no value.
pub(crate) fn is_filler(folded: &str) -> bool {
    if !folded.contains(' ') {
        return is_filler_word(folded);
    }
    if PHRASES.iter().any(|phrase| folded.starts_with(phrase)) {
        return true;
    }
    let mut words = folded.split(' ');
    matches!(folded, "n a" | "n k")
        || (words.clone().any(is_filler_word)
            && words.all(|word| is_filler_word(word) || is_weak(word) || is_number(word)))
}

/// A word of the list, perhaps numbered (`test2`) or set to the end of the alphabet (`zztest`), or one letter again and
/// again.
fn is_filler_word(word: &str) -> bool {
    let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let known = |word: &str| FILLERS.binary_search(&word).is_ok();
    let mut bytes = letters.bytes();
    let first = bytes.next();
    known(letters)
        || (letters.len() >= 3 && letters.is_ascii() && bytes.all(|byte| Some(byte) == first))
        || ['x', 'z'].into_iter().any(|mark| {
            let bare = letters.trim_start_matches(mark);
            letters.len() >= bare.len() + 2 && known(bare)
        })
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_weak(word: &str) -> bool {
    WEAK.binary_search(&word).is_ok()
}

/// Whether a folded name stands for the absence of one.
pub(crate) fn is_placeholder_name(folded: &str) -> bool {
    if folded.is_empty() || is_filler(folded) || folded.split(' ').all(is_number) {
        return true;
    }
    let newborn = |word: &str| NEWBORN.contains(&word.trim_end_matches(|c: char| c.is_ascii_digit()));
    let mut words = folded.split(' ');
    if !words.next().is_some_and(newborn) {
        return false;
    }
    let mut rest = words.peekable();
    // `Boy of Maria` is a child of Maria's.
    while let Some(word) = rest.next() {
        if word == "of" && rest.peek().is_some() {
            return true;
        }
        if !newborn(word) && !COUNTED.contains(&word) && !is_number(word) {
            return false;
        }
    }
    true
}

/// Whether a given and a family name together stand for nobody, although either may be a name: `Jane Doe`,
/// `Patient, Test`. Each as it was written and in its normal form, which is empty for a placeholder.
pub(crate) fn are_nobodys_names(given: (&str, &str), family: (&str, &str)) -> bool {
    let nobody = |(text, name): (&str, &str)| {
        let weak = || name.len() > 1 && name.split(' ').all(is_weak);
        text.contains(char::is_alphanumeric) && (is_placeholder_name(name) || weak())
    };
    (family.1 == "doe" && matches!(given.1, "john" | "jane" | "jon" | "johnny" | "janie"))
        || (nobody(given) && nobody(family))
}

/// Whether a folded street line says that there is no address.
pub(crate) fn is_no_address(folded: &str) -> bool {
    is_filler(folded)
        || folded.starts_with("no fixed ")
        || folded.starts_with("no address")
        || folded.starts_with("no perm")
        || folded.starts_with("same as ")
        || matches!(
            folded,
            "address"
                | "address unknown"
                | "bad address"
                | "general delivery"
                | "homeless"
                | "moved"
                | "nfa"
                | "no"
                | "return mail"
                | "return to sender"
                | "returned mail"
                | "same"
                | "street"
                | "transient"
                | "undomiciled"
                | "unhoused"
                | "unknown address"
        )
}

/// Whether digits, the first first, are those of a made-up number: one again and again, or each the next or the last
/// after the one before it.
pub(crate) fn is_made_up(digits: impl Iterator<Item = u8> + Clone) -> bool {
    let steps = |step: u8| {
        let next = digits.clone().skip(1);
        digits.clone().zip(next).all(|(a, b)| (a + step) % 10 == b)
    };
    steps(0) || steps(1) || steps(9)
}

/// The digits of a number, the last first.
pub(crate) fn digits(number: u64) -> impl Iterator<Item = u8> + Clone {
    std::iter::successors(Some(number), |rest| (*rest >= 10).then(|| rest / 10)).map(|rest| (rest % 10) as u8)
}

#[cfg(test)]
mod tests {
    use super::super::{fold, split_family, split_given};
    use super::*;

    #[test]
    fn lists_are_in_order() {
        for list in [FILLERS, WEAK] {
            assert!(list.is_sorted_by(|a, b| a < b));
        }
    }

    #[test]
    fn what_desks_write_for_no_name_is_no_name() {
        for text in [
            "Baby Boy",
            "BABY GIRL A",
            "Babyboy",
            "Baby Boy 2",
            "BB1",
            "Boy of Maria",
            "Twin 1",
            "Newborn Female",
            "Unknown",
            "unk",
            "UNKNOWN MALE",
            "Unidentified Female 3",
            "UNKNWN",
            "FNU",
            "LNU",
            "No Name",
            "No Last Name",
            "not given",
            "Not Provided",
            "N/A",
            "n.a.",
            "N.N.",
            "TEMP",
            "Temporary",
            "TBD",
            "to be determined",
            "Dummy",
            "TEST",
            "Test1",
            "ZZTEST",
            "zzz-test",
            "XXTEST2",
            "Test Patient",
            "Patient Unknown",
            "DO NOT USE",
            "Entered in Error",
            "Duplicate",
            "VOID",
            "DELETED",
            "Refused",
            "xxx",
            "ZZZZ",
            "aaa",
            "0",
            "123",
            "asdf",
            "Desconocido",
            "Unbekannt",
            "Trauma",
            "Unable to obtain",
        ] {
            assert!(is_placeholder_name(&fold(text)), "{text}");
        }
    }

    #[test]
    fn names_stay_names() {
        for text in [
            "Boyd",
            "Baby Jane Doe",
            "Una",
            "Twinkle",
            "Noname Smith",
            "Tester",
            "Temple",
            "Templeton",
            "Voight",
            "Nott",
            "Do",
            "No",
            "Ng",
            "Be",
            "Noh",
            "Last",
            "First",
            "Patient",
            "Sample",
            "Demo",
            "Doe",
            "Aa",
            "O",
            "J",
            "Tembo",
            "Testa",
            "Noor",
            "Nan",
            "Bo",
            "Bebe",
            "Manning",
            "Zzyzx",
            "Xxavier",
            "Missy",
            "Nilsson",
            "Naomi",
            "Nona",
            "Toby",
            "Notter",
            "李",
            "Girling",
            "Baby Maria",
            "Mary A",
        ] {
            assert!(!is_placeholder_name(&fold(text)), "{text}");
        }
    }

    #[test]
    fn two_names_may_together_be_nobodys() {
        let together = |given, family| {
            let (first, last) = (split_given(given).value, split_family(family).value);
            are_nobodys_names((given, &first), (family, &last))
        };
        for (given, family) in [
            ("John", "Doe"),
            ("JANE", "DOE"),
            ("Patient", "Test"),
            ("Test", "Patient"),
            ("Sample", "Patient"),
            ("Demo", "Demo"),
            ("Female", "Unknown"),
            ("Unknown", "Doe"),
            ("First name", "Last name"),
        ] {
            assert!(together(given, family), "{given} {family}");
        }
        for (given, family) in [
            ("John", "Test"),
            ("Mary", "Doe"),
            ("Joe", "Sample"),
            ("Ruth", "First"),
            ("Patient", "Smith"),
            ("", "Doe"),
            ("A", "Case"),
        ] {
            assert!(!together(given, family), "{given} {family}");
        }
    }

    #[test]
    fn what_says_there_is_no_address_is_none() {
        for text in [
            "UNKNOWN",
            "Homeless",
            "No fixed address",
            "no address given",
            "Same as above",
            "General Delivery",
            "test",
            "xxx",
            "N/A",
        ] {
            assert!(is_no_address(&fold(text)), "{text}");
        }
        for text in ["1 Elm St", "Main", "Nome St", "North St", "Notting Hill"] {
            assert!(!is_no_address(&fold(text)), "{text}");
        }
    }
}
