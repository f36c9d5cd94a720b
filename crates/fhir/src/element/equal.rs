//! Whether two elements of a type are equal.

use super::{ChoiceValue, Element, Elements, Field, Node, Primitive, Primitives, Visitor};
use crate::extra::Extra;
use crate::r4::Resource;

/// Compares two elements of the same type, one member after the other: what `#[derive(PartialEq)]` would do, without a
/// function for each type.
pub(crate) fn equal(one: &dyn Node, other: &dyn Node) -> bool {
    let mut all = All {
        other,
        count: 0,
        equal: true,
    };
    one.visit(&mut all);
    if !all.equal {
        return false;
    }
    let mut count = Count(0);
    other.visit(&mut count);
    // An empty one is as good as none.
    let none = Extra::default();
    all.count == count.0 && one.extra().unwrap_or(&none) == other.extra().unwrap_or(&none)
}

/// Compares the values of two choices of the same type.
pub(crate) fn choice_equal(one: (usize, ChoiceValue<'_>), other: (usize, ChoiceValue<'_>)) -> bool {
    one.0 == other.0
        && match (one.1, other.1) {
            (ChoiceValue::Primitive(one), ChoiceValue::Primitive(other)) => one == other,
            (ChoiceValue::Element(one), ChoiceValue::Element(other)) => equal(one, other),
            _ => false,
        }
}

/// A member, and what it holds.
#[derive(Clone, Copy)]
enum Value<'a> {
    Primitive(Primitive<'a>),
    Primitives(&'a dyn Primitives),
    Element(&'a dyn Node),
    Elements(&'a dyn Elements),
    Resource(&'a Resource),
    Resources(&'a [Resource]),
}

impl Value<'_> {
    fn equals(self, other: Value<'_>) -> bool {
        match (self, other) {
            (Self::Primitive(one), Value::Primitive(other)) => one == other,
            (Self::Primitives(one), Value::Primitives(other)) => {
                one.count() == other.count() && (0..one.count()).all(|at| one.at(at) == other.at(at))
            }
            (Self::Element(one), Value::Element(other)) => equal(one, other),
            (Self::Elements(one), Value::Elements(other)) => {
                let both = |at| one.at(at).zip(other.at(at));
                one.count() == other.count()
                    && (0..one.count()).all(|at| both(at).is_some_and(|(one, other)| equal(one, other)))
            }
            (Self::Resource(one), Value::Resource(other)) => one == other,
            (Self::Resources(one), Value::Resources(other)) => one == other,
            _ => false,
        }
    }
}

/// A visitor for which the kinds of values are alike.
trait See {
    fn see(&mut self, field: &'static Field, value: Value<'_>);
}

macro_rules! sees {
    ($name:ty) => {
        impl Visitor for $name {
            fn primitive(&mut self, field: &'static Field, value: Primitive<'_>) {
                self.see(field, Value::Primitive(value));
            }
            fn primitives(&mut self, field: &'static Field, values: &dyn Primitives) {
                self.see(field, Value::Primitives(values));
            }
            fn element(&mut self, field: &'static Field, value: &dyn Node) {
                self.see(field, Value::Element(value));
            }
            fn elements(&mut self, field: &'static Field, values: &dyn Elements) {
                self.see(field, Value::Elements(values));
            }
            fn resource(&mut self, field: &'static Field, value: &Resource) {
                self.see(field, Value::Resource(value));
            }
            fn resources(&mut self, field: &'static Field, values: &[Resource]) {
                self.see(field, Value::Resources(values));
            }
        }
    };
}

/// Looks up each member of one element in the other.
struct All<'a> {
    other: &'a dyn Node,
    count: usize,
    equal: bool,
}

impl See for All<'_> {
    fn see(&mut self, field: &'static Field, value: Value<'_>) {
        if self.equal {
            let mut same = Same {
                field,
                value,
                found: false,
            };
            self.other.visit(&mut same);
            self.equal = same.found;
            self.count += 1;
        }
    }
}

/// Looks for one member with that value.
struct Same<'a> {
    field: &'static Field,
    value: Value<'a>,
    found: bool,
}

impl See for Same<'_> {
    fn see(&mut self, field: &'static Field, value: Value<'_>) {
        if std::ptr::eq(field, self.field) {
            self.found = self.value.equals(value);
        }
    }
}

struct Count(usize);

impl See for Count {
    fn see(&mut self, _: &'static Field, _: Value<'_>) {
        self.0 += 1;
    }
}

sees!(All<'_>);
sees!(Same<'_>);
sees!(Count);

#[cfg(test)]
mod tests {
    use crate::r4::{ExtensionValue, HumanName, Observation, ObservationValue, Patient, Resource};
    use crate::{ParseOptions, parse_resource};

    fn read(json: &str) -> Resource {
        parse_resource(json.as_bytes(), &ParseOptions::default())
            .unwrap()
            .value
    }

    #[test]
    fn equal_when_every_member_is() {
        let texts = [
            r#"{"resourceType":"Patient","active":true}"#,
            r#"{"resourceType":"Patient","active":false}"#,
            r#"{"resourceType":"Patient","active":true,"name":[{"given":["A","B"]}]}"#,
            r#"{"resourceType":"Patient","active":true,"name":[{"given":["A"]}]}"#,
            r#"{"resourceType":"Patient","active":true,"name":[{"given":["A"],"x":1}]}"#,
            r#"{"resourceType":"Patient","active":true,"name":[{"given":["A"],"_given":[{"id":"g"}]}]}"#,
            r#"{"resourceType":"Patient","active":true,"name":[{"given":["A"]},{"given":["A"]}]}"#,
            r#"{"resourceType":"Patient","contained":[{"resourceType":"Basic","id":"a"}]}"#,
            r#"{"resourceType":"Patient","contained":[{"resourceType":"Basic","id":"b"}]}"#,
            r#"{"resourceType":"Patient","maritalStatus":{"text":"M"}}"#,
            r#"{"resourceType":"Patient","maritalStatus":{"text":"S"}}"#,
            r#"{"resourceType":"Patient","deceasedBoolean":true}"#,
            r#"{"resourceType":"Patient","deceasedDateTime":"2020"}"#,
            r#"{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Basic","id":"a"}}]}"#,
            r#"{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Basic","id":"b"}}]}"#,
            r#"{"resourceType":"Basic"}"#,
            r#"{"resourceType":"Nothing"}"#,
        ];
        for (at, one) in texts.iter().enumerate() {
            for (to, other) in texts.iter().enumerate() {
                assert_eq!(read(one) == read(other), at == to, "{one} {other}");
            }
        }
    }

    #[test]
    fn numbers_and_choices() {
        let value = |text| {
            read(&format!(
                r#"{{"resourceType":"Observation","valueQuantity":{{"value":{text}}}}}"#
            ))
        };
        assert!(value("1.0") == value("1.00"));
        assert!(value("1.0") != value("1.1"));
        let text = |text: &str| Observation {
            value: Some(ObservationValue::String(text.into())),
            ..Observation::default()
        };
        assert!(text("a") == text("a") && text("a") != text("b") && text("a") != Observation::default());
        assert!(ExtensionValue::Code("a".into()) != ExtensionValue::String("a".into()));
        let name = || Box::new(HumanName::default());
        assert!(ExtensionValue::HumanName(name()) == ExtensionValue::HumanName(name()));
        assert!(Patient::default() == Patient::default());
    }
}
