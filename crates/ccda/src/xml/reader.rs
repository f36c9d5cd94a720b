//! From bytes to a tree and what was noticed on the way.

use std::sync::OnceLock;

use ehr_types::{Finding, LineIndex, SourceLocation, Span};

use super::builder::Builder;
use super::encoding::{EncodingNote, decode};
use super::tree::Document;

/// What a document may cost at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of source; default 512 MiB (never more than 2 GiB are read).
    pub bytes: usize,
    /// Nesting depth of elements; default 256, at most 32,767.
    pub depth: usize,
    /// Elements, texts and attributes together; default 40 million.
    pub nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 512 << 20,
            depth: 256,
            nodes: 40_000_000,
        }
    }
}

/// A tree and what was noticed while building it.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The tree: everything up to the place where reading stopped.
    pub document: Document,
    /// Faults, in document order; a [`Fatal`](ehr_types::Severity::Fatal) one says where reading stopped.
    pub findings: Vec<Finding>,
}

impl Document {
    /// Parses XML leniently. Never fails: malformed input gives the tree of what could be read and
    /// findings that say what is wrong and where.
    ///
    /// Entities beyond the five of XML are never expanded, nothing is ever fetched.
    ///
    /// ```
    /// use ehr_ccda::{Document, Limits};
    /// let parsed = Document::parse(b"<a><b code='1'/><c", &Limits::default());
    /// assert_eq!(parsed.document.root().unwrap().elements().count(), 1);
    /// assert_eq!(parsed.findings[0].code, "ccda.xml.malformed");
    /// ```
    pub fn parse(source: &[u8], limits: &Limits) -> Parsed {
        let limit = limits.bytes.min(i32::MAX as usize);
        let too_large = source.len() > limit;
        let readable = source.get(..source.len().min(limit)).unwrap_or_default();
        let decoded = decode(readable);
        let empty = Self {
            text: decoded.text.into(),
            side: String::new(),
            nodes: Vec::new(),
            attributes: Vec::new(),
            ids: Vec::new(),
            offsets: decoded.map,
            lines: LineIndex::new(source),
            source_len: source.len(),
            ordinals: OnceLock::new(),
        };
        let (mut document, faults) = Builder::new(empty, *limits).build();
        document.index_ids();
        let mut findings: Vec<_> = decoded
            .notes
            .into_iter()
            .map(|note| encoding_finding(note, &document.lines))
            .collect();
        findings.extend(faults.located(&document));
        if too_large {
            let at = SourceLocation::new("/").at(Span::new(limit, limit), &document.lines);
            findings.push(Finding::fatal(
                "ccda.xml.limit.bytes",
                at,
                "the document is larger than the limit; the rest was not read",
            ));
        }
        Parsed { document, findings }
    }
}

