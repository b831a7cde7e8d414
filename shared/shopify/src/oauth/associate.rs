//! Who the person is that a session token speaks of: what Shopify tells beside an online token.
//!
//! The token itself is not kept: what we ask a shop is asked with the offline one.

use serde::Deserialize;

use super::{BadTokens, TokenRefusal, tokens::refusal};

/// Somebody of the shop's staff.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Associate {
    pub email: String,
    /// They have shown Shopify that the address is theirs.
    #[serde(default)]
    pub email_verified: bool,
    #[serde(default)]
    first_name: Option<String>,
    #[serde(default)]
    last_name: Option<String>,
}

impl Associate {
    /// As they are called; empty if nobody said.
    pub fn name(&self) -> String {
        let words = [&self.first_name, &self.last_name].into_iter().flatten();
        words.map(|word| word.trim()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// Reads the answer to `TokenAsk::person`. `retry_after` is the header of that name.
pub fn associate(status: u16, retry_after: Option<&str>, body: &[u8]) -> Result<Associate, TokenRefusal> {
    #[derive(Deserialize)]
    struct Told {
        associated_user: Associate,
    }
    if status != 200 {
        return Err(refusal(status, retry_after, body));
    }
    let told: Told = serde_json::from_slice(body).map_err(|_| BadTokens::Form)?;
    Ok(told.associated_user)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn the_answer_says_who_is_there() {
        let read = |user: Value| {
            let body = json!({"access_token": "shpat_1", "scope": "", "expires_in": 86_399, "associated_user": user});
            associate(200, None, body.to_string().as_bytes())
        };
        let told = read(json!({"id": 1, "first_name": " Olive ", "last_name": "Owner", "email": "o@a.test",
            "email_verified": true, "account_owner": true}))
        .unwrap();
        assert_eq!(
            (told.name().as_str(), told.email.as_str(), told.email_verified),
            ("Olive Owner", "o@a.test", true)
        );
        let bare = read(json!({"email": "o@a.test", "last_name": null})).unwrap();
        assert_eq!((bare.name().as_str(), bare.email_verified), ("", false), "what is not told is not so");
        assert_eq!(read(Value::Null), Err(BadTokens::Form.into()));
        let refused = associate(400, None, br#"{"error":"invalid_subject_token"}"#);
        assert_eq!(refused, Err(TokenRefusal::SessionToken));
    }
}
