//! Names of settings as each place spells them: `rotate_ms` in a file and on the command line, `rotateMs` in the API.

/// As the API spells it.
pub(crate) fn as_api(name: &str) -> String {
    let mut words = name.split(['_', '-']);
    let mut spelt = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        spelt.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        spelt.push_str(letters.as_str());
    }
    spelt
}

/// The names in a message, or a name alone, as a file spells them.
pub(crate) fn as_file(message: &str) -> String {
    let mut spelt = String::with_capacity(message.len() + 8);
    let mut within = !message.contains('`');
    for c in message.chars() {
        within ^= c == '`';
        if within && c.is_ascii_uppercase() && spelt.ends_with(|before: char| before.is_ascii_lowercase()) {
            spelt.push('_');
            spelt.push(c.to_ascii_lowercase());
        } else {
            spelt.push(c);
        }
    }
    spelt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_spelt_there_and_back() {
        for (file, api) in [("rotate_ms", "rotateMs"), ("name", "name"), ("client_key_file", "clientKeyFile")]
        {
            assert_eq!((as_api(file).as_str(), as_file(api).as_str()), (api, file));
        }
        assert_eq!(as_api("rotate-ms"), "rotateMs");
        assert_eq!(
            as_file("Unknown field `rotateMz`, see `rotateMs`"),
            "Unknown field `rotate_mz`, see `rotate_ms`"
        );
    }
}
