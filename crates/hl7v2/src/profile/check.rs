//! Checking a message against a profile.

use ehr_types::{Finding, SourceLocation, Span};

use super::{Condition, ElementRule, GroupRule, Profile, Rule, SegmentRule, Usage};
use crate::definitions::Version;
use crate::message::Message;
use crate::path::Path;
use crate::segment::Segment;
use crate::structure::{Group, Identified, Structure};
use crate::validate::located;
use crate::validate::primitive::Primitive;
use crate::view::Node;

impl Message<'_> {
    /// Checks the message against a conformance profile, in one pass.
    ///
    /// | code | severity | meaning |
    /// |---|---|---|
    /// | `v2.profile.message` | error | a message of another type than the profile is for |
    /// | `v2.profile.required` | error | required by usage R, or by a condition that holds, and missing |
    /// | `v2.profile.prohibited` | error | of usage X or W, or of a condition that does not hold, but there |
    /// | `v2.profile.cardinality` | error | too few or too many |
    /// | `v2.profile.length` | error | longer than allowed |
    /// | `v2.profile.datatype` | error | not a value of the data type |
    /// | `v2.profile.code` | error | a code that the table does not hold |
    /// | `v2.profile.constant` | error | another value than the one allowed |
    /// | `v2.profile.backward` | information | kept for older receivers only |
    /// | `v2.profile.structure` | warning | groups cannot be checked: the structure is not known |
    /// | `v2.profile.unchecked` | information | the profile refers to a table or path that is not known |
    pub fn validate_profile(&self, profile: &Profile) -> Vec<Finding> {
        let structure = Structure::with(self, Identified::of_version(self, profile.version));
        let mut check = Check {
            message: self,
            profile,
            version: structure.version(),
            findings: Vec::new(),
        };
        check.message_type();
        if structure.definition().is_none() && profile.rules.iter().any(|rule| matches!(rule, Rule::Group(_)))
        {
            let place = self
                .header()
                .map(|header| located(header, header.field(9)))
                .unwrap_or_default();
            check.findings.push(Finding::warning(
                "v2.profile.structure",
                place,
                "the structure of the message is not known: its groups are not checked",
            ));
        }
        let flat = structure.definition().is_none();
        check.rules(&profile.rules, structure.root(), flat);
        let mut findings = check.findings;
        findings.sort_by_key(|finding| finding.location.span.map_or(0, |span| span.start));
        findings
    }
}

struct Check<'m, 'p> {
    message: &'m Message<'m>,
    profile: &'p Profile,
    version: Version,
    findings: Vec<Finding>,
}

impl Check<'_, '_> {
    fn error(
        &mut self,
        code: &'static str,
        place: SourceLocation,
        text: impl Into<std::borrow::Cow<'static, str>>,
    ) {
        self.findings.push(Finding::error(code, place, text));
    }

    fn message_type(&mut self) {
        let Some(kind) = &self.profile.message else { return };
        let Some(header) = self.message.header() else {
            return;
        };
        let field = header.field(9);
        let differs = kind.split('^').zip(1..).any(|(part, number)| {
            let sent = field.component(number).text();
            // The third component came with 2.3.1, and many leave it out.
            !part.is_empty() && sent.trim() != part && !(number == 3 && sent.is_empty())
        });
        if differs {
            self.error(
                "v2.profile.message",
                located(header, field),
                "a message of another type than the profile is for",
            );
        }
    }

    fn rules(&mut self, rules: &[Rule], group: Group<'_>, flat: bool) {
        let inner: Vec<std::ops::Range<usize>> = rules
            .iter()
            .filter_map(|rule| match rule {
                Rule::Group(inner) => Some(group.groups(&inner.name).map(|g| g.range()).collect::<Vec<_>>()),
                Rule::Segment(_) => None,
            })
            .flatten()
            .collect();
        for rule in rules {
            match rule {
                Rule::Group(_) if flat => {}
                Rule::Group(rule) => self.group(rule, group),
                Rule::Segment(rule) => {
                    let segments: Vec<Segment<'_>> = group
                        .segments()
                        .filter(|segment| segment.id() == rule.id.as_str())
                        .filter(|segment| !inner.iter().any(|range| range.contains(&segment.position())))
                        .collect();
                    self.segments(rule, &segments, group);
                }
            }
        }
    }

