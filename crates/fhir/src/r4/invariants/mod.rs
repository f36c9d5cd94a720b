//! Invariants that need values, by the keys of the specification.
//!
//! Those that say only which elements stand together are in the type tables (see `xtask/src/fhir/rules.rs`); ele-1, ref-1
//! and dom-2 to dom-5 are with the reader, which sees empty elements and the whole resource. Of the constraints that the
//! StructureDefinitions of R4 (4.0.1) have, these are not checked:
//!
//! | key | why not |
//! |---|---|
//! | dom-6 | best practice, a warning: most feeds have no narrative, and its absence makes nothing wrong |
//! | adf-0, cid-0, cmd-0 … vsd-0, inv-0 | warnings: the name of an artifact should suit generators of code |
//! | eld-20, eld-21 | warnings of the same kind, for names of elements and constraints without an expression |
//! | ppc-2 to ppc-5 | as published they ask for a code system named `something`, so that nothing can break them |
//! | mqty-1 | of the profile MoneyQuantity, which no element of R4 uses |
//! | tst-4 | its elements are required each, which is reported |
//!
//! In tests that share a type (`TestScript.setup.action`, `.test.action`), the key is that of setup: tst-5 stands for
//! tst-6, tst-7 for tst-8 and tst-9, tst-10 for tst-11, tst-12 for tst-13. A rule about repeating parts is reported at the
//! part, not at the resource that the specification attaches it to: mea-1, mrp-2.

mod administration;
mod bundle;
mod clinical;
mod conformance;
mod datatype;
mod measure;
mod quantity;
mod questionnaire;
mod structure;
mod terminology;
mod test_script;

use std::collections::BTreeSet;

use ehr_types::Severity;

pub(crate) use administration::*;
pub(crate) use bundle::*;
pub(crate) use clinical::*;
pub(crate) use conformance::*;
pub(crate) use datatype::*;
pub(crate) use measure::*;
pub(crate) use quantity::*;
pub(crate) use questionnaire::*;
pub(crate) use structure::*;
pub(crate) use terminology::*;
pub(crate) use test_script::*;

use crate::element::{Element, Field, Node};
use crate::scope::{BrokenRule, Scope};

/// Whether a member has a value, or stands there in a form that its field cannot hold; of a choice (`value[x]`), any.
fn exists(node: &dyn Node, field: bool, name: &str) -> bool {
    field
        || node.extra().is_some_and(|extra| {
            let of_choice = |field: &Field| field.choice() == Some(name) && extra.mentions(field.name());
            extra.mentions(name) || (name.ends_with(']') && node.describe().fields.iter().any(of_choice))
        })
}

/// Whether a primitive has a value, be it one that its field cannot hold: an extension is none.
fn has_value(node: &dyn Node, field: bool, name: &str) -> bool {
    field || node.extra().is_some_and(|extra| extra.holds_value(name))
}

fn distinct<'a>(mut items: impl Iterator<Item = &'a str>) -> bool {
    let mut seen = BTreeSet::new();
    items.all(|item| seen.insert(item))
}

/// Reports a warning unless `holds`: for constraints that the specification calls so, and what is suspicious.
fn advise(at: &mut Scope<'_>, holds: bool, key: &'static str, member: &'static str, message: &'static str) {
    if !holds {
        let severity = Severity::Warning;
        at.rules.push(BrokenRule {
            key,
            severity,
            member: member.into(),
            message,
        });
    }
}
