//! What a message says: templates in the style of Liquid, compiled once and filled for each who gets one.
//!
//! A template can neither hang nor grow without end. It names only what is known of a customer, walks only lists that it is given,
//! keeps nothing in between, and every step and every byte is taken off a budget (`limits`). All that is wrong with it is told when
//! it is saved, each with its place.

pub mod blocks;
mod depth;
mod email;
mod escape;
mod expression;
mod fault;
mod fill;
mod filter;
mod lex;
pub mod limits;
mod links;
mod literal;
mod marked;
pub mod mjml;
mod name;
mod parse;
pub mod plain;
pub mod sms;
mod tree;
mod value;

pub use email::{Body, Email, Filled, Written};
pub use fault::{Fault, PartFault, Place};
pub use fill::Stopped;
pub use name::{Kind, Name};
pub use tree::{Pattern, Shape};
pub use value::{Facts, Line, Value};
