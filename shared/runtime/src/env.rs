//! Configuration: read once, here, from the environment that `template.yaml` sets.
//!
//! Every setting that is missing or malformed is told by name, all of them at once, and the function does not start.
//! No setting is a secret: those are in Secrets Manager, and `SECRET_ID` says where.

mod sending;
#[cfg(test)]
mod tests;

use std::{cell::RefCell, collections::BTreeMap, sync::Arc};

use aws::{
    Clients, DeadLetterUrls, DynamoTable, GatewaySockets, KmsKeys, S3Files, SecretsManagerBox, SesMailer,
    SqsDeadLetters, SqsDepths, SqsTasks, SqsWaits,
};
use domain::{EmailAddress, Queue};
use flows::{
    Clock, DeadLetters, Desk, Dice, Files, KeyWrap, Mailer, SecretBox, Shops, SignInProvider, Sockets, Tasks,
    Waits,
    clock::{SystemClock, SystemDice},
    shops::Origin,
    tokens::ACCESS_SECONDS_MAX,
};
use store::Store;
use vendors::{Endpoints, Google};

/// Every setting that any function reads. `template.yaml` sets these and no others; a test compares them.
pub const SETTINGS: [&str; 35] = [
    "ACCESS_SECONDS",
    "ALLOWED_ORIGINS",
    "BUCKET",
    "DEAD_AUDIENCE_URL",
    "DEAD_CAMPAIGN_URL",
    "DEAD_IMPORT_URL",
    "DEAD_INGEST_URL",
    "DEAD_NOTIFY_URL",
    "DEAD_RECEIPT_URL",
    "DEAD_SEND_URL",
    "DEAD_SYNC_URL",
    "EVENTS_TOPIC",
    "GOOGLE_AUTHORIZE_URL",
    "GOOGLE_ISSUER",
    "GOOGLE_KEYS_URL",
    "GOOGLE_TOKEN_URL",
    "KEY_ID",
    "LIVE_URL",
    "MAIL_FROM",
    "MESSAGES_PER_SECOND",
    "OPERATORS",
    "ORIGIN",
    "QUEUE_AUDIENCE_URL",
    "QUEUE_CAMPAIGN_URL",
    "QUEUE_IMPORT_URL",
    "QUEUE_INGEST_URL",
    "QUEUE_NOTIFY_URL",
    "QUEUE_RECEIPT_URL",
    "QUEUE_SEND_URL",
    "QUEUE_SYNC_URL",
    "SECRET_ID",
    "SENDING_CONFIGURATION",
    "SES_TENANTS",
    "SHOP_WEBHOOKS",
    "TABLE_NAME",
];

const MESSAGES_PER_SECOND: u32 = 14;
const MESSAGES_PER_SECOND_MAX: u32 = 1_000;

/// What a function is given, and the adapters made from it. Nothing is asked of AWS before its first use.
///
/// What is made from a bad setting is worth nothing: whoever has made everything asks for `problems`.
pub struct Env {
    settings: BTreeMap<String, String>,
    clients: Clients,
    problems: RefCell<Vec<BadSetting>>,
}

/// Why a function does not start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the setting {name} {problem}")]
pub struct BadSetting {
    name: String,
    problem: String,
}

