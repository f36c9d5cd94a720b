//! What a structure requires and a message does not have.

use ehr_types::{Finding, SourceLocation, Span};

use super::{Matcher, Reach};
use crate::definitions::{GroupDefinition, NameIndex};

impl Matcher<'_, '_> {
    /// Notes what is required among the members of a group but did not come.
    pub(super) fn report_missing(&mut self, group: GroupDefinition, node: u32, from: usize, to: usize) {
        for member in group.members().take(to).skip(from) {
            if self.may_pass(member, Reach::Exact) {
                continue;
            }
            match (member.segment(), member.group()) {
                (Some(id), _) => self.note_missing(node, id, id.name(), "segment"),
                (None, Some(inner)) => {
                    // A group is missing as a whole; what turns up out of order is its first segment.
                    if let Some(id) = first_required(inner) {
                        self.note_missing(node, id, inner.name(), "group");
                    }
                }
                (None, None) => {}
            }
        }
    }

    fn note_missing(&mut self, node: u32, id: NameIndex, name: &str, what: &str) {
        self.irregular += 1;
        if self.probing {
            return;
        }
        let mut path = self.path(node);
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(name);
        // The place is where it was found to be missing: right after the last segment before.
        let before = self
            .position
            .checked_sub(1)
            .and_then(|at| self.message.segment(at as usize));
        let end = before.map_or(0, |segment| segment.span().end);
        let place = SourceLocation::new(path).at(Span::new(end, end), self.message.line_index());
        let finding = Finding::error(
            "v2.structure.missing",
            place,
            format!("the required {what} {name} is missing"),
        );
        self.missing.push((node, id, finding));
    }

    fn path(&self, node: u32) -> String {
        let mut steps = Vec::new();
        let mut at = node;
        while at != 0 {
            let Some(node) = self.nodes.get(at as usize) else {
                break;
            };
            steps.push(format!(
                "{}[{}]",
                node.definition.map_or("", |d| d.name()),
                node.number
            ));
            at = node.parent;
        }
        steps.reverse();
        steps.join("/")
    }
}

fn first_required(group: GroupDefinition) -> Option<NameIndex> {
    let mut members = group
        .members()
        .filter(|member| member.is_required() || group.is_choice());
    members.find_map(|member| {
        member
            .segment()
            .or_else(|| member.group().and_then(first_required))
    })
}
