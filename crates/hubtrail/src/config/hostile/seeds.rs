//! Configurations to damage. Every key and every kind of sink is in one of them, so that damage reaches its reader.

pub(super) const SECRET: &str = "5ecre7";

/// Each is taken as it is.
pub(super) const ACTIVE: &[&str] = &[
    "[server]\nlisten = \"127.0.0.1:1\"\ntls_certificate = \"c.pem\"\ntls_key = \"k.pem\"\n\
     public_url = \"https://h.example\"\ntrusted_proxies = \"10.0.0.1, ::1\"\nopen_metrics = true\n\
     [storage]\ndata_dir = \"d\"\nretention_days = 9\nsink_wait_days = 0\n\
     [detection]\nrules = \"rules\"\nalert_budget = 0.5\nretention_days = 800\n\
     [log]\nlevel = \"info\"\nformat = \"json\"\n",
    "[security]\nkey = \"5ecre7\"\nkey_file = \"f\"\n\
     [network]\nproxy = \"http://me:5ecre7@proxy:1\"\nconnect_timeout = \"500ms\"\n\
     no_proxy = \"localhost,.h.example\"\nextra_ca = \"ca.pem\"\n",
    "[[connector]]\nname = \"acme\"\ntoken_file = \"t\"\nstart = \"30d\"\nlabels = [\"emea\"]\n\
     poll_interval = \"10s\"\nrate_limit = \"50/10\"\nretention = \"400d\"\nalert_budget = 2\n\
     [[connector]]\nname = \"b\"\ntoken_env = \"T\"\npaused = true\npage_size = 100\napi_version = \"v3\"\n\
     [[connector]]\nname = \"c\"\noauth_file = \"o\"\nbase_url = \"http://127.0.0.1:1\"\nrate_limit = \"off\"\n",
    "[[sink]]\nname = \"f\"\nformat = \"ecs\"\noriginal = false\nstart = \"beginning\"\n\
     target = { kind = \"file\", path = \"x.ndjson\", rotate_bytes = 4096, rotate_ms = 60000, compression = \"gzip\" }\n\
     [[sink]]\nname = \"o\"\nformat = \"leef\"\npaused = true\n[sink.target]\nkind = \"stdout\"\n",
    "[[sink]]\nname = \"sys\"\nformat = \"cef\"\nstart = \"30d\"\n[sink.target]\nkind = \"syslog\"\n\
     address = \"siem.example:6514\"\ntransport = \"tls\"\nprotocol = \"rfc3164\"\nfacility = 13\nhostname = \"h\"\n\
     app_name = \"a\"\nconfirm = false\nconnection = { ca = \"PEM\", client_certificate = \"PEM\" }\n\
     [sink.credentials]\nclient_key_file = \"k\"\n",
    "[[sink]]\nname = \"web\"\nformat = \"ocsf\"\nstart = \"2026-03-01\"\n\
     [sink.target]\nkind = \"http\"\nurl = \"https://siem.example/ingest\"\nbody = \"ndjson\"\ngzip = true\n\
     headers = { X-Scope_OrgID = \"acme\" }\nauth = { method = \"basic\", user = \"u\" }\n\
     connection = { allow_plaintext = true, allow_link_local = true }\n\
     [sink.select]\naccounts = [\"acme\"]\nobject_types = [\"DOMAIN\"]\nevent_types = [\"DELETED\"]\n\
     severities = [\"high\"]\nstreams = [\"content\"]\nevents = true\nfindings = false\n\
     [sink.batch]\nentries = 10\nbytes = 1024\nwait_ms = 0\ntimeout_ms = 1000\n\
     [sink.credentials]\npassword_env = \"P\"\n",
    "[[sink]]\nname = \"d\"\nformat = \"dnif\"\n\
     target = { kind = \"dnif\", url = \"https://d.example:2882/c/default/1/events\", auth = { method = \"hmac\", header = \"X-S\" } }\n\
     credentials = { signing_secret_file = \"s\" }\n\
     [[sink]]\nname = \"splunk\"\nformat = \"raw\"\ncredentials = { token_env = \"T\" }\n\
     [sink.target]\nkind = \"splunk_hec\"\nurl = \"https://s.example:8088\"\nindex = \"i\"\nsource = \"s\"\n\
     sourcetype = \"t\"\nhost = \"h\"\nacknowledge = true\n\
     [[sink]]\nname = \"e\"\nformat = \"ecs\"\ncredentials = { token_file = \"t\" }\n\
     [sink.target]\nkind = \"elasticsearch\"\nurl = \"https://e.example:9200\"\nindex = \"logs-x\"\npipeline = \"p\"\n\
     auth = { method = \"api_key\" }\n",
];

/// The example, and secrets where none belongs.
pub(super) const FILES: &[&str] = &[
    include_str!("../../../../../examples/hubtrail.toml"),
    "[server]\npublic_url = \"https://me:5ecre7@h.example\"\n[log]\nlevel = \"info\"\n",
    "[[connector]]\nname = \"c\"\ntoken_env = \"T\"\nbase_url = \"https://me:5ecre7@api.example\"\n",
    "[[connector]]\nname = \"c\"\ntoken = \"5ecre7\"\n",
    "[[sink]]\nname = \"web\"\nformat = \"raw\"\ncredentials = \"5ecre7\"\n\
     target = { kind = \"http\", url = \"https://siem.example/x\" }\n",
    "[[sink]]\nname = \"web\"\nformat = \"raw\"\n[sink.target]\nkind = \"http\"\n\
     url = \"https://me:5ecre7@siem.example/x\"\nauth = \"5ecre7\"\n[sink.credentials]\ntoken = \"5ecre7\"\n",
];