impl Env {
    /// The process's own environment.
    #[expect(clippy::disallowed_methods, reason = "the one place where configuration is read")]
    pub(crate) fn read() -> Self {
        let told = SETTINGS.iter().filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?)));
        Self::new(told.collect(), Clients::from_variables(|name| std::env::var(name).ok()))
    }

    /// For tests: these settings and no others.
    pub fn from_pairs(pairs: &[(&str, &str)]) -> Self {
        let settings = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self::new(settings, Clients::from_variables(|_| None))
    }

    fn new(settings: BTreeMap<String, String>, clients: Clients) -> Self {
        Self { settings, clients, problems: RefCell::default() }
    }

    /// What was wrong with the settings that were asked for, each thing once.
    pub fn problems(&self) -> Vec<BadSetting> {
        self.problems.borrow().clone()
    }

    pub fn store(&self) -> Store {
        let name = self.needed("TABLE_NAME", "is the name of the table");
        Store::new(Arc::new(DynamoTable::new(self.clients.clone(), name)))
    }

    pub fn tasks(&self) -> Arc<dyn Tasks> {
        let urls = Queue::ALL.into_iter().map(|queue| (queue, self.url(&setting("QUEUE", queue)))).collect();
        Arc::new(SqsTasks::new(self.clients.clone(), urls, self.dice()))
    }

    /// Nobody is an operator unless told.
    pub fn desk(&self) -> Desk {
        let urls = |queue| DeadLetterUrls {
            queue: self.url(&setting("QUEUE", queue)),
            dead_letters: self.url(&setting("DEAD", queue)),
        };
        let urls: BTreeMap<_, _> = Queue::ALL.into_iter().map(|queue| (queue, urls(queue))).collect();
        Desk {
            operators: self.operators(),
            depths: Arc::new(SqsDepths::new(self.clients.clone(), urls.clone())),
            dead_letters: Arc::new(SqsDeadLetters::new(self.clients.clone(), urls)),
        }
    }

    /// The queue that calls this function.
    pub(crate) fn waits(&self, function: &str) -> Arc<dyn Waits> {
        let url = self.url(&format!("QUEUE_{}_URL", function.to_uppercase()));
        Arc::new(SqsWaits::new(self.clients.clone(), url))
    }

    /// Of the one queue whose messages hold words of people's.
    pub fn dead_letters(&self) -> Arc<dyn DeadLetters> {
        let queue = Queue::Ingest;
        let urls = DeadLetterUrls {
            queue: self.url(&setting("QUEUE", queue)),
            dead_letters: self.url(&setting("DEAD", queue)),
        };
        Arc::new(SqsDeadLetters::new(self.clients.clone(), BTreeMap::from([(queue, urls)])))
    }

    pub fn files(&self) -> Arc<dyn Files> {
        let bucket = self.needed("BUCKET", "is the name of the bucket");
        Arc::new(S3Files::new(self.clients.clone(), bucket))
    }

    pub fn mailer(&self) -> Arc<dyn Mailer> {
        let from = self.needed("MAIL_FROM", "is the address that our mail comes from");
        self.expect(
            "MAIL_FROM",
            is_address(&from),
            "must be a mail address that SES has verified, without a name",
        );
        Arc::new(SesMailer::new(self.clients.clone(), from))
    }

    pub fn secrets(&self) -> Arc<dyn SecretBox> {
        let id = self.needed("SECRET_ID", "is the name or ARN of the secret");
        Arc::new(SecretsManagerBox::new(self.clients.clone(), id, self.clock()))
    }

    pub fn keys(&self) -> Arc<dyn KeyWrap> {
        let id = self.needed("KEY_ID", "is the id or ARN of the KMS key");
        Arc::new(KmsKeys::new(self.clients.clone(), id, self.clock()))
    }

    pub fn sockets(&self) -> Arc<dyn Sockets> {
        Arc::new(GatewaySockets::new(self.clients.clone(), &self.live_url(), self.clock()))
    }

    /// Google, unless told of another provider of OpenID Connect.
    pub(crate) fn google(&self, secrets: &Arc<dyn SecretBox>) -> Arc<dyn SignInProvider> {
        let google = Endpoints::google();
        let endpoints = Endpoints {
            issuer: self.url_or("GOOGLE_ISSUER", google.issuer),
            authorize_url: self.url_or("GOOGLE_AUTHORIZE_URL", google.authorize_url),
            token_url: self.url_or("GOOGLE_TOKEN_URL", google.token_url),
            keys_url: self.url_or("GOOGLE_KEYS_URL", google.keys_url),
            timeout: google.timeout,
        };
        Arc::new(Google::new(endpoints, secrets.clone(), Arc::new(self.clients.https())))
    }

    pub fn shops(&self, secrets: &Arc<dyn SecretBox>) -> Shops {
        Shops {
            web: Arc::new(self.clients.https()),
            secrets: secrets.clone(),
            clock: self.clock(),
            dice: self.dice(),
            origin: Origin::Shopify,
            told_at: self.told_at(),
        }
    }

    /// Where each shop is asked to tell us. Shopify speaks TLS only.
    fn told_at(&self) -> Option<String> {
        let told = self.told("SHOP_WEBHOOKS")?;
        let is_good = told.starts_with("https://") && is_origin(told);
        self.expect("SHOP_WEBHOOKS", is_good, "must be https:// and a host, without a slash at the end");
        Some(told.to_owned())
    }

    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }

    pub fn dice(&self) -> Arc<dyn Dice> {
        Arc::new(SystemDice)
    }

    /// Where people reach us, without a slash at the end.
    pub fn origin(&self) -> String {
        let origin = self.needed("ORIGIN", "is where people reach us");
        self.expect("ORIGIN", is_origin(&origin), &must_be_origin(&origin));
        origin
    }

    /// Where sockets are opened, without a slash at the end.
    pub fn live_url(&self) -> String {
        let url = self.needed("LIVE_URL", "is where sockets are opened");
        let is_good = url.strip_prefix("wss://").is_some_and(|rest| !rest.is_empty() && !rest.ends_with('/'));
        self.expect("LIVE_URL", is_good, "must be a wss:// URL without a slash at the end");
        url
    }

    /// The topic of SNS at which SES's events are believed; none unless told.
    pub fn events_topic(&self) -> Option<String> {
        let told = self.told("EVENTS_TOPIC")?;
        let is_good = told.starts_with("arn:") && told.contains(":sns:");
        self.expect("EVENTS_TOPIC", is_good, "must be the ARN of a topic of SNS");
        Some(told.to_owned())
    }

    /// Separated by commas; none unless told.
    pub fn allowed_origins(&self) -> Vec<String> {
        let told = self.told("ALLOWED_ORIGINS").unwrap_or_default();
        let origins = told.split(',').map(str::trim).filter(|origin| !origin.is_empty()).map(str::to_owned);
        let origins: Vec<_> = origins.collect();
        for origin in &origins {
            self.expect("ALLOWED_ORIGINS", is_origin(origin), &must_be_origin(origin));
        }
        origins
    }

    /// 900 unless told.
    pub fn access_seconds(&self) -> u32 {
        let Some(told) = self.told("ACCESS_SECONDS") else { return ACCESS_SECONDS_MAX };
        let seconds = told.parse().ok().filter(|seconds| (1..=ACCESS_SECONDS_MAX).contains(seconds));
        let must = format!("must be a number from 1 to {ACCESS_SECONDS_MAX}");
        self.expect("ACCESS_SECONDS", seconds.is_some(), &must);
        seconds.unwrap_or(ACCESS_SECONDS_MAX)
    }

    /// Of all shops together: what SES lets a new account send, unless told.
    pub fn messages_per_second(&self) -> u32 {
        let Some(told) = self.told("MESSAGES_PER_SECOND") else { return MESSAGES_PER_SECOND };
        let messages = told.parse().ok().filter(|messages| (1..=MESSAGES_PER_SECOND_MAX).contains(messages));
        let must = format!("must be a number from 1 to {MESSAGES_PER_SECOND_MAX}");
        self.expect("MESSAGES_PER_SECOND", messages.is_some(), &must);
        messages.unwrap_or(MESSAGES_PER_SECOND)
    }

    /// Mail addresses, separated by commas.
    fn operators(&self) -> Vec<EmailAddress> {
        let told = self.told("OPERATORS").unwrap_or_default();
        let told = told.split(',').map(str::trim).filter(|address| !address.is_empty());
        let parsed: Vec<_> = told.map(str::parse::<EmailAddress>).collect();
        let are_good = parsed.iter().all(Result::is_ok);
        self.expect("OPERATORS", are_good, "must be mail addresses, separated by commas");
        parsed.into_iter().filter_map(Result::ok).collect()
    }

    fn url(&self, name: &str) -> String {
        let url = self.needed(name, "is a URL");
        let is_good = is_url(&url) && !url.ends_with('/');
        self.expect(name, is_good, "must be a URL without a slash at the end");
        url
    }

    fn url_or(&self, name: &str, usual: String) -> String {
        let Some(url) = self.told(name) else { return usual };
        self.expect(name, is_url(url), "must be a URL");
        url.to_owned()
    }

    fn told(&self, name: &str) -> Option<&str> {
        self.settings.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    fn needed(&self, name: &str, what: &str) -> String {
        let told = self.told(name);
        self.expect(name, told.is_some(), &format!("is missing: it {what}"));
        told.unwrap_or_default().to_owned()
    }

    /// One thing about each setting, the first: what is missing is not malformed, too.
    fn expect(&self, name: &str, holds: bool, problem: &str) {
        let mut problems = self.problems.borrow_mut();
        if !holds && !problems.iter().any(|known| known.name == name) {
            problems.push(BadSetting { name: name.to_owned(), problem: problem.to_owned() });
        }
    }
}

/// The setting that says where a queue (`QUEUE`) or its dead letters (`DEAD`) are.
fn setting(of: &str, queue: Queue) -> String {
    format!("{of}_{}_URL", queue.name().to_uppercase())
}

/// As the template's pattern has it.
fn is_address(text: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && !part.contains(['<', '>', ' ']);
    text.split_once('@').is_some_and(|(mailbox, host)| is_part(mailbox) && is_part(host))
}

fn is_url(text: &str) -> bool {
    ["https://", "http://"]
        .iter()
        .any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
}

/// As browsers write one: scheme, host and port, in small letters.
fn is_origin(text: &str) -> bool {
    let is_part = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']')
    };
    is_url(text) && text.split_once("://").is_some_and(|(_, host)| host.bytes().all(is_part))
}

fn must_be_origin(told: &str) -> String {
    format!("must be scheme and host only, such as https://crm.example.com, and not {told:?}")
}
