//! The tokens that people and programs hold: access, refresh, links in mail, tickets for a socket, API keys.
//!
//! Access tokens are JWTs (HS256) and tell who, in which session, in which tenant, for at most 15 minutes.
//! Refresh tokens, links and tickets are `kind.<what>.<tag>`: nothing of them is stored, their tags prove that we made
//! them, and the record that they name says what they are still worth.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{InvitationId, ResetId, SessionId, TenantId, TicketId, Timestamp, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::{
    Dice, FlowError, Secrets,
    sign::{Purpose, sha256_hex},
};

/// The longest that an access token may live.
pub const ACCESS_SECONDS_MAX: u32 = 900;
/// Longer tokens are refused before anything is computed over them.
const TOKEN_BYTES_MAX: usize = 2_048;

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    #[serde(rename = "sub")]
    pub user: UserId,
    #[serde(rename = "sid")]
    pub session: SessionId,
    /// The tenant it acts in.
    #[serde(rename = "tid", default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<TenantId>,
    #[serde(rename = "iat")]
    pub issued_at: i64,
    #[serde(rename = "exp")]
    pub expires_at: i64,
}

/// What a ticket says: whose socket it opens, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    pub id: TicketId,
    pub tenant: TenantId,
    pub user: UserId,
    pub session: SessionId,
    pub ends_at: Timestamp,
}

impl Secrets {
    pub fn access_token(&self, access: &Access) -> Result<String, FlowError> {
        let key =
            self.tokens.first().ok_or_else(|| FlowError::broken("there is no key for access tokens"))?;
        let header = Header { kid: Some(key.kid.clone()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, access, &EncodingKey::from_secret(&key.key)).map_err(FlowError::broken)
    }

    /// What the token says, if one of our keys signed it and its time has not passed.
    pub fn access(&self, token: &str, now: Timestamp) -> Option<Access> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
        let key = self.tokens.iter().find(|key| key.kid == kid)?;
        let mut validation = Validation::new(Algorithm::HS256);
        // The library would ask the machine's clock.
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        let key = DecodingKey::from_secret(&key.key);
        let access = jsonwebtoken::decode::<Access>(token, &key, &validation).ok()?.claims;
        (now.as_second() < access.expires_at).then_some(access)
    }

    pub fn refresh_token(&self, session: SessionId, generation: u32) -> String {
        self.token("rt", &format!("{session}.{generation}"), Purpose::Refresh)
    }

    /// Which session and generation a refresh token is of.
    pub fn refresh(&self, token: &str) -> Option<(SessionId, u32)> {
        let (session, generation) = self.content("rt", token, Purpose::Refresh)?.split_once('.')?;
        Some((session.parse().ok()?, generation.parse().ok()?))
    }

    pub fn invitation_token(&self, tenant: TenantId, invitation: InvitationId) -> String {
        self.token("inv", &format!("{tenant}.{invitation}"), Purpose::Invitation)
    }

    pub fn invitation(&self, token: &str) -> Option<(TenantId, InvitationId)> {
        let (tenant, invitation) = self.content("inv", token, Purpose::Invitation)?.split_once('.')?;
        Some((tenant.parse().ok()?, invitation.parse().ok()?))
    }

    /// For a user of that epoch: a new password ends all links of before.
    pub fn reset_token(&self, reset: ResetId, epoch: u32) -> String {
        self.token("pw", &format!("{reset}.{epoch}"), Purpose::Reset)
    }

    pub fn reset(&self, token: &str) -> Option<(ResetId, u32)> {
        let (reset, epoch) = self.content("pw", token, Purpose::Reset)?.split_once('.')?;
        Some((reset.parse().ok()?, epoch.parse().ok()?))
    }

    pub fn ticket(&self, ticket: &Ticket) -> String {
        let Ticket { id, tenant, user, session, ends_at } = ticket;
        let content = format!("{id}.{tenant}.{user}.{session}.{}", ends_at.as_second());
        self.token("tk", &content, Purpose::Ticket)
    }

    /// What a ticket says that has not ended. Whether it was used is not known here.
    pub fn open_ticket(&self, token: &str, now: Timestamp) -> Option<Ticket> {
        let mut parts = self.content("tk", token, Purpose::Ticket)?.split('.');
        let mut next = || parts.next();
        let ticket = Ticket {
            id: next()?.parse().ok()?,
            tenant: next()?.parse().ok()?,
            user: next()?.parse().ok()?,
            session: next()?.parse().ok()?,
            ends_at: Timestamp::from_second(next()?.parse().ok()?).ok()?,
        };
        (now < ticket.ends_at).then_some(ticket)
    }

    /// What a browser's page must send along with its cookies to change anything.
    pub fn csrf_token(&self, session: SessionId) -> String {
        self.tag(Purpose::Csrf, session.to_string().as_bytes())
    }

