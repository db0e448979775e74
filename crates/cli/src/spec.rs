//! Fields as the command line writes them: `NAME:TYPE[:OPTION,…]`.
//!
//! Options are `required`, `unique`, `indexed`, `hidden`, `read_only`, and `KEY=VALUE` for `default`, `options` (`a|b|c`),
//! `min`, `max`, `min_length`, `max_length`, `pattern`, `precision`, `scale`, `currency`, `label`, `description`.
//! A value reaches to the next option, so `default` and `pattern` may hold commas. A name may hold colons: the type is
//! the first segment that is a type and leaves readable options; in double quotes (`""` for one) it may hold anything.

use serde_json::{Value, json};
use stoneware_engine::model::{FieldSpec, FieldType};

const FLAGS: [&str; 5] = ["required", "unique", "indexed", "hidden", "read_only"];
const KEYS: [&str; 12] =
    ["default", "options", "min", "max", "min_length", "max_length", "pattern", "precision", "scale", "currency", "label", "description"];

/// A whole field. The error is a sentence for people.
pub fn parse(text: &str) -> Result<FieldSpec, String> {
    if let Some((name, rest)) = quoted(text) {
        let rest = rest.strip_prefix(':').ok_or_else(|| shape(text))?;
        return typed(&name, rest);
    }
    let mut problem = None;
    for (at, _) in text.match_indices(':') {
        match typed(&text[..at], &text[at + 1..]) {
            Ok(spec) => return Ok(spec),
            // The first place where a type stands is what was most likely meant.
            Err(reason) if FieldType::parse(segment(&text[at + 1..])).is_some() => problem = problem.or(Some(reason)),
            Err(_) => {}
        }
    }
    Err(problem.unwrap_or_else(|| shape(text)))
}

/// What a field is to become: a whole spec, or `TYPE[:OPTION,…]` alone, which keeps the name.
pub fn parse_change(text: &str, name: &str) -> Result<FieldSpec, String> {
    parse(text).or_else(|problem| typed(name, text).map_err(|_| problem))
}

fn segment(text: &str) -> &str {
    text.split(':').next().unwrap_or_default()
}

fn shape(text: &str) -> String {
    let types: Vec<&str> = FieldType::ALL.iter().map(|t| t.word()).collect();
    format!(
        "{text:?} is not a field: write NAME:TYPE or NAME:TYPE:required,unique,indexed,default=VALUE, where TYPE is one of {}",
        types.join(", ")
    )
}

/// `"a:b":rest` gives the name and the rest.
fn quoted(text: &str) -> Option<(String, &str)> {
    let body = text.strip_prefix('"')?;
    let mut name = String::new();
    let mut chars = body.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c != '"' {
            name.push(c);
        } else if chars.peek().is_some_and(|(_, next)| *next == '"') {
            chars.next();
            name.push('"');
        } else {
            return Some((name, &body[at + 1..])).filter(|(_, rest)| rest.starts_with(':'));
        }
    }
    None
}

fn typed(name: &str, rest: &str) -> Result<FieldSpec, String> {
    let (word, options) = rest.split_once(':').unwrap_or((rest, ""));
    let field_type = FieldType::parse(word).ok_or_else(|| shape(&format!("{name}:{rest}")))?;
    if name.trim().is_empty() {
        return Err("The field has no name: write NAME:TYPE".to_owned());
    }
    let mut spec = FieldSpec::new(name, field_type);
    for option in split_options(options) {
        apply(&mut spec, &option)?;
    }
    Ok(spec)
}

fn key_of(option: &str) -> Option<(&str, &str)> {
    option.split_once('=').filter(|(key, _)| KEYS.contains(key))
}

/// Splits at commas, but only before something that is an option itself.
fn split_options(text: &str) -> Vec<String> {
    let mut options: Vec<String> = Vec::new();
    for piece in text.split(',').filter(|_| !text.is_empty()) {
        let open = options.last().is_some_and(|last| key_of(last).is_some());
        match options.last_mut() {
            Some(last) if open && !FLAGS.contains(&piece) && key_of(piece).is_none() => {
                last.push(',');
                last.push_str(piece);
            }
            _ => options.push(piece.to_owned()),
        }
    }
    options
}

fn apply(spec: &mut FieldSpec, option: &str) -> Result<(), String> {
    if let Some((key, value)) = key_of(option) {
        let number = || value.trim().parse::<u32>().map_err(|_| format!("{key}={value} is not a whole number"));
        let config = &mut spec.config;
        match key {
            "default" => spec.default = Some(default(spec.field_type, value)?),
            "options" => config.options = value.split('|').map(str::to_owned).collect(),
            "min" => config.min = Some(value.to_owned()),
            "max" => config.max = Some(value.to_owned()),
            "min_length" => config.min_length = Some(number()?),
            "max_length" => config.max_length = Some(number()?),
            "pattern" => config.pattern = Some(value.to_owned()),
            "precision" => config.precision = Some(number()?),
            "scale" => config.scale = Some(number()?),
            "currency" => config.currency = Some(value.to_owned()),
            "label" => spec.label = Some(value.to_owned()),
            _ => spec.description = Some(value.to_owned()),
        }
        return Ok(());
    }
    match option.trim() {
        "required" => spec.required = true,
        "unique" => spec.unique = true,
        "indexed" => spec.indexed = true,
        "hidden" => spec.visible = false,
        "read_only" => spec.read_only = true,
        _ => {
            return Err(format!("{option:?} is no option of a field: there are {}, and {}=VALUE", FLAGS.join(", "), KEYS.join("=VALUE, ")));
        }
    }
    Ok(())
}

