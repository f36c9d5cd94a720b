//! The levels of agreement of each comparison: their numbers and what they mean. Level 0 is always missing.

/// Missing on a side: no evidence.
pub(crate) const MISSING: usize = 0;

/// Declares the levels of comparisons, numbered from 1 in their order.
macro_rules! levels {
    ($($(#[$doc:meta])* $comparison:ident { $first:ident $meaning:literal, $($level:ident $more:literal,)+ })+) => {
        $($(#[$doc])*
        pub(crate) mod $comparison {
            #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "each stands for a constant")]
            #[derive(Clone, Copy)]
            enum Level { $first = 1, $($level,)+ }
            pub(crate) const $first: usize = Level::$first as usize;
            $(pub(crate) const $level: usize = Level::$level as usize;)+
            /// What each level means, in words.
            pub(crate) const MEANINGS: &[&str] = &["missing", $meaning, $($more,)+];
        })+
    };
}

levels! {
    given {
        SAME "same",
        NICKNAME "nickname or alias",
        INITIAL "initial",
        TYPO "typing error",
        NEAR_OTHER "near but another name",
        SIMILAR "similar",
        OTHER_PART "in other part",
        SWAPPED "exchanged with family name",
        DIFFERENT "different",
        DIFFERENT_UNUSUAL "different, one of them no usual name",
        OTHER_FORM "another form, both in full",
    }
    family {
        SAME "same",
        PART "part, maiden name or alias",
        TYPO "typing error",
        SIMILAR "similar",
        DIFFERENT "different",
    }
    middle {
        SAME "same",
        INITIAL "initial",
        SIMILAR "similar",
        DIFFERENT "different",
    }
    suffix {
        SAME "same",
        ONE_SIDED "on one side only",
        DIFFERENT "different",
    }
    birth {
        SAME "same",
        EXCHANGED "day and month exchanged",
        TYPO "one digit or two neighbours wrong",
        DEFAULTED "day or month replaced by 01",
        PARTIAL "compatible at the given precision",
        OTHER_YEAR "same day and month, other year",
        SAME_MONTH "same year and month",
        SAME_YEAR "same year",
        DIFFERENT "different",
        GENERATION_APART "a generation apart",
        TWO_TYPOS "two digits wrong",
    }
    number {
        SAME "same",
        TYPO "typing error",
        SAME_LAST_FOUR "same last four",
        TYPO_IN_LAST_FOUR "typing error in last four",
        DIFFERENT "different",
        DIFFERENT_LAST_FOUR "different last four",
        TWO_TYPOS "two errors of typing",
    }
    phone {
        SAME "same",
        TYPO "typing error",
        DIFFERENT "different",
    }
    email {
        SAME "same",
        SIMILAR "similar",
        DIFFERENT "different",
    }
    address {
        SAME "same",
        SAME_LINE_ELSEWHERE "same street line, other or no place",
        SIMILAR_LINE "similar street line, same place",
        SIMILAR_LINE_ELSEWHERE "similar street line, other place",
        OTHER_LINE "other street or number, same place",
        NO_LINE "no street, same place",
        DIFFERENT "different",
        OTHER_UNIT "same building, other unit",
        SAME_NUMBER "other or no street, same number or second line, same place",
    }
    identifier {
        SAME "same",
        DIFFERENT "different",
        OTHER_OF_SOURCE "different numbers of one source",
    }
    /// Names of the mother and of the guardian.
    kin {
        SAME "same",
        SIMILAR "similar",
        DIFFERENT "different",
    }
    /// Sex and birth order.
    code {
        SAME "same",
        DIFFERENT "different",
    }
}

/// What comes of two streets and of nothing else.
pub(crate) const ADDRESS_OF_STREETS: &[usize] = &[
    address::SAME,
    address::SAME_LINE_ELSEWHERE,
    address::SIMILAR_LINE,
    address::SIMILAR_LINE_ELSEWHERE,
    address::OTHER_LINE,
    address::OTHER_UNIT,
    address::SAME_NUMBER,
];
