//! Data types of HL7 v2 as value types, by the data type maps of the v2-to-FHIR guide.
//!
//! # Code systems
//!
//! The name of a coding system (CWE.3) becomes the registry's URI, a table `HL7nnnn` its URI in the HL7 terminology. A name
//! that is in neither (`L`, `99LAB`, a name that only the sender knows) becomes `urn:id:<sender>:<name>`, where the sender is
//! MSH-4 (else MSH-3): stable, and different for two senders that both say `L`. The guide leaves the URI of such systems to
//! a local table; none is invented here that could be taken for another's. Without a name there is no system, except that a
//! code of a field that is bound to a table is of that table when the table lists it.
//!
//! # Namespaces of identifiers
//!
//! HD.2 becomes the system when it is an OID, a UUID or a URI. A namespace that is a name only (HD.1) is kept in
//! [`Identifier::assigner`].

use ehr_model::{Attachment, Status};
use ehr_types::{
    Absent, AbsentReason, Address, CodeSystem, CodeableConcept, Coding, ContactPoint, HumanName, Identifier,
    Period, Quantity, uri_of_root,
};

use super::reading::At;
use super::{table, vocabulary};
use crate::datatype::{DataType, Ed, Xtn};
use crate::definitions::Version;

/// The sender asks to delete.
pub(super) fn deleted() -> Absent {
    Absent {
        reason: AbsentReason::Deleted,
        source_code: Some("\"\"".to_owned()),
    }
}

/// What data types need to know of the message they stand in.
#[derive(Clone, Debug, Default)]
pub(super) struct Sender {
    /// MSH-4, else MSH-3: the namespace of local codes.
    pub(super) name: Option<String>,
}

impl Sender {
    /// The URI of a coding system by its name in CWE.3.
    pub(super) fn system(&self, name: &str) -> String {
        if let Some(known) = CodeSystem::uri_of_v2_name(name) {
            return known.into_owned();
        }
        if name.contains("://") || name.starts_with("urn:") {
            return name.to_owned();
        }
        if let Some(oid) = oid(name) {
            return CodeSystem::uri_of_oid(oid).into_owned();
        }
        match &self.name {
            Some(sender) => format!("urn:id:{}:{}", encode(sender), encode(name)),
            None => format!("urn:id:{}", encode(name)),
        }
    }

    /// CWE, CE, CNE, CF, and codes of older versions: all codings and the text. `bound` is the table that the field is
    /// bound to, whose codes need no coding system.
    pub(super) fn concept(&self, at: At<'_>, bound: Option<u16>) -> Option<CodeableConcept> {
        if at.is_empty() {
            return None;
        }
        if at.take_null() {
            return Some(CodeableConcept::from_absent(deleted()));
        }
        let mut concept = CodeableConcept::default();
        for parts in [[1, 2, 3, 7, 14], [4, 5, 6, 8, 17], [10, 11, 12, 13, 20]] {
            concept.codings.extend(self.coding(at, parts, bound));
        }
        if let Some(number) = bound {
            let uri = table::uri(number);
            let of_table = |coding: &&Coding| {
                let system = coding.system.as_deref();
                system.is_none_or(|system| system == uri || number == 296 && system == CodeSystem::BCP_47.uri)
            };
            let translated = concept
                .codings
                .iter()
                .filter(of_table)
                .find_map(|coding| vocabulary::translate(number, coding.code.as_deref()?));
            let translated =
                translated.filter(|new| !concept.codings.iter().any(|known| known.is_same_as(new)));
            concept.codings.extend(translated);
        }
        concept.text = at.part(9).text();
        if concept.codings.is_empty() && concept.text.is_none() {
            // Null as the code, with something that is no code behind it.
            concept.absent = at.part(1).take_null().then(deleted);
        }
        (!concept.is_empty()).then_some(concept)
    }

    fn coding(&self, at: At<'_>, parts: [u32; 5], bound: Option<u16>) -> Option<Coding> {
        let [code, display, system, version, system_oid] = parts.map(|part| at.part(part));
        let (code, display) = (code.text(), display.text());
        if code.is_none() && display.is_none() {
            return None;
        }
        let name = system.text();
        let oid = system_oid.text();
        let uri = match (name, oid) {
            (Some(name), Some(oid)) if CodeSystem::uri_of_v2_name(&name).is_none() => {
                // The OID says more than a name that is not known; the name is kept as part of nothing else.
                let _ = name;
                Some(CodeSystem::uri_of_oid(&oid).into_owned())
            }
            (Some(name), _) => Some(self.system(&name)),
            (None, Some(oid)) => Some(CodeSystem::uri_of_oid(&oid).into_owned()),
            (None, None) => code.as_deref().and_then(|code| table_of(code, bound)),
        };
        Some(Coding {
            system: uri,
            version: version.text(),
            code,
            display,
            user_selected: None,
        })
    }

