//! Which entries state one fact, class by class.
//!
//! Each class has a file with its [`Rule`] (what makes two entries one fact) and its table of fields (how the canonical
//! view is made). The rest of the merge sees a rule as a [`ClassRule`], without its record type: code over thirty record
//! types would be compiled thirty times.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::marker::PhantomData;

use ehr_model::{Conflict, MergedItem, Record, RecordClass, Reference, Side};
use ehr_types::DateTime;

use crate::cluster::{Nodes, Verdict, cluster};
use crate::context::Context;
use crate::desk::Desk;
use crate::project::Fields;

mod absence;
mod allergy_intolerance;
mod appointment;
mod candidates;
mod care_plan;
mod care_team;
mod charge_item;
mod condition;
mod coverage;
mod denial;
mod device;
mod diagnostic_report;
mod document_reference;
mod encounter;
mod episode;
mod event;
mod facts;
mod family_member_history;
mod fold;
mod goal;
mod immunization;
mod lifelong;
mod location;
mod look;
mod measured;
mod medication;
mod medication_administration;
mod medication_dispense;
mod medication_request;
mod medication_statement;
mod observation;
mod observation_view;
mod organization;
mod other;
mod patient;
mod practitioner;
mod practitioner_role;
mod procedure;
mod related_person;
mod replaced;
mod results;
#[cfg(test)]
mod scale;
mod service_request;
mod specimen;
mod therapy;

pub(crate) use absence::contradicted_absences;
pub(crate) use candidates::Candidates;
pub(crate) use facts::{Facts, Known, is_done, shares_identifier};
pub(crate) use lifelong::contradicted_for_life;
pub(crate) use look::{Look, Looker, Surroundings};
pub(crate) use replaced::{Replaced, replaced_documents};
pub(crate) use therapy::contradicted_therapies;

use facts::within_source;

/// What makes two entries of a class one fact.
pub(crate) trait Rule: Fields {
    /// Farthest that the beginnings of two dated entries may lie apart, in milliseconds; `None` when time does not
    /// keep entries apart.
    const REACH: Option<i64>;

    /// Whether only entries whose [`results`](results::Results) agree are one fact, unless they are of one moment, share an
    /// identifier, or are versions of one result.
    const BY_RESULT: bool = false;

    /// What it takes for two entries of one source to be one fact.
    const ONE_SOURCE: OneSource;

    /// Notes what the rule looks at.
    fn look(&self, looker: &mut Looker<'_>);

    /// Whether the two are one fact.
    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict;

    /// The record without what [`compare`](Self::compare) does not look at, identifiers included, which are looked at
    /// apart. `None` where all of it counts.
    fn told_by(&self, look: &Look) -> Option<Self> {
        let _ = look;
        None
    }

    /// Standing among the members of an item: [`WITHDRAWN`] for what was entered in error, other numbers below 0 for what has
    /// not come far, above 0 for corrections.
    fn standing(&self) -> i8 {
        0
    }

    /// When the record was last written.
    fn recorded(&self) -> Option<DateTime> {
        None
    }
}

/// What it takes for two entries of one source to be one fact, besides what it takes between sources.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum OneSource {
    /// Nothing: sources list such things again and again.
    Free,
    /// That the source does not give both ids of their own, or that they are versions of one result.
    Untold,
    /// A shared identifier, or that nothing at all tells them apart.
    Marked,
}

/// A [`Rule`] without its record type. Records of other classes are none of its business.
pub(crate) trait ClassRule {
    fn reach(&self) -> Option<i64>;
    fn by_result(&self) -> bool;
    fn one_source(&self) -> OneSource;
    /// Whether the record is of the class.
    fn holds(&self, record: &Record) -> bool;
    fn look(&self, record: &Record, looker: &mut Looker<'_>);
    fn compare(&self, a: &Known<'_>, b: &Known<'_>, cx: &Context<'_>) -> Verdict;
    fn told_by<'r>(&self, record: &'r Record, look: &Look) -> Cow<'r, Record>;
    fn standing(&self, record: &Record) -> i8;
    fn recorded(&self, record: &Record) -> Option<DateTime>;
    /// Number of fields that say something.
    fn said(&self, record: &Record) -> usize;
    /// One record from those of the members of an item, the best-ranked first; their references go through `point`.
    fn view(
        &self,
        records: &[&Record],
        desk: &mut Desk<'_>,
        point: &mut dyn FnMut(&mut Reference),
    ) -> Option<Record>;
}

/// The rule of a record type.
struct Of<T>(PhantomData<T>);

impl<T: Rule> ClassRule for Of<T> {
    fn reach(&self) -> Option<i64> {
        T::REACH
    }

