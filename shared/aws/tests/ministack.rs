//! The table's promises on `ministack`. Run through `shared/aws/tests/emulators`, which starts one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bench;
#[path = "bench/promises.rs"]
mod promises;

#[expect(clippy::disallowed_methods, reason = "the script that starts the emulator tells where it is")]
fn ministack() -> String {
    std::env::var("REGULARS_MINISTACK")
        .expect("these tests need an emulator: shared/aws/tests/emulators cargo test -p aws --test ministack")
}

#[tokio::test]
async fn the_table_keeps_its_promises() {
    let config = bench::config(&ministack()).await;
    promises::check(&bench::empty_table(&config, "promises").await).await;
}
