//! A real WebSocket, through the very door that API Gateway knocks at: told when somebody connects, says something and
//! is gone, within the gateway's own limits.

use axum::{
    Router,
    extract::{
        State,
        ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code},
    },
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::any,
};
use domain::{SocketId, socket::LIFE};
use flows::{
    SocketEvent,
    error::chain,
    socket::{Visitor, is_ours, status, told},
};
use futures::FutureExt;
use serde_json::json;
use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    time::{sleep, timeout},
};

use super::{Hub, Out, PATH};
use crate::product::Product;

/// What the gateway bears of one socket.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// However much is said.
    pub life: Duration,
    /// Without a word from either side.
    pub idle: Duration,
    pub message_bytes: usize,
    /// What is longer comes in several frames.
    pub frame_bytes: usize,
}

impl Limits {
    /// API Gateway's.
    pub const GATEWAY: Self = Self {
        life: LIFE.unsigned_abs(),
        idle: Duration::from_mins(10),
        message_bytes: 128 * 1024,
        frame_bytes: 32 * 1024,
    };
}

#[derive(Clone)]
pub struct Door {
    pub product: Product,
    pub hub: Arc<Hub>,
    pub limits: Limits,
    /// True once everybody is to go.
    pub ending: watch::Receiver<bool>,
    /// Dropped by the last who has gone.
    pub open: mpsc::Sender<()>,
}

pub fn router(door: Door) -> Router {
    Router::new().route(PATH, any(knocked)).with_state(door)
}

async fn knocked(State(door): State<Door>, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    let plain = headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let visitor = Visitor::of(plain);
    let (socket, accepted) = (door.hub.name(), visitor.accepted());
    let done = door.product.live(SocketEvent::Connected { socket: socket.clone(), visitor }).await;
    if let Err(error) = &done {
        let status = StatusCode::from_u16(status(&done)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let (code, message) = told(error);
        if is_ours(error) {
            tracing::warn!("a socket was not opened: {}", chain(error));
        }
        return (status, axum::Json(json!({"code": code, "message": message}))).into_response();
    }
    let upgrade = upgrade.max_message_size(door.limits.message_bytes).max_frame_size(door.limits.frame_bytes);
    let upgrade = match accepted {
        Some(spoken) => upgrade.protocols([spoken]),
        None => upgrade,
    };
    let (failed, name) = (door.clone(), socket.clone());
    let upgrade = upgrade.on_failed_upgrade(move |_| {
        tokio::spawn(async move { failed.tell(SocketEvent::Gone { socket: name }).await });
    });
    upgrade.on_upgrade(move |stream| async move { door.serve(socket, stream).await })
}

/// Why a socket ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct End {
    code: u16,
    why: &'static str,
}

const OVER: End = End { code: close_code::AWAY, why: "Going away" };
const ENDED: End = End { code: close_code::NORMAL, why: "" };
const BINARY: End = End { code: close_code::UNSUPPORTED, why: "Binary frames are not supported" };
const TOO_LONG: End = End { code: close_code::SIZE, why: "Message too long" };

impl Door {
    async fn serve(mut self, socket: SocketId, mut stream: WebSocket) {
        let mut out = self.hub.opened(&socket);
        let end = self.converse(&socket, &mut stream, &mut out).await;
        self.hub.gone(&socket);
        if let Some(End { code, why }) = end {
            let frame = CloseFrame { code, reason: why.into() };
            let _ = stream.send(Message::Close(Some(frame))).await;
        }
        self.tell(SocketEvent::Gone { socket }).await;
    }

    /// Until one side ends it. `None`: the watcher did.
    async fn converse(
        &mut self,
        socket: &SocketId,
        stream: &mut WebSocket,
        out: &mut mpsc::Receiver<Out>,
    ) -> Option<End> {
        let life = sleep(self.limits.life);
        tokio::pin!(life);
        loop {
            let idle = self.limits.idle;
            let next = async {
                tokio::select! {
                    biased;
                    () = &mut life => Next::End(OVER),
                    _ = self.ending.wait_for(|is_ending| *is_ending) => Next::End(OVER),
                    out = out.recv() => Next::Out(out.unwrap_or(Out::Close)),
                    heard = stream.recv() => Next::Heard(heard),
                }
            };
            let text = match timeout(idle, next).await.unwrap_or(Next::End(OVER)) {
                Next::Heard(Some(Ok(Message::Text(text)))) => text.to_string(),
                Next::Heard(Some(Ok(Message::Binary(_)))) => return Some(BINARY),
                Next::Heard(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => continue,
                Next::Heard(Some(Err(error))) if error.to_string().contains("too long") => {
                    return Some(TOO_LONG);
                }
                Next::Heard(_) => return None,
                Next::Out(Out::Close) => return Some(ENDED),
                Next::End(end) => return Some(end),
                Next::Out(Out::Text(text)) => match stream.send(Message::Text(text.into())).await {
                    Ok(()) => continue,
                    Err(_) => return None,
                },
            };
            self.tell(SocketEvent::Said { socket: socket.clone(), text }).await;
        }
    }

    /// As Lambda does: whatever becomes of one event, the next is told.
    async fn tell(&self, event: SocketEvent) {
        match AssertUnwindSafe(self.product.live(event)).catch_unwind().await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!("an event of a socket was not taken: {}", chain(&error)),
            Err(_) => tracing::error!("the function panicked over an event of a socket"),
        }
    }
}

enum Next {
    End(End),
    Out(Out),
    Heard(Option<Result<Message, axum::Error>>),
}
