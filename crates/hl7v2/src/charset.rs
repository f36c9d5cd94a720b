//! Character sets: the names of HL7 table 0211 and what they mean for bytes.

use std::borrow::Cow;
use std::fmt;

use encoding_rs::Encoding;

/// A character set that a message can be written in (MSH-18, HL7 table 0211).
///
/// ```
/// use ehr_hl7v2::Charset;
/// let latin = Charset::from_name("8859/1").unwrap();
/// assert_eq!(latin.decode(b"M\xfcller"), Some("Müller".into()));
/// assert_eq!(Charset::UTF_8.decode(b"M\xfcller"), None, "not UTF-8");
/// assert_eq!(latin.encode("Müller").as_deref(), Some(&b"M\xfcller"[..]));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Charset {
    name: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ascii,
    Utf8,
    Table(&'static Encoding),
    /// ISO 2022 switching (`ESC $ B` … `ESC ( B`) over a single-byte set.
    Iso2022(Option<&'static Encoding>),
}

/// What a character set means for finding separators by byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A byte below 0x80 is always the ASCII character.
    AsciiSafe,
    /// A lead byte takes the next byte with it, whatever that is.
    DoubleByte {
        first_lead: u8,
        first_single: u8,
        last_single: u8,
    },
    /// Escape sequences switch to sets of two 7-bit bytes and back.
    Iso2022,
}

impl Charset {
    /// 7-bit ASCII, what a message without MSH-18 is in.
    pub const ASCII: Self = Self {
        name: "ASCII",
        kind: Kind::Ascii,
    };
    /// UTF-8 (`UNICODE UTF-8`).
    pub const UTF_8: Self = Self {
        name: "UNICODE UTF-8",
        kind: Kind::Utf8,
    };
    /// Latin-1 with the printable characters of Windows-1252, which senders of `8859/1` use.
    pub const LATIN_1: Self = Self {
        name: "8859/1",
        kind: Kind::Table(encoding_rs::WINDOWS_1252),
    };

    /// The set of that name: those of table 0211, and common other spellings (`ISO-8859-1`,
    /// `UTF-8`, `ISO_IR 100`, `windows-1252`). `None` when the name is not known, or names a set
    /// that is not supported (`CNS 11643-1992`, and UTF-16 and UTF-32, whose bytes are no HL7 v2
    /// text before they are transcoded; see [`Utf16`](crate::Utf16)).
    pub fn from_name(name: &str) -> Option<Self> {
        let folded: String = name
            .chars()
            .filter(|c| c.is_ascii_alphanumeric())
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let table = |name, encoding| {
            Some(Self {
                name,
                kind: Kind::Table(encoding),
            })
        };
        match folded.as_str() {
            "ASCII" | "USASCII" | "ISOIR6" | "ISO646" => Some(Self::ASCII),
            "UNICODEUTF8" | "UTF8" | "UNICODE" | "ISOIR192" => Some(Self::UTF_8),
            "88591" | "ISO88591" | "ISOIR100" | "LATIN1" => Some(Self::LATIN_1),
            "88592" | "ISO88592" | "ISOIR101" => table("8859/2", encoding_rs::ISO_8859_2),
            "88593" | "ISO88593" | "ISOIR109" => table("8859/3", encoding_rs::ISO_8859_3),
            "88594" | "ISO88594" | "ISOIR110" => table("8859/4", encoding_rs::ISO_8859_4),
            "88595" | "ISO88595" | "ISOIR144" => table("8859/5", encoding_rs::ISO_8859_5),
            "88596" | "ISO88596" | "ISOIR127" => table("8859/6", encoding_rs::ISO_8859_6),
            "88597" | "ISO88597" | "ISOIR126" => table("8859/7", encoding_rs::ISO_8859_7),
            "88598" | "ISO88598" | "ISOIR138" => table("8859/8", encoding_rs::ISO_8859_8),
            "88599" | "ISO88599" | "ISOIR148" => table("8859/9", encoding_rs::WINDOWS_1254),
            "885915" | "ISO885915" | "ISOIR203" => table("8859/15", encoding_rs::ISO_8859_15),
            "ISOIR14" | "JISX0201" | "JISX02011976" | "SHIFTJIS" | "SJIS" | "WINDOWS31J" | "CP932"
            | "MS932" => table("ISO IR14", encoding_rs::SHIFT_JIS),
            "ISOIR87" | "JISX02081990" | "ISOIR159" | "JISX02121990" | "ISO2022JP" => Some(Self {
                name: "ISO IR87",
                kind: Kind::Iso2022(None),
            }),
            "GB180302000" | "GB18030" | "GBK" | "GB2312" | "CP936" => {
                table("GB 18030-2000", encoding_rs::GB18030)
            }
            "KSX1001" | "EUCKR" | "CP949" => table("KS X 1001", encoding_rs::EUC_KR),
            "BIG5" | "CP950" => table("BIG-5", encoding_rs::BIG5),
            "EUCJP" => table("EUC-JP", encoding_rs::EUC_JP),
            "KOI8R" => table("KOI8-R", encoding_rs::KOI8_R),
            other => match other.strip_prefix("WINDOWS").or(other.strip_prefix("CP"))? {
                "1250" => table("windows-1250", encoding_rs::WINDOWS_1250),
                "1251" => table("windows-1251", encoding_rs::WINDOWS_1251),
                "1252" => table("windows-1252", encoding_rs::WINDOWS_1252),
                "1253" => table("windows-1253", encoding_rs::WINDOWS_1253),
                "1254" => table("windows-1254", encoding_rs::WINDOWS_1254),
                "1255" => table("windows-1255", encoding_rs::WINDOWS_1255),
                "1256" => table("windows-1256", encoding_rs::WINDOWS_1256),
                "1257" => table("windows-1257", encoding_rs::WINDOWS_1257),
                "1258" => table("windows-1258", encoding_rs::WINDOWS_1258),
                "874" => table("windows-874", encoding_rs::WINDOWS_874),
                _ => None,
            },
        }
    }

