//! Takes away what has expired, as DynamoDB does by itself and unbilled.
//!
//! Looking holds nobody up; what was renewed after the look is kept.

use redb::{ReadableDatabase, ReadableTable};

use super::{ITEMS, LocalTable, apply, codec, unavailable};
use crate::table::{RawKey, StoreError};

impl LocalTable {
    /// Deletes what expired before `now_seconds`, and answers how many.
    pub fn sweep(&self, now_seconds: i64) -> Result<usize, StoreError> {
        let expired = self.expired(now_seconds)?;
        self.delete_expired(&expired, now_seconds)
    }

    fn expired(&self, now_seconds: i64) -> Result<Vec<RawKey>, StoreError> {
        let mut expired = Vec::new();
        let reading = self.db.begin_read().map_err(unavailable)?;
        for entry in reading.open_table(ITEMS).map_err(unavailable)?.iter().map_err(unavailable)? {
            let (key, bytes) = entry.map_err(unavailable)?;
            let (pk, sk) = key.value();
            let item = codec::decode(RawKey::new(pk, sk), bytes.value())?;
            if item.expires_at.is_some_and(|at| at < now_seconds) {
                expired.push(item.key);
            }
        }
        Ok(expired)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Body, Item, Table, When, Write};

    #[tokio::test]
    async fn what_is_renewed_while_the_sweep_looks_is_kept() {
        let table = LocalTable::in_memory();
        let put = async |sk: &str, at: i64| {
            let key = RawKey::new("p", sk);
            let item = Item { key, index: None, version: 1, expires_at: Some(at), body: Body::default() };
            table.write(vec![Write::Put(item, When::Always)]).await.expect("a put");
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
