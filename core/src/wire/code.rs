//! Codes of states, causes, alerts, outcomes, alarms, kinds and symptoms in a record.
//!
//! The codes belong to the format: an enum of the library can be reordered or gain a variant
//! without a change of the bytes.

use crate::alarm::{Basis, Grade, Phase};
use crate::alert::Alert;
use crate::assessment::{Blindness, State};
use crate::health::Symptom;
use crate::kind::Kind;
use crate::outcome::Outcome;
use crate::sample::Cause;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A state. Append-only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum StateCode {
    Warming(u32),
    Normal,
    Adapted,
    Anomalous,
    Early,
    Blind(CauseCode),
}

/// A cause of blindness, whether of a reading or of the detector. Append-only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum CauseCode {
    Missing,
    NotFinite,
    Sensor,
    Stuck,
    OutOfOrder,
    Training,
    ThresholdInflated,
}

/// An alert. Append-only, so the numbers need not be in the order of severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum AlertCode {
    None,
    Single,
    Correlated,
}

/// The outcome of a vote for a lane. Append-only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum OutcomeCode {
    Quiet,
    Confirmed,
    Agreeing,
    Outvoted,
    Local,
    Waiting,
}

/// A phase of an alarm. Append-only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum PhaseCode {
    Quiet,
    Start,
    Update,
    Clear,
}

/// A grade. Append-only, so the numbers need not be in the order of severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum GradeCode {
    None,
    Info,
    Warning,
    Critical,
}

/// The support behind a promise. Append-only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum BasisCode {
    Calibrated,
    Extrapolated,
}

/// A symptom of a sensor. Append-only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum SymptomCode {
    Missing,
    Stuck,
    Range,
    Rate,
}

/// A kind of change. Append-only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum KindCode {
    Jump,
    Spike,
    Step,
    Drift,
    Stuck,
    Noise,
    Relation,
    Missing,
}

/// Writes a value as its code.
pub(super) fn put<T, C, S>(value: &T, serializer: S) -> Result<S::Ok, S::Error>
where
    T: Copy,
    C: From<T> + Serialize,
    S: Serializer,
{
    C::from(*value).serialize(serializer)
}

/// Reads a value from its code.
pub(super) fn take<'de, T, C, D>(deserializer: D) -> Result<T, D::Error>
where
    T: From<C>,
    C: Deserialize<'de>,
    D: Deserializer<'de>,
{
    C::deserialize(deserializer).map(T::from)
}

impl From<State> for StateCode {
    fn from(state: State) -> Self {
        match state {
            State::Warming { left } => Self::Warming(left),
            State::Normal => Self::Normal,
            State::Adapted => Self::Adapted,
            State::Anomalous => Self::Anomalous,
            State::Early => Self::Early,
            State::Blind { cause } => Self::Blind(cause.into()),
        }
    }
}

impl From<StateCode> for State {
    fn from(code: StateCode) -> Self {
        match code {
            StateCode::Warming(left) => Self::Warming { left },
            StateCode::Normal => Self::Normal,
            StateCode::Adapted => Self::Adapted,
            StateCode::Anomalous => Self::Anomalous,
            StateCode::Early => Self::Early,
            StateCode::Blind(cause) => Self::Blind {
                cause: cause.into(),
            },
        }
    }
}

impl From<Blindness> for CauseCode {
    fn from(cause: Blindness) -> Self {
        match cause {
            Blindness::Input(Cause::Missing) => Self::Missing,
            Blindness::Input(Cause::NotFinite) => Self::NotFinite,
            Blindness::Input(Cause::Sensor) => Self::Sensor,
            Blindness::Input(Cause::Stuck) => Self::Stuck,
            Blindness::OutOfOrder => Self::OutOfOrder,
            Blindness::Training => Self::Training,
            Blindness::ThresholdInflated => Self::ThresholdInflated,
        }
    }
}

impl From<CauseCode> for Blindness {
    fn from(code: CauseCode) -> Self {
        match code {
            CauseCode::Missing => Self::Input(Cause::Missing),
            CauseCode::NotFinite => Self::Input(Cause::NotFinite),
            CauseCode::Sensor => Self::Input(Cause::Sensor),
            CauseCode::Stuck => Self::Input(Cause::Stuck),
            CauseCode::OutOfOrder => Self::OutOfOrder,
            CauseCode::Training => Self::Training,
            CauseCode::ThresholdInflated => Self::ThresholdInflated,
        }
    }
}

