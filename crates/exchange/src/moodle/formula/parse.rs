//! Formulas of Moodle and expressions of Carrel to trees.

use std::collections::BTreeMap;

use carrel_quiz::limits::{EXPRESSION_BYTES_MAX, EXPRESSION_DEPTH_MAX};

use super::{Operator, PARTS_MAX, Term, binary, call, choose, number, remainder};

const COMPARISONS: [(&str, Operator); 6] = [
    ("==", Operator::Equal),
    ("!=", Operator::Unequal),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

/// Functions of one number that both languages have under one name.
const SHARED: [&str; 11] = [
    "abs", "ceil", "floor", "exp", "log10", "sqrt", "sin", "cos", "tan", "asin", "acos",
];

/// What is left of a formula while it is read.
pub(super) struct Parser<'s> {
    rest: &'s str,
    depth: usize,
    /// Names of variables of a formula of Moodle; `None`: an expression of Carrel.
    names: Option<&'s BTreeMap<String, String>>,
    too_large: bool,
}

impl<'s> Parser<'s> {
    pub(super) fn new(rest: &'s str, names: Option<&'s BTreeMap<String, String>>) -> Self {
        Self {
            rest,
            depth: 0,
            names,
            too_large: rest.len() > EXPRESSION_BYTES_MAX,
        }
    }

    pub(super) fn whole(mut self) -> Result<Term, String> {
        if self.too_large {
            return Err("it is too long".to_owned());
        }
        let term = self.either()?;
        match self.rest.trim() {
            "" => Ok(term),
            rest => Err(refused(rest)),
        }
    }

    fn take(&mut self, sign: &str) -> bool {
        self.rest = self.rest.trim_start();
        let found = self.rest.strip_prefix(sign);
        // A word ends where its letters end.
        let word = sign.starts_with(|letter: char| letter.is_ascii_alphabetic());
        let ends = |rest: &str| {
            !word || !rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_')
        };
        let Some(rest) = found.filter(|rest| ends(rest)) else {
            return false;
        };
        self.rest = rest;
        true
    }

    fn deeper(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Term, String>,
    ) -> Result<Term, String> {
        self.depth += 1;
        if self.depth > EXPRESSION_DEPTH_MAX {
            return Err("it is nested too deep".to_owned());
        }
        let term = read(self);
        self.depth -= 1;
        term
    }

    /// `a ? b : c` of PHP, and what binds more tightly.
    fn either(&mut self) -> Result<Term, String> {
        let condition = self.or()?;
        if self.names.is_none() || !self.take("?") {
            return Ok(condition);
        }
        let then = self.deeper(Self::either)?;
        if !self.take(":") {
            return Err("`:` is missing after `?`".to_owned());
        }
        // PHP refuses another one here without brackets.
        let otherwise = self.deeper(Self::or)?;
        if self.take("?") {
            return Err("`?` after `:` needs brackets".to_owned());
        }
        Ok(choose(condition, then, otherwise))
    }

