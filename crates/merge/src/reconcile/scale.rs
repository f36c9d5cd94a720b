//! How the number of comparisons grows: with the number of entries, not with its square, in every class.

use std::borrow::Cow;
use std::cell::Cell;

use ehr_model::{
    AllergyIntolerance, Appointment, CarePlan, CareTeam, ChargeItem, Condition, Coverage, Device,
    DiagnosticReport, Document, Encounter, Entry, EntryId, FamilyMemberHistory, Format, Goal, Immunization,
    Location, Medication, MedicationAdministration, MedicationDispense, MedicationRequest,
    MedicationStatement, Observation, Occurrence, Organization, Origin, Original, OtherRecord, Patient,
    Practitioner, PractitionerRole, Procedure, Record, RecordClass, Reference, RelatedPerson, ServiceRequest,
    Specimen, Value,
};
use ehr_types::{CodeableConcept, DateTime, Decimal, HumanName, Identifier, Period, Quantity};

use super::{ClassRule, Known, Look, Looker, OneSource, Surroundings, reconcile, rule_of};
use crate::cluster::Verdict;
use crate::concept::Concepts;
use crate::context::Context;
use crate::desk::Desk;
use crate::policy::Policy;

/// A rule that counts what it compares.
struct Counting<'r> {
    rule: &'r dyn ClassRule,
    compared: Cell<usize>,
}

impl ClassRule for Counting<'_> {
    fn reach(&self) -> Option<i64> {
        self.rule.reach()
    }

    fn by_result(&self) -> bool {
        self.rule.by_result()
    }

    fn one_source(&self) -> OneSource {
        self.rule.one_source()
    }

    fn holds(&self, record: &Record) -> bool {
        self.rule.holds(record)
    }

    fn look(&self, record: &Record, looker: &mut Looker<'_>) {
        self.rule.look(record, looker);
    }

    fn compare(&self, a: &Known<'_>, b: &Known<'_>, cx: &Context<'_>) -> Verdict {
        self.compared.set(self.compared.get() + 1);
        self.rule.compare(a, b, cx)
    }

    fn told_by<'r>(&self, record: &'r Record, look: &Look) -> Cow<'r, Record> {
        self.rule.told_by(record, look)
    }

    fn standing(&self, record: &Record) -> i8 {
        self.rule.standing(record)
    }

    fn recorded(&self, record: &Record) -> Option<DateTime> {
        self.rule.recorded(record)
    }

    fn said(&self, record: &Record) -> usize {
        self.rule.said(record)
    }

    fn view(
        &self,
        records: &[&Record],
        desk: &mut Desk<'_>,
        point: &mut dyn FnMut(&mut Reference),
    ) -> Option<Record> {
        self.rule.view(records, desk, point)
    }
}

/// In which way the entries of a source resemble each other.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// Equal, without ids of the source's own.
    Equal,
    /// Equal but for the source's own ids.
    Listed,
    /// With business identifiers of their own, which the other source gives too.
    Numbered,
    /// A minute apart.
    Minutes,
    /// A minute apart, without a zone.
    Unzoned,
    /// On one day, without ids of the source's own, some with a time.
    OneDay,
    /// As the last, listed.
    ListedDay,
}

const KINDS: [Kind; 7] = [
    Kind::Equal,
    Kind::Listed,
    Kind::Numbered,
    Kind::Minutes,
    Kind::Unzoned,
    Kind::OneDay,
    Kind::ListedDay,
];

impl Kind {
    fn at(self, index: usize) -> Option<DateTime> {
        let (day, hour, minute) = (1 + index / 1440, index / 60 % 24, index % 60);
        let text = match self {
            Self::Equal | Self::Listed | Self::Numbered => return None,
            Self::Minutes => format!("2020-01-{day:02}T{hour:02}:{minute:02}:30Z"),
            Self::Unzoned => format!("202001{day:02}{hour:02}{minute:02}"),
            Self::OneDay | Self::ListedDay if index.is_multiple_of(2) => "2020-01-01".to_owned(),
            Self::OneDay | Self::ListedDay => format!("2020-01-01T{hour:02}:{minute:02}:30Z"),
        };
        Some(DateTime::parse_any(&text).unwrap())
    }

    fn has_ids(self) -> bool {
        !matches!(self, Self::Equal | Self::OneDay)
    }
}

