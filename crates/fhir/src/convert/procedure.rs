//! [Procedure](https://hl7.org/fhir/R4/procedure.html).

use ehr_model as model;

use super::map::{Convert, Reader, Writer, said};
use super::mapping::mapping;
use crate::r4;

mapping!(model::Procedure, r4::Procedure {
    identifier, based_on, part_of, status, status_reason, category, code, subject, encounter, performed, recorder, asserter,
    performer, location, reason_code, reason_reference, body_site, outcome, report, complication, complication_detail,
    follow_up, note, focal_device, used_reference, used_code,
} required { status, subject });

impl Convert<r4::ProcedureFocalDevice> for model::Reference {
    fn read_from(&mut self, from: &r4::ProcedureFocalDevice, cx: &Reader<'_>) {
        if let Some(device) = &from.manipulated {
            self.read_from(device.as_ref(), cx);
        }
    }

    fn write_to(&self, to: &mut r4::ProcedureFocalDevice, cx: &Writer<'_>) {
        to.manipulated = said(self, &cx.at(to, "manipulated", ""));
    }
}
