//! The kinds of content that are questions.

use carrel_model::quantity::number_of;
use carrel_quiz::kind::{
    Blank, BlankKey, Blanks, Case, Choice, ChoiceOption, ChoiceScheme, Kind, PartScheme, TextKey,
    TrueFalse,
};
use carrel_quiz::{Question, Text};
use serde_json::Value;

use super::content::{has_other_medium, overall, text};
use crate::gift::letter_id;
use crate::limits::QUESTIONS_MAX;

/// Most options or blanks of one question.
const PARTS_MAX: usize = carrel_quiz::limits::PARTS_MAX;

/// Questions of a content; the reason where Carrel has no such kind.
pub(super) fn read(
    library: &str,
    content: &Value,
    id: &str,
    lost: &mut Vec<String>,
) -> Result<Vec<Question>, String> {
    let mut questions = match library {
        "H5P.MultiChoice" => vec![multiple_choice(content, id, lost)?],
        "H5P.Blanks" => vec![blanks(content, id, lost)?],
        "H5P.TrueFalse" => vec![true_false(content, id)?],
        "H5P.SingleChoiceSet" => single_choices(content, id)?,
        other => return Err(format!("content of the kind `{other}` has no counterpart")),
    };
    if has_other_medium(content) {
        lost.push("a video or sound".to_owned());
    }
    if let [question] = questions.as_mut_slice() {
        overall(content, question, lost);
    }
    Ok(questions)
}

fn list<'v>(value: &'v Value, what: &str) -> Result<&'v [Value], String> {
    match value.as_array() {
        Some(list) if list.len() <= PARTS_MAX => Ok(list),
        Some(_) => Err(format!("it has more than {PARTS_MAX} {what}")),
        None => Err(format!("it has no {what}")),
    }
}

fn multiple_choice(content: &Value, id: &str, lost: &mut Vec<String>) -> Result<Question, String> {
    let mut options = Vec::new();
    for answer in list(&content["answers"], "answers")? {
        let shown = Text::html(answer["text"].as_str().unwrap_or_default());
        let correct = answer["correct"].as_bool().unwrap_or(false);
        let mut option = ChoiceOption::new(letter_id(options.len()), shown, correct);
        // Before 1.0 tip and feedback stood with the answer itself.
        let told = &answer["tipsAndFeedback"];
        option.tip = text(&told["tip"]);
        option.feedback = text(&told["chosenFeedback"]);
        option.feedback_not_chosen = text(&told["notChosenFeedback"]);
        options.push(option);
    }
    if options.len() < 2 {
        return Err("it has less than two answers".to_owned());
    }
    let behaviour = &content["behaviour"];
    let right = options.iter().filter(|option| option.correct).count();
    let single = match behaviour["type"].as_str() {
        Some("single") => true,
        Some("multi") => false,
        _ => right == 1,
    };
    let whole = behaviour["singlePoint"].as_bool().unwrap_or(false);
    let mut choice = if single {
        Choice::one(options)
    } else {
        Choice::many(options)
    };
    if !single {
        choice.scheme = ChoiceScheme::RightMinusWrong;
        if whole {
            choice.scheme = ChoiceScheme::AllOrNothing;
            let enough = behaviour["passPercentage"].as_f64().unwrap_or(100.0);
            if enough < 100.0 {
                lost.push(format!(
                    "{enough} per cent were enough for the one point: here all is needed"
                ));
            }
        }
    }
    choice.shuffle = behaviour["randomAnswers"].as_bool().unwrap_or(true);
    let mut question = Question::new(
        id,
        question_text(&content["question"]),
        Kind::Choice(choice),
    );
    // As H5P counts: a point for each right answer, or one for the whole.
    question.points = if single || whole || right == 0 {
        1.0
    } else {
        right as f64
    };
    Ok(question)
}

fn question_text(value: &Value) -> Text {
    Text::html(value.as_str().unwrap_or_default())
}

fn true_false(content: &Value, id: &str) -> Result<Question, String> {
    let correct = match &content["correct"] {
        Value::String(text) if text == "true" => true,
        Value::String(text) if text == "false" => false,
        Value::Bool(correct) => *correct,
        _ => return Err("it does not say whether true or false is right".to_owned()),
    };
    let behaviour = &content["behaviour"];
    let right = text(&behaviour["feedbackOnCorrect"]);
    let wrong = text(&behaviour["feedbackOnWrong"]);
    let (feedback_true, feedback_false) = match correct {
        true => (right, wrong),
        false => (wrong, right),
    };
    let kind = Kind::TrueFalse(TrueFalse {
        correct,
        feedback_true,
        feedback_false,
    });
    Ok(Question::new(id, question_text(&content["question"]), kind))
}

