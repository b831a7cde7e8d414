//! The file in a request: the body itself, or the part `file` of a form.

use axum::{
    body::Bytes,
    extract::Request,
    http::{StatusCode, header},
};

use crate::{edge::RawBody, error::Problem};

/// Spreadsheets on Windows call CSV theirs; some programs call it plain text.
const CSV: [&str; 4] = ["text/csv", "application/csv", "application/vnd.ms-excel", "text/plain"];

pub(crate) fn file(request: &Request) -> Result<Bytes, Problem> {
    let told = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let told = told.unwrap_or_default();
    let kind = told.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let body = request.extensions().get().map_or_else(Bytes::new, |RawBody(body)| body.clone());
    if kind != "multipart/form-data" {
        return if CSV.contains(&kind.as_str()) { Ok(body) } else { Err(only_csv()) };
    }
    let boundary = parameter(told, "boundary").filter(|boundary| !boundary.is_empty());
    let parts = boundary.map(|boundary| parts(&body, &boundary)).unwrap_or_default();
    let found = parts.into_iter().find(|part| part.named("name").as_deref() == Some("file"));
    let part = found.ok_or_else(|| Problem::bad("no_file", "the form has no part called `file`"))?;
    let is_csv = part.named("filename").is_some_and(|name| name.to_ascii_lowercase().ends_with(".csv"))
        || part.kind().is_some_and(|kind| CSV.contains(&kind.as_str()));
    if is_csv { Ok(part.body) } else { Err(only_csv()) }
}

fn only_csv() -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_csv", "Only CSV files are read: send text/csv")
}

struct Part {
    head: String,
    body: Bytes,
}

impl Part {
    /// A parameter of how the part is to be taken.
    fn named(&self, name: &str) -> Option<String> {
        parameter(self.line("content-disposition")?, name)
    }

    fn kind(&self) -> Option<String> {
        let kind = self.line("content-type")?.split(';').next()?.trim().to_ascii_lowercase();
        Some(kind)
    }

    fn line(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines
            .into_iter()
            .find(|(known, _)| known.trim().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }
}

/// A parameter of a header's line: its name is compared without case, and in quotes no sign parts.
fn parameter(line: &str, name: &str) -> Option<String> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let mut parts = line.split(|letter| {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ => {}
        }
        letter == ';' && !is_quoted
    });
    let found = parts.find_map(|part| {
        let (known, value) = part.split_once('=')?;
        known.trim().eq_ignore_ascii_case(name).then_some(value)
    });
    found.map(|value| value.trim().trim_matches('"').to_owned())
}

/// What stands between the boundaries (RFC 7578). What was cut off is no part.
fn parts(body: &Bytes, boundary: &str) -> Vec<Part> {
    let boundary = format!("\r\n--{boundary}");
    // The first boundary stands at the very beginning, without the line's end before it.
    let mut from = match find(body, &boundary.as_bytes()[2..]) {
        Some(0) => boundary.len() - 2,
        _ => match find(body, boundary.as_bytes()) {
            Some(place) => place + boundary.len(),
            None => return Vec::new(),
        },
    };
    let mut parts = Vec::new();
    while let Some(length) = find(&body[from..], boundary.as_bytes()) {
        let part = body.slice(from..from + length);
        if let Some(end) = find(&part, b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&part[..end]).into_owned();
            parts.push(Part { head, body: part.slice(end + 4..) });
        }
        from += length + boundary.len();
    }
    parts
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).position(|window| window == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_taken_apart() {
        let body = "--b\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\nx\r\n--b\r\n\
                    content-disposition: form-data; name=\"file\"; filename=\"A.CSV\"\r\nContent-Type: text/csv\r\n\r\n\
                    email\r\na\r\n\r\n--b--\r\n";
        let all = parts(&Bytes::from(body), "b");
        assert_eq!(all.len(), 2);
        assert_eq!(all[1].named("filename").as_deref(), Some("A.CSV"));
        assert_eq!(all[1].kind().as_deref(), Some("text/csv"));
        assert_eq!(all[1].body, "email\r\na\r\n");
        let odd = r#"form-data; Name=file; filename="a; \"b\"; c.csv"; x"#;
        let part = Part { head: format!("Content-Disposition: {odd}"), body: Bytes::new() };
        assert_eq!(part.named("name").as_deref(), Some("file"));
        assert_eq!(part.named("filename").as_deref(), Some(r#"a; \"b\"; c.csv"#));
        assert_eq!(parameter("multipart/form-data; Boundary=\"b;c\"", "boundary").as_deref(), Some("b;c"));
        assert_eq!(parameter("multipart/form-data; charset=x", "boundary"), None);
        assert!(parts(&Bytes::from("--b\r\n\r\ncut off"), "b").is_empty());
        assert!(parts(&Bytes::from("nothing"), "b").is_empty());
    }
}
