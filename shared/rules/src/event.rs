//! The catalogue of what is matched rather than compared: happenings with their parameters, sets, places.

use crate::{
    field::{EMAIL_STATES, Group, Origin},
    kind::Kind,
};

macro_rules! words {
    ($(#[$doc:meta])* $kind:ident { $($word:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $kind { $($word,)* }

        impl $kind {
            pub const ALL: &[Self] = &[$(Self::$word,)*];

            pub const fn name(self) -> &'static str {
                match self { $(Self::$word => $name,)* }
            }

            pub(crate) fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.name() == name)
            }
        }
    };
}

words! {
    /// What happens to customers, any number of times.
    Event {
        OrdersPlaced = "orders_placed",
        ProductsPurchased = "products_purchased",
        ProductViewed = "storefront.product_viewed",
        CollectionViewed = "storefront.collection_viewed",
        Campaign = "campaign_events",
        Consent = "consent",
    }
}

words! {
    /// Whatever takes parameters.
    Function {
        OrdersPlaced = "orders_placed",
        ProductsPurchased = "products_purchased",
        ProductViewed = "storefront.product_viewed",
        CollectionViewed = "storefront.collection_viewed",
        Campaign = "campaign_events",
        Consent = "consent",
        Near = "customer_within_distance",
        Segment = "segment",
        List = "list",
        Funnel = "funnel",
    }
}

words! {
    /// In the order in which a rule shows them: conditions on one happening first, then those on all that fit.
    Param {
        Coordinates = "coordinates",
        DistanceKm = "distance_km",
        DistanceMi = "distance_mi",
        Steps = "steps",
        Within = "within",
        Type = "type",
        Channel = "channel",
        CampaignId = "campaign_id",
        Id = "id",
        Tag = "tag",
        State = "state",
        Method = "method",
        FinancialStatus = "financial_status",
        AppId = "app_id",
        LocationId = "location_id",
        Amount = "amount",
        Quantity = "quantity",
        Human = "human",
        Reason = "reason",
        Date = "date",
        Count = "count",
        SumAmount = "sum_amount",
        SumQuantity = "sum_quantity",
    }
}

/// What became of a message.
pub(crate) const CAMPAIGN_TYPES: &[&str] = &[
    "SENT",
    "DELIVERED",
    "OPENED",
    "CLICKED",
    "BOUNCED",
    "MARKED_AS_SPAM",
    "UNSUBSCRIBED",
    "FAILED",
    "SKIPPED",
];
const CHANNELS: &[&str] = &["EMAIL", "SMS"];
const METHODS: &[&str] = &["SINGLE_OPT_IN", "CONFIRMED_OPT_IN", "UNKNOWN"];
const FINANCIAL_STATES: &[&str] =
    &["PENDING", "AUTHORIZED", "PARTIALLY_PAID", "PAID", "PARTIALLY_REFUNDED", "REFUNDED", "VOIDED"];

impl Param {
    /// Is asked of all happenings that fit, not of each.
    pub const fn is_of_all(self) -> bool {
        matches!(self, Self::Count | Self::SumAmount | Self::SumQuantity)
    }

    /// What its values are. Coordinates, steps and spans are no kind of a field: `None`.
    pub const fn kind(self) -> Option<Kind> {
        Some(match self {
            Self::Coordinates | Self::Steps | Self::Within => return None,
            Self::DistanceKm | Self::DistanceMi => Kind::Number,
            Self::Type => Kind::Word(CAMPAIGN_TYPES),
            Self::Channel => Kind::Word(CHANNELS),
            Self::State => Kind::Word(EMAIL_STATES),
            Self::Method => Kind::Word(METHODS),
            Self::FinancialStatus => Kind::Word(FINANCIAL_STATES),
            Self::CampaignId | Self::Id | Self::AppId | Self::LocationId => Kind::Id,
            Self::Tag | Self::Reason => Kind::Text,
            Self::Amount | Self::SumAmount => Kind::Money,
            Self::Quantity | Self::Count | Self::SumQuantity => Kind::COUNT,
            Self::Human => Kind::Yes,
            Self::Date => Kind::Date,
        })
    }
}

impl Function {
    pub(crate) const fn of(event: Event) -> Self {
        match event {
            Event::OrdersPlaced => Self::OrdersPlaced,
            Event::ProductsPurchased => Self::ProductsPurchased,
            Event::ProductViewed => Self::ProductViewed,
            Event::CollectionViewed => Self::CollectionViewed,
            Event::Campaign => Self::Campaign,
            Event::Consent => Self::Consent,
        }
    }

    pub const fn event(self) -> Option<Event> {
        Some(match self {
            Self::OrdersPlaced => Event::OrdersPlaced,
            Self::ProductsPurchased => Event::ProductsPurchased,
            Self::ProductViewed => Event::ProductViewed,
            Self::CollectionViewed => Event::CollectionViewed,
            Self::Campaign => Event::Campaign,
            Self::Consent => Event::Consent,
            Self::Near | Self::Segment | Self::List | Self::Funnel => return None,
        })
    }

    /// What it may be given, each once.
    pub const fn params(self) -> &'static [Param] {
        use Param::{
            Amount, AppId, CampaignId, Channel, Coordinates, Count, Date, DistanceKm, DistanceMi,
            FinancialStatus, Human, Id, LocationId, Method, Quantity, Reason, State, Steps, SumAmount,
            SumQuantity, Tag, Type, Within,
        };
        match self {
            Self::OrdersPlaced => &[FinancialStatus, AppId, LocationId, Amount, Date, Count, SumAmount],
            Self::ProductsPurchased => &[Id, Tag, Amount, Quantity, Date, Count, SumAmount, SumQuantity],
            Self::ProductViewed | Self::CollectionViewed => &[Id, Tag, Date, Count],
            Self::Campaign => &[Type, Channel, CampaignId, Human, Reason, Date, Count],
            Self::Consent => &[Channel, State, Method, Date],
            Self::Near => &[Coordinates, DistanceKm, DistanceMi],
            Self::Segment | Self::List => &[Id],
            Self::Funnel => &[Steps, Within, Date],
        }
    }

    pub const fn group(self) -> Group {
        match self {
            Self::Consent => Group::Consent,
            Self::Segment | Self::List | Self::Funnel => Group::Sets,
            Self::Near => Group::Place,
            _ => Group::Events,
        }
    }

    pub const fn origin(self) -> Origin {
        match self {
            Self::OrdersPlaced
            | Self::ProductsPurchased
            | Self::ProductViewed
            | Self::CollectionViewed
            | Self::Near => Origin::Shopify,
            _ => Origin::Ours,
        }
    }

    /// Shopify knows the function and the parameter.
    pub const fn is_shopifys(self, param: Param) -> bool {
        match self {
            Self::OrdersPlaced => !matches!(param, Param::FinancialStatus),
            Self::ProductsPurchased => !matches!(param, Param::Amount | Param::SumAmount),
            _ => matches!(self.origin(), Origin::Shopify),
        }
    }

    /// What it means, for people.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::OrdersPlaced => "Placed orders of which all of this holds.",
            Self::ProductsPurchased => "Bought products of which all of this holds.",
            Self::ProductViewed => "Looked at a product in the shop.",
            Self::CollectionViewed => "Looked at a collection in the shop.",
            Self::Campaign => "What became of the messages that were sent to them.",
            Self::Consent => "Agreed to marketing, or withdrew it.",
            Self::Near => "Has an address so near to a place.",
            Self::Segment => "Is in another segment.",
            Self::List => "Is on a list that was made by hand.",
            Self::Funnel => "Did one thing after another.",
        }
    }
}
