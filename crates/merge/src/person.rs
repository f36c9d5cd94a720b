//! Which charts are of one person.

use ehr_link::{Config, Explanation, Record as LinkRecord, Verdicts};
use ehr_model::{Chart, Entry, EntryId, HealthRecord, Patient};
use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::merge::merge_all;
use crate::policy::Policy;
use crate::registration::link_record;
use crate::who::stated_identity;

/// The charts of one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Person {
    /// Identity of the person, a legal FHIR id. It follows from the records, so that the same charts give the same id.
    pub id: String,
    /// Positions of the charts, ascending.
    pub charts: Vec<usize>,
    /// Whether the charts name a patient. A chart that names none is a person of its own: whose it is, nobody knows.
    pub identified: bool,
}

/// Two charts that may be of one person, for a reviewer to decide. It holds no value of the charts.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ReviewPair {
    /// Position of the first chart.
    pub a: usize,
    /// Position of the second chart.
    pub b: usize,
    /// Probability, between 0 and 1, that both are of one person.
    pub probability: f64,
    /// What speaks for and against it.
    pub evidence: Vec<Evidence>,
    /// The rule that asks for the review, in words, where there is one.
    pub rule: Option<String>,
}

/// What one field says about a pair.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Evidence {
    /// The field.
    pub field: String,
    /// How its values agree, in words.
    pub level: String,
    /// Bits for (positive) or against (negative) one person.
    pub weight: f64,
}

/// Which charts are of one person, and which pairs a reviewer should look at.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Identification {
    /// Persons, in the order of their ids.
    pub persons: Vec<Person>,
    /// Pairs for a reviewer, the most probable first.
    pub review: Vec<ReviewPair>,
}

impl Identification {
    /// Merges the charts of each person. `charts` are those that were identified.
    pub fn records(&self, charts: &[Chart], policy: &Policy) -> Vec<HealthRecord> {
        self.persons
            .iter()
            .map(|person| {
                let own = person.charts.iter().filter_map(|index| charts.get(*index));
                merge_all(&person.id, own.collect(), policy)
            })
            .collect()
    }
}

