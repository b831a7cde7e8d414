//! Configuration: read once, here, from the environment that `template.yaml` sets.
//!
//! A setting that is missing or malformed stops the start with a sentence that names it. No setting is a secret:
//! those are in Secrets Manager, and `SECRET_ID` says where.

use std::{collections::BTreeMap, sync::Arc};

use aws::{Clients, DynamoTable, KmsKeys, SecretsManagerBox, SesMailer, SqsTasks};
use domain::Queue;
use flows::{
    Clock, Dice, KeyWrap, Mailer, SecretBox, SignInProvider, Tasks,
    clock::{SystemClock, SystemDice},
    tokens::ACCESS_SECONDS_MAX,
};
use store::Store;
use vendors::{Endpoints, Google};

/// Every setting that any function reads. `template.yaml` sets these and no others; a test compares them.
pub const SETTINGS: [&str; 8] = [
    "ACCESS_SECONDS",
    "ALLOWED_ORIGINS",
    "KEY_ID",
    "MAIL_FROM",
    "ORIGIN",
    "QUEUE_NOTIFY_URL",
    "SECRET_ID",
    "TABLE_NAME",
];

/// What a function is given, and the adapters made from it. Nothing is asked of AWS before its first use.
pub struct Env {
    settings: BTreeMap<String, String>,
    clients: Clients,
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
        Self { settings: told.collect(), clients: Clients::from_environment() }
    }

    /// For tests: these settings and no others.
    pub fn from_pairs(pairs: &[(&str, &str)]) -> Self {
        let settings = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { settings, clients: Clients::from_environment() }
    }

    pub fn store(&self) -> Result<Store, BadSetting> {
        let name = self.needed("TABLE_NAME", "is the name of the table")?;
        Ok(Store::new(Arc::new(DynamoTable::new(self.clients.clone(), name))))
    }

    pub fn tasks(&self) -> Result<Arc<dyn Tasks>, BadSetting> {
        let mut urls = BTreeMap::new();
        for queue in Queue::ALL {
            let name = format!("QUEUE_{}_URL", queue.name().to_uppercase());
            urls.insert(queue, self.url(&name)?);
        }
        Ok(Arc::new(SqsTasks::new(self.clients.clone(), urls, self.dice())))
    }

    pub fn mailer(&self) -> Result<Arc<dyn Mailer>, BadSetting> {
        let from = self.needed("MAIL_FROM", "is the address that our mail comes from")?;
        if !from.contains('@') {
            return Err(bad("MAIL_FROM", "must be a mail address that SES has verified"));
        }
        Ok(Arc::new(SesMailer::new(self.clients.clone(), from)))
    }

    pub fn secrets(&self) -> Result<Arc<dyn SecretBox>, BadSetting> {
        let id = self.needed("SECRET_ID", "is the name or ARN of the secret")?;
        Ok(Arc::new(SecretsManagerBox::new(self.clients.clone(), id, self.clock())))
    }

    pub fn keys(&self) -> Result<Arc<dyn KeyWrap>, BadSetting> {
        let id = self.needed("KEY_ID", "is the id or ARN of the KMS key")?;
        Ok(Arc::new(KmsKeys::new(self.clients.clone(), id, self.clock())))
    }

    pub fn google(&self) -> Result<Arc<dyn SignInProvider>, BadSetting> {
        Ok(Arc::new(Google::new(Endpoints::google(), self.secrets()?)))
    }

    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }

    pub fn dice(&self) -> Arc<dyn Dice> {
        Arc::new(SystemDice)
    }

    /// Where people reach us, without a slash at the end.
    pub fn origin(&self) -> Result<String, BadSetting> {
        let origin = self.url("ORIGIN")?;
        if origin.matches('/').count() != 2 {
            return Err(bad("ORIGIN", "must be scheme and host only, such as https://crm.example.com"));
        }
        Ok(origin)
    }

    /// Separated by commas; none unless told.
    pub fn allowed_origins(&self) -> Vec<String> {
        let told = self.settings.get("ALLOWED_ORIGINS").map_or("", String::as_str);
        told.split(',').map(str::trim).filter(|origin| !origin.is_empty()).map(str::to_owned).collect()
    }

    /// 900 unless told.
    pub fn access_seconds(&self) -> Result<u32, BadSetting> {
        let Some(told) = self.settings.get("ACCESS_SECONDS") else { return Ok(ACCESS_SECONDS_MAX) };
        let seconds = told.parse().ok().filter(|seconds| (1..=ACCESS_SECONDS_MAX).contains(seconds));
        seconds
            .ok_or_else(|| bad("ACCESS_SECONDS", &format!("must be a number from 1 to {ACCESS_SECONDS_MAX}")))
    }

    fn url(&self, name: &str) -> Result<String, BadSetting> {
        let url = self.needed(name, "is a URL")?;
        let is_url = url.starts_with("https://") || url.starts_with("http://");
        if is_url && !url.ends_with('/') {
            Ok(url)
        } else {
            Err(bad(name, "must be a URL without a slash at the end"))
        }
    }

    fn needed(&self, name: &str, what: &str) -> Result<String, BadSetting> {
        let told = self.settings.get(name).filter(|value| !value.trim().is_empty());
        told.cloned().ok_or_else(|| bad(name, &format!("is missing: it {what}")))
    }
}

