//! What people and tokens may do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$note:meta])* $name:ident { $($(#[$variant_note:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$note])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
        )]
        pub enum $name {
            $($(#[$variant_note])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// As it is written in JSON, columns and on the command line.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The one of this name.
            #[must_use]
            pub fn of_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.name() == name)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.name())
            }
        }
    };
}

words! {
    /// What a person may do in a course.
    Role {
        /// Takes the course.
        Learner = "learner",
        /// Writes it: publishes, sees submissions, regrades.
        Author = "author",
        /// Runs it: what an author may, and names authors, brings the first version, looks after
        /// parked submissions, reads incidents and the audit log of the course.
        Operator = "operator",
    }
}

impl Role {
    /// Whether it may do what authors of the course may.
    #[must_use]
    pub const fn writes(self) -> bool {
        matches!(self, Self::Author | Self::Operator)
    }
}

words! {
    /// What a token may be used for: an upper bound; its owner's roles bound it too.
    Scope {
        /// Read what its owner may read.
        Read = "read",
        /// Submit to challenges and read the verdicts.
        Submit = "submit",
        /// Ad-hoc execution, including the Piston and Judge0 endpoints.
        Execute = "execute",
        /// What an author may do: publish, regrade.
        Author = "author",
        /// What an operator may do.
        Operate = "operate",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_json_says() {
        for scope in Scope::ALL {
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.name());
            assert_eq!(Scope::of_name(scope.name()), Some(*scope));
        }
        for role in Role::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.name());
            assert_eq!(Role::of_name(role.name()), Some(*role));
        }
        assert_eq!(Role::of_name("root"), None);
    }

    #[test]
    fn whoever_runs_a_course_may_write_it() {
        let writing: Vec<Role> = Role::ALL
            .iter()
            .copied()
            .filter(|role| role.writes())
            .collect();
        assert_eq!(writing, [Role::Author, Role::Operator]);
    }
}
