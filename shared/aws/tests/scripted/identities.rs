//! In whose name shops write, as SES and SNS tell it.

use aws::{AwsIdentities, SesTenants};
use domain::{
    Standing, TenantId, Timestamp,
    sender::{DnsRecord, Identity, RecordKind},
};
use flows::{FlowError, Identities};
use serde_json::{Value, json};

use crate::server::{Answer, Server, done, fails, refuses};

async fn identities(answers: impl Into<Vec<Answer>>) -> (Server, AwsIdentities) {
    let server = Server::with(answers).await;
    let configuration_set = Some("regulars".to_owned());
    let identities = AwsIdentities { clients: server.clients(), configuration_set, tenants: None };
    (server, identities)
}

fn tenant() -> TenantId {
    TenantId::new(Timestamp::UNIX_EPOCH, [1; 10])
}

fn shop() -> Identity {
    Identity::Domain("shop.test".parse().unwrap())
}

fn told(status: &str, may_send: bool) -> Answer {
    done(json!({
        "IdentityType": "DOMAIN",
        "VerificationStatus": status,
        "VerifiedForSendingStatus": may_send,
        "DkimAttributes": { "Tokens": ["a", "b"], "Status": status },
    }))
}

fn missing() -> Answer {
    Answer::Says(404, json!({ "__type": "NotFoundException", "message": "hunter2" }))
}

#[tokio::test]
async fn a_domain_is_made_known_and_what_is_to_stand_in_its_dns_is_told() {
    let (server, identities) = identities([done(json!({})), told("PENDING", false)]).await;
    let checked = identities.register(tenant(), &shop()).await.unwrap();
    assert_eq!(
        server.asked()[0],
        json!({ "EmailIdentity": "shop.test", "ConfigurationSetName": "regulars" })
    );
    let record =
        |kind, name: &str, value: &str| DnsRecord { kind, name: name.to_owned(), value: value.to_owned() };
    let expected = [
        record(RecordKind::Cname, "a._domainkey.shop.test", "a.dkim.amazonses.com"),
        record(RecordKind::Cname, "b._domainkey.shop.test", "b.dkim.amazonses.com"),
        record(RecordKind::Txt, "_dmarc.shop.test", "v=DMARC1; p=none;"),
    ];
    assert_eq!((checked.standing, checked.records.as_slice()), (Standing::Pending, &expected[..]));
}

#[tokio::test]
async fn one_that_is_known_is_checked() {
    let answers = [refuses("AlreadyExistsException"), told("SUCCESS", true)];
    let (_server, identities) = identities(answers).await;
    assert_eq!(identities.register(tenant(), &shop()).await.unwrap().standing, Standing::Verified);
}

#[tokio::test]
async fn it_stands_as_ses_says_and_what_is_not_there_is_not() {
    for (status, may_send, expected) in [
        ("SUCCESS", true, Standing::Verified),
        ("SUCCESS", false, Standing::Pending),
        ("PENDING", true, Standing::Pending),
        ("TEMPORARY_FAILURE", true, Standing::Pending),
        ("FAILED", false, Standing::Failed),
    ] {
        let (_server, identities) = identities([told(status, may_send)]).await;
        let one = Identity::Address("news@shop.test".parse().unwrap());
        let checked = identities.check(tenant(), &one).await.unwrap().unwrap();
        assert_eq!((checked.standing, checked.records.len()), (expected, 0), "{status}");
    }
    let (_server, gone) = identities([missing()]).await;
    assert_eq!(gone.check(tenant(), &shop()).await.unwrap(), None);
    gone.forget(tenant(), &shop()).await.unwrap();
    let (_server, away) = identities([fails()]).await;
    assert!(matches!(away.forget(tenant(), &shop()).await, Err(FlowError::Unavailable(_))));
    let (_server, refused) = identities([refuses("BadRequestException")]).await;
    let told = refused.register(tenant(), &shop()).await;
    assert!(matches!(told, Err(FlowError::Invalid(_))), "{told:?}");
    assert!(!format!("{told:?}").contains("hunter2"), "{told:?}");
}

