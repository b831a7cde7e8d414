//! What callers of other systems expect to hear, made of our answer. Rates are of a hundred; what is not known is `null`.

use axum::http::Method;
use serde_json::{Map, Value, json};

type Members = Map<String, Value>;

const LISTS: [&str; 2] = ["/campaigns", "/api/campaigns"];
const TOTALS: [&str; 3] = ["/campaignStats", "/api/campaignstats", "/api/campaigns/stats"];
const TIMES: [&str; 3] =
    ["/api/ai/smart-scheduling", "/api/ai/scheduling-suggestions", "/scheduling-suggestions"];
const OTHERS: [&str; 6] = [
    "/api/campaigns/preview-audience",
    "/api/vendor/stats",
    "/api/vendor/delivery-receipt",
    "/api/delivery/receipt",
    "/api/delivery/stats/{campaign}",
    "/api/analytics/campaigns",
];

/// Whether somebody else's words are spoken there.
pub(super) fn knows(alias: &str) -> bool {
    alias.starts_with("/api/campaigns/")
        || [&LISTS[..], &TOTALS, &TIMES, &OTHERS].iter().any(|known| known.contains(&alias))
}

/// What is to be asked besides, each under a name.
pub(super) fn asks(method: &Method, alias: &str, ours: &Members) -> Vec<(&'static str, Method, String)> {
    let Some(id) = ours.get("id").and_then(Value::as_str) else { return Vec::new() };
    let is_made = method == Method::POST && LISTS.contains(&alias);
    let is_launched = alias == "/api/campaigns/{campaign}/launch";
    let mut asks = Vec::new();
    if is_made || is_launched {
        asks.push(("preview", Method::POST, format!("/api/v1/campaigns/{id}/preview")));
    }
    if let Some(segment) = ours.get("segment_id").and_then(Value::as_str).filter(|_| is_made) {
        asks.push(("segment", Method::GET, format!("/api/v1/segments/{segment}")));
    }
    asks
}

pub(super) fn theirs(
    method: &Method,
    alias: &str,
    ours: &Members,
    more: &Members,
    query: Option<&str>,
) -> Members {
    let data = match (method.as_str(), alias) {
        ("GET", alias) if LISTS.contains(&alias) => list(ours, query),
        ("POST", alias) if LISTS.contains(&alias) => made(ours, more),
        (_, "/api/campaigns/preview-audience") => audience(ours),
        (_, "/api/campaigns/{campaign}/launch") => launched(ours, more),
        (_, "/api/campaigns/{campaign}/analytics") => figures(ours),
        (_, "/api/campaigns/{campaign}/stats" | "/api/delivery/stats/{campaign}") => delivery(ours),
        (_, "/api/analytics/campaigns") if ours.contains_key("campaign_id") => figures(ours),
        (_, "/api/analytics/campaigns") => performance(ours),
        (_, "/api/vendor/stats") => vendor(ours),
        (_, alias) if TOTALS.contains(&alias) => totals(ours),
        (_, alias) if TIMES.contains(&alias) => times(ours),
        _ if ours.contains_key("can") => members(json!({"campaign": campaign(ours)})),
        _ => Members::new(),
    };
    let mut theirs = data.clone();
    // What they know by one name and we by another stands in `data` alone.
    theirs.remove("campaign");
    theirs.insert("success".to_owned(), true.into());
    if !data.is_empty() {
        theirs.insert("data".to_owned(), data.into());
    }
    theirs
}

fn list(ours: &Members, query: Option<&str>) -> Members {
    let items = list_of(ours, "items");
    let campaigns: Vec<_> = items.iter().filter_map(Value::as_object).map(campaign).collect();
    let asked = |name: &str, unless: u64| {
        let told = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        let told = told.filter(|(known, _)| known == name).filter_map(|(_, told)| told.parse().ok());
        told.last().unwrap_or(unless)
    };
    let (page, limit, total) = (asked("page", 1), asked("limit", 20), number(ours, "total"));
    let pages = total.div_ceil(limit.max(1));
    members(json!({"campaigns": campaigns, "pagination": {
        "page": page, "limit": limit, "total": total, "pages": pages, "totalPages": pages,
        "currentPage": page, "totalRecords": total, "totalPage": pages, "hasNext": page < pages, "hasPrevious": page > 1,
    }}))
}

