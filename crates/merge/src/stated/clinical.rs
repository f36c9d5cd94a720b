//! What is given, what it does, and how it is said: doses, ingredients, reactions, remarks, files.

use ehr_model::{
    Annotation, Attachment, Dosage, FamilyCondition, GoalTarget, Hospitalization, Ingredient, Reaction,
};

use super::{Shown, Stated, agree, alike, fill, label, listed, same_set, shown};
use crate::context::Context;
use crate::wording::words;

impl Stated for Dosage {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        agree(self.dose.as_ref(), other.dose.as_ref(), cx)
            && agree(self.rate.as_ref(), other.rate.as_ref(), cx)
            && agree(self.route.as_ref(), other.route.as_ref(), cx)
            && agree(self.timing.as_ref(), other.timing.as_ref(), cx)
            && agree(self.as_needed.as_ref(), other.as_needed.as_ref(), cx)
            && (self.dose.is_some()
                || other.dose.is_some()
                || agree(self.text.as_ref(), other.text.as_ref(), cx))
    }

    fn detail(&self) -> u32 {
        [
            self.text.is_some(),
            self.timing.is_some(),
            self.route.is_some(),
            self.dose.is_some(),
            self.rate.is_some(),
            self.site.is_some(),
            self.as_needed.is_some(),
        ]
        .into_iter()
        .map(u32::from)
        .sum()
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.text, other.text.as_ref());
        fill(&mut self.timing, other.timing.as_ref());
        fill(&mut self.route, other.route.as_ref());
        fill(&mut self.dose, other.dose.as_ref());
        fill(&mut self.rate, other.rate.as_ref());
        fill(&mut self.site, other.site.as_ref());
        fill(&mut self.method, other.method.as_ref());
        fill(&mut self.as_needed, other.as_needed.as_ref());
        fill(&mut self.patient_instruction, other.patient_instruction.as_ref());
    }

    fn is_blank(&self) -> bool {
        self.show().is_empty()
    }
}

impl Shown for Dosage {
    fn show(&self) -> String {
        let as_needed = if self.as_needed == Some(true) {
            "as needed"
        } else {
            ""
        };
        let structured = listed([
            shown(self.dose.as_ref()),
            shown(self.rate.as_ref()),
            label(self.route.as_ref()),
            shown(self.timing.as_ref()),
            as_needed.to_owned(),
        ]);
        if structured.is_empty() {
            return self.text.clone().unwrap_or_default();
        }
        structured
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
            && agree(self.onset.as_ref(), other.onset.as_ref(), cx)
            && (!self.manifestation.is_empty()
                || alike(self.description.as_ref(), other.description.as_ref(), cx))
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
    }
}

impl Stated for FamilyCondition {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        alike(self.code.as_ref(), other.code.as_ref(), cx)
            && agree(self.onset.as_ref(), other.onset.as_ref(), cx)
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
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
