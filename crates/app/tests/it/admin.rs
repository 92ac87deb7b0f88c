//! `carrel admin` on a database of its own.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use carrel_store::sqlite::{Options, SqliteStore};
use serde_json::Value;
use tempfile::TempDir;

struct Place {
    directory: TempDir,
}

#[derive(Debug)]
struct Ended {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Place {
    /// A state directory with the service's database.
    fn new() -> Self {
        let place = Self::empty();
        std::fs::create_dir_all(place.database().parent().unwrap()).unwrap();
        drop(place.open());
        place
    }

    fn empty() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
        }
    }

    fn database(&self) -> PathBuf {
        self.directory.path().join("service/carrel.db")
    }

    fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.database(), Options::default()).unwrap()
    }

    fn path(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }

    fn admin(&self, arguments: &[&str]) -> Ended {
        self.admin_with(arguments, "")
    }

    fn admin_with(&self, arguments: &[&str], stdin: &str) -> Ended {
        call(self.directory.path(), arguments, stdin)
    }

    fn users(&self) -> Value {
        let listed = self.admin(&["user", "list", "--json"]);
        serde_json::from_str(&listed.is(0).stdout).unwrap()
    }
}

#[expect(clippy::disallowed_methods, reason = "a test drives the real binary")]
fn call(state: &Path, arguments: &[&str], stdin: &str) -> Ended {
    let mut child = Command::new(env!("CARGO_BIN_EXE_carrel"))
        .arg("admin")
        .args(arguments)
        .env("CARREL_STATE_DIRECTORY", state)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input closes it before this is written.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    Ended {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Ended {
    #[track_caller]
    fn is(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    #[track_caller]
    fn tells(self, text: &str) -> Self {
        assert!(
            self.stdout.contains(text) || self.stderr.contains(text),
            "{text}: {self:?}"
        );
        self
    }
}

#[test]
fn without_a_database_the_way_out_is_told() {
    let place = Place::empty();
    place
        .admin(&["user", "list"])
        .is(5)
        .tells("no database")
        .tells("carrel serve");
    assert!(!place.database().exists());
}

#[test]
fn the_first_operator_is_added_and_others_after() {
    let place = Place::new();
    let added = place.admin_with(
        &["user", "add", "root", "--operator", "--password-stdin"],
        "a staple of horses\n",
    );
    assert!(
        !added
            .is(0)
            .tells("added operator root")
            .stdout
            .contains("staple")
    );
    let added = place.admin(&[
        "user",
        "add",
        "ada",
        "--generate-password",
        "--email",
        "a@b.c",
    ]);
    added.is(0).tells("password: ").tells("not shown again");
    let users = place.users();
    assert_eq!(users[0]["name"], "ada");
    assert_eq!(users[0]["email"], "a@b.c");
    assert_eq!(
        (&users[1]["name"], &users[1]["operator"]),
        (&"root".into(), &true.into())
    );
    place
        .admin(&["user", "add", "ADA", "--generate-password"])
        .is(2)
        .tells("exists already");
    place
        .admin(&["user", "add", "a b", "--generate-password"])
        .is(2)
        .tells("a b");
    let weak = place.admin_with(&["user", "add", "bob", "--password-stdin"], "password\n");
    weak.is(2).tells("best known");
    let short = place.admin_with(&["user", "add", "bob", "--password-stdin"], "");
    short.is(2).tells("fewer than 8");
    place.admin(&["user", "list"]).is(0).tells("root  operator");
}

#[test]
fn people_are_disabled_reset_and_made_operators() {
    let place = Place::new();
    place
        .admin(&["user", "add", "root", "--operator", "--generate-password"])
        .is(0);
    place
        .admin(&["user", "add", "ada", "--generate-password"])
        .is(0);
    place
        .admin(&["user", "disable", "root"])
        .is(2)
        .tells("last operator");
    place
        .admin(&["delete", "root", "--yes"])
        .is(2)
        .tells("last operator");
    place
        .admin(&["user", "operator", "root", "--remove"])
        .is(2)
        .tells("last operator");
    place.admin(&["user", "operator", "ada"]).is(0);
    place
        .admin(&["user", "disable", "root"])
        .is(0)
        .tells("disabled root");
    assert_eq!(place.users()[1]["disabled"], true);
    place.admin(&["user", "enable", "root"]).is(0);
    assert_eq!(place.users()[1]["disabled"], false);
    place
        .admin(&["user", "reset-password", "ada", "--generate-password"])
        .is(0)
        .tells("password: ");
    place
        .admin(&["user", "reset-password", "eve", "--generate-password"])
        .is(2)
        .tells("no user `eve`");
    place
        .admin(&["user", "link", "ada", "https://issuer.example", "7"])
        .is(0);
    place
        .admin(&["user", "link", "ada", "http://issuer.example", "7"])
        .is(2)
        .tells("https://");
    place
        .admin(&["user", "link", "root", "https://issuer.example", "7"])
        .is(2)
        .tells("linked");
}

#[test]
fn roles_and_tokens_are_given_and_taken() {
    let place = Place::new();
    place
        .admin(&["user", "add", "ada", "--generate-password"])
        .is(0);
    place
        .admin(&["role", "set", "ada", "sample", "author"])
        .is(0)
        .tells("author of sample");
    place
        .admin(&["role", "list", "ada"])
        .is(0)
        .tells("sample  author");
    place.admin(&["role", "remove", "ada", "sample"]).is(0);
    assert_eq!(place.admin(&["role", "list", "ada"]).is(0).stdout, "");
    place.admin(&["role", "set", "ada", "sample", "king"]).is(2);
    let made = place
        .admin(&[
            "token", "create", "ada", "--scope", "read", "--scope", "submit",
        ])
        .is(0);
    assert_eq!(made.stdout.trim().len(), 56, "{made:?}");
    assert!(made.stdout.starts_with("carrel_"));
    place
        .admin(&["token", "create", "ada", "--scope", "operate"])
        .is(2)
        .tells("no operator");
    let operate = ["token", "create", "ada", "--scope", "operate"];
    place
        .admin(&["role", "set", "ada", "sample", "operator"])
        .is(0)
        .tells("operator of sample");
    place.admin(&operate).is(0);
    place
        .admin(&[&operate[..], &["--course", "other"]].concat())
        .is(2)
        .tells("role set ada other operator");
    place
        .admin(&[&operate[..], &["--course", "sample"]].concat())
        .is(0);
    place
        .admin(&["token", "create", "ada"])
        .is(2)
        .tells("--scope");
    let never = [
        "token", "create", "ada", "--scope", "read", "--days", "never",
    ];
    place.admin(&never).is(0);
    let list = place
        .admin(&["token", "list", "ada"])
        .is(0)
        .tells("until revoked")
        .tells("read,submit");
    let secret = made.stdout.trim();
    assert!(!list.stdout.contains(secret));
    let id = list
        .stdout
        .lines()
        .next()
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .to_owned();
    place.admin(&["token", "revoke", &id]).is(0);
    place
        .admin(&["token", "list"])
        .is(0)
        .tells(&format!("{id}  ada  "))
        .tells("revoked 2");
}

#[test]
fn a_backup_comes_back() {
    let place = Place::new();
    place
        .admin(&["user", "add", "ada", "--generate-password"])
        .is(0);
    let copy = place.path("copy");
    let digest = "ab".repeat(32);
    let version = |place: &Place| place.directory.path().join("service/courses").join(&digest);
    let file = |place: &Place| version(place).join("tests/course.toml");
    std::fs::create_dir_all(version(&place).join("tests")).unwrap();
    std::fs::write(file(&place), "id = 'a'").unwrap();
    std::fs::create_dir_all(version(&place).with_file_name("incoming-1")).unwrap();
    // The service may run meanwhile.
    let service = place.open();
    place.admin(&["backup", &copy]).is(0);
    place
        .admin(&["backup", &copy])
        .is(2)
        .tells("exists already");
    place
        .admin(&["user", "add", "bob", "--generate-password"])
        .is(0);
    place
        .admin(&["restore", &copy])
        .is(5)
        .tells("systemctl stop carrel.socket carrel.service");
    assert_eq!(place.users().as_array().unwrap().len(), 2);
    drop(service);
    place.admin(&["restore", &copy]).is(0).tells(".replaced");
    assert!(file(&place).is_file(), "what is there stays");
    let users = place.users();
    assert_eq!(users.as_array().unwrap().len(), 1);
    assert_eq!(users[0]["name"], "ada");
    // To a machine that never had one.
    let other = Place::empty();
    other
        .admin(&["restore", &copy])
        .is(0)
        .tells("1 version of courses");
    assert_eq!(other.users()[0]["name"], "ada");
    assert_eq!(std::fs::read_to_string(file(&other)).unwrap(), "id = 'a'");
    let courses = std::fs::read_dir(version(&other).parent().unwrap()).unwrap();
    assert_eq!(courses.count(), 1, "what was not published is not kept");
    // A copy of the database alone, as earlier versions wrote it.
    let bare = Place::empty();
    bare.admin(&["restore", &format!("{copy}/carrel.db")])
        .is(0)
        .tells("the database alone");
    assert_eq!(bare.users()[0]["name"], "ada");
}

#[test]
fn what_is_no_backup_is_not_restored() {
    let place = Place::new();
    place
        .admin(&["user", "add", "ada", "--generate-password"])
        .is(0);
    let copy = place.path("copy.db");
    place
        .admin(&["restore", &copy])
        .is(2)
        .tells("there is no file");
    std::fs::write(
        &copy,
        "not a database at all, but long enough to be looked at",
    )
    .unwrap();
    place
        .admin(&["restore", &copy])
        .is(2)
        .tells("no backup")
        .tells("nothing was changed");
    std::fs::remove_file(&copy).unwrap();
    place.admin(&["backup", &copy]).is(0);
    let database = Path::new(&copy).join("carrel.db");
    let mut bytes = std::fs::read(&database).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0xa5);
    std::fs::write(&database, bytes).unwrap();
    place.admin(&["restore", &copy]).is(2).tells("no backup");
    assert_eq!(place.users()[0]["name"], "ada");
}

#[test]
fn a_person_is_exported_and_deleted() {
    let place = Place::new();
    place
        .admin(&[
            "user",
            "add",
            "ada",
            "--generate-password",
            "--email",
            "a@b.c",
        ])
        .is(0);
    let export = place.admin(&["export", "ada"]).is(0);
    let export: Value = serde_json::from_str(&export.stdout).unwrap();
    assert_eq!(export["user"]["email"], "a@b.c");
    place.admin(&["delete", "ada"]).is(2).tells("--yes");
    assert_eq!(place.users().as_array().unwrap().len(), 1);
    place.admin(&["delete", "ada", "--yes"]).is(0);
    assert_eq!(place.users().as_array().unwrap().len(), 0);
    place.admin(&["export", "ada"]).is(2).tells("no user `ada`");
}
