//! The roastery's records: some 20,000, from one seeded generator.

use fastrand::Rng;
use jiff::{ToSpan, civil::Date, civil::date};
use serde_json::{Map, Value, json};

use super::{schema, words};
use crate::{
    error::Result,
    model::{Link, LinkId, RecordId},
    records::{
        Session, links,
        write::{self, Layout, Misfit, NewRecord},
    },
};

const EMPLOYEES: usize = 24;
const SUPPLIERS: usize = 26;
const LOTS: usize = 160;
const PRODUCTS: usize = 84;
const BATCHES: usize = 1_400;
const SCORES: usize = 2_600;
const CUSTOMERS: usize = 1_800;
const PROFILES: usize = 900;
const SUBSCRIPTIONS: usize = 420;
const ORDERS: usize = 3_600;
const SHIPMENTS: usize = 2_700;

/// The first day of business.
const OPENED: Date = date(2023, 1, 9);
/// Days from then to the day the sample was taken.
const DAYS: i64 = 1_140;

pub async fn fill(session: &mut Session<'_>) -> Result<()> {
    let mut made = Maker { rng: Rng::with_seed(1983), made: 0 };
    let employees = made.employees(session).await?;
    let suppliers = made.suppliers(session).await?;
    let lots = made.lots(session, &suppliers).await?;
    let tags = made.tags(session).await?;
    let products = made.products(session, &tags).await?;
    made.batches_and_scores(session, &lots, &products, &employees).await?;
    let customers = made.customers(session).await?;
    made.subscriptions(session, &customers, &products).await?;
    made.orders(session, &customers, &products).await
}

/// Makes records one after the other; the same seed makes the same ones.
struct Maker {
    rng: Rng,
    made: u64,
}

impl Maker {
    /// An id of the shape of a UUID v7, one millisecond after the last.
    fn id(&mut self) -> uuid::Uuid {
        self.made += 1;
        let mut random = [0; 10];
        self.rng.fill(&mut random);
        uuid::Builder::from_unix_timestamp_millis(1_772_438_400_000 + self.made, &random).into_uuid()
    }