/// Text as the type takes it; whether it fits is the engine's word.
fn default(field_type: FieldType, text: &str) -> Result<Value, String> {
    let as_json = || serde_json::from_str::<Value>(text).map_err(|e| format!("default={text} is not valid JSON: {e}"));
    Ok(match field_type {
        FieldType::Integer | FieldType::Float | FieldType::Bool => as_json().unwrap_or_else(|_| json!(text)),
        FieldType::Multiselect if !text.starts_with('[') => text.split('|').filter(|item| !item.is_empty()).collect(),
        FieldType::Json | FieldType::Multiselect | FieldType::File | FieldType::Image => as_json()?,
        _ => json!(text),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[track_caller]
    fn spec(text: &str) -> FieldSpec {
        parse(text).unwrap_or_else(|problem| panic!("{text}: {problem}"))
    }

    #[test]
    fn name_and_type() {
        let field = spec("Order Details:decimal");
        assert_eq!((field.name.as_str(), field.field_type), ("Order Details", FieldType::Decimal));
        assert!(!field.required && !field.unique && !field.indexed && field.default.is_none());
    }

    #[test]
    fn flags_and_default() {
        let field = spec("email:email:required,unique,indexed,default=a@example.com");
        assert!(field.required && field.unique && field.indexed);
        assert_eq!(field.default, Some(json!("a@example.com")));
        assert_eq!(spec("n:integer:default=5").default, Some(json!(5)));
        assert_eq!(spec("n:integer:default=many").default, Some(json!("many")), "the engine says why it does not fit");
        assert_eq!(spec("d:decimal:default=1.50").default, Some(json!("1.50")), "a decimal keeps its digits");
        assert_eq!(spec("b:bool:default=true").default, Some(json!(true)));
        assert_eq!(spec("s:string:default=").default, Some(json!("")));
        assert_eq!(spec("at:datetime:default=now()").default, Some(json!("now()")));
        assert_eq!(spec("t:multiselect:options=a|b,default=a|b").default, Some(json!(["a", "b"])));
        assert_eq!(spec("j:json:default={\"a\":[1,2]}").default, Some(json!({"a": [1, 2]})));
    }

    #[test]
    fn a_value_may_hold_commas_and_colons() {
        let field = spec("note:text:default=one, two: three,required");
        assert_eq!(field.default, Some(json!("one, two: three")));
        assert!(field.required, "an option after the value still counts");
        assert_eq!(spec("code:string:pattern=[A-Z]{1,3},unique").config.pattern.as_deref(), Some("[A-Z]{1,3}"));
    }

    #[test]
    fn config() {
        let config = spec("price:currency:precision=10,scale=2,min=0,max=99.5,currency=EUR").config;
        assert_eq!((config.precision, config.scale), (Some(10), Some(2)));
        assert_eq!((config.min.as_deref(), config.max.as_deref(), config.currency.as_deref()), (Some("0"), Some("99.5"), Some("EUR")));
        assert_eq!(spec("s:select:options=new|paid").config.options, ["new", "paid"]);
        assert_eq!(spec("s:string:max_length=3,min_length=1").config.max_length, Some(3));
    }

    #[test]
    fn names_may_hold_colons_and_quotes() {
        assert_eq!(spec("ratio a:b:float").name, "ratio a:b");
        assert_eq!(spec("user\"s:string").name, "user\"s");
        assert_eq!(spec("\"a:text\":integer").name, "a:text");
        assert_eq!(spec("\"say \"\"hi\"\"\":string").name, "say \"hi\"");
        assert_eq!(spec("text:string").name, "text");
        assert_eq!(spec("a:text:string").name, "a:text", "string is no option of text, so it is the type");
        assert_eq!(spec("注文:date").name, "注文");
    }

    #[test]
    fn a_change_may_leave_the_name_out() {
        let field = parse_change("integer:required", "age").unwrap();
        assert_eq!((field.name.as_str(), field.field_type, field.required), ("age", FieldType::Integer, true));
        assert_eq!(parse_change("years:integer", "age").unwrap().name, "years");
    }

    #[test]
    fn mistakes_say_what_to_write() {
        for (text, expected) in [
            ("name", "NAME:TYPE"),
            ("name:strng", "one of string, text"),
            ("name:string:requird", "no option of a field"),
            (":string", "no name"),
            ("n:decimal:scale=two", "not a whole number"),
            ("j:json:default={", "not valid JSON"),
        ] {
            let problem = parse(text).unwrap_err();
            assert!(problem.contains(expected), "{text}: {problem}");
        }
    }
}
