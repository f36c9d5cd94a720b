//! EN, PN, ON: names of people and organizations.

use ehr_types::HumanName;

use crate::xml::{Element, Node};

impl Element<'_> {
    /// PN: the parts of a name in order, its use and validity. `None` when nothing is said.
    pub fn to_human_name(self) -> Option<HumanName> {
        let mut name = HumanName {
            absent: self.to_absent(),
            ..HumanName::default()
        };
        let mut words = Vec::new();
        let mut birth = false;
        for node in self.nodes() {
            let part = match node {
                Node::Text(text) => {
                    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                    if !text.is_empty() {
                        words.push(text);
                    }
                    continue;
                }
                Node::Element(part) => part,
            };
            if part.name() == "validTime" {
                name.period = part.to_interval().period();
                continue;
            }
            part.null_flavor();
            let qualifiers: Vec<_> = part
                .attribute("qualifier")
                .unwrap_or_default()
                .split_whitespace()
                .collect();
            let Some(text) = part.deep_text() else { continue };
            match part.name() {
                "given" => name.given.push(text),
                "family" => {
                    birth |= qualifiers.contains(&"BR");
                    name.family = Some(match name.family.take() {
                        Some(before) => format!("{before} {text}"),
                        None => text,
                    });
                }
                "prefix" => name.prefix.push(text),
                "suffix" => name.suffix.push(text),
                _ => words.push(text),
            }
        }
        let has_parts = name.family.is_some()
            || !name.given.is_empty()
            || !name.prefix.is_empty()
            || !name.suffix.is_empty();
        let words: Vec<_> = words
            .into_iter()
            .filter(|w| !has_parts || w.chars().any(char::is_alphanumeric))
            .collect();
        if !words.is_empty() {
            // Words between the parts are part of how the name is shown; parts alone need no text.
            name.text = Some(if has_parts {
                self.peek().deep_text().unwrap_or_default()
            } else {
                words.join(" ")
            });
        }
        for code in self.attribute("use").unwrap_or_default().split_whitespace() {
            let use_ = match code {
                "L" => "usual",
                "C" | "OR" => "official",
                "A" | "P" => "nickname",
                "TMP" => "temp",
                "OLD" | "BAD" => "old",
                "M" => "maiden",
                _ => continue,
            };
            name.use_.get_or_insert_with(|| use_.to_owned());
        }
        if birth && name.use_.is_none() {
            name.use_ = Some("maiden".to_owned());
        }
        let said = has_parts || name.text.is_some() || name.absent.is_some();
        said.then_some(name)
    }

    /// ON: the name of an organization, place or device as one line.
    pub fn to_organization_name(self) -> Option<String> {
        self.deep_text()
    }
}
