//! All doors on one port: the API, sockets, the page that says what is where, and what a developer looks behind.
//!
//! What is below `/dev` and `/shopify` exists here only; no cloud function has such a route. They and the front page,
//! which shows a password, answer to a loopback `Host` alone, so that no page elsewhere can reach them under a name of its own.

mod accept;
mod dev;
pub(crate) mod html;

use axum::{
    Router,
    extract::Request,
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use flows::Clock;
use std::{fs::File, sync::Arc};
use store::local::LocalTable;
use tower::ServiceExt;

use crate::{
    demo::Person, files::LocalFiles, google::Stub, outbox::Outbox, shopify::Shopify, tasks::LocalTasks,
};

/// What stands behind the doors.
#[derive(Clone)]
pub struct Behind {
    pub origin: String,
    pub table: Arc<LocalTable>,
    pub tasks: Arc<LocalTasks>,
    pub outbox: Arc<Outbox>,
    pub files: Arc<LocalFiles>,
    pub google: Stub,
    pub shopify: Shopify,
    pub clock: Arc<dyn Clock>,
    pub people: Arc<Vec<Person>>,
    /// Held as long as the process lives: one at a time on a folder.
    pub lock: Arc<File>,
}

impl Behind {
    #[must_use]
    pub fn with(&self, people: Vec<Person>) -> Self {
        Self { people: Arc::new(people), ..self.clone() }
    }
}

/// What comes in beside the API: what shops tell, where links in messages lead, and who watches.
pub struct Ways {
    pub webhook: Router,
    pub track: Router,
    pub live: Router,
}

/// The API and the other ways in, with everything around them.
pub fn all(api: Router, ways: Ways, behind: Behind) -> Router {
    let login = api.clone();
    let dev = Router::new()
        .route("/outbox", get(dev::outbox))
        .route("/queues", get(dev::queues))
        .route("/queues/{queue}/{id}/{act}", post(dev::act))
        .route("/table", get(dev::table))
        .route("/login", post(move |state, headers, form| dev::login(login, state, headers, form)))
        .with_state(behind.clone())
        .nest("/files", behind.files.router())
        .nest("/google", behind.google.router());
    let shopify = behind.shopify.router();
    let front = Router::new().route("/", get(dev::front)).with_state(behind).nest("/dev", dev);
    let front = front.nest("/shopify", shopify);
    let mut all = front.layer(middleware::from_fn(loopback_only)).fallback_service(api);
    let Ways { webhook, track, live } = ways;
    let told = webhook::BEGINNINGS.iter().flat_map(|path| [(*path).to_owned(), format!("{path}/{{*rest}}")]);
    let linked = format!("{}/{{*rest}}", track::BEGINNING);
    for (path, to) in told.map(|path| (path, &webhook)).chain([(linked, &track)]) {
        let to = to.clone();
        all = all.route(&path, any(move |request: Request| to.clone().oneshot(request)));
    }
    all.merge(live)
}

async fn loopback_only(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if matches!(name, "127.0.0.1" | "localhost" | "[::1]") {
        return next.run(request).await;
    }
    (StatusCode::FORBIDDEN, "this is for the machine itself").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        demo::Wish,
        shopify::{AppSettings, DOMAIN},
    };
    use axum::{body::Body, http::Uri};
    use flows::clock::{SystemClock, SystemDice};

    #[tokio::test]
    async fn a_page_elsewhere_cannot_look_behind_the_doors() {
        let router = Router::new().route("/", get(async || "in")).layer(middleware::from_fn(loopback_only));
        let check = async |host: &str, status: u16| {
            let request = Request::get("/").header(header::HOST, host).body(Body::empty()).unwrap();
            let answer = tower::ServiceExt::oneshot(router.clone(), request).await.unwrap();
            assert_eq!(answer.status(), status, "{host}");
        };
        check("127.0.0.1:8787", 200).await;
        check("localhost", 200).await;
        check("[::1]:8787", 200).await;
        check("evil.test", 403).await;
        check("127.0.0.1.evil.test:8787", 403).await;
    }

    fn shopify(origin: &str, clock: Arc<dyn Clock>, dice: Arc<dyn flows::Dice>) -> Shopify {
        let settings = AppSettings::at_home(&[origin]);
        let shopify = Shopify::at(&format!("{origin}/shopify"), settings, clock, dice);
        shopify.open(DOMAIN, Wish { customers: 2, seed: 1 }).unwrap();
        shopify
    }

    fn doors() -> Router {
        let (clock, dice) = (Arc::new(SystemClock), Arc::new(SystemDice));
        let dice: Arc<dyn flows::Dice> = dice;
        let secrets = crate::keys::Keys::new(&dice).secrets;
        let origin = "http://127.0.0.1:8787".to_owned();
        let person =
            |role: &str| Person { role: role.to_owned(), email: String::new(), password: String::new() };
        let behind = Behind {
            table: Arc::new(LocalTable::in_memory()),
            tasks: Arc::new(LocalTasks::in_memory(clock.clone(), dice.clone())),
            outbox: Arc::new(Outbox::in_memory(clock.clone())),
            files: Arc::new(LocalFiles::in_memory(String::new(), secrets, clock.clone(), dice.clone())),
            google: Stub::at(&format!("{origin}/dev/google"), clock.clone(), dice.clone()),
            shopify: shopify(&origin, clock.clone(), dice),
            clock,
            people: Arc::new(vec![person("owner")]),
            lock: Arc::new(File::open(env!("CARGO_MANIFEST_DIR")).unwrap()),
            origin,
        };
        let webhook = Router::new().fallback(async |uri: Uri| format!("told at {uri}"));
        let track = Router::new().fallback(async |uri: Uri| format!("linked to {uri}"));
        let ways = Ways { webhook, track, live: Router::new() };
        all(Router::new().route("/api/auth/login", post(async || "in")), ways, behind)
    }

    #[tokio::test]
    async fn what_shops_tell_is_told_under_any_name() {
        for path in
            ["/webhooks", "/webhooks/orders/create", "/webhook/orders/create", "/api/webhooks/s/x?y=1"]
        {
            let request =
                Request::post(path).header(header::HOST, "tunnel.test").body(Body::empty()).unwrap();
            let answer = tower::ServiceExt::oneshot(doors(), request).await.unwrap();
            let body = axum::body::to_bytes(answer.into_body(), 100_000).await.unwrap();
            assert_eq!(String::from_utf8_lossy(&body), format!("told at {path}"));
        }
    }

    #[tokio::test]
    async fn links_in_messages_lead_in_under_any_name() {
        for path in ["/t/view/a.b", "/t/open/a.b.gif", "/t/unsubscribe/a.b?c=d"] {
            let request = Request::get(path).header(header::HOST, "tunnel.test").body(Body::empty()).unwrap();
            let answer = tower::ServiceExt::oneshot(doors(), request).await.unwrap();
            let body = axum::body::to_bytes(answer.into_body(), 100_000).await.unwrap();
            assert_eq!(String::from_utf8_lossy(&body), format!("linked to {path}"));
        }
    }

    #[tokio::test]
    async fn every_page_answers_to_this_machine_alone() {
        let shop = format!("/shopify/{DOMAIN}/shop");
        for path in ["/", "/dev/outbox", "/dev/queues", "/dev/table", "/dev/files/a", &shop] {
            let inside = if path == "/dev/files/a" { (403, "not one of ours") } else { (200, "") };
            for (host, (status, said)) in
                [("127.0.0.1:8787", inside), ("evil.test:8787", (403, "for the machine itself"))]
            {
                let request = Request::get(path).header(header::HOST, host).body(Body::empty()).unwrap();
                let answer = tower::ServiceExt::oneshot(doors(), request).await.unwrap();
                assert_eq!(answer.status(), status, "{path} at {host}");
                let body = axum::body::to_bytes(answer.into_body(), 100_000).await.unwrap();
                assert!(String::from_utf8_lossy(&body).contains(said), "{path} at {host}");
            }
        }
    }

    #[tokio::test]
    async fn a_program_reads_the_outbox_as_json() {
        for (accept, kind) in
            [("application/json, */*;q=0.5", "application/json"), ("text/html", "text/html")]
        {
            let request = Request::get("/dev/outbox").header(header::HOST, "localhost");
            let request = request.header(header::ACCEPT, accept).body(Body::empty()).unwrap();
            let answer = tower::ServiceExt::oneshot(doors(), request).await.unwrap();
            assert!(answer.headers()[header::CONTENT_TYPE].to_str().unwrap().starts_with(kind), "{accept}");
        }
    }

    #[tokio::test]
    async fn another_site_cannot_sign_a_developer_in() {
        for (origin, status) in [("http://127.0.0.1:8787", 303), ("http://evil.test", 403), ("null", 403)] {
            let request = Request::post("/dev/login").header(header::HOST, "127.0.0.1:8787");
            let request = request.header(header::ORIGIN, origin);
            let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            let request = request.body(Body::from("as=owner")).unwrap();
            let answer = tower::ServiceExt::oneshot(doors(), request).await.unwrap();
            assert_eq!(answer.status(), status, "{origin}");
        }
    }
}
