//! The Admin API's GraphQL: a document is parsed, validated and executed against Shopify's schema, so that whatever the
//! schema allows is answered in its types, and nothing else.

pub(crate) mod cost;
mod customers;
mod lists;
mod metafields;
mod object;
mod orders;
mod paging;
mod products;
mod query;
mod reach;
mod search;
mod segments;
mod writes;

use apollo_compiler::{
    ExecutableDocument, Schema,
    request::coerce_variable_values,
    resolvers::Execution,
    response::{ExecutionResponse, GraphQLError, JsonMap, JsonValue},
    validation::Valid,
};
use flows::Dice;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use std::{cell::RefCell, collections::BTreeSet, sync::OnceLock};

use super::{
    bucket::Level,
    shop::{Front, State},
};
pub(crate) use lists::matching;
use object::{Object, Thing};
pub(crate) use search::{Search, Worth};

const SCHEMA: &str = include_str!("../../../../shared/shopify/schema/admin_2026-10.used-subset.graphql");
/// What the repository's part of the schema leaves out, and its interface needs: Shopify's pictures.
const PICTURES: &str = "type MediaImage implements Media { preview: MediaPreviewImage }";
/// What one question may cost at most.
const COST_MAX: u64 = 1_000;
/// Before the sentence of an error that has a code.
pub(crate) const DENIED: &str = "ACCESS_DENIED\u{1}";

/// # Panics
/// If the schema in the repository is none.
pub(crate) fn schema() -> &'static Valid<Schema> {
    static PARSED: OnceLock<Valid<Schema>> = OnceLock::new();
    PARSED.get_or_init(|| {
        let both = format!("{SCHEMA}\n{PICTURES}");
        Schema::parse_and_validate(both, "admin.graphql").expect("Shopify's schema is one")
    })
}

/// One question under way: who asks, and of whom.
pub(crate) struct Ask<'s> {
    pub(crate) state: RefCell<&'s mut State>,
    pub(crate) front: &'s Front,
    pub(crate) dice: &'s dyn Dice,
    pub(crate) now: Timestamp,
    pub(crate) scopes: &'s [String],
    /// A bulk operation asks for these of its list, and for all of what is within.
    pub(crate) window: Option<&'s [u64]>,
    /// Fields of searches that no list knows.
    pub(crate) unknown: RefCell<BTreeSet<String>>,
}

/// What somebody sent.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Question {
    pub(crate) query: String,
    #[serde(default)]
    pub(crate) variables: Option<JsonMap>,
    #[serde(default, rename = "operationName")]
    pub(crate) operation: Option<String>,
}

#[derive(Serialize)]
struct Body {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<JsonValue>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<GraphQLError>,
    #[serde(skip_serializing_if = "Value::is_null")]
    extensions: Value,
}

/// The answer's body. Its status is 200, whatever is wrong.
pub(crate) fn answer(ask: &Ask<'_>, question: &Question) -> String {
    let body =
        asked(ask, question).unwrap_or_else(|errors| Body { data: None, errors, extensions: Value::Null });
    serde_json::to_string(&body).unwrap_or_default()
}

