//! A message once more, as a page: its campaign's words, filled for whom it was for.
//!
//! It is the merchant's HTML on our own address: so it may show pictures and lead elsewhere, and nothing else. Nobody is seen
//! to look.

use axum::{http::StatusCode, response::Response};
use flows::{FlowError, filling::Recipient, links::links, wording::Wording};

use crate::{
    Visit,
    addressee::Addressee,
    page::{answer, not_shown},
};

const POLICY: &str = "default-src 'none'; img-src https: http: data:; style-src 'unsafe-inline' https:; font-src https:; \
                      form-action 'none'; base-uri 'none'; frame-ancestors 'none'; \
                      sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation";

pub(crate) async fn answered(visit: &Visit<'_>, to: &Addressee) -> Result<Response, FlowError> {
    let words = to.store.campaign_words_of(&to.campaign, to.arm).await?;
    let Some(words) = words else { return Ok(not_shown()) };
    let wording = Wording::of(&words)?;
    let links = links(visit.secrets, &visit.deps.origin, &to.message);
    let Ok(filled) = wording.filled(&Recipient::new(&to.customer, &to.tenant, links)) else {
        return Ok(not_shown());
    };
    Ok(if filled.html.is_empty() {
        answer(StatusCode::OK, "text/plain; charset=utf-8", POLICY, filled.text)
    } else {
        answer(StatusCode::OK, "text/html; charset=utf-8", POLICY, filled.html)
    })
}
