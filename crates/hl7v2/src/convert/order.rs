//! ORC and OBR: the order (ServiceRequest).

use ehr_model::{Amount, Annotation, EntryId, Occurrence, Record, Reference, ServiceRequest, Status};
use ehr_types::{CodeableConcept, Coding, Identifier, Period, Quantity};

use super::conversion::{Conversion, key_of, remark};
use super::datatype::{identifier_type, words};
use super::distinct::add_all;
use super::group::Order;
use super::observation::Context;
use super::reading::{At, Seg};
use super::report::section_category;
use super::table;

/// Messages that ask for something; the observations in them are what the performer should know.
const REQUESTS: &[&str] = &[
    "ORM", "OML", "OMG", "OMI", "OMD", "OMN", "OMS", "OMB", "REF", "RRI", "OMQ",
];

/// Placer and filler number of an order, and the group it belongs to.
#[derive(Default)]
pub(super) struct OrderNumbers {
    pub(super) identifiers: Vec<Identifier>,
    pub(super) group: Option<Identifier>,
}

impl OrderNumbers {
    /// What the order is known by: the filler's number, else the placer's.
    pub(super) fn key(&self) -> Option<String> {
        let of = |kind: &str| {
            self.identifiers.iter().find(|identifier| {
                let code = identifier.type_.as_ref().and_then(|type_| type_.codings.first());
                code.and_then(|code| code.code.as_deref()) == Some(kind)
            })
        };
        of("FILL").or_else(|| of("PLAC")).map(key_of)
    }
}

