//! Which PIDs of an artifact are of one patient.
//!
//! PIDs that share an identifier are of one patient, unless their demographics contradict each other (see
//! [`demographics`](super::demographics)): numbers are reused, mistyped and made up. The order of the messages does not decide
//! whose a PID is. All that state a birth date and a given name are compared first, each with each, so that a change of
//! name and a later correction of the date are steps of one person. Then those that say less go to the patient they agree
//! with best, and those that say nothing, as many results do, to the patient of their identifier; where several contradicting
//! patients have it, to the one who was spoken of last.

mod identity;

use std::collections::{BTreeMap, HashMap, HashSet};

use ehr_model::digest;

use super::datatype::Sender;
use super::demographics::{Demographics, Extent};
use super::reading::Seg;
use identity::keys;

pub(super) use identity::identifiers;

/// What a PID identifies its patient by, and what it says of the person.
#[derive(Default)]
pub(super) struct Registration {
    /// Identifiers of one person.
    pub(super) keys: Vec<String>,
    /// Whether the PID has placeholders, and no identifier of one person.
    pub(super) is_placeholder: bool,
    pub(super) demographics: Demographics,
}

impl Registration {
    /// Reads a PID, on a reading whose marks and findings are thrown away.
    pub(super) fn of(pid: Seg<'_>, sender: &Sender) -> Self {
        let mut placeholders = false;
        let keys = keys(pid, sender, &mut placeholders);
        Self {
            is_placeholder: placeholders && keys.is_empty(),
            keys,
            demographics: Demographics::of(pid),
        }
    }
}

/// Why it is not certain whose a PID is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// It shares an identifier with another patient, whom its demographics contradict.
    Contradicted,
    /// Several patients have its identifier, and it could be any of these.
    Ambiguous,
}

/// Where a PID belongs.
#[derive(Clone)]
pub(super) struct Placed {
    /// The same for all PIDs of one patient.
    pub(super) set: usize,
    /// What the patient is known by: the same whatever the order of the messages.
    pub(super) key: String,
    pub(super) doubt: Option<Doubt>,
}

/// Finds out which registrations are of one patient. Each has a key.
pub(super) fn place(registrations: &[Registration]) -> Vec<Placed> {
    let mut register = Register::new(registrations);
    let nodes = |extent: Extent| {
        let is_of = move |node: &usize| {
            registrations
                .get(*node)
                .is_some_and(|registration| registration.demographics.extent() == extent)
        };
        (0..registrations.len()).filter(is_of)
    };
    for node in nodes(Extent::Full) {
        register.seed(node);
    }
    let strangers: Vec<usize> = nodes(Extent::Partial)
        .filter(|node| !register.settle_by_facts(*node))
        .collect();
    for node in strangers {
        register.seed(node);
    }
    for node in nodes(Extent::Nothing) {
        register.settle_by_order(node);
    }
    register.finish()
}

/// All that share one identifier.
#[derive(Default)]
struct Shared<'a> {
    /// One PID for each different demographics.
    seeds: Vec<usize>,
    seed_of: HashMap<&'a Demographics, usize>,
    /// The PIDs that say something of the person, in order.
    telling: Vec<usize>,
    /// The first that says nothing, where none says anything.
    silent: Option<usize>,
}

struct Register<'a> {
    registrations: &'a [Registration],
    /// Identifiers of each PID, as positions in `shared`.
    keys: Vec<Vec<usize>>,
    shared: Vec<Shared<'a>>,
    sets: Sets,
    doubts: Vec<Option<Doubt>>,
}

/// A patient that a PID may be about.
struct Candidate {
    agreement: u32,
    /// Who was spoken of last before the PID comes first, then who comes next after it.
    nearness: (bool, usize),
    node: usize,
}

/// With how many of one identifier a PID is compared. No person has so many versions: an identifier with more is no
/// person's, and to look at all would take quadratic time.
const MOST: usize = 64;

