//! XPN, XAD and XTN: what people are called, where they live and how they are reached.

use ehr_types::{Address, ContactPoint, HumanName, Period};

use super::{deleted, period};
use crate::convert::reading::At;
use crate::convert::table;
use crate::datatype::{DataType, Xtn};

/// The period of a DR, or of two fields of their own, which replaced it.
fn validity(range: At<'_>, start: At<'_>, end: At<'_>) -> Option<Period> {
    period(start, end).or_else(|| period(range.part(1), range.part(2)))
}

/// XPN, PN: a name.
pub(in crate::convert) fn name(at: At<'_>) -> Option<HumanName> {
    // XPN: family, given, further, suffix, prefix, degree, type; validity in 10 or 12 and 13; professional suffix 14.
    name_of(at, [1, 2, 3, 4, 5, 6, 7, 10, 12, 13, 14])
}

/// XPN.15: what a person is called.
pub(in crate::convert) fn called(at: At<'_>) -> Option<HumanName> {
    Some(HumanName {
        given: vec![at.part(15).text()?],
        use_: Some("nickname".to_owned()),
        ..HumanName::default()
    })
}

/// The name in an XCN, CNN or CN, whose parts stand one further.
pub(in crate::convert) fn person_name(at: At<'_>) -> Option<HumanName> {
    name_of(at, [2, 3, 4, 5, 6, 7, 10, 17, 19, 20, 21])
}

fn name_of(at: At<'_>, parts: [u32; 11]) -> Option<HumanName> {
    if at.is_empty() {
        return None;
    }
    if at.take_null() {
        return Some(HumanName {
            absent: Some(deleted()),
            ..HumanName::default()
        });
    }
    let [
        family,
        given,
        further,
        suffix,
        prefix,
        degree,
        kind,
        range,
        start,
        end,
        professional,
    ] = parts.map(|part| at.part(part));
    let mut name = HumanName {
        family: family.part(1).text(),
        ..HumanName::default()
    };
    if name.family.is_none() {
        let spouse = family.part(5).text();
        let own: Vec<String> = [2, 3]
            .iter()
            .filter_map(|part| family.part(*part).text())
            .collect();
        name.family = if own.is_empty() {
            spouse
        } else {
            Some(own.join(" "))
        };
    } else {
        // Own prefix and surname, and those of the partner, are said again in the whole surname.
        let whole = name.family.clone().unwrap_or_default().to_lowercase();
        for part in 2..=5 {
            let part = family.part(part);
            if part
                .peek()
                .is_some_and(|text| whole.contains(&text.to_lowercase()))
            {
                part.mark();
            }
        }
    }
    name.given.extend(given.text());
    name.given.extend(further.text());
    name.prefix.extend(prefix.text());
    name.suffix.extend(suffix.text());
    name.suffix.extend(degree.text());
    name.suffix.extend(professional.text());
    if let Some(code) = kind.peek()
        && let Some(use_) = table::name_use(&code)
    {
        kind.mark();
        name.use_ = Some(use_.to_owned());
    }
    name.period = validity(range, start, end);
    let says =
        name.family.is_some() || !name.given.is_empty() || !name.suffix.is_empty() || !name.prefix.is_empty();
    says.then_some(name)
}

/// XAD, AD: an address.
pub(in crate::convert) fn address(at: At<'_>) -> Option<Address> {
    if at.is_empty() {
        return None;
    }
    if at.take_null() {
        return Some(Address {
            absent: Some(deleted()),
            ..Address::default()
        });
    }
    let mut address = Address::default();
    let street = at.part(1);
    let (whole, name, number) = (street.part(1).text(), street.part(2), street.part(3));
    match whole {
        Some(mut line) => {
            // Street name and number are said again in the whole line; or the line is the number alone.
            if line.bytes().all(|byte| byte.is_ascii_digit())
                && let Some(street) = name.text()
            {
                line = format!("{line} {street}");
            }
            for part in [name, number] {
                if part.peek().is_some_and(|text| line.contains(&text)) {
                    part.mark();
                }
            }
            address.line.push(line);
        }
        None => {
            let line: Vec<String> = [number.text(), name.text()].into_iter().flatten().collect();
            if !line.is_empty() {
                address.line.push(line.join(" "));
            }
        }
    }
    address.line.extend(at.part(2).text());
    address.line.extend(at.part(8).text());
    address.line.extend(at.part(19).text());
    address.city = at.part(3).text();
    address.state = at.part(4).text();
    address.postal_code = at.part(5).text();
    address.country = at.part(6).code();
    address.district = at.part(9).code();
    let kind = at.part(7);
    if let Some(code) = kind.peek() {
        address.use_ = table::address_use(&code).map(str::to_owned);
        address.type_ = table::address_type(&code).map(str::to_owned);
        if address.use_.is_some() || address.type_.is_some() {
            kind.mark();
        }
    }
    address.period = validity(at.part(12), at.part(13), at.part(14));
    let says = !address.line.is_empty()
        || [
            &address.city,
            &address.state,
            &address.postal_code,
            &address.country,
            &address.district,
        ]
        .iter()
        .any(|part| part.is_some());
    says.then_some(address)
}

