//! The merge as a caller sees it: clinical cases and standing properties over synthetic charts.

mod cases;
mod charts;
mod identity;
mod properties;
