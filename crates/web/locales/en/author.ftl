# Pages of authors.
author-trail = Where you are
author-tabs = Author's pages
author-submissions = Submissions
author-regrades = Regrades
author-members = Members
author-accommodations = Accommodations
author-versions = Versions
author-challenge = Challenge
author-verdict = Verdict
author-person = Person
author-all = All
author-show = Show
author-at = When
author-points = Points
author-no-submission = Nothing here
author-rejudge = Judge again
author-checks = Checks
author-message = Message
author-history = Verdicts so far
author-counts = counts
author-parked = It waits for an operator; this is a fault of the service:
check-passed = passed
check-failed = not passed
state-queued = waits
state-running = is being judged
state-finished = finished
state-cancelled = taken back
state-parked = waits for an operator
verdict-accepted = accepted
verdict-wrong_answer = wrong answer
verdict-compile_error = compile error
verdict-runtime_error = runtime error
verdict-time_limit = time limit
verdict-memory_limit = memory limit
verdict-output_limit = output limit
verdict-platform_fault = fault of the service
regrade-lead = After the tests of a challenge changed: all its submissions are judged again, below live work.
regrade-may-lower = Points may be lowered too
regrade-at-once = Count at once, without a look at what would change
regrade-begin = Begin
regrade-state = State
regrade-judged = Judged
regrade-changed = Changed
regrade-running = running
regrade-previewed = ready to be looked at
regrade-finished = finished
regrade-cancelled = stopped
regrade-applying = being put in force
regrade-applied = applied
regrade-never-lower = Nobody loses points.
regrade-lowers = Points may be lowered.
regrade-progress = { $judged } of { $submissions } judged.
regrade-changes = { $count ->
    [one] { $count } has another result.
   *[other] { $count } have another result.
}
regrade-apply = Let these results count
regrade-cancel = Stop
regrade-no-change = Nothing changes so far.
regrade-before = Before
regrade-after = After
regrade-effect = Effect
regrade-counts = counts
regrade-stays = stays as it was
author-rescores = Quizzes with another key
rescore-lead = After the key of a question changed: all submitted attempts are scored by the present one. You see what would change first; what a person graded stays.
rescore-begin = Show what would change
rescore-attempts = { $count ->
    [one] { $count } attempt looked at.
   *[other] { $count } attempts looked at.
}
rescore-skipped = { $count ->
    [one] { $count } was changed otherwise in the meantime and stays.
   *[other] { $count } were changed otherwise in the meantime and stay.
}
rescore-questions = Questions
rescore-waiting = does not count yet
versions-lead = Each is as its files were when it was published; whoever is in the middle of an attempt stays on theirs.
versions-present = what learners see
versions-make-present = Show this one
versions-commit = of commit
versions-confirm = Let learners see this version from now on?
author-results = Results
author-publish = Publish
author-import = Import
author-preview = Preview as a learner

# Publishing a new version.
publish-lead = Upload the course's directory. You see what would change for learners before anything does.
publish-file = The course as zip or tar.gz
publish-other-file = Another file
publish-file-help = As your forge or git archive gives it: with course.toml at its top or in its only directory.
publish-look = Show what would change
publish-preview = What would change: { $title }
publish-unchanged = Nothing: learners see exactly this version already.
publish-missing = No node has these environments now: { $names }. Submissions to challenges that need them are refused until one has; whoever runs this service can build them.
publish-nothing-seen = Nothing that learners see.
publish-running = Whoever is in the middle of an attempt stays on their version.
publish-now = Publish this
publish-version = Version
publish-affects = Results that learners have stay as they are until you grade them anew:
publish-overtaken = Another version was published in the meantime. These are the changes against that one; publish once more if they are right.
kind-course = Course
kind-unit = Unit
change-added = new
change-removed = gone
change-moved = stands in another place
change-moved-between = moves from { $from } to { $to }
change-text = { $what }: worded differently
change-value = { $what }
change-files = { $what }: other files
change-nothing = not said
change-reused = the id named { $before } in an earlier version, and names { $after } now
change-question = Question “{ $title }”
change-check = Check “{ $title }”
change-part-key = what is right
change-part-text = its text
change-part-feedback = its feedback
change-part-rules = its rules
change-part-cost = what tries and hints cost
change-part-moved = its place
change-part-pool = drawn from pool “{ $pool }”
change-part-always = always asked, no more drawn from pool “{ $pool }”
change-part-points = points from { $before } to { $after }
change-affects = results may differ

