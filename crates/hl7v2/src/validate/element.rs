//! Fields, components and subcomponents against their data types.

use std::borrow::Cow;

use ehr_types::{Finding, SourceLocation, Span};

use super::primitive::Primitive;
use super::{Checker, located, nearest, withdrawn_field};
use crate::definitions::{DatatypeDefinition, ElementDefinition, Version};
use crate::segment::Segment;
use crate::view::{Component, Field, Repetition, Subcomponent};

/// The data type of a place.
#[derive(Clone, Copy)]
enum Type {
    Composite(DatatypeDefinition),
    Primitive(Primitive),
    /// Anything may stand there, in any parts.
    Open,
}

impl Checker<'_> {
    pub(super) fn field(
        &self,
        segment: Segment<'_>,
        field: Field<'_>,
        element: ElementDefinition,
        findings: &mut Vec<Finding>,
    ) {
        if element.is_withdrawn() {
            findings.push(withdrawn_field(field.location(), self.version));
            return;
        }
        if segment.id().is_header() && field.number() <= 2 {
            return;
        }
        let name = type_name(segment, field, element, findings);
        let Some(name) = name else { return };
        let datatype = self.datatype(&name);
        let max = element.max_repetitions().map(u32::from);
        for repetition in field.repetitions() {
            if max.is_some_and(|max| repetition.number() == max + 1) {
                findings.push(Finding::warning(
                    "v2.field.repetition",
                    repetition.location(),
                    match max {
                        Some(1) => "the field may not repeat".to_owned(),
                        max => format!("the field may occur {} times", max.unwrap_or_default()),
                    },
                ));
            }
            if repetition.has_text() {
                self.repetition(repetition, datatype, element.table(), findings);
            }
        }
    }

    fn datatype(&self, name: &str) -> Type {
        // A timestamp is one component and a precision that nobody sends: its value decides.
        if let Some(primitive) = Primitive::of(name).filter(|_| self.version.datatype(name).is_none()) {
            return Type::Primitive(primitive);
        }
        if name == "CM" || name == "varies" {
            return Type::Open;
        }
        let composite = self.version.datatype(name);
        let composite = composite.or_else(|| nearest(self.version, |version| version.datatype(name)));
        composite.map_or(Type::Open, Type::Composite)
    }

    fn repetition(
        &self,
        repetition: Repetition<'_>,
        datatype: Type,
        table: Option<u16>,
        findings: &mut Vec<Finding>,
    ) {
        let Type::Composite(definition) = datatype else {
            let Type::Primitive(primitive) = datatype else {
                return;
            };
            for component in repetition.components() {
                if component.number() == 1 {
                    self.primitive_component(component, primitive, table, findings);
                } else if component.has_text() {
                    findings.push(self.undefined_component(component, primitive.name()));
                }
            }
            return;
        };
        let mut written = 0;
        let mut valued = false;
        for component in repetition.components() {
            written = component.number() as usize;
            let element = definition.component(written);
            if component.is_empty() {
                continue;
            }
            valued = true;
            match element {
                None => findings.push(self.undefined_component(component, definition.name())),
                Some(element) if element.is_withdrawn() => {
                    findings.push(withdrawn(component.location(), self.version));
                }
                Some(_) if component.is_null() => {}
                Some(element) => {
                    let element_table = element.table().or(table.filter(|_| written == 1));
                    match self.datatype(element.datatype()) {
                        Type::Composite(inner) => self.subcomponents(component, inner, findings),
                        Type::Primitive(_) if definition.name() == "TS" && written == 1 => {
                            self.primitive_component(component, Primitive::TS, None, findings);
                        }
                        Type::Primitive(primitive) => {
                            self.primitive_component(component, primitive, element_table, findings);
                        }
                        Type::Open => {}
                    }
                }
            }
        }
        if !valued {
            return;
        }
        for (number, element) in definition.components() {
            let component = repetition.component(number as u32);
            if element.is_required() && component.is_empty() {
                let end = repetition.span().end;
                let place = if component.is_absent() || number > written {
                    let path = component.path();
                    repetition.message().location(&path, Span::new(end, end))
                } else {
                    component.location()
                };
                findings.push(missing(place, definition.name(), number));
            }
        }
    }

    /// A component of composite type: its parts are subcomponents.
    fn subcomponents(
        &self,
        component: Component<'_>,
        definition: DatatypeDefinition,
        findings: &mut Vec<Finding>,
    ) {
        for subcomponent in component.subcomponents() {
            if !subcomponent.has_text() {
                continue;
            }
            let number = subcomponent.number() as usize;
            match definition.component(number) {
                None => {
                    findings.push(self.undefined_part(
                        subcomponent.location(),
                        definition.name(),
                        "",
                        number,
                    ));
                }
                Some(element) if element.is_withdrawn() => {
                    findings.push(withdrawn(subcomponent.location(), self.version));
                }
                Some(element) => {
                    // Deeper parts have no separator left: a composite is its first part here.
                    let mut datatype = self.datatype(element.datatype());
                    let mut table = element.table();
                    if definition.name() == "TS" && number == 1 {
                        datatype = Type::Primitive(Primitive::TS);
                    }
                    for _ in 0..4 {
                        if let Type::Composite(inner) = datatype {
                            let first = inner.component(1);
                            table = first.and_then(|first| first.table());
                            datatype = match first {
                                _ if inner.name() == "TS" => Type::Primitive(Primitive::TS),
                                Some(first) => self.datatype(first.datatype()),
                                None => Type::Open,
                            };
                        }
                    }
                    if let Type::Primitive(primitive) = datatype {
                        self.primitive(subcomponent, primitive, table, findings);
                    }
                }
            }
        }
    }

    fn primitive_component(
        &self,
        component: Component<'_>,
        primitive: Primitive,
        table: Option<u16>,
        findings: &mut Vec<Finding>,
    ) {
        for subcomponent in component.subcomponents() {
            if !subcomponent.has_text() {
                continue;
            }
            if subcomponent.number() > 1 {
                let number = subcomponent.number() as usize;
                findings.push(self.undefined_part(subcomponent.location(), primitive.name(), "", number));
            } else {
                self.primitive(subcomponent, primitive, table, findings);
            }
        }
    }

    fn primitive(
        &self,
        subcomponent: Subcomponent<'_>,
        primitive: Primitive,
        table: Option<u16>,
        findings: &mut Vec<Finding>,
    ) {
        let whole = subcomponent.number() == 1;
        let place = || {
            // Where the subcomponent is all there is, its component is what people look at.
            let path = subcomponent.path();
            let path = if whole { without_subcomponent(path) } else { path };
            subcomponent.message().location(&path, subcomponent.span())
        };
        if !primitive.accepts(&subcomponent.text()) {
            findings.push(Finding::error(
                "v2.datatype.invalid",
                place(),
                format!("not a value of the data type {}", primitive.name()),
            ));
        }
        if let Some(number) = table.filter(|_| self.options.tables && primitive == Primitive::ID) {
            self.code(&subcomponent.text(), number, place, findings);
        }
    }

    fn code(&self, text: &str, number: u16, place: impl Fn() -> SourceLocation, findings: &mut Vec<Finding>) {
        let code = text.trim();
        let table = self.version.table(number).filter(|table| table.is_closed());
        if table.is_none_or(|table| table.contains(code)) {
            return;
        }
        let mut others = Version::ALL
            .into_iter()
            .filter_map(|version| version.table(number));
        findings.push(if others.any(|table| table.contains(code)) {
            Finding::information(
                "v2.table.version",
                place(),
                format!("a code of table {number:04}, but not in version {}", self.version),
            )
        } else {
            Finding::warning(
                "v2.table.code",
                place(),
                format!("not a code of table {number:04}"),
            )
        });
    }

    /// What to say of a component that the version does not define: its field may have another type
    /// in another version.
    fn undefined_component(&self, component: Component<'_>, datatype: &str) -> Finding {
        let (segment, path) = (component.segment(), component.path());
        let field = path.field().unwrap_or(0) as usize;
        let later = Version::ALL
            .into_iter()
            .rev()
            .filter(|version| *version > self.version);
        let types = later.filter_map(|version| version.segment(segment.id().as_str()));
        let mut types = types
            .filter_map(|definition| definition.field(field))
            .map(|field| field.datatype());
        let number = component.number() as usize;
        let wider = types.find(|name| *name != datatype && self.part_elsewhere(name, number).is_some());
        self.undefined_part(component.location(), datatype, wider.unwrap_or_default(), number)
    }

    /// What to say of a part that the version does not define; `wider` is another type of its field.
    fn undefined_part(
        &self,
        location: SourceLocation,
        datatype: &str,
        wider: &str,
        number: usize,
    ) -> Finding {
        // Coded values became CWE in version 2.6, and senders of older versions fill its parts.
        let coded = if matches!(datatype, "CE" | "CNE") {
            "CWE"
        } else {
            ""
        };
        let mut types = [datatype, wider, coded].into_iter();
        match types.find_map(|name| self.part_elsewhere(name, number)) {
            Some(other) if other > self.version => Finding::information(
                "v2.component.version",
                location,
                format!("defined in version {other}, not in {}", self.version),
            ),
            Some(_) => withdrawn(location, self.version),
            None => Finding::warning(
                "v2.component.undefined",
                location,
                format!("the data type {datatype} has no such part"),
            ),
        }
    }

    /// Another version in which a data type has a part: the next later one, else the last earlier one.
    fn part_elsewhere(&self, datatype: &str, number: usize) -> Option<Version> {
        nearest(self.version, |version| {
            let element = version.datatype(datatype)?.component(number)?;
            (!element.is_withdrawn()).then_some(version)
        })
    }
}

