//! The table when DynamoDB is busy, refuses, or says nothing.

use aws::DynamoTable;
use serde_json::{Value, json};
use store::{
    Item, RawKey, StoreError, Table, When, Write,
    table::{Add, Body, Count},
};

use crate::server::{Answer, Server, done, fails, refuses};

const NAME: &str = "t";

async fn table(answers: impl Into<Vec<Answer>>) -> (Server, DynamoTable) {
    let server = Server::with(answers).await;
    let table = DynamoTable::new(server.clients(), NAME);
    (server, table)
}

fn put(sk: &str, when: When) -> Write {
    let key = RawKey::new("p", sk);
    Write::Put(Item { key, index: None, version: 1, expires_at: None, body: Body::default() }, when)
}

fn add() -> Add {
    let count = Count { counter: "n".to_owned(), by: 1, within: None };
    Add { key: RawKey::new("p", "a"), counts: vec![count], expires_at: None }
}

fn three() -> [RawKey; 3] {
    ["a", "b", "c"].map(|sk| RawKey::new("p", sk))
}

fn keys(of: &[&str]) -> Value {
    of.iter().map(|sk| json!({ "pk": { "S": "p" }, "sk": { "S": sk } })).collect()
}

fn read(found: &[&str], left: &[&str]) -> Answer {
    let found =
        found.iter().map(|sk| json!({ "pk": { "S": "p" }, "sk": { "S": sk }, "version": { "N": "1" } }));
    let unprocessed = if left.is_empty() { json!({}) } else { json!({ NAME: { "Keys": keys(left) } }) };
    done(json!({ "Responses": { NAME: found.collect::<Value>() }, "UnprocessedKeys": unprocessed }))
}

fn cancelled(codes: &[&str]) -> Answer {
    let reasons: Value = codes.iter().map(|code| json!({ "Code": code })).collect();
    Answer::Says(400, json!({ "__type": "TransactionCanceledException", "CancellationReasons": reasons }))
}

fn is_unavailable<T: std::fmt::Debug>(told: &Result<T, StoreError>) {
    assert!(matches!(told, Err(StoreError::Unavailable(_))), "{told:?}");
}

#[tokio::test]
async fn keys_left_undone_are_asked_for_until_all_have_come() {
    let answers =
        [read(&["b"], &["a", "c"]), read(&[], &["a", "c"]), read(&["c"], &["a"]), read(&["a"], &[])];
    let (server, table) = table(answers).await;
    let found = table.get(&three()).await.unwrap();
    let found: Vec<_> = found.into_iter().map(|item| item.unwrap().key).collect();
    assert_eq!(found, three());
    let asked: Vec<_> =
        server.asked().iter().map(|asked| asked["RequestItems"][NAME]["Keys"].clone()).collect();
    let rest = keys(&["a", "c"]);
    assert_eq!(asked, [keys(&["a", "b", "c"]), rest.clone(), rest, keys(&["a"])]);
    assert!(server.asked().iter().all(|asked| asked["RequestItems"][NAME]["ConsistentRead"] == true));
}

#[tokio::test]
async fn keys_left_undone_for_ever_are_unavailable() {
    let (server, table) = table([read(&["b"], &["a", "c"]), read(&[], &["a", "c"])]).await;
    is_unavailable(&table.get(&three()).await);
    assert_eq!(server.asked().len(), 7, "one with progress, and six without");
}

#[tokio::test]
async fn what_is_throttled_was_not_done_and_is_tried_again_a_few_times() {
    let (server, table) = table([refuses("ThrottlingException")]).await;
    is_unavailable(&table.write(vec![put("a", When::Absent)]).await);
    is_unavailable(&table.add(add()).await);
    assert_eq!(server.asked().len(), 8, "four times each");
    is_unavailable(&table.get(&three()).await);
}

