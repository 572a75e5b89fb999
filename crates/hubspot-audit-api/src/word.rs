//! Switches that are plain words on a command line: one macro, so that reading, writing and listing
//! them cannot disagree.

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not one of {}", allowed.join(", "))]
pub struct UnknownWord {
    pub given: String,
    pub allowed: Vec<&'static str>,
}

/// Declares an enum whose variants are written as the given words.
macro_rules! words {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$about:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$about])* $variant,)+ }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::word::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text).ok_or_else(|| {
                    $crate::word::UnknownWord {
                        given: text.to_owned(),
                        allowed: Self::ALL.iter().map(|word| word.as_str()).collect(),
                    }
                })
            }
        }
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use crate::query::Order;

    #[test]
    fn words_are_read_as_they_are_written_and_others_are_refused_with_the_choice() {
        for order in Order::ALL {
            assert_eq!(order.to_string().parse::<Order>().as_ref(), Ok(order));
        }
        let error = "up".parse::<Order>().unwrap_err();
        assert_eq!(error.to_string(), "`up` is not one of asc, desc");
    }
}
