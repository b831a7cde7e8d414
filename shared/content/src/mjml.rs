//! MJML becomes the HTML that mail programs understand.
//!
//! Nothing is fetched: neither what a template would include, nor, by whoever reads the mail, fonts of somebody else's.

use std::collections::HashMap;

use mrml::prelude::{
    parser::{Error, ParserOptions},
    render::RenderOptions,
};

use crate::{
    depth::{DEPTH_MAX, too_deep},
    fault::{Fault, Faults},
    marked::Marked,
    tree::{Pattern, Shape},
};

/// A template of HTML, with everything in braces where it was. Loops and conditions around whole sections stand in `mj-raw`.
pub fn html_of(source: &str) -> Result<String, Vec<Fault>> {
    // What is wrong in braces is told at its place in what was written.
    Pattern::read(source, Shape::Html)?;
    let mut faults = Faults::default();
    let Some(marked) = Marked::of(source) else {
        faults.add(
            0,
            "there are too many braces in it, or letters beyond all scripts that are read: leave some out",
        );
        return Err(faults.told(source));
    };
    if let Some(at) = too_deep(&marked.text) {
        faults.add(marked.source_at(at), format!("more than {DEPTH_MAX} elements within each other"));
        return Err(faults.told(source));
    }
    let read = mrml::parse_with_options(&marked.text, &ParserOptions::default());
    let html = match read {
        Ok(read) => read.element.render(&RenderOptions { fonts: HashMap::new(), ..RenderOptions::default() }),
        Err(error) => {
            let at = place_of(&error);
            // Space before it is not what is wrong.
            let space = marked.text.get(at..).map_or(0, |rest| rest.len() - rest.trim_start().len());
            faults.add(marked.source_at(at + space), sentence_of(&error));
            return Err(faults.told(source));
        }
    };
    match html {
        // It stands for a quote or a line's end within an attribute, which is none of ours.
        Ok(html) if html.contains('\\') => {
            faults.add(
                0,
                "an attribute holds a double quote or a line's end: write `&quot;`, and put it on one line",
            );
            Err(faults.told(source))
        }
        Ok(html) => Ok(marked.back(&html)),
        Err(error) => {
            faults.add(0, format!("this cannot be shown: {error}"));
            Err(faults.told(source))
        }
    }
}

fn place_of(error: &Error) -> usize {
    match error {
        Error::UnexpectedElement { position, .. }
        | Error::UnexpectedToken { position, .. }
        | Error::MissingAttribute { position, .. }
        | Error::InvalidAttribute { position, .. }
        | Error::InvalidFormat { position, .. }
        | Error::IncludeLoaderError { position, .. } => position.start,
        Error::EndOfStream { .. }
        | Error::SizeLimit { .. }
        | Error::ParserError { .. }
        | Error::NoRootNode => 0,
    }
}

