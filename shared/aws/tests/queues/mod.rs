//! A queue with its dead-letter queue on an emulator, as the contract wants it.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use aws::{Clients, DeadLetterUrls, SqsDeadLetters, SqsDepths, SqsTasks, SqsWaits};
use aws_sdk_sqs::{
    Client,
    types::{MessageSystemAttributeName, QueueAttributeName, SendMessageBatchRequestEntry},
};
use aws_types::SdkConfig;
use domain::Queue;
use flows::{
    DeadLetters, Depths, Tasks, Wait, Waits,
    clock::SystemDice,
    contract::{Bench, Taken},
};

const TRIES: u32 = 3;
static MADE: AtomicU32 = AtomicU32::new(0);

pub(crate) struct OnSqs {
    client: Client,
    url: String,
    dead_url: String,
    tasks: Arc<SqsTasks>,
    dead: Arc<SqsDeadLetters>,
    depths: Arc<SqsDepths>,
    waits: SqsWaits,
    is_fifo: bool,
}

impl OnSqs {
    pub(crate) async fn new(config: &SdkConfig, is_fifo: bool) -> Self {
        let client = Client::new(config);
        let number = MADE.fetch_add(1, Ordering::SeqCst);
        let end = if is_fifo { ".fifo" } else { "" };
        let dead_url = made(&client, &format!("bench-{number}-dead{end}"), is_fifo, None).await;
        let arn =
            client.get_queue_attributes().queue_url(&dead_url).attribute_names(QueueAttributeName::QueueArn);
        let arn = arn.send().await.unwrap().attributes.unwrap()[&QueueAttributeName::QueueArn].clone();
        let redrive = format!("{{\"deadLetterTargetArn\":\"{arn}\",\"maxReceiveCount\":\"{TRIES}\"}}");
        let url = made(&client, &format!("bench-{number}{end}"), is_fifo, Some(redrive)).await;
        let clients = Clients::with(config.clone());
        let urls = BTreeMap::from([(Queue::Notify, url.clone())]);
        let tasks = Arc::new(SqsTasks::new(clients.clone(), urls, Arc::new(SystemDice)));
        let urls = DeadLetterUrls { queue: url.clone(), dead_letters: dead_url.clone() };
        let urls = BTreeMap::from([(Queue::Notify, urls)]);
        let dead = Arc::new(SqsDeadLetters::new(clients.clone(), urls.clone()));
        let depths = Arc::new(SqsDepths::new(clients.clone(), urls));
        let waits = SqsWaits::new(clients, url.clone());
        Self { client, url, dead_url, tasks, dead, depths, waits, is_fifo }
    }

    /// These are dead letters, ten with each call.
    pub(crate) async fn give_up(&self, bodies: impl Iterator<Item = String>) {
        let bodies: Vec<_> = bodies.collect();
        for ten in bodies.chunks(10) {
            let mut asked = self.client.send_message_batch().queue_url(&self.dead_url);
            for (number, body) in ten.iter().enumerate() {
                let entry = SendMessageBatchRequestEntry::builder().id(number.to_string()).message_body(body);
                asked = asked.entries(entry.build().unwrap());
            }
            asked.send().await.unwrap();
        }
    }

    /// How many dead letters somebody has taken just now, and not given back.
    pub(crate) async fn looked_at(&self) -> u64 {
        let asked = self.client.receive_message().queue_url(&self.dead_url);
        let asked = asked.max_number_of_messages(10).visibility_timeout(30);
        asked.send().await.unwrap().messages.unwrap_or_default().len() as u64
    }

    /// Dead letters, hidden or not.
    pub(crate) async fn failed(&self) -> usize {
        use QueueAttributeName::{ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible};
        let names = [ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible];
        let asked = self.client.get_queue_attributes().queue_url(&self.dead_url);
        let told = asked.set_attribute_names(Some(names.to_vec())).send().await.unwrap().attributes.unwrap();
        names.iter().map(|name| told[name].parse::<usize>().unwrap()).sum()
    }
}

async fn made(client: &Client, name: &str, is_fifo: bool, redrive: Option<String>) -> String {
    let mut queue =
        client.create_queue().queue_name(name).attributes(QueueAttributeName::VisibilityTimeout, "30");
    if is_fifo {
        queue = queue.attributes(QueueAttributeName::FifoQueue, "true");
    }
    if let Some(redrive) = redrive {
        queue = queue.attributes(QueueAttributeName::RedrivePolicy, redrive);
    }
    queue.send().await.unwrap().queue_url.unwrap()
}

#[async_trait]
impl Bench for OnSqs {
    fn tasks(&self) -> Arc<dyn Tasks> {
        self.tasks.clone()
    }

    fn dead_letters(&self) -> Arc<dyn DeadLetters> {
        self.dead.clone()
    }

    fn depths(&self) -> Arc<dyn Depths> {
        self.depths.clone()
    }

    fn queue(&self) -> Queue {
        Queue::Notify
    }

    fn tries(&self) -> u32 {
        TRIES
    }

    fn is_fifo(&self) -> bool {
        self.is_fifo
    }

    async fn take(&self) -> Vec<Taken> {
        let asked = self.client.receive_message().queue_url(&self.url).max_number_of_messages(10);
        let asked = asked.message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount);
        let received = asked.send().await.unwrap().messages.unwrap_or_default();
        let taken = received.into_iter().map(|message| {
            let attributes = message.attributes.unwrap_or_default();
            let attempts = &attributes[&MessageSystemAttributeName::ApproximateReceiveCount];
            Taken {
                body: message.body.unwrap(),
                attempts: attempts.parse().unwrap(),
                receipt: message.receipt_handle.unwrap(),
            }
        });
        taken.collect()
    }

    async fn done(&self, taken: Taken) {
        self.client.delete_message().queue_url(&self.url).receipt_handle(taken.receipt).send().await.unwrap();
    }

    async fn again_after(&self, taken: Taken, seconds: u32) {
        self.waits.tell(vec![Wait { receipt: taken.receipt, seconds }]).await.unwrap();
    }

    /// The emulator has a clock of its own: its time is real time.
    async fn pass(&self, seconds: u32) {
        tokio::time::sleep(Duration::from_secs(seconds.into())).await;
    }
}
