//! What of a letter goes into its head, as mail programs read it.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::Mailbox;

use super::Letter;

/// A line's word holds 75 characters (RFC 2047), 12 of them around what is encoded: 63, in groups of four.
const ENCODED_BYTES_MAX: usize = 45;

impl Letter {
    /// `List-Unsubscribe` and `List-Unsubscribe-Post`, if whoever receives it may unsubscribe.
    pub fn list_headers(&self) -> Vec<(&'static str, String)> {
        let Some(unsubscribe) = &self.unsubscribe else { return Vec::new() };
        let mut ways = format!("<{}>", unsubscribe.url);
        if let Some(mail) = &unsubscribe.mail {
            ways += &format!(", <mailto:{mail}>");
        }
        vec![("List-Unsubscribe", ways), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned())]
    }
}

/// `"Name" <address>` in letters of ASCII, whatever the name is written in.
pub fn shown(mailbox: &Mailbox) -> String {
    let Some(name) = &mailbox.name else { return mailbox.address.to_string() };
    let name = name.as_str();
    let name = if name.is_ascii() { quoted(name) } else { encoded(name) };
    format!("{name} <{}>", mailbox.address)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Words of RFC 2047, each of whole letters.
fn encoded(name: &str) -> String {
    let mut words = vec![String::new()];
    for letter in name.chars() {
        let is_full = words.last().is_some_and(|word| word.len() + letter.len_utf8() > ENCODED_BYTES_MAX);
        if is_full {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(letter);
        }
    }
    let words: Vec<_> = words.iter().map(|word| format!("=?UTF-8?B?{}?=", STANDARD.encode(word))).collect();
    words.join(" ")
}
