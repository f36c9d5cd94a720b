//! What headers hold: MSG, PT, VID, ERL; and FC.

use super::coded::Cwe;
use super::datatype;
use super::time::Dtm;

datatype! {
    /// MSG, message type (MSH-9).
    Msg = "MSG" {
        /// MSG.1: kind of message (table 0076): `ADT`.
        message_code: Value = 1,
        /// MSG.2: event (table 0003): `A01`.
        trigger_event: Value = 2,
        /// MSG.3: structure (table 0354): `ADT_A01`.
        message_structure: Value = 3,
    }
}

datatype! {
    /// PT, processing type (MSH-11).
    Pt = "PT" {
        /// PT.1: `P` production, `T` training, `D` debugging (table 0103).
        processing_id: Value = 1,
        /// PT.2: mode (table 0207).
        processing_mode: Value = 2,
    }
}

datatype! {
    /// VID, version (MSH-12).
    Vid = "VID" {
        /// VID.1: version (table 0104): `2.5.1`.
        version_id: Value = 1,
        /// VID.2: country whose variant it is (table 0399).
        internationalization_code: Cwe = 2,
        /// VID.3: version of that variant.
        international_version_id: Cwe = 3,
    }
}

datatype! {
    /// ERL, error location (ERR-2).
    Erl = "ERL" {
        /// ERL.1: name of the segment.
        segment_id: Value = 1,
        /// ERL.2: which segment of that name, from 1.
        segment_sequence: Value = 2,
        /// ERL.3: number of the field.
        field_position: Value = 3,
        /// ERL.4: which repetition, from 1.
        field_repetition: Value = 4,
        /// ERL.5: number of the component.
        component_number: Value = 5,
        /// ERL.6: number of the subcomponent.
        subcomponent_number: Value = 6,
    }
}

datatype! {
    /// FC, financial class (PV1-20).
    Fc = "FC" {
        /// FC.1: the class (table 0064).
        financial_class_code: Cwe = 1,
        /// FC.2: when it began to hold.
        effective_date: Dtm = 2,
    }
}