impl<'a> Register<'a> {
    fn new(registrations: &'a [Registration]) -> Self {
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut shared: Vec<Shared<'a>> = Vec::new();
        let mut keys = Vec::with_capacity(registrations.len());
        for (node, registration) in registrations.iter().enumerate() {
            let mut of_node = Vec::with_capacity(registration.keys.len());
            for key in &registration.keys {
                let number = *numbers.entry(key).or_insert_with(|| {
                    shared.push(Shared::default());
                    shared.len() - 1
                });
                of_node.push(number);
                if registration.demographics.extent() != Extent::Nothing
                    && let Some(shared) = shared.get_mut(number)
                {
                    shared.telling.push(node);
                }
            }
            keys.push(of_node);
        }
        Self {
            registrations,
            keys,
            shared,
            sets: Sets::new(registrations.len()),
            doubts: vec![None; registrations.len()],
        }
    }

    fn demographics(&self, node: usize) -> Option<&'a Demographics> {
        self.registrations
            .get(node)
            .map(|registration| &registration.demographics)
    }

    fn contradict(&self, one: usize, other: usize) -> bool {
        match (self.demographics(one), self.demographics(other)) {
            (Some(one), Some(other)) => one.contradicts(other),
            _ => false,
        }
    }

    /// Joins a PID to all that share an identifier with it and do not contradict it.
    fn seed(&mut self, node: usize) {
        let Some(demographics) = self.demographics(node) else {
            return;
        };
        for key in self.keys.get(node).into_iter().flatten() {
            let Some(shared) = self.shared.get_mut(*key) else {
                continue;
            };
            if let Some(same) = shared.seed_of.get(demographics) {
                self.sets.join(*same, node);
                continue;
            }
            for seed in shared.seeds.iter().rev().take(MOST) {
                if self.sets.root(*seed) == self.sets.root(node) {
                    continue;
                }
                let other = self.registrations.get(*seed);
                if other.is_some_and(|other| !demographics.contradicts(&other.demographics)) {
                    self.sets.join(*seed, node);
                }
            }
            shared.seeds.push(node);
            shared.seed_of.insert(demographics, node);
        }
    }

    /// Gives a PID that says something to the patient it agrees with best; false where it contradicts all.
    fn settle_by_facts(&mut self, node: usize) -> bool {
        let Some(demographics) = self.demographics(node) else {
            return false;
        };
        let mut candidates = Vec::new();
        for key in self.keys.get(node).into_iter().flatten() {
            let Some(shared) = self.shared.get(*key) else {
                continue;
            };
            for seed in shared.seeds.iter().rev().take(MOST) {
                let Some(known) = self.demographics(*seed) else {
                    continue;
                };
                if !demographics.contradicts(known) {
                    candidates.push(Candidate {
                        agreement: demographics.agreement(known),
                        nearness: self.nearness(shared, *seed, node),
                        node: *seed,
                    });
                }
            }
        }
        self.settle(node, candidates)
    }

    /// Gives a PID that says nothing to the patient of its identifier who was spoken of last.
    fn settle_by_order(&mut self, node: usize) {
        let (mut certain, mut contested) = (Vec::new(), Vec::new());
        for key in self.keys.get(node).into_iter().flatten() {
            let Some(shared) = self.shared.get_mut(*key) else {
                continue;
            };
            let next = shared.telling.partition_point(|other| *other < node);
            let last = next.checked_sub(1).unwrap_or(next);
            let Some(other) = shared.telling.get(last).copied() else {
                self.sets.join(*shared.silent.get_or_insert(node), node);
                continue;
            };
            let mut roots = shared.seeds.iter().map(|seed| self.sets.root(*seed));
            let first = roots.next();
            let of_one = roots.all(|root| Some(root) == first);
            let candidates = if of_one { &mut certain } else { &mut contested };
            candidates.push(Candidate {
                agreement: 0,
                nearness: nearness(other, node),
                node: other,
            });
        }
        if !self.settle(node, certain) && self.settle(node, contested) {
            self.doubt(node, Doubt::Ambiguous);
        }
    }

    /// Joins a PID to the best of its candidates, and to the others of whom it states that they are the same.
    fn settle(&mut self, node: usize, candidates: Vec<Candidate>) -> bool {
        let rank = |candidate: &Candidate| (candidate.agreement, candidate.nearness);
        let Some(best) = candidates.iter().max_by_key(|candidate| rank(candidate)) else {
            return false;
        };
        self.sets.join(best.node, node);
        for other in &candidates {
            if self.sets.root(other.node) == self.sets.root(node) {
                continue;
            }
            if self.contradict(other.node, best.node) {
                self.doubt(node, Doubt::Ambiguous);
            } else {
                self.sets.join(other.node, node);
            }
        }
        true
    }

    fn doubt(&mut self, node: usize, doubt: Doubt) {
        if let Some(known) = self.doubts.get_mut(node) {
            *known = Some(doubt);
        }
    }

    /// How near to a PID the patient of a seed is spoken of.
    fn nearness(&self, shared: &Shared<'a>, seed: usize, node: usize) -> (bool, usize) {
        let root = self.sets.root(seed);
        let next = shared.telling.partition_point(|other| *other < node);
        let before = shared.telling.get(..next).unwrap_or_default();
        let last = before
            .iter()
            .rev()
            .take(MOST)
            .find(|other| self.sets.root(**other) == root);
        nearness(last.copied().unwrap_or(seed), node)
    }

    fn finish(mut self) -> Vec<Placed> {
        for shared in std::mem::take(&mut self.shared) {
            let mut seeds = shared.seeds;
            seeds.sort_unstable();
            let mut roots = HashSet::new();
            for seed in seeds {
                if roots.insert(self.sets.root(seed)) && roots.len() > 1 {
                    self.doubt(seed, Doubt::Contradicted);
                }
            }
        }
        let keys = self.patient_keys();
        self.doubts
            .iter()
            .enumerate()
            .map(|(node, doubt)| {
                let set = self.sets.root(node);
                Placed {
                    set,
                    key: keys.get(&set).cloned().unwrap_or_default(),
                    doubt: *doubt,
                }
            })
            .collect()
    }

    /// What each patient is known by: the least of the identifiers; with the facts where several share that.
    fn patient_keys(&self) -> BTreeMap<usize, String> {
        let mut least: BTreeMap<usize, &str> = BTreeMap::new();
        let mut facts: BTreeMap<usize, (Extent, String)> = BTreeMap::new();
        for (node, registration) in self.registrations.iter().enumerate() {
            let set = self.sets.root(node);
            for key in &registration.keys {
                let known = least.entry(set).or_insert(key);
                *known = (*known).min(key);
            }
        }
        let mut uses: HashMap<&str, usize> = HashMap::new();
        for key in least.values() {
            *uses.entry(key).or_default() += 1;
        }
        let is_shared = |key: &str| uses.get(key).is_some_and(|uses| *uses > 1);
        for (node, registration) in self.registrations.iter().enumerate() {
            let set = self.sets.root(node);
            let key = least.get(&set).copied().unwrap_or_default();
            if is_shared(key) && registration.keys.iter().any(|known| known == key) {
                let demographics = &registration.demographics;
                let said = (demographics.extent(), demographics.text());
                let known = facts.entry(set).or_insert_with(|| said.clone());
                if said < *known {
                    *known = said;
                }
            }
        }
        let mut given: HashSet<String> = HashSet::new();
        least
            .into_iter()
            .map(|(set, key)| {
                let mut own = match facts.get(&set) {
                    Some((_, text)) => format!("{key} {}", digest(&[text.as_bytes()])),
                    None => key.to_owned(),
                };
                while !given.insert(own.clone()) {
                    own.push('+');
                }
                (set, own)
            })
            .collect()
    }
}

/// One before the PID is nearer than one after it, and the last before or the next after it the nearest.
fn nearness(other: usize, node: usize) -> (bool, usize) {
    if other < node {
        (true, other)
    } else {
        (false, usize::MAX - other)
    }
}

/// Sets of things that are the same, each known by its first.
struct Sets {
    parents: Vec<usize>,
}

impl Sets {
    fn new(count: usize) -> Self {
        Self {
            parents: (0..count).collect(),
        }
    }

    fn root(&self, mut node: usize) -> usize {
        while let Some(parent) = self.parents.get(node).filter(|parent| **parent != node) {
            node = *parent;
        }
        node
    }

    fn join(&mut self, a: usize, b: usize) {
        let roots = (self.root(a), self.root(b));
        let first = roots.0.min(roots.1);
        for node in [a, b, roots.0, roots.1] {
            if let Some(parent) = self.parents.get_mut(node) {
                *parent = first;
            }
        }
    }
}
