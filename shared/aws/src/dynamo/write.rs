//! Writing: one alone, or several together.
//!
//! What may be repeated after an answer that was lost:
//! - a list of writes: yes, by the SDK, under the client token that it makes for the call; DynamoDB answers the
//!   repetition as it answered the first;
//! - a put or a deletion without condition: yes, by the SDK; twice is as once;
//! - one with a condition: no. The first may have been done, and the second would find its own work in the way
//!   and call it another's (a false conflict);
//! - an addition: no, for it would count twice.
//!
//! The last two are sent once. What DynamoDB says it did not do (throttled, or another transaction was at the
//! item) is repeated here, a few times.

use aws_sdk_dynamodb::{
    config::{Builder, Config, retry::RetryConfig},
    error::SdkError,
    operation::{delete_item::DeleteItemError, put_item::PutItemError, update_item::UpdateItemError},
    types::{
        ConditionCheck, Delete, Put, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
        Update,
    },
};
use std::time::Duration;
use store::{StoreError, When, Write, local::limits, table::Add};

use super::{
    DynamoTable, Item, RawKey,
    attributes::{Attributes, counter, from_item, from_key},
    terms::{Addition, addition, condition},
    trouble::{Trouble, of_addition, of_transaction, of_write},
};

/// The pauses before what was not done is tried again: 0.175 s together.
const BUSY_WAITS_MS: [u64; 3] = [25, 50, 100];

impl DynamoTable {
    /// Answers the counters' new values if the one write is an addition.
    pub(super) async fn write_all(&self, writes: &[Write]) -> Result<Vec<i64>, StoreError> {
        limits::writes(writes)?;
        for wait in BUSY_WAITS_MS {
            match self.attempt(writes).await {
                Err(Trouble::Busy(_)) => tokio::time::sleep(Duration::from_millis(wait)).await,
                done => return done.map_err(StoreError::from),
            }
        }
        self.attempt(writes).await.map_err(StoreError::from)
    }

    async fn attempt(&self, writes: &[Write]) -> Result<Vec<i64>, Trouble> {
        match writes {
            [Write::Put(item, when)] => self.put(item, *when).await,
            [Write::Delete(key, when)] => self.delete(key, *when).await,
            [Write::Add(add)] => self.move_counters(add).await,
            _ => self.transact(writes).await,
        }
    }

