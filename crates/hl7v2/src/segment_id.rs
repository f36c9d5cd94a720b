//! Names of segments.

use std::fmt;

/// The name of a segment: `PID`, `OBX`, `ZAB`; kept in capitals.
///
/// A line that does not begin with such a name (wrapped text, a note pasted into the feed) has
/// [`SegmentId::UNKNOWN`], which is written `*`.
///
/// ```
/// use ehr_hl7v2::SegmentId;
/// let id = SegmentId::new("PID").unwrap();
/// assert_eq!(id, "PID");
/// assert_eq!(SegmentId::new("no such name"), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentId([u8; 4]);

impl SegmentId {
    /// A line without a segment name.
    pub const UNKNOWN: Self = Self(*b"*\0\0\0");
    /// The message header.
    pub const MSH: Self = Self(*b"MSH\0");
    /// The batch header.
    pub const BHS: Self = Self(*b"BHS\0");
    /// The file header.
    pub const FHS: Self = Self(*b"FHS\0");

    /// A name of three letters or digits that begins with a letter. Four are taken as well, as
    /// some senders use them for their own (`ZPAS`). Small letters become capitals.
    pub const fn new(name: &str) -> Option<Self> {
        Self::from_bytes(name.as_bytes())
    }

    pub(crate) const fn from_bytes(name: &[u8]) -> Option<Self> {
        let id = match name {
            [a, b, c] => [*a, *b, *c, 0],
            [a, b, c, d] if d.is_ascii_alphanumeric() => [*a, *b, *c, d.to_ascii_uppercase()],
            _ => return None,
        };
        let [a, b, c, d] = id;
        if a.is_ascii_alphabetic() && b.is_ascii_alphanumeric() && c.is_ascii_alphanumeric() {
            Some(Self([
                a.to_ascii_uppercase(),
                b.to_ascii_uppercase(),
                c.to_ascii_uppercase(),
                d,
            ]))
        } else {
            None
        }
    }

    /// The name as text; `*` for [`SegmentId::UNKNOWN`].
    pub fn as_str(&self) -> &str {
        let length = self.0.iter().position(|byte| *byte == 0).unwrap_or(self.0.len());
        self.0
            .get(..length)
            .and_then(|name| std::str::from_utf8(name).ok())
            .unwrap_or("*")
    }

    /// Whether this is a header that declares delimiters: `MSH`, `BHS` or `FHS`.
    pub fn is_header(self) -> bool {
        self == Self::MSH || self == Self::BHS || self == Self::FHS
    }

    /// Whether this is a segment of the frame of files and batches: FHS, BHS, BTS or FTS.
    pub fn is_batch_frame(self) -> bool {
        ["FHS", "BHS", "BTS", "FTS"].iter().any(|id| self == *id)
    }

    /// Whether this is a segment of local agreement: its name begins with `Z`.
    pub fn is_local(self) -> bool {
        self.0.first() == Some(&b'Z')
    }

    /// Whether the line has no segment name at all.
    pub fn is_unknown(self) -> bool {
        self == Self::UNKNOWN
    }
}

impl fmt::Display for SegmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for SegmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PartialEq<str> for SegmentId {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for SegmentId {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}
