//! The table's promises on `dynoxide`, in this process, on a loopback port and a thread of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bench;
#[path = "bench/promises.rs"]
mod promises;

use std::sync::mpsc;

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
async fn the_table_keeps_its_promises() {
    let config = bench::config(&dynoxide()).await;
    promises::check(&bench::empty_table(&config, "promises").await).await;
}
