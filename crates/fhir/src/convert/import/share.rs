//! Which resource goes into whose chart.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ehr_types::Finding;

use super::receive::Item;
use crate::convert::index::{Found, Index, agreed};
use crate::convert::json::Tree;
use crate::convert::reference::{Holder, base_of, identifiers_of, type_of};
use crate::element::Element;

/// Names of the elements by which a resource says whose it is.
const OWNERS: &[&str] = &[
    "subject",
    "patient",
    "beneficiary",
    "individual",
    "for",
    "participant",
    "candidate",
];

/// Those of them whose target is the patient whatever the reference says of its type.
const PATIENTS: &[&str] = &["subject", "patient", "beneficiary"];

/// Which resources go into which chart, and of which it is not certain.
pub(super) struct Shared {
    /// In the order of the artifact.
    pub(super) charts: Vec<BTreeSet<usize>>,
    pub(super) doubts: Vec<Finding>,
}

/// Shares resources out among the charts of the patients that they name; `latest` is the place of the latest version of each.
pub(super) fn out(items: &[Item], index: &Index, latest: &[usize]) -> Shared {
    let mut links: Vec<Vec<usize>> = Vec::new();
    let mut owners: Vec<Vec<usize>> = Vec::new();
    // Patients that are named but not here, each of whom has a chart of their own.
    let mut strangers: Vec<Option<String>> = Vec::new();
    let mut doubts = Vec::new();
    let only = Only::of(items, latest);
    for item in items {
        let (mut to, mut of, mut stranger) = (Vec::new(), Vec::new(), None);
        let mut named = Vec::new();
        let is_patient = |at: usize| items.get(at).is_some_and(Item::is_patient);
        each_target(item, index, only.as_ref(), &mut |top, target| {
            let owns = OWNERS.contains(&top);
            match target {
                Target::Here(at) if is_patient(at) => {
                    named.push(at);
                    if owns {
                        of.push(at);
                    }
                }
                Target::Here(at) => to.push(at),
                Target::Stranger(name, doubt) => {
                    doubts.extend(doubt.map(|doubt| doubt.finding(item, top)));
                    if owns {
                        stranger = stranger.take().or(Some(name));
                    }
                }
            }
        });
        if of.is_empty() && stranger.is_none() {
            // No element says whose it is, but it may name a patient elsewhere.
            of = named;
        }
        let own = item.is_patient();
        links.push(to);
        owners.push(if own { Vec::new() } else { of });
        strangers.push(stranger.filter(|_| !own));
    }

    let place = |charts: &mut Vec<BTreeSet<usize>>, chart: usize, at: usize| {
        if let Some(chart) = charts.get_mut(chart) {
            chart.insert(at);
        }
    };
    // Charts: patients in the order of the artifact, then named strangers.
    let mut charts: Vec<BTreeSet<usize>> = Vec::new();
    let mut chart_of: Vec<Option<usize>> = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let has_chart = item.is_patient() && latest.get(at) == Some(&at);
        chart_of.push(has_chart.then_some(charts.len()));
        if has_chart {
            charts.push(one(at));
        }
    }
    // An older version is of the same patient.
    for (at, item) in items.iter().enumerate() {
        let latest = latest
            .get(at)
            .filter(|latest| **latest != at && item.is_patient());
        if let Some(Some(chart)) = latest.and_then(|latest| chart_of.get(*latest)).copied() {
            place(&mut charts, chart, at);
            if let Some(chart_of) = chart_of.get_mut(at) {
                *chart_of = Some(chart);
            }
        }
    }
    let mut stranger_charts: BTreeMap<&String, usize> = BTreeMap::new();
    for (at, item) in items.iter().enumerate() {
        if item.is_patient() {
            continue;
        }
        let of = owners.get(at).map(Vec::as_slice).unwrap_or_default();
        for owner in of {
            if let Some(Some(chart)) = chart_of.get(*owner) {
                place(&mut charts, *chart, at);
            }
        }
        if let (true, Some(Some(stranger))) = (of.is_empty(), strangers.get(at)) {
            let chart = *stranger_charts.entry(stranger).or_insert_with(|| {
                charts.push(BTreeSet::new());
                charts.len() - 1
            });
            place(&mut charts, chart, at);
        }
    }
    let mut owning: Vec<Vec<usize>> = vec![Vec::new(); items.len()];
    for (number, chart) in charts.iter().enumerate() {
        for at in chart {
            if let Some(owning) = owning.get_mut(*at) {
                owning.push(number);
            }
        }
    }

    // What owned resources reach; what reaches an owned resource; what that reaches.
    spread(&mut charts, &links, &owning);
    for at in unplaced(&charts, items.len()) {
        for reached in reach(at, &links) {
            for chart in owning.get(reached).into_iter().flatten() {
                place(&mut charts, *chart, at);
            }
        }
    }
    spread(&mut charts, &links, &owning);
    let mut left = BTreeSet::new();
    left.extend(unplaced(&charts, items.len()));
    match (left.is_empty(), charts.len()) {
        (true, _) => {}
        (false, 1) => {
            let unsaid = left.iter().filter_map(|at| items.get(*at));
            doubts
                .extend(unsaid.filter_map(|item| Some(Doubt::Unsaid.finding(item, patient_element(item)?))));
            for chart in &mut charts {
                chart.extend(&left);
            }
        }
        (false, _) => charts.push(left),
    }
    Shared { charts, doubts }
}

