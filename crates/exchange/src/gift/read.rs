//! GIFT text to questions.

use carrel_quiz::kind::{
    Accept, Choice, ChoiceOption, Essay, Kind, MatchItem, MatchTarget, Matching, NumberAnswer,
    NumberKey, TextKey, TextPattern, Tolerance, TrueFalse,
};
use carrel_quiz::question::Feedback;
use carrel_quiz::template::Amount;
use carrel_quiz::{Item, Question, Quiz, Text, TextFormat};

use super::block::{Block, Format, Piece, blocks};
use super::ordering;
use crate::error::{Error, Problem};
use crate::identity::{Identities, slug};
use crate::limits::{FILE_BYTES_MAX, PROBLEMS_MAX, QUESTIONS_MAX};
use crate::markup::{automatic_plain, plain};
use crate::moodle::{category_of, cloze, pattern};
use crate::report::{Imported, Loss};
use crate::share;

/// What stands for a missing word in the middle of a text, as in Moodle.
const MISSING_WORD: &str = "_____";

/// Reads a file.
///
/// # Errors
/// Every question that is not as the format wants it, by its place.
pub fn read(text: &str, file: &str) -> Result<Imported, Error> {
    let too_large = |what, limit| Error::TooLarge {
        file: file.to_owned(),
        what,
        limit,
    };
    if text.len() > FILE_BYTES_MAX {
        return Err(too_large("its size in bytes", FILE_BYTES_MAX));
    }
    let mut reader = Reader::default();
    let mut problems = Vec::new();
    for block in blocks(text) {
        if let Err(problem) = reader.take(&block) {
            problems.push(problem);
        }
        if reader.questions.len() > QUESTIONS_MAX {
            return Err(too_large("its number of questions", QUESTIONS_MAX));
        }
    }
    if !problems.is_empty() {
        problems.truncate(PROBLEMS_MAX);
        return Err(Error::Invalid {
            file: file.to_owned(),
            format: "GIFT",
            problems,
        });
    }
    Ok(Imported {
        quiz: Quiz {
            id: slug(file),
            items: reader.questions.into_iter().map(Item::Question).collect(),
            ..Quiz::default()
        },
        files: Vec::new(),
        challenges: Vec::new(),
        losses: reader.losses,
    })
}

#[derive(Default)]
struct Reader {
    ids: Identities,
    category: Vec<String>,
    questions: Vec<Question>,
    losses: Vec<Loss>,
}

impl Reader {
    fn take(&mut self, block: &Block) -> Result<(), Problem> {
        let mut piece = block.piece();
        if let Some(category) = piece.strip_prefix("$CATEGORY:") {
            // The command is one line; a question may follow on the next.
            self.category = category_of(&category.first_line());
            let Some(rest) = piece.after_line() else {
                return Ok(());
            };
            piece = rest;
        }
        let mut title = String::new();
        if let Some(named) = piece.strip_prefix("::") {
            let (name, rest) = named
                .split_once("::")
                .ok_or_else(|| piece.problem("the title has no end: write `::` after it"))?;
            title = name.plain();
            piece = rest;
        }
        let question = self.question(block, &title, piece)?;
        self.questions.push(question);
        Ok(())
    }

    fn question(
        &mut self,
        block: &Block,
        title: &str,
        piece: Piece<'_>,
    ) -> Result<Question, Problem> {
        if let Some(question) = self.cloze(block, title, piece)? {
            return Ok(question);
        }
        let Some((stem, rest)) = piece.split_as_it_stands("{") else {
            if piece.find("}").is_some() {
                return Err(piece.problem("a `}` without `{`: write `\\}` for the character"));
            }
            let text = piece.text(Format::Automatic);
            return Ok(self.finish(block, title, text, Kind::Description));
        };
        let Some((answers, tail)) = rest.split_as_it_stands("}") else {
            return Err(rest.problem("the answers have no end: write `}` after them, on the last of the question's lines"));
        };
        if tail.find("{").is_some() {
            return Err(tail.problem("a question has one `{…}` only: write `\\{` for the character, or Cloze in Moodle XML for several blanks"));
        }
        let answers = answers.trim();
        let (answers, general) = match answers.split_once("####") {
            Some((answers, general)) => (answers, Some(general)),
            None => (answers, None),
        };
        let (usual, stem) = stem.format(Format::Automatic);
        let gapped = match tail.is_empty() {
            true => stem.plain(),
            false => format!("{}{MISSING_WORD}{}", stem.plain(), tail.plain()),
        };
        let text = usual.text(gapped.trim().to_owned());
        let told = self.losses.len();
        let kind = self.kind(answers, usual)?;
        let mut question = self.finish(block, title, text, kind);
        for loss in &mut self.losses[told..] {
            loss.question.clone_from(&question.id);
        }
        question.feedback = Feedback {
            general: general.and_then(|general| general.text(usual).filled()),
            ..Feedback::default()
        };
        Ok(question)
    }

