# The challenge page: task, editor, submitting, running, history.
challenge-trail = Where you are
challenge-steps = Steps
challenge-step = Step { $number }: { $title }
challenge-step-passed = passed
challenge-work = Your work
challenge-files = Files
challenge-file-fixed = read only
challenge-no-scripts = The editor needs scripts, which do not run here. You can write in the boxes below all the same.
challenge-submit = Submit
challenge-submit-step = Submit step { $number }
challenge-submit-keys = Ctrl or ⌘ with Enter
challenge-keys = Keys
challenge-keys-usual = Usual
challenge-keys-emacs = Emacs
challenge-keys-vim = Vim
challenge-start-over = Start over
challenge-escape = Tab indents. To leave the editor, press Esc, then Tab.
challenge-try = Try it with input of your own
challenge-input = Input
challenge-input-help = Your program reads this as its standard input. Nothing is judged.
challenge-run = Run
challenge-output = Output
challenge-result = Result
challenge-result-none = Nothing submitted yet. Your checks appear here as they end.
challenge-hints = Hints
challenge-hint = Hint { $number }
challenge-hint-later =
    { $count ->
        [one] Another hint appears after { $count } more attempt that does not pass.
       *[other] Another hint appears after { $count } more attempts that do not pass.
    }
challenge-history = Earlier submissions
challenge-history-none = None yet.
challenge-history-compare = Compare
challenge-history-restore = Bring back
challenge-conflict-title = Changed in two places
challenge-conflict = This work was changed in another tab or on another device as well. Nothing is lost: choose which version goes on here. The other one can still be compared first.
challenge-conflict-compare = Compare the two
challenge-conflict-take = Take the other version
challenge-conflict-insist = Keep this version
challenge-changes = Changes
challenge-close = Close
challenge-cancel = Take it back
challenge-back = Back to the challenge
challenge-sent = What was sent
challenge-submission-of = Submission to { $title }
challenge-run-of = Run of { $title }
challenge-refused = This was not taken, and nothing of it is lost: it still stands below.
challenge-refused-later =
    { $seconds ->
        [one] Try again in { $seconds } second.
       *[other] Try again in { $seconds } seconds.
    }

# How a submission stands.
challenge-stage-queued =
    { $count ->
        [0] Next in line.
        [one] { $count } other submission comes before it.
       *[other] { $count } other submissions come before it.
    }
challenge-stage-started = Running the checks.
challenge-stage-started-again = Running the checks once more.
challenge-stage-compiling = Compiling.
challenge-stage-retrying = Something on our side failed. We try again by ourselves; nothing counts against you.

# Outcomes.
challenge-verdict-accepted = Accepted
challenge-verdict-accepted-lead = Every check that must pass did.
challenge-verdict-wrong-answer = Not right yet
challenge-verdict-wrong-answer-lead = It ran, and not every check passed. The first one that failed says where to look.
challenge-verdict-compile-error = It cannot be compiled
challenge-verdict-compile-error-lead = The program cannot be read as it stands, so no check could run.
challenge-verdict-runtime-error = It broke off
challenge-verdict-runtime-error-lead = The program crashed, or ended in a way that was not expected.
challenge-verdict-time-limit = It took too long
challenge-verdict-time-limit-lead = The program was stopped when its time was over. Is there a loop that does not end, or a shorter way?
challenge-verdict-memory-limit = It took too much memory
challenge-verdict-memory-limit-lead = The program was stopped when it asked for more memory than it may have.
challenge-verdict-output-limit = It wrote too much
challenge-verdict-output-limit-lead = The program was stopped when it had written more than it may.
challenge-verdict-platform-fault = Our fault
challenge-verdict-platform-fault-lead = Something on our side failed. This counts as no attempt, and says nothing about your program. Submit it again.
challenge-verdict-parked = Our fault: somebody looks at it
challenge-verdict-parked-lead = Something on our side failed several times. Whoever runs this service has been told. This counts as no attempt, and its verdict comes later.
challenge-verdict-cancelled = Taken back
challenge-verdict-cancelled-lead = It was not judged.
challenge-verdict-refused-author = This challenge cannot be judged
challenge-verdict-expired-lead = What its checks said is no longer kept; verdict and points are.
challenge-verdict-refused-author-lead = Its author has to mend it; your work is kept, and nothing counts against you.
challenge-verdict-refused-sender = It could not be judged as it was sent
challenge-verdict-pending = On its way
challenge-verdict-place = Line { $line } of { $file }
challenge-verdict-said = { $title }. { $checks }
challenge-verdict-checks =
    { $total ->
        [one] { $passed } of { $total } check passed.
       *[other] { $passed } of { $total } checks passed.
    }