    /// The first coding of a CWE.
    pub(super) fn first_coding(&self, at: At<'_>, bound: u16) -> Option<Coding> {
        self.concept(at, Some(bound))
            .and_then(|concept| concept.codings.into_iter().next())
    }

    /// A code of a table as a status: FHIR's code where the map has one, and the source's own.
    pub(super) fn status(
        &self,
        at: At<'_>,
        bound: u16,
        map: fn(&str) -> Option<&'static str>,
    ) -> Option<Status> {
        if at.is_empty() {
            return None;
        }
        if at.take_null() {
            return Some(Status {
                absent: Some(deleted()),
                ..Status::default()
            });
        }
        let mut source = self.first_coding(at, bound)?;
        let code = source.code.clone().or_else(|| source.display.clone())?;
        if source.system.is_none() && map(&code).is_some() {
            source.system = Some(table::uri(bound));
        }
        Some(Status::translated(map(&code), source))
    }

    /// Units (CWE) of a number: UCUM where the source says so, else its words.
    pub(super) fn with_units(&self, mut quantity: Quantity, units: At<'_>) -> Quantity {
        if units.is_null() {
            return quantity;
        }
        let Some(concept) = self.concept(units, None) else {
            return quantity;
        };
        let ucum = concept
            .codings
            .iter()
            .find(|coding| coding.is_of(&CodeSystem::UCUM));
        if let Some(coding) = ucum.or(concept.codings.first()) {
            quantity.unit = coding.display.clone().or_else(|| coding.code.clone());
            if coding.system.is_some() {
                quantity.system.clone_from(&coding.system);
                quantity.code.clone_from(&coding.code);
            }
        }
        quantity.unit = quantity.unit.or(concept.text);
        quantity
    }

    /// CQ: an amount with its units.
    pub(super) fn quantity(&self, at: At<'_>) -> Option<Quantity> {
        if at.take_null() {
            return Some(Quantity {
                absent: Some(deleted()),
                ..Quantity::default()
            });
        }
        let value = at.part(1).decimal();
        let quantity = Quantity {
            value,
            ..Quantity::default()
        };
        let units = at.part(2);
        let quantity = self.with_units(quantity, units);
        (quantity != Quantity::default()).then_some(quantity)
    }

    /// CX: an identifier.
    #[expect(clippy::unused_self, reason = "read like its neighbours, which need it")]
    pub(super) fn identifier(&self, at: At<'_>) -> Option<Identifier> {
        if at.is_empty() {
            return None;
        }
        if at.take_null() {
            return Some(Identifier {
                absent: Some(deleted()),
                ..Identifier::default()
            });
        }
        let mut identifier = Identifier {
            value: at.part(1).text(),
            ..Identifier::default()
        };
        if identifier.value.is_none() {
            identifier.absent = at.part(1).take_null().then(deleted);
        }
        let kind = at.part(5).text();
        assign(&mut identifier, at.part(4), kind.as_deref());
        if identifier.assigner.is_none() && identifier.system.is_none() {
            identifier.assigner = at.part(6).part(1).text();
        }
        identifier.type_ = kind.map(identifier_type);
        identifier.period = period(at.part(7), at.part(8));
        let says = identifier.value.is_some() || identifier.absent.is_some();
        says.then_some(identifier)
    }

    /// EI, or CX where a sender of another version writes one: `kind` is the code in table 0203.
    #[expect(clippy::unused_self, reason = "read like its neighbours, which need it")]
    pub(super) fn entity(&self, at: At<'_>, kind: Option<&str>) -> Option<Identifier> {
        if at.is_empty() {
            return None;
        }
        if at.take_null() {
            return Some(Identifier {
                absent: Some(deleted()),
                ..Identifier::default()
            });
        }
        let mut identifier = Identifier {
            value: Some(at.part(1).text()?),
            ..Identifier::default()
        };
        let namespace = at.part(2).text();
        let system = at
            .part(3)
            .peek()
            .and_then(|id| universal(&id, at.part(4).peek().as_deref()));
        if system.is_some() {
            at.part(3).mark();
            at.part(4).mark();
            identifier.assigner = namespace;
        } else {
            identifier.assigner = namespace.or_else(|| at.part(3).text());
        }
        identifier.system = system;
        identifier.type_ = kind.map(|kind| identifier_type(kind.to_owned()));
        Some(identifier)
    }

