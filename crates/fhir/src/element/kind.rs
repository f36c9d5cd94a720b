//! The types of members.

use crate::r4::ElementType;

/// The FHIR type of a member of a JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `boolean`
    Boolean,
    /// `integer`
    Integer,
    /// `positiveInt`
    PositiveInt,
    /// `unsignedInt`
    UnsignedInt,
    /// `decimal`
    Decimal,
    /// `date`
    Date,
    /// `dateTime`
    DateTime,
    /// `instant`
    Instant,
    /// `time`
    Time,
    /// `string`
    String,
    /// `markdown`
    Markdown,
    /// `uri`
    Uri,
    /// `url`
    Url,
    /// `canonical`
    Canonical,
    /// `code`
    Code,
    /// `id`
    Id,
    /// `oid`
    Oid,
    /// `uuid`
    Uuid,
    /// `base64Binary`
    Base64Binary,
    /// `xhtml`
    Xhtml,
    /// A complex type (`BackboneElement` for a group inside a resource).
    Element(ElementType),
    /// Any resource.
    Resource,
}

impl Kind {
    /// Whether the value is a primitive, which may have a `_name` sibling.
    pub fn is_primitive(self) -> bool {
        !matches!(self, Self::Element(_) | Self::Resource)
    }

    /// Name of the type in FHIR.
    pub fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::PositiveInt => "positiveInt",
            Self::UnsignedInt => "unsignedInt",
            Self::Decimal => "decimal",
            Self::Date => "date",
            Self::DateTime => "dateTime",
            Self::Instant => "instant",
            Self::Time => "time",
            Self::String => "string",
            Self::Markdown => "markdown",
            Self::Uri => "uri",
            Self::Url => "url",
            Self::Canonical => "canonical",
            Self::Code => "code",
            Self::Id => "id",
            Self::Oid => "oid",
            Self::Uuid => "uuid",
            Self::Base64Binary => "base64Binary",
            Self::Xhtml => "xhtml",
            Self::Element(ty) => ty.name(),
            Self::Resource => "Resource",
        }
    }
}
