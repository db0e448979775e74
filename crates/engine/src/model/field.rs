//! Fields: the library definition, its type and config, and its use in an entity (the attachment).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use specta::Type;

use super::ids::{AttachmentId, EntityId, FieldId};

/// What a field holds. The second group stands on the first: see [`FieldType::storage`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub enum FieldType {
    String,
    Text,
    Integer,
    Float,
    Decimal,
    Bool,
    Date,
    Datetime,
    Uuid,
    Json,
    Binary,
    Email,
    Phone,
    Url,
    Currency,
    Percentage,
    Select,
    Multiselect,
    File,
    Image,
}

/// How a value lies in a column, whatever the field calls itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StorageType {
    Text,
    Integer,
    Float,
    Decimal,
    Bool,
    Date,
    Datetime,
    Uuid,
    Json,
    Binary,
}

impl FieldType {
    pub const ALL: [Self; 20] = [
        Self::String,
        Self::Text,
        Self::Integer,
        Self::Float,
        Self::Decimal,
        Self::Bool,
        Self::Date,
        Self::Datetime,
        Self::Uuid,
        Self::Json,
        Self::Binary,
        Self::Email,
        Self::Phone,
        Self::Url,
        Self::Currency,
        Self::Percentage,
        Self::Select,
        Self::Multiselect,
        Self::File,
        Self::Image,
    ];

    pub fn storage(self) -> StorageType {
        match self {
            Self::String | Self::Text | Self::Email | Self::Phone | Self::Url | Self::Select => StorageType::Text,
            Self::Integer => StorageType::Integer,
            Self::Float => StorageType::Float,
            Self::Decimal | Self::Currency | Self::Percentage => StorageType::Decimal,
            Self::Bool => StorageType::Bool,
            Self::Date => StorageType::Date,
            Self::Datetime => StorageType::Datetime,
            Self::Uuid => StorageType::Uuid,
            Self::Json | Self::Multiselect | Self::File | Self::Image => StorageType::Json,
            Self::Binary => StorageType::Binary,
        }
    }

    /// The type with the same storage and no meaning of its own: what a column can hold, whatever the field calls it.
    pub fn plain(self) -> Self {
        match self.storage() {
            StorageType::Text => Self::String,
            StorageType::Decimal => Self::Decimal,
            StorageType::Json => Self::Json,
            _ => self,
        }
    }

    /// The word used in JSON, on the command line and in the window.
    pub fn word(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Decimal => "decimal",
            Self::Bool => "bool",
            Self::Date => "date",
            Self::Datetime => "datetime",
            Self::Uuid => "uuid",
            Self::Json => "json",
            Self::Binary => "binary",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Url => "url",
            Self::Currency => "currency",
            Self::Percentage => "percentage",
            Self::Select => "select",
            Self::Multiselect => "multiselect",
            Self::File => "file",
            Self::Image => "image",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.word() == word)
    }
}

/// What narrows a type. Every key is optional; which ones mean something depends on the type.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
#[serde(default, rename_all = "snake_case")]
pub struct FieldConfig {
    /// The allowed values of `select` and `multiselect`, in display order. Empty: anything.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// Smallest value, written as the value is (a number, a date).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<String>,
    /// Largest value, written as the value is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<String>,
    /// In characters, for text types.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u32>,
    /// In characters, for text types.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// A regular expression the whole text must match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// Significant digits of a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<u32>,
    /// Digits after the point of a decimal: values are kept with exactly this many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<u32>,
    /// ISO 4217 code, shown beside a currency value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

/// A library definition. `private_to` is set for a field made inside one entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct FieldDefinition {
    pub id: FieldId,
    pub name: String,
    pub label: Option<String>,
    #[serde(rename = "type")]
    pub field_type: FieldType,
    pub config: FieldConfig,
    pub description: Option<String>,
    pub category: Option<String>,
    pub private_to: Option<EntityId>,
}

/// A field as one entity uses it: the attachment, with its library definition folded in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Field {
    /// The attachment's id: the field in this entity.
    pub id: AttachmentId,
    /// The library definition's id.
    pub field_id: FieldId,
    pub name: String,
    pub label: Option<String>,
    #[serde(rename = "type")]
    pub field_type: FieldType,
    pub config: FieldConfig,
    pub description: Option<String>,
    /// Column name and JSON key. Made once; a rename leaves it.
    pub storage: String,
    /// Display order within the entity, from 0.
    pub order: u32,
    pub required: bool,
    pub unique: bool,
    pub indexed: bool,
    /// A value of the field's type, or `"now()"` / `"uuid()"` for a value made at the time of writing.
    pub default: Option<Value>,
    pub visible: bool,
    pub read_only: bool,
    /// Made for the library and open to other entities, not private to this one.
    pub shared: bool,
}
