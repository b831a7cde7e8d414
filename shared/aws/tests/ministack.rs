//! The contracts of table, queues and files, mail, secrets and keys on `ministack`. Run through
//! `shared/aws/tests/emulators`, which starts one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bench;
mod buckets;
mod queues;

use aws::{AwsIdentities, Clients, KmsKeys, SecretsManagerBox, SesCarrier, SesMailer, SesTenants, SnsTexter};
use aws_types::SdkConfig;
use buckets::OnS3;
use domain::{Mailbox, TenantId, Timestamp, sender::Identity};
use flows::{
    Answer, Carrier, Clock, DeadLetter, FlowError, Identities, KeyWrap, Letter, Mail, Mailer, SecretBox,
    Secrets, Sieve, Texter,
    carrying::contract::{letter, short},
    clock::SystemDice,
    contract::{self, Bench},
    files,
};
use queues::OnSqs;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

fn config() -> SdkConfig {
    bench::config(&ministack())
}

#[expect(clippy::disallowed_methods, reason = "the script that starts the emulator tells where it is")]
fn ministack() -> String {
    std::env::var("REGULARS_MINISTACK")
        .expect("these tests need an emulator: shared/aws/tests/emulators cargo test -p aws --test ministack")
}

#[tokio::test]
async fn the_table_keeps_the_contract() {
    let table = bench::empty_table(&config(), "contract").await;
    store::contract::check(Arc::new(table), "ministack").await;
}

#[tokio::test]
async fn a_standard_queue_keeps_the_contract() {
    let config = config();
    contract::check(async || OnSqs::new(&config, false).await).await;
}

#[tokio::test]
async fn a_fifo_queue_keeps_the_contract() {
    let config = config();
    contract::check(async || OnSqs::new(&config, true).await).await;
}

/// More than one call goes into: the next one sees the rest, and nothing is hidden once all were seen.
#[tokio::test]
async fn any_number_of_dead_letters_is_sifted() {
    struct Odd(AtomicI64);
    #[async_trait::async_trait]
    impl Sieve for Odd {
        async fn is_to_go(&self, letter: &DeadLetter) -> Result<bool, FlowError> {
            self.0.fetch_add(1, Ordering::SeqCst);
            Ok(letter.body.parse::<u32>().unwrap() % 2 == 1)
        }
    }
    const LETTERS: u32 = 2_600;
    let queue = OnSqs::new(&config(), false).await;
    queue.give_up((0..LETTERS).map(|number| number.to_string())).await;
    let (dead, sieve) = (queue.dead_letters(), Odd(AtomicI64::new(0)));
    let (mut gone, mut stayed) = (0, 0);
    for call in 0.. {
        let sifted = dead.sift(queue.queue(), &sieve).await.unwrap();
        gone += sifted.gone;
        stayed += sifted.stayed;
        assert!(call < 10 && (sifted.hidden.is_some() || sifted.gone > 0), "each call goes on: {sifted:?}");
        if let Some(hidden) = sifted.hidden {
            assert!(call > 0, "one call does not suffice for as many");
            assert_eq!(
                (hidden, stayed),
                (u64::from(LETTERS / 2), u64::from(LETTERS / 2)),
                "nobody else looks"
            );
            break;
        }
    }
    assert_eq!(
        (gone, sieve.0.load(Ordering::SeqCst)),
        (u64::from(LETTERS / 2), i64::from(LETTERS)),
        "each once"
    );
    assert_eq!(queue.failed().await, usize::try_from(LETTERS / 2).unwrap());
}

/// What somebody else looks at is not shown, and that is told.
#[tokio::test]
async fn what_others_look_at_while_dead_letters_are_sifted_is_told_to_be_hidden() {
    struct Nobody;
    #[async_trait::async_trait]
    impl Sieve for Nobody {
        async fn is_to_go(&self, _: &DeadLetter) -> Result<bool, FlowError> {
            Ok(false)
        }
    }
    let queue = OnSqs::new(&config(), false).await;
    queue.give_up((0..15).map(|number| number.to_string())).await;
    let looked_at = queue.looked_at().await;
    let sifted = queue.dead_letters().sift(queue.queue(), &Nobody).await.unwrap();
    assert!(looked_at > 0 && sifted.stayed == 15 - looked_at, "{sifted:?}");
    assert_eq!(sifted.hidden, Some(15));
}

