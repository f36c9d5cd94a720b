//! The command line of the ehr workspace.
fn main() {}
