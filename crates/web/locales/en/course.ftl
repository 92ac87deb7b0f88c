# Courses and their overview.
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
