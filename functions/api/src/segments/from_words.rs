//! Who is meant, said in plain English: the rule that the words come to, and all that was noted on the way.
//!
//! The grammar of `english` answers, here and without a network. A model that may be asked as well would be one more port
//! in `Deps`: it is handed the prompt, answers with a text of the segment language, and that is read by `Rule::parse` like
//! anybody's; `provider` says who answered.

use asking::Asking;
use axum::{extract::State, http::StatusCode, response::Response};
use domain::{Permission, ProductId};
use english::{Gap, NoRule, Products, Sets, Setting, Understood, understand};
use flows::{FlowError, identify::Caller};
use rules::Shop;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::told::RuleFault;
use crate::{
    App,
    error::Problem,
    input::Input,
    once::{Answer, Once},
    products::list::PRODUCTS_MAX,
    who::Acting,
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Words {
    /// Who is meant: `customers who spent over 5000 and haven't ordered in 90 days`. At most 2,000 bytes.
    #[serde(alias = "words", alias = "text")]
    prompt: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct FromWords {
    prompt: String,
    /// `null` if nothing was understood, or if what was not is to be left out: then nobody is meant, and never everybody.
    #[schema(value_type = Option<Object>)]
    rule: Option<Value>,
    /// The same by another name, for callers who know it so.
    #[schema(value_type = Option<Object>)]
    rules: Option<Value>,
    /// The rule as text.
    text: Option<String>,
    /// What the rule says, made from the rule; or why there is none.
    explanation: String,
    /// In the order in which it was said. The rule says nothing of it.
    not_understood: Vec<GapView>,
    /// How words were taken that could be taken otherwise.
    assumptions: Vec<String>,
    /// What is likely not meant.
    warnings: Vec<String>,
    /// There is no rule, and an answer to the questions could help.
    needs_context: bool,
    questions: Vec<String>,
    /// Whether it can be asked who is meant, now.
    can_be_counted: bool,
    /// What nothing is kept of that would answer it.
    reasons: Vec<RuleFault>,
    /// Who answered: `grammar`.
    provider: &'static str,
}

/// Words of the prompt that were not understood.
#[derive(Serialize, ToSchema)]
pub(crate) struct GapView {
    text: String,
    /// From which byte of the prompt on.
    from: usize,
    /// The byte behind it.
    to: usize,
    /// What could be said instead.
    hint: String,
}

/// A rule from words
///
/// Plain English in, a rule out, without a network. What is not understood is told with its place; it never lets in whom
/// the words keep out. Days are the shop's. Nothing is saved.
#[utoipa::path(post, operation_id = "segment_from_words", path = "/api/v1/segments/from-words", tag = "Segments",
    request_body = Words, responses((status = 200, body = FromWords)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn from_words(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Input(told): Input<Words>,
) -> Result<Response, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let tenant = &caller.tenant;
    let shop = Shop::new(tenant.currency);
    let now = deps.now();
    let today = tenant.zone.day_of(now);
    let list = caller.store.segments().await?;
    let sets = list.iter().map(|set| (set.name.as_str(), set.id.to_string(), set.rule.is_none()));
    let sets = Sets::new(sets);
    let read = |products: Option<&Products>| {
        understand(&told.prompt, Setting { shop: &shop, today, products, sets: Some(&sets) })
            .map_err(|long| FlowError::invalid("/prompt", "too_long", long.to_string()))
    };
    let mut understood = read(None)?;
    if understood.asks_products
        && let Some(products) = catalogue(&caller).await?
    {
        understood = read(Some(&products))?;
    }
    let unsupported = match &understood.rule {
        Ok(rule) => Some(Asking::reading(&caller, now, rule, &shop).await?.unsupported(rule)),
        Err(_) => None,
    };
    let can_be_counted = unsupported.as_ref().is_some_and(Vec::is_empty);
    let reasons = unsupported.unwrap_or_default().into_iter().map(RuleFault::from).collect();
    let answer = FromWords { can_be_counted, reasons, ..FromWords::of(told.prompt, understood, &shop) };
    once.answer(Answer::new(StatusCode::OK, &answer)).await
}

/// What the shop sells, if the caller may know it and it is not too much.
async fn catalogue(caller: &Caller) -> Result<Option<Products>, Problem> {
    if caller.must(Permission::ReadOrders).is_err() {
        return Ok(None);
    }
    let store::Products::All(products) = caller.store.products(PRODUCTS_MAX).await? else { return Ok(None) };
    let id = |id: ProductId| match id {
        ProductId::Shopify(number) => number.to_string(),
        ProductId::Ours(_) => id.to_string(),
    };
    Ok(Some(Products::new(products.iter().map(|product| (product.title.as_str(), id(product.id))))))
}

impl FromWords {
    fn of(prompt: String, understood: Understood, shop: &Shop) -> Self {
        let rule = understood.rule.as_ref().ok();
        let explanation = match &understood.rule {
            Ok(rule) => rule.in_words(shop),
            Err(why) => why.to_string(),
        };
        let questions = match &understood.rule {
            Ok(_) => Vec::new(),
            Err(NoRule::NothingSaid) => {
                vec!["What do they have in common: orders, spend, dates, places, tags?".to_owned()]
            }
            Err(_) => {
                let ask = |gap: &Gap| format!("What is meant by “{}”?", gap.text);
                understood.not_understood.iter().map(ask).collect()
            }
        };
        let gap = |Gap { text, from, to, hint }| GapView { text, from, to, hint };
        Self {
            prompt,
            rule: rule.map(rules::Rule::to_json),
            rules: rule.map(rules::Rule::to_json),
            text: rule.map(ToString::to_string),
            explanation,
            needs_context: rule.is_none(),
            not_understood: understood.not_understood.into_iter().map(gap).collect(),
            assumptions: understood.assumptions,
            warnings: understood.warnings,
            questions,
            can_be_counted: false,
            reasons: Vec::new(),
            provider: "grammar",
        }
    }
}