    /// Answers as Cloze writes them into the text, which courses have and Moodle misreads.
    fn cloze(
        &mut self,
        block: &Block,
        title: &str,
        piece: Piece<'_>,
    ) -> Result<Option<Question>, Problem> {
        let (format, rest) = piece.format(Format::Automatic);
        let source = rest.trim().plain();
        if !cloze::holds_blank(&source) {
            return Ok(None);
        }
        let (source, blanks) = cloze::read(&source).map_err(|what| piece.problem(what))?;
        let points = blanks.blanks.iter().map(|blank| blank.weight).sum();
        let mut question = self.finish(block, title, format.text(source), Kind::Blanks(blanks));
        question.points = points;
        let what = "its answers stand in the text as in Cloze, which Moodle does not read in GIFT: they became blanks";
        self.losses.push(Loss {
            line: piece.line(),
            question: question.id.clone(),
            what: what.to_owned(),
        });
        Ok(Some(question))
    }

    fn finish(&mut self, block: &Block, title: &str, text: Text, kind: Kind) -> Question {
        let wanted = match title {
            "" if text.format == TextFormat::Html => plain(&text.source),
            "" => text.source.clone(),
            title => title.to_owned(),
        };
        let id = match &block.id {
            Some(id) => self.ids.take_id(id),
            None => self.ids.take(&wanted),
        };
        let mut question = Question::new(id, text, kind);
        title.clone_into(&mut question.title);
        question.tags.clone_from(&block.tags);
        question.category.clone_from(&self.category);
        question
    }

    /// In the order in which Moodle tells the kinds apart.
    fn kind(&mut self, answers: Piece<'_>, usual: Format) -> Result<Kind, Problem> {
        if answers.is_empty() {
            return Ok(Kind::Essay(Essay::default()));
        }
        if let Some(numbers) = answers.strip_prefix("#") {
            let key = numeric(numbers, usual)?;
            if let Some(what) = share::tell_number(&key) {
                self.lose(answers, what);
            }
            return Ok(Kind::Numeric(key));
        }
        if let Some(ordering) = ordering::read(answers, usual) {
            let (ordering, losses) = ordering?;
            losses.into_iter().for_each(|what| self.lose(answers, what));
            return Ok(Kind::Ordering(ordering));
        }
        if answers.find("~").is_some() {
            let (choice, empty) = choice(answers, usual)?;
            if let Some(part) = empty {
                self.lose(part, "an empty option was left out".to_owned());
            }
            if let Some(what) = share::tell(&choice) {
                self.lose(answers, what);
            }
            return Ok(Kind::Choice(choice));
        }
        if answers.find("=").is_some() && answers.find("->").is_some() {
            return self.matching(answers, usual).map(Kind::Matching);
        }
        if let Some(answer) = true_false(answers, usual) {
            return Ok(Kind::TrueFalse(answer));
        }
        let key = short_answer(answers, usual)?;
        if let Some(what) = share::tell_text(&key) {
            self.lose(answers, what);
        }
        Ok(Kind::ShortAnswer(key))
    }

    /// The name of the question is put in when it has one.
    fn lose(&mut self, place: Piece<'_>, what: String) {
        self.losses.push(Loss {
            line: place.line(),
            question: String::new(),
            what,
        });
    }

