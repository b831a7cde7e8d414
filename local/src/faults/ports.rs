//! Every port, with faults in front of it.

use async_trait::async_trait;
use domain::{Queue, SocketId, TenantId, Timestamp};
use flows::{
    DataKey, DeadLetter, DeadLetters, Depth, Depths, Desk, Files, FlowError, Identity, KeyWrap, Left, Mail,
    Mailer, Proofs, SecretBox, Secrets, Sending, Sieve, Sifted, SignInAsk, SignInProvider, Sockets, Tasks,
    Web,
    files::{FileName, Writing},
    web::{Ask, Told},
};
use std::{sync::Arc, time::Duration};
use store::{
    Item, Page, Range, RawKey, StoreError, Table, Write,
    table::{Add, Position},
};

use super::{Fault, Faults, halt, through};
use crate::product::Ports;

/// What can happen to a call that changes nothing, or that the far side does at most once.
const CALL: [Fault; 5] =
    [Fault::Delay, Fault::ErrorBefore, Fault::ErrorAfter, Fault::CrashBefore, Fault::CrashAfter];
/// What can happen to a message.
const MESSAGE: [Fault; 7] = Fault::ALL;
/// What can happen to what may be done twice.
const TWICE: [Fault; 6] = [
    Fault::Delay,
    Fault::ErrorBefore,
    Fault::ErrorAfter,
    Fault::Duplicate,
    Fault::CrashBefore,
    Fault::CrashAfter,
];

/// The same ports, with the faults in front of them. The clock and the dice are honest.
pub fn around(ports: &Ports, faults: &Arc<Faults>) -> Ports {
    fn before<T: ?Sized>(port: &Arc<T>, faults: &Arc<Faults>) -> Arc<Before<T>> {
        Arc::new(Before { port: port.clone(), faults: faults.clone() })
    }
    Ports {
        table: before(&ports.table, faults),
        tasks: before(&ports.tasks, faults),
        desk: Desk {
            operators: ports.desk.operators.clone(),
            depths: before(&ports.desk.depths, faults),
            dead_letters: before(&ports.desk.dead_letters, faults),
        },
        mailer: before(&ports.mailer, faults),
        carriers: before(&ports.carriers, faults),
        farewells: before(&ports.farewells, faults),
        secrets: before(&ports.secrets, faults),
        keys: before(&ports.keys, faults),
        files: before(&ports.files, faults),
        sockets: before(&ports.sockets, faults),
        proofs: Proofs {
            google: before(&ports.proofs.google, faults),
            registrars: before(&ports.proofs.registrars, faults),
        },
        web: before(&ports.web, faults),
        shops: ports.shops.clone(),
        told_at: ports.told_at.clone(),
        clock: ports.clock.clone(),
        dice: ports.dice.clone(),
    }
}

/// A call of another port than the table.
macro_rules! calling {
    ($($call:tt)*) => {
        halt::at_port(async { through!($($call)*) }).await
    };
}

mod carried;

struct Before<T: ?Sized> {
    port: Arc<T>,
    faults: Arc<Faults>,
}

#[async_trait]
impl Table for Before<dyn Table> {
    async fn get(&self, keys: &[RawKey]) -> Result<Vec<Option<Item>>, StoreError> {
        halt::at_reading(async { through!(self.faults, &CALL, self.port.get(keys)) }).await
    }

    async fn query(&self, range: &Range) -> Result<Page, StoreError> {
        let mut page =
            halt::at_reading(async { through!(self.faults, &CALL, self.port.query(range)) }).await?;
        // A page may end early; whoever reads a list must ask for the next.
        if page.items.len() > 1 && self.faults.next(&[Fault::Delay]).is_some() {
            page.items.truncate(page.items.len() / 2);
            let last = page.items.last();
            page.next = last.map(|last| Position::after(last, &range.within));
        }
        Ok(page)
    }

    async fn write(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        halt::at_writing(async { through!(self.faults, &CALL, self.port.write(writes.clone())) }).await
    }

    async fn add(&self, add: Add) -> Result<Vec<i64>, StoreError> {
        halt::at_writing(async { through!(self.faults, &CALL, self.port.add(add.clone())) }).await
    }
}

#[async_trait]
impl Tasks for Before<dyn Tasks> {
    async fn leave(&self, tasks: Vec<Left>) -> Result<(), FlowError> {
        calling!(self.faults, &MESSAGE, |fault| self.port.leave(self.in_order(fault, &tasks)))
    }
}

