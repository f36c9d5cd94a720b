//! FT1: charges.

use ehr_model::{ChargeItem, Occurrence, Performer, Status};
use ehr_types::{CodeableConcept, Coding, Period, Quantity};

use super::conversion::{Conversion, key_of, remark};
use super::group::Unit;
use super::participant::participation;
use super::reading::Seg;
use super::table;

impl<'r> Conversion<'r, '_> {
    /// FT1: a charge.
    pub(super) fn charge(&mut self, unit: &Unit<'r>) {
        let seg = unit.seg;
        let mut charge = ChargeItem {
            subject: self.subject(),
            context: self.encounter(),
            note: self.notes(&unit.notes),
            code: self.concept(seg.at(7)),
            entered_date: seg.at(5).time(),
            reason: self.concepts(seg, 19, None),
            ..ChargeItem::default()
        };
        for field in [2, 23] {
            if let Some(identifier) = self.sender().entity(seg.at(field), None) {
                charge.identifier.push(identifier);
            }
        }
        // FT1-4 is a DR: one time, or two.
        let when = seg.at(4);
        charge.occurrence = match (when.part(1).time(), when.part(2).time()) {
            (start, Some(end)) => Some(Occurrence::Period(Period::new(start, Some(end)))),
            (start, None) => start.map(Occurrence::DateTime),
        };
        charge.status = charge_status(seg);
        let quantity = seg.at(10).decimal();
        charge.quantity = quantity.map(|value| Quantity {
            value: Some(value),
            ..Quantity::default()
        });
        for text in [8, 9].iter().filter_map(|field| seg.text(*field)) {
            match &mut charge.code {
                Some(code) if code.text.is_none() => code.text = Some(text),
                Some(code) if code.text.as_deref() == Some(&text) => {}
                Some(_) => charge.note.push(remark(text)),
                None => charge.code = Some(CodeableConcept::from_text(text)),
            }
        }
        // FT1-25 names the procedure, FT1-7 the charge code of the sender.
        let procedure = self.concept(seg.at(25));
        if let Some(procedure) = procedure {
            match &mut charge.code {
                Some(code) => {
                    code.codings.extend(procedure.codings);
                    charge.note.extend(procedure.text.map(remark));
                }
                None => charge.code = Some(procedure),
            }
        }
        for modifier in self.concepts(seg, 26, Some(340)) {
            if let Some(code) = &mut charge.code {
                code.codings.extend(modifier.codings);
            }
        }
        let price = [11, 12, 22]
            .iter()
            .map(|field| seg.at(*field))
            .find(|at| at.has_text());
        if let Some(price) = price {
            charge.price_override = price.part(1).decimal();
            charge.price_currency = price.part(1).part(2).text();
        }
        for (field, function) in [(20, "PRF"), (21, "REF")] {
            let function = participation(function, "");
            let performers: Vec<Performer> = self.performers(seg, field, &function);
            charge.performer.extend(performers);
        }
        charge.enterer = self.practitioners(seg, 24).into_iter().next();
        if let Some(place) = self.location(seg.at(16)) {
            charge.performer.push(Performer {
                actor: Some(place),
                ..Performer::default()
            });
        }
        let key = match charge.identifier.first() {
            Some(identifier) => key_of(identifier),
            None => seg.content(),
        };
        self.add(&["charge", &key], charge, &unit.segments());
    }
}

/// FT1-6 by table 0017: a charge can be billed, a credit takes one back.
fn charge_status(seg: Seg<'_>) -> Option<Status> {
    let kind = seg.code(6)?;
    let status = match kind.as_str() {
        "CG" | "CO" => Some("billable"),
        _ => None,
    };
    Some(Status::translated(status, Coding::new(table::uri(17), kind)))
}
