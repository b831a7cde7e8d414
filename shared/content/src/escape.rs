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
    Cow::Owned(NAMES.iter().fold(text.to_owned(), |text, (name, letter)| text.replace(name, letter)))
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
}
