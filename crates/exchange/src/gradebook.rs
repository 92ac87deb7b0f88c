//! A gradebook as CSV (RFC 4180) and JSON: a row per learner, columns per activity.

use std::collections::BTreeMap;

use serde::Serialize;

/// What a gradebook holds. Whoever has the grades fills it in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gradebook {
    /// Id of the course.
    pub course: String,
    /// Activities in the order of the course.
    pub activities: Vec<Activity>,
    /// Learners in the order they are listed.
    pub learners: Vec<Learner>,
}

/// Something that gives points.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Activity {
    /// Stable id.
    pub id: String,
    /// Title shown to people.
    pub title: String,
    /// `quiz`, `challenge`, …
    pub kind: String,
    /// Points that can be reached.
    pub points_max: f64,
}

/// One learner with the grades.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Learner {
    /// Stable id.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Address; empty where there is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// Grades by id of the activity; without an entry nothing was begun.
    pub grades: BTreeMap<String, Grade>,
}

/// What one learner has reached in one activity.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Grade {
    /// Points; `None`: not graded yet.
    pub points: Option<f64>,
    /// Such as `in_progress`, `submitted`, `needs_grading`, `graded`.
    pub state: String,
    /// When it was submitted, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submitted_at: Option<String>,
}

impl Learner {
    /// Points of all activities together.
    fn points(&self, activities: &[Activity]) -> f64 {
        let grades = activities
            .iter()
            .filter_map(|activity| self.grades.get(&activity.id));
        grades.filter_map(|grade| grade.points).sum()
    }
}

/// The gradebook as JSON, each learner with the sum of points.
///
/// # Errors
/// Never for a gradebook whose numbers are finite.
pub fn json(gradebook: &Gradebook) -> Result<String, serde_json::Error> {
    let all: f64 = gradebook
        .activities
        .iter()
        .map(|activity| activity.points_max)
        .sum();
    let mut value = serde_json::to_value(gradebook)?;
    value["points_max"] = number_value(all);
    for (place, learner) in gradebook.learners.iter().enumerate() {
        value["learners"][place]["points"] = number_value(learner.points(&gradebook.activities));
        for activity in &gradebook.activities {
            let grade = learner.grades.get(&activity.id);
            if let Some(share) = grade.and_then(|grade| percent(grade.points?, activity.points_max))
            {
                value["learners"][place]["grades"][&activity.id]["percent"] = number_value(share);
            }
        }
    }
    serde_json::to_string_pretty(&value).map(|text| text + "\n")
}

fn number_value(number: f64) -> serde_json::Value {
    serde_json::Number::from_f64(number).map_or(serde_json::Value::Null, serde_json::Value::Number)
}

fn percent(points: f64, max: f64) -> Option<f64> {
    (max > 0.0).then(|| (points / max * 1e4).round() / 100.0)
}

/// The gradebook as CSV. A text that a spreadsheet would take for a formula gets `'` before it;
/// numbers are written as numbers.
#[must_use]
pub fn csv(gradebook: &Gradebook) -> String {
    let mut csv = String::new();
    let mut head = vec![text("learner"), text("name"), text("email")];
    for activity in &gradebook.activities {
        let title = match activity.title.as_str() {
            "" => &activity.id,
            title => title,
        };
        for column in ["points", "max", "percent", "state", "submitted"] {
            head.push(text(&format!("{title} ({column})")));
        }
    }
    head.extend([
        text("total points"),
        text("total max"),
        text("total percent"),
    ]);
    line(&head, &mut csv);
    let all: f64 = gradebook
        .activities
        .iter()
        .map(|activity| activity.points_max)
        .sum();
    for learner in &gradebook.learners {
        let mut row = vec![text(&learner.id), text(&learner.name), text(&learner.email)];
        for activity in &gradebook.activities {
            row.extend(cells(learner.grades.get(&activity.id), activity.points_max));
        }
        let points = learner.points(&gradebook.activities);
        row.extend([
            number(Some(points)),
            number(Some(all)),
            number(percent(points, all)),
        ]);
        line(&row, &mut csv);
    }
    csv
}

