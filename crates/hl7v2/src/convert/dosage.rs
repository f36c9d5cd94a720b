//! RXR and RXC; amounts, forms and strengths of medication.

use ehr_model::{Amount, Annotation, Dosage};
use ehr_types::{CodeableConcept, Decimal, Quantity, Range};

use super::conversion::{Conversion, remark};
use super::datatype::words;
use super::group::Pharmacy;
use super::reading::{At, Seg};

impl<'r> Conversion<'r, '_> {
    /// RXR: route, site, method.
    pub(super) fn routes(&mut self, item: &Pharmacy<'r>, dosage: &mut Dosage) {
        let mut first = true;
        for route in &item.routes {
            if first {
                dosage.route = self.concept_of(route.at(1), 162);
                dosage.site = self.concept_of(route.at(2), 163);
                if let Some(site) = &mut dosage.site {
                    // RXR-6 narrows RXR-2.
                    let modifier = self.concept_of(route.at(6), 495);
                    site.codings
                        .extend(modifier.into_iter().flat_map(|modifier| modifier.codings));
                }
                dosage.method = self.concept_of(route.at(4), 165);
                // RXR-3: with what it is given.
                dosage
                    .additional_instruction
                    .extend(self.concept_of(route.at(3), 164));
                dosage.additional_instruction.extend(self.concept(route.at(5)));
            } else {
                // A further way is a choice: it stands in words.
                let choice: Vec<String> = [1, 2]
                    .into_iter()
                    .filter_map(|field| words(route.at(field)))
                    .collect();
                if !choice.is_empty() {
                    dosage
                        .additional_instruction
                        .push(CodeableConcept::from_text(choice.join(", ")));
                }
            }
            first = false;
        }
    }

    /// RXC: what a mixture consists of, in words: `A: Dextrose 5 % 500 mL`.
    pub(super) fn components(&mut self, item: &Pharmacy<'r>, notes: &mut Vec<Annotation>) {
        for seg in &item.components {
            let kind = seg.code(1);
            let what = self.concept(seg.at(2));
            let amount = self.units_of(seg.at(3), seg.at(4));
            let strength = self.units_of(seg.at(5), seg.at(6));
            let mut words: Vec<String> = Vec::new();
            words.extend(kind.map(|kind| format!("{kind}:")));
            words.extend(
                what.iter()
                    .flat_map(|what| {
                        let coding = what.codings.first();
                        [
                            coding.and_then(|coding| coding.code.clone()),
                            what.text
                                .clone()
                                .or_else(|| coding.and_then(|coding| coding.display.clone())),
                        ]
                    })
                    .flatten(),
            );
            words.extend([strength, amount].iter().flatten().map(in_words));
            if !words.is_empty() {
                notes.push(remark(words.join(" ")));
            }
        }
    }

    /// Least and most (RXO-2, 3, 4 and the like) as one dose.
    pub(super) fn amount(&self, least: At<'r>, most: At<'r>, units: At<'r>) -> Option<Amount> {
        let with = |value: Decimal| {
            self.sender().with_units(
                Quantity {
                    value: Some(value),
                    ..Quantity::default()
                },
                units,
            )
        };
        match (least.decimal(), most.decimal()) {
            (Some(low), Some(high)) if low != high => Some(Amount::Range(Range {
                low: Some(with(low)),
                high: Some(with(high)),
            })),
            (low, high) => low.or(high).map(|value| Amount::Quantity(with(value))),
        }
    }

    pub(super) fn units_of(&self, amount: At<'r>, units: At<'r>) -> Option<Quantity> {
        let value = amount.decimal()?;
        Some(self.sender().with_units(
            Quantity {
                value: Some(value),
                ..Quantity::default()
            },
            units,
        ))
    }

    pub(super) fn strength(&self, amount: At<'r>, units: At<'r>, notes: &mut Vec<Annotation>) {
        if let Some(strength) = self.units_of(amount, units) {
            notes.push(remark(format!("Strength: {}", in_words(&strength))));
        }
    }
}

/// What the model has no place for at an order or at what was given, in words with what they are: `Lot: A12`.
pub(super) fn labelled(seg: Seg<'_>, field: u32, label: &str, notes: &mut Vec<Annotation>) {
    let said = seg.all(field).filter_map(words);
    notes.extend(said.map(|words| remark(format!("{label}: {words}"))));
}

/// What an instruction says, in one line: its words with its codes.
pub(super) fn instruction(concept: &CodeableConcept) -> Annotation {
    let mut said: Vec<&str> = concept.text.as_deref().into_iter().collect();
    for coding in &concept.codings {
        for part in [&coding.display, &coding.code].into_iter().flatten() {
            if !said.contains(&part.as_str()) {
                said.push(part);
            }
        }
    }
    remark(said.join(", "))
}

pub(super) fn in_words(quantity: &Quantity) -> String {
    let number = quantity.value.as_ref().map(|value| value.as_str().to_owned());
    let words: Vec<String> = number.into_iter().chain(quantity.unit.clone()).collect();
    words.join(" ")
}

pub(super) fn amount_in_words(amount: &Amount) -> String {
    let [first, link, second] = match amount {
        Amount::Quantity(quantity) => [Some(quantity), None, None].map(|quantity| quantity.map(in_words)),
        Amount::Range(range) => [
            range.low.as_ref().map(in_words),
            Some("to".to_owned()),
            range.high.as_ref().map(in_words),
        ],
        Amount::Ratio(ratio) => [
            ratio.numerator.as_ref().map(in_words),
            Some("per".to_owned()),
            ratio.denominator.as_ref().map(in_words),
        ],
    };
    let words: Vec<String> = [first, link, second].into_iter().flatten().collect();
    words.join(" ")
}

/// Table 0161 and 0167 in part: whether another product may be given.
pub(super) fn substitution(at: At<'_>) -> Option<bool> {
    let allowed = match at.peek_code()?.as_str() {
        "N" => false,
        "G" | "T" | "Y" => true,
        _ => return None,
    };
    at.leaf().mark();
    Some(allowed)
}
