//! Escape sequences: `\F\`, `\X0D\`, `\.br\` and the rest (HL7 v2.8.2, chapters 2.7 and 2.A.74).

use std::borrow::Cow;

use crate::charset::Charset;
use crate::delimiters::Delimiters;
use crate::hex::{HexReading, HexRun};

/// One stretch of a text: characters as they are, or an escape sequence by its meaning.
///
/// The pieces of a text cover it completely: nothing is dropped, and [`Piece::source`] of all
/// pieces put together is the text again.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Piece<'t> {
    /// Characters that stand for themselves.
    Literal(&'t str),
    /// `\F\`, `\S\`, `\T\`, `\R\`, `\E\` or `\P\`: a delimiter meant as a character.
    Delimiter(char, &'t str),
    /// `\X0D0A\`: bytes in hexadecimal; the digits, an even number of them, are given.
    Hex(&'t str, &'t str),
    /// `\.br\`: begin a new line.
    Break(&'t str),
    /// `\.sp\`, `\.sp3\`: end the line and skip as many lines.
    Lines(u16, &'t str),
    /// `\.sk3\`: skip as many spaces to the right.
    Spaces(u16, &'t str),
    /// `\.in+4\`, `\.ti-2\`, `\.fi\`, `\.nf\`, `\.ce\`: layout without a character of its own.
    Layout(&'t str),
    /// `\H\` (true) and `\N\` (false): begin and end of highlighted text.
    Highlight(bool, &'t str),
    /// `\C2842\` and `\M2442\`: switch to another character set.
    Charset(&'t str),
    /// `\Z…\`: an escape of local agreement.
    Local(&'t str),
    /// A sequence in the form of an escape that the standard does not define.
    Unknown(&'t str),
    /// An escape character that begins no sequence.
    Stray(&'t str),
}

impl<'t> Piece<'t> {
    /// The characters of the text that this piece stands for.
    pub fn source(&self) -> &'t str {
        match self {
            Self::Literal(source)
            | Self::Delimiter(_, source)
            | Self::Hex(_, source)
            | Self::Break(source)
            | Self::Lines(_, source)
            | Self::Spaces(_, source)
            | Self::Layout(source)
            | Self::Highlight(_, source)
            | Self::Charset(source)
            | Self::Local(source)
            | Self::Unknown(source)
            | Self::Stray(source) => source,
        }
    }
}

/// Shows the kind and the length, not the text.
impl std::fmt::Debug for Piece<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self {
            Self::Literal(_) => "Literal",
            Self::Delimiter(..) => "Delimiter",
            Self::Hex(..) => "Hex",
            Self::Break(_) => "Break",
            Self::Lines(..) => "Lines",
            Self::Spaces(..) => "Spaces",
            Self::Layout(_) => "Layout",
            Self::Highlight(..) => "Highlight",
            Self::Charset(_) => "Charset",
            Self::Local(_) => "Local",
            Self::Unknown(_) => "Unknown",
            Self::Stray(_) => "Stray",
        };
        write!(f, "{kind}({} bytes)", self.source().len())
    }
}

/// Iterates over the pieces of a text; see [`pieces`].
#[derive(Clone)]
pub struct Pieces<'t> {
    rest: &'t str,
    delimiters: Delimiters,
}

/// Shows how much is left, not the text.
impl std::fmt::Debug for Pieces<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pieces({} bytes)", self.rest.len())
    }
}

/// Takes a decoded text apart at its escape sequences.
///
/// ```
/// use ehr_hl7v2::{pieces, Delimiters, Piece};
/// let text = r"A\T\B\.br\C";
/// let found: Vec<_> = pieces(text, &Delimiters::STANDARD).collect();
/// assert_eq!(found[1], Piece::Delimiter('&', r"\T\"));
/// assert_eq!(found[3], Piece::Break(r"\.br\"));
/// ```
pub fn pieces<'t>(text: &'t str, delimiters: &Delimiters) -> Pieces<'t> {
    Pieces {
        rest: text,
        delimiters: *delimiters,
    }
}

impl<'t> Iterator for Pieces<'t> {
    type Item = Piece<'t>;

    fn next(&mut self) -> Option<Piece<'t>> {
        if self.rest.is_empty() {
            return None;
        }
        let literal = |pieces: &mut Self, length: usize| {
            let (head, tail) = pieces.rest.split_at_checked(length)?;
            pieces.rest = tail;
            Some(Piece::Literal(head))
        };
        let Some(escape) = self.delimiters.escape else {
            return literal(self, self.rest.len());
        };
        match memchr::memchr(escape, self.rest.as_bytes()) {
            None => return literal(self, self.rest.len()),
            Some(0) => {}
            Some(at) => return literal(self, at),
        }
        // No sequence is longer than this but `\X..\` and `\Z..\`; looking further would make a
        // text of escape characters without partners slow.
        let after = self.rest.get(1..)?;
        let length = sequence_length(after.as_bytes(), escape).map_or(1, |body| body + 2);
        let (source, tail) = self.rest.split_at_checked(length)?;
        let body = source.get(1..length - 1).unwrap_or_default();
        let piece = if length == 1 {
            None
        } else {
            self.sequence(body, source)
        };
        if let Some(piece) = piece {
            self.rest = tail;
            Some(piece)
        } else {
            let (source, tail) = self.rest.split_at_checked(1)?;
            self.rest = tail;
            Some(Piece::Stray(source))
        }
    }
}

impl<'t> Pieces<'t> {
    /// The meaning of `\body\`; `None` when it is no sequence at all.
    fn sequence(&self, body: &'t str, source: &'t str) -> Option<Piece<'t>> {
        let delimiters = &self.delimiters;
        let stands_for = |byte: Option<u8>| byte.map(|byte| Piece::Delimiter(char::from(byte), source));
        let unknown = Some(Piece::Unknown(source));
        match body.as_bytes() {
            [] => None,
            b"F" => stands_for(Some(delimiters.field)),
            b"S" => stands_for(delimiters.component).or(unknown),
            b"T" => stands_for(delimiters.subcomponent.or(Delimiters::STANDARD.subcomponent)),
            b"R" => stands_for(delimiters.repetition).or(unknown),
            b"E" => stands_for(delimiters.escape),
            b"P" => stands_for(delimiters.truncation.or(Some(b'#'))),
            b"H" => Some(Piece::Highlight(true, source)),
            b"N" => Some(Piece::Highlight(false, source)),
            [b'X' | b'x', digits @ ..] => {
                if !digits.is_empty()
                    && digits.len().is_multiple_of(2)
                    && digits.iter().all(u8::is_ascii_hexdigit)
                {
                    body.get(1..).map(|digits| Piece::Hex(digits, source))
                } else {
                    unknown
                }
            }
            [b'C', digits @ ..] if digits.len() == 4 && digits.iter().all(u8::is_ascii_hexdigit) => {
                Some(Piece::Charset(source))
            }
            [b'M', digits @ ..]
                if matches!(digits.len(), 4 | 6) && digits.iter().all(u8::is_ascii_hexdigit) =>
            {
                Some(Piece::Charset(source))
            }
            [b'Z', ..] => Some(Piece::Local(source)),
            [b'.', ..] => formatting(body, source).or(unknown),
            _ => unknown,
        }
    }
}

