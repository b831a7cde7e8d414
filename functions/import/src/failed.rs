//! The rows of a file that could not be stored, as a file of their own: to be mended and brought again.

use std::collections::BTreeMap;

use domain::Job;
use flows::{
    Files, FlowError,
    bringing::Outcome,
    files::{FileName, FilePart, PART_BYTES_MIN},
};
use store::TenantStore;
use tables::{Head, REASON_COLUMN, SheetRow, write_line};

use crate::{file, parts::Parts};

/// Those of one stretch. Written again, it is the same.
pub(crate) async fn keep_piece(
    files: &dyn Files,
    name: FileName,
    refused: Vec<SheetRow>,
    outcome: &Outcome,
) -> Result<(), FlowError> {
    let mut why: BTreeMap<u64, Vec<&str>> = BTreeMap::new();
    for fault in &outcome.faults {
        why.entry(fault.row).or_default().push(&fault.message);
    }
    let mut text = String::new();
    for SheetRow { mut cells, number, .. } in refused {
        cells.push(why.get(&number).map_or_else(String::new, |why| why.join("; ")));
        write_line(cells.iter().map(String::as_str), &mut text);
    }
    files.write(name, text.into_bytes()).await
}

/// All of them, beneath the file's own header.
pub(crate) async fn gather(
    files: &dyn Files,
    store: &TenantStore,
    job: &Job,
    head: &Head,
) -> Result<(), FlowError> {
    let mut parts = Parts::begun(files, file(store, job, FilePart::Failed)).await?;
    let mut header = String::new();
    write_line(head.columns.iter().map(String::as_str).chain([REASON_COLUMN]), &mut header);
    parts.add(header.into_bytes()).await?;
    for piece in 0..job.progress.failed_pieces {
        let mut from = 0;
        loop {
            let more =
                files.read(file(store, job, FilePart::FailedPiece(piece)), from, PART_BYTES_MIN).await?;
            if more.is_empty() {
                break;
            }
            from += more.len() as u64;
            parts.add(more).await?;
        }
    }
    parts.finish().await
}