impl Before<dyn Tasks> {
    /// Messages of standard queues overtake one another; those of FIFO queues do not.
    fn in_order(&self, fault: Option<Fault>, tasks: &[Left]) -> Vec<Left> {
        let mut tasks = tasks.to_vec();
        if fault == Some(Fault::Reorder) && tasks.iter().all(|left| !left.task.queue().is_fifo()) {
            for left in &mut tasks {
                left.delay_seconds = (left.delay_seconds + self.faults.a_few()).min(900);
            }
            self.faults.shuffle(&mut tasks);
        }
        tasks
    }
}

#[async_trait]
impl DeadLetters for Before<dyn DeadLetters> {
    async fn list(&self, queue: Queue, limit: usize) -> Result<Vec<DeadLetter>, FlowError> {
        calling!(self.faults, &CALL, self.port.list(queue, limit))
    }

    async fn replay(&self, queue: Queue, id: &str) -> Result<bool, FlowError> {
        calling!(self.faults, &CALL, self.port.replay(queue, id))
    }

    async fn discard(&self, queue: Queue, id: &str) -> Result<bool, FlowError> {
        calling!(self.faults, &CALL, self.port.discard(queue, id))
    }

    async fn sift(&self, queue: Queue, sieve: &dyn Sieve) -> Result<Sifted, FlowError> {
        calling!(self.faults, &CALL, self.port.sift(queue, sieve))
    }
}

#[async_trait]
impl Depths for Before<dyn Depths> {
    async fn depth(&self, queue: Queue) -> Result<Depth, FlowError> {
        calling!(self.faults, &CALL, self.port.depth(queue))
    }
}

#[async_trait]
impl Mailer for Before<dyn Mailer> {
    async fn send(&self, mail: Mail) -> Result<(), FlowError> {
        calling!(self.faults, &TWICE, self.port.send(mail.clone()))
    }
}

#[async_trait]
impl Sockets for Before<dyn Sockets> {
    async fn send(&self, socket: &SocketId, text: &str) -> Result<Sending, FlowError> {
        calling!(self.faults, &TWICE, self.port.send(socket, text))
    }

    async fn close(&self, socket: &SocketId) -> Result<(), FlowError> {
        calling!(self.faults, &TWICE, self.port.close(socket))
    }
}

#[async_trait]
impl Web for Before<dyn Web> {
    async fn ask(&self, ask: Ask) -> Result<Told, FlowError> {
        calling!(self.faults, &CALL, self.port.ask(ask.clone()))
    }
}

#[async_trait]
impl SecretBox for Before<dyn SecretBox> {
    async fn open(&self) -> Result<Arc<Secrets>, FlowError> {
        calling!(self.faults, &CALL, self.port.open())
    }
}

#[async_trait]
impl KeyWrap for Before<dyn KeyWrap> {
    async fn generate(&self, tenant: TenantId) -> Result<(DataKey, Vec<u8>), FlowError> {
        calling!(self.faults, &CALL, self.port.generate(tenant))
    }

    async fn unwrap(&self, tenant: TenantId, wrapped: &[u8]) -> Result<DataKey, FlowError> {
        calling!(self.faults, &CALL, self.port.unwrap(tenant, wrapped))
    }
}

#[async_trait]
impl Files for Before<dyn Files> {
    async fn link_to_bring(&self, name: FileName, bytes: u64, valid: Duration) -> Result<String, FlowError> {
        calling!(self.faults, &CALL, self.port.link_to_bring(name, bytes, valid))
    }

    async fn link_to_take(&self, name: FileName, called: &str, valid: Duration) -> Result<String, FlowError> {
        calling!(self.faults, &CALL, self.port.link_to_take(name, called, valid))
    }

    async fn bytes(&self, name: FileName) -> Result<Option<u64>, FlowError> {
        calling!(self.faults, &CALL, self.port.bytes(name))
    }

    async fn mark(&self, name: FileName) -> Result<Option<String>, FlowError> {
        calling!(self.faults, &CALL, self.port.mark(name))
    }

    async fn read(&self, name: FileName, from: u64, bytes_max: usize) -> Result<Vec<u8>, FlowError> {
        calling!(self.faults, &CALL, self.port.read(name, from, bytes_max))
    }

