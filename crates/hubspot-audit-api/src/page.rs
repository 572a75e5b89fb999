//! One page of the audit log as HubSpot sends it: `results` and `paging`.

use std::fmt;
use std::str::FromStr;

use bytes::{BufMut, Bytes, BytesMut};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::query::Pairs;
use crate::record::quoted;
use crate::word::UnknownWord;

/// The records as they go over the wire, and where to go on from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// One JSON object each.
    pub records: Vec<Bytes>,
    /// `paging.next.after`
    pub next: Option<String>,
    /// `paging.prev.before`
    pub prev: Option<String>,
}

/// The shape of `paging.next.link`, which HubSpot does not document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkForm {
    /// With scheme and host, repeating the filters.
    Absolute,
    /// Path and query, repeating the filters.
    Relative,
    /// With scheme and host but only the cursor: following it loses the filters.
    Bare,
    /// `""`, as in HubSpot's example.
    Empty,
    /// No `link` at all.
    Absent,
    /// Absolute on this origin: following it gives the token away.
    Elsewhere(String),
}

impl fmt::Display for LinkForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absolute => "absolute",
            Self::Relative => "relative",
            Self::Bare => "bare",
            Self::Empty => "empty",
            Self::Absent => "absent",
            Self::Elsewhere(origin) => origin,
        })
    }
}

impl FromStr for LinkForm {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Ok(match text {
            "absolute" => Self::Absolute,
            "relative" => Self::Relative,
            "bare" => Self::Bare,
            "empty" => Self::Empty,
            "absent" => Self::Absent,
            origin if origin.starts_with("http://") || origin.starts_with("https://") => {
                Self::Elsewhere(origin.trim_end_matches('/').to_owned())
            }
            _ => {
                let allowed = vec!["absolute", "relative", "bare", "empty", "absent", "http://HOST"];
                return Err(UnknownWord { given: text.to_owned(), allowed });
            }
        })
    }
}

/// What the client asked for, so that links can lead back to it.
#[derive(Clone, Debug)]
pub struct Target<'a> {
    pub host: &'a str,
    pub path: &'a str,
    pub query: &'a str,
}

const IN_QUERY: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b',');

impl Page {
    #[must_use]
    pub fn render(&self, links: &LinkForm, target: &Target<'_>) -> Bytes {
        let length: usize = self.records.iter().map(|record| record.len() + 1).sum();
        let mut body = BytesMut::with_capacity(length + 1024);
        body.put_slice(b"{\"results\":[");
        for (index, record) in self.records.iter().enumerate() {
            if index > 0 {
                body.put_u8(b',');
            }
            body.put_slice(record);
        }
        body.put_u8(b']');
        let ends: Vec<String> = [("next", "after", &self.next), ("prev", "before", &self.prev)]
            .into_iter()
            .filter_map(|(end, parameter, cursor)| {
                let cursor = cursor.as_ref()?;
                let link = link(links, target, parameter, cursor)
                    .map(|link| format!(",\"link\":{}", quoted(&link)))
                    .unwrap_or_default();
                Some(format!("\"{end}\":{{\"{parameter}\":{}{link}}}", quoted(cursor)))
            })
            .collect();
        if !ends.is_empty() {
            body.put_slice(format!(",\"paging\":{{{}}}", ends.join(",")).as_bytes());
        }
        body.put_u8(b'}');
        body.freeze()
    }
}

fn link(form: &LinkForm, target: &Target<'_>, parameter: &str, cursor: &str) -> Option<String> {
    let origin = match form {
        LinkForm::Absolute | LinkForm::Bare => format!("http://{}", target.host),
        LinkForm::Relative => String::new(),
        LinkForm::Empty => return Some(String::new()),
        LinkForm::Absent => return None,
        LinkForm::Elsewhere(origin) => origin.clone(),
    };
    let kept = match form {
        LinkForm::Bare => Pairs::default(),
        _ => Pairs::decode(target.query),
    };
    let query: Vec<String> = kept
        .0
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .filter(|(key, _)| *key != parameter)
        .chain([(parameter, cursor)])
        .map(|(key, value)| {
            format!("{}={}", utf8_percent_encode(key, IN_QUERY), utf8_percent_encode(value, IN_QUERY))
        })
        .collect();
    Some(format!("{origin}{}?{}", target.path, query.join("&")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: Target<'_> = Target {
        host: "127.0.0.1:9",
        path: "/cms/v3/audit-logs/",
        query: "objectType=A%2CB&after=1&limit=2",
    };

    fn render(links: &LinkForm) -> String {
        let page = Page {
            records: vec![Bytes::from_static(b"{\"a\":1}"), Bytes::from_static(b"{}")],
            next: Some("17".into()),
            prev: None,
        };
        String::from_utf8(page.render(links, &TARGET).to_vec()).unwrap()
    }

    #[test]
    fn the_wire_form_is_pinned() {
        assert_eq!(
            render(&LinkForm::Absolute),
            r#"{"results":[{"a":1},{}],"paging":{"next":{"after":"17","link":"http://127.0.0.1:9/cms/v3/audit-logs/?objectType=A,B&limit=2&after=17"}}}"#
        );
        let last = Page { prev: Some("3".into()), ..Page::default() };
        assert_eq!(
            last.render(&LinkForm::Absent, &TARGET),
            r#"{"results":[],"paging":{"prev":{"before":"3"}}}"#.as_bytes()
        );
        assert_eq!(Page::default().render(&LinkForm::Empty, &TARGET), r#"{"results":[]}"#.as_bytes());
    }

    #[test]
    fn each_shape_of_link_is_written_and_read_by_its_word() {
        for (word, link) in [
            ("relative", r#""link":"/cms/v3/audit-logs/?objectType=A,B&limit=2&after=17""#),
            ("bare", r#""link":"http://127.0.0.1:9/cms/v3/audit-logs/?after=17""#),
            ("empty", r#""link":"""#),
            ("http://evil.test", r#""link":"http://evil.test/cms/v3/audit-logs/?objectType"#),
        ] {
            let form: LinkForm = word.parse().unwrap();
            assert_eq!(form.to_string(), word);
            assert!(render(&form).contains(link), "{word}: {}", render(&form));
        }
        assert!(!render(&LinkForm::Absent).contains("link"));
        assert!("absolut".parse::<LinkForm>().is_err());
    }
}
