//! What texts look like that Postgres can make values of a type from.

use super::{Column, literal};
use crate::model::StorageType;

const MONTH_AND_DAY: &str = "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))";
const LEAP_DAY: &str = "([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29";
const CLOCK: &str = "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{0,5}[1-9])?Z";

/// The condition that a text is a value of the column's type in its canonical form: only then it is cast, as a cast that fails would end
/// the transaction. None where any text will do.
pub fn shape(text: &str, column: &Column) -> Option<String> {
    let day = format!("([0-9]{{4}}-{MONTH_AND_DAY}|{LEAP_DAY})");
    let pattern = match column.storage_type() {
        StorageType::Decimal => return Some(decimal_shape(text, column)),
        StorageType::Date => format!("^{day}$"),
        StorageType::Datetime => format!("^{day}{CLOCK}$"),
        StorageType::Uuid => "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$".to_owned(),
        StorageType::Binary => "^([0-9a-f]{2})*$".to_owned(),
        _ => return None,
    };
    Some(format!("{text} ~ {}", literal(&pattern)))
}

fn decimal_shape(text: &str, column: &Column) -> String {
    let config = &column.config;
    let fraction = match config.scale {
        Some(0) => String::new(),
        Some(scale) if scale <= 255 => format!("\\.[0-9]{{{scale}}}"),
        Some(_) => "\\.[0-9]+".to_owned(),
        None => "(\\.[0-9]+)?".to_owned(),
    };
    // Zero has no sign.
    let mut shape = format!("{text} ~ {} AND {text} !~ '^-[0.]*$'", literal(&format!("^-?(0|[1-9][0-9]*){fraction}$")));
    if let Some(scale) = config.scale.filter(|s| *s > 255) {
        shape.push_str(&format!(" AND length(split_part({text}, '.', 2)) = {scale}"));
    }
    if let Some(precision) = config.precision {
        let whole = precision.saturating_sub(config.scale.unwrap_or(0)).max(1);
        shape.push_str(&format!(" AND length(split_part(ltrim({text}, '-'), '.', 1)) <= {whole}"));
    }
    format!("({shape})")
}