    /// EIP: what the placer and the filler call one thing.
    pub(super) fn entity_pair(&self, at: At<'_>) -> Vec<Identifier> {
        if at.part(1).part_count() <= 1 && at.part(2).part_count() <= 1 {
            // An EI of components, or one plain number.
            if at.part_count() > 2 || at.part(2).is_empty() {
                return self.entity(at, None).into_iter().collect();
            }
        }
        let placer = self.entity(at.part(1), Some("PLAC"));
        placer
            .into_iter()
            .chain(self.entity(at.part(2), Some("FILL")))
            .collect()
    }
}

/// The type of an identifier by its code in table 0203.
pub(super) fn identifier_type(code: String) -> CodeableConcept {
    Coding::new(table::uri(203), code).into()
}

/// HD as the assigner of an identifier.
pub(super) fn assign(identifier: &mut Identifier, authority: At<'_>, kind: Option<&str>) {
    let namespace = authority.part(1).peek();
    let id = authority.part(2).peek();
    let universal = id
        .as_deref()
        .and_then(|id| universal(id, authority.part(3).peek().as_deref()));
    if universal.is_some() {
        authority.part(2).mark();
        authority.part(3).mark();
    }
    let named = namespace.as_deref().and_then(national);
    let by_kind = match kind {
        Some("NPI") => Some(CodeSystem::US_NPI.uri),
        Some("SS") if namespace.as_deref().is_some_and(is_united_states) => Some(CodeSystem::US_SSN.uri),
        _ => None,
    };
    identifier.system = universal.or_else(|| named.or(by_kind).map(str::to_owned));
    authority.part(1).mark();
    identifier.assigner = match (namespace, id) {
        (Some(namespace), _) => Some(namespace),
        (None, Some(id)) if identifier.system.is_none() => {
            authority.part(2).mark();
            Some(id)
        }
        _ => None,
    };
}

/// Names of assigners that are namespaces of the whole United States.
fn national(name: &str) -> Option<&'static str> {
    let known = [
        CodeSystem::US_SSN,
        CodeSystem::US_NPI,
        CodeSystem::US_MBI,
        CodeSystem::US_DEA,
    ];
    known
        .iter()
        .find(|system| {
            system
                .v2_names
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name))
        })
        .map(|system| system.uri)
}

