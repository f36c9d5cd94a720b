//! Writing generated sources, or checking that they are what the generator would write.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// One generated file: its path from the workspace root and its text.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Formats Rust sources, then writes the files, or with `check` compares them with what is there.
pub(crate) fn finish(root: &Path, files: Vec<File>, check: bool) -> Result<String, String> {
    let count = files.len();
    let mut stale = Vec::new();
    for file in files {
        let text = if Path::new(&file.path)
            .extension()
            .is_some_and(|extension| extension == "rs")
        {
            rustfmt(&file.text)?
        } else {
            file.text
        };
        let path = root.join(&file.path);
        let same = fs::read_to_string(&path).is_ok_and(|old| old == text);
        if same {
            continue;
        }
        stale.push(file.path);
        if !check {
            if let Some(dir) = path.parent() {
                fs::create_dir_all(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
            }
            fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
        }
    }
    match (check, stale.is_empty()) {
        (true, false) => Err(format!("stale: run `cargo xtask codegen`\n{}", stale.join("\n"))),
        (true, true) => Ok(format!("{count} generated files are fresh")),
        (false, _) => Ok(format!("{count} files, {} written", stale.len())),
    }
}

fn rustfmt(text: &str) -> Result<String, String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| format!("rustfmt: {e}"))?;
    let mut input = child.stdin.take().ok_or("rustfmt: no input")?;
    let owned = text.to_owned();
    let writer = std::thread::spawn(move || input.write_all(owned.as_bytes()));
    let output = child.wait_with_output().map_err(|e| format!("rustfmt: {e}"))?;
    writer
        .join()
        .map_err(|_| "rustfmt: writer failed")?
        .map_err(|e| format!("rustfmt: {e}"))?;
    if output.status.success() {
        String::from_utf8(output.stdout).map_err(|e| format!("rustfmt: {e}"))
    } else {
        Err("rustfmt failed on generated text".to_owned())
    }
}
