//! Pages as text: everything that is shown is escaped, nothing is loaded from elsewhere, no script runs.

use axum::{
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
};

const STYLE: &str = include_str!("../../pages/page.css");

pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// A page with the style of all; `body` is HTML already.
pub(crate) fn page(title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>{title} · Regulars</title><style>{STYLE}</style>\
         <main>{body}</main></html>",
        title = escaped(title),
    );
    let mut response = Html(html).into_response();
    let policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_shown_cannot_become_a_tag() {
        assert_eq!(super::escaped("<b class='x'>\"&"), "&lt;b class=&#39;x&#39;&gt;&quot;&amp;");
    }
}
