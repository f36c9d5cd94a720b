//! Finding and reading the input files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ehr::types::{Finding, SourceLocation};

use crate::output::Error;

/// Larger files are refused: they are read whole.
const LARGEST: u64 = 2 << 30;

/// One input file.
pub(crate) struct Input {
    /// The path as given, or under the folder as given; `/` between names on every platform.
    pub(crate) name: String,
    /// Where its results go, relative to the output folder.
    pub(crate) relative: PathBuf,
    path: PathBuf,
}

impl Input {
    /// The bytes, or why they cannot be had.
    pub(crate) fn read(&self) -> Result<Vec<u8>, Finding> {
        let refuse =
            |code: &'static str, message: String| Finding::fatal(code, SourceLocation::default(), message);
        let size = fs::metadata(&self.path)
            .map_err(|error| refuse("input.unreadable", error.to_string()))?
            .len();
        if size > LARGEST {
            return Err(refuse(
                "input.huge",
                format!("{size} bytes; files over {LARGEST} bytes are not read"),
            ));
        }
        fs::read(&self.path).map_err(|error| refuse("input.unreadable", error.to_string()))
    }
}

/// The files of the inputs, in the order of their names whatever the order in which they were given.
pub(crate) fn collect(inputs: &[PathBuf]) -> Result<Vec<Input>, Error> {
    let mut found = BTreeMap::new();
    for input in inputs {
        if !input.exists() {
            return Err(Error::Usage(format!(
                "{}: no such file or folder",
                input.display()
            )));
        }
        if input.is_dir() {
            walk(input, Path::new(""), &mut found)?;
        } else {
            let relative = input.file_name().map(PathBuf::from).unwrap_or_default();
            found.insert(slashed(input), (relative, input.clone()));
        }
    }
    let mut taken = BTreeMap::new();
    Ok(found
        .into_iter()
        .map(|(name, (relative, path))| {
            let count: &mut usize = taken.entry(relative.clone()).or_default();
            *count += 1;
            // Two inputs may hold a file of the same relative path; the later one goes into a numbered folder.
            let relative = if *count == 1 {
                relative
            } else {
                Path::new(&format!("input-{count}")).join(relative)
            };
            Input { name, relative, path }
        })
        .collect())
}

fn walk(root: &Path, below: &Path, found: &mut BTreeMap<String, (PathBuf, PathBuf)>) -> Result<(), Error> {
    let folder = root.join(below);
    for entry in fs::read_dir(&folder).map_err(|error| Error::file(&folder, error))? {
        let entry = entry.map_err(|error| Error::file(&folder, error))?;
        let name = entry.file_name();
        if name.to_string_lossy().starts_with('.') {
            continue;
        }
        let relative = below.join(&name);
        let path = root.join(&relative);
        if path.is_dir() {
            walk(root, &relative, found)?;
        } else {
            found.insert(slashed(&path), (relative, path));
        }
    }
    Ok(())
}

fn slashed(path: &Path) -> String {
    path.components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
        .replace("//", "/")
}
