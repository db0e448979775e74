//! Reaching a Postgres server: the first contact, what the server says of itself, and why there is none.

use serde_json::json;
use sqlx::{
    Connection as _, FromRow, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
};
use std::{
    io::ErrorKind as Io,
    time::{Duration, Instant},
};

use crate::{
    error::{Error, ErrorCode, Result},
    model::{Connection, ServerInfo, SslMode},
    sql::{Dialect, literal, postgres},
};

/// The oldest server that will do, as it says of itself.
const OLDEST: i32 = 150_000;
/// How long the first contact may take, names and certificates looked up.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long anybody waits for a lock before giving up with `busy`.
const LOCK_TIMEOUT: &str = "15s";

/// Where no password is given, those of `PGPASSWORD` and the password file apply.
pub(super) fn options(connection: &Connection, password: Option<&str>) -> PgConnectOptions {
    let schema = quoted(connection);
    let mut options = PgConnectOptions::new()
        .port(connection.port)
        .username(&connection.user)
        .database(&connection.database)
        .ssl_mode(match connection.ssl_mode {
            SslMode::Disable => PgSslMode::Disable,
            SslMode::Allow => PgSslMode::Allow,
            SslMode::Prefer => PgSslMode::Prefer,
            SslMode::Require => PgSslMode::Require,
            SslMode::VerifyCa => PgSslMode::VerifyCa,
            SslMode::VerifyFull => PgSslMode::VerifyFull,
        })
        .application_name("stoneware")
        .options([
            ("search_path", schema.as_str()),
            ("TimeZone", "UTC"),
            ("DateStyle", "ISO"),
            ("lock_timeout", LOCK_TIMEOUT),
            ("jit", "off"),
        ]);
    options = if connection.host.starts_with('/') { options.socket(&connection.host) } else { options.host(&connection.host) };
    if let Some(file) = &connection.ca_file {
        options = options.ssl_root_cert(file);
    }
    match password {
        Some(password) => options.password(password),
        None => options,
    }
}

fn quoted(connection: &Connection) -> String {
    postgres::Postgres.quote(&connection.schema)
}

/// What stands at the other end.
struct Met {
    server: PgConnection,
    version: i32,
    schema: bool,
    workspace: bool,
    may_create: bool,
    /// Why nothing can be written there: `standby`, `setting` or `rights`.
    read_only: Option<String>,
    channel: String,
}

/// What is known of a workspace's database before the first connection of its pool.
pub(super) struct Found {
    pub workspace: bool,
    /// Why nothing can be written, in words.
    pub read_only: Option<String>,
    /// On which changes are told.
    pub channel: String,
}

/// Not through a pool: one tries again and again where nobody listens.
async fn meet(connection: &Connection, password: Option<&str>) -> Result<Met> {
    if let Some(file) = connection.ca_file.as_deref().filter(|file| std::fs::File::open(file).is_err()) {
        return Err(failed("ca_file", format!("The file of certificates {file} cannot be read."), ""));
    }
    let options = options(connection, password);
    let known = password.is_some();
    let mut server = tokio::time::timeout(PATIENCE, PgConnection::connect_with(&options))
        .await
        .map_err(|_| failed("timed_out", "The server did not answer in ten seconds. Check host, port and network.", ""))?
        .map_err(|error| why(connection, known, &error))?;
    let (schema, name) = (literal(&quoted(connection)), literal(&connection.schema));
    // One text without parameters is one round trip.
    let asked = format!(
        "WITH place AS (SELECT to_regnamespace({schema})::oid AS schema, to_regclass({schema} || '.kdb_workspace')::oid AS workspace, \
         to_regclass({schema} || '.kdb_records')::oid AS records) \
         SELECT current_setting('server_version_num')::int, schema IS NOT NULL, workspace IS NOT NULL, \
         CASE WHEN schema IS NULL THEN has_database_privilege(current_database(), 'CREATE') ELSE has_schema_privilege(schema, 'CREATE') END, \
         CASE WHEN pg_is_in_recovery() THEN 'standby' WHEN current_setting('default_transaction_read_only')::bool THEN 'setting' \
         WHEN NOT has_table_privilege(records, 'INSERT') THEN 'rights' END, 'kdb_' || md5({name}) FROM place"
    );
    let row = sqlx::raw_sql(sqlx::AssertSqlSafe(asked)).fetch_one(&mut server).await?;
    let (version, schema, workspace, may_create, read_only, channel) = FromRow::from_row(&row)?;
    if version < OLDEST {
        return Err(Error::unsupported(format!(
            "The server runs Postgres {}; Stoneware needs 15 or newer. Update the server.",
            version / 10_000
        ))
        .with(json!({ "reason": "server_too_old" })));
    }
    Ok(Met { server, version, schema, workspace, may_create, read_only, channel })
}

