//! What a source says of who is who.

use std::collections::HashMap;

use ehr_types::{DateTime, TimeRelation};

use crate::datatypes::Reference;
use crate::shape::data;

data! {
    /// That two registrations are of one person, or of two: HL7 v2 ADT^A24 (link) and the mergers, ADT^A37 (unlink).
    pub struct IdentityStatement {
        /// The one registration: its patient entry, its identifiers.
        pub patient: Vec<Reference>,
        /// The other registration, likewise.
        pub other: Vec<Reference>,
        /// Whether they are of one person.
        pub is_one_person: bool,
        /// When it was said (EVN-2, else MSH-7).
        pub recorded: Option<DateTime>,
    }
}

impl IdentityStatement {
    /// The statements that no other one has overtaken: what was said later of the same two registrations counts. Where it is not
    /// certain which was said later, that they are two people stands: to part one person is undone with less harm than to take
    /// two for one.
    ///
    /// ```
    /// use ehr_model::{IdentityStatement, Reference};
    /// use ehr_types::{DateTime, Identifier};
    ///
    /// let registration = |value: &str| vec![Reference {
    ///     identifier: Some(Identifier::new("urn:oid:1.2.3", value)),
    ///     ..Reference::default()
    /// }];
    /// let said = |is_one_person, recorded| IdentityStatement {
    ///     patient: registration("7"),
    ///     other: registration("8"),
    ///     is_one_person,
    ///     recorded: DateTime::parse_any(recorded).ok(),
    /// };
    /// let all = [said(false, "2024-03-02"), said(true, "2024-03-01")];
    /// assert_eq!(IdentityStatement::standing(&all), [&all[0]]);
    /// ```
    pub fn standing<'s>(all: impl IntoIterator<Item = &'s Self>) -> Vec<&'s Self> {
        let all: Vec<&Self> = all.into_iter().collect();
        // Looked up only: no order comes from it.
        let mut by_key: HashMap<&str, Vec<&Self>> = HashMap::new();
        for one in &all {
            for key in one.patient.iter().chain(&one.other).filter_map(key) {
                by_key.entry(key).or_default().push(one);
            }
        }
        let overtaken = |one: &Self| {
            let keys = one.patient.iter().filter_map(key);
            let mut others = keys.filter_map(|key| by_key.get(key)).flatten();
            others.any(|other| {
                one.is_one_person != other.is_one_person && one.is_of_the_same(other) && other.overtakes(one)
            })
        };
        all.iter().filter(|one| !overtaken(one)).copied().collect()
    }

    fn overtakes(&self, earlier: &Self) -> bool {
        let relation = self.recorded.zip(earlier.recorded).map(|(a, b)| a.relation(&b));
        if self.is_one_person {
            relation == Some(TimeRelation::After)
        } else {
            relation != Some(TimeRelation::Before)
        }
    }

    /// Whether both are of the same two registrations, in either order.
    fn is_of_the_same(&self, other: &Self) -> bool {
        let meet = |a: &[Reference], b: &[Reference]| a.iter().any(|a| b.iter().any(|b| is_of_one(a, b)));
        meet(&self.patient, &other.patient) && meet(&self.other, &other.other)
            || meet(&self.patient, &other.other) && meet(&self.other, &other.patient)
    }
}

/// What a reference to a registration is found by.
fn key(reference: &Reference) -> Option<&str> {
    let number = || reference.identifier.as_ref()?.value.as_deref();
    let target = reference.target.as_ref().map(|target| target.key.as_str());
    target.or_else(number)
}

/// Whether two references are to one registration, as far as they say.
fn is_of_one(a: &Reference, b: &Reference) -> bool {
    let identifiers = a.identifier.as_ref().zip(b.identifier.as_ref());
    (a.target.is_some() && a.target == b.target) || identifiers.is_some_and(|(a, b)| a.is_same_as(b))
}

#[cfg(test)]
mod tests {
    use ehr_types::Identifier;

    use super::*;

    fn said(pair: [&str; 2], is_one_person: bool, recorded: &str) -> IdentityStatement {
        let [patient, other] = pair.map(|value| {
            vec![Reference {
                identifier: Some(Identifier::new("urn:a", value)),
                ..Reference::default()
            }]
        });
        IdentityStatement {
            patient,
            other,
            is_one_person,
            recorded: DateTime::parse_any(recorded).ok(),
        }
    }

    #[test]
    fn the_last_word_on_a_pair_stands() {
        let pair = ["1", "2"];
        for (all, expected) in [
            (
                vec![said(pair, true, "2024-01-01"), said(pair, false, "2024-01-02")],
                vec![1],
            ),
            (
                vec![
                    said(pair, false, "2024-01-01"),
                    said(["2", "1"], true, "2024-01-02"),
                ],
                vec![1],
            ),
            // Whichever came last: nobody knows.
            (
                vec![said(pair, true, "2024-01-01"), said(pair, false, "2024-01-01")],
                vec![1],
            ),
            (
                vec![said(pair, true, ""), said(pair, false, "2024-01-01")],
                vec![1],
            ),
            (
                vec![said(pair, true, "2024-01-01"), said(pair, false, "")],
                vec![1],
            ),
            (
                vec![
                    said(pair, true, "2024-01-02"),
                    said(["1", "3"], false, "2024-01-03"),
                ],
                vec![0, 1],
            ),
            (
                vec![
                    said(pair, false, "2024-01-01"),
                    said(pair, true, "2024-01-02"),
                    said(pair, false, "2024-01-03"),
                ],
                vec![2],
            ),
        ] {
            let standing: Vec<usize> = IdentityStatement::standing(&all)
                .into_iter()
                .filter_map(|one| all.iter().position(|other| std::ptr::eq(one, other)))
                .collect();
            assert_eq!(standing, expected);
        }
    }
}