fn sentence_of(error: &Error) -> String {
    match error {
        Error::UnexpectedElement { .. } => "this element may not stand here".to_owned(),
        Error::UnexpectedToken { .. } => {
            "this may not stand here; text stands in `mj-text`, and braces around sections in `mj-raw`"
                .to_owned()
        }
        Error::MissingAttribute { name, .. } => format!("`{name}` is missing"),
        Error::InvalidAttribute { .. } => "this is no attribute".to_owned(),
        Error::InvalidFormat { .. } => "this is not written as MJML".to_owned(),
        Error::IncludeLoaderError { .. } => "`mj-include` is not allowed: put all of it here".to_owned(),
        Error::EndOfStream { .. } => "an element is not closed".to_owned(),
        Error::SizeLimit { .. } => "it is too large".to_owned(),
        Error::ParserError { source, .. } => format!("this is not written as MJML: {source}"),
        Error::NoRootNode => "`<mjml>` is expected around all of it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(within: &str) -> String {
        format!("<mjml><mj-body><mj-section><mj-column>{within}</mj-column></mj-section></mj-body></mjml>")
    }

    fn check(source: &str, expected: &str) {
        let told: Vec<_> = html_of(source).unwrap_err().iter().map(ToString::to_string).collect();
        assert_eq!(told, [expected], "{source}");
    }

    #[test]
    fn what_is_in_braces_goes_through_as_it_is() {
        let html = html_of(&mail(
            "<mj-text>Hi {{ name | default: \"you\" }}{% if orders_count %}{% endif %}</mj-text><mj-button \
             href=\"{{ unsubscribe_url | default: \"https://a.test\" }}\">Go</mj-button>",
        ));
        // The name is wrong, so it is told first.
        assert!(html.unwrap_err()[0].sentence.contains("`orders_count` is not known"));
        let html = html_of(&mail(
            "<mj-text>Hi {{ name | default: \"you\" }}{% if total_orders < 3 %}!{% endif %}</mj-text><mj-button \
             href=\"{{ unsubscribe_url | default: \"https://a.test\" }}\">Go</mj-button>",
        ))
        .unwrap();
        assert!(
            html.contains("Hi {{ name | default: \"you\" }}{% if total_orders < 3 %}!{% endif %}"),
            "{html}"
        );
        assert!(html.contains("href=\"{{ unsubscribe_url | default: \"https://a.test\" }}\""), "{html}");
        assert!(!html.contains("fonts.googleapis"), "{html}");
        assert!(Pattern::read(&html, Shape::Html).is_ok());
    }

    /// `mrml` writes attributes as Rust shows texts.
    #[test]
    fn attributes_stay_what_they_are() {
        let html =
            html_of(&mail("<mj-image src=\"https://a.test/x.png\" alt=\"a\u{200d}\u{301}\\b é 👍\" />"))
                .unwrap();
        assert!(html.contains("alt=\"a\u{200d}\u{301}\\b é 👍\""), "{html}");
        let quoted = "line 1, column 1: an attribute holds a double quote or a line's end: write `&quot;`, and put it on one line";
        check(&mail("<mj-image src=\"x.png\" alt='say \"hi\"' />"), quoted);
        check(&mail("<mj-image src=\"x.png\" alt=\"a\nb\" />"), quoted);
    }

    #[test]
    fn sections_may_be_repeated() {
        let html = html_of(
            "<mjml><mj-body><mj-raw>{% for item in cart.items %}</mj-raw><mj-section><mj-column><mj-text>{{ item.title \
             }}</mj-text></mj-column></mj-section><mj-raw>{% endfor %}</mj-raw></mj-body></mjml>",
        )
        .unwrap();
        let (open, close) = (html.find("{% for").unwrap(), html.find("{% endfor").unwrap());
        assert!(open < html.find("{{ item.title").unwrap() && html.find("{{ item.title").unwrap() < close);
        assert!(Pattern::read(&html, Shape::Html).is_ok());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        check("hello", "line 1, column 1: this is not written as MJML: unknown token at 1:1");
        check("", "line 1, column 1: `<mjml>` is expected around all of it");
        check("<mjml><mj-body>", "line 1, column 1: an element is not closed");
        check(
            "<mjml>\n{{ name }}<mj-zzz></mj-zzz></mjml>",
            "line 2, column 1: this may not stand here; text stands in `mj-text`, and braces around sections in `mj-raw`",
        );
        check(
            "<mjml><mj-head><mj-include path=\"/etc/passwd\" /></mj-head></mjml>",
            "line 1, column 17: `mj-include` is not allowed: put all of it here",
        );
        let deep = format!("{}{}", "<b>".repeat(10_000), "</b>".repeat(10_000));
        let told = html_of(&mail(&format!("<mj-text>{deep}</mj-text>"))).unwrap_err();
        assert!(told[0].sentence.contains("more than 64 elements"), "{told:?}");
        let flat = format!("<mj-text>{}</mj-text>", "a<br>b<img src='x'>".repeat(500));
        assert!(html_of(&mail(&flat)).is_ok());
    }
}
