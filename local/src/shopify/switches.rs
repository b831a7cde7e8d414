//! What can be made to go wrong in a shop, and how fast it may be asked.

use flows::Dice;
use std::collections::VecDeque;

#[derive(Debug, Clone, Default)]
pub struct Switches {
    pub plan: Plan,
    pub denied: Denied,
    /// What one question may cost at most. `None`: as much as with Shopify.
    pub cost_max: Option<u64>,
    /// After how many rows a list ends, whatever else there is. `None`: after as many as with Shopify.
    pub list_rows_max: Option<usize>,
    /// What happens to the next calls, whatever the dice say.
    pub next: VecDeque<(Door, Fault)>,
    /// Of a thousand calls, so many fail in one of the ways there are.
    pub faults_per_mille: u32,
    /// Each webhook is sent so many times more.
    pub copies: u32,
    /// Webhooks that are due together go out in any order.
    pub is_shuffled: bool,
    /// Of a thousand webhooks, so many are never sent.
    pub lost_per_mille: u32,
    /// The version that is asked for is no longer served, and this one answers instead.
    pub answered_by: Option<&'static str>,
    /// The mail addresses of the shop's staff, which Shopify knows, are not verified.
    pub is_staff_unverified: bool,
}

/// By what a shop pays, its apps may ask it more or less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Plan {
    #[default]
    Standard,
    Advanced,
    Plus,
}

/// What of its customers an app was not approved for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Denied {
    #[default]
    Nothing,
    /// Names, addresses, phone numbers: the second level of protected data.
    Details,
    /// Customers as such.
    Customers,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    Graphql,
    Token,
    File,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// 429 with a `Retry-After`.
    TooMany { retry_after_seconds: u32 },
    /// That status and a page: 402 of a frozen shop, 423 of a locked one, 500, 502, 503.
    Status(u16),
    /// The connection ends within the answer.
    Cut,
    /// 200 with `INTERNAL_SERVER_ERROR`.
    Broken,
}

/// Of those the dice choose.
const BY_CHANCE: [Fault; 5] = [
    Fault::TooMany { retry_after_seconds: 2 },
    Fault::Status(500),
    Fault::Status(503),
    Fault::Cut,
    Fault::Broken,
];

impl Plan {
    pub const ALL: [Self; 3] = [Self::Standard, Self::Advanced, Self::Plus];

    /// Points that come back each second.
    pub fn points_a_second(self) -> u64 {
        match self {
            Self::Standard => 100,
            Self::Advanced => 200,
            Self::Plus => 1_000,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "Basic",
            Self::Advanced => "Advanced",
            Self::Plus => "Shopify Plus",
        }
    }

    pub(super) fn is_plus(self) -> bool {
        self == Self::Plus
    }
}

impl Switches {
    /// What happens to a call at that door, if anything.
    pub(super) fn fault(&mut self, door: Door, dice: &dyn Dice) -> Option<Fault> {
        if let Some(place) = self.next.iter().position(|(at, _)| *at == door) {
            return self.next.remove(place).map(|(_, fault)| fault);
        }
        if self.faults_per_mille == 0 || below(dice, 1_000) >= u64::from(self.faults_per_mille) {
            return None;
        }
        let fault = BY_CHANCE[usize::try_from(below(dice, BY_CHANCE.len() as u64)).unwrap_or_default()];
        // Only GraphQL has errors within an answer that went well.
        (fault != Fault::Broken || door == Door::Graphql).then_some(fault).or(Some(Fault::Status(500)))
    }
}

/// A throw of the dice below `most`.
pub(super) fn below(dice: &dyn Dice, most: u64) -> u64 {
    let mut bytes = [0; 8];
    dice.fill(&mut bytes);
    u64::from_le_bytes(bytes) % most.max(1)
}

/// So many random letters of hex.
pub(super) fn hex(dice: &dyn Dice, letters: usize) -> String {
    let mut bytes = vec![0; letters.div_ceil(2)];
    dice.fill(&mut bytes);
    let mut text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    text.truncate(letters);
    text
}
