//! What the simulated vendor tells of messages, brought to the product's own door: signed, as it would come from outside.

use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, header},
};
use flows::{
    FlowError, SecretBox, Web,
    sign::Purpose,
    web::{Ask, Told, Unreached},
};
use vendors::simulated::{Simulated, Telling};

use crate::faults::crash;

/// Where vendors tell.
const DOOR: &str = "/api/v1/receipts/simulated";
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// Tells what is due; answers how many receipts somebody listened to.
pub(crate) async fn tell(
    vendor: &Simulated,
    web: &dyn Web,
    origin: &str,
    secrets: &dyn SecretBox,
) -> Result<usize, FlowError> {
    let key = key(secrets).await?.into_bytes();
    Ok(vendor.tell(&Telling { web, url: format!("{origin}{DOOR}"), key }).await)
}

/// What whoever tells as the vendor does signs with.
pub(crate) async fn key(secrets: &dyn SecretBox) -> Result<String, FlowError> {
    Ok(secrets.open().await?.tag(Purpose::VendorReceipts, b""))
}

/// The way to a router of the same process, whatever the address says of a host.
pub(crate) struct Within(pub(crate) Router);

#[async_trait]
impl Web for Within {
    async fn ask(&self, ask: Ask) -> Result<Told, FlowError> {
        let mut request = Request::post(&ask.url);
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        let content = ask.content.map(|content| (content.kind(), content.into_bytes()));
        let request = match content {
            Some((kind, bytes)) => request.header(header::CONTENT_TYPE, kind).body(Body::from(bytes)),
            None => request.body(Body::empty()),
        };
        let asked = tower::ServiceExt::oneshot(self.0.clone(), request.map_err(FlowError::unavailable)?);
        let Some(Ok(answer)) = crash::watched(asked).await else {
            return Err(FlowError::unavailable(Unreached));
        };
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body(), ANSWER_BYTES_MAX).await.map_err(FlowError::unavailable)?;
        Ok(Told { status, headers: Vec::new(), body: body.to_vec() })
    }
}
