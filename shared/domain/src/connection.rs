//! How a tenant is tied to its shop: let in by the merchant, and until they, or Shopify, say otherwise.
//!
//! A shop belongs to one tenant, and a tenant has one shop at a time. The tokens live an hour and are renewed by one at a
//! time: whoever claims the connection asks Shopify, and everybody else waits for what they are told.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::{ShopDomain, Timestamp, UserId, own::AttributeKind};

/// A token that ends sooner than this is renewed before it is used.
pub const LEFT_LEAST: SignedDuration = SignedDuration::from_secs(120);
/// Whoever renews has it for so long; who has not told by then has died.
pub const CLAIM: SignedDuration = SignedDuration::from_secs(30);

/// The permission without which Shopify shows an app the orders of `DAYS_SHOWN` days alone. A merchant may refuse it.
pub const ALL_ORDERS: &str = "read_all_orders";
pub const DAYS_SHOWN: u16 = 60;

/// A tenant's tie to a shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    pub shop: ShopDomain,
    pub state: ConnectionState,
    /// What the merchant allowed, as Shopify told it: "`read_orders,write_customers`".
    pub scopes: String,
    /// None: there is nothing to ask with.
    pub tokens: Option<SealedTokens>,
    /// Who connected it last.
    pub by: UserId,
    pub connected_at: Timestamp,
    /// When the state was last another one.
    pub changed_at: Timestamp,
    /// Somebody renews the tokens until then.
    pub claimed_until: Option<Timestamp>,
    /// By which version of its API Shopify answered last, if that is not the one that we ask for.
    pub answered_by: Option<String>,
    /// The merchant has let us in, and yet the shop cannot be reached.
    pub unreached: Option<Unreached>,
    pub metafields: Metafields,
}

/// What the shop has defined of its own for its customers and pinned, and that rules can compare.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metafields {
    /// By namespace and key: `facts.birth_date`. They are asked for with each customer.
    pub defined: BTreeMap<String, AttributeKind>,
    /// When a run was last asked to read those of everybody.
    pub read_at: Option<Timestamp>,
}

/// Of a metafield that changes Shopify may tell nobody, neither by an event nor by its customer's date.
pub const METAFIELDS_READ_EACH: SignedDuration = SignedDuration::from_hours(7 * 24);

/// That nobody gets an answer of the shop's, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreached {
    pub why: UnreachedReason,
    pub since: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnreachedReason {
    /// Shopify does not know the app by its secret: that is ours to mend, unless the merchant has removed it.
    AppUnknown,
    /// The shop has not been paid for.
    Frozen,
    Locked,
    /// Closed, or called otherwise by now.
    NotThere,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    Connected,
    /// Shopify takes neither token any more: the merchant has to let us in again.
    NeedsReauth,
    /// The merchant ended it here.
    Disconnected,
    /// The merchant removed the app from the shop.
    Uninstalled,
}

/// A pair of tokens as it is stored: only the tenant's key opens it.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedTokens {
    pub sealed: Vec<u8>,
    pub access_ends_at: Timestamp,
    pub refresh_ends_at: Timestamp,
}

impl std::fmt::Debug for SealedTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealedTokens(…)")
    }
}

impl SealedTokens {
    /// Whether the access token lives long enough for what is asked with it.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.access_ends_at.duration_since(now) >= LEFT_LEAST
    }
}

impl Connection {
    /// The merchant has let us in.
    pub fn begun(shop: ShopDomain, scopes: String, tokens: SealedTokens, by: UserId, now: Timestamp) -> Self {
        Self {
            shop,
            state: ConnectionState::Connected,
            scopes,
            tokens: Some(tokens),
            by,
            connected_at: now,
            changed_at: now,
            claimed_until: None,
            answered_by: None,
            unreached: None,
            metafields: Metafields::default(),
        }
    }

    /// Whether Shopify may be asked for anything.
    pub fn is_open(&self) -> bool {
        self.state == ConnectionState::Connected
    }

