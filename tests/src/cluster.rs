//! A Postgres server for the tests: started by the first test that wants one, shared by every process of the run, with TLS on and nothing
//! of it left behind. A guard stops it, by its process id, when no test has been at it for a while.

use std::{
    fs::{self, File},
    io::Write,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use crate::root;

/// Set where a server has to be there: then a missing one fails the tests instead of skipping them.
const REQUIRED: &str = "STONEWARE_TEST_POSTGRES";
/// Of the user `stoneware`.
pub const PASSWORD: &str = "p@ss:w/rd";

/// A running server. The lock tells the guard that somebody is at it; it ends with the process.
#[derive(Debug)]
pub struct Cluster {
    pub folder: PathBuf,
    pub port: u16,
    binaries: PathBuf,
    _in_use: File,
}

impl Cluster {
    /// The address of a new, empty schema, through the server's socket: every connection over TCP would wait a tenth of a second for
    /// acknowledgements, as sqlx leaves Nagle's algorithm on.
    pub fn workspace(&self) -> String {
        format!("{}?schema={}", self.local("postgres"), name())
    }

    /// The address of a new database: a copy of another, which nobody may be at, or an empty one.
    pub fn database(&self, of: Option<&str>) -> String {
        let name = name();
        let mut create = Command::new(self.binaries.join("createdb"));
        create.arg("-h").arg(&self.folder).args(["-p", &self.port.to_string(), "-U", "stoneware"]);
        if let Some(of) = of {
            create.args(["-T", of.rsplit('/').next().unwrap_or_default()]);
        }
        create.arg(&name);
        // A process that was killed is missed by the server a moment later.
        let made = (0..50).any(|_| {
            let made = create.output().unwrap().status.success();
            if !made {
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
            made
        });
        assert!(made, "{create:?}");
        self.local(&name)
    }

    /// Takes a database made here away again, whoever is at it.
    pub fn drop_database(&self, location: &str) {
        let mut drop = Command::new(self.binaries.join("dropdb"));
        drop.arg("-h").arg(&self.folder).args(["-p", &self.port.to_string(), "-U", "stoneware", "--force"]);
        run(drop.arg(location.rsplit('/').next().unwrap_or_default()));
    }

    /// Runs a script of SQL in a database made here, as dumps are read: `COPY … FROM stdin` and all. It has to go well.
    pub fn psql(&self, database: &str, script: &str) {
        let mut psql = Command::new(self.binaries.join("psql"));
        psql.arg("-h").arg(&self.folder).args(["-p", &self.port.to_string(), "-U", "stoneware", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d"]);
        psql.arg(database.rsplit('/').next().unwrap_or_default());
        let mut child = psql.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let fed = child.stdin.take().unwrap().write_all(script.as_bytes());
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success() && fed.is_ok(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The address of a database made here, as somebody else who needs no password sees it.
    pub fn address_of(&self, database: &str, user: &str) -> String {
        database.replacen("stoneware@", &format!("{user}@"), 1)
    }

    fn local(&self, database: &str) -> String {
        format!("postgres://stoneware@{}:{}/{database}", self.folder.to_string_lossy().replace('/', "%2F"), self.port)
    }

    /// The address of a database as others reach it: over TCP, encrypted, with a password.
    pub fn url(&self, database: &str) -> String {
        let password = PASSWORD.replace('@', "%40").replace(':', "%3A").replace('/', "%2F");
        format!("postgres://stoneware:{password}@127.0.0.1:{}/{database}?sslmode=require", self.port)
    }
}

/// The server of this run. None, and says so, where Postgres is not installed.
pub fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    let cluster = CLUSTER.get_or_init(|| binaries().map(|binaries| join(&binaries)));
    if cluster.is_none() {
        assert!(std::env::var_os(REQUIRED).is_none(), "{REQUIRED} is set, but no Postgres 15 or newer is installed");
        eprintln!("skipped: no Postgres 15 or newer is installed (Debian: apt-get install postgresql)");
    }
    cluster.as_ref()
}

/// A server for one test, which may stop it. None, and says so, where Postgres is not installed.
pub fn private() -> Option<Cluster> {
    private_with(ALONE)
}

/// One that others may follow.
pub fn leading() -> Option<Cluster> {
    private_with("wal_level = replica\nmax_wal_senders = 4")
}

/// One with the settings servers come with: what is written to disk is a part of what things cost.
pub fn private_as_it_comes() -> Option<Cluster> {
    private_with("wal_level = replica\nfsync = on\nfull_page_writes = on")
}

fn private_with(settings: &str) -> Option<Cluster> {
    cluster()?;
    let binaries = binaries()?;
    let (folder, in_use) = private_folder();
    let lock = locked(&in_use, rustix::fs::FlockOperation::LockShared);
    let port = start(&binaries, &folder, &in_use, settings);
    Some(Cluster { folder, port, binaries, _in_use: lock })
}

/// With the file that says that somebody is at it.
fn private_folder() -> (PathBuf, PathBuf) {
    let name = |ending: &str| std::env::temp_dir().join(format!("stoneware-postgres-{}{ending}", uuid::Uuid::now_v7().simple()));
    (name(""), name(".in-use"))
}

/// A server for one test that sees a small disk, in memory, of so many bytes; with that disk's folder, in which it may make a tablespace.
/// The disk is the server's alone and goes with it. None, and says so, where nobody may mount one.
pub fn with_small_disk(bytes: u64) -> Option<(Cluster, PathBuf)> {
    cluster()?;
    let binaries = binaries()?;
    let (folder, in_use) = private_folder();
    let disk = folder.join("disk");
    let mut mount = Command::new("unshare");
    mount.args(["--mount", "sh", "-c", "mount -t tmpfs -o size=64k tmpfs /tmp"]);
    let may = mount.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    if !may || !rustix::process::geteuid().is_root() {
        eprintln!("skipped: this machine lets nobody mount a small disk for a server (root and unshare --mount), so none can be filled");
        return None;
    }
    const SCRIPT: &str = r#"
size=$1 disk=$2
shift 2
mkdir -p "$disk" && mount -t tmpfs -o "size=$size" tmpfs "$disk" && chown postgres:postgres "$disk" && exec "$@"
"#;
    let lock = locked(&in_use, rustix::fs::FlockOperation::LockShared);
    let port = start_by(&binaries, &folder, &in_use, ALONE, |server| {
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", SCRIPT, "sh", &bytes.to_string()]).arg(&disk);
        command.arg(server.get_program()).args(server.get_args());
        command
    });
    Some((Cluster { folder, port, binaries, _in_use: lock }, disk))
}

/// Settings of a server nobody follows.
const ALONE: &str = "wal_level = minimal\nmax_wal_senders = 0";

impl Cluster {
    /// A hot standby that follows this server, see [`leading`].
    pub fn standby(&self) -> Self {
        let (folder, in_use) = private_folder();
        let lock = locked(&in_use, rustix::fs::FlockOperation::LockShared);
        fs::create_dir_all(&folder).unwrap();
        certificate(&folder);
        owned(&folder);
        let data = folder.join("data");
        let mut copy = unprivileged(&self.binaries.join("pg_basebackup"));
        copy.current_dir(&folder).args(["--write-recovery-conf", "--no-sync", "--checkpoint=fast", "--username=stoneware", "--host"]);
        run(copy.arg(&self.folder).args(["--port", &self.port.to_string(), "--pgdata"]).arg(&data));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut settings = File::options().append(true).open(data.join("postgresql.conf")).unwrap();
        writeln!(settings, "port = {port}\nunix_socket_directories = '{}'", folder.display()).unwrap();
        let standby = Self { folder, port, binaries: self.binaries.clone(), _in_use: lock };
        fs::write(standby.folder.join("port"), port.to_string()).unwrap();
        standby.start_again();
        guard(&standby.folder, &in_use);
        standby
    }

    /// A location on another server, as it is on this one.
    pub fn instead_of(&self, other: &Self, location: &str) -> String {
        let authority = |cluster: &Self| cluster.local("").trim_end_matches('/').to_owned();
        location.replacen(&authority(other), &authority(self), 1)
    }

    /// As if its power had gone: no connection is ended, nothing is written down.
    pub fn stop_immediately(&self) {
        run(self.control("stop").args(["--mode", "immediate"]));
    }

    pub fn is_up(&self) -> bool {
        running(&self.folder).is_some()
    }

    /// Brings it up again, on the same port, and waits until it has recovered.
    pub fn start_again(&self) {
        let mut control = self.control("start");
        control.arg("--log").arg(self.folder.join("log")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        assert!(control.status().unwrap().success(), "{}", fs::read_to_string(self.folder.join("log")).unwrap_or_default());
    }

    fn control(&self, what: &str) -> Command {
        let mut control = unprivileged(&self.binaries.join("pg_ctl"));
        control.current_dir(&self.folder).arg(what).args(["--wait", "--silent", "--pgdata"]).arg(self.folder.join("data"));
        control
    }
}

/// Nobody else's.
fn name() -> String {
    format!("t_{}", uuid::Uuid::now_v7().simple())
}

/// The folder with the newest server's programs.
fn binaries() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let numbers = versions.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    let newest = numbers.filter(|version| *version >= 15).max()?;
    Some(PathBuf::from(format!("/usr/lib/postgresql/{newest}/bin")))
}

fn locked(path: &Path, how: rustix::fs::FlockOperation) -> File {
    let file = File::options().create(true).truncate(false).write(true).open(path).unwrap();
    rustix::fs::flock(&file, how).unwrap();
    file
}

/// Starts the server, or joins the one another process of the run has started.
fn join(binaries: &Path) -> Cluster {
    use rustix::fs::FlockOperation::{LockExclusive, LockShared};
    // One for each checkout, so that two runs side by side do not share.
    let place = root().to_string_lossy().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let name = |ending: &str| std::env::temp_dir().join(format!("stoneware-postgres-{place:016x}{ending}"));
    let folder = name("");
    let in_use = locked(&name(".in-use"), LockShared);
    let _starting = locked(&name(".starting"), LockExclusive);
    let port = match running(&folder) {
        Some(port) => port,
        None => start(binaries, &folder, &name(".in-use"), ALONE),
    };
    Cluster { folder, port, binaries: binaries.to_owned(), _in_use: in_use }
}

/// The port of the server in this folder, if it lives.
fn running(folder: &Path) -> Option<u16> {
    let port = fs::read_to_string(folder.join("port")).ok()?.trim().parse().ok()?;
    let pid = fs::read_to_string(folder.join("data/postmaster.pid")).ok()?.lines().next()?.trim().to_owned();
    Path::new(&format!("/proc/{pid}")).exists().then_some(port)
}

/// The server refuses to run as root: then it runs as the user its package made.
fn unprivileged(program: &Path) -> Command {
    if !rustix::process::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    command
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Gives the folder to whoever the server runs as.
fn owned(folder: &Path) {
    if rustix::process::geteuid().is_root() {
        run(Command::new("chown").arg("-R").arg("postgres:postgres").arg(folder));
    }
}

fn start(binaries: &Path, folder: &Path, in_use: &Path, more: &str) -> u16 {
    start_by(binaries, folder, in_use, more, |server| server)
}

/// `by` makes of the command that starts the server the one that is run.
fn start_by(binaries: &Path, folder: &Path, in_use: &Path, more: &str, by: impl FnOnce(Command) -> Command) -> u16 {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).unwrap();
    let data = folder.join("data");
    fs::write(folder.join("password"), PASSWORD).unwrap();
    certificate(folder);
    owned(folder);
    let mut init = unprivileged(&binaries.join("initdb"));
    init.current_dir(folder).args(["--no-sync", "--encoding=UTF8", "--locale=C.UTF-8", "--username=stoneware"]);
    init.args(["--auth-local=trust", "--auth-host=scram-sha-256", "--pwfile"]).arg(folder.join("password"));
    run(init.arg("--pgdata").arg(&data));
    // Free now; should somebody else take it before the server does, the start fails and says so.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut settings = File::options().append(true).open(data.join("postgresql.conf")).unwrap();
    let shown = folder.display();
    writeln!(
        settings,
        "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{shown}'\nmax_connections = 300\n\
         ssl = on\nssl_cert_file = '{shown}/server.crt'\nssl_key_file = '{shown}/server.key'\n\
         fsync = off\nfull_page_writes = off\nshared_buffers = 128MB\nmax_locks_per_transaction = 256\n{more}"
    )
    .unwrap();
    let mut server = unprivileged(&binaries.join("pg_ctl"));
    server.arg("start").arg("--wait").arg("--silent").arg("--pgdata").arg(&data).arg("--log").arg(folder.join("log"));
    let mut server = by(server);
    server.current_dir(folder);
    // It must not hold this process's output open.
    let status = server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(status.success(), "the server did not start: {}", fs::read_to_string(folder.join("log")).unwrap_or_default());
    fs::write(folder.join("port"), port.to_string()).unwrap();
    guard(folder, in_use);
    port
}

/// An authority, and the server's certificate from it.
fn certificate(folder: &Path) {
    let make = || {
        let mut make = Command::new("openssl");
        make.current_dir(folder).args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "3",
        ]);
        make
    };
    run(make().args(["-subj", "/CN=Stoneware tests", "-keyout", "authority.key", "-out", "authority.crt"]));
    let mut server = make();
    server.args(["-CA", "authority.crt", "-CAkey", "authority.key", "-subj", "/CN=localhost"]);
    server.args(["-addext", "basicConstraints=critical,CA:FALSE", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]);
    run(server.args(["-keyout", "server.key", "-out", "server.crt"]));
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder.join("server.key"), fs::Permissions::from_mode(0o600)).unwrap();
}

/// Waits until nobody has held the lock for some seconds, then ends the server and takes its folder away, all under the lock.
fn guard(folder: &Path, in_use: &Path) {
    const SCRIPT: &str = r#"
free=0
while [ "$free" -lt 5 ]; do
    sleep 3
    if flock --exclusive --nonblock "$2" true; then free=$((free + 1)); else free=0; fi
done
exec flock --exclusive "$2" sh -c '
    pid=$(head -n 1 "$1/data/postmaster.pid") && kill -QUIT "$pid"
    # It takes its file away as it ends; its number may linger until somebody collects it.
    tries=0
    while [ -e "$1/data/postmaster.pid" ] && [ "$tries" -lt 50 ]; do sleep 0.2; tries=$((tries + 1)); done
    rm -rf "$1"
' sh "$1"
"#;
    let mut guard = Command::new("setsid");
    guard.args(["--fork", "sh", "-c", SCRIPT, "sh"]).arg(folder).arg(in_use);
    let begun = guard.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(begun.success(), "nobody would end the server");
}
