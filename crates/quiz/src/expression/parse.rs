//! Text to tree: recursive descent, one function per level of precedence.

use crate::limits::{EXPRESSION_BYTES_MAX, EXPRESSION_DEPTH_MAX};
use crate::template::Value;

use super::{ExpressionError, Node, Operator};

pub(super) fn parse(source: &str) -> Result<Node, ExpressionError> {
    if source.len() > EXPRESSION_BYTES_MAX {
        return Err(ExpressionError::TooLarge);
    }
    // Texts end an expression at the first `}}`, and lines end at their end.
    let broken = source
        .find("}}")
        .or_else(|| source.find(|letter: char| letter.is_control() && letter != '\t'));
    if let Some(at) = broken {
        return Err(ExpressionError::Syntax {
            column: source[..at].chars().count() + 1,
            expected: "one line without `}}`",
        });
    }
    let mut parser = Parser {
        characters: source.chars().collect(),
        at: 0,
        depth: 0,
    };
    let root = parser.parse_level(0)?;
    parser.skip_blanks();
    if parser.at < parser.characters.len() {
        return Err(parser.expected("an operator or the end"));
    }
    Ok(root)
}

/// Binary operators from the loosest to the tightest; `not` stands between `and` and the comparisons.
const LEVELS: [&[(&str, Operator)]; 5] = [
    &[("or", Operator::Or), ("||", Operator::Or)],
    &[("and", Operator::And), ("&&", Operator::And)],
    &[
        ("==", Operator::Equal),
        ("!=", Operator::Unequal),
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ],
    &[("+", Operator::Add), ("-", Operator::Subtract)],
    &[
        ("*", Operator::Multiply),
        ("/", Operator::Divide),
        ("%", Operator::Remainder),
    ],
];

const COMPARISONS: usize = 2;

struct Parser {
    characters: Vec<char>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn parse_level(&mut self, level: usize) -> Result<Node, ExpressionError> {
        if level == COMPARISONS && self.take_word("not") {
            self.enter()?;
            let inner = self.parse_level(COMPARISONS)?;
            self.depth -= 1;
            return Ok(Node::Not(Box::new(inner)));
        }
        let Some(operators) = LEVELS.get(level) else {
            return self.parse_unary();
        };
        let mut left = self.parse_level(level + 1)?;
        // A chain leans to the left, so its length is a depth of the tree.
        let before = self.depth;
        while let Some(operator) = self.take_operator(operators) {
            self.enter()?;
            let right = self.parse_level(level + 1)?;
            left = Node::Binary(operator, Box::new(left), Box::new(right));
        }
        self.depth = before;
        Ok(left)
    }

    fn parse_unary(&mut self) -> Result<Node, ExpressionError> {
        if self.take("-") {
            self.enter()?;
            let inner = self.parse_unary()?;
            self.depth -= 1;
            return Ok(Node::Negate(Box::new(inner)));
        }
        let base = self.parse_operand()?;
        if self.take("^") || self.take("**") {
            self.enter()?;
            let exponent = self.parse_unary()?;
            self.depth -= 1;
            return Ok(Node::Binary(
                Operator::Power,
                Box::new(base),
                Box::new(exponent),
            ));
        }
        Ok(base)
    }

    fn parse_operand(&mut self) -> Result<Node, ExpressionError> {
        self.skip_blanks();
        match self.peek() {
            Some('(') => {
                self.at += 1;
                self.enter()?;
                let inner = self.parse_level(0)?;
                self.depth -= 1;
                self.demand(")", "`)`")?;
                Ok(inner)
            }
            Some('"') => self.parse_text(),
            Some(letter) if letter.is_ascii_digit() || letter == '.' => self.parse_number(),
            Some(letter) if letter.is_ascii_alphabetic() => self.parse_name(),
            _ => Err(self.expected("a number, a name, a text in quotes or `(`")),
        }
    }

    fn parse_text(&mut self) -> Result<Node, ExpressionError> {
        self.at += 1;
        let start = self.at;
        while self.peek().is_some_and(|letter| letter != '"') {
            self.at += 1;
        }
        let text = self.characters[start..self.at].iter().collect();
        self.demand("\"", "a closing quote")?;
        Ok(Node::Value(Value::Text(text)))
    }

    fn parse_number(&mut self) -> Result<Node, ExpressionError> {
        let start = self.at;
        let digits = |parser: &mut Self| {
            while parser.peek().is_some_and(|letter| letter.is_ascii_digit()) {
                parser.at += 1;
            }
        };
        digits(self);
        if self.peek() == Some('.') {
            self.at += 1;
            digits(self);
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            let sign = usize::from(matches!(self.characters.get(self.at + 1), Some('+' | '-')));
            // `2e` may be a slip for `2*e`: only digits make it an exponent.
            if self
                .characters
                .get(self.at + 1 + sign)
                .is_some_and(char::is_ascii_digit)
            {
                self.at += 1 + sign;
                digits(self);
            }
        }
        let text: String = self.characters[start..self.at].iter().collect();
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Node::Value(Value::Number(number))),
            _ => {
                self.at = start;
                Err(self.expected("a number"))
            }
        }
    }

    fn parse_name(&mut self) -> Result<Node, ExpressionError> {
        let place = self.at + 1;
        let name = self.read_word();
        if !self.take("(") {
            return Ok(Node::Variable(name, place));
        }
        self.enter()?;
        let mut arguments = Vec::new();
        if !self.take(")") {
            loop {
                arguments.push(self.parse_level(0)?);
                if !self.take(",") {
                    break;
                }
            }
            self.demand(")", "`,` or `)`")?;
        }
        self.depth -= 1;
        Ok(Node::Call(name, place, arguments))
    }

    fn read_word(&mut self) -> String {
        let start = self.at;
        while self
            .peek()
            .is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        {
            self.at += 1;
        }
        self.characters[start..self.at].iter().collect()
    }

    fn enter(&mut self) -> Result<(), ExpressionError> {
        self.depth += 1;
        if self.depth > EXPRESSION_DEPTH_MAX {
            return Err(ExpressionError::TooLarge);
        }
        Ok(())
    }

    fn take_operator(&mut self, operators: &[(&str, Operator)]) -> Option<Operator> {
        self.skip_blanks();
        // `**` is the power, not two multiplications.
        if self.starts_with("**") {
            return None;
        }
        operators.iter().find_map(|(sign, operator)| {
            let is_word = sign.starts_with(char::is_alphabetic);
            let taken = if is_word {
                self.take_word(sign)
            } else {
                self.take(sign)
            };
            taken.then_some(*operator)
        })
    }

    fn take_word(&mut self, word: &str) -> bool {
        self.skip_blanks();
        let after = self.characters.get(self.at + word.len());
        let ends = !after.is_some_and(|letter| letter.is_ascii_alphanumeric() || *letter == '_');
        ends && self.take(word)
    }

    fn take(&mut self, sign: &str) -> bool {
        self.skip_blanks();
        let found = self.starts_with(sign);
        if found {
            self.at += sign.chars().count();
        }
        found
    }

    fn demand(&mut self, sign: &str, expected: &'static str) -> Result<(), ExpressionError> {
        if self.take(sign) {
            return Ok(());
        }
        Err(self.expected(expected))
    }

    fn starts_with(&self, sign: &str) -> bool {
        sign.chars()
            .enumerate()
            .all(|(offset, letter)| self.characters.get(self.at + offset) == Some(&letter))
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn expected(&self, expected: &'static str) -> ExpressionError {
        ExpressionError::Syntax {
            column: self.at + 1,
            expected,
        }
    }
}
