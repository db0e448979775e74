//! A condition such as `age > 30 and status in ('paid', 'shipped')`, parsed by a real parser and written for either mode.
//!
//! Only comparisons of fields with literals get through: whatever else SQL may say is refused by name.

use serde_json::{Value, json};
use sqlparser::{
    ast::{BinaryOperator, Expr, UnaryOperator, Value as Literal},
    dialect::GenericDialect,
    parser::Parser,
    tokenizer::Token,
};

use crate::{
    error::{Error, ErrorCode, Result},
    model::{Entity, Schema, StorageType, name, value},
    sql::{Bind, Column, Dialect, list::Condition, records::Place},
};

/// Everything a field name in a condition is looked up in.
pub struct Scope<'a> {
    pub schema: &'a Schema,
    pub entity: &'a Entity,
    pub columns: &'a [Column],
    pub place: &'a Place,
    pub dialect: &'static dyn Dialect,
}

/// Parses `text` and appends it to `out` as `AND (…)`.
///
/// # Errors
/// `invalid_input` with what the parser expected; `unknown_field`; `type_mismatch` for a literal that is no value of the field.
pub fn parse(scope: &Scope<'_>, text: &str, out: &mut Condition) -> Result<()> {
    let bad = |e: &dyn std::fmt::Display| {
        Error::invalid(format!(
            "The condition {:?} cannot be read: {e}. Write it like: age > 30 and status = 'paid'.",
            name::shorten(text, 80)
        ))
        .with(json!({ "where": text }))
    };
    let mut parser = Parser::new(&GenericDialect {}).with_recursion_limit(100).try_with_sql(text).map_err(|e| bad(&e))?;
    let expression = parser.parse_expr().map_err(|e| bad(&e))?;
    if parser.peek_token().token != Token::EOF {
        return Err(bad(&format!("nothing was expected after it, but there is {}", parser.peek_token())));
    }
    out.text(" AND (");
    scope.condition(&expression, out)?;
    out.text(")");
    Ok(())
}

