//! Files of bulk operations, whole or in part. Whoever has the address may read: it is as good as signed.

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::stream;
use std::{io, sync::Arc};

use super::{Here, faults, part};
use crate::shopify::{
    Shop,
    bulk::Lines,
    switches::{Door, Fault},
};

/// So much of a file is held at once.
const PIECE_BYTES: u64 = 256 * 1024;

pub(super) async fn file(Here(shop): Here, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let name = part(&mut parts, "file").await;
    let id = name.strip_suffix(".jsonl").and_then(|id| id.parse::<u64>().ok()).unwrap_or_default();
    let fault = shop.with(|state, _, dice| state.switches.fault(Door::File, dice));
    if let Some(fault) = fault.filter(|fault| *fault != Fault::Cut) {
        return faults::answer(fault, &shop);
    }
    let len = shop.with(|state, now, _| state.bulk.file(id, now).map(Lines::len));
    let Some(len) = len else {
        return (StatusCode::NOT_FOUND, "there is no such file, or no longer").into_response();
    };
    let Ok(range) = range(&parts.headers, len) else {
        let whole = [(header::CONTENT_RANGE, format!("bytes */{len}"))];
        return (StatusCode::RANGE_NOT_SATISFIABLE, whole).into_response();
    };
    let (from, to) = range.unwrap_or((0, len));
    let body = if fault == Some(Fault::Cut) {
        let whole = read(&shop, id, from, (to - from).min(PIECE_BYTES)).unwrap_or_default();
        faults::cut(whole.to_vec())
    } else {
        pieces(shop, id, (from, to))
    };
    let told = [
        (header::CONTENT_TYPE, "application/jsonl".to_owned()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::CONTENT_LENGTH, (to - from).to_string()),
    ];
    let status = if range.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let mut answer = (status, told, body).into_response();
    if range.is_some()
        && let Ok(told) = format!("bytes {from}-{}/{len}", to - 1).parse()
    {
        answer.headers_mut().insert(header::CONTENT_RANGE, told);
    }
    answer
}

fn read(shop: &Shop, id: u64, from: u64, most: u64) -> io::Result<Bytes> {
    let gone = || io::Error::from(io::ErrorKind::NotFound);
    let part = shop.with(|state, now, _| state.bulk.file(id, now).ok_or_else(gone)?.part(from, most));
    part.map(Bytes::from)
}

/// A piece at a time.
fn pieces(shop: Arc<Shop>, id: u64, (from, to): (u64, u64)) -> Body {
    Body::from_stream(stream::unfold(from, move |from| {
        let shop = shop.clone();
        async move {
            if from >= to {
                return None;
            }
            let most = PIECE_BYTES.min(to - from);
            Some((read(&shop, id, from, most), from + most))
        }
    }))
}

/// From the first to behind the last byte. `Ok(None)`: all of it.
fn range(headers: &HeaderMap, len: u64) -> Result<Option<(u64, u64)>, ()> {
    let Some(told) = headers.get(header::RANGE).and_then(|told| told.to_str().ok()) else { return Ok(None) };
    let Some((first, last)) = told.strip_prefix("bytes=").and_then(|told| told.split_once('-')) else {
        return Ok(None);
    };
    // Without a first one: the last so many.
    let Ok(from) = first.parse::<u64>() else {
        let count: u64 = last.parse().map_err(|_| ())?;
        return if len == 0 || count == 0 { Err(()) } else { Ok(Some((len.saturating_sub(count), len))) };
    };
    let to =
        if last.is_empty() { len } else { last.parse::<u64>().map_err(|_| ())?.saturating_add(1).min(len) };
    if from < to { Ok(Some((from, to))) } else { Err(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_http_has_them() {
        let check = |told: &str, expected| {
            let headers = HeaderMap::from_iter([(header::RANGE, told.parse().unwrap())]);
            assert_eq!(range(&headers, 100), expected, "{told}");
        };
        check("bytes=0-9", Ok(Some((0, 10))));
        check("bytes=90-", Ok(Some((90, 100))));
        check("bytes=90-1000", Ok(Some((90, 100))));
        check("bytes=-5", Ok(Some((95, 100))));
        check("bytes=100-", Err(()));
        check("lines=1-2", Ok(None));
    }
}
