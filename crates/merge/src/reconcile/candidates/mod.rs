//! The pairs worth comparing: those that share a code, words or an identifier, and that lie next to each other in time.
//!
//! Charts hold thousands of results of one analyte on one day. Each entry meets a bounded number of others, so that the
//! work grows with the number of entries and not with its square: all others where these are few, else in each source the
//! [nearest in time](window), and for classes with results the nearest whose [results agree](agreeing).

use rustc_hash::FxHashMap;

use self::agreeing::agreeing_pairs;
use self::window::{Line, Spot};
use super::facts::Known;
use super::{ClassRule, OneSource};
use crate::concept::ConceptBlock;
use crate::context::Context;
use crate::moment::Clock;

mod agreeing;
mod window;

/// An identifier that so many entries share identifies none of them.
const IDENTIFIER_BLOCK: usize = 64;

/// What to compare.
#[derive(Default)]
pub(crate) struct Candidates {
    /// Pairs of indexes, the lower first, each once.
    pub(crate) pairs: Vec<(usize, usize)>,
    /// By index: whether there are more partners than are compared, so that a likely one is not the only one.
    pub(crate) crowded: Vec<bool>,
}

impl Candidates {
    /// Takes further pairs in.
    pub(super) fn add(&mut self, pairs: impl IntoIterator<Item = (usize, usize)>) {
        self.pairs.extend(pairs);
        self.pairs.sort_unstable();
        self.pairs.dedup();
    }
}

#[derive(PartialEq, Eq, Hash)]
enum Block<'a> {
    Concept(ConceptBlock),
    Name(&'a str),
    Identifier(&'a str),
    /// The versions of a record of one source.
    Versions(&'a str, &'a str),
}

/// The pairs of `known` that are worth comparing.
pub(super) fn candidates(rule: &dyn ClassRule, known: &[Known<'_>], cx: &Context<'_>) -> Candidates {
    let mut search = Search {
        rule,
        known,
        identified: false,
        found: Candidates {
            pairs: Vec::new(),
            crowded: vec![false; known.len()],
        },
    };
    for (block, list) in blocks(known, cx) {
        search.identified = matches!(block, Block::Identifier(_) | Block::Versions(..));
        search.block(&list);
    }
    search.found.add([]);
    search.found
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
        let origin = &one.entry.origin;
        let native = origin.native_id.as_deref();
        let versions = native.map(|id| Block::Versions(&origin.source, id));
        for block in concepts.chain(names).chain(identifiers).chain(versions) {
            let list = blocks.entry(block).or_default();
            if list.last() != Some(&index) {
                list.push(index);
            }
        }
    }
    blocks
}

fn pair(a: usize, b: usize) -> (usize, usize) {
    (a.min(b), a.max(b))
}

struct Search<'s, 'a> {
    rule: &'s dyn ClassRule,
    known: &'s [Known<'a>],
    /// Whether the entries of the block share an identifier, or are versions of one record.
    identified: bool,
    found: Candidates,
}

impl<'a> Search<'_, 'a> {
    fn block(&mut self, list: &[usize]) {
        if self.identified && list.len() <= IDENTIFIER_BLOCK {
            self.all_pairs(list);
            return;
        }
        let is_long = list.len() > Line::ALL;
        let by_utc = self.lines(list, Clock::Utc);
        self.near_pairs(&by_utc, is_long && !self.rule.by_result());
        if is_long {
            // One reading of the clock is one time where a zone is missing.
            let by_clock = self.lines(list, Clock::Local);
            self.near_pairs(&by_clock, false);
            if self.rule.by_result() {
                agreeing_pairs(self.known, &by_utc, self.identified, &mut self.found);
            }
        }
    }

    fn all_pairs(&mut self, list: &[usize]) {
        for (at, a) in list.iter().enumerate() {
            let rest = list.iter().skip(at + 1);
            self.found.pairs.extend(rest.map(|b| pair(*a, *b)));
        }
    }

    /// The entries of each source, those with a time apart from those without.
    fn lines(&self, list: &[usize], clock: Clock) -> Vec<Line<'a>> {
        let mut lines: FxHashMap<(&'a str, bool), Vec<Spot>> = FxHashMap::default();
        for index in list {
            if let Some(one) = self.known.get(*index) {
                let spot = Spot::new(*index, one.look.start, self.rule.reach(), clock);
                let key = (one.entry.origin.source.as_str(), one.look.start.is_some());
                lines.entry(key).or_default().push(spot);
            }
        }
        lines
            .into_iter()
            .map(|((source, dated), spots)| Line::new(source, dated, spots))
            .collect()
    }

    fn near_pairs(&mut self, lines: &[Line<'_>], may_crowd: bool) {
        for (own, line) in lines
            .iter()
            .flat_map(|own| lines.iter().map(move |line| (own, line)))
        {
            let one_source = own.source == line.source;
            if one_source && !self.identified && self.rule.one_source() == OneSource::Marked {
                continue;
            }
            for spot in &own.spots {
                let (near, more) = line.near(spot);
                if more
                    && may_crowd
                    && let Some(crowded) = self.found.crowded.get_mut(spot.index)
                {
                    *crowded = true;
                }
                for other in near {
                    if other.index != spot.index && (!one_source || self.may_be_one(spot.index, other.index))
                    {
                        self.found.pairs.push(pair(spot.index, other.index));
                    }
                }
            }
        }
    }

    /// Whether two entries of one source may be one fact.
    fn may_be_one(&self, a: usize, b: usize) -> bool {
        let (Some(a), Some(b)) = (self.known.get(a), self.known.get(b)) else {
            return false;
        };
        self.identified
            || match self.rule.one_source() {
                OneSource::Free => true,
                OneSource::Untold => !a.is_told_apart_from(b) || a.look.results.stage != b.look.results.stage,
                OneSource::Marked => false,
            }
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

    use super::super::{rule_of, scale::looked_at};
    use super::*;
    use crate::cluster::Verdict;

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
            let (found, all) = looked_at(rule, &entries, |known, cx| {
                let joins = |a: usize, b: usize| {
                    matches!(rule.compare(&known[a], &known[b], cx), Verdict::Same(_) | Verdict::Likely)
                };
                let found = candidates(rule, known, cx).pairs.into_iter();
                let found: Vec<_> = found.filter(|(a, b)| joins(*a, *b)).collect();
                let all = (0..known.len()).flat_map(|a| (a + 1..known.len()).map(move |b| (a, b)));
                let all: Vec<_> = all.filter(|(a, b)| joins(*a, *b)).collect();
                (found, all)
            });
            prop_assert_eq!(found, all);
        }
    }
}