impl Scope<'_> {
    fn condition(&self, e: &Expr, out: &mut Condition) -> Result<()> {
        match e {
            Expr::Nested(inner) => {
                out.text("(");
                self.condition(inner, out)?;
                out.text(")");
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => {
                out.text("NOT (");
                self.condition(expr, out)?;
                out.text(")");
            }
            Expr::BinaryOp { left, op: op @ (BinaryOperator::And | BinaryOperator::Or), right } => {
                out.text("(");
                self.condition(left, out)?;
                out.text(if *op == BinaryOperator::And { " AND " } else { " OR " });
                self.condition(right, out)?;
                out.text(")");
            }
            Expr::BinaryOp { left, op, right } => self.comparison(left, op, right, out)?,
            Expr::IsNull(expr) => self.is_null(expr, "IS NULL", out)?,
            Expr::IsNotNull(expr) => self.is_null(expr, "IS NOT NULL", out)?,
            Expr::InList { expr, list, negated } => {
                let column = self.column(expr)?;
                let binds = list.iter().map(|item| self.bind(&column, item)).collect::<Result<Vec<Bind>>>()?;
                let found = if *negated { vec![] } else { binds.iter().filter_map(|bind| self.found_by(&column, bind)).collect() };
                out.text("(");
                among(out, &self.expression(&column), if *negated { "NOT IN" } else { "IN" }, binds);
                if let Some((expression, _)) = found.first() {
                    let expression = expression.clone();
                    out.text(" AND ");
                    among(out, &expression, "IN", found.into_iter().map(|(_, bind)| bind));
                }
                out.text(")");
            }
            Expr::Between { expr, negated, low, high } => {
                let column = self.column(expr)?;
                out.text(format!("{} {}BETWEEN ", self.expression(&column), if *negated { "NOT " } else { "" }));
                out.bind(self.bind(&column, low)?).text(" AND ").bind(self.bind(&column, high)?);
            }
            Expr::Like { negated, expr, pattern, .. } | Expr::ILike { negated, expr, pattern, .. } => {
                let column = self.column(expr)?;
                let Some(pattern) = literal(pattern).and_then(|v| v.as_str().map(str::to_owned)) else {
                    return Err(unsupported(e));
                };
                let native = match &column {
                    Operand::Head(head) => self.place.head(head).to_owned(),
                    Operand::Column(column) => self.place.native(self.dialect, column),
                };
                let (text, like) = self.dialect.like(&native, column.as_column());
                out.text(format!("{text} {}{like} ", if *negated { "NOT " } else { "" })).bind(pattern).text(" ESCAPE '\\'");
            }
            Expr::Identifier(_) => {
                let column = self.column(e)?;
                if column.as_column().is_none_or(|c| c.storage_type() != StorageType::Bool) {
                    return Err(unsupported(e));
                }
                out.text(format!("{} = ", self.expression(&column))).bind(self.value(&column, &Value::Bool(true))?);
            }
            other => return Err(unsupported(other)),
        }
        Ok(())
    }

    fn comparison(&self, left: &Expr, op: &BinaryOperator, right: &Expr, out: &mut Condition) -> Result<()> {
        let sign = match op {
            BinaryOperator::Eq => "=",
            BinaryOperator::NotEq => "<>",
            BinaryOperator::Lt => "<",
            BinaryOperator::LtEq => "<=",
            BinaryOperator::Gt => ">",
            BinaryOperator::GtEq => ">=",
            _ => {
                return Err(Error::invalid(format!(
                    "The operator {op} is not known in conditions. Use =, <>, <, <=, >, >=, in, between, like or is null."
                )));
            }
        };
        // `30 < age` reads as `age > 30`.
        let (field, sign, other) = match (literal(left), literal(right)) {
            (Some(_), None) => (right, mirrored(sign), left),
            _ => (left, sign, right),
        };
        let column = self.column(field)?;
        if literal(other).is_some_and(|v| v.is_null()) {
            out.text(format!("{} {}", self.expression(&column), if sign == "<>" { "IS NOT NULL" } else { "IS NULL" }));
            return Ok(());
        }
        let bind = self.bind(&column, other)?;
        let found = if sign == "=" { self.found_by(&column, &bind) } else { None };
        out.text(format!("({} {sign} ", self.expression(&column))).bind(bind);
        if let Some((expression, bind)) = found {
            out.text(format!(" AND {expression} = ")).bind(bind);
        }
        out.text(")");
        Ok(())
    }

    fn is_null(&self, e: &Expr, test: &str, out: &mut Condition) -> Result<()> {
        let column = self.column(e)?;
        out.text(format!("({}) {test}", self.expression(&column)));
        Ok(())
    }

    fn column(&self, e: &Expr) -> Result<Operand<'_>> {
        let Expr::Identifier(ident) = e else { return Err(unsupported(e)) };
        self.operand(&ident.value)
    }

    /// A field, a relationship's field, or one of the record's own: `id`, `primary_value`, `version`, `created_at`, `updated_at`.
    /// `kdb_id` is the record's id even where a field is called `id`.
    pub fn operand(&self, field: &str) -> Result<Operand<'_>> {
        if field == "kdb_id" {
            return Ok(Operand::Head("id"));
        }
        if let Some(column) = self
            .columns
            .iter()
            .find(|c| c.name == field)
            .or_else(|| self.columns.iter().find(|c| name::folded(&c.name) == name::folded(field)))
        {
            return Ok(Operand::Column(column));
        }
        if let Ok(relationship) = self.schema.relationship_named(self.entity, field) {
            let owner = crate::sql::ColumnOwner::Relationship(relationship.id);
            if let Some(column) = self.columns.iter().find(|c| c.owner == owner) {
                return Ok(Operand::Column(column));
            }
        }
        let heads = ["id", "primary_value", "version", "created_at", "updated_at", "created_by", "updated_by"];
        match heads.into_iter().find(|h| *h == field) {
            Some(head) => Ok(Operand::Head(head)),
            None => Err(self.schema.unknown_field(self.entity, field)),
        }
    }

    pub fn expression(&self, operand: &Operand<'_>) -> String {
        match operand {
            Operand::Head(head) => self.place.head(head).to_owned(),
            Operand::Column(column) => self.dialect.comparable(&self.place.native(self.dialect, column), column),
        }
    }

    /// What an index finds the value by, where that is not the value.
    fn found_by(&self, operand: &Operand<'_>, value: &Bind) -> Option<(String, Bind)> {
        let column = operand.as_column().filter(|c| c.has_entries() && !self.place.is_shared())?;
        self.dialect.found_by(&self.place.native(self.dialect, column), column, value, 1)
    }

    fn bind(&self, operand: &Operand<'_>, e: &Expr) -> Result<Bind> {
        self.value(operand, &literal(e).ok_or_else(|| unsupported(e))?)
    }

    /// The one head column that is a number.
    fn is_version(&self, operand: &Operand<'_>) -> bool {
        matches!(operand, Operand::Head("version"))
    }

    fn value(&self, operand: &Operand<'_>, value: &Value) -> Result<Bind> {
        if let (Operand::Head("id"), Value::String(text)) = (operand, value) {
            let id: crate::model::RecordId = text.parse()?;
            return Ok(id.into());
        }
        let Operand::Column(column) = operand else {
            return Ok(match value {
                Value::Number(n) if self.is_version(operand) => n.as_i64().into(),
                Value::String(s) if !self.is_version(operand) => s.clone().into(),
                other if self.is_version(operand) => {
                    return Err(Error::new(ErrorCode::TypeMismatch, format!("version: {other} is not an integer.")));
                }
                other => other.to_string().into(),
            });
        };
        // Whether it meets the field's narrower rules does not matter for looking: only its type must be right.
        let mut plain = crate::model::FieldConfig::default();
        if let Some(scale) = column.config.scale {
            let digits = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let given = digits.split_once('.').map_or(0, |(_, f)| f.len());
            plain.scale = Some(scale.max(u32::try_from(given).unwrap_or(scale)));
        }
        // A fraction asked of an integer field is a fair question: compare as numbers.
        if column.storage_type() == StorageType::Integer && value.as_f64().is_some_and(|f| f.fract() != 0.0) {
            return Ok(value.as_f64().into());
        }
        let canonical = value::normalize(column.field_type.plain(), &plain, value).map_err(|reason| {
            Error::new(ErrorCode::TypeMismatch, format!("{}.{}: {value} {reason}.", self.entity.name, column.name))
                .with(json!({ "entity": self.entity.name, "field": column.name, "value": value, "reason": reason }))
        })?;
        Ok(self.dialect.bind_comparable(column, &canonical))
    }
}

