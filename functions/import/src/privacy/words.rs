//! Merchants' own words: rules, names, descriptions and messages may name somebody. Whoever is forgotten is not named there any more,
//! and the request says where they were.
//!
//! What named them is blotted out, and nothing else is changed. A rule that asked for them then means nobody by that. Words that
//! name them by one name alone, or by a part of an address, are left as they are: they may mean others.

use domain::{
    Campaign, Name, Report, Segment, Timestamp,
    campaign::{State, Who},
    marks::Marks,
    privacy::{REWORDED_MAX, Request, Reworded, WordsSearched, Writing},
    segment::RuleText,
    template::{Body, Words},
};
use flows::{FlowError, sign::sha256_hex};
use store::{Held, Step};

use super::Desk;

/// From a place on, as much as there is time for. With where the next message goes on, if not all were searched.
pub(super) async fn blotted(
    desk: &Desk<'_>,
    held: Held<Request>,
    from: Option<WordsSearched>,
    marks: &Marks,
    until: Timestamp,
) -> Result<Blotted<WordsSearched>, FlowError> {
    let mut held = held;
    for kind in Writing::ALL {
        let after = match &from {
            Some(place) if kind < place.kind => continue,
            Some(place) if kind == place.kind => place.id.as_str(),
            _ => "",
        };
        let reader = Reader { desk, marks, after, until };
        let (after, rest) = match kind {
            Writing::Segment => segments(&reader, held).await?,
            Writing::Report => reports(&reader, held).await?,
            Writing::Template => templates(&reader, held).await?,
            Writing::Campaign => campaigns(&reader, held).await?,
        };
        held = after;
        if let Some(id) = rest {
            return Ok((held, Some(WordsSearched { kind, id })));
        }
    }
    Ok((held, None))
}

/// The request as it is by then, and the last that was looked at if the time was up.
type Blotted<Place> = (Held<Request>, Option<Place>);

/// Whoever reads all of one kind, the oldest first, behind one of them.
struct Reader<'a> {
    desk: &'a Desk<'a>,
    marks: &'a Marks,
    after: &'a str,
    until: Timestamp,
}

impl<'a> Reader<'a> {
    /// Ids are as long as one another: their order is that of their texts. One is always read, so that whoever goes on comes
    /// further.
    fn is_left(&self, id: &impl ToString) -> bool {
        *id.to_string() > *self.after
    }

    fn is_over(&self) -> bool {
        self.desk.deps.clock.now() >= self.until
    }

    fn pen(&self) -> Pen<'a> {
        Pen { marks: self.marks, fields: Vec::new() }
    }
}

/// What was blotted in one thing.
struct Pen<'a> {
    marks: &'a Marks,
    fields: Vec<String>,
}

async fn segments(reader: &Reader<'_>, held: Held<Request>) -> Result<Blotted<String>, FlowError> {
    let desk = reader.desk;
    let (mut held, mut list) = (held, desk.store.segments().await?);
    for id in list.iter().map(|segment| segment.id).filter(|id| reader.is_left(id)).collect::<Vec<_>>() {
        let Some(segment) = list.get(id) else { continue };
        let mut pen = reader.pen();
        let after = Segment {
            name: pen.name(&segment.name),
            description: segment.description.as_deref().map(|text| pen.text("description", text)),
            rule: segment.rule.as_ref().map(|rule| pen.rule("rule", rule)),
            ..Segment::clone(segment)
        };
        let after = after.changed_from(segment, segment.updated_by, desk.deps.clock.now());
        let step = desk.store.segment_changed(&list, segment, &after);
        let is_reworded = !pen.fields.is_empty();
        held = pen.down(desk, held, (Writing::Segment, id.to_string()), step).await?;
        if reader.is_over() {
            return Ok((held, Some(id.to_string())));
        }
        if is_reworded {
            // Each change is one of all of them.
            list = desk.store.segments().await?;
        }
    }
    Ok((held, None))
}

async fn reports(reader: &Reader<'_>, held: Held<Request>) -> Result<Blotted<String>, FlowError> {
    let desk = reader.desk;
    let mut held = held;
    for report in desk.store.reports().await?.into_iter().filter(|it| reader.is_left(&it.id)) {
        let mut pen = reader.pen();
        let mut after = Report {
            name: pen.name(&report.name),
            description: report.description.as_deref().map(|text| pen.text("description", text)),
            edition: report.edition + 1,
            updated_at: desk.deps.clock.now(),
            ..Report::clone(&report)
        };
        after.question.filter = report.question.filter.as_ref().map(|rule| pen.rule("filter", rule));
        let step = desk.store.report_changed(&report, &after);
        held = pen.down(desk, held, (Writing::Report, report.id.to_string()), step).await?;
        if reader.is_over() {
            return Ok((held, Some(report.id.to_string())));
        }
    }
    Ok((held, None))
}

