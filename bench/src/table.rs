//! Tables of figures, for the terminal and as JSON.

use std::fmt;

use serde_json::{Value, json};

/// One figure with the name of its column.
pub(crate) struct Cell {
    column: String,
    value: f64,
}

impl Cell {
    pub(crate) fn new(column: &str, value: f64) -> Self {
        Self {
            column: column.to_owned(),
            value,
        }
    }
}

/// A titled table.
pub(crate) struct Table {
    title: String,
    rows: Vec<(String, Vec<Cell>)>,
}

impl Table {
    pub(crate) fn new(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, name: &str, cells: Vec<Cell>) {
        self.rows.push((name.to_owned(), cells));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n## {}\n", self.title)?;
        let Some((_, first)) = self.rows.first() else {
            return Ok(());
        };
        write!(f, "| {:26} |", "")?;
        for cell in first {
            write!(f, " {:>13} |", cell.column)?;
        }
        write!(f, "\n|{:-<28}|", "")?;
        for _ in first {
            write!(f, "{:->14}:|", "")?;
        }
        writeln!(f)?;
        for (name, cells) in &self.rows {
            write!(f, "| {name:26} |")?;
            for cell in cells {
                write!(f, " {:>13.2} |", cell.value)?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

impl serde::Serialize for Table {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows = self.rows.iter().map(|(name, cells)| {
            let figures = cells.iter().map(|cell| json!([cell.column, cell.value]));
            json!({ "runner": name, "figures": figures.collect::<Value>() })
        });
        json!({ "title": self.title, "rows": rows.collect::<Value>() }).serialize(serializer)
    }
}
