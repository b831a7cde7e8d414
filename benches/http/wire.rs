//! One connection that stays open: a request goes out, and its answer is read to the end.

use std::io;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub(crate) struct Wire {
    stream: TcpStream,
    came: Vec<u8>,
}

impl Wire {
    pub(crate) async fn open(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, came: Vec::with_capacity(64 * 1024) })
    }

    /// The status and the body, as long as `content-length` tells.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> io::Result<(u16, &[u8])> {
        self.stream.write_all(request).await?;
        self.came.clear();
        let head = loop {
            if let Some(end) = self.came.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            self.more().await?;
        };
        let text = String::from_utf8_lossy(&self.came[..head]).to_ascii_lowercase();
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
        let length =
            text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
        let (Some(status), Some(length)) = (status, length) else {
            return Err(io::Error::other(format!("an answer without status or length: {text}")));
        };
        while self.came.len() < head + length {
            self.more().await?;
        }
        Ok((status, &self.came[head..head + length]))
    }

    async fn more(&mut self) -> io::Result<()> {
        if self.stream.read_buf(&mut self.came).await? == 0 {
            return Err(io::Error::other("the connection was closed before the answer's end"));
        }
        Ok(())
    }
}
