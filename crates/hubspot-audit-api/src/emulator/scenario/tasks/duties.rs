//! How often people of each role do what.

use super::super::objects::Kind;
use super::super::people::Role;
use super::Task::{
    self, Author, ConnectDomain, Deploy, DisconnectDomain, EditRows, EditTableInBulk, Redirects, Remove,
    Rescue, Revise, Settings, TakeDown, TidyFiles, Upload,
};

/// A task and its share of the work.
pub(super) type Duty = (f64, Task);

pub(super) const fn duties(role: Role) -> &'static [Duty] {
    match role {
        Role::Automation => &[],
        Role::Blogger => BLOGGER,
        Role::DataSteward => DATA_STEWARD,
        Role::Designer => DESIGNER,
        Role::Developer => DEVELOPER,
        Role::Marketer => MARKETER,
        Role::Sales => SALES,
        Role::SupportWriter => SUPPORT_WRITER,
        Role::WebEditor => WEB_EDITOR,
        Role::WebOps => WEB_OPS,
    }
}

const BLOGGER: &[Duty] = &[
    (40.0, Revise(Kind::BlogPost)),
    (20.0, Author(Kind::BlogPost)),
    (12.0, Upload),
    (5.0, Revise(Kind::Podcast)),
    (2.5, Author(Kind::Podcast)),
    (1.5, TakeDown(Kind::BlogPost)),
    (1.5, Remove(Kind::BlogPost)),
    (0.7, Rescue(Kind::BlogPost)),
    (1.0, Revise(Kind::Blog)),
];

const DATA_STEWARD: &[Duty] = &[
    (60.0, EditRows),
    (4.0, EditTableInBulk),
    (1.5, Author(Kind::HubdbTable)),
    (0.7, Remove(Kind::HubdbTable)),
    (4.0, Upload),
];

const DESIGNER: &[Duty] = &[
    (20.0, Revise(Kind::Module)),
    (18.0, Revise(Kind::Css)),
    (12.0, Revise(Kind::Template)),
    (7.0, Revise(Kind::GlobalModule)),
    (4.0, Revise(Kind::Theme)),
    (3.0, Author(Kind::Module)),
    (0.3, Author(Kind::Theme)),
    (16.0, Upload),
    (2.0, TidyFiles),
];

const DEVELOPER: &[Duty] = &[
    (9.0, Deploy),
    (14.0, Revise(Kind::Template)),
    (14.0, Revise(Kind::Module)),
    (15.0, Revise(Kind::Js)),
    (8.0, Revise(Kind::Css)),
    (8.0, Revise(Kind::ServerlessFunction)),
    (1.5, Author(Kind::ServerlessFunction)),
    (2.5, Author(Kind::Template)),
    (2.5, Author(Kind::Module)),
    (1.0, Author(Kind::Js)),
    (1.0, Author(Kind::Css)),
    (0.3, Author(Kind::GlobalModule)),
    (0.8, Remove(Kind::Template)),
    (0.8, Remove(Kind::Module)),
];

const MARKETER: &[Duty] = &[
    (24.0, Revise(Kind::LandingPage)),
    (4.0, Author(Kind::LandingPage)),
    (24.0, Revise(Kind::Email)),
    (8.0, Author(Kind::Email)),
    (9.0, Revise(Kind::Cta)),
    (3.0, Author(Kind::Cta)),
    (5.0, Revise(Kind::WebInteractive)),
    (1.5, Author(Kind::WebInteractive)),
    (2.0, TakeDown(Kind::LandingPage)),
    (1.0, TakeDown(Kind::Cta)),
    (0.6, TakeDown(Kind::WebInteractive)),
    (1.5, Remove(Kind::Email)),
    (0.5, Rescue(Kind::LandingPage)),
    (5.0, Upload),
];

const SALES: &[Duty] =
    &[(30.0, Author(Kind::Quote)), (24.0, Revise(Kind::Quote)), (4.0, Remove(Kind::Quote))];

const SUPPORT_WRITER: &[Duty] = &[
    (46.0, Revise(Kind::KnowledgeBaseArticle)),
    (12.0, Author(Kind::KnowledgeBaseArticle)),
    (2.0, TakeDown(Kind::KnowledgeBaseArticle)),
    (1.5, Remove(Kind::KnowledgeBaseArticle)),
    (0.5, Rescue(Kind::KnowledgeBaseArticle)),
    (1.2, Revise(Kind::KnowledgeBase)),
    (8.0, Upload),
];

const WEB_EDITOR: &[Duty] = &[
    (50.0, Revise(Kind::WebsitePage)),
    (7.0, Author(Kind::WebsitePage)),
    (6.0, Revise(Kind::CaseStudy)),
    (1.5, Author(Kind::CaseStudy)),
    (9.0, Upload),
    (1.5, TidyFiles),
    (2.0, TakeDown(Kind::WebsitePage)),
    (1.5, Remove(Kind::WebsitePage)),
    (0.7, Rescue(Kind::WebsitePage)),
    (1.5, Revise(Kind::GlobalModule)),
];

const WEB_OPS: &[Duty] = &[
    (24.0, Redirects),
    (10.0, Revise(Kind::UrlMapping)),
    (5.0, Remove(Kind::UrlMapping)),
    (16.0, Settings),
    (3.0, Revise(Kind::Domain)),
    (0.7, ConnectDomain),
    (0.5, DisconnectDomain),
    (2.0, Revise(Kind::Blog)),
    (1.2, Revise(Kind::KnowledgeBase)),
    (2.0, Revise(Kind::Theme)),
    (7.0, Revise(Kind::WebsitePage)),
];
