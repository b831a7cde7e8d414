//! The catalogue of fields: what each is called, what it holds, and whose word it is.
//!
//! A field that is not here and not the shop's own is an error wherever it is named, never "empty".

use crate::kind::{Code, Kind};

/// Something known of every customer, or unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    Known(Known),
    Own(Own),
}

/// A column of the shop's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// `attributes.shoe_size` or `metafields.facts.birth_date`.
    pub name: Box<str>,
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Identity,
    Place,
    Tags,
    Dates,
    Numbers,
    Consent,
    Scores,
    Events,
    Sets,
}

impl Group {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Place => "place",
            Self::Tags => "tags",
            Self::Dates => "dates",
            Self::Numbers => "numbers",
            Self::Consent => "consent",
            Self::Scores => "scores",
            Self::Events => "events",
            Self::Sets => "sets",
        }
    }
}

/// Whose word it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Shopify's segments have it too, and mean the same.
    Shopify,
    Ours,
}

macro_rules! fields {
    ($($group:ident { $($field:ident = $name:literal: $kind:expr, $origin:ident, $label:literal, $sentence:literal;)* })*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Known { $($($field,)*)* }

        impl Known {
            pub const ALL: &[Self] = &[$($(Self::$field,)*)*];

            pub const fn name(self) -> &'static str {
                match self { $($(Self::$field => $name,)*)* }
            }

            pub const fn kind(self) -> Kind {
                match self { $($(Self::$field => $kind,)*)* }
            }

            pub const fn group(self) -> Group {
                match self { $($(Self::$field => Group::$group,)*)* }
            }

            pub const fn origin(self) -> Origin {
                match self { $($(Self::$field => Origin::$origin,)*)* }
            }

            /// In the middle of a sentence: "number of orders".
            pub const fn label(self) -> &'static str {
                match self { $($(Self::$field => $label,)*)* }
            }

            /// What it means, for people.
            pub const fn sentence(self) -> &'static str {
                match self { $($(Self::$field => $sentence,)*)* }
            }
        }
    };
}

pub(crate) const EMAIL_STATES: &[&str] =
    &["SUBSCRIBED", "NOT_SUBSCRIBED", "PENDING", "INVALID", "UNSUBSCRIBED", "REDACTED"];
const SMS_STATES: &[&str] = &["SUBSCRIBED", "NOT_SUBSCRIBED", "PENDING", "UNSUBSCRIBED", "REDACTED"];
const ACCOUNT_STATES: &[&str] = &["DECLINED", "DISABLED", "ENABLED", "INVITED"];
const TIERS: &[&str] = &["HIGH", "MEDIUM", "LOW"];
pub(crate) const RFM_GROUPS: &[&str] = &[
    "CHAMPIONS",
    "LOYAL",
    "ACTIVE",
    "NEW",
    "PROMISING",
    "NEEDS_ATTENTION",
    "AT_RISK",
    "PREVIOUSLY_LOYAL",
    "ALMOST_LOST",
    "DORMANT",
    "PROSPECTS",
];
const FIFTH: Kind = Kind::Whole(1, 5);