    fn or(&mut self) -> Result<Term, String> {
        let mut left = self.and()?;
        while self.take("||") || self.take("or") {
            let right = self.deeper(Self::and)?;
            left = choose(left, number("1"), truth(right));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Term, String> {
        let mut left = self.comparison()?;
        while self.take("&&") || self.take("and") {
            let right = self.deeper(Self::comparison)?;
            left = choose(left, truth(right), number("0"));
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Result<Term, String> {
        if self.names.is_none() && self.take("not") {
            let inner = self.deeper(Self::comparison)?;
            return Ok(choose(inner, number("0"), number("1")));
        }
        if self.names.is_some() {
            let (equal, unequal) = COMPARISONS.split_at(2);
            return self.once(equal, |parser| parser.once(unequal, Self::sum));
        }
        let mut left = self.sum()?;
        while let Some((_, operator)) = COMPARISONS.iter().find(|(sign, _)| self.take(sign)) {
            let right = self.deeper(Self::sum)?;
            left = binary(left, *operator, right);
        }
        Ok(left)
    }

    /// A comparison of PHP, which does not stand in a row with others.
    fn once(
        &mut self,
        signs: &[(&str, Operator)],
        inner: impl Fn(&mut Self) -> Result<Term, String>,
    ) -> Result<Term, String> {
        let left = inner(self)?;
        let Some((_, operator)) = signs.iter().find(|(sign, _)| self.take(sign)) else {
            return Ok(left);
        };
        let right = self.deeper(&inner)?;
        if signs.iter().any(|(sign, _)| self.take(sign)) {
            return Err("comparisons in a row need brackets".to_owned());
        }
        let (left, right) = match left.is_comparison() || right.is_comparison() {
            true => (truth(left), truth(right)),
            false => (left, right),
        };
        Ok(binary(left, *operator, right))
    }

    fn sum(&mut self) -> Result<Term, String> {
        let mut left = self.product()?;
        loop {
            let operator = if self.take("+") {
                Operator::Add
            } else if self.take("-") {
                Operator::Subtract
            } else {
                return Ok(left);
            };
            left = binary(left, operator, self.product()?);
        }
    }

    fn product(&mut self) -> Result<Term, String> {
        let mut left = self.unary()?;
        loop {
            if self.rest.trim_start().starts_with("**") {
                return Ok(left);
            }
            left = if self.take("*") {
                binary(left, Operator::Multiply, self.unary()?)
            } else if self.take("/") {
                binary(left, Operator::Divide, self.unary()?)
            } else if self.take("%") {
                let right = self.unary()?;
                bounded(match self.names {
                    // PHP takes whole numbers.
                    Some(_) => remainder(call("trunc", left), call("trunc", right), "trunc"),
                    None => remainder(left, right, "floor"),
                })?
            } else {
                return Ok(left);
            };
        }
    }

    fn unary(&mut self) -> Result<Term, String> {
        if self.take("-") {
            return Ok(Term::Negate(Box::new(self.deeper(Self::unary)?)));
        }
        if self.names.is_some() {
            if self.take("+") {
                return self.deeper(Self::unary);
            }
            if !self.rest.starts_with("!=") && self.take("!") {
                let inner = self.deeper(Self::unary)?;
                return Ok(choose(inner, number("0"), number("1")));
            }
        }
        let base = self.operand()?;
        if self.take("**") || self.names.is_none() && self.take("^") {
            return Ok(binary(base, Operator::Power, self.deeper(Self::unary)?));
        }
        Ok(base)
    }

    fn operand(&mut self) -> Result<Term, String> {
        if self.take("(") {
            let inner = self.deeper(Self::either)?;
            return match self.take(")") {
                true => Ok(inner),
                false => Err("a `(` is not closed".to_owned()),
            };
        }
        if let Some(names) = self.names
            && self.rest.starts_with('{')
        {
            let rest: &'s str = self.rest;
            let end = rest.find('}').ok_or("a `{` is not closed")?;
            let name = &rest[1..end];
            self.rest = &rest[end + 1..];
            let known = names.get(name);
            return known
                .map(|name| Term::Variable(name.clone()))
                .ok_or_else(|| format!("the variable `{{{name}}}` has no values"));
        }
        let rest: &'s str = self.rest;
        let end = rest
            .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_' && letter != '.')
            .unwrap_or(rest.len());
        let word = &rest[..end];
        if word.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
            return self.digits();
        }
        if word.is_empty() {
            return Err(refused(rest));
        }
        self.rest = &rest[end..];
        match self.take("(") {
            true => self.call(word),
            false => self.bare(word),
        }
    }

    fn digits(&mut self) -> Result<Term, String> {
        let rest: &'s str = self.rest;
        let bytes = rest.as_bytes();
        let run = |from: usize| {
            let digits = bytes[from..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit());
            from + digits.count()
        };
        let mut end = run(0);
        if bytes.get(end) == Some(&b'.') {
            end = run(end + 1);
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
                end = run(end + 1 + sign);
            }
        }
        let (digits, rest) = rest.split_at(end);
        let whole = digits.bytes().all(|byte| byte.is_ascii_digit());
        if self.names.is_some() && whole && digits.len() > 1 && digits.starts_with('0') {
            return Err(format!("`{digits}` is an octal number in PHP"));
        }
        let finite = digits.parse::<f64>().is_ok_and(f64::is_finite);
        self.rest = rest;
        match finite {
            true => Ok(number(digits)),
            false => Err(format!("`{digits}` is no number")),
        }
    }

    /// A name without brackets.
    fn bare(&self, word: &str) -> Result<Term, String> {
        if self.names.is_some() {
            return Err(format!("`{word}` is neither a function nor a variable"));
        }
        Ok(match word {
            "true" => number("1"),
            "false" => number("0"),
            name => Term::Variable(name.to_owned()),
        })
    }

    fn call(&mut self, name: &str) -> Result<Term, String> {
        let mut arguments = Vec::new();
        if !self.take(")") {
            loop {
                arguments.push(self.deeper(Self::either)?);
                if !self.take(",") {
                    break;
                }
            }
            if !self.take(")") {
                return Err("a `(` is not closed".to_owned());
            }
        }
        let term = match self.names {
            Some(_) => of_php(&name.to_ascii_lowercase(), &arguments),
            None => of_carrel(name, &arguments),
        };
        bounded(term.ok_or_else(|| format!("the function `{name}` has no counterpart"))?)
    }
}

/// Some are written by naming a part twice or more: nested, that would grow without end.
fn bounded(term: Term) -> Result<Term, String> {
    match term.parts() > PARTS_MAX {
        true => Err("it is too long".to_owned()),
        false => Ok(term),
    }
}

/// 1 for what is true, 0 for what is not.
fn truth(term: Term) -> Term {
    match term.is_comparison() {
        true => term,
        false => choose(term, number("1"), number("0")),
    }
}

fn refused(rest: &str) -> String {
    if rest.starts_with(['^', '&', '|', '~']) {
        let sign: String = rest.chars().take(1).collect();
        return format!(
            "`{sign}` is a bitwise operation in Moodle, which has no counterpart; a power is written pow(x, y)"
        );
    }
    let start: String = rest.chars().take(20).collect();
    format!("`{start}` is not expected there")
}

/// A function of one argument that both languages have.
fn shared(name: &str) -> Option<&'static str> {
    let known = SHARED.iter().chain(&["atan", "round"]);
    known.copied().find(|shared| *shared == name)
}

/// A function of PHP, as Moodle allows them.
fn of_php(name: &str, arguments: &[Term]) -> Option<Term> {
    let radian = || {
        binary(
            Term::Call("pi", Vec::new()),
            Operator::Divide,
            number("180"),
        )
    };
    let half = |term: Term| binary(term, Operator::Divide, number("2"));
    let power = |x: &Term, sign: bool| match sign {
        true => call("exp", x.clone()),
        false => call("exp", Term::Negate(Box::new(x.clone()))),
    };
    let square = |x: &Term| binary(x.clone(), Operator::Multiply, x.clone());
    let (add, subtract, one) = (Operator::Add, Operator::Subtract, number("1"));
    Some(match (name, arguments) {
        ("pi", []) => Term::Call("pi", Vec::new()),
        ("log", [x]) => call("ln", x.clone()),
        ("log", [x, base]) => binary(
            call("ln", x.clone()),
            Operator::Divide,
            call("ln", base.clone()),
        ),
        ("log1p", [x]) => call("ln", binary(one, add, x.clone())),
        ("expm1", [x]) => binary(call("exp", x.clone()), subtract, one),
        ("pow", [x, y]) => binary(x.clone(), Operator::Power, y.clone()),
        ("fmod", [x, y]) => remainder(x.clone(), y.clone(), "trunc"),
        ("deg2rad", [x]) => binary(x.clone(), Operator::Multiply, radian()),
        ("rad2deg", [x]) => binary(x.clone(), Operator::Divide, radian()),
        ("sinh", [x]) => half(binary(power(x, true), subtract, power(x, false))),
        ("cosh", [x]) => half(binary(power(x, true), add, power(x, false))),
        ("tanh", [x]) => binary(
            binary(power(x, true), subtract, power(x, false)),
            Operator::Divide,
            binary(power(x, true), add, power(x, false)),
        ),
        ("asinh" | "acosh", [x]) => {
            let operator = if name == "asinh" { add } else { subtract };
            let root = call("sqrt", binary(square(x), operator, one));
            call("ln", binary(x.clone(), add, root))
        }
        ("atanh", [x]) => half(call(
            "ln",
            binary(
                binary(one.clone(), add, x.clone()),
                Operator::Divide,
                binary(one, subtract, x.clone()),
            ),
        )),
        ("atan2", [_, _]) => Term::Call("atan2", arguments.to_vec()),
        ("round", [_, _]) => Term::Call("round", arguments.to_vec()),
        ("min", [_, _, ..]) => Term::Call("min", arguments.to_vec()),
        ("max", [_, _, ..]) => Term::Call("max", arguments.to_vec()),
        (name, [x]) => call(shared(name)?, x.clone()),
        _ => return None,
    })
}

/// A function of Carrel that Moodle can compute.
fn of_carrel(name: &str, arguments: &[Term]) -> Option<Term> {
    Some(match (name, arguments) {
        ("if", [condition, then, otherwise]) => {
            choose(condition.clone(), then.clone(), otherwise.clone())
        }
        ("ln", [_]) => Term::Call("ln", arguments.to_vec()),
        ("log2", [_]) => Term::Call("log2", arguments.to_vec()),
        ("trunc", [_]) => Term::Call("trunc", arguments.to_vec()),
        ("atan2", [_, _]) => Term::Call("atan2", arguments.to_vec()),
        ("round", [_, _]) => Term::Call("round", arguments.to_vec()),
        ("min", [_, ..]) => Term::Call("min", arguments.to_vec()),
        ("max", [_, ..]) => Term::Call("max", arguments.to_vec()),
        (name, [x]) => call(shared(name)?, x.clone()),
        _ => return None,
    })
}
