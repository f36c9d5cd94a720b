//! Checking a message against the definitions of its version.

use ehr_types::{Finding, Severity, SourceLocation, Span};

use crate::definitions::{SegmentDefinition, Version};
use crate::message::Message;
use crate::segment::Segment;
use crate::structure::{Identified, Structure};
use crate::view::Field;

mod element;
pub(crate) mod primitive;

/// What to check; all of it by default.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ValidateOptions {
    /// The version whose definitions serve, whatever MSH-12 says.
    pub version: Option<Version>,
    /// Check the order and presence of segments against the message structure.
    pub structure: bool,
    /// Check codes of the data type ID against their tables.
    pub tables: bool,
    /// The least severity that is reported.
    pub least: Severity,
}

impl Default for ValidateOptions {
    fn default() -> Self {
        Self {
            version: None,
            structure: true,
            tables: true,
            least: Severity::Information,
        }
    }
}

impl Message<'_> {
    /// Checks the message against the definitions of its version, in one pass.
    ///
    /// The findings are in the order of the message; each has a stable code, a path and the range of
    /// its bytes. They are about what the standard defines, not about what is well-formed: for that
    /// see [`Message::findings`].
    ///
    /// | code | severity | meaning |
    /// |---|---|---|
    /// | `v2.structure.…` | | see [`Structure::findings`](crate::Structure::findings) |
    /// | `v2.segment.unknown` | warning | a segment that no version defines |
    /// | `v2.segment.version` | warning | a segment that other versions define |
    /// | `v2.field.missing` | error | a required field is not valued |
    /// | `v2.field.repetition` | warning | more repetitions than are allowed |
    /// | `v2.field.undefined` | warning | a valued field that no version defines |
    /// | `v2.field.version` | information | a valued field that only later versions define |
    /// | `v2.field.withdrawn` | information | a valued field that the version has withdrawn |
    /// | `v2.component.missing` | error | a required component of a valued field is not valued |
    /// | `v2.component.undefined` | warning | a valued component or subcomponent that no version defines |
    /// | `v2.component.version` | information | one that only later versions define |
    /// | `v2.component.withdrawn` | information | a valued component that the version has withdrawn |
    /// | `v2.datatype.invalid` | error | not a value of a number, date, time or sequence type |
    /// | `v2.datatype.unknown` | warning | OBX-2 names no data type |
    /// | `v2.table.code` | warning | a code that its table holds in no version |
    /// | `v2.table.version` | information | a code that its table holds only in other versions |
    ///
    /// ```
    /// let message = ehr_hl7v2::Message::parse(
    ///     b"MSH|^~\\&|LAB|ACME|||20240102||ORU^R01^ORU_R01|42|P|2.5.1\r\
    ///       PID|1||7^^^ACME^MR||Doe^Jane||2001-02-03\r\
    ///       OBR|1|||4548-4^HbA1c^LN\r\
    ///       OBX|1|NM|4548-4^HbA1c^LN||six|%|||||F\r",
    /// )?;
    /// let found: Vec<_> = message.validate().into_iter().map(|f| (f.code, f.location.path)).collect();
    /// assert_eq!(found, [
    ///     ("v2.datatype.invalid".into(), "PID-7[1].1".to_owned()),
    ///     ("v2.datatype.invalid".into(), "OBX-5[1].1".to_owned()),
    /// ]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn validate(&self) -> Vec<Finding> {
        self.validate_with(&ValidateOptions::default())
    }

    /// Checks the message as the options say.
    pub fn validate_with(&self, options: &ValidateOptions) -> Vec<Finding> {
        let identified = Identified::of_version(self, options.version);
        let structure = Structure::with(self, identified);
        let checker = Checker {
            version: structure.version(),
            options,
        };
        let mut findings = Vec::new();
        for segment in self.segments() {
            checker.segment(segment, &mut findings);
        }
        if options.structure {
            findings.extend(structure.into_findings());
        }
        findings.retain(|finding| finding.severity >= options.least);
        findings.sort_by_key(|finding| finding.location.span.map_or(0, |span| span.start));
        findings
    }
}

struct Checker<'o> {
    version: Version,
    options: &'o ValidateOptions,
}

impl Checker<'_> {
    fn segment(&self, segment: Segment<'_>, findings: &mut Vec<Finding>) {
        let id = segment.id();
        if id.is_local() || id.is_unknown() {
            return;
        }
        let definition = match self.version.segment(id.as_str()) {
            Some(definition) => definition,
            None => {
                let Some(definition) = nearest(self.version, |version| version.segment(id.as_str())) else {
                    findings.push(Finding::warning(
                        "v2.segment.unknown",
                        segment.location(),
                        "no version defines the segment",
                    ));
                    return;
                };
                findings.push(Finding::warning(
                    "v2.segment.version",
                    segment.location(),
                    format!("version {} does not define the segment", self.version),
                ));
                definition
            }
        };
        self.fields(segment, definition, findings);
    }

    fn fields(&self, segment: Segment<'_>, definition: SegmentDefinition, findings: &mut Vec<Finding>) {
        let mut written = 0;
        for field in segment.fields() {
            let number = field.number() as usize;
            written = number;
            let element = definition.field(number);
            if field.is_empty() {
                if element.is_some_and(|element| element.is_required()) {
                    findings.push(missing(field.location()));
                }
                continue;
            }
            match element {
                Some(element) => self.field(segment, field, element, findings),
                None => findings.push(self.undefined_field(field)),
            }
        }
        for number in written + 1..=definition.field_count() {
            if definition
                .field(number)
                .is_some_and(|element| element.is_required())
            {
                findings.push(missing(located(segment, segment.field(number as u32))));
            }
        }
    }
}

impl Checker<'_> {
    /// What to say of a field that the version does not define.
    fn undefined_field(&self, field: Field<'_>) -> Finding {
        let id = field.segment().id();
        let elsewhere = nearest(self.version, |version| {
            let element = version.segment(id.as_str())?.field(field.number() as usize)?;
            (!element.is_withdrawn()).then_some(version)
        });
        let (location, version) = (field.location(), self.version);
        match elsewhere {
            Some(other) if other > version => Finding::information(
                "v2.field.version",
                location,
                format!("defined in version {other}, not in {version}"),
            ),
            Some(_) => withdrawn_field(location, version),
            None => Finding::warning("v2.field.undefined", location, "no version defines the field"),
        }
    }
}

fn withdrawn_field(location: SourceLocation, version: Version) -> Finding {
    Finding::information(
        "v2.field.withdrawn",
        location,
        format!("version {version} has withdrawn the field"),
    )
}

fn missing(location: SourceLocation) -> Finding {
    Finding::error(
        "v2.field.missing",
        location,
        "the field is required and not valued",
    )
}

/// Where a field stands, or would: right after the segment that ends before it.
pub(crate) fn located(segment: Segment<'_>, field: Field<'_>) -> SourceLocation {
    if field.is_absent() {
        let end = segment.span().end;
        segment.message().location(&field.path(), Span::new(end, end))
    } else {
        field.location()
    }
}

/// What the nearest other version defines; a later one before an earlier one.
pub(crate) fn nearest<T>(version: Version, seek: impl Fn(Version) -> Option<T>) -> Option<T> {
    let later = Version::ALL.into_iter().filter(|other| *other > version);
    let earlier = Version::ALL.into_iter().rev().filter(|other| *other < version);
    later.chain(earlier).find_map(seek)
}