/// XTN, TN: a telephone number or electronic address. An XTN that has both becomes two.
pub(in crate::convert) fn telecom(at: At<'_>, use_: Option<&str>) -> Vec<ContactPoint> {
    if at.is_empty() {
        return Vec::new();
    }
    if at.take_null() {
        return vec![ContactPoint {
            absent: Some(deleted()),
            ..ContactPoint::default()
        }];
    }
    let (use_code, equipment) = (at.part(2).peek(), at.part(3).peek());
    let mut point = ContactPoint::default();
    if let Some(code) = &use_code {
        point.use_ = table::telecom_use(code).map(str::to_owned);
        if point.use_.is_some() || code == "NET" {
            at.part(2).mark();
        }
    } else {
        point.use_ = use_.map(str::to_owned);
    }
    if let Some(code) = &equipment {
        point.system = table::telecom_system(code).map(str::to_owned);
        if point.system.is_some() {
            at.part(3).mark();
        }
        if table::is_mobile(code) {
            point.use_ = Some("mobile".to_owned());
        }
    }
    point.period = period(at.part(13), at.part(14));
    point.rank = at.part(18).unsigned();
    let email = at.part(4).peek();
    let number = number(at);
    let mut points = Vec::new();
    if let Some(number) = number {
        let mut number_point = point.clone();
        number_point.value = Some(number);
        if number_point.system.as_deref() == Some("email") && email.is_some() {
            number_point.system = None;
        }
        if number_point.system.is_none() {
            number_point.system = system_of(number_point.value.as_deref(), use_code.as_deref());
        }
        points.push(number_point);
    }
    if let Some(email) = email {
        at.part(4).mark();
        if !points.iter().any(|known| known.value.as_deref() == Some(&email)) {
            point.system = if email.contains("://") {
                Some("url".to_owned())
            } else {
                Some("email".to_owned())
            };
            if point.use_.as_deref() == Some("mobile") {
                point.use_ = None;
            }
            point.value = Some(email);
            points.push(point);
        }
    }
    points
}

/// The system of a number for which the source names no equipment: an address with `@` is e-mail, a beeper's number a
/// pager; for the rest the field (telephone number) says it.
fn system_of(value: Option<&str>, use_code: Option<&str>) -> Option<String> {
    let system = if value.is_some_and(|value| value.contains('@')) || use_code == Some("NET") {
        "email"
    } else if use_code == Some("BPN") {
        "pager"
    } else {
        "phone"
    };
    Some(system.to_owned())
}

/// The telephone number: as one text where the sender wrote one, else put together from its parts.
fn number(at: At<'_>) -> Option<String> {
    let whole = at.part(12).text().or_else(|| at.part(1).text());
    let assembled = Xtn::of(at.node()).assembled();
    match (whole, assembled) {
        (Some(whole), assembled) => {
            // The parts are said again in the whole number, or are kept as residual.
            let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
            let said = assembled.is_some_and(|assembled| {
                let (whole, parts) = (digits(&whole), digits(&assembled));
                whole.ends_with(&parts) || parts.ends_with(&whole) && whole.len() >= 7
            });
            if said {
                for part in [5, 6, 7, 8] {
                    at.part(part).mark();
                }
            }
            at.part(1).mark_if_same_digits(&whole);
            Some(whole)
        }
        (None, Some(assembled)) => {
            for part in [5, 6, 7, 8] {
                at.part(part).mark();
            }
            Some(assembled)
        }
        (None, None) => None,
    }
}

impl At<'_> {
    /// Marks a second form of a number that has the same digits.
    fn mark_if_same_digits(&self, number: &str) {
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        if self.peek().is_some_and(|text| digits(&text) == digits(number)) {
            self.mark();
        }
    }
}
