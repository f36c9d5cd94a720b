//! Which character set a message is in.

use super::Message;
use crate::charset::{Charset, Shape};

impl Message<'_> {
    /// The character set of the text: the caller's override; else what MSH-18 names, unless the bytes are certain to be UTF-8
    /// (`v2.charset.contradicted`); else UTF-8 where the message is so, but for some broken characters; else the caller's
    /// fallback.
    pub fn charset(&self) -> Charset {
        *self.charset.get_or_init(|| {
            if let Some(charset) = self.options.charset {
                return charset;
            }
            let is_plain = self.index.plain;
            let evidence = || Utf8Evidence::of(&self.bytes);
            match self.declared_charset() {
                Some(declared) if is_plain || !declared.is_single_byte() => declared,
                Some(declared) if !evidence().overrules(&declared) => declared,
                None if !is_plain && !evidence().prevails() => self.options.fallback,
                _ => Charset::UTF_8,
            }
        })
    }

    /// Whether the bytes are, or seem to be, UTF-8, and MSH-18 names another set.
    pub(crate) fn contradicts_charset(&self) -> bool {
        if self.index.plain || self.options.charset.is_some() {
            return false;
        }
        let Some(declared) = self.declared_charset().filter(Charset::is_single_byte) else {
            return false;
        };
        let evidence = Utf8Evidence::of(&self.bytes);
        evidence.overrules(&declared) || evidence.characters >= MANY && evidence.prevails()
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

/// So many characters of several bytes are in no text by chance.
const MANY: usize = 4;

/// What speaks for UTF-8: a byte beyond ASCII in a set of one byte a character is seldom followed by those that make it UTF-8.
struct Utf8Evidence {
    /// Characters of several bytes.
    characters: usize,
    /// Sequences of bytes beyond ASCII that are none.
    broken: usize,
    /// Whether one of the characters is in no text of the Western languages, as two letters of another set can be.
    odd: bool,
}

impl Utf8Evidence {
    fn of(bytes: &[u8]) -> Self {
        let mut evidence = Self {
            characters: 0,
            broken: 0,
            odd: false,
        };
        for chunk in bytes.utf8_chunks() {
            for character in chunk.valid().chars().filter(|character| !character.is_ascii()) {
                evidence.characters += 1;
                evidence.odd |= matches!(character, '\u{80}'..='\u{9f}' | '\u{250}'..='\u{36f}');
            }
            evidence.broken += usize::from(!chunk.invalid().is_empty());
        }
        evidence
    }

    /// Whether the bytes are UTF-8 in the main; so are those of ASCII.
    fn prevails(&self) -> bool {
        self.broken == 0 || self.characters > self.broken
    }

    /// Whether it is certain that the bytes are not in the declared set of one byte a character. In the Western sets a letter
    /// beyond ASCII and a sign behind it are no text; in others both may be letters.
    fn overrules(&self, declared: &Charset) -> bool {
        let enough = if declared.is_western() && !self.odd {
            1
        } else {
            MANY
        };
        self.broken == 0 && self.characters >= enough
    }
}
