//! Where the links lead: `PUT` brings a file, `GET` takes it, whole or in part, as S3 has it.
//!
//! A link is all that anybody needs, so pages of any origin may use one. A file of any size passes in pieces.

use axum::{
    Router,
    body::Body,
    extract::{Path, Query, Request, State, rejection::QueryRejection},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::any,
};
use flows::{FlowError, files::disposition};
use futures::{StreamExt, stream};
use std::{io, sync::Arc};

use super::{
    LocalFiles, Opened,
    links::{BadLink, Told},
};

/// So much of a file is held at once.
const PIECE_BYTES: usize = 256 * 1024;

pub(super) fn router(files: Arc<LocalFiles>) -> Router {
    Router::new().route("/{*name}", any(answer)).with_state(files)
}

async fn answer(
    State(files): State<Arc<LocalFiles>>,
    Path(name): Path<String>,
    told: Result<Query<Told>, QueryRejection>,
    request: Request,
) -> Response {
    let mut answer = if request.method() == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        let answer = files.followed(&name, told.ok().map(|told| told.0), request).await;
        answer.unwrap_or_else(|refusal| (refusal.0, refusal.1).into_response())
    };
    let headers = answer.headers_mut();
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "GET, PUT"),
        ("access-control-allow-headers", "*"),
        ("access-control-expose-headers", "content-disposition, content-range"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
    ] {
        headers.insert(name, header::HeaderValue::from_static(value));
    }
    answer
}

/// A status, and a sentence that says why.
struct Refusal(StatusCode, String);

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self(StatusCode::INTERNAL_SERVER_ERROR, format!("the file cannot be kept or read: {error}"))
    }
}

impl From<FlowError> for Refusal {
    fn from(error: FlowError) -> Self {
        Self(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    }
}

impl From<BadLink> for Refusal {
    fn from(bad: BadLink) -> Self {
        Self(StatusCode::FORBIDDEN, bad.sentence().to_owned())
    }
}

impl LocalFiles {
    async fn followed(&self, name: &str, told: Option<Told>, request: Request) -> Result<Response, Refusal> {
        let told = told.ok_or(BadLink::Forged)?;
        self.check(request.method().as_str(), name, &told).await??;
        if *request.method() == Method::PUT {
            let length = told.of.parse().map_err(|_| BadLink::Forged)?;
            self.brought(name, length, request).await
        } else {
            self.taken(name, &told.of, request.headers())
        }
    }

    /// Nothing is there before all of it is.
    async fn brought(&self, name: &str, length: u64, request: Request) -> Result<Response, Refusal> {
        let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|told| told.to_str().ok());
        let announced = announced.ok_or_else(|| {
            Refusal(StatusCode::LENGTH_REQUIRED, "say with content-length how long the file is".to_owned())
        })?;
        if announced.parse() != Ok(length) {
            return Err(other_length(length, announced));
        }
        let id = self.begun()?;
        let kept = self.kept(&id, name, length, request.into_body()).await;
        if kept.is_err() {
            self.place.give_up(&id)?;
        }
        kept.map(IntoResponse::into_response)
    }

    async fn kept(&self, id: &str, name: &str, length: u64, body: Body) -> Result<StatusCode, Refusal> {
        let (mut came, mut body) = (0, body.into_data_stream());
        while let Some(piece) = body.next().await {
            let cut =
                |_| Refusal(StatusCode::BAD_REQUEST, format!("the file was cut off after {came} bytes"));
            let piece = piece.map_err(cut)?;
            if came + piece.len() as u64 > length {
                return Err(other_length(length, "more"));
            }
            self.place.put(id, came, &piece)?;
            came += piece.len() as u64;
        }
        if came != length {
            return Err(other_length(length, &came.to_string()));
        }
        self.place.finish(id, length, name, self.clock.now())?;
        Ok(StatusCode::OK)
    }

