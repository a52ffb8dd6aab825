//! Bits from a frozen fit, each lane by its formula, laws, hostile streams, and sizes.

mod frozen;
mod series;
