//! Things of which an answer gives a part: the first of an order's lines, the first of a product's variants.

use super::Ask;

/// Told as it is, it would be told without the rest: that is asked for before, until there is no more.
pub trait InParts: Sized {
    /// `None`: the thing is there no more.
    type More: Ask<Answer = Option<Self::Rest>>;
    type Rest;
    /// More questions than the longest needs: 250 come with each.
    const QUESTIONS_MAX: usize;

    /// The question for what lies behind that which came. `None`: it is whole.
    fn more(&self) -> Option<Self::More>;

    /// With what was answered, and the cursor behind which there is more.
    fn take(&mut self, rest: Self::Rest);
}
