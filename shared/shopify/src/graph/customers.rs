//! Customers, page by page or one by their id.

use domain::{CustomerId, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Ask, Data, Refusal,
    stretch::{Connection, Page, Stretch},
};
use crate::told::{
    AddressSaid, Amount, ConsentSaid, CustomerSaid, CustomerTold, Id, MetafieldSaid, Reading, Tags, Told,
};

/// As they were changed.
#[derive(Debug, Clone, Serialize)]
pub struct CustomersPage {
    #[serde(flatten)]
    stretch: Stretch,
    #[serde(flatten)]
    keys: Keys,
}

/// `None`: there is nobody of that id.
#[derive(Debug, Clone, Serialize)]
pub struct CustomerById {
    id: String,
    #[serde(flatten)]
    keys: Keys,
}

/// Which metafields are asked for: `facts.birth_date`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Keys {
    metafields: Vec<String>,
    /// Without a key Shopify would tell all that there are, whoever wrote them.
    has_metafields: bool,
}

impl Keys {
    fn of(metafields: Vec<String>) -> Self {
        Self { has_metafields: !metafields.is_empty(), metafields }
    }
}

impl CustomersPage {
    /// With these metafields of theirs.
    pub fn of(stretch: Stretch, metafields: Vec<String>) -> Self {
        Self { stretch, keys: Keys::of(metafields) }
    }
}

impl CustomerById {
    /// By Shopify's number, with these metafields of theirs.
    pub fn new(number: u64, metafields: Vec<String>) -> Self {
        Self { id: Id(number).gid("Customer"), keys: Keys::of(metafields) }
    }
}

impl Ask for CustomersPage {
    const DOCUMENT: &'static str = include_str!("../../queries/customers_page.graphql");
    type Answer = Page<CustomerNode>;

    fn read(data: &Data<'_>) -> Result<Self::Answer, Refusal> {
        #[derive(Deserialize)]
        struct Root {
            customers: Connection<CustomerNode>,
        }
        Ok(data.of::<Root>()?.customers.page())
    }
}

impl Ask for CustomerById {
    const DOCUMENT: &'static str = include_str!("../../queries/customer_by_id.graphql");
    type Answer = Option<CustomerNode>;

    fn read(data: &Data<'_>) -> Result<Self::Answer, Refusal> {
        #[derive(Deserialize)]
        struct Root {
            customer: Option<CustomerNode>,
        }
        Ok(data.of::<Root>()?.customer)
    }
}

/// A customer as GraphQL gives them: of what a document does not ask for, nothing is told. But every document asks for the
/// metafields that the shop has defined, so that one without any says that there are none.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerNode {
    id: Id,
    created_at: Option<Timestamp>,
    updated_at: Timestamp,
    #[serde(default)]
    first_name: Told<String>,
    #[serde(default)]
    last_name: Told<String>,
    #[serde(default)]
    state: Told<String>,
    #[serde(default)]
    locale: Told<String>,
    #[serde(default)]
    note: Told<String>,
    #[serde(default)]
    tags: Told<Tags>,
    /// A number in a text.
    number_of_orders: Option<Amount>,
    amount_spent: Option<Money>,
    #[serde(default)]
    statistics: Told<Statistics>,
    #[serde(default)]
    default_email_address: Told<Email>,
    #[serde(default)]
    default_phone_number: Told<Phone>,
    #[serde(default)]
    default_address: Told<Address>,
    #[serde(default)]
    metafields: Metafields,
}

#[derive(Clone, Default, Deserialize)]
struct Metafields {
    nodes: Vec<MetafieldNode>,
}

/// What the shop holds of its own of a customer. In a file it is a line behind theirs.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct MetafieldNode(MetafieldSaid);

/// Who it is is personal.
impl std::fmt::Debug for CustomerNode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CustomerNode({})", self.id.0)
    }
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Money {
    amount: Amount,
    currency_code: Option<String>,
}

/// `null`: Shopify does not say.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statistics {
    #[serde(default)]
    predicted_spend_tier: Told<String>,
    #[serde(default)]
    rfm_group: Told<String>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Email {
    #[serde(rename = "emailAddress")]
    address: String,
    marketing_state: Option<String>,
    marketing_opt_in_level: Option<String>,
    marketing_updated_at: Option<Timestamp>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Phone {
    #[serde(rename = "phoneNumber")]
    number: String,
    /// Until 2026-07, and still told.
    marketing_state: Option<String>,
    marketing_opt_in_level: Option<String>,
    marketing_updated_at: Option<Timestamp>,
    /// Since 2026-10.
    sms_marketing_consent: Option<Consent>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Consent {
    state: Option<String>,
    opt_in_level: Option<String>,
    updated_at: Option<Timestamp>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    company: Option<String>,
    address1: Option<String>,
    address2: Option<String>,
    city: Option<String>,
    province: Option<String>,
    province_code: Option<String>,
    zip: Option<String>,
    country_code_v2: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
}

impl CustomerNode {
    pub fn id(&self) -> CustomerId {
        CustomerId::Shopify(self.id.0)
    }

    pub(crate) fn number(&self) -> u64 {
        self.id.0
    }

    pub(crate) fn take(&mut self, metafield: MetafieldNode) {
        self.metafields.nodes.push(metafield);
    }

    /// The watermark of a sync is the greatest of these.
    pub fn updated_at(&self) -> Timestamp {
        self.updated_at
    }

    pub fn told(self, reading: &Reading<'_>) -> CustomerTold {
        let (spent, currency) =
            self.amount_spent.map_or((None, None), |money| (Some(money.amount), money.currency_code));
        let (rfm_group, spend_tier) = match self.statistics {
            Told::Not => (Told::Not, Told::Not),
            Told::Nothing => (Told::Nothing, Told::Nothing),
            Told::Is(statistics) => (statistics.rfm_group, statistics.predicted_spend_tier),
        };
        CustomerSaid {
            id: self.id,
            created_at: self.created_at,
            updated_at: Some(self.updated_at),
            first_name: self.first_name,
            last_name: self.last_name,
            email: self.default_email_address.as_ref().kept(|email| Some(email.address.clone())),
            phone: self.default_phone_number.as_ref().kept(|phone| Some(phone.number.clone())),
            address: self.default_address.kept(|address| Some(address.said())),
            tags: self.tags,
            language: self.locale,
            note: self.note,
            email_consent: self.default_email_address.kept(|email| Some(email.consent())),
            sms_consent: self.default_phone_number.kept(|phone| Some(phone.consent())),
            rfm_group,
            spend_tier,
            account: self.state,
            metafields: Told::Is(self.metafields.nodes.into_iter().map(|node| node.0).collect()),
            orders: self.number_of_orders.and_then(|number| number.0.parse().ok()),
            spent,
            currency,
        }
        .told(reading)
    }
}

impl Email {
    fn consent(self) -> ConsentSaid {
        ConsentSaid {
            state: self.marketing_state,
            level: self.marketing_opt_in_level,
            at: self.marketing_updated_at,
        }
    }
}

impl Phone {
    fn consent(self) -> ConsentSaid {
        match self.sms_marketing_consent {
            Some(consent) => {
                ConsentSaid { state: consent.state, level: consent.opt_in_level, at: consent.updated_at }
            }
            None => ConsentSaid {
                state: self.marketing_state,
                level: self.marketing_opt_in_level,
                at: self.marketing_updated_at,
            },
        }
    }
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
            country: self.country_code_v2,
            latitude: self.latitude,
            longitude: self.longitude,
        }
    }
}
