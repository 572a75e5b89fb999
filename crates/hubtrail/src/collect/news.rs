//! Saying what stands in the way once, and not with every attempt, until it is over.

/// What was said last, and stands.
#[derive(Debug, Default)]
pub struct News(Option<String>);

impl News {
    /// Whether this is another trouble than the one that was said last.
    pub fn is_news(&mut self, trouble: &str) -> bool {
        // HubSpot gives every refusal an id of its own.
        let same = trouble.split(", correlation id").next().unwrap_or_default();
        if self.0.as_deref() == Some(same) {
            return false;
        }
        self.0 = Some(same.to_owned());
        true
    }

    pub fn over(&mut self) {
        self.0 = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_is_news_until_it_is_known_and_again_when_it_was_over() {
        let mut news = News::default();
        assert!(news.is_news("no, correlation id 1"));
        assert!(!news.is_news("no, correlation id 2"));
        assert!(news.is_news("something else"));
        assert!(news.is_news("no, correlation id 3"));
        news.over();
        assert!(news.is_news("no, correlation id 4"));
    }
}
