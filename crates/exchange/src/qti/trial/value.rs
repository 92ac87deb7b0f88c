//! Values of response processing.

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Atom {
    Truth(bool),
    /// An integer, a float or a duration.
    Number(f64),
    /// An identifier, a string, and what is compared as one.
    Text(String),
    /// A directed pair; of a pair without direction, the lesser first.
    Pair(String, String),
}

/// What a variable holds. An empty container is `Null`, as QTI says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    One(Atom),
    /// Without order.
    Bag(Vec<Atom>),
    /// In order.
    List(Vec<Atom>),
}

impl Atom {
    /// A value of a base type as it is written; nothing where it is none.
    pub(crate) fn parse(base: &str, text: &str) -> Option<Self> {
        let text = text.trim();
        match base {
            "boolean" => match text {
                "true" | "1" => Some(Self::Truth(true)),
                "false" | "0" => Some(Self::Truth(false)),
                _ => None,
            },
            "integer" | "float" | "duration" => {
                let number: f64 = text.parse().ok()?;
                number.is_finite().then_some(Self::Number(number))
            }
            "pair" | "directedPair" => {
                let mut ids = text.split_whitespace();
                let (one, other) = (ids.next()?.to_owned(), ids.next()?.to_owned());
                Some(match base == "pair" && other < one {
                    true => Self::Pair(other, one),
                    false => Self::Pair(one, other),
                })
            }
            _ => Some(Self::Text(text.to_owned())),
        }
    }

    /// Whether two are the same; numbers up to the error of floating point.
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(one), Self::Number(other)) => {
                (one - other).abs() <= 1e-12 * one.abs().max(1.0)
            }
            (one, other) => one == other,
        }
    }
}

impl std::fmt::Display for Atom {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Truth(truth) => write!(formatter, "{truth}"),
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Text(text) => formatter.write_str(text),
            Self::Pair(one, other) => write!(formatter, "{one} {other}"),
        }
    }
}

impl Value {
    pub(crate) fn number(number: f64) -> Self {
        if number.is_finite() {
            Self::One(Atom::Number(number))
        } else {
            Self::Null
        }
    }

    pub(crate) fn truth(truth: bool) -> Self {
        Self::One(Atom::Truth(truth))
    }

    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::One(Atom::Text(text.into()))
    }

    /// Values without order.
    pub(crate) fn bag(atoms: Vec<Atom>) -> Self {
        if atoms.is_empty() {
            Self::Null
        } else {
            Self::Bag(atoms)
        }
    }

    /// Values in order.
    pub(crate) fn list(atoms: Vec<Atom>) -> Self {
        if atoms.is_empty() {
            Self::Null
        } else {
            Self::List(atoms)
        }
    }

    /// All of it, in order where it has one.
    pub(crate) fn atoms(&self) -> &[Atom] {
        match self {
            Self::Null => &[],
            Self::One(atom) => std::slice::from_ref(atom),
            Self::Bag(atoms) | Self::List(atoms) => atoms,
        }
    }

    pub(crate) fn as_number(&self) -> Option<f64> {
        match self {
            Self::One(Atom::Number(number)) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn as_truth(&self) -> Option<bool> {
        match self {
            Self::One(Atom::Truth(truth)) => Some(*truth),
            _ => None,
        }
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::One(Atom::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Whether two hold the same: in the same order where they have one.
    pub(crate) fn is(&self, other: &Self) -> bool {
        let (one, two) = (self.atoms(), other.atoms());
        if one.len() != two.len() {
            return false;
        }
        match (self, other) {
            (Self::Bag(_), _) | (_, Self::Bag(_)) => is_within(one, two) && is_within(two, one),
            _ => one.iter().zip(two).all(|(one, two)| one.is(two)),
        }
    }
}

/// A text in which case makes no difference: up and down again, so that both sigmas meet.
pub(crate) fn fold_case(text: &str) -> String {
    text.to_uppercase().to_lowercase()
}

/// Whether every value is among others at least as often.
pub(crate) fn is_within(some: &[Atom], others: &[Atom]) -> bool {
    let count = |atom: &Atom, list: &[Atom]| list.iter().filter(|other| other.is(atom)).count();
    some.iter()
        .all(|atom| count(atom, some) <= count(atom, others))
}

impl std::fmt::Display for Value {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.atoms().is_empty() {
            return formatter.write_str("(nothing)");
        }
        for (number, atom) in self.atoms().iter().enumerate() {
            let before = if number == 0 { "" } else { ", " };
            write!(formatter, "{before}{atom}")?;
        }
        Ok(())
    }
}
