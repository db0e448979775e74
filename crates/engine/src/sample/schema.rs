//! The roastery's entities, relationships, and a layout made with care: what is sold on the left, what is made on the right.

use serde_json::{Value, json};

use crate::model::{EntityId, EntitySpec, FieldConfig, FieldSpec, FieldType, ReferentialAction, RelationshipSpec, RelationshipType};
use FieldType as T;

pub struct EntitySketch {
    pub spec: EntitySpec,
    pub fields: Vec<FieldSpec>,
    pub position: (i32, i32),
}

fn entity(
    name: &str,
    plural: &str,
    icon: &str,
    application: &str,
    description: &str,
    position: (i32, i32),
    fields: Vec<FieldSpec>,
) -> EntitySketch {
    let spec = EntitySpec {
        name: name.to_owned(),
        plural_label: Some(plural.to_owned()),
        icon: Some(icon.to_owned()),
        application: Some(application.to_owned()),
        description: Some(description.to_owned()),
        ..EntitySpec::default()
    };
    EntitySketch { spec, fields, position }
}

fn field(name: &str, field_type: FieldType) -> FieldSpec {
    FieldSpec::new(name, field_type)
}

/// What a sketch of a field may say beside its name and type.
trait Say: Sized {
    fn required(self) -> Self;
    fn unique(self) -> Self;
    fn indexed(self) -> Self;
    fn default(self, value: Value) -> Self;
    fn options(self, options: &[&str]) -> Self;
    fn money(self) -> Self;
    fn scale(self, precision: u32, scale: u32) -> Self;
    fn range(self, min: &str, max: &str) -> Self;
    fn about(self, description: &str) -> Self;
}

impl Say for FieldSpec {
    fn required(self) -> Self {
        Self { required: true, ..self }
    }
    fn unique(self) -> Self {
        Self { unique: true, ..self }
    }
    fn indexed(self) -> Self {
        Self { indexed: true, ..self }
    }
    fn default(self, value: Value) -> Self {
        Self { default: Some(value), ..self }
    }
    fn options(mut self, options: &[&str]) -> Self {
        self.config.options = options.iter().map(|o| (*o).to_owned()).collect();
        self
    }
    fn money(self) -> Self {
        let config = FieldConfig { currency: Some("EUR".to_owned()), ..self.config.clone() };
        Self { config, ..self }.scale(10, 2)
    }
    fn scale(mut self, precision: u32, scale: u32) -> Self {
        self.config.precision = Some(precision);
        self.config.scale = Some(scale);
        self
    }
    fn range(mut self, min: &str, max: &str) -> Self {
        self.config.min = Some(min.to_owned());
        self.config.max = Some(max.to_owned());
        self
    }
    fn about(self, description: &str) -> Self {
        Self { description: Some(description.to_owned()), ..self }
    }
}

pub const TIERS: [&str; 3] = ["guest", "regular", "wholesale"];
pub const STATUSES: [&str; 5] = ["draft", "paid", "packed", "shipped", "returned"];
pub const CARRIERS: [&str; 4] = ["post", "courier", "pallet", "pick-up"];
pub const RHYTHMS: [&str; 3] = ["weekly", "every two weeks", "monthly"];
pub const BREWS: [&str; 6] = ["espresso", "filter", "french press", "moka pot", "cold brew", "capsule"];
pub const KINDS: [&str; 4] = ["whole bean", "ground", "capsule", "gear"];
pub const COLOURS: [&str; 6] = ["amber", "brick", "moss", "slate", "sand", "plum"];
pub const CERTIFICATIONS: [&str; 4] = ["organic", "fair trade", "shade grown", "direct trade"];
pub const PROCESSES: [&str; 4] = ["washed", "natural", "honey", "anaerobic"];
pub const ROLES: [&str; 5] = ["roaster", "taster", "packer", "sales", "manager"];