    fn pick<'t, T: ?Sized>(&mut self, from: &[&'t T]) -> &'t T {
        from[self.rng.usize(..from.len())]
    }

    fn one(&mut self, of: &[RecordId]) -> RecordId {
        of[self.rng.usize(..of.len())]
    }

    fn some<'t>(&mut self, from: &[&'t str], most: usize) -> Vec<&'t str> {
        let count = self.rng.usize(0..=most);
        let mut chosen: Vec<&str> = self.rng.choose_multiple(from.iter().copied(), count);
        chosen.sort_unstable();
        chosen
    }

    fn chance(&mut self, share: f64) -> bool {
        self.rng.f64() < share
    }

    /// `None` as often as not said otherwise.
    fn maybe<T: Into<Value>>(&mut self, share: f64, value: T) -> Value {
        if self.chance(share) { value.into() } else { Value::Null }
    }

    fn cents(&mut self, range: std::ops::Range<u32>) -> String {
        let cents = self.rng.u32(range);
        format!("{}.{:02}", cents / 100, cents % 100)
    }

    fn day(&mut self, within: std::ops::Range<i64>) -> Date {
        let days = self.rng.i64(within);
        OPENED.checked_add(days.days()).unwrap_or(OPENED)
    }

    fn moment(&mut self, day: Date, hours: std::ops::Range<u32>) -> String {
        format!("{day}T{:02}:{:02}:00Z", self.rng.u32(hours), self.rng.u32(0..60))
    }

    fn person(&mut self) -> (&'static str, &'static str) {
        (self.pick(&words::FIRST), self.pick(&words::LAST))
    }

    fn phone(&mut self) -> String {
        format!("+49 555 {:03} {:04}", self.rng.u32(0..1000), self.rng.u32(0..10_000))
    }

    async fn insert(&mut self, session: &mut Session<'_>, entity: &str, rows: Vec<Value>) -> Result<Vec<RecordId>> {
        let layout = Layout::new(session.schema, session.schema.entity_named(entity)?);
        let mut ids = vec![];
        let mut records = vec![];
        for row in rows {
            let id = RecordId(self.id());
            ids.push(id);
            let data = if let Value::Object(data) = row { data } else { Map::new() };
            records.push(NewRecord { id: Some(id), data });
        }
        write::insert(session, &layout, records, Misfit::Refuse).await?;
        Ok(ids)
    }

    async fn link(&mut self, session: &mut Session<'_>, source: &str, name: &str, pairs: Vec<(RecordId, RecordId, Value)>) -> Result<()> {
        let relationship = session.schema.relationship_named(session.schema.entity_named(source)?, name)?.clone();
        let pairs: Vec<Link> = pairs
            .into_iter()
            .map(|(source, target, metadata)| Link { id: LinkId(self.id()), source, target, metadata: Some(metadata) })
            .collect();
        links::insert(session, &relationship, &pairs).await
    }

    async fn employees(&mut self, session: &mut Session<'_>) -> Result<Vec<RecordId>> {
        let mut ids: Vec<RecordId> = vec![];
        for i in 0..EMPLOYEES {
            let (first, last) = self.person();
            // The first four lead; everyone else has one of them, or one they lead, above.
            let manager = if i == 0 { Value::Null } else { json!(ids[self.rng.usize(..i.min(6))]) };
            let role = if i < 4 { "manager" } else { schema::ROLES[i % 4] };
            let row = json!({
                "name": format!("{first} {last}"),
                "email": format!("{}.{}@roastery.example", ascii(first), i + 1),
                "role": role,
                "hired": self.day(0..DAYS - 60).to_string(),
                "hourly_rate": self.cents(1_400..3_800),
                "active": i % 9 != 8,
                "manager_id": manager,
            });
            ids.extend(self.insert(session, "Employee", vec![row]).await?);
        }
        Ok(ids)
    }

    async fn suppliers(&mut self, session: &mut Session<'_>) -> Result<Vec<RecordId>> {
        let mut rows = vec![];
        for i in 0..SUPPLIERS {
            let name = format!("{} {}", words::REGIONS[i % words::REGIONS.len()], words::COOPERATIVES[(i / 3) % words::COOPERATIVES.len()]);
            let host = format!("supplier-{}.example", i + 1);
            rows.push(json!({
                "name": name,
                "country": words::COUNTRIES[(i * 5) % words::COUNTRIES.len()],
                "contact": format!("export@{host}"),
                "phone": self.phone(),
                "website": format!("https://{host}"),
                "certifications": self.some(&schema::CERTIFICATIONS, 3),
                "rating": f64::from(self.rng.u32(30..51)) / 10.0,
            }));
        }
        self.insert(session, "Supplier", rows).await
    }

    async fn lots(&mut self, session: &mut Session<'_>, suppliers: &[RecordId]) -> Result<Vec<RecordId>> {
        let mut rows = vec![];
        for i in 0..LOTS {
            let arrived = OPENED.checked_add(((i as i64) * 7).days()).unwrap_or(OPENED);
            let code = format!("GL-{}-{:03}", arrived.year(), i + 1);
            let contract = json!({ "name": format!("{code}.pdf"), "media_type": "application/pdf", "size": self.rng.u32(40_000..400_000) });
            rows.push(json!({
                "code": code,
                "variety": self.pick(&words::VARIETIES),
                "process": self.pick(&schema::PROCESSES),
                "altitude_m": self.rng.u32(9..22) * 100,
                "moisture": format!("{}.{}", self.rng.u32(9..12), self.rng.u32(0..10)),
                "price_per_kg": self.cents(380..1_450),
                "arrived": arrived.to_string(),
                "contract": self.maybe(0.7, contract),
                "supplier_id": self.one(suppliers),
            }));
        }
        self.insert(session, "Green lot", rows).await
    }

    async fn tags(&mut self, session: &mut Session<'_>) -> Result<Vec<RecordId>> {
        let rows = words::TAGS
            .iter()
            .enumerate()
            .map(|(i, name)| json!({ "name": name, "colour": schema::COLOURS[i % schema::COLOURS.len()] }))
            .collect();
        self.insert(session, "Tag", rows).await
    }

    async fn products(&mut self, session: &mut Session<'_>, tags: &[RecordId]) -> Result<Vec<RecordId>> {
        let mut rows = vec![];
        for i in 0..PRODUCTS {
            let gear = i >= PRODUCTS - words::GEAR.len();
            let blend = words::BLENDS[i % words::BLENDS.len()];
            let (name, kind, weight) = if gear {
                (words::GEAR[i - (PRODUCTS - words::GEAR.len())].to_owned(), "gear", Value::Null)
            } else {
                let (size, grams) = [("250 g", 250), ("1 kg", 1000)][(i / words::BLENDS.len()) % 2];
                let kind = schema::KINDS[(i / (2 * words::BLENDS.len())) % 3];
                (format!("{blend}, {kind}, {size}"), kind, json!(grams))
            };
            let photo =
                json!({ "name": format!("{}.jpg", ascii(&name)), "media_type": "image/jpeg", "size": self.rng.u32(80_000..900_000) });
            let notes = self.some(&words::NOTES, 3);
            rows.push(json!({
                "sku": format!("{}-{:04}", if gear { "GR" } else { "CF" }, 1000 + i * 7),
                "name": name,
                "kind": kind,
                "price": self.cents(if gear { 490..14_900 } else { 790..3_600 }),
                "weight_g": weight,
                "description": if gear { format!("{name}, as we use it behind the bar.") } else { format!("A blend that tastes of {}.", if notes.is_empty() { "home".to_owned() } else { notes.join(", ") }) },
                "attributes": { "notes": notes, "strength": self.rng.u32(1..6), "shelf_life_days": if gear { Value::Null } else { json!(180) } },
                "photo": self.maybe(0.6, photo),
                "label_stamp": format!("{:016x}", self.rng.u64(..)),
                "published": self.chance(0.92),
            }));
        }
        let products = self.insert(session, "Product", rows).await?;
        let mut tagged = vec![];
        let mut paired = vec![];
        for (i, product) in products.iter().enumerate() {
            let count = self.rng.usize(1..5);
            for tag in self.rng.choose_multiple(tags.iter(), count) {
                tagged.push((*product, *tag, json!({ "since": self.day(0..DAYS).to_string() })));
            }
            if i % 3 == 0 {
                paired.push((*product, products[(i + 11) % products.len()], json!({ "why": self.pick(&words::NOTES) })));
            }
        }
        self.link(session, "Product", "tags", tagged).await?;
        self.link(session, "Product", "pairs_with", paired).await?;
        Ok(products)
    }

    async fn batches_and_scores(
        &mut self,
        session: &mut Session<'_>,
        lots: &[RecordId],
        products: &[RecordId],
        employees: &[RecordId],
    ) -> Result<()> {
        let mut rows = vec![];
        for i in 0..BATCHES {
            let day = OPENED.checked_add((i as i64 * DAYS / BATCHES as i64).days()).unwrap_or(OPENED);
            let peak = 200 + self.rng.u32(0..16);
            let curve: Vec<u32> = (0..12).map(|minute| 90 + (peak - 90) * minute / 11).collect();
            let product = self.one(products);
            let product_id = self.maybe(0.9, product.to_string());
            rows.push(json!({
                "number": 20_001 + i,
                "roasted_at": self.moment(day, 6..16),
                "charge_kg": format!("{}.{:02}", self.rng.u32(6..15), self.rng.u32(0..100)),
                "drop_temperature": f64::from(peak) + f64::from(self.rng.u32(0..10)) / 10.0,
                "curve": { "bean_c": curve, "first_crack_min": self.rng.u32(7..10) },
                "trace": self.id().to_string(),
                "lot_id": lots[(i / 9) % lots.len()],
                "product_id": product_id,
                "roaster_id": self.one(employees),
            }));
        }
        let batches = self.insert(session, "Roast batch", rows).await?;
        let mut rows = vec![];
        for i in 0..SCORES {
            let notes = self.some(&words::NOTES, 4);
            let score = format!("{}.{}", self.rng.u32(78..91), ["00", "25", "50", "75"][self.rng.usize(..4)]);
            rows.push(json!({
                "summary": notes.first().map_or_else(|| "clean".to_owned(), |n| format!("{n}, clean")),
                "score": score,
                "acidity": self.rng.u32(3..11),
                "body": self.rng.u32(3..11),
                "cupped_on": self.day(0..DAYS).to_string(),
                "notes": if notes.is_empty() { Value::Null } else { json!(notes.join("; ")) },
                "batch_id": batches[i * batches.len() / SCORES],
                "taster_id": self.one(employees),
            }));
        }
        self.insert(session, "Cupping score", rows).await?;
        Ok(())
    }

    async fn customers(&mut self, session: &mut Session<'_>) -> Result<Vec<RecordId>> {
        let mut rows = vec![];
        for i in 0..CUSTOMERS {
            let (first, last) = self.person();
            let phone = self.phone();
            let phone = self.maybe(0.6, phone);
            rows.push(json!({
                "name": format!("{first} {last}"),
                "email": format!("{}.{}.{}@mail.example", ascii(first), ascii(last), i + 1),
                "phone": phone,
                "tier": schema::TIERS[if i % 17 == 0 { 2 } else { usize::from(i % 3 == 0) }],
                "joined": self.day(0..DAYS).to_string(),
                "newsletter": self.chance(0.4),
                "balance": if i % 17 == 0 { json!(format!("-{}", self.cents(1_000..90_000))) } else { json!("0.00") },
            }));
        }
        let customers = self.insert(session, "Customer", rows).await?;
        let mut rows = vec![];
        for customer in customers.iter().step_by(CUSTOMERS / PROFILES) {
            let (first, _) = self.person();
            let nickname = self.maybe(0.3, first);
            let day = format!("{}-{:02}-{:02}", self.rng.u32(1950..2006), self.rng.u32(1..13), self.rng.u32(1..29));
            let birthday = self.maybe(0.5, day);
            let note = self.pick(&words::NOTES);
            let notes = self.maybe(0.4, format!("Likes {note}."));
            rows.push(json!({
                "nickname": nickname,
                "birthday": birthday,
                "brew_methods": self.some(&schema::BREWS, 3),
                "notes": notes,
                "customer_id": customer,
            }));
        }
        self.insert(session, "Customer profile", rows).await?;
        Ok(customers)
    }

    async fn subscriptions(&mut self, session: &mut Session<'_>, customers: &[RecordId], products: &[RecordId]) -> Result<()> {
        let mut rows = vec![];
        for i in 0..SUBSCRIPTIONS {
            rows.push(json!({
                "reference": format!("SUB-{:05}", i + 1),
                "rhythm": self.pick(&schema::RHYTHMS),
                "price": self.cents(1_200..6_400),
                "starts_on": self.day(0..DAYS).to_string(),
                "paused": self.chance(0.1),
                "customer_id": self.one(customers),
                "product_id": self.one(products),
            }));
        }
        self.insert(session, "Subscription", rows).await?;
        Ok(())
    }

    async fn orders(&mut self, session: &mut Session<'_>, customers: &[RecordId], products: &[RecordId]) -> Result<()> {
        let mut rows = vec![];
        let mut lines: Vec<Vec<(u32, u32, RecordId)>> = vec![];
        for i in 0..ORDERS {
            let day = OPENED.checked_add((i as i64 * DAYS / ORDERS as i64).days()).unwrap_or(OPENED);
            let count = 1 + usize::from(self.chance(0.55)) + usize::from(self.chance(0.35)) + usize::from(self.chance(0.1));
            let of: Vec<(u32, u32, RecordId)> =
                (0..count).map(|_| (self.rng.u32(1..6), self.rng.u32(790..4_200), self.one(products))).collect();
            let total: u32 = of.iter().map(|(quantity, price, _)| quantity * price).sum();
            lines.push(of);
            let remark = self.pick(&words::REMARKS);
            let note = self.maybe(0.12, remark);
            rows.push(json!({
                "number": format!("{}-{:05}", day.year(), i + 1),
                "status": if i + 60 > ORDERS { schema::STATUSES[i % 3] } else if i % 41 == 0 { "returned" } else { "shipped" },
                "placed_at": self.moment(day, 7..22),
                "total": format!("{}.{:02}", total / 100, total % 100),
                "note": note,
                "customer_id": self.one(customers),
            }));
        }
        let orders = self.insert(session, "Order", rows).await?;
        let mut rows = vec![];
        for (order, lines) in orders.iter().zip(lines) {
            for (quantity, price, product) in lines {
                let discount = format!("{}.00", self.rng.u32(1..5) * 5);
                let discount = self.maybe(0.15, discount);
                rows.push(json!({
                    "quantity": quantity,
                    "price": format!("{}.{:02}", price / 100, price % 100),
                    "discount": discount,
                    "order_id": order,
                    "product_id": product,
                }));
            }
        }
        self.insert(session, "Order line", rows).await?;
        let mut rows = vec![];
        for i in 0..SHIPMENTS {
            let day = OPENED.checked_add((i as i64 * DAYS / SHIPMENTS as i64 + 2).days()).unwrap_or(OPENED);
            rows.push(json!({
                "tracking": format!("{:04}{:08}", 3000 + i / 100, self.rng.u32(..) % 100_000_000),
                "carrier": self.pick(&schema::CARRIERS),
                "shipped_at": self.moment(day, 8..18),
                "weight_kg": format!("{}.{:03}", self.rng.u32(0..9), self.rng.u32(0..1000)),
                "order_id": orders[i * orders.len() / SHIPMENTS],
            }));
        }
        self.insert(session, "Shipment", rows).await?;
        Ok(())
    }
}

/// A name as it stands in an address.
fn ascii(name: &str) -> String {
    let plain = |c: char| match c {
        'ä' | 'á' => 'a',
        'ö' | 'ó' => 'o',
        'ü' | 'ú' => 'u',
        'ë' => 'e',
        'í' | 'ı' => 'i',
        'č' => 'c',
        other => other,
    };
    name.to_lowercase().chars().map(plain).map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}
