# Signing in and one's account.
sign-in-title = Sign in
sign-in-name = Name
sign-in-password = Password
sign-in = Sign in
sign-in-or = or
sign-in-elsewhere = Sign in with your organisation's account
sign-in-wrong = Name and password do not fit together.
