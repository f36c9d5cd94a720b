//! Fields that are lists.

use super::{Desk, InWords, distinct, sides};
use crate::context::Context;
use crate::stated::{Shown, Stated};

/// The list that each member gives in one field.
pub(crate) type Lists<'s, 'v, T> = &'s dyn Fn(usize) -> &'v [T];

/// Whether two values cannot both be true; each in words, where they cannot.
pub(crate) type Contradicts<'s, T> = &'s dyn Fn(&T, &T, &Context<'_>) -> Option<(String, String)>;

impl Desk<'_> {
    /// All values of a list, those that agree once.
    pub(crate) fn union<T: Stated>(&self, lists: Lists<'_, '_, T>) -> Vec<T> {
        let mut all: Vec<T> = Vec::new();
        for voice in 0..self.heard {
            let earlier = all.len();
            for value in lists(voice) {
                // What one source states twice stays twice; only other sources' values are compared.
                let known = all
                    .iter_mut()
                    .take(if voice == 0 { 0 } else { earlier })
                    .find(|known| known.agrees(value, self.cx));
                match known {
                    Some(known) => known.absorb(value, self.cx),
                    None => all.push(value.clone()),
                }
            }
        }
        all
    }

    /// Reports values in the lists of different members that contradict each other; `contradict` gives both in words.
    pub(crate) fn within<T: PartialEq>(
        &mut self,
        path: &str,
        lists: Lists<'_, '_, T>,
        contradict: Contradicts<'_, T>,
    ) {
        let all = (0..self.heard).flat_map(|voice| lists(voice).iter().map(move |value| (voice, value)));
        let distinct = distinct(all);
        let mut sides: InWords = Vec::new();
        let mut add = |words: String, by: &[usize]| match sides.iter_mut().find(|(known, _)| *known == words)
        {
            Some((_, voices)) => voices.extend(by),
            None => sides.push((words, by.to_vec())),
        };
        for (at, (a, of_a)) in distinct.iter().enumerate() {
            // Who states both does not disagree with anybody.
            for (b, of_b) in distinct.iter().skip(at + 1).filter(|(_, voices)| voices != of_a) {
                if let Some((in_words, other)) = contradict(a, b, self.cx) {
                    add(in_words, of_a);
                    add(other, of_b);
                }
            }
        }
        self.conflict(path, sides);
    }

    /// A list that only makes sense as a whole.
    pub(crate) fn whole<T: Shown>(&mut self, path: &str, lists: Lists<'_, '_, T>) -> Vec<T> {
        let all = (0..self.heard).map(|voice| (voice, lists(voice)));
        let said = distinct(all.filter(|(_, list)| !list.iter().all(Stated::is_blank)));
        let at = |place: usize| said.get(place);
        let detail: Vec<u32> = said
            .iter()
            .map(|(list, _)| list.iter().map(Stated::detail).sum())
            .collect();
        let sides = sides(&detail, &|a, b| match (at(a), at(b)) {
            (Some((a, _)), Some((b, _))) => T::same_list(a, b, self.cx),
            _ => false,
        });
        let Some((lead, rest)) = sides.first().and_then(|side| side.split_first()) else {
            return Vec::new();
        };
        let mut shown = at(*lead).map(|(list, _)| list.to_vec()).unwrap_or_default();
        for (list, _) in rest.iter().filter_map(|place| at(*place)) {
            for value in &mut shown {
                if let Some(other) = list.iter().find(|other| value.agrees(other, self.cx)) {
                    value.absorb(other, self.cx);
                }
            }
        }
        let sides = sides.iter().filter_map(|side| {
            let (leading, _) = at(*side.first()?)?;
            let text: Vec<String> = leading.iter().map(Shown::show).collect();
            let voices = side
                .iter()
                .filter_map(|place| at(*place))
                .flat_map(|(_, voices)| voices);
            Some((text.join("; "), voices.copied().collect()))
        });
        self.conflict(path, sides.collect());
        shown
    }
}
