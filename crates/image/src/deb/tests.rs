//! Good, hostile and damaged packages.

use super::*;

#[path = "../../tests/it/package.rs"]
mod package;

use package::{Item, archive, directory, file, hard_link, item, members, program, symlink};
use proptest::prelude::*;

fn read_bytes(bytes: &[u8]) -> Result<(Package, tempfile::TempDir), Fault> {
    let contents = tempfile::tempdir().unwrap();
    parse(bytes, contents.path(), &|path| {
        !path.starts_with("usr/share/doc")
    })
    .map(|package| (package, contents))
}

fn problem(items: &[Item<'_>]) -> String {
    read_bytes(&package::package("x", items))
        .unwrap_err()
        .problem
}

#[test]
fn a_good_package_is_read_as_it_is() {
    let items = [
        directory("./"),
        directory("./usr/"),
        program("./usr/a", "alpha"),
        file("./usr/b", ""),
        hard_link("./usr/c", "./usr/a"),
        symlink("./usr/d", "../usr/a"),
        file("./usr/share/doc/readme", "text"),
    ];
    let (package, _contents) = read_bytes(&package::package("x", &items)).unwrap();
    assert_eq!(
        (
            package.control.package.as_str(),
            package.control.version.as_str()
        ),
        ("x", "1:2-3")
    );
    let paths: Vec<&str> = package
        .entries
        .iter()
        .map(|entry| entry.path.as_str())
        .collect();
    assert_eq!(paths, ["usr", "usr/a", "usr/b", "usr/c", "usr/d"]);
    let Kind::File {
        content,
        executable,
    } = &package.entries[1].kind
    else {
        panic!("{:?}", package.entries[1]);
    };
    assert!(executable);
    assert_eq!(std::fs::read(content).unwrap(), b"alpha");
    assert_eq!(
        package.entries[1].kind, package.entries[3].kind,
        "a hard link is the same content"
    );
    assert_eq!(
        package.entries[4].kind,
        Kind::Symlink("../usr/a".to_owned())
    );
}

#[test]
fn all_compressions_give_the_same() {
    use std::io::Write;
    let control = archive(&[file(
        "control",
        "Package: x\nVersion: 1\nArchitecture: all\n",
    )]);
    let data = archive(&[file("./a", "alpha")]);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&data).unwrap();
    let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 0);
    xz.write_all(&data).unwrap();
    let zstd = zstd::encode_all(&data[..], 1).unwrap();
    for (name, data) in [
        ("data.tar", data),
        ("data.tar.gz", gzip.finish().unwrap()),
        ("data.tar.xz", xz.finish().unwrap()),
        ("data.tar.zst", zstd),
    ] {
        let bytes = members(&[
            ("debian-binary", b"2.0\n"),
            ("control.tar", &control),
            (name, &data),
        ]);
        let (package, _contents) = read_bytes(&bytes).unwrap();
        assert_eq!(package.entries.len(), 1, "{name}");
    }
    let bytes = members(&[
        ("debian-binary", b"2.0\n"),
        ("control.tar", &control),
        ("data.tar.lzma", b"x"),
    ]);
    assert!(
        read_bytes(&bytes)
            .unwrap_err()
            .problem
            .contains("unknown way")
    );
}

#[test]
fn paths_out_of_the_tree_are_refused() {
    assert!(problem(&[file("/etc/passwd", "x")]).contains("absolute"));
    assert!(problem(&[file("./../x", "x")]).contains("not allowed"));
    assert!(problem(&[file("a/../../x", "x")]).contains("not allowed"));
    assert!(problem(&[file("a//b", "x")]).contains("not allowed"));
    assert!(problem(&[file("a/./b", "x")]).contains("not allowed"));
    assert!(problem(&[file("a\nb", "x")]).contains("control characters"));
    let mut bad = file("", "x");
    bad.path = b"a\xff";
    assert!(problem(&[bad]).contains("no UTF-8"));
}

#[test]
fn links_out_of_the_tree_are_refused() {
    assert!(problem(&[symlink("a/b", "../../x")]).contains("climbs"));
    assert!(problem(&[symlink("a", "/../x")]).contains("climbs"));
    assert!(problem(&[symlink("a", "")]).contains("nowhere"));
    assert!(problem(&[hard_link("a", "/etc/shadow")]).contains("absolute"));
    assert!(problem(&[hard_link("a", "b"), file("b", "late")]).contains("no earlier file"));
    assert!(
        problem(&[symlink("b", "/etc/shadow"), hard_link("a", "b")]).contains("no earlier file")
    );
}

