# Courses, their overview, lessons, projects.
courses-title = Your courses
courses-empty = No course yet
courses-empty-help = Whoever runs your course adds you to it; it appears here then.
courses-more = More courses
course-activities =
    { $count ->
        [one] { $count } activity
       *[other] { $count } activities
    }
course-role-author = You write this course
course-author = For authors
course-progress = Your progress
course-done = { $done } of { $all } passed
course-begin = Begin
course-go-on = Go on
course-empty = Nothing is in this course yet.
trail = Where you are
unit-passed = Passed

kind-lesson = Lesson
kind-quiz = Quiz
kind-challenge = Challenge
kind-project = Project
activity-optional = Optional
activity-hidden = Hidden from learners
activity-minutes = { $minutes } min
activity-due = Due
activity-passed = Passed
activity-begun = Begun
activity-opens = Opens
activity-closed = Closed since
activity-locked = Locked: first pass { $titles }.
held-author = That holds for learners; as an author you can open it all the same.
late = Late
points-of =
    { $count ->
        [one] { $points } / { $most } point
       *[other] { $points } / { $most } points
    }

lesson-see = Mark as read
lesson-see-on = Mark as read and go on
lesson-seen = Read

project-environment = For the environment { $name }
project-files = Files
project-files-help = Save them, unpack them, and work on them on your own machine. Nothing that you change there is sent here.
project-moments = Files by moment
project-begin = To begin with
project-save = Save as a zip
project-file-binary = This file has no text to show; the zip has it.
project-file-long = This file is too long to be shown here; the zip has it.
project-finish = Mark as done
project-finish-on = Mark as done and go on
project-done = Done
way-back = Back
way-on = Next