/// As those systems have it.
fn campaign(ours: &Members) -> Value {
    let counts = object(ours, "counts");
    let chosen = counts.get("chosen").cloned().unwrap_or_default();
    json!({
        "id": ours.get("id"),
        "name": ours.get("name"),
        "description": ours.get("description"),
        "rules": ours.get("rule"),
        "segmentId": ours.get("segment_id"),
        "status": status(ours),
        "audienceSize": chosen,
        "campaignType": ours.get("kind").and_then(Value::as_str).map(str::to_uppercase),
        "channel": ours.get("channel"),
        "createdAt": ours.get("created_at"),
        "updatedAt": ours.get("updated_at"),
        "scheduledAt": ours.get("next_at"),
        "_count": {"messages": number(&counts, "chosen")},
        "deliveryStats": {
            "sent": taken(&counts),
            "delivered": number(&counts, "delivered"),
            "failed": failed(&counts),
            "total": number(&counts, "chosen"),
        },
    })
}

fn status(ours: &Members) -> &'static str {
    match ours.get("status").and_then(Value::as_str).unwrap_or_default() {
        "scheduled" => "SCHEDULED",
        "planning" | "sending" => "ACTIVE",
        "paused" => "PAUSED",
        "sent" => "COMPLETED",
        "cancelled" => "CANCELLED",
        "failed" => "FAILED",
        _ => "DRAFT",
    }
}

fn made(ours: &Members, more: &Members) -> Members {
    let audience = told(more, "/preview/audience_size");
    members(json!({
        "id": ours.get("id"),
        "campaign": campaign(ours),
        "audienceSize": audience,
        "campaign_id": ours.get("id"),
        "campaign_name": ours.get("name"),
        "total_customers": audience,
        "segment_name": told(more, "/segment/name"),
        "message": "it is a draft: nobody is written to before POST /api/v1/campaigns/{campaign}/launch",
    }))
}

fn launched(ours: &Members, more: &Members) -> Members {
    members(json!({
        "audienceSize": told(more, "/preview/audience_size"),
        "message": "it is launched: who gets it is found now, and messages go out after that",
        "campaign": campaign(ours),
    }))
}

fn audience(ours: &Members) -> Members {
    let sample = list_of(ours, "sample");
    let customer = |one: &Value| {
        let of = |name: &str| one.pointer(&format!("/customer/{name}")).cloned().unwrap_or_default();
        json!({"id": of("id"), "name": of("name"), "email": of("email"), "totalSpending": of("total_spent"),
            "visitCount": of("orders_count")})
    };
    let sample: Vec<_> = sample.iter().map(customer).collect();
    members(json!({"audienceSize": ours.get("audience_size"), "sampleCustomers": sample}))
}

fn figures(ours: &Members) -> Members {
    let counts = object(ours, "counts");
    members(json!({
        "campaignId": ours.get("campaign_id"),
        "totalMessages": ours.get("total_messages"),
        "sent": taken(&counts),
        "delivered": ours.get("delivered"),
        "failed": ours.get("failed"),
        "pending": ours.get("pending"),
        "deliveryRate": ours.get("delivery_rate_percent"),
        "audienceValue": ours.get("audience_value"),
        "avgCustomerValue": ours.get("average_customer_value"),
    }))
}

fn delivery(ours: &Members) -> Members {
    let counts = object(ours, "counts");
    members(json!({
        "campaignId": ours.get("campaign_id"),
        "totalMessages": ours.get("total_messages"),
        "delivered": ours.get("delivered"),
        "failed": ours.get("failed"),
        "deliveryRate": ours.get("delivery_rate_percent"),
        "status": ours.get("status"),
        "sent": taken(&counts),
        "opened": counts.get("opened"),
        "clicked": counts.get("clicked"),
    }))
}

