//! The headers of an event, under the names of classic webhooks (`X-Shopify-Topic`) and of the newer events
//! (`shopify-topic`).

use domain::Timestamp;

use crate::{ApiVersion, ShopDomain, Topic};

/// An id may become part of a key.
const ID_BYTES_MAX: usize = 128;

/// What is told of an event beside its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub topic: Topic,
    pub shop: ShopDomain,
    /// By which the body is written. Another than `ApiVersion::PINNED` is worth a word to whoever runs this.
    pub version: ApiVersion,
    /// Of this delivery; the same when it is tried again. What came with it once need not be done again.
    pub id: String,
    /// Of what the merchant did: several deliveries may have it.
    pub event_id: Option<String>,
    pub triggered_at: Option<Timestamp>,
}

/// A header that is not there, or not what it should be. Its name is without what comes before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the header {0} is missing or malformed")]
pub struct MissingHeader(pub &'static str);

/// By what the names of headers begin.
#[derive(Debug, Clone, Copy)]
pub(super) enum Family {
    Webhooks,
    Events,
}

impl Family {
    fn get<'h>(self, header: &impl Fn(&str) -> Option<&'h str>, name: &str) -> Option<&'h str> {
        let begin = match self {
            Self::Webhooks => "x-shopify-",
            Self::Events => "shopify-",
        };
        header(&format!("{begin}{name}")).filter(|value| !value.is_empty())
    }
}

/// The signature, and in which family of headers it stands: the others are read there, too.
pub(super) fn signed<'h>(header: &impl Fn(&str) -> Option<&'h str>) -> Option<(Family, &'h str)> {
    let families = [Family::Webhooks, Family::Events];
    families.into_iter().find_map(|family| Some((family, family.get(header, "hmac-sha256")?)))
}

impl Delivery {
    pub(super) fn of<'h>(
        family: Family,
        header: &impl Fn(&str) -> Option<&'h str>,
    ) -> Result<Self, MissingHeader> {
        let get = |name: &'static str| family.get(header, name).ok_or(MissingHeader(name));
        let id = |name: &'static str| get(name).and_then(|id| plain(id).ok_or(MissingHeader(name)));
        Ok(Self {
            topic: get("topic")?.parse().map_err(|_| MissingHeader("topic"))?,
            shop: get("shop-domain")?.parse().map_err(|_| MissingHeader("shop-domain"))?,
            version: get("api-version")?.parse().map_err(|_| MissingHeader("api-version"))?,
            id: id("webhook-id")?,
            event_id: id("event-id").ok(),
            triggered_at: get("triggered-at").ok().and_then(|at| at.parse().ok()),
        })
    }
}

/// Visible letters, without what separates the parts of a key.
fn plain(id: &str) -> Option<String> {
    let fits = (1..=ID_BYTES_MAX).contains(&id.len());
    let is_plain = id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    (fits && is_plain).then(|| id.to_owned())
}
