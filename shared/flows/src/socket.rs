//! What happens on a watcher's socket, in our own words.

/// One event of one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketEvent {
    /// Somebody connects; `token` is what they brought in the query, if anything.
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
