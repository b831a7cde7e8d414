//! Takes away what has expired, as DynamoDB does by itself and unbilled.
//!
//! Looking holds nobody up; what was renewed after the look is kept.

use redb::{ReadableDatabase, ReadableTable, TableHandle, WriteTransaction};

use super::{EXPIRIES, ITEMS, LocalTable, apply, codec, unavailable};
use crate::table::{RawKey, StoreError};

impl LocalTable {
    /// Deletes what expired before `now_seconds`, and answers how many.
    pub fn sweep(&self, now_seconds: i64) -> Result<usize, StoreError> {
        let expired = self.expired(now_seconds)?;
        self.delete_expired(&expired, now_seconds)
    }

    /// What is due, by the order of its expiry: what is not due is not looked at.
    fn expired(&self, now_seconds: i64) -> Result<Vec<RawKey>, StoreError> {
        let reading = self.db.begin_read().map_err(unavailable)?;
        let expiries = reading.open_table(EXPIRIES).map_err(unavailable)?;
        let due = expiries.range(..(now_seconds, "", "")).map_err(unavailable)?;
        let keys = due.map(|entry| {
            let (place, _) = entry.map_err(unavailable)?;
            let (_, pk, sk) = place.value();
            Ok(RawKey::new(pk, sk))
        });
        keys.collect()
    }

    /// Of these, what is still expired.
    fn delete_expired(&self, keys: &[RawKey], now_seconds: i64) -> Result<usize, StoreError> {
        if keys.is_empty() {
            return Ok(0);
        }
        let transaction = self.db.begin_write().map_err(unavailable)?;
        let mut deleted = 0;
        for key in keys {
            deleted += usize::from(apply::delete_expired(&transaction, key, now_seconds)?);
        }
        transaction.commit().map_err(unavailable)?;
        Ok(deleted)
    }
}

/// Makes the list of what expires, from all items if the file is older than the list.
pub(super) fn remember(transaction: &WriteTransaction) -> Result<(), StoreError> {
    let mut tables = transaction.list_tables().map_err(unavailable)?;
    let is_there = tables.any(|table| table.name() == EXPIRIES.name());
    let mut expiries = transaction.open_table(EXPIRIES).map_err(unavailable)?;
    if is_there {
        return Ok(());
    }
    for entry in transaction.open_table(ITEMS).map_err(unavailable)?.iter().map_err(unavailable)? {
        let (key, bytes) = entry.map_err(unavailable)?;
        let (pk, sk) = key.value();
        let item = codec::decode(RawKey::new(pk, sk), bytes.value())?;
        if let Some(expires_at) = item.expires_at {
            expiries.insert((expires_at, pk, sk), ()).map_err(unavailable)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Add, Body, Count, Item, Table, When, Write};

    fn expiring(sk: &str, at: Option<i64>) -> Write {
        let key = RawKey::new("p", sk);
        Write::Put(Item { key, index: None, version: 1, expires_at: at, body: Body::default() }, When::Always)
    }

    #[tokio::test]
    async fn a_sweep_looks_at_nothing_that_is_not_due() {
        let table = LocalTable::in_memory();
        table.write(vec![expiring("due", Some(99)), expiring("later", Some(100))]).await.expect("puts");
        // Whoever looked at this would find it damaged.
        let transaction = table.db.begin_write().expect("a transaction");
        transaction.open_table(ITEMS).expect("items").insert(("p", "later"), b"?".as_slice()).expect("a put");
        transaction.commit().expect("a commit");
        assert_eq!(table.sweep(100).expect("a sweep"), 1);
        assert!(matches!(table.sweep(101), Err(StoreError::Broken(_))), "and then at what is");
    }

    #[tokio::test]
    async fn the_list_of_what_expires_follows_the_items() {
        let table = LocalTable::in_memory();
        let listed = || {
            let reading = table.db.begin_read().expect("a look");
            let expiries = reading.open_table(EXPIRIES).expect("the list");
            let all = expiries.iter().expect("a look").map(|entry| entry.expect("an entry").0.value().0);
            all.collect::<Vec<_>>()
        };
        table.write(vec![expiring("a", Some(5))]).await.expect("a put");
        assert_eq!(listed(), [5]);
        table.write(vec![expiring("a", Some(-7))]).await.expect("a put");
        assert_eq!(listed(), [-7], "moved");
        table.write(vec![expiring("a", None)]).await.expect("a put");
        assert_eq!(listed(), Vec::<i64>::new(), "it stays for good now");
        let counts = vec![Count { counter: "x".to_owned(), by: 1, within: None }];
        let add = Add { key: RawKey::new("p", "a"), counts, expires_at: Some(9) };
        table.add(add).await.expect("an addition");
        assert_eq!(listed(), [9]);
        table.write(vec![Write::Delete(RawKey::new("p", "a"), When::Always)]).await.expect("a delete");
        assert_eq!(listed(), Vec::<i64>::new());
    }

    #[tokio::test]
    async fn a_file_from_before_the_list_is_swept_like_any_other() {
        let path = std::env::temp_dir().join(format!("regulars-sweep-{}.redb", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let table = LocalTable::open(&path).expect("a new file");
        table.write(vec![expiring("due", Some(99)), expiring("kept", None)]).await.expect("puts");
        let transaction = table.db.begin_write().expect("a transaction");
        assert!(transaction.delete_table(EXPIRIES).expect("a drop"));
        transaction.commit().expect("a commit");
        drop(table);
        let again = LocalTable::open(&path).expect("it opens again");
        assert_eq!(again.sweep(100).expect("a sweep"), 1);
        drop(again);
        std::fs::remove_file(&path).expect("it is there");
    }

    #[tokio::test]
    async fn what_is_renewed_while_the_sweep_looks_is_kept() {
        let table = LocalTable::in_memory();
        let put = async |sk: &str, at: i64| {
            table.write(vec![expiring(sk, Some(at))]).await.expect("a put");
        };
        put("gone", 99).await;
        put("renewed", 99).await;
        let seen = table.expired(100).expect("a look");
        put("renewed", 200).await;
        assert_eq!((seen.len(), table.delete_expired(&seen, 100).expect("a sweep")), (2, 1));
        let left = table.dump().expect("a look");
        assert_eq!(left.iter().map(|item| item.key.sk.as_str()).collect::<Vec<_>>(), ["renewed"]);
    }
}
