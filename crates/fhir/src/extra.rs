//! What stands beside the fields of an element.

use std::fmt;

use thiserror::Error;

use crate::element::{About, Element, Field, Many, Node, PartsMut, Str, Type};
use crate::json::{is_json, one_line};
use crate::r4::Extension;
use crate::sort::sort_by;

/// What an element holds beside its fields: `id` and extensions (of data types and groups; resources have fields for
/// them), what belongs to its primitives (`_birthDate`), and everything that could not be understood, as written.
///
/// Almost no element has any of it, so it is one pointer there.
#[derive(Clone, Default)]
pub struct Extra {
    /// `id` of the element.
    pub id: Option<Str>,
    /// `extension`
    pub extension: Many<Extension>,
    /// `modifierExtension`
    pub modifier_extension: Many<Extension>,
    pub(crate) rest: Option<Box<Rest>>,
}

/// The rarer part of [`Extra`].
#[derive(Clone, Default)]
pub(crate) struct Rest {
    pub(crate) siblings: Many<Sibling>,
    pub(crate) holes: Many<Hole>,
    pub(crate) raw: Many<RawMember>,
    /// Names of the arrays that the source wrote without brackets.
    pub(crate) singles: Many<Str>,
    /// All members in the order of the source, when that was asked for and is not the order of FHIR.
    pub(crate) order: Many<Ordered>,
    pub(crate) spellings: Many<Spelling>,
    pub(crate) broken_names: Many<BrokenName>,
}

/// A member in the order of the source.
#[derive(Clone)]
pub(crate) struct Ordered {
    pub(crate) name: Str,
    /// Whether it is one of the raw members.
    pub(crate) raw: bool,
}

/// The text of a time that its field does not hold to the last digit.
#[derive(Clone, PartialEq)]
pub(crate) struct Spelling {
    pub(crate) name: Str,
    /// Place in the JSON array, 0 when it is none.
    pub(crate) index: usize,
    /// The text without the quotes.
    pub(crate) text: Box<str>,
}

/// The name of a raw member that no text can hold, for it has half of a surrogate pair.
#[derive(Clone, PartialEq)]
pub(crate) struct BrokenName {
    /// Place among the raw members; ascending.
    pub(crate) at: usize,
    /// The name as JSON.
    pub(crate) json: Box<str>,
}

impl Rest {
    /// Puts what is found by name in the order of names, so that equal contents are equal.
    pub(crate) fn settle(&mut self) {
        sort_by(&mut self.siblings, |a, b| a.name.cmp(&b.name));
        sort_by(&mut self.holes, |a, b| {
            (&a.name, a.index).cmp(&(&b.name, b.index))
        });
        sort_by(&mut self.singles, Str::cmp);
        sort_by(&mut self.spellings, |a, b| {
            (&a.name, a.index).cmp(&(&b.name, b.index))
        });
    }
}

/// Nothing but an order of members is as good as nothing.
impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        let none = Rest::default();
        self.id == other.id
            && self.extension == other.extension
            && self.modifier_extension == other.modifier_extension
            && self.rest.as_deref().unwrap_or(&none) == other.rest.as_deref().unwrap_or(&none)
    }
}

impl PartialEq for Rest {
    fn eq(&self, other: &Self) -> bool {
        self.siblings == other.siblings
            && self.holes == other.holes
            && self.raw == other.raw
            && self.singles == other.singles
            && self.spellings == other.spellings
            && self.broken_names == other.broken_names
    }
}

/// The `_name` member of a primitive.
#[derive(Clone, PartialEq)]
pub(crate) struct Sibling {
    /// Name of the primitive in JSON, without the underscore.
    pub(crate) name: Str,
    /// Number of items when it is an array.
    pub(crate) len: Option<usize>,
    /// By their place in the JSON array, ascending.
    pub(crate) items: Many<(usize, PrimitiveElement)>,
}

impl Sibling {
    fn place(&self, index: usize) -> Result<usize, usize> {
        self.items.binary_search_by_key(&index, |(at, _)| *at)
    }

    pub(crate) fn item(&self, index: usize) -> Option<&PrimitiveElement> {
        let at = self.place(index).ok()?;
        self.items.get(at).map(|(_, item)| item)
    }
}

