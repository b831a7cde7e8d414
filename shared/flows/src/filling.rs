//! What a message may say of whoever gets it: the facts that `content` asks for, from the record.

use content::{Facts, Name, Value};
use domain::{
    Currency, Customer, CustomerId, EmailAddress, Minor, Phone, Tenant, Timestamp, customer::CustomerKind,
};

use crate::{FlowError, links::Tracks};

/// Of a customer and the shop that writes to them.
pub struct Recipient<'a> {
    customer: &'a Customer,
    tenant: &'a Tenant,
    links: Links,
    tracks: Option<Tracks<'a>>,
    full_name: String,
    shop_url: Option<String>,
    tags: Vec<String>,
}

/// Where whoever gets the message can go on.
#[derive(Debug, Clone, Default)]
pub struct Links {
    pub unsubscribe: String,
    pub preferences: String,
    pub view: String,
}

/// What is known only where a message is about one basket or belongs to one campaign, or by nobody yet.
const ELSEWHERE: [Name; 6] =
    [Name::Basket, Name::BasketTotal, Name::BasketUrl, Name::CampaignName, Name::Discount, Name::ShopEmail];

impl<'a> Recipient<'a> {
    pub fn new(customer: &'a Customer, tenant: &'a Tenant, links: Links) -> Self {
        let names = [customer.first_name.as_deref(), customer.last_name.as_deref()];
        Self {
            customer,
            tenant,
            links,
            tracks: None,
            full_name: names.into_iter().flatten().collect::<Vec<_>>().join(" "),
            shop_url: tenant.shop.as_ref().map(|shop| format!("https://{shop}")),
            tags: customer.tags.iter().cloned().collect(),
        }
    }

    /// Of whom it is seen whether they follow links.
    #[must_use]
    pub fn tracked(self, tracks: Tracks<'a>) -> Self {
        Self { tracks: Some(tracks), ..self }
    }

    /// Whether a message to many can say it.
    pub fn is_known(name: Name) -> bool {
        !ELSEWHERE.contains(&name)
    }

    fn day(&self, at: Option<Timestamp>) -> Value<'_> {
        let day = at.map(|at| at.to_zoned(self.tenant.zone.time_zone().clone()).date());
        day.map_or(Value::Nothing, Value::Day)
    }
}

impl Facts for Recipient<'_> {
    fn of(&self, name: Name) -> Value<'_> {
        let customer = self.customer;
        let money = |minor: i64| Minor::new(minor).map_or(Value::Nothing, Value::Money);
        let (orders, spent) = (customer.totals.orders, customer.totals.spent);
        let address = customer.addresses.first();
        match name {
            Name::FullName => Value::text(self.full_name.as_str()),
            Name::FirstName => maybe(customer.first_name.as_deref()),
            Name::LastName => maybe(customer.last_name.as_deref()),
            Name::Email => maybe(customer.email.as_ref().map(EmailAddress::as_str)),
            Name::Phone => maybe(customer.phone.as_ref().map(Phone::as_str)),
            Name::City => maybe(address.and_then(|address| address.city.as_deref())),
            Name::Country => maybe(address.and_then(|address| address.country.as_deref())),
            Name::Language => maybe(customer.language.as_deref()),
            Name::TotalSpent => money(spent),
            Name::Orders => Value::Count(orders),
            Name::AverageOrder if orders > 0 => money(spent / orders),
            Name::FirstOrder => self.day(customer.totals.first_order_at),
            Name::LastOrder => self.day(customer.totals.last_order_at),
            Name::Tags => Value::Texts(&self.tags),
            Name::ShopName => Value::text(self.tenant.name.as_str()),
            Name::ShopUrl => maybe(self.shop_url.as_deref()),
            Name::UnsubscribeUrl => Value::text(self.links.unsubscribe.as_str()),
            Name::PreferencesUrl => Value::text(self.links.preferences.as_str()),
            Name::ViewUrl => Value::text(self.links.view.as_str()),
            Name::AverageOrder
            | Name::ShopEmail
            | Name::CampaignName
            | Name::Discount
            | Name::Basket
            | Name::BasketTotal
            | Name::BasketUrl => Value::Nothing,
        }
    }

    fn currency(&self) -> Currency {
        self.tenant.currency
    }

    fn leads(&self, target: &str) -> Option<String> {
        self.tracks.and_then(|tracks| tracks.over(target))
    }
}

/// As it stands in the record: a text is taken out of it for each of many messages.
fn maybe(text: Option<&str>) -> Value<'_> {
    text.map_or(Value::Nothing, Value::text)
}

/// Somebody made up, who has bought three times.
pub fn sample(now: Timestamp) -> Result<Customer, FlowError> {
    let id = CustomerId::new(now, [0; 10]);
    let mut customer = Customer::new(id, 0, CustomerKind::Person, now);
    customer.first_name = Some("Ada".to_owned());
    customer.last_name = Some("Lovelace".to_owned());
    customer.email = Some("ada@example.com".parse().map_err(FlowError::broken)?);
    customer.tags = ["vip".to_owned()].into();
    let spent = Minor::new(12_050).map_err(FlowError::broken)?;
    let mut customer = customer.with_totals(Some(3), Some(spent)).map_err(FlowError::broken)?;
    customer.totals.first_order_at = Some(now);
    customer.totals.last_order_at = Some(now);
    Ok(customer)
}