    async fn put(&self, item: &Item, when: When) -> Result<Vec<i64>, Trouble> {
        let (condition, terms) = condition(when);
        let asked = (self.clients.dynamo().put_item())
            .table_name(&self.name)
            .set_item(Some(from_item(item)))
            .set_condition_expression(condition)
            .set_expression_attribute_names(terms.names)
            .set_expression_attribute_values(terms.values);
        let sent = asked.customize().config_override(repeats(when)).send().await;
        sent.map(|_| Vec::new()).map_err(|error| match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(_)) => Trouble::Final(StoreError::Conflict(0)),
            _ => of_write(&error),
        })
    }

    async fn delete(&self, key: &RawKey, when: When) -> Result<Vec<i64>, Trouble> {
        let (condition, terms) = condition(when);
        let asked = (self.clients.dynamo().delete_item())
            .table_name(&self.name)
            .set_key(Some(from_key(key)))
            .set_condition_expression(condition)
            .set_expression_attribute_names(terms.names)
            .set_expression_attribute_values(terms.values);
        let sent = asked.customize().config_override(repeats(when)).send().await;
        sent.map(|_| Vec::new()).map_err(|error| match error.as_service_error() {
            Some(DeleteItemError::ConditionalCheckFailedException(_)) => {
                Trouble::Final(StoreError::Conflict(0))
            }
            _ => of_write(&error),
        })
    }

    async fn move_counters(&self, add: &Add) -> Result<Vec<i64>, Trouble> {
        let Addition { update, condition, terms } = addition(add);
        let asked = (self.clients.dynamo().update_item())
            .table_name(&self.name)
            .set_key(Some(from_key(&add.key)))
            .update_expression(update)
            .set_condition_expression(condition)
            .set_expression_attribute_names(terms.names)
            .set_expression_attribute_values(terms.values)
            .return_values(ReturnValue::UpdatedNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let sent = asked.customize().config_override(once()).send().await;
        match sent {
            Ok(moved) => new_values(add, &moved.attributes.unwrap_or_default()).map_err(Trouble::Final),
            Err(SdkError::ServiceError(said)) if said.err().is_conditional_check_failed_exception() => {
                let UpdateItemError::ConditionalCheckFailedException(unmet) = said.err() else {
                    return Err(Trouble::Final(StoreError::Conflict(0)));
                };
                Err(Trouble::Final(of_addition(add, unmet.item())))
            }
            Err(error) => Err(of_write(&error)),
        }
    }

    async fn transact(&self, writes: &[Write]) -> Result<Vec<i64>, Trouble> {
        let together = writes.iter().map(|write| self.part(write)).collect::<Result<Vec<_>, _>>();
        let together = together.map_err(|wrong| Trouble::Final(StoreError::Refused(wrong.to_string())))?;
        let asked = self.clients.dynamo().transact_write_items().set_transact_items(Some(together));
        asked.send().await.map(|_| Vec::new()).map_err(|error| of_transaction(&error, writes))
    }

    fn part(&self, write: &Write) -> Result<TransactWriteItem, aws_sdk_dynamodb::error::BuildError> {
        let part = TransactWriteItem::builder();
        let table = &self.name;
        Ok(match write {
            Write::Put(item, when) => {
                let (condition, terms) = condition(*when);
                let put = Put::builder().table_name(table).set_item(Some(from_item(item)));
                let put = put.set_condition_expression(condition);
                let put = put.set_expression_attribute_names(terms.names);
                part.put(put.set_expression_attribute_values(terms.values).build()?)
            }
            Write::Delete(key, when) => {
                let (condition, terms) = condition(*when);
                let delete = Delete::builder().table_name(table).set_key(Some(from_key(key)));
                let delete = delete.set_condition_expression(condition);
                let delete = delete.set_expression_attribute_names(terms.names);
                part.delete(delete.set_expression_attribute_values(terms.values).build()?)
            }
            // DynamoDB has no check without a condition: this one always holds.
            Write::Check(key, when) => {
                let (expression, mut terms) = condition(*when);
                let expression = expression.unwrap_or_else(|| {
                    terms.name("#pk", "pk");
                    "attribute_exists(#pk) OR attribute_not_exists(#pk)".to_owned()
                });
                let check = ConditionCheck::builder().table_name(table).set_key(Some(from_key(key)));
                let check = check.condition_expression(expression);
                let check = check.set_expression_attribute_names(terms.names);
                part.condition_check(check.set_expression_attribute_values(terms.values).build()?)
            }
            Write::Add(add) => {
                let Addition { update, condition, terms } = addition(add);
                let all_old = ReturnValuesOnConditionCheckFailure::AllOld;
                let moved = Update::builder().table_name(table).set_key(Some(from_key(&add.key)));
                let moved = moved.update_expression(update).set_condition_expression(condition);
                let moved = moved.set_expression_attribute_names(terms.names);
                let moved = moved.set_expression_attribute_values(terms.values);
                part.update(moved.return_values_on_condition_check_failure(all_old).build()?)
            }
        }
        .build())
    }
}

/// The SDK's own number of tries where twice is as once, else one.
fn repeats(when: When) -> Builder {
    if when == When::Always { Config::builder() } else { once() }
}

fn once() -> Builder {
    Config::builder().retry_config(RetryConfig::disabled())
}

fn new_values(add: &Add, moved: &Attributes) -> Result<Vec<i64>, StoreError> {
    let value = |name: &str| moved.contains_key(name).then(|| counter(moved, name)).flatten();
    let values = add.counts.iter().map(|count| value(&count.counter));
    values.collect::<Option<_>>().ok_or_else(|| StoreError::Broken("a counter is no number".to_owned()))
}
