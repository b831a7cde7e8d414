//! A file's rows become the record, from where the job stands.

use columns::{SHARD_SLOTS, ShardNumber, Slot};
use domain::{
    Job, JobState, Task,
    customer::ChangedBy,
    job::{FAULTS_TOLD, Import},
};
use flows::{
    FlowError,
    bringing::{Clerk, Form, Lot, Outcome, Read, fault_of},
    files::{FileName, FilePart},
    keeping,
    record::Record,
    seal::Seals,
};
use store::{Held, StoreError, TenantStore};
use tables::{HEAD_BYTES_MAX, Head, Piece, Place, Reading};

use crate::{Deps, STRETCH, end, failed, file, later, moved_on, shown_later};

/// So much of a file is read, stored and counted together: some thousand rows.
const PIECE_BYTES: usize = 256 * 1024;
/// More only where the rows of one order are longer; those of no order are as long as this.
const PIECE_BYTES_MAX: usize = 64 * PIECE_BYTES;
/// Where orders have no name, equal ones are told apart by counting: such a file is read whole.
const NAMELESS_BYTES_MAX: usize = 1024 * 1024;
/// Who is new in a file from here on is laid down: it costs half, and the audience is made anew afterwards.
const LARGE_FROM_BYTES: u64 = 4 * 1024 * 1024;

/// One job's file, opened.
struct Opened<'a> {
    deps: &'a Deps,
    store: &'a TenantStore,
    brought: FileName,
    import: Import,
    form: Form,
}

