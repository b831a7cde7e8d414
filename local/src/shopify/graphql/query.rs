//! The fields at the root of a question.

use apollo_compiler::resolvers::{FieldError, ResolvedValue};
use serde_json::json;

use super::{
    Ask, DENIED, lists, metafields,
    object::{Answer, Arguments, Thing, leaf, maybe, object, told, unknown},
    segments,
};
use crate::{
    demo::shop::{CURRENCY, ZONE},
    shopify::{
        books::records::Subject,
        ids::{Kind, gid, id},
        switches::Denied,
        words::utc,
    },
};

pub(super) fn field<'a>(ask: &'a Ask<'_>, field: &str, arguments: &Arguments<'a>) -> Answer<'a> {
    let found = |ask: &'a Ask<'_>, kind: &str| {
        let gid = arguments.text("id").filter(|gid| gid.starts_with(&format!("gid://shopify/{kind}/")));
        maybe(ask, gid.and_then(|gid| ask.node(gid)))
    };
    match field {
        "shop" => Ok(shop(ask)),
        "currentAppInstallation" => Ok(installation(ask)),
        "customer" => {
            ask.may_see_customers()?;
            ask.needs("read_customers", field)?;
            Ok(found(ask, "Customer"))
        }
        "customers" => {
            ask.may_see_customers()?;
            ask.needs("read_customers", field)?;
            lists::listed(ask, Subject::Customer, arguments)
        }
        "customersCount" => {
            ask.needs("read_customers", field)?;
            Ok(lists::counted(ask, Subject::Customer, arguments))
        }
        "order" => {
            ask.needs("read_orders", field)?;
            Ok(found(ask, "Order"))
        }
        "orders" => {
            ask.needs("read_orders", field)?;
            lists::listed(ask, Subject::Order, arguments)
        }
        "ordersCount" => {
            ask.needs("read_orders", field)?;
            Ok(lists::counted(ask, Subject::Order, arguments))
        }
        "product" => {
            ask.needs("read_products", field)?;
            Ok(found(ask, "Product"))
        }
        "products" => {
            ask.needs("read_products", field)?;
            lists::listed(ask, Subject::Product, arguments)
        }
        "productsCount" => {
            ask.needs("read_products", field)?;
            Ok(lists::counted(ask, Subject::Product, arguments))
        }
        "abandonedCheckouts" => {
            ask.needs("read_orders", field)?;
            lists::checkouts(ask, arguments)
        }
        "metafieldDefinitions" => {
            ask.needs("read_customers", field)?;
            metafields::definitions(ask, arguments)
        }
        "events" => lists::events(ask, arguments),
        "webhookSubscriptions" => lists::subscriptions(ask, arguments),
        "segments" => {
            ask.needs("read_customers", field)?;
            segments::all(ask, arguments)
        }
        "segmentFilters" => segments::filters(ask, arguments),
        "customerSegmentMembers" => {
            ask.may_see_customers()?;
            ask.needs("read_customers", field)?;
            segments::members(ask, arguments)
        }
        "bulkOperation" => {
            let state = ask.state.borrow();
            let operation = state.bulk.of_gid(arguments.text("id").unwrap_or_default());
            let told = operation.map(|operation| Thing::Told("BulkOperation", operation.told()));
            Ok(maybe(ask, told))
        }
        _ => Err(unknown()),
    }
}

fn shop<'a>(ask: &'a Ask<'_>) -> ResolvedValue<'a> {
    let front = ask.front;
    let email = format!("hello@{}.example.com", front.handle());
    let offset = ask.now.to_zoned(front.zone.clone()).offset().seconds() / 60;
    let (plan, name) = (ask.state.borrow().switches.plan, ask.state.borrow().name.clone());
    told(
        ask,
        "Shop",
        json!({
            "id": gid(Kind::Shop, front.id),
            "name": name,
            "email": email,
            "contactEmail": email,
            "myshopifyDomain": front.domain,
            "primaryDomain": {
                "id": gid(Kind::Domain, id(Kind::Domain, 0)),
                "host": front.domain,
                "url": format!("https://{}", front.domain),
            },
            "currencyCode": CURRENCY,
            "ianaTimezone": ZONE,
            "timezoneOffsetMinutes": offset,
            "createdAt": utc(front.created_at),
            "plan": {"publicDisplayName": plan.name(), "partnerDevelopment": true, "shopifyPlus": plan.is_plus()},
            "shopAddress": {
                "id": format!("gid://shopify/ShopAddress/{}", front.id),
                "countryCodeV2": "DE",
                "city": "Hamburg",
            },
        }),
    )
}

fn installation<'a>(ask: &'a Ask<'_>) -> ResolvedValue<'a> {
    let scopes: Vec<_> = ask.scopes.iter().map(|scope| json!({"handle": scope})).collect();
    let id = gid(Kind::AppInstallation, id(Kind::AppInstallation, 0));
    told(ask, "AppInstallation", json!({"id": id, "accessScopes": scopes}))
}

impl Ask<'_> {
    /// Who may write may read.
    pub(super) fn may(&self, scope: &str) -> bool {
        let writing = scope.replacen("read_", "write_", 1);
        self.scopes.iter().any(|held| *held == scope || *held == writing)
    }

    pub(super) fn needs(&self, scope: &str, what: &str) -> Result<(), FieldError> {
        if self.may(scope) {
            return Ok(());
        }
        let sentence = format!("Access denied for {what} field. Required access: `{scope}` access scope.");
        Err(FieldError { message: format!("{DENIED}{sentence}") })
    }

    /// What an app sees that was not approved for customers' data.
    pub(super) fn may_see_customers(&self) -> Result<(), FieldError> {
        if self.state.borrow().switches.denied == Denied::Customers {
            return Err(not_approved("access the Customer object"));
        }
        Ok(())
    }

    /// What an app sees that was approved for customers, but not for names and addresses.
    pub(super) fn may_see(&self, field: &str) -> Result<(), FieldError> {
        if self.state.borrow().switches.denied == Denied::Nothing {
            return Ok(());
        }
        Err(not_approved(&format!("use the {field} field")))
    }
}

fn not_approved(what: &str) -> FieldError {
    let sentence = format!(
        "This app is not approved to {what}. See \
         https://shopify.dev/docs/apps/launch/protected-customer-data for more details."
    );
    FieldError { message: format!("{DENIED}{sentence}") }
}

/// As the schema has it: a count, and whether it was counted to the end.
pub(super) fn count<'a>(ask: &'a Ask<'_>, count: u64, is_exact: bool) -> ResolvedValue<'a> {
    let precision = if is_exact { "EXACT" } else { "AT_LEAST" };
    told(ask, "Count", json!({"count": count, "precision": precision}))
}

/// `"18"`: a number that may be more than a float holds.
pub(super) fn number<'a>(number: u64) -> ResolvedValue<'a> {
    leaf(number.to_string())
}

/// An amount of nothing is an amount, too.
pub(super) fn bag<'a>(ask: &'a Ask<'_>, cents: i64) -> ResolvedValue<'a> {
    object(ask, Thing::Bag(cents))
}
