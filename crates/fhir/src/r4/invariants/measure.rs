//! Measures and tests.

use super::exists;
use crate::r4::{MeasureGroupStratifier, MeasureReport, MeasureReportType};
use crate::scope::Scope;

pub(crate) fn measure_report(it: &MeasureReport, at: &mut Scope<'_>) {
    let collects = it.r#type == Some(MeasureReportType::DataCollection);
    at.require(
        !collects || it.group.is_empty(),
        "mrp-1",
        "",
        "a data collection has no groups",
    );
}

pub(crate) fn measure_group_stratifier(it: &MeasureGroupStratifier, at: &mut Scope<'_>) {
    let single =
        it.code.is_some() || it.criteria.is_some() || exists(it, it.description.is_some(), "description");
    let single = single || exists(it, false, "code") || exists(it, false, "criteria");
    at.require(
        single != exists(it, !it.component.is_empty(), "component"),
        "mea-1",
        "",
        "a stratifier is a single criterion or has components",
    );
}
