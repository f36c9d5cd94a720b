//! The pairs worth comparing: those that share a code, words or an identifier, and whose times are near.
//!
//! Charts hold thousands of results of one analyte on one day. For classes with results a pair must also have results that
//! may agree, or be of one moment, or be versions of one result. What is left out could only be found different.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use rustc_hash::FxHashMap;

use super::ClassRule;
use super::facts::Known;
use super::results::{Found, Number, Stage, UnitNames, readings};
use crate::concept::ConceptBlock;
use crate::context::Context;
use crate::unit::Unit;

#[derive(PartialEq, Eq, Hash)]
enum Block<'a> {
    Concept(ConceptBlock),
    Name(&'a str),
    Identifier(&'a str),
}

/// An identifier that so many entries share identifies none of them.
const IDENTIFIER_BLOCK: usize = 64;

/// Pairs of indexes into `known`, the lower first.
pub(super) fn pairs(rule: &dyn ClassRule, known: &[Known<'_>], cx: &Context<'_>) -> Vec<(usize, usize)> {
    pairs_of(rule.reach(), rule.by_result(), known, cx)
}

fn pairs_of(
    reach: Option<i64>,
    by_result: bool,
    known: &[Known<'_>],
    cx: &Context<'_>,
) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for (block, list) in blocks(known, cx) {
        let by_identifier = matches!(block, Block::Identifier(_));
        match reach {
            Some(reach) if !(by_identifier && list.len() <= IDENTIFIER_BLOCK) => {
                let spans = spans(known, &list, reach);
                if by_result {
                    agreeing_pairs(known, spans, by_identifier, &mut pairs);
                    simultaneous_pairs(known, &list, &mut pairs);
                } else {
                    near_pairs(spans, &mut pairs);
                }
            }
            _ => all_pairs(&list, &mut pairs),
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

fn blocks<'a>(known: &[Known<'a>], cx: &Context<'_>) -> FxHashMap<Block<'a>, Vec<usize>> {
    let mut blocks: FxHashMap<Block<'a>, Vec<usize>> = FxHashMap::default();
    for (index, one) in known.iter().enumerate() {
        let look = one.look;
        let concepts = look.concept.iter().chain(&look.also);
        let concepts = concepts
            .flat_map(|key| cx.concepts.blocks(*key))
            .map(Block::Concept);
        let names = look.names.iter().map(|name| Block::Name(name));
        let identifiers = look.identifiers.iter().map(|id| Block::Identifier(id));
        for block in concepts.chain(names).chain(identifiers) {
            let list = blocks.entry(block).or_default();
            if list.last() != Some(&index) {
                list.push(index);
            }
        }
    }
    blocks
}

/// An entry and the times at which others can be of one time with it.
struct Span {
    from: i64,
    to: i64,
    index: usize,
}

/// In the order in which they begin; without a time, all times.
fn spans(known: &[Known<'_>], list: &[usize], reach: i64) -> Vec<Span> {
    let span = |index: &usize| {
        let start = known.get(*index).and_then(|one| one.look.start);
        let (from, to) = start.map_or((i64::MIN, i64::MAX), |start| start.reach(reach));
        Span {
            from,
            to,
            index: *index,
        }
    };
    in_order(list.iter().map(span).collect())
}

fn in_order(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable_by_key(|span| (span.from, span.to, span.index));
    spans
}

fn pair(a: usize, b: usize) -> (usize, usize) {
    (a.min(b), a.max(b))
}

fn all_pairs(list: &[usize], pairs: &mut Vec<(usize, usize)>) {
    for (at, a) in list.iter().enumerate() {
        pairs.extend(list.iter().skip(at + 1).map(|b| pair(*a, *b)));
    }
}

/// Pairs whose spans meet.
fn near_pairs(spans: Vec<Span>, pairs: &mut Vec<(usize, usize)>) {
    for (at, one) in spans.iter().enumerate() {
        let near = spans.iter().skip(at + 1).take_while(|other| other.from <= one.to);
        pairs.extend(near.map(|other| pair(one.index, other.index)));
    }
}

/// Pairs of different sources at one moment, whatever they found: they may dispute one result.
fn simultaneous_pairs(known: &[Known<'_>], list: &[usize], pairs: &mut Vec<(usize, usize)>) {
    let mut near = Vec::new();
    let mut exact = Vec::new();
    let mut by_clock: FxHashMap<_, Vec<usize>> = FxHashMap::default();
    for index in list {
        let Some(start) = known.get(*index).and_then(|one| one.look.start) else {
            continue;
        };
        if let Some((from, end)) = start.exact() {
            exact.push(Span {
                from,
                to: end - 1,
                index: *index,
            });
        }
        if let Some(clock) = start.clock() {
            by_clock.entry(clock).or_default().push(*index);
        }
    }
    near_pairs(in_order(exact), &mut near);
    for list in by_clock.values() {
        all_pairs(list, &mut near);
    }
    let source = |index: usize| known.get(index).map(|one| &one.entry.origin.source);
    pairs.extend(near.into_iter().filter(|(a, b)| source(*a) != source(*b)));
}

/// Pairs whose spans meet and whose results may agree, and pairs of one source of which one may be a version of the other.
/// `identified` where all share an identifier: then sources may differ in what they found.
fn agreeing_pairs(known: &[Known<'_>], spans: Vec<Span>, identified: bool, pairs: &mut Vec<(usize, usize)>) {
    let mut units = Units::default();
    let mut parties: BTreeMap<Party<'_>, Present> = BTreeMap::new();
    let mut leaving: BinaryHeap<Reverse<(i64, usize)>> = BinaryHeap::new();
    let mut found = Vec::new();
    for span in spans {
        while let Some(Reverse((end, index))) = leaving.peek().copied()
            && end < span.from
        {
            leaving.pop();
            if let Some(gone) = known.get(index)
                && let Some(present) = parties.get_mut(&Party::of(gone))
            {
                present.remove(index, &gone.look.results.found, &mut units);
            }
        }
        let Some(one) = known.get(span.index) else {
            continue;
        };
        let own = Party::of(one);
        let results = &one.look.results.found;
        for (party, present) in &parties {
            let same_source = party.source == own.source;
            if same_source && party.stage != own.stage || !same_source && identified {
                found.extend(present.all.iter());
            } else if !(same_source && party.has_ids && own.has_ids && !identified) {
                present.agreeing(results, &mut units, &mut found);
            }
        }
        pairs.extend(found.drain(..).map(|other| pair(span.index, other)));
        parties
            .entry(own)
            .or_default()
            .insert(span.index, results, &mut units);
        leaving.push(Reverse((span.to, span.index)));
    }
}

/// Entries that relate to others in one way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Party<'a> {
    source: &'a str,
    stage: Stage,
    /// Whether the source tells them apart by ids of its own.
    has_ids: bool,
}

impl<'a> Party<'a> {
    fn of(known: &Known<'a>) -> Self {
        let origin = &known.entry.origin;
        Self {
            source: &origin.source,
            stage: known.look.results.stage,
            has_ids: origin.native_id.is_some(),
        }
    }
}

/// The entries of a party whose spans are open, by what they found.
#[derive(Default)]
struct Present {
    all: BTreeSet<usize>,
    anything: BTreeSet<usize>,
    nothing: BTreeSet<usize>,
    /// By unit.
    numbers: BTreeMap<usize, Numbers>,
}

/// The numbers of one unit: where each may lie, by its lower end.
#[derive(Default)]
struct Numbers {
    by_low: BTreeMap<(Key, usize), f64>,
    widest: f64,
}

/// A number that sorts.
#[derive(Clone, Copy, PartialEq)]
struct Key(f64);

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl Present {
    fn insert(&mut self, index: usize, found: &Found, units: &mut Units) {
        self.all.insert(index);
        match found {
            Found::Anything => {
                self.anything.insert(index);
            }
            Found::Nothing => {
                self.nothing.insert(index);
            }
            Found::Numbers(numbers) => {
                for number in numbers {
                    let (low, high) = number.reach();
                    let of_unit = self.numbers.entry(units.index(&number.unit)).or_default();
                    of_unit.by_low.insert((Key(low), index), high);
                    of_unit.widest = of_unit.widest.max(high - low);
                }
            }
        }
    }

    fn remove(&mut self, index: usize, found: &Found, units: &mut Units) {
        self.all.remove(&index);
        self.anything.remove(&index);
        self.nothing.remove(&index);
        if let Found::Numbers(numbers) = found {
            for number in numbers {
                if let Some(of_unit) = self.numbers.get_mut(&units.index(&number.unit)) {
                    of_unit.by_low.remove(&(Key(number.reach().0), index));
                }
            }
        }
    }

    /// Those whose results may agree with these.
    fn agreeing(&self, found: &Found, units: &mut Units, out: &mut Vec<usize>) {
        match found {
            Found::Anything => out.extend(&self.all),
            Found::Nothing => out.extend(self.nothing.iter().chain(&self.anything)),
            Found::Numbers(numbers) => {
                out.extend(&self.anything);
                for number in numbers {
                    self.near(number, units, out);
                }
            }
        }
    }

    fn near(&self, number: &Number, units: &mut Units, out: &mut Vec<usize>) {
        let own = units.index(&number.unit);
        for (unit, of_unit) in &self.numbers {
            // By the number alone too: units are missing, or two names of one.
            of_unit.near(number.reach(), out);
            if *unit != own {
                for reach in number.reaches_in(units.readings(own), units.readings(*unit)) {
                    of_unit.near(reach, out);
                }
            }
        }
    }
}

impl Numbers {
    fn near(&self, (low, high): (f64, f64), out: &mut Vec<usize>) {
        let range = (Key(low - self.widest), 0)..=(Key(high), usize::MAX);
        let near = self.by_low.range(range).filter(|(_, end)| **end >= low);
        out.extend(near.map(|((_, index), _)| *index));
    }
}

/// The units of a block, by number.
#[derive(Default)]
struct Units {
    indexes: FxHashMap<UnitNames, usize>,
    readings: Vec<Vec<Unit>>,
}

impl Units {
    fn index(&mut self, names: &UnitNames) -> usize {
        if let Some(index) = self.indexes.get(names) {
            return *index;
        }
        let index = self.readings.len();
        self.readings.push(readings(names));
        self.indexes.insert(names.clone(), index);
        index
    }

    fn readings(&self, index: usize) -> &[Unit] {
        self.readings.get(index).map(Vec::as_slice).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use ehr_model::{
        Entry, EntryId, Observation, ObservationComponent, Occurrence, Origin, Record, RecordClass, Status,
        Value,
    };
    use ehr_types::{CodeableConcept, Coding, DateTime, Decimal, Identifier, Quantity};
    use proptest::prelude::*;

    use super::super::{Looker, Surroundings, rule_of};
    use super::*;
    use crate::cluster::Verdict;
    use crate::concept::Concepts;
    use crate::policy::Policy;

    fn value() -> impl Strategy<Value = Option<Value>> {
        let numbers = prop::sample::select(vec!["36.6", "36.60", "37", "97.9", "98", "98.6", "0.37", "1e2"]);
        let units = prop::sample::select(vec!["", "Cel", "[degF]", "degf", "mg/dL", "g/L", "furlong"]);
        let words = prop::sample::select(vec!["98", "36.6 Cel", "high", ""]);
        prop_oneof![
            6 => (numbers, units).prop_map(|(number, unit)| {
                let value = Decimal::parse(number).ok()?;
                let unit = Some(unit.to_owned()).filter(|unit| !unit.is_empty());
                let code = unit.clone().filter(|unit| unit != "degf");
                Some(Value::Quantity(Quantity { value: Some(value), unit, code, ..Quantity::default() }))
            }),
            1 => words.prop_map(|text| Some(Value::String(text.to_owned()))),
            1 => prop::sample::select(vec!["high", "98"]).prop_map(|text| {
                Some(Value::CodeableConcept(CodeableConcept::from_text(text)))
            }),
            1 => (97..99i32).prop_map(|number| Some(Value::Integer(number))),
            1 => Just(None),
        ]
    }

    fn component() -> impl Strategy<Value = ObservationComponent> {
        (prop::sample::select(vec!["a", "b"]), value()).prop_map(|(name, value)| ObservationComponent {
            code: Some(CodeableConcept::from_text(name)),
            value,
            ..ObservationComponent::default()
        })
    }

    fn entry() -> impl Strategy<Value = Entry> {
        let times = prop::sample::select(vec![
            "",
            "2020",
            "2020-05-01",
            "2020-05-02",
            "2020-05-01T10:00:00Z",
            "2020-05-01T10:00:00-04:00",
            "202005011000",
            "202005011000+0000",
            "2020-05-01T10:00:30Z",
            "2020-05-01T00:00:00Z",
        ]);
        let statuses = prop::sample::select(vec![
            "final",
            "final",
            "corrected",
            "preliminary",
            "entered-in-error",
        ]);
        let codes = prop::sample::select(vec!["8310-5", "8310-5", "8867-4"]);
        let identifiers = prop::option::weighted(0.2, prop::sample::select(vec!["1", "2"]));
        let components = prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(component(), 1..3)];
        (
            (0..3u8, any::<bool>(), 0..1000u32),
            times,
            statuses,
            codes,
            identifiers,
            value(),
            components,
        )
            .prop_map(
                |((source, native, key), at, status, code, identifier, value, component)| {
                    let observation = Observation {
                        code: Some(CodeableConcept::from_coding(Coding::new(
                            "http://loinc.org",
                            code,
                        ))),
                        status: Some(Status::fhir(status)),
                        identifier: identifier
                            .map(|id| Identifier::new("urn:ids", id))
                            .into_iter()
                            .collect(),
                        effective: DateTime::parse_any(at).ok().map(Occurrence::DateTime),
                        value,
                        component,
                        ..Observation::default()
                    };
                    let key = key.to_string();
                    let origin = Origin {
                        source: source.to_string(),
                        native_id: native.then(|| key.clone()),
                        ..Origin::default()
                    };
                    Entry::new(
                        EntryId::derive(RecordClass::Observation, &[&key]),
                        origin,
                        Record::from(observation),
                    )
                },
            )
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Nothing is missed that comparing everything near in time would find.
        #[test]
        fn results_that_agree_are_compared(entries in prop::collection::vec(entry(), 2..90)) {
            let rule = rule_of(RecordClass::Observation);
            let entries: Vec<&Entry> = entries.iter().collect();
            let surroundings = Surroundings::new(&entries);
            let mut concepts = Concepts::default();
            let looks: Vec<_> = entries
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
                subjects: Default::default(),
                items: Default::default(),
                names: Default::default(),
            };
            let known: Vec<Known<'_>> = entries
                .iter()
                .zip(&looks)
                .map(|(entry, look)| Known { entry, look })
                .collect();
            let joining = |by_result: bool| -> Vec<(usize, usize)> {
                pairs_of(rule.reach(), by_result, &known, &cx)
                    .into_iter()
                    .filter(|(a, b)| {
                        matches!(rule.compare(&known[*a], &known[*b], &cx), Verdict::Same(_) | Verdict::Likely)
                    })
                    .collect()
            };
            prop_assert_eq!(joining(true), joining(false));
        }
    }
}
