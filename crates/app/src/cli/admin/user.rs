//! `carrel admin user`.

use carrel_model::id::UserId;
use carrel_store::PageRequest;
use carrel_store::account::{Authority, UserRow, UserUpdate};
use carrel_store::page::PAGE_MAX;
use carrel_web::account::audit::action;
use carrel_web::account::name::{check_display_name, check_email, check_name};
use carrel_web::account::password::Password;
use carrel_web::account::view;
use carrel_web::session::openid;
use clap::Subcommand;
use jiff::Timestamp;

use super::{Database, Session};
use crate::exit_code;
use crate::failure::{Failure, Outcome};
use crate::terminal::secret;
use crate::terminal::text::printable;

/// Commands on people.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a person. The password is asked for on the terminal where no option says otherwise.
    Add(AddArguments),
    /// List people.
    #[command(alias = "ls")]
    List {
        /// Print the list as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Keep a person from signing in; open sessions end and tokens count no more.
    Disable {
        /// Name or id.
        user: String,
    },
    /// Let a disabled person sign in again.
    Enable {
        /// Name or id.
        user: String,
    },
    /// Make a person operator, or no longer.
    Operator {
        /// Name or id.
        user: String,
        /// No longer.
        #[arg(long)]
        remove: bool,
    },
    /// Give a person another password; open sessions end.
    ResetPassword {
        /// Name or id.
        user: String,
        /// Where the password comes from.
        #[command(flatten)]
        password: PasswordArguments,
    },
    /// Let a person sign in at an OpenID Connect provider too.
    Link {
        /// Name or id.
        user: String,
        /// Issuer, as the provider writes it (an https URL).
        issuer: String,
        /// The person's subject identifier there (`sub`).
        subject: String,
    },
}

/// Arguments of `carrel admin user add`.
#[derive(Debug, clap::Args)]
pub struct AddArguments {
    /// Name to sign in with.
    name: String,
    /// The person runs the service.
    #[arg(long)]
    operator: bool,
    /// Name shown [default: the name].
    #[arg(long, value_name = "NAME")]
    display_name: Option<String>,
    /// Electronic mail address.
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Where the password comes from.
    #[command(flatten)]
    password: PasswordArguments,
}

/// Where a password comes from.
#[derive(Debug, Clone, Copy, clap::Args)]
#[group(multiple = false)]
pub struct PasswordArguments {
    /// Read the password from the first line of standard input.
    #[arg(long)]
    password_stdin: bool,
    /// Draw a password at random and print it.
    #[arg(long)]
    generate_password: bool,
}

/// Runs the command.
///
/// # Errors
/// See [`exit_code`].
pub fn run(command: &UserCommand, session: &mut Session) -> Outcome {
    let database = Database::open(&session.state)?;
    match command {
        UserCommand::Add(arguments) => add(&database, arguments, session),
        UserCommand::List { json } => list(&database, *json, session),
        UserCommand::Disable { user } => set_disabled(&database, user, true, session),
        UserCommand::Enable { user } => set_disabled(&database, user, false, session),
        UserCommand::Operator { user, remove } => set_operator(&database, user, !remove, session),
        UserCommand::ResetPassword { user, password } => {
            reset_password(&database, user, *password, session)
        }
        UserCommand::Link {
            user,
            issuer,
            subject,
        } => link(&database, user, (issuer, subject), session),
    }
}

fn add(database: &Database, arguments: &AddArguments, session: &mut Session) -> Outcome {
    let name = &arguments.name;
    let wrong = |error| Failure::usage(format!("name `{}`: {error}", printable(name)));
    check_name(name).map_err(wrong)?;
    let display_name = arguments
        .display_name
        .clone()
        .unwrap_or_else(|| name.clone());
    check_display_name(&display_name)
        .map_err(|error| Failure::usage(format!("--display-name: {error}")))?;
    if let Some(email) = &arguments.email {
        check_email(email).map_err(|error| Failure::usage(format!("--email: {error}")))?;
    }
    if database
        .wait(database.store().user_by_name(name))?
        .is_some()
    {
        return Err(
            Failure::usage(format!("user `{name}` exists already")).hint(format!(
                "`carrel admin user reset-password {name}` gives another password"
            )),
        );
    }
    let password = arguments.password.obtain(name)?;
    let row = UserRow {
        id: UserId::new(),
        name: name.clone(),
        display_name,
        email: arguments.email.clone(),
        password_hash: Some(password.hash()?),
        operator: arguments.operator,
        disabled: false,
        subject: None,
        created_at: Timestamp::now(),
    };
    let store = database.store();
    database.wait(store.add_user(row.clone(), Authority::Host))?;
    let detail = if row.operator { "operator" } else { "" };
    database.record(action::USER_ADD, row.id, detail)?;
    let kind = if row.operator { "operator" } else { "user" };
    session
        .terminal
        .line(format_args!("added {kind} {name} ({})", row.id))?;
    password.tell(session)?;
    Ok(exit_code::OK)
}

/// A password, and whether it must be told because nobody typed it.
struct Chosen {
    password: Password,
    drawn: bool,
}

impl PasswordArguments {
    fn obtain(self, name: &str) -> Result<Chosen, Failure> {
        if self.generate_password {
            let password = Password::generate()
                .map_err(|error| Failure::platform(anyhow::anyhow!("{error}")))?;
            return Ok(Chosen {
                password,
                drawn: true,
            });
        }
        let text = if self.password_stdin {
            secret::read_line(&mut std::io::stdin().lock())?
        } else {
            ask()?
        };
        let password = Password::parse(&text, name).map_err(Failure::usage)?;
        Ok(Chosen {
            password,
            drawn: false,
        })
    }
}