/// Whoever cannot decide has hidden nothing.
#[tokio::test]
async fn what_could_not_be_sifted_is_there_at_once() {
    struct Undecided;
    #[async_trait::async_trait]
    impl Sieve for Undecided {
        async fn is_to_go(&self, _: &DeadLetter) -> Result<bool, FlowError> {
            Err(FlowError::unavailable("its file cannot be read now"))
        }
    }
    let queue = OnSqs::new(&config(), false).await;
    queue.give_up((0..15).map(|number| number.to_string())).await;
    assert!(queue.dead_letters().sift(queue.queue(), &Undecided).await.is_err());
    assert_eq!(queue.dead_letters().list(queue.queue(), 100).await.unwrap().len(), 15);
}

#[tokio::test]
async fn files_keep_the_contract() {
    files::contract::check(&OnS3::new(&config(), "contract").await).await;
}

#[tokio::test]
async fn mail_goes_out() {
    let config = config();
    let ses = aws_sdk_sesv2::Client::new(&config);
    ses.create_email_identity().email_identity("hello@crm.test").send().await.unwrap();
    let mailer = SesMailer::new(Clients::with(config), "hello@crm.test");
    let mail = Mail {
        to: "ada@example.com".into(),
        subject: "Größe".into(),
        text: "one\ntwo".into(),
        about: "invitation:01ABC".into(),
    };
    mailer.send(mail).await.unwrap();
    let seen = fetch(&format!("{}/_ministack/ses/messages", ministack())).await;
    assert!(seen.contains("ada@example.com") && seen.contains("hello@crm.test"), "{seen}");
}

/// A domain is made known, its shop becomes a tenant, and its letter goes out by both; afterwards it is a stranger's.
#[tokio::test]
async fn a_shop_writes_in_its_own_name_and_as_a_tenant_of_its_own() {
    let config = config();
    let set = "sending";
    let ses = aws_sdk_sesv2::Client::new(&config);
    ses.create_configuration_set().configuration_set_name(set).send().await.unwrap();
    let clients = Clients::with(config);
    let arn = "arn:aws:ses:us-east-1:000000000000".to_owned();
    let tenants = || Some(SesTenants { clients: clients.clone(), arn: arn.clone() });
    let configuration_set = Some(set.to_owned());
    let identities = AwsIdentities {
        clients: clients.clone(),
        configuration_set: configuration_set.clone(),
        tenants: tenants(),
    };
    let carrier = SesCarrier { clients: clients.clone(), configuration_set, has_tenants: true };
    let domain = Identity::Domain("shop.test".parse().unwrap());
    let from = Mailbox { name: None, address: "news@shop.test".parse().unwrap() };
    let letter = Letter { from, ..letter() };
    let nobody = carrier.carry(&letter).await;
    assert!(matches!(nobody, Answer::Refused { .. }), "there is no such tenant yet: {nobody:?}");
    assert_eq!(identities.check(letter.tenant, &domain).await.unwrap(), None);
    for _ in 0..2 {
        let registered = identities.register(letter.tenant, &domain).await.unwrap();
        assert!(registered.records.iter().any(|record| record.name.ends_with("._domainkey.shop.test")));
    }
    let taken = carrier.carry(&letter).await;
    assert!(matches!(taken, Answer::Accepted { .. }), "{taken:?}");
    for _ in 0..2 {
        identities.forget(letter.tenant, &domain).await.unwrap();
    }
    assert_eq!(identities.check(letter.tenant, &domain).await.unwrap(), None);
    let after = carrier.carry(&letter).await;
    assert!(matches!(after, Answer::Refused { .. }), "{after:?}");
}

