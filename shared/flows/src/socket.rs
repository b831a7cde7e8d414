//! What happens on a watcher's socket, in our own words.

/// One event of one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketEvent {
    /// Somebody connects; `token` is the access token that they offered as a subprotocol, if any.
    Connected {
        connection: String,
        token: Option<String>,
    },
    Said {
        connection: String,
        text: String,
    },
    Gone {
        connection: String,
    },
}
