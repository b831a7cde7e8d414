//! Steps that more than one function takes, and the ports that they need.

pub mod again;
pub mod answers;
pub mod bringing;
pub mod bylines;
pub mod carrying;
pub mod climbing;
pub mod clock;
#[cfg(feature = "contract")]
pub mod contract;
pub mod cookies;
pub mod counting;
pub mod counts;
mod currency;
pub mod error;
pub mod files;
pub mod filling;
pub mod identify;
pub mod joining;
pub mod keeping;
pub mod links;
pub mod noting;
pub mod passwords;
pub mod ports;
pub mod privacy;
pub mod progress;
pub mod queues;
pub mod rates;
pub mod record;
pub mod report_links;
mod rezoning;
pub mod seal;
pub mod secrets;
pub mod senders;
pub mod sending;
pub mod sessions;
pub mod shops;
pub mod sign;
pub mod socket;
pub mod syncs;
pub mod taking;
pub mod telling;
pub mod texting;
pub mod tokens;
pub mod watching;
pub mod web;
pub mod wishes;
pub mod wording;

pub use again::{Wait, Waits};
pub use carrying::{Answer, Carrier, Letter, Refusal, Short, Texter};
pub use currency::choosing;
pub use error::{Cause, Denial, Fault, FlowError, Verdict, checks};
pub use files::Files;
pub use ports::{
    Clock, DataKey, Dice, Identity, KeyWrap, Left, Mail, Mailer, SecretBox, Sending, SignInAsk,
    SignInProvider, Sockets, Tasks,
};
pub use queues::{DeadLetter, DeadLetters, Depth, Depths, Desk, Sieve, Sifted};
pub use rezoning::rezoned;
pub use secrets::Secrets;
pub use senders::{Farewells, Identities};
pub use sending::{Carriers, Installed, Proofs, Registrars, Texters};
pub use shops::{Shops, Unanswered};
pub use socket::SocketEvent;
pub use web::Web;
