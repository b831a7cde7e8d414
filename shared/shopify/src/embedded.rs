//! Our app as a frame within Shopify's admin: what a document does that comes with no session token, or with one that has
//! ended. Who may frame it is `Origin::frame_ancestors`.
//!
//! It goes to a page of ours that holds nothing but App Bridge, which takes a new token and comes back with it.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use form_urlencoded::{byte_serialize, parse};

use crate::{App, Origin, ShopDomain};

/// What App Bridge goes back to from that page.
const RELOAD: &str = "shopify-reload";
const TOKEN: &str = "id_token";

/// What `host` says, in base64 with or without its padding: an address within Shopify's admin, and nothing else.
pub fn admin(host: &str) -> Option<String> {
    let bytes = STANDARD_NO_PAD.decode(host.trim_end_matches('=')).ok()?;
    let told = String::from_utf8(bytes).ok()?;
    let shop = match told.strip_suffix("/admin") {
        Some(domain) => domain.parse::<ShopDomain>().ok(),
        None => told.strip_prefix("admin.shopify.com/store/").and_then(|name| ShopDomain::typed(name).ok()),
    }?;
    let is_whole = told.ends_with("/admin") || told.ends_with(&format!("/{}", shop.name()));
    is_whole.then_some(told)
}

/// Where a document at `path` with this query goes for a new token: the address, within our own, of the page at `bounce`.
/// The token that has ended is left behind.
pub fn bounce(bounce: &str, path: &str, query: &str) -> String {
    let is_token = |pair: &&str| pair.split('=').next() == Some(TOKEN);
    let kept: Vec<_> = query.split('&').filter(|pair| !pair.is_empty() && !is_token(pair)).collect();
    let kept = kept.join("&");
    let back = if kept.is_empty() { path.to_owned() } else { format!("{path}?{kept}") };
    let back: String = byte_serialize(back.as_bytes()).collect();
    let separator = if kept.is_empty() { "" } else { "&" };
    format!("{bounce}?{kept}{separator}{RELOAD}={}", back.replace('+', "%20"))
}

/// Whose that page is, for whoever comes to it with this query; `None`: nobody sent them. What they go back to must be a path
/// of ours: App Bridge takes them wherever they are told.
pub fn bounced(query: &str) -> Option<ShopDomain> {
    let get = |name: &str| parse(query.as_bytes()).find(|(told, _)| told == name).map(|(_, value)| value);
    let shop = get("shop")?.parse().ok()?;
    let back = get(RELOAD)?;
    let is_ours =
        back.starts_with('/') && !back.starts_with("//") && !back.contains(['\\', '\n', '\r', '\t']);
    is_ours.then_some(shop)
}

/// App Bridge within a page, before any other script. `None`: the client's id is none.
pub fn bridge(app: &App, origin: &Origin) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let (id, script) = (&app.client_id, origin.app_bridge());
    let html = format!(r#"<meta name="shopify-api-key" content="{id}"><script src="{script}"></script>"#);
    id.bytes().all(is_plain).then_some(html)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::tests::app;

    #[test]
    fn a_document_goes_for_a_token_and_comes_back() {
        let check = |query: &str, expected: &str| assert_eq!(bounce("/bounce", "/app", query), expected);
        check("", "/bounce?shopify-reload=%2Fapp");
        check("id_token=old", "/bounce?shopify-reload=%2Fapp");
        let shop = "shop=nordlicht.myshopify.com";
        let back = "%2Fapp%3Fshop%3Dnordlicht.myshopify.com%26a%3Db%20c";
        check(&format!("{shop}&id_token=old&a=b c"), &format!("/bounce?{shop}&a=b c&shopify-reload={back}"));
    }

    #[test]
    fn only_shopifys_admin_is_where_an_app_is_shown() {
        let check = |told: &str, is_right: bool| {
            let host = STANDARD_NO_PAD.encode(told);
            for host in [host.clone(), format!("{host}=")] {
                assert_eq!(admin(&host).as_deref(), is_right.then_some(told), "{told}");
            }
        };
        check("admin.shopify.com/store/nordlicht", true);
        check("nordlicht.myshopify.com/admin", true);
        for wrong in [
            "",
            "evil.com/admin",
            "evil.com/store/nordlicht",
            "nordlicht.myshopify.com.evil.com/admin",
            "evil.com/nordlicht.myshopify.com/admin",
            "admin.shopify.com/store/nordlicht@evil.com",
            "admin.shopify.com/store/nordlicht/..",
            "admin.shopify.com/store/",
            "admin.shopify.com",
        ] {
            check(wrong, false);
        }
        assert_eq!(admin("%%%"), None);
    }

    #[test]
    fn the_page_is_for_whoever_was_sent_and_leads_back_to_us() {
        let shop = bounced("shop=nordlicht.myshopify.com&shopify-reload=%2Fapp%3Fa%3Db").unwrap();
        assert_eq!(shop.name(), "nordlicht");
        assert!(bridge(&app(), &Origin::Shopify).unwrap().contains(r#"content="client""#));
        for wrong in [
            "",
            "shop=nordlicht.myshopify.com",
            "shopify-reload=%2Fapp",
            "shop=evil.com&shopify-reload=%2Fapp",
            "shop=nordlicht.myshopify.com&shopify-reload=https://evil.com",
            "shop=nordlicht.myshopify.com&shopify-reload=//evil.com",
            "shop=nordlicht.myshopify.com&shopify-reload=/%5Cevil.com",
            "shop=nordlicht.myshopify.com&shopify-reload=/%09/evil.com",
            "shop=nordlicht.myshopify.com&shopify-reload=javascript:alert(1)",
        ] {
            assert_eq!(bounced(wrong), None, "{wrong}");
        }
        let odd = App { client_id: r#""><script>"#.to_owned(), ..app() };
        assert_eq!(bridge(&odd, &Origin::Shopify), None);
    }
}
