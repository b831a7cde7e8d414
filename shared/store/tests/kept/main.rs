//! What is kept, item by item: its shape, its place, its cost, and that nobody else meets it.
//!
//! One program, because each would be linked with all that the store needs.

mod campaigns;
mod carts;
mod edges;
mod instants;
mod isolation;
mod outcomes;
mod own;
mod products;
mod reports;
mod scores;
mod segments;
mod senders;
mod shapes;
mod shown;
mod sockets;
mod table;
mod tags;
mod templates;
mod texts;
mod topics;
