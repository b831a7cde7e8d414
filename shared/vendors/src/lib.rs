//! Providers spoken to over plain HTTP. Adapters translate and do not think.

mod answers;
mod chosen;
mod google;
mod registered;
mod sendgrid;
pub mod simulated;
#[cfg(test)]
mod testing;
mod twilio;

pub use chosen::Chosen;
pub use google::{Endpoints, Google};
pub use registered::Registered;
pub use sendgrid::{SENDGRID_URL, SendGrid};
pub use simulated::Simulated;
pub use twilio::{TWILIO_URL, Twilio, TwilioAccount, TwilioNumbers};
