//! Which resource goes into whose chart.

use std::collections::{BTreeMap, BTreeSet};

use super::receive::Item;
use crate::convert::json::Tree;
use crate::convert::reference::{Index, identifiers_of, type_of};

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

/// Which resources go into which chart, in the order of the artifact; `alias` is the name of [`only_subject`].
pub(super) fn out(items: &[Item], index: &Index, alias: Option<&(String, usize)>) -> Vec<BTreeSet<usize>> {
    let mut links: Vec<Vec<usize>> = Vec::new();
    let mut owners: Vec<Vec<usize>> = Vec::new();
    // Patients that are named but not here, each of whom has a chart of their own.
    let mut strangers: Vec<Option<String>> = Vec::new();
    for item in items {
        let (mut to, mut of, mut stranger) = (Vec::new(), Vec::new(), None);
        let mut named = Vec::new();
        let is_patient = |at: usize| items.get(at).is_some_and(Item::is_patient);
        each_target(item, index, alias, &mut |top, target| {
            let owns = OWNERS.contains(&top);
            match target {
                Target::Here(at) if is_patient(at) => {
                    named.push(at);
                    if owns {
                        of.push(at);
                    }
                }
                Target::Here(at) => to.push(at),
                Target::Stranger(name) if owns => stranger = stranger.take().or(Some(name)),
                Target::Stranger(_) => {}
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

    // Charts: patients in the order of the artifact, then named strangers.
    let mut charts: Vec<BTreeSet<usize>> = Vec::new();
    let mut chart_of: Vec<Option<usize>> = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        chart_of.push(item.is_patient().then_some(charts.len()));
        if item.is_patient() {
            charts.push(one(at));
        }
    }
    let mut stranger_charts: BTreeMap<&String, usize> = BTreeMap::new();
    let place = |charts: &mut Vec<BTreeSet<usize>>, chart: usize, at: usize| {
        if let Some(chart) = charts.get_mut(chart) {
            chart.insert(at);
        }
    };
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
        (false, 1) => charts.iter_mut().for_each(|chart| chart.extend(&left)),
        (false, _) => charts.push(left),
    }
    charts
}

/// Where a reference leads.
enum Target {
    /// To a resource of the artifact.
    Here(usize),
    /// To a patient who is not part of it, by some name.
    Stranger(String),
}

/// Calls `visit` with every reference of a resource that leads to a resource or a patient, and the member that it is in.
fn each_target(
    item: &Item,
    index: &Index,
    alias: Option<&(String, usize)>,
    visit: &mut dyn FnMut(&str, Target),
) {
    item.tree.each_reference(&mut |top, literal| {
        let alias = alias.filter(|(name, _)| name == literal).map(|(_, at)| *at);
        if let Some(patient) = contained_patient(item, literal).filter(|_| OWNERS.contains(&top)) {
            let mut names = identifiers_of(patient).into_iter();
            let here = names.find_map(|(system, value)| index.identifier(Some("Patient"), &system, &value));
            visit(
                top,
                here.map_or_else(|| Target::Stranger(patient.to_text()), Target::Here),
            );
        } else if let Some(at) = index.literal(literal).or(alias) {
            visit(top, Target::Here(at));
        } else if type_of(literal) == Some("Patient")
            || literal.starts_with("urn:") && PATIENTS.contains(&top)
        {
            visit(top, Target::Stranger(literal.to_owned()));
        }
    });
    item.tree.each_logical_reference(&mut |top, reference| {
        if let Some(at) = index.logical(reference) {
            return visit(top, Target::Here(at));
        }
        let type_ = reference.get("type").and_then(Tree::as_str);
        if type_.map_or(PATIENTS.contains(&top), |type_| type_ == "Patient")
            && let Some(identifier) = reference.get("identifier")
        {
            let part = |name| identifier.get(name).and_then(Tree::as_str).unwrap_or_default();
            visit(
                top,
                Target::Stranger(format!("{}|{}", part("system"), part("value"))),
            );
        }
    });
}

/// The patient inside the resource that a reference leads to, who need not be the one beside it.
fn contained_patient<'i>(item: &'i Item, literal: &str) -> Option<&'i Tree> {
    let id = literal.strip_prefix('#')?;
    let is = |tree: &Tree, name: &str, text: &str| tree.get(name).and_then(Tree::as_str) == Some(text);
    let mut contained = item.tree.get("contained")?.items().iter();
    contained.find(|inner| is(inner, "id", id) && is(inner, "resourceType", "Patient"))
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

/// The name by which resources call the only patient, where it is not one of the patient's: an artifact with one Patient whose
/// resources all name one subject by a UUID that is nobody's here, as exports do that give new ids to resources.
pub(super) fn only_subject(items: &[Item], index: &Index) -> Option<(String, usize)> {
    let mut patients = items.iter().enumerate().filter(|(_, item)| item.is_patient());
    let (patient, _) = patients.next()?;
    if patients.next().is_some() {
        return None;
    }
    let mut names = BTreeSet::new();
    for item in items {
        item.tree.each_reference(&mut |top, literal| {
            if PATIENTS.contains(&top) {
                names.insert(literal);
            }
        });
        item.tree.each_logical_reference(&mut |top, _| {
            if PATIENTS.contains(&top) {
                names.insert("an identifier");
            }
        });
    }
    match names.into_iter().collect::<Vec<_>>().as_slice() {
        [only] if only.starts_with("urn:") && index.literal(only).is_none() => {
            Some(((*only).to_owned(), patient))
        }
        _ => None,
    }
}
