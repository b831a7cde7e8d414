//! Merchants' own words: rules, names, descriptions and messages may name somebody. Whoever is forgotten is not named there any more,
//! and the request says where they were.
//!
//! What named them is blotted out, and nothing else is changed. A rule that asked for them then means nobody by that. Words that
//! name them by one name alone, or by a part of an address, are left as they are: they may mean others.

use domain::{
    Campaign, Name, Report, Segment,
    campaign::{State, Who},
    marks::Marks,
    privacy::{REWORDED_MAX, Request, Reworded},
    segment::RuleText,
    template::{Body, Words},
};
use flows::{FlowError, sign::sha256_hex};
use store::{Held, Step};

use super::Desk;

pub(super) async fn blotted(
    desk: &Desk<'_>,
    held: Held<Request>,
    marks: &Marks,
) -> Result<Held<Request>, FlowError> {
    let held = segments(desk, held, marks).await?;
    let held = reports(desk, held, marks).await?;
    let held = templates(desk, held, marks).await?;
    campaigns(desk, held, marks).await
}

/// What was blotted in one thing.
struct Pen<'a> {
    marks: &'a Marks,
    fields: Vec<String>,
}

async fn segments(desk: &Desk<'_>, held: Held<Request>, marks: &Marks) -> Result<Held<Request>, FlowError> {
    let (mut held, mut list) = (held, desk.store.segments().await?);
    for id in list.iter().map(|segment| segment.id).collect::<Vec<_>>() {
        let Some(segment) = list.get(id) else { continue };
        let mut pen = Pen { marks, fields: Vec::new() };
        let after = Segment {
            name: pen.name(&segment.name),
            description: segment.description.as_deref().map(|text| pen.text("description", text)),
            rule: segment.rule.as_ref().map(|rule| pen.rule("rule", rule)),
            ..Segment::clone(segment)
        };
        let after = after.changed_from(segment, segment.updated_by, desk.deps.clock.now());
        let step = desk.store.segment_changed(&list, segment, &after);
        let is_reworded = !pen.fields.is_empty();
        held = pen.down(desk, held, ("segment", id.to_string()), step).await?;
        if is_reworded {
            // Each change is one of all of them.
            list = desk.store.segments().await?;
        }
    }
    Ok(held)
}

async fn reports(desk: &Desk<'_>, held: Held<Request>, marks: &Marks) -> Result<Held<Request>, FlowError> {
    let mut held = held;
    for report in desk.store.reports().await? {
        let mut pen = Pen { marks, fields: Vec::new() };
        let mut after = Report {
            name: pen.name(&report.name),
            description: report.description.as_deref().map(|text| pen.text("description", text)),
            edition: report.edition + 1,
            updated_at: desk.deps.clock.now(),
            ..Report::clone(&report)
        };
        after.question.filter = report.question.filter.as_ref().map(|rule| pen.rule("filter", rule));
        let step = desk.store.report_changed(&report, &after);
        held = pen.down(desk, held, ("report", report.id.to_string()), step).await?;
    }
    Ok(held)
}

async fn templates(desk: &Desk<'_>, held: Held<Request>, marks: &Marks) -> Result<Held<Request>, FlowError> {
    let mut held = held;
    for listed in desk.store.templates().await? {
        let Some((template, words)) = desk.store.template(listed.id).await? else { continue };
        let mut pen = Pen { marks, fields: Vec::new() };
        let (name, words) = (pen.name(&template.name), pen.words(&words));
        let after = template.changed(name, template.channel, template.updated_by, desk.deps.clock.now());
        let step = desk.store.template_changed(&template, &after, &words);
        held = pen.down(desk, held, ("template", template.id.to_string()), step).await?;
    }
    Ok(held)
}

/// Also those that have been sent: their words are kept as they were.
async fn campaigns(desk: &Desk<'_>, held: Held<Request>, marks: &Marks) -> Result<Held<Request>, FlowError> {
    let mut held = held;
    for campaign in desk.store.campaigns().await? {
        let mut pen = Pen { marks, fields: Vec::new() };
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
        held = pen.down(desk, held, ("campaign", campaign.id.to_string()), step).await?;
    }
    Ok(held)
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
        (kind, id): (&str, String),
        step: Step,
    ) -> Result<Held<Request>, FlowError> {
        if self.fields.is_empty() {
            return Ok(held);
        }
        let mut request = Request::clone(&held);
        if request.reworded.len() < REWORDED_MAX {
            request.reworded.push(Reworded { kind: kind.to_owned(), id, fields: self.fields });
        }
        desk.store.commit(vec![step, desk.store.request_changed(&held, &request)]).await?;
        Ok(held.followed_by(request))
    }
}
