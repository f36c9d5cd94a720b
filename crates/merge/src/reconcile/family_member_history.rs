//! Family history: one relative.

use ehr_model::{FamilyCondition, FamilyMemberHistory};
use ehr_types::{CodeableConcept, DateTime};

use super::denial::names;
use super::{Facts, Looker, OneSource, Rule, is_error};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::desk::{Desk, Lists};
use crate::equivalence::Relation;
use crate::project::fields;
use crate::stated::{Stated, label, listed, shown};
use crate::wording::words;

/// Relatives of whom there is one: HL7 v3 RoleCode and SNOMED CT.
const ONLY_ONE: &[&str] = &[
    "MTH", "FTH", "NMTH", "NFTH", "MGRMTH", "MGRFTH", "PGRMTH", "PGRFTH", "72705000", "66839005",
];
const ONLY_ONE_WORDS: &[&str] = &["mother", "father"];

impl Rule for FamilyMemberHistory {
    const REACH: Option<i64> = None;
    const ONE_SOURCE: OneSource = OneSource::Free;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.about(self.relationship.as_ref());
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        if a.concept(b, cx) != Relation::Same {
            return if a.concept(b, cx) == Relation::Unknown {
                Verdict::Unsure
            } else {
                Verdict::Different
            };
        }
        let (x, y) = (a.record, b.record);
        let names = x.name.as_ref().zip(y.name.as_ref()).map(|(a, b)| a.agrees(b, cx));
        let born = x.born.as_ref().zip(y.born.as_ref()).map(|(a, b)| a.agrees(b, cx));
        if names == Some(false) || born == Some(false) {
            return Verdict::Different;
        }
        let conditions = x
            .condition
            .iter()
            .any(|condition| y.condition.iter().any(|other| condition.agrees(other, cx)));
        if is_only_one(x) || names == Some(true) || (a.is_identified_with(b, cx) && !a.is_of_same_source(b)) {
            return Verdict::Same(60);
        }
        if a.is_of_same_source(b) {
            return if !a.is_told_apart_from(b) && x == y {
                Verdict::Same(60)
            } else {
                Verdict::Different
            };
        }
        if conditions {
            Verdict::Same(40)
        } else {
            Verdict::Unsure
        }
    }

    fn standing(&self) -> i8 {
        is_error(self.status.as_ref())
    }

    fn recorded(&self) -> Option<DateTime> {
        self.date
    }
}

fn is_only_one(history: &FamilyMemberHistory) -> bool {
    history.relationship.as_ref().is_some_and(|relationship| {
        let codes = relationship
            .codings
            .iter()
            .filter_map(|coding| coding.code.as_deref());
        codes.into_iter().any(|code| ONLY_ONE.contains(&code))
            || relationship
                .label()
                .is_some_and(|label| ONLY_ONE_WORDS.contains(&label.trim().to_lowercase().as_str()))
    })
}

/// What a source says of the relative's diseases.
#[derive(PartialEq)]
enum Said<'a> {
    Had(&'a FamilyCondition),
    /// In words: all diseases, where it is none by name.
    DidNotHave(Option<String>),
}

impl<'a> Said<'a> {
    fn of(history: &'a FamilyMemberHistory) -> Vec<Self> {
        let of_condition = |condition: &'a FamilyCondition| {
            let denied = condition
                .code
                .as_ref()
                .and_then(CodeableConcept::label)
                .and_then(denied);
            denied.map_or(Self::Had(condition), Self::DidNotHave)
        };
        let notes = history.note.iter().filter_map(|note| denied(&note.text));
        let notes = notes.map(Self::DidNotHave);
        history.condition.iter().map(of_condition).chain(notes).collect()
    }

    fn show(&self) -> String {
        match self {
            Self::Had(condition) => label(condition.code.as_ref()),
            Self::DidNotHave(Some(name)) => format!("no {name}"),
            Self::DidNotHave(None) => "none".to_owned(),
        }
    }

    fn contradicts(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Had(condition), Self::DidNotHave(denied))
            | (Self::DidNotHave(denied), Self::Had(condition)) => {
                denied.as_ref().is_none_or(|denied| is_called(condition, denied))
            }
            _ => false,
        }
    }
}

/// What words deny of a relative: `No history of: diabetes`, `no family history of cancer`.
fn denied(text: &str) -> Option<Option<String>> {
    const LEADS: &[&str] = &[
        "no history of ",
        "no family history of ",
        "no fh of ",
        "no fhx of ",
        "negative for ",
        "denies ",
    ];
    let said = words(text);
    let named = LEADS.iter().find_map(|lead| said.strip_prefix(lead))?.trim();
    let any = matches!(
        named,
        "" | "any" | "any condition" | "any disease" | "any illness"
    );
    Some((!any).then(|| named.to_owned()))
}

/// Whether a disease goes by a name that somebody denies: one that says no more than the other.
fn is_called(condition: &FamilyCondition, denied: &str) -> bool {
    let denied: Vec<&str> = denied.split(' ').collect();
    let named = condition.code.iter().flat_map(names);
    named.map(words).any(|name| {
        let name: Vec<&str> = name.split(' ').collect();
        denied.iter().all(|word| name.contains(word)) || name.iter().all(|word| denied.contains(word))
    })
}

/// All conditions; one that began at two ages, or that another source denies, is a conflict.
fn conditions(voices: &[&FamilyMemberHistory], desk: &mut Desk<'_>) -> Vec<FamilyCondition> {
    let said: Vec<Vec<Said<'_>>> = voices.iter().map(|voice| Said::of(voice)).collect();
    desk.within(
        "condition",
        &|at| said.get(at).map_or(&[], Vec::as_slice),
        &|a, b, _| a.contradicts(b).then(|| (a.show(), b.show())),
    );
    let lists: Lists<'_, '_, FamilyCondition> = &|at| voices.get(at).map_or(&[], |voice| &voice.condition);
    desk.within("condition.onset[x]", lists, &|a, b, cx| {
        let codes = a.code.as_ref().zip(b.code.as_ref());
        let onsets = a.onset.as_ref().zip(b.onset.as_ref());
        let differ = onsets.is_some_and(|(a, b)| !a.agrees(b, cx));
        (differ && codes.is_some_and(|(a, b)| a.agrees(b, cx))).then(|| {
            let words = |own: &FamilyCondition| listed([label(own.code.as_ref()), shown(own.onset.as_ref())]);
            (words(a), words(b))
        })
    });
    desk.union(lists)
}

fields!(FamilyMemberHistory {
    identifier: union,
    status: status("status"),
    data_absent_reason: fill,
    patient: fill,
    date: fill,
    name: one("name"),
    relationship: merged,
    sex: one("sex"),
    born: one("born[x]"),
    age: fill,
    estimated_age: fill,
    deceased: one("deceased[x]"),
    deceased_age: one("deceasedAge"),
    reason_code: union,
    reason_reference: union,
    note: union,
    condition: with(conditions),
});
