//! Who and where: names, addresses, numbers to call, and who takes part.

use ehr_model::{Communication, Deceased, MultipleBirth, Participant, PatientContact, Performer};
use ehr_types::{Address, ContactPoint, HumanName, Period};

use super::{Shown, Stated, agree, alike, fill, listed, same_set, take_in};
use crate::context::Context;
use crate::wording::{letters, words};

/// Puts the period in which something is used: where one source says that it is over, and another still uses it, it is not.
fn keep_in_use(mine: &mut Option<Period>, theirs: Option<&Period>) {
    let is_over = |period: Option<&Period>| period.is_some_and(|period| period.end.is_some());
    match (is_over(mine.as_ref()), is_over(theirs)) {
        (true, false) => *mine = theirs.copied(),
        (false, false) => fill(mine, theirs),
        (_, true) => {}
    }
}

impl Stated for HumanName {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        let list = |parts: &[String]| parts.iter().map(|part| words(part)).collect::<Vec<_>>();
        let key = |name: &HumanName| {
            if name.family.is_none() && name.given.is_empty() {
                (name.text.as_deref().map(words), Vec::new(), Vec::new())
            } else {
                (
                    name.family.as_deref().map(words),
                    list(&name.given),
                    list(&name.suffix),
                )
            }
        };
        let former = |name: &HumanName| matches!(name.use_.as_deref(), Some("old" | "maiden"));
        key(self) == key(other) && former(self) == former(other)
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.use_, other.use_.as_ref());
        fill(&mut self.text, other.text.as_ref());
        keep_in_use(&mut self.period, other.period.as_ref());
        if self.prefix.is_empty() {
            self.prefix.clone_from(&other.prefix);
        }
    }

    fn is_blank(&self) -> bool {
        self.display().is_none()
    }
}

impl Shown for HumanName {
    fn show(&self) -> String {
        self.display().unwrap_or_default()
    }
}

impl Stated for Address {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        let text = |text: &Option<String>| text.as_deref().map(words).unwrap_or_default();
        let lines = |address: &Address| words(&address.line.join(" "));
        let zip = |address: &Address| -> String {
            letters(address.postal_code.as_deref().unwrap_or(""))
                .chars()
                .take(5)
                .collect()
        };
        let old = |address: &Address| address.use_.as_deref() == Some("old");
        lines(self) == lines(other)
            && text(&self.city) == text(&other.city)
            && zip(self) == zip(other)
            && (!self.line.is_empty() || self.city.is_some() || text(&self.text) == text(&other.text))
            && old(self) == old(other)
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.use_, other.use_.as_ref());
        fill(&mut self.type_, other.type_.as_ref());
        fill(&mut self.text, other.text.as_ref());
        fill(&mut self.district, other.district.as_ref());
        fill(&mut self.state, other.state.as_ref());
        fill(&mut self.country, other.country.as_ref());
        keep_in_use(&mut self.period, other.period.as_ref());
        let length = |zip: &Option<String>| zip.as_deref().map_or(0, str::len);
        if length(&other.postal_code) > length(&self.postal_code) {
            self.postal_code.clone_from(&other.postal_code);
        }
    }
}

impl Shown for Address {
    fn show(&self) -> String {
        let parts = self
            .line
            .iter()
            .chain(&self.city)
            .chain(&self.state)
            .chain(&self.postal_code);
        self.text.clone().unwrap_or_else(|| listed(parts.cloned()))
    }
}

impl Stated for ContactPoint {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        let kind = |contact: &ContactPoint| match contact.system.as_deref() {
            Some("sms" | "phone") | None => "phone".to_owned(),
            Some(other) => other.to_owned(),
        };
        let value = |contact: &ContactPoint| {
            let value = contact.value.as_deref().unwrap_or("").trim().to_lowercase();
            if matches!(kind(contact).as_str(), "phone" | "fax" | "pager") && !value.contains('@') {
                let digits = letters(&value);
                match digits.strip_prefix('1') {
                    Some(national) if national.len() == 10 => national.to_owned(),
                    _ => digits,
                }
            } else {
                value
            }
        };
        kind(self) == kind(other) && value(self) == value(other)
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.system, other.system.as_ref());
        fill(&mut self.use_, other.use_.as_ref());
        fill(&mut self.rank, other.rank.as_ref());
        keep_in_use(&mut self.period, other.period.as_ref());
    }
}

