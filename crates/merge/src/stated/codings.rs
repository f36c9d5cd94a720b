//! Words, codes, and what leads elsewhere: identifiers and references.

use ehr_model::{Reference, Status};
use ehr_types::{CodeableConcept, Coding, Identifier};

use super::{Shown, Stated, agree, fill};
use crate::context::Context;
use crate::equivalence::Relation;
use crate::wording::words;

impl Stated for String {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        words(self) == words(other)
    }

    fn is_blank(&self) -> bool {
        self.trim().is_empty()
    }
}

impl Stated for Coding {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        self.is_same_as(other) || (self.system.is_none() && self.code == other.code && other.system.is_none())
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.display, other.display.as_ref());
        fill(&mut self.version, other.version.as_ref());
    }
}

impl Shown for Coding {
    fn show(&self) -> String {
        match (&self.display, &self.code) {
            (Some(display), Some(code)) => format!("{display} ({code})"),
            (Some(text), None) | (None, Some(text)) => text.clone(),
            (None, None) => String::new(),
        }
    }
}

impl Stated for CodeableConcept {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        self == other || cx.relate(self, other) == Relation::Same
    }

    fn detail(&self) -> u32 {
        self.codings.len() as u32 * 2 + u32::from(self.text.is_some())
    }

    fn absorb(&mut self, other: &Self, cx: &Context<'_>) {
        for coding in &other.codings {
            match self.codings.iter_mut().find(|known| known.agrees(coding, cx)) {
                Some(known) => known.absorb(coding, cx),
                None => self.codings.push(coding.clone()),
            }
        }
        fill(&mut self.text, other.text.as_ref());
        if self.codings.is_empty() && self.text.is_none() {
            fill(&mut self.absent, other.absent.as_ref());
        }
    }

    fn is_blank(&self) -> bool {
        self.codings
            .iter()
            .all(|coding| coding.code.is_none() && coding.display.is_none())
            && self.text.is_none()
    }
}

impl Shown for CodeableConcept {
    fn show(&self) -> String {
        let code = self.codings.iter().find_map(|coding| coding.code.as_deref());
        match (self.label(), code) {
            (Some(label), Some(code)) if label != code => format!("{label} ({code})"),
            (Some(label), _) => label.to_owned(),
            (None, _) => String::new(),
        }
    }
}

/// Codes and words of sources for what is not known.
const UNKNOWN: &[&str] = &["", "u", "un", "unk", "unknown"];

impl Stated for Status {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        match (&self.code, &other.code) {
            (Some(a), Some(b)) => a == b,
            (None, None) => agree(self.source.as_ref(), other.source.as_ref(), cx),
            // What a source's own code means is not known: it is no voice for another's.
            _ => self.is_blank() || other.is_blank(),
        }
    }

    fn detail(&self) -> u32 {
        2 * u32::from(self.code.is_some()) + u32::from(self.source.is_some())
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.source, other.source.as_ref());
    }

    fn is_blank(&self) -> bool {
        match (&self.code, &self.source) {
            (Some(code), source) => code == "unknown" && source.is_none(),
            (None, Some(source)) => {
                let own = source
                    .code
                    .as_deref()
                    .or(source.display.as_deref())
                    .unwrap_or_default();
                UNKNOWN.contains(&words(own).as_str())
            }
            (None, None) => true,
        }
    }
}

impl Shown for Status {
    fn show(&self) -> String {
        self.code
            .clone()
            .or_else(|| self.source.as_ref().map(Shown::show))
            .unwrap_or_default()
    }
}

impl Stated for Identifier {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        self.is_same_as(other)
            || (self.value == other.value && self.system == other.system && self.assigner == other.assigner)
    }

    fn absorb(&mut self, other: &Self, cx: &Context<'_>) {
        fill(&mut self.use_, other.use_.as_ref());
        fill(&mut self.assigner, other.assigner.as_ref());
        fill(&mut self.period, other.period.as_ref());
        match (&mut self.type_, &other.type_) {
            (Some(mine), Some(theirs)) if mine.agrees(theirs, cx) => mine.absorb(theirs, cx),
            (mine, theirs) => fill(mine, theirs.as_ref()),
        }
    }
}

impl Stated for Reference {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        let absolute = |literal: &Option<String>| literal.as_deref().is_some_and(|text| text.contains(':'));
        match (&self.target, &other.target) {
            (Some(a), Some(b)) => return a == b,
            (None, None) => {}
            _ => return self.display.is_some() && self.display == other.display,
        }
        if let (Some(a), Some(b)) = (&self.identifier, &other.identifier)
            && a.is_same_as(b)
        {
            return true;
        }
        if self == other {
            return self.literal.is_none() || absolute(&self.literal);
        }
        let shown = |reference: &Reference| reference.display.as_deref().map(words);
        self.literal.is_none()
            && other.literal.is_none()
            && shown(self).is_some()
            && shown(self) == shown(other)
    }

    fn detail(&self) -> u32 {
        4 * u32::from(self.target.is_some())
            + 2 * u32::from(self.identifier.is_some())
            + u32::from(self.display.is_some())
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.identifier, other.identifier.as_ref());
        fill(&mut self.display, other.display.as_ref());
    }
}

impl Shown for Identifier {
    fn show(&self) -> String {
        self.value.clone().unwrap_or_default()
    }
}

impl Shown for String {
    fn show(&self) -> String {
        self.clone()
    }
}

impl Shown for Reference {
    fn show(&self) -> String {
        self.display
            .clone()
            .or_else(|| self.target.as_ref().map(ToString::to_string))
            .or_else(|| self.literal.clone())
            .unwrap_or_default()
    }
}
