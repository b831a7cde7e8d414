//! What Shopify tells, in our own words: the same from a webhook, a page of GraphQL or a line of a bulk file.
//!
//! A thing that is left out is not a thing that is empty: see `Told`. What cannot be kept as it was told (an address that
//! is none, a text longer than ours may be) is passed over or cut, and noted in `passed_over`, without the words
//! themselves: one bad field never costs a customer. An amount that cannot be read does: an order with a guessed total
//! would be worse than none.

mod address;
mod checkout;
mod consent;
mod customer;
mod lines;
mod metafield;
mod order;
mod product;
mod reader;
mod words;

pub use checkout::CheckoutTold;
pub use consent::ConsentTold;
pub use customer::CustomerTold;
pub use metafield::{metafield_kind, metafield_name};
pub use order::{Buyer, OrderTold};
pub use product::ProductTold;
pub use reader::{PassedOver, Reading, Unkept};
pub use words::{Id, Told};

pub(crate) use address::AddressSaid;
pub(crate) use checkout::{CheckoutSaid, names, token};
pub(crate) use consent::{ConsentSaid, consent_word, has_a_day};
pub(crate) use customer::CustomerSaid;
pub(crate) use lines::LineSaid;
pub(crate) use metafield::MetafieldSaid;
pub(crate) use order::{OrderSaid, RefundedSaid};
pub(crate) use product::{ProductSaid, VariantSaid};
pub(crate) use reader::Reader;
pub(crate) use words::{Amount, Tags};