    fn taken(&self, name: &str, called: &str, headers: &HeaderMap) -> Result<Response, Refusal> {
        let missing = || Refusal(StatusCode::NOT_FOUND, "there is no such file (any more)".to_owned());
        let file = self.place.open(name)?.ok_or_else(missing)?;
        let length = file.length()?;
        let asked = headers.get(header::RANGE).and_then(|range| range.to_str().ok());
        let (status, from, to) = match asked.and_then(|asked| range(asked, length)) {
            None => (StatusCode::OK, 0, length),
            Some(Range::Of(from, to)) => (StatusCode::PARTIAL_CONTENT, from, to),
            Some(Range::Outside) => {
                let whole = [(header::CONTENT_RANGE, format!("bytes */{length}"))];
                return Ok((StatusCode::RANGE_NOT_SATISFIABLE, whole).into_response());
            }
        };
        let is_json = std::path::Path::new(name).extension().is_some_and(|kind| kind == "json");
        let kind = if is_json { "application/json" } else { "text/csv" };
        let told = [
            (header::CONTENT_TYPE, kind.to_owned()),
            (header::CONTENT_DISPOSITION, disposition(called)),
            (header::CONTENT_LENGTH, (to - from).to_string()),
            (header::ACCEPT_RANGES, "bytes".to_owned()),
        ];
        let mut answer = (status, told, Body::from_stream(pieces(file, from, to))).into_response();
        if status == StatusCode::PARTIAL_CONTENT {
            let part = format!("bytes {from}-{}/{length}", to - 1).parse().map_err(io::Error::other)?;
            answer.headers_mut().insert(header::CONTENT_RANGE, part);
        }
        Ok(answer)
    }
}

/// S3 refuses it as wrongly signed.
fn other_length(length: u64, came: &str) -> Refusal {
    let why = format!("this link is for a file of {length} bytes, and {came} came");
    Refusal(StatusCode::FORBIDDEN, why)
}

fn pieces(file: Opened, from: u64, to: u64) -> impl futures::Stream<Item = io::Result<Vec<u8>>> {
    stream::try_unfold((file, from), move |(file, from)| async move {
        let left = usize::try_from(to - from).unwrap_or(usize::MAX);
        let piece = file.read(from, left.min(PIECE_BYTES))?;
        let next = from + piece.len() as u64;
        Ok((!piece.is_empty()).then_some((piece, (file, next))))
    })
}

#[derive(Debug, PartialEq, Eq)]
enum Range {
    /// From a byte to before another.
    Of(u64, u64),
    Outside,
}

/// `None`: not one range of bytes, so the whole is meant.
fn range(asked: &str, length: u64) -> Option<Range> {
    let (first, last) = asked.strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| text.parse::<u64>().ok();
    let (from, to) = match (first, last) {
        ("", last) => {
            let last = number(last)?;
            (if last == 0 { length } else { length.saturating_sub(last) }, length)
        }
        (first, "") => (number(first)?, length),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return None;
            }
            (first, last.saturating_add(1).min(length))
        }
    };
    Some(if from < length { Range::Of(from, to) } else { Range::Outside })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_within_the_file_or_outside() {
        let check = |asked: &str, length, expected| assert_eq!(range(asked, length), expected, "{asked}");
        check("bytes=0-0", 10, Some(Range::Of(0, 1)));
        check("bytes=3-5", 10, Some(Range::Of(3, 6)));
        check("bytes=3-99", 10, Some(Range::Of(3, 10)));
        check("bytes=3-18446744073709551615", 10, Some(Range::Of(3, 10)));
        check("bytes=9-", 10, Some(Range::Of(9, 10)));
        check("bytes=10-", 10, Some(Range::Outside));
        check("bytes=-3", 10, Some(Range::Of(7, 10)));
        check("bytes=-99", 10, Some(Range::Of(0, 10)));
        check("bytes=-0", 10, Some(Range::Outside));
        check("bytes=0-", 0, Some(Range::Outside));
        for other in ["bytes=5-3", "bytes=a-b", "bytes=-", "bytes=1-2,4-5", "lines=1-2", "5-6", ""] {
            check(other, 10, None);
        }
    }
}