#[tokio::test]
async fn a_moment_of_throttling_is_not_noticed() {
    let answers = [refuses("ProvisionedThroughputExceededException"), done(json!({}))];
    let (server, table) = table(answers).await;
    table.write(vec![put("a", When::Absent)]).await.unwrap();
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn a_cancelled_transaction_names_the_write_that_failed() {
    let (server, table) = table([cancelled(&["None", "ConditionalCheckFailed"])]).await;
    let told = table.write(vec![put("a", When::Always), put("b", When::Absent)]).await;
    assert!(matches!(told, Err(StoreError::Conflict(1))), "{told:?}");
    assert_eq!(server.asked().len(), 1, "a conflict is the answer");
}

#[tokio::test]
async fn a_condition_outweighs_what_will_pass_and_a_refusal_outweighs_both() {
    let writes = || vec![put("a", When::Absent), put("b", When::Absent), put("c", When::Absent)];
    let (_server, busy) =
        table([cancelled(&["TransactionConflict", "None", "ConditionalCheckFailed"])]).await;
    let told = busy.write(writes()).await;
    assert!(matches!(told, Err(StoreError::Conflict(2))), "{told:?}");
    let (_server, wrong) = table([cancelled(&["ConditionalCheckFailed", "None", "ValidationError"])]).await;
    let told = wrong.write(writes()).await;
    assert!(matches!(told, Err(StoreError::Refused(_))), "{told:?}");
}

#[tokio::test]
async fn transactions_in_each_others_way_are_tried_again() {
    let both = || vec![put("a", When::Absent), put("b", When::Absent)];
    let (server, passing) = table([cancelled(&["TransactionConflict", "None"]), done(json!({}))]).await;
    passing.write(both()).await.unwrap();
    assert_eq!(server.asked().len(), 2);
    let (server, lasting) = table([cancelled(&["TransactionConflict", "None"])]).await;
    is_unavailable(&lasting.write(both()).await);
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn a_transaction_that_may_have_been_done_is_repeated_under_its_own_token() {
    let (server, table) = table([fails(), done(json!({}))]).await;
    table.write(vec![put("a", When::Absent), put("b", When::Absent)]).await.unwrap();
    let tokens: Vec<_> = server.asked().iter().map(|asked| asked["ClientRequestToken"].clone()).collect();
    assert_eq!(tokens.len(), 2);
    assert!(tokens[0].is_string() && tokens[0] == tokens[1], "{tokens:?}");
}

#[tokio::test]
async fn what_twice_is_not_as_once_is_not_repeated() {
    let (server, table) = table([fails()]).await;
    is_unavailable(&table.write(vec![put("a", When::Absent)]).await);
    assert_eq!(server.asked().len(), 1, "its own first try would look like another's");
    is_unavailable(&table.write(vec![Write::Delete(RawKey::new("p", "a"), When::Version(1))]).await);
    assert_eq!(server.asked().len(), 2);
    is_unavailable(&table.add(add()).await);
    assert_eq!(server.asked().len(), 3, "it would count twice");
    is_unavailable(&table.write(vec![put("a", When::Always)]).await);
    assert_eq!(server.asked().len(), 6, "a plain put may be repeated");
}

#[tokio::test]
async fn what_dynamodb_finds_wrong_is_refused_without_its_words() {
    let (server, table) = table([refuses("ValidationException")]).await;
    for told in [
        table.write(vec![put("a", When::Absent)]).await,
        table.write(vec![put("a", When::Absent), put("b", When::Absent)]).await,
        table.add(add()).await.map(drop),
        table.get(&three()).await.map(drop),
    ] {
        assert!(matches!(told, Err(StoreError::Refused(_))), "{told:?}");
        assert!(!format!("{told:?}").contains("hunter2"), "{told:?}");
    }
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn what_never_answers_is_unavailable() {
    let (server, table) = table([Answer::Hangs]).await;
    is_unavailable(&table.write(vec![put("a", When::Absent)]).await);
    assert_eq!(server.asked().len(), 1);
    is_unavailable(&table.get(&three()[..1]).await);
    assert_eq!(server.asked().len(), 4, "a read is repeated");
}
