//! What people do in the shop's admin: they open the app, install and remove it; and what Shopify itself sends an app.

use serde_json::json;
use url::Url;

use super::{
    shop::Shop,
    switches::{below, hex},
    webhooks,
};

/// Who is in the admin.
const STAFF: u64 = 902_541_635;

impl Shop {
    /// The merchant grants that, as by the screen that Shopify shows for an app with managed installation.
    pub fn install(&self, scopes: &[&str]) {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.with(|state, _, _| {
            state.access.install(scopes);
            state.access_changed();
        });
    }

    /// The app is removed: its tokens and subscriptions are gone, and it is told so once.
    pub fn uninstall(&self) {
        self.with(|state, now, dice| {
            // Told before, as nobody tells an app that is not there.
            let told = webhooks::shop_told(self.front(), &state.name);
            state.announce("app/uninstalled", &told, self.front(), dice, now);
            state.access.uninstall();
            state.access_changed();
            state.hooks.clear();
            state.subscriptions_changed();
        });
    }

    /// The merchant gives the shop another name.
    pub fn rename(&self, name: &str) {
        self.with(|state, now, dice| {
            state.call(name);
            let mut told = webhooks::shop_told(self.front(), name);
            told["updated_at"] = json!(super::words::local(now, &self.front().zone));
            state.announce("shop/update", &told, self.front(), dice, now);
        });
    }

    /// What the merchant grants is another thing now.
    pub fn regrant(&self, scopes: &[&str]) {
        let current: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.with(|state, now, dice| {
            let previous = state.access.scopes.replace(current.clone()).unwrap_or_default();
            state.access_changed();
            let told = json!({
                "id": 1,
                "shop_id": format!("gid://shopify/Shop/{}", self.front().id),
                "previous": previous,
                "current": current,
                "updated_at": super::words::utc_millis(now),
            });
            state.announce("app/scopes_update", &told, self.front(), dice, now);
        });
    }

    /// What the merchant grants. `None`: the app is not installed.
    pub fn scopes(&self) -> Option<Vec<String>> {
        self.with(|state, _, _| state.access.scopes.clone())
    }

    /// What opens the shop to whoever has it: to be looked for where it must not be.
    pub fn tokens(&self) -> Vec<String> {
        self.with(|state, _, _| state.access.texts())
    }

    /// What the app has asked this shop to tell it, and where: the topic as GraphQL has it, and the address.
    pub fn subscriptions(&self) -> Vec<(String, String)> {
        self.with(|state, _, _| {
            let held = state.hooks.subscriptions().iter();
            held.map(|held| (held.topic.clone(), held.uri.clone())).collect()
        })
    }

    /// A customer asks what is known of them. `false`: there is no such customer.
    pub fn request_data(&self, customer: u64) -> bool {
        self.with(|state, now, dice| {
            let request = below(dice, 1_000_000);
            let told = webhooks::data_request(customer, &state.books, self.front(), request);
            let Some(told) = told else { return false };
            state.announce("customers/data_request", &told, self.front(), dice, now);
            true
        })
    }

    /// What Shopify sends two days after an app was removed. It goes to an app that is not installed any more.
    pub fn redact_shop(&self) {
        let told = json!({"shop_id": self.front().id, "shop_domain": self.domain()});
        self.with(|state, now, dice| {
            let held = state.access.scopes.clone();
            state.access.scopes.get_or_insert_default();
            state.announce("shop/redact", &told, self.front(), dice, now);
            state.access.scopes = held;
        });
    }

    /// Such as App Bridge hands to the app's pages in the admin; good for a minute.
    pub fn session_token(&self) -> String {
        self.session_token_of(STAFF)
    }

    /// Of another person of the shop's staff.
    pub fn session_token_of(&self, staff: u64) -> String {
        let nonce = hex(self.dice(), 32);
        self.front().app.session_token(self.domain(), staff, &nonce, self.now())
    }

    /// The mail address by which Shopify knows a person of the staff.
    pub(super) fn mail_of(staff: u64) -> String {
        if staff == STAFF { "owner@demo.test".to_owned() } else { format!("staff-{staff}@demo.test") }
    }

    /// Claims of any kind, signed as App Bridge signs.
    pub fn signed_claims(&self, claims: &serde_json::Value) -> String {
        self.front().app.jwt(claims)
    }

    /// Where a browser is sent that opens the app in the admin.
    ///
    /// # Panics
    /// If the app's own address is none.
    pub fn app_url(&self) -> String {
        let pairs = vec![
            ("embedded", "1".to_owned()),
            ("host", self.host()),
            ("id_token", self.session_token()),
            ("locale", "en".to_owned()),
            ("session", hex(self.dice(), 64)),
            ("shop", self.domain().to_owned()),
            ("timestamp", self.now().as_second().to_string()),
        ];
        let app = &self.front().app;
        let url = Url::parse_with_params(&app.settings.application_url, app.signed_query(pairs));
        url.expect("an app has an address").into()
    }

    /// The admin's own address of the shop, in base64 without padding.
    pub(super) fn host(&self) -> String {
        use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
        STANDARD_NO_PAD.encode(format!("admin.shopify.com/store/{}", self.front().handle()))
    }
}