    /// Whether Shopify shows us all orders that there ever were.
    pub fn shows_all_orders(&self) -> bool {
        self.scopes.split(',').any(|scope| scope.trim() == ALL_ORDERS)
    }

    /// Where we are not shown all, orders of before then never were.
    pub fn orders_shown_since(&self) -> Timestamp {
        let days = SignedDuration::from_hours(24 * i64::from(DAYS_SHOWN));
        self.connected_at.saturating_sub(days).unwrap_or(Timestamp::MIN)
    }

    pub fn is_claimed(&self, now: Timestamp) -> bool {
        self.claimed_until.is_some_and(|until| now < until)
    }

    #[must_use]
    pub fn claimed(mut self, now: Timestamp) -> Self {
        self.claimed_until = Some(now + CLAIM);
        self
    }

    /// New tokens came. Scopes can have become fewer or more.
    #[must_use]
    pub fn renewed(mut self, scopes: String, tokens: SealedTokens) -> Self {
        self.scopes = scopes;
        self.tokens = Some(tokens);
        self.claimed_until = None;
        self.unreached = None;
        self
    }

    /// No tokens came, and asking again may help.
    #[must_use]
    pub fn not_renewed(mut self) -> Self {
        self.claimed_until = None;
        self
    }

    /// It cannot be reached for this reason, or can be: it stays said since when.
    #[must_use]
    pub fn reached_unless(mut self, why: Option<UnreachedReason>, now: Timestamp) -> Self {
        if self.unreached.map(|held| held.why) != why {
            self.unreached = why.map(|why| Unreached { why, since: now });
        }
        self
    }

    /// It is over, or stands still until the merchant lets us in again: no token stays.
    #[must_use]
    pub fn ended(mut self, state: ConnectionState, now: Timestamp) -> Self {
        if self.state != state {
            self.changed_at = now;
        }
        self.state = state;
        self.tokens = None;
        self.claimed_until = None;
        self.unreached = None;
        self
    }
}

impl Metafields {
    /// The names by which they are asked for.
    pub fn names(&self) -> Vec<String> {
        self.defined.keys().cloned().collect()
    }

    /// The shop has defined these. `Some`: those of everybody are to be read, as others are defined than were, or as it is
    /// time again. `has_time`: the run looks through much in any case.
    #[must_use]
    pub fn seen(
        &self,
        defined: BTreeMap<String, AttributeKind>,
        has_time: bool,
        now: Timestamp,
    ) -> Option<Self> {
        let is_old = self.read_at.is_none_or(|at| now.duration_since(at) >= METAFIELDS_READ_EACH);
        let is_due = has_time && is_old && !defined.is_empty();
        (is_due || defined != self.defined).then_some(Self { defined, read_at: Some(now) })
    }
}

impl UnreachedReason {
    pub fn name(self) -> &'static str {
        match self {
            Self::AppUnknown => "app_unknown",
            Self::Frozen => "frozen",
            Self::Locked => "locked",
            Self::NotThere => "not_there",
        }
    }
}