    fn by_result(&self) -> bool {
        T::BY_RESULT
    }

    fn one_source(&self) -> OneSource {
        T::ONE_SOURCE
    }

    fn holds(&self, record: &Record) -> bool {
        T::of(record).is_some()
    }

    fn look(&self, record: &Record, looker: &mut Looker<'_>) {
        if let Some(record) = T::of(record) {
            record.look(looker);
        }
    }

    fn compare(&self, a: &Known<'_>, b: &Known<'_>, cx: &Context<'_>) -> Verdict {
        match (T::of(&a.entry.record), T::of(&b.entry.record)) {
            (Some(x), Some(y)) => T::compare(
                &Facts { record: x, known: *a },
                &Facts { record: y, known: *b },
                cx,
            ),
            _ => Verdict::Different,
        }
    }

    fn told_by<'r>(&self, record: &'r Record, look: &Look) -> Cow<'r, Record> {
        let part = T::of(record).and_then(|record| record.told_by(look));
        part.map_or(Cow::Borrowed(record), |part| Cow::Owned(part.into_record()))
    }

    fn standing(&self, record: &Record) -> i8 {
        T::of(record).map_or(0, Rule::standing)
    }

    fn recorded(&self, record: &Record) -> Option<DateTime> {
        T::of(record).and_then(Rule::recorded)
    }

    fn said(&self, record: &Record) -> usize {
        T::of(record).map_or(0, Fields::said)
    }

    fn view(
        &self,
        records: &[&Record],
        desk: &mut Desk<'_>,
        point: &mut dyn FnMut(&mut Reference),
    ) -> Option<Record> {
        let mut own: Vec<T> = records
            .iter()
            .filter_map(|record| T::of(record))
            .cloned()
            .collect();
        for record in &mut own {
            record.refers(point);
        }
        if own.len() < 2 {
            return own.pop().map(Fields::into_record);
        }
        let voices: Vec<&T> = own.iter().collect();
        Some(T::project(&voices, desk).into_record())
    }
}

/// The rule of a class. The match has no wildcard: a new class is a compile error.
pub(crate) fn rule_of(class: RecordClass) -> &'static dyn ClassRule {
    macro_rules! rules {
        ($($class:ident: $type:ident,)*) => {
            match class {
                $(RecordClass::$class => &Of::<ehr_model::$type>(PhantomData),)*
            }
        };
    }
    rules! {
        Patient: Patient,
        RelatedPerson: RelatedPerson,
        Practitioner: Practitioner,
        PractitionerRole: PractitionerRole,
        Organization: Organization,
        Location: Location,
        Encounter: Encounter,
        Condition: Condition,
        AllergyIntolerance: AllergyIntolerance,
        Medication: Medication,
        MedicationRequest: MedicationRequest,
        MedicationStatement: MedicationStatement,
        MedicationDispense: MedicationDispense,
        MedicationAdministration: MedicationAdministration,
        Immunization: Immunization,
        Observation: Observation,
        DiagnosticReport: DiagnosticReport,
        Specimen: Specimen,
        Procedure: Procedure,
        CarePlan: CarePlan,
        CareTeam: CareTeam,
        Goal: Goal,
        ServiceRequest: ServiceRequest,
        Appointment: Appointment,
        DocumentReference: Document,
        FamilyMemberHistory: FamilyMemberHistory,
        Device: Device,
        Coverage: Coverage,
        ChargeItem: ChargeItem,
        Other: OtherRecord,
    }
}

/// Standing of an entry that was made by mistake. It is a member of its item, but says nothing about it.
pub(crate) const WITHDRAWN: i8 = -3;

