//! A tenant with something of everything that an operation can name.

use crate::{
    cast::{Person, join, sign_up},
    privacy::data_request,
    shop_events::refused_event,
    syncs::failed_sync,
};
use domain::{
    Campaign,
    campaign::{Rules, State, Trial, trial::Metric},
    template::Words,
};
use local::World;
use serde_json::json;

/// A tenant with something of everything.
pub(super) struct House {
    pub(super) owner: Person,
    pub(super) member: Person,
    invitation: String,
    key: String,
    customer: String,
    other: String,
    order: String,
    product: String,
    segment: String,
    list: String,
    template: String,
    campaign: String,
    report: String,
    sender: String,
    job: String,
    webhook: String,
    sync: String,
    request: String,
    suppression: String,
}

impl House {
    pub(super) async fn build(world: &World, name: &str) -> Self {
        let owner = sign_up(world, name).await;
        let member = join(world, &owner, &format!("{name}-member"), "viewer").await;
        let invite = json!({"email": format!("{name}-guest@example.com"), "role": "viewer"});
        let invitation = owner.post(world, "/api/v1/invitations", &invite).await.text_at("/id");
        let key =
            json!({"name": format!("{name}-key"), "scopes": ["account:read", "team:read", "keys:read"]});
        let key = owner.post(world, "/api/v1/api-keys", &key).await.text_at("/id");
        let customer = json!({"name": "Jo", "email": format!("{name}-jo@example.com")});
        let customer = owner.post(world, "/api/v1/customers", &customer).await.text_at("/id");
        let other = owner.post(world, "/api/v1/customers", &json!({"name": "Jo"})).await.text_at("/id");
        let order = json!({"customer_id": other, "name": "#1", "total": "12.50"});
        let order = owner.post(world, "/api/v1/orders", &order).await.text_at("/id");
        let product = owner.post(world, "/api/v1/products", &json!({"title": "Tea"})).await.text_at("/id");
        let segment = json!({"name": "Regulars", "rule": "number_of_orders > 3"});
        let segment = owner.post(world, "/api/v1/segments", &segment).await.text_at("/id");
        let list = json!({"name": "Friends", "kind": "static"});
        let list = owner.post(world, "/api/v1/segments", &list).await.text_at("/id");
        let template = json!({"name": "Spring", "channel": "sms", "text": "Hi {name}"});
        let template = owner.post(world, "/api/v1/templates", &template).await.text_at("/id");
        let campaign = json!({"name": "Sale", "channel": "sms", "text": "Hi {name}", "rule": "EVERYONE"});
        let campaign = owner.post(world, "/api/v1/campaigns", &campaign).await.text_at("/id");
        let report = json!({"name": "Sales", "measures": ["revenue"], "dimensions": ["month"]});
        let report = owner.post(world, "/api/v1/reports", &report).await.text_at("/id");
        let sender = json!({"kind": "address", "identity": format!("{name}@news.test")});
        let sender = owner.post(world, "/api/v1/senders", &sender).await.text_at("/id");
        let job = owner.post(world, "/api/v1/imports", &json!({"of": "customers", "bytes": 6})).await;
        world.put(&job.text_at("/upload/url"), "email\n").send().await;
        let (job, webhook) = (job.text_at("/id"), refused_event(world, &owner, name).await);
        let sync = failed_sync(world, &owner).await;
        let request = data_request(world, &owner, name).await;
        let suppression = json!({"email": format!("{name}-never@example.com")});
        let suppression = owner.post(world, "/api/v1/suppressions", &suppression).await.text_at("/id");
        Self {
            owner,
            member,
            invitation,
            key,
            customer,
            other,
            order,
            product,
            segment,
            list,
            template,
            campaign,
            report,
            sender,
            job,
            webhook,
            sync,
            request,
            suppression,
        }
    }

    /// Its campaign is paused while it tries two texts: it is somebody's to say which is the better.
    pub(super) async fn tries_two_texts(&self, world: &World) {
        let store = world.store_of(self.owner.tenant.parse().expect("an id"));
        let id = self.campaign.parse().expect("an id");
        let held = store.campaign(id).await.expect("memory holds").expect("it is there");
        let trial = Trial { shares: vec![50, 50], metric: Metric::Delivered, hours: 4 };
        let rules = Rules { trial: Some(trial), ..Rules::default() };
        let state = State::Paused { is_planned: true, tripped: None, refused: None };
        let after = Campaign { rules, state, decided: None, ..(*held).clone() };
        let words = ["Hi", "Ho"].map(|text| Words::Sms { text: text.to_owned() });
        let step = store.campaign_reworded(&held, &after, &words);
        store.commit(vec![step]).await.expect("nobody else changes it");
    }

    pub(super) fn fill(&self, path: &str) -> String {
        let segment = if path.contains("{segment}/members") { &self.list } else { &self.segment };
        path.replace("{user}", &self.member.user)
            .replace("{invitation}", &self.invitation)
            .replace("{key}", &self.key)
            .replace("{customer}", &self.customer)
            .replace("{other}", &self.other)
            .replace("{order}", &self.order)
            .replace("{product}", &self.product)
            .replace("{segment}", segment)
            .replace("{template}", &self.template)
            .replace("{campaign}", &self.campaign)
            .replace("{report}", &self.report)
            .replace("{sender}", &self.sender)
            .replace("{address}", &self.owner.email)
            .replace("{list}", &self.list)
            .replace("{job}", &self.job)
            .replace("{webhook}", &self.webhook)
            .replace("{queue}", "notify")
            .replace("{resource}", "orders")
            .replace("{group}", "CHAMPIONS")
            .replace("{id}", "1")
            .replace("{sync}", &self.sync)
            .replace("{request}", &self.request)
            .replace("{suppression}", &self.suppression)
            .replace("{file}", "index.html")
    }

    /// Everything by which it could be recognised.
    pub(super) fn marks(&self) -> [&str; 21] {
        [
            &self.owner.tenant,
            &self.owner.user,
            &self.member.user,
            &self.invitation,
            &self.key,
            &self.owner.email,
            &self.customer,
            &self.other,
            &self.order,
            &self.product,
            &self.segment,
            &self.list,
            &self.template,
            &self.campaign,
            &self.report,
            &self.sender,
            &self.job,
            &self.webhook,
            &self.sync,
            &self.request,
            &self.suppression,
        ]
    }
}
