//! Which part of HubSpot's API a path names. Every path is accepted with and without its last slash,
//! because HubSpot's guides, specification and clients disagree about it.

use crate::word::words;

words! {
    /// The versions under which HubSpot serves the audit log.
    pub enum Version {
        V3 = "v3",
        V2025_09 = "2025-09",
        V2026_03 = "2026-03",
        V2026_09 = "2026-09",
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint<'a> {
    AuditLogs(Version),
    Export,
    TokenInfo,
    Token,
    Account,
    Usage,
    Users,
    User(&'a str),
    Owners,
    Owner(&'a str),
}

impl<'a> Endpoint<'a> {
    #[must_use]
    pub fn of(path: &'a str) -> Option<Self> {
        let path = path.strip_prefix('/')?;
        let segments: Vec<&str> = path.strip_suffix('/').unwrap_or(path).split('/').collect();
        let version = |text: &str| text.parse::<Version>().ok();
        let endpoint = match segments.as_slice() {
            ["cms", "v3", "audit-logs"] => Self::AuditLogs(Version::V3),
            ["cms", "audit-logs", v] => Self::AuditLogs(version(v)?),
            ["cms", "audit-logs", v, "export"] if version(v).is_some_and(|v| v != Version::V3) => {
                Self::Export
            }
            ["oauth", "v2", "private-apps", "get", "access-token-info"] => Self::TokenInfo,
            ["oauth", "v1" | "v3" | "2026-03" | "2026-09", "token"] => Self::Token,
            ["account-info", v, "details"] if version(v).is_some() => Self::Account,
            ["account-info", "v3" | "2026-03", "api-usage", "daily", "private-apps"] => Self::Usage,
            ["settings", "v3", "users"] | ["settings", "users", "v3" | "2026-03"] => Self::Users,
            ["settings", "v3", "users", id] | ["settings", "users", "v3" | "2026-03", id]
                if !id.is_empty() =>
            {
                Self::User(id)
            }
            ["crm", "v3", "owners"] | ["crm", "owners", "2026-03"] => Self::Owners,
            ["crm", "v3", "owners", id] | ["crm", "owners", "2026-03", id] if !id.is_empty() => {
                Self::Owner(id)
            }
            _ => return None,
        };
        Some(endpoint)
    }

    /// The name under which requests are counted.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuditLogs(Version::V3) => "audit-logs v3",
            Self::AuditLogs(Version::V2025_09) => "audit-logs 2025-09",
            Self::AuditLogs(Version::V2026_03) => "audit-logs 2026-03",
            Self::AuditLogs(Version::V2026_09) => "audit-logs 2026-09",
            Self::Export => "audit-logs export",
            Self::TokenInfo => "access-token-info",
            Self::Token => "token",
            Self::Account => "account details",
            Self::Usage => "api-usage",
            Self::Users | Self::User(_) => "users",
            Self::Owners | Self::Owner(_) => "owners",
        }
    }

    pub(crate) const fn is_post(self) -> bool {
        matches!(self, Self::Export | Self::TokenInfo | Self::Token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_path_is_known_with_and_without_its_last_slash() {
        for (path, endpoint) in [
            ("/cms/v3/audit-logs", Endpoint::AuditLogs(Version::V3)),
            ("/cms/audit-logs/v3", Endpoint::AuditLogs(Version::V3)),
            ("/cms/audit-logs/2025-09", Endpoint::AuditLogs(Version::V2025_09)),
            ("/cms/audit-logs/2026-03", Endpoint::AuditLogs(Version::V2026_03)),
            ("/cms/audit-logs/2026-09", Endpoint::AuditLogs(Version::V2026_09)),
            ("/cms/audit-logs/2026-09/export", Endpoint::Export),
            ("/oauth/v2/private-apps/get/access-token-info", Endpoint::TokenInfo),
            ("/oauth/v1/token", Endpoint::Token),
            ("/oauth/2026-03/token", Endpoint::Token),
            ("/account-info/v3/details", Endpoint::Account),
            ("/account-info/2026-03/details", Endpoint::Account),
            ("/account-info/v3/api-usage/daily/private-apps", Endpoint::Usage),
            ("/settings/v3/users", Endpoint::Users),
            ("/settings/users/v3", Endpoint::Users),
            ("/settings/users/2026-03", Endpoint::Users),
            ("/settings/users/2026-03/77", Endpoint::User("77")),
            ("/crm/v3/owners", Endpoint::Owners),
            ("/crm/owners/2026-03/5", Endpoint::Owner("5")),
        ] {
            assert_eq!(Endpoint::of(path), Some(endpoint), "{path}");
            assert_eq!(Endpoint::of(&format!("{path}/")), Some(endpoint), "{path}/");
        }
    }

    #[test]
    fn other_paths_are_not() {
        for path in [
            "/",
            "cms/v3/audit-logs",
            "/cms/v3/audit-logs//",
            "/cms/audit-logs/2024-09",
            "/cms/audit-logs/v3/export",
            "/cms/audit-logs",
            "/settings/users/2026-03//",
        ] {
            assert_eq!(Endpoint::of(path), None, "{path}");
        }
    }
}
