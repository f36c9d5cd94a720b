//! Results with what is known of the substance that they are of: mass and moles of it may be one amount.

use ehr_model::{ReferenceRange, Value};
use ehr_types::{CodeableConcept, Quantity};

use crate::analyte::Analyte;
use crate::context::Context;
use crate::desk::{Desk, InWords};
use crate::measure::{are_incomparable, same_amount_of};
use crate::stated::{Shown, Stated};

/// The path of a disagreement of which nobody can tell whether it is one: no conversion leads from one unit to the other, as far as is
/// known of the substance.
const UNIT: &str = "valueQuantity.unit";

/// Whether two results agree that are of what `code` says.
pub(super) fn agree(a: &Value, b: &Value, code: Option<&CodeableConcept>, cx: &Context<'_>) -> bool {
    a.agrees(b, cx)
        || match (a, b) {
            (Value::Quantity(a), Value::Quantity(b)) => {
                Analyte::of(code).is_some_and(|analyte| same_amount_of(&analyte, a, b))
            }
            _ => false,
        }
}

/// A value or a range of values, and the substance that it is of.
#[derive(Clone, PartialEq)]
pub(super) struct Measured<T> {
    stated: T,
    analyte: Option<Analyte>,
}

impl<T: Clone> Measured<T> {
    fn new(stated: &T, code: Option<&CodeableConcept>) -> Self {
        Self {
            stated: stated.clone(),
            analyte: Analyte::of(code),
        }
    }

    fn is_one(&self, other: &Self, a: &Quantity, b: &Quantity) -> bool {
        let analyte = self.analyte.or(other.analyte);
        analyte.is_some_and(|analyte| same_amount_of(&analyte, a, b))
    }
}

impl Stated for Measured<Value> {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        self.stated.agrees(&other.stated, cx)
            || match (&self.stated, &other.stated) {
                (Value::Quantity(a), Value::Quantity(b)) => self.is_one(other, a, b),
                _ => false,
            }
    }

    fn detail(&self) -> u32 {
        self.stated.detail()
    }

    fn absorb(&mut self, other: &Self, cx: &Context<'_>) {
        self.stated.absorb(&other.stated, cx);
    }

    fn is_blank(&self) -> bool {
        self.stated.is_blank()
    }
}

impl Shown for Measured<Value> {
    fn show(&self) -> String {
        self.stated.show()
    }
}

impl Stated for Measured<ReferenceRange> {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        let bound = |a: &Option<Quantity>, b: &Option<Quantity>| match (a, b) {
            (Some(a), Some(b)) => self.is_one(other, a, b),
            (None, None) => true,
            _ => false,
        };
        let (a, b) = (&self.stated, &other.stated);
        let are_ranges = (a.low.is_some() || a.high.is_some()) && a.type_ == b.type_;
        a.agrees(b, cx) || (are_ranges && bound(&a.low, &b.low) && bound(&a.high, &b.high))
    }

    fn detail(&self) -> u32 {
        self.stated.detail()
    }

    fn is_blank(&self) -> bool {
        self.stated.is_blank()
    }
}

impl Shown for Measured<ReferenceRange> {
    fn show(&self) -> String {
        self.stated.show()
    }
}

/// Results of one analyte, by place among the members.
pub(super) struct Results(Vec<Option<Measured<Value>>>);

impl Results {
    /// What each voice gives: a value and what it is of.
    pub(super) fn new<'v>(
        all: impl Iterator<Item = (Option<&'v Value>, Option<&'v CodeableConcept>)>,
    ) -> Self {
        let measured = |(value, code): (Option<&Value>, _)| value.map(|value| Measured::new(value, code));
        Self(all.map(measured).collect())
    }

    /// The result to show, and all results in words.
    pub(super) fn sides(&self, desk: &Desk<'_>) -> Option<(Value, InWords)> {
        let (shown, sides) = desk.sides(&|at| self.0.get(at)?.as_ref())?;
        Some((shown.stated, sides))
    }

    /// Reports sides; `path` is that of the result.
    pub(super) fn conflict(&self, path: &str, sides: InWords, desk: &mut Desk<'_>) {
        let of_side = |(_, voices): &(String, Vec<usize>)| {
            let first = self.0.get(*voices.first()?)?.as_ref()?;
            match &first.stated {
                Value::Quantity(quantity) if first.analyte.is_none() => Some(quantity),
                _ => None,
            }
        };
        let amounts: Option<Vec<&Quantity>> = sides.iter().map(of_side).collect();
        let no_two_compare = amounts.is_some_and(|amounts| {
            let mut rest = amounts.as_slice();
            while let Some((first, others)) = rest.split_first() {
                if !others.iter().all(|other| are_incomparable(first, other)) {
                    return false;
                }
                rest = others;
            }
            true
        });
        desk.conflict(if no_two_compare { UNIT } else { path }, sides);
    }
}

/// Reference ranges as a whole.
pub(super) fn ranges<'v>(
    all: impl Iterator<Item = (&'v [ReferenceRange], Option<&'v CodeableConcept>)>,
    desk: &mut Desk<'_>,
) -> Vec<ReferenceRange> {
    let measured =
        |(list, code): (&[ReferenceRange], Option<&CodeableConcept>)| -> Vec<Measured<ReferenceRange>> {
            list.iter().map(|range| Measured::new(range, code)).collect()
        };
    let lists: Vec<Vec<Measured<ReferenceRange>>> = all.map(measured).collect();
    let shown = desk.whole("referenceRange", &|at| lists.get(at).map_or(&[], Vec::as_slice));
    shown.into_iter().map(|range| range.stated).collect()
}
