//! [Coverage](https://hl7.org/fhir/R4/coverage.html) and [ChargeItem](https://hl7.org/fhir/R4/chargeitem.html).

use ehr_model as model;
use ehr_types::CodeableConcept;

use super::map::{Convert, Reader, Writer, is_empty, written};
use super::mapping::mapping;
use super::member::beside;
use super::{extension, text};
use crate::element::{Element, Str};
use crate::r4;

mapping!(model::Coverage, r4::Coverage {
    identifier, status, type_: r#type, policy_holder, subscriber, subscriber_id, beneficiary, dependent, relationship,
    period, payor, class, order, network, subrogation, contract,
} required { status, beneficiary, payor });

mapping!(model::CoverageClass, r4::CoverageClass { type_: r#type, value, name } required { r#type, value });

mapping!(model::ChargeItem, r4::ChargeItem {
    identifier, status, part_of, code, subject, context, occurrence, performer, performing_organization,
    requesting_organization, quantity, bodysite, factor_override, override_reason, enterer, entered_date, reason, service,
    account, note,
} required { status, code, subject } read read_charge; write write_charge;);

fn read_charge(from: &r4::ChargeItem, to: &mut model::ChargeItem, cx: &Reader<'_>) {
    if let Some(price) = &from.price_override {
        to.price_override = price.value.clone();
        let currency = price.currency.as_ref().map(|currency| currency.to_string());
        let beside = price.primitive_extension("currency", None);
        to.price_currency = currency.or_else(|| extension::text_in(beside, extension::SOURCE_TEXT));
    }
    if let Some(r4::ChargeItemProduct::CodeableConcept(product)) = &from.product {
        to.product = Some(CodeableConcept::read(product, cx));
    }
}

fn write_charge(from: &model::ChargeItem, to: &mut r4::ChargeItem, cx: &Writer<'_>) {
    let currency = from.price_currency.as_deref().and_then(text::code);
    let is_none = |code: &Str| !cx.mirror && !text::is_in_set("currency", code);
    let aside = currency.clone().filter(is_none);
    let mut price = r4::Money {
        value: from.price_override.as_ref().and_then(text::number),
        currency: currency.filter(|code| !is_none(code)),
        ..r4::Money::default()
    };
    if let Some(code) = aside {
        beside(
            &mut price,
            "currency",
            extension::exact(extension::SOURCE_TEXT, &code),
        );
    }
    if !is_empty(&price) {
        to.price_override = Some(Box::new(price));
    }
    to.product = from
        .product
        .as_ref()
        .and_then(|product| written(product, cx))
        .map(r4::ChargeItemProduct::CodeableConcept);
}
