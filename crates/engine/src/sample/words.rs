//! What the sample is filled with.

pub const FIRST: [&str; 40] = [
    "Ada", "Amir", "Anja", "Aylin", "Björn", "Carmen", "Chidi", "Dana", "Elif", "Emre", "Farah", "Femi", "Greta", "Hana", "Hugo", "Ines", "Ivo", "Jana",
    "Jonas", "Kaito", "Katya", "Lara", "Leif", "Lucía", "Mads", "Maren", "Milo", "Nadia", "Noor", "Olga", "Pavel", "Quinn", "Rafael", "Salma", "Sven", "Tara",
    "Uma", "Viktor", "Yara", "Zoë",
];
pub const LAST: [&str; 40] = [
    "Abel", "Aydın", "Baker", "Berg", "Castro", "Costa", "Dahl", "Duarte", "Ek", "Farkas", "Fischer", "Gallo", "Grant", "Haas", "Horvat", "Ito", "Jensen",
    "Kaya", "Keller", "Kovač", "Lindt", "Lopes", "Marín", "Meyer", "Moss", "Nagy", "Novak", "Okafor", "Olsen", "Park", "Petrov", "Quist", "Rossi", "Sato",
    "Silva", "Szabó", "Tran", "Vega", "Wolf", "Zeman",
];
pub const COUNTRIES: [&str; 12] =
    ["Brazil", "Burundi", "Colombia", "Costa Rica", "Ethiopia", "Guatemala", "Honduras", "India", "Kenya", "Peru", "Rwanda", "Sumatra"];
pub const REGIONS: [&str; 16] = [
    "Altura", "Bella Vista", "Cascada", "Dos Ríos", "El Mirador", "Finca Nueva", "Gatare", "Highland", "Inza", "Jaltenango", "Kiambu", "La Loma", "Monte Claro",
    "North Ridge", "Ojo de Agua", "Pico Verde",
];
pub const COOPERATIVES: [&str; 6] = ["Cooperative", "Growers", "Estate", "Mill", "Farmers' Union", "Export House"];
pub const VARIETIES: [&str; 9] = ["Bourbon", "Catuaí", "Caturra", "Geisha", "Heirloom", "Maragogype", "Pacamara", "SL28", "Typica"];
pub const BLENDS: [&str; 21] = [
    "Anvil", "Before Sunrise", "Canal House", "Dockside", "Ember", "Fieldwork", "Granite", "Harbour", "Ironstone", "Jetty", "Kiln", "Lantern", "Millrace",
    "Night Shift", "Orchard", "Pebble", "Quarry", "Ridge", "Second Breakfast", "Tannery", "Undertow",
];
pub const GEAR: [&str; 12] = [
    "Hand grinder", "Gooseneck kettle", "Filter cone", "Paper filters", "Tasting spoon", "Espresso cups", "Scale", "Milk jug", "Cold brew jar", "Storage tin",
    "Cleaning brush", "Tamper",
];
pub const TAGS: [&str; 18] = [
    "bestseller", "chocolate", "citrus", "decaf", "espresso", "filter", "floral", "gift", "limited", "low acid", "new", "nutty", "organic", "red fruit",
    "seasonal", "single origin", "starter", "winter",
];
pub const NOTES: [&str; 14] = [
    "apricot", "black tea", "blackcurrant", "brown sugar", "cacao nib", "candied orange", "caramel", "cherry", "hazelnut", "jasmine", "lime", "malt", "plum",
    "roasted almond",
];
pub const REMARKS: [&str; 8] = [
    "Please leave it with the neighbour.", "Ring twice.", "A gift: no invoice in the parcel, please.", "Grind for moka pot.",
    "Same as last time.", "Invoice to the office.", "Can you add a sample of something new?", "Deliver after 17:00.",
];
