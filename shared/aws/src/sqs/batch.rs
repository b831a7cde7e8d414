//! How messages are put together: at most 10 and 1 MiB at once, in the order in which they were left.

use domain::task::TASK_BYTES_MAX;
use flows::FlowError;
use std::collections::BTreeSet;

const BATCH_MESSAGES_MAX: usize = 10;
/// 1 MiB, for one message and for a batch. We send no attributes: the bodies are all that counts.
pub(super) const BATCH_BYTES_MAX: usize = TASK_BYTES_MAX;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) body: String,
    pub(super) group: String,
    pub(super) delay_seconds: i32,
    /// The deduplication id, on FIFO queues only.
    pub(super) nonce: Option<String>,
}

impl Message {
    /// Whoever leaves a task decides how large it is, as with its delay: too large is theirs to put right.
    pub(super) fn checked(self) -> Result<Self, FlowError> {
        if self.body.len() <= BATCH_BYTES_MAX {
            return Ok(self);
        }
        let sentence = format!("a task has at most {BATCH_BYTES_MAX} bytes");
        Err(FlowError::invalid("/task", "task_too_large", sentence))
    }
}

/// On a FIFO queue no two of a group go together: SQS may take the later and not the earlier.
pub(super) fn batches(messages: Vec<Message>, is_fifo: bool) -> Vec<Vec<Message>> {
    let mut batches: Vec<Vec<Message>> = Vec::new();
    let mut bytes = 0;
    let mut groups = BTreeSet::new();
    for message in messages {
        let has_room = batches.last().is_some_and(|batch| batch.len() < BATCH_MESSAGES_MAX)
            && bytes + message.body.len() <= BATCH_BYTES_MAX
            && !(is_fifo && groups.contains(&message.group));
        if !has_room {
            batches.push(Vec::new());
            bytes = 0;
            groups.clear();
        }
        bytes += message.body.len();
        groups.insert(message.group.clone());
        if let Some(batch) = batches.last_mut() {
            batch.push(message);
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(group: &str, bytes: usize) -> Message {
        let body = "x".repeat(bytes);
        Message { body, group: group.to_owned(), delay_seconds: 0, nonce: None }
    }

    #[test]
    fn a_batch_has_ten_messages_and_one_mebibyte_at_most() {
        let check = |bytes: &[usize], sizes: &[usize]| {
            let messages = bytes.iter().map(|bytes| message("a", *bytes)).collect();
            let made: Vec<_> = batches(messages, false).iter().map(Vec::len).collect();
            assert_eq!(made, sizes);
        };
        check(&[], &[]);
        check(&[1; 21], &[10, 10, 1]);
        check(&[BATCH_BYTES_MAX / 2; 3], &[2, 1]);
        check(&[BATCH_BYTES_MAX, 1], &[1, 1]);
    }

    #[test]
    fn a_group_in_order_is_sent_one_after_the_other() {
        let messages: Vec<_> = ["a", "b", "a", "a", "c"].map(|group| message(group, 1)).into();
        let made = batches(messages.clone(), true);
        assert_eq!(made.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1, 2]);
        assert_eq!(made.concat(), messages);
    }

    #[test]
    fn a_message_over_one_mebibyte_is_refused() {
        assert!(message("a", BATCH_BYTES_MAX).checked().is_ok());
        assert!(matches!(message("a", BATCH_BYTES_MAX + 1).checked(), Err(FlowError::Invalid(_))));
    }
}
