//! Figures that were worked out are kept for as long as nothing has changed.
//!
//! With each call the audience says by its stamp whether anything has: so no answer is older than the call, and what is
//! asked twice is folded once. A tenant's are found under the tenant alone.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use columns::{Family, View};
use domain::TenantId;
use flows::FlowError;
use store::{Stamp, TenantStore};

use crate::Deps;

/// So many answers are kept; beyond, all are forgotten, and worked out once too often.
const KEPT_MAX: usize = 64;

/// What was asked, by whom, and what kind of answer it has.
type Key = (TenantId, TypeId, String);
type Answers = HashMap<Key, (Stamp, Arc<dyn Any + Send + Sync>)>;

/// What this process has worked out.
#[derive(Clone, Default)]
pub(crate) struct Figures(Arc<Mutex<Answers>>);

/// An answer beside the audience that it is of.
pub(crate) struct Folded<T> {
    pub(crate) view: View,
    pub(crate) figures: Arc<T>,
}

impl Figures {
    fn get<T: Send + Sync + 'static>(&self, key: &Key, stamp: &Stamp) -> Option<Arc<T>> {
        let held = self.lock();
        let (of, figures) = held.get(key)?;
        if of == stamp { figures.clone().downcast().ok() } else { None }
    }

    fn put<T: Send + Sync + 'static>(&self, key: Key, stamp: Stamp, figures: Arc<T>) {
        let mut held = self.lock();
        if held.len() >= KEPT_MAX && !held.contains_key(&key) {
            held.clear();
        }
        held.insert(key, (stamp, figures));
    }

    fn lock(&self) -> MutexGuard<'_, Answers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Deps {
    /// A fold over the audience as it is now. `asked` says everything else that the answer depends on, the days
    /// included: what is kept under one text is the answer to one question.
    pub(crate) async fn folded<T: Send + Sync + 'static>(
        &self,
        store: &TenantStore,
        families: &[Family],
        asked: String,
        fold: impl FnOnce(&View) -> Result<T, FlowError>,
    ) -> Result<Folded<T>, FlowError> {
        let (view, stamp) = self.stamped(store, families).await?;
        let key = (store.id(), TypeId::of::<T>(), asked);
        if let Some(figures) = self.asked.figures.get(&key, &stamp) {
            return Ok(Folded { view, figures });
        }
        let figures = Arc::new(fold(&view)?);
        self.asked.figures.put(key, stamp, figures.clone());
        Ok(Folded { view, figures })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use columns::ShardNumber;
    use domain::Timestamp;
    use store::ShardStamp;

    fn key(dice: u8, asked: &str) -> Key {
        let tenant = TenantId::new(Timestamp::UNIX_EPOCH, [dice; 10]);
        (tenant, TypeId::of::<u64>(), asked.to_owned())
    }

    fn stamp(head: u64) -> Stamp {
        Stamp(vec![ShardStamp { shard: ShardNumber(0), head: Some(head), changed: Vec::new() }])
    }

    #[test]
    fn an_answer_is_of_one_tenant_one_question_and_one_audience() {
        let figures = Figures::default();
        let (now, later) = (stamp(1), stamp(2));
        figures.put(key(1, "30 days"), now.clone(), Arc::new(7_u64));
        assert_eq!(figures.get::<u64>(&key(1, "30 days"), &now).as_deref(), Some(&7));
        assert_eq!(figures.get::<u64>(&key(1, "30 days"), &later), None, "somebody has ordered");
        assert_eq!(figures.get::<u64>(&key(1, "31 days"), &now), None);
        assert_eq!(figures.get::<u64>(&key(2, "30 days"), &now), None, "another tenant's");
        figures.put(key(1, "30 days"), later.clone(), Arc::new(8_u64));
        assert_eq!(figures.get::<u64>(&key(1, "30 days"), &later).as_deref(), Some(&8));
    }

    #[test]
    fn only_so_many_are_kept() {
        let (figures, stamp) = (Figures::default(), Stamp::default());
        for number in 0..=KEPT_MAX {
            figures.put(key(1, &number.to_string()), stamp.clone(), Arc::new(number as u64));
        }
        assert_eq!(figures.lock().len(), 1);
    }
}
