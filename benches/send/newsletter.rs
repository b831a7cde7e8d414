//! A newsletter as shops send them: tables within tables, pictures, buttons, and whoever gets it named here and there.

/// As much as it is to have once it is filled.
const BYTES: usize = 17_000;

/// Sixteen values, one condition, and two links to each product.
pub(crate) fn html() -> String {
    let mut html = String::from(HEAD);
    let mut number = 1;
    while html.len() < BYTES - FOOT.len() {
        html.push_str(&PRODUCT.replace("NUMBER", &number.to_string()));
        number += 1;
    }
    html + FOOT
}

const HEAD: &str = r#"<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ shop.name }}</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light">
<style>body{margin:0;padding:0;background:#f6f2ec}table{border-collapse:collapse}td{padding:0}img{border:0;display:block}
.wrap{width:600px;margin:0 auto;background:#ffffff}.pad{padding:24px 32px}.name{font:700 18px/26px Georgia,serif;color:#3b2314}
.text{font:400 15px/24px Arial,sans-serif;color:#4a4038}.button{background:#8a4b2a;border-radius:4px;padding:12px 20px}
@media (max-width:620px){.wrap{width:100%!important}.half{display:block!important;width:100%!important}}</style></head>
<body><table role="presentation" width="100%" cellspacing="0" cellpadding="0"><tr><td align="center">
<table role="presentation" class="wrap" cellspacing="0" cellpadding="0"><tr><td class="pad">
<p class="text" style="text-align:right"><a href="{{ view_url }}">View it in your browser</a></p>
<a href="{{ shop.url }}"><img src="https://cdn.example.com/kaffeehaus/logo.png" width="180" height="48" alt="Kaffeehaus"></a>
<h1 style="font:400 28px/36px Georgia,serif;color:#3b2314">Hello {{ customer.first_name | default: "Friend" }},</h1>
<p class="text">the new harvest has come to {{ shop.name }}, and we have kept some of it for {{ customer.city }}. With
{{ customer.orders_count }} orders and {{ customer.total_spent }} you are one of those who know what they like, so here is
what we would put on your table, {{ customer.first_name | default: "Friend" }}.</p>
{% if customer.city %}<p class="text">Delivery to {{ customer.city }} takes two days.</p>{% endif %}
"#;

const PRODUCT: &str = r#"<table role="presentation" width="100%" cellspacing="0" cellpadding="0"><tr><td class="half" width="40%" valign="top">
<a href="https://kaffeehaus.example/products/roast-NUMBER?utm_source=newsletter&amp;utm_medium=email&amp;utm_campaign=harvest">
<img src="https://cdn.example.com/kaffeehaus/products/roast-NUMBER@2x.jpg" width="216" height="216" alt="Roast NUMBER"></a></td>
<td class="half" width="60%" valign="top" style="padding-left:24px"><p class="name">Roast number NUMBER</p>
<p class="text">Washed, from small farms at 1,800 metres, roasted slowly on Tuesdays and rested for ten days. Dark cherry, cocoa and
a little orange peel; good as a filter coffee and patient enough for espresso. 250 grams, whole beans or ground for you.</p>
<p class="text"><strong>$14.90</strong> &middot; <s style="color:#9a8f86">$17.50</s></p>
<a class="button" style="color:#ffffff;text-decoration:none;font:700 15px/20px Arial,sans-serif"
href="https://kaffeehaus.example/cart/add?sku=ROAST-NUMBER&amp;utm_source=newsletter">Put it into my basket</a></td></tr></table>
<hr style="border:0;border-top:1px solid #e8dfd4;margin:24px 0">
"#;

const FOOT: &str = r#"<p class="text">Yours, {{ shop.name }}</p></td></tr></table>
<p style="font:400 12px/18px Arial,sans-serif;color:#8b8178">You get this at {{ customer.email }} because you agreed to it at
<a href="{{ shop.url }}">{{ shop.url }}</a>. <a href="{{ preferences_url }}">Choose what you get</a> or
<a href="{{ unsubscribe_url }}">unsubscribe</a>.</p></td></tr></table></body></html>
"#;