fn asked(ask: &Ask<'_>, question: &Question) -> Result<Body, Vec<GraphQLError>> {
    let document = parsed(&question.query)?;
    let named = question.operation.as_deref();
    let operation = document.operations.get(named);
    let operation = operation.map_err(|wrong| vec![wrong.to_graphql_error(&document.sources)])?;
    let told = question.variables.clone().unwrap_or_default();
    let variables = coerce_variable_values(schema(), operation, &told);
    let variables = variables.map_err(|wrong| vec![wrong.to_graphql_error(&document.sources)])?;

    let requested = cost::requested(&document, operation, &variables);
    let most = ask.state.borrow().switches.cost_max.unwrap_or(COST_MAX);
    if requested > most {
        let sentence = format!(
            "Query cost is {requested}, which exceeds the single query max cost limit ({most}). See \
             https://shopify.dev/concepts/about-apis/rate-limits for more information on how the cost of a query is \
             calculated."
        );
        return Err(vec![coded(&sentence, "MAX_COST_EXCEEDED")]);
    }
    let (now, plan) = (ask.now, ask.state.borrow().switches.plan);
    let taken = ask.state.borrow_mut().bucket.take(requested, plan, now);
    let level = match taken {
        Ok(level) => level,
        Err(level) => {
            let extensions = json!({"cost": extension(requested, None, &level)});
            return Ok(Body { data: None, errors: vec![throttled()], extensions });
        }
    };
    let root = match operation.operation_type {
        apollo_compiler::ast::OperationType::Mutation => Thing::Mutation,
        _ => Thing::Query,
    };
    let told = execute(ask, &document, question.operation.as_deref(), &variables, root)?;
    let actual = told.data.as_ref().map_or(0, |data| cost::actual(&document, operation, &variables, data));
    let actual = actual.min(requested);
    ask.state.borrow_mut().bucket.give_back(requested - actual);
    let level = Level { available: level.available + requested - actual, ..level };
    let mut extensions = json!({"cost": extension(requested, Some(actual), &level)});
    let unknown = ask.unknown.take();
    if !unknown.is_empty() {
        let warning = |field: &String| json!({"field": field, "message": "Invalid search field for this query.", "code": "invalid_field"});
        extensions["search"] = json!([{"warnings": unknown.iter().map(warning).collect::<Vec<_>>()}]);
    }
    let data = told.data.map_or(JsonValue::Null, JsonValue::Object);
    Ok(Body { data: Some(data), errors: told.errors.into_iter().map(plain).collect(), extensions })
}

pub(crate) fn parsed(text: &str) -> Result<Valid<ExecutableDocument>, Vec<GraphQLError>> {
    ExecutableDocument::parse_and_validate(schema(), text, "query")
        .map_err(|wrong| wrong.errors.iter().map(|error| error.to_json()).collect())
}

fn execute(
    ask: &Ask<'_>,
    document: &Valid<ExecutableDocument>,
    named: Option<&str>,
    variables: &Valid<JsonMap>,
    root: Thing,
) -> Result<ExecutionResponse, Vec<GraphQLError>> {
    let wrong =
        |wrong: apollo_compiler::request::RequestError| vec![wrong.to_graphql_error(&document.sources)];
    let execution = Execution::new(schema(), document).operation_name(named).map_err(wrong)?;
    execution.coerced_variable_values(variables).execute_sync(&Object::new(ask, root)).map_err(wrong)
}

/// As a bulk operation asks: for a window of its list.
pub(crate) fn windowed(ask: &Ask<'_>, document: &Valid<ExecutableDocument>) -> Result<JsonMap, String> {
    let none = Valid::assume_valid(JsonMap::new());
    let told = execute(ask, document, None, &none, Thing::Query);
    let told = told.map_err(|errors| errors.into_iter().map(|error| error.message).collect::<String>())?;
    match (told.data, told.errors.into_iter().next()) {
        (Some(data), None) => Ok(data),
        (_, error) => Err(error.map(|error| plain(error).message).unwrap_or_default()),
    }
}

pub(crate) fn coded(sentence: &str, code: &str) -> GraphQLError {
    let mut error = GraphQLError::new(sentence, None, &apollo_compiler::parser::SourceMap::default());
    error.extensions.insert("code", code.into());
    error
}

pub(crate) fn throttled() -> GraphQLError {
    let mut error = coded("Throttled", "THROTTLED");
    error.extensions.insert("documentation", "https://shopify.dev/api/usage/rate-limits".into());
    error
}

/// Without the executor's own words, and with the code that it cannot carry.
fn plain(mut error: GraphQLError) -> GraphQLError {
    let message = error.message.strip_prefix("resolver error: ").unwrap_or(&error.message).to_owned();
    error.message = match message.strip_prefix(DENIED) {
        Some(sentence) => {
            error.extensions.insert("code", "ACCESS_DENIED".into());
            error.extensions.insert("documentation", "https://shopify.dev/api/usage/access-scopes".into());
            sentence.to_owned()
        }
        None => message,
    };
    error
}

fn extension(requested: u64, actual: Option<u64>, level: &Level) -> Value {
    json!({
        "requestedQueryCost": requested,
        "actualQueryCost": actual,
        "throttleStatus": {
            "maximumAvailable": level.most,
            "currentlyAvailable": level.available,
            "restoreRate": level.restored_a_second,
        },
    })
}
