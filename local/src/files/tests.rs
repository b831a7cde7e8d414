//! The contract of `Files` at home, in a folder and in memory, and what only these promise.

use super::*;
use crate::{
    keys::Keys,
    world::{HandClock, SeededDice},
};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, header},
};
use domain::{JobId, TenantId};
use flows::files::{
    FilePart,
    contract::{self, Answered, Bench, Sent},
};
use http_body_util::BodyExt;
use std::{fs, path::PathBuf};

const URL: &str = "http://127.0.0.1:8787/dev/files";

struct OnBench {
    files: Arc<LocalFiles>,
    clock: Arc<HandClock>,
    router: Router,
}

fn bench(folder: Option<&Path>) -> OnBench {
    let clock = Arc::new(HandClock::at(Timestamp::from_second(1_790_000_000).unwrap()));
    let dice: Arc<dyn Dice> = Arc::new(SeededDice::new(1));
    let (secrets, url) = (Keys::new(&dice).secrets, URL.to_owned());
    let files = match folder {
        Some(folder) => LocalFiles::open(folder, url, secrets, clock.clone(), dice).unwrap(),
        None => LocalFiles::in_memory(url, secrets, clock.clone(), dice),
    };
    let files = Arc::new(files);
    OnBench { router: Router::new().nest("/dev/files", files.router()), files, clock }
}

#[async_trait]
impl Bench for OnBench {
    fn files(&self) -> Arc<dyn Files> {
        self.files.clone()
    }

    async fn send(&self, sent: Sent<'_>) -> Answered {
        let Sent { method, link, range, body } = sent;
        let mut request = Request::builder().method(method).uri(link);
        if method == "PUT" {
            request = request.header(header::CONTENT_LENGTH, body.len());
        }
        if let Some(range) = range {
            request = request.header(header::RANGE, range);
        }
        answered(self, request.body(Body::from(body.to_vec())).unwrap()).await
    }

    async fn pass(&self, seconds: u32) {
        self.clock.advance_seconds(seconds.into());
    }

    fn measures_parts(&self) -> bool {
        true
    }
}

async fn answered(bench: &OnBench, request: Request<Body>) -> Answered {
    let answer = tower::ServiceExt::oneshot(bench.router.clone(), request).await.unwrap();
    let (head, body) = answer.into_parts();
    let text = |headers: &HeaderMap| {
        let pairs =
            headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        pairs.collect()
    };
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Answered { status: head.status.as_u16(), headers: text(&head.headers), body }
}

/// A folder that is gone with the test.
struct Gone(PathBuf);

