//! The simulated vendor's door, and that of any vendor that signs as it does: one receipt, or up to a thousand.

use axum::{Extension, Json, extract::State, http::HeaderMap};
use domain::{Receipt, campaign::MessageId};
use flows::sign::Purpose;
use receipts::{
    signature,
    simulated::{SIGNATURE_HEADER, read},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{header, left, noted, unproven, unreadable};
use crate::{
    App, Deps,
    edge::RawBody,
    error::{Problem, ProblemDocument},
};

/// One receipt as vendors write it; a batch is `{"receipts": […]}`.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "it tells the document what is read elsewhere")]
pub(crate) struct VendorReceipt {
    /// The name that the vendor was given with the message.
    #[serde(rename = "messageId")]
    message_id: String,
    /// `SENT`, `DELIVERED`, `FAILED`, `BOUNCED`, `COMPLAINED`, `OPENED`, `CLICKED`, `UNSUBSCRIBED`, in any case; `PENDING` says nothing.
    status: String,
    #[serde(rename = "errorMessage")]
    error_message: Option<String>,
    /// When it happened; now unless told.
    timestamp: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ReceiptsTaken {
    data: Taken,
}

#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Taken {
    One(OneTaken),
    Batch {
        /// How many are kept.
        accepted: usize,
        /// Each of those that can be read, in their order.
        receipts: Vec<OneTaken>,
        /// What cannot be read, by its place.
        errors: Vec<ReceiptUnread>,
    },
}

#[derive(Serialize, ToSchema)]
pub(crate) struct OneTaken {
    #[serde(rename = "messageId")]
    message_id: Option<String>,
    /// `UPDATED`; `UNCHANGED` of what says nothing; in a batch `UNKNOWN` of a message that has no name of ours.
    status: &'static str,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ReceiptUnread {
    pointer: String,
    detail: &'static str,
}

/// What a vendor tells of messages
///
/// Signed: `X-Vendor-Signature: t=<seconds>,v1=<hex>`, HMAC-SHA-256 over `<seconds>.<body>`, five minutes old at most. Told
/// twice, late or in another order it comes to the same. A single receipt of a message that nobody sent is answered 404; of a
/// batch each is told by itself.
#[utoipa::path(post, operation_id = "tell_receipts", path = "/api/v1/receipts/simulated", tag = "Receipts",
    request_body = VendorReceipt, responses((status = 200, body = ReceiptsTaken),
    (status = 400, description = "it cannot be read: what, and where", body = ProblemDocument),
    (status = 401, description = "`bad_signature`", body = ProblemDocument),
    (status = 404, description = "nobody sent such a message", body = ProblemDocument)))]
pub(crate) async fn tell(
    State(deps): State<App>,
    headers: HeaderMap,
    Extension(RawBody(body)): Extension<RawBody>,
) -> Result<Json<ReceiptsTaken>, Problem> {
    let (secrets, now) = (deps.open_secrets().await?, deps.now());
    let key = secrets.tag(Purpose::VendorReceipts, b"");
    signature::verify([key.as_bytes()], header(&headers, SIGNATURE_HEADER), &body, now).map_err(unproven)?;
    let told = read(&body, now).map_err(unreadable)?;
    noted("simulated", &told.unread);
    let is_batch = is_batch(&body);
    if !is_batch {
        return Ok(Json(ReceiptsTaken { data: Taken::One(one(&deps, told.receipts).await?) }));
    }
    let taken = |receipt: &Receipt| OneTaken {
        message_id: receipt.message.as_ref().map(ToString::to_string),
        status: if receipt.message_id().is_some() { "UPDATED" } else { "UNKNOWN" },
    };
    let receipts = told.receipts.iter().map(taken).collect();
    let unread = told.unread.into_iter();
    let errors = unread.map(|unread| ReceiptUnread { pointer: unread.at, detail: unread.what }).collect();
    let (named, _) = super::named(told.receipts);
    let accepted = named.len();
    left(&deps, named).await?;
    Ok(Json(ReceiptsTaken { data: Taken::Batch { accepted, receipts, errors } }))
}

fn is_batch(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Batch {
        #[serde(rename = "receipts")]
        _receipts: Vec<serde::de::IgnoredAny>,
    }
    body.trim_ascii_start().starts_with(b"[") || serde_json::from_slice::<Batch>(body).is_ok()
}

async fn one(deps: &Deps, receipts: Vec<Receipt>) -> Result<OneTaken, Problem> {
    let Some(receipt) = receipts.into_iter().next() else {
        return Ok(OneTaken { message_id: None, status: "UNCHANGED" });
    };
    let missing = || flows::FlowError::NotFound("message");
    let id = receipt.message_id().ok_or_else(missing)?;
    if !was_sent(deps, id).await? {
        return Err(missing().into());
    }
    left(deps, vec![(id, receipt)]).await?;
    Ok(OneTaken { message_id: Some(id.to_string()), status: "UPDATED" })
}

/// A message is claimed before anybody is asked to send it.
async fn was_sent(deps: &Deps, id: MessageId) -> Result<bool, Problem> {
    let store = deps.store.for_task(id.tenant);
    let chunk = store.campaign_chunk(id.campaign, id.chunk).await?;
    let message = chunk.and_then(|chunk| chunk.messages.get(usize::from(id.place)).cloned());
    Ok(message.is_some_and(|message| message.sent_at.is_some()))
}