impl<'r> Conversion<'r, '_> {
    /// An order with its results. Pharmacy orders are converted elsewhere.
    pub(super) fn order(&mut self, order: &Order<'r>, samples_before: &[Reference]) {
        if !order.pharmacy.is_empty() {
            self.pharmacy_order(order);
            return;
        }
        let numbers = self.order_numbers(
            order.orc.as_ref().map(|orc| orc.seg),
            order.detail.as_ref().map(|obr| obr.seg),
        );
        let detail = order.detail.as_ref().filter(|unit| unit.seg.is("OBR"));
        let code = detail.and_then(|obr| self.concept(obr.seg.at(4)));
        let base = match (numbers.key(), detail) {
            (Some(number), _) => format!("{number} {}", self.key_of_concept(code.as_ref())),
            (None, Some(obr)) => format!(
                "{} {}",
                self.key_of_concept(code.as_ref()),
                obr.seg.at(7).peek_code().unwrap_or_default()
            ),
            (None, None) => String::new(),
        };
        let again = self.occurrence(&format!("order {base}"));
        let key = if again > 1 {
            format!("{base} #{again}")
        } else {
            base
        };
        let is_request = REQUESTS.iter().any(|request| self.header.is(request));
        let request = self.service_request(order, &numbers, code.clone(), &key);
        let mut specimens: Vec<Reference> = samples_before.to_vec();
        specimens.extend(self.specimens(order, request.as_ref(), &key));
        let reports = detail.is_some_and(|obr| {
            !is_request
                && (!order.observations.is_empty()
                    || obr.seg.has(25)
                    || obr.seg.has(22)
                    || self.header.is("ORU"))
                || is_request && obr.seg.has(25)
        });
        let effective = detail.and_then(|obr| collected(obr.seg));
        let context = Context {
            order: key.clone(),
            based_on: request.iter().map(Reference::to).collect(),
            specimen: match specimens.as_slice() {
                [only] => Some(only.clone()),
                _ => None,
            },
            effective: effective.clone(),
            issued: detail.and_then(|obr| obr.seg.at(22).time()),
            category: detail.and_then(|obr| section_category(&obr.seg.at(24).peek_code()?)),
            parent: detail.and_then(|obr| self.parent_result(obr.seg)),
            ..Context::default()
        };
        let results = self.observations(&order.observations, &context);
        self.name_results(&order.observations, &results, &numbers.identifiers);
        if let Some(request) = &request {
            let links = |request: &mut ServiceRequest| {
                request.specimen.clone_from(&specimens);
                if is_request {
                    add_all(
                        &mut request.supporting_info,
                        results.iter().map(Reference::to).collect(),
                    );
                }
            };
            if let Some(Record::ServiceRequest(request)) = self.chart.record_mut(request) {
                links(request);
            }
        }
        if let (Some(obr), true) = (detail, reports) {
            self.report(obr, order, &numbers, code, &key, &context, &specimens, &results);
        }
    }

    /// ORC-2, 3, 4, 33 and OBR-2, 3, 53.
    pub(super) fn order_numbers(&mut self, orc: Option<Seg<'r>>, detail: Option<Seg<'r>>) -> OrderNumbers {
        let mut numbers = OrderNumbers::default();
        let obr = detail.filter(|detail| detail.is("OBR"));
        for (seg, field, kind) in [
            (orc, 2, "PLAC"),
            (obr, 2, "PLAC"),
            (orc, 3, "FILL"),
            (obr, 3, "FILL"),
        ] {
            let identifier = seg.and_then(|seg| self.sender().entity(seg.at(field), Some(kind)));
            if let Some(identifier) = identifier.map(|number| self.sender().named(number))
                && !numbers.identifiers.contains(&identifier)
            {
                numbers.identifiers.push(identifier);
            }
        }
        for (seg, field) in [(orc, 33), (obr, 53)] {
            let identifiers: Vec<Identifier> = seg
                .into_iter()
                .flat_map(|seg| seg.all(field))
                .filter_map(|at| self.sender().identifier(at))
                .collect();
            numbers.identifiers.extend(identifiers);
        }
        if let Some(orc) = orc {
            // ORC-4 is an EI, or since version 2.7 an EIP: the placer's number of the group, and the filler's.
            for (position, mut group) in self.sender().entity_pair(orc.at(4)).into_iter().enumerate() {
                let of_filler = position > 0
                    || group.type_.as_ref().is_some_and(|type_| {
                        type_
                            .codings
                            .iter()
                            .any(|coding| coding.code.as_deref() == Some("FILL"))
                    });
                group.type_ = Some(identifier_type(if of_filler { "FGN" } else { "PGN" }.to_owned()));
                if of_filler {
                    numbers.identifiers.push(group);
                } else {
                    numbers.group = Some(group);
                }
            }
        }
        numbers
    }

    fn service_request(
        &mut self,
        order: &Order<'r>,
        numbers: &OrderNumbers,
        code: Option<CodeableConcept>,
        key: &str,
    ) -> Option<EntryId> {
        let orc = order.orc.as_ref().map(|unit| unit.seg);
        let detail = order.detail.as_ref().map(|unit| unit.seg);
        let obr = detail.filter(|detail| detail.is("OBR"));
        let diagnoses: Vec<EntryId> = order
            .diagnoses
            .iter()
            .filter_map(|unit| self.diagnosis(unit, false))
            .collect();
        // Without an ORC an OBR of a report asks for nothing, unless it says who ordered or by which number.
        let asks = orc.is_some()
            || !self.header.is("ORU")
            || !numbers.identifiers.is_empty()
            || obr.is_some_and(|obr| obr.has(16));
        if !asks || (orc.is_none() && detail.is_none() && order.timing.is_empty()) {
            return None;
        }
        let mut request = ServiceRequest {
            identifier: numbers.identifiers.clone(),
            requisition: numbers.group.clone(),
            intent: Some("order".to_owned()),
            code,
            subject: self.subject(),
            encounter: self.encounter(),
            ..ServiceRequest::default()
        };
        if let Some(orc) = orc {
            request.status = self.request_status(orc);
            request.note.extend(asked(orc, request.status.as_ref()));
            let is_new = orc
                .at(1)
                .peek_code()
                .is_none_or(|control| ["NW", "SN", "RO", "CH", "PA"].contains(&control.as_str()));
            if is_new {
                request.authored_on = orc.at(9).time();
            }
            request.reason_code.extend(self.concept(orc.at(16)));
            request.location_code.extend(self.concept_of(orc.at(29), 482));
        }
        request.requester = self.requester(orc, obr);
        if let Some(obr) = obr {
            self.request_details(obr, &mut request);
        }
        if let Some(detail) = detail.filter(|detail| !detail.is("OBR")) {
            self.other_detail(detail, &mut request);
        }
        self.request_timing(order, orc, obr, &mut request);
        let mut segments = Vec::new();
        for unit in [order.orc.as_ref(), order.detail.as_ref()].into_iter().flatten() {
            segments.push(unit.seg);
            segments.extend(unit.more.iter().copied());
        }
        segments.extend(order.timing.iter().copied());
        for unit in order
            .orc
            .iter()
            .chain(order.detail.as_ref().filter(|_| !self.header.is("ORU")))
        {
            let notes = self.notes(&unit.notes);
            request.note.extend(notes);
            segments.extend(unit.notes.iter().copied());
        }
        for participant in order
            .orc
            .iter()
            .chain(&order.detail)
            .flat_map(|unit| unit.more.clone())
            .collect::<Vec<_>>()
        {
            if participant.is("PRT") || participant.is("ROL") {
                let roles = self.roles(std::iter::once(participant));
                request
                    .performer
                    .extend(roles.into_iter().filter_map(|role| role.actor));
            }
        }
        request
            .reason_reference
            .extend(diagnoses.iter().map(Reference::to));
        let id = self.add(&["request", key], request, &segments);
        if let Some(orc) = orc {
            self.entered(orc, &id);
        }
        Some(id)
    }

    /// ORC-5, else ORC-1.
    pub(super) fn request_status(&self, orc: Seg<'r>) -> Option<Status> {
        let control = orc.at(1).peek_code();
        if let Some(status) = self.sender().status(orc.at(5), 38, table::request_status) {
            let is_over = control
                .as_deref()
                .is_some_and(|control| table::request_status_of_control(control) == Some("revoked"));
            if is_over && status.is("active") {
                orc.at(5).warn(
                    "v2.order.contradiction",
                    "ORC-1 says that the order is cancelled or discontinued, ORC-5 that it goes on; the status is that of ORC-5",
                );
            }
            return Some(status);
        }
        let control = control?;
        orc.at(1).leaf().mark();
        Some(Status::translated(
            table::request_status_of_control(&control),
            Coding::new(table::uri(119), control),
        ))
    }

    fn request_details(&mut self, obr: Seg<'r>, request: &mut ServiceRequest) {
        request.priority = priority(obr.at(5));
        if let Some(time) = obr.at(6).time() {
            request.occurrence = Some(Occurrence::DateTime(time));
        }
        if obr.at(11).peek_code().as_deref() == Some("G") {
            obr.at(11).leaf().mark();
            request.intent = Some("reflex-order".to_owned());
        }
        request.note.extend(words(obr.at(13)).map(remark));
        request
            .note
            .extend(words(obr.at(12)).map(|danger| remark(format!("Danger: {danger}"))));
        request.reason_code.extend(self.concepts(obr, 31, None));
        for field in [44, 45, 46, 47] {
            request.order_detail.extend(self.concepts(obr, field, None));
        }
        request.based_on = self
            .sender()
            .entity_pair(obr.at(29))
            .into_iter()
            .map(|identifier| Reference {
                identifier: Some(identifier),
                ..Reference::default()
            })
            .collect();
        request.performer.extend(self.practitioners(obr, 28));
    }

    /// ODS, ODT, RQD, RF1: what else an order can be for.
    fn other_detail(&mut self, seg: Seg<'r>, request: &mut ServiceRequest) {
        if seg.is("ODS") {
            // Diet: service period, diet or supplement, text.
            request.code = self.concepts(seg, 3, None).into_iter().next();
            request.order_detail.extend(self.concepts(seg, 2, None));
            request
                .order_detail
                .extend(seg.at(1).code().map(CodeableConcept::from_text));
            request.patient_instruction = seg.text(4);
        } else if seg.is("ODT") {
            request.code = self.concept(seg.at(1));
            request.order_detail.extend(self.concepts(seg, 2, None));
            request.patient_instruction = seg.text(3);
        } else if seg.is("RQD") {
            request.code = [2, 3, 4].iter().find_map(|field| self.concept(seg.at(*field)));
            request.quantity = seg.at(5).decimal().map(|value| {
                Amount::Quantity(self.sender().with_units(
                    Quantity {
                        value: Some(value),
                        ..Quantity::default()
                    },
                    seg.at(6),
                ))
            });
        } else {
            // RF1: a referral.
            request.status = self.sender().status(seg.at(1), 283, |code| match code {
                "A" => Some("active"),
                "P" => Some("draft"),
                "R" => Some("revoked"),
                "E" => Some("completed"),
                _ => None,
            });
            request.priority = priority(seg.at(2));
            request.category.extend(self.concept_of(seg.at(3), 281));
            request.code = self.concept(seg.at(3));
            request.order_detail.extend(self.concepts(seg, 4, Some(282)));
            request.performer_type = self.concept_of(seg.at(5), 284);
            for field in [6, 11] {
                request
                    .identifier
                    .extend(self.sender().entity(seg.at(field), None));
            }
            request.authored_on = seg.at(9).time().or_else(|| seg.at(7).time());
            request.reason_code.extend(self.concepts(seg, 10, Some(336)));
        }
    }
}

