//! Who agreed to which messages, and who can be reached: "subscribed to email but not SMS".

use crate::{last::Last, reader::Reader, tree::Node};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    Email,
    Sms,
}

const CHANNELS: [(&str, Channel); 26] = [
    ("email", Channel::Email),
    ("emails", Channel::Email),
    ("e mail", Channel::Email),
    ("e mails", Channel::Email),
    ("email marketing", Channel::Email),
    ("email updates", Channel::Email),
    ("email newsletter", Channel::Email),
    ("email campaigns", Channel::Email),
    ("email messages", Channel::Email),
    ("email list", Channel::Email),
    ("marketing emails", Channel::Email),
    ("promotional emails", Channel::Email),
    ("newsletter", Channel::Email),
    ("newsletters", Channel::Email),
    ("mailing list", Channel::Email),
    ("sms", Channel::Sms),
    ("sms marketing", Channel::Sms),
    ("sms messages", Channel::Sms),
    ("sms updates", Channel::Sms),
    ("sms campaigns", Channel::Sms),
    ("text", Channel::Sms),
    ("texts", Channel::Sms),
    ("text messages", Channel::Sms),
    ("text message", Channel::Sms),
    ("text marketing", Channel::Sms),
    ("marketing texts", Channel::Sms),
];

/// Each with the state that it asks.
const VERBS: [(&str, &str); 32] = [
    ("subscribed", "SUBSCRIBED"),
    ("subscribe", "SUBSCRIBED"),
    ("subscribes", "SUBSCRIBED"),
    ("signed up", "SUBSCRIBED"),
    ("opted in", "SUBSCRIBED"),
    ("opted into", "SUBSCRIBED"),
    ("opt in", "SUBSCRIBED"),
    ("consented", "SUBSCRIBED"),
    ("agreed", "SUBSCRIBED"),
    ("accept", "SUBSCRIBED"),
    ("accepts", "SUBSCRIBED"),
    ("accepted", "SUBSCRIBED"),
    ("unsubscribed", "UNSUBSCRIBED"),
    ("unsubscribe", "UNSUBSCRIBED"),
    ("opted out", "UNSUBSCRIBED"),
    ("opt out", "UNSUBSCRIBED"),
    ("can be reached", "REACH"),
    ("be reached", "REACH"),
    ("reachable", "REACH"),
    ("reached", "REACH"),
    ("contacted", "REACH"),
    ("can be contacted", "REACH"),
    ("be contacted", "REACH"),
    ("contactable", "REACH"),
    ("can receive", "REACH"),
    ("receive", "REACH"),
    ("can get", "REACH"),
    ("get", "REACH"),
    ("we can reach", "REACH"),
    ("can we reach", "REACH"),
    ("we may write to", "REACH"),
    ("allowed to receive", "REACH"),
];
const SMALL: [&str; 25] = [
    "to",
    "for",
    "by",
    "via",
    "from",
    "of",
    "in",
    "on",
    "with",
    "our",
    "the",
    "both",
    "either",
    "their",
    "marketing by",
    "marketing via",
    "marketing through",
    "to receive",
    "to get",
    "receiving",
    "to our",
    "to the",
    "from our",
    "from the",
    "through",
];

impl Channel {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }
}

