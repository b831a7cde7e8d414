//! What we ask Shopify, in its own language.
