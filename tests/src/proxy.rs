//! A server far away: passes a Postgres connection on with a delay each way, counts the round trips, and can be cut.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex,
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
    way: watch::Sender<Way>,
    told: Told,
    accepting: JoinHandle<()>,
}

/// What the server says, and what is told instead: as long.
type Told = Arc<Mutex<Option<(String, String)>>>;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Open,
    Cut,
    /// Whatever comes is swallowed, and nobody is told.
    Dark,
}

impl Proxy {
    /// `delay` is that of each way.
    pub async fn to(cluster: &Cluster, delay: Duration) -> Self {
        let socket = cluster.folder.join(format!(".s.PGSQL.{}", cluster.port));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (way, state) = watch::channel(Way::Open);
        let trips = Arc::new(AtomicU32::new(0));
        let told = Told::default();
        let accepting = tokio::spawn(accept(listener, socket, delay, trips.clone(), state, told.clone()));
        Self { port, trips, way, told, accepting }
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

    /// Has the server say something else, of the same length, on every connection to come.
    pub fn tell(&self, said: &str, instead: &str) {
        assert_eq!(said.len(), instead.len());
        *self.told.lock().unwrap() = Some((said.to_owned(), instead.to_owned()));
    }

    /// Ends every connection, and lets nobody through.
    pub fn cut(&self) {
        self.way.send_replace(Way::Cut);
    }

    /// As a network that breaks: every connection stays, nothing goes through any more, and new ones get no answer. Those that were there
    /// then lead nowhere for good, as when a router has forgotten them.
    pub fn go_dark(&self) {
        self.way.send_replace(Way::Dark);
    }

    pub fn mend(&self) {
        self.way.send_replace(Way::Open);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, socket: PathBuf, delay: Duration, trips: Arc<AtomicU32>, way: watch::Receiver<Way>, told: Told) {
    while let Ok((client, _)) = listener.accept().await {
        let mut way = way.clone();
        match *way.borrow() {
            Way::Open => {}
            Way::Cut => continue,
            Way::Dark => {
                tokio::spawn(stay(client, way.clone()));
                continue;
            }
        }
        client.set_nodelay(true).unwrap();
        let Ok(server) = UnixStream::connect(&socket).await else { continue };
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_server, mut to_server) = server.into_split();
        let mut counter = Counter { trips: trips.clone(), rest: Vec::new(), started: false, asked: false };
        let told = told.lock().unwrap().clone();
        tokio::spawn(async move {
            let ended = tokio::select! {
                () = pass(&mut from_client, &mut to_server, delay, move |bytes| counter.see(bytes)) => true,
                () = pass(&mut from_server, &mut to_client, delay, move |bytes| lie(bytes, told.as_ref())) => true,
                changed = way.wait_for(|way| *way != Way::Open) => changed.is_ok_and(|way| *way == Way::Cut),
            };
            if !ended {
                // Held on to, and not listened to: neither end is told.
                let _ends = (from_client, to_client, from_server, to_server);
                let _ = way.wait_for(|way| *way == Way::Cut).await;
            }
        });
    }
}

/// Holds a connection that gets no answer.
async fn stay(client: tokio::net::TcpStream, mut way: watch::Receiver<Way>) {
    let _ = way.wait_for(|way| *way == Way::Cut).await;
    drop(client);
}

fn lie(bytes: &mut [u8], told: Option<&(String, String)>) {
    let Some((said, instead)) = told else { return };
    for at in 0..bytes.len().saturating_sub(said.len() - 1) {
        if bytes[at..].starts_with(said.as_bytes()) {
            bytes[at..at + said.len()].copy_from_slice(instead.as_bytes());
        }
    }
}

async fn pass(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, delay: Duration, mut see: impl FnMut(&mut [u8])) {
    let (queue, mut queued) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let reading = async {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            see(&mut buffer[..count]);
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