/// The type of a field; of a field of varying type, what the message says it is, `None` when it
/// does not say.
fn type_name(
    segment: Segment<'_>,
    field: Field<'_>,
    element: ElementDefinition,
    findings: &mut Vec<Finding>,
) -> Option<Cow<'static, str>> {
    if element.datatype() != "varies" && !(segment.id() == "OBX" && field.number() == 5) {
        return Some(element.datatype().into());
    }
    let said = match (segment.id().as_str(), field.number()) {
        ("OBX", 5) => segment.field(2),
        ("MFE" | "MFA", 4 | 5) => segment.field(field.number() + 1),
        _ => return None,
    };
    let name = said.leaf().text().trim().to_owned();
    if name.is_empty() {
        if segment.id() == "OBX" && field.has_text() {
            findings.push(Finding::error(
                "v2.field.missing",
                located(segment, said),
                "the data type of the value is not stated",
            ));
        }
        return None;
    }
    let known = Primitive::of(&name).is_some()
        || Version::ALL
            .into_iter()
            .any(|version| version.datatype(&name).is_some());
    if !known {
        findings.push(Finding::warning(
            "v2.datatype.unknown",
            said.location(),
            "not the name of a data type: the value is not checked",
        ));
        return None;
    }
    Some(name.into())
}

fn without_subcomponent(path: crate::Path<'static>) -> crate::Path<'static> {
    match path.component() {
        Some(component) => path.with_component(component),
        None => path,
    }
}

fn withdrawn(location: SourceLocation, version: Version) -> Finding {
    Finding::information(
        "v2.component.withdrawn",
        location,
        format!("version {version} has withdrawn the component"),
    )
}

fn missing(location: SourceLocation, datatype: &str, number: usize) -> Finding {
    Finding::error(
        "v2.component.missing",
        location,
        format!("component {number} of {datatype} is required and not valued"),
    )
}
