//! The merchant comes back from Shopify's question whether they let us in.

use domain::Timestamp;

use super::{BadQuery, SignedQuery};
use crate::{App, Secret, ShopDomain, embedded, signature};

/// What they bring, of which Shopify's signature was checked. Whether it is an answer to a question of ours says `state`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    pub shop: ShopDomain,
    /// Good for one use within some minutes.
    pub code: Secret,
    state: String,
    /// Where in Shopify's admin they came from, if that was told: "admin.shopify.com/store/nordlicht".
    pub admin: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCallback {
    #[error(transparent)]
    Query(#[from] BadQuery),
    #[error("the query lacks {0}, or it is not what it should be")]
    Missing(&'static str),
}

impl Callback {
    /// `raw` is what stands behind the `?`, as it came.
    pub fn read(raw: &str, app: &App, now: Timestamp) -> Result<Self, BadCallback> {
        let query = SignedQuery::read(raw, app, now)?;
        let get = |name: &'static str| {
            query.get(name).filter(|value| !value.is_empty()).ok_or(BadCallback::Missing(name))
        };
        Ok(Self {
            shop: get("shop")?.parse().map_err(|_| BadCallback::Missing("shop"))?,
            code: Secret::new(get("code")?),
            state: get("state")?.to_owned(),
            admin: query.get("host").and_then(embedded::admin),
        })
    }

    /// Whether this is the answer to the question that was asked with that state: the one in the browser's cookie.
    pub fn answers(&self, state: &str) -> bool {
        !state.is_empty() && signature::same(self.state.as_bytes(), state.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::tests::app,
        oauth::query::tests::{NOW, now, signed},
    };

    #[test]
    fn a_callback_is_the_answer_to_one_question() {
        let pairs = format!(
            "code=c1&host=YWRtaW4uc2hvcGlmeS5jb20vc3RvcmUvbm9yZGxpY2h0&shop=nordlicht.myshopify.com&state=abc&timestamp={NOW}"
        );
        let callback = Callback::read(&signed(&pairs, "hush"), &app(), now()).unwrap();
        assert_eq!(callback.shop.name(), "nordlicht");
        assert_eq!(callback.code.expose(), "c1");
        assert_eq!(callback.admin.as_deref(), Some("admin.shopify.com/store/nordlicht"));
        assert!(callback.answers("abc"));
        for other in ["", "ab", "abd", "abcd"] {
            assert!(!callback.answers(other), "{other:?}");
        }
    }

    #[test]
    fn a_callback_that_lacks_something_is_refused() {
        let check = |pairs: &str, expected: BadCallback| {
            assert_eq!(Callback::read(&signed(pairs, "hush"), &app(), now()), Err(expected), "{pairs}");
        };
        let shop = "shop=nordlicht.myshopify.com";
        check(&format!("code=c1&{shop}&timestamp={NOW}"), BadCallback::Missing("state"));
        check(&format!("code=c1&{shop}&state=&timestamp={NOW}"), BadCallback::Missing("state"));
        check(&format!("{shop}&state=a&timestamp={NOW}"), BadCallback::Missing("code"));
        check(&format!("code=c1&state=a&timestamp={NOW}"), BadCallback::Missing("shop"));
        check(&format!("code=c1&shop=evil.com&state=a&timestamp={NOW}"), BadCallback::Missing("shop"));
        let unsigned = Callback::read(&format!("code=c1&{shop}&state=a&timestamp={NOW}"), &app(), now());
        assert_eq!(unsigned, Err(BadCallback::Query(BadQuery::NoSignature)));
    }
}
