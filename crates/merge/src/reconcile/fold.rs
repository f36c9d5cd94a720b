//! Entries of one source that the rule of their class cannot tell apart, taken together before anything is compared.
//!
//! Feeds repeat themselves: one statement sent a thousand times is compared with others once. Every entry stays a member of
//! its item.

use std::hash::{Hash, Hasher};
use std::io::{self, Write};

use ehr_model::{EntryId, Record};
use rustc_hash::{FxHashMap, FxHasher};

use super::ClassRule;
use super::facts::{Known, same_record};
use crate::cluster::Verdict;
use crate::context::Context;

/// With so many entries of one key an entry is compared before it counts as another: what tells these apart is no part of
/// the key.
const TRIES: usize = 4;

/// Entries that stand for themselves or for several.
pub(super) struct Folded {
    /// The entries of each node, as ascending indexes; the nodes are in the order of their first entries.
    pub(super) nodes: Vec<Vec<usize>>,
    /// Pairs of equal nodes of which one alone has an id of the source's own.
    pub(super) pairs: Vec<(usize, usize)>,
}

pub(super) fn fold<'a>(rule: &dyn ClassRule, known: &[Known<'a>], cx: &Context<'a>) -> Folded {
    let mut folder = Folder::new(rule, known, cx);
    let alone = alone(known);
    let mut last: FxHashMap<(&str, &EntryId), (usize, usize)> = FxHashMap::default();
    for (index, one) in known.iter().enumerate() {
        let id = (one.entry.origin.source.as_str(), &one.entry.id);
        // Read twice. Entries that share an id but not what they say are judged like any two.
        let again = last.get(&id).copied().filter(|(earlier, _)| {
            known
                .get(*earlier)
                .is_some_and(|earlier| same_record(&earlier.entry.record, &one.entry.record))
        });
        let node = match again {
            Some((_, node)) => node,
            // What names nothing is never the same as another thing.
            None if alone.contains(&index) || !one.look.names_something() => folder.nodes.len(),
            None => folder.node_of(one),
        };
        last.insert(id, (index, node));
        match folder.nodes.get_mut(node) {
            Some(entries) => entries.push(index),
            None => folder.nodes.push(vec![index]),
        }
    }
    Folded {
        nodes: folder.nodes,
        pairs: folder.pairs,
    }
}

/// For each entry, a number that it shares with those that say the same of one thing, in other sources too; see
/// [`Nodes::sort`](crate::cluster::Nodes::sort).
pub(super) fn sorts<'a>(rule: &dyn ClassRule, known: &[Known<'a>], cx: &Context<'a>) -> Vec<usize> {
    let folder = Folder::new(rule, known, cx);
    let mut by_key: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
    let mut sorts = Vec::with_capacity(known.len());
    for (index, one) in known.iter().enumerate() {
        let told = rule.told_by(&one.entry.record, one.look);
        let mut hash = HashOf(FxHasher::default());
        let is_written = serde_json::to_writer(&mut hash, told.as_ref()).is_ok();
        let alike = by_key.entry(hash.0.finish()).or_default();
        let found = alike.iter().copied().filter(|_| is_written).find(|other| {
            known.get(*other).is_some_and(|other| {
                // A rule by results looks at who sent them.
                (!rule.by_result() || cx.senders.are_one(other.entry, one.entry))
                    && folder.says_the_same(other, one, &told)
            })
        });
        if found.is_none() && alike.len() < TRIES {
            alike.push(index);
        }
        sorts.push(found.unwrap_or(index));
    }
    sorts
}

/// Identifiers that several entries have. One that a single entry has joins it with none.
fn shared_identifiers<'a>(known: &[Known<'a>]) -> FxHashMap<&'a str, bool> {
    let mut shared: FxHashMap<&str, bool> = FxHashMap::default();
    for identifier in known.iter().flat_map(|one| &one.look.identifiers) {
        shared
            .entry(identifier)
            .and_modify(|shared| *shared = true)
            .or_insert(false);
    }
    shared
}

