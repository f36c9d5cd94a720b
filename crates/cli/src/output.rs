//! Writing results.

use std::fs;
use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use ehr::types::Finding;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::reading::errors;

/// How a command ended that did its work.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    AllRead,
    /// Some input was not read, or only in part: exit 1.
    SomeUnreadable,
}

/// Why a command did not do its work.
pub(crate) enum Error {
    /// Wrong usage: exit 2.
    Usage(String),
    /// A file that cannot be read or written: exit 1.
    File(PathBuf, String),
}

impl Error {
    pub(crate) fn file(path: &Path, error: impl std::fmt::Display) -> Self {
        Self::File(path.to_path_buf(), error.to_string())
    }

    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::File(..) => 1,
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Usage(message) => f.write_str(message),
            Self::File(path, message) => write!(f, "{}: {message}", path.display()),
        }
    }
}

/// Writes a file, making its folder. It appears when it is whole, however the program ends: half a record reads like a whole
/// one. A device, and a link, which may lead to one, are written to.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder).map_err(|error| Error::file(folder, error))?;
    let failed = |error| Error::file(path, error);
    let earlier = path.symlink_metadata().ok();
    if earlier.as_ref().is_some_and(|earlier| !earlier.is_file()) {
        return fs::write(path, bytes).map_err(failed);
    }
    let unfinished = folder.join(format!(".ehr-{}.part", std::process::id()));
    let written = fs::write(&unfinished, bytes)
        .and_then(|()| match earlier {
            Some(earlier) => fs::set_permissions(&unfinished, earlier.permissions()),
            None => Ok(()),
        })
        .and_then(|()| fs::rename(&unfinished, path));
    written.map_err(|error| {
        let _ = fs::remove_file(&unfinished);
        failed(error)
    })
}

/// Takes away what an earlier run wrote and this one has no answer for.
pub(crate) fn remove_earlier(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::file(path, error)),
        _ => Ok(()),
    }
}

/// `path` with a further extension: `a/b.xml` and `fhir.json` give `a/b.xml.fhir.json`.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

/// A finding in the form of the contract.
pub(crate) fn finding_json(finding: &Finding) -> Value {
    json!({
        "code": finding.code,
        "severity": finding.severity,
        "path": finding.location.path,
        "line": finding.location.line,
        "column": finding.location.column,
        "offset": finding.location.span.map(|span| span.start),
        "message": finding.message,
    })
}

/// A number with its noun.
pub(crate) fn count(number: usize, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}

/// Pretty JSON with a final line end.
pub(crate) fn json_bytes(value: &Value) -> Vec<u8> {
    format!("{value:#}\n").into_bytes()
}

/// Whether standard output took no more, though somebody wanted to have it.
static UNPRINTED: AtomicBool = AtomicBool::new(false);

/// Whether everything that was printed arrived, or nobody wanted to have it.
pub(crate) fn was_all_printed() -> bool {
    !UNPRINTED.load(Ordering::Relaxed)
}

/// Prints a line to standard output. Where nobody reads on, the work goes on without a word.
pub(crate) fn line(text: &str) {
    print(format!("{text}\n").as_bytes());
}

/// Prints bytes to standard output, as [`line`] does.
pub(crate) fn print(bytes: &[u8]) {
    let mut stdout = std::io::stdout().lock();
    if let Err(error) = stdout.write_all(bytes).and_then(|()| stdout.flush())
        && error.kind() != ErrorKind::BrokenPipe
        && !UNPRINTED.swap(true, Ordering::Relaxed)
    {
        tell(&format!("ehr: standard output: {error}"));
    }
}

/// Prints a line to standard error, where there is one.
pub(crate) fn tell(text: &str) {
    // There is nobody left to hear of a failure.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Tells of the errors of an input on standard error.
pub(crate) fn explain(name: &str, findings: &[Finding]) {
    let grave = errors(findings);
    for finding in grave.iter().take(MOST_TOLD) {
        tell(&format!("{name}: {finding}"));
    }
    if grave.len() > MOST_TOLD {
        tell(&format!("{name}: … and {} more errors", grave.len() - MOST_TOLD));
    }
}

/// Errors of one input that are told one by one to a person.
pub(crate) const MOST_TOLD: usize = 20;

/// A progress bar on a terminal; nothing elsewhere.
pub(crate) fn progress(length: usize) -> ProgressBar {
    if length < 4 || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length as u64).with_style(style)
}