fn is_united_states(name: &str) -> bool {
    ["US", "USA", "SSA"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
}

/// A universal identifier as a URI, by its type in table 0301, or by its form where it has none.
pub(super) fn universal(id: &str, kind: Option<&str>) -> Option<String> {
    match kind.map(str::to_ascii_uppercase).as_deref() {
        Some("ISO") | None if oid(id).is_some() => Some(uri_of_root(oid(id)?)),
        Some("UUID" | "GUID") => Some(format!("urn:uuid:{}", id.to_ascii_lowercase())),
        Some("URI" | "URL" | "HTTP") => Some(id.to_owned()),
        _ if id.contains("://") || id.starts_with("urn:") => Some(id.to_owned()),
        _ => None,
    }
}

/// The OID that a text is, with or without `urn:oid:`.
fn oid(text: &str) -> Option<&str> {
    let text = text.strip_prefix("urn:oid:").unwrap_or(text);
    let arcs = text.split('.').count();
    let legal = text
        .split('.')
        .all(|arc| !arc.is_empty() && arc.bytes().all(|byte| byte.is_ascii_digit()));
    (arcs > 2 && legal).then_some(text)
}

/// The table that a field is bound to, when it lists the code.
fn table_of(code: &str, bound: Option<u16>) -> Option<String> {
    let number = bound?;
    let listed = [Version::V2_8_2, Version::V2_5_1, Version::V2_3]
        .into_iter()
        .filter_map(|version| version.table(number))
        .any(|table| table.codes().any(|known| known == code));
    listed.then(|| table::uri(number))
}

/// A name as a part of a URN (RFC 8141): what is not unreserved is percent-encoded.
fn encode(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Two times as a period.
pub(super) fn period(start: At<'_>, end: At<'_>) -> Option<Period> {
    let period = Period::new(start.time(), end.time());
    (!period.is_empty()).then_some(period)
}

/// The period of a DR, or of two fields of their own, which replaced it.
fn validity(range: At<'_>, start: At<'_>, end: At<'_>) -> Option<Period> {
    period(start, end).or_else(|| period(range.part(1), range.part(2)))
}

/// XPN, PN: a name.
pub(super) fn name(at: At<'_>) -> Option<HumanName> {
    // XPN: family, given, further, suffix, prefix, degree, type; validity in 10 or 12 and 13; professional suffix 14.
    name_of(at, [1, 2, 3, 4, 5, 6, 7, 10, 12, 13, 14])
}

/// The name in an XCN, CNN or CN, whose parts stand one further.
pub(super) fn person_name(at: At<'_>) -> Option<HumanName> {
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
pub(super) fn address(at: At<'_>) -> Option<Address> {
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
        Some(line) => {
            // Street name and number are said again in the whole line.
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
pub(super) fn telecom(at: At<'_>, use_: Option<&str>) -> Vec<ContactPoint> {
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

/// ED: data in the message. The content goes over as base64, as it was sent or encoded from what was sent.
pub(super) fn attachment(at: At<'_>) -> Option<Attachment> {
    let data = Ed::of(at.node());
    let content_type = data.media_type().map(str::to_owned);
    let bytes = match data.bytes() {
        Ok(bytes) => bytes,
        Err(_) => {
            // Some senders leave out ED.4, or write the data into the first component.
            let text = at.part(5).peek()?;
            at.part(5).warn(
                "v2.data.undecoded",
                "the data is not in the encoding that it is said to be in; kept as text",
            );
            text.into_bytes()
        }
    };
    for part in [4, 5] {
        at.part(part).mark();
    }
    if content_type.is_some() {
        for part in [2, 3] {
            at.part(part).mark();
        }
    }
    let content_type = content_type
        .or_else(|| at.part(3).text())
        .or_else(|| at.part(2).text());
    let title = at.part(1).part(1).text();
    Some(Attachment {
        content_type,
        size: u32::try_from(bytes.len()).ok(),
        data: Some(base64(&bytes)),
        title,
        ..Attachment::default()
    })
}

/// RP: data that lies elsewhere.
pub(super) fn pointer(at: At<'_>) -> Option<Attachment> {
    let url = at.part(1).text()?;
    let kind = at.part(3).text();
    let subtype = at.part(4).text();
    let content_type = match (kind, subtype) {
        (Some(kind), Some(subtype)) if !kind.contains('/') => {
            Some(format!("{}/{}", kind.to_lowercase(), subtype.to_lowercase()))
        }
        (Some(kind), _) => Some(kind),
        (None, subtype) => subtype,
    };
    Some(Attachment {
        content_type,
        url: Some(url),
        title: at.part(2).part(1).text(),
        ..Attachment::default()
    })
}

/// Base64 (RFC 4648 section 4).
pub(super) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |bits: u32| {
        DIGITS
            .get((bits & 0x3f) as usize)
            .map_or('A', |digit| char::from(*digit))
    };
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |n: usize| u32::from(chunk.get(n).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        out.push(digit(bits >> 18));
        out.push(digit(bits >> 12));
        out.push(if chunk.len() > 1 { digit(bits >> 6) } else { '=' });
        out.push(if chunk.len() > 2 { digit(bits) } else { '=' });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_systems_are_of_their_sender() {
        let sender = Sender {
            name: Some("ACME LAB".into()),
        };
        assert_eq!(sender.system("LN"), "http://loinc.org");
        assert_eq!(sender.system("HL70001"), table::uri(1));
        assert_eq!(sender.system("L"), "urn:id:ACME%20LAB:L");
        assert_eq!(sender.system("1.2.3.4"), "urn:oid:1.2.3.4");
        assert_eq!(Sender::default().system("99X"), "urn:id:99X");
    }

    #[test]
    fn universal_ids() {
        assert_eq!(universal("1.2.3", Some("ISO")).as_deref(), Some("urn:oid:1.2.3"));
        assert_eq!(
            universal("2.16.840.1.113883.4.1", None).as_deref(),
            Some("http://hl7.org/fhir/sid/us-ssn")
        );
        assert_eq!(universal("05D0897628", Some("CLIA")), None);
        assert_eq!(universal("acme.org", Some("DNS")), None);
    }

    #[test]
    fn base64_of_any_length() {
        for (bytes, text) in [(&b""[..], ""), (b"H", "SA=="), (b"He", "SGU="), (b"Hel", "SGVs")] {
            assert_eq!(base64(bytes), text);
        }
    }
}