/// A card is about 210 wide; columns stand 300 apart.
pub fn entities() -> Vec<EntitySketch> {
    vec![
        entity(
            "Customer",
            "Customers",
            "user",
            "Sales",
            "Whoever buys, at the counter or by post.",
            (40, 60),
            vec![
                field("name", T::String).required(),
                field("email", T::Email).unique(),
                field("phone", T::Phone),
                field("tier", T::Select).options(&TIERS).indexed().default(json!("guest")),
                field("joined", T::Date).default(json!("now()")),
                field("newsletter", T::Bool).default(json!(false)),
                field("balance", T::Currency).money(),
            ],
        ),
        entity(
            "Customer profile",
            "Customer profiles",
            "id-card",
            "Sales",
            "What a regular told us about their coffee.",
            (40, 400),
            vec![
                field("nickname", T::String),
                field("birthday", T::Date),
                field("brew_methods", T::Multiselect).options(&BREWS),
                field("notes", T::Text),
            ],
        ),
        entity(
            "Subscription",
            "Subscriptions",
            "repeat",
            "Sales",
            "Coffee that comes by itself.",
            (360, 620),
            vec![
                field("reference", T::String).required().unique(),
                field("rhythm", T::Select).options(&RHYTHMS).required(),
                field("price", T::Currency).money().required(),
                field("starts_on", T::Date).required(),
                field("paused", T::Bool).default(json!(false)),
            ],
        ),
        entity(
            "Order",
            "Orders",
            "receipt",
            "Sales",
            "What a customer wants, and how far it is.",
            (360, 60),
            vec![
                field("number", T::String).required().unique(),
                field("status", T::Select).options(&STATUSES).indexed().default(json!("draft")),
                field("placed_at", T::Datetime).required().default(json!("now()")),
                field("total", T::Currency).money(),
                field("note", T::Text),
            ],
        ),
        entity(
            "Order line",
            "Order lines",
            "list",
            "Sales",
            "One product in an order.",
            (360, 360),
            vec![
                field("quantity", T::Integer).required().range("1", "500"),
                field("price", T::Currency).money().required(),
                field("discount", T::Percentage).scale(5, 2).range("0", "100"),
            ],
        ),
        entity(
            "Shipment",
            "Shipments",
            "truck",
            "Sales",
            "A parcel on its way.",
            (40, 660),
            vec![
                field("tracking", T::String).required().unique(),
                field("carrier", T::Select).options(&CARRIERS).default(json!("post")),
                field("shipped_at", T::Datetime),
                field("weight_kg", T::Decimal).scale(8, 3),
            ],
        ),
        entity(
            "Product",
            "Products",
            "package",
            "Catalogue",
            "What stands on the shelf.",
            (680, 60),
            vec![
                field("sku", T::String).required().unique().about("Stock keeping unit, printed on the bag."),
                field("name", T::String).required(),
                field("kind", T::Select).options(&KINDS).default(json!("whole bean")),
                field("price", T::Currency).money().required(),
                field("weight_g", T::Integer).range("0", "50000"),
                field("description", T::Text),
                field("attributes", T::Json),
                field("photo", T::Image),
                field("label_stamp", T::Binary).about("The stamp the label printer takes."),
                field("published", T::Bool).default(json!(true)),
            ],
        ),
        entity(
            "Tag",
            "Tags",
            "tag",
            "Catalogue",
            "A word to find products by.",
            (680, 560),
            vec![field("name", T::String).required().unique(), field("colour", T::Select).options(&COLOURS)],
        ),
        entity(
            "Roast batch",
            "Roast batches",
            "flame",
            "Roastery",
            "One turn of the drum.",
            (1000, 60),
            vec![
                field("number", T::Integer).required().unique(),
                field("roasted_at", T::Datetime).required().indexed(),
                field("charge_kg", T::Decimal).scale(6, 2).required(),
                field("drop_temperature", T::Float).about("In degrees Celsius, when the beans leave the drum."),
                field("curve", T::Json).about("Bean temperature by the minute."),
                field("trace", T::Uuid).default(json!("uuid()")),
            ],
        ),
        entity(
            "Cupping score",
            "Cupping scores",
            "star",
            "Roastery",
            "What a taster thought of a batch.",
            (1000, 420),
            vec![
                field("summary", T::String),
                field("score", T::Decimal).scale(5, 2).required().range("0", "100"),
                field("acidity", T::Integer).range("0", "10"),
                field("body", T::Integer).range("0", "10"),
                field("cupped_on", T::Date).required(),
                field("notes", T::Text),
            ],
        ),
        entity(
            "Green lot",
            "Green lots",
            "sprout",
            "Roastery",
            "Unroasted coffee, as it was bought.",
            (1320, 60),
            vec![
                field("code", T::String).required().unique(),
                field("variety", T::String),
                field("process", T::Select).options(&PROCESSES),
                field("altitude_m", T::Integer),
                field("moisture", T::Percentage).scale(4, 1),
                field("price_per_kg", T::Decimal),
                field("arrived", T::Date),
                field("contract", T::File),
            ],
        ),
        entity(
            "Supplier",
            "Suppliers",
            "handshake",
            "Roastery",
            "Whom we buy green coffee from.",
            (1320, 460),
            vec![
                field("name", T::String).required(),
                field("country", T::String).required().indexed(),
                field("contact", T::Email),
                field("phone", T::Phone),
                field("website", T::Url),
                field("certifications", T::Multiselect).options(&CERTIFICATIONS),
                field("rating", T::Float),
            ],
        ),
        entity(
            "Employee",
            "Employees",
            "users",
            "People",
            "Who works here.",
            (1000, 760),
            vec![
                field("name", T::String).required(),
                field("email", T::Email).required().unique(),
                field("role", T::Select).options(&ROLES).required(),
                field("hired", T::Date).required(),
                field("hourly_rate", T::Currency).money(),
                field("active", T::Bool).default(json!(true)),
            ],
        ),
    ]
}