/// An item of an array that is not a value of its type.
#[derive(Clone, PartialEq)]
pub(crate) struct Hole {
    pub(crate) name: Str,
    /// Place in the JSON array.
    pub(crate) index: usize,
    /// Its JSON text: `null`, or what stood there.
    pub(crate) json: Box<str>,
}

/// Why a member is kept as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RawReason {
    /// FHIR has no element of that name there.
    Unknown,
    /// The value is not one of the element's type.
    Invalid,
    /// The element already has a value: the name stands twice, or a choice has two values.
    Duplicate,
}

/// A member of a JSON object that is kept as it is written.
#[derive(Clone, PartialEq)]
pub struct RawMember {
    /// Name in JSON.
    pub name: Str,
    /// The value as JSON text, on one line.
    pub json: Box<str>,
    /// Why it is kept like that.
    pub reason: RawReason,
}

/// A text that was to be kept as JSON is not one JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the text is not one JSON value")]
pub struct NotJson;

impl fmt::Debug for RawMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawMember({:?}, {} bytes)", self.reason, self.json.len())
    }
}

/// The `id` and extensions of one primitive value.
#[derive(Clone, Default, PartialEq)]
pub struct PrimitiveElement {
    /// `id`, `extension` and what could not be understood.
    pub extra: Option<Box<Extra>>,
}

static PRIMITIVE_ELEMENT: Type = Type::new("Element", &[Field::ID, Field::EXTENSION]);

impl Node for PrimitiveElement {
    fn about(&self) -> About<'_> {
        About::new(&PRIMITIVE_ELEMENT, self.extra.as_deref())
    }
    fn parts_mut(&mut self) -> PartsMut<'_> {
        PartsMut::beside(&mut self.extra)
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rest = self.rest.as_deref();
        f.debug_struct("Extra")
            .field("id", &self.id.is_some())
            .field("extension", &self.extension.len())
            .field("modifierExtension", &self.modifier_extension.len())
            .field("primitives", &rest.map_or(0, |rest| rest.siblings.len()))
            .field("raw", &rest.map_or(0, |rest| rest.raw.len() + rest.holes.len()))
            .finish()
    }
}

impl Extra {
    /// Whether nothing is there.
    pub fn is_empty(&self) -> bool {
        self.id.is_none()
            && self.extension.is_empty()
            && self.modifier_extension.is_empty()
            && self.rest.as_ref().is_none_or(|rest| {
                rest.siblings.is_empty()
                    && rest.holes.is_empty()
                    && rest.raw.is_empty()
                    && rest.singles.is_empty()
                    && rest.order.is_empty()
                    && rest.spellings.is_empty()
            })
    }

    /// The members that are kept as they were written. See also [`raw_items`](Self::raw_items).
    pub fn raw_members(&self) -> &[RawMember] {
        self.rest.as_ref().map_or(&[], |rest| &rest.raw)
    }

    /// Keeps a member as JSON text, which is written as it stands but for line ends, which are left out.
    ///
    /// ```
    /// use ehr_fhir::{Extra, RawMember, RawReason};
    /// let member = |json: &str| RawMember { name: "x".into(), json: json.into(), reason: RawReason::Unknown };
    /// let mut extra = Extra::default();
    /// assert!(extra.push_raw_member(member(r#"{"y": [1.0]}"#)).is_ok());
    /// assert!(extra.push_raw_member(member(r#"1}, "z": {"#)).is_err());
    /// assert_eq!(extra.raw_members().len(), 1);
    /// ```
    ///
    /// # Errors
    /// When the text is not one JSON value.
    pub fn push_raw_member(&mut self, member: RawMember) -> Result<(), NotJson> {
        if !is_json(&member.json) {
            return Err(NotJson);
        }
        let json = one_line(&member.json).into();
        self.rest_mut().raw.push(RawMember { json, ..member });
        Ok(())
    }

    /// Takes out the raw members of that name.
    pub fn remove_raw_members(&mut self, name: &str) {
        self.retain_raw_members(|member| member.name != name);
    }

