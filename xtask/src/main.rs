//! Generators and checks of the workspace: `cargo xtask codegen`, `cargo xtask deps`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

mod deps;
mod fhir;
mod generated;
mod hl7v2;
mod licences;

const USAGE: &str = "usage: cargo xtask codegen [fhir|hl7v2] [--check]   write the generated sources, or fail when they are stale
       cargo xtask distill-fhir DIR                 rewrite the FHIR definitions file from the unpacked package
       cargo xtask deps                             fail when a crate depends against the house's direction,
                                                    or one of others has a licence that is not allowed";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let check = args.iter().any(|arg| arg == "--check");
    let words: Vec<&str> = args
        .iter()
        .map(String::as_str)
        .filter(|arg| *arg != "--check")
        .collect();
    let result = match words.as_slice() {
        ["codegen"] => fhir::generate(&root()).and_then(|mut files| {
            files.extend(hl7v2::generate(&root())?);
            generated::finish(&root(), files, check)
        }),
        ["codegen", "fhir"] => {
            fhir::generate(&root()).and_then(|files| generated::finish(&root(), files, check))
        }
        ["codegen", "hl7v2"] => {
            hl7v2::generate(&root()).and_then(|files| generated::finish(&root(), files, check))
        }
        ["distill-fhir", dir] => fhir::distill(&root(), Path::new(dir)),
        ["deps"] => deps::check(&root()),
        _ => Err(USAGE.to_owned()),
    };
    match result {
        Ok(summary) => {
            println!("{summary}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_path_buf)
        .unwrap_or_default()
}
