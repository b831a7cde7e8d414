//! Queues that take a part, hide a part and say a part, and a mail provider that takes nothing.

use aws::{Clients, DeadLetterUrls, SesMailer, SqsDeadLetters, SqsDepths, SqsTasks, SqsWaits};
use domain::{InvitationId, Queue, Task, TenantId, Timestamp};
use flows::{
    DeadLetter, DeadLetters, Depth, Depths, FlowError, Left, Mail, Mailer, Sieve, Tasks, Wait, Waits,
    clock::SystemDice,
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

use crate::server::{Answer, Server, done, fails, refuses};

fn three() -> Vec<Left> {
    let at = Timestamp::UNIX_EPOCH;
    let task = |number| Task::MailInvitation {
        tenant: TenantId::new(at, [number; 10]),
        invitation: InvitationId::new(at, [number; 10]),
    };
    [1, 2, 3].map(|number| Left::from(task(number))).into()
}

fn tasks(clients: Clients, url: &str) -> SqsTasks {
    SqsTasks::new(clients, BTreeMap::from([(Queue::Notify, url.to_owned())]), Arc::new(SystemDice))
}

fn taken(but: &[&str], is_ours: bool) -> Answer {
    let failed: Value =
        (but.iter()).map(|id| json!({ "Id": id, "Code": "InternalError", "SenderFault": is_ours })).collect();
    done(json!({ "Successful": [], "Failed": failed }))
}

fn entries(asked: &Value) -> Vec<Value> {
    asked["Entries"].as_array().unwrap().clone()
}

#[tokio::test]
async fn what_a_queue_did_not_take_is_sent_again_and_nothing_else() {
    let server = Server::with([taken(&["0", "2"], false), taken(&[], false)]).await;
    tasks(server.clients(), "https://sqs/notify.fifo").leave(three()).await.unwrap();
    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    let (first, second) = (entries(&asked[0]), entries(&asked[1]));
    let same = |a: &Value, b: &Value| {
        ["MessageBody", "MessageGroupId", "MessageDeduplicationId"].iter().all(|name| a[name] == b[name])
    };
    assert_eq!((first.len(), second.len()), (3, 2));
    assert!(same(&first[0], &second[0]) && same(&first[2], &second[1]), "{second:?}");
    assert_ne!(first[0]["MessageDeduplicationId"], first[1]["MessageDeduplicationId"]);
}

#[tokio::test]
async fn what_a_queue_never_takes_is_counted() {
    let server = Server::with([taken(&["1"], false), taken(&["0"], false)]).await;
    let told = tasks(server.clients(), "https://sqs/notify").leave(three()).await;
    let Err(FlowError::Unavailable(cause)) = &told else { panic!("{told:?}") };
    assert_eq!(cause.to_string(), "SQS did not take 1 of 3 tasks for `notify`: InternalError");
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn what_a_queue_finds_wrong_is_not_sent_again() {
    let server = Server::with([taken(&["1"], true)]).await;
    let told = tasks(server.clients(), "https://sqs/notify").leave(three()).await;
    assert!(matches!(told, Err(FlowError::Broken(_))), "{told:?}");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn all_waits_are_told_ten_at_a_time_whatever_becomes_of_some() {
    let server = Server::with([taken(&["3"], false), taken(&[], false)]).await;
    let waits = (0..23).map(|number| Wait { receipt: format!("r{number}"), seconds: number });
    let told = SqsWaits::new(server.clients(), "https://sqs/notify".to_owned()).tell(waits.collect()).await;
    assert!(matches!(told, Err(FlowError::Unavailable(_))), "{told:?}");
    let asked: Vec<_> = server.asked().iter().map(entries).collect();
    assert_eq!(asked.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 3]);
    for (number, entry) in asked.iter().flatten().enumerate() {
        assert_eq!(
            (&entry["ReceiptHandle"], &entry["VisibilityTimeout"]),
            (&json!(format!("r{number}")), &json!(number))
        );
    }
}

#[tokio::test]
async fn a_queue_that_does_not_say_how_full_it_is_is_not_empty() {
    let urls = DeadLetterUrls { queue: "https://sqs/a".to_owned(), dead_letters: "https://sqs/b".to_owned() };
    let depth = async |answer: Answer| {
        let server = Server::with([answer]).await;
        SqsDepths::new(server.clients(), BTreeMap::from([(Queue::Notify, urls.clone())]))
            .depth(Queue::Notify)
            .await
    };
    let count = |of: &str| format!("ApproximateNumberOfMessages{of}");
    let all = json!({ "Attributes": { count(""): "4", count("NotVisible"): "2", count("Delayed"): "1" } });
    let full = Depth { waiting: 4, active: 2, delayed: 1, failed: 7, oldest_at: None };
    assert_eq!(depth(done(all)).await.ok(), Some(full), "what is looked at is among what failed");
    let part = json!({ "Attributes": { count(""): "4", count("NotVisible"): "2" } });
    for answer in [done(part), done(json!({})), fails()] {
        let told = depth(answer).await;
        assert!(matches!(told, Err(FlowError::Unavailable(_))), "{told:?}");
    }
}

#[tokio::test]
async fn beyond_what_a_queue_hides_nothing_is_taken_for_searched() {
    struct Nobody;
    #[async_trait::async_trait]
    impl Sieve for Nobody {
        async fn is_to_go(&self, _: &DeadLetter) -> Result<bool, FlowError> {
            Ok(false)
        }
    }
    let urls = DeadLetterUrls { queue: "https://sqs/a".to_owned(), dead_letters: "https://sqs/b".to_owned() };
    // Who waits is told that there is nothing.
    let server = Server::with([done(json!({})), refuses("OverLimit")]).await;
    let dead = SqsDeadLetters::new(server.clients(), BTreeMap::from([(Queue::Notify, urls)]));
    let told = dead.sift(Queue::Notify, &Nobody).await;
    let Err(FlowError::Unavailable(cause)) = &told else { panic!("{told:?}") };
    assert_eq!(cause.to_string(), "120000 dead letters are hidden, and SQS shows no more: some must go");
    let waits: Vec<_> = server.asked().iter().map(|asked| asked["WaitTimeSeconds"].clone()).collect();
    assert_eq!(waits, [1, 0]);
}

async fn told(answer: Answer) -> (usize, FlowError) {
    let server = Server::with([answer]).await;
    let mail = Mail {
        to: "ada@example.com".to_owned(),
        subject: "Hello".to_owned(),
        text: "Hello".to_owned(),
        about: "invitation:1".to_owned(),
    };
    let told = SesMailer::new(server.clients(), "hello@crm.test").send(mail).await.unwrap_err();
    assert!(!format!("{told:?}").contains("hunter2"), "{told:?}");
    let asked = server.asked();
    assert_eq!(asked[0]["EmailTags"], json!([{ "Name": "about", "Value": "invitation_1" }]));
    (asked.len(), told)
}

/// Each is tried once: a mail that was sent and not answered for would go out twice.
#[tokio::test]
async fn a_mail_that_is_not_taken_says_whether_later_helps() {
    assert!(matches!(told(refuses("MessageRejected")).await, (1, FlowError::Invalid(_))));
    assert!(matches!(told(refuses("BadRequestException")).await, (1, FlowError::Invalid(_))));
    assert!(matches!(told(refuses("TooManyRequestsException")).await, (1, FlowError::TooMany { .. })));
    assert!(matches!(told(refuses("AccountSuspendedException")).await, (1, FlowError::Unavailable(_))));
    assert!(matches!(told(fails()).await, (1, FlowError::Unavailable(_))));
    assert!(matches!(told(Answer::Hangs).await, (1, FlowError::Unavailable(_))));
}
