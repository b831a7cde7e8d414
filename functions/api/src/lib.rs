//! The merchant's REST API and the way in: sign-up, sign-in, teams, keys.

use std::sync::Arc;

use axum::Router;
use flows::{Clock, Dice, KeyWrap, SecretBox, SignInProvider, Tasks};
use store::Store;

/// What this function may touch. `template.yaml` grants exactly this.
#[derive(Clone)]
pub struct Deps {
    pub store: Store,
    pub tasks: Arc<dyn Tasks>,
    pub keys: Arc<dyn KeyWrap>,
    pub secrets: Arc<dyn SecretBox>,
    pub google: Arc<dyn SignInProvider>,
    pub clock: Arc<dyn Clock>,
    pub dice: Arc<dyn Dice>,
    pub settings: Settings,
}

/// How this installation is set up; nothing secret.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where people reach us, without a slash at the end: `https://crm.example.com`.
    pub origin: String,
    /// Further origins whose pages may call the API with cookies.
    pub allowed_origins: Vec<String>,
    /// How long an access token lives; at most 900.
    pub access_seconds: u32,
}

pub fn router(_deps: Deps) -> Router {
    Router::new()
}