async fn templates(reader: &Reader<'_>, held: Held<Request>) -> Result<Blotted<String>, FlowError> {
    let desk = reader.desk;
    let mut held = held;
    for listed in desk.store.templates().await?.into_iter().filter(|it| reader.is_left(&it.id)) {
        let Some((template, words)) = desk.store.template(listed.id).await? else { continue };
        let mut pen = reader.pen();
        let (name, words) = (pen.name(&template.name), pen.words(&words));
        let after = template.changed(name, template.channel, template.updated_by, desk.deps.clock.now());
        let step = desk.store.template_changed(&template, &after, &words);
        held = pen.down(desk, held, (Writing::Template, template.id.to_string()), step).await?;
        if reader.is_over() {
            return Ok((held, Some(template.id.to_string())));
        }
    }
    Ok((held, None))
}

/// Also those that have been sent: their words are kept as they were.
async fn campaigns(reader: &Reader<'_>, held: Held<Request>) -> Result<Blotted<String>, FlowError> {
    let desk = reader.desk;
    let mut held = held;
    for campaign in desk.store.campaigns().await?.into_iter().filter(|it| reader.is_left(&it.id)) {
        let mut pen = reader.pen();
        let mut after = Campaign { name: pen.name(&campaign.name), ..Campaign::clone(&campaign) };
        if let Who::Rule(rule) = &campaign.audience {
            after.audience = Who::Rule(pen.rule("rule", rule));
        }
        if let State::Failed { reason } = &campaign.state {
            after.state = State::Failed { reason: pen.text("reason", reason) };
        }
        let words = desk.store.campaign_words(&campaign).await?.unwrap_or_default();
        let words: Vec<Words> = words.iter().map(|words| pen.words(words)).collect();
        let step = desk.store.campaign_reworded(&campaign, &after, &words);
        held = pen.down(desk, held, (Writing::Campaign, campaign.id.to_string()), step).await?;
        if reader.is_over() {
            return Ok((held, Some(campaign.id.to_string())));
        }
    }
    Ok((held, None))
}

impl Pen<'_> {
    fn text(&mut self, field: &str, text: &str) -> String {
        let Some(blotted) = self.marks.blotted(text) else { return text.to_owned() };
        // A campaign may have several of the same.
        if self.fields.iter().all(|known| known != field) {
            self.fields.push(field.to_owned());
        }
        blotted
    }

    fn name(&mut self, name: &Name) -> Name {
        self.text("name", name.as_str()).parse().unwrap_or_else(|_| name.clone())
    }

    fn rule(&mut self, field: &str, rule: &RuleText) -> RuleText {
        let text = self.text(field, &rule.text);
        RuleText {
            hash: if text == rule.text { rule.hash.clone() } else { sha256_hex(text.as_bytes()) },
            text,
        }
    }

    fn words(&mut self, words: &Words) -> Words {
        match words {
            Words::Sms { text } => Words::Sms { text: self.text("text", text) },
            Words::Email { subject, preheader, body, text } => Words::Email {
                subject: self.text("subject", subject),
                preheader: self.text("preheader", preheader),
                body: match body {
                    Body::Html(html) => Body::Html(self.text("html", html)),
                    Body::Mjml(mjml) => Body::Mjml(self.text("mjml", mjml)),
                    Body::Blocks(blocks) => Body::Blocks(self.text("blocks", blocks)),
                },
                text: text.as_deref().map(|text| self.text("text", text)),
            },
        }
    }

    /// If anything was blotted: it is changed in the commit that says so.
    async fn down(
        self,
        desk: &Desk<'_>,
        held: Held<Request>,
        (kind, id): (Writing, String),
        step: Step,
    ) -> Result<Held<Request>, FlowError> {
        if self.fields.is_empty() {
            return Ok(held);
        }
        let mut request = Request::clone(&held);
        if request.reworded.len() < REWORDED_MAX {
            request.reworded.push(Reworded { kind, id, fields: self.fields });
        }
        desk.store.commit(vec![step, desk.store.request_changed(&held, &request)]).await?;
        Ok(held.followed_by(request))
    }
}
