//! Customers in webhooks. Since 2025-01 they come without tags, totals and consents.

use domain::{CustomerId, Minor, OrderId, Timestamp, timeline::Channel};
use serde::Deserialize;

use crate::told::{
    AddressSaid, Amount, ConsentSaid, ConsentTold, CustomerSaid, CustomerTold, Id, PassedOver, Reader,
    Reading, Tags, Told, Unkept, has_a_day,
};

/// `customers/create`, `customers/update`, and the customer in an order.
#[derive(Clone, Deserialize)]
pub struct Customer {
    pub(super) id: Id,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    #[serde(default)]
    first_name: Told<String>,
    #[serde(default)]
    last_name: Told<String>,
    #[serde(default)]
    email: Told<String>,
    #[serde(default)]
    phone: Told<String>,
    #[serde(default)]
    state: Told<String>,
    #[serde(default)]
    note: Told<String>,
    #[serde(default)]
    tags: Told<Tags>,
    #[serde(default)]
    default_address: Told<Address>,
    #[serde(default)]
    email_marketing_consent: Told<ConsentWords>,
    #[serde(default)]
    sms_marketing_consent: Told<ConsentWords>,
    orders_count: Option<i64>,
    total_spent: Option<Amount>,
    currency: Option<String>,
}

impl Customer {
    pub fn id(&self) -> CustomerId {
        CustomerId::Shopify(self.id.0)
    }

    pub fn told(self, reading: &Reading<'_>) -> CustomerTold {
        CustomerSaid {
            id: self.id,
            created_at: self.created_at,
            updated_at: self.updated_at,
            first_name: self.first_name,
            last_name: self.last_name,
            email: self.email,
            phone: self.phone,
            address: self.default_address.kept(|address| Some(address.said())),
            tags: self.tags,
            language: Told::Not,
            note: self.note,
            email_consent: self.email_marketing_consent.kept(|words| Some(words.said())),
            sms_consent: self.sms_marketing_consent.kept(|words| Some(words.said())),
            rfm_group: Told::Not,
            spend_tier: Told::Not,
            account: self.state,
            metafields: Told::Not,
            orders: self.orders_count,
            spent: self.total_spent,
            currency: self.currency,
        }
        .told(reading)
    }
}

#[derive(Clone, Deserialize)]
struct Address {
    company: Option<String>,
    address1: Option<String>,
    address2: Option<String>,
    city: Option<String>,
    province: Option<String>,
    province_code: Option<String>,
    zip: Option<String>,
    country_code: Option<String>,
}

impl Address {
    fn said(self) -> AddressSaid {
        AddressSaid {
            company: self.company,
            line1: self.address1,
            line2: self.address2,
            city: self.city,
            region: self.province_code.filter(|code| !code.is_empty()).or(self.province),
            postcode: self.zip,
            country: self.country_code,
            // Webhooks do not say where on the globe it lies.
            latitude: None,
            longitude: None,
        }
    }
}

#[derive(Clone, Deserialize)]
struct ConsentWords {
    state: Option<String>,
    opt_in_level: Option<String>,
    consent_updated_at: Option<Timestamp>,
}

impl ConsentWords {
    fn said(self) -> ConsentSaid {
        ConsentSaid { state: self.state, level: self.opt_in_level, at: self.consent_updated_at }
    }
}

/// `customers_email_marketing_consent/update` and `customers_marketing_consent/update`.
#[derive(Clone, Deserialize)]
pub struct ConsentChanged {
    #[serde(alias = "id")]
    customer_id: Id,
    email_marketing_consent: Option<ConsentWords>,
    sms_marketing_consent: Option<ConsentWords>,
}

impl ConsentChanged {
    /// Also what of it could not be kept.
    pub fn told(self, reading: &Reading<'_>) -> Result<(ConsentTold, Vec<PassedOver>), Unkept> {
        let mut reader = Reader::new(reading);
        let (channel, words) = match (self.email_marketing_consent, self.sms_marketing_consent) {
            (Some(words), _) => (Channel::Email, words),
            (None, Some(words)) => (Channel::Sms, words),
            (None, None) => return Err(Unkept::of("consent", "is missing")),
        };
        let consent = words.said().told("consent", &mut reader).filter(has_a_day);
        let customer = CustomerId::Shopify(self.customer_id.0);
        Ok((ConsentTold { customer, channel, consent }, reader.passed_over()))
    }
}

/// `customers/merge`: two became one, or will, or could not.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Merged {
    #[serde(rename = "admin_graphql_api_customer_kept_id")]
    kept: Id,
    #[serde(rename = "admin_graphql_api_customer_deleted_id")]
    deleted: Id,
    status: String,
}

impl Merged {
    pub fn kept(&self) -> CustomerId {
        CustomerId::Shopify(self.kept.0)
    }

    pub fn deleted(&self) -> CustomerId {
        CustomerId::Shopify(self.deleted.0)
    }

    /// Whether it is done: Shopify tells of those that failed, too.
    pub fn is_done(&self) -> bool {
        self.status.eq_ignore_ascii_case("completed")
    }
}

/// `customers/purchasing_summary`: their totals, as the shop counts.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Purchases {
    customer_id: Id,
    number_of_orders: Amount,
    amount_spent: Spent,
    last_order_id: Option<Id>,
    occurred_at: Timestamp,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spent {
    amount: Amount,
    currency_code: String,
}

impl Purchases {
    pub fn customer(&self) -> CustomerId {
        CustomerId::Shopify(self.customer_id.0)
    }

    /// Of two words the newer counts.
    pub fn at(&self) -> Timestamp {
        self.occurred_at
    }

    pub fn last_order(&self) -> Option<OrderId> {
        self.last_order_id.map(|id| OrderId::Shopify(id.0))
    }

    /// How many orders, and what was spent.
    pub fn totals(&self, reading: &Reading<'_>) -> Result<(i64, Minor), Unkept> {
        let mut reader = Reader::new(reading);
        reader.is_ours("spent", Some(&self.amount_spent.currency_code))?;
        let orders = self.number_of_orders.0.parse();
        let orders = orders.map_err(|_| Unkept::of("orders", "are not a number of things"))?;
        Ok((orders, reader.money("spent", &self.amount_spent.amount)?))
    }
}

/// `customer.tags_added` and `customer.tags_removed`. Coming late it may be wrong by now: the customer is read again.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TagsMoved {
    customer_id: Id,
    tags: Tags,
    occurred_at: Timestamp,
}

impl TagsMoved {
    pub fn customer(&self) -> CustomerId {
        CustomerId::Shopify(self.customer_id.0)
    }

    pub fn tags(&self) -> &[String] {
        &self.tags.0
    }

    pub fn at(&self) -> Timestamp {
        self.occurred_at
    }
}