/// Why the file cannot be read any more.
struct Lost(&'static str);

pub(crate) async fn go_on(
    deps: &Deps,
    store: &TenantStore,
    held: Held<Job>,
    import: Import,
) -> Result<(), FlowError> {
    let began = deps.clock.now();
    let fail = |why: String| JobState::Failed { why };
    let brought = file(store, &held, FilePart::Brought);
    let beginning = match said(deps, brought, &import, 0, HEAD_BYTES_MAX).await? {
        Ok(beginning) => beginning,
        Err(Lost(why)) => return end(deps, store, &held, fail(why.to_owned())).await,
    };
    let form = Head::read(&beginning).and_then(|head| Form::of(import.of, head, import.keeps_unknown));
    let form = match form {
        Ok(form) => form,
        Err(wrong) => return end(deps, store, &held, fail(wrong.to_string())).await,
    };
    // Equal orders are told apart by counting them, which one piece alone can do.
    if !form.names_rows() && import.bytes > NAMELESS_BYTES_MAX as u64 {
        let why = "a file of orders this large needs a column that names each order: id or name".to_owned();
        return end(deps, store, &held, fail(why)).await;
    }
    let opened = Opened { deps, store, brought, import, form };
    let mut held = held;
    while held.progress.done < opened.import.bytes {
        held = opened.announced(held).await?;
        held = match opened.stretched(&held).await? {
            Ok(held) => held,
            Err(Lost(why)) => return end(deps, store, &held, fail(why.to_owned())).await,
        };
        if deps.clock.now().duration_since(began) >= STRETCH {
            return later(deps, store, &held).await;
        }
    }
    while let Some(shard) = held.progress.shards.first().copied() {
        held = shown(deps, store, held, shard).await?;
        if !held.progress.shards.is_empty() && deps.clock.now().duration_since(began) >= STRETCH {
            return later(deps, store, &held).await;
        }
    }
    if held.progress.rows == 0 {
        let why = "the file has no rows beneath its header".to_owned();
        return end(deps, store, &held, fail(why)).await;
    }
    if held.progress.failed_pieces > 0 {
        failed::gather(&*deps.files, store, &held, opened.form.head()).await?;
    }
    end(deps, store, &held, JobState::Done).await
}

/// Part of the file that was started.
async fn said(
    deps: &Deps,
    brought: FileName,
    import: &Import,
    from: u64,
    bytes_max: usize,
) -> Result<Result<Vec<u8>, Lost>, FlowError> {
    let read = match &import.mark {
        Some(mark) => deps.files.read_marked(brought, mark, from, bytes_max).await,
        None => deps.files.read(brought, from, bytes_max).await.map(Some),
    };
    match read {
        Ok(Some(bytes)) => Ok(Ok(bytes)),
        Ok(None) => Ok(Err(Lost("another file was brought in its place after the start"))),
        Err(FlowError::NotFound(_)) => Ok(Err(Lost("the file is no longer there"))),
        Err(error) => Err(error),
    }
}

/// The audience shows who was laid down there.
async fn shown(
    deps: &Deps,
    store: &TenantStore,
    held: Held<Job>,
    shard: u32,
) -> Result<Held<Job>, FlowError> {
    match store.shard_rebuilt(ShardNumber(shard)).await {
        // Whoever keeps the shard was at it at the same moment: the message comes again.
        Err(busy @ StoreError::Conflict(_)) => return Err(FlowError::unavailable(busy)),
        done => done?,
    }
    deps.tasks.leave(vec![Task::KeepShard { tenant: store.id(), shard }.into()]).await?;
    let mut job = Job::clone(&held).moved(JobState::Running, deps.clock.now());
    job.progress.shards.remove(&shard);
    moved_on(store, &held, job).await
}

impl Opened<'_> {
    /// Where people may be laid down is said before they are: whoever dies meanwhile, or is cancelled, has said it.
    async fn announced(&self, held: Held<Job>) -> Result<Held<Job>, FlowError> {
        if self.import.is_dry || self.import.bytes < LARGE_FROM_BYTES {
            return Ok(held);
        }
        // A piece holds far less than half of a shard's rows, and others may come in between.
        let next = self.store.slots().await?;
        let shards = [next, next.saturating_add(SHARD_SLOTS / 2)].map(|slot| Slot(slot).shard().0);
        if shards.iter().all(|shard| held.progress.shards.contains(shard)) {
            return Ok(held);
        }
        let mut job = Job::clone(&held).moved(JobState::Running, self.deps.clock.now());
        job.progress.shards.extend(shards);
        moved_on(self.store, &held, job).await
    }

    /// One stretch further.
    async fn stretched(&self, held: &Held<Job>) -> Result<Result<Held<Job>, Lost>, FlowError> {
        let Self { deps, store, import, form, .. } = self;
        let tenant = store.tenant().await?.ok_or(FlowError::NotFound("tenant"))?;
        let progress = &held.progress;
        let place = if progress.done == 0 {
            form.start()
        } else {
            Place { offset: progress.done, row: progress.rows, is_in_ruins: progress.is_in_ruins }
        };
        let seals = Seals::new(deps.keys.clone(), deps.dice.clone());
        let record = Record {
            store,
            seals: &seals,
            clock: &*deps.clock,
            dice: &*deps.dice,
            by: ChangedBy::Import,
            currency_changes: tenant.currency_changes,
        };
        let is_large = import.bytes >= LARGE_FROM_BYTES;
        let lot = Lot { job: held, is_large };
        let clerk = Clerk::new(record, None).at(lot);
        let clerk = if import.makes_guests { clerk.making_guests() } else { clerk };
        let mut clerk = if import.is_dry { clerk.rehearsing() } else { clerk };
        let reading = Reading {
            currency: tenant.currency,
            zone: &tenant.zone,
            // The same each time a row is read.
            now: held.created_at,
            country: import.country.clone(),
            attested: import.attested.clone(),
            keeps_unknown: import.keeps_unknown,
        };
        let mut outcome = Outcome::default();
        let read = self.read(&mut clerk, &reading, place, &mut outcome).await;
        self.tend(&outcome).await?;
        let mut job = Job::clone(held).moved(JobState::Running, deps.clock.now());
        job.progress.shards.extend(outcome.laid.iter().map(|shard| shard.0));
        let moved = match read {
            Ok(Ok(read)) => {
                self.count(&mut job, read, outcome).await?;
                moved_on(store, held, job.clone()).await
            }
            Ok(Err(gone)) => return Ok(Err(gone)),
            Err(error) => Err(error),
        };
        if moved.as_ref().is_err_and(FlowError::is_overtaken) {
            // Cancelled, perhaps: nobody else knows of those who were just laid down.
            shown_later(deps, store, &job).await?;
        }
        moved.map(Ok)
    }

    /// At least one row of a customer, or all of one order.
    async fn read(
        &self,
        clerk: &mut Clerk<'_>,
        reading: &Reading<'_>,
        place: Place,
        outcome: &mut Outcome,
    ) -> Result<Result<Read, Lost>, FlowError> {
        let mut most = if self.form.names_rows() { PIECE_BYTES } else { NAMELESS_BYTES_MAX };
        loop {
            let bytes = match said(self.deps, self.brought, &self.import, place.offset, most).await? {
                Ok(bytes) => bytes,
                Err(lost) => return Ok(Err(lost)),
            };
            let is_end = bytes.is_empty() || place.offset + bytes.len() as u64 >= self.import.bytes;
            let is_last = is_end || most >= PIECE_BYTES_MAX;
            let piece = Piece { from: place.offset, bytes: &bytes, is_last };
            let read = clerk.piece(&self.form, reading, place, &piece, outcome).await?;
            if is_end {
                return Ok(Ok(Read { place: Place { offset: self.import.bytes, ..read.place }, ..read }));
            }
            if read.place.offset > place.offset {
                return Ok(Ok(read));
            }
            most *= 2;
        }
    }

    /// Counts what became of some rows.
    async fn count(&self, job: &mut Job, read: Read, outcome: Outcome) -> Result<(), FlowError> {
        let Read { place, refused } = read;
        if !refused.is_empty() {
            let name = file(self.store, job, FilePart::FailedPiece(job.progress.failed_pieces));
            failed::keep_piece(&*self.deps.files, name, refused, &outcome).await?;
            job.progress.failed_pieces += 1;
        }
        let progress = &mut job.progress;
        (progress.done, progress.rows, progress.is_in_ruins) = (place.offset, place.row, place.is_in_ruins);
        progress.created += outcome.created;
        progress.updated += outcome.updated;
        progress.unchanged += outcome.unchanged;
        progress.failed += outcome.failed.len() as u64;
        let room = FAULTS_TOLD.saturating_sub(progress.faults.len());
        progress.faults.extend(outcome.faults.iter().take(room).map(fault_of));
        Ok(())
    }

    /// Changed rows stand in these shards: somebody should look at them.
    async fn tend(&self, outcome: &Outcome) -> Result<(), FlowError> {
        let shards = outcome.shards.iter().copied();
        keeping::asked(&*self.deps.tasks, self.store.id(), shards).await
    }
}
