//! How a Postgres database is reached: everything but the password, which is never part of anything that is kept or shown.

use serde::{Deserialize, Serialize};
use specta::Type;
use url::Url;

use crate::error::{Error, Result};

/// How much a connection asks of encryption; the words are libpq's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum SslMode {
    Disable,
    Allow,
    #[default]
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl SslMode {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Disable, "disable"),
        (Self::Allow, "allow"),
        (Self::Prefer, "prefer"),
        (Self::Require, "require"),
        (Self::VerifyCa, "verify-ca"),
        (Self::VerifyFull, "verify-full"),
    ];

    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(mode, _)| *mode == self).map_or("prefer", |(_, word)| word)
    }

    fn of(word: &str) -> Result<Self> {
        Self::ALL.iter().find(|(_, w)| *w == word).map(|(mode, _)| *mode).ok_or_else(|| {
            Error::invalid(format!("There is no sslmode {word:?}. Use disable, allow, prefer, require, verify-ca or verify-full."))
        })
    }
}

/// A database and who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct Connection {
    pub host: String,
    pub port: u16,
    pub database: String,
    pub schema: String,
    pub user: String,
    pub ssl_mode: SslMode,
    /// Path of a PEM file with the certificates to trust. None: those of the system.
    pub ca_file: Option<String>,
}

impl Default for Connection {
    fn default() -> Self {
        Self {
            host: "localhost".to_owned(),
            port: 5432,
            database: String::new(),
            schema: "public".to_owned(),
            user: String::new(),
            ssl_mode: SslMode::Prefer,
            ca_file: None,
        }
    }
}

/// What a pasted address says. The password is apart, so that nobody shows it by mistake.
#[derive(Clone, Serialize, Deserialize, Type)]
pub struct ParsedConnection {
    pub connection: Connection,
    pub password: Option<String>,
}

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ServerInfo {
    /// `15.8`
    pub version: String,
    pub encrypted: bool,
    /// The schema holds a workspace already.
    pub workspace: bool,
    /// This user may make one there.
    pub may_create: bool,
    /// Milliseconds there and back.
    pub round_trip_ms: u32,
    /// Those of its schemas that hold tables and may be looked into: what an import can choose among.
    pub schemas: Vec<String>,
}

impl Connection {
    /// Reads `postgres://user:password@host:port/database?schema=…&sslmode=…&sslrootcert=…`.
    ///
    /// # Errors
    /// `invalid_input`, in words that do not repeat the address: it may hold a password.
    pub fn parse(address: &str) -> Result<ParsedConnection> {
        let url = Url::parse(address.trim())
            .ok()
            .filter(|url| matches!(url.scheme(), "postgres" | "postgresql"))
            .ok_or_else(|| Error::invalid("This is no address of a Postgres database. Write it as postgres://user@host:5432/database."))?;
        let plain = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        let mut connection = Self { user: plain(url.username()), database: plain(url.path().trim_start_matches('/')), ..Self::default() };
        if let Some(host) = url.host_str().filter(|host| !host.is_empty()) {
            connection.host = plain(host.trim_start_matches('[').trim_end_matches(']'));
        }
        connection.port = url.port().unwrap_or(connection.port);
        let mut password = url.password().map(plain);
        for (key, value) in url.query_pairs() {
            match key.as_ref() {
                "schema" => connection.schema = value.into_owned(),
                "sslmode" | "ssl-mode" => connection.ssl_mode = SslMode::of(&value)?,
                "sslrootcert" | "ssl-root-cert" | "ssl-ca" => connection.ca_file = Some(value.into_owned()),
                "host" => connection.host = value.into_owned(),
                "port" => connection.port = value.parse().map_err(|_| Error::invalid(format!("{value:?} is no port.")))?,
                "user" => connection.user = value.into_owned(),
                "dbname" => connection.database = value.into_owned(),
                "password" => password = Some(value.into_owned()),
                // Others (application_name, connect_timeout, …) say nothing of where the workspace is.
                _ => {}
            }
        }
        Ok(ParsedConnection { connection, password: password.filter(|p| !p.is_empty()) })
    }

