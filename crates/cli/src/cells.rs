//! The cells of one row of a CSV table.

/// The cells of a row, as bytes.
#[derive(Default)]
pub(crate) struct Cells {
    pub(crate) bytes: Vec<u8>,
    /// Where each cell ends.
    pub(crate) ends: Vec<usize>,
    /// Whether text follows a closing quotation mark in its cell.
    pub(crate) is_loose: bool,
    /// Line ends in quoted cells.
    pub(crate) line_breaks: u32,
}

/// What splitting came to.
#[derive(Debug, PartialEq)]
pub(crate) enum Split {
    /// A row of this many bytes, its line end among them.
    Row(usize),
    /// The bytes end in the cell that the quotation mark at this place opens.
    Open(usize),
    /// The cell that the quotation mark at this place opens goes over a line end, and then on behind its closing mark: so that
    /// was the opening mark of another cell.
    Unclosed(usize),
}

impl Cells {
    /// Splits the first row of `bytes`. A quotation mark at `literal` opens no cell and is left out; none behind it does.
    pub(crate) fn split(&mut self, bytes: &[u8], separator: u8, literal: Option<usize>) -> Split {
        self.bytes.clear();
        self.ends.clear();
        self.is_loose = false;
        self.line_breaks = 0;
        let ends_cell = |byte: u8| byte == separator || byte == b'\n' || byte == b'\r';
        let mut at = 0;
        loop {
            let blanks = bytes.iter().skip(at).take_while(|byte| **byte == b' ').count();
            if bytes.get(at + blanks) == Some(&b'"') && literal.is_none_or(|literal| at + blanks < literal) {
                let open = at + blanks;
                let before = self.line_breaks;
                let Some(after) = self.quoted(bytes, open + 1) else {
                    return Split::Open(open);
                };
                at = after;
                let mut behind = bytes.iter().skip(at).skip_while(|byte| **byte == b' ');
                if behind.next().is_some_and(|byte| !ends_cell(*byte)) {
                    if self.line_breaks > before {
                        return Split::Unclosed(open);
                    }
                    self.is_loose = true;
                }
            } else if literal == Some(at + blanks) {
                at += blanks + 1;
            }
            let rest = bytes.get(at..).unwrap_or_default();
            let plain = rest
                .iter()
                .position(|byte| ends_cell(*byte))
                .unwrap_or(rest.len());
            self.bytes
                .extend_from_slice(rest.get(..plain).unwrap_or_default());
            self.ends.push(self.bytes.len());
            at += plain;
            match (bytes.get(at), bytes.get(at + 1)) {
                (Some(byte), _) if *byte == separator => at += 1,
                (Some(b'\r'), Some(b'\n')) => return Split::Row(at + 2),
                (Some(_), _) => return Split::Row(at + 1),
                (None, _) => return Split::Row(at),
            }
        }
    }

    /// Takes in a quoted cell from behind its opening mark and returns the place behind its closing one.
    fn quoted(&mut self, bytes: &[u8], mut at: usize) -> Option<usize> {
        loop {
            match (*bytes.get(at)?, bytes.get(at + 1)) {
                (b'"', Some(b'"')) => at += 1,
                (b'"', _) => return Some(at + 1),
                (b'\n', _) => self.line_breaks += 1,
                (b'\r', next) if next != Some(&b'\n') => self.line_breaks += 1,
                _ => {}
            }
            self.bytes.push(*bytes.get(at)?);
            at += 1;
        }
    }
}