impl Shown for ContactPoint {
    fn show(&self) -> String {
        self.value.clone().unwrap_or_default()
    }
}

impl Stated for Participant {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        alike(self.actor.as_ref(), other.actor.as_ref(), cx) && same_set(&self.role, &other.role, cx)
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.period, other.period.as_ref());
        fill(&mut self.on_behalf_of, other.on_behalf_of.as_ref());
        fill(&mut self.status, other.status.as_ref());
    }
}

impl Stated for Performer {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        alike(self.actor.as_ref(), other.actor.as_ref(), cx)
            && agree(self.function.as_ref(), other.function.as_ref(), cx)
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.function, other.function.as_ref());
        fill(&mut self.on_behalf_of, other.on_behalf_of.as_ref());
    }
}

impl Stated for PatientContact {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        alike(self.name.as_ref(), other.name.as_ref(), cx)
            && alike(self.organization.as_ref(), other.organization.as_ref(), cx)
            && (self.relationship.is_empty()
                || other.relationship.is_empty()
                || same_set(&self.relationship, &other.relationship, cx))
            && (self.name.is_some()
                || self.organization.is_some()
                || same_set(&self.telecom, &other.telecom, cx))
    }

    fn absorb(&mut self, other: &Self, cx: &Context<'_>) {
        take_in(&mut self.telecom, &other.telecom, cx);
        if self.relationship.is_empty() {
            self.relationship.clone_from(&other.relationship);
        }
        fill(&mut self.address, other.address.as_ref());
        fill(&mut self.gender, other.gender.as_ref());
        fill(&mut self.period, other.period.as_ref());
    }
}

impl Stated for Communication {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        alike(self.language.as_ref(), other.language.as_ref(), cx)
    }

    fn absorb(&mut self, other: &Self, _: &Context<'_>) {
        fill(&mut self.preferred, other.preferred.as_ref());
    }
}

impl Stated for Deceased {
    fn agrees(&self, other: &Self, cx: &Context<'_>) -> bool {
        match (self, other) {
            (Self::Boolean(a), Self::Boolean(b)) => a == b,
            (Self::DateTime(a), Self::DateTime(b)) => a.agrees(b, cx),
            (Self::Boolean(dead), Self::DateTime(_)) | (Self::DateTime(_), Self::Boolean(dead)) => *dead,
        }
    }

    fn detail(&self) -> u32 {
        match self {
            Self::Boolean(_) => 0,
            Self::DateTime(time) => 1 + time.detail(),
        }
    }
}

impl Shown for Deceased {
    fn show(&self) -> String {
        match self {
            Self::Boolean(true) => "deceased".to_owned(),
            Self::Boolean(false) => "not deceased".to_owned(),
            Self::DateTime(time) => time.show(),
        }
    }
}

impl Stated for MultipleBirth {
    fn agrees(&self, other: &Self, _: &Context<'_>) -> bool {
        match (self, other) {
            (Self::Boolean(multiple), Self::Integer(_)) | (Self::Integer(_), Self::Boolean(multiple)) => {
                *multiple
            }
            _ => self == other,
        }
    }

    fn detail(&self) -> u32 {
        u32::from(matches!(self, Self::Integer(_)))
    }
}

impl Shown for MultipleBirth {
    fn show(&self) -> String {
        match self {
            Self::Boolean(true) => "one of a multiple birth".to_owned(),
            Self::Boolean(false) => "a single birth".to_owned(),
            Self::Integer(order) => format!("number {order} of a multiple birth"),
        }
    }
}
