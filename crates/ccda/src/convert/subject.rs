//! Whom a statement is about: the `subject` of a section or statement (CDA R2, Subject). It stands for all that is inside;
//! without one the subject is the patient.

use std::collections::BTreeMap;

use ehr_types::Severity;

use super::importer::Importer;
use super::statement::related;
use crate::section::is_statement;
use crate::template::{EntryKind, SectionKind};
use crate::xml::{Element, NodeId};

const RELATIVE: [&str; 2] = ["subject", "relatedSubject"];

#[derive(Clone, Copy)]
enum About<'d> {
    Patient,
    /// A relative, in a family history, with the `relatedSubject` that says which.
    Family(Option<Element<'d>>),
    /// Somebody else, in a section of family history.
    Other,
    Withheld,
}

impl<'d> Importer<'d> {
    /// Keeps what is about somebody else than the patient from becoming records of the patient. Family history is told by
    /// records that say whose it is.
    pub(super) fn withhold_others(&mut self, root: Element<'d>) {
        let has_subject =
            |element: Element<'d>| holds_statements(element) && element.child("subject").is_some();
        let mut all = std::iter::once(root).chain(root.descendants());
        if !all.any(has_subject) {
            return;
        }
        let patients: Vec<_> = root
            .peek()
            .descendants()
            .filter(|element| element.is("patient"))
            .collect();
        let mut known: BTreeMap<NodeId, About<'d>> = BTreeMap::new();
        for element in std::iter::once(root).chain(root.descendants()) {
            if !holds_statements(element) {
                continue;
            }
            let around = ancestors(element).find_map(|around| known.get(&around.id()).copied());
            let around = around.unwrap_or(About::Patient);
            let about = about(element, around, &patients);
            if matches!(about, About::Withheld) {
                self.withheld.insert(element.id());
                self.consume(element);
                if !matches!(around, About::Withheld) {
                    element.report(
                        Severity::Error,
                        "ccda.subject.other",
                        "about somebody else than the patient: no record of the patient is made of it; it is kept as residual",
                    );
                }
            }
            known.insert(element.id(), about);
        }
    }

    /// Whether a section or statement is about somebody else than the patient.
    pub(super) fn is_withheld(&self, element: Element<'d>) -> bool {
        self.withheld.contains(&element.id())
    }

    /// Whether a statement directly inside this one is.
    pub(super) fn withholds_part(&self, statement: Element<'d>) -> bool {
        let parts = related(statement);
        parts.iter().any(|(_, part)| self.is_withheld(*part))
    }
}

fn about<'d>(element: Element<'d>, around: About<'d>, patients: &[Element<'d>]) -> About<'d> {
    let subject = element.child("subject").filter(|subject| says_who(*subject));
    let is_other = subject.map(|subject| !is_patient(subject, patients));
    match around {
        About::Withheld => About::Withheld,
        About::Family(relative) => match subject {
            Some(subject) if !may_be_same(relative, subject.child("relatedSubject")) => About::Withheld,
            _ => around,
        },
        About::Patient | About::Other if is_family_history(element) => About::Family(relative(element)),
        About::Patient | About::Other => match is_other.unwrap_or(matches!(around, About::Other)) {
            false => About::Patient,
            true if element.is("section") && SectionKind::of(element) == SectionKind::FamilyHistory => {
                About::Other
            }
            true => About::Withheld,
        },
    }
}

/// The `relatedSubject` that says whose the family history in a statement is: that of the statement, else the first of the
/// statements in it, else that of the section.
pub(super) fn relative(statement: Element<'_>) -> Option<Element<'_>> {
    let inner = || {
        related(statement)
            .into_iter()
            .find_map(|(_, inner)| inner.find(&RELATIVE))
    };
    let around = || ancestors(statement).find_map(|around| around.find(&RELATIVE));
    statement.find(&RELATIVE).or_else(inner).or_else(around)
}

fn holds_statements(element: Element<'_>) -> bool {
    element.is("section") || is_statement(element)
}

fn ancestors(element: Element<'_>) -> impl Iterator<Item = Element<'_>> {
    std::iter::successors(element.parent(), |element| element.parent())
}

fn is_family_history(element: Element<'_>) -> bool {
    let section = element.parent().filter(|parent| parent.is("entry"));
    let section = section
        .and_then(Element::parent)
        .filter(|section| section.is("section"));
    let section = section.map_or(SectionKind::Other, SectionKind::of);
    is_statement(element)
        && matches!(
            EntryKind::of(element, section),
            EntryKind::FamilyHistory | EntryKind::FamilyHistoryObservation
        )
}

/// An empty `subject` says nothing; one that is null says that the subject is not known.
fn says_who(subject: Element<'_>) -> bool {
    let subject = subject.peek();
    subject.null_flavor().is_some() || subject.child("relatedSubject").is_some()
}

/// Whether a subject is the patient of the document: said to be, or without a relation and by the patient's name, or nothing
/// but "the patient".
fn is_patient(subject: Element<'_>, patients: &[Element<'_>]) -> bool {
    let Some(who) = subject.peek().child("relatedSubject") else {
        return false;
    };
    if let Some(relation) = who.child("code").and_then(|code| code.attribute("code")) {
        return matches!(relation, "SELF" | "ONESELF");
    }
    let is_same = |patient: &Element<'_>| {
        who.child("subject").is_some_and(|person| {
            let name = name(person);
            name.is_some() && name == self::name(*patient) && !differs(born(person), born(*patient))
        })
    };
    let says_more = who
        .child("subject")
        .is_some_and(|person| person.elements().next().is_some());
    patients.iter().any(is_same) || (who.attribute("classCode") == Some("PAT") && !says_more)
}

/// Whether nothing that two subjects say of themselves differs.
fn may_be_same(one: Option<Element<'_>>, other: Option<Element<'_>>) -> bool {
    let (Some(one), Some(other)) = (one, other) else {
        return other.is_none();
    };
    let (one, other) = (one.peek(), other.peek());
    let code = |who: Element<'_>| Some(who.child("code")?.attribute("code")?.to_owned());
    let of_person = |who: Element<'_>| who.child("subject").map(|person| (name(person), born(person)));
    let ((name, born), (other_name, other_born)) = (
        of_person(one).unwrap_or_default(),
        of_person(other).unwrap_or_default(),
    );
    !differs(code(one), code(other)) && !differs(name, other_name) && !differs(born, other_born)
}

fn differs<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one != other)
}

/// Family name and first given name of a person, in one spelling.
fn name(person: Element<'_>) -> Option<(String, String)> {
    let name = person.peek().child("name")?.to_human_name()?;
    let given = name.given.first()?.to_lowercase();
    Some((name.family?.to_lowercase(), given))
}

/// The day of birth.
fn born(person: Element<'_>) -> Option<String> {
    let time = person.peek().child("birthTime")?.attribute("value")?;
    Some(time.chars().take(8).collect())
}
