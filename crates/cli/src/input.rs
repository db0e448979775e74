//! What a command is given: JSON in the argument, in a file, or on standard input.

use serde_json::Value;
use std::io::Read;
use stoneware_engine::{
    Error,
    model::{Data, digits},
};

use crate::failure::Outcome;

/// Reads `JSON`, `@FILE` or `-` (standard input) as one JSON object.
///
/// # Errors
/// `invalid_input` when it is not an object or would lose digits, `io` when the file cannot be read.
pub fn record(argument: &str) -> Outcome<Data> {
    let text = if argument == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        text
    } else if let Some(path) = argument.strip_prefix('@') {
        std::fs::read_to_string(path)
            .map_err(|error| Error::new(Error::from(error).code, format!("Cannot read {path}: check that the file exists and is text.")))?
    } else {
        argument.to_owned()
    };
    match json(&text)? {
        Value::Object(data) if data.values().any(|value| digits::rounded_within(value, text.as_bytes())) => {
            let message = "A number in this JSON has more digits than can be kept: put it in quotes, so that none is lost.";
            Err(Error::invalid(message).into())
        }
        Value::Object(data) => Ok(data),
        _ => Err(Error::invalid("A record is a JSON object such as {\"name\": \"Ada\"}.").into()),
    }
}

/// # Errors
/// `invalid_input` with the place where the text stops being JSON.
pub fn json(text: &str) -> Outcome<Value> {
    Ok(serde_json::from_str(text).map_err(|error| {
        Error::invalid(format!("Not valid JSON: {error}. Put the whole of it in single quotes, names in double quotes."))
    })?)
}
