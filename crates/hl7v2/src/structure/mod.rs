//! The groups of a message: which segments belong together.

use std::fmt;

use ehr_types::Finding;

use crate::definitions::{GroupDefinition, Version};
use crate::message::Message;
use crate::path::Path;
use crate::segment::Segment;
use crate::segment_id::SegmentId;

mod identify;
mod matcher;

pub(crate) use identify::Identified;

/// The group structure of a message: a second index over its segments.
///
/// The segments are matched in order against the message structure that MSH-9 names (chapter 2.12 of
/// the standard). Nothing is moved or dropped: a segment that the structure does not expect where it
/// stands belongs to the innermost group that is open there, with a finding, and what follows is
/// matched as if it were not there. A message of unknown structure is one flat group.
///
/// ```
/// use ehr_hl7v2::Message;
/// let message = Message::parse(
///     b"MSH|^~\\&|LAB|ACME|||20240102||ORU^R01^ORU_R01|42|P|2.5.1\r\
///       PID|1||7^^^ACME^MR||Doe^Jane\r\
///       OBR|1|||4548-4^HbA1c^LN\r\
///       OBX|1|NM|4548-4^HbA1c^LN||6.1|%\r\
///       OBR|2|||718-7^Hemoglobin^LN\r\
///       OBX|1|NM|718-7^Hemoglobin^LN||13.2|g/dL\r\
///       NTE|1||drawn twice\r",
/// )?;
/// let structure = message.structure();
/// assert_eq!(structure.name(), "ORU_R01");
/// for order in structure.groups("ORDER_OBSERVATION") {
///     let code = order.first("OBR").ok_or("no OBR")?.field(4);
///     let results = order.groups("OBSERVATION").count();
///     println!("{} {}: {results}", order.path(), code.component(1).text());
/// }
/// assert_eq!(message.get("ORDER_OBSERVATION[2]/OBX-5")?.text(), Some("13.2"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Structure<'m> {
    message: &'m Message<'m>,
    version: Version,
    definition: Option<GroupDefinition>,
    nodes: Vec<Node>,
    /// The node of each segment.
    placed: Vec<Placed>,
    findings: Vec<Finding>,
}

/// A group as it occurs; in the order of the message, a group before those inside it.
#[derive(Clone, Debug)]
struct Node {
    definition: Option<GroupDefinition>,
    parent: u32,
    /// Which of its name this is inside its parent, from 1.
    number: u32,
    /// Its segments, those of inner groups included.
    start: u32,
    end: u32,
    /// The first node that is not inside this one.
    after: u32,
}

/// Where a segment was put.
#[derive(Clone, Copy, Debug)]
struct Placed {
    node: u32,
    expected: bool,
}

impl Message<'_> {
    /// Matches the segments against the message structure that MSH-9 names.
    pub fn structure(&self) -> Structure<'_> {
        Structure::new(self)
    }
}

impl<'m> Structure<'m> {
    fn new(message: &'m Message<'m>) -> Self {
        let identified = Identified::of(message);
        Self::with(message, identified)
    }

    pub(crate) fn with(message: &'m Message<'m>, identified: Identified) -> Self {
        let Identified {
            version,
            definition,
            mut findings,
        } = identified;
        let matched = matcher::run(message, definition, &mut findings);
        Self {
            message,
            version,
            definition,
            nodes: matched.nodes,
            placed: matched.placed,
            findings,
        }
    }

    /// Matches the segments against a structure of the caller's choice, whatever MSH-9 says.
    pub fn of(message: &'m Message<'m>, version: Version, definition: GroupDefinition) -> Self {
        Self::with(
            message,
            Identified {
                version,
                definition: Some(definition),
                findings: Vec::new(),
            },
        )
    }

    /// The name of the structure, `ORU_R01`; empty when it is not known and the message is one flat
    /// group.
    pub fn name(&self) -> &'static str {
        self.definition.map_or("", |definition| definition.name())
    }

    /// The definition that the segments were matched against.
    pub fn definition(&self) -> Option<GroupDefinition> {
        self.definition
    }

    /// The version whose definitions serve the message.
    pub fn version(&self) -> Version {
        self.version
    }

    /// What is noticed about the structure, in the order of the message.
    ///
    /// | code | severity | meaning |
    /// |---|---|---|
    /// | `v2.structure.missing` | error | a required segment or group is not there |
    /// | `v2.structure.order` | warning | a segment that the structure expects, but not here |
    /// | `v2.structure.unexpected` | warning | a segment that the structure does not hold |
    /// | `v2.structure.repetition` | warning | a segment or group occurs more often than it may |
    /// | `v2.structure.local` | information | a segment of local agreement (Z) |
    /// | `v2.structure.name` | warning | MSH-9.3 is not the name of a structure; the event decides |
    /// | `v2.structure.event` | warning | the event is not stated, and assumed |
    /// | `v2.structure.version` | warning | the structure is one of another version |
    /// | `v2.structure.unknown` | warning | no structure is known: the message is one flat group |
    /// | `v2.structure.batch` | information | several messages: one flat group |
    /// | `v2.version.unsupported` | warning | MSH-12 is a version without definitions; the nearest serves |
    /// | `v2.version.unknown` | warning | MSH-12 is no version; [`Version::DEFAULT`] serves |
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The findings by value.
    pub fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    /// The whole message as a group.
    pub fn root(&self) -> Group<'_> {
        Group {
            structure: self,
            node: 0,
        }
    }

    /// All groups of a name, however deep, in the order of the message.
    pub fn groups<'t>(&'t self, name: &'t str) -> impl Iterator<Item = Group<'t>> {
        self.root().groups(name)
    }

    /// The innermost group that a segment belongs to, by its position in the message.
    pub fn group_of(&self, position: usize) -> Option<Group<'_>> {
        let node = self.placed.get(position)?.node;
        Some(Group {
            structure: self,
            node,
        })
    }

    /// Whether the structure expects the segment where it stands.
    pub fn is_expected(&self, position: usize) -> bool {
        self.placed.get(position).is_some_and(|placed| placed.expected)
    }

    /// The segment that a path leads to, through the groups that it names.
    ///
    /// Each step finds the groups of its name inside the group before it, however deep, and takes the
    /// one of its number, 1 where it has none; so does the segment at the end.
    pub fn segment_at(&self, path: &Path<'_>) -> Option<Segment<'m>> {
        let mut group = self.root();
        for (name, number) in path.group_steps() {
            group = group.groups(name).nth(number.checked_sub(1)? as usize)?;
        }
        let skip = path.occurrence().unwrap_or(1).checked_sub(1)? as usize;
        let (id, range) = (path.segment(), group.range());
        range
            .filter_map(|position| self.message.segment(position))
            .filter(|segment| id.is_unknown() || segment.id() == id)
            .nth(skip)
    }

    fn node(&self, node: u32) -> Option<&Node> {
        self.nodes.get(node as usize)
    }
}

