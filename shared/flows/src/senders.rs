//! How somebody in whose name a shop writes is made known to the provider, proven, and forgotten.
//!
//! The identity is claimed before the provider hears of it: what is proven there is proven for the whole installation, and
//! must not be another shop's. A claim whose time is up is anybody's; the provider is made to forget the identity then, so
//! that the next proof is asked of its next owner.

use async_trait::async_trait;
use domain::{
    Sender, Standing, TenantId, Timestamp,
    sender::{Claim, DnsRecord, Identity, SENDERS_MAX},
};
use store::{Held, Step, Store, StoreError, TenantStore};

use crate::{FlowError, Verdict};

/// What a provider knows of identities. Everything may be asked twice.
#[async_trait]
pub trait Identities: Send + Sync {
    /// Makes it known, and says what is to be done for its proof. Known already, it is checked.
    async fn register(&self, tenant: TenantId, identity: &Identity) -> Result<Checked, FlowError>;
    /// `None`: the provider knows nothing of it.
    async fn check(&self, tenant: TenantId, identity: &Identity) -> Result<Option<Checked>, FlowError>;
    /// What is not known is forgotten.
    async fn forget(&self, tenant: TenantId, identity: &Identity) -> Result<(), FlowError>;
}

/// Who is told that a shop writes in a name no more, and can be told nothing else.
#[async_trait]
pub trait Farewells: Send + Sync {
    /// As `Identities::forget`.
    async fn farewell(&self, tenant: TenantId, identity: &Identity) -> Result<(), FlowError>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub standing: Standing,
    pub records: Vec<DnsRecord>,
}

/// Adds a sender, and tells the provider. If the provider cannot be asked, the sender stands there `Unverified`, and `check`
/// tells it again.
pub async fn add(
    desk: (&Store, &TenantStore),
    identities: &dyn Identities,
    sender: Sender,
    now: Timestamp,
) -> Result<Sender, FlowError> {
    let held = begun(desk, identities, sender, now).await?;
    let begun = (*held).clone();
    // It is there: what the provider thinks of it can be asked again.
    Ok(check(desk, identities, held, now).await.unwrap_or(begun))
}

/// Asks the provider how it stands with a sender.
pub async fn check(
    desk: (&Store, &TenantStore),
    identities: &dyn Identities,
    held: Held<Sender>,
    now: Timestamp,
) -> Result<Sender, FlowError> {
    let (sender, steps) = asked(desk, identities, &held, now).await?;
    desk.1.commit(steps).await?;
    Ok(sender)
}

/// The first half of adding: the sender is there, and its identity is the shop's. One that was begun before, and of which no
/// provider was asked yet, is gone on with.
pub async fn begun(
    (store, team): (&Store, &TenantStore),
    identities: &dyn Identities,
    sender: Sender,
    now: Timestamp,
) -> Result<Held<Sender>, FlowError> {
    let all = team.senders().await?;
    if let Some(held) = all.iter().find(|held| held.identity == sender.identity) {
        if held.checked_at.is_none() && held.name == sender.name {
            return Ok(held.clone());
        }
        return Err(conflict("sender_exists", "there is a sender of that name already".to_owned()));
    }
    if all.len() >= SENDERS_MAX {
        return Err(conflict("too_many_senders", format!("a shop has at most {SENDERS_MAX} senders")));
    }
    let mut steps = Vec::new();
    if sender.identity.is_exclusive() {
        let held = store.claim(&sender.identity).await?;
        if held.as_deref().is_some_and(|claim| claim.is_anothers(team.id(), now)) {
            return Err(taken());
        }
        if let Some(held) = held.as_ref().filter(|held| held.tenant != team.id()) {
            identities.forget(held.tenant, &sender.identity).await?;
        }
        let until = Claim::new(team.id(), now).until;
        steps.push(team.claimed(&sender.identity, held.as_ref(), until));
    }
    steps.push(team.sender_made(&sender));
    let is_ours = |held: &Held<Sender>| held.identity == sender.identity && held.name == sender.name;
    match team.commit(steps).await {
        Ok(()) => {}
        // Somebody of the shop's own was faster, or another shop.
        Err(StoreError::Conflict(_)) => {
            let held = team.senders().await?.into_iter().find(is_ours);
            return held.ok_or_else(taken);
        }
        Err(error) => return Err(error.into()),
    }
    let held = team.sender(sender.id).await?;
    held.ok_or_else(|| FlowError::unavailable("a sender that was made is not there"))
}

