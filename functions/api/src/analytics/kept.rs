//! Figures that were worked out are kept for as long as nothing has changed.
//!
//! With each call the audience says by its stamp whether anything has: so no answer is older than the call, and what is
//! asked twice is folded once. A tenant's are found under the tenant alone. What all of them take is bounded in bytes, because an
//! answer may hold a number for each customer.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    mem::size_of,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use columns::{Family, View};
use domain::TenantId;
use flows::FlowError;
use store::{ShardStamp, Stamp, TenantStore};

use crate::Deps;

/// All answers together take no more. Of a shop of a million they do not take it all: what is told of each customer is 48 MB
/// at most, and their totals are 24 (`standing.rs`). Those of a second such shop put them out.
const BYTES_MAX: usize = 80 << 20;

/// How much memory a figure takes.
pub(crate) trait Weighs: Sized {
    /// Beside its own size: what lies elsewhere.
    fn bytes_beyond(&self) -> usize;
}

/// What was asked, by whom, and what kind of answer it has.
type Key = (TenantId, TypeId, String);

/// What this process has worked out.
#[derive(Clone)]
pub(crate) struct Figures {
    held: Arc<Mutex<Answers>>,
    bytes_max: usize,
}

#[derive(Default)]
struct Answers {
    all: HashMap<Key, Held>,
    bytes: usize,
    uses: u64,
}

struct Held {
    of: Stamp,
    figures: Arc<dyn Any + Send + Sync>,
    bytes: usize,
    /// The larger, the later.
    used: u64,
}

/// An answer beside the audience that it is of.
pub(crate) struct Folded<T> {
    pub(crate) view: View,
    pub(crate) figures: Arc<T>,
}

impl Default for Figures {
    fn default() -> Self {
        Self::within(BYTES_MAX)
    }
}

impl Figures {
    fn within(bytes_max: usize) -> Self {
        Self { held: Arc::default(), bytes_max }
    }

    fn get<T: Send + Sync + 'static>(&self, key: &Key, stamp: &Stamp) -> Option<Arc<T>> {
        let mut held = self.lock();
        held.uses += 1;
        let now = held.uses;
        let answer = held.all.get_mut(key).filter(|answer| answer.of == *stamp)?;
        answer.used = now;
        answer.figures.clone().downcast().ok()
    }

    /// Those that were not asked for the longest time make room. One that is larger than all may be is not kept.
    fn put<T: Weighs + Send + Sync + 'static>(&self, key: Key, stamp: Stamp, figures: Arc<T>) {
        let bytes = size_of::<(Key, Held, T)>() + key.2.len() + figures.bytes_beyond() + bytes_of(&stamp);
        let mut held = self.lock();
        held.forget(&key);
        if bytes > self.bytes_max {
            return;
        }
        while held.bytes + bytes > self.bytes_max {
            let Some(oldest) = held.all.iter().min_by_key(|(_, held)| held.used).map(|(key, _)| key.clone())
            else {
                break;
            };
            held.forget(&oldest);
        }
        held.uses += 1;
        held.bytes += bytes;
        let used = held.uses;
        held.all.insert(key, Held { of: stamp, figures, bytes, used });
    }

    fn lock(&self) -> MutexGuard<'_, Answers> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Answers {
    fn forget(&mut self, key: &Key) {
        if let Some(gone) = self.all.remove(key) {
            self.bytes -= gone.bytes;
        }
    }
}

fn bytes_of(stamp: &Stamp) -> usize {
    let changed = |shard: &ShardStamp| size_of_val(&*shard.changed);
    stamp.0.iter().map(|shard| size_of_val(shard) + changed(shard)).sum()
}

impl<T: Weighs> Weighs for Vec<T> {
    fn bytes_beyond(&self) -> usize {
        self.capacity() * size_of::<T>() + self.iter().map(T::bytes_beyond).sum::<usize>()
    }
}

impl<T: Weighs, const N: usize> Weighs for [T; N] {
    fn bytes_beyond(&self) -> usize {
        self.iter().map(T::bytes_beyond).sum()
    }
}

impl<A: Weighs, B: Weighs, C: Weighs> Weighs for (A, B, C) {
    fn bytes_beyond(&self) -> usize {
        self.0.bytes_beyond() + self.1.bytes_beyond() + self.2.bytes_beyond()
    }
}

/// What lies nowhere else.
macro_rules! weighs_itself {
    ($($figure:ty),* $(,)?) => {
        $(impl $crate::analytics::kept::Weighs for $figure {
            fn bytes_beyond(&self) -> usize {
                0
            }
        })*
    };
}
pub(crate) use weighs_itself;

weighs_itself!(u64, insight::Period, insight::CohortMonth);

impl Weighs for insight::Cohort {
    fn bytes_beyond(&self) -> usize {
        self.months.bytes_beyond()
    }
}

impl Deps {
    /// A fold over the audience as it is now. `asked` says everything else that the answer depends on, the days
    /// included: what is kept under one text is the answer to one question.
    pub(crate) async fn folded<T: Weighs + Send + Sync + 'static>(
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

    /// Large beside what each answer takes for itself.
    const NUMBERS: usize = 10_000;

    fn has(figures: &Figures, asked: &str) -> bool {
        figures.get::<Vec<u64>>(&key(1, asked), &Stamp::default()).is_some()
    }

    fn put(figures: &Figures, asked: &str, numbers: usize) {
        figures.put(key(1, asked), Stamp::default(), Arc::new(vec![7_u64; numbers]));
    }

    #[test]
    fn answers_are_kept_up_to_so_many_bytes_and_the_longest_unasked_makes_room() {
        let figures = Figures::within(8 * NUMBERS * 7 / 2);
        for asked in ["a", "b", "c"] {
            put(&figures, asked, NUMBERS);
        }
        assert!(has(&figures, "a"), "there is room for three");
        put(&figures, "d", NUMBERS);
        assert_eq!(["a", "b", "c", "d"].map(|asked| has(&figures, asked)), [true, false, true, true]);
        put(&figures, "small", 10);
        assert_eq!(["a", "c", "d"].map(|asked| has(&figures, asked)), [true; 3], "there is room for that");
        assert!(figures.lock().bytes <= figures.bytes_max);
    }

    #[test]
    fn an_answer_that_alone_is_too_large_is_not_kept_and_puts_nothing_out() {
        let figures = Figures::within(8 * NUMBERS);
        put(&figures, "small", 10);
        put(&figures, "large", 10);
        put(&figures, "large", NUMBERS);
        assert!(has(&figures, "small") && !has(&figures, "large"));
    }

    #[test]
    fn what_is_forgotten_weighs_nothing() {
        let figures = Figures::within(8 * NUMBERS * 3 / 2);
        for number in 0..100 {
            put(&figures, &format!("{:02}", number % 10), NUMBERS);
        }
        let held = figures.lock();
        assert_eq!((held.all.len(), held.bytes), (1, held.all.values().map(|held| held.bytes).sum()));
    }

    #[test]
    fn what_changed_since_the_shard_was_folded_weighs_too() {
        let changed = |rows: u32| {
            let changed = (0..rows).map(|slot| (columns::Slot(slot), 1)).collect();
            Stamp(vec![ShardStamp { shard: ShardNumber(0), head: None, changed }])
        };
        assert_eq!(bytes_of(&changed(1_000)) - bytes_of(&changed(0)), 16_000);
    }
}
