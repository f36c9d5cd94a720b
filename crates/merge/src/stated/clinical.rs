//! What is given, what it does, and how it is said: doses, ingredients, reactions, remarks, files.

use ehr_model::{
    Annotation, Attachment, Dosage, FamilyCondition, GoalTarget, Hospitalization, Ingredient, Reaction,
};

use super::{Shown, Stated, agree, alike, fill, label, listed, same_set, shown, take_in};
use crate::context::Context;
use crate::wording::words;

impl Stated for Dosage {
    /// Both can be meant by one instruction: neither has a half that the other lacks, because an amount of one source at the times or
    /// by the route of another is what nobody ordered.
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        (covers(self, other) || covers(other, self))
            && is_as_needed(self) == is_as_needed(other)
            && agree(self.dose.as_ref(), other.dose.as_ref(), cx)
            && agree(self.rate.as_ref(), other.rate.as_ref(), cx)
            && agree(self.route.as_ref(), other.route.as_ref(), cx)
            && agree(self.site.as_ref(), other.site.as_ref(), cx)
            && agree(self.method.as_ref(), other.method.as_ref(), cx)
            && agree(self.timing.as_ref(), other.timing.as_ref(), cx)
            && agree(self.as_needed_for.as_ref(), other.as_needed_for.as_ref(), cx)
            && agree(
                self.max_dose_per_period.as_ref(),
                other.max_dose_per_period.as_ref(),
                cx,
            )
            && agree(
                self.max_dose_per_administration.as_ref(),
                other.max_dose_per_administration.as_ref(),
                cx,
            )
            && agree(
                self.max_dose_per_lifetime.as_ref(),
                other.max_dose_per_lifetime.as_ref(),
                cx,
            )
            && agree(
                self.patient_instruction.as_ref(),
                other.patient_instruction.as_ref(),
                cx,
            )
            && same_words(self, other, cx)
    }

    /// The halves of a dosage count most, so that who tells all of them is shown.
    fn detail(&self) -> u32 {
        let halves = halves(self).into_iter().map(|is_told| 16 * u32::from(is_told));
        let rest = [
            self.text.is_some(),
            self.site.is_some(),
            self.as_needed.is_some(),
            self.max_dose_per_period.is_some(),
            self.max_dose_per_administration.is_some(),
            self.patient_instruction.is_some(),
        ];
        halves.chain(rest.into_iter().map(u32::from)).sum()
    }

    /// In the order of their numbers, where all have one: a dose that falls is not one that rises.
    fn same_list(a: &[Self], b: &[Self], cx: &Context<'_>) -> bool {
        if !same_set(a, b, cx) {
            return false;
        }
        match (in_sequence(a), in_sequence(b)) {
            (Some(a), Some(b)) => a.len() == b.len() && a.iter().zip(&b).all(|(x, y)| x.agrees(y, cx)),
            _ => true,
        }
    }

    fn absorb(&mut self, other: &Self, cx: &Context<'_>) {
        take_in(
            &mut self.additional_instruction,
            &other.additional_instruction,
            cx,
        );
        fill(&mut self.dose_type, other.dose_type.as_ref());
        fill(
            &mut self.max_dose_per_administration,
            other.max_dose_per_administration.as_ref(),
        );
        fill(
            &mut self.max_dose_per_lifetime,
            other.max_dose_per_lifetime.as_ref(),
        );
        fill(&mut self.text, other.text.as_ref());
        fill(&mut self.timing, other.timing.as_ref());
        fill(&mut self.route, other.route.as_ref());
        fill(&mut self.dose, other.dose.as_ref());
        fill(&mut self.rate, other.rate.as_ref());
        fill(&mut self.site, other.site.as_ref());
        fill(&mut self.method, other.method.as_ref());
        fill(&mut self.as_needed, other.as_needed.as_ref());
        fill(&mut self.as_needed_for, other.as_needed_for.as_ref());
        fill(&mut self.max_dose_per_period, other.max_dose_per_period.as_ref());
        fill(&mut self.patient_instruction, other.patient_instruction.as_ref());
    }

    fn is_blank(&self) -> bool {
        self.show().is_empty()
    }
}