/// The element that says whose a resource is, where its type has one.
fn patient_element(item: &Item) -> Option<&'static str> {
    if item.resource.resource_type() == "Device" {
        // Most are nobody's.
        return None;
    }
    let of = item.resource.as_element()?.describe();
    PATIENTS.iter().copied().find(|name| of.field(name).is_some())
}

/// Where a reference leads.
enum Target {
    /// To a resource of the artifact.
    Here(usize),
    /// To a patient who is not part of it, by some name; perhaps because nobody can tell who is meant.
    Stranger(String, Option<Doubt>),
}

/// Why it is not certain whose a resource is.
#[derive(Clone, Copy)]
enum Doubt {
    /// Several resources have the name.
    Ambiguous,
    /// The subject's name is not that of the only patient.
    Misnamed,
    /// It does not say whose it is.
    Unsaid,
}

impl Doubt {
    fn finding(self, item: &Item, element: &str) -> Finding {
        let (code, message) = match self {
            Self::Ambiguous => (
                "fhir.reference.ambiguous",
                "several resources here answer to the reference or to the identifier beside it: none of them is taken for the one that is meant",
            ),
            Self::Misnamed => (
                "fhir.reference.other-name",
                "the subject is known by a name alone, which is not that of the only patient here: it is taken for somebody else",
            ),
            Self::Unsaid => (
                "fhir.reference.only-patient",
                "no reference says whose this is: it is taken for that of the only patient here",
            ),
        };
        let mut place = item.location.clone();
        place.path = format!("{}.{element}", place.path);
        Finding::warning(code, place, message)
    }
}

/// Calls `visit` with every reference of a resource that leads to a resource or a patient, and the member that it is in.
fn each_target(item: &Item, index: &Index, only: Option<&Only>, visit: &mut dyn FnMut(&str, Target)) {
    let holder = item.holder();
    let contained = contained_patients(item);
    item.tree.each_reference(&mut |top, reference| {
        let by_identifier = index.logical(reference);
        let text = |of: &Tree, name: &str| of.get(name).and_then(Tree::as_str).map(str::to_owned);
        let Some(literal) = reference.get("reference").and_then(Tree::as_str) else {
            let type_ = text(reference, "type");
            let is_patient = type_.map_or(PATIENTS.contains(&top), |type_| type_ == "Patient");
            let identifier = reference.get("identifier");
            match (by_identifier, identifier) {
                (Found::One(at), _) => visit(top, Target::Here(at)),
                (_, Some(identifier)) if is_patient => {
                    let part = |name| text(identifier, name).unwrap_or_default();
                    let name = format!("{}|{}", part("system"), part("value"));
                    let doubt = (by_identifier == Found::Several).then_some(Doubt::Ambiguous);
                    visit(top, Target::Stranger(name, doubt));
                }
                (_, None) if is_patient => {
                    let name = text(reference, "display");
                    if let Some(name) = name.filter(|name| only.is_some_and(|only| !only.may_be(name))) {
                        visit(top, Target::Stranger(name, Some(Doubt::Misnamed)));
                    }
                }
                _ => {}
            }
            return;
        };
        let inner = literal.strip_prefix('#').and_then(|id| contained.get(id));
        if let Some(patient) = inner.filter(|_| OWNERS.contains(&top)) {
            let names = identifiers_of(patient);
            let mut found = names
                .iter()
                .map(|(system, value)| index.identifier(Some("Patient"), system, value));
            visit(
                top,
                match found.find(|found| *found != Found::Nothing) {
                    Some(Found::One(at)) => Target::Here(at),
                    Some(_) => Target::Stranger(patient.to_text(), Some(Doubt::Ambiguous)),
                    None => Target::Stranger(patient.to_text(), None),
                },
            );
            return;
        }
        match agreed(index.literal(literal, holder), by_identifier) {
            Found::One(at) => visit(top, Target::Here(at)),
            Found::Several => visit(
                top,
                Target::Stranger(absolute(literal, holder), Some(Doubt::Ambiguous)),
            ),
            Found::Nothing => {
                if type_of(literal) == Some("Patient")
                    || literal.starts_with("urn:") && PATIENTS.contains(&top)
                {
                    visit(top, Target::Stranger(absolute(literal, holder), None));
                }
            }
        }
    });
}