# Results.
results-lead = How a quiz or challenge went, and which of its questions and checks need a second look.
results-none = There is no quiz and no challenge yet
results-grades = Save all grades (CSV)
results-table = Save as a table (CSV)
results-which = Attempts that count
results-highest = The best of each learner
results-first = The first of each learner
results-last = The last of each learner
results-all = All
results-no-attempt = Nobody has submitted an attempt yet
results-no-submission = Nobody has submitted anything yet
results-attempts = { $count ->
    [one] { $count } attempt.
   *[other] { $count } attempts.
}
results-few = With fewer than ten, the figures of a question are mostly chance.
results-mean = Mean
results-median = Median
results-deviation = Spread
results-deviation-means = The standard deviation: how far the points of attempts, of the whole or of a question, typically lie from their mean.
results-consistency = Consistency
results-consistency-means = Cronbach's alpha: near 100 %, the questions measure one thing; below about 70 %, single results are uncertain.
results-standard-error = Uncertainty of a result
results-standard-error-means = The standard error: by about so many points would the result of the same learner differ by chance alone.
results-questions = Questions
results-drawn = Questions drawn from pools
results-meaning = What the figures mean
results-had-it = Attempts
results-facility = Facility
results-facility-means = How much of the points the attempts got on average: 100 % is everybody right, 0 % nobody.
results-discrimination = Discrimination
results-discrimination-means = Whether those who do well in the rest do well here too. From about 30 % it tells learners apart; below 0 the better ones fail more often, which mostly means a wrong key or a misleading text.
results-efficiency = Efficiency
results-efficiency-means = How much of the discrimination that these points could give it does give: low at a question with many different points means that they go to other people than the rest does.
results-guess = By guessing
results-guess-means = What somebody gets who guesses. A facility near it means that nobody knew.
results-weights = Weight meant → real
results-weights-means = The share of the points that you gave the question, and the share of the differences between learners that it makes.
results-works-against = works against the rest: is the key right?
results-very-hard = almost nobody has it right: is the key right?
results-very-easy = almost everybody has it right
results-tells-little = tells little about learners
results-hard = hard
results-easy = easy
results-about-right = about right
results-answers = What was answered
results-answer = Answer
results-no-answer = no answer
results-right = right
results-count = Attempts
results-share = Share
results-others = { $count ->
    [one] { $count } other answer.
   *[other] { $count } other answers.
}
results-passed = Passed
results-passed-of =
    { $learners ->
        [one] { $passed } of { $learners } learner
       *[other] { $passed } of { $learners } learners
    }
results-submissions = Submissions
results-learners = Learners
results-attempts-to-pass = Submissions until passed
results-time-to-pass = Time until passed
results-range = from { $least } to { $most }
results-or-more = { $count } or more
results-attempts-title = Submissions until passed
results-attempts-means = How many learners passed with their first submission, their second, and so on.
results-checks = Checks that fail
results-checks-means = Stuck are those whose last submission fails the check. A check on which many are stuck often lacks a clear message.
results-check = Check
results-failed = Submissions that fail it
results-stuck = Stuck
results-no-check = No check has failed.

# What single people have beyond the others.
accommodation-lead = More time, more attempts or a later end for single people. It holds at once, in an attempt that goes on too.
accommodation-refused = Please look at this again; nothing was changed:
accommodation-give-title = Give or change
accommodation-person = Name
accommodation-person-help = The name by which the person signs in.
accommodation-activity = At
accommodation-everywhere = All that have none of their own
accommodation-quizzes = Quizzes
accommodation-challenges = Challenges
accommodation-late_hours = Due and closing later by so many hours
accommodation-late-help = 24 is a day, 168 a week. What is handed in until then is not late.
accommodation-at-quizzes = At quizzes only: challenges have neither a time limit nor a number of attempts
accommodation-time_factor = Factor on the time limit
accommodation-extra_minutes = Minutes added to it
accommodation-untimed = No time limit at all
accommodation-extra_attempts = Attempts added
accommodation-give = Save
accommodation-list = Who has what
accommodation-none = Nobody has anything beyond the others
accommodation-none-such = There is none of these
accommodation-show-all = Show all
accommodation-what = What
accommodation-since = Since
accommodation-actions = Change or take back
accommodation-change = Change
accommodation-change-of = Change: { $person }, { $place }
accommodation-take = Take back
accommodation-take-from = Take back: { $person }, { $place }
accommodation-nobody = a name is missing
accommodation-no-person = there is nobody named “{ $name }”
accommodation-no-member = { $name } is no member of this course
accommodation-no-place = there is no quiz or challenge “{ $id }” in the course any more
accommodation-of-quizzes = a challenge has neither a time limit nor a number of attempts: leave it out, or choose a quiz
accommodation-number = a number from { $least } to { $most }
accommodation-whole = a whole number
accommodation-is-untimed = no time limit
accommodation-is-factor = { $factor } times the time
accommodation-is-minutes =
    { $count ->
        [one] { $length } minute more
       *[other] { $length } minutes more
    }
accommodation-is-attempts = { $count ->
    [one] { $count } more attempt
   *[other] { $count } more attempts
}
accommodation-is-late =
    { $count ->
        [one] due and closing { $length } hour later
       *[other] due and closing { $length } hours later
    }
accommodation-is-nothing = the same as everybody

# Importing quizzes of other tools.
import-lead = Turns a quiz of another tool into Carrel's notation. Your course stays as it is: save what you get, put it into the course's directory, and publish.
import-file = The other tool's file
import-other-file = Another file
import-file-help = At most 16 MB: Moodle XML, GIFT, Aiken, QTI (an item or a package), H5P.
import-format = Format
import-by-itself = Found by itself
import-gift = GIFT
import-aiken = Aiken
import-moodle = Moodle XML
import-qti = QTI 2.0 to 3.0
import-h5p = H5P
import-look = Show what it becomes
import-read-as = Read as: { $format }
import-questions = Questions
import-pools = Pools
import-attachments = Files
import-challenges = Challenges
import-no-loss = Everything was carried over.
import-losses = Not carried over, or changed
import-line = line { $line }
import-more = { $count ->
    [one] { $count } more stands in import-report.txt of the archive.
   *[other] { $count } more stand in import-report.txt of the archive.
}
import-save-files = Save everything (zip)
import-save-quiz = Save { $name }
import-next = The zip holds the quiz, its files and challenges as they lie in a course, and this report.
import-text = The quiz in Carrel's notation
import-text-cut = The rest is in the file.

members-lead = Who takes this course, writes it or runs it. A person has to have an account here to become a member.
members-none = Nobody is a member yet
members-remove-confirm = Take { $person } out of this course? What they have done in it stays.
