//! How much each signal weighs through each lens, in natural log-odds of an attack.
//!
//! They are the same for every account and were fitted by `scripts/behaviour/fit.py` on three sites' histories
//! with attacks and look-alikes of `scripts/behaviour/inject.py`. What makes something suspicious may only add to
//! a level, so that a signal never excuses: only experience, ordinary work around it and the type of object may
//! take away. What is usual in an account is not here; that is learned.

use super::lens::Lens;
use super::signal::{Signal, Signals};

struct Weights {
    bias: f32,
    by: [f32; Signal::COUNT],
}

#[rustfmt::skip]
const WEIGHTS: [Weights; Lens::COUNT] = [
    Weights { bias: -6.27, by: [0.01, 0.12, 0.23, 0.00, 0.00, 0.00, 0.47, 0.00, 0.94, 0.56, 0.31, 0.15, 0.50, 0.37, 0.39, -0.25, 0.00, -0.36, 0.93, 0.17, 0.54, 0.00, -1.71, 0.98, -0.15, -3.15, 0.00] },
    Weights { bias: -4.00, by: [0.03, 0.23, 0.00, 0.00, 0.77, 0.00, 0.00, 0.00, 0.31, 0.15, 0.62, 0.28, 0.31, 0.32, 0.14, -0.27, 0.10, -0.33, 0.00, 0.36, 0.17, 0.00, 0.10, 0.00, -1.25, 0.85, -0.22] },
    Weights { bias: -6.66, by: [0.00, 0.16, 0.22, 0.00, 0.41, 0.00, 0.00, 0.43, 0.77, 0.00, 0.44, 0.24, 0.47, 0.46, 0.16, -0.16, 0.00, -0.29, 0.00, 0.52, 0.00, 0.00, 0.00, 0.00, 0.00, 1.90, -0.38] },
    Weights { bias: -10.07, by: [0.06, 0.02, 0.34, 0.20, 0.20, 0.03, 1.72, 0.34, 1.41, 0.51, 0.34, 0.25, 0.48, 0.48, 0.36, -0.25, 0.00, -0.23, 0.36, 0.39, 0.00, 0.54, 0.00, 0.00, -0.50, -1.70, -0.14] },
    Weights { bias: -6.51, by: [0.06, 0.15, 0.06, 0.00, 0.00, 0.00, 0.00, 0.00, 1.37, 0.00, 0.77, 0.00, 0.15, 0.49, 0.00, -0.13, 0.00, -0.27, 1.10, 0.31, 0.00, 0.39, 2.46, 0.66, 0.43, 3.25, 0.29] },
    Weights { bias: -4.93, by: [0.00, 0.17, 0.17, 0.00, 0.03, 0.00, 0.00, 0.00, 0.58, 0.00, 0.58, 0.19, 0.57, 0.38, 0.12, -0.27, 0.00, -0.53, 0.35, 0.40, 0.13, 0.00, 0.54, 0.00, -0.53, 1.01, -0.22] },
];

pub(super) fn level(lens: Lens, signals: &Signals) -> f64 {
    let weights = &WEIGHTS[lens.index()];
    let sum: f32 = signals.iter().zip(&weights.by).map(|(signal, weight)| signal * weight).sum();
    f64::from(sum + weights.bias)
}
