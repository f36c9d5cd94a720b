//! [FamilyMemberHistory](https://hl7.org/fhir/R4/familymemberhistory.html).

use ehr_model as model;
use ehr_model::{Deceased, Occurrence};
use ehr_types::{DateTime, Precision, Quantity, Range};

use super::choice::Loose;
use super::extension;
use super::map::{Convert, Reader, Writer, written};
use super::mapping::mapping;
use super::member::{beside, clear_beside};
use super::text;
use super::time;
use crate::element::Element;
use crate::r4::{self, ExtensionValue};

mapping!(model::FamilyMemberHistory, r4::FamilyMemberHistory {
    identifier, status, data_absent_reason, patient, date, name, relationship, sex, born, age, estimated_age, reason_code,
    reason_reference, note, condition,
} required { status, patient, relationship } read read_history; write write_history;);

fn read_history(from: &r4::FamilyMemberHistory, to: &mut model::FamilyMemberHistory, cx: &Reader<'_>) {
    use r4::FamilyMemberHistoryDeceased as Died;
    match &from.deceased {
        Some(Died::Boolean(dead)) => to.deceased = Some(Deceased::Boolean(*dead)),
        Some(Died::Date(date)) => {
            let beside = from.primitive_extension("deceasedDate", None);
            to.deceased = time::read_time(Some(DateTime::from(*date)), beside, cx).map(Deceased::DateTime);
        }
        Some(Died::Age(age)) => to.deceased_age = Some(Occurrence::Age(Quantity::read(age.as_ref(), cx))),
        Some(Died::Range(age)) => to.deceased_age = Some(Occurrence::Range(Range::read(age.as_ref(), cx))),
        Some(Died::String(age)) => to.deceased_age = Some(Occurrence::Text(age.to_string())),
        None => {}
    }
    for kept in extension::asides(&from.extension, "deceased") {
        match kept.value.as_deref() {
            Some(ExtensionValue::Boolean(dead)) => to.deceased = Some(Deceased::Boolean(*dead)),
            _ => to.deceased_age = Occurrence::tight(kept, cx),
        }
    }
    if let Some(ExtensionValue::Boolean(estimated)) =
        extension::other_types(&from.extension, "estimatedAge").next()
    {
        to.estimated_age = Some(*estimated);
    }
}

/// Rule fhs-1: an age or a birth, not both; fhs-2: an estimated age only with an age.
fn write_history(from: &model::FamilyMemberHistory, to: &mut r4::FamilyMemberHistory, cx: &Writer<'_>) {
    use r4::FamilyMemberHistoryDeceased as Died;
    let age = match &from.deceased_age {
        Some(Occurrence::Age(age)) => written(age, cx).map(Died::Age),
        Some(Occurrence::Range(age)) => written(age, cx).map(Died::Range),
        Some(Occurrence::Text(age)) => text::string(age).map(Died::String),
        _ => None,
    };
    let mut rest = None;
    to.deceased = match (&from.deceased, age) {
        (Some(Deceased::DateTime(time)), _) => {
            if time.precision() > Precision::Day {
                beside(to, "deceasedDate", extension::source_time(*time));
            }
            rest = from.deceased_age.as_ref();
            Some(Died::Date(time.date()))
        }
        (Some(Deceased::Boolean(false)), Some(_)) => {
            rest = from.deceased_age.as_ref();
            Some(Died::Boolean(false))
        }
        (Some(Deceased::Boolean(true)), Some(age)) => {
            let dead = ExtensionValue::Boolean(true);
            to.extension.push(extension::other_type("deceased", dead));
            Some(age)
        }
        (None, Some(age)) => Some(age),
        (Some(Deceased::Boolean(dead)), None) => {
            rest = from.deceased_age.as_ref();
            Some(Died::Boolean(*dead))
        }
        (None, None) => {
            rest = from.deceased_age.as_ref();
            None
        }
    };
    if let Some(value) = rest.and_then(|age| age.loose(cx)) {
        to.extension.push(extension::aside("deceased", value));
    }
    if cx.mirror {
        return;
    }
    if to.age.is_some() && to.born.take().is_some() {
        clear_beside(to, "bornDate");
        let born = from.born.as_ref().and_then(|born| born.loose(cx));
        to.extension
            .extend(born.map(|born| extension::aside("born", born)));
    }
    if to.age.is_none()
        && let Some(estimated) = to.estimated_age.take()
    {
        to.extension.push(extension::other_type(
            "estimatedAge",
            ExtensionValue::Boolean(estimated),
        ));
    }
}

mapping!(model::FamilyCondition, r4::FamilyMemberHistoryCondition {
    code, outcome, contributed_to_death, onset, note,
} required { code });
