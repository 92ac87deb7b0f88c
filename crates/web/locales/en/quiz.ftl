# Quizzes: before, in and after an attempt.
quiz-fact-questions = Questions
quiz-questions = { $count }
quiz-fact-points = Points
quiz-fact-time = Time
quiz-minutes = { $minutes } min
quiz-fact-attempts = Attempts
quiz-attempts-of = { $used } of { $most } used
quiz-attempts-any = As many as you like
quiz-fact-tries = Tries at each question
quiz-tries-any = Until it is right
quiz-fact-pass = Needed to pass
percent = { $share } %
quiz-fact-order = Order
quiz-sequential = One question after another, without going back
quiz-fact-closes = Closes
quiz-not-yet = This quiz is not open yet.
quiz-closed = This quiz is closed. Your attempts can still be looked at.
quiz-no-attempts-left = You have used all your attempts.
quiz-start = Start
quiz-start-again = Start another attempt
quiz-go-on = Go on with your attempt
quiz-attempts = Your attempts
quiz-counts = What counts:
quiz-attempt = Attempt
quiz-attempt-number = Attempt { $number }
quiz-when = When
quiz-result = Result
quiz-running = Running
quiz-points-later = Points are shown later.
quiz-not-passed = Not passed

quiz-side = Time and questions
quiz-ends = Ends
quiz-timer-hide = Hide the time
quiz-time-over = The time is over.
quiz-time-left = Time left:
quiz-nav = Questions
quiz-question = Question { $number }
quiz-question-word = Question
quiz-position = Question { $number } of { $all }
quiz-answered = answered
quiz-open = open
points =
    { $points ->
        [1] { $points } point
       *[other] { $points } points
    }
quiz-choose = Choose…
quiz-choose-several = More than one may be right.
quiz-tip = Tip
quiz-true = True
quiz-false = False
quiz-your-answer = Your answer
quiz-your-number = Your number
quiz-unit = Unit
quiz-blank = Blank { $number }
quiz-line = Line { $number }
quiz-order-help = Number the items in order. Leave out what does not belong.
quiz-up = Move up
quiz-down = Move down
quiz-moved = now at place
quiz-reads = The program reads:
quiz-prints = It ends normally
quiz-compile-error = It does not compile
quiz-runtime-error = It ends with an error
quiz-output = What it prints
quiz-words-min =
    { $words ->
        [one] At least { $words } word.
       *[other] At least { $words } words.
    }
quiz-words-max =
    { $words ->
        [one] At most { $words } word.
       *[other] At most { $words } words.
    }
quiz-files-only = This question asks for files, which this page does not take yet. Ask whoever runs your course how to hand them in.
quiz-try = Check the answer
quiz-tries-of =
    { $most ->
        [one] { $used } of { $most } try used
       *[other] { $used } of { $most } tries used
    }
quiz-tries-used =
    { $used ->
        [one] { $used } try used
       *[other] { $used } tries used
    }
quiz-hint = Hint
quiz-hint-take = Take a hint
quiz-hint-cost = costs { $share } %
quiz-hint-clears = clears what is wrong
quiz-hint-right =
    { $all ->
        [one] { $right } of { $all } part of the answer was right.
       *[other] { $right } of { $all } parts of the answer were right.
    }
quiz-hint-after =
    { $tries ->
        [one] A hint is there after { $tries } try.
       *[other] A hint is there after { $tries } tries.
    }

quiz-save = Save
quiz-saving = Saving…
quiz-saved = Saved
quiz-all-saved = All answers are saved.
quiz-offline = No connection. Your answers are kept here and sent when it is back.
quiz-failed = Not saved:
quiz-superseded = An answer was changed elsewhere, in another window perhaps. The newer one was kept and is shown here.
quiz-superseded-one = Changed elsewhere, in another window perhaps. Load the page again to see the newer answer.
quiz-next = Next question
quiz-submit = Submit…
quiz-submit-title = Submit your attempt?
quiz-submit-help = After that your answers cannot be changed.
quiz-submit-now = Submit
quiz-back = Back to the questions
quiz-answered-of =
    { $all ->
        [one] { $answered } of { $all } question answered.
       *[other] { $answered } of { $all } questions answered.
    }
quiz-unanswered =
    { $count ->
        [one] { $count } question has no answer:
       *[other] { $count } questions have no answer:
    }
quiz-submitted = Submitted
quiz-ended-by-time = Ended when its time was over,
quiz-back-to-quiz = Back to the quiz

state-correct = Right
state-partly = Partly right
state-incorrect = Wrong
state-unanswered = Not answered
state-invalid = Not readable
quiz-unreadable = This cannot be read as it stands. It costs no try; please change it:
state-needs-grading = Waits for a person
state-not-scored = Not scored
quiz-right-answer = Right answer
quiz-explanation = Explanation
quiz-comment = Comment
quiz-why = Why these points
