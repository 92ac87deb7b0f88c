# Pages of those who run the service.
operator-title = Operations
operator-tabs = Operations
operator-dashboard = Overview
operator-parked = Parked
operator-incidents = Incidents
operator-people = People
operator-courses = New course
operator-audit = Audit log
operator-more = More
operator-filter = Show
operator-at = When
operator-pause = Pause updates
operator-resume = Resume updates
operator-good = In order
operator-good-help = Verdicts keep their target.
operator-not-good = Late
operator-late-help = Targets are missed. New work that cannot meet its target is refused with the time to come back.
operator-not-judging = Nothing is judged
operator-not-judging-help = No node takes work: it is drained, has no environment, cannot make sandboxes, or is silent. Courses can be read and quizzes answered; submissions are refused.
operator-failing = Failing
operator-failing-help = The store keeps nothing new: the disk is full, or it cannot be written.
operator-queued = Waiting
operator-queued-more =
    { $regrade ->
        [one] and { $batch } in batches, { $regrade } regrade
       *[other] and { $batch } in batches, { $regrade } regrades
    }
operator-oldest = Waiting longest
operator-busy = Being judged
operator-of-slots = of { $slots } at once
operator-slots = At once
operator-verdicts = Verdicts
operator-late = After their target
operator-refused = Refused
operator-limits = Hit a limit
operator-span = Time shown
operator-minutes =
    { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
operator-ago =
    { $count ->
        [one] { $count } minute ago
       *[other] { $count } minutes ago
    }
operator-now = now
operator-median = Median
operator-p99 = 99 of 100
operator-max = Longest
operator-target = Target
operator-count = Count
operator-plot-latency = Time to the verdict
operator-plot-queue = Waiting and being judged
operator-plot-rate = A minute
operator-stages = Where the time goes
operator-stage = Stage
operator-over-target = over the target
operator-nodes = Nodes
operator-missing-environment = no node has
operator-missing-courses = needed by: { $courses }
operator-passed-over = Waiting for an environment
operator-no-node = No node has told of itself in the last day. Start a worker: carrel worker.
operator-incidents-latest = Latest incidents
operator-incidents-all = All incidents
operator-no-incident = No incidents
stage-accept = Accepting
stage-queue = Waiting
stage-run = Judging
stage-total = In all
node-silent = silent
node-drains = drains
node-works = takes work
node-refuses = takes no work
node-drain = Drain
node-work = Let it work
node-pool = Slots
node-pool-of = { $busy } of { $slots } busy
node-canary = Last trial run
node-canary-failed = failed
node-beat = Last heard of
node-version = Version
node-environments = Environments
node-missing = Missing layers of isolation
parked-lead = Faults of the service that came again: nothing is said about these submissions. Look why, then judge them again or give them up.
parked-empty = Nothing waits for you
parked-attempts = { $count ->
    [one] { $count } attempt
   *[other] { $count } attempts
}
parked-run = Judge again
parked-drop = Give up
parked-drop-confirm = Give this submission up? It stays without a verdict.
job-title = Submission
job-id = Id
job-course = Course
job-challenge = Challenge
job-person = Person
job-at = Sent
job-files = Files
job-not-parked = It is not parked.
incident-kind = Kind
incident-detail = What was seen
incident-where = Where
incident-submission = submission
incident-person = person
audit-person = Person
audit-action = What
audit-object = To what
audit-address = From
people-add = Add a person
people-name = Name
people-name-help = To sign in with: letters a to z, digits and . _ - + @
people-display-name = Shown as
people-operator = Runs the service
people-is-operator = operator
people-disabled = disabled
people-state = State
people-since = Since
password-title = Password
password-of = The password of { $name }:
password-once = It is not shown again. Hand it over safely; it can be changed after signing in.
password-done = Done
person-enable = Let them sign in again
person-disable = Disable
person-operator = Make operator
person-no-operator = No operator any more
person-operator-confirm = Change who runs the service?
person-reset = New password
person-reset-confirm = Draw a new password? The present one and all open sessions end.
person-audit = What they did
person-roles = Roles
person-no-role = No role in any course
person-role = Role
person-course = Course
person-role-set = Give the role
person-role-remove = Remove
role-learner = learner
role-author = author
role-operator = operator
person-tokens = Tokens
person-no-token = No tokens
token-name = Name
token-scopes = For
token-used = Last used
token-expires = Until
token-revoke = Revoke
token-revoke-confirm = Revoke this token? Programs that use it stop working.
duration-milliseconds = { $number } ms
duration-seconds = { $number } s
duration-minutes = { $number } min

# Bringing a new course.
new-course-lead = Upload the course's directory. You see what it holds, or what is wrong with it, before anybody else does.
new-course-look = Check the course
new-course-id = Id
new-course-units = Units
new-course-lessons = Lessons
new-course-quizzes = Quizzes
new-course-questions = Questions
new-course-challenges = Challenges
new-course-projects = Projects
new-course-sound = Every file, link and question is sound. What programs do is not judged here: carrel course check does that.
new-course-warnings = Odd, though it can be used
new-course-next = You become its author. Nobody else sees it before they are added to it.
