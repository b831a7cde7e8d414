//! What the product promises, tried from outside: a shop's people, programs and browsers act on a `World`.

mod away;
mod cast;
mod faults;
mod google;
mod id_tokens;
mod idempotency;
mod limits;
mod linking;
mod logs;
mod mail;
mod passwords;
mod refusals;
mod sessions;
mod sign_up;
mod team;
mod template;
mod tenants;
mod tidy;