fn cells(grade: Option<&Grade>, max: f64) -> [String; 5] {
    let points = grade.and_then(|grade| grade.points);
    let state = grade.map_or("not_started", |grade| &grade.state);
    let submitted = grade.and_then(|grade| grade.submitted_at.as_deref());
    [
        number(points),
        number(Some(max)),
        number(points.and_then(|points| percent(points, max))),
        text(state),
        text(submitted.unwrap_or_default()),
    ]
}

/// At most six decimals; nothing where there is none.
fn number(number: Option<f64>) -> String {
    let number = number.filter(|number| number.is_finite());
    number.map_or_else(String::new, |number| {
        ((number * 1e6).round() / 1e6 + 0.0).to_string()
    })
}

/// A text that no spreadsheet runs, quoted where RFC 4180 wants it.
fn text(text: &str) -> String {
    let first = text.trim_start_matches(' ').chars().next();
    let formula = matches!(
        first,
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
    );
    let safe = if formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if safe.contains(['"', ',', '\r', '\n', ';', '\t']) || safe.trim() != safe {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}

fn line(cells: &[String], csv: &mut String) {
    csv.push_str(&cells.join(","));
    csv.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn gradebook(name: &str) -> Gradebook {
        let grade = |points: Option<f64>| Grade {
            points,
            state: if points.is_some() {
                "graded"
            } else {
                "in_progress"
            }
            .to_owned(),
            submitted_at: points.map(|_| "2026-11-29T06:00:00Z".to_owned()),
        };
        Gradebook {
            course: "c".to_owned(),
            activities: vec![
                Activity {
                    id: "q".to_owned(),
                    title: "Quiz, 1".to_owned(),
                    kind: "quiz".to_owned(),
                    points_max: 3.0,
                },
                Activity {
                    id: "l".to_owned(),
                    title: String::new(),
                    kind: "challenge".to_owned(),
                    points_max: 1.0,
                },
            ],
            learners: vec![Learner {
                id: "1".to_owned(),
                name: name.to_owned(),
                email: String::new(),
                grades: [
                    ("q".to_owned(), grade(Some(-1.0))),
                    ("l".to_owned(), grade(None)),
                ]
                .into(),
            }],
        }
    }

    #[test]
    fn a_row_per_learner_and_columns_per_activity() {
        assert_eq!(
            csv(&gradebook("Ada")),
            "learner,name,email,\"Quiz, 1 (points)\",\"Quiz, 1 (max)\",\"Quiz, 1 (percent)\",\"Quiz, 1 (state)\",\"Quiz, 1 (submitted)\",l (points),l (max),l (percent),l (state),l (submitted),total points,total max,total percent\r\n\
             1,Ada,,-1,3,-33.33,graded,2026-11-29T06:00:00Z,,1,,in_progress,,-1,4,-25\r\n"
        );
    }

    #[test]
    fn formulas_are_texts() {
        for (name, cell) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2", "'-2"),
            ("+a", "'+a"),
            ("\tx", "\"'\tx\""),
            ("  =x", "'  =x"),
            ("a \"b\"", "\"a \"\"b\"\"\""),
            ("a\nb", "\"a\nb\""),
        ] {
            assert!(
                csv(&gradebook(name)).contains(&format!("\r\n1,{cell},,")),
                "{name}"
            );
        }
    }

    #[test]
    fn json_has_the_same_numbers() {
        let json: serde_json::Value =
            serde_json::from_str(&json(&gradebook("Ada")).unwrap()).unwrap();
        assert_eq!(json["learners"][0]["grades"]["q"]["percent"], -33.33);
        assert_eq!(json["learners"][0]["points"], -1.0);
        assert_eq!(json["points_max"], 4.0);
        assert_eq!(
            json["learners"][0]["grades"]["l"]["points"],
            serde_json::Value::Null
        );
    }

    /// Cells of a line as RFC 4180 reads them.
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
        fn every_name_is_read_back(name in "[=+@\"',;\r\n\ta-z -]{0,12}") {
            let rows = parse(&csv(&gradebook(&name)));
            prop_assert_eq!(rows.len(), 2);
            prop_assert_eq!(rows[1].len(), rows[0].len());
            let cell = &rows[1][1];
            prop_assert_eq!(cell.strip_prefix('\'').filter(|rest| *rest == name).unwrap_or(cell), &name);
            let first = cell.trim_start_matches(' ').chars().next();
            prop_assert!(!matches!(first, Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n')));
        }
    }
}
