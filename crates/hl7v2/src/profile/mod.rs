//! Conformance profiles: what one sender and one receiver agreed on, as data.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::definitions::Version;

mod check;
#[cfg(feature = "profile")]
mod json;
#[cfg(feature = "profile")]
mod xml;

#[cfg(feature = "profile")]
use serde::{Deserialize, Serialize};

#[cfg(feature = "profile")]
pub use xml::ProfileError;

/// A conformance profile (HL7 v2.8.2, chapter 2B): rules for one message type beyond those of the
/// standard.
///
/// Plain data: built in code, or with the feature `profile` read from JSON by `Profile::from_json` or
/// from HL7's XML form by `Profile::from_xml`. What a profile does not mention it allows.
///
/// ```
/// use ehr_hl7v2::Message;
/// use ehr_hl7v2::profile::{ElementRule, Profile, Rule, SegmentRule, Usage};
///
/// let profile = Profile {
///     name: "Riverside registrations".to_owned(),
///     message: Some("ADT^A04".to_owned()),
///     rules: vec![Rule::Segment(SegmentRule {
///         id: "PID".to_owned(),
///         usage: Usage::R,
///         fields: vec![
///             ElementRule { position: 7, usage: Usage::R, ..ElementRule::default() },
///             ElementRule { position: 19, usage: Usage::X, ..ElementRule::default() },
///         ],
///         ..SegmentRule::default()
///     })],
///     ..Profile::default()
/// };
/// let message = Message::parse(b"MSH|^~\\&|A|B|||20240102||ADT^A04^ADT_A01|42|P|2.5.1\rPID|1||7||Doe\r")?;
/// let found: Vec<_> = message.validate_profile(&profile).into_iter().map(|f| (f.code, f.location.path)).collect();
/// assert_eq!(found, [("v2.profile.required".into(), "PID-7".to_owned())]);
/// # Ok::<(), ehr_hl7v2::ParseError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "profile",
    derive(Serialize, Deserialize),
    serde(deny_unknown_fields)
)]
pub struct Profile {
    /// What the profile is called.
    #[cfg_attr(feature = "profile", serde(default))]
    pub name: String,
    /// The version whose definitions serve, whatever MSH-12 says.
    #[cfg_attr(feature = "profile", serde(default, skip_serializing_if = "Option::is_none"))]
    pub version: Option<Version>,
    /// The message type as in MSH-9, as far as it is fixed: `ADT`, `ADT^A04`, `ADT^A04^ADT_A01`.
    #[cfg_attr(feature = "profile", serde(default, skip_serializing_if = "Option::is_none"))]
    pub message: Option<String>,
    /// Rules for the segments and groups of the message.
    #[cfg_attr(feature = "profile", serde(default))]
    pub rules: Vec<Rule>,
    /// Codes by the name of their table; a table that is not here is taken from the standard.
    #[cfg_attr(
        feature = "profile",
        serde(default, skip_serializing_if = "BTreeMap::is_empty")
    )]
    pub tables: BTreeMap<String, Vec<String>>,
}

/// A rule for a member of a group, or of the whole message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "profile", derive(Serialize, Deserialize), serde(untagged))]
pub enum Rule {
    /// For the segments of a name, in the group and in those groups inside it that have no rule.
    Segment(SegmentRule),
    /// For the groups of a name, however deep inside the group.
    Group(GroupRule),
}

/// A rule for a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "profile",
    derive(Serialize, Deserialize),
    serde(deny_unknown_fields)
)]
pub struct GroupRule {
    /// The name: `ORDER_OBSERVATION`.
    #[cfg_attr(feature = "profile", serde(rename = "group"))]
    pub name: String,
    /// Whether it must or may occur.
    #[cfg_attr(feature = "profile", serde(default))]
    pub usage: Usage,
    /// How often it must occur where it does.
    #[cfg_attr(feature = "profile", serde(default))]
    pub min: u32,
    /// How often it may occur; `None` for no bound.
    #[cfg_attr(feature = "profile", serde(default, skip_serializing_if = "Option::is_none"))]
    pub max: Option<u32>,
    /// When the usage is [`Usage::C`] or [`Usage::CE`], the condition.
    #[cfg_attr(feature = "profile", serde(default, skip_serializing_if = "Option::is_none"))]
    pub condition: Option<Condition>,
    /// Rules for its members.
    #[cfg_attr(feature = "profile", serde(default))]
    pub rules: Vec<Rule>,
}

