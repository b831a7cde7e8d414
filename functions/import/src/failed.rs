//! The rows of a file that could not be stored, as a file of their own: to be mended and brought again.

use std::collections::BTreeMap;

use domain::{Job, JobId, TenantId};
use flows::{
    Files, FlowError,
    bringing::Outcome,
    files::{FileName, FilePart, PART_BYTES_MIN},
};
use tables::{Head, REASON_COLUMN, SheetRow, write_line};

/// Those of one stretch. Written again, it is the same.
pub(crate) async fn keep_piece(
    files: &dyn Files,
    name: impl Fn(FilePart) -> FileName,
    piece: u32,
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
    files.write(name(FilePart::FailedPiece(piece)), text.into_bytes()).await
}

/// All of them, beneath the file's own header.
pub(crate) async fn gather(
    files: &dyn Files,
    tenant: TenantId,
    job: &Job,
    head: &Head,
) -> Result<(), FlowError> {
    let id: JobId = job.id;
    let name = |part| FileName { tenant, job: id, part };
    let mut writing = files.begin(name(FilePart::Failed)).await?;
    let mut header = String::new();
    write_line(head.columns.iter().map(String::as_str).chain([REASON_COLUMN]), &mut header);
    let mut bytes = header.into_bytes();
    for piece in 0..job.progress.failed_pieces {
        let mut from = 0;
        loop {
            let more = files.read(name(FilePart::FailedPiece(piece)), from, PART_BYTES_MIN).await?;
            if more.is_empty() {
                break;
            }
            from += more.len() as u64;
            bytes.extend(more);
            if bytes.len() >= PART_BYTES_MIN {
                files.add(&mut writing, std::mem::take(&mut bytes)).await?;
            }
        }
    }
    if !bytes.is_empty() {
        files.add(&mut writing, bytes).await?;
    }
    files.finish(writing).await
}
