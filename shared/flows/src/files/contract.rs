//! The contract of `Files`: what a storage of ours does, wherever it is. Links are gone as strangers go them, over HTTP.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::{JobId, TenantId, Timestamp, event::BodyDigest};

use super::{FileName, FilePart, Files, LINK_SECONDS_MAX, PART_BYTES_MIN, PARTS_MAX, Writing, disposition};
use crate::FlowError;

const HOUR: Duration = Duration::from_hours(1);

/// A request to a link, as anybody may send it.
#[derive(Debug, Clone)]
pub struct Sent<'a> {
    pub method: &'static str,
    pub link: &'a str,
    pub range: Option<&'static str>,
    pub body: &'a [u8],
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    pub status: u16,
    /// By their names in small letters.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

/// An implementation on the bench. Every sentence has files of its own.
#[async_trait]
pub trait Bench: Send + Sync {
    fn files(&self) -> Arc<dyn Files>;
    async fn send(&self, sent: Sent<'_>) -> Answered;
    /// Lets that time pass.
    async fn pass(&self, seconds: u32);
    /// Whether parts are measured; emulators need not.
    fn measures_parts(&self) -> bool;
}

/// Every sentence of the contract.
///
/// # Panics
/// If one of them does not hold.
pub async fn check(bench: &dyn Bench) {
    what_is_written_is_read(bench).await;
    each_file_has_its_own_name(bench).await;
    parts_are_one_file_when_they_are_finished(bench).await;
    a_part_may_come_again(bench).await;
    what_cannot_become_a_file_is_refused(bench).await;
    a_file_is_told_from_what_comes_in_its_place(bench).await;
    a_link_brings_exactly_so_many_bytes(bench).await;
    a_link_takes_a_file(bench).await;
    no_link_holds_for_longer_than_a_week(bench).await;
    a_link_to_bring_is_for_nothing_else(bench).await;
    a_link_to_take_is_for_nothing_else(bench).await;
    a_link_ends(bench).await;
}

fn name(sentence: u8, part: FilePart) -> FileName {
    let at = Timestamp::UNIX_EPOCH;
    FileName::Job { tenant: TenantId::new(at, [1; 10]), job: JobId::new(at, [sentence; 10]), part }
}

/// Bytes that are told apart by where they stand.
fn bytes(length: usize) -> Vec<u8> {
    (0_u32..).flat_map(u32::to_le_bytes).take(length).collect()
}

async fn whole(files: &dyn Files, name: FileName) -> Vec<u8> {
    files.read(name, 0, 64 * 1024 * 1024).await.expect("it is there")
}

fn must_be_missing<T: std::fmt::Debug>(answer: &Result<T, FlowError>) {
    assert!(matches!(answer, Err(FlowError::NotFound(_))), "{answer:?}");
}

fn must_be_our_fault<T: std::fmt::Debug>(answer: &Result<T, FlowError>) {
    assert!(matches!(answer, Err(FlowError::Broken(_))), "{answer:?}");
}

async fn what_is_written_is_read(bench: &dyn Bench) {
    let (files, name) = (bench.files(), name(1, FilePart::Failed));
    assert_eq!(files.bytes(name).await.expect("absence is no error"), None);
    must_be_missing(&files.read(name, 0, 10).await);
    files.remove(name).await.expect("what is not there is gone");

    let written = bytes(1_000);
    files.write(name, written.clone()).await.expect("it is taken");
    assert_eq!(files.bytes(name).await.expect("it is there"), Some(1_000));
    for (from, most, expected) in [
        (0, 1_000, &written[..]),
        (0, 5_000, &written[..]),
        (10, 20, &written[10..30]),
        (990, 20, &written[990..]),
        (999, 1, &written[999..]),
        (1_000, 1, &[]),
        (5_000, 10, &[]),
        (10, 0, &[]),
    ] {
        let read = files.read(name, from, most).await.expect("it is there");
        assert_eq!(read, expected, "{most} bytes from {from} on");
    }
    files.write(name, b"other".to_vec()).await.expect("it is taken");
    assert_eq!(whole(&*files, name).await, b"other", "in place of what was there");
    files.write(name, Vec::new()).await.expect("nothing can be written, too");
    assert_eq!(files.bytes(name).await.expect("it is there"), Some(0));
    assert_eq!(whole(&*files, name).await, b"");
    for _ in 0..2 {
        files.remove(name).await.expect("once or twice");
        assert_eq!(files.bytes(name).await.expect("absence is no error"), None);
    }
    must_be_missing(&files.read(name, 0, 0).await);
}

async fn each_file_has_its_own_name(bench: &dyn Bench) {
    let (files, at) = (bench.files(), Timestamp::UNIX_EPOCH);
    let parts = [
        FilePart::Brought,
        FilePart::FailedPiece(1),
        FilePart::FailedPiece(10),
        FilePart::Failed,
        FilePart::Taken,
    ];
    let other =
        |part| FileName::Job { tenant: TenantId::new(at, [2; 10]), job: JobId::new(at, [2; 10]), part };
    let events = [1, 2].map(|byte| FileName::Event(BodyDigest([byte; 32])));
    let names = parts.map(|part| name(2, part)).into_iter().chain(parts.map(other)).chain(events);
    let names: Vec<_> = names.collect();
    for (place, name) in names.iter().enumerate() {
        files.write(*name, place.to_string().into_bytes()).await.expect("it is taken");
    }
    for (place, name) in names.iter().enumerate() {
        assert_eq!(whole(&*files, *name).await, place.to_string().into_bytes(), "{name}");
    }
}

async fn parts_are_one_file_when_they_are_finished(bench: &dyn Bench) {
    let (files, name) = (bench.files(), name(3, FilePart::Taken));
    let all = bytes(2 * PART_BYTES_MIN + 77);
    let mut writing = files.begin(name).await.expect("it begins");
    assert_eq!((writing.name, writing.parts.len()), (name, 0));
    for part in [&all[..PART_BYTES_MIN], &all[PART_BYTES_MIN..2 * PART_BYTES_MIN + 70]] {
        files.add(&mut writing, part.to_vec()).await.expect("a part");
        assert_eq!(files.bytes(name).await.expect("absence is no error"), None, "nobody sees it yet");
    }
    // As it is when another process goes on.
    let Writing { name, id, parts } = writing;
    assert_eq!(parts.len(), 2);
    files.finish(Writing { name, id: id.clone(), parts: parts.clone() }).await.expect("it is finished");
    let expected = &all[..2 * PART_BYTES_MIN + 70];
    assert_eq!(files.bytes(name).await.expect("it is there"), Some(expected.len() as u64));
    assert!(whole(&*files, name).await == expected, "whole, in order");
    let across = files.read(name, PART_BYTES_MIN as u64 - 5, 10).await.expect("it is there");
    assert_eq!(across, all[PART_BYTES_MIN - 5..PART_BYTES_MIN + 5]);
    files.finish(Writing { name, id: id.clone(), parts: parts.clone() }).await.expect("and finished again");
    assert!(whole(&*files, name).await == expected, "which changes nothing");

    // Another in its place, seen when it is whole; it may be one empty part.
    let mut writing = files.begin(name).await.expect("it begins");
    files.add(&mut writing, Vec::new()).await.expect("an empty part");
    assert_eq!(files.bytes(name).await.expect("it is there"), Some(expected.len() as u64));
    files.finish(writing).await.expect("it is finished");
    assert_eq!(files.bytes(name).await.expect("it is there"), Some(0));
    files.remove(name).await.expect("gone");
    let nobodys = Writing { name, id: format!("{id}0"), parts };
    must_be_missing(&files.add(&mut nobodys.clone(), vec![1]).await);
    must_be_missing(&files.finish(nobodys).await);
}

async fn a_part_may_come_again(bench: &dyn Bench) {
    let (files, name) = (bench.files(), name(4, FilePart::Taken));
    let mut writing = files.begin(name).await.expect("it begins");
    files.add(&mut writing, vec![1; PART_BYTES_MIN]).await.expect("a part");
    let before = writing.clone();
    files.add(&mut writing, vec![2; PART_BYTES_MIN + 9]).await.expect("a part, whose answer is lost");
    let mut writing = before;
    files.add(&mut writing, vec![3; 7]).await.expect("the same part again");
    files.finish(writing).await.expect("it is finished");
    let read = whole(&*files, name).await;
    assert!(read == [vec![1; PART_BYTES_MIN], vec![3; 7]].concat(), "{} bytes", read.len());
}

async fn what_cannot_become_a_file_is_refused(bench: &dyn Bench) {
    let (files, name) = (bench.files(), name(5, FilePart::Taken));
    let writing = files.begin(name).await.expect("it begins");
    must_be_our_fault(&files.finish(writing.clone()).await);
    let mut full = Writing { parts: vec!["part".to_owned(); PARTS_MAX], ..writing.clone() };
    must_be_our_fault(&files.add(&mut full, vec![1]).await);
    assert_eq!(full.parts.len(), PARTS_MAX);

    if !bench.measures_parts() {
        return;
    }
    let mut short = writing;
    for _ in 0..2 {
        files.add(&mut short, vec![1; PART_BYTES_MIN - 1]).await.expect("it could be the last");
    }
    must_be_our_fault(&files.finish(short).await);
    assert_eq!(files.bytes(name).await.expect("absence is no error"), None);
}

async fn a_file_is_told_from_what_comes_in_its_place(bench: &dyn Bench) {
    let (files, name) = (bench.files(), name(12, FilePart::Brought));
    let (first, second) = (bytes(100_000), bytes(100_004)[4..].to_vec());
    assert_eq!(files.mark(name).await.expect("absence is no error"), None);
    must_be_missing(&files.read_marked(name, "none", 0, 10).await);
    let link = files.link_to_bring(name, 100_000, HOUR).await.expect("a link");
    assert_eq!(put(bench, &link, &first).await, 200);
    let mark = files.mark(name).await.expect("it is there").expect("a mark");
    assert_eq!(files.mark(name).await.expect("it is there").as_ref(), Some(&mark), "as long as it stands");
    let places = [(0, 100_000), (10, 20), (99_990, 20), (100_000, 1), (0, 0)];
    for (from, most) in places {
        let read = files.read_marked(name, &mark, from, most).await.expect("it is there");
        let from = usize::try_from(from).expect("few");
        assert!(read.as_deref() == Some(&first[from..first.len().min(from + most)]), "{most} from {from} on");
    }
    assert_eq!(put(bench, &link, &second).await, 200);
    for (from, most) in places {
        let read = files.read_marked(name, &mark, from, most).await.expect("another is there");
        assert_eq!(read, None, "{most} bytes from {from} on");
    }
    let mark = files.mark(name).await.expect("it is there").expect("a mark");
    let read = files.read_marked(name, &mark, 10, 20).await.expect("it is there");
    assert_eq!(read.as_deref(), Some(&second[10..30]));
    files.remove(name).await.expect("gone");
    must_be_missing(&files.read_marked(name, &mark, 0, 10).await);
}

async fn put(bench: &dyn Bench, link: &str, body: &[u8]) -> u16 {
    bench.send(Sent { method: "PUT", link, range: None, body }).await.status
}

async fn get(bench: &dyn Bench, link: &str, range: Option<&'static str>) -> Answered {
    bench.send(Sent { method: "GET", link, range, body: b"" }).await
}

async fn a_link_brings_exactly_so_many_bytes(bench: &dyn Bench) {
    let (files, name) = (bench.files(), name(6, FilePart::Brought));
    let body = bytes(100_000);
    let link = files.link_to_bring(name, 100_000, HOUR).await.expect("a link");
    assert_eq!(files.bytes(name).await.expect("absence is no error"), None, "a link is no file");
    assert_eq!(put(bench, &link, &body).await, 200);
    assert!(whole(&*files, name).await == body);
    assert_eq!(put(bench, &link, &body).await, 200, "as long as it holds");
    let link = files.link_to_bring(name, 0, HOUR).await.expect("a link");
    assert_eq!(put(bench, &link, b"").await, 200);
    assert_eq!(files.bytes(name).await.expect("it is there"), Some(0));
}

async fn a_link_takes_a_file(bench: &dyn Bench) {
    let (files, name) = (bench.files(), name(7, FilePart::Failed));
    let link = files.link_to_take(name, "Größe & Ort.csv", HOUR).await.expect("a link");
    assert_eq!(get(bench, &link, None).await.status, 404, "there is nothing yet");
    let body = bytes(300_000);
    files.write(name, body.clone()).await.expect("it is taken");
    let answered = get(bench, &link, None).await;
    assert_eq!(answered.status, 200);
    assert!(answered.body == body);
    let header = |answered: &Answered, name: &str| answered.headers.get(name).cloned().unwrap_or_default();
    assert_eq!(header(&answered, "content-disposition"), disposition("Größe & Ort.csv"));
    assert_eq!(header(&answered, "content-type"), "text/csv");
    assert_eq!(header(&answered, "content-length"), "300000");
    assert_eq!(header(&answered, "accept-ranges"), "bytes");
    for (range, from, to) in [
        ("bytes=0-9", 0, 10),
        ("bytes=299990-", 299_990, 300_000),
        ("bytes=299990-999999", 299_990, 300_000),
        ("bytes=-7", 299_993, 300_000),
        ("bytes=-999999", 0, 300_000),
    ] {
        let part = get(bench, &link, Some(range)).await;
        assert_eq!((part.status, part.body.len()), (206, to - from), "{range}");
        assert!(part.body == body[from..to], "{range}");
        assert_eq!(header(&part, "content-range"), format!("bytes {from}-{}/300000", to - 1), "{range}");
    }
    assert_eq!(get(bench, &link, Some("bytes=300000-")).await.status, 416);
}

async fn no_link_holds_for_longer_than_a_week(bench: &dyn Bench) {
    let (files, name) = (bench.files(), name(8, FilePart::Brought));
    let (week, longer) = (Duration::from_secs(LINK_SECONDS_MAX), Duration::from_secs(LINK_SECONDS_MAX + 1));
    files.link_to_bring(name, 1, week).await.expect("a week is fine");
    files.link_to_take(name, "a.csv", week).await.expect("a week is fine");
    must_be_our_fault(&files.link_to_bring(name, 1, longer).await);
    must_be_our_fault(&files.link_to_take(name, "a.csv", longer).await);
}

/// In place of what signs it, something else of the same form.
fn forged(link: &str) -> String {
    let (before, tag) = link.rsplit_once('=').expect("the signature is the end of a link");
    let first = if tag.starts_with('0') { "1" } else { "0" };
    format!("{before}={first}{}", &tag[1..])
}

async fn a_link_to_bring_is_for_nothing_else(bench: &dyn Bench) {
    let (files, name, other) = (bench.files(), name(9, FilePart::Brought), name(9, FilePart::Taken));
    files.write(other, b"secret".to_vec()).await.expect("it is taken");
    let link = files.link_to_bring(name, 10, HOUR).await.expect("a link");
    for (length, why) in [(0, "nothing"), (9, "too short"), (11, "too long")] {
        assert_eq!(put(bench, &link, &bytes(length)).await, 403, "{why}");
    }
    assert_eq!(put(bench, &forged(&link), &bytes(10)).await, 403, "forged");
    assert_eq!(put(bench, &link.replace("brought", "taken"), &bytes(10)).await, 403, "another file");
    assert_eq!(get(bench, &link.replace("brought", "taken"), None).await.status, 403, "another file");
    assert_eq!(files.bytes(name).await.expect("absence is no error"), None);
    assert_eq!(put(bench, &link, &bytes(10)).await, 200);
    for method in ["GET", "DELETE"] {
        let sent = Sent { method, link: &link, range: None, body: b"" };
        assert_eq!(bench.send(sent).await.status, 403, "{method}");
    }
    assert_eq!(whole(&*files, name).await, bytes(10));
    assert_eq!(whole(&*files, other).await, b"secret");
}

async fn a_link_to_take_is_for_nothing_else(bench: &dyn Bench) {
    let (files, name, other) = (bench.files(), name(10, FilePart::Failed), name(10, FilePart::Taken));
    for name in [name, other] {
        files.write(name, b"secret".to_vec()).await.expect("it is taken");
    }
    let link = files.link_to_take(name, "mine.csv", HOUR).await.expect("a link");
    assert_eq!(get(bench, &forged(&link), None).await.status, 403, "forged");
    assert_eq!(get(bench, &link.replace("failed", "taken"), None).await.status, 403, "another file");
    assert_eq!(get(bench, &link.replace("mine", "yours"), None).await.status, 403, "another name");
    assert_eq!(put(bench, &link, b"mine").await, 403);
    for method in ["HEAD", "DELETE"] {
        let sent = Sent { method, link: &link, range: None, body: b"" };
        assert_eq!(bench.send(sent).await.status, 403, "{method}");
    }
    assert_eq!(get(bench, &link, None).await.body, b"secret");
}

async fn a_link_ends(bench: &dyn Bench) {
    let (files, name) = (bench.files(), name(11, FilePart::Brought));
    files.write(name, b"held".to_vec()).await.expect("it is taken");
    let short = Duration::from_secs(2);
    let bring = files.link_to_bring(name, 4, short).await.expect("a link");
    let take = files.link_to_take(name, "a.csv", short).await.expect("a link");
    bench.pass(3).await;
    assert_eq!(put(bench, &bring, b"late").await, 403);
    assert_eq!(get(bench, &take, None).await.status, 403);
    assert_eq!(whole(&*files, name).await, b"held");
}
