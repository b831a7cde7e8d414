//! A browser's cookies, as requests and sockets bring them.

/// Who is signed in. No script can read it.
pub const ACCESS: &str = "__Host-access";

/// The cookie of that name in a header's line; an empty one is none.
pub fn find<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = line.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(told, value)| *told == name && !value.is_empty()).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let line = "a=1; __Host-access=token.x=y; b=";
        assert_eq!(find(line, ACCESS), Some("token.x=y"));
        assert_eq!(find(line, "b"), None);
        assert_eq!(find(line, "access"), None);
    }
}
