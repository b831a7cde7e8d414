//! Templates as they are stored, and that words belong to their edition. A changed snapshot is a migration.

use domain::{
    Template, TemplateId, TenantId, UserId,
    template::{Body, Channel, Words},
};
use std::sync::Arc;
use store::{Store, StoreError, local::LocalTable};

use crate::instants::at;
use crate::shown::shown;

#[tokio::test]
async fn templates_are_kept_so() {
    let table = Arc::new(LocalTable::in_memory());
    let team = Store::new(table.clone()).for_task(TenantId::new(at(0), [1; 10]));
    let by = UserId::new(at(0), [2; 10]);
    let template = Template {
        id: TemplateId::new(at(0), [3; 10]),
        name: "Spring".parse().unwrap(),
        channel: Channel::Email,
        edition: 1,
        created_at: at(0),
        created_by: by,
        updated_at: at(0),
        updated_by: by,
    };
    let words = Words::Email {
        subject: "Hi {{ name }}".to_owned(),
        preheader: String::new(),
        body: Body::Mjml("<mjml></mjml>".to_owned()),
        text: None,
    };
    team.commit(vec![team.template_made(&template, &words)]).await.unwrap();
    let (held, read) = team.template(template.id).await.unwrap().unwrap();
    assert_eq!((&*held, &read), (&template, &words));

    let sms = Words::Sms { text: "Hi {name}".to_owned() };
    let changed = template.changed("Summer".parse().unwrap(), Channel::Sms, by, at(1));
    team.commit(vec![team.template_changed(&held, &changed, &sms)]).await.unwrap();
    let late = team.commit(vec![team.template_changed(&held, &changed, &sms)]).await;
    assert!(matches!(late, Err(StoreError::Conflict(0))), "{late:?}");
    let (held, read) = team.template(template.id).await.unwrap().unwrap();
    assert_eq!((&*held, &read), (&changed, &sms));
    let all = team.templates().await.unwrap();
    assert_eq!(all.iter().map(|held| (**held).clone()).collect::<Vec<_>>(), [changed]);

    insta::assert_snapshot!(table.dump().unwrap().iter().map(shown).collect::<Vec<_>>().join("\n"));

    team.commit(vec![team.template_ended(&held)]).await.unwrap();
    assert!(team.template(held.id).await.unwrap().is_none());
    assert!(table.dump().unwrap().is_empty(), "its words have ended, too");
}
