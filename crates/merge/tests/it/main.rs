//! The merge as a caller sees it: clinical cases and standing properties over synthetic charts.
#![allow(clippy::large_stack_arrays, reason = "cases are arrays of whole records")]

mod absences;
mod allergies;
mod attributions;
mod charts;
mod corrections;
mod demographics;
mod documents;
mod events;
mod families;
mod identity;
mod medications;
mod names;
mod naming;
mod numbers;
mod places;
mod problems;
mod properties;
mod results;
mod standing;
mod sub_ids;
mod therapies;
mod units;
mod visits;