fn encoding_finding(note: EncodingNote, lines: &LineIndex) -> Finding {
    let (code, at, message) = match note {
        EncodingNote::InvalidBytes(at) => (
            "ccda.xml.encoding.invalid",
            at,
            "bytes that the encoding does not allow; read as Windows-1252, or as U+FFFD in UTF-16",
        ),
        EncodingNote::UnknownEncoding => (
            "ccda.xml.encoding.unknown",
            0,
            "the declared encoding is unknown; read as UTF-8",
        ),
        EncodingNote::Contradiction => (
            "ccda.xml.encoding.contradiction",
            0,
            "the bytes are not in the declared encoding; read as what they are",
        ),
    };
    Finding::warning(
        code,
        SourceLocation::new("/").at(Span::new(at, at), lines),
        message,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Parsed {
        Document::parse(text.as_bytes(), &Limits::default())
    }

    fn codes(parsed: &Parsed) -> Vec<&str> {
        parsed.findings.iter().map(|finding| &*finding.code).collect()
    }

    #[test]
    fn text_is_joined_across_references_and_cdata() {
        let parsed = parse("<a b='&lt;&#x41;&amp;&#66;'>x &amp; <![CDATA[<y>]]>&#233;</a>");
        assert_eq!(codes(&parsed), Vec::<&str>::new());
        let root = parsed.document.root().unwrap();
        assert_eq!(root.attribute("b"), Some("<A&B"));
        assert_eq!(root.text().as_deref(), Some("x & <y>é"));
    }

    #[test]
    fn entity_bombs_are_refused_and_the_rest_is_read() {
        let parsed =
            parse("<!DOCTYPE a [<!ENTITY x 'yyyyyyyy'><!ENTITY z '&x;&x;&x;'>]><a>&z;<b c='&z;'/></a>");
        assert!(codes(&parsed).contains(&"ccda.xml.entity-declaration"));
        assert_eq!(parsed.document.root().unwrap().text().as_deref(), Some("&z;"));
        assert_eq!(
            parsed.document.root().unwrap().child("b").unwrap().attribute("c"),
            Some("&z;")
        );
    }

    #[test]
    fn a_cut_document_keeps_what_was_there_and_says_where_it_ends() {
        let parsed = parse("<a><b code='1'/><c code='2'><d");
        assert_eq!(codes(&parsed), ["ccda.xml.malformed"]);
        assert_eq!(parsed.findings[0].location.path, "/a/c");
        assert_eq!(parsed.findings[0].location.column, Some(29));
        assert_eq!(parsed.document.root().unwrap().elements().count(), 2);
        let parsed = parse("<a><b>");
        assert_eq!(codes(&parsed), ["ccda.xml.unclosed"]);
    }

    #[test]
    fn mismatched_tags_recover() {
        let parsed = parse("<a><b><c></b><d/></x></a>");
        assert_eq!(codes(&parsed), ["ccda.xml.mismatch", "ccda.xml.mismatch"]);
        let root = parsed.document.root().unwrap();
        assert_eq!(root.elements().map(|e| e.name()).collect::<Vec<_>>(), ["b", "d"]);
    }

    #[test]
    fn undeclared_prefixes_keep_their_custom_and_are_reported_once() {
        let parsed = parse("<a><v xsi:type='CD'/><v xsi:type='PQ'/><sdtc:x/></a>");
        assert_eq!(codes(&parsed), ["ccda.xml.prefix", "ccda.xml.prefix"]);
        let types: Vec<_> = parsed
            .document
            .root()
            .unwrap()
            .children("v")
            .map(|v| v.xsi_type())
            .collect();
        assert_eq!(types, [Some("CD"), Some("PQ")]);
    }

    #[test]
    fn limits_stop_the_reader_with_a_finding() {
        let deep = "<a>".repeat(300);
        assert_eq!(codes(&parse(&deep)), ["ccda.xml.limit.depth"]);
        let limits = Limits {
            nodes: 3,
            ..Limits::default()
        };
        let parsed = Document::parse(b"<a><b/><b/><b/><b/></a>", &limits);
        assert_eq!(codes(&parsed), ["ccda.xml.limit.nodes"]);
        let limits = Limits {
            bytes: 3,
            ..Limits::default()
        };
        assert!(codes(&Document::parse(b"<a><b/></a>", &limits)).contains(&"ccda.xml.limit.bytes"));
    }

    #[test]
    fn broken_attributes_are_reported_and_the_others_read() {
        let parsed = parse("<a b=1 c d='2' d='3' e=\"4\"/>");
        let root = parsed.document.root().unwrap();
        assert_eq!(root.attribute("b"), Some("1"));
        assert_eq!(root.attribute("d"), Some("2"));
        assert_eq!(root.attribute("e"), Some("4"));
        assert_eq!(codes(&parsed), ["ccda.xml.attribute.twice", "ccda.xml.attribute"]);
    }

    #[test]
    fn a_stray_less_than_is_text() {
        let parsed = parse("<a><td>< 5</td><td>x <5 mg <</td><b c='1'/></a>");
        assert_eq!(codes(&parsed), ["ccda.xml.stray"; 3]);
        let root = parsed.document.root().unwrap();
        let cells: Vec<_> = root.children("td").map(|td| td.text().unwrap()).collect();
        assert_eq!(cells, ["< 5", "x <5 mg <"]);
        assert_eq!(root.child("b").unwrap().attribute("c"), Some("1"));
        // A run of them costs no more than its length.
        let run = format!("<a>{}", "<".repeat(200_000));
        assert_eq!(
            parse(&run).document.root().unwrap().text().map(|text| text.len()),
            Some(200_000 - 1)
        );
    }

    #[test]
    fn scopes_of_namespaces_follow_the_tree_where_tags_do_not_match() {
        let parsed = parse("<a xmlns='urn:hl7-org:v3'><b xmlns='urn:other'><c></x></b><d/></a>");
        let root = parsed.document.root().unwrap();
        assert_eq!(root.children("d").count(), 1);
        assert_eq!(root.children("b").count(), 0);
    }

    #[test]
    fn more_namespaces_and_attributes_than_anyone_needs_cost_linear_time() {
        let mut source = String::from("<a");
        for i in 0..20_000 {
            source.push_str(&format!(" xmlns:n{i}='urn:{i}' b{i}='{i}'"));
        }
        source.push_str("><n1:b/><n19999:b/></a>");
        let parsed = parse(&source);
        assert_eq!(parsed.document.attribute_count(), 20_000);
        assert!(codes(&parsed).contains(&"ccda.xml.namespace"));
    }

    #[test]
    fn what_is_no_xml_gives_an_empty_tree_and_a_place() {
        for text in ["", "hello", "MSH|^~\\&|", "{\"resourceType\":\"Patient\"}"] {
            assert!(parse(text).document.root().is_none());
        }
        assert_eq!(codes(&parse("hello")), ["ccda.xml.text-outside"]);
    }
}
