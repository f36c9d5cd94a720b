//! Matching segments against a structure, in one pass.
//!
//! The open groups are a stack. For each segment the stack is searched from the innermost group out:
//! the same member again, a later member (perhaps inside groups that it opens), the group again from
//! its start (before a later member that is a group, when the segment opened this one; unless the next
//! segment fits only after the other). The first place that skips nothing required is taken; if there is none, one that skips
//! required segments which do not come later either. Otherwise the segment is unexpected: it stays in
//! the innermost group, and the stack is as before.
//!
//! Some structures have a group that ends like the next one begins, so that only segments further on tell
//! where one belongs (a prior result in an order, or the next order). Where a segment has several places
//! that skip nothing required, each is tried out on the few segments that follow, and the one
//! taken after which the fewest of them are irregular; the first where this does not decide. Each search
//! is bounded by the size of the structure, so that the whole is linear in the number of segments.

mod missing;
mod probe;
mod search;

use std::collections::BTreeSet;

use ehr_types::Finding;

use super::identify::is_batch_frame;
use super::{Node, Placed};
use crate::definitions::{GroupDefinition, NameIndex};
use crate::message::Message;
use crate::segment::Segment;

pub(super) struct Matched {
    pub(super) nodes: Vec<Node>,
    pub(super) placed: Vec<Placed>,
}

/// Whether a segment is known by name to the definitions at all.
type Id = Option<NameIndex>;

#[derive(Clone)]
struct Frame {
    group: GroupDefinition,
    /// The member that the last segment went to, or into.
    member: usize,
    /// How often that member has occurred.
    count: u32,
    node: u32,
    /// The segment that opened the group.
    opener: Id,
    /// Whether the group may occur again.
    repeats: bool,
    /// Whether it shares the node of the group around it.
    anonymous: bool,
}

/// Where a segment goes.
#[derive(Clone, PartialEq)]
struct Move {
    /// The frame that it goes to or into; the frames inside it are closed.
    level: usize,
    /// The frame itself is closed as well, and its group is opened again.
    again: bool,
    /// The member of the frame, and of each group on the way in.
    path: Vec<usize>,
    /// More often than the structure allows.
    excess: bool,
}

impl Move {
    fn within(level: usize, path: Vec<usize>) -> Self {
        Self {
            level,
            again: false,
            path,
            excess: false,
        }
    }

    fn again(level: usize, path: Vec<usize>) -> Self {
        Self {
            again: true,
            ..Self::within(level, path)
        }
    }
}

/// How far a search goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Without passing anything required.
    Exact,
    /// So, but members that stand for any segment count.
    Any,
    /// Passing required segments that do not come later.
    Lenient,
}

struct Matcher<'m, 'f> {
    message: &'m Message<'m>,
    nodes: Vec<Node>,
    placed: Vec<Placed>,
    stack: Vec<Frame>,
    /// The name of each segment.
    ids: &'f [Id],
    /// The last position of each name.
    last: &'f [(NameIndex, u32)],
    position: u32,
    /// (node, name) of what is missing, with the finding; dropped again when it turns up out of order.
    missing: Vec<(u32, NameIndex, Finding)>,
    strays: BTreeSet<(u32, NameIndex)>,
    findings: Vec<Finding>,
    /// Tries a place out: counts what is irregular, and notes nothing.
    probing: bool,
    irregular: u32,
}

/// Puts each segment into a group; all into one when there is no structure.
pub(super) fn run(
    message: &Message<'_>,
    definition: Option<GroupDefinition>,
    findings: &mut Vec<Finding>,
) -> Matched {
    let count = message.segment_count() as u32;
    let root = Node {
        definition,
        parent: 0,
        number: 1,
        start: 0,
        end: count,
        after: 1,
    };
    let Some(group) = definition else {
        let flat = Placed {
            node: 0,
            expected: true,
        };
        return Matched {
            nodes: vec![root],
            placed: vec![flat; count as usize],
        };
    };
    let ids: Vec<Id> = message
        .segments()
        .map(|segment| NameIndex::of(segment.id().as_str()))
        .collect();
    let mut last: Vec<(NameIndex, u32)> = Vec::new();
    for (id, position) in ids.iter().zip(0..) {
        let Some(id) = id else { continue };
        match last.binary_search_by_key(id, |(id, _)| *id) {
            Ok(at) => {
                if let Some(slot) = last.get_mut(at) {
                    slot.1 = position;
                }
            }
            Err(at) => last.insert(at, (*id, position)),
        }
    }
    let mut matcher = Matcher {
        message,
        nodes: vec![root],
        placed: Vec::with_capacity(count as usize),
        stack: vec![Frame {
            group,
            member: 0,
            count: 0,
            node: 0,
            opener: None,
            repeats: false,
            anonymous: false,
        }],
        ids: &ids,
        last: &last,
        position: 0,
        missing: Vec::new(),
        strays: BTreeSet::new(),
        findings: std::mem::take(findings),
        probing: false,
        irregular: 0,
    };
    for (segment, id) in message.segments().zip(&ids) {
        matcher.position = segment.position() as u32;
        matcher.segment(segment, *id);
    }
    matcher.position = count;
    matcher.close_all();
    let (matched, all) = matcher.finish();
    *findings = all;
    matched
}

impl Matcher<'_, '_> {
    fn segment(&mut self, segment: Segment<'_>, id: Id) {
        match self.place_for(id) {
            Some(way) => {
                if way.excess {
                    self.irregular += 1;
                }
                if way.excess && !self.probing {
                    self.findings.push(Finding::warning(
                        "v2.structure.repetition",
                        segment.location(),
                        "occurs more often than the structure allows",
                    ));
                }
                let node = self.go(way, id);
                self.placed.push(Placed { node, expected: true });
            }
            None => self.stray(segment, id),
        }
    }