    fn matching(&mut self, answers: Piece<'_>, usual: Format) -> Result<Matching, Problem> {
        let mut items = Vec::new();
        let mut targets: Vec<MatchTarget> = Vec::new();
        for (_, part) in answers.split_at_marks(['=', '=']) {
            let (part, feedback) = cut_feedback(part, usual);
            if feedback.is_some() {
                let what = "feedback on a pair, which GIFT does not know, was left out";
                self.lose(part, what.to_owned());
            }
            let Some((item, target)) = part.split_once("->") else {
                return Err(part.problem("a pair is written `=item -> target`"));
            };
            if target.is_empty() {
                return Err(part.problem("this pair has nothing after `->`"));
            }
            let target = Text::plain(automatic_plain(&target.plain()));
            let id = match targets.iter().find(|known| known.text == target) {
                Some(known) => known.id.clone(),
                None => {
                    let id = letter_id(targets.len());
                    targets.push(MatchTarget {
                        id: id.clone(),
                        text: target,
                    });
                    id
                }
            };
            if !item.is_empty() {
                items.push(MatchItem {
                    id: (items.len() + 1).to_string(),
                    text: item.text(usual),
                    target: id,
                    weight: 1.0,
                    feedback: None,
                });
            }
        }
        if items.len() < 2 {
            return Err(answers.problem("matching needs at least two pairs"));
        }
        Ok(Matching {
            items,
            targets,
            scheme: carrel_quiz::kind::PartScheme::default(),
            pairs: Vec::new(),
            wrong_pair: 0.0,
            shuffle: true,
        })
    }
}

/// `a`, `b`, …, `z`, `aa`, …
pub(crate) fn letter_id(number: usize) -> String {
    let letter = u8::try_from(number % 26).map_or('a', |rest| char::from(b'a' + rest));
    match number / 26 {
        0 => letter.to_string(),
        before => format!("{}{letter}", letter_id(before - 1)),
    }
}

fn cut_feedback(part: Piece<'_>, usual: Format) -> (Piece<'_>, Option<Text>) {
    match part.split_once("#") {
        Some((before, feedback)) => (before, feedback.text(usual).filled()),
        None => (part, None),
    }
}

/// The share of `%50%`, and what follows. As in Moodle, a `%` before anything else is text.
fn cut_weight(part: Piece<'_>) -> Result<(Option<f64>, Piece<'_>), Problem> {
    let weight = part
        .strip_prefix("%")
        .and_then(|rest| rest.split_once("%"))
        .map(|(number, rest)| (number.plain(), rest))
        .filter(|(number, _)| share::looks_like_one(number));
    let Some((number, rest)) = weight else {
        return Ok((None, part));
    };
    match share::parse(&number) {
        Some(share) => Ok((Some(share), rest)),
        None => {
            Err(part
                .problem("a weight is written `%50%`: a number from -100 to 100 between two `%`"))
        }
    }
}

/// A choice, and the first of its empty options, which are left out as in Moodle.
fn choice<'a>(answers: Piece<'a>, usual: Format) -> Result<(Choice, Option<Piece<'a>>), Problem> {
    let single = answers.find("=").is_some();
    let mut options = Vec::new();
    let mut empty = None;
    let mut parts = answers.split_at_marks(['=', '~']).into_iter().peekable();
    while let Some((mark, part)) = parts.next() {
        // `~=` before the right option is the same as `=`.
        let next = parts.peek().and_then(|(next, _)| *next);
        if part.is_empty() && mark == Some('~') {
            if next != Some('=') {
                empty.get_or_insert(part);
            }
            continue;
        }
        let Some(mark) = mark else {
            return Err(part.problem("an option begins with `=` (right) or `~` (wrong)"));
        };
        let (weight, part) = cut_weight(part)?;
        let (part, feedback) = cut_feedback(part, usual);
        if part.is_empty() {
            return Err(part.problem("this option is empty"));
        }
        let correct = match (single, weight) {
            (true, Some(weight)) => mark == '=' || weight >= 1.0,
            (true, None) => mark == '=',
            (false, weight) => weight.unwrap_or(0.0) > 0.0,
        };
        let mut option = ChoiceOption::new(letter_id(options.len()), part.text(usual), correct);
        option.weight = if single {
            weight
        } else {
            Some(weight.unwrap_or(0.0))
        };
        option.feedback = feedback;
        options.push(option);
    }
    if options.len() < 2 {
        return Err(answers.problem("a choice needs at least two options"));
    }
    if !options.iter().any(|option| option.correct) {
        return Err(answers.problem(
            "no option is right: write `=` before the right one, or weights such as `~%50%`",
        ));
    }
    let mut choice = if single {
        Choice::one(options)
    } else {
        Choice::many(options)
    };
    share::take_away(&mut choice);
    Ok((choice, empty))
}

