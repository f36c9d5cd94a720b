//! AD: postal addresses.

use ehr_types::Address;

use crate::xml::{Element, Node};

impl Element<'_> {
    /// AD: the parts of an address, its use and validity. `None` when nothing is said.
    pub fn to_address(self) -> Option<Address> {
        let mut address = Address {
            absent: self.to_absent(),
            ..Address::default()
        };
        let mut words = Vec::new();
        let mut street = Vec::new();
        let join = |slot: &mut Option<String>, text: String| {
            *slot = Some(match slot.take() {
                Some(before) => format!("{before} {text}"),
                None => text,
            });
        };
        for node in self.nodes() {
            let part = match node {
                Node::Text(text) => {
                    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                    if text.chars().any(char::is_alphanumeric) {
                        words.push(text);
                    }
                    continue;
                }
                Node::Element(part) => part,
            };
            if part.name() == "useablePeriod" {
                address.period = part.to_interval().period();
                continue;
            }
            part.null_flavor();
            let Some(text) = part.deep_text() else { continue };
            match part.name() {
                "streetAddressLine" | "deliveryAddressLine" => address.line.push(text),
                "houseNumber" | "houseNumberNumeric" | "direction" | "streetName" | "streetNameBase"
                | "streetNameType" => {
                    street.push(text);
                }
                "additionalLocator"
                | "unitID"
                | "unitType"
                | "postBox"
                | "careOf"
                | "buildingNumberSuffix"
                | "deliveryInstallationType"
                | "deliveryInstallationArea"
                | "deliveryInstallationQualifier"
                | "deliveryMode"
                | "deliveryModeIdentifier" => address.line.push(text),
                "city" => join(&mut address.city, text),
                "county" | "precinct" => join(&mut address.district, text),
                "state" => join(&mut address.state, text),
                "postalCode" => join(&mut address.postal_code, text),
                "country" => join(&mut address.country, text),
                "delimiter" => {}
                _ => words.push(text),
            }
        }
        if !street.is_empty() {
            address.line.insert(0, street.join(" "));
        }
        if !words.is_empty() {
            address.text = self.peek().deep_text();
        }
        for code in self.attribute("use").unwrap_or_default().split_whitespace() {
            match code {
                "H" | "HP" | "HV" => address.use_ = address.use_.or_else(|| Some("home".to_owned())),
                "WP" | "DIR" | "PUB" => address.use_ = address.use_.or_else(|| Some("work".to_owned())),
                "TMP" => address.use_ = address.use_.or_else(|| Some("temp".to_owned())),
                "BAD" | "OLD" => address.use_ = address.use_.or_else(|| Some("old".to_owned())),
                "PST" => address.type_ = Some("postal".to_owned()),
                "PHYS" => address.type_ = Some("physical".to_owned()),
                _ => {}
            }
        }
        let said = address.text.is_some()
            || address.absent.is_some()
            || !address.line.is_empty()
            || [
                &address.city,
                &address.district,
                &address.state,
                &address.postal_code,
                &address.country,
            ]
            .iter()
            .any(|part| part.is_some());
        said.then_some(address)
    }

    /// The `addr` children that say something.
    pub fn to_addresses(self) -> Vec<Address> {
        self.children("addr")
            .filter_map(Element::to_address)
            .filter(|a| a.absent.is_none() || !a.line.is_empty() || a.city.is_some())
            .collect()
    }
}