/// The halves of a dosage that only one source together can tell: how much, when, by which route.
fn halves(dosage: &Dosage) -> [bool; 3] {
    [
        has_amount(dosage),
        dosage.timing.is_some(),
        dosage.route.is_some(),
    ]
}

/// Whether a dosage tells each half that the other tells.
fn covers(dosage: &Dosage, other: &Dosage) -> bool {
    let told = halves(dosage).into_iter().zip(halves(other));
    told.into_iter().all(|(mine, theirs)| mine || !theirs)
}

/// Whether it is taken as needed: said so in parts, or in words alone.
fn is_as_needed(dosage: &Dosage) -> bool {
    let in_words = || {
        let text = dosage.text.as_deref().map(words).unwrap_or_default();
        text.contains("as needed") || text.split(' ').any(|word| word == "prn")
    };
    dosage
        .as_needed
        .unwrap_or_else(|| dosage.as_needed_for.is_some() || in_words())
}

/// The dosages by their numbers, where there are several and all have one of their own.
fn in_sequence(list: &[Dosage]) -> Option<Vec<&Dosage>> {
    let mut numbered: Vec<(i32, &Dosage)> = list
        .iter()
        .map(|dosage| Some((dosage.sequence?, dosage)))
        .collect::<Option<_>>()?;
    numbered.sort_by_key(|(number, _)| *number);
    let is_order = numbered.len() > 1
        && numbered
            .windows(2)
            .all(|pair| matches!(pair, [a, b] if a.0 != b.0));
    is_order.then(|| numbered.into_iter().map(|(_, dosage)| dosage).collect())
}

impl Shown for Dosage {
    fn show(&self) -> String {
        let as_needed = match (is_as_needed(self), &self.as_needed_for) {
            (true, Some(reason)) => format!("as needed for {}", label(Some(reason))),
            (true, None) => "as needed".to_owned(),
            (false, _) => String::new(),
        };
        let at_most = |most: Option<String>, of: &str| {
            most.map(|most| format!("at most {most}{of}")).unwrap_or_default()
        };
        listed([
            only_in_words(self).unwrap_or_default().to_owned(),
            shown(self.dose.as_ref()),
            shown(self.rate.as_ref()),
            label(self.route.as_ref()),
            label(self.site.as_ref()),
            shown(self.timing.as_ref()),
            as_needed,
            at_most(self.max_dose_per_period.as_ref().map(Shown::show), ""),
            at_most(
                self.max_dose_per_administration.as_ref().map(Shown::show),
                " at a time",
            ),
            at_most(
                self.max_dose_per_lifetime.as_ref().map(Shown::show),
                " in a lifetime",
            ),
            self.patient_instruction.clone().unwrap_or_default(),
        ])
    }
}

/// The words of a dosage that tells nowhere else how much is given, or when.
fn only_in_words(dosage: &Dosage) -> Option<&str> {
    let is_structured = has_amount(dosage) && dosage.timing.is_some();
    dosage.text.as_deref().filter(|_| !is_structured)
}

fn has_amount(dosage: &Dosage) -> bool {
    dosage.dose.is_some() || dosage.rate.is_some()
}

/// Whether the words do not contradict each other where they alone tell the dosage. Words and a dose cannot be compared:
/// somebody has to read both.
fn same_words(a: &Dosage, b: &Dosage, cx: &Context<'_>) -> bool {
    if only_in_words(a).is_none() && only_in_words(b).is_none() {
        return true;
    }
    match (&a.text, &b.text) {
        (Some(a), Some(b)) => a.agrees(b, cx),
        // The words may tell what the other side has in parts.
        (Some(_), None) => covers(a, b),
        (None, Some(_)) => covers(b, a),
        (None, None) => true,
    }
}

impl Stated for Ingredient {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        alike(self.item.as_ref(), other.item.as_ref(), cx)
            && agree(self.strength.as_ref(), other.strength.as_ref(), cx)
    }
}

impl Shown for Ingredient {
    fn show(&self) -> String {
        listed([shown(self.item.as_ref()), shown(self.strength.as_ref())])
    }
}

