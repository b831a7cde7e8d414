//! The provider of letters and texts, whose book says what it has really taken; and what it tells of that.

use async_trait::async_trait;
use domain::{
    MessageTag, Reason, Receipt, Task, TenantId, Timestamp,
    campaign::MessageId,
    receipt::{Bounce, Happened, Reader},
};
use flows::{Answer, Carrier, Letter, Refusal, Short, Texter};
use std::{collections::BTreeSet, sync::Arc, time::Duration};

use crate::{
    outside::{Outside, State},
    shop::GREETINGS,
};

pub(crate) struct Provider {
    outside: Arc<Outside>,
    /// Whose addresses take nothing.
    refused: BTreeSet<u32>,
}

impl Provider {
    pub(crate) fn new(outside: Arc<Outside>, refused: BTreeSet<u32>) -> Self {
        Self { outside, refused }
    }

    /// In which of the campaign's words a message is written.
    fn reads(&self, tag: &MessageTag, text: &str) {
        if let Ok(message) = tag.as_str().parse() {
            let arm = u8::from(text.starts_with(GREETINGS[1]));
            self.outside.state().witness.said.push((message, arm));
        }
    }

    pub(crate) async fn asked(&self, tenant: TenantId, tag: &MessageTag, person: Option<u32>) -> Answer {
        self.outside.pass().await;
        let answer = {
            let state = &mut *self.outside.state();
            if let (Ok(message), Some(person)) = (tag.as_str().parse::<MessageId>(), person) {
                self.answer(state, tenant, message, person)
            } else {
                state.witness.broken.push(format!("the provider was asked for {}", tag.as_str()));
                Answer::refused("UNKNOWN", Refusal::Permanent)
            }
        };
        self.outside.pass().await;
        answer
    }

    fn answer(&self, state: &mut State, tenant: TenantId, message: MessageId, person: u32) -> Answer {
        let (rolls, temper, at) = (&mut state.rolls, &state.temper, state.now - crate::outside::START);
        if temper.storm.is_some_and(|(from, to)| (from..to).contains(&at)) || rolls.is_among(temper.throttles)
        {
            let after = (rolls.below(2) == 0).then(|| Duration::from_secs(rolls.below(20)));
            return Answer::refused("RATE_LIMITED", Refusal::Throttled { after });
        }
        if rolls.is_among(temper.silent_before) {
            return Answer::unknown("NO_ANSWER");
        }
        if rolls.is_among(temper.refuses_us) {
            return Answer::refused("INVALID_CREDENTIALS", Refusal::OurFault);
        }
        if rolls.is_among(temper.refuses_for_now) {
            return Answer::refused("TEMPORARY_FAILURE", Refusal::Temporary);
        }
        if self.refused.contains(&person) {
            return Answer::refused("INVALID_EMAIL", Refusal::Permanent);
        }
        state.witness.accepted(state.running.id, message, person);
        told(state, tenant, message);
        if state.rolls.is_among(state.temper.silent_after) {
            return Answer::unknown("NO_ANSWER");
        }
        Answer::Accepted { vendor_id: format!("vendor_{}", state.witness.acceptances.len()) }
    }
}

/// What became of it comes to the queue of receipts: now and then late, twice, or not at all.
fn told(state: &mut State, tenant: TenantId, message: MessageId) {
    let mut at = state.now;
    for what in becomes(state) {
        at += state.rolls.within(0, 3_000);
        if state.rolls.is_among(state.temper.receipts_lost) {
            continue;
        }
        let times = 1 + u32::from(state.rolls.is_among(state.temper.receipts_twice));
        let receipt = Receipt {
            tenant: Some(tenant),
            message: message.to_string().parse().ok(),
            vendor_id: None,
            what: what.clone(),
            at: Timestamp::from_millisecond(at).unwrap_or_default(),
        };
        for _ in 0..times {
            let late = if state.rolls.is_among(state.temper.receipts_late) { 900_000 } else { 0 };
            let late = state.rolls.within(0, late);
            let task = Task::HearReceipts { tenant, receipts: vec![receipt.clone()] };
            state.queue.come(at + late, task);
        }
        state.witness.told.push((message, what));
    }
}

fn becomes(state: &mut State) -> Vec<Happened> {
    let reason = || Reason::of("5.1.1");
    let bounced = |bounce| Happened::Bounced { bounce, reason: reason() };
    let mut all = vec![Happened::Accepted];
    match state.rolls.below(20) {
        0 => all.push(bounced(Bounce::Hard)),
        1 => all.push(bounced(Bounce::Soft)),
        2 => all.extend([Happened::Delivered, Happened::Complained { reason: reason() }]),
        3 => all.extend([Happened::Delivered, Happened::Unsubscribed]),
        4 => all.extend([bounced(Bounce::Soft), Happened::Delivered]),
        5 => all.push(Happened::Failed { reason: reason(), may_try_again: true }),
        6..12 => all.extend([Happened::Delivered, Happened::Opened { by: Reader::Person }]),
        _ => all.push(Happened::Delivered),
    }
    all
}

/// Whose address it is: `p7@example.com`, `+4915100000007`.
fn person_of(address: &str) -> Option<u32> {
    let mail = address.strip_prefix('p').and_then(|rest| rest.strip_suffix("@example.com"));
    mail.or_else(|| address.strip_prefix("+49151")).and_then(|number| number.parse().ok())
}

#[async_trait]
impl Carrier for Provider {
    async fn carry(&self, letter: &Letter) -> Answer {
        self.reads(&letter.message, &letter.subject);
        self.asked(letter.tenant, &letter.message, person_of(letter.to.as_str())).await
    }
}

#[async_trait]
impl Texter for Provider {
    async fn text(&self, short: &Short) -> Answer {
        self.reads(&short.message, &short.text);
        self.asked(short.tenant, &short.message, person_of(short.to.as_str())).await
    }
}
