//! Tables of codes.

use std::fmt;

use super::generated::codes::{CODES, TABLES};
use super::names::name;
use super::version::Version;

/// The codes that a table holds in one version.
///
/// Only codes are held, no descriptions. Tables of local codes ("user-defined") list the codes that
/// the standard suggests.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TableDefinition {
    number: u16,
    version: Version,
    start: u16,
    end: u16,
}

impl TableDefinition {
    pub(super) fn find(number: u16, version: Version) -> Option<Self> {
        let count = TABLES.len() / 2;
        let at = |index: usize| TABLES.get(index * 2).copied();
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low.midpoint(high);
            if at(middle)? < number {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if low >= count || at(low)? != number {
            return None;
        }
        let start = *TABLES.get(low * 2 + 1)?;
        let end = TABLES
            .get(low * 2 + 3)
            .copied()
            .unwrap_or((CODES.len() / 2) as u16);
        let table = Self {
            number,
            version,
            start,
            end,
        };
        table.codes().next().is_some().then_some(table)
    }

    /// The number of the table.
    pub fn number(&self) -> u16 {
        self.number
    }

    /// The codes, in the order of their characters.
    pub fn codes(&self) -> impl Iterator<Item = &'static str> + use<> {
        let bit = self.version.bit();
        self.rows().chunks_exact(2).filter_map(move |pair| match pair {
            [code, versions] if versions & bit != 0 => Some(name(*code)),
            _ => None,
        })
    }

    /// Whether the table holds a code.
    pub fn contains(&self, code: &str) -> bool {
        let rows = self.rows();
        let (mut low, mut high) = (0, rows.len() / 2);
        while low < high {
            let middle = low.midpoint(high);
            let Some([at, versions]) = rows.get(middle * 2..middle * 2 + 2) else {
                return false;
            };
            match name(*at).cmp(code) {
                std::cmp::Ordering::Equal => return versions & self.version.bit() != 0,
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        false
    }

    /// Whether the list is whole: no entry stands for further codes (`10 ... 19`, `HL7nnnn`, `varies`).
    pub fn is_closed(&self) -> bool {
        const OPEN: [&str; 9] = ["...", " _", "<", ">", "nn", "xxx", "zzz", "??", "#"];
        self.codes().all(|code| {
            !code.eq_ignore_ascii_case("varies")
                && code != "_"
                && !OPEN.iter().any(|mark| code.contains(mark))
        })
    }

    fn rows(&self) -> &'static [u16] {
        CODES
            .get(usize::from(self.start) * 2..usize::from(self.end) * 2)
            .unwrap_or_default()
    }
}

impl fmt::Debug for TableDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "TableDefinition(HL7{:04}, {} codes)",
            self.number,
            self.codes().count()
        )
    }
}
