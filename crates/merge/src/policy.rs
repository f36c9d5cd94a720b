//! What a caller may choose.

use std::fmt;

use crate::equivalence::Equivalence;

/// Settings of the merge. The default serves without tuning.
///
/// # Which value is shown
///
/// Where sources agree, the canonical view shows the most precise statement. Where they do not, it shows the side of the
/// member that ranks first, and the disagreement is reported. What was
/// entered in error is heard on its status alone. Members rank by: how far they have come; [`prefer`](Self::prefer);
/// a corrected result before the one it corrects; the time at which it was last recorded, latest first; how much is said;
/// source and id.
#[derive(Default)]
pub struct Policy {
    /// Sources whose word counts most, best first, by [`Source::id`](ehr_model::Source::id).
    pub prefer: Vec<String>,
    /// Terminologies that relate codes of different systems.
    pub equivalences: Vec<Box<dyn Equivalence>>,
    /// Days between the end of a problem, or of a course of a medication, and its next beginning from which both are items of
    /// their own.
    pub recurrence_days: Recurrence,
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("prefer", &self.prefer)
            .field("equivalences", &self.equivalences.len())
            .field("recurrence_days", &self.recurrence_days)
            .finish()
    }
}

/// A number of days, 90 by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Recurrence(pub u32);

impl Default for Recurrence {
    fn default() -> Self {
        Self(90)
    }
}
