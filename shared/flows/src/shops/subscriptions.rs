//! What a shop tells us of: as the app's configuration says, or as each shop is asked.
//!
//! The rule is one: the topics are those of `Topic::ASKED_FOR`. `shopify.app.toml` names them all, and Shopify never lets
//! go of what stands there. Where an installation's app is not configured by it, each shop is asked to tell us at an
//! address of its own (`Shops::told_at`). What a shop was asked for and should not tell is taken back, so that nothing is
//! told twice; a new subscription is made before the one that it replaces ends, so that nothing is missed.

use domain::{
    ShopDomain,
    upkeep::{Lack, LackReason},
};
use shopify::{
    Topic,
    graph::{Refusal, Refused, Subscribe, Subscription, SubscriptionsPage, Unsubscribe},
    oauth::Scopes,
};
use store::TenantStore;

use super::{Shops, Unanswered};
use crate::{FlowError, seal::Seals, sign::Purpose};

impl Shops {
    /// Makes a shop's subscriptions what they should be, and answers what it does not tell us. Again, nothing changes.
    pub async fn subscribed(&self, hands: (&TenantStore, &Seals)) -> Result<Vec<Lack>, Unanswered> {
        let held = self.subscriptions(hands).await?;
        // Behind the first question, which renews the tokens: their scopes are what is granted now.
        let connection = hands.0.connection().await?.ok_or(Unanswered::Closed(None))?;
        let granted: Scopes = connection.scopes.parse().map_err(FlowError::broken)?;
        let (told, ungranted): (Vec<_>, Vec<_>) = Topic::ASKED_FOR
            .iter()
            .partition(|topic| topic.scope().is_none_or(|scope| granted.cover(&scope)));
        let mut lacking: Vec<_> = ungranted.into_iter().map(not_granted).collect();
        let Some(uri) = self.address_of(&connection.shop).await? else {
            self.taken_back(hands, held.iter().collect()).await?;
            return Ok(lacking);
        };
        let is_right =
            |held: &Subscription, topic: &Topic| held.topic == topic.in_graphql() && held.uri == uri;
        let mut refused = Vec::new();
        for topic in told.iter().filter(|topic| !held.iter().any(|held| is_right(held, topic))) {
            match self.ask(hands, &Subscribe::to(topic, &uri)).await {
                Ok(_) => {}
                Err(Unanswered::Refused(Refused { why: Refusal::NotDone(_), .. })) => refused.push(*topic),
                Err(other) => return Err(other),
            }
        }
        // What was refused may be there, made by somebody else at the same moment.
        let now = if refused.is_empty() { held } else { self.subscriptions(hands).await? };
        refused.retain(|topic| !now.iter().any(|held| is_right(held, topic)));
        let is_wanted = |held: &&Subscription| {
            let is_kept = told.iter().any(|topic| is_right(held, topic));
            // The old one of a topic that no new one could be made for is better than none.
            is_kept || refused.iter().any(|topic| held.topic == topic.in_graphql())
        };
        self.taken_back(hands, now.iter().filter(|held| !is_wanted(held)).collect()).await?;
        lacking.extend(refused.into_iter().map(|topic| lack(topic, LackReason::Refused)));
        Ok(lacking)
    }

    /// Where that shop, and nobody else, is asked to tell us.
    async fn address_of(&self, shop: &ShopDomain) -> Result<Option<String>, FlowError> {
        let Some(told_at) = &self.told_at else { return Ok(None) };
        let tag = self.secrets.open().await?.tag(Purpose::ShopAddress, shop.as_str().as_bytes());
        Ok(Some(format!("{told_at}/webhooks/s/{tag}")))
    }

    async fn subscriptions(&self, hands: (&TenantStore, &Seals)) -> Result<Vec<Subscription>, Unanswered> {
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let page = self.ask(hands, &SubscriptionsPage::behind(cursor)).await?.it;
            all.extend(page.nodes);
            cursor = page.next;
            if cursor.is_none() {
                return Ok(all);
            }
        }
    }

    async fn taken_back(
        &self,
        hands: (&TenantStore, &Seals),
        all: Vec<&Subscription>,
    ) -> Result<(), Unanswered> {
        for held in all {
            match self.ask(hands, &Unsubscribe { id: held.id.clone() }).await {
                // It is gone already.
                Ok(_) | Err(Unanswered::Refused(Refused { why: Refusal::NotDone(_), .. })) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }
}

fn not_granted(topic: &Topic) -> Lack {
    lack(topic, LackReason::NotGranted(topic.scope().map(|scope| scope.to_string()).unwrap_or_default()))
}

fn lack(topic: &Topic, why: LackReason) -> Lack {
    Lack { topic: topic.name().to_owned(), why }
}
