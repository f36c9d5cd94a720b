//! What holds for any input at all.

use ehr_ccda::{Document, Limits, import, validate};
use ehr_model::{ImportOptions, Source};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// The same cases every time, as many as `PROPTEST_CASES` says; others by `PROPTEST_RNG_SEED`.
pub(crate) fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig {
        failure_persistence: None,
        rng_seed: match default.rng_seed {
            RngSeed::Random => RngSeed::Fixed(1),
            seed @ RngSeed::Fixed(_) => seed,
        },
        ..default
    }
}

fn options() -> ImportOptions {
    ImportOptions::new(Source::new("p"))
}

/// Bytes that look like markup more often than chance would have it.
fn markup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<ClinicalDocument xmlns='urn:hl7-org:v3'>".to_owned()),
        Just("<section><code code='48765-2'/><entry><act>".to_owned()),
        Just("<entryRelationship typeCode='MFST'><observation><value xsi:type='PQ' value='x'/>".to_owned()),
        Just(
            "<observation><value xsi:type='IVL_PQ'><high value='5' inclusive='false'/></value></observation>"
                .to_owned()
        ),
        Just("<effectiveTime value='20120230'/>".to_owned()),
        Just("<id root='1.2.3' extension='a'/>".to_owned()),
        Just("</act></entry></section>".to_owned()),
        Just("</observation></entryRelationship>".to_owned()),
        Just("<text><table><tr><td ID='a'>x</td></tr></table></text>".to_owned()),
        Just("<originalText><reference value='#a'/></originalText>".to_owned()),
        Just("<name>&x;&#0;&#xD800;</name>".to_owned()),
        Just("<![CDATA[ ]] ]]>".to_owned()),
        Just("<!DOCTYPE a [<!ENTITY b 'c'>]>".to_owned()),
        "[<>&;='\"/!a-z\\-\\[\\] é😀]{0,12}",
    ];
    proptest::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn nothing_panics_and_spans_lie_inside(source in markup()) {
        let parsed = Document::parse(source.as_bytes(), &Limits::default());
        for element in parsed.document.top().descendants() {
            let span = element.span();
            prop_assert!(span.start <= span.end && span.end <= source.len());
            prop_assert!(element.path().starts_with('/'));
        }
        validate(&parsed.document);
        let _ = import(source.as_bytes(), &options());
    }

    #[test]
    fn any_bytes_are_survived(source in proptest::collection::vec(any::<u8>(), 0..300)) {
        let parsed = Document::parse(&source, &Limits::default());
        prop_assert!(parsed.document.node_count() >= 1);
        let _ = import(&source, &options());
    }

    #[test]
    fn a_second_import_is_the_same(source in markup()) {
        if let Ok(done) = import(source.as_bytes(), &options()) {
            let again = import(source.as_bytes(), &options()).unwrap();
            prop_assert_eq!(done, again);
        }
    }
}

#[test]
fn a_cut_document_keeps_its_first_part() {
    let whole = include_str!("data/small.xml");
    let full = import(whole.as_bytes(), &options())
        .unwrap()
        .charts
        .remove(0)
        .entries
        .len();
    let mut most = 0;
    for cut in (200..whole.len()).step_by(37) {
        if !whole.is_char_boundary(cut) {
            continue;
        }
        let Ok(done) = import(&whole.as_bytes()[..cut], &options()) else {
            continue;
        };
        assert!(
            done.findings
                .iter()
                .any(|finding| finding.code.starts_with("ccda.xml.")),
            "cut at {cut} was not noticed"
        );
        most = most.max(done.charts[0].entries.len());
    }
    assert!(most > 5 && most <= full);
}