fn ask() -> Result<String, Failure> {
    let first = secret::ask("password: ")?;
    let again = secret::ask("once more: ")?;
    if first == again {
        return Ok(first);
    }
    Err(Failure::usage("the two passwords differ"))
}

impl Chosen {
    fn hash(&self) -> Result<String, Failure> {
        self.password.hash_blocking().map_err(Failure::platform)
    }

    fn tell(&self, session: &mut Session) -> Result<(), Failure> {
        if self.drawn {
            let text = self.password.reveal();
            session.terminal.line(format_args!("password: {text}"))?;
            session
                .terminal
                .note(format_args!("note: the password is not shown again"))?;
        }
        Ok(())
    }
}

fn list(database: &Database, json: bool, session: &mut Session) -> Outcome {
    let users = all(database)?;
    if json {
        let shown: Vec<_> = users.into_iter().map(view::user).collect();
        session.terminal.json(&shown)?;
        return Ok(exit_code::OK);
    }
    for user in users {
        let mut marks = String::new();
        if user.operator {
            marks += "  operator";
        }
        if user.disabled {
            marks += "  disabled";
        }
        if user.password_hash.is_none() {
            marks += "  no password";
        }
        let shown = printable(&user.display_name);
        session
            .terminal
            .line(format_args!("{}  {}  {shown}{marks}", user.id, user.name))?;
    }
    Ok(exit_code::OK)
}

/// Everybody, by name.
pub(super) fn all(database: &Database) -> Result<Vec<UserRow>, Failure> {
    let (mut users, mut after) = (Vec::new(), None);
    loop {
        let wanted = PageRequest {
            after,
            limit: PAGE_MAX,
        };
        let page = database.wait(database.store().users(wanted))?;
        users.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(users);
        }
    }
}

/// Refuses what would leave nobody to run the service.
pub(super) fn require_other_operator(
    database: &Database,
    leaving: &UserRow,
) -> Result<(), Failure> {
    if !leaving.operator || leaving.disabled {
        return Ok(());
    }
    let users = all(database)?;
    if users
        .iter()
        .any(|user| user.operator && !user.disabled && user.id != leaving.id)
    {
        return Ok(());
    }
    Err(
        Failure::usage(format!("`{}` is the last operator", leaving.name))
            .hint("make another person operator first: `carrel admin user operator NAME`"),
    )
}

fn change(database: &Database, person: &UserRow, update: UserUpdate) -> Result<(), Failure> {
    let store = database.store();
    database.wait(store.change_user(person.id, update, Authority::Host))?;
    Ok(())
}

fn set_disabled(database: &Database, user: &str, disabled: bool, session: &mut Session) -> Outcome {
    let row = database.person(user)?;
    if disabled {
        require_other_operator(database, &row)?;
    }
    let update = UserUpdate {
        disabled: Some(disabled),
        ..UserUpdate::default()
    };
    change(database, &row, update)?;
    database.record(action::USER_CHANGE, row.id, &format!("disabled={disabled}"))?;
    let done = if disabled { "disabled" } else { "enabled" };
    session.terminal.line(format_args!("{done} {}", row.name))?;
    Ok(exit_code::OK)
}

fn set_operator(database: &Database, user: &str, operator: bool, session: &mut Session) -> Outcome {
    let row = database.person(user)?;
    if !operator {
        require_other_operator(database, &row)?;
    }
    let update = UserUpdate {
        operator: Some(operator),
        ..UserUpdate::default()
    };
    change(database, &row, update)?;
    database.record(action::USER_CHANGE, row.id, &format!("operator={operator}"))?;
    let done = if operator {
        "is operator"
    } else {
        "is no operator"
    };
    session.terminal.line(format_args!("{} {done}", row.name))?;
    Ok(exit_code::OK)
}

fn reset_password(
    database: &Database,
    user: &str,
    arguments: PasswordArguments,
    session: &mut Session,
) -> Outcome {
    let row = database.person(user)?;
    let password = arguments.obtain(&row.name)?;
    let (store, hash) = (database.store(), password.hash()?);
    database.wait(store.set_password(row.id, hash, Authority::Host))?;
    database.record(action::USER_PASSWORD, row.id, "reset")?;
    session
        .terminal
        .line(format_args!("{} has another password", row.name))?;
    password.tell(session)?;
    Ok(exit_code::OK)
}

fn link(
    database: &Database,
    user: &str,
    (issuer, subject): (&String, &String),
    session: &mut Session,
) -> Outcome {
    if !openid::is_secure(issuer) {
        return Err(Failure::usage(format!(
            "`{}` is no issuer: give its address with https://, as the provider writes it in `iss`",
            printable(issuer)
        )));
    }
    let row = database.person(user)?;
    let present = database.wait(database.store().user_by_subject(issuer, subject))?;
    if let Some(present) = present.filter(|present| present.id != row.id) {
        let name = present.name;
        return Err(Failure::usage(format!(
            "`{name}` is linked to that subject already"
        )));
    }
    let update = UserUpdate {
        subject: Some((issuer.clone(), subject.clone())),
        ..UserUpdate::default()
    };
    change(database, &row, update)?;
    database.record(action::USER_CHANGE, row.id, "subject")?;
    session.terminal.line(format_args!(
        "{} may sign in at {}",
        row.name,
        printable(issuer)
    ))?;
    Ok(exit_code::OK)
}
