//! Matching segments against a structure, in one pass.
//!
//! The open groups are a stack. For each segment the stack is searched from the innermost group out:
//! the same member again, a later member (perhaps inside groups that it opens), the group again from
//! its start (before a later member that is a group, when the segment opened this one; unless the next
//! segment fits only after the other). The first place that skips nothing required is taken; if there is none, one that skips
//! required segments which do not come later either. Otherwise the segment is unexpected: it stays in
//! the innermost group, and the stack is as before. Each search is bounded by the size of the
//! structure, so that the whole is linear in the number of segments.

use std::collections::BTreeSet;

use ehr_types::{Finding, Span};

use super::identify::is_batch_frame;
use super::{Node, Placed};
use crate::definitions::{GroupDefinition, MemberDefinition, NameIndex};
use crate::message::Message;
use crate::segment::Segment;

pub(super) struct Matched {
    pub(super) nodes: Vec<Node>,
    pub(super) placed: Vec<Placed>,
}

/// Whether a segment is known by name to the definitions at all.
type Id = Option<NameIndex>;

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
    ids: Vec<Id>,
    /// The last position of each name.
    last: Vec<(NameIndex, u32)>,
    position: u32,
    /// (node, name) of what is missing, with the finding; dropped again when it turns up out of order.
    missing: Vec<(u32, NameIndex, Finding)>,
    strays: BTreeSet<(u32, NameIndex)>,
    findings: &'f mut Vec<Finding>,
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
    let mut matcher = Matcher {
        message,
        nodes: vec![root],
        placed: Vec::with_capacity(count as usize),
        stack: Vec::new(),
        ids: Vec::new(),
        last: Vec::new(),
        position: 0,
        missing: Vec::new(),
        strays: BTreeSet::new(),
        findings,
    };
    let Some(group) = definition else {
        matcher.placed = vec![
            Placed {
                node: 0,
                expected: true
            };
            count as usize
        ];
        return Matched {
            nodes: matcher.nodes,
            placed: matcher.placed,
        };
    };
    let ids: Vec<Id> = message
        .segments()
        .map(|segment| NameIndex::of(segment.id().as_str()))
        .collect();
    for (position, id) in ids.iter().enumerate() {
        if let Some(id) = id {
            match matcher.last.binary_search_by_key(id, |(id, _)| *id) {
                Ok(at) => {
                    if let Some(slot) = matcher.last.get_mut(at) {
                        slot.1 = position as u32;
                    }
                }
                Err(at) => matcher.last.insert(at, (*id, position as u32)),
            }
        }
    }
    matcher.stack.push(Frame {
        group,
        member: 0,
        count: 0,
        node: 0,
        opener: None,
        repeats: false,
        anonymous: false,
    });
    matcher.ids.clone_from(&ids);
    for (segment, id) in message.segments().zip(ids) {
        matcher.position = segment.position() as u32;
        matcher.segment(segment, id);
    }
    matcher.position = count;
    matcher.close_to(0);
    if let Some(frame) = matcher.stack.pop() {
        matcher.close(&frame);
    }
    matcher.finish()
}