#[tokio::test]
async fn a_text_goes_to_its_telephone() {
    let short = short();
    let sent = SnsTexter::new(Clients::with(config())).text(&short).await;
    assert!(matches!(sent, Answer::Accepted { .. }), "{sent:?}");
    let seen = fetch(&format!("{}/_ministack/sns/sms-messages", ministack())).await;
    let (_, seen) = seen.split_once("\r\n\r\n").unwrap();
    let seen: serde_json::Value = serde_json::from_str(seen).unwrap();
    assert_eq!(seen["sms_messages"][short.to.as_str()][0]["Message"], short.text.as_str(), "{seen}");
}

/// Seconds since 1970, set by hand.
struct Hand(AtomicI64);

#[async_trait::async_trait]
impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }

    async fn pause(&self, _: std::time::Duration) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn secrets_are_kept_for_five_minutes_and_then_read_anew() {
    let config = config();
    let service = aws_sdk_secretsmanager::Client::new(&config);
    let document = |kid: &str| Secrets::generate(&SystemDice, kid);
    service.create_secret().name("boxed").secret_string(document("first")).send().await.unwrap();
    let clock = Arc::new(Hand(AtomicI64::new(1_000)));
    let secrets = SecretsManagerBox::new(Clients::with(config), "boxed", clock.clone());
    let kid = async || secrets.open().await.unwrap().tokens[0].kid.clone();
    assert_eq!(kid().await, "first");
    service.put_secret_value().secret_id("boxed").secret_string(document("second")).send().await.unwrap();
    clock.0.fetch_add(299, Ordering::SeqCst);
    assert_eq!(kid().await, "first", "kept");
    clock.0.fetch_add(2, Ordering::SeqCst);
    assert_eq!(kid().await, "second", "a rotated key arrives by itself");
    service.delete_secret().secret_id("boxed").force_delete_without_recovery(true).send().await.unwrap();
    clock.0.fetch_add(301, Ordering::SeqCst);
    assert_eq!(kid().await, "second", "what is held goes on serving while the service does not");
}

#[tokio::test]
async fn secrets_that_are_no_document_are_our_fault() {
    let config = config();
    let service = aws_sdk_secretsmanager::Client::new(&config);
    service.create_secret().name("broken").secret_string("hunter2").send().await.unwrap();
    let clock = Arc::new(Hand(AtomicI64::new(1_000)));
    let told = SecretsManagerBox::new(Clients::with(config.clone()), "broken", clock.clone()).open().await;
    assert!(
        matches!(&told, Err(FlowError::Broken(cause)) if !format!("{cause:?}").contains("hunter2")),
        "{told:?}"
    );
    let missing = SecretsManagerBox::new(Clients::with(config), "nothing", clock).open().await;
    assert!(matches!(missing, Err(FlowError::Unavailable(_))), "{missing:?}");
}

#[tokio::test]
async fn a_data_key_opens_for_its_tenant_only() {
    let config = config();
    let made = aws_sdk_kms::Client::new(&config).create_key().send().await.unwrap();
    let key_id = made.key_metadata.unwrap().key_id;
    let clock: Arc<dyn Clock> = Arc::new(Hand(AtomicI64::new(1_000)));
    let fresh = || KmsKeys::new(Clients::with(config.clone()), key_id.clone(), clock.clone());
    let tenant = |number| TenantId::new(Timestamp::UNIX_EPOCH, [number; 10]);
    let (key, wrapped) = fresh().generate(tenant(1)).await.unwrap();
    assert_eq!(fresh().unwrap(tenant(1), &wrapped).await.unwrap().0, key.0);
    assert!(!wrapped.windows(32).any(|window| window == key.0), "it is wrapped");
    let foreign = fresh().unwrap(tenant(2), &wrapped).await;
    assert!(foreign.is_err(), "bound to its tenant");
}

/// What a plain GET on loopback answers.
async fn fetch(url: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut socket = tokio::net::TcpStream::connect(host).await.unwrap();
    let request = format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    answer
}
