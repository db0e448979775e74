//! The command line as a child process.

use crate::{Database, cluster};
use serde_json::Value;
use std::{
    ffi::OsStr,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

/// The command built with these tests: it lies beside the folder of the test's own executable.
pub fn binary() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap();
    folder.join(format!("stoneware-under-test{}", std::env::consts::EXE_SUFFIX))
}

/// `stoneware` with no workspace and nothing inherited that could name one.
pub fn stoneware() -> Command {
    let mut command = Command::new(binary());
    command.env_remove("STONEWARE_WORKSPACE").env_remove("STONEWARE_LOG").stdin(Stdio::null());
    command
}

/// Runs the command and strikes it after `moment`. True: it was still running, and did not end well.
pub fn struck_after(mut command: Command, moment: Duration, blow: impl FnOnce(&mut Child)) -> bool {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut output = child.stdout.take().unwrap();
    // Its output ends when it does: a thread that reads it lets this one wait for whichever comes first.
    let (ended, end) = mpsc::channel();
    let reader = thread::spawn(move || {
        io::copy(&mut output, &mut io::sink()).unwrap();
        // Nobody listens any more when the blow came first.
        let _ = ended.send(());
    });
    if end.recv_timeout(moment).is_err() {
        blow(&mut child);
    }
    reader.join().unwrap();
    !child.wait().unwrap().success()
}

/// What a run of the command left.
#[derive(Debug)]
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
    what: String,
}

impl Ran {
    pub fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            what: format!("{:?}", command.get_args().collect::<Vec<_>>()),
        }
    }

    /// The one JSON document on standard output of a run that went well.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.status, 0, "{} was refused: {}", self.what, self.stderr);
        assert_eq!(self.stderr, "", "{} went well, so standard error stays empty", self.what);
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{}: {e}: {}", self.what, self.stdout))
    }

    /// The JSON objects of a stream, one a line.
    #[track_caller]
    pub fn lines(&self) -> Vec<Value> {
        assert_eq!(self.status, 0, "{} was refused: {}", self.what, self.stderr);
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
    }

    /// The code of the one JSON error on standard error; the exit status has to be `status`.
    #[track_caller]
    pub fn error(&self, status: i32) -> String {
        assert_eq!(self.status, status, "{}: {} {}", self.what, self.stdout, self.stderr);
        let error: Value = serde_json::from_str(&self.stderr).unwrap_or_else(|e| panic!("{}: {e}: {}", self.what, self.stderr));
        let error = &error["error"];
        assert!(error["message"].as_str().is_some_and(|m| !m.is_empty()), "an error says what to do: {error}");
        assert!(!error["details"].is_null(), "an error carries details: {error}");
        error["code"].as_str().unwrap().to_owned()
    }
}

/// A workspace spoken to through the command line alone.
pub struct Terminal {
    pub folder: tempfile::TempDir,
    /// Path or address.
    pub location: String,
}

impl Terminal {
    /// A folder with no workspace in it yet.
    pub fn bare() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { location: folder.path().join("workspace.db").display().to_string(), folder }
    }

    /// A new, empty workspace in a database that can be copied.
    pub fn on(database: Database) -> Self {
        let mut terminal = Self::bare();
        if database == Database::Postgres {
            terminal.location = cluster::cluster().expect("Postgres is installed").database(None);
        }
        terminal.json(&["init"]);
        terminal
    }

    /// A copy of a workspace nobody is at.
    pub fn copy(&self) -> Self {
        let mut terminal = Self::bare();
        terminal.location = crate::copy(&self.location, &terminal.path());
        terminal
    }

    /// A new, empty workspace.
    pub fn new() -> Self {
        let terminal = Self::bare();
        terminal.json(&["init"]);
        terminal
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("workspace.db")
    }

    /// `stoneware -w WORKSPACE --json …`, not yet started.
    pub fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = stoneware();
        command.arg("-w").arg(&self.location).arg("--json").args(args);
        command
    }

    pub fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Ran {
        Ran::of(&mut self.command(args))
    }

    #[track_caller]
    pub fn json<S: AsRef<OsStr>>(&self, args: &[S]) -> Value {
        self.run(args).json()
    }

    #[track_caller]
    pub fn lines<S: AsRef<OsStr>>(&self, args: &[S]) -> Vec<Value> {
        self.run(args).lines()
    }

    /// The code of the refusal.
    #[track_caller]
    pub fn refused<S: AsRef<OsStr>>(&self, args: &[S]) -> String {
        self.run(args).error(1)
    }

    /// The same run with `input` on standard input.
    pub fn with_input<S: AsRef<OsStr>>(&self, args: &[S], input: &str) -> Ran {
        let mut command = self.command(args);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        Ran {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            what: format!("{:?}", command.get_args().collect::<Vec<_>>()),
        }
    }

    /// Writes a file beside the workspace and returns its path.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Default for Terminal {
    fn default() -> Self {
        Self::new()
    }
}
