//! A shop that tells its app what happens, as Shopify does: signed, to the app's one address for all shops.
//!
//! `telling PORT SECRET SHOP send FIRST COUNT CONNECTIONS` tells of so many orders, as fast as they are taken, and says of
//! them what `sending` says. `telling PORT SECRET SHOP see TOPIC FIRST COUNT OTHERS TOKEN` tells of one after the other and
//! asks for the list until it shows it; see `seen`. Each event has a number, which must be told once only.

#![expect(clippy::disallowed_methods, reason = "a measurement asks the machine for the time")]

#[expect(dead_code, reason = "its events are a shop's own")]
mod event;
mod seen;
#[path = "../http/sending.rs"]
mod sending;
mod told;
#[path = "../http/wire.rs"]
mod wire;

use jiff::Timestamp;
use seen::Wanted;
use sending::Way;
use std::process::ExitCode;
use told::{Shop, Topic};

enum Act {
    Send { way: Way, first: u64, count: u64 },
    See(Wanted),
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some((shop, act)) = understood(&words) else {
        eprintln!(
            "usage: telling PORT SECRET SHOP send FIRST COUNT CONNECTIONS\n       telling PORT SECRET SHOP see TOPIC \
             FIRST COUNT OTHERS TOKEN"
        );
        return ExitCode::from(2);
    };
    let done = match act {
        Act::Send { way, first, count } => {
            way.send((first..first + count).map(|number| shop.request(Topic::Order, number)).collect())
        }
        Act::See(wanted) => seen::seen(shop, &wanted),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("telling: {error}");
            ExitCode::FAILURE
        }
    }
}

fn understood(words: &[&str]) -> Option<(Shop, Act)> {
    let (&[port, secret, domain], act) = words.split_first_chunk()?;
    let now = Timestamp::now().to_string();
    let shop = Shop::new(port.parse().ok()?, secret, domain, &now);
    let act = match *act {
        ["send", first, count, connections] => Act::Send {
            way: Way::read(port, connections, None)?,
            first: first.parse().ok()?,
            count: count.parse().ok()?,
        },
        ["see", topic, first, count, others, token] => Act::See(Wanted {
            topic: Topic::read(topic)?,
            first: first.parse().ok()?,
            count: count.parse().ok()?,
            token: token.to_owned(),
            others_per_second: others.parse().ok()?,
        }),
        _ => return None,
    };
    Some((shop, act))
}
