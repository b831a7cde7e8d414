//! Parts of a sentence that go on with the verb of the part before: "subscribed to email but not SMS".

use crate::{
    consent::Channel,
    leaf::Found,
    measure::Measure,
    orders::Tail,
    reader::{Reader, quoted},
    tree::Node,
    when::When,
};

/// What the last condition was about.
#[derive(Debug, Clone)]
pub(crate) enum Last {
    Nothing,
    Measure(Measure),
    /// With the state that was asked of the channel.
    Consent(&'static str),
    Orders,
    /// Products, with when and how often they were bought.
    Products(Box<Tail>),
    Tags,
    Places,
    Groups,
}

impl Reader<'_> {
    pub(crate) fn goes_on(&mut self) -> Option<Found> {
        let node = match self.last.clone() {
            Last::Nothing => None,
            Last::Measure(measure) => {
                let quantity = self.attempt(|it| it.measured(measure));
                quantity.or_else(|| {
                    // "ordered twice, but not in March"
                    let when = (measure == Measure::Orders).then(|| self.when_again())??;
                    self.ordered(&Tail { when: Some(when), ..Tail::default() })
                })
            }
            Last::Consent(state) => {
                self.take(&["by", "to", "for", "via", "from"]);
                let channel = self.channel()?;
                self.consents(state, channel)
            }
            Last::Orders => {
                let when = self.when_again()?;
                self.ordered(&Tail { when: Some(when), ..Tail::default() })
            }
            Last::Products(tail) => match self.when_again() {
                Some(when) => self.ordered(&Tail { when: Some(when), ..*tail }),
                None => self.products_after(*tail),
            },
            Last::Tags => self.tag_after(),
            Last::Places => self.places(),
            Last::Groups => self.group(),
        };
        node.map(|node| Found { node, is_adjective: false })
    }

    /// "in March or April"
    fn when_again(&mut self) -> Option<When> {
        self.when()
            .or_else(|| self.attempt(|it| it.period().map(|period| When::Days(period.from, period.to))))
    }

    fn tag_after(&mut self) -> Option<Node> {
        if !matches!(self.word_before(), "not" | "or" | "and" | "but" | "nor" | ",") {
            return None;
        }
        let from = self.at();
        let tag = self.tag_name()?;
        self.ends_name(from).then_some(())?;
        self.says(&format!("customer_tags CONTAINS {}", quoted(&tag)))
    }

    /// The state of consent to one channel.
    pub(crate) fn consents(&mut self, state: &'static str, channel: Channel) -> Option<Node> {
        let text = match state {
            "REACH" => format!("can_receive_{} = TRUE", channel.name()),
            state => format!("{}_subscription_status = '{state}'", channel.name()),
        };
        self.says(&text)
    }
}