/// Length of the body of a sequence, when one begins after an escape character.
fn sequence_length(after: &[u8], escape: u8) -> Option<usize> {
    let free = matches!(after.first(), Some(b'X' | b'x' | b'Z'));
    if free {
        // These may be long; their own alphabet ends the search.
        let length = after
            .iter()
            .position(|byte| *byte == escape || !byte.is_ascii_graphic())?;
        return (after.get(length) == Some(&escape)).then_some(length);
    }
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-');
    let length = after
        .iter()
        .take(16)
        .take_while(|byte| word(byte) && **byte != escape)
        .count();
    (length > 0 && after.get(length) == Some(&escape)).then_some(length)
}

/// `.br`, `.sp3` and the other formatting commands, which hold in FT and TX data.
fn formatting<'t>(body: &'t str, source: &'t str) -> Option<Piece<'t>> {
    let (command, argument) = body.split_at_checked(3)?;
    let number = || match argument {
        "" => Some(1),
        text => text
            .strip_prefix('+')
            .unwrap_or(text)
            .parse::<u16>()
            .ok()
            .filter(|number| *number <= 200),
    };
    match command.to_ascii_lowercase().as_str() {
        ".br" if argument.is_empty() => Some(Piece::Break(source)),
        ".sp" => number().map(|number| Piece::Lines(number, source)),
        ".sk" => number().map(|number| Piece::Spaces(number, source)),
        ".fi" | ".nf" | ".ce" if argument.is_empty() => Some(Piece::Layout(source)),
        ".in" | ".ti" => argument
            .strip_prefix(['+', '-'])
            .unwrap_or(argument)
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then_some(Piece::Layout(source)),
        _ => None,
    }
}

