# What stands around every page.
brand = Carrel
skip = Skip to the content
nav = Main
nav-courses = Courses
nav-operator = Operations
nav-person = You
sign-out = Sign out
foot = Carrel, the practical side of a course
theme = Colours
theme-system = As the system
theme-light = Light
theme-dark = Dark

problem-back = Back to the courses
problem-request = Tell this to whoever helps you:

callout-note = Note
callout-tip = Tip
callout-important = Important
callout-warning = Warning
callout-caution = Caution
