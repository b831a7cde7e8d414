//! The table that does not answer for a moment is not taken for one that says no.

use crate::cast::sign_up;
use local::{World, faults::halt::failing};
use serde_json::json;

#[tokio::test]
async fn a_refresh_never_takes_somebody_for_nobody_because_the_table_is_away() {
    for place in 0.. {
        let world = World::new(1).await;
        let owner = sign_up(&world, "owner").await;
        let body = json!({"refresh_token": owner.refresh});
        let (answer, was_away) = failing(place, world.post("/api/auth/refresh").json(&body).send()).await;
        if !was_away {
            assert!(place > 3, "session, user and place at least, but {place}");
            return;
        }
        let told = (answer.status.as_u16(), answer.text_at("/tenant/id"));
        assert!(told.0 == 503 || told == (200, owner.tenant.clone()), "place {place}: {}", answer.text);
    }
}

#[tokio::test]
async fn who_accepts_an_invitation_is_never_refused_because_the_table_is_away() {
    for place in 0.. {
        let world = World::new(2).await;
        let owner = sign_up(&world, "owner").await;
        let vera = sign_up(&world, "vera").await;
        let invite = json!({"email": vera.email, "role": "viewer"});
        assert_eq!(owner.post(&world, "/api/v1/invitations", &invite).await.status, 201);
        world.settle().await;
        let mails = world.outbox.to(&vera.email);
        let text = &mails.first().expect("the invitation").text;
        let token = text.split("token=").nth(1).and_then(|rest| rest.split_whitespace().next());
        let call = world.post("/api/v1/invitations/accept").bearer(&vera.access);
        let (answer, was_away) = failing(place, call.json(&json!({"token": token})).send()).await;
        if !was_away {
            assert!(place > 3, "session, user and invitation at least, but {place}");
            return;
        }
        assert!([201, 503].contains(&answer.status.as_u16()), "place {place}: {}", answer.text);
    }
}