challenge-verdict-points =
    { $count ->
        [one] { $points } of { $most } point
       *[other] { $points } of { $most } points
    }
challenge-verdict-next = Next: { $title }
challenge-verdict-next-step = Go on with step { $number }: { $title }
challenge-verdict-course = Back to the course
challenge-verdict-compiler = What the compiler said
challenge-check-pass = passed
challenge-check-fail = failed
challenge-check-error = could not run
challenge-check-hidden = Its details are not shown.
challenge-check-expected = Expected
challenge-check-actual = Your program
challenge-check-from-line = from line { $line }
challenge-check-output = Your program wrote
challenge-check-optional = not required

# Why something did not pass, in a few words.
challenge-cause-wrong-answer = wrong answer
challenge-cause-compile-error = does not compile
challenge-cause-runtime-error = broke off
challenge-cause-runtime-error-code = ended with exit code { $code }
challenge-cause-runtime-error-signal = ended by signal { $signal }
challenge-cause-time-limit = took too long
challenge-cause-memory-limit = took too much memory
challenge-cause-output-limit = wrote too much
challenge-cause-disk-limit = wrote too much into files
challenge-cause-process-limit = started too many processes
challenge-cause-forbidden-system-call = did what no program here may do
challenge-cause-results-forged = changed the tests
challenge-cause-dependency-failed = an earlier check did not pass
challenge-cause-platform-fault = a fault of ours

# Running with one's own input.
challenge-run-title-ended = It ended
challenge-run-title-failed = It did not end well
challenge-run-title-compile = It cannot be compiled
challenge-run-title-fault = Our fault
challenge-run-fault = Something on our side failed. Run it again.
challenge-run-waiting = It is on its way. This page shows what comes out as soon as it is there.
challenge-run-output = Output
challenge-run-errors = Errors
challenge-run-none = It wrote nothing.
challenge-run-usage = { $time } ms of processor time
challenge-run-exit = exit code { $code }

# What scripts say. `{"{"}name{"}"}` is filled in by them.
said-sending = Sending.
said-sending-later = There is no connection. It is sent as soon as there is one; keep this page open.
said-connection-lost = The connection is lost. Judging goes on, and this page shows it when the connection is back.
said-signed-out = You are signed out.
said-signed-out-kept = You are signed out. What you write is kept in this browser until you sign in again.
said-sign-in = Sign in
said-busy = Too much is going on at the moment, so this was not taken. Nothing of it is lost.
said-again-in = Try again in {"{"}seconds{"}"} s.
said-again-now = Try again now.
said-saving = Saving…
said-saved = Saved at {"{"}time{"}"}
said-offline = Not connected. What you write is kept in this browser and saved later.
said-offline-lost = Not connected, and this browser keeps nothing: do not close this page.
said-draft-refused = Not saved: {"{"}detail{"}"}
said-conflict-short = Changed in two places: choose above
said-file = {"{"}path{"}"}, editor
said-file-fixed = {"{"}path{"}"}, read only
said-running = Running.
said-run-lost = The connection was lost before it ended. Run it again.
said-changes-of = Changes of {"{"}path{"}"}
said-no-changes = There is no difference.
said-changes-since = From {"{"}title{"}"} to now
said-changes-theirs = From the other version to this one
said-restored = {"{"}title{"}"} is back in the editor. Undo takes it away again.
said-history-lost = It could not be loaded. Try again.
said-start-over = Put the files back to how they were at the start? Undo brings your work back.
