//! Profiles in HL7's XML form (chapter 2B.9), as profile editors write it.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::{ElementRule, GroupRule, Profile, Rule, SegmentRule};
use crate::definitions::Version;

/// Why a text is not a profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// Not JSON, or JSON of another form.
    #[error("not a profile in JSON at {line}:{column}: {reason}")]
    Json {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong.
        reason: String,
    },
    /// Not well-formed XML.
    #[error("not well-formed XML at byte {at}: {reason}")]
    Xml {
        /// The offset.
        at: u64,
        /// What is wrong.
        reason: String,
    },
    /// An attribute has a value that the form does not allow.
    #[error("the attribute {attribute} at byte {at} has a value that is not allowed")]
    Attribute {
        /// The offset of the element.
        at: u64,
        /// The name of the attribute.
        attribute: &'static str,
    },
    /// No HL7v2xStaticDef stands in the text.
    #[error("no HL7v2xStaticDef: not a conformance profile")]
    NoDefinition,
    /// Elements are nested deeper than any profile needs.
    #[error("nested too deep at byte {at}")]
    Depth {
        /// The offset.
        at: u64,
    },
}

const MAX_DEPTH: usize = 64;

/// What is being read.
enum Open {
    Group(GroupRule),
    Segment(SegmentRule),
    Element(ElementRule),
    Other,
}

impl Profile {
    /// Reads the static definition of a conformance profile in XML: the elements SegGroup, Segment,
    /// Field, Component and SubComponent with their usage, cardinality, length, data type, table and
    /// constant value. Conditions are prose there, and are not checked.
    ///
    /// # Errors
    /// When the text is not well-formed XML, or not a conformance profile.
    pub fn from_xml(text: &str) -> Result<Self, ProfileError> {
        let mut reader = Reader::from_str(text);
        let mut profile = Self::default();
        let mut open: Vec<Open> = Vec::new();
        let mut found = false;
        loop {
            let at = reader.buffer_position();
            let event = reader.read_event().map_err(|error| ProfileError::Xml {
                at,
                reason: error.to_string(),
            })?;
            match event {
                Event::Start(start) => {
                    if open.len() >= MAX_DEPTH {
                        return Err(ProfileError::Depth { at });
                    }
                    found |= profile.root(&start, at)?;
                    let begun = begin(&start, open.last(), at)?;
                    open.push(begun);
                }
                Event::Empty(start) => {
                    found |= profile.root(&start, at)?;
                    let done = begin(&start, open.last(), at)?;
                    profile.end(done, open.last_mut());
                }
                Event::End(_) => {
                    if let Some(done) = open.pop() {
                        profile.end(done, open.last_mut());
                    }
                }
                Event::Eof => break,
                _ => {}
            }
        }
        if found {
            Ok(profile)
        } else {
            Err(ProfileError::NoDefinition)
        }
    }

    /// Takes over what the outer elements say; whether this is the static definition.
    fn root(&mut self, start: &BytesStart<'_>, at: u64) -> Result<bool, ProfileError> {
        match start.local_name().as_ref() {
            "HL7v2xConformanceProfile" => {
                self.version =
                    attribute(start, "HL7Version", at)?.and_then(|text| text.parse::<Version>().ok());
                Ok(false)
            }
            "MetaData" => {
                if let Some(name) = attribute(start, "Name", at)?.filter(|_| self.name.is_empty()) {
                    self.name = name;
                }
                Ok(false)
            }
            "HL7v2xStaticDef" => {
                let parts = ["MsgType", "EventType", "MsgStructID"].map(|name| attribute(start, name, at));
                let mut kind = String::new();
                for part in parts {
                    let Some(part) = part?.filter(|part| !part.is_empty()) else {
                        break;
                    };
                    if !kind.is_empty() {
                        kind.push('^');
                    }
                    kind.push_str(&part);
                }
                self.message = Some(kind).filter(|kind| !kind.is_empty());
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Puts a rule that is read in full where it belongs.
    fn end(&mut self, done: Open, parent: Option<&mut Open>) {
        let rules = |parent: Option<&mut Open>, rule: Rule, profile: &mut Self| match parent {
            Some(Open::Group(group)) => group.rules.push(rule),
            _ => profile.rules.push(rule),
        };
        match (done, parent) {
            (Open::Group(group), parent) => rules(parent, Rule::Group(group), self),
            (Open::Segment(segment), parent) => rules(parent, Rule::Segment(segment), self),
            (Open::Element(field), Some(Open::Segment(segment))) => segment.fields.push(field),
            (Open::Element(part), Some(Open::Element(element))) => element.parts.push(part),
            (Open::Element(_) | Open::Other, _) => {}
        }
    }
}

fn begin(start: &BytesStart<'_>, parent: Option<&Open>, at: u64) -> Result<Open, ProfileError> {
    let text = |name: &'static str| attribute(start, name, at);
    let number = |name: &'static str| -> Result<Option<u32>, ProfileError> {
        match text(name)?.as_deref().map(str::trim) {
            None | Some("" | "*") => Ok(None),
            Some(digits) => digits
                .parse()
                .map(Some)
                .map_err(|_| ProfileError::Attribute { at, attribute: name }),
        }
    };
    let usage = || {
        let usage = text("Usage")?.unwrap_or_default();
        usage.parse().map_err(|_| ProfileError::Attribute {
            at,
            attribute: "Usage",
        })
    };
    let min = || number("Min").map(Option::unwrap_or_default);
    Ok(match start.local_name().as_ref() {
        "SegGroup" => Open::Group(GroupRule {
            name: text("Name")?.unwrap_or_default(),
            usage: usage()?,
            min: min()?,
            max: number("Max")?,
            ..GroupRule::default()
        }),
        "Segment" => Open::Segment(SegmentRule {
            id: text("Name")?.unwrap_or_default(),
            usage: usage()?,
            min: min()?,
            max: number("Max")?,
            ..SegmentRule::default()
        }),
        "Field" | "Component" | "SubComponent" => {
            // Positions are not written: elements count in order.
            let before = match parent {
                Some(Open::Segment(segment)) => segment.fields.len(),
                Some(Open::Element(element)) => element.parts.len(),
                _ => 0,
            };
            let filled = |name| text(name).map(|text| text.filter(|text| !text.is_empty()));
            Open::Element(ElementRule {
                position: before as u32 + 1,
                usage: usage()?,
                min: min()?,
                max: number("Max")?,
                length: number("Length")?.filter(|length| *length > 0),
                datatype: filled("Datatype")?,
                table: filled("Table")?,
                constant: filled("ConstantValue")?,
                ..ElementRule::default()
            })
        }
        _ => Open::Other,
    })
}

fn attribute(start: &BytesStart<'_>, name: &'static str, at: u64) -> Result<Option<String>, ProfileError> {
    let wrong = |reason: String| ProfileError::Xml { at, reason };
    let Some(attribute) = start
        .try_get_attribute(name)
        .map_err(|error| wrong(error.to_string()))?
    else {
        return Ok(None);
    };
    let value = attribute
        .normalized_value(XmlVersion::Implicit1_0)
        .map_err(|error| wrong(error.to_string()))?;
    Ok(Some(value.into_owned()))
}
