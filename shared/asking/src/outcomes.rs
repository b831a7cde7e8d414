//! What became of messages, as far as rules ask for it now.

use columns::ShardNumber;
use rules::Rule;
use segments::{Outcomes, Scene, Told, names_outcomes, outcomes_asked};
use std::{collections::BTreeSet, sync::Arc};
use store::{StoreError, TenantStore};

/// Of those in these shards. `None`: no rule asks for any.
pub async fn outcomes_of<'r>(
    store: &TenantStore,
    rules: impl Iterator<Item = &'r Rule>,
    scene: &Scene<'_>,
    shards: &[ShardNumber],
) -> Result<Option<Outcomes>, StoreError> {
    let rules: Vec<&Rule> = rules.filter(|rule| names_outcomes(rule)).collect();
    if rules.is_empty() {
        return Ok(None);
    }
    let mut outcomes = Outcomes { written: store.campaigns_written().await?, told: Vec::new() };
    let asked: BTreeSet<_> =
        rules.into_iter().flat_map(|rule| outcomes_asked(rule, scene, &outcomes.written)).collect();
    for (campaign, outcome) in asked {
        let Some(written) = outcomes.written.iter().find(|it| it.campaign == campaign).copied() else {
            continue;
        };
        for shard in shards {
            let told = store.outcomes(&written, outcome, *shard).await?;
            outcomes.told.extend(told.iter().map(|(by_person, why, whom)| Told {
                campaign,
                channel: written.channel,
                outcome,
                by_person: *by_person,
                why: *why,
                whom: Arc::clone(whom),
            }));
        }
    }
    Ok(Some(outcomes))
}
