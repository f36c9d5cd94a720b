//! Data types: FHIR R4 [datatypes](https://hl7.org/fhir/R4/datatypes.html).

use ehr_model as model;
use ehr_types as types;
use ehr_types::{Absent, Comparator, TimeRelation};

use super::extension;
use super::map::{Convert, Reader, Writer, is_empty, written};
use super::mapping::mapping;
use super::member::{Get, Map, Put, clear_beside};
use super::primitive::unknown;
use super::text;
use crate::element::{Element, Node, Str};
use crate::r4::{self, ElementType, ExtensionValue};

mapping!(
    types::Coding,
    r4::Coding {
        system,
        version,
        code,
        display,
        user_selected
    }
);

mapping!(types::CodeableConcept, r4::CodeableConcept { codings: coding, text }
    read read_concept;
    write write_concept;
);

fn read_concept(from: &r4::CodeableConcept, to: &mut types::CodeableConcept, _: &Reader<'_>) {
    to.absent = extension::read_absent(from.extension());
}

fn write_concept(from: &types::CodeableConcept, to: &mut r4::CodeableConcept, cx: &Writer<'_>) {
    write_absent(from.absent.as_ref(), to);
    if !cx.mirror {
        // A code without its system is still what the source said; FHIR allows it.
        to.coding.retain(|coding| !is_empty(coding));
    }
}

fn write_absent(absent: Option<&Absent>, to: &mut dyn Node) {
    if let Some(absent) = absent {
        to.extension_mut().extend(extension::absent(absent));
    }
}

/// Reads and writes the reason for the absence of a whole element, or of the member that is its point.
macro_rules! absence {
    ($type:ident, $member:literal, $read:ident, $write:ident) => {
        fn $read(from: &r4::$type, to: &mut types::$type, _: &Reader<'_>) {
            to.absent = extension::read_absent(from.extension())
                .or_else(|| extension::read_absent(from.primitive_extension($member, None)));
        }

        fn $write(from: &types::$type, to: &mut r4::$type, _: &Writer<'_>) {
            write_absent(from.absent.as_ref(), to);
        }
    };
}

absence!(
    Identifier,
    "value",
    read_identifier_absent,
    write_identifier_absent
);
absence!(HumanName, "family", read_name, write_name);
absence!(Address, "text", read_address, write_address);
absence!(ContactPoint, "value", read_contact_absent, write_contact_absent);

