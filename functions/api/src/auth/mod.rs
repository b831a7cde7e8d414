//! The way in: sign-up, sign-in, sessions, passwords.

pub(crate) mod cookies;
mod entering;
mod evidence;
pub(crate) mod google;
pub(crate) mod login;
pub(crate) mod me;
pub(crate) mod password;
pub(crate) mod refresh;
pub(crate) mod reset;
pub(crate) mod sign_in;
pub(crate) mod signup;
