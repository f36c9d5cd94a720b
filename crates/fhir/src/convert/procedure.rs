//! [Procedure](https://hl7.org/fhir/R4/procedure.html).

use ehr_model as model;

use super::map::{Convert, Reader, Writer, mapping};
use crate::r4;

mapping!(model::Procedure, r4::Procedure {
    identifier, based_on, part_of, status, status_reason, category, code, subject, encounter, performed, recorder, asserter,
    performer, location, reason_code, reason_reference, body_site, outcome, report, complication, complication_detail,
    follow_up, note, focal_device, used_reference, used_code,
} required { status, subject });

impl Convert<r4::ProcedureFocalDevice> for model::Reference {
    fn read(from: &r4::ProcedureFocalDevice, cx: &Reader<'_>) -> Self {
        from.manipulated
            .as_ref()
            .map(|device| Self::read(device.as_ref(), cx))
            .unwrap_or_default()
    }

    fn write(&self, cx: &Writer<'_>) -> r4::ProcedureFocalDevice {
        let device: r4::Reference = self.write(cx);
        r4::ProcedureFocalDevice {
            manipulated: (device != r4::Reference::default()).then(|| Box::new(device)),
            ..r4::ProcedureFocalDevice::default()
        }
    }
}