    fn group(&mut self, rule: &GroupRule, around: Group<'_>) {
        let groups: Vec<Group<'_>> = around.groups(&rule.name).collect();
        if groups.is_empty() {
            self.missing_member(rule.usage, rule.condition.as_ref(), around, &rule.name);
            return;
        }
        let usage = self.settled(rule.usage, rule.condition.as_ref(), None);
        for (number, group) in groups.iter().enumerate() {
            let place = self.place_of(*group);
            self.presence(usage, place, number, (rule.min, rule.max), groups.len());
            self.rules(&rule.rules, *group, false);
        }
    }

    fn segments(&mut self, rule: &SegmentRule, segments: &[Segment<'_>], around: Group<'_>) {
        if segments.is_empty() {
            self.missing_member(rule.usage, rule.condition.as_ref(), around, &rule.id);
            return;
        }
        let usage = self.settled(rule.usage, rule.condition.as_ref(), None);
        for (number, segment) in segments.iter().enumerate() {
            self.presence(
                usage,
                segment.location(),
                number,
                (rule.min, rule.max),
                segments.len(),
            );
            for field in &rule.fields {
                self.field(field, *segment);
            }
        }
    }

    /// Usage and cardinality of the `number`th (from 0) of `count` that are there.
    fn presence(
        &mut self,
        usage: Usage,
        place: SourceLocation,
        number: usize,
        (min, max): (u32, Option<u32>),
        count: usize,
    ) {
        match usage {
            Usage::X | Usage::W => {
                self.error("v2.profile.prohibited", place, "the profile does not allow it");
                return;
            }
            Usage::B if number == 0 => self.findings.push(Finding::information(
                "v2.profile.backward",
                place.clone(),
                "kept for older receivers only",
            )),
            _ => {}
        }
        if max.is_some_and(|max| number == max as usize) {
            self.error(
                "v2.profile.cardinality",
                place,
                "occurs more often than the profile allows",
            );
        } else if number + 1 == count && count < min as usize {
            self.error(
                "v2.profile.cardinality",
                place,
                format!("must occur at least {min} times"),
            );
        }
    }

    /// Reports a segment or group that is not there and must be.
    fn missing_member(&mut self, usage: Usage, condition: Option<&Condition>, around: Group<'_>, name: &str) {
        if self.settled(usage, condition, None) != Usage::R {
            return;
        }
        let mut path = around.path();
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(name);
        let last = around.segments().last();
        let end = last.map_or_else(|| self.message.content().end, |segment| segment.span().end);
        let place = SourceLocation::new(path).at(Span::new(end, end), self.message.line_index());
        self.error("v2.profile.required", place, "the profile requires it");
    }

    fn place_of(&self, group: Group<'_>) -> SourceLocation {
        let range = group.range();
        let start = self
            .message
            .segment(range.start)
            .map_or(0, |segment| segment.span().start);
        let last = range.end.checked_sub(1).and_then(|at| self.message.segment(at));
        let end = last.map_or(start, |segment| segment.span().end);
        SourceLocation::new(group.path()).at(Span::new(start, end), self.message.line_index())
    }

    fn field(&mut self, rule: &ElementRule, segment: Segment<'_>) {
        let field = segment.field(rule.position);
        let usage = self.settled(rule.usage, rule.condition.as_ref(), Some(segment));
        let valued: Vec<Node<'_>> = field
            .repetitions()
            .filter(|r| !r.is_empty())
            .map(Node::from)
            .collect();
        if valued.is_empty() {
            if usage == Usage::R {
                self.error(
                    "v2.profile.required",
                    located(segment, field),
                    "the profile requires it",
                );
            }
            return;
        }
        for (number, repetition) in valued.iter().enumerate() {
            self.presence(
                usage,
                repetition.location(),
                number,
                (rule.min, rule.max),
                valued.len(),
            );
            if !matches!(usage, Usage::X | Usage::W) {
                self.value(rule, *repetition, segment);
            }
        }
    }

    /// The value of a repetition, component or subcomponent that is valued.
    fn value(&mut self, rule: &ElementRule, node: Node<'_>, segment: Segment<'_>) {
        if node.is_null() {
            return;
        }
        let text = node.text();
        if rule
            .length
            .is_some_and(|length| text.chars().count() > length as usize)
        {
            self.error(
                "v2.profile.length",
                node.location(),
                "longer than the profile allows",
            );
        }
        let leaf = first_leaf(node);
        if let Some(constant) = &rule.constant
            && text != constant.as_str()
            && leaf.text() != constant.as_str()
        {
            self.error(
                "v2.profile.constant",
                node.location(),
                "not the value that the profile fixes",
            );
        }
        let primitive = rule.datatype.as_deref().and_then(Primitive::of);
        if let Some(primitive) =
            primitive.filter(|primitive| leaf.has_text() && !primitive.accepts(&leaf.text()))
        {
            let text = format!("not a value of the data type {}", primitive.name());
            self.error("v2.profile.datatype", node.location(), text);
        }
        if let Some(table) = &rule.table {
            self.code(table, leaf, node);
        }
        for part in &rule.parts {
            let usage = self.settled(part.usage, part.condition.as_ref(), Some(segment));
            let inner = node.part(part.position);
            if inner.is_empty() {
                if usage == Usage::R {
                    let end = node.span().end;
                    let place = if inner.is_absent() {
                        self.message.location(&inner.path(), Span::new(end, end))
                    } else {
                        inner.location()
                    };
                    self.error("v2.profile.required", place, "the profile requires it");
                }
                continue;
            }
            self.presence(usage, inner.location(), 0, (0, None), 1);
            if !matches!(usage, Usage::X | Usage::W) {
                self.value(part, inner, segment);
            }
        }
    }

    fn code(&mut self, table: &str, leaf: Node<'_>, node: Node<'_>) {
        if !leaf.has_text() {
            return;
        }
        let code = leaf.text();
        let number = table.strip_prefix("HL7").unwrap_or(table).parse::<u16>().ok();
        let held = match self.profile.tables.get(table) {
            Some(codes) => Some(codes.iter().any(|known| *known == code)),
            None => number
                .and_then(|number| self.version.table(number))
                .map(|table| table.contains(code.trim()) || !table.is_closed()),
        };
        match held {
            Some(true) => {}
            Some(false) => self.error(
                "v2.profile.code",
                node.location(),
                "not a code of the table that the profile names",
            ),
            None => self.findings.push(Finding::information(
                "v2.profile.unchecked",
                node.location(),
                "the codes of the table that the profile names are not held",
            )),
        }
    }

    /// The usage with its condition worked out.
    fn settled(
        &mut self,
        usage: Usage,
        condition: Option<&Condition>,
        segment: Option<Segment<'_>>,
    ) -> Usage {
        let holds = match usage {
            Usage::C | Usage::CE => self.holds(condition, segment),
            _ => return usage,
        };
        match (usage, holds) {
            (_, None) => Usage::O,
            (Usage::C, Some(true)) => Usage::R,
            (_, Some(true)) => Usage::RE,
            (_, Some(false)) => Usage::X,
        }
    }

    /// Whether a condition holds; `None` when it is not given or cannot be read.
    fn holds(&mut self, condition: Option<&Condition>, segment: Option<Segment<'_>>) -> Option<bool> {
        let condition = condition?;
        let Ok(path) = Path::parse(&condition.path) else {
            let place = segment.map(|segment| segment.location()).unwrap_or_default();
            self.findings.push(Finding::information(
                "v2.profile.unchecked",
                place,
                "the condition of the profile is not about a path",
            ));
            return None;
        };
        let same = segment.filter(|segment| {
            path.segment() == segment.id() && path.occurrence().is_none() && path.groups().is_empty()
        });
        let path = match same {
            Some(segment) => Path::of_segment(segment.id(), segment.occurrence()).at_same_place(&path),
            None => path,
        };
        let value = self.message.at(&path);
        let text = value.text();
        Some(match (text, condition.one_of.as_slice()) {
            (Some(_), []) => true,
            (Some(text), values) => values.iter().any(|value| value == text),
            (None, _) => false,
        })
    }
}

impl Path<'_> {
    /// This path's segment, and below it the place that another path leads to.
    fn at_same_place(self, other: &Path<'_>) -> Self {
        Path {
            field: other.field,
            repetition: other.repetition,
            component: other.component,
            subcomponent: other.subcomponent,
            ..self
        }
    }
}

/// The first subcomponent of the first component.
fn first_leaf(node: Node<'_>) -> Node<'_> {
    node.part(1).part(1)
}
