//! The question to the merchant whether they let us in, which Shopify asks at an address of its own.

use form_urlencoded::byte_serialize;

use super::Scopes;
use crate::{App, Origin, ShopDomain};

/// In whose name the tokens speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The shop's: they work while nobody looks.
    Offline,
    /// The person's who is asked: they end with their session.
    PerUser,
}

/// What is asked of whom.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub shop: &'a ShopDomain,
    pub scopes: &'a Scopes,
    /// Where the answer goes: one of those that `shopify.app.toml` names.
    pub redirect_uri: &'a str,
    /// Comes back with the answer: see `Callback::answers`.
    pub state: &'a str,
    pub access: Access,
}

impl Question<'_> {
    /// Where the merchant's browser is sent.
    pub fn url(&self, app: &App, origin: &Origin) -> String {
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
        let mut query = format!(
            "client_id={}&scope={}&redirect_uri={}&state={}",
            encoded(&app.client_id),
            encoded(&self.scopes.to_string()),
            encoded(self.redirect_uri),
            encoded(self.state)
        );
        if self.access == Access::PerUser {
            query.push_str("&grant_options%5B%5D=per-user");
        }
        origin.url(self.shop, &format!("/admin/oauth/authorize?{query}"))
    }
}

/// Where the merchant's browser is sent to allow more than they have to: Shopify asks for it only once the app is
/// installed. Their answer comes as `app/scopes_update`, and they come back to the app.
pub fn more_url(app: &App, origin: &Origin, shop: &ShopDomain, scopes: &Scopes) -> String {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let (client, scopes) = (encoded(&app.client_id), encoded(&scopes.to_string()));
    origin.admin(shop, &format!("/oauth/install?client_id={client}&optional_scopes={scopes}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::tests::app;

    #[test]
    fn the_question_names_who_asks_for_what() {
        let question = Question {
            shop: &"nordlicht.myshopify.com".parse().unwrap(),
            scopes: &"read_orders,write_customers".parse().unwrap(),
            redirect_uri: "https://app.example.com/auth/callback?a=b",
            state: "s t",
            access: Access::Offline,
        };
        let url = "https://nordlicht.myshopify.com/admin/oauth/authorize?client_id=client\
            &scope=read_orders%2Cwrite_customers&redirect_uri=https%3A%2F%2Fapp.example.com%2Fauth%2Fcallback%3Fa%3Db\
            &state=s%20t";
        assert_eq!(question.url(&app(), &Origin::Shopify), url);
        let more =
            more_url(&app(), &Origin::Shopify, question.shop, &"read_all_orders,read_b".parse().unwrap());
        let admin = "https://admin.shopify.com/store/nordlicht/oauth/install";
        assert_eq!(more, format!("{admin}?client_id=client&optional_scopes=read_all_orders%2Cread_b"));
        let personal = Question { access: Access::PerUser, ..question };
        assert_eq!(personal.url(&app(), &Origin::Shopify), format!("{url}&grant_options%5B%5D=per-user"));
    }
}