fn performance(ours: &Members) -> Members {
    let items = list_of(ours, "items");
    let one = |item: &Value| {
        let of = |name: &str| item.get(name).cloned().unwrap_or_default();
        let counts = item.as_object().map(|item| object(item, "counts")).unwrap_or_default();
        json!({"campaignId": of("campaign_id"), "name": of("name"), "status": of("status"),
            "totalMessages": number(&counts, "chosen"), "sent": taken(&counts), "delivered": number(&counts, "delivered"),
            "failed": failed(&counts), "deliveryRate": of("delivery_rate_percent")})
    };
    let performance: Vec<_> = items.iter().map(one).collect();
    let messages = object(ours, "messages");
    let states = ["pending", "sending", "skipped", "unknown", "failed", "sent", "bounced", "delivered"];
    let delivery: Members =
        states.into_iter().map(|it| (it.to_uppercase(), number(&messages, it).into())).collect();
    let rate = |name: &str| ours.get("rates").and_then(|rates| rates.get(name)).cloned().unwrap_or_default();
    let engagement = json!({"openRate": rate("open_rate_percent"), "clickRate": rate("click_rate_percent"),
        "unsubscribeRate": rate("unsubscribe_rate_percent")});
    members(json!({"performance": performance, "delivery": delivery, "engagement": engagement}))
}

fn vendor(ours: &Members) -> Members {
    let told = object(ours, "status_distribution");
    let distribution: Members =
        told.into_iter().map(|(state, count)| (state.to_uppercase(), count)).collect();
    members(json!({
        "totalMessages": ours.get("total_messages"),
        "statusDistribution": distribution,
        "avgDeliveryTimeMs": ours.get("average_delivery_ms"),
        "successRate": ours.get("success_rate_percent"),
    }))
}

fn totals(ours: &Members) -> Members {
    let counts = object(ours, "messages");
    let rate = ours.get("delivery_rate_percent").cloned().unwrap_or_default();
    let rounded = rate.as_f64().map(|rate| (rate * 10.0).round() / 10.0);
    members(json!({
        "totalCampaigns": ours.get("total"),
        "avgSuccessRate": rounded,
        "totalAudience": number(&counts, "chosen"),
        "messagesSent": taken(&counts),
        "total_sent": taken(&counts),
        "delivered": number(&counts, "delivered"),
        "failed": failed(&counts),
        "delivery_rate": rate,
    }))
}

fn times(ours: &Members) -> Members {
    let hour = |told: Option<&Value>| {
        let (hour, minute) = told.and_then(Value::as_str)?.split_once(':')?;
        Some(json!({"hour": hour.parse::<u8>().ok()?, "minute": minute.parse::<u8>().ok()?}))
    };
    let others = list_of(ours, "alternatives");
    let others: Vec<_> = others
        .iter()
        .map(|one| json!({"bestDay": one.get("day"), "bestTime": hour(one.get("time"))}))
        .collect();
    members(json!({
        "bestDay": ours.get("best_day"),
        "bestTime": ours.get("best_time"),
        "expectedEngagementRate": ours.get("expected_engagement_rate_percent"),
        "reasoning": ours.get("reasoning"),
        "suggestions": {
            "bestTime": hour(ours.get("best_time")),
            "bestDay": ours.get("best_day"),
            "timezone": ours.get("timezone"),
            "reasoning": ours.get("reasoning"),
            "alternatives": others,
        },
    }))
}

/// Those that a provider has, or may have, taken.
fn taken(counts: &Members) -> u64 {
    ["sent", "delivered", "bounced", "unknown"].into_iter().map(|state| number(counts, state)).sum()
}

fn failed(counts: &Members) -> u64 {
    number(counts, "failed") + number(counts, "bounced")
}

fn object(of: &Members, name: &str) -> Members {
    of.get(name).and_then(Value::as_object).cloned().unwrap_or_default()
}

fn list_of(of: &Members, name: &str) -> Vec<Value> {
    of.get(name).and_then(Value::as_array).cloned().unwrap_or_default()
}

fn number(of: &Members, name: &str) -> u64 {
    of.get(name).and_then(Value::as_u64).unwrap_or_default()
}

fn told(more: &Members, pointer: &str) -> Value {
    let (name, rest) = pointer[1..].split_once('/').unwrap_or_default();
    more.get(name).and_then(|of| of.get(rest)).cloned().unwrap_or_default()
}

fn members(value: Value) -> Members {
    match value {
        Value::Object(members) => members,
        _ => Members::new(),
    }
}
