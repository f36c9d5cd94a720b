//! Immunization activities (guide page CF-immunizations).

use ehr_model::{
    Annotation, DoseNumber, EntryId, Immunization, ImmunizationReaction, Performer, ProtocolApplied,
    RecordClass, Reference,
};
use ehr_types::{CodeSystem, CodeableConcept, Coding};

use super::absence::{is_none, none_known};
use super::dosage::unread_amount;
use super::importer::{Importer, Scope};
use super::statement::{denied, deny, has_template, in_words, negated, read_outline, status_of, time_of};
use super::vocabulary::IMMUNIZATION_STATUS;
use crate::template::{EntryKind, SectionKind};
use crate::xml::Element;

/// OIDs of the value sets' systems for reasons not to immunize: v3 ActReason.
const ACT_REASON: &str = "2.16.840.1.113883.5.8";
/// CVX: no vaccine administered.
const NO_VACCINE: &str = "998";

impl<'d> Importer<'d> {
    /// A vaccination, given or not.
    pub(super) fn immunization(&mut self, element: Element<'d>, scope: &Scope) -> Vec<EntryId> {
        let mood = element.attribute("moodCode").unwrap_or("EVN");
        if mood != "EVN" {
            return self.medication(element, EntryKind::PlannedImmunization, scope);
        }
        let slot = match self.open(RecordClass::Immunization, element, "") {
            Ok(slot) => slot,
            Err(id) => return vec![id],
        };
        if let Some(code) = element.child("code")
            && matches!(
                code.peek().attribute("code"),
                None | Some("DRUG" | "IMMUNIZ" | "INITIMMUNIZ")
            )
        {
            code.to_concept();
        }
        let mut status = status_of(element, IMMUNIZATION_STATUS);
        let negated = negated(element);
        if negated {
            deny(&mut status, "not-done");
        }
        let time = element.child("effectiveTime");
        let given = time.and_then(|time| {
            let end = || time.child("high").and_then(Element::to_date_time);
            time.to_start().or_else(end)
        });
        let mut product = self.product(element, "consumable");
        if negated {
            product.code = in_words(product.code, element);
            if is_none(SectionKind::Immunizations, product.code.as_ref(), scope) {
                product.code = Some(none_known(SectionKind::Immunizations, product.code));
            }
        } else if product
            .code
            .as_ref()
            .is_some_and(|code| code.has_code(CodeSystem::CVX.uri, NO_VACCINE))
        {
            deny(&mut status, "not-done");
        }
        let refusal = self.refusal(element);
        let (reason_code, reason_reference) = self.reasons(element);
        let (_, recorded) = self.recorder(element);
        let mut record = Immunization {
            identifier: element.to_identifiers(),
            status,
            status_reason: refusal,
            vaccine_code: product.code,
            patient: self.subject(),
            occurrence: given.map(ehr_model::Occurrence::DateTime),
            recorded,
            manufacturer: product.manufacturer,
            lot_number: product.lot_number,
            expiration_date: product.expiration.map(|time| time.date()),
            site: element.child("approachSiteCode").and_then(Element::to_concept),
            route: element.child("routeCode").and_then(Element::to_concept),
            dose_quantity: element
                .child("doseQuantity")
                .and_then(Element::to_quantity)
                .filter(|quantity| quantity.value.is_some()),
            reason_code,
            reason_reference,
            ..Immunization::default()
        };
        if let Some(quantity) = &mut record.dose_quantity
            && quantity.unit.is_none()
            && let Some(unit) = element
                .child("administrationUnitCode")
                .and_then(Element::to_concept)
        {
            // A count of units: the unit is a form, such as a tablet.
            quantity.unit = unit.label().map(str::to_owned);
            if let Some(coding) = unit
                .codings
                .into_iter()
                .find(|coding| coding.code.is_some() && coding.system.is_some())
            {
                quantity.system = coding.system;
                quantity.code = coding.code;
            }
        }
        record.performer = self.immunization_performers(element);
        record.location = self.place(element);
        if let Some(number) = dose_number(element) {
            record.protocol_applied.push(ProtocolApplied {
                dose_number: Some(number),
                ..ProtocolApplied::default()
            });
        }
        record.note = self.notes(element);
        record
            .note
            .extend(unread_amount(element, "doseQuantity").map(|text| Annotation {
                text,
                ..Annotation::default()
            }));
        let id = slot.id.clone();
        let about = scope.about(&id);
        for (kind, inner) in self.open_related(element) {
            let reaction = kind == "MFST" || has_template(inner, "2.16.840.1.113883.10.20.22.4.9");
            if inner.is("observation") && reaction && !denied(inner) {
                let date = time_of(inner).start();
                let value = inner.peek().child("value").and_then(Element::to_concept);
                let name = value.as_ref().and_then(CodeableConcept::label).map(str::to_owned);
                for (at, made) in self.statement(inner, &about).into_iter().enumerate() {
                    // The first is the reaction itself.
                    let display = made.display.clone().or_else(|| name.clone().filter(|_| at == 0));
                    record.reaction.push(ImmunizationReaction {
                        date,
                        detail: Some(Reference { display, ..made }),
                        reported: None,
                    });
                }
            }
        }
        self.close(slot, record);
        self.rest(element, &about);
        vec![id]
    }

    /// Why it was not given: a related observation whose code is a reason of v3 ActReason.
    fn refusal(&mut self, element: Element<'d>) -> Option<CodeableConcept> {
        for (kind, inner) in self.open_related(element) {
            let template = has_template(inner, "2.16.840.1.113883.10.20.22.4.53");
            let coded = inner
                .child("code")
                .is_some_and(|code| code.peek().attribute("codeSystem") == Some(ACT_REASON));
            if inner.is("observation") && kind == "RSON" && (template || coded) && !denied(inner) {
                self.consume(inner);
                read_outline(inner);
                return inner.child("code").and_then(Element::to_concept);
            }
        }
        None
    }

    fn immunization_performers(&mut self, element: Element<'d>) -> Vec<Performer> {
        let mut performers = self.performers(element);
        performers.retain(|performer| performer.actor.is_some());
        for performer in &mut performers {
            // The guide: who performs an immunization administers it.
            performer.function.get_or_insert_with(|| {
                CodeableConcept::from_coding(Coding::new(
                    "http://terminology.hl7.org/CodeSystem/v2-0443",
                    "AP",
                ))
            });
        }
        performers
    }
}

fn dose_number(element: Element<'_>) -> Option<DoseNumber> {
    let repeat = element.child("repeatNumber")?;
    let text = repeat.attribute("value")?;
    Some(match text.parse::<u32>() {
        Ok(number) if number > 0 => DoseNumber::PositiveInt(number),
        _ => DoseNumber::String(text.to_owned()),
    })
}
