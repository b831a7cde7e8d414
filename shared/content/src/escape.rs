//! What a value becomes where it is written, so that it stays a text there.

use std::borrow::Cow;

use crate::tree::Shape;

/// What a text in an attribute says.
pub(crate) fn plain(text: &str, shape: Shape) -> Cow<'_, str> {
    const NAMES: [(&str, &str); 6] =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#38;", "&"), ("&amp;", "&")];
    if shape != Shape::Html || !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let (mut plain, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, from)) = rest.find('&').map(|at| rest.split_at(at)) {
        plain.push_str(before);
        // What is no such name stays as it is.
        let (name, letter) = NAMES.into_iter().find(|(name, _)| from.starts_with(name)).unwrap_or(("&", "&"));
        plain.push_str(letter);
        rest = &from[name.len()..];
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// A name with a `<` in it is no markup, and one with a line's end makes no header of its own.
pub(crate) fn push(text: &str, shape: Shape, into: &mut String) {
    let is_told = |byte: u8| match shape {
        Shape::Html => matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\''),
        Shape::Subject => byte.is_ascii_control(),
        Shape::Text => false,
    };
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate().filter(|(_, byte)| is_told(*byte)) {
        into.push_str(&text[from..at]);
        into.push_str(match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#39;",
            _ => " ",
        });
        from = at + 1;
    }
    into.push_str(&text[from..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_a_text() {
        let check = |text: &str, shape: Shape, expected: &str| {
            let mut told = String::new();
            push(text, shape, &mut told);
            assert_eq!(told, expected, "{text:?}");
        };
        check("<b>\"Ada\" & 'Bo'</b>", Shape::Html, "&lt;b&gt;&quot;Ada&quot; &amp; &#39;Bo&#39;&lt;/b&gt;");
        check("é<ü", Shape::Html, "é&lt;ü");
        check("Ada\r\nBcc: all", Shape::Subject, "Ada  Bcc: all");
        check("<b>\n", Shape::Text, "<b>\n");
        check("", Shape::Html, "");
    }

    #[test]
    fn what_is_escaped_says_what_it_said() {
        let check = |text: &str, expected: &str| assert_eq!(plain(text, Shape::Html), expected, "{text}");
        for text in ["", "a", "http://a/?x=1&y=2", "<b>\"Ada\" & 'Bo'</b>", "é&ü", "&amp;lt;", "&#38;amp;"]
        {
            let mut told = String::new();
            push(text, Shape::Html, &mut told);
            check(&told, text);
        }
        check("a=1&b=2&#38;c&", "a=1&b=2&c&");
        check("&#38;amp;", "&amp;");
        assert_eq!(plain("&amp;", Shape::Text), "&amp;");
    }
}
