//! Comments on statements, and words beside their codes.

use ehr_model::Annotation;

use super::importer::Importer;
use super::kind::{leading_concepts, read_code};
use super::statement::read_outline;
use crate::template::{EntryKind, SectionKind};
use crate::xml::Element;

impl<'d> Importer<'d> {
    /// Comments about the statement, and words written into its `text`.
    pub(super) fn notes(&mut self, statement: Element<'d>) -> Vec<Annotation> {
        let mut out: Vec<_> = Self::words(statement).into_iter().collect();
        for (_, act) in self.open_related(statement) {
            if act.is("act") && EntryKind::of(act, SectionKind::Other) == EntryKind::Comment {
                self.consume(act);
                out.extend(self.comment(act));
            }
        }
        out
    }

    /// What is written into the `text` of a statement, unless its codes show the same words. What the text only refers to
    /// is narrative, which the document keeps.
    fn words(statement: Element<'d>) -> Option<Annotation> {
        let text = statement.child("text")?;
        let inline = text.deep_text().is_some();
        let text = text.to_encapsulated().text.filter(|_| inline)?;
        let shown = labels(statement)
            .iter()
            .any(|label| label.eq_ignore_ascii_case(&text));
        (!shown).then(|| Annotation {
            text,
            ..Annotation::default()
        })
    }

    /// A Comment Activity.
    pub(super) fn comment(&mut self, act: Element<'d>) -> Option<Annotation> {
        read_outline(act);
        read_code(act);
        let text = act.child("text").and_then(|text| text.to_encapsulated().text)?;
        let (authors, time) = self.own_authors(act);
        let effective = || act.child("effectiveTime").and_then(Element::to_start);
        Some(Annotation {
            text,
            author: authors.into_iter().next(),
            time: time.or_else(effective),
        })
    }
}

/// Words that the codes of a statement show for themselves.
pub(super) fn labels(statement: Element<'_>) -> Vec<String> {
    let mut out = Vec::new();
    for concept in leading_concepts(statement) {
        out.extend(concept.text);
        out.extend(concept.codings.into_iter().filter_map(|coding| coding.display));
    }
    out
}
