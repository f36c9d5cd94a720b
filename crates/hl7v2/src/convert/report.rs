//! OBR as the report on an order (DiagnosticReport).

use ehr_model::{DiagnosticReport, EntryId, Record, RecordClass, Reference, Value};
use ehr_types::CodeableConcept;

use super::conversion::{Conversion, remark};
use super::distinct::Distinct;
use super::group::{Order, Unit};
use super::observation::Context;
use super::order::OrderNumbers;
use super::reading::At;
use super::table;

impl<'r> Conversion<'r, '_> {
    #[expect(
        clippy::too_many_arguments,
        reason = "a report draws on all that the order was read into"
    )]
    pub(super) fn report(
        &mut self,
        obr: &Unit<'r>,
        order: &Order<'r>,
        numbers: &OrderNumbers,
        code: Option<CodeableConcept>,
        key: &str,
        context: &Context,
        specimens: &[Reference],
        results: &[EntryId],
    ) {
        let seg = obr.seg;
        let mut report = DiagnosticReport {
            identifier: numbers.identifiers.clone(),
            based_on: context.based_on.clone(),
            status: self.sender().status(seg.at(25), 123, table::report_status),
            category: self.concepts(seg, 24, Some(74)),
            code,
            subject: self.subject(),
            encounter: self.encounter(),
            effective: context.effective.clone(),
            issued: context.issued,
            specimen: specimens.to_vec(),
            result: results.iter().map(Reference::to).collect(),
            note: self.notes(&obr.notes),
            ..DiagnosticReport::default()
        };
        let parent = context.parent.iter();
        report
            .note
            .extend(parent.map(|parent| remark(format!("Parent result: {}", parent.words))));
        let mut forms = Distinct::default();
        for result in results {
            if let Some(Record::Observation(observation)) = self.chart.record(result)
                && let Some(Value::Attachment(attachment)) = &observation.value
            {
                forms.add(attachment.clone());
            }
        }
        report.presented_form = forms.into_vec();
        for (field, interprets) in [(32, true), (33, true), (34, false), (35, false)] {
            let ats: Vec<At<'r>> = seg.all(field).collect();
            for at in ats {
                let person = self.practitioner_of_ndl(at);
                if interprets {
                    report.results_interpreter.extend(person);
                } else {
                    report.performer.extend(person);
                }
            }
        }
        // Who issued it: where all results come from one laboratory, that one.
        let mut performers: Distinct<Reference> = Distinct::default();
        for result in results {
            if let Some(Record::Observation(observation)) = self.chart.record(result) {
                for performer in &observation.performer {
                    let is_laboratory = performer.class == Some(RecordClass::Organization);
                    if is_laboratory {
                        performers.add(performer.clone());
                    }
                }
            }
        }
        if let [only] = performers.into_vec().as_slice() {
            report.performer.push(only.clone());
        }
        let mut segments = vec![seg];
        segments.extend(obr.notes.iter().copied());
        if let Some(orc) = &order.orc {
            segments.push(orc.seg);
        }
        self.add(&["report", key], report, &segments);
    }
}

/// Category of the observations of a report by its section (table 0074), for sections that are laboratories, imaging
/// and the like.
pub(super) fn section_category(section: &str) -> Option<&'static str> {
    Some(match section {
        "LAB" | "CH" | "HM" | "MB" | "MCB" | "MYC" | "PAR" | "SR" | "TX" | "VR" | "BG" | "BLB" | "CP"
        | "SP" | "CG" | "IMM" | "PHL" | "PATH" => "laboratory",
        "RAD" | "CT" | "NMR" | "NMS" | "CUS" | "RUS" | "VUS" | "OUS" | "RX" | "XRC" | "CTH" => "imaging",
        "EC" | "EN" | "PF" => "procedure",
        _ => return None,
    })
}
