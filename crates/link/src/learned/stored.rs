//! The form in which a model is kept: numbers with a fraction as their bits, because not every reader of decimal fractions
//! gives back the same number.

use serde::{Deserialize, Serialize};

use super::{Absurd, Model};
use crate::model::Parameters;
use crate::version::Version;

/// Raised whenever a model of before would judge otherwise than it was learnt to.
const VERSION: u32 = 1;

/// A model as it is written.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
    // Without a default a model of a time before versions would be told to lack a field.
    #[serde(default)]
    version: Version<VERSION>,
    #[serde(default)]
    learnt: Option<Learnt>,
}

#[derive(Serialize, Deserialize)]
struct Learnt {
    /// As [`Parameters::numbers`] lists them.
    parameters: Vec<u64>,
    threshold: u64,
    few: bool,
    absurd: Absurd,
    names: Vec<(String, u32, u32, bool)>,
    rare: (u32, u32),
    births: Vec<(u32, u32)>,
    birth_rare: u32,
}

/// Why something that was read is no model.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoModel {
    #[error("a model of another version of this crate: it must be learnt anew")]
    Version,
    #[error("a parameter of the model cannot be, or they are not as many as there must be")]
    Parameters,
    #[error("a frequency or the threshold of the model is out of its range")]
    Range,
    #[error("a list of the model is not in its order")]
    Order,
}

impl From<Model> for Stored {
    fn from(model: Model) -> Self {
        let names = model.names.into_iter();
        let births = model.births.into_iter();
        Self {
            version: Version::WRITTEN,
            learnt: Some(Learnt {
                parameters: model
                    .parameters
                    .numbers()
                    .map(|number| number.to_bits())
                    .collect(),
                threshold: model.threshold.to_bits(),
                few: model.few,
                absurd: model.absurd,
                names: names
                    .map(|(name, given, family, own)| (name, given.to_bits(), family.to_bits(), own))
                    .collect(),
                rare: (model.rare.0.to_bits(), model.rare.1.to_bits()),
                births: births.map(|(date, ratio)| (date, ratio.to_bits())).collect(),
                birth_rare: model.birth_rare.to_bits(),
            }),
        }
    }
}

impl TryFrom<Stored> for Model {
    type Error = NoModel;

    fn try_from(stored: Stored) -> Result<Self, NoModel> {
        let learnt = stored
            .learnt
            .filter(|_| stored.version.is_known())
            .ok_or(NoModel::Version)?;
        let ratio = |bits: u32| Some(f32::from_bits(bits)).filter(|ratio| ratio.is_finite());
        let numbers = learnt.parameters.iter().map(|bits| f64::from_bits(*bits));
        let parameters = Parameters::from_numbers(numbers).ok_or(NoModel::Parameters)?;
        let threshold = Some(f64::from_bits(learnt.threshold)).filter(|at| (0.0..=1.0).contains(at));
        let names: Option<Vec<_>> = learnt
            .names
            .into_iter()
            .map(|(name, given, family, own)| Some((name, ratio(given)?, ratio(family)?, own)))
            .collect();
        let births: Option<Vec<_>> = learnt
            .births
            .into_iter()
            .map(|(date, bits)| Some((date, ratio(bits)?)))
            .collect();
        let model = Self {
            parameters,
            threshold: threshold.ok_or(NoModel::Range)?,
            few: learnt.few,
            absurd: learnt.absurd,
            names: names.ok_or(NoModel::Range)?,
            rare: ratio(learnt.rare.0)
                .zip(ratio(learnt.rare.1))
                .ok_or(NoModel::Range)?,
            births: births.ok_or(NoModel::Range)?,
            birth_rare: ratio(learnt.birth_rare).ok_or(NoModel::Range)?,
        };
        let is_ordered = model.absurd.is_sorted()
            && model.names.is_sorted_by(|x, y| x.0 < y.0)
            && model.births.is_sorted_by(|x, y| x.0 < y.0);
        is_ordered.then_some(model).ok_or(NoModel::Order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_kept_to_the_last_bit() {
        let mut model = Model::built_in(12_345);
        model.threshold = 1.0 - 1e-3_f64.sqrt();
        let text = serde_json::to_string(&model).unwrap();
        let back: Model = serde_json::from_str(&text).unwrap();
        assert!(back == model);
        assert_eq!(back.threshold.to_bits(), model.threshold.to_bits());
    }

    #[test]
    fn what_is_no_model_is_refused_with_the_reason() {
        let text = serde_json::to_string(&Model::built_in(1_000)).unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let changed = |change: &dyn Fn(&mut serde_json::Value)| {
            let mut value = value.clone();
            change(&mut value);
            let read = serde_json::from_value::<Model>(value);
            read.map(|_| ()).unwrap_err().to_string()
        };
        type Change = &'static dyn Fn(&mut serde_json::Value);
        let cases: &[(Change, &str)] = &[
            (
                &|v| *v = serde_json::json!({"parameters": {"shares": [0.5]}, "threshold": 0.9}),
                "learnt anew",
            ),
            (&|v| v["version"] = 2.into(), "version 2"),
            (
                &|v| v["learnt"]["parameters"][7] = f64::NAN.to_bits().into(),
                "parameter",
            ),
            (
                &|v| v["learnt"]["parameters"] = serde_json::json!([1, 2]),
                "parameter",
            ),
            (&|v| v["learnt"]["threshold"] = 2.0_f64.to_bits().into(), "range"),
            (
                &|v| v["learnt"]["birth_rare"] = f32::INFINITY.to_bits().into(),
                "range",
            ),
            (
                &|v| v["learnt"]["names"].as_array_mut().unwrap().reverse(),
                "order",
            ),
            (
                &|v| v["learnt"]["absurd"]["phones"] = serde_json::json!([2, 1]),
                "order",
            ),
        ];
        for (change, reason) in cases {
            let told = changed(change);
            assert!(told.contains(reason), "{told}");
        }
    }
}
