//! Family history: one relative.

use ehr_model::{FamilyCondition, FamilyMemberHistory};
use ehr_types::DateTime;

use super::{Facts, Looker, OneSource, Rule, is_error};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::desk::{Desk, Lists};
use crate::equivalence::Relation;
use crate::project::fields;
use crate::stated::{Stated, label, listed, shown};

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

/// All conditions; one that began at two ages is a conflict.
fn conditions(voices: &[&FamilyMemberHistory], desk: &mut Desk<'_>) -> Vec<FamilyCondition> {
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
