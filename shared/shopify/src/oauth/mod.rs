//! How a merchant lets our app into their shop.
//!
//! From outside: `Question::url`, where they press Install; `Callback::read` when they come back, which proves that
//! Shopify sent them; `TokenAsk::code` for the tokens. From inside Shopify's admin: a session token
//! (`crate::session_token`) for `TokenAsk::exchange`. Both end in the same pair of tokens, which `TokenAsk::refresh`
//! renews: a token lives an hour, what renews it 90 days. Who is there is told by the answer to `TokenAsk::person`.

mod associate;
mod authorize;
mod callback;
mod query;
mod scopes;
mod tokens;

pub use associate::{Associate, associate};
pub use authorize::{Access, Question, more_url};
pub use callback::{BadCallback, Callback};
pub use query::{BadQuery, SignedQuery};
pub use scopes::{BadScopes, Scopes};
pub use tokens::{BadTokens, TOKEN_PATH, TokenAsk, TokenRefusal, Tokens, tokens};
