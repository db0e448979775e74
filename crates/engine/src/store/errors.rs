//! A database's errors under the engine's stable codes.

use crate::error::{Error, ErrorCode};

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let code = match &error {
            sqlx::Error::Database(database) => return of_database(database.as_ref()),
            sqlx::Error::Io(_) => ErrorCode::Io,
            sqlx::Error::PoolTimedOut => ErrorCode::Busy,
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => ErrorCode::ConnectionLost,
            sqlx::Error::Configuration(_) => ErrorCode::ConnectionFailed,
            _ => ErrorCode::Internal,
        };
        Self::new(code, error.to_string())
    }
}

fn of_database(database: &dyn sqlx::error::DatabaseError) -> Error {
    use sqlx::error::ErrorKind;
    let text = database.message();
    let (code, message) = match database.kind() {
        ErrorKind::UniqueViolation => (ErrorCode::UniqueViolation, format!("A value that must be unique is there already ({text}).")),
        ErrorKind::ForeignKeyViolation => (ErrorCode::DanglingReference, "A record refers to one that does not exist.".to_owned()),
        ErrorKind::NotNullViolation => (ErrorCode::RequiredMissing, format!("A required value is missing ({text}).")),
        // SQLite gives its extended result code as the error's code; the low byte is the primary one.
        _ => match database.code().and_then(|c| c.parse::<u32>().ok()).map(|c| c & 0xff) {
            Some(5 | 6) => (ErrorCode::Busy, "Another program is writing to this workspace. Try again in a moment.".to_owned()),
            Some(8) => (ErrorCode::NotPermitted, "This workspace can only be read.".to_owned()),
            Some(9) => (ErrorCode::Cancelled, "Stopped.".to_owned()),
            Some(11) => (ErrorCode::Corrupt, format!("The workspace file is damaged ({text}). Restore it from a copy.")),
            Some(13) => (ErrorCode::DiskFull, "The disk is full. Free some space and try again; nothing was lost.".to_owned()),
            Some(14) => (ErrorCode::ConnectionFailed, format!("The workspace file cannot be opened ({text}).")),
            Some(26) => (ErrorCode::NotAWorkspace, "This file is not a Stoneware workspace: it is not a SQLite database.".to_owned()),
            Some(10) => (ErrorCode::Io, format!("The workspace file cannot be read or written ({text}).")),
            _ => (ErrorCode::Internal, text.to_owned()),
        },
    };
    Error::new(code, message).with(serde_json::json!({ "database": text }))
}
