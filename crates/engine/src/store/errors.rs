//! A database's errors under the engine's stable codes.

use serde_json::json;
use std::io::ErrorKind as Io;

use crate::error::{Error, ErrorCode};

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let code = match &error {
            sqlx::Error::Database(database) => return of_database(database.as_ref()),
            sqlx::Error::Io(io) if lost(io.kind()) => ErrorCode::ConnectionLost,
            sqlx::Error::Io(_) => ErrorCode::Io,
            sqlx::Error::PoolTimedOut => ErrorCode::Busy,
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed | sqlx::Error::Protocol(_) => ErrorCode::ConnectionLost,
            sqlx::Error::Configuration(_) | sqlx::Error::Tls(_) => ErrorCode::ConnectionFailed,
            _ => ErrorCode::Internal,
        };
        if code == ErrorCode::ConnectionLost {
            return Self::lost(format!("The connection to the database was lost ({error})"));
        }
        Self::new(code, error.to_string())
    }
}

fn lost(kind: Io) -> bool {
    matches!(kind, Io::ConnectionReset | Io::ConnectionAborted | Io::BrokenPipe | Io::UnexpectedEof | Io::NotConnected | Io::TimedOut)
}

fn of_database(database: &dyn sqlx::error::DatabaseError) -> Error {
    use sqlx::error::ErrorKind;
    let text = database.message();
    let state = database.code();
    let (code, message) = match database.kind() {
        ErrorKind::UniqueViolation => (ErrorCode::UniqueViolation, format!("A value that must be unique is there already ({text}).")),
        ErrorKind::ForeignKeyViolation => (ErrorCode::DanglingReference, "A record refers to one that does not exist.".to_owned()),
        // The only checks are our own, while a column is being made required.
        ErrorKind::NotNullViolation | ErrorKind::CheckViolation => {
            (ErrorCode::RequiredMissing, format!("A required value is missing ({text})."))
        }
        // Five characters are an SQLSTATE; SQLite gives its extended result code, a number, whose low byte is the primary one.
        _ => match state.as_deref() {
            Some(state) if state.len() == 5 => of_postgres(state, text),
            state => of_sqlite(state.and_then(|c| c.parse::<u32>().ok()), text),
        },
    };
    if code == ErrorCode::ConnectionLost {
        return Error::lost(message);
    }
    let mut details = json!({ "database": text });
    if let Some(state) = state.filter(|s| s.len() == 5) {
        details["sqlstate"] = state.as_ref().into();
    }
    Error::new(code, message).with(details)
}

/// SQLite calls a write that comes to nothing so, also where a quota or a limit on the size of files is in the way.
const WRITE: u32 = 778;

fn of_sqlite(code: Option<u32>, text: &str) -> (ErrorCode, String) {
    if code == Some(WRITE) {
        let message = format!(
            "Nothing more can be written to the disk this workspace lies on ({text}): a quota or a limit on the size of files leaves no room, \
             or the disk fails. Nothing was lost: make room there, then start again, or resume the job."
        );
        return (ErrorCode::DiskFull, message);
    }
    match code.map(|code| code & 0xff) {
        Some(5 | 6) => (ErrorCode::Busy, "Another program is writing to this workspace. Try again in a moment.".to_owned()),
        Some(8) => (ErrorCode::NotPermitted, "This workspace can only be read.".to_owned()),
        Some(9) => (ErrorCode::Cancelled, "Stopped.".to_owned()),
        Some(11) => (ErrorCode::Corrupt, format!("The workspace file is damaged ({text}). Restore it from a copy.")),
        Some(13) => (
            ErrorCode::DiskFull,
            "The disk this workspace lies on is full. Nothing was lost: make room there, then start again, or resume the job.".to_owned(),
        ),
        Some(14) => (ErrorCode::ConnectionFailed, format!("The workspace file cannot be opened ({text}).")),
        Some(26) => (ErrorCode::NotAWorkspace, "This file is not a Stoneware workspace: it is not a SQLite database.".to_owned()),
        Some(10) => (ErrorCode::Io, format!("The workspace file cannot be read or written ({text}).")),
        _ => (ErrorCode::Internal, text.to_owned()),
    }
}

fn of_postgres(state: &str, text: &str) -> (ErrorCode, String) {
    match state {
        "42501" => (ErrorCode::NotPermitted, format!("This user may not do that ({text}). Ask whoever runs the database for the right.")),
        "25006" => (ErrorCode::NotPermitted, "This workspace can only be read.".to_owned()),
        "40001" | "40P01" | "55P03" => (ErrorCode::Busy, "Somebody else is writing the same thing. Try again in a moment.".to_owned()),
        "53300" => (ErrorCode::Busy, "The server has no connection left. Try again in a moment.".to_owned()),
        "57014" if text.contains("timeout") => (ErrorCode::TimedOut, "The database took too long, and was stopped.".to_owned()),
        "57014" => (ErrorCode::Cancelled, "Stopped.".to_owned()),
        "53100" => (
            ErrorCode::DiskFull,
            format!(
                "The server has no room left ({text}). Nothing was lost: make room there, or ask whoever runs it to, then start again, or resume the job."
            ),
        ),
        "54000" => (ErrorCode::InvalidInput, format!("A value is too long to be unique or indexed in Postgres ({text}).")),
        "28P01" | "28000" | "3D000" => (ErrorCode::ConnectionFailed, format!("The server refused the connection ({text}).")),
        "XX001" | "XX002" => (ErrorCode::Corrupt, format!("The database is damaged ({text}). Restore it from a copy.")),
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" => (ErrorCode::ConnectionLost, format!("The server ended the connection ({text})")),
        _ if state.starts_with("08") => (ErrorCode::ConnectionLost, format!("The connection to the server was lost ({text})")),
        _ => (ErrorCode::Internal, text.to_owned()),
    }
}
