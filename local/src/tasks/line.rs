//! Whoever leaves something at the same moment is written together: waiting for the disk once costs as much as a hundred times.
//!
//! Nobody holds a thread up by waiting for their turn. In a queue that is in memory nobody waits for a disk, and each is written alone.

use domain::Queue;
use flows::FlowError;
use futures::{
    channel::oneshot,
    future::{Either, select},
    lock::Mutex as Turn,
};
use std::{
    pin::pin,
    sync::{Mutex, PoisonError},
};

use super::Raw;

type Texts = Vec<(Queue, Raw)>;
/// What somebody leaves, and where they are told what came of it.
type Waiting = (Texts, oneshot::Sender<Result<(), FlowError>>);

#[derive(Default)]
pub(super) struct Line {
    waiting: Mutex<Vec<Waiting>>,
    /// Who has it writes.
    turn: Turn<()>,
}

impl Line {
    /// Stands in line, and writes for all who stand there by then, unless one of them has.
    pub(super) async fn left(
        &self,
        texts: Texts,
        write: impl Fn(Texts) -> Result<(), FlowError>,
    ) -> Result<(), FlowError> {
        let (answer, mut answered) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push((texts, answer));
        let _turn = match select(&mut answered, pin!(self.turn.lock())).await {
            Either::Left((answer, _)) => return told(answer.ok()),
            Either::Right((turn, _)) => turn,
        };
        if let Ok(Some(answer)) = answered.try_recv() {
            return answer;
        }
        let mut all = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        // Whoever has gone away in the line has left nothing.
        all.retain(|(_, answer)| !answer.is_canceled());
        let (texts, answers): (Vec<_>, Vec<_>) = all.into_iter().unzip();
        let done = write(texts.into_iter().flatten().collect());
        for answer in answers {
            // Whoever goes away only now has left it.
            let _ = answer.send(done.clone());
        }
        told(answered.try_recv().ok().flatten())
    }
}

fn told(answer: Option<Result<(), FlowError>>) -> Result<(), FlowError> {
    answer.unwrap_or_else(|| Err(FlowError::broken("what was left has no answer")))
}
