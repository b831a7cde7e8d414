//! The same over a real WebSocket.

use super::{PROTOCOLS, about, kept, offer, run};
use crate::cast::{Person, sign_up};
use axum::http::{HeaderValue, StatusCode};
use flows::{
    Clock,
    progress::SyncProgress,
    watching::{Happening, told},
};
use futures::{SinkExt, StreamExt};
use local::{
    World,
    live::{Door, Limits, PATH, router},
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The world's product on a port.
struct Port<'a> {
    world: &'a World,
    url: String,
    end: watch::Sender<bool>,
    all_gone: mpsc::Receiver<()>,
}

impl<'a> Port<'a> {
    async fn open(world: &'a World, limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
        let url = format!("ws://{}{PATH}", listener.local_addr().expect("it is bound"));
        let (end, ending) = watch::channel(false);
        let (open, all_gone) = mpsc::channel(1);
        let door = Door { product: world.product.clone(), hub: world.hub.clone(), limits, ending, open };
        tokio::spawn(async move { axum::serve(listener, router(door)).await });
        Self { world, url, end, all_gone }
    }

    /// The stream and the subprotocol that was accepted, or the status of the refusal.
    async fn knock(&self, headers: &[(&'static str, &str)]) -> Result<(Stream, Option<String>), StatusCode> {
        let mut request = self.url.as_str().into_client_request().expect("it is an address");
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_str(value).expect("it is plain"));
        }
        match connect_async(request).await {
            Ok((stream, answer)) => {
                let accepted = answer.headers().get(PROTOCOLS).and_then(|told| told.to_str().ok());
                Ok((stream, accepted.map(str::to_owned)))
            }
            Err(Error::Http(answer)) => Err(answer.status()),
            Err(error) => panic!("{error}"),
        }
    }

    async fn watched_by(&self, person: &Person) -> Stream {
        let offer = offer(self.world, person).await;
        let (stream, accepted) = self.knock(&[("sec-websocket-protocol", &offer)]).await.expect("it opens");
        assert_eq!(accepted.as_deref(), Some("regulars"), "and the ticket is not repeated");
        stream
    }
}

async fn said(stream: &mut Stream, message: &Value) {
    stream.send(Message::text(message.to_string())).await.expect("it is open");
}

