//! A mail: its subject, what a mailbox shows beside it, HTML, and plain text, understood together.

use std::collections::BTreeSet;

use crate::{
    blocks::Blocks,
    depth::{DEPTH_MAX, too_deep_html},
    fault::{Fault, Faults, PartFault},
    fill::Stopped,
    mjml::html_of,
    name::Name,
    plain::text_of,
    tree::{Pattern, Shape},
    value::Facts,
};

/// As somebody has written it.
#[derive(Debug, Clone, Copy)]
pub struct Written<'a> {
    pub subject: &'a str,
    /// May be empty.
    pub preheader: &'a str,
    pub body: Body<'a>,
    /// `None`: made of the HTML.
    pub text: Option<&'a str>,
}

#[derive(Debug, Clone, Copy)]
pub enum Body<'a> {
    Html(&'a str),
    Mjml(&'a str),
    Blocks(&'a Blocks),
}

/// Ready to be filled.
#[derive(Debug, Clone)]
pub struct Email {
    subject: Pattern,
    html: Pattern,
    text: Pattern,
}

/// As it is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filled {
    pub subject: String,
    pub html: String,
    pub text: String,
}

/// Gmail shows no more, and hides the way out with the rest.
const CLIPPED_BYTES: usize = 102 * 1024;

impl Email {
    /// All that is wrong, each with a JSON pointer to the part: `/subject`, `/preheader`, `/body`, `/text`.
    pub fn read(written: &Written<'_>) -> Result<Self, Vec<PartFault>> {
        let mut faults = Vec::new();
        let mut kept = |at: &str, read: Result<Pattern, Vec<Fault>>| {
            let told = |fault: &Fault| PartFault { at: at.to_owned(), sentence: fault.to_string() };
            read.map_err(|all| faults.extend(all.iter().map(told))).ok()
        };
        let subject = kept("/subject", Pattern::read(written.subject, Shape::Subject));
        let preheader = kept("/preheader", Pattern::read(written.preheader, Shape::Html));
        let text = written.text.and_then(|text| kept("/text", Pattern::read(text, Shape::Text)));
        let html = match written.body {
            Body::Html(html) => {
                let read = Pattern::read(html, Shape::Html).and_then(|read| shallow(html).map(|()| read));
                kept("/body", read).map(|_| html.to_owned())
            }
            Body::Mjml(mjml) => html_of(mjml).map_err(|all| kept("/body", Err(all))).ok(),
            Body::Blocks(blocks) => match blocks.html() {
                Ok(html) => Some(html),
                Err(all) => {
                    let within = |fault: PartFault| PartFault { at: format!("/body{}", fault.at), ..fault };
                    faults.extend(all.into_iter().map(within));
                    None
                }
            },
        };
        if written.subject.trim().is_empty() {
            faults.push(PartFault { at: "/subject".to_owned(), sentence: "there is no subject".to_owned() });
        }
        let (Some(subject), Some(_), Some(html), true) = (subject, preheader, html, faults.is_empty()) else {
            return Err(faults);
        };
        // What was right alone is right together.
        let broken =
            |sentence: &str| vec![PartFault { at: "/body".to_owned(), sentence: sentence.to_owned() }];
        let text = match text {
            Some(text) => text,
            None => text_of(&html)
                .and_then(|text| Pattern::read(&text, Shape::Text).ok())
                .ok_or_else(|| broken("no plain text can be made of it: tell one"))?,
        };
        let html = Pattern::read(&with_preheader(&html, written.preheader), Shape::Html)
            .map_err(|_| broken("with what stands beside the subject it is too long"))?;
        Ok(Self { subject, html: html.with_links(), text: text.with_links() })
    }

    pub fn fill(&self, facts: &dyn Facts, into: &mut Filled) -> Result<(), Stopped> {
        self.subject.fill(facts, &mut into.subject)?;
        self.html.fill(facts, &mut into.html)?;
        self.text.fill(facts, &mut into.text)
    }

    pub fn names(&self) -> BTreeSet<Name> {
        [&self.subject, &self.html, &self.text]
            .into_iter()
            .flat_map(|part| part.names().iter().copied())
            .collect()
    }
}

impl Filled {
    /// What whoever sends it should know.
    pub fn warnings(&self) -> Vec<String> {
        let mut told = Vec::new();
        if self.html.len() > CLIPPED_BYTES {
            let (has, most) = (self.html.len() / 1024, CLIPPED_BYTES / 1024);
            told.push(format!(
                "the mail has {has} KiB: Gmail cuts what is beyond {most}, and the way out with it"
            ));
        }
        told
    }
}

/// Plain text is made of it.
fn shallow(html: &str) -> Result<(), Vec<Fault>> {
    let Some(at) = too_deep_html(html) else { return Ok(()) };
    let mut faults = Faults::default();
    faults.add(at, format!("more than {DEPTH_MAX} elements within each other"));
    Err(faults.told(html))
}

/// Not seen in the mail itself.
fn with_preheader(html: &str, preheader: &str) -> String {
    if preheader.is_empty() {
        return html.to_owned();
    }
    let hidden = "display:none;max-height:0;max-width:0;opacity:0;overflow:hidden";
    let shown = format!("<div style=\"{hidden}\">{preheader}</div>");
    let body = html.find("<body").and_then(|at| html[at..].find('>').map(|end| at + end + 1)).unwrap_or(0);
    format!("{}{shown}{}", &html[..body], &html[body..])
}
