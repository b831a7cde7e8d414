//! Who may ask the shop, and for how long: codes, tokens that expire, and the chain in which each replaces the last.
//!
//! A new grant begins a new chain and ends the refresh tokens of all others at once. Within a chain the former refresh
//! token is good until its replacement is first used, so that an answer that was lost costs nobody their access.

use flows::Dice;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::switches::hex;

#[cfg(test)]
mod tests;

const CODE: SignedDuration = SignedDuration::from_mins(1);
const ACCESS: SignedDuration = SignedDuration::from_hours(1);
const REFRESH: SignedDuration = SignedDuration::from_hours(24 * 90);
const ONLINE: SignedDuration = SignedDuration::from_secs(86_399);
/// How long the former refresh token is good at most.
const FORMER: SignedDuration = SignedDuration::from_hours(24 * 30);

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Access {
    /// What the merchant has granted; `None`: the app is not installed.
    pub(super) scopes: Option<Vec<String>>,
    codes: BTreeMap<String, Code>,
    chain: Option<Chain>,
    /// Access tokens outside the chain, and when they end.
    others: BTreeMap<String, Option<Timestamp>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Code {
    scopes: Vec<String>,
    ends_at: Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Chain {
    now: Pair,
    former: Option<Pair>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Pair {
    access: String,
    access_ends_at: Timestamp,
    refresh: String,
    refresh_ends_at: Timestamp,
}

/// What the token endpoint answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Granted {
    pub(super) access_token: String,
    pub(super) scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expires_in: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refresh_token_expires_in: Option<i64>,
}

/// Why a call is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stranger {
    Unknown,
    /// A token that never ends: new public apps may not use one.
    Endless,
}

impl Access {
    /// Every token that opens the shop, or may be changed for one that does.
    pub(super) fn texts(&self) -> Vec<String> {
        let pairs = self.chain.iter().flat_map(|chain| std::iter::once(&chain.now).chain(&chain.former));
        let texts = pairs.flat_map(|pair| [pair.access.clone(), pair.refresh.clone()]);
        texts.chain(self.others.keys().cloned()).collect()
    }

    /// The merchant has pressed Install.
    pub(super) fn code(&mut self, scopes: Vec<String>, dice: &dyn Dice, now: Timestamp) -> String {
        let code = hex(dice, 32);
        self.codes.retain(|_, code| code.ends_at > now);
        self.codes.insert(code.clone(), Code { scopes: scopes.clone(), ends_at: now + CODE });
        self.scopes = Some(scopes);
        code
    }

    /// Managed by Shopify: no code, the merchant has granted it before the app is opened.
    pub(super) fn install(&mut self, scopes: Vec<String>) {
        self.scopes = Some(scopes);
    }

    /// Every token is dead at once.
    pub(super) fn uninstall(&mut self) {
        *self = Self::default();
    }

    /// Once each. `None`: no such code, or too late.
    pub(super) fn redeem(
        &mut self,
        code: &str,
        is_expiring: bool,
        dice: &dyn Dice,
        now: Timestamp,
    ) -> Option<Granted> {
        let code = self.codes.remove(code).filter(|code| code.ends_at > now)?;
        self.scopes = Some(code.scopes);
        Some(self.grant(is_expiring, dice, now))
    }

    /// A new chain. The access tokens of the last one end when they would have.
    pub(super) fn grant(&mut self, is_expiring: bool, dice: &dyn Dice, now: Timestamp) -> Granted {
        if !is_expiring {
            let access_token = format!("shpat_{}", hex(dice, 32));
            self.others.insert(access_token.clone(), None);
            return self.granted(access_token, None, None);
        }
        if let Some(chain) = self.chain.take() {
            self.others.insert(chain.now.access, Some(chain.now.access_ends_at));
        }
        let pair = Pair::new(dice, now);
        let granted = self.pair_granted(&pair, now);
        self.chain = Some(Chain { now: pair, former: None });
        granted
    }

    pub(super) fn grant_online(&mut self, dice: &dyn Dice, now: Timestamp) -> Granted {
        let access_token = format!("shpua_{}", hex(dice, 32));
        self.others.insert(access_token.clone(), Some(now + ONLINE));
        self.granted(access_token, Some(ONLINE.as_secs()), None)
    }

    /// A pair in the place of a token that never ends, which is gone. `None`: it is none.
    pub(super) fn migrate(&mut self, token: &str, dice: &dyn Dice, now: Timestamp) -> Option<Granted> {
        self.others.get(token).filter(|end| end.is_none())?;
        self.others.remove(token);
        Some(self.grant(true, dice, now))
    }

    /// `None`: the merchant has to authorize the app again.
    pub(super) fn refresh(&mut self, token: &str, dice: &dyn Dice, now: Timestamp) -> Option<Granted> {
        let chain = self.chain.clone()?;
        let pair = Pair::new(dice, now);
        let next = if chain.now.refresh == token && chain.now.refresh_ends_at > now {
            Chain {
                now: pair.clone(),
                former: Some(Pair {
                    refresh_ends_at: chain.now.refresh_ends_at.min(now + FORMER),
                    ..chain.now
                }),
            }
        } else {
            // The answer with the replacement was lost: it is replaced in its turn.
            let former =
                chain.former.filter(|former| former.refresh == token && former.refresh_ends_at > now)?;
            Chain { now: pair.clone(), former: Some(former) }
        };
        self.chain = Some(next);
        Some(self.pair_granted(&pair, now))
    }

    /// Whether the next use of a token ends another.
    pub(super) fn has_former(&self) -> bool {
        self.chain.as_ref().is_some_and(|chain| chain.former.is_some())
    }

    /// What the bearer may; using a token ends the one that it replaced.
    pub(super) fn let_in(&mut self, token: &str, now: Timestamp) -> Result<Vec<String>, Stranger> {
        let scopes = self.scopes.clone().ok_or(Stranger::Unknown)?;
        if let Some(chain) = &mut self.chain {
            if chain.now.access == token && chain.now.access_ends_at > now {
                chain.former = None;
                return Ok(scopes);
            }
            let is_former = |pair: &Pair| pair.access == token && pair.access_ends_at > now;
            if chain.former.as_ref().is_some_and(is_former) {
                return Ok(scopes);
            }
        }
        match self.others.get(token) {
            Some(Some(end)) if *end > now => Ok(scopes),
            Some(None) => Err(Stranger::Endless),
            _ => Err(Stranger::Unknown),
        }
    }

    fn pair_granted(&self, pair: &Pair, now: Timestamp) -> Granted {
        let refresh = (pair.refresh.clone(), pair.refresh_ends_at.duration_since(now).as_secs());
        self.granted(pair.access.clone(), Some(ACCESS.as_secs()), Some(refresh))
    }

    fn granted(
        &self,
        access_token: String,
        expires_in: Option<i64>,
        refresh: Option<(String, i64)>,
    ) -> Granted {
        let scope = listed(self.scopes.as_deref().unwrap_or_default());
        let (refresh_token, refresh_token_expires_in) = refresh.unzip();
        Granted { access_token, scope, expires_in, refresh_token, refresh_token_expires_in }
    }
}

impl Pair {
    fn new(dice: &dyn Dice, now: Timestamp) -> Self {
        Self {
            access: format!("shpat_{}", hex(dice, 32)),
            access_ends_at: now + ACCESS,
            refresh: format!("shprt_{}", hex(dice, 32)),
            refresh_ends_at: now + REFRESH,
        }
    }
}

/// Where writing is granted, reading goes without saying.
fn listed(scopes: &[String]) -> String {
    let is_said = |scope: &&String| {
        let writing = scope.replacen("read_", "write_", 1);
        writing == **scope || !scopes.contains(&writing)
    };
    scopes.iter().filter(is_said).cloned().collect::<Vec<_>>().join(",")
}
