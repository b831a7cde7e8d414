//! The app within Shopify's admin: its documents, and whoever is there signs in by App Bridge's session token.
//!
//! A session token is worth a sign-in and nothing else: it is exchanged, here alone, for an access token of ours, which is
//! looked at anew with every call like any other. No cookie is set or read: within a frame a browser keeps none.

pub(crate) mod pages;
mod person;
pub(crate) mod sign_in;
