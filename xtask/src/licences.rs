//! On what terms the crates come that a program links when it links ours.

use serde_json::Value;

/// The terms that may be asked of a user; see ARCHITECTURE.md.
const ALLOWED: &[&str] = &["MIT", "Apache-2.0", "BSD-3-Clause", "Unicode-3.0"];

/// Names every package of `cargo metadata` that cannot be had on these terms alone.
pub(crate) fn wrong(packages: &[Value]) -> Vec<String> {
    let mut wrong = Vec::new();
    for package in packages {
        let licence = package["license"].as_str().unwrap_or_default();
        if !Terms::of(licence).are_met() {
            let name = package["name"].as_str().unwrap_or_default();
            wrong.push(format!("{name}: its licence is `{licence}`"));
        }
    }
    wrong
}

/// An SPDX licence expression (annex D of the specification; the older `/` is its `OR`), read term by term.
struct Terms<'e> {
    words: Vec<&'e str>,
    at: usize,
}

impl<'e> Terms<'e> {
    fn of(expression: &'e str) -> Self {
        let mut words = Vec::new();
        for mut rest in expression.split_whitespace() {
            while let Some(at) = rest.find(['(', ')', '/']) {
                words.extend([&rest[..at], &rest[at..=at]]);
                rest = &rest[at + 1..];
            }
            words.push(rest);
        }
        words.retain(|word| !word.is_empty());
        Self { words, at: 0 }
    }

    /// Whether the whole expression can be met with the allowed terms.
    fn are_met(mut self) -> bool {
        self.any() && self.at == self.words.len()
    }

    fn take(&mut self, words: &[&str]) -> bool {
        let found = self.words.get(self.at).is_some_and(|word| words.contains(word));
        self.at += usize::from(found);
        found
    }

    fn any(&mut self) -> bool {
        let mut met = self.all();
        while self.take(&["OR", "/"]) {
            met |= self.all();
        }
        met
    }

    fn all(&mut self) -> bool {
        let mut met = self.one();
        while self.take(&["AND"]) {
            met &= self.one();
        }
        met
    }

    fn one(&mut self) -> bool {
        if self.take(&["("]) {
            let met = self.any();
            return self.take(&[")"]) && met;
        }
        let met = self.take(ALLOWED);
        self.at += usize::from(!met);
        // An exception only adds to what is allowed.
        if self.take(&["WITH"]) {
            self.at += 1;
        }
        met
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_met_by_one_way_of_all_that_must_be() {
        for (expression, met) in [
            ("MIT", true),
            ("MIT OR Apache-2.0", true),
            ("Unlicense/MIT", true),
            ("GPL-3.0-only", false),
            ("GPL-3.0-only OR MIT", true),
            ("MIT AND GPL-3.0-only", false),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
            ("(MIT OR Apache-2.0) AND GPL-2.0-only", false),
            ("GPL-2.0-only WITH Classpath-exception-2.0 OR MIT", true),
            ("GPL-2.0-only AND MIT OR Apache-2.0", true),
            ("GPL-2.0-only OR MPL-2.0", false),
            ("(MIT", false),
            ("", false),
        ] {
            assert_eq!(Terms::of(expression).are_met(), met, "{expression}");
        }
    }
}
