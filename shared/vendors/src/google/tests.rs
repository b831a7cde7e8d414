//! The token endpoint, by what it answers: whose fault it is, and whether trying again helps.

use super::*;
use flows::{Secrets, clock::SystemDice, secrets::GoogleClient};

struct Boxed(Arc<Secrets>);

#[async_trait]
impl SecretBox for Boxed {
    async fn open(&self) -> Result<Arc<Secrets>, FlowError> {
        Ok(self.0.clone())
    }
}

/// A provider that answers so, if it answers.
struct Answers(Option<(u16, String)>);

#[async_trait]
impl Web for Answers {
    async fn ask(&self, ask: Ask) -> Result<Told, FlowError> {
        assert_eq!(ask.url, Endpoints::google().token_url);
        let form = "grant_type=authorization_code&code=code&code_verifier=verifier\
            &redirect_uri=https%3A%2F%2Fcrm.test%2Fback&client_id=us&client_secret=hunter2";
        assert!(ask.content == Some(Content::Form(form.to_owned())));
        let (status, body) = self.0.clone().ok_or_else(|| FlowError::unavailable("nobody answers"))?;
        Ok(Told { status, headers: Vec::new(), body: body.into() })
    }
}

/// What becomes of a code at a provider that answers so.
async fn redeem(answer: Option<(u16, String)>) -> Result<String, FlowError> {
    let mut secrets = Secrets::parse(&Secrets::generate(&SystemDice, "first")).expect("they are sound");
    let client = GoogleClient { client_id: "us".to_owned(), client_secret: "hunter2".to_owned() };
    secrets.google = Some(client);
    let google =
        Google::new(Endpoints::google(), Arc::new(Boxed(Arc::new(secrets))), Arc::new(Answers(answer)));
    google.redeem("code", "verifier", "https://crm.test/back").await
}

#[tokio::test]
async fn only_what_is_wrong_with_the_code_is_the_persons_fault() {
    let check = async |answer: Option<(u16, String)>, expected: &str| {
        let told = match redeem(answer.clone()).await {
            Ok(token) => token,
            Err(FlowError::Denied(_)) => "denied".to_owned(),
            Err(FlowError::Unavailable(cause)) => {
                assert!(!format!("{cause:?}").contains("hunter2"), "{cause:?}");
                "unavailable".to_owned()
            }
            Err(FlowError::Broken(_)) => "broken".to_owned(),
            Err(other) => format!("{other:?}"),
        };
        assert_eq!(told, expected, "{answer:?}");
    };
    let says = |status, error: &str| Some((status, format!("{{\"error\": \"{error}\"}}")));
    check(Some((200, "{\"id_token\": \"a.b.c\"}".to_owned())), "a.b.c").await;
    for error in ["invalid_grant", "invalid_request", "redirect_uri_mismatch"] {
        check(says(400, error), "denied").await;
    }
    check(says(401, "invalid_client"), "broken").await;
    for error in ["unauthorized_client", "unsupported_grant_type", "invalid_scope"] {
        check(says(400, error), "broken").await;
    }
    // Even if it says more than its status does.
    check(says(408, "invalid_grant"), "unavailable").await;
    check(says(429, "invalid_grant"), "unavailable").await;
    check(says(400, "a word of next year"), "unavailable").await;
    check(Some((403, "<html>".to_owned())), "unavailable").await;
    for status in [302, 500, 502, 503] {
        check(says(status, "invalid_grant"), "unavailable").await;
    }
    check(Some((200, "not what was asked for".to_owned())), "unavailable").await;
    check(None, "unavailable").await;
}
