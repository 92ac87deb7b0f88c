//! Who uses the service: an operator and learners, each with a token.

use anyhow::Context;

use crate::server::Server;

/// Tokens of people.
#[derive(Debug, Clone, Default)]
pub struct People {
    /// May do everything.
    pub operator: String,
    /// May submit to the course.
    pub learners: Vec<String>,
}

impl People {
    /// Adds an operator and so many learners of a course.
    ///
    /// # Errors
    /// A command fails.
    pub fn add(server: &Server, course: &str, learners: usize) -> anyhow::Result<Self> {
        let scopes = ["read", "submit", "execute", "author", "operate"];
        add_user(
            server,
            &[
                "admin",
                "user",
                "add",
                "operator",
                "--operator",
                "--password-stdin",
            ],
        )?;
        let operator = add_token(server, "operator", &scopes)?;
        let learner = |number: usize| {
            let name = format!("learner-{number}");
            add_user(server, &["admin", "user", "add", &name, "--password-stdin"])?;
            server.run(&["admin", "role", "set", &name, course, "learner"], "")?;
            add_token(server, &name, &["read", "submit"])
        };
        let learners = (1..=learners)
            .map(learner)
            .collect::<anyhow::Result<Vec<_>>>()?;
        Ok(Self { operator, learners })
    }
}

fn add_user(server: &Server, arguments: &[&str]) -> anyhow::Result<()> {
    server.run(arguments, "correct horse battery staple\n")?;
    Ok(())
}

fn add_token(server: &Server, name: &str, scopes: &[&str]) -> anyhow::Result<String> {
    let mut arguments = vec!["admin", "token", "create", name];
    for scope in scopes {
        arguments.extend(["--scope", *scope]);
    }
    let told = server.run(&arguments, "")?;
    let token = told
        .split_whitespace()
        .find(|word| word.starts_with("carrel_"));
    token
        .map(str::to_owned)
        .with_context(|| format!("no token in: {told}"))
}