mapping!(types::Identifier, r4::Identifier { use_: r#use, type_: r#type, system, value, period }
    read read_identifier;
    write write_identifier;
);

fn read_identifier(from: &r4::Identifier, to: &mut types::Identifier, cx: &Reader<'_>) {
    read_identifier_absent(from, to, cx);
    to.assigner = from
        .assigner
        .as_ref()
        .and_then(|assigner| assigner.display.as_ref())
        .map(|display| display.to_string());
}

fn write_identifier(from: &types::Identifier, to: &mut r4::Identifier, cx: &Writer<'_>) {
    write_identifier_absent(from, to, cx);
    to.assigner = from.assigner.as_deref().and_then(text::string).map(|display| {
        Box::new(r4::Reference {
            display: Some(display),
            ..r4::Reference::default()
        })
    });
}

mapping!(types::HumanName, r4::HumanName { use_: r#use, text, family, given, prefix, suffix, period }
    read read_name;
    write write_name;
);

mapping!(types::Address, r4::Address {
    use_: r#use, type_: r#type, text, line, city, district, state, postal_code, country, period,
} read read_address; write write_address;);

mapping!(types::ContactPoint, r4::ContactPoint { system, value, use_: r#use, rank, period }
    read read_contact_absent;
    write write_contact;
);

/// Rule cpt-2: a system is required where there is a value.
fn write_contact(from: &types::ContactPoint, to: &mut r4::ContactPoint, cx: &Writer<'_>) {
    write_contact_absent(from, to, cx);
    if !cx.mirror && to.value.is_some() && to.system.is_none() {
        extension::explain(to, "system", extension::unknown());
    }
}

mapping!(types::Period, r4::Period { start, end } write write_period;);

/// Rule per-1: the end is not before the start.
fn write_period(from: &types::Period, to: &mut r4::Period, cx: &Writer<'_>) {
    if cx.mirror {
        return;
    }
    if let (Some(start), Some(end)) = (to.start, to.end) {
        // The rule is checked on the texts, where a longer one is greater.
        let disordered = end.relation(&start) == TimeRelation::Before
            || end.date() < start.date() && start.to_string().starts_with(&end.to_string());
        if disordered {
            to.end = None;
            if let Some(end) = from.end {
                super::member::beside(to, "end", extension::source_time(end));
            }
        }
    }
}

impl Map<Option<r4::QuantityComparator>> for Option<Comparator> {
    fn get(&mut self, from: &Option<r4::QuantityComparator>, _: &Get<'_>) {
        *self = from.as_ref().and_then(|sign| Comparator::parse(sign.as_str()));
    }

    fn put(&self, to: &mut Option<r4::QuantityComparator>, _: &mut Put<'_>) {
        *to = self.map(|sign| r4::QuantityComparator::from(sign.as_str()));
    }
}

mapping!(types::Quantity, r4::Quantity { value, comparator, unit, system, code } read read_quantity; write write_quantity;);

fn read_quantity(from: &r4::Quantity, to: &mut types::Quantity, cx: &Reader<'_>) {
    to.absent = extension::read_absent(from.extension())
        .or_else(|| extension::read_absent(from.primitive_extension("value", None)));
    if from.value.is_none()
        && let Some(ExtensionValue::Quantity(whole)) =
            extension::find(from.extension(), extension::SOURCE_QUANTITY)
    {
        *to = types::Quantity::read(whole.as_ref(), cx);
    }
    if let Some(ExtensionValue::String(code)) = extension::other_types(from.extension(), "code").next() {
        // It may have been made the unit, for people to read.
        to.unit = to.unit.take().filter(|unit| *unit != code.as_str());
        to.code = Some(code.to_string());
    }
}

/// Rules qty-3: a code has a system; sqty-1: no comparator where a plain amount belongs. An amount that has one is kept whole:
/// without it, it would say something else.
fn write_quantity(from: &types::Quantity, to: &mut r4::Quantity, cx: &Writer<'_>) {
    write_absent(from.absent.as_ref(), to);
    if cx.mirror {
        return;
    }
    if to.code.is_some() && to.system.is_none() {
        let code = to.code.take().unwrap_or_default();
        // Not beside the code, where it would count as one.
        clear_beside(to, "code");
        to.extension_mut().push(extension::other_type(
            "code",
            ExtensionValue::String(code.clone()),
        ));
        to.unit.get_or_insert(code);
    }
    if to.comparator.is_some() && cx.field(&[ElementType::SimpleQuantity]).is_some() {
        let whole = Box::new(std::mem::take(to));
        to.extension_mut().push(extension::value(
            extension::SOURCE_QUANTITY,
            ExtensionValue::Quantity(whole),
        ));
    }
}

/// Quantities of a narrower type are carried as quantities; one that breaks the rule of its type is kept whole.
macro_rules! quantities {
    ($($fhir:ident $rule:expr;)*) => {$(
        impl Convert<r4::$fhir> for types::Quantity {
            fn read_from(&mut self, from: &r4::$fhir, cx: &Reader<'_>) {
                let r4::$fhir { value, comparator, unit, system, code, extra } = from.clone();
                self.read_from(&r4::Quantity { value, comparator, unit, system, code, extra }, cx);
            }

            fn write_to(&self, to: &mut r4::$fhir, cx: &Writer<'_>) {
                let rule: fn(&types::Quantity) -> bool = $rule;
                let whole: r4::Quantity = self.write(cx);
                if cx.mirror || rule(self) {
                    let r4::Quantity { value, comparator, unit, system, code, extra } = whole;
                    *to = r4::$fhir { value, comparator, unit, system, code, extra };
                } else if !is_empty(&whole) {
                    to.extension_mut().push(extension::value(
                        extension::SOURCE_QUANTITY,
                        ExtensionValue::Quantity(Box::new(whole)),
                    ));
                }
            }
        }
    )*};
}

quantities! {
    // Rules age-1 and drt-1: a UCUM unit of time, and for an age a positive number.
    Age |age| is_ucum_time(age) && age.value.as_ref().is_none_or(|age| *age > types::Decimal::from(0));
    Duration is_ucum_time;
}

fn is_ucum_time(quantity: &types::Quantity) -> bool {
    let code = quantity.code.as_deref();
    let coded = matches!(
        code,
        Some("a" | "mo" | "wk" | "d" | "h" | "min" | "s" | "ms" | "us")
    );
    let system = quantity.system.as_deref();
    (coded && system == Some(types::Quantity::UCUM))
        || (quantity.value.is_none() && quantity.code.is_none() && quantity.system.is_none())
}

mapping!(types::Range, r4::Range { low, high } read read_range; write write_range;);

fn read_range(from: &r4::Range, to: &mut types::Range, cx: &Reader<'_>) {
    if let (None, Some(ExtensionValue::Quantity(high))) = (
        &to.high,
        extension::find(from.extension(), extension::SOURCE_QUANTITY),
    ) {
        to.high = Some(types::Quantity::read(high.as_ref(), cx));
    }
}

/// Rule rng-2: the lower bound is not above the upper one.
fn write_range(from: &types::Range, to: &mut r4::Range, cx: &Writer<'_>) {
    if cx.mirror {
        return;
    }
    let value = |bound: &Option<types::Quantity>| bound.as_ref().and_then(|bound| bound.value.clone());
    if let (Some(low), Some(high)) = (value(&from.low), value(&from.high))
        && low > high
        && let Some(high) = to.high.take()
    {
        to.extension_mut().push(extension::value(
            extension::SOURCE_QUANTITY,
            ExtensionValue::Quantity(high),
        ));
    }
}

mapping!(types::Ratio, r4::Ratio { numerator, denominator } write write_ratio;);

/// Rule rat-1: both or neither.
fn write_ratio(_: &types::Ratio, to: &mut r4::Ratio, cx: &Writer<'_>) {
    if cx.mirror || to.numerator.is_some() == to.denominator.is_some() {
        return;
    }
    for side in [&mut to.numerator, &mut to.denominator] {
        if side.is_none() {
            unknown(side);
        }
    }
}

mapping!(model::SampledData, r4::SampledData { origin, period, factor, lower_limit, upper_limit, dimensions, data }
    required { origin, period, dimensions }
);

mapping!(model::Attachment, r4::Attachment { content_type, language, data, url, size, hash, title, creation }
    write write_attachment;
);

/// Data that is no base64 stays as a text; rule att-1: data has a media type.
fn write_attachment(from: &model::Attachment, to: &mut r4::Attachment, cx: &Writer<'_>) {
    if cx.mirror {
        return;
    }
    if let Some(data) = to.data.clone() {
        let joined: String = data.split_whitespace().collect();
        if text::is_base64(&joined) {
            to.data = Some(Str::new(joined));
        } else {
            to.data = None;
            if let Some(data) = &from.data {
                super::member::beside(to, "data", extension::string(extension::SOURCE_TEXT, data));
            }
        }
    }
    let has_data = to.data.is_some() || !to.primitive_extension("data", None).is_empty();
    if has_data && to.content_type.is_none() {
        extension::explain(to, "contentType", extension::unknown());
    }
    if let Some(hash) = &to.hash
        && !text::is_base64(hash)
    {
        let kept = extension::string(extension::SOURCE_TEXT, hash);
        to.hash = None;
        super::member::beside(to, "hash", kept);
    }
}

mapping!(model::Annotation, r4::Annotation { text, author, time } required { text });

impl Map<Option<r4::AnnotationAuthor>> for Option<model::Reference> {
    fn get(&mut self, from: &Option<r4::AnnotationAuthor>, at: &Get<'_>) {
        *self = from.as_ref().map(|author| match author {
            r4::AnnotationAuthor::Reference(author) => model::Reference::read(author.as_ref(), at.cx),
            r4::AnnotationAuthor::String(name) => model::Reference::named(name.as_str()),
        });
    }

    fn put(&self, to: &mut Option<r4::AnnotationAuthor>, at: &mut Put<'_>) {
        let Some(author) = self else { return };
        let is_named = author.target.is_none()
            && author.literal.is_none()
            && author.identifier.is_none()
            && author.class.is_none();
        *to = if is_named {
            let name = author.display.as_deref().and_then(text::string);
            name.map(r4::AnnotationAuthor::String)
        } else {
            written(author, &at.inside("Reference")).map(r4::AnnotationAuthor::Reference)
        };
    }
}

impl Convert<r4::Reference> for model::Reference {
    fn read_from(&mut self, from: &r4::Reference, cx: &Reader<'_>) {
        if let Some(ExtensionValue::Reference(whole)) =
            extension::find(from.extension(), extension::SOURCE_REFERENCE)
        {
            return self.read_from(whole.as_ref(), cx);
        }
        let target = (cx.resolve)(from);
        let named = from.r#type.as_deref().or_else(|| {
            from.reference
                .as_deref()
                .and_then(|literal| super::reference::type_of(literal))
        });
        // An identifier alone does not say the class, and is not made to.
        let is_bare = from.reference.is_none() && named.is_none();
        self.class = match &target {
            Some(target) if !is_bare => Some(target.class),
            _ => named.and_then(model::RecordClass::from_fhir_type),
        };
        self.target = target;
        let mut at = Get::new(from, cx);
        at.get("reference", &from.reference, &mut self.literal);
        at.get("identifier", &from.identifier, &mut self.identifier);
        at.get("display", &from.display, &mut self.display);
        if self.literal.is_none() {
            self.literal = extension::text_in(from.extension(), extension::SOURCE_REFERENCE);
        }
    }

    fn write_to(&self, to: &mut r4::Reference, cx: &Writer<'_>) {
        let link = match (cx.link, &self.target) {
            (Some(link), Some(target)) => link(target),
            _ => None,
        };
        let whole = || {
            self.target
                .as_ref()
                .filter(|_| cx.link.is_none() && self.identifier.is_none())
                .map(ToString::to_string)
        };
        let reference = link.or_else(|| self.literal.clone()).or_else(whole);
        // Where there is a text, its type says the same.
        let class = match &reference {
            Some(literal) => super::reference::type_of(literal).and_then(model::RecordClass::from_fhir_type),
            None => self.class,
        };
        let type_ = class
            .filter(|class| *class != model::RecordClass::Other && (cx.mirror || reference.is_none()))
            .map(|class| Str::new_static(class.as_str()));
        to.reference = reference.as_deref().and_then(|literal| {
            // What is contained in the original does not come along (rule ref-1).
            let is_local = !cx.mirror && literal.len() > 1 && literal.starts_with('#');
            text::string(literal.trim()).filter(|literal| !is_local && !literal.contains(char::is_whitespace))
        });
        to.identifier = self
            .identifier
            .as_ref()
            .and_then(|identifier| written(identifier, cx));
        to.display = self.display.as_deref().and_then(text::string);
        if let (None, Some(literal), false) = (&to.reference, &reference, cx.mirror)
            && let Some(literal) = text::string(literal)
        {
            to.extension_mut()
                .push(extension::string(extension::SOURCE_REFERENCE, &literal));
        }
        if cx.mirror {
            to.r#type = type_;
            return;
        }
        if is_empty(to) {
            return;
        }
        to.r#type = type_;
        // What may not stand here is kept whole; who it is may be shown here too.
        let named = match &to.reference {
            Some(literal) => super::reference::type_of(literal),
            None => to.r#type.as_deref(),
        };
        if named.is_some_and(|named| !is_allowed(named, cx)) {
            let display = to.display.clone();
            let whole = Box::new(std::mem::take(to));
            to.display = display;
            to.extension_mut().push(extension::value(
                extension::SOURCE_REFERENCE,
                ExtensionValue::Reference(whole),
            ));
        }
    }
}

/// Whether a reference to a resource of that type may stand there.
fn is_allowed(resource_type: &str, cx: &Writer<'_>) -> bool {
    let Some(field) = cx.field(&[ElementType::Reference]) else {
        return true;
    };
    let mut targets = field.targets();
    targets.len() == 0 || targets.any(|target| target == resource_type)
}

mapping!(model::ReferenceRange, r4::ObservationReferenceRange { low, high, type_: r#type, applies_to, age, text }
    write write_reference_range;
);

/// Rule obs-3: at least a bound or a text.
fn write_reference_range(_: &model::ReferenceRange, to: &mut r4::ObservationReferenceRange, cx: &Writer<'_>) {
    if !cx.mirror && !is_empty(to) && to.low.is_none() && to.high.is_none() && to.text.is_none() {
        extension::explain(to, "text", extension::unknown());
    }
}
