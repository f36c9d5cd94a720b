//! The command line of the ehr workspace.

mod args;
mod bulk;
mod cells;
mod check;
mod convert;
mod coverage;
mod inputs;
mod keys;
mod match_index;
mod match_people;
mod match_results;
mod merge;
mod merge_json;
mod output;
mod people;
mod reading;
mod report;
mod rows;
mod table;
mod terminology;
mod told;
mod verdicts;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};

use args::{Args, Command};

fn main() -> ExitCode {
    let args = Args::parse();
    if let Some(conflict) = args.conflict() {
        Args::command()
            .error(ErrorKind::ArgumentConflict, conflict)
            .exit();
    }
    let result = match &args.command {
        Command::Convert(options) => convert::run(options, args.format),
        Command::Merge(options) => merge::run(options, args.format),
        Command::Match(options) => match_people::run(options, args.format),
        Command::Check(options) => check::run(options, args.format),
    };
    match result {
        Ok(output::Outcome::AllRead) if output::was_all_printed() => ExitCode::SUCCESS,
        Ok(output::Outcome::AllRead) => ExitCode::from(1),
        Ok(output::Outcome::SomeUnreadable) => ExitCode::from(1),
        Err(error) => {
            output::tell(&format!("ehr: {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}