/// The match has no wildcard: a new class is a compile error.
fn record(class: RecordClass, at: Option<DateTime>, identifier: Vec<Identifier>, index: usize) -> Record {
    let concept = || CodeableConcept::from_text("Asthma");
    let code = Some(concept());
    let kind = vec![concept()];
    let occurrence = at.map(Occurrence::DateTime);
    let period = at.map(|at| Period::new(Some(at), None));
    let name = vec![HumanName {
        family: Some("Kidd".to_owned()),
        given: vec!["Ann".to_owned()],
        ..HumanName::default()
    }];
    macro_rules! with {
        ($type:ident { $($field:ident $(: $value:expr)?),* }) => {
            $type { identifier, $($field $(: $value)?,)* ..$type::default() }.into()
        };
    }
    match class {
        RecordClass::Patient => with!(Patient { name }),
        RecordClass::RelatedPerson => with!(RelatedPerson {
            name,
            relationship: kind
        }),
        RecordClass::Practitioner => with!(Practitioner { name }),
        RecordClass::PractitionerRole => with!(PractitionerRole { code: kind }),
        RecordClass::Organization => with!(Organization {
            name: Some("Mill Clinic".to_owned())
        }),
        RecordClass::Location => with!(Location {
            name: Some("Mill Clinic".to_owned())
        }),
        RecordClass::Encounter => with!(Encounter { type_: kind, period }),
        RecordClass::Condition => with!(Condition {
            code,
            onset: occurrence
        }),
        RecordClass::AllergyIntolerance => with!(AllergyIntolerance {
            code,
            onset: occurrence
        }),
        RecordClass::Medication => with!(Medication { code }),
        RecordClass::MedicationRequest => with!(MedicationRequest {
            medication: code,
            authored_on: at
        }),
        RecordClass::MedicationStatement => with!(MedicationStatement {
            medication: code,
            effective: occurrence
        }),
        RecordClass::MedicationDispense => with!(MedicationDispense {
            medication: code,
            when_handed_over: at
        }),
        RecordClass::MedicationAdministration => {
            with!(MedicationAdministration {
                medication: code,
                effective: occurrence
            })
        }
        RecordClass::Immunization => with!(Immunization {
            vaccine_code: code,
            occurrence
        }),
        RecordClass::Observation => {
            let value = Decimal::parse(&(60 + index % 7).to_string()).unwrap();
            let value = Some(Value::Quantity(Quantity::ucum(value, "/min")));
            with!(Observation {
                code,
                effective: occurrence,
                value
            })
        }
        RecordClass::DiagnosticReport => with!(DiagnosticReport {
            code,
            effective: occurrence
        }),
        RecordClass::Specimen => with!(Specimen {
            type_: code,
            collected: occurrence
        }),
        RecordClass::Procedure => with!(Procedure {
            code,
            performed: occurrence
        }),
        RecordClass::CarePlan => with!(CarePlan {
            category: kind,
            period
        }),
        RecordClass::CareTeam => with!(CareTeam {
            category: kind,
            period
        }),
        RecordClass::Goal => with!(Goal {
            description: code,
            start_date: at.map(|at| at.date())
        }),
        RecordClass::ServiceRequest => with!(ServiceRequest {
            code,
            authored_on: at
        }),
        RecordClass::Appointment => with!(Appointment {
            service_type: kind,
            start: at
        }),
        RecordClass::DocumentReference => with!(Document {
            type_: code,
            date: at
        }),
        RecordClass::FamilyMemberHistory => with!(FamilyMemberHistory {
            relationship: code,
            date: at
        }),
        RecordClass::Device => with!(Device { type_: code }),
        RecordClass::Coverage => with!(Coverage { type_: code, period }),
        RecordClass::ChargeItem => with!(ChargeItem { code, occurrence }),
        RecordClass::Other => OtherRecord {
            resource_type: "Basic".to_owned(),
            identifier,
        }
        .into(),
    }
}