    /// Keeps a segment that has no place in the innermost group.
    fn stray(&mut self, segment: Segment<'_>, id: Id) {
        self.irregular += 1;
        if self.probing {
            return;
        }
        let node = self.stack.last().map_or(0, |frame| frame.node);
        self.placed.push(Placed {
            node,
            expected: false,
        });
        let name = segment.id();
        if name.is_local() {
            self.findings.push(Finding::information(
                "v2.structure.local",
                segment.location(),
                "a segment of local agreement; it is kept in the group where it stands",
            ));
        } else if !name.is_unknown() && !is_batch_frame(name) {
            let known = self.stack.first().is_some_and(|root| holds(root.group, id));
            let (code, text) = if known {
                (
                    "v2.structure.order",
                    "the structure has no place for the segment here, only elsewhere",
                )
            } else {
                (
                    "v2.structure.unexpected",
                    "the structure has no place for the segment",
                )
            };
            self.findings
                .push(Finding::warning(code, segment.location(), text));
        }
        if let Some(id) = id {
            self.strays.insert((node, id));
        }
    }

    /// Closes, advances and opens groups as a move says; gives the node of the segment.
    fn go(&mut self, way: Move, id: Id) -> u32 {
        self.close_to(way.level);
        let mut path = way.path.into_iter();
        if way.again
            && let Some(frame) = self.stack.pop()
        {
            self.close(&frame);
            if let Some(outer) = self.stack.last_mut() {
                outer.count += 1;
            }
            self.open(frame.group, frame.repeats, id);
        }
        let mut member = path.next();
        while let Some(at) = member {
            self.advance(at);
            member = path.next();
            if member.is_some() {
                let inner = self.stack.last().and_then(|frame| frame.group.member(at));
                if let Some((inner, group)) =
                    inner.and_then(|inner| inner.group().map(|group| (inner, group)))
                {
                    self.open(group, inner.repeats(), id);
                }
            }
        }
        self.stack.last().map_or(0, |frame| frame.node)
    }

    /// Moves the innermost frame on to a member, reporting what it passes.
    fn advance(&mut self, to: usize) {
        let Some(frame) = self.stack.last_mut() else {
            return;
        };
        if frame.count > 0 && frame.member == to {
            frame.count += 1;
            return;
        }
        let from = frame.member + usize::from(frame.count > 0);
        let (group, node) = (frame.group, frame.node);
        frame.member = to;
        frame.count = 1;
        if !group.is_choice() {
            self.report_missing(group, node, from, to);
        }
    }

    fn open(&mut self, group: GroupDefinition, repeats: bool, opener: Id) {
        let parent = self.stack.last().map_or(0, |frame| frame.node);
        let anonymous = group.is_anonymous();
        let node = if anonymous {
            parent
        } else {
            self.add_node(group, parent)
        };
        self.stack.push(Frame {
            group,
            member: 0,
            count: 0,
            node,
            opener,
            repeats,
            anonymous,
        });
    }

    fn add_node(&mut self, group: GroupDefinition, parent: u32) -> u32 {
        if self.probing {
            return 0;
        }
        let node = self.nodes.len() as u32;
        // The last sibling of this name, if any, is the last node of this parent and name.
        let mut number = 1;
        let mut before = node;
        while before > parent + 1 {
            before -= 1;
            // Step from a node to the child of `parent` that holds it.
            while let Some(up) = self
                .nodes
                .get(before as usize)
                .map(|n| n.parent)
                .filter(|up| *up != parent)
            {
                before = up;
            }
            match self.nodes.get(before as usize) {
                Some(sibling) if sibling.definition.is_some_and(|d| d.name() == group.name()) => {
                    number = sibling.number + 1;
                    break;
                }
                _ => {}
            }
        }
        self.nodes.push(Node {
            definition: Some(group),
            parent,
            number,
            start: self.position,
            end: self.position,
            after: node + 1,
        });
        node
    }

    fn close_to(&mut self, level: usize) {
        while self.stack.len() > level + 1 {
            if let Some(frame) = self.stack.pop() {
                self.close(&frame);
            }
        }
    }

    fn close_all(&mut self) {
        self.close_to(0);
        if let Some(frame) = self.stack.pop() {
            self.close(&frame);
        }
    }

    fn close(&mut self, frame: &Frame) {
        let from = frame.member + usize::from(frame.count > 0);
        if !frame.group.is_choice() {
            self.report_missing(frame.group, frame.node, from, frame.group.members().len());
        }
        if !frame.anonymous && !self.probing {
            let after = self.nodes.len() as u32;
            if let Some(node) = self.nodes.get_mut(frame.node as usize) {
                node.end = self.position;
                node.after = after;
            }
        }
    }

    fn finish(mut self) -> (Matched, Vec<Finding>) {
        let strays = self.strays;
        let missing = self
            .missing
            .into_iter()
            .filter(|(node, id, _)| !strays.contains(&(*node, *id)));
        self.findings.extend(missing.map(|(_, _, finding)| finding));
        self.findings
            .sort_by_key(|finding| finding.location.span.map_or(0, |span| span.start));
        let matched = Matched {
            nodes: self.nodes,
            placed: self.placed,
        };
        (matched, self.findings)
    }
}

/// Whether a structure names a segment anywhere.
fn holds(group: GroupDefinition, id: Id) -> bool {
    group
        .members()
        .any(|member| member.is_segment(id) || member.group().is_some_and(|inner| holds(inner, id)))
}
