//! The plain text beside the HTML of a mail: for who reads without pictures, and for filters that want one.

use html2text::config;

use crate::marked::Marked;

/// What mail programs show without breaking it again.
const WIDTH: usize = 78;

/// A template of plain text, with all that is in braces where it was. Links are numbered, and stand below. `None`: the HTML is no template, or
/// nothing can be made of it.
pub fn text_of(html: &str) -> Option<String> {
    let marked = Marked::of(html)?;
    let text = config::plain()
        .no_table_borders()
        .raw_mode(true)
        .no_link_wrapping()
        .allow_width_overflow()
        .string_from_read(marked.text.as_bytes(), WIDTH)
        .ok()?;
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    // Layout leaves many empty lines.
    let mut told = String::with_capacity(text.len());
    for (at, line) in lines.iter().enumerate() {
        if line.is_empty() && (told.is_empty() || lines[at - 1].is_empty()) {
            continue;
        }
        told.push_str(line);
        told.push('\n');
    }
    Some(marked.back(told.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mjml::html_of;

    #[test]
    fn a_mail_is_read_without_its_layout() {
        let html = html_of(
            "<mjml><mj-body><mj-section><mj-column><mj-text>Hi {{ name | default: \"you\" }},<br>it is time.</mj-text><mj-button \
             href=\"{{ shop.url }}\">To the shop</mj-button></mj-column></mj-section><mj-section><mj-column><mj-text>\
             Bye &amp; <b>thanks</b></mj-text></mj-column></mj-section></mj-body></mjml>",
        )
        .unwrap();
        let text = "Hi {{ name | default: \"you\" }},\nit is time.\n[To the shop][1]\n\nBye & **thanks**\n\n[1]: {{ shop.url }}";
        assert_eq!(text_of(&html).as_deref(), Some(text));
        assert_eq!(text_of("{{ name"), None);
        assert_eq!(text_of("").as_deref(), Some(""));
    }
}