/// ORC-1 where it asks for what nobody has yet confirmed.
pub(super) fn asked(orc: Seg<'_>, status: Option<&Status>) -> Option<Annotation> {
    let words = match orc.at(1).peek_code().as_deref() {
        Some("CA") => "The order is asked to be cancelled (CA)",
        Some("HD") => "The order is asked to be held (HD)",
        _ => return None,
    };
    if !status.is_some_and(|status| status.is("active")) {
        return None;
    }
    orc.at(1).warn(
        "v2.order.asked",
        "ORC-1 asks to cancel or to hold the order, and nothing says that this was done: it stands as active",
    );
    Some(remark(words.to_owned()))
}

/// Whether ORC-1 says that the order is or should be cancelled or discontinued. What comes with it is then no word that
/// something was done.
pub(super) fn is_called_off(order: &Order<'_>) -> bool {
    let control = order.orc.as_ref().and_then(|orc| orc.seg.at(1).peek_code());
    matches!(control.as_deref(), Some("CA" | "CR" | "DC" | "DR" | "OC" | "OD"))
}

/// OBR-7 and 8: when the material was taken, or the patient observed.
pub(super) fn collected(obr: Seg<'_>) -> Option<Occurrence> {
    match (obr.at(7).time(), obr.at(8).time()) {
        (start, Some(end)) if start != Some(end) => Some(Occurrence::Period(Period::new(start, Some(end)))),
        (start, _) => start.map(Occurrence::DateTime),
    }
}

/// Table 0485, where it says how urgent it is.
pub(super) fn priority(at: At<'_>) -> Option<String> {
    let priority = table::priority(&at.peek_code()?)?;
    at.leaf().mark();
    Some(priority.to_owned())
}