impl ConnectionState {
    /// Somebody ended it: it does not merely stand still.
    pub fn is_end(self) -> bool {
        matches!(self, Self::Disconnected | Self::Uninstalled)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::NeedsReauth => "needs_reauth",
            Self::Disconnected => "disconnected",
            Self::Uninstalled => "uninstalled",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + seconds).unwrap()
    }

    fn connection() -> Connection {
        let tokens =
            SealedTokens { sealed: vec![1], access_ends_at: at(3_600), refresh_ends_at: at(90 * 24 * 3_600) };
        let shop = "nordlicht.myshopify.com".parse().unwrap();
        Connection::begun(shop, "read_orders".to_owned(), tokens, UserId::new(at(0), [1; 10]), at(0))
    }

    #[test]
    fn a_token_is_renewed_before_it_ends() {
        let tokens = connection().tokens.unwrap();
        assert!(tokens.is_fresh(at(0)) && tokens.is_fresh(at(3_480)));
        assert!(!tokens.is_fresh(at(3_481)) && !tokens.is_fresh(at(4_000)));
    }

    #[test]
    fn what_is_shown_of_orders_is_the_merchants_word() {
        let with = |scopes: &str| Connection { scopes: scopes.to_owned(), ..connection() };
        assert!(with("read_all_orders").shows_all_orders() && with("a, read_all_orders").shows_all_orders());
        assert!(!with("read_orders,write_all_orders").shows_all_orders() && !with("").shows_all_orders());
        assert_eq!(connection().orders_shown_since(), at(-60 * 24 * 3_600));
    }

    #[test]
    fn one_renews_at_a_time_and_who_dies_over_it_holds_nobody_up() {
        let claimed = connection().claimed(at(10));
        assert!(claimed.is_claimed(at(10)) && claimed.is_claimed(at(39)));
        assert!(!claimed.is_claimed(at(40)));
        let tokens = SealedTokens { sealed: vec![2], ..claimed.tokens.clone().unwrap() };
        let renewed = claimed.clone().renewed("read_orders,write_customers".to_owned(), tokens.clone());
        assert_eq!((renewed.tokens, renewed.claimed_until), (Some(tokens), None));
        assert_eq!(claimed.not_renewed(), connection(), "as before");
    }

    #[test]
    fn a_shop_that_cannot_be_reached_says_why_and_since_when() {
        let why = Some(UnreachedReason::Frozen);
        let unreached = connection().reached_unless(why, at(5)).reached_unless(why, at(9));
        assert_eq!(unreached.unreached.map(|held| held.since), Some(at(5)));
        assert_eq!(unreached.clone().not_renewed().unreached, unreached.unreached);
        assert_eq!(unreached.clone().reached_unless(None, at(10)), connection());
        let tokens = unreached.tokens.clone().unwrap();
        assert_eq!(unreached.renewed("read_orders".to_owned(), tokens).unreached, None);
    }

    #[test]
    fn everybodys_metafields_are_read_as_they_are_defined_and_then_each_week() {
        let one = || BTreeMap::from([("facts.size".to_owned(), AttributeKind::Number)]);
        let none = Metafields::default();
        assert_eq!(none.seen(BTreeMap::new(), true, at(0)), None, "there is nothing to read");
        let known = none.seen(one(), false, at(0)).unwrap();
        assert_eq!((known.names(), known.read_at), (vec!["facts.size".to_owned()], Some(at(0))));
        let week = METAFIELDS_READ_EACH.as_secs();
        for (has_time, seconds, is_due) in
            [(true, 0, false), (true, week - 1, false), (true, week, true), (false, 9 * week, false)]
        {
            assert_eq!(known.seen(one(), has_time, at(seconds)).is_some(), is_due, "{has_time} {seconds}");
        }
        let other = BTreeMap::from([("facts.size".to_owned(), AttributeKind::Text)]);
        assert!(known.seen(other, false, at(1)).is_some(), "it is of another type");
        let gone = known.seen(BTreeMap::new(), false, at(1)).unwrap();
        assert_eq!(gone.names(), Vec::<String>::new(), "what is not pinned any more is nobody's");
    }

    #[test]
    fn what_has_ended_has_no_tokens_and_says_since_when() {
        for state in
            [ConnectionState::NeedsReauth, ConnectionState::Disconnected, ConnectionState::Uninstalled]
        {
            let unreached = connection().reached_unless(Some(UnreachedReason::Frozen), at(2));
            let ended = unreached.claimed(at(1)).ended(state, at(5));
            assert!(!ended.is_open());
            assert_eq!(ended.unreached, None, "nobody tries any more");
            assert_eq!((ended.tokens.clone(), ended.claimed_until, ended.changed_at), (None, None, at(5)));
            assert_eq!(ended.ended(state, at(9)).changed_at, at(5), "twice is once");
        }
    }
}