    /// The name, in the spelling of table 0211 where the set is listed there.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// This set with ISO 2022 switching to further sets, as a repeated MSH-18 announces it.
    #[must_use]
    pub fn with_switching(self) -> Self {
        let kind = match self.kind {
            Kind::Ascii | Kind::Utf8 => Kind::Iso2022(None),
            Kind::Table(encoding) => Kind::Iso2022(Some(encoding)),
            Kind::Iso2022(base) => Kind::Iso2022(base),
        };
        Self {
            name: self.name,
            kind,
        }
    }

    /// Text of the bytes; `None` when they are not text in this set.
    pub fn decode<'b>(&self, bytes: &'b [u8]) -> Option<Cow<'b, str>> {
        match self.kind {
            Kind::Ascii if bytes.is_ascii() => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Kind::Ascii => None,
            Kind::Utf8 => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Kind::Table(encoding) => encoding.decode_without_bom_handling_and_without_replacement(bytes),
            Kind::Iso2022(base) => decode_iso2022(bytes, base).map(Cow::Owned),
        }
    }

    /// Text of the bytes; what is not text in this set becomes U+FFFD.
    pub fn decode_lossy<'b>(&self, bytes: &'b [u8]) -> Cow<'b, str> {
        match self.kind {
            Kind::Ascii | Kind::Utf8 => String::from_utf8_lossy(bytes),
            Kind::Table(encoding) => encoding.decode_without_bom_handling(bytes).0,
            Kind::Iso2022(base) => match decode_iso2022(bytes, base) {
                Some(text) => Cow::Owned(text),
                None => encoding_rs::ISO_2022_JP.decode_without_bom_handling(bytes).0,
            },
        }
    }

    /// Bytes of the text; `None` when a character is not in this set.
    pub fn encode<'t>(&self, text: &'t str) -> Option<Cow<'t, [u8]>> {
        let with = |encoding: &'static Encoding| {
            let (bytes, _, unmappable) = encoding.encode(text);
            (!unmappable).then_some(bytes)
        };
        match self.kind {
            _ if text.is_ascii() => Some(Cow::Borrowed(text.as_bytes())),
            Kind::Ascii => None,
            Kind::Utf8 => Some(Cow::Borrowed(text.as_bytes())),
            Kind::Table(encoding) => with(encoding),
            Kind::Iso2022(base) => base.and_then(with).or_else(|| with(encoding_rs::ISO_2022_JP)),
        }
    }

    pub(crate) fn shape(&self) -> Shape {
        match self.kind {
            Kind::Ascii | Kind::Utf8 => Shape::AsciiSafe,
            Kind::Iso2022(_) => Shape::Iso2022,
            // Katakana 0xA1..=0xDF are single bytes.
            Kind::Table(encoding) if encoding == encoding_rs::SHIFT_JIS => Shape::DoubleByte {
                first_lead: 0x81,
                first_single: 0xa0,
                last_single: 0xdf,
            },
            Kind::Table(encoding)
                if [
                    encoding_rs::BIG5,
                    encoding_rs::GB18030,
                    encoding_rs::EUC_KR,
                    encoding_rs::GBK,
                ]
                .contains(&encoding) =>
            {
                Shape::DoubleByte {
                    first_lead: 0x81,
                    first_single: 0xff,
                    last_single: 0xff,
                }
            }
            Kind::Table(_) => Shape::AsciiSafe,
        }
    }

    /// Whether a byte below 0x80 is always the ASCII character, never a part of another.
    pub(crate) fn is_ascii_safe(&self) -> bool {
        self.shape() == Shape::AsciiSafe
    }

    pub(crate) fn is_ascii(&self) -> bool {
        self.kind == Kind::Ascii
    }

    pub(crate) fn is_utf8(&self) -> bool {
        self.kind == Kind::Utf8
    }

    /// Whether each byte is a character, those beyond ASCII too.
    pub(crate) fn is_single_byte(&self) -> bool {
        matches!(self.kind, Kind::Table(encoding) if encoding.is_single_byte())
    }

    /// Whether the bytes 0x80 to 0xBF are signs, and no letters but for some.
    pub(crate) fn is_western(&self) -> bool {
        let western = [
            encoding_rs::WINDOWS_1252,
            encoding_rs::WINDOWS_1254,
            encoding_rs::ISO_8859_15,
        ];
        matches!(self.kind, Kind::Table(encoding) if western.contains(&encoding))
    }
}