/// The text that an escaped text means.
///
/// Decoded is what has a text of its own: delimiters, `\X..\` as bytes in `charset`, `\.br\`,
/// `\.sp\` and `\.sk\`. Everything else (highlighting, layout, character set switches, local and
/// unknown sequences, stray escape characters, hexadecimal bytes that are no text) stays as it is
/// written, so that nothing is lost.
///
/// ```
/// use ehr_hl7v2::{unescape, Charset, Delimiters};
/// let plain = |text| unescape(text, &Delimiters::STANDARD, &Charset::UTF_8).into_owned();
/// assert_eq!(plain(r"Marks \T\ Co\.br\\XC3A9\"), "Marks & Co\né");
/// assert_eq!(plain(r"\H\bold\N\ C:\ \Q\"), r"\H\bold\N\ C:\ \Q\");
/// ```
pub fn unescape<'t>(text: &'t str, delimiters: &Delimiters, charset: &Charset) -> Cow<'t, str> {
    unescape_as(text, delimiters, charset, HexReading::Charset)
}

/// [`unescape`], with a choice of what `\X..\` means.
pub(crate) fn unescape_as<'t>(
    text: &'t str,
    delimiters: &Delimiters,
    charset: &Charset,
    reading: HexReading,
) -> Cow<'t, str> {
    match delimiters.escape {
        Some(escape) if memchr::memchr(escape, text.as_bytes()).is_some() => {}
        _ => return Cow::Borrowed(text),
    }
    let mut out = String::with_capacity(text.len());
    let mut hex = HexRun::default();
    for piece in pieces(text, delimiters) {
        if let Piece::Hex(digits, source) = piece {
            let reading = reading.of(digits);
            if reading != hex.reading {
                hex.flush(charset, &mut out);
                hex.reading = reading;
            }
            hex.push(digits, source);
            continue;
        }
        hex.flush(charset, &mut out);
        match piece {
            Piece::Literal(text) => out.push_str(text),
            Piece::Delimiter(delimiter, _) => out.push(delimiter),
            Piece::Break(_) => out.push('\n'),
            Piece::Lines(number, _) => out.extend(std::iter::repeat_n('\n', usize::from(number.max(1)))),
            Piece::Spaces(number, _) => out.extend(std::iter::repeat_n(' ', usize::from(number))),
            other => out.push_str(other.source()),
        }
    }
    hex.flush(charset, &mut out);
    Cow::Owned(out)
}