/// In each, the first answer is the right one.
fn single_choices(content: &Value, id: &str) -> Result<Vec<Question>, String> {
    let choices = content["choices"].as_array().ok_or("it has no choices")?;
    if choices.len() > QUESTIONS_MAX {
        return Err(format!("it has more than {QUESTIONS_MAX} choices"));
    }
    let mut questions = Vec::new();
    for choice in choices {
        let mut options = Vec::new();
        for answer in list(&choice["answers"], "answers")? {
            let shown = Text::html(answer.as_str().unwrap_or_default());
            let right = options.is_empty();
            options.push(ChoiceOption::new(letter_id(options.len()), shown, right));
        }
        if options.len() < 2 {
            return Err("a choice has less than two answers".to_owned());
        }
        let kind = Kind::Choice(Choice::one(options));
        questions.push(Question::new(id, question_text(&choice["question"]), kind));
    }
    if questions.is_empty() {
        return Err("it has no choices".to_owned());
    }
    Ok(questions)
}

fn blanks(content: &Value, id: &str, lost: &mut Vec<String>) -> Result<Question, String> {
    let behaviour = &content["behaviour"];
    let mut reader = Gaps {
        case: match behaviour["caseSensitive"].as_bool() {
            Some(false) => Case::Ignore,
            _ => Case::Exact,
        },
        typos: u32::from(behaviour["acceptSpellingErrors"].as_bool() == Some(true)),
        blanks: Vec::new(),
        tips: 0,
    };
    let mut source = content["text"].as_str().unwrap_or_default().to_owned();
    for block in list(&content["questions"], "texts with blanks")? {
        source.push_str(&reader.block(block.as_str().unwrap_or_default())?);
    }
    if reader.blanks.is_empty() {
        return Err("its texts have no blanks".to_owned());
    }
    if reader.tips > 0 {
        let blanks = number_of(reader.tips, "blank", "blanks");
        lost.push(format!("the tips of {blanks}"));
    }
    if reader.typos > 0 {
        lost.push("of two slips in words of ten letters and more one is forgiven".to_owned());
    }
    let points = reader.blanks.len() as f64;
    let kind = Kind::Blanks(Blanks {
        blanks: reader.blanks,
        scheme: PartScheme::EachPart,
    });
    let mut question = Question::new(id, Text::html(source), kind);
    question.points = points;
    Ok(question)
}

struct Gaps {
    case: Case,
    typos: u32,
    blanks: Vec<Blank>,
    tips: usize,
}

impl Gaps {
    /// `*answer/other answer:tip*` becomes `[[1]]`. Two stars together are text.
    fn block(&mut self, block: &str) -> Result<String, String> {
        let mut text = String::with_capacity(block.len());
        let mut rest = block;
        while let Some((before, after)) = rest.split_once('*') {
            text.push_str(before);
            let Some((inside, after_it)) = after.split_once('*') else {
                text.push('*');
                rest = after;
                continue;
            };
            if inside.is_empty() {
                text.push_str("**");
                rest = after_it;
                continue;
            }
            text.push_str(&format!("[[{}]]", self.blank(inside)?));
            rest = after_it;
        }
        text.push_str(rest);
        Ok(text)
    }

    fn blank(&mut self, inside: &str) -> Result<String, String> {
        if self.blanks.len() >= PARTS_MAX {
            return Err(format!("it has more than {PARTS_MAX} blanks"));
        }
        let (answers, tip) = inside.split_once(':').unwrap_or((inside, ""));
        if !tip.trim().is_empty() {
            self.tips += 1;
        }
        // A slash of an answer is written `\/`.
        let answers = answers.replace("\\/", "\u{0}");
        let answers = answers
            .split('/')
            .map(|answer| crate::markup::plain(&answer.replace('\u{0}', "/")))
            .filter(|answer| !answer.is_empty());
        let mut key = TextKey::exact(answers);
        if key.patterns.is_empty() {
            return Err(format!("the blank `*{inside}*` has no answer"));
        }
        key.rules.case = self.case;
        key.rules.typos = self.typos;
        let id = (self.blanks.len() + 1).to_string();
        self.blanks
            .push(Blank::new(id.as_str(), BlankKey::Text(key)));
        Ok(id)
    }
}