    async fn read_marked(
        &self,
        name: FileName,
        mark: &str,
        from: u64,
        bytes_max: usize,
    ) -> Result<Option<Vec<u8>>, FlowError> {
        calling!(self.faults, &CALL, self.port.read_marked(name, mark, from, bytes_max))
    }

    async fn write(&self, name: FileName, bytes: Vec<u8>) -> Result<(), FlowError> {
        calling!(self.faults, &TWICE, self.port.write(name, bytes.clone()))
    }

    async fn begin(&self, name: FileName) -> Result<Writing, FlowError> {
        calling!(self.faults, &TWICE, self.port.begin(name))
    }

    async fn add(&self, writing: &mut Writing, bytes: Vec<u8>) -> Result<(), FlowError> {
        *writing = self.with_part(writing, &bytes).await?;
        Ok(())
    }

    async fn finish(&self, writing: Writing) -> Result<(), FlowError> {
        calling!(self.faults, &TWICE, self.port.finish(writing.clone()))
    }

    async fn remove(&self, name: FileName) -> Result<(), FlowError> {
        calling!(self.faults, &TWICE, self.port.remove(name))
    }
}

impl Before<dyn Files> {
    /// Who hears nothing of a part holds the writing as it was.
    async fn with_part(&self, writing: &Writing, bytes: &[u8]) -> Result<Writing, FlowError> {
        calling!(self.faults, &TWICE, async {
            let mut longer = writing.clone();
            self.port.add(&mut longer, bytes.to_vec()).await?;
            Ok::<_, FlowError>(longer)
        })
    }
}

#[async_trait]
impl SignInProvider for Before<dyn SignInProvider> {
    async fn authorize_url(&self, ask: &SignInAsk) -> Result<Option<String>, FlowError> {
        calling!(self.faults, &CALL, self.port.authorize_url(ask))
    }

    async fn redeem(&self, code: &str, verifier: &str, redirect_uri: &str) -> Result<String, FlowError> {
        calling!(self.faults, &CALL, self.port.redeem(code, verifier, redirect_uri))
    }

    async fn verify(
        &self,
        id_token: &str,
        nonce: Option<&str>,
        now: Timestamp,
    ) -> Result<Identity, FlowError> {
        calling!(self.faults, &CALL, self.port.verify(id_token, nonce, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{World, faults::crash};
    use domain::JobId;
    use flows::files::{FilePart, PART_BYTES_MIN};

    /// Until there is an answer.
    async fn insist<T>(call: impl AsyncFn() -> Result<T, FlowError>) -> T {
        loop {
            match crash::watched(call()).await {
                Some(Ok(answer)) => return answer,
                Some(Err(error)) => assert!(matches!(error, FlowError::Unavailable(_)), "{error:?}"),
                None => {}
            }
        }
    }

    #[tokio::test]
    async fn a_file_that_is_written_under_faults_is_whole() {
        let world = World::new(3).await;
        let (faults, port) = (Faults::new(3), world.files.clone() as Arc<dyn Files>);
        faults.storm(500);
        let files = Before { port, faults: faults.clone() };
        for number in 0..20 {
            let (tenant, job) = (
                TenantId::new(Timestamp::UNIX_EPOCH, [1; 10]),
                JobId::new(Timestamp::UNIX_EPOCH, [number; 10]),
            );
            let name = FileName::Job { tenant, job, part: FilePart::Taken };
            let mut writing = insist(async || files.begin(name).await).await;
            for part in [vec![1; PART_BYTES_MIN], vec![2; PART_BYTES_MIN], vec![3]] {
                writing = insist(async || {
                    let mut longer = writing.clone();
                    let added = files.add(&mut longer, part.clone()).await;
                    assert!(added.is_ok() || longer == writing, "what failed left the writing as it was");
                    added.map(|()| longer)
                })
                .await;
            }
            insist(async || files.finish(writing.clone()).await).await;
            let length = insist(async || files.bytes(name).await).await;
            assert_eq!(length, Some(2 * PART_BYTES_MIN as u64 + 1));
            let around = insist(async || files.read(name, PART_BYTES_MIN as u64 - 1, 2).await).await;
            assert_eq!(around, [1, 2]);
            insist(async || files.remove(name).await).await;
            assert_eq!(insist(async || files.bytes(name).await).await, None);
        }
        assert!(faults.happened().len() >= 6, "there was a storm: {:?}", faults.happened());
    }
}