/// The first connection of all: refuses a server that will not do, and makes the schema where that is asked for.
pub(super) async fn prepare(connection: &Connection, password: Option<&str>, create: bool) -> Result<Found> {
    let mut met = meet(connection, password).await?;
    if !met.schema {
        if !create {
            return Err(Error::new(
                ErrorCode::NotAWorkspace,
                format!("The database has no schema {:?}. Make it with `stoneware init`.", connection.schema),
            )
            .with(json!({ "schema": connection.schema })));
        }
        if !met.may_create {
            let quote = |name: &str| postgres::Postgres.quote(name);
            let right = format!("GRANT CREATE ON DATABASE {} TO {}", quote(&connection.database), quote(&connection.user));
            let message = format!("This user may not make the schema {:?}. Ask whoever runs the database for: {right}.", connection.schema);
            return Err(Error::new(ErrorCode::NotPermitted, message).with(json!({ "missing": [right] })));
        }
        let create = format!("CREATE SCHEMA IF NOT EXISTS {}", quoted(connection));
        sqlx::query(sqlx::AssertSqlSafe(create)).execute(&mut met.server).await?;
    }
    met.server.close().await?;
    let read_only = met.read_only.as_deref().map(|why| match why {
        "standby" => "this server is a standby, which only follows another".to_owned(),
        "setting" => format!("{}'s transactions are set to read only", connection.user),
        _ => format!("{} may not write to its tables", connection.user),
    });
    Ok(Found { workspace: met.workspace, read_only, channel: met.channel })
}

/// One connection to a database that is only read from, whatever lies in it.
pub(super) async fn connect(connection: &Connection, password: Option<&str>) -> Result<PgConnection> {
    Ok(meet(connection, password).await?.server)
}

/// Connects, looks and goes again.
pub async fn probe(connection: &Connection, password: Option<&str>) -> Result<ServerInfo> {
    let mut met = meet(connection, password).await?;
    let encrypted: bool = sqlx::query_scalar("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetch_one(&mut met.server).await?;
    let asked = Instant::now();
    met.server.ping().await?;
    let round_trip_ms = u32::try_from(asked.elapsed().as_millis()).unwrap_or(u32::MAX);
    let schemas = sqlx::query_scalar(
        "SELECT nspname::text FROM pg_namespace n WHERE NOT starts_with(nspname::text, 'pg_') AND nspname <> 'information_schema' \
         AND has_schema_privilege(oid, 'USAGE') \
         AND EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p')) \
         ORDER BY nspname <> 'public', nspname",
    );
    let schemas = schemas.fetch_all(&mut met.server).await?;
    met.server.close().await?;
    Ok(ServerInfo {
        version: format!("{}.{}", met.version / 10_000, met.version % 10_000),
        encrypted,
        workspace: met.workspace,
        may_create: met.may_create,
        round_trip_ms,
        schemas,
    })
}

/// `reason` is stable: the window shows the message at the control that puts it right.
fn failed(reason: &str, message: impl Into<String>, database: &str) -> Error {
    Error::new(ErrorCode::ConnectionFailed, message).with(json!({ "reason": reason, "database": database }))
}

/// Why there is no connection, and what to look at.
fn why(connection: &Connection, password: bool, error: &sqlx::Error) -> Error {
    let (host, text) = (&connection.host, error.to_string());
    let (reason, message) = match error {
        sqlx::Error::Io(io) if io.kind() == Io::ConnectionRefused => {
            ("refused", format!("Nobody answers at {host}:{}: the server is not running, or listens on another port.", connection.port))
        }
        sqlx::Error::Io(io) if io.kind() == Io::NotFound && host.starts_with('/') => {
            ("refused", format!("No server has its socket for port {} in {host}.", connection.port))
        }
        // Names are looked up by the system's library, which has no kind of error for it.
        sqlx::Error::Io(io) if io.kind() == Io::NotFound || text.contains("lookup") => {
            ("unknown_host", format!("There is no host {host:?}."))
        }
        sqlx::Error::Io(_) if connection.ssl_mode != SslMode::Disable && text.contains("certificate") => certificate(&text),
        sqlx::Error::Io(io) if io.kind() == Io::TimedOut => ("timed_out", format!("{host} did not answer in time.")),
        sqlx::Error::Io(io) => ("unreachable", format!("The server cannot be reached ({io}). Check host, port and network.")),
        sqlx::Error::Tls(_) if text.contains("does not support") => {
            ("no_tls", "The server does not encrypt, and this mode asks for it. Choose `prefer`, or set the server up for TLS.".to_owned())
        }
        sqlx::Error::Tls(_) => certificate(&text),
        sqlx::Error::Database(database) => match database.code().as_deref() {
            Some("28P01") if password => ("bad_password", "The server refused this user or password.".to_owned()),
            Some("28P01") => ("password_needed", format!("The server asks for the password of {}.", connection.user)),
            Some("28000") => ("not_allowed", format!("The server does not let this user in from here: {}.", database.message())),
            Some("3D000") => ("no_such_database", format!("There is no database {:?} on this server.", connection.database)),
            Some("42501") => ("too_few_rights", format!("This user may not connect: {}.", database.message())),
            Some("53300") => ("server_full", "The server has no connection left. Try again later.".to_owned()),
            Some("57P03") => ("starting", "The server is starting up or shutting down. Try again in a moment.".to_owned()),
            _ => ("server", format!("The server refused the connection: {}.", database.message())),
        },
        // No password was there to answer with.
        _ if !password && text.contains("password") => {
            ("password_needed", format!("The server asks for the password of {}.", connection.user))
        }
        _ => ("server", format!("This does not speak Postgres, or not so that it can be understood ({text}).")),
    };
    failed(reason, message, &text)
}

fn certificate(text: &str) -> (&'static str, String) {
    (
        "certificate",
        format!("The server's certificate is not trusted ({text}). Name the file of certificates to trust, or choose `require`."),
    )
}