/// A rule for a segment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "profile",
    derive(Serialize, Deserialize),
    serde(deny_unknown_fields)
)]
pub struct SegmentRule {
    /// The identifier: `PID`.
    #[cfg_attr(feature = "profile", serde(rename = "segment"))]
    pub id: String,
    /// Whether it must or may occur.
    #[cfg_attr(feature = "profile", serde(default))]
    pub usage: Usage,
    /// How often it must occur where it does.
    #[cfg_attr(feature = "profile", serde(default))]
    pub min: u32,
    /// How often it may occur; `None` for no bound.
    #[cfg_attr(feature = "profile", serde(default, skip_serializing_if = "Option::is_none"))]
    pub max: Option<u32>,
    /// When the usage is [`Usage::C`] or [`Usage::CE`], the condition.
    #[cfg_attr(feature = "profile", serde(default, skip_serializing_if = "Option::is_none"))]
    pub condition: Option<Condition>,
    /// Rules for its fields.
    #[cfg_attr(feature = "profile", serde(default))]
    pub fields: Vec<ElementRule>,
}

/// A rule for a field, component or subcomponent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "profile",
    derive(Serialize, Deserialize),
    serde(deny_unknown_fields)
)]
pub struct ElementRule {
    /// The position in what it is a part of, from 1.
    pub position: u32,
    /// Whether it must or may be valued.
    #[cfg_attr(feature = "profile", serde(default))]
    pub usage: Usage,
    /// How many repetitions must be valued where one is; for fields.
    #[cfg_attr(feature = "profile", serde(default))]
    pub min: u32,
    /// How many repetitions may be valued; `None` for no bound; for fields.
    #[cfg_attr(feature = "profile", serde(default, skip_serializing_if = "Option::is_none"))]
    pub max: Option<u32>,
    /// How many characters a repetition, component or subcomponent may have.
    #[cfg_attr(feature = "profile", serde(default, skip_serializing_if = "Option::is_none"))]
    pub length: Option<u32>,
    /// The data type; primitive types are checked.
    #[cfg_attr(feature = "profile", serde(default, skip_serializing_if = "Option::is_none"))]
    pub datatype: Option<String>,
    /// The table of its code (of its first part, where it has parts): one of the profile's, or a
    /// number (`0001`, `HL70001`).
    #[cfg_attr(feature = "profile", serde(default, skip_serializing_if = "Option::is_none"))]
    pub table: Option<String>,
    /// The one value it may have.
    #[cfg_attr(feature = "profile", serde(default, skip_serializing_if = "Option::is_none"))]
    pub constant: Option<String>,
    /// When the usage is [`Usage::C`] or [`Usage::CE`], the condition.
    #[cfg_attr(feature = "profile", serde(default, skip_serializing_if = "Option::is_none"))]
    pub condition: Option<Condition>,
    /// Rules for its components or subcomponents.
    #[cfg_attr(feature = "profile", serde(default, skip_serializing_if = "Vec::is_empty"))]
    pub parts: Vec<ElementRule>,
}

/// When a conditional element must be valued. Where the condition does not hold, it must not be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "profile",
    derive(Serialize, Deserialize),
    serde(deny_unknown_fields)
)]
pub struct Condition {
    /// What the condition is about. A path to the name of the segment that the rule is for means that
    /// very segment; any other the first segment of that name.
    pub path: String,
    /// The values for which it holds; with none, any value.
    #[cfg_attr(feature = "profile", serde(default, skip_serializing_if = "Vec::is_empty"))]
    pub one_of: Vec<String>,
}

/// Whether something must, may or must not be valued (chapter 2B.7.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "profile", derive(Serialize, Deserialize))]
pub enum Usage {
    /// Required.
    R,
    /// Required, but may be empty: sent by whoever has a value.
    RE,
    /// Optional.
    #[default]
    O,
    /// Conditional: required where the condition holds, forbidden where it does not. Not checked when
    /// the profile does not give the condition as data.
    C,
    /// Conditional, but may be empty; forbidden where the condition does not hold.
    CE,
    /// Not supported: must not be sent.
    X,
    /// Kept for older receivers.
    B,
    /// Withdrawn: must not be sent.
    W,
}

/// A text that is not a usage code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a usage code")]
pub struct UnknownUsage;

impl FromStr for Usage {
    type Err = UnknownUsage;

    /// Reads a code; `C(R/O)` and its like, which keep their condition elsewhere, are read as `C`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.trim() {
            "R" => Self::R,
            "RE" => Self::RE,
            "O" | "" => Self::O,
            "C" => Self::C,
            "CE" => Self::CE,
            "X" => Self::X,
            "B" => Self::B,
            "W" => Self::W,
            other if other.starts_with("C(") && other.ends_with(')') => Self::C,
            _ => return Err(UnknownUsage),
        })
    }
}