impl Gone {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("regulars-files-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Gone {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn name(part: FilePart) -> FileName {
    let at = Timestamp::UNIX_EPOCH;
    FileName::Job { tenant: TenantId::new(at, [1; 10]), job: JobId::new(at, [1; 10]), part }
}

fn unfinished(folder: &Path) -> usize {
    fs::read_dir(folder.join("unfinished")).unwrap().count()
}

#[tokio::test]
async fn a_folder_keeps_the_contract() {
    let folder = Gone::new("contract");
    contract::check(&bench(Some(&folder.0))).await;
}

#[tokio::test]
async fn memory_keeps_the_contract() {
    contract::check(&bench(None)).await;
}

#[tokio::test]
async fn what_was_kept_for_long_enough_goes() {
    let folder = Gone::new("swept");
    for folder in [None, Some(&*folder.0)] {
        let bench = bench(folder);
        let files = &bench.files;
        files.write(name(FilePart::Failed), b"old".to_vec()).await.unwrap();
        bench.clock.advance_seconds(6 * 86_400);
        files.write(name(FilePart::Taken), b"new".to_vec()).await.unwrap();
        let mut begun = files.begin(name(FilePart::Brought)).await.unwrap();
        bench.clock.advance_seconds(86_400);
        files.sweep().unwrap();
        assert_eq!(files.bytes(name(FilePart::Failed)).await.unwrap(), Some(3), "a week and no more");
        files.add(&mut begun, b"a day".to_vec()).await.unwrap();
        bench.clock.advance_seconds(1);
        files.sweep().unwrap();
        assert_eq!(files.bytes(name(FilePart::Failed)).await.unwrap(), None);
        assert_eq!(files.bytes(name(FilePart::Taken)).await.unwrap(), Some(3));
        let late = files.finish(begun).await;
        assert!(matches!(late, Err(FlowError::NotFound(_))), "{late:?}");
    }
}

#[tokio::test]
async fn what_is_cut_off_or_refused_leaves_nothing() {
    let folder = Gone::new("cut");
    let bench = bench(Some(&folder.0));
    let brought = name(FilePart::Brought);
    let link = bench.files.link_to_bring(brought, 6, Duration::from_mins(1)).await.unwrap();
    let put = async |length: Option<u64>, pieces: Vec<io::Result<&'static str>>| {
        let mut request = Request::put(&link);
        if let Some(length) = length {
            request = request.header(header::CONTENT_LENGTH, length);
        }
        let body = Body::from_stream(futures::stream::iter(pieces));
        let answer = answered(&bench, request.body(body).unwrap()).await;
        (answer.status, String::from_utf8(answer.body).unwrap())
    };
    let cut = || Err(io::Error::from(io::ErrorKind::ConnectionReset));
    let refusals = [
        (put(Some(6), vec![Ok("abc"), cut()]).await, 400, "cut off after 3 bytes"),
        (put(Some(6), vec![Ok("abc")]).await, 403, "6 bytes, and 3 came"),
        (put(Some(6), vec![Ok("abc"), Ok("defg")]).await, 403, "6 bytes, and more came"),
        (put(Some(7), vec![Ok("abcdefg")]).await, 403, "6 bytes, and 7 came"),
        (put(None, vec![Ok("abcdef")]).await, 411, "content-length"),
    ];
    for ((status, said), expected, sentence) in refusals {
        assert_eq!(status, expected, "{said}");
        assert!(said.contains(sentence), "{said}");
        assert_eq!((bench.files.bytes(brought).await.unwrap(), unfinished(&folder.0)), (None, 0), "{said}");
    }
    assert_eq!(put(Some(6), vec![Ok("abc"), Ok("def")]).await.0, 200);
    assert_eq!(bench.files.read(brought, 0, 10).await.unwrap(), b"abcdef");
    assert_eq!(unfinished(&folder.0), 0);
}

#[tokio::test]
async fn a_refused_link_says_why() {
    let bench = bench(None);
    let link = bench.files.link_to_take(name(FilePart::Failed), "a.csv", Duration::from_mins(1));
    let link = link.await.unwrap();
    let get = async |link: &str| {
        let sent = Sent { method: "GET", link, range: None, body: b"" };
        String::from_utf8(bench.send(sent).await.body).unwrap()
    };
    assert_eq!(get(&link).await, "there is no such file (any more)");
    assert!(get(&link.replace("a.csv", "b.csv")).await.contains("not one of ours"));
    assert!(get(link.split('?').next().unwrap()).await.contains("not one of ours"));
    bench.clock.advance_seconds(60);
    assert!(get(&link).await.contains("expired"));
}

#[tokio::test]
async fn a_page_elsewhere_may_use_a_link() {
    let bench = bench(None);
    let link = bench.files.link_to_bring(name(FilePart::Brought), 1, Duration::from_mins(1)).await.unwrap();
    let ask = Request::options(&link).header(header::ORIGIN, "http://127.0.0.1:5173");
    let answer = answered(&bench, ask.body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status, answer.headers["access-control-allow-origin"].as_str()), (204, "*"));
    assert!(answer.headers["access-control-allow-methods"].contains("PUT"));
    assert_eq!(bench.files.bytes(name(FilePart::Brought)).await.unwrap(), None);
}

#[tokio::test]
async fn a_folder_is_its_owners_alone_and_outlives_the_process() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Gone::new("kept");
    bench(Some(&folder.0)).files.write(name(FilePart::Taken), b"kept".to_vec()).await.unwrap();
    assert_eq!(bench(Some(&folder.0)).files.read(name(FilePart::Taken), 0, 9).await.unwrap(), b"kept");
    let path = folder.0.join("kept").join(name(FilePart::Taken).to_string());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
}