/// Finds out which charts are of one person.
///
/// Reviewers' `verdicts` name charts by [`chart_key`] and stand above everything else; then comes what the sources themselves
/// state: that two registrations are two people ([`Chart::identity`]), and links ([`Patient::link`]), unless these are of two who differ
/// in given name, birth date or sex, which are left to a reviewer; the rest is decided by [`ehr_link`].
///
/// ```
/// use ehr_merge::identify;
/// use ehr_model::{Chart, Entry, EntryId, Origin, Patient, RecordClass, Source};
/// use ehr_types::{HumanName, Identifier};
///
/// let chart = |source: &str, given: &str| {
///     let patient = Patient {
///         name: vec![HumanName { family: Some("Shaw".into()), given: vec![given.into()], ..HumanName::default() }],
///         identifier: vec![Identifier::new("http://hl7.org/fhir/sid/us-ssn", "219-09-9999")],
///         ..Patient::default()
///     };
///     let mut chart = Chart::new(Source::new(source));
///     let id = EntryId::derive(RecordClass::Patient, &[source]);
///     let origin = Origin { source: source.into(), ..Origin::default() };
///     chart.entries.push(Entry::new(id, origin, patient.into()));
///     chart
/// };
/// let charts = [chart("clinic", "Amy"), chart("hospital", "Amy")];
/// let found = identify(&charts, &ehr_link::Config::default(), &ehr_link::Verdicts::default());
/// let charts_of_persons: usize = found.persons.iter().map(|person| person.charts.len()).sum();
/// assert_eq!(charts_of_persons, charts.len());
/// ```
pub fn identify(charts: &[Chart], config: &Config, verdicts: &Verdicts) -> Identification {
    let mut places: Vec<Vec<usize>> = Vec::new();
    let mut by_key: FxHashMap<(String, &EntryId), usize> = FxHashMap::default();
    let mut unknown: Vec<usize> = Vec::new();
    // The same patient entry in two charts is one registration that was read twice.
    for (index, chart) in charts.iter().enumerate() {
        match chart.patient_entry() {
            Some(entry) => {
                let place = *by_key
                    .entry((chart.source.id.clone(), &entry.id))
                    .or_insert(places.len());
                match places.get_mut(place) {
                    Some(list) => list.push(index),
                    None => places.push(vec![index]),
                }
            }
            None => unknown.push(index),
        }
    }
    let registrations: Vec<(&Entry, &Patient)> = places
        .iter()
        .filter_map(|list| {
            let chart = charts.get(*list.first()?)?;
            Some((chart.patient_entry()?, chart.patient()?))
        })
        .collect();
    let records: Vec<LinkRecord> = registrations
        .iter()
        .map(|(entry, patient)| link_record(entry, patient))
        .collect();
    let stated = stated_identity(charts, &registrations, &records, config);
    let mut all = stated.verdicts;
    for (a, b, verdict) in verdicts.iter() {
        all.set(a, b, verdict);
    }
    let linkage = ehr_link::link(&records, config, &all);
    let mut persons: Vec<Person> = linkage
        .persons
        .iter()
        .map(|person| {
            let mut indexes: Vec<usize> = person
                .members
                .iter()
                .filter_map(|place| places.get(*place))
                .flatten()
                .copied()
                .collect();
            indexes.sort_unstable();
            Person {
                id: person.id.clone(),
                charts: indexes,
                identified: true,
            }
        })
        .collect();
    persons.extend(strangers(charts, &unknown));
    persons.sort_by(|a, b| a.id.cmp(&b.id));
    let chart_of = |place: usize| places.get(place).and_then(|list| list.first()).copied();
    let mut review: Vec<ReviewPair> = linkage
        .review_queue()
        .into_iter()
        .filter_map(|pair| {
            let (a, b) = (chart_of(pair.a)?, chart_of(pair.b)?);
            // By the names of the charts, not by their positions.
            let swapped = chart_key(charts.get(a)?) > chart_key(charts.get(b)?);
            let explanation = linkage.explain(pair.a, pair.b)?;
            Some(ReviewPair {
                a: if swapped { b } else { a },
                b: if swapped { a } else { b },
                probability: pair.probability,
                evidence: evidence(&explanation),
                rule: pair.rule.map(|rule| rule.describe().to_owned()),
            })
        })
        .collect();
    for (a, b, why_not) in &stated.doubted {
        let key = |place: &usize| {
            records
                .get(*place)
                .map(|record| record.id.clone())
                .unwrap_or_default()
        };
        let is_decided = all.get(&key(a), &key(b)).is_some();
        let (Some(a), Some(b)) = (chart_of(*a), chart_of(*b)) else {
            continue;
        };
        let is_linked = || {
            persons
                .iter()
                .any(|person| person.charts.contains(&a) && person.charts.contains(&b))
        };
        if is_decided || is_linked() {
            continue;
        }
        let rule = Some(DOUBTED.to_owned());
        let asked = review
            .iter_mut()
            .find(|pair| [(a, b), (b, a)].contains(&(pair.a, pair.b)));
        if let Some(pair) = asked {
            pair.rule = rule;
            continue;
        }
        let swapped = charts.get(a).and_then(chart_key) > charts.get(b).and_then(chart_key);
        review.push(ReviewPair {
            a: if swapped { b } else { a },
            b: if swapped { a } else { b },
            probability: why_not.probability,
            evidence: evidence(why_not),
            rule,
        });
    }
    let name = |index: usize| charts.get(index).and_then(chart_key);
    review.sort_by(|x, y| {
        y.probability
            .total_cmp(&x.probability)
            .then_with(|| (name(x.a), name(x.b)).cmp(&(name(y.a), name(y.b))))
    });
    Identification { persons, review }
}

/// Why a link that a source states is not followed.
const DOUBTED: &str = "a source says that it is one person, but given name, birth date or sex say otherwise";

/// The name of a chart's patient in verdicts and review: the id of the patient entry. `None` for a chart without patient.
pub fn chart_key(chart: &Chart) -> Option<String> {
    chart.patient_entry().map(|entry| entry.id.to_string())
}

fn evidence(explanation: &Explanation) -> Vec<Evidence> {
    explanation
        .terms
        .iter()
        .map(|term| Evidence {
            field: term.comparison.name().to_owned(),
            level: term.level_name().to_owned(),
            weight: term.weight + term.frequency,
        })
        .collect()
}

/// Charts without a patient: each is a person of its own, the same chart given twice is one.
fn strangers(charts: &[Chart], unknown: &[usize]) -> Vec<Person> {
    let mut persons: Vec<Person> = Vec::new();
    for index in unknown {
        let Some(chart) = charts.get(*index) else {
            continue;
        };
        let twin = persons
            .iter_mut()
            .find(|person| person.charts.first().and_then(|first| charts.get(*first)) == Some(chart));
        if let Some(person) = twin {
            person.charts.push(*index);
            continue;
        }
        let keys: Vec<&str> = chart.entries.iter().map(|entry| entry.id.key.as_str()).collect();
        let first = keys.iter().min().copied().unwrap_or("");
        let id = EntryId::derive(
            ehr_model::RecordClass::Patient,
            &["unknown", &chart.source.id, first],
        );
        persons.push(Person {
            id: format!("u-{}", id.key),
            charts: vec![*index],
            identified: false,
        });
    }
    persons
}