impl From<Alert> for AlertCode {
    fn from(alert: Alert) -> Self {
        match alert {
            Alert::None => Self::None,
            Alert::Single => Self::Single,
            Alert::Correlated => Self::Correlated,
        }
    }
}

impl From<AlertCode> for Alert {
    fn from(code: AlertCode) -> Self {
        match code {
            AlertCode::None => Self::None,
            AlertCode::Single => Self::Single,
            AlertCode::Correlated => Self::Correlated,
        }
    }
}

impl From<Outcome> for OutcomeCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Quiet => Self::Quiet,
            Outcome::Confirmed => Self::Confirmed,
            Outcome::Agreeing => Self::Agreeing,
            Outcome::Outvoted => Self::Outvoted,
            Outcome::Local => Self::Local,
            Outcome::Waiting => Self::Waiting,
        }
    }
}

impl From<OutcomeCode> for Outcome {
    fn from(code: OutcomeCode) -> Self {
        match code {
            OutcomeCode::Quiet => Self::Quiet,
            OutcomeCode::Confirmed => Self::Confirmed,
            OutcomeCode::Agreeing => Self::Agreeing,
            OutcomeCode::Outvoted => Self::Outvoted,
            OutcomeCode::Local => Self::Local,
            OutcomeCode::Waiting => Self::Waiting,
        }
    }
}

impl From<Phase> for PhaseCode {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::Quiet => Self::Quiet,
            Phase::Start => Self::Start,
            Phase::Update => Self::Update,
            Phase::Clear => Self::Clear,
        }
    }
}

impl From<PhaseCode> for Phase {
    fn from(code: PhaseCode) -> Self {
        match code {
            PhaseCode::Quiet => Self::Quiet,
            PhaseCode::Start => Self::Start,
            PhaseCode::Update => Self::Update,
            PhaseCode::Clear => Self::Clear,
        }
    }
}

impl From<Grade> for GradeCode {
    fn from(grade: Grade) -> Self {
        match grade {
            Grade::None => Self::None,
            Grade::Info => Self::Info,
            Grade::Warning => Self::Warning,
            Grade::Critical => Self::Critical,
        }
    }
}

impl From<GradeCode> for Grade {
    fn from(code: GradeCode) -> Self {
        match code {
            GradeCode::None => Self::None,
            GradeCode::Info => Self::Info,
            GradeCode::Warning => Self::Warning,
            GradeCode::Critical => Self::Critical,
        }
    }
}

impl From<Basis> for BasisCode {
    fn from(basis: Basis) -> Self {
        match basis {
            Basis::Calibrated => Self::Calibrated,
            Basis::Extrapolated => Self::Extrapolated,
        }
    }
}

impl From<BasisCode> for Basis {
    fn from(code: BasisCode) -> Self {
        match code {
            BasisCode::Calibrated => Self::Calibrated,
            BasisCode::Extrapolated => Self::Extrapolated,
        }
    }
}

impl From<Kind> for KindCode {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Jump => Self::Jump,
            Kind::Spike => Self::Spike,
            Kind::Step => Self::Step,
            Kind::Drift => Self::Drift,
            Kind::Stuck => Self::Stuck,
            Kind::Noise => Self::Noise,
            Kind::Relation => Self::Relation,
            Kind::Missing => Self::Missing,
        }
    }
}

impl From<KindCode> for Kind {
    fn from(code: KindCode) -> Self {
        match code {
            KindCode::Jump => Self::Jump,
            KindCode::Spike => Self::Spike,
            KindCode::Step => Self::Step,
            KindCode::Drift => Self::Drift,
            KindCode::Stuck => Self::Stuck,
            KindCode::Noise => Self::Noise,
            KindCode::Relation => Self::Relation,
            KindCode::Missing => Self::Missing,
        }
    }
}

impl From<Symptom> for SymptomCode {
    fn from(symptom: Symptom) -> Self {
        match symptom {
            Symptom::Missing => Self::Missing,
            Symptom::Stuck => Self::Stuck,
            Symptom::Range => Self::Range,
            Symptom::Rate => Self::Rate,
        }
    }
}

