//! The table's contract on `dynoxide`, in this process, on a loopback port and a thread of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bench;

use std::sync::{Arc, mpsc};

fn dynoxide() -> String {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            tell.send(listener.local_addr().unwrap()).unwrap();
            dynoxide::server::serve_on(listener, dynoxide::Database::memory().unwrap()).await;
        });
    });
    format!("http://{}", told.recv().unwrap())
}

#[tokio::test]
async fn the_table_keeps_the_contract() {
    let config = bench::config(&dynoxide());
    store::contract::check(Arc::new(bench::empty_table(&config, "contract").await), "dynoxide").await;
}