/// Standing of a result that there will not be.
pub(crate) const CANCELLED: i8 = -2;

/// Standing by a status.
fn is_error(status: Option<&ehr_model::Status>) -> i8 {
    withdrawn(status.is_some_and(|status| status.is("entered-in-error")))
}

fn withdrawn(is_error: bool) -> i8 {
    if is_error { WITHDRAWN } else { 0 }
}

/// Groups the entries of a class into items, as indexes into `known`.
pub(crate) fn reconcile<'a>(rule: &dyn ClassRule, known: &[Known<'a>], cx: &Context<'a>) -> Vec<Vec<usize>> {
    let folded = fold::fold(rule, known, cx);
    let leads: Vec<Known<'_>> = folded
        .nodes
        .iter()
        .filter_map(|node| known.get(*node.first()?).copied())
        .collect();
    let mut candidates = candidates::candidates(rule, &leads, cx);
    candidates.add(folded.pairs);
    let statements = Statements {
        rule,
        leads: &leads,
        cx,
        sorts: OnceCell::new(),
    };
    let groups = cluster(leads.len(), &candidates, &statements);
    let entries = |group: Vec<usize>| {
        let mut entries: Vec<usize> = group
            .iter()
            .filter_map(|node| folded.nodes.get(*node))
            .flatten()
            .copied()
            .collect();
        entries.sort_unstable();
        entries
    };
    groups.into_iter().map(entries).collect()
}

/// What is clustered: the leads of what was folded.
struct Statements<'s, 'a> {
    rule: &'s dyn ClassRule,
    leads: &'s [Known<'a>],
    cx: &'s Context<'a>,
    sorts: OnceCell<Vec<usize>>,
}

impl Nodes for Statements<'_, '_> {
    fn compare(&self, a: usize, b: usize) -> Verdict {
        match (self.leads.get(a), self.leads.get(b)) {
            (Some(a), Some(b)) => self.rule.compare(a, b, self.cx),
            _ => Verdict::Different,
        }
    }

    fn source(&self, node: usize) -> &str {
        self.leads
            .get(node)
            .map_or("", |lead| lead.entry.origin.source.as_str())
    }

    fn sort(&self, node: usize) -> usize {
        let sorts = self
            .sorts
            .get_or_init(|| fold::sorts(self.rule, self.leads, self.cx));
        sorts.get(node).copied().unwrap_or(node)
    }
}

/// In which round a class is reconciled: later classes look at the items of earlier ones.
pub(crate) fn round(class: RecordClass) -> u8 {
    match class {
        RecordClass::Patient
        | RecordClass::Practitioner
        | RecordClass::Organization
        | RecordClass::Location
        | RecordClass::Medication => 0,
        RecordClass::PractitionerRole
        | RecordClass::Encounter
        | RecordClass::Specimen
        | RecordClass::RelatedPerson
        | RecordClass::Device
        | RecordClass::ServiceRequest => 1,
        RecordClass::Condition
        | RecordClass::AllergyIntolerance
        | RecordClass::MedicationRequest
        | RecordClass::MedicationStatement
        | RecordClass::MedicationDispense
        | RecordClass::MedicationAdministration
        | RecordClass::Immunization
        | RecordClass::Observation
        | RecordClass::Procedure
        | RecordClass::Goal
        | RecordClass::Appointment
        | RecordClass::FamilyMemberHistory
        | RecordClass::Coverage
        | RecordClass::ChargeItem => 2,
        RecordClass::DiagnosticReport
        | RecordClass::CarePlan
        | RecordClass::CareTeam
        | RecordClass::DocumentReference
        | RecordClass::Other => 3,
    }
}

/// The last round.
pub(crate) const LAST_ROUND: u8 = 3;

/// Adds sides to the disagreement of an item on a field; the first is what the item itself says.
fn dispute(item: &mut MergedItem, field: &str, sides: Vec<Side>) {
    match item.conflicts.iter_mut().find(|known| known.field == field) {
        Some(known) => known.values.extend(sides.into_iter().skip(1)),
        None => item.conflicts.push(Conflict {
            field: field.to_owned(),
            values: sides,
        }),
    }
}
