//! An order, as far as the folds read it.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// Of the shop.
    pub day: i32,
    /// What it is worth by now, in minor units.
    pub net: i64,
}