/// How the provider says that it stands with a sender, and what is to be kept of that.
pub async fn asked(
    (store, team): (&Store, &TenantStore),
    identities: &dyn Identities,
    held: &Held<Sender>,
    now: Timestamp,
) -> Result<(Sender, Vec<Step>), FlowError> {
    let is_exclusive = held.identity.is_exclusive();
    let claim = if is_exclusive { store.claim(&held.identity).await? } else { None };
    if is_exclusive && claim.as_deref().is_none_or(|claim| claim.tenant != team.id()) {
        // Somebody else has it by now.
        return Ok(changed(team, held, Standing::Failed, Vec::new(), now));
    }
    let checked = match identities.check(team.id(), &held.identity).await? {
        Some(checked) => checked,
        None => identities.register(team.id(), &held.identity).await?,
    };
    let is_over = claim.as_deref().and_then(|claim| claim.until).is_some_and(|until| until <= now);
    let standing = match checked.standing {
        Standing::Pending | Standing::Unverified if is_over => Standing::Failed,
        standing => standing,
    };
    // Proven, it is theirs for good.
    let newly = claim.as_ref().filter(|claim| claim.until.is_some() && standing == Standing::Verified);
    let claimed = newly.map(|claim| team.claimed(&held.identity, Some(claim), None));
    let (sender, steps) = changed(team, held, standing, checked.records, now);
    Ok((sender, claimed.into_iter().chain(steps).collect()))
}

/// Ends a sender; the provider forgets it, and the identity is anybody's.
pub async fn remove(
    (store, team): (&Store, &TenantStore),
    identities: &dyn Identities,
    held: &Held<Sender>,
) -> Result<(), FlowError> {
    let claim = if held.identity.is_exclusive() { store.claim(&held.identity).await? } else { None };
    let claim = claim.filter(|claim| claim.tenant == team.id());
    if claim.is_some() || !held.identity.is_exclusive() {
        // First: an identity that nobody claims and the provider still trusts would be whoever's asks next.
        identities.forget(team.id(), &held.identity).await?;
    }
    let mut steps: Vec<_> =
        claim.iter().map(|claim| TenantStore::claim_ended(&held.identity, claim)).collect();
    steps.push(team.sender_ended(held));
    Ok(team.commit(steps).await?)
}

/// The shop's data end: its names are anybody's, and the provider forgets what was proven of them. Of one that the provider does not
/// let go of the claim stays, and is over: it is made to forget that before the next owner's proof.
pub async fn let_go(
    (store, team): (&Store, &TenantStore),
    farewells: &dyn Farewells,
    now: Timestamp,
) -> Result<(), FlowError> {
    for sender in team.senders().await?.iter().filter(|sender| sender.identity.is_exclusive()) {
        let claim = store.claim(&sender.identity).await?;
        let Some(claim) = claim.filter(|claim| claim.tenant == team.id()) else { continue };
        // First, as above.
        let step = match farewells.farewell(team.id(), &sender.identity).await {
            Ok(()) => TenantStore::claim_ended(&sender.identity, &claim),
            Err(error) if error.verdict() == Verdict::Dead => {
                tracing::warn!(tenant = %team.id(), "a provider does not let go of a sender: {error}");
                team.claimed(
                    &sender.identity,
                    Some(&claim),
                    Some(claim.until.map_or(now, |until| until.min(now))),
                )
            }
            Err(error) => return Err(error),
        };
        team.commit(vec![step]).await?;
    }
    Ok(())
}

fn changed(
    team: &TenantStore,
    held: &Held<Sender>,
    standing: Standing,
    records: Vec<DnsRecord>,
    now: Timestamp,
) -> (Sender, Vec<Step>) {
    let sender = Sender { standing, records, checked_at: Some(now), ..(**held).clone() };
    let step = team.sender_changed(held, &sender);
    (sender, vec![step])
}

fn taken() -> FlowError {
    conflict("sender_taken", "another shop writes in that name, or is about to prove that it may".to_owned())
}

fn conflict(code: &'static str, sentence: String) -> FlowError {
    FlowError::Conflict { code, sentence }
}