fn true_false(answers: Piece<'_>, usual: Format) -> Option<TrueFalse> {
    let (word, feedback) = match answers.split_once("#") {
        Some((word, rest)) => (word, Some(rest)),
        None => (answers, None),
    };
    let correct = match word.plain().as_str() {
        "T" | "TRUE" => true,
        "F" | "FALSE" => false,
        _ => return None,
    };
    // First what the wrong answer is told, then what the right one is.
    let (wrong, right) = match feedback.map(|rest| (rest.split_once("#"), rest)) {
        Some((Some((wrong, right)), _)) => (Some(wrong), Some(right)),
        Some((None, wrong)) => (Some(wrong), None),
        None => (None, None),
    };
    let read = |piece: Option<Piece<'_>>| piece.and_then(|piece| piece.text(usual).filled());
    let (wrong, right) = (read(wrong), read(right));
    Some(TrueFalse {
        correct,
        feedback_true: if correct {
            right.clone()
        } else {
            wrong.clone()
        },
        feedback_false: if correct { wrong } else { right },
    })
}

fn short_answer(answers: Piece<'_>, usual: Format) -> Result<TextKey, Problem> {
    let mut key = TextKey::exact(Vec::<String>::new());
    for (_, part) in answers.split_at_marks(['=', '=']) {
        let (weight, part) = cut_weight(part)?;
        let (part, feedback) = cut_feedback(part, usual);
        if part.is_empty() {
            return Err(part.problem("this answer is empty"));
        }
        key.patterns.push(TextPattern {
            score: weight.unwrap_or(1.0),
            feedback,
            ..pattern::read(&part.plain())
        });
    }
    if !key.patterns.iter().any(|pattern| pattern.score > 0.0) {
        return Err(answers.problem("no answer is right"));
    }
    Ok(key)
}

fn numeric(answers: Piece<'_>, usual: Format) -> Result<NumberKey, Problem> {
    let mut key = NumberKey::near(0.0, Tolerance::Exact);
    key.answers.clear();
    for (mark, part) in answers.split_at_marks(['=', '~']) {
        let (weight, part) = cut_weight(part)?;
        let (part, feedback) = cut_feedback(part, usual);
        let wrong = mark == Some('~');
        let accept = if part.plain() == "*" || (wrong && part.is_empty()) {
            Accept::Any
        } else {
            accept_of(part)?
        };
        key.answers.push(NumberAnswer {
            score: weight.unwrap_or(if wrong { 0.0 } else { 1.0 }),
            feedback,
            ..NumberAnswer::new(accept)
        });
    }
    if key.answers.is_empty() {
        return Err(answers.problem("a number must stand after `#`"));
    }
    Ok(key)
}

/// `3`, `3:0.1`, `1..5`.
fn accept_of(part: Piece<'_>) -> Result<Accept, Problem> {
    let number = |piece: Piece<'_>| {
        let text = piece.plain();
        let parsed: Result<f64, _> = text.trim().replace(',', ".").parse();
        match parsed {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(part.problem(format!(
                "`{}` is no number: write `3`, `3:0.1` or `1..5`",
                text.trim()
            ))),
        }
    };
    if let Some((min, max)) = part.split_once("..") {
        let (min, max) = (number(min)?, number(max)?);
        if min > max {
            return Err(part.problem("the first number of a range must not be above the second"));
        }
        return Ok(Accept::Range {
            min: Amount::Number(min),
            max: Amount::Number(max),
        });
    }
    let (value, tolerance) = match part.split_once(":") {
        Some((value, by)) => {
            let by = number(by)?.abs();
            let tolerance = match by {
                0.0 => Tolerance::Exact,
                by => Tolerance::Absolute { by },
            };
            (number(value)?, tolerance)
        }
        None => (number(part)?, Tolerance::Exact),
    };
    Ok(Accept::Near {
        value: Amount::Number(value),
        tolerance,
    })
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
