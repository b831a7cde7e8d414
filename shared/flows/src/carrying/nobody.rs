//! An installation that has no provider: nothing goes out, and every message says so.

use async_trait::async_trait;

use super::{Answer, Carrier, Letter, Refusal, Short, Texter};

/// Takes nothing.
#[derive(Debug, Clone, Copy)]
pub struct Nobody;

fn refused() -> Answer {
    Answer::refused("no provider is set up", Refusal::OurFault)
}

#[async_trait]
impl Carrier for Nobody {
    async fn carry(&self, _: &Letter) -> Answer {
        refused()
    }
}

#[async_trait]
impl Texter for Nobody {
    async fn text(&self, _: &Short) -> Answer {
        refused()
    }
}
