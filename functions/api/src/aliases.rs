//! Paths that answer under a second name, because a system that merchants come from knows them by it.
//!
//! Resolved before routing; documented as deprecated twins of the real operation.

use axum::{
    extract::Request,
    http::{Method, Uri},
};

/// The method, the other name, the real path.
pub(crate) const ALIASES: [(&str, &str, &str); 7] = [
    ("POST", "/api/auth/register", "/api/auth/signup"),
    ("POST", "/auth/login", "/api/auth/login"),
    ("POST", "/api/auth/forgot", "/api/auth/forgot-password"),
    ("GET", "/api/v1/me", "/api/auth/me"),
    ("GET", "/api-docs", "/api/docs"),
    ("GET", "/api/docs/spec", "/openapi.json"),
    ("GET", "/swagger.json", "/openapi.json"),
];

pub(crate) fn resolve(request: &mut Request) {
    let path = request.uri().path();
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    // A HEAD request is a GET without the body.
    let method = if request.method() == Method::HEAD { "GET" } else { request.method().as_str() };
    let alias = ALIASES.iter().find(|(known, from, _)| *known == method && *from == path);
    let Some((_, _, to)) = alias else { return };
    let target = match request.uri().query() {
        Some(query) => format!("{to}?{query}"),
        None => (*to).to_owned(),
    };
    if let Ok(uri) = target.parse::<Uri>() {
        *request.uri_mut() = uri;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    #[test]
    fn an_alias_leads_to_the_real_path_and_keeps_the_query() {
        let check = |method: &str, from: &str, to: &str| {
            let mut request = Request::builder().method(method).uri(from).body(Body::empty()).unwrap();
            resolve(&mut request);
            assert_eq!(request.uri().to_string(), to, "{method} {from}");
        };
        check("POST", "/api/auth/register", "/api/auth/signup");
        check("GET", "/api/auth/register", "/api/auth/register");
        check("GET", "/swagger.json?x=1", "/openapi.json?x=1");
        check("HEAD", "/api-docs/", "/api/docs");
        check("GET", "/", "/");
    }
}
