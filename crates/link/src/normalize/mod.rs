//! From the text of a source to comparable values. Nothing here decides; it only removes
//! differences that carry no information about the person.

mod address;
mod contact;
mod date;
mod filler;
mod name;
mod nickname;

pub(crate) use address::{split_line, zip_code};
pub(crate) use contact::{email, last4, phone, ssn};
pub(crate) use date::{Date, parse as parse_date};
pub(crate) use filler::{are_nobodys_names, is_filler, is_made_up};
pub(crate) use name::{fold, sound, split_family, split_given, suffix_code};
pub(crate) use nickname::Nicknames;
