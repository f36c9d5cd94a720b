//! Which character set a message is in.

use super::Message;
use crate::charset::{Charset, Shape};

impl Message<'_> {
    /// The character set of the text: the caller's override, else MSH-18, else UTF-8 where the
    /// whole message is valid UTF-8, else the caller's fallback.
    pub fn charset(&self) -> Charset {
        *self.charset.get_or_init(|| {
            self.options
                .charset
                .or_else(|| self.declared_charset())
                .unwrap_or_else(|| {
                    if std::str::from_utf8(&self.bytes).is_ok() {
                        Charset::UTF_8
                    } else {
                        self.options.fallback
                    }
                })
        })
    }

    /// The character set that MSH-18 names: the first repetition governs, more of them announce
    /// ISO 2022 switching.
    pub(crate) fn declared_charset(&self) -> Option<Charset> {
        self.charset_of(self.header()?.field(18).raw())
    }

    /// Whether a byte order mark of UTF-8 stands before the header.
    pub(crate) fn has_utf8_mark(&self) -> bool {
        self.slice(0, self.content.start)
            .windows(3)
            .any(|bytes| bytes == b"\xef\xbb\xbf")
    }

    /// The character set that the bytes of MSH-18 name.
    fn charset_of(&self, field: &[u8]) -> Option<Charset> {
        let separator = self.delimiters.repetition;
        let mut names = field
            .split(|byte| Some(*byte) == separator)
            .map(|name| std::str::from_utf8(name).unwrap_or("").trim());
        let first = names.next()?;
        let mut more = names.filter(|name| !name.is_empty()).peekable();
        let base = if first.is_empty() {
            more.peek().map(|_| Charset::ASCII)
        } else {
            Charset::from_name(first)
        };
        base.map(|base| {
            if more.peek().is_some() {
                base.with_switching()
            } else {
                base
            }
        })
    }

    /// Takes away separators that are the second byte of a character of two bytes.
    pub(super) fn protect_multibyte(&mut self) {
        let charset = self
            .options
            .charset
            .or_else(|| self.declared_charset())
            .or_else(|| self.hidden_charset());
        if let Some(charset) = charset
            && charset.shape() != Shape::AsciiSafe
        {
            self.index.clear_multibyte(&self.bytes, &charset);
            let _ = self.charset.set(charset);
        }
    }

    /// MSH-18 of a header whose earlier fields hold two-byte characters that look like separators.
    fn hidden_charset(&self) -> Option<Charset> {
        let line = self.index.lines.iter().find(|line| line.id.is_header())?;
        let header = self.slice(line.start, line.end);
        let switching = memchr::memchr(0x1b, header).is_some();
        let (mut field, mut wide, mut name) = (1, false, Vec::new());
        let mut at = 0;
        while let Some(byte) = header.get(at) {
            at += 1;
            if *byte == 0x1b {
                wide = header.get(at) == Some(&b'$');
                at += 2;
            } else if wide {
            } else if *byte >= 0x81 && !switching {
                at += 1;
            } else if *byte == self.delimiters.field {
                field += 1;
            } else if field == 18 {
                name.push(*byte);
            } else if field > 18 {
                break;
            }
        }
        self.charset_of(&name)
            .filter(|charset| charset.shape() != Shape::AsciiSafe)
    }
}