    pub(crate) fn token(&self, kind: &str, content: &str, purpose: Purpose) -> String {
        format!("{kind}.{content}.{}", self.tag(purpose, content.as_bytes()))
    }

    pub(crate) fn content<'a>(&self, kind: &str, token: &'a str, purpose: Purpose) -> Option<&'a str> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let (content, tag) = token.strip_prefix(kind)?.strip_prefix('.')?.rsplit_once('.')?;
        self.made(purpose, content.as_bytes(), tag).then_some(content)
    }
}

/// What every API key begins with, so that scanners of leaked secrets can know it.
pub const API_KEY_PREFIX: &str = "reg_";

/// A new API key, to be shown once, and the hash to be kept.
pub fn new_api_key(dice: &dyn Dice) -> (String, String) {
    let mut random = [0; 32];
    dice.fill(&mut random);
    let key = format!("{API_KEY_PREFIX}{}", URL_SAFE_NO_PAD.encode(random));
    let hash = sha256_hex(key.as_bytes());
    (key, hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{secrets::TokenKey, secrets::tests::secrets};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn access() -> Access {
        let (user, session) = (UserId::new(at(0), [1; 10]), SessionId::new(at(0), [2; 10]));
        Access { user, session, tenant: None, issued_at: 100, expires_at: 1_000 }
    }

    #[test]
    fn an_access_token_holds_until_its_last_second() {
        let secrets = secrets();
        let token = secrets.access_token(&access()).unwrap();
        assert_eq!(secrets.access(&token, at(999)), Some(access()));
        assert_eq!(secrets.access(&token, at(1_000)), None);
    }

    #[test]
    fn a_forged_access_token_is_worth_nothing() {
        let secrets = secrets();
        let token = secrets.access_token(&access()).unwrap();
        let (head, signature) = token.rsplit_once('.').unwrap();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","kid":"first"}"#);
        let claims = head.split_once('.').unwrap().1;
        let other =
            Secrets { tokens: vec![TokenKey { kid: "first".into(), key: vec![9; 32] }], ..secrets.clone() };
        let strange =
            Secrets { tokens: vec![TokenKey { kid: "x".into(), key: vec![7; 32] }], ..secrets.clone() };
        for forged in [
            String::new(),
            "a.b.c".to_owned(),
            format!("{head}."),
            format!("{head}.{}", signature.to_lowercase()),
            format!("{none}.{claims}."),
            format!("{none}.{claims}.{signature}"),
            other.access_token(&access()).unwrap(),
            strange.access_token(&access()).unwrap(),
            "x".repeat(10_000),
        ] {
            assert_eq!(secrets.access(&forged, at(500)), None, "{forged}");
        }
    }

    #[test]
    fn a_rotated_key_verifies_until_it_is_dropped() {
        let old = secrets();
        let token = old.access_token(&access()).unwrap();
        let new_key = TokenKey { kid: "second".into(), key: vec![3; 32] };
        let mut rotated = old.clone();
        rotated.tokens.insert(0, new_key.clone());
        assert_eq!(rotated.access(&token, at(500)), Some(access()));
        assert!(
            old.access(&rotated.access_token(&access()).unwrap(), at(500)).is_none(),
            "the new key signs"
        );
        let dropped = Secrets { tokens: vec![new_key], ..old };
        assert_eq!(dropped.access(&token, at(500)), None);
    }

    #[test]
    fn tokens_are_read_back_and_not_taken_for_one_another() {
        let secrets = secrets();
        let session = SessionId::new(at(0), [2; 10]);
        let refresh = secrets.refresh_token(session, 7);
        assert_eq!(secrets.refresh(&refresh), Some((session, 7)));
        assert_eq!(secrets.refresh(&refresh.replace(".7.", ".8.")), None);
        assert_eq!(secrets.reset(&refresh), None);

        let (tenant, invitation) = (TenantId::new(at(0), [3; 10]), InvitationId::new(at(0), [4; 10]));
        let token = secrets.invitation_token(tenant, invitation);
        assert_eq!(secrets.invitation(&token), Some((tenant, invitation)));
        assert_eq!(secrets.refresh(&token.replacen("inv", "rt", 1)), None);

        let (id, user) = (TicketId::new(at(0), [6; 10]), UserId::new(at(0), [7; 10]));
        let ticket = Ticket { id, tenant, user, session, ends_at: at(60) };
        let token = secrets.ticket(&ticket);
        assert_eq!(secrets.open_ticket(&token, at(59)), Some(ticket));
        assert_eq!(secrets.open_ticket(&token, at(60)), None);
        assert_eq!(secrets.open_ticket(&token.replace(".60.", ".61."), at(59)), None);
        assert_eq!(secrets.open_ticket(&refresh.replacen("rt", "tk", 1), at(59)), None);

        let reset = ResetId::new(at(0), [5; 10]);
        assert_eq!(secrets.reset(&secrets.reset_token(reset, 2)), Some((reset, 2)));
    }
}
