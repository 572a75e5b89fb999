//! The words that names are made of: a maker of logistics software and its customers.

pub(super) const TOPICS: &[&str] = &[
    "Pricing",
    "Route planning",
    "Dock scheduling",
    "Returns",
    "Carrier network",
    "Warehouse analytics",
    "Security",
    "Sustainability",
    "Customer stories",
    "Integrations",
    "Fleet tracking",
    "Last-mile delivery",
    "Cold chain",
    "Customs clearance",
    "Yard management",
    "Inventory accuracy",
    "Demand forecasting",
    "Driver app",
    "API",
    "Implementation services",
    "Training academy",
    "Support plans",
    "Data residency",
    "Accessibility",
];
pub(super) const INDUSTRIES: &[&str] = &[
    "retail",
    "pharma",
    "food and drink",
    "automotive",
    "furniture",
    "e-commerce",
    "wholesale",
    "construction",
    "fashion",
    "electronics",
    "third-party logistics",
    "aerospace",
    "chemicals",
    "grocery",
];
pub(super) const COMPANIES: &[&str] = &[
    "Aldermoor Foods",
    "Kestrel Bikes",
    "Nordlicht Apotheken",
    "Pinewood Furniture",
    "Sakura Denki",
    "Tidewater Freight",
    "Casa Oliveira",
    "Grünwald Logistik",
    "Harbour & Finch",
    "Bluebell Baby",
    "Omni Parts",
    "Rivera Textiles",
    "Polar Cold Storage",
    "Juniper Homewares",
    "Atlas Grocers",
    "Lumen Optics",
    "Maple Ridge Dairy",
    "Saffron Kitchens",
];
pub(super) const JOBS: &[&str] = &[
    "Product designer",
    "Site reliability engineer",
    "Account executive",
    "Data analyst",
    "Customer success manager",
    "Technical writer",
    "Field marketing lead",
    "Payroll specialist",
];
pub(super) const VERBS: &[&str] =
    &["reduce", "forecast", "measure", "automate", "rethink", "explain", "halve", "plan"];
pub(super) const NOUNS: &[&str] = &[
    "empty miles",
    "dock waiting times",
    "returns",
    "picking errors",
    "peak season",
    "stock-outs",
    "fuel costs",
    "carrier onboarding",
    "delivery promises",
    "warehouse turnover",
    "customs paperwork",
    "freight claims",
];
pub(super) const TASKS: &[&str] = &[
    "connect a carrier",
    "reset a driver’s password",
    "export delivery data",
    "change the billing address",
    "import a stock list",
    "set up single sign-on",
    "print shipping labels",
    "add a warehouse",
    "invite a colleague",
    "schedule a dock",
    "cancel a pick-up",
    "read the accuracy report",
    "create an API key",
    "merge duplicate orders",
];
pub(super) const MONTHS: &[&str] = &[
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub(super) const UNUSUAL: &[&str] = &[
    "料金プラン",
    "物流の未来：二〇二六年の展望",
    "الأسعار والخطط",
    "دليل المستودعات الذكية",
    "Цены и тарифы",
    "🎉 We’re hiring!",
    "🚚 → 📦 → 🏠 How a parcel travels",
    "\"Quotes\", <tags> & ampersands: a style guide",
    "Everything we learned from interviewing two hundred warehouse managers about labour shortages, ageing equipment, \
     energy prices, automation they regret, automation they love, the spreadsheets that refuse to die, and what they \
     would buy tomorrow if the budget were theirs alone to decide",
];

pub(super) const PARTS: &[&str] = &[
    "Pricing table",
    "Logo wall",
    "Hero with form",
    "Testimonial slider",
    "Event agenda",
    "Store finder",
    "Breadcrumbs",
    "Cookie notice",
    "Author card",
    "Comparison grid",
    "FAQ accordion",
    "Video embed",
    "Newsletter sign-up",
    "Job list",
    "Statistics band",
    "Country switcher",
    "Delivery map",
    "Team gallery",
];
pub(super) const VARIANTS: &[&str] = &[
    "",
    "",
    "Compact ",
    "Dark ",
    "Wide ",
    "Campaign ",
    "Blog ",
    "Partner ",
    "Two-column ",
    "Careers ",
    "Event ",
    "Product ",
];
pub(super) const WHERE: &[&str] = &[
    "",
    "",
    "",
    " in the driver app",
    " for several warehouses",
    " as an administrator",
    " on a tablet",
    " with the API",
    " from a spreadsheet",
    " for a partner",
];

pub(super) const TABLES: &[&str] = &[
    "Events",
    "Price list",
    "Partners",
    "Store locations",
    "Carriers",
    "Job openings",
    "Holiday cut-offs",
    "Glossary",
    "Certificates",
];
pub(super) const TABLE_PARTS: &[&str] =
    &["(EMEA)", "(Americas)", "(APAC)", "archive", "(staging)", "import", "draft", "(DE)", "(JA)"];
pub(super) const SUBDOMAINS: &[&str] =
    &["events", "partners", "academy", "status", "press", "summit", "docs", "labs", "community", "jobs"];
pub(super) const INVITATIONS: &[&str] =
    &["Book a demo", "Start free trial", "Download guide", "Contact sales", "Watch the video"];
pub(super) const INTERACTIVES: &[&str] = &["Exit pop-up", "Banner", "Slide-in", "Calculator", "Quiz"];
pub(super) const OLD_FOLDERS: &[&str] =
    &["products", "solutions", "features", "platform", "de", "fr", "en", "old", "archive"];
pub(super) const FUNCTION_NOUNS: &[&str] =
    &["Quote", "Store", "Event", "Address", "Carrier", "Newsletter", "Booking", "Tracking"];
pub(super) const FUNCTION_VERBS: &[&str] = &["lookup", "check", "feed", "webhook", "sign-up", "export"];