#[test]
fn devices_pipes_and_sockets_are_refused() {
    for kind in [
        tar::EntryType::Char,
        tar::EntryType::Block,
        tar::EntryType::Fifo,
        tar::EntryType::new(b'~'),
    ] {
        let text = problem(&[item("dev/x", kind, 0o666, b"", b"")]);
        assert!(text.contains("no file, directory or link"), "{text}");
    }
    let sparse = item("x", tar::EntryType::GNUSparse, 0o666, b"", b"");
    assert!(read_bytes(&package::package("x", &[sparse])).is_err());
}

#[test]
fn damaged_archives_are_told() {
    let good = package::package("x", &[file("./a", "alpha")]);
    for length in 0..good.len().min(200) {
        assert!(
            read_bytes(&good[..length]).is_err(),
            "{length} bytes are no package"
        );
    }
    let control = archive(&[file("control", "Package: x\n")]);
    let bytes = members(&[
        ("debian-binary", b"2.0\n"),
        ("control.tar", &control),
        ("data.tar", b""),
    ]);
    assert!(
        read_bytes(&bytes)
            .unwrap_err()
            .problem
            .contains("`Version`")
    );
    let bytes = members(&[("debian-binary", b"3.0\n")]);
    assert!(
        read_bytes(&bytes)
            .unwrap_err()
            .problem
            .contains("format 3.0")
    );
    let bytes = members(&[("debian-binary", b"2.0\n"), ("evil", b"x")]);
    assert!(
        read_bytes(&bytes)
            .unwrap_err()
            .problem
            .contains("unknown member `evil`")
    );
    assert!(
        read_bytes(b"PK\x03\x04zip archive")
            .unwrap_err()
            .problem
            .contains("no `ar`")
    );
}

#[test]
fn a_size_that_lies_is_found() {
    let mut good = package::package("x", &[file("./a", "alpha")]);
    let at = good
        .windows(5)
        .position(|window| window == b"data.")
        .unwrap();
    good[at + 48..at + 58].copy_from_slice(b"9999999999");
    // The member says that it is longer than the file: the tar inside still ends by itself.
    assert!(read_bytes(&good).is_ok());
    good[at + 48..at + 58].copy_from_slice(b"600       ");
    assert!(read_bytes(&good).is_err());
}

/// A package with a member of every kind, its archives plain and compressed.
fn good_packages() -> Vec<Vec<u8>> {
    let items = [
        directory("./usr"),
        program("./usr/a", "alpha"),
        symlink("./usr/b", "a"),
        hard_link("./usr/c", "./usr/a"),
    ];
    let plain = [
        ("debian-binary", &b"2.0\n"[..]),
        (
            "control.tar",
            &archive(&[file(
                "control",
                "Package: x\nVersion: 1\nArchitecture: all\n",
            )]),
        ),
        ("data.tar", &archive(&items)),
    ];
    vec![package::package("x", &items), members(&plain)]
}

proptest! {
    /// Whatever the bytes, reading ends with a package or a fault, and writes nothing but numbered files.
    #[test]
    fn fuzz_package(bytes in carrel_fuzz::damaged(good_packages(), &["../", "./usr/../..", "/etc/passwd", "ustar\u{0}"])) {
        let outside = tempfile::tempdir().unwrap();
        let contents = outside.path().join("contents");
        std::fs::create_dir(&contents).unwrap();
        if let Ok(package) = parse(&bytes[..], &contents, &|_| true) {
            for entry in &package.entries {
                prop_assert!(!entry.path.starts_with('/') && !entry.path.split('/').any(|part| part == ".." || part.is_empty()));
            }
        }
        let beside: Vec<_> = std::fs::read_dir(outside.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        prop_assert_eq!(beside, ["contents"]);
        for entry in std::fs::read_dir(&contents).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            prop_assert!(name.bytes().all(|byte| byte.is_ascii_digit()));
        }
    }

    #[test]
    fn any_bytes_at_all_are_no_package(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(read_bytes(&bytes).is_err());
    }

    #[test]
    fn a_clean_path_never_leaves_the_tree(path in "[./a-c\u{e4}]{0,30}") {
        if let Ok(Some(clean)) = clean_path(path.as_bytes()) {
            prop_assert!(!clean.starts_with('/') && !clean.ends_with('/'));
            prop_assert!(clean.split('/').all(|part| !part.is_empty() && part != "." && part != ".."));
        }
    }
}
