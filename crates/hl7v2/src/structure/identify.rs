//! Which structure a message has.

use ehr_types::Finding;

use crate::definitions::{GroupDefinition, Version, VersionReading};
use crate::message::Message;
use crate::segment_id::SegmentId;
use crate::validate::located;

/// The version and structure of a message, and what was noticed on the way.
pub(crate) struct Identified {
    pub(crate) version: Version,
    pub(crate) definition: Option<GroupDefinition>,
    pub(crate) findings: Vec<Finding>,
}

impl Message<'_> {
    /// What MSH-12 says about the version.
    pub fn version(&self) -> VersionReading {
        match self.first("MSH") {
            Some(header) => Version::read(&header.field(12).component(1).text()),
            None => VersionReading::Unknown,
        }
    }
}

impl Identified {
    pub(crate) fn of(message: &Message<'_>) -> Self {
        Self::of_version(message, None)
    }

    /// With the definitions of a version of the caller's choice.
    pub(crate) fn of_version(message: &Message<'_>, version: Option<Version>) -> Self {
        let mut identified = Self {
            version: version.unwrap_or_else(|| message.version().version()),
            definition: None,
            findings: Vec::new(),
        };
        let headers = message
            .segments()
            .filter(|segment| segment.id().is_header())
            .count();
        let Some(header) = message
            .header()
            .filter(|_| headers == 1 && message.first("MSH").is_some())
        else {
            if let Some(header) = message.header() {
                identified.findings.push(Finding::information(
                    "v2.structure.batch",
                    header.location(),
                    "a batch, not one message: its messages are to be read one by one",
                ));
            }
            return identified;
        };
        if version.is_none() {
            identified.read_version(message);
        }
        let field = header.field(9);
        let text = |component: u32| {
            field
                .component(component)
                .some_text()
                .map(|t| t.trim().to_owned())
                .unwrap_or_default()
        };
        let (code, mut event, name) = (text(1), text(2), text(3));
        if event.is_empty() {
            // Version 2.1 named the event in EVN-1 alone.
            let evn = message
                .first("EVN")
                .and_then(|evn| evn.field(1).component(1).some_text());
            event = evn.map(|t| t.trim().to_owned()).unwrap_or_default();
        }
        if !name.is_empty() && identified.by_name(message, &name) {
            return identified;
        }
        if identified.by_event(message, &code, &event) {
            return identified;
        }
        identified.findings.push(Finding::warning(
            "v2.structure.unknown",
            located(header, field),
            "no structure is known for this message type: the segments are not put into groups",
        ));
        identified
    }

    /// What to say of MSH-12.
    fn read_version(&mut self, message: &Message<'_>) {
        let Some(header) = message.first("MSH") else {
            return;
        };
        let place = located(header, header.field(12));
        match message.version() {
            VersionReading::Known(_) => {}
            VersionReading::Nearest(version) => self.findings.push(Finding::warning(
                "v2.version.unsupported",
                place,
                format!("no definitions are held for this version; those of {version} are used"),
            )),
            VersionReading::Unknown => self.findings.push(Finding::warning(
                "v2.version.unknown",
                place,
                format!(
                    "the version is not stated; the definitions of {} are used",
                    Version::DEFAULT
                ),
            )),
        }
    }

    /// By MSH-9.3.
    fn by_name(&mut self, message: &Message<'_>, name: &str) -> bool {
        let place = || {
            message
                .header()
                .map(|header| header.field(9).component(3).location())
                .unwrap_or_default()
        };
        self.definition = self.version.message_structure(name);
        if self.definition.is_some() {
            return true;
        }
        // Many senders write the event here: `ADT_A04` for ADT_A01.
        if let Some((_, structure)) = self.version.events().find(|(event, _)| *event == name) {
            self.definition = self.version.message_structure(structure);
            self.findings.push(Finding::warning(
                "v2.structure.name",
                place(),
                format!("not the name of a structure but of an event; its structure is {structure}"),
            ));
            return self.definition.is_some();
        }
        if let Some((version, definition)) =
            elsewhere(self.version, |version| version.message_structure(name))
        {
            self.definition = Some(definition);
            self.findings.push(Finding::warning(
                "v2.structure.version",
                place(),
                format!(
                    "not a structure of version {}; that of {version} is used",
                    self.version
                ),
            ));
            return true;
        }
        self.findings.push(Finding::warning(
            "v2.structure.name",
            place(),
            "not the name of a structure; the message code and event are used",
        ));
        false
    }

    /// By MSH-9.1 and MSH-9.2.
    fn by_event(&mut self, message: &Message<'_>, code: &str, event: &str) -> bool {
        if code.is_empty() {
            return false;
        }
        self.definition = self.version.structure_of(code, event);
        if self.definition.is_some() {
            return true;
        }
        let place = || {
            message
                .header()
                .map(|header| located(header, header.field(9)))
                .unwrap_or_default()
        };
        if let Some((version, definition)) =
            elsewhere(self.version, |version| version.structure_of(code, event))
        {
            self.definition = Some(definition);
            self.findings.push(Finding::warning(
                "v2.structure.version",
                place(),
                format!(
                    "not an event of version {}; the structure of {version} is used",
                    self.version
                ),
            ));
            return true;
        }
        // Results and orders have had one event for most of their life, and some senders leave it out.
        let usual = match code {
            "ORU" => "R01",
            "ORM" => "O01",
            _ => return false,
        };
        self.definition = if event.is_empty() {
            self.version.structure_of(code, usual)
        } else {
            None
        };
        if self.definition.is_some() {
            self.findings.push(Finding::warning(
                "v2.structure.event",
                place(),
                format!("the event is not stated; {usual} is assumed"),
            ));
        }
        self.definition.is_some()
    }
}

/// The nearest other version that has what is sought; a later one before an earlier one.
fn elsewhere(
    version: Version,
    seek: impl Fn(Version) -> Option<GroupDefinition>,
) -> Option<(Version, GroupDefinition)> {
    let later = Version::ALL.into_iter().filter(|other| *other > version);
    let earlier = Version::ALL.into_iter().rev().filter(|other| *other < version);
    later
        .chain(earlier)
        .find_map(|other| seek(other).map(|found| (other, found)))
}

/// Whether a segment frames a batch and is no part of a message.
pub(super) fn is_batch_frame(id: SegmentId) -> bool {
    id == "FHS" || id == "BHS" || id == "BTS" || id == "FTS"
}