/// Escapes a text so that it can stand as one leaf value: delimiters become sequences, and line
/// ends and other control characters become `\X..\`.
///
/// ```
/// use ehr_hl7v2::{escape, Delimiters};
/// assert_eq!(escape("a|b\\c\r\n", &Delimiters::STANDARD), r"a\F\b\E\c\X0D0A\");
/// ```
pub fn escape<'t>(text: &'t str, delimiters: &Delimiters) -> Cow<'t, str> {
    let special = |byte: u8| {
        byte < b' '
            || byte == delimiters.field
            || [
                delimiters.component,
                delimiters.repetition,
                delimiters.escape,
                delimiters.subcomponent,
            ]
            .contains(&Some(byte))
    };
    let Some(first) = text.bytes().position(special) else {
        return Cow::Borrowed(text);
    };
    let Some(mark) = delimiters.escape.map(char::from) else {
        return Cow::Borrowed(text);
    };
    let (head, tail) = text.split_at_checked(first).unwrap_or((text, ""));
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str(head);
    let mut control = false;
    for c in tail.chars() {
        if c < ' ' {
            if !control {
                out.push(mark);
                out.push('X');
            }
            control = true;
            out.push_str(&format!("{:02X}", u32::from(c)));
            continue;
        }
        if std::mem::take(&mut control) {
            out.push(mark);
        }
        let is = |delimiter: Option<u8>| delimiter.is_some_and(|byte| char::from(byte) == c && c.is_ascii());
        let letter = if is(Some(delimiters.field)) {
            'F'
        } else if is(delimiters.escape) {
            'E'
        } else if is(delimiters.component) {
            'S'
        } else if is(delimiters.repetition) {
            'R'
        } else if is(delimiters.subcomponent) {
            'T'
        } else {
            out.push(c);
            continue;
        };
        out.push(mark);
        out.push(letter);
        out.push(mark);
    }
    if control {
        out.push(mark);
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        unescape(text, &Delimiters::STANDARD, &Charset::UTF_8).into_owned()
    }

    #[test]
    fn every_sequence_is_decoded_or_kept() {
        for (text, expected) in [
            (r"\F\\S\\T\\R\\E\\P\", r"|^&~\#"),
            (r"a\.br\b", "a\nb"),
            (r"a\.sp3\b\.sk2\c\.sp\d", "a\n\n\nb  c\nd"),
            (r"\X0d0A\", "\r\n"),
            (r"\XC3\\XA9\", "é"),
            (r"\XE9\", r"\XE9\"),
            (r"\X0G\ \X0\ \X\", r"\X0G\ \X0\ \X\"),
            (r"\H\bold\N\", r"\H\bold\N\"),
            (
                r"\.in+4\a\.ti-2\b\.ce\c\.fi\d\.nf\",
                r"\.in+4\a\.ti-2\b\.ce\c\.fi\d\.nf\",
            ),
            (r"\C2842\\M244240\\Zlocal text\", r"\C2842\\M244240\\Zlocal text\"),
            (r"lone \ backslash", r"lone \ backslash"),
            (r"C:\Users\F\x", r"C:\Users\F\x"),
            (r"\", r"\"),
            (r"\\", r"\\"),
            (r"\e\x\f\", r"\e\x\f\"),
            (r"\.sp999999\", r"\.sp999999\"),
            (r"é\T\é", "é&é"),
        ] {
            assert_eq!(plain(text), expected, "{text}");
            let whole: String = pieces(text, &Delimiters::STANDARD)
                .map(|piece| piece.source().to_owned())
                .collect();
            assert_eq!(whole, text, "pieces cover the text");
        }
    }

    #[test]
    fn escaping_comes_back() {
        for text in ["", "a", "|^~\\&", "a\r\nb\tc", "é|", "\\F\\", "x\u{1}", "\u{7f}"] {
            let escaped = escape(text, &Delimiters::STANDARD);
            assert!(!escaped.contains(['|', '^', '~', '&', '\r', '\n']), "{escaped}");
            assert_eq!(plain(&escaped), text);
        }
    }
}
