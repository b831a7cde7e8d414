//! Steps that more than one function takes, and the ports that they need.

pub mod clock;
#[cfg(feature = "contract")]
pub mod contract;
pub mod error;
pub mod ports;
pub mod secrets;

pub use error::{Cause, Denial, Fault, FlowError, Verdict};
pub use ports::{
    Clock, DataKey, Dice, Identity, KeyWrap, Left, Mail, Mailer, SecretBox, SignInAsk, SignInProvider, Tasks,
};
pub use secrets::Secrets;
