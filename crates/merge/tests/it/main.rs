//! The merge as a caller sees it: clinical cases and standing properties over synthetic charts.

mod allergies;
mod charts;
mod events;
mod identity;
mod medications;
mod naming;
mod problems;
mod properties;
mod results;
mod therapies;
