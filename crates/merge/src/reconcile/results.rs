//! What was found, so that entries whose results cannot agree need not be compared one by one.

use ehr_model::{Observation, Value};
use ehr_types::{Decimal, Quantity};

use crate::analyte::Analyte;
use crate::measure::half_unit;
use crate::stated::Stated;
use crate::unit::Unit;

/// The results of an entry.
///
/// Two entries whose results agree meet in one of these ways: neither found anything; a number of one lies near a number
/// of the other; or one found what is not a number.
#[derive(Default)]
pub(crate) struct Results {
    /// How far the result has come: two states of one source may be versions of one result.
    pub(super) stage: Stage,
    pub(super) found: Found,
}

/// How far a result has come.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Stage {
    pub(super) corrected: bool,
    pub(super) early: bool,
}

#[derive(Default)]
pub(super) enum Found {
    /// Words, codes, series, or what cannot be told before it is compared.
    #[default]
    Anything,
    Nothing,
    Numbers(Vec<Number>),
}

/// A number with its unit, as written by code and by text.
pub(super) struct Number {
    pub(super) value: f64,
    /// Half a unit of the last place.
    pub(super) half: f64,
    pub(super) unit: UnitNames,
}

/// The code and the text of a unit.
pub(super) type UnitNames = (Option<String>, Option<String>);

impl Found {
    /// The value of an observation and those of its components.
    pub(super) fn of(observation: &Observation) -> Self {
        let value = observation.value.as_ref().filter(|value| !value.is_blank());
        if value.is_none() && observation.component.is_empty() {
            return Self::Nothing;
        }
        let components = observation.component.iter();
        let components = components.map(|component| (component.value.as_ref(), component.code.as_ref()));
        let of_all = value
            .into_iter()
            .map(|value| (Some(value), observation.code.as_ref()))
            .chain(components);
        let mut numbers = Vec::new();
        for (value, code) in of_all {
            let Some(number) = value.and_then(Number::of) else {
                return Self::Anything;
            };
            // What one source tells by mass, another may tell in moles.
            numbers.extend(Analyte::of(code).and_then(|analyte| number.in_moles(&analyte)));
            numbers.push(number);
        }
        Self::Numbers(numbers)
    }
}

impl Number {
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Quantity(quantity) => Self::of_quantity(quantity),
            Value::Integer(number) => Self::new(&Decimal::from(i64::from(*number)), (None, None)),
            _ => None,
        }
    }

    fn of_quantity(quantity: &Quantity) -> Option<Self> {
        Self::new(
            quantity.value.as_ref()?,
            (quantity.code.clone(), quantity.unit.clone()),
        )
    }

    fn new(value: &Decimal, unit: UnitNames) -> Option<Self> {
        let (value, half) = (value.to_f64(), half_unit(value));
        (value.is_finite() && half.is_finite()).then_some(Self { value, half, unit })
    }

    /// The number of moles, in a unit that only such numbers have.
    fn in_moles(&self, analyte: &Analyte) -> Option<Self> {
        let readings = readings(&self.unit);
        let unit = readings.iter().find_map(|unit| unit.in_moles(analyte))?;
        let (value, half) = (unit.in_base_units(self.value), unit.in_base_units(self.half));
        let unit = (None, Some("moles in base units".to_owned()));
        (value.is_finite() && half.is_finite()).then_some(Self { value, half, unit })
    }

    /// Where equal numbers in the same unit, or in none, are found. A little wider than needed: nothing hangs on it but time.
    pub(super) fn reach(&self) -> (f64, f64) {
        around(self.value, self.half)
    }

    /// Where numbers of another unit are found that may be the same amount, for each way to read the two units.
    pub(super) fn reaches_in<'u>(
        &self,
        from: &'u [Unit],
        to: &'u [Unit],
    ) -> impl Iterator<Item = (f64, f64)> {
        let pairs = from
            .iter()
            .flat_map(move |from| to.iter().map(move |to| (from, to)));
        pairs
            .filter_map(|(from, to)| Some(around(from.convert(self.value, to)?, self.half * from.ratio(to)?)))
    }
}

fn around(value: f64, half: f64) -> (f64, f64) {
    let reach = half.abs() * 1.001 + value.abs() * 1e-8;
    (value - reach, value + reach)
}

/// The readings of a unit; none where it is not known.
pub(super) fn readings((code, unit): &UnitNames) -> Vec<Unit> {
    [code.as_deref(), unit.as_deref()]
        .into_iter()
        .flatten()
        .filter_map(Unit::parse)
        .collect()
}