/// So many entries in each of two sources.
fn entries(class: RecordClass, kind: Kind, count: usize) -> Vec<Entry> {
    let of_source = |source: &'static str| {
        (0..count).map(move |index| {
            let number = (kind == Kind::Numbered).then(|| Identifier::new("urn:ids", index.to_string()));
            let record = record(class, kind.at(index), number.into_iter().collect(), index);
            let key = index.to_string();
            let origin = Origin {
                source: source.to_owned(),
                native_id: kind.has_ids().then(|| key.clone()),
                ..Origin::default()
            };
            let mut entry = Entry::new(EntryId::derive(class, &[source, &key]), origin, record);
            entry.original = Some(Original {
                format: Format::FhirJson,
                content: "{}".into(),
            });
            entry
        })
    };
    let mut entries: Vec<Entry> = of_source("a").chain(of_source("b")).collect();
    entries.sort_by(|a, b| a.id.cmp(&b.id));
    entries
}

/// What `ask` says of entries of one class as the reconciliation sees them.
pub(super) fn looked_at<T>(
    rule: &dyn ClassRule,
    entries: &[Entry],
    ask: impl FnOnce(&[Known<'_>], &Context<'_>) -> T,
) -> T {
    let entries: Vec<&Entry> = entries.iter().collect();
    let surroundings = Surroundings::new(&entries);
    let mut concepts = Concepts::default();
    let looks: Vec<Look> = entries
        .iter()
        .map(|entry| {
            let mut looker = Looker::new(&mut concepts, &surroundings, entry);
            rule.look(&entry.record, &mut looker);
            looker.finish()
        })
        .collect();
    concepts.join(&[]);
    let policy = Policy::default();
    let cx = Context {
        policy: &policy,
        concepts,
        senders: Default::default(),
        subjects: Default::default(),
        items: Default::default(),
        names: Default::default(),
    };
    let known: Vec<Known<'_>> = entries
        .iter()
        .zip(&looks)
        .map(|(entry, look)| Known { entry, look })
        .collect();
    ask(&known, &cx)
}

/// How many pairs were compared, and the sizes of the groups.
fn run(class: RecordClass, entries: &[Entry]) -> (usize, Vec<usize>) {
    let rule = Counting {
        rule: rule_of(class),
        compared: Cell::new(0),
    };
    let groups = looked_at(&rule, entries, |known, cx| reconcile(&rule, known, cx));
    let sizes: Vec<usize> = groups.iter().map(Vec::len).collect();
    assert_eq!(
        sizes.iter().sum::<usize>(),
        entries.len(),
        "{class:?}: every entry in one item"
    );
    (rule.compared.get(), sizes)
}

#[test]
fn comparisons_grow_with_the_number_of_entries() {
    let mut worst = Vec::new();
    for class in RecordClass::ALL {
        // Enough to fill the windows in which others are looked for; those of results are by value too.
        let count = if rule_of(*class).by_result() { 400 } else { 130 };
        for kind in KINDS {
            let (once, _) = run(*class, &entries(*class, kind, count));
            let (twice, _) = run(*class, &entries(*class, kind, 2 * count));
            if twice >= 3 * once.max(4 * count) {
                worst.push(format!("{class:?} {kind:?}: {once} → {twice}"));
            }
        }
    }
    assert!(worst.is_empty(), "{worst:#?}");
}

#[test]
fn a_stream_of_vitals_in_two_sources_joins_exactly() {
    for kind in [Kind::Minutes, Kind::Unzoned] {
        // The first source stops when the second has been running for a while.
        let all = entries(RecordClass::Observation, kind, 5000);
        let minute = |entry: &Entry| {
            entry
                .origin
                .native_id
                .as_deref()
                .unwrap()
                .parse::<usize>()
                .unwrap()
        };
        let part: Vec<Entry> = all
            .into_iter()
            .filter(|entry| match entry.origin.source.as_str() {
                "a" => minute(entry) < 3000,
                _ => minute(entry) >= 2000,
            })
            .collect();
        let (_, sizes) = run(RecordClass::Observation, &part);
        assert_eq!(sizes.iter().filter(|size| **size == 2).count(), 1000, "{kind:?}");
        assert_eq!(sizes.len(), 5000, "{kind:?}");
    }
}

#[test]
fn equal_entries_of_two_sources_join_one_to_one() {
    for class in [
        RecordClass::Procedure,
        RecordClass::DiagnosticReport,
        RecordClass::Observation,
    ] {
        let (_, sizes) = run(class, &entries(class, Kind::Minutes, 200));
        assert_eq!(sizes, vec![2; 200], "{class:?}");
    }
}
