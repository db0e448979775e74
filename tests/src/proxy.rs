//! A server far away: passes a Postgres connection on with a delay each way, counts the round trips, and can be cut.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, UnixStream},
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{Instant, sleep_until},
};

use crate::cluster::Cluster;

pub struct Proxy {
    pub port: u16,
    trips: Arc<AtomicU32>,
    open: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// `delay` is that of each way.
    pub async fn to(cluster: &Cluster, delay: Duration) -> Self {
        let socket = cluster.folder.join(format!(".s.PGSQL.{}", cluster.port));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (open, state) = watch::channel(true);
        let trips = Arc::new(AtomicU32::new(0));
        let accepting = tokio::spawn(accept(listener, socket, delay, trips.clone(), state));
        Self { port, trips, open, accepting }
    }

    /// A location as seen through it.
    pub fn location(&self, location: &str) -> String {
        let parsed = stoneware_engine::model::Connection::parse(location).unwrap().connection;
        let through = stoneware_engine::model::Connection {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            // The messages are counted, so they have to be read.
            ssl_mode: stoneware_engine::model::SslMode::Disable,
            ..parsed
        };
        through.location().unwrap()
    }

    /// Round trips since the last call: each is one message upon which the client waits for an answer, once it is logged in.
    pub fn trips(&self) -> u32 {
        self.trips.swap(0, Ordering::Relaxed)
    }

    /// Ends every connection, and lets nobody through.
    pub fn cut(&self) {
        self.open.send_replace(false);
    }

    pub fn mend(&self) {
        self.open.send_replace(true);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, socket: PathBuf, delay: Duration, trips: Arc<AtomicU32>, open: watch::Receiver<bool>) {
    while let Ok((client, _)) = listener.accept().await {
        if !*open.borrow() {
            continue;
        }
        client.set_nodelay(true).unwrap();
        let Ok(server) = UnixStream::connect(&socket).await else { continue };
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let mut counter = Counter { trips: trips.clone(), rest: Vec::new(), started: false, asked: false };
        let mut open = open.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = pass(from_client, to_server, delay, move |bytes| counter.see(bytes)) => {}
                () = pass(from_server, to_client, delay, |_| {}) => {}
                _ = open.wait_for(|open| !open) => {}
            }
        });
    }
}

async fn pass(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, delay: Duration, mut see: impl FnMut(&[u8])) {
    let (queue, mut queued) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let reading = async {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            see(&buffer[..count]);
            queue.send((Instant::now() + delay, buffer[..count].to_vec())).unwrap();
        }
    };
    let writing = async {
        while let Some((due, bytes)) = queued.recv().await {
            sleep_until(due).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
    };
    tokio::select! { () = reading => {} () = writing => {} }
}

/// Reads what a client sends: its first message has no kind, every other one a letter, and then comes its length.
struct Counter {
    trips: Arc<AtomicU32>,
    rest: Vec<u8>,
    started: bool,
    /// Something has come since the last time all of it was to be answered.
    asked: bool,
}

impl Counter {
    fn count(&self) {
        self.trips.fetch_add(1, Ordering::Relaxed);
    }

    fn see(&mut self, bytes: &[u8]) {
        self.rest.extend_from_slice(bytes);
        loop {
            let head = usize::from(self.started);
            let Some(length) = self.rest.get(head..head + 4) else { return };
            let end = head + u32::from_be_bytes(length.try_into().unwrap()) as usize;
            if self.rest.len() < end {
                return;
            }
            match self.rest[0] {
                _ if !self.started => {}
                // A query by itself, or the end of what belongs together.
                b'Q' => self.count(),
                b'S' if std::mem::take(&mut self.asked) => self.count(),
                // By itself it only looks whether a connection given back is still good: nobody waits for that.
                b'S' => {}
                b'X' | b'p' => {}
                _ => self.asked = true,
            }
            self.started = true;
            self.rest.drain(..end);
        }
    }
}