/// The name of a stranger: one id is another person's on another server.
fn absolute(literal: &str, holder: Holder<'_>) -> String {
    match holder.full_url.and_then(base_of) {
        Some(base) if !literal.contains(':') => format!("{base}/{literal}"),
        _ => literal.to_owned(),
    }
}

/// The patients inside a resource by their ids, who need not be the ones beside it.
fn contained_patients(item: &Item) -> HashMap<&str, &Tree> {
    let contained = item.tree.get("contained").map(Tree::items).unwrap_or_default();
    let text = |tree: &'_ Tree, name: &str| tree.get(name).and_then(Tree::as_str).map(str::to_owned);
    let patients = contained
        .iter()
        .filter(|inner| text(inner, "resourceType").as_deref() == Some("Patient"));
    patients
        .rev()
        .filter_map(|inner| Some((inner.get("id").and_then(Tree::as_str)?, inner)))
        .collect()
}

/// The names of the only patient of an artifact, each as words: of the family, given ones.
struct Only(Vec<(Vec<String>, Vec<String>)>);

impl Only {
    fn of(items: &[Item], latest: &[usize]) -> Option<Self> {
        let patients = items.iter().zip(latest).enumerate();
        let mut patients = patients.filter(|(at, (item, latest))| item.is_patient() && at == *latest);
        let (Some((_, (patient, _))), None) = (patients.next(), patients.next()) else {
            return None;
        };
        let text = |tree: &Tree, name: &str| {
            tree.get(name)
                .and_then(Tree::as_str)
                .map(words)
                .unwrap_or_default()
        };
        let names = patient
            .tree
            .get("name")
            .map(Tree::items)
            .unwrap_or_default()
            .iter();
        let names = names.map(|name| {
            let given = name.get("given").map(Tree::items).unwrap_or_default().iter();
            let mut given: Vec<String> = given.filter_map(Tree::as_str).flat_map(words).collect();
            let family = text(name, "family");
            if family.is_empty() && given.is_empty() {
                given = text(name, "text");
            }
            (family, given)
        });
        Some(Self(
            names
                .filter(|(family, given)| !family.is_empty() || !given.is_empty())
                .collect(),
        ))
    }

    /// Whether the name may be one of theirs: it has the family name, where one is known, and, if it says more, a given one.
    fn may_be(&self, name: &str) -> bool {
        let said = words(name);
        let has = |known: &[String]| {
            let is_initial =
                |word: &String, of: &String| word.chars().count() == 1 && of.starts_with(word.as_str());
            known.is_empty()
                || known
                    .iter()
                    .any(|of| said.iter().any(|word| word == of || is_initial(word, of)))
        };
        said.is_empty()
            || self.0.is_empty()
            || self.0.iter().any(|(family, given)| match said.len() {
                1 => has(family) || has(given),
                _ => has(family) && has(given),
            })
    }
}

/// The words of a name in small letters, without what addresses anybody.
fn words(name: &str) -> Vec<String> {
    let words = name
        .split(|letter: char| !letter.is_alphanumeric())
        .map(str::to_lowercase);
    words
        .filter(|word| !matches!(word.as_str(), "" | "patient" | "mr" | "mrs" | "ms" | "miss"))
        .collect()
}

/// What is in no chart yet.
fn unplaced(charts: &[BTreeSet<usize>], count: usize) -> Vec<usize> {
    let mut placed = vec![false; count];
    for at in charts.iter().flatten() {
        if let Some(placed) = placed.get_mut(*at) {
            *placed = true;
        }
    }
    (0..count).filter(|at| placed.get(*at) == Some(&false)).collect()
}

/// Adds to each chart what its resources reach and no other patient owns; `owning` are the charts that own each resource.
fn spread(charts: &mut [BTreeSet<usize>], links: &[Vec<usize>], owning: &[Vec<usize>]) {
    for (number, chart) in charts.iter_mut().enumerate() {
        let mut queue: Vec<usize> = chart.iter().copied().collect();
        while let Some(at) = queue.pop() {
            for next in links.get(at).into_iter().flatten() {
                let owning = owning.get(*next).map(Vec::as_slice).unwrap_or_default();
                let of_another = owning.iter().any(|other| *other != number);
                if !of_another && chart.insert(*next) {
                    queue.push(*next);
                }
            }
        }
    }
}

fn one(at: usize) -> BTreeSet<usize> {
    let mut out = BTreeSet::new();
    out.insert(at);
    out
}

fn reach(from: usize, links: &[Vec<usize>]) -> BTreeSet<usize> {
    let mut seen = one(from);
    let mut queue = vec![from];
    while let Some(at) = queue.pop() {
        for next in links.get(at).into_iter().flatten() {
            if seen.insert(*next) {
                queue.push(*next);
            }
        }
    }
    seen
}