impl From<SymptomCode> for Symptom {
    fn from(code: SymptomCode) -> Self {
        match code {
            SymptomCode::Missing => Self::Missing,
            SymptomCode::Stuck => Self::Stuck,
            SymptomCode::Range => Self::Range,
            SymptomCode::Rate => Self::Rate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::fmt::Debug;
    use std::vec::Vec;

    /// The bytes of a value, and that it comes back from them.
    fn bytes<T, C>(value: T) -> Vec<u8>
    where
        T: Copy + Debug + PartialEq + From<C>,
        C: From<T> + Serialize + for<'de> Deserialize<'de>,
    {
        let mut buffer = [0; 8];
        let used = postcard::to_slice(&C::from(value), &mut buffer).unwrap();
        let back: C = postcard::from_bytes(used).unwrap();
        assert_eq!(T::from(back), value);
        used.to_vec()
    }

    /// Broken by any other number for any of them.
    #[test]
    fn codes_are_those_of_the_document() {
        let blind = |cause: Blindness| State::Blind { cause };
        let states = [
            (State::Warming { left: 5 }, &[0, 5][..]),
            (State::Warming { left: 300 }, &[0, 0xac, 2]),
            (State::Normal, &[1]),
            (State::Adapted, &[2]),
            (State::Anomalous, &[3]),
            (State::Early, &[4]),
            (blind(Cause::Missing.into()), &[5, 0]),
            (blind(Cause::NotFinite.into()), &[5, 1]),
            (blind(Cause::Sensor.into()), &[5, 2]),
            (blind(Cause::Stuck.into()), &[5, 3]),
            (blind(Blindness::OutOfOrder), &[5, 4]),
            (blind(Blindness::Training), &[5, 5]),
            (blind(Blindness::ThresholdInflated), &[5, 6]),
        ];
        for (state, code) in states {
            assert_eq!(bytes::<State, StateCode>(state), code, "{state:?}");
        }
        let alerts = [Alert::None, Alert::Single, Alert::Correlated];
        for (alert, code) in alerts.into_iter().zip(0..) {
            assert_eq!(bytes::<Alert, AlertCode>(alert), [code], "{alert:?}");
        }
        let outcomes = [
            Outcome::Quiet,
            Outcome::Confirmed,
            Outcome::Agreeing,
            Outcome::Outvoted,
            Outcome::Local,
            Outcome::Waiting,
        ];
        for (outcome, code) in outcomes.into_iter().zip(0..) {
            let found = bytes::<Outcome, OutcomeCode>(outcome);
            assert_eq!(found, [code], "{outcome:?}");
        }
        let phases = [Phase::Quiet, Phase::Start, Phase::Update, Phase::Clear];
        for (phase, code) in phases.into_iter().zip(0..) {
            assert_eq!(bytes::<Phase, PhaseCode>(phase), [code], "{phase:?}");
        }
        let grades = [Grade::None, Grade::Info, Grade::Warning, Grade::Critical];
        for (grade, code) in grades.into_iter().zip(0..) {
            assert_eq!(bytes::<Grade, GradeCode>(grade), [code], "{grade:?}");
        }
        for (basis, code) in [Basis::Calibrated, Basis::Extrapolated]
            .into_iter()
            .zip(0..)
        {
            assert_eq!(bytes::<Basis, BasisCode>(basis), [code], "{basis:?}");
        }
        let symptoms = [
            Symptom::Missing,
            Symptom::Stuck,
            Symptom::Range,
            Symptom::Rate,
        ];
        for (symptom, code) in symptoms.into_iter().zip(0..) {
            let found = bytes::<Symptom, SymptomCode>(symptom);
            assert_eq!(found, [code], "{symptom:?}");
        }
        let kinds = [
            Kind::Jump,
            Kind::Spike,
            Kind::Step,
            Kind::Drift,
            Kind::Stuck,
            Kind::Noise,
            Kind::Relation,
            Kind::Missing,
        ];
        for (kind, code) in kinds.into_iter().zip(0..) {
            assert_eq!(bytes::<Kind, KindCode>(kind), [code], "{kind:?}");
        }
    }
}
