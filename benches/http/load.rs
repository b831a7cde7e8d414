//! Sends requests over connections that stay open, and tells how each was answered: what it costs itself is little.
//!
//! `load PORT TOKEN CONNECTIONS [PER_SECOND]`: requests on its input, one a line, as `METHOD PATH BODY`; as fast as they are
//! answered, or so many a second. On its output what `sending` says of them.

#![expect(clippy::disallowed_methods, reason = "a measurement asks the machine for the time")]

mod sending;
mod wire;

use sending::Way;
use std::{
    io::{self, Read},
    process::ExitCode,
};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let told = match &words[..] {
        [port, token, connections] => Way::read(port, connections, None).map(|way| (way, token)),
        [port, token, connections, rate] => Way::read(port, connections, Some(rate)).map(|way| (way, token)),
        _ => None,
    };
    let Some((way, token)) = told else {
        eprintln!("usage: load PORT TOKEN CONNECTIONS [PER_SECOND] < REQUESTS");
        return ExitCode::from(2);
    };
    let mut told = String::new();
    let read = io::stdin().read_to_string(&mut told);
    let requests = told.lines().map(|line| request(line, way.port, token)).collect();
    match read.and_then(|_| way.send(requests)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::FAILURE
        }
    }
}

/// `METHOD PATH BODY` as it goes over the wire.
fn request(line: &str, port: u16, token: &str) -> Vec<u8> {
    let mut words = line.splitn(3, ' ');
    let [method, path, body] = [(); 3].map(|()| words.next().unwrap_or_default());
    let length = body.len();
    let head =
        format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer {token}\r\n");
    let of_body = format!("content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}");
    (head + &of_body).into_bytes()
}
