//! Links to files, gone as a browser goes them.

use domain::{JobId, TenantId};
use flows::{
    Clock, Files,
    files::{FileName, FilePart},
};
use local::World;
use std::time::Duration;

#[tokio::test]
async fn a_file_is_brought_and_taken_by_links_that_end() {
    let world = World::new(1).await;
    let now = world.clock.now();
    let name =
        |part| FileName::Job { tenant: TenantId::new(now, [1; 10]), job: JobId::new(now, [2; 10]), part };
    let brought = name(FilePart::Brought);
    let minute = Duration::from_mins(1);
    let bring = world.files.link_to_bring(brought, 9, minute).await.expect("a link");
    let take = world.files.link_to_take(brought, "mine.csv", minute).await.expect("a link");
    assert_eq!(world.get(&take).send().await.status, 404);
    assert_eq!(world.put(&bring, "name\nAdah\n").send().await.status, 403, "a byte too many");
    assert_eq!(world.put(&bring, "name\nAda\n").send().await.status, 200);
    let taken = world.get(&take).send().await;
    assert_eq!((taken.status.as_u16(), taken.text.as_str()), (200, "name\nAda\n"));
    assert!(taken.header("content-disposition").contains("mine.csv"));
    assert_eq!(world.get(&take).header("range", "bytes=5-7").send().await.text, "Ada");

    world.tick().await;
    for ended in [world.put(&bring, "name\nBob\n"), world.get(&take)] {
        let answer = ended.send().await;
        assert_eq!(answer.status, 403);
        assert!(answer.text.contains("expired"), "{}", answer.text);
    }
    assert_eq!(world.files.bytes(brought).await.expect("memory holds"), Some(9));
    world.clock.advance_seconds(7 * 86_400);
    world.tick().await;
    assert_eq!(world.files.bytes(brought).await.expect("memory holds"), None, "no file is kept");
}
