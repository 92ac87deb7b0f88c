//! Parameterised questions: variables that each attempt draws anew.
//!
//! Texts, patterns and numbers of a question with a template may hold
//! `{{expression}}`; numbers may be an [`Amount::Expression`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Variables and what must hold between them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Variables; an expression may use those before it.
    pub variables: Vec<Variable>,
    /// Expressions that must be true; the variables are drawn again until they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<String>,
}

/// One variable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// Name: a letter, then letters, digits and `_`.
    pub name: String,
    /// Where its value comes from.
    pub source: VariableSource,
}

/// Where a variable's value comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum VariableSource {
    /// One of `min`, `min + step`, … up to `max`, each as likely.
    Range {
        /// Least value.
        min: f64,
        /// Greatest value.
        max: f64,
        /// Distance of two values, above 0.
        #[serde(default = "one")]
        step: f64,
    },
    /// One of a list, each as likely.
    List {
        /// The values, at least one.
        values: Vec<Value>,
        /// Lists of the same group are drawn together: the n-th value of each.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<String>,
    },
    /// Computed from the variables before it.
    Expression {
        /// The expression.
        expression: String,
    },
}

fn one() -> f64 {
    1.0
}

/// The value of a variable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Value {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

/// A number that an author wrote, or one computed from variables.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Amount {
    /// A number.
    Number(f64),
    /// An expression over the question's variables.
    Expression(String),
}

impl From<f64> for Amount {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}
