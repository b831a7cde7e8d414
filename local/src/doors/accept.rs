//! Whether somebody would rather read JSON than a page: `Accept`, by its media types and their weights.

use axum::http::{HeaderMap, header};

/// A browser names HTML, a program names JSON. Who names both gets what they like better, and who names neither the
/// page.
pub(super) fn wants_json(headers: &HeaderMap) -> bool {
    let told = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let told: Vec<_> = told.flat_map(|value| value.split(',')).map(media_type).collect();
    let weight =
        |wanted: &str| told.iter().find(|(kind, _)| kind == wanted).map_or(0.0, |(_, weight)| *weight);
    weight("application/json") > weight("text/html")
}

/// `text/html;level=1;q=0.5` as its name in small letters and its weight; without one it weighs 1.
fn media_type(told: &str) -> (String, f32) {
    let mut parts = told.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
    let mut weights = parts.filter_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    (kind, weights.next().map_or(1.0, |weight| weight.parse().unwrap_or(0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_names_json_gets_it() {
        let check = |told: &'static str, expected: bool| {
            let headers = HeaderMap::from_iter([(header::ACCEPT, told.parse().unwrap())]);
            assert_eq!(wants_json(&headers), expected, "{told}");
        };
        check("application/json", true);
        check("Application/JSON; charset=utf-8", true);
        check("application/json, text/plain, */*", true);
        check("text/plain;q=0.5, application/json ;q=0.9", true);
        check("text/html;q=0.8, application/json", true);
        check("text/html, application/json;q=0.9", false);
        check("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false);
        check("application/json;q=0", false);
        check("application/jsonlines", false);
        check("*/*", false);
        assert!(!wants_json(&HeaderMap::new()), "nothing told");
        let lines = [
            (header::ACCEPT, "text/plain".parse().unwrap()),
            (header::ACCEPT, "application/json".parse().unwrap()),
        ];
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, value);
        }
        assert!(wants_json(&headers), "in a line of its own");
    }
}
