//! What is told of settings that are missing or malformed, and what is taken of those that are there.

use super::*;

/// Each in a line, in the order of asking.
fn problems(env: &Env) -> String {
    env.problems().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn asked_for_everything(pairs: &[(&str, &str)]) -> Env {
    let env = Env::from_pairs(pairs);
    let _ = (env.store(), env.tasks(), env.files(), env.mailer(), env.keys(), env.proofs(&env.secrets()));
    let _ = env.shops(&env.secrets());
    let _ = (env.origin(), env.allowed_origins(), env.access_seconds(), env.sockets());
    let _ = (env.desk(), env.carriers());
    env
}

#[test]
fn all_that_is_missing_is_told_at_once_and_by_name() {
    let told = problems(&asked_for_everything(&[("ORIGIN", " ")]));
    let expected = "the setting TABLE_NAME is missing: it is the name of the table\n\
         the setting QUEUE_AUDIENCE_URL is missing: it is a URL\n\
         the setting QUEUE_CAMPAIGN_URL is missing: it is a URL\n\
         the setting QUEUE_IMPORT_URL is missing: it is a URL\n\
         the setting QUEUE_INGEST_URL is missing: it is a URL\n\
         the setting QUEUE_NOTIFY_URL is missing: it is a URL\n\
         the setting QUEUE_RECEIPT_URL is missing: it is a URL\n\
         the setting QUEUE_SEND_URL is missing: it is a URL\n\
         the setting QUEUE_SYNC_URL is missing: it is a URL\n\
         the setting BUCKET is missing: it is the name of the bucket\n\
         the setting MAIL_FROM is missing: it is the address that our mail comes from\n\
         the setting KEY_ID is missing: it is the id or ARN of the KMS key\n\
         the setting SECRET_ID is missing: it is the name or ARN of the secret\n\
         the setting SENDING_CONFIGURATION is missing: it is the name of the configuration set that letters go by\n\
         the setting ORIGIN is missing: it is where people reach us\n\
         the setting LIVE_URL is missing: it is where sockets are opened\n\
         the setting DEAD_AUDIENCE_URL is missing: it is a URL\n\
         the setting DEAD_CAMPAIGN_URL is missing: it is a URL\n\
         the setting DEAD_IMPORT_URL is missing: it is a URL\n\
         the setting DEAD_INGEST_URL is missing: it is a URL\n\
         the setting DEAD_NOTIFY_URL is missing: it is a URL\n\
         the setting DEAD_RECEIPT_URL is missing: it is a URL\n\
         the setting DEAD_SEND_URL is missing: it is a URL\n\
         the setting DEAD_SYNC_URL is missing: it is a URL";
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
        ("QUEUE_CAMPAIGN_URL", "https://queues.test/campaign.fifo"),
        ("QUEUE_IMPORT_URL", "https://queues.test/import.fifo"),
        ("QUEUE_INGEST_URL", "https://queues.test/ingest"),
        ("QUEUE_NOTIFY_URL", "notify"),
        ("QUEUE_RECEIPT_URL", "https://queues.test/receipt"),
        ("QUEUE_SEND_URL", "https://queues.test/send"),
        ("QUEUE_SYNC_URL", "https://queues.test/sync"),
        ("DEAD_AUDIENCE_URL", "https://queues.test/audience-dead.fifo"),
        ("DEAD_CAMPAIGN_URL", "https://queues.test/campaign-dead.fifo"),
        ("DEAD_IMPORT_URL", "https://queues.test/import-dead.fifo"),
        ("DEAD_INGEST_URL", "https://queues.test/ingest-dead/"),
        ("DEAD_NOTIFY_URL", "https://queues.test/notify-dead"),
        ("DEAD_RECEIPT_URL", "https://queues.test/receipt-dead"),
        ("DEAD_SEND_URL", "https://queues.test/send-dead"),
        ("DEAD_SYNC_URL", "https://queues.test/sync-dead"),
        ("OPERATORS", "ops@example.com,everybody"),
        ("MAIL_FROM", "nobody"),
        ("GOOGLE_KEYS_URL", "keys"),
        ("SHOP_WEBHOOKS", "http://hooks.test"),
        ("ORIGIN", "https://crm.example.com/app"),
        ("ALLOWED_ORIGINS", "https://a.test,*"),
        ("ACCESS_SECONDS", "901"),
        ("LIVE_URL", "https://live.test/live"),
        ("SENDING_CONFIGURATION", "c"),
        ("SES_TENANTS", "yes"),
    ]));
    let expected = "the setting QUEUE_NOTIFY_URL must be a URL without a slash at the end\n\
         the setting MAIL_FROM must be a mail address that SES has verified, without a name\n\
         the setting GOOGLE_KEYS_URL must be a URL\n\
         the setting SES_TENANTS must be what ARNs of SES begin with: arn:aws:ses:REGION:ACCOUNT\n\
         the setting SHOP_WEBHOOKS must be https:// and a host, without a slash at the end\n\
         the setting ORIGIN must be scheme and host only, such as https://crm.example.com, and not \
         \"https://crm.example.com/app\"\n\
         the setting ALLOWED_ORIGINS must be scheme and host only, such as https://crm.example.com, and not \"*\"\n\
         the setting ACCESS_SECONDS must be a number from 1 to 900\n\
         the setting LIVE_URL must be a wss:// URL without a slash at the end\n\
         the setting DEAD_INGEST_URL must be a URL without a slash at the end\n\
         the setting OPERATORS must be mail addresses, separated by commas";
    assert_eq!(told, expected);
}

#[test]
fn our_mail_comes_from_an_address_without_a_name() {
    assert!(is_address("hello@example.com"));
    for other in ["", "nobody", "@example.com", "hello@", "Regulars <hello@example.com>", "a b@example.com"] {
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
        ("MESSAGES_PER_SECOND", "200"),
        ("OPERATORS", "Ops@Example.com, second@example.com"),
        ("GOOGLE_ISSUER", "https://id.example.com/"),
    ]);
    assert_eq!(env.origin(), "https://crm.example.com");
    assert_eq!(env.allowed_origins(), ["https://a.test", "https://b.test"]);
    assert_eq!((env.access_seconds(), env.messages_per_second()), (60, 200));
    assert_eq!(
        env.operators().iter().map(EmailAddress::as_str).collect::<Vec<_>>(),
        ["ops@example.com", "second@example.com"]
    );
    assert_eq!(env.url_or("GOOGLE_ISSUER", String::new()), "https://id.example.com/");
    assert_eq!(env.problems(), []);
    assert_eq!(Env::from_pairs(&[]).access_seconds(), 900);
    assert_eq!(Env::from_pairs(&[]).messages_per_second(), 14);
    for told in ["0", "1001", "many"] {
        let env = Env::from_pairs(&[("MESSAGES_PER_SECOND", told)]);
        env.messages_per_second();
        assert_eq!(
            problems(&env),
            "the setting MESSAGES_PER_SECOND must be a number from 1 to 1000",
            "{told}"
        );
    }
}

#[test]
fn every_queue_has_its_setting() {
    for queue in Queue::ALL {
        for name in [setting("QUEUE", queue), setting("DEAD", queue)] {
            assert!(SETTINGS.contains(&name.as_str()), "{name}");
        }
    }
}