/// Entries beside which their source has none about the same thing at the same time.
fn alone(known: &[Known<'_>]) -> rustc_hash::FxHashSet<usize> {
    let mut lists: FxHashMap<_, (usize, usize)> = FxHashMap::default();
    for (index, one) in known.iter().enumerate() {
        let key = (
            one.entry.origin.source.as_str(),
            one.look.concept,
            one.look.start.map(|start| start.order()),
        );
        lists
            .entry(key)
            .and_modify(|(_, count)| *count += 1)
            .or_insert((index, 1));
    }
    let single = lists.into_values().filter(|(_, count)| *count == 1);
    single.map(|(index, _)| index).collect()
}

struct Folder<'f, 'a> {
    rule: &'f dyn ClassRule,
    known: &'f [Known<'a>],
    cx: &'f Context<'a>,
    shared: FxHashMap<&'a str, bool>,
    nodes: Vec<Vec<usize>>,
    by_key: FxHashMap<u64, Vec<usize>>,
    /// The first node of each record, without and with an id of the source's own.
    by_record: FxHashMap<u64, [Option<usize>; 2]>,
    pairs: Vec<(usize, usize)>,
}

impl<'f, 'a> Folder<'f, 'a> {
    fn new(rule: &'f dyn ClassRule, known: &'f [Known<'a>], cx: &'f Context<'a>) -> Self {
        Self {
            rule,
            known,
            cx,
            shared: shared_identifiers(known),
            nodes: Vec::new(),
            by_key: FxHashMap::default(),
            by_record: FxHashMap::default(),
            pairs: Vec::new(),
        }
    }

    /// The node of an entry, the next one where none is its own yet.
    fn node_of(&mut self, one: &Known<'_>) -> usize {
        let told = self.rule.told_by(&one.entry.record, one.look);
        let mut hash = HashOf(FxHasher::default());
        // A record is always written; were it not, nothing would be folded with it.
        if serde_json::to_writer(&mut hash, told.as_ref()).is_err() {
            return self.nodes.len();
        }
        let origin = &one.entry.origin;
        let mut hash = hash.0;
        origin.source.hash(&mut hash);
        let by_record = hash.finish();
        self.meets_other_form(by_record, one);
        let has_id = origin.native_id.is_some();
        (has_id, self.is_subject(one), &one.look.panels).hash(&mut hash);
        for identifier in self.identifiers(one) {
            identifier.hash(&mut hash);
        }
        let by_key = hash.finish();
        let nodes = self.by_key.get(&by_key).map(Vec::as_slice).unwrap_or_default();
        let found = nodes.iter().find(|node| {
            let lead = self.lead(**node);
            lead.is_some_and(|lead| {
                lead.entry.origin.source == origin.source
                    && lead.entry.origin.native_id.is_some() == has_id
                    && self.says_the_same(lead, one, &told)
                    && matches!(self.rule.compare(lead, one, self.cx), Verdict::Same(_))
            })
        });
        if let Some(node) = found {
            return *node;
        }
        let next = self.nodes.len();
        let nodes = self.by_key.entry(by_key).or_default();
        if nodes.len() < TRIES {
            nodes.push(next);
        }
        next
    }

    /// A record once with and once without an id of the source's own: they are compared, whatever the class.
    fn meets_other_form(&mut self, by_record: u64, one: &Known<'_>) {
        let next = self.nodes.len();
        let forms = self.by_record.entry(by_record).or_default();
        let (without, with) = match forms {
            [without, with] if one.entry.origin.native_id.is_some() => (with, without),
            [without, with] => (without, with),
        };
        if without.is_none() {
            *without = Some(next);
            self.pairs.extend(with.map(|other| (other, next)));
        }
    }

    fn lead(&self, node: usize) -> Option<&Known<'_>> {
        self.known.get(*self.nodes.get(node)?.first()?)
    }

    /// Whether nothing that the rule looks at tells the two apart, whose sources aside; `told` is what it looks at in `one`.
    fn says_the_same(&self, other: &Known<'_>, one: &Known<'_>, told: &Record) -> bool {
        self.is_subject(other) == self.is_subject(one)
            && other.look.panels == one.look.panels
            && other.entry.origin.sub_id() == one.entry.origin.sub_id()
            && self.identifiers(other).eq(self.identifiers(one))
            && same_record(&self.rule.told_by(&other.entry.record, other.look), told)
    }

    fn is_subject(&self, one: &Known<'_>) -> bool {
        self.cx.subjects.contains(&one.entry.id)
    }

    fn identifiers<'k>(&self, one: &Known<'k>) -> impl Iterator<Item = &'k str> + use<'k, '_> {
        let shared = &self.shared;
        one.look
            .identifiers
            .iter()
            .map(String::as_str)
            .filter(move |identifier| shared.get(identifier).copied().unwrap_or(false))
    }
}

/// Takes bytes into a hash.
struct HashOf(FxHasher);

impl Write for HashOf {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