    /// The address without any password: what is shown, listed and opened again.
    ///
    /// # Errors
    /// `invalid_input` for a host that cannot be one.
    pub fn location(&self) -> Result<String> {
        Ok(self.url()?.to_string())
    }

    /// The address with the password, for opening a connection and nothing else.
    ///
    /// # Errors
    /// `invalid_input` for a host that cannot be one.
    pub fn secret_url(&self, password: Option<&str>) -> Result<String> {
        let mut url = self.url()?;
        if let Some(password) = password.filter(|p| !p.is_empty()) {
            url.set_password(Some(password)).map_err(|()| self.bad_host())?;
        }
        Ok(url.to_string())
    }

    fn url(&self) -> Result<Url> {
        for (what, value) in [("host", &self.host), ("database", &self.database), ("user", &self.user)] {
            if value.trim().is_empty() {
                return Err(Error::invalid(format!("Name the {what}.")).with(serde_json::json!({ "missing": what })));
            }
        }
        let mut url = Url::parse("postgres://host/").map_err(|e| Error::internal(e.to_string()))?;
        // A folder of sockets is no host name: libpq takes it from the query.
        let socket = self.host.starts_with('/');
        let bracketed = if self.host.contains(':') && !socket { format!("[{}]", self.host) } else { self.host.clone() };
        url.set_host(Some(if socket { "localhost" } else { bracketed.trim() })).map_err(|_| self.bad_host())?;
        url.set_port(Some(self.port)).map_err(|()| self.bad_host())?;
        url.set_username(&self.user).map_err(|()| self.bad_host())?;
        url.path_segments_mut().map_err(|()| self.bad_host())?.clear().push(&self.database);
        let mut pairs = url.query_pairs_mut();
        if socket {
            pairs.append_pair("host", &self.host);
        }
        if self.schema != "public" && !self.schema.trim().is_empty() {
            pairs.append_pair("schema", &self.schema);
        }
        if self.ssl_mode != SslMode::default() {
            pairs.append_pair("sslmode", self.ssl_mode.word());
        }
        if let Some(file) = self.ca_file.as_deref().filter(|f| !f.trim().is_empty()) {
            pairs.append_pair("sslrootcert", file);
        }
        drop(pairs);
        if url.query() == Some("") {
            url.set_query(None);
        }
        Ok(url)
    }

    fn bad_host(&self) -> Error {
        Error::invalid(format!("{:?} cannot be the name of a host.", self.host)).with(serde_json::json!({ "missing": "host" }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Connection {
        Connection {
            host: "db.example.org".into(),
            port: 6543,
            database: "sales & more".into(),
            schema: "Tom's \"schema\"".into(),
            user: "o'neil@corp".into(),
            ssl_mode: SslMode::VerifyFull,
            ca_file: Some("/etc/ssl/our ca.pem".into()),
        }
    }

    #[test]
    fn an_address_says_what_the_form_said() {
        for connection in [
            full(),
            Connection { host: "::1".into(), user: "u".into(), database: "d".into(), ..Connection::default() },
            Connection { host: "/var/run/postgresql".into(), user: "u".into(), database: "d".into(), ..Connection::default() },
        ] {
            let password = "p@ss/word:%#? +&=";
            let parsed = Connection::parse(&connection.secret_url(Some(password)).unwrap()).unwrap();
            assert_eq!((parsed.connection, parsed.password.as_deref()), (connection.clone(), Some(password)));
            assert!(!connection.location().unwrap().contains("ss/word"));
            assert_eq!(Connection::parse(&connection.location().unwrap()).unwrap().password, None);
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = Connection { database: " ".into(), user: "u".into(), ..Connection::default() }.location().unwrap_err();
        assert_eq!(error.details["missing"], "database");
        for bad in ["", "shop.db", "mysql://u@h/d", "postgres://u:secret@h:99999/d", "postgres://u:secret@h/d?sslmode=maybe"] {
            let Err(error) = Connection::parse(bad) else { panic!("{bad} was taken") };
            assert!(!error.message.contains("secret"), "{}", error.message);
        }
    }
}
