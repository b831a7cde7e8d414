//! Our pages: small, without scripts, and read by anybody on anything.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Response as HttpResponse, StatusCode, header},
    response::Response,
};

/// Nothing comes from elsewhere, nothing runs, nobody frames it, and its form leads here.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";
const STYLE: &str = "\
:root{color-scheme:light dark}\
body{margin:0;font:1.125rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}\
main{max-width:34rem;margin:0 auto;padding:1.5rem 1rem}\
h1{font-size:1.5rem;line-height:1.25}\
button{font:inherit;min-height:2.75rem;padding:.5rem 1.25rem;border:2px solid;border-radius:.5rem;cursor:pointer}\
fieldset{border:1px solid;border-radius:.5rem;margin:0 0 1rem;padding:.5rem 1rem}\
label{display:block;padding:.6rem 0}\
input{width:1.25rem;height:1.25rem;vertical-align:-.2rem;margin-right:.5rem}\
:focus-visible{outline:3px solid;outline-offset:3px}";

/// What holds of all that is answered here: it is of one person, and for nobody else to keep or find.
pub(crate) const HEADERS: [(HeaderName, &str); 4] = [
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    // The address of the page is the right to act in somebody's name: no other page is told it.
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

pub(crate) fn answer(
    status: StatusCode,
    kind: &'static str,
    policy: &'static str,
    body: impl Into<Body>,
) -> Response {
    let mut answer = HttpResponse::new(body.into());
    *answer.status_mut() = status;
    let own = [(header::CONTENT_TYPE, kind), (header::CONTENT_SECURITY_POLICY, policy)];
    for (name, value) in HEADERS.into_iter().chain(own) {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// `body` is HTML: what is not ours in it is escaped.
pub(crate) fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let title = escaped(title);
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}\n</main>\n\
         </body>\n</html>\n"
    );
    answer(status, "text/html; charset=utf-8", POLICY, html)
}

pub(crate) fn no_such_link() -> Response {
    let body = "<p>Some of the address is missing or has been changed. Open the link in the message once more, or copy all \
                of it.</p>";
    page(StatusCode::NOT_FOUND, "This link does not lead anywhere", body)
}

/// Whom it was sent to is not known here any more, and so nobody writes to them.
pub(crate) fn nothing_left() -> Response {
    let body = "<p>Whoever this message was for is not kept here any more, and gets no messages. You need not do anything.</p>";
    page(StatusCode::OK, "There is nothing left to do", body)
}

/// What was sent to them cannot be shown as it was.
pub(crate) fn not_shown() -> Response {
    let body = "<p>What it said depends on things that have changed since.</p>";
    page(StatusCode::OK, "This message cannot be shown any more", body)
}

pub(crate) fn trouble() -> Response {
    let body = "<p>Nothing was changed. Please open the link again in a minute.</p>";
    let mut answer = page(StatusCode::SERVICE_UNAVAILABLE, "That did not work just now", body);
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    answer
}

pub(crate) fn too_often() -> Response {
    let body = "<p>What you chose before is kept. You can change it again in an hour.</p>";
    let mut answer = page(StatusCode::TOO_MANY_REQUESTS, "That was often", body);
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("3600"));
    answer
}

pub(crate) fn not_so(allowed: &'static str) -> Response {
    let body = "<p>This address is for looking, or for one of our own forms.</p>";
    let mut answer = page(StatusCode::METHOD_NOT_ALLOWED, "Not in this way", body);
    answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    answer
}

/// As text within HTML, or within an attribute in quotes.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_shops_name_is_no_markup() {
        assert_eq!(escaped("<b>\"Tea\" & 'Bo'</b>"), "&lt;b&gt;&quot;Tea&quot; &amp; &#39;Bo&#39;&lt;/b&gt;");
    }
}