/// A group as it occurs in a message.
#[derive(Clone, Copy)]
pub struct Group<'t> {
    structure: &'t Structure<'t>,
    node: u32,
}

impl<'t> Group<'t> {
    /// The name of the group; of the message structure for the whole message.
    pub fn name(&self) -> &'static str {
        self.definition().map_or("", |definition| definition.name())
    }

    /// The definition of the group; `None` for a message of unknown structure.
    pub fn definition(&self) -> Option<GroupDefinition> {
        self.structure.node(self.node).and_then(|node| node.definition)
    }

    /// Which of its name this is inside the group around it, from 1.
    pub fn number(&self) -> u32 {
        self.structure.node(self.node).map_or(1, |node| node.number)
    }

    /// The group around it.
    pub fn parent(&self) -> Option<Self> {
        let parent = self.structure.node(self.node)?.parent;
        (self.node != 0).then_some(Self {
            node: parent,
            ..*self
        })
    }

    /// The names and numbers from the message down: `PATIENT_RESULT[1]/ORDER_OBSERVATION[2]`; empty
    /// for the whole message.
    pub fn path(&self) -> String {
        let Some(parent) = self.parent() else {
            return String::new();
        };
        let mut path = parent.path();
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(&format!("{}[{}]", self.name(), self.number()));
        path
    }

    /// The groups of a name inside this one, however deep, in the order of the message.
    pub fn groups(&self, name: &'t str) -> impl Iterator<Item = Self> + use<'t> {
        let group = *self;
        let end = self.structure.node(self.node).map_or(0, |node| node.after);
        (self.node + 1..end)
            .map(move |node| Self { node, ..group })
            .filter(move |inner| inner.name() == name)
    }

    /// The groups right inside this one, in the order of the message.
    pub fn children(&self) -> impl Iterator<Item = Self> + use<'t> {
        let group = *self;
        let end = self.structure.node(self.node).map_or(0, |node| node.after);
        let mut next = self.node + 1;
        std::iter::from_fn(move || {
            let node = next;
            if node >= end {
                return None;
            }
            next = group.structure.node(node).map_or(end, |inner| inner.after);
            Some(Self { node, ..group })
        })
    }

    /// The segments of this group and of the groups inside it, in the order of the message.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'t>> + use<'t> {
        let message = self.structure.message;
        self.range().filter_map(|position| message.segment(position))
    }

    /// The segments of this group alone, in the order of the message.
    pub fn own_segments(&self) -> impl Iterator<Item = Segment<'t>> + use<'t> {
        let group = *self;
        self.segments().filter(move |segment| {
            group
                .structure
                .placed
                .get(segment.position())
                .is_some_and(|placed| placed.node == group.node)
        })
    }

    /// The first segment of a name of this group alone.
    pub fn first(&self, id: &str) -> Option<Segment<'t>> {
        let id = SegmentId::new(id)?;
        self.own_segments().find(|segment| segment.id() == id)
    }

    /// All segments of a name of this group alone, in the order of the message.
    pub fn all(&self, id: &str) -> impl Iterator<Item = Segment<'t>> + use<'t> {
        let id = SegmentId::new(id);
        self.own_segments()
            .filter(move |segment| Some(segment.id()) == id)
    }

    /// The positions in the message of the segments of this group and of the groups inside it.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.structure
            .node(self.node)
            .map_or(0..0, |node| node.start as usize..node.end as usize)
    }
}

impl fmt::Debug for Group<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ({} segments)",
            if self.node == 0 {
                self.name().to_owned()
            } else {
                self.path()
            },
            self.range().len()
        )
    }
}

/// Shows the groups and the names of their segments.
impl fmt::Debug for Structure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn show(group: Group<'_>, depth: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            writeln!(f, "{}{} {{", "  ".repeat(depth), group.name())?;
            let mut inner = group.children().peekable();
            let mut at = group.range().start;
            while at < group.range().end {
                if let Some(child) = inner.next_if(|child| child.range().start == at) {
                    show(child, depth + 1, f)?;
                    at = child.range().end.max(at + 1);
                } else {
                    let segment = group.structure.message.segment(at);
                    let id = segment.map_or(SegmentId::UNKNOWN, |segment| segment.id());
                    let mark = if group.structure.is_expected(at) { "" } else { " ?" };
                    writeln!(f, "{}{id}{mark}", "  ".repeat(depth + 1))?;
                    at += 1;
                }
            }
            writeln!(f, "{}}}", "  ".repeat(depth))
        }
        show(self.root(), 0, f)
    }
}