async fn heard(stream: &mut Stream) -> Value {
    loop {
        match stream.next().await.expect("it is open").expect("it is open") {
            Message::Text(text) => return serde_json::from_str(&text).expect("we speak JSON"),
            Message::Ping(_) | Message::Pong(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// The code with which it was ended. Who ends a stream without a word has none.
async fn ended(stream: &mut Stream) -> Option<u16> {
    while let Some(message) = stream.next().await {
        match message {
            Ok(Message::Close(frame)) => return frame.map(|frame| frame.code.into()),
            Ok(_) => {}
            Err(_) => return None,
        }
    }
    None
}

#[tokio::test]
async fn a_page_watches_over_a_real_socket() {
    let world = World::new(1).await;
    let (ada, eve) = (sign_up(&world, "ada").await, sign_up(&world, "eve").await);
    let port = Port::open(&world, Limits::GATEWAY).await;
    let run = run(&world, &ada, 1).await;
    let (mut mine, mut theirs) = (port.watched_by(&ada).await, port.watched_by(&eve).await);
    said(&mut mine, &json!({"event": "hello"})).await;
    assert_eq!(heard(&mut mine).await["event"], "hello");
    assert_eq!(heard(&mut mine).await, json!({"event": "sync:active", "data": []}));
    said(&mut mine, &about("sync:subscribe", &run)).await;
    let progress = json!({"event": "sync:progress", "data": SyncProgress::of(&run)});
    assert_eq!(heard(&mut mine).await, progress);

    let store = world.store_of(ada.tenant.parse().expect("a tenant's id"));
    let happenings = [Happening::of_tenant("sync:completed", &SyncProgress::of(&run))];
    told(&store, &*world.hub, world.clock.now(), &happenings).await;
    assert_eq!(heard(&mut mine).await["event"], "sync:completed");
    said(&mut theirs, &json!({"event": "ping"})).await;
    assert_eq!(heard(&mut theirs).await["event"], "pong", "another tenant's heard nothing before");

    mine.close(None).await.expect("it is open");
    while mine.next().await.is_some() {}
    drop(theirs);
    port.end.send_replace(true);
    let mut all_gone = port.all_gone;
    // The door itself is still open for others.
    drop(port.end);
    while kept(&world) > 0 {
        tokio::task::yield_now().await;
    }
    assert!(all_gone.try_recv().is_err());
    assert_eq!(world.hub.count(), 0);
}

#[tokio::test]
async fn a_stranger_is_refused_at_the_door() {
    let world = World::new(2).await;
    let ada = sign_up(&world, "ada").await;
    let port = Port::open(&world, Limits::GATEWAY).await;
    let offer = offer(&world, &ada).await;
    let cookie = format!("__Host-access={}", ada.access);
    assert_eq!(port.knock(&[]).await.map(drop), Err(StatusCode::UNAUTHORIZED));
    let foreign = [("cookie", cookie.as_str()), ("origin", "https://evil.test")];
    assert_eq!(port.knock(&foreign).await.map(drop), Err(StatusCode::FORBIDDEN));
    let ours = [("cookie", cookie.as_str()), ("origin", "https://crm.test")];
    assert_eq!(port.knock(&ours).await.map(|(_, accepted)| accepted), Ok(None));
    assert!(port.knock(&[("sec-websocket-protocol", &offer)]).await.is_ok());
    let twice = port.knock(&[("sec-websocket-protocol", &offer)]).await.map(drop);
    assert_eq!(twice, Err(StatusCode::UNAUTHORIZED));
}

#[tokio::test]
async fn the_gateways_limits_hold_at_home() {
    let world = World::new(3).await;
    let ada = sign_up(&world, "ada").await;
    let port = Port::open(&world, Limits { message_bytes: 256, ..Limits::GATEWAY }).await;
    let mut long = port.watched_by(&ada).await;
    said(&mut long, &json!({"event": "ping", "data": "x".repeat(200)})).await;
    assert_eq!(heard(&mut long).await["event"], "pong");
    said(&mut long, &json!({"event": "ping", "data": "x".repeat(256)})).await;
    assert_eq!(ended(&mut long).await, Some(1009));

    let mut binary = port.watched_by(&ada).await;
    binary.send(Message::binary(vec![1])).await.expect("it is open");
    assert_eq!(ended(&mut binary).await, Some(1003));

    let silent = Port::open(&world, Limits { idle: Duration::ZERO, ..Limits::GATEWAY }).await;
    assert_eq!(ended(&mut silent.watched_by(&ada).await).await, Some(1001));
    let short = Port::open(&world, Limits { life: Duration::ZERO, ..Limits::GATEWAY }).await;
    assert_eq!(ended(&mut short.watched_by(&ada).await).await, Some(1001));

    let mut open = port.watched_by(&ada).await;
    port.end.send_replace(true);
    assert_eq!(ended(&mut open).await, Some(1001), "who watches is told when the product ends");
}

#[tokio::test]
async fn who_may_not_watch_any_more_is_closed() {
    let world = World::new(4).await;
    let ada = sign_up(&world, "ada").await;
    let port = Port::open(&world, Limits::GATEWAY).await;
    let mut watcher = port.watched_by(&ada).await;
    assert_eq!(ada.post(&world, "/api/auth/logout", &json!({})).await.status, 200);
    said(&mut watcher, &json!({"event": "hello"})).await;
    assert_eq!(heard(&mut watcher).await["data"]["code"], "unauthenticated");
    assert_eq!(ended(&mut watcher).await, Some(1000));
}
