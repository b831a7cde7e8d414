//! How deep elements may stand within each other: whoever reads them goes through all that are open for each one more.

/// A mail has ten, not counting what tables are made of.
pub(crate) const DEPTH_MAX: usize = 64;
/// These have no end.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];
/// In HTML these end by themselves where the next begins, or stand in something that is counted.
const ENDS_ITSELF: [&str; 12] =
    ["colgroup", "dd", "dt", "li", "option", "p", "tbody", "td", "tfoot", "th", "thead", "tr"];

/// Where an element is opened within too many.
pub(crate) fn too_deep(text: &str) -> Option<usize> {
    deeper(text, &[])
}

pub(crate) fn too_deep_html(text: &str) -> Option<usize> {
    deeper(text, &ENDS_ITSELF)
}

fn deeper(text: &str, uncounted: &[&str]) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, _) in text.match_indices('<') {
        let rest = &text[at + 1..];
        let is_end = rest.starts_with('/');
        let name = rest.trim_start_matches('/');
        let name = name.split(|char: char| !char.is_ascii_alphanumeric() && char != '-').next();
        let name = name.unwrap_or_default().to_ascii_lowercase();
        // `1 <2` is none.
        let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic());
        if !is_name || VOID.contains(&name.as_str()) || uncounted.contains(&name.as_str()) {
            continue;
        }
        if is_end {
            depth = depth.saturating_sub(1);
            continue;
        }
        // No further than the next one: many that are never closed would be gone through again and again.
        let end = rest.find(['<', '>']);
        depth += usize::from(!end.is_some_and(|end| rest[..end].ends_with('/')));
        if depth > DEPTH_MAX {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_counted_and_what_ends_by_itself_is_not() {
        let check =
            |html: &str, expected: bool| assert_eq!(too_deep_html(html).is_some(), expected, "{html:.40}");
        check(&"<div>".repeat(64), false);
        check(&"<div>".repeat(65), true);
        check(&"<DIV class=a>".repeat(65), true);
        check(&"<div></div>".repeat(900), false);
        check(&"<p>one<br><li>two".repeat(900), false);
        check(&"<table><tbody><tr><td>".repeat(60), false);
        check(&"<table><tbody><tr><td>".repeat(65), true);
        check(&"a < b, 1 <2 ".repeat(900), false);
    }
}
