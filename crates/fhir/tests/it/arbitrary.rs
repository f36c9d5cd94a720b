//! Values of the model, made of bytes: every field and alternative that serde knows of, whatever the type.
//!
//! A text, a date and a number are all strings to serde; which a field takes is found by trying, and remembered.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, Visitor};

/// Words of a record that nothing is wrong with.
const WORDS: &[&str] = &["text", "a-1", "active", "final", "http://example.org/a", "é"];

/// Words that fields of some kind do not allow, that codes have meanings for, or that come from anywhere.
const HOSTILE: &[&str] = &[
    "",
    " ",
    " a  b ",
    "a\u{1}b",
    "a\n\tb",
    "\u{FFFF}",
    "<b>&\"",
    "active",
    "final",
    "completed",
    "cancelled",
    "booked",
    "proposed",
    "confirmed",
    "refuted",
    "resolved",
    "entered-in-error",
    "home",
    "phone",
    "wk",
    "5",
    "http://unitsofmeasure.org",
    "http://terminology.hl7.org/CodeSystem/condition-clinical",
    "Patient/1",
    "Device/x/_history/2",
    "Practitioner?identifier=a|b",
    "#a",
    "urn:uuid:1",
    "AA==",
];

/// Texts that fields that do not take words accept; the first kind accepted is the field's.
const KINDS: [&[&str]; 4] = [
    &["1.50", "0", "120", "-3", "1e2"],
    &["10:11:12", "10:11:12.5"],
    &[
        "2020-02-03T04:05:06Z",
        "2020",
        "2020-02",
        "2020-02-03",
        "2020-02-03T04:05:06.700+01:00",
        "2020-02-03T04:05:06",
        "2020-02-03T04:05",
    ],
    &["2020-02-03", "2020-02", "2020"],
];

/// What texts are made of, and what has been found out about fields, by struct and field.
#[derive(Default)]
pub(crate) struct Kinds {
    words: Option<&'static [&'static str]>,
    /// Class and key of the entries that references may lead to.
    pub(crate) targets: Vec<(&'static str, String)>,
    /// What kind of text they take, counted from words.
    texts: BTreeMap<(&'static str, &'static str), usize>,
    /// Those without which there is no value.
    required: BTreeSet<(&'static str, &'static str)>,
}

impl Kinds {
    /// With words that do not suit their fields.
    pub(crate) fn hostile() -> Self {
        Self {
            words: Some(HOSTILE),
            ..Self::default()
        }
    }
}

/// Makes values of bytes; without bytes left, the smallest.
pub(crate) struct Maker<'b> {
    bytes: &'b [u8],
    kinds: Kinds,
    /// The field that is being filled.
    field: (&'static str, &'static str),
    depth: usize,
    /// Fields that stay empty.
    without: &'b [(&'static str, &'static str)],
    /// Every field that was filled.
    filled: Vec<(&'static str, &'static str)>,
}

/// A value of the type, and the fields that are not empty in it.
pub(crate) fn make<T: DeserializeOwned>(
    bytes: &[u8],
    without: &[(&'static str, &'static str)],
    kinds: &mut Kinds,
) -> (T, Vec<(&'static str, &'static str)>) {
    loop {
        let mut maker = Maker {
            bytes,
            kinds: std::mem::take(kinds),
            field: ("", ""),
            depth: 0,
            without,
            filled: Vec::new(),
        };
        let made = T::deserialize(&mut maker);
        *kinds = maker.kinds;
        match made {
            Ok(value) => return (value, maker.filled),
            Err(error) if error.0.starts_with("missing field") => {}
            // The last text was of the wrong kind for its field.
            Err(error) => {
                let kind = kinds.texts.entry(maker.field).or_default();
                *kind += 1;
                assert!(
                    *kind <= KINDS.len(),
                    "no text is right for {:?}: {error}",
                    maker.field
                );
            }
        }
    }
}

impl Maker<'_> {
    fn pick(&mut self, below: usize) -> usize {
        match self.bytes.split_first() {
            Some((first, rest)) => {
                self.bytes = rest;
                usize::from(*first) % below.max(1)
            }
            None => 0,
        }
    }

    fn text(&mut self) -> &'static str {
        let kind = self.kinds.texts.get(&self.field).copied().unwrap_or_default();
        let texts = match kind.checked_sub(1) {
            Some(kind) => KINDS[kind],
            None => self.kinds.words.unwrap_or(WORDS),
        };
        texts[self.pick(texts.len())]
    }
}

