//! Configuration: read once, here, from the environment that `template.yaml` sets.
//!
//! Every setting that is missing or malformed is told by name, all of them at once, and the function does not start.
//! No setting is a secret: those are in Secrets Manager, and `SECRET_ID` says where.

use std::{cell::RefCell, collections::BTreeMap, sync::Arc};

use aws::{Clients, DynamoTable, GatewaySockets, KmsKeys, S3Files, SecretsManagerBox, SesMailer, SqsTasks};
use domain::Queue;
use flows::{
    Clock, Dice, Files, KeyWrap, Mailer, SecretBox, Shops, SignInProvider, Sockets, Tasks,
    clock::{SystemClock, SystemDice},
    shops::Origin,
    tokens::ACCESS_SECONDS_MAX,
};
use store::Store;
use vendors::{Endpoints, Google};

/// Every setting that any function reads. `template.yaml` sets these and no others; a test compares them.
pub const SETTINGS: [&str; 17] = [
    "ACCESS_SECONDS",
    "ALLOWED_ORIGINS",
    "BUCKET",
    "GOOGLE_AUTHORIZE_URL",
    "GOOGLE_ISSUER",
    "GOOGLE_KEYS_URL",
    "GOOGLE_TOKEN_URL",
    "KEY_ID",
    "LIVE_URL",
    "MAIL_FROM",
    "ORIGIN",
    "QUEUE_AUDIENCE_URL",
    "QUEUE_IMPORT_URL",
    "QUEUE_INGEST_URL",
    "QUEUE_NOTIFY_URL",
    "SECRET_ID",
    "TABLE_NAME",
];

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
        let url = |queue: Queue| self.url(&format!("QUEUE_{}_URL", queue.name().to_uppercase()));
        let urls = Queue::ALL.into_iter().map(|queue| (queue, url(queue))).collect();
        Arc::new(SqsTasks::new(self.clients.clone(), urls, self.dice()))
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
    pub fn google(&self, secrets: &Arc<dyn SecretBox>) -> Arc<dyn SignInProvider> {
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
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Each in a line, in the order of asking.
    fn problems(env: &Env) -> String {
        env.problems().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    fn asked_for_everything(pairs: &[(&str, &str)]) -> Env {
        let env = Env::from_pairs(pairs);
        let _ = (env.store(), env.tasks(), env.files(), env.mailer(), env.keys(), env.google(&env.secrets()));
        let _ = (env.origin(), env.allowed_origins(), env.access_seconds(), env.sockets());
        env
    }

    #[test]
    fn all_that_is_missing_is_told_at_once_and_by_name() {
        let told = problems(&asked_for_everything(&[("ORIGIN", " ")]));
        let expected = "the setting TABLE_NAME is missing: it is the name of the table\n\
             the setting QUEUE_AUDIENCE_URL is missing: it is a URL\n\
             the setting QUEUE_IMPORT_URL is missing: it is a URL\n\
             the setting QUEUE_INGEST_URL is missing: it is a URL\n\
             the setting QUEUE_NOTIFY_URL is missing: it is a URL\n\
             the setting BUCKET is missing: it is the name of the bucket\n\
             the setting MAIL_FROM is missing: it is the address that our mail comes from\n\
             the setting KEY_ID is missing: it is the id or ARN of the KMS key\n\
             the setting SECRET_ID is missing: it is the name or ARN of the secret\n\
             the setting ORIGIN is missing: it is where people reach us\n\
             the setting LIVE_URL is missing: it is where sockets are opened";
        assert_eq!(told, expected);
    }

    #[test]
    fn all_that_is_malformed_is_told_at_once_and_by_name() {
        let told = problems(&asked_for_everything(&[
            ("TABLE_NAME", "t"),
            ("BUCKET", "b"),
            ("KEY_ID", "k"),
            ("SECRET_ID", "s"),
            ("QUEUE_AUDIENCE_URL", "https://queues.test/audience.fifo"),
            ("QUEUE_IMPORT_URL", "https://queues.test/import.fifo"),
            ("QUEUE_INGEST_URL", "https://queues.test/ingest"),
            ("QUEUE_NOTIFY_URL", "notify"),
            ("MAIL_FROM", "nobody"),
            ("GOOGLE_KEYS_URL", "keys"),
            ("ORIGIN", "https://crm.example.com/app"),
            ("ALLOWED_ORIGINS", "https://a.test,*"),
            ("ACCESS_SECONDS", "901"),
            ("LIVE_URL", "https://live.test/live"),
        ]));
        let expected = "the setting QUEUE_NOTIFY_URL must be a URL without a slash at the end\n\
             the setting MAIL_FROM must be a mail address that SES has verified, without a name\n\
             the setting GOOGLE_KEYS_URL must be a URL\n\
             the setting ORIGIN must be scheme and host only, such as https://crm.example.com, and not \
             \"https://crm.example.com/app\"\n\
             the setting ALLOWED_ORIGINS must be scheme and host only, such as https://crm.example.com, and not \"*\"\n\
             the setting ACCESS_SECONDS must be a number from 1 to 900\n\
             the setting LIVE_URL must be a wss:// URL without a slash at the end";
        assert_eq!(told, expected);
    }

    #[test]
    fn our_mail_comes_from_an_address_without_a_name() {
        assert!(is_address("hello@example.com"));
        for other in
            ["", "nobody", "@example.com", "hello@", "Regulars <hello@example.com>", "a b@example.com"]
        {
            assert!(!is_address(other), "{other}");
        }
    }

    #[test]
    fn an_origin_is_scheme_and_host() {
        for origin in ["https://crm.example.com", "http://localhost:3000", "http://[::1]:8787"] {
            assert!(is_origin(origin), "{origin}");
        }
        for other in [
            "",
            "*",
            "null",
            "crm.example.com",
            "https://",
            "https://crm.example.com/",
            "https://crm.example.com/app",
            "https://crm.example.com?a",
            "https://user@crm.example.com",
            "https://*.example.com",
            "https://CRM.example.com",
            "ftp://crm.example.com",
        ] {
            assert!(!is_origin(other), "{other}");
        }
    }

    #[test]
    fn what_is_told_is_taken() {
        let env = Env::from_pairs(&[
            ("ORIGIN", "https://crm.example.com"),
            ("ALLOWED_ORIGINS", "https://a.test, https://b.test,"),
            ("ACCESS_SECONDS", "60"),
            ("GOOGLE_ISSUER", "https://id.example.com/"),
        ]);
        assert_eq!(env.origin(), "https://crm.example.com");
        assert_eq!(env.allowed_origins(), ["https://a.test", "https://b.test"]);
        assert_eq!(env.access_seconds(), 60);
        assert_eq!(env.url_or("GOOGLE_ISSUER", String::new()), "https://id.example.com/");
        assert_eq!(env.problems(), []);
        assert_eq!(Env::from_pairs(&[]).access_seconds(), 900);
    }

    #[test]
    fn every_queue_has_its_setting() {
        for queue in Queue::ALL {
            let name = format!("QUEUE_{}_URL", queue.name().to_uppercase());
            assert!(SETTINGS.contains(&name.as_str()), "{name}");
        }
    }
}