pub struct RelationshipSketch {
    pub source: &'static str,
    name: &'static str,
    pub target: &'static str,
    kind: RelationshipType,
    inverse: &'static str,
    required: bool,
    on_delete: ReferentialAction,
}

impl RelationshipSketch {
    pub fn spec(&self, source: EntityId, target: EntityId) -> RelationshipSpec {
        RelationshipSpec {
            name: self.name.to_owned(),
            kind: self.kind,
            source,
            target,
            inverse_name: Some(self.inverse.to_owned()),
            description: None,
            field: None,
            required: self.required,
            on_delete: Some(self.on_delete),
            on_update: None,
        }
    }
}

pub fn relationships() -> Vec<RelationshipSketch> {
    use ReferentialAction::{Cascade, NoAction, Restrict, SetNull};
    use RelationshipType::{ManyToMany, ManyToOne, OneToMany, OneToOne};
    let sketch = |source, name, target, kind, inverse, required, on_delete| RelationshipSketch {
        source,
        name,
        target,
        kind,
        inverse,
        required,
        on_delete,
    };
    vec![
        sketch("Customer profile", "customer", "Customer", OneToOne, "profile", true, Cascade),
        sketch("Subscription", "customer", "Customer", ManyToOne, "subscriptions", true, Cascade),
        sketch("Subscription", "product", "Product", ManyToOne, "subscriptions", false, SetNull),
        sketch("Order", "customer", "Customer", ManyToOne, "orders", true, Restrict),
        sketch("Order line", "order", "Order", ManyToOne, "lines", true, Cascade),
        sketch("Order line", "product", "Product", ManyToOne, "sold_in", true, NoAction),
        sketch("Order", "shipments", "Shipment", OneToMany, "order", true, Cascade),
        sketch("Product", "tags", "Tag", ManyToMany, "products", false, Cascade),
        sketch("Product", "pairs_with", "Product", ManyToMany, "paired_from", false, Cascade),
        sketch("Roast batch", "product", "Product", ManyToOne, "batches", false, SetNull),
        sketch("Roast batch", "lot", "Green lot", ManyToOne, "batches", true, Restrict),
        sketch("Roast batch", "roaster", "Employee", ManyToOne, "roasted", false, SetNull),
        sketch("Cupping score", "batch", "Roast batch", ManyToOne, "scores", true, Cascade),
        sketch("Cupping score", "taster", "Employee", ManyToOne, "tasted", false, SetNull),
        sketch("Green lot", "supplier", "Supplier", ManyToOne, "lots", true, Restrict),
        sketch("Employee", "manager", "Employee", ManyToOne, "reports", false, SetNull),
    ]
}
