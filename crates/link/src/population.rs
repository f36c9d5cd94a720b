//! Normalised records in packed form.

mod absurd;
mod bulk;
mod intake;
mod row;

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::config::Config;
use crate::intern::{Interner, Symbol, Texts, mix, stable_hash};
use crate::learned::Absurd;
use crate::normalize::{self, Nicknames};

pub(crate) use row::{Extra, NameFacts, Place, Row};

/// A set of records ready to be linked: normalised, interned and packed, about 130 bytes a record. Positions have
/// 32 bits, so that it holds four thousand million records.
///
/// For large files push one [`Record`](crate::Record) after another and let each go, or many rows at a time with
/// [`Population::push_all`], which uses all cores; [`link`](crate::link) is the short way when all records are at hand.
#[derive(Clone)]
pub struct Population {
    pub(crate) config: Config,
    pub(crate) nicknames: Arc<Nicknames>,
    pub(crate) names: Interner,
    pub(crate) facts: Vec<NameFacts>,
    pub(crate) places: Interner,
    pub(crate) contacts: Interner,
    pub(crate) codes: Interner,
    pub(crate) rows: Vec<Row>,
    pub(crate) extras: Vec<Extra>,
    pub(crate) sources: Vec<Symbol>,
    /// Hash of each record's content, which orders records whatever order they came in.
    pub(crate) content: Vec<u64>,
    pub(crate) ids: Texts,
    placeholders: Arc<FxHashSet<Box<str>>>,
}

impl std::fmt::Debug for Population {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Population")
            .field("records", &self.rows.len())
            .finish_non_exhaustive()
    }
}

impl Population {
    /// An empty population.
    pub fn new(config: &Config) -> Self {
        let placeholders = config.placeholder_names.iter();
        Self::with(
            config,
            Arc::new(Nicknames::new(&config.nicknames)),
            Arc::new(
                placeholders
                    .map(|name| normalize::fold(name).into_boxed_str())
                    .collect(),
            ),
        )
    }

    /// An empty population of the same configuration.
    pub(crate) fn empty(&self) -> Self {
        let (nicknames, placeholders) = (Arc::clone(&self.nicknames), Arc::clone(&self.placeholders));
        Self::with(&self.config, nicknames, placeholders)
    }

    fn with(config: &Config, nicknames: Arc<Nicknames>, placeholders: Arc<FxHashSet<Box<str>>>) -> Self {
        Self {
            config: config.clone(),
            nicknames,
            names: Interner::default(),
            facts: vec![NameFacts::default()],
            places: Interner::default(),
            contacts: Interner::default(),
            codes: Interner::default(),
            rows: Vec::new(),
            extras: Vec::new(),
            sources: Vec::new(),
            content: Vec::new(),
            ids: Texts::default(),
            placeholders,
        }
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no records.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The id of a record by its position; empty beyond the end.
    pub fn record_id(&self, position: usize) -> &str {
        self.ids.get(position)
    }

    /// The source of a record; empty where none is known.
    pub(crate) fn source(&self, position: usize) -> &str {
        let source = self.sources.get(position).copied().unwrap_or(0);
        self.codes.get(source)
    }

    /// A hash of a record's id, source and content.
    pub(crate) fn fingerprint(&self, position: usize) -> u64 {
        let content = self.content.get(position).copied().unwrap_or(0);
        let name = mix(stable_hash(self.record_id(position))) ^ stable_hash(self.source(position));
        mix(content ^ mix(name))
    }

    /// Treats some values as missing.
    pub(crate) fn forget(&mut self, absurd: &Absurd) {
        self.forget_from(absurd, 0, 0);
    }

    /// Treats some values as missing in the records and extras from two positions on.
    pub(crate) fn forget_from(&mut self, absurd: &Absurd, record: usize, extra: usize) {
        if absurd.is_empty() {
            return;
        }
        let holds = |list: &[u64], value: u64| list.binary_search(&value).is_ok();
        let places = &self.places;
        let forget_line = |place: &mut Place| {
            if place.street == 0 || absurd.lines.is_empty() {
                return;
            }
            let (street, number) = (places.get(place.street), places.get(place.number));
            let known = |(zip, s, n): &(u32, String, String)| {
                (*zip, s.as_str(), n.as_str()).cmp(&(place.zip, street, number))
            };
            if absurd.lines.binary_search_by(known).is_ok() {
                *place = Place {
                    city: place.city,
                    state: place.state,
                    zip: place.zip,
                    ..Place::default()
                };
            }
        };
        for row in self.rows.iter_mut().skip(record) {
            if holds(&absurd.phones, row.phone) {
                row.phone = 0;
            }
            if holds(&absurd.numbers, row.ssn.into()) {
                row.ssn = 0;
            }
            if holds(&absurd.last_fours, row.last4.into()) {
                row.last4 = 0;
            }
            if holds(&absurd.births, row.birth.0.into()) {
                row.birth = row.birth.without_default();
            }
            forget_line(&mut row.home);
            if row.email != 0 && absurd.has_email(self.contacts.get(row.email)) {
                row.email = 0;
            }
        }
        for extra in self.extras.iter_mut().skip(extra) {
            extra
                .phones
                .retain(|phone| absurd.phones.binary_search(phone).is_err());
            extra.places.iter_mut().for_each(forget_line);
            let (contacts, codes) = (&self.contacts, &self.codes);
            extra
                .emails
                .retain(|email| !absurd.has_email(contacts.get(*email)));
            extra.identifiers.retain(|(system, value, _)| {
                let known = |(s, v): &(String, String)| {
                    (s.as_str(), v.as_str()).cmp(&(codes.get(*system), codes.get(*value)))
                };
                absurd.identifiers.binary_search_by(known).is_err()
            });
        }
    }

    /// Gives each of the records, ascending, one of the extras in their order; `None` where they do not fit.
    pub(crate) fn place_extras(&mut self, records: &[u32]) -> Option<()> {
        if records.len() != self.extras.len() || !records.is_sorted_by(|x, y| x < y) {
            return None;
        }
        for (extra, record) in (1..).zip(records) {
            self.rows.get_mut(*record as usize)?.extra = extra;
        }
        Some(())
    }

    pub(crate) fn extra(&self, row: &Row) -> Option<&Extra> {
        match row.extra {
            0 => None,
            n => self.extras.get(n as usize - 1),
        }
    }

    pub(crate) fn fact(&self, name: Symbol) -> &NameFacts {
        static NONE: NameFacts = NameFacts {
            hash: 0,
            sound: 0,
            groups: [0; 4],
            in_full: 0,
            established: false,
            compound: false,
            initial: false,
        };
        self.facts.get(name as usize).unwrap_or(&NONE)
    }

    /// Orders records by content, then by name, whatever order they came in.
    pub(crate) fn rank(&self, position: u32) -> (u64, &str) {
        let at = position as usize;
        (self.content.get(at).copied().unwrap_or(0), self.record_id(at))
    }
}
