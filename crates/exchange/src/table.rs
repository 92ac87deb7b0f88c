//! Tables for spreadsheets: CSV as RFC 4180 has it, with what a spreadsheet would take for a
//! formula made harmless.

/// Signs that a spreadsheet takes for the beginning of a formula, in both widths.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Adds a row.
pub fn write_row(table: &mut String, cells: impl IntoIterator<Item = String>) {
    for (index, cell) in cells.into_iter().enumerate() {
        if index > 0 {
            table.push(',');
        }
        write_cell(table, &cell);
    }
    table.push_str("\r\n");
}

/// People choose their names: one that a spreadsheet would run gets a `'` before it. Numbers stay.
fn write_cell(table: &mut String, cell: &str) {
    // `-inf` and `+nan` are numbers for Rust alone.
    let is_number = cell.parse::<f64>().is_ok_and(f64::is_finite);
    let is_formula = cell.trim_start_matches(' ').starts_with(FORMULA) && !is_number;
    let is_quoted = cell.contains(['"', ',', '\r', '\n', ';', '\t']) || cell.trim() != cell;
    if is_quoted {
        table.push('"');
    }
    if is_formula {
        table.push('\'');
    }
    if is_quoted {
        table.push_str(&cell.replace('"', "\"\""));
        table.push('"');
    } else {
        table.push_str(cell);
    }
}

/// A number with at most six decimals; nothing where there is none.
#[must_use]
pub fn number(number: Option<f64>) -> String {
    let number = number.filter(|number| number.is_finite());
    number.map_or_else(String::new, |number| {
        // No negative zero.
        ((number * 1e6).round() / 1e6 + 0.0).to_string()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(cells: &[&str]) -> String {
        let mut table = String::new();
        write_row(&mut table, cells.iter().map(|cell| (*cell).to_owned()));
        table
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        assert_eq!(row(&["a", "b c", ""]), "a,b c,\r\n");
        assert_eq!(
            row(&["a,b", "say \"x\"", "1\n2", " x"]),
            "\"a,b\",\"say \"\"x\"\"\",\"1\n2\",\" x\"\r\n"
        );
    }

    #[test]
    fn formulas_are_texts_and_numbers_stay() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-x", "'-x"),
            ("+a", "'+a"),
            ("＝x", "'＝x"),
            ("\tx", "\"'\tx\""),
            ("  =x", "\"'  =x\""),
            ("-1.5", "-1.5"),
            ("-inf", "'-inf"),
            ("+nan", "'+nan"),
            ("+infinity", "'+infinity"),
            ("-1e999", "'-1e999"),
        ] {
            assert_eq!(row(&[cell]), format!("{written}\r\n"));
        }
        assert_eq!(number(Some(-0.0)), "0");
        assert_eq!(number(Some(1.0 / 3.0)), "0.333333");
        assert_eq!(number(Some(f64::NAN)), "");
        assert_eq!(number(None), "");
    }

    /// Cells of a table as RFC 4180 reads them.
    fn parse(csv: &str) -> Vec<Vec<String>> {
        let (mut rows, mut row, mut cell, mut quoted) =
            (Vec::new(), Vec::new(), String::new(), false);
        let mut letters = csv.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '"' if quoted && letters.next_if_eq(&'"').is_some() => cell.push('"'),
                '"' => quoted = !quoted,
                ',' if !quoted => row.push(std::mem::take(&mut cell)),
                '\r' if !quoted && letters.next_if_eq(&'\n').is_some() => {
                    row.push(std::mem::take(&mut cell));
                    rows.push(std::mem::take(&mut row));
                }
                letter => cell.push(letter),
            }
        }
        rows
    }

    proptest! {
        #[test]
        fn every_cell_is_read_back(cell in "[=+@\"',;\r\n\ta-z -]{0,12}") {
            let rows = parse(&row(&["1", &cell, ""]));
            prop_assert_eq!(rows.len(), 1);
            prop_assert_eq!(rows[0].len(), 3);
            let read = &rows[0][1];
            prop_assert_eq!(read.strip_prefix('\'').filter(|rest| *rest == cell).unwrap_or(read), &cell);
            prop_assert!(!read.trim_start_matches(' ').starts_with(FORMULA));
        }
    }
}