#[tokio::test]
async fn a_number_is_the_accounts_or_it_is_not() {
    let page = |number: &str, next: &str| {
        Answer::Says(
            200,
            Value::String(format!(
                "<ListOriginationNumbersResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\
                 <ListOriginationNumbersResult><PhoneNumbers><member><PhoneNumber>{number}</PhoneNumber></member>\
                 </PhoneNumbers>{next}</ListOriginationNumbersResult></ListOriginationNumbersResponse>"
            )),
        )
    };
    let number = Identity::Number("+14155552671".parse().unwrap());
    let more = "<NextToken>more</NextToken>";
    let pages = [page("+14155550000", more), page("+14155552671", "")];
    let (server, identities_) = identities(pages).await;
    assert_eq!(identities_.register(tenant(), &number).await.unwrap().standing, Standing::Verified);
    assert_eq!(server.asked().len(), 2);
    let (_server, others) = identities([page("+14155550000", "")]).await;
    assert_eq!(others.register(tenant(), &number).await.unwrap().standing, Standing::Pending);
}

/// As above, in an account whose shops are tenants.
async fn with_tenants(answers: impl Into<Vec<Answer>>) -> (Server, AwsIdentities) {
    let (server, identities) = identities(answers).await;
    let tenants = SesTenants { clients: server.clients(), arn: "arn:aws:ses:us-east-1:1".to_owned() };
    (server, AwsIdentities { tenants: Some(tenants), ..identities })
}

#[tokio::test]
async fn a_shops_first_identity_makes_it_a_tenant_that_sends_by_that_and_nothing_else() {
    let (no_tenant, none, ok) = (missing(), missing(), done(json!({})));
    let answers = [ok.clone(), told("PENDING", false), no_tenant, ok.clone(), ok.clone(), ok.clone()];
    let (server, identities) = with_tenants(answers).await;
    identities.register(tenant(), &shop()).await.unwrap();
    let joined = |what: &str| json!({ "TenantName": tenant(), "ResourceArn": format!("arn:aws:ses:us-east-1:1:{what}") });
    let asked = server.asked();
    assert_eq!(asked[2], joined("identity/shop.test"));
    assert_eq!(asked[3], json!({ "TenantName": tenant() }));
    assert_eq!(asked[4..], [joined("configuration-set/regulars"), joined("identity/shop.test")]);
    // What is there already is there.
    let there = || refuses("AlreadyExistsException");
    let (server, again) = with_tenants([told("SUCCESS", true), there()]).await;
    assert_eq!(again.check(tenant(), &shop()).await.unwrap().unwrap().standing, Standing::Verified);
    assert_eq!(server.asked().len(), 2);
    let (server, half) = with_tenants([told("SUCCESS", true), none, there(), there(), ok]).await;
    assert_eq!(half.check(tenant(), &shop()).await.unwrap().unwrap().standing, Standing::Verified);
    assert_eq!(server.asked().len(), 5);
}

#[tokio::test]
async fn nothing_is_proven_that_the_shops_tenant_may_not_send_by() {
    for failing in 1..5 {
        let mut answers =
            vec![told("SUCCESS", true), missing(), done(json!({})), done(json!({})), done(json!({}))];
        answers[failing] = refuses("AccessDeniedException");
        let (_server, identities) = with_tenants(answers).await;
        let told = identities.check(tenant(), &shop()).await;
        assert!(matches!(told, Err(FlowError::Unavailable(_))), "{failing}: {told:?}");
    }
}

#[tokio::test]
async fn what_is_forgotten_is_no_tenants_any_more() {
    let (server, identities) = with_tenants([done(json!({}))]).await;
    identities.forget(tenant(), &shop()).await.unwrap();
    let parted =
        json!({ "TenantName": tenant(), "ResourceArn": "arn:aws:ses:us-east-1:1:identity/shop.test" });
    assert_eq!(server.asked(), [parted, Value::Null]);
    let (server, gone) = with_tenants([missing()]).await;
    gone.forget(tenant(), &shop()).await.unwrap();
    assert_eq!(server.asked().len(), 2);
    let (_server, away) = with_tenants([fails()]).await;
    assert!(away.forget(tenant(), &shop()).await.is_err());
}