#[derive(Debug)]
pub(crate) struct Wrong(String);

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Wrong {}

impl de::Error for Wrong {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $type:ty),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
            visitor.$visit(self.pick(4) as $type)
        }
    )*};
}

impl<'de> de::Deserializer<'de> for &mut Maker<'_> {
    type Error = Wrong;

    numbers!(
        deserialize_i8 visit_i8 i8, deserialize_i16 visit_i16 i16, deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64, deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64, deserialize_f32 visit_f32 f32,
        deserialize_f64 visit_f64 f64
    );

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Wrong> {
        unreachable!("types of the model say what they are")
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_bool(self.pick(2) == 0)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_char('x')
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_str(self.text())
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_str(self.text())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        // Whether the field is filled was decided with the struct; what holds itself ends somewhere.
        if self.depth > 7 {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let left = if self.depth > 7 {
            0
        } else {
            1 + usize::from(self.pick(4) == 3)
        };
        visitor.visit_seq(Items { maker: self, left })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_seq(Items {
            maker: self,
            left: len,
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        if name == "EntryId" && !self.kinds.targets.is_empty() {
            let at = self.pick(self.kinds.targets.len());
            let (class, key) = self.kinds.targets[at].clone();
            let members = [("class", class.to_owned()), ("key", key)];
            return visitor.visit_map(de::value::MapDeserializer::new(members.into_iter()));
        }
        // The outermost value has about a third of its fields, those inside fewer.
        let (of, depth) = (3 + self.depth, self.depth);
        let mut chosen: Vec<&'static str> = Vec::new();
        for field in fields {
            let required = self.kinds.required.contains(&(name, *field));
            if required || (!self.without.contains(&(name, *field)) && self.pick(of) == 1) {
                chosen.push(field);
            }
        }
        // What is inside something is not empty, or it would not be there.
        if chosen.is_empty() && depth > 0 {
            let at = self.pick(fields.len());
            let rotated = fields.iter().cycle().skip(at).take(fields.len());
            chosen.extend(
                rotated
                    .copied()
                    .find(|field| !self.without.contains(&(name, *field))),
            );
        }
        self.filled.extend(chosen.iter().map(|field| (name, *field)));
        self.depth += 1;
        let value = visitor.visit_map(Members {
            maker: self,
            name,
            fields: chosen.into_iter(),
            field: "",
        });
        self.depth = depth;
        if let Err(Wrong(message)) = &value
            && let Some(field) = message
                .strip_prefix("missing field `")
                .and_then(|rest| rest.strip_suffix('`'))
        {
            let known = fields.iter().find(|known| **known == field);
            self.kinds.required.extend(known.map(|field| (name, *field)));
        }
        value
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        let variant = variants[self.pick(variants.len())];
        visitor.visit_enum(Variant { maker: self, variant })
    }

    serde::forward_to_deserialize_any! { bytes byte_buf tuple_struct map identifier ignored_any }
}

struct Items<'a, 'b> {
    maker: &'a mut Maker<'b>,
    left: usize,
}

impl<'de> de::SeqAccess<'de> for Items<'_, '_> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(&mut *self.maker).map(Some)
    }
}

struct Members<'a, 'b> {
    maker: &'a mut Maker<'b>,
    name: &'static str,
    fields: std::vec::IntoIter<&'static str>,
    field: &'static str,
}

impl<'de> de::MapAccess<'de> for Members<'_, '_> {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        let Some(field) = self.fields.next() else {
            return Ok(None);
        };
        self.field = field;
        seed.deserialize(field.into_deserializer()).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Wrong> {
        self.maker.field = (self.name, self.field);
        seed.deserialize(&mut *self.maker)
    }
}

struct Variant<'a, 'b> {
    maker: &'a mut Maker<'b>,
    variant: &'static str,
}

impl<'de> de::EnumAccess<'de> for Variant<'_, '_> {
    type Error = Wrong;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Wrong> {
        let value = seed.deserialize(self.variant.into_deserializer())?;
        // Texts inside are of the kind that the alternative takes.
        self.maker.field = (self.maker.field.0, self.variant);
        Ok((value, self))
    }
}

impl<'de> de::VariantAccess<'de> for Variant<'_, '_> {
    type Error = Wrong;

    fn unit_variant(self) -> Result<(), Wrong> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Wrong> {
        seed.deserialize(self.maker)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Wrong> {
        de::Deserializer::deserialize_tuple(self.maker, len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        de::Deserializer::deserialize_struct(self.maker, self.variant, fields, visitor)
    }
}
