//! What became of messages, as rules ask for it: read once for each edition, and written only where it is another.

use columns::{Dated, ShardNumber, Slot};
use domain::{
    CampaignId,
    campaign::{Upshot, Why, Written},
    template::Channel,
};
use std::collections::BTreeMap;
use store::{OutcomeBytes, StoreError, outcome_bytes};

use crate::{instants::at, products::shop};

fn bytes(shard: u32, slots: &[u32]) -> Vec<u8> {
    let whom = slots.iter().map(|slot| (Slot((shard << 16) + slot), Some(1_790_000_000)));
    let whom = Dated::of(whom.collect());
    outcome_bytes(ShardNumber(shard), &BTreeMap::from([((None, Some(Why::HardBounce)), whom)]))
}

fn written(edition: u64) -> Written {
    let campaign = CampaignId::new(at(0), [7; 10]);
    let (launched_at, last_at) = (at(1), at(9));
    Written {
        campaign,
        channel: Channel::Sms,
        launched_at,
        last_at,
        messages: 3,
        edition,
        print: u64::MAX - 1,
    }
}

#[tokio::test]
async fn what_became_of_messages_is_read_once_for_each_edition_and_changed_only_where_it_did() {
    let (table, store) = shop();
    let told = |first: &[u32]| {
        OutcomeBytes::from([((Upshot::Bounced, 0), bytes(0, first)), ((Upshot::Bounced, 1), bytes(1, &[5]))])
    };
    let id = written(1).campaign;
    let changed = store.outcomes_changed(id, told(&[1, 2])).await.expect("it reads");
    assert_eq!(changed, told(&[1, 2]), "nothing is there yet");
    let (step, held) = store.outcomes_kept(None, written(1), changed);
    store.commit(vec![step]).await.expect("nobody else tells");
    assert_eq!(store.campaigns_written().await.expect("it reads"), [written(1)]);
    assert_eq!(store.changes_beside().await.expect("it reads"), 1);
    let whom = async |edition, shard| {
        let told = store.outcomes(&written(edition), Upshot::Bounced, ShardNumber(shard)).await;
        let told = told.expect("it reads");
        assert_eq!((told.len(), told[0].0, told[0].1), (1, None, Some(Why::HardBounce)));
        told[0].2.iter().map(|(slot, _)| slot.0 & 0xffff).collect::<Vec<_>>()
    };
    assert_eq!((whom(1, 0).await, whom(1, 1).await), (vec![1, 2], vec![5]));
    let before = table.ledger();
    assert_eq!(whom(1, 0).await, [1, 2]);
    assert_eq!(table.ledger().since(&before).reads, store::local::Units::default(), "it is held");

    let changed = store.outcomes_changed(id, told(&[1, 3])).await.expect("it reads");
    assert_eq!(changed.keys().collect::<Vec<_>>(), [&(Upshot::Bounced, 0)], "the other shard's is the same");
    let (step, _) = store.outcomes_kept(Some(&held), written(2), changed.clone());
    store.commit(vec![step]).await.expect("nobody else tells");
    assert_eq!((whom(2, 0).await, whom(1, 1).await), (vec![1, 3], vec![5]));
    // Whoever read it before has seen less.
    let (late, _) = store.outcomes_kept(Some(&held), written(2), changed);
    assert!(matches!(store.commit(vec![late]).await, Err(StoreError::Conflict(0))));
    let none = store.outcomes(&written(2), Upshot::Opened, ShardNumber(0)).await.expect("it reads");
    assert!(none.is_empty(), "of what has happened to nobody there is no item");
}
