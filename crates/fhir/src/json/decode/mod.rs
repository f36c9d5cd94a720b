//! Reading FHIR from JSON: one pass, every fault reported at its place, nothing dropped.

mod contained;
mod locate;
mod member;
mod object;
mod primitive;
mod report;
mod resource;
mod root;
mod sibling;
mod value;

use std::borrow::Cow;

use ehr_types::{Severity, Span};

use self::object::Followers;
pub(crate) use self::primitive::with_nine_digits;
use crate::element::{Field, Kind, Str, fill};
use crate::extra::RawReason;
use crate::json::intern::Interner;
use crate::json::lex::{Broken, Lexer};
use crate::parse::ParseOptions;
use crate::scope::{BrokenRule, UrnReference};

/// No index: the value is not an item of an array.
const NO_INDEX: u32 = u32::MAX;

static NO_FIELD: Field = Field::new(0, 0, 0, Kind::Resource, 0, 0);

#[derive(Clone, Copy)]
struct Step {
    field: &'static Field,
    index: u32,
}

/// Something of the member being read that its typed field cannot hold.
enum Residue {
    /// The whole value.
    Raw { span: Span, reason: RawReason },
    /// An item of its array.
    Hole { index: u32, span: Span, null: bool },
    /// The value stands without the brackets that its array should have.
    Single,
    /// A time whose text its field does not hold to the last digit.
    Spelling { index: u32, text: Box<str> },
}

struct Note {
    code: Cow<'static, str>,
    severity: Severity,
    path: String,
    span: Span,
    message: Cow<'static, str>,
}

/// A reference of the form `#id` whose target is looked up when the resource around it is read.
struct Local {
    id: Str,
    /// The member that is the reference.
    field: Option<&'static Field>,
    path: String,
    /// The Reference.
    span: Span,
}

/// A contained resource that was read.
struct Contained {
    index: u32,
    span: Span,
    /// Whether it refers, by `#`, to the resource around it.
    refers_back: bool,
}

/// Reads one JSON text; the generated types call back into it.
pub struct Decoder<'a> {
    lexer: Lexer<'a>,
    options: &'a ParseOptions,
    depth: usize,
    elements: usize,
    field: &'static Field,
    item: u32,
    root: Cow<'static, str>,
    fixed_root: bool,
    path: Vec<Step>,
    residue: Vec<Residue>,
    interner: Interner,
    followers: Followers,
    notes: Vec<Note>,
    /// How many more findings there were than are recorded.
    unrecorded: usize,
    rules: Vec<BrokenRule>,
    found_locals: Vec<Str>,
    locals: Vec<Local>,
    /// References by `urn:` whose Bundle is not read yet.
    urns: Vec<UrnReference>,
    /// `#id` in a URI of the resource being read.
    mentioned: Vec<Str>,
    /// The contained resources read so far of the resource being read.
    contained: Vec<Contained>,
    fatal: Option<Broken>,
}

/// A primitive value that can be read from JSON.
pub(crate) trait FromJson: Sized {
    /// Reads the value, or has it kept as it is and gives `None`.
    fn from_json(d: &mut Decoder<'_>) -> Option<Self>;

    /// Reads a value that may stand once into its place.
    #[inline(never)]
    fn read(slot: &mut Option<Self>, d: &mut Decoder<'_>) {
        let from_json: fn(&mut Decoder<'_>) -> Option<Self> = Self::from_json;
        fill(slot, from_json(d));
    }
}

impl<'a> Decoder<'a> {
    pub(crate) fn new(text: &'a str, options: &'a ParseOptions) -> Self {
        Self {
            lexer: Lexer::new(text),
            options,
            depth: 0,
            elements: 0,
            field: &NO_FIELD,
            item: NO_INDEX,
            root: Cow::Borrowed(""),
            fixed_root: false,
            path: Vec::new(),
            residue: Vec::new(),
            interner: Interner::new(text.len()),
            followers: Followers::new(),
            notes: Vec::new(),
            rules: Vec::new(),
            found_locals: Vec::new(),
            locals: Vec::new(),
            urns: Vec::new(),
            mentioned: Vec::new(),
            contained: Vec::new(),
            unrecorded: 0,
            fatal: None,
        }
    }
}
