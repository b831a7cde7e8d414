//! What the product promises, tried from outside: a shop's people, programs and browsers act on a `World`.

mod audience;
mod cast;
mod customer_bulk;
mod customer_faults;
mod customer_lists;
mod customers;
mod faults;
mod files;
mod google;
mod id_tokens;
mod idempotency;
mod limits;
mod linking;
mod logs;
mod mail;
mod order_faults;
mod orders;
mod passwords;
mod refusals;
mod sessions;
mod settings;
mod sign_up;
mod team;
mod template;
mod tenants;
mod tidy;
