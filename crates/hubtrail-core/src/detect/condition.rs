//! A rule's `condition`: and, or, not, parentheses, and `1 of`, `any of`, `all of` over names.

use super::expression::Expression;
use super::problem::{Fault, Place};

/// Parentheses and `not` within each other.
const MAX_DEPTH: usize = 50;

/// A detection's named selections.
pub(super) type Named = Vec<(String, Expression)>;

pub(super) fn condition(text: &str, place: Place, named: &Named) -> Result<Expression, Fault> {
    let tokens = tokens(text);
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0, place, named };
    if let Some(pipe) = tokens.iter().find(|token| token.contains('|')) {
        let reason = format!("`{pipe}` in a condition is not Sigma any more");
        return Err(Fault::new(place, reason, "write a correlation (event_count, value_count, …) instead"));
    }
    let expression = parser.either()?;
    match parser.peek() {
        None => Ok(expression),
        Some(token) => Err(parser.wrong(&format!("`{token}` is too much"), "join selections with and, or")),
    }
}

fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    for word in text.split_whitespace() {
        let mut rest = word;
        while let Some(at) = rest.find(['(', ')']) {
            if at > 0 {
                tokens.push(&rest[..at]);
            }
            tokens.push(&rest[at..=at]);
            rest = &rest[at + 1..];
        }
        if !rest.is_empty() {
            tokens.push(rest);
        }
    }
    tokens
}

struct Parser<'a> {
    tokens: &'a [&'a str],
    at: usize,
    depth: usize,
    place: Place,
    named: &'a Named,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.tokens.get(self.at).copied()
    }

    fn next(&mut self) -> Option<&'a str> {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.eq_ignore_ascii_case(word));
        self.at += usize::from(found);
        found
    }

    fn wrong(&self, reason: &str, fix: &str) -> Fault {
        Fault::new(self.place, format!("condition: {reason}"), fix)
    }

    fn either(&mut self) -> Result<Expression, Fault> {
        let mut parts = vec![self.both()?];
        while self.take("or") {
            parts.push(self.both()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::Any(parts) })
    }

    fn both(&mut self) -> Result<Expression, Fault> {
        let mut parts = vec![self.single()?];
        while self.take("and") {
            parts.push(self.single()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::All(parts) })
    }

    fn single(&mut self) -> Result<Expression, Fault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.wrong("nested too deep", "use fewer parentheses"));
        }
        let expression = if self.take("not") {
            Expression::Not(Box::new(self.single()?))
        } else if self.take("(") {
            let inner = self.either()?;
            if !self.take(")") {
                return Err(self.wrong("a parenthesis is not closed", "close it"));
            }
            inner
        } else {
            self.named_or_many()?
        };
        self.depth -= 1;
        Ok(expression)
    }

    fn named_or_many(&mut self) -> Result<Expression, Fault> {
        let Some(token) = self.next() else {
            return Err(self.wrong("it ends too early", "name a selection at the end"));
        };
        let many = self.peek().is_some_and(|next| next.eq_ignore_ascii_case("of"));
        if many {
            let all = match token.to_ascii_lowercase().as_str() {
                "all" => true,
                "1" | "any" => false,
                _ => {
                    let reason = format!("`{token} of` is not known");
                    return Err(self.wrong(&reason, "write `1 of`, `any of` or `all of`"));
                }
            };
            self.at += 1;
            return self.many(all);
        }
        let found = self.named.iter().find(|(name, _)| name == token);
        found.map(|(_, expression)| expression.clone()).ok_or_else(|| {
            let names: Vec<_> = self.named.iter().map(|(name, _)| name.as_str()).collect();
            let fix = format!("the selections are {}", names.join(", "));
            self.wrong(&format!("there is no selection `{token}`"), &fix)
        })
    }

    fn many(&mut self, all: bool) -> Result<Expression, Fault> {
        let Some(pattern) = self.next() else {
            return Err(self.wrong("`of` what?", "write `1 of them` or `1 of selection_*`"));
        };
        let wanted = |name: &str| {
            if pattern == "them" { !name.starts_with('_') } else { fits(pattern, name) }
        };
        let parts: Vec<_> =
            self.named.iter().filter(|(name, _)| wanted(name)).map(|(_, part)| part.clone()).collect();
        match (parts.is_empty(), all) {
            (true, _) => {
                let reason = format!("no selection is called `{pattern}`");
                Err(self.wrong(&reason, "name a selection that is there"))
            }
            (false, true) => Ok(Expression::All(parts)),
            (false, false) => Ok(Expression::Any(parts)),
        }
    }
}

/// Whether a name is one that a pattern means, in which `*` may stand anywhere and more than once.
fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let Some(end) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(end)
}
