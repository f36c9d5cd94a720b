//! PL and the place in an NDL: a chain of locations, from the facility to the bed.

use ehr_model::{Location, Reference};
use ehr_types::{Address, CodeableConcept, Identifier};

use super::conversion::{Conversion, code};
use super::datatype::{assign, universal};
use super::reading::At;

const PHYSICAL_TYPE: &str = "http://terminology.hl7.org/CodeSystem/location-physical-type";

/// What a part of a place is, by FHIR's location-physical-type where that has it.
struct Level {
    code: &'static str,
    name: &'static str,
}

/// From the largest to the smallest.
const LEVELS: [Level; 6] = [
    level("si", "Site"),
    level("bu", "Building"),
    level("lvl", "Level"),
    level("", "Point of care"),
    level("ro", "Room"),
    level("bd", "Bed"),
];
/// The parts of a PL in the order of [`LEVELS`].
const PL: [u32; 6] = [4, 7, 8, 1, 2, 3];
/// The parts of an NDL in the order of [`LEVELS`].
const NDL: [u32; 6] = [7, 10, 11, 4, 5, 6];

const fn level(code: &'static str, name: &'static str) -> Level {
    Level { code, name }
}

impl<'r> Conversion<'r, '_> {
    /// PL: a place, as a chain from the smallest part (bed) to the largest (facility).
    pub(super) fn location(&mut self, at: At<'r>) -> Option<Reference> {
        self.location_with(at, None)
    }

    /// PL with an address that another field gives.
    pub(super) fn location_with(&mut self, at: At<'r>, address: Option<Address>) -> Option<Reference> {
        let place = self.chain(at, PL, address.clone());
        if place.is_some() {
            return place;
        }
        let name = at.part(9).text();
        let identifier: Vec<Identifier> = self.sender().entity(at.part(10), None).into_iter().collect();
        if name.is_none() && identifier.is_empty() && address.is_none() {
            return None;
        }
        let location = Location {
            identifier,
            name: name.clone(),
            address,
            ..Location::default()
        };
        let key = serde_json::to_string(&location).unwrap_or_default();
        let id = self.add_field(&["place", &key], location, at);
        Some(Reference {
            display: name,
            ..Reference::to(&id)
        })
    }

    /// The place that an NDL names beside a person.
    pub(super) fn location_of_ndl(&mut self, at: At<'r>) -> Option<Reference> {
        self.chain(at, NDL, None)
    }

    /// The places that the parts of a data type name, from the largest; gives the smallest.
    fn chain(&mut self, at: At<'r>, parts: [u32; 6], address: Option<Address>) -> Option<Reference> {
        let written: Vec<(At<'r>, &Level)> = parts
            .into_iter()
            .map(|part| at.part(part))
            .zip(&LEVELS)
            .filter(|(node, _)| node.has_text())
            .collect();
        let mut chain = String::new();
        let mut place: Option<Reference> = None;
        let last = written.len().checked_sub(1);
        for (position, (node, level)) in written.into_iter().enumerate() {
            let name = node.part(1).text();
            let mut identifier = Identifier {
                value: name.clone(),
                ..Identifier::default()
            };
            if let Some(id) = node.part(2).peek()
                && let Some(uri) = universal(&id, node.part(3).peek().as_deref())
            {
                node.part(2).mark();
                node.part(3).mark();
                identifier = if name.is_some() {
                    Identifier {
                        system: Some(uri),
                        ..identifier
                    }
                } else {
                    Identifier::new("urn:ietf:rfc:3986", uri)
                };
            } else if name.is_none() {
                identifier.value = node.part(2).text();
            }
            let mut location = Location {
                name: name.or_else(|| identifier.value.clone()),
                mode: Some("instance".to_owned()),
                physical_type: Some(if level.code.is_empty() {
                    CodeableConcept::from_text(level.name)
                } else {
                    code(PHYSICAL_TYPE, level.code, level.name)
                }),
                part_of: place.take(),
                ..Location::default()
            };
            location.identifier.push(identifier);
            if Some(position) == last && parts == PL {
                location.description = at.part(9).text();
                location.address.clone_from(&address);
                if let Some(kind) = self.sender().concept(at.part(6), Some(305)) {
                    location.type_.push(kind);
                }
                if let Some(mut whole) = self.sender().entity(at.part(10), None) {
                    if whole.assigner.is_none() && whole.system.is_none() {
                        assign(&mut whole, at.part(11), None);
                    }
                    location.identifier.push(whole);
                }
            }
            chain.push_str(&format!(
                "{}={}|",
                level.name,
                location.name.as_deref().unwrap_or_default()
            ));
            let display = location.name.clone();
            let id = self.add_field(&["place", &chain], location, at);
            place = Some(Reference {
                display,
                ..Reference::to(&id)
            });
        }
        place
    }

    /// A place known by what it is only, coded or in words.
    pub(super) fn location_of_kind(&mut self, kind: CodeableConcept, at: At<'r>) -> Option<Reference> {
        let name = kind.label().map(str::to_owned)?;
        let location = Location {
            name: Some(name.clone()),
            type_: vec![kind],
            ..Location::default()
        };
        let id = self.add_field(&["place", &name], location, at);
        Some(Reference {
            display: Some(name),
            ..Reference::to(&id)
        })
    }
}
