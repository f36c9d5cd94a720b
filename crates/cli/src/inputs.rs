//! Finding and reading the input files.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

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
    /// Why it cannot be read, where that is known before.
    fault: Option<String>,
}

impl Input {
    /// The bytes, or why they cannot be had.
    pub(crate) fn read(&self) -> Result<Vec<u8>, Finding> {
        let refuse =
            |code: &'static str, message: String| Finding::fatal(code, SourceLocation::default(), message);
        let unreadable = |error: io::Error| refuse("input.unreadable", error.to_string());
        if let Some(fault) = &self.fault {
            return Err(refuse("input.unreadable", fault.clone()));
        }
        let file = fs::File::open(&self.path).map_err(unreadable)?;
        let mut bytes = Vec::new();
        file.take(LARGEST + 1)
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        if bytes.len() as u64 > LARGEST {
            return Err(refuse(
                "input.huge",
                format!("files over {LARGEST} bytes are not read"),
            ));
        }
        Ok(bytes)
    }
}

/// The bytes of a file that an option names.
pub(crate) fn read_option(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|error| Error::Usage(format!("{}: {error}", path.display())))
}

/// The files of the inputs, in the order of their names whatever the order in which they were given. Results of an earlier
/// run, in the folder `out`, are no input.
pub(crate) fn collect(inputs: &[PathBuf], out: Option<&Path>) -> Result<Vec<Input>, Error> {
    let mut found = Found {
        files: BTreeMap::new(),
        results: out.and_then(|out| out.canonicalize().ok()),
    };
    for input in inputs {
        if !input.exists() {
            return Err(Error::Usage(format!(
                "{}: no such file or folder",
                input.display()
            )));
        }
        if input.is_dir() {
            found.walk(input, Path::new(""), &mut Vec::new());
        } else {
            let relative = input.file_name().map(PathBuf::from).unwrap_or_default();
            found.add(input, relative, None);
        }
    }
    let mut taken = BTreeMap::new();
    let mut files: Vec<Input> = found.files.into_values().collect();
    for file in &mut files {
        let count: &mut usize = taken.entry(file.relative.clone()).or_default();
        *count += 1;
        // Two inputs may hold a file of the same relative path; the later one goes into a numbered folder.
        if *count > 1 {
            file.relative = Path::new(&format!("input-{count}")).join(&file.relative);
        }
    }
    Ok(files)
}

/// The files found so far.
struct Found {
    files: BTreeMap<String, Input>,
    results: Option<PathBuf>,
}

impl Found {
    fn add(&mut self, path: &Path, relative: PathBuf, fault: Option<String>) {
        let name = slashed(path);
        let input = Input {
            name: name.clone(),
            relative,
            path: path.to_path_buf(),
            fault,
        };
        self.files.insert(name, input);
    }

    /// Takes in the files under a folder. `above` are the folders that lead there: a link back to one of them would never end.
    fn walk(&mut self, root: &Path, below: &Path, above: &mut Vec<PathBuf>) {
        let folder = root.join(below);
        let fault = |error: io::Error| Some(error.to_string());
        let real = match folder.canonicalize() {
            Ok(real) => real,
            Err(error) => return self.add(&folder, below.to_path_buf(), fault(error)),
        };
        if above.contains(&real) || self.results.as_ref() == Some(&real) {
            return;
        }
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => return self.add(&folder, below.to_path_buf(), fault(error)),
        };
        above.push(real);
        for entry in entries {
            let name = match entry {
                Ok(entry) => entry.file_name(),
                Err(error) => {
                    self.add(&folder, below.to_path_buf(), fault(error));
                    continue;
                }
            };
            if name.to_string_lossy().starts_with('.') {
                continue;
            }
            let relative = below.join(&name);
            let path = root.join(&relative);
            if path.is_dir() {
                self.walk(root, &relative, above);
            } else {
                // A pipe or a device may never end.
                let fault = match path.metadata() {
                    Ok(known) if known.is_file() => None,
                    Ok(_) => Some("not a regular file".to_owned()),
                    Err(error) => fault(error),
                };
                self.add(&path, relative, fault);
            }
        }
        above.pop();
    }
}

/// A path with `/` between names; `./a` is `a`, so that a source has one name.
fn slashed(path: &Path) -> String {
    path.components()
        .filter(|part| *part != Component::CurDir)
        .map(|part| part.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
        .replace("//", "/")
}
