//! The identifiers in a PID by which patients are told apart, and what only stands in their place.

use ehr_types::Identifier;

use crate::convert::conversion::key_of;
use crate::convert::datatype::Sender;
use crate::convert::reading::Seg;

/// What the identifiers of one person in a PID are known by: those in PID-3, else in PID-2, else in PID-4.
pub(super) fn keys(pid: Seg<'_>, sender: &Sender, placeholders: &mut bool) -> Vec<String> {
    let key = |identifier: &Identifier| {
        let of_sender = identifier.system.is_none() && identifier.assigner.is_none();
        let sender = sender.name.as_deref().filter(|_| of_sender).unwrap_or_default();
        format!("{}@{sender}", key_of(identifier))
    };
    identity(pid, sender, placeholders).iter().map(key).collect()
}

/// The identifiers of one person in a PID.
pub(in crate::convert) fn identifiers(pid: Seg<'_>, sender: &Sender) -> Vec<Identifier> {
    identity(pid, sender, &mut false)
}

fn identity(pid: Seg<'_>, sender: &Sender, placeholders: &mut bool) -> Vec<Identifier> {
    [3, 2, 4]
        .into_iter()
        .map(|field| of_one_person(pid, field, sender, placeholders))
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

fn of_one_person(pid: Seg<'_>, field: u32, sender: &Sender, placeholders: &mut bool) -> Vec<Identifier> {
    const NOT_OF_ONE_PERSON: &[&str] = &["SS", "AN", "VN", "DL", "PPN", "ANON", "ANC", "ANT", "GI", "BA"];
    pid.all(field)
        .filter_map(|at| sender.identifier(at))
        .filter(|identifier| {
            let value = identifier.value.as_deref();
            *placeholders |= value.is_some_and(is_placeholder);
            value.is_some_and(|value| !is_placeholder(value))
        })
        .filter(|identifier| {
            let kind = identifier.type_.as_ref().and_then(|kind| kind.codings.first());
            kind.and_then(|kind| kind.code.as_deref())
                .is_none_or(|kind| !NOT_OF_ONE_PERSON.contains(&kind))
        })
        .collect()
}

/// Whether the value of an identifier stands where there is none. Fields for identifiers are mandatory, so people and
/// interfaces fill them: with a word that says so, or with a key held down. Zeros are never a number; other figures in a
/// row can be, while they are few.
fn is_placeholder(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "ANONYMOUS",
        "DEFAULT",
        "DUMMY",
        "INVALID",
        "MISSING",
        "NA",
        "NEW",
        "NIL",
        "NOID",
        "NOMRN",
        "NONE",
        "NOTASSIGNED",
        "NOTAVAILABLE",
        "NOTKNOWN",
        "NULL",
        "PENDING",
        "TBA",
        "TBD",
        "TEMP",
        "TEMPORARY",
        "TEST",
        "TMP",
        "UNASSIGNED",
        "UNIDENTIFIED",
        "UNK",
        "UNKNOWN",
    ];
    let plain: Vec<char> = value
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect();
    let Some(first) = plain.first() else { return true };
    let same = plain.iter().all(|letter| letter == first);
    let enough = match first {
        '0' => 1,
        '9' => 3,
        'X' => 2,
        _ => 4,
    };
    same && plain.len() >= enough || WORDS.contains(&plain.iter().collect::<String>().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_no_identifier() {
        for value in [
            "0",
            "000-00",
            "999999999",
            "1111",
            "UNKNOWN",
            "n/a",
            "Temp",
            "XX",
            "?",
            "Not Assigned",
        ] {
            assert!(is_placeholder(value), "{value}");
        }
        for value in ["7", "11", "99", "111", "10", "TEMP0001", "123456789", "A0", "X"] {
            assert!(!is_placeholder(value), "{value}");
        }
    }
}