impl Reader<'_> {
    pub(crate) fn channel(&mut self) -> Option<Channel> {
        self.any(&["our", "the", "any"]);
        self.first(&CHANNELS)
    }

    pub(crate) fn consent(&mut self) -> Option<Node> {
        self.attempt(Self::texted)
            .or_else(|| self.attempt(Self::agreed))
            .or_else(|| self.attempt(Self::subscribers))
            .or_else(|| self.attempt(Self::has_address))
    }

    /// "can be emailed"
    fn texted(&mut self) -> Option<Node> {
        let channel = self.first(&[
            ("can be emailed", Channel::Email),
            ("be emailed", Channel::Email),
            ("can be texted", Channel::Sms),
            ("be texted", Channel::Sms),
            ("emailed", Channel::Email),
            ("texted", Channel::Sms),
        ])?;
        self.last = Last::Consent("REACH");
        self.consents("REACH", channel)
    }

    fn agreed(&mut self) -> Option<Node> {
        let from = self.at();
        let state = self.first(&VERBS)?;
        let is_short = matches!(self.slice(from, self.at()), "get" | "receive");
        while self.any(&SMALL) {}
        if self.take(&["neither"]) {
            let mut nodes = vec![self.channel()?];
            while self
                .attempt(|it| {
                    it.take(&["nor", "or"]).then_some(())?;
                    it.any(&["to", "by"]);
                    let channel = it.channel()?;
                    nodes.push(channel);
                    Some(())
                })
                .is_some()
            {}
            let nodes: Option<Vec<_>> =
                nodes.into_iter().map(|channel| self.consents(state, channel)).collect();
            return Some(Node::All(nodes?.into_iter().map(Node::not).collect()));
        }
        let Some(channel) = self.channel() else {
            // "get" alone is no consent, and who "signed up" may have made an account.
            let is_bare = matches!(state, "SUBSCRIBED" | "UNSUBSCRIBED");
            let verb = self.slice(from, from + 1).to_lowercase();
            let has_marketing = self.any(&["marketing", "messages", "updates", "promotions", "list"]);
            if is_short
                || !is_bare
                || (!has_marketing
                    && matches!(verb.as_str(), "signed" | "agreed" | "accept" | "accepts" | "accepted"))
            {
                return None;
            }
            self.assume("consent without a channel is taken for email".to_owned());
            self.last = Last::Consent(state);
            return self.consents(state, Channel::Email);
        };
        self.last = Last::Consent(state);
        self.several(state, channel)
    }

    /// "email and SMS", "email or SMS".
    fn several(&mut self, state: &'static str, first: Channel) -> Option<Node> {
        let node = self.consents(state, first)?;
        let second = self.attempt(|it| {
            let is_or = it.take(&["or", "/"]);
            (is_or || it.take(&["and", "&", "plus"])).then_some(())?;
            it.any(&["to", "by", "via", "for"]);
            Some((it.channel()?, is_or))
        });
        Some(match second {
            None => node,
            Some((second, is_or)) => {
                let other = self.consents(state, second)?;
                self.last = Last::Consent(state);
                if is_or { Node::Any(vec![node, other]) } else { Node::All(vec![node, other]) }
            }
        })
    }

    /// "email subscribers", "SMS and email subscribers", "subscribers".
    fn subscribers(&mut self) -> Option<Node> {
        const NOUNS: [&str; 4] = ["subscribers", "subscriber", "opt ins", "opted in"];
        self.any(&["a", "an"]);
        if self.any(&["subscribers", "subscriber"]) {
            self.assume("consent without a channel is taken for email".to_owned());
            self.last = Last::Consent("SUBSCRIBED");
            return self.consents("SUBSCRIBED", Channel::Email);
        }
        let first = self.channel()?;
        let node = self.several("SUBSCRIBED", first)?;
        self.any(&NOUNS).then_some(())?;
        self.last = Last::Consent("SUBSCRIBED");
        Some(node)
    }

    /// "have an email address", "without a phone number".
    fn has_address(&mut self) -> Option<Node> {
        const HAVE: [&str; 11] =
            ["have", "has", "having", "with", "without", "no", "any", "missing", "lacking", "a", "an"];
        let is_had = HAVE.contains(&self.word_before());
        let has_article = self.any(&["a", "an", "any", "their", "valid", "a valid"]);
        (is_had || has_article).then_some(())?;
        let field = self.first(&[
            ("email address", "email"),
            ("email addresses", "email"),
            ("email", "email"),
            ("phone number", "phone"),
            ("phone numbers", "phone"),
            ("phone", "phone"),
            ("mobile number", "phone"),
            ("email on file", "email"),
            ("phone on file", "phone"),
            ("phone number on file", "phone"),
        ])?;
        self.is_boundary().then_some(())?;
        self.says(&format!("{field} IS NOT NULL"))
    }
}
