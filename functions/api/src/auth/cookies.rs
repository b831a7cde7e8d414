//! The cookies of a browser's session. `__Host-` binds them to this host and to HTTPS (or to the laptop).

use axum::http::{HeaderMap, header};
use domain::session::LIFETIME_SECONDS;
use flows::{cookies::find, sessions::Tokens};

pub(crate) use flows::cookies::ACCESS;
pub(crate) const REFRESH: &str = "__Host-refresh";
/// The one cookie that a page may read, to send it back in a header.
pub(crate) const CSRF: &str = "__Host-csrf";
/// What a sign-in with another provider must find again when it comes back.
pub(crate) const SIGN_IN_STATE: &str = "__Host-sign-in";

pub(crate) fn of(tokens: &Tokens) -> Vec<String> {
    vec![
        hidden(ACCESS, &tokens.access, i64::from(tokens.access_seconds)),
        hidden(REFRESH, &tokens.refresh, LIFETIME_SECONDS),
        format!("{CSRF}={}; Path=/; Max-Age={LIFETIME_SECONDS}; Secure; SameSite=Lax", tokens.csrf),
    ]
}

/// A cookie that no script can read. `Lax`, so that a link from a mail finds its reader signed in.
pub(crate) fn hidden(name: &str, value: &str, seconds: i64) -> String {
    format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax")
}

pub(crate) fn cleared() -> Vec<String> {
    [ACCESS, REFRESH, CSRF].map(|name| hidden(name, "", 0)).into()
}

pub(crate) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.find_map(|line| find(line, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_cookie_is_found_in_any_line() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1"));
        headers.append(header::COOKIE, HeaderValue::from_static("b=; __Host-access=token.x=y"));
        assert_eq!(read(&headers, ACCESS), Some("token.x=y"));
        assert_eq!(read(&headers, "b"), None);
        assert_eq!(read(&headers, "access"), None);
    }
}
