//! Which webhooks a shop sends us by our asking. Those that `shopify.app.toml` names are not among them.

use serde::{Deserialize, Serialize};

use super::{
    Ask, Data, Refusal, UserError,
    answer::done,
    stretch::{Connection, Page},
};
use crate::Topic;

#[derive(Debug, Clone, Serialize)]
pub struct SubscriptionsPage {
    first: u16,
    after: Option<String>,
}

impl SubscriptionsPage {
    pub fn behind(cursor: Option<String>) -> Self {
        Self { first: 250, after: cursor }
    }
}

/// Asks for one. The topics that the law asks for cannot be.
#[derive(Debug, Clone, Serialize)]
pub struct Subscribe {
    topic: String,
    sub: Input,
}

#[derive(Debug, Clone, Serialize)]
struct Input {
    uri: String,
    format: &'static str,
}

#[derive(Debug, Clone, Serialize)]
pub struct Unsubscribe {
    /// As `Subscription` has it.
    pub id: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Subscription {
    pub id: String,
    /// As GraphQL has it: see `Topic::in_graphql`.
    pub topic: String,
    pub uri: String,
}

impl Subscribe {
    /// `uri` is an address of ours, over TLS, or that of a bus.
    pub fn to(topic: &Topic, uri: &str) -> Self {
        Self { topic: topic.in_graphql(), sub: Input { uri: uri.to_owned(), format: "JSON" } }
    }
}

impl Ask for SubscriptionsPage {
    const DOCUMENT: &'static str = include_str!("../../queries/webhook_list.graphql");
    type Answer = Page<Subscription>;

    fn read(data: &Data<'_>) -> Result<Self::Answer, Refusal> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Root {
            webhook_subscriptions: Connection<Subscription>,
        }
        Ok(data.of::<Root>()?.webhook_subscriptions.page())
    }
}

impl Ask for Subscribe {
    const DOCUMENT: &'static str = include_str!("../../queries/webhook_create.graphql");
    type Answer = Subscription;

    fn read(data: &Data<'_>) -> Result<Self::Answer, Refusal> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Root {
            webhook_subscription_create: Done,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Done {
            webhook_subscription: Option<Subscription>,
            user_errors: Vec<UserError>,
        }
        let it = data.of::<Root>()?.webhook_subscription_create;
        done(it.user_errors)?;
        it.webhook_subscription.ok_or_else(|| Refusal::Unreadable("webhookSubscription".to_owned()))
    }
}

impl Ask for Unsubscribe {
    const DOCUMENT: &'static str = include_str!("../../queries/webhook_delete.graphql");
    type Answer = ();

    fn read(data: &Data<'_>) -> Result<Self::Answer, Refusal> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Root {
            webhook_subscription_delete: Done,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Done {
            user_errors: Vec<UserError>,
        }
        done(data.of::<Root>()?.webhook_subscription_delete.user_errors)
    }
}
