//! Medicinal products: one code, and the same form, strength and lot.

use ehr_model::Medication;

use super::{Facts, Look, Looker, OneSource, Rule, is_error};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::project::fields;
use crate::stated::{Stated, same_set};

impl Rule for Medication {
    const REACH: Option<i64> = None;
    const ONE_SOURCE: OneSource = OneSource::Free;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.about(self.code.as_ref());
    }

    fn told_by(&self, _: &Look) -> Option<Self> {
        Some(Self {
            code: self.code.clone(),
            form: self.form.clone(),
            lot_number: self.lot_number.clone(),
            ingredient: self.ingredient.clone(),
            ..Self::default()
        })
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        let (x, y) = (a.record, b.record);
        if let Some(verdict) = a.concept(b, cx).unless_same(|| Verdict::Unsure) {
            return verdict;
        }
        let differ = |differs: Option<bool>| differs.unwrap_or(false);
        let form = x
            .form
            .as_ref()
            .zip(y.form.as_ref())
            .map(|(a, b)| !a.agrees(b, cx));
        let lot = x
            .lot_number
            .as_ref()
            .zip(y.lot_number.as_ref())
            .map(|(a, b)| !a.agrees(b, cx));
        let ingredients = !x.ingredient.is_empty()
            && !y.ingredient.is_empty()
            && !same_set(&x.ingredient, &y.ingredient, cx);
        if differ(form) || differ(lot) || ingredients {
            return Verdict::Different;
        }
        Verdict::Same(50)
    }

    fn standing(&self) -> i8 {
        is_error(self.status.as_ref())
    }
}

fields!(Medication {
    identifier: union,
    code: named("code"),
    status: status("status"),
    manufacturer: fill,
    form: one("form"),
    amount: one("amount"),
    ingredient: whole("ingredient"),
    lot_number: one("batch.lotNumber"),
    expiration_date: one("batch.expirationDate"),
});