    pub(crate) fn retain_raw_members(&mut self, keep: impl Fn(&RawMember) -> bool) {
        if let Some(rest) = &mut self.rest {
            let kept: Vec<bool> = rest.raw.iter().map(&keep).collect();
            rest.raw.retain(keep);
            let mut count = 0;
            let places: Vec<Option<usize>> = kept
                .into_iter()
                .map(|kept| {
                    count += usize::from(kept);
                    kept.then(|| count - 1)
                })
                .collect();
            rest.broken_names.retain_mut(|broken| {
                let place = places.get(broken.at).copied().flatten();
                broken.at = place.unwrap_or_default();
                place.is_some()
            });
        }
    }

    /// The items of arrays that are kept as they were written, for they are no values of their type: name of the member,
    /// place in the JSON array, JSON text. Not the nulls, which only hold a place.
    pub fn raw_items(&self) -> impl Iterator<Item = (&str, usize, &str)> {
        self.rest
            .iter()
            .flat_map(|rest| &rest.holes)
            .map(|hole| (hole.name.as_str(), hole.index, &*hole.json))
            .filter(|(_, _, json)| *json != "null")
    }

    /// The primitives that have an `id` or extensions of their own: name in JSON, place in the array of a repeating one
    /// (counting nulls), and what they have.
    pub fn primitives(&self) -> impl Iterator<Item = (&str, Option<usize>, &PrimitiveElement)> {
        self.rest
            .iter()
            .flat_map(|rest| &rest.siblings)
            .flat_map(|sibling| {
                sibling.items.iter().map(|(index, item)| {
                    (
                        sibling.name.as_str(),
                        sibling.len.is_some().then_some(*index),
                        item,
                    )
                })
            })
    }

    /// Whether a member of that name stands here in any form.
    pub(crate) fn mentions(&self, name: &str) -> bool {
        self.rest.as_ref().is_some_and(|rest| {
            rest.siblings.iter().any(|sibling| sibling.name == name)
                || rest.holes.iter().any(|hole| hole.name == name)
                || rest.raw.iter().any(|member| member.name == name)
        })
    }

    /// Whether a value of that name stands here that its field cannot hold.
    pub(crate) fn holds_value(&self, name: &str) -> bool {
        self.rest.as_ref().is_some_and(|rest| {
            rest.raw.iter().any(|member| member.name == name)
                || rest
                    .holes
                    .iter()
                    .any(|hole| hole.name == name && &*hole.json != "null")
        })
    }

    pub(crate) fn rest_mut(&mut self) -> &mut Rest {
        self.rest.get_or_insert_default()
    }

    pub(crate) fn primitive(&self, name: &str, index: Option<usize>) -> Option<&PrimitiveElement> {
        let sibling = self
            .rest
            .as_ref()?
            .siblings
            .iter()
            .find(|sibling| sibling.name == name)?;
        sibling.item(index.unwrap_or(0))
    }

    pub(crate) fn primitive_extension(&self, name: &str, index: Option<usize>) -> &[Extension] {
        self.primitive(name, index).map_or(&[], |item| item.extension())
    }

    pub(crate) fn set_primitive_extension(
        &mut self,
        name: &str,
        index: Option<usize>,
        extension: Vec<Extension>,
    ) {
        let rest = self.rest_mut();
        let found = rest.siblings.iter().position(|sibling| sibling.name == name);
        if extension.is_empty() && found.is_none() {
            return;
        }
        let at = found.unwrap_or_else(|| {
            rest.siblings.push(Sibling {
                name: name.into(),
                len: None,
                items: Many::new(),
            });
            rest.siblings.len() - 1
        });
        let Some(sibling) = rest.siblings.get_mut(at) else {
            return;
        };
        if let (Some(index), false) = (index, extension.is_empty()) {
            sibling.len = Some(sibling.len.unwrap_or(0).max(index.saturating_add(1)));
        }
        let index = index.unwrap_or(0);
        let place = sibling.place(index).unwrap_or_else(|place| {
            sibling.items.insert(place, (index, PrimitiveElement::default()));
            place
        });
        if let Some((_, item)) = sibling.items.get_mut(place) {
            *item.extension_mut() = extension;
        }
        sibling
            .items
            .retain(|(_, item)| item.extra.as_ref().is_some_and(|extra| !extra.is_empty()));
        if sibling.items.is_empty() {
            rest.siblings.remove(at);
        }
        rest.settle();
    }
}
