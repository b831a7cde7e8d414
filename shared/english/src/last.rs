//! Parts of a sentence that go on with the verb of the part before: "subscribed to email but not SMS".

use crate::{
    consent::Channel,
    leaf::Found,
    measure::Measure,
    orders::Tail,
    reader::{Reader, quoted},
    tree::Node,
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
            Last::Measure(measure) => self.measured(measure),
            Last::Consent(state) => {
                self.take(&["by", "to", "for", "via", "from"]);
                let channel = self.channel()?;
                self.consents(state, channel)
            }
            Last::Orders => {
                let when = self.when()?;
                self.ordered(&Tail { when: Some(when), ..Tail::default() })
            }
            Last::Products(tail) => self.products_after(*tail),
            Last::Tags => self.tag_after(),
            Last::Places => self.places(),
            Last::Groups => self.group(),
        };
        node.map(|node| Found { node, is_adjective: false })
    }

    fn tag_after(&mut self) -> Option<Node> {
        let tag = self.tag_name()?;
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