/// What a condition compares or a list is sorted by.
pub enum Operand<'a> {
    Column(&'a Column),
    Head(&'static str),
}

impl<'a> Operand<'a> {
    pub fn as_column(&self) -> Option<&'a Column> {
        if let Self::Column(column) = self { Some(column) } else { None }
    }
}

fn among(out: &mut Condition, expression: &str, word: &str, binds: impl IntoIterator<Item = Bind>) {
    out.text(format!("{expression} {word} ("));
    for (i, bind) in binds.into_iter().enumerate() {
        out.text(if i == 0 { "" } else { ", " }).bind(bind);
    }
    out.text(")");
}

fn mirrored(sign: &str) -> &str {
    match sign {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        other => other,
    }
}

fn literal(e: &Expr) -> Option<Value> {
    match e {
        Expr::Value(v) => match &v.value {
            Literal::Number(digits, _) => Some(digits.parse::<i64>().map_or_else(|_| Value::String(digits.clone()), Value::from)),
            Literal::SingleQuotedString(s) | Literal::DoubleQuotedString(s) => Some(s.clone().into()),
            Literal::Boolean(b) => Some((*b).into()),
            Literal::Null => Some(Value::Null),
            _ => None,
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match literal(expr)? {
            Value::Number(n) => n.as_i64().map(|n| Value::from(-n)),
            Value::String(digits) => Some(Value::String(format!("-{digits}"))),
            _ => None,
        },
        _ => None,
    }
}

fn unsupported(e: &Expr) -> Error {
    Error::invalid(format!(
        "{:?} cannot stand in a condition. Compare fields with values, joined by and, or, not.",
        name::shorten(&e.to_string(), 80)
    ))
    .with(json!({ "where": e.to_string() }))
}
