//! Which message a text is, by what its provider calls it, as it is stored. A changed snapshot is a migration.

use domain::{CampaignId, TenantId, campaign::MessageId};
use std::sync::Arc;
use store::{Store, local::LocalTable};

use crate::instants::at;
use crate::shown::shown;

#[tokio::test]
async fn what_a_provider_calls_a_text_is_kept_so_for_a_week_and_leads_to_its_own_tenant() {
    let table = Arc::new(LocalTable::in_memory());
    let store = Store::new(table.clone());
    let [team, other] = [1, 3].map(|dice| store.for_task(TenantId::new(at(0), [dice; 10])));
    let message =
        MessageId { tenant: team.id(), campaign: CampaignId::new(at(0), [2; 10]), chunk: 3, place: 7 };
    let step = team.text_called("34d9b400-c6dd-5444-820d-fbeb0f1f54cf", &message, at(0)).unwrap();
    // Whatever a tenant's store is handed, it says so of its own.
    let own = other.text_called("elsewhere_1", &message, at(0)).unwrap();
    store.commit(vec![step, own]).await.unwrap();
    for wrong in [String::new(), "a#b".to_owned(), "a b".to_owned(), "x".repeat(101)] {
        assert_eq!(team.text_called(&wrong, &message, at(0)), None, "{wrong}");
    }
    let mut asked = vec!["nobody", "34d9b400-c6dd-5444-820d-fbeb0f1f54cf", "", "a#b", "elsewhere_1"];
    // More than a table is asked for at once.
    asked.extend(std::iter::repeat_n("nobody", 200));
    asked.push("34d9b400-c6dd-5444-820d-fbeb0f1f54cf");
    let found = store.texts_called(&asked).await.unwrap();
    let theirs = MessageId { tenant: other.id(), ..message };
    assert_eq!(found[..5], [None, Some(message), None, None, Some(theirs)]);
    assert_eq!((found.len(), found.last()), (asked.len(), Some(&Some(message))));
    let stored: Vec<_> = table.dump().unwrap().iter().map(shown).collect();
    insta::assert_snapshot!(stored.join("\n"));
}
