//! Codes of sets that others than HL7 publish, so that FHIR has no list of them: currencies (ISO 4217), languages (BCP 47),
//! media types (BCP 13).

use ehr_types::Severity;

use crate::element::Kind;
use crate::r4::ElementType;

/// Codes of ISO 4217, each with a space after it: those in use, and those withdrawn since 1999, which older records have.
const CURRENCIES: &str = "AED AFA AFN ALL AMD ANG AOA AOR ARS ATS AUD AWG AZM AZN BAM BBD BDT BEF BGL BGN BHD \
     BIF BMD BND BOB BOV BRL BSD BTN BWP BYB BYN BYR BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CSD CUC \
     CUP CVE CYP CZK DEM DJF DKK DOP DZD EEK EGP ERN ESP ETB EUR FIM FJD FKP FRF GBP GEL GHC GHS GIP GMD GNF \
     GRD GTQ GYD HKD HNL HRK HTG HUF IDR IEP ILS INR IQD IRR ISK ITL JMD JOD JPY KES KGS KHR KMF KPW KRW KWD \
     KYD KZT LAK LBP LKR LRD LSL LTL LUF LVL LYD MAD MDL MGA MGF MKD MMK MNT MOP MRO MRU MTL MUR MVR MWK MXN \
     MXV MYR MZM MZN NAD NGN NIO NLG NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PTE PYG QAR ROL RON RSD RUB RUR \
     RWF SAR SBD SCR SDD SDG SEK SGD SHP SIT SKK SLE SLL SOS SRD SRG SSP STD STN SVC SYP SZL THB TJS TMM TMT \
     TND TOP TPE TRL TRY TTD TWD TZS UAH UGX USD USN USS UYI UYU UYW UZS VEB VED VEF VES VND VUV WST XAF XAG \
     XAU XBA XBB XBC XBD XCD XCG XDR XFU XOF XPD XPF XPT XSU XTS XUA XXX YER YUM ZAR ZMK ZMW ZWD ZWG ZWL ZWN \
     ZWR ";

/// What is wrong with a code as the value of the member of that name, `holder` being the type of the element around it: a
/// severity and a sentence. `None` where nothing is, or the member is of no such set.
pub(crate) fn fault_of_external_code(
    name: &str,
    holder: Option<Kind>,
    code: &str,
) -> Option<(Severity, &'static str)> {
    // What a TestScript and a CapabilityStatement call the formats of FHIR.
    let is_format = || matches!(code, "xml" | "json" | "ttl" | "none") || is_media_type(code);
    let holds = match (name, holder) {
        // The invariants of Attachment and Money look at theirs, and the language of an Expression is one of programs.
        ("contentType", Some(Kind::Element(ElementType::Attachment)))
        | ("language", Some(Kind::Element(ElementType::Expression))) => true,
        ("contentType", Some(Kind::Element(_))) | ("accept" | "format", _) => is_format(),
        ("contentType" | "sigFormat" | "targetFormat" | "payload" | "payloadMimeType" | "patchFormat", _) => {
            is_media_type(code)
        }
        ("language", _) => {
            // That of a mapping is a media type. The binding is a preferred one.
            let holds = is_language(code) || is_media_type(code);
            return (!holds).then_some((Severity::Warning, "a language is a tag of BCP 47"));
        }
        _ => true,
    };
    let message = "a media type is a type and a subtype (BCP 13)";
    (!holds).then_some((Severity::Error, message))
}

/// Whether a text is a currency of ISO 4217.
pub(crate) fn is_currency(text: &str) -> bool {
    let (codes, _) = CURRENCIES.as_bytes().as_chunks::<4>();
    let [a, b, c] = *text.as_bytes() else { return false };
    let number = |code: &[u8; 4]| u32::from_be_bytes(*code);
    codes
        .binary_search_by_key(&number(&[a, b, c, b' ']), number)
        .is_ok()
}

/// Whether a text has the form of a media type with its parameters: `text/plain; charset=UTF-8`.
pub(crate) fn is_media_type(text: &str) -> bool {
    let kind = text.split(';').next().unwrap_or_default().trim_end();
    let name = |part: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+*".contains(&byte);
        !part.is_empty() && part.bytes().all(fits)
    };
    kind.split_once('/')
        .is_some_and(|(kind, subtype)| name(kind) && name(subtype))
}

/// Whether a text has the form of a language tag: `pl`, `zh-Hant-TW`, `de-CH-1996`, `x-klingon`.
fn is_language(tag: &str) -> bool {
    let letters =
        |part: &str, count: usize| part.len() == count && part.bytes().all(|b| b.is_ascii_alphabetic());
    let letters_or_digits = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric());
    let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
    let mut parts = tag.split('-').peekable();
    let language = |part: &&str| letters(part, 2) || letters(part, 3);
    if parts.next_if(language).is_some() {
        for _ in 0..3 {
            parts.next_if(|part| letters(part, 3));
        }
        parts.next_if(|part| letters(part, 4));
        parts.next_if(|part| letters(part, 2) || digits(part, 3));
        let variant = |part: &&str| {
            let short = part.len() == 4 && part.starts_with(|first: char| first.is_ascii_digit());
            letters_or_digits(part) && (short || (5..=8).contains(&part.len()))
        };
        while parts.next_if(variant).is_some() {}
    } else if !matches!(parts.peek(), Some(&"x" | &"X" | &"i" | &"I")) {
        return false;
    }
    // Extensions, and what is for private use: a letter, and what belongs to it.
    while let Some(singleton) = parts.next() {
        let least = if singleton.eq_ignore_ascii_case("x") { 1 } else { 2 };
        let belongs = |part: &&str| (least..=8).contains(&part.len()) && letters_or_digits(part);
        if singleton.len() != 1 || !letters_or_digits(singleton) || parts.next_if(belongs).is_none() {
            return false;
        }
        while parts.next_if(belongs).is_some() {}
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_are_in_order() {
        let codes: Vec<&str> = CURRENCIES.split_terminator(' ').collect();
        assert!(codes.is_sorted() && codes.iter().all(|code| code.len() == 3));
        assert!(codes.iter().all(|code| is_currency(code)));
        for bad in ["", "US", "usd", "USDX", "DOLLAR", "XXY", "US ", "ZZZ", "AAA"] {
            assert!(!is_currency(bad), "{bad}");
        }
    }

    #[test]
    fn languages_are_tags() {
        for good in [
            "en",
            "pl",
            "en-US",
            "zh-Hant-TW",
            "de-CH-1996",
            "sl-rozaj-biske",
            "zh-cmn-Hans-CN",
            "es-419",
            "yue",
            "en-a-myext-b-another",
            "x-whatever",
            "i-klingon",
            "de-x-a-b",
            "EN-us",
        ] {
            assert!(is_language(good), "{good}");
        }
        for bad in [
            "",
            "e",
            "english",
            "en_US",
            "en-",
            "-en",
            "no-such-code",
            "e n",
            "en-US-x",
            "1",
            "en-ü",
            "en--US",
        ] {
            assert!(!is_language(bad), "{bad}");
        }
    }
}
