//! Problems and diagnoses: the concept is the identity; episodes that lie apart are items of their own.

use ehr_model::{Condition, Occurrence};
use ehr_types::{CodeableConcept, DateTime};

use super::allergy_intolerance::has_code;
use super::episode::passes_by_itself;
use super::facts::sites_agree;
use super::{Facts, Look, Looker, OneSource, Rule, withdrawn};
use crate::cluster::Verdict;
use crate::context::Context;
use crate::desk::{Desk, is_lasting};
use crate::moment::DAY;
use crate::project::fields;
use crate::stated::{Shown, Stated};

impl Rule for Condition {
    const REACH: Option<i64> = None;
    const ONE_SOURCE: OneSource = OneSource::Free;

    fn look(&self, looker: &mut Looker<'_>) {
        looker.about(self.code.as_ref());
        looker.sites(&self.body_site);
        looker.visit(self.encounter.as_ref());
        let onset = self.onset.as_ref().and_then(ehr_model::Occurrence::start);
        let end = self.abatement.as_ref().and_then(ehr_model::Occurrence::end);
        let span_end = self.onset.as_ref().and_then(ehr_model::Occurrence::end);
        looker.time(onset, end.or_else(|| span_end.filter(|end| Some(*end) != onset)));
    }

    fn told_by(&self, look: &Look) -> Option<Self> {
        look.concept?;
        Some(Self {
            code: self.code.clone(),
            body_site: self.body_site.clone(),
            onset: self.onset.clone(),
            abatement: self.abatement.clone(),
            // Which visit it was found at is looked at where it has no time of its own.
            encounter: self.encounter.clone().filter(|_| look.start.is_none()),
            ..Self::default()
        })
    }

    fn compare(a: &Facts<'_, Self>, b: &Facts<'_, Self>, cx: &Context<'_>) -> Verdict {
        let unknown = || {
            if a.is_identified_with(b, cx) {
                Verdict::Likely
            } else {
                Verdict::Unsure
            }
        };
        if let Some(verdict) = a.concept(b, cx).unless_same(unknown) {
            return verdict;
        }
        if !sites_agree(&a.record.body_site, &b.record.body_site, cx)
            || (recurs(a, b, cx) && !a.is_version_of(b))
        {
            return Verdict::Different;
        }
        if a.is_version_of(b) || a.is_identified_with(b, cx) {
            return Verdict::Same(90);
        }
        let gap = a.gap(b);
        if a.is_of_same_source(b) {
            // A source that lists a problem twice means two episodes, unless they begin and end alike.
            let ends_apart = a.look.end.zip(b.look.end).is_some_and(|(a, b)| a.gap(&b) > 0);
            return match gap {
                Some(0) if !ends_apart => Verdict::Same(45),
                None if a.look.start.is_none() && b.look.start.is_none() && !ends_apart => Verdict::Same(20),
                None if !a.is_told_apart_from(b) && !ends_apart => Verdict::Likely,
                _ => Verdict::Different,
            };
        }
        match gap {
            Some(0) => Verdict::Same(50 + a.time_score(b)),
            Some(gap) if gap <= DAY => Verdict::Same(45),
            Some(gap) => {
                // Nearer dates first: up to 40 days apart still tells.
                let days = u32::try_from(gap / DAY).unwrap_or(u32::MAX);
                Verdict::Same(40 - days.min(3600) / 90)
            }
            None if a.look.start.is_none() && b.look.start.is_none() => Verdict::Same(50),
            None => Verdict::Likely,
        }
    }

    fn standing(&self) -> i8 {
        withdrawn(has_code(self.verification_status.as_ref(), "entered-in-error"))
    }

    fn recorded(&self) -> Option<DateTime> {
        self.recorded_date
    }
}

/// Whether one is an episode that was over when the other began: by its end; because it is said to be over and began long before
/// the other, which is said to last; because what it is lasts for no longer; or found in visits far apart, where neither says when it
/// began.
fn recurs(a: &Facts<'_, Condition>, b: &Facts<'_, Condition>, cx: &Context<'_>) -> bool {
    let limit = i64::from(cx.policy.recurrence_days.0) * DAY;
    let began_anew = |first: &Facts<'_, Condition>, second: &Facts<'_, Condition>| {
        let (over, lasts) = (&first.record.clinical_status, &second.record.clinical_status);
        let starts = first.look.start.zip(second.look.start);
        ["resolved", "inactive"]
            .iter()
            .any(|code| has_code(over.as_ref(), code))
            && lasts.as_ref().is_some_and(is_lasting)
            && starts.is_some_and(|(first, second)| first.precedes_by(&second, limit))
    };
    let undated = a.look.start.is_none() && b.look.start.is_none();
    let passes = || {
        [a, b]
            .iter()
            .any(|facts| facts.record.code.as_ref().is_some_and(passes_by_itself))
    };
    a.recurs(b, cx)
        || began_anew(a, b)
        || began_anew(b, a)
        || (a.is_far_from(b, limit) && (undated || passes()))
}

/// What a diagnosis is not, that another source makes without any of these words.
const DOUBTS: &[&str] = &["refuted", "differential", "provisional", "unconfirmed"];

/// Whether it lasts: where one source says so, no other's "resolved" is shown instead.
fn clinical_status(voices: &[&Condition], desk: &mut Desk<'_>) -> Option<CodeableConcept> {
    desk.lasting("clinicalStatus", &|at| voices.get(at)?.clinical_status.as_ref())
}

/// When it ended. A problem that is shown as active is not shown with an end that another source gives, nor one that began when
/// one source says with the end of another by which it began at another time.
fn abatement(voices: &[&Condition], desk: &mut Desk<'_>) -> Option<Occurrence> {
    let onset = |at: usize| voices.get(at)?.onset.as_ref();
    let begins = desk.fill(&onset);
    let cx = desk.cx;
    let fits = |at: usize| {
        let onsets = onset(at).zip(begins.as_ref());
        onsets.is_none_or(|(own, shown)| own.is_blank() || own.agrees(shown, cx))
    };
    let status = |at: usize| voices.get(at)?.clinical_status.as_ref();
    let end = |at: usize| voices.get(at)?.abatement.as_ref();
    let ended = desk.unless_active("abatement[x]", &status, &end)?;
    let (fitting, others): (Vec<usize>, Vec<usize>) = (0..voices.len()).partition(|at| fits(*at));
    let says_so = |at: &usize| end(*at).is_some_and(|end| end.agrees(&ended, cx));
    if fitting.iter().any(says_so) {
        return Some(ended);
    }
    if desk
        .conflicts
        .iter()
        .all(|conflict| conflict.field != "abatement[x]")
    {
        let sayers = others.into_iter().filter(says_so).collect();
        let sides = vec![("not stated".to_owned(), fitting), (ended.show(), sayers)];
        desk.conflict("abatement[x]", sides);
    }
    desk.fill(&|at| end(at).filter(|_| fits(at)))
}

fields!(Condition {
    identifier: union,
    clinical_status: with(clinical_status),
    verification_status: verification("verificationStatus", DOUBTS),
    category: union,
    severity: one("severity"),
    code: worded("code"),
    body_site: union,
    subject: fill,
    encounter: fill,
    onset: one("onset[x]"),
    abatement: with(abatement),
    recorded_date: fill,
    recorder: fill,
    asserter: fill,
    stage: union,
    evidence_code: union,
    evidence_detail: union,
    note: union,
});
