//! Message structures and their groups.

use std::fmt;

use super::generated::groups::{GROUPS, MEMBERS};
use super::names::{NameIndex, name};
use super::raw::{ANY_SEGMENT, GROUP, Group, INDEX, Member, REPEATS, REQUIRED};

/// A message structure, or a group within one, as one version defines it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct GroupDefinition(pub(super) &'static Group);

/// A member of a group.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MemberDefinition(Member);

/// What a member of a group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberKind {
    /// The segment of this identifier.
    Segment(&'static str),
    /// Whatever segment stands there.
    AnySegment,
    /// A group of its own.
    Group(GroupDefinition),
}

impl GroupDefinition {
    pub(super) fn at(index: u16) -> Option<Self> {
        GROUPS.get(usize::from(index)).map(Self)
    }

    /// The name of the structure (`ORU_R01`) or of the group (`PATIENT_RESULT`).
    pub fn name(&self) -> &'static str {
        name(self.0.0)
    }

    /// Whether one of the members stands there, not all of them in order.
    pub fn is_choice(&self) -> bool {
        self.0.3
    }

    /// Whether the group only serves to spell a choice within another and has no name of its own in
    /// the standard, so that its segments count as those of the group around it.
    pub fn is_anonymous(&self) -> bool {
        self.is_choice() && (self.name() == "CHOICE" || self.name().ends_with("_SUPPGRP"))
    }

    /// The members in order.
    pub fn members(&self) -> impl ExactSizeIterator<Item = MemberDefinition> + Clone {
        self.rows().iter().copied().map(MemberDefinition)
    }

    pub(crate) fn member(self, at: usize) -> Option<MemberDefinition> {
        self.rows().get(at).copied().map(MemberDefinition)
    }

    fn rows(self) -> &'static [Member] {
        let start = usize::from(self.0.1);
        MEMBERS
            .get(start..start + usize::from(self.0.2))
            .unwrap_or_default()
    }
}

impl MemberDefinition {
    /// What it is.
    pub fn kind(&self) -> MemberKind {
        match (self.group(), self.segment()) {
            (Some(group), _) => MemberKind::Group(group),
            (None, Some(id)) => MemberKind::Segment(id.name()),
            (None, None) => MemberKind::AnySegment,
        }
    }

    /// The group, where it is one.
    pub(crate) fn group(self) -> Option<GroupDefinition> {
        if self.is_group() {
            GroupDefinition::at(self.index())
        } else {
            None
        }
    }

    /// The name of the segment, where it is one.
    pub(crate) fn segment(self) -> Option<NameIndex> {
        (!self.is_group() && !self.is_any()).then(|| NameIndex(self.index()))
    }

    /// Whether it is the segment of this name.
    pub(crate) fn is_segment(self, id: Option<NameIndex>) -> bool {
        id.is_some_and(|id| id.0 == self.index()) && !self.is_group()
    }

    /// Whether it stands for any segment.
    pub(crate) fn is_any(self) -> bool {
        self.index() == ANY_SEGMENT
    }

    /// Whether it must occur.
    pub fn is_required(&self) -> bool {
        self.0 & REQUIRED != 0
    }

    /// Whether it may occur more than once.
    pub fn repeats(&self) -> bool {
        self.0 & REPEATS != 0
    }

    /// How often it may occur: once, or without bound (`None`).
    pub fn max_repetitions(&self) -> Option<u8> {
        (!self.repeats()).then_some(1)
    }

    fn is_group(self) -> bool {
        self.0 & GROUP != 0
    }

    fn index(self) -> u16 {
        self.0 & INDEX
    }
}

impl fmt::Debug for GroupDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GroupDefinition({})", self.name())
    }
}

impl fmt::Debug for MemberDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "MemberDefinition({:?}, {}..{:?})",
            self.kind(),
            u8::from(self.is_required()),
            self.max_repetitions()
        )
    }
}

/// The structure in the notation of the standard: `MSH [{SFT}] {PATIENT_RESULT: …}`.
impl fmt::Display for GroupDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, member) in self.members().enumerate() {
            if at > 0 {
                f.write_str(if self.is_choice() { " | " } else { " " })?;
            }
            let optional = !member.is_required();
            write!(
                f,
                "{}{}",
                if optional { "[" } else { "" },
                if member.repeats() { "{" } else { "" }
            )?;
            match member.kind() {
                MemberKind::Segment(id) => f.write_str(id)?,
                MemberKind::AnySegment => f.write_str("*")?,
                MemberKind::Group(group) => write!(f, "{}: {group}", group.name())?,
            }
            write!(
                f,
                "{}{}",
                if member.repeats() { "}" } else { "" },
                if optional { "]" } else { "" }
            )?;
        }
        Ok(())
    }
}
