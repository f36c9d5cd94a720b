//! Message structures and their groups.

use std::fmt;

use super::generated::groups::{GROUPS, MEMBERS};
use super::names::{NameIndex, name};
use super::raw::{ANY_SEGMENT, GROUP, Group, Member, UNBOUNDED};

/// A message structure, or a group within one, as one version defines it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct GroupDefinition(pub(super) &'static Group);

/// A member of a group.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MemberDefinition(&'static Member);

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
        self.rows().iter().map(MemberDefinition)
    }

    pub(crate) fn member(self, at: usize) -> Option<MemberDefinition> {
        self.rows().get(at).map(MemberDefinition)
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
        match self.0.0 {
            ANY_SEGMENT => MemberKind::AnySegment,
            what if what & GROUP != 0 => {
                GroupDefinition::at(what & !GROUP).map_or(MemberKind::AnySegment, MemberKind::Group)
            }
            what => MemberKind::Segment(name(what)),
        }
    }

    /// The group, where it is one.
    pub(crate) fn group(self) -> Option<GroupDefinition> {
        let what = self.0.0;
        if what & GROUP == 0 {
            None
        } else {
            GroupDefinition::at(what & !GROUP)
        }
    }

    /// The name of the segment, where it is one.
    pub(crate) fn segment(self) -> Option<NameIndex> {
        let what = self.0.0;
        (what & GROUP == 0 && what != ANY_SEGMENT).then_some(NameIndex(what))
    }

    /// Whether it is the segment of this name.
    pub(crate) fn is_segment(self, id: Option<NameIndex>) -> bool {
        id.is_some_and(|id| id.0 == self.0.0)
    }

    /// Whether it stands for any segment.
    pub(crate) fn is_any(self) -> bool {
        self.0.0 == ANY_SEGMENT
    }

    /// Whether it must occur.
    pub fn is_required(&self) -> bool {
        self.0.1 > 0
    }

    /// Whether it may occur more than once.
    pub fn repeats(&self) -> bool {
        self.0.2 > 1
    }

    /// How often it may occur; `None` for no bound.
    pub fn max_repetitions(&self) -> Option<u8> {
        Some(self.0.2).filter(|max| *max != UNBOUNDED)
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
            self.0.1,
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