fields! {
    Identity {
        CustomerId = "customer_id": Kind::Id, Ours, "id", "The id that the customer has here.";
        Email = "email": Kind::Text, Ours, "email address", "The customer's email address.";
        Phone = "phone": Kind::Text, Ours, "phone number", "The customer's phone number, as +14155552671.";
        EmailDomain = "customer_email_domain": Kind::Text, Shopify, "email domain",
            "What stands behind the @ of the email address: gmail.com.";
        FirstName = "first_name": Kind::Text, Ours, "first name", "The customer's first name.";
        LastName = "last_name": Kind::Text, Ours, "last name", "The customer's last name.";
        Language = "customer_language": Kind::Text, Shopify, "language",
            "The language in which the customer shops: en, or en-US.";
        AccountStatus = "customer_account_status": Kind::Word(ACCOUNT_STATES), Shopify, "account status",
            "Whether the customer has an account at the shop.";
        CreatedByApp = "created_by_app_id": Kind::Id, Shopify, "app that created them",
            "The app that brought the customer into the shop.";
        Companies = "companies": Kind::Id, Shopify, "company", "The company for which the customer buys.";
    }
    Place {
        Countries = "customer_countries": Kind::Places(Code::Country), Shopify, "countries",
            "Where the customer has addresses, by country: US.";
        Regions = "customer_regions": Kind::Places(Code::Region), Shopify, "regions",
            "Where the customer has addresses, by state or province: US-NY.";
        Cities = "customer_cities": Kind::Places(Code::City), Shopify, "cities",
            "Where the customer has addresses, by city: US-NY-NewYorkCity.";
    }
    Tags {
        Tags = "customer_tags": Kind::Texts, Shopify, "tags", "The customer's tags; capitals do not matter.";
    }
    Dates {
        Added = "customer_added_date": Kind::Date, Shopify, "date of being added",
            "The day on which the customer was added to the shop.";
        FirstOrder = "first_order_date": Kind::Date, Shopify, "first order", "The day of the first order.";
        LastOrder = "last_order_date": Kind::Date, Shopify, "last order", "The day of the last order.";
        AbandonedCheckout = "abandoned_checkout_date": Kind::Date, Shopify, "last abandoned checkout",
            "The day on which the customer last left a checkout without buying.";
        Birthday = "birthday": Kind::Date, Ours, "birthday", "The day of birth.";
        NextOrder = "expected_date_of_next_order": Kind::Date, Ours, "expected next order",
            "The day on which the next order is likely, estimated.";
    }
    Numbers {
        Orders = "number_of_orders": Kind::COUNT, Shopify, "number of orders", "How many orders were placed.";
        Spent = "amount_spent": Kind::Money, Shopify, "amount spent",
            "What the orders came to, refunds subtracted, in the shop's currency.";
        AverageOrder = "average_order_value": Kind::Money, Ours, "average order",
            "What one order came to on average.";
        DaysBetween = "average_days_between_orders": Kind::Number, Ours, "days between orders",
            "How many days lie between two orders on average; nothing before the second.";
    }
    Consent {
        EmailState = "email_subscription_status": Kind::Word(EMAIL_STATES), Shopify, "email subscription",
            "Whether the customer agreed to marketing by email.";
        SmsState = "sms_subscription_status": Kind::Word(SMS_STATES), Shopify, "SMS subscription",
            "Whether the customer agreed to marketing by SMS.";
        CanEmail = "can_receive_email": Kind::Yes, Ours, "can be reached by email",
            "Agreed, has an address, and is not suppressed.";
        CanSms = "can_receive_sms": Kind::Yes, Ours, "can be reached by SMS",
            "Agreed, has a phone number, and is not suppressed.";
    }
    Scores {
        RfmGroup = "rfm_group": Kind::Word(RFM_GROUPS), Shopify, "RFM group",
            "The group by recency, frequency and amount; PROSPECTS have not ordered yet.";
        SpendTier = "predicted_spend_tier": Kind::Word(TIERS), Shopify, "predicted spend tier",
            "Shopify's word on what the customer will spend.";
        ShopGroup = "shopify_rfm_group": Kind::Word(RFM_GROUPS), Ours, "RFM group by Shopify",
            "The group that Shopify itself says; nothing where it has not said any.";
        Recency = "rfm_r": FIFTH, Ours, "recency score", "5: ordered more lately than four fifths of the others.";
        Frequency = "rfm_f": FIFTH, Ours, "frequency score", "5: orders more often than four fifths of the others.";
        Monetary = "rfm_m": FIFTH, Ours, "amount score", "5: has spent more than four fifths of the others.";
        Churn = "churn_probability": Kind::Share, Ours, "churn probability",
            "How likely it is that the customer is gone for good, estimated.";
        PredictedValue = "predicted_clv": Kind::Money, Ours, "predicted value",
            "What the next year is likely to bring, estimated.";
        HistoricValue = "historic_clv": Kind::Money, Ours, "value so far", "What the customer has brought so far.";
        TotalValue = "total_clv": Kind::Money, Ours, "total value", "What was brought so far and is likely to follow.";
        PredictedOrders = "predicted_number_of_orders": Kind::Number, Ours, "predicted orders",
            "How many orders the next year is likely to bring, estimated.";
    }
}

impl Known {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.name() == name)
    }
}

impl Field {
    pub fn name(&self) -> &str {
        match self {
            Self::Known(known) => known.name(),
            Self::Own(own) => &own.name,
        }
    }

    pub fn kind(&self) -> Kind {
        match self {
            Self::Known(known) => known.kind(),
            Self::Own(own) => own.kind,
        }
    }
}

impl Own {
    /// What customers have it as.
    pub fn attribute(&self) -> &str {
        self.name.strip_prefix("attributes.").unwrap_or(&self.name)
    }

    /// Namespace and key, if it is one of Shopify's metafields.
    pub fn metafield(&self) -> Option<(&str, &str)> {
        self.name.strip_prefix("metafields.")?.split_once('.')
    }
}
