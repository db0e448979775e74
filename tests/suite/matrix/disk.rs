//! A really full disk: a small one in memory, which only the command and whatever starts it can see. Where the machine lets nobody mount
//! one, files that may not grow: `STONEWARE_MATRIX_DISK=limit` has it that way anywhere.

use std::{
    process::{Command, Stdio},
    sync::OnceLock,
};
use stoneware_tests::cli::{Ran, Terminal};

/// `unshare`, with what it takes on this machine to mount something. None where that is not allowed.
fn unshare() -> Option<&'static [&'static str]> {
    static FOUND: OnceLock<Option<&'static [&'static str]>> = OnceLock::new();
    *FOUND.get_or_init(|| {
        if std::env::var("STONEWARE_MATRIX_DISK").is_ok_and(|way| way == "limit") {
            return None;
        }
        // Somebody who is not root may mount in a name space of users of their own, where the machine allows those.
        let ways: [&[&str]; 2] = [&["--mount"], &["--user", "--map-root-user", "--mount"]];
        let works = |way: &&[&str]| {
            let mut mount = Command::new("unshare");
            mount.args(*way).args(["sh", "-c", "mount -t tmpfs -o size=64k tmpfs /tmp"]);
            mount.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
        };
        ways.into_iter().find(works)
    })
}

/// What SQLite shares between processes has to fit, or the file cannot even be read.
const SHARED: u64 = 40 * 1024;

/// The disk: put in place, filled with the workspace, left to the command, and what is on it then brought back.
const SCRIPT: &str = r#"
size=$1 disk=$2 from=$3 to=$4
shift 4
mount -t tmpfs -o "size=$size" tmpfs "$disk" && cp "$from"/* "$disk"/ || exit 99
"$@"
status=$?
cp "$disk"/* "$to"/ || exit 99
exit $status
"#;

/// Runs a command on a disk with the workspace and `room` bytes more. Returns what is left of the workspace then, where there is room again.
pub fn run(t: &Terminal, room: u64, command: impl FnOnce(&Terminal) -> Command) -> (Ran, Terminal) {
    let Some(unshare) = unshare() else { return limited(t, room, command) };
    let (left, disk) = (Terminal::bare(), tempfile::tempdir().unwrap());
    let files = std::fs::read_dir(t.folder.path()).unwrap();
    let size: u64 = files.map(|file| file.unwrap().metadata().unwrap().len().next_multiple_of(4096)).sum();
    let size = size + room + SHARED;
    let on_disk = Terminal { location: disk.path().join("workspace.db").display().to_string(), folder: disk };
    let wanted = command(&on_disk);
    let mut script = Command::new("unshare");
    script.args(unshare).args(["sh", "-c", SCRIPT, "sh", &size.to_string()]);
    script.arg(on_disk.folder.path()).arg(t.folder.path()).arg(left.folder.path()).arg(wanted.get_program()).args(wanted.get_args());
    script.env_remove("STONEWARE_WORKSPACE").env_remove("STONEWARE_LOG").stdin(Stdio::null());
    let ran = Ran::of(&mut script);
    assert_ne!(ran.status, 99, "{}", ran.stderr);
    (ran, left)
}

/// No file may grow beyond so many blocks of 512 bytes: whoever tries is told so, instead of being ended.
const LIMITED: &str = r#"
trap '' XFSZ
ulimit -f "$1" || exit 99
shift
exec "$@"
"#;

/// What is written goes into the log first, which begins empty: `room` is what it may grow to.
fn limited(t: &Terminal, room: u64, command: impl FnOnce(&Terminal) -> Command) -> (Ran, Terminal) {
    let left = t.copy();
    let wanted = command(&left);
    let mut script = Command::new("sh");
    script.args(["-c", LIMITED, "sh", &(room + SHARED).div_ceil(512).to_string()]);
    script.arg(wanted.get_program()).args(wanted.get_args());
    script.env_remove("STONEWARE_WORKSPACE").env_remove("STONEWARE_LOG").stdin(Stdio::null());
    let ran = Ran::of(&mut script);
    assert_ne!(ran.status, 99, "{}", ran.stderr);
    (ran, left)
}