fn bad(name: &str, problem: &str) -> BadSetting {
    BadSetting { name: name.to_owned(), problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_or_malformed_setting_is_told_by_name() {
        fn check<T>(told: Result<T, BadSetting>, sentence: &str) {
            assert_eq!(told.err().map(|error| error.to_string()).as_deref(), Some(sentence));
        }
        let empty = Env::from_pairs(&[]);
        check(empty.store(), "the setting TABLE_NAME is missing: it is the name of the table");
        check(empty.tasks(), "the setting QUEUE_NOTIFY_URL is missing: it is a URL");
        check(empty.secrets(), "the setting SECRET_ID is missing: it is the name or ARN of the secret");
        check(empty.google(), "the setting SECRET_ID is missing: it is the name or ARN of the secret");
        check(empty.keys(), "the setting KEY_ID is missing: it is the id or ARN of the KMS key");
        check(empty.mailer(), "the setting MAIL_FROM is missing: it is the address that our mail comes from");
        let wrong = Env::from_pairs(&[
            ("ORIGIN", "https://crm.example.com/app"),
            ("ACCESS_SECONDS", "901"),
            ("MAIL_FROM", "nobody"),
            ("QUEUE_NOTIFY_URL", "notify"),
        ]);
        check(
            wrong.origin(),
            "the setting ORIGIN must be scheme and host only, such as https://crm.example.com",
        );
        check(wrong.access_seconds(), "the setting ACCESS_SECONDS must be a number from 1 to 900");
        check(wrong.mailer(), "the setting MAIL_FROM must be a mail address that SES has verified");
        check(wrong.tasks(), "the setting QUEUE_NOTIFY_URL must be a URL without a slash at the end");
    }

    #[test]
    fn what_is_told_is_taken() {
        let env = Env::from_pairs(&[
            ("ORIGIN", "https://crm.example.com"),
            ("ALLOWED_ORIGINS", "https://a.test, https://b.test,"),
            ("ACCESS_SECONDS", "60"),
        ]);
        assert_eq!(env.origin().unwrap(), "https://crm.example.com");
        assert_eq!(env.allowed_origins(), ["https://a.test", "https://b.test"]);
        assert_eq!(env.access_seconds().unwrap(), 60);
        assert_eq!(Env::from_pairs(&[]).access_seconds().unwrap(), 900);
    }

    #[test]
    fn every_queue_has_its_setting() {
        for queue in Queue::ALL {
            let name = format!("QUEUE_{}_URL", queue.name().to_uppercase());
            assert!(SETTINGS.contains(&name.as_str()), "{name}");
        }
    }
}