impl Stated for Reaction {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        same_set(&self.manifestation, &other.manifestation, cx)
            && agree(self.substance.as_ref(), other.substance.as_ref(), cx)
            && agree(self.onset.as_ref(), other.onset.as_ref(), cx)
            && agree(self.severity.as_ref(), other.severity.as_ref(), cx)
            && agree(self.exposure_route.as_ref(), other.exposure_route.as_ref(), cx)
            && agree(self.description.as_ref(), other.description.as_ref(), cx)
            && (!self.manifestation.is_empty() || self.description.is_some() == other.description.is_some())
    }

    fn absorb(&mut self, other: &Self, cx: &Context<'_>) {
        for (mine, theirs) in self.manifestation.iter_mut().zip(&other.manifestation) {
            if mine.agrees(theirs, cx) {
                mine.absorb(theirs, cx);
            }
        }
        fill(&mut self.substance, other.substance.as_ref());
        fill(&mut self.description, other.description.as_ref());
        fill(&mut self.onset, other.onset.as_ref());
        fill(&mut self.severity, other.severity.as_ref());
        fill(&mut self.exposure_route, other.exposure_route.as_ref());
        take_in(&mut self.note, &other.note, cx);
    }
}

impl Stated for FamilyCondition {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        alike(self.code.as_ref(), other.code.as_ref(), cx)
            && agree(self.onset.as_ref(), other.onset.as_ref(), cx)
            && agree(self.outcome.as_ref(), other.outcome.as_ref(), cx)
            && agree(
                self.contributed_to_death.as_ref(),
                other.contributed_to_death.as_ref(),
                cx,
            )
    }

    fn absorb(&mut self, other: &Self, cx: &Context<'_>) {
        if let (Some(mine), Some(theirs)) = (&mut self.code, &other.code) {
            mine.absorb(theirs, cx);
        }
        take_in(&mut self.note, &other.note, cx);
        fill(&mut self.onset, other.onset.as_ref());
        fill(&mut self.outcome, other.outcome.as_ref());
        fill(
            &mut self.contributed_to_death,
            other.contributed_to_death.as_ref(),
        );
    }
}

impl Stated for Hospitalization {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        agree(self.admit_source.as_ref(), other.admit_source.as_ref(), cx)
            && agree(
                self.discharge_disposition.as_ref(),
                other.discharge_disposition.as_ref(),
                cx,
            )
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(
            &mut self.pre_admission_identifier,
            other.pre_admission_identifier.as_ref(),
        );
        fill(&mut self.origin, other.origin.as_ref());
        fill(&mut self.admit_source, other.admit_source.as_ref());
        fill(&mut self.re_admission, other.re_admission.as_ref());
        fill(&mut self.destination, other.destination.as_ref());
        fill(
            &mut self.discharge_disposition,
            other.discharge_disposition.as_ref(),
        );
    }
}

impl Shown for Hospitalization {
    fn show(&self) -> String {
        listed([
            shown(self.admit_source.as_ref()),
            shown(self.discharge_disposition.as_ref()),
        ])
    }
}

impl Shown for GoalTarget {
    fn show(&self) -> String {
        let due = match (&self.due_date, &self.due_duration) {
            (Some(date), _) => format!("by {}", date.show()),
            (None, Some(duration)) => format!("within {}", duration.show()),
            (None, None) => String::new(),
        };
        listed([shown(self.measure.as_ref()), shown(self.detail.as_ref()), due])
    }
}

impl Stated for Annotation {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        words(&self.text) == words(&other.text)
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.author, other.author.as_ref());
        fill(&mut self.time, other.time.as_ref());
    }
}

impl Stated for Attachment {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        match (&self.data, &other.data, &self.hash, &other.hash) {
            (Some(a), Some(b), _, _) => a == b,
            (_, _, Some(a), Some(b)) => a == b,
            _ => self == other,
        }
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.title, other.title.as_ref());
        fill(&mut self.content_type, other.content_type.as_ref());
        fill(&mut self.language, other.language.as_ref());
        fill(&mut self.data, other.data.as_ref());
    }
}