impl fmt::Debug for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Decodes text that switches sets by ISO 2022 escapes; `base` holds outside of them.
fn decode_iso2022(bytes: &[u8], base: Option<&'static Encoding>) -> Option<String> {
    let mut out = String::with_capacity(bytes.len());
    let mut designator: &[u8] = b"(B";
    let mut rest = bytes;
    loop {
        let next = memchr::memchr(0x1b, rest);
        let run = rest.get(..next.unwrap_or(rest.len()))?;
        decode_run(run, designator, base, &mut out)?;
        let Some(next) = next else { return Some(out) };
        rest = rest.get(next + 1..)?;
        let length = match rest {
            [b'$', b'(' | b')', _, ..] => 3,
            [b'$' | b'(' | b')' | b'-', _, ..] => 2,
            _ => return None,
        };
        (designator, rest) = rest.split_at_checked(length)?;
    }
}

fn decode_run(
    run: &[u8],
    designator: &[u8],
    base: Option<&'static Encoding>,
    out: &mut String,
) -> Option<()> {
    let raised = || -> Vec<u8> { run.iter().map(|byte| byte | 0x80).collect() };
    let text = match designator {
        b"(B" | b"(J" | b")I" => match base {
            _ if run.is_ascii() => Cow::Borrowed(std::str::from_utf8(run).ok()?),
            Some(base) => base.decode_without_bom_handling_and_without_replacement(run)?,
            None => Cow::Borrowed(std::str::from_utf8(run).ok()?),
        },
        b"(I" => Cow::Owned(
            encoding_rs::SHIFT_JIS
                .decode_without_bom_handling_and_without_replacement(&raised())?
                .into_owned(),
        ),
        b"$B" | b"$@" => Cow::Owned(
            encoding_rs::EUC_JP
                .decode_without_bom_handling_and_without_replacement(&raised())?
                .into_owned(),
        ),
        b"$(D" => {
            let wide: Vec<u8> = raised()
                .chunks(2)
                .flat_map(|pair| std::iter::once(0x8f).chain(pair.iter().copied()))
                .collect();
            Cow::Owned(
                encoding_rs::EUC_JP
                    .decode_without_bom_handling_and_without_replacement(&wide)?
                    .into_owned(),
            )
        }
        b"$(C" | b"$)C" => Cow::Owned(
            encoding_rs::EUC_KR
                .decode_without_bom_handling_and_without_replacement(&raised())?
                .into_owned(),
        ),
        b"$A" | b"$)A" => Cow::Owned(
            encoding_rs::GBK
                .decode_without_bom_handling_and_without_replacement(&raised())?
                .into_owned(),
        ),
        _ => return None,
    };
    out.push_str(&text);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_table_0211_are_known() {
        for name in [
            "ASCII",
            "8859/1",
            "8859/2",
            "8859/3",
            "8859/4",
            "8859/5",
            "8859/6",
            "8859/7",
            "8859/8",
            "8859/9",
            "8859/15",
            "ISO IR14",
            "ISO IR87",
            "ISO IR159",
            "GB 18030-2000",
            "KS X 1001",
            "BIG-5",
            "UNICODE",
            "UNICODE UTF-8",
            "ISO IR6",
            "iso-8859-1",
            "utf-8",
            "windows-1252",
        ] {
            assert!(Charset::from_name(name).is_some(), "{name}");
        }
        assert_eq!(Charset::from_name("CNS 11643-1992"), None);
        assert_eq!(Charset::from_name(""), None);
    }

    #[test]
    fn iso_2022_switches_and_returns() {
        let charset = Charset::ASCII.with_switching();
        let bytes = b"Yamada^\x1b$B;3ED\x1b(B^Tarou";
        assert_eq!(charset.decode(bytes).as_deref(), Some("Yamada^山田^Tarou"));
        assert_eq!(charset.decode(b"\x1b$"), None, "an escape cut short");
    }
}
