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
        let personal = Question { access: Access::PerUser, ..question };
        assert_eq!(personal.url(&app(), &Origin::Shopify), format!("{url}&grant_options%5B%5D=per-user"));
    }
}
