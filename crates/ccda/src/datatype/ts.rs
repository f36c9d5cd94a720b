//! TS: a point in time.

use ehr_types::{Absent, DateTime, Severity};

use crate::xml::Element;

impl Element<'_> {
    /// TS: the time in `@value`, known as far as it is written.
    ///
    /// ISO 8601 text, which some senders write, is read too and reported.
    pub fn to_date_time(self) -> Option<DateTime> {
        let time = self.read_time()?;
        Some(match self.default_offset() {
            Some(offset) => time.with_default_offset(offset),
            None => time,
        })
    }

    fn read_time(self) -> Option<DateTime> {
        let text = self.peek().attribute("value")?;
        if let Ok(time) = DateTime::parse_hl7(text) {
            self.attribute("value");
            return Some(time);
        }
        if let Ok(time) = DateTime::parse_any(text) {
            self.attribute("value");
            self.report(
                Severity::Warning,
                "ccda.ts.form",
                "a time in ISO form where the form of HL7 is due",
            );
            return Some(time);
        }
        self.report(Severity::Error, "ccda.ts.invalid", "not a date or time");
        None
    }

    /// The `nullFlavor` as a reason for absence.
    pub fn to_absent(self) -> Option<Absent> {
        self.null_flavor().map(Absent::from_null_flavor)
    }
}