impl Matcher<'_, '_> {
    fn segment(&mut self, segment: Segment<'_>, id: Id) {
        let found = match id {
            Some(_) => self.find(id, Reach::Exact).or_else(|| self.find(id, Reach::Any)),
            None => self.find(id, Reach::Any),
        };
        let found = found.or_else(|| id.and_then(|_| self.find(id, Reach::Lenient)));
        match found {
            Some(way) => {
                if way.excess {
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

    fn find(&self, id: Id, reach: Reach) -> Option<Move> {
        for (level, frame) in self.stack.iter().enumerate().rev() {
            let member = frame.group.member(frame.member)?;
            let same = frame.count > 0 && matches(member, id, reach);
            if same
                && (member.is_any()
                    || member
                        .max_repetitions()
                        .is_none_or(|max| frame.count < u32::from(max)))
            {
                return Some(Move::within(level, vec![frame.member]));
            }
            let forward = if frame.group.is_choice() && frame.count > 0 {
                None
            } else {
                let from = frame.member + usize::from(frame.count > 0);
                self.forward(frame.group, from, id, reach)
            };
            let opener = level > 0 && id.is_some() && frame.opener == id;
            // The segment that opened the group opens it again, rather than some group inside it.
            let inward = forward.as_ref().is_none_or(|path| path.len() > 1);
            if opener
                && frame.repeats
                && inward
                && let Some(path) = self.opening(frame.group, id)
            {
                return Some(self.unless_next_says(Move::again(level, path), id));
            }
            if let Some(path) = forward {
                let due = path.first().and_then(|at| frame.group.member(*at));
                let due = due.is_some_and(|member| !self.may_pass(member, Reach::Exact));
                let around = if path.len() > 1 && !due {
                    self.reopened_around(level, id)
                } else {
                    None
                };
                return Some(match around {
                    Some(around) => self.unless_next_says(around, id),
                    None => Move::within(level, path),
                });
            }
            if reach != Reach::Lenient {
                if let Some(path) = self.forward(frame.group, 0, id, reach).filter(|_| frame.repeats) {
                    return Some(Move::again(level, path));
                }
            } else if same && !frame.anonymous {
                return Some(Move {
                    excess: true,
                    ..Move::within(level, vec![frame.member])
                });
            } else if opener
                && !frame.anonymous
                && let Some(path) = self.forward(frame.group, 0, id, Reach::Exact)
            {
                return Some(Move {
                    excess: true,
                    ..Move::again(level, path)
                });
            }
        }
        None
    }

    /// A repeating group around `level` that the same segment opened before. An order that follows an
    /// order is the next one, although the first could hold another (a prior result, say) that
    /// begins alike.
    fn reopened_around(&self, level: usize, id: Id) -> Option<Move> {
        let outer = self.stack.iter().enumerate().take(level).skip(1).rev();
        let (level, frame) = outer
            .into_iter()
            .find(|(_, f)| f.repeats && id.is_some() && f.opener == id)?;
        let path = self.opening(frame.group, id)?;
        Some(Move::again(level, path))
    }

    /// The same move, unless the next segment has no place after it but has one after another: an order
    /// that begins alike may belong to a later part of the structure.
    fn unless_next_says(&self, reopened: Move, id: Id) -> Move {
        let Some(next) = self.next_id() else {
            return reopened;
        };
        let Some(frame) = self.stack.get(reopened.level) else {
            return reopened;
        };
        if self.follows(frame.group, &reopened.path, next) {
            return reopened;
        }
        for (level, frame) in self.stack.iter().enumerate().rev() {
            if frame.group.is_choice() && frame.count > 0 {
                continue;
            }
            let from = frame.member + usize::from(frame.count > 0);
            if let Some(path) = self.forward(frame.group, from, id, Reach::Exact)
                && self.follows(frame.group, &path, next)
            {
                return Move::within(level, path);
            }
        }
        reopened
    }

    /// The name of the next segment that the definitions know.
    fn next_id(&self) -> Id {
        let after = self.ids.get(self.position as usize + 1..).unwrap_or_default();
        after.iter().take(8).find_map(|id| *id)
    }

    /// Whether a segment has a place in a group after the place that a path leads to.
    fn follows(&self, group: GroupDefinition, path: &[usize], next: NameIndex) -> bool {
        let Some((at, rest)) = path.split_first() else {
            return false;
        };
        let Some(member) = group.member(*at) else {
            return false;
        };
        let inside = match member.group() {
            Some(inner) => self.follows(inner, rest, next),
            None => member.is_segment(Some(next)) && member.repeats(),
        };
        inside || (!group.is_choice() && self.forward(group, at + 1, Some(next), Reach::Exact).is_some())
    }

    /// The way to the segment that opened a group.
    fn opening(&self, group: GroupDefinition, id: Id) -> Option<Vec<usize>> {
        let exact = self.forward(group, 0, id, Reach::Exact);
        let lenient = exact.or_else(|| self.forward(group, 0, id, Reach::Lenient));
        lenient.or_else(|| unconditional(group, id))
    }

    /// The way to `id` through the members of a group, from one of them on.
    fn forward(&self, group: GroupDefinition, from: usize, id: Id, reach: Reach) -> Option<Vec<usize>> {
        for (at, member) in group.members().enumerate().skip(from) {
            if matches(member, id, reach) {
                return Some(vec![at]);
            }
            if let Some(mut path) = member.group().and_then(|inner| self.forward(inner, 0, id, reach)) {
                path.insert(0, at);
                return Some(path);
            }
            if !group.is_choice() && !self.may_pass(member, reach) {
                return None;
            }
        }
        None
    }

    fn may_pass(&self, member: MemberDefinition, reach: Reach) -> bool {
        if !member.is_required() || member.is_any() {
            return true;
        }
        match member.group() {
            Some(group) => {
                let mut members = group.members();
                if group.is_choice() {
                    members.any(|member| self.may_pass(member, reach))
                } else {
                    members.all(|member| self.may_pass(member, reach))
                }
            }
            None => reach == Reach::Lenient && !self.comes_later(member),
        }
    }

    fn comes_later(&self, member: MemberDefinition) -> bool {
        member.segment().is_some_and(|id| {
            let at = self.last.binary_search_by_key(&id, |(id, _)| *id);
            at.ok()
                .and_then(|at| self.last.get(at))
                .is_some_and(|(_, last)| *last > self.position)
        })
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

    fn close(&mut self, frame: &Frame) {
        let from = frame.member + usize::from(frame.count > 0);
        if !frame.group.is_choice() {
            self.report_missing(frame.group, frame.node, from, frame.group.members().len());
        }
        if !frame.anonymous {
            let after = self.nodes.len() as u32;
            if let Some(node) = self.nodes.get_mut(frame.node as usize) {
                node.end = self.position;
                node.after = after;
            }
        }
    }

    /// Notes what is required among the members of a group but did not come.
    fn report_missing(&mut self, group: GroupDefinition, node: u32, from: usize, to: usize) {
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
        let place = ehr_types::SourceLocation::new(path).at(Span::new(end, end), self.message.line_index());
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

    fn finish(self) -> Matched {
        let strays = self.strays;
        let missing = self
            .missing
            .into_iter()
            .filter(|(node, id, _)| !strays.contains(&(*node, *id)));
        self.findings.extend(missing.map(|(_, _, finding)| finding));
        self.findings
            .sort_by_key(|finding| finding.location.span.map_or(0, |span| span.start));
        Matched {
            nodes: self.nodes,
            placed: self.placed,
        }
    }
}

/// The way to the first place of `id` in a group, whatever it passes.
fn unconditional(group: GroupDefinition, id: Id) -> Option<Vec<usize>> {
    for (at, member) in group.members().enumerate() {
        if matches(member, id, Reach::Exact) {
            return Some(vec![at]);
        }
        if let Some(mut path) = member.group().and_then(|inner| unconditional(inner, id)) {
            path.insert(0, at);
            return Some(path);
        }
    }
    None
}

fn matches(member: MemberDefinition, id: Id, reach: Reach) -> bool {
    member.is_segment(id) || (reach == Reach::Any && member.is_any())
}

/// Whether a structure names a segment anywhere.
fn holds(group: GroupDefinition, id: Id) -> bool {
    group
        .members()
        .any(|member| member.is_segment(id) || member.group().is_some_and(|inner| holds(inner, id)))
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
