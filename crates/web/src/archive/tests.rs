use std::io::{Cursor, Write as _};

use proptest::prelude::*;

use super::*;

const BOUNDS: Bounds = Bounds {
    entries_max: 20,
    bytes_max: 1 << 20,
};

fn unpack(bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, ArchiveError> {
    let mut memory = Memory::default();
    read(Cursor::new(bytes), BOUNDS, &mut memory)?;
    Ok(memory.0)
}

/// A tar whose names are written as they are: libraries refuse to make hostile ones.
fn tar_of(entries: &[(&[u8], tar::EntryType, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, kind, content) in entries {
        let mut header = tar::Header::new_gnu();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name);
        header.set_entry_type(*kind);
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, *content).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip_of(entries: &[(&str, u32, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, mode, content) in entries {
        let options = zip::write::SimpleFileOptions::default().unix_permissions(*mode);
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

const FILE: tar::EntryType = tar::EntryType::Regular;

#[test]
fn all_three_forms_give_the_same_files() {
    let tar = tar_of(&[
        (b"./", tar::EntryType::Directory, b""),
        (b"./a.py", FILE, b"1"),
        (b"lib/b.py", FILE, b"2"),
    ]);
    let expected = BTreeMap::from([
        ("a.py".to_owned(), b"1".to_vec()),
        ("lib/b.py".to_owned(), b"2".to_vec()),
    ]);
    assert_eq!(unpack(&tar).unwrap(), expected);
    assert_eq!(unpack(&gzip(&tar)).unwrap(), expected);
    let zip = zip_of(&[("a.py", 0o644, b"1"), ("lib/b.py", 0o755, b"2")]);
    assert_eq!(unpack(&zip).unwrap(), expected);
}

#[test]
fn names_that_lead_out_or_disturb_are_refused() {
    for name in [
        &b"/etc/passwd"[..],
        b"../a",
        b"a/../../b",
        b"a/./b",
        b"a\\b",
        b"a\nb",
        b"a\xff",
        b"a//b",
    ] {
        let error = unpack(&tar_of(&[(name, FILE, b"x")])).unwrap_err();
        assert!(
            matches!(error, ArchiveError::Name { .. }),
            "{name:?}: {error}"
        );
        assert!(!error.to_string().contains('\n'));
    }
    let deep = "a/".repeat(PATH_DEPTH_MAX) + "a";
    let error = unpack(&zip_of(&[(&deep, 0o644, b"")])).unwrap_err();
    assert!(error.to_string().contains("too deep"), "{error}");
    let error = unpack(&zip_of(&[("../a", 0o644, b"")])).unwrap_err();
    assert!(matches!(error, ArchiveError::Name { .. }), "{error}");
}

#[test]
fn links_and_devices_are_refused() {
    for kind in [
        tar::EntryType::Symlink,
        tar::EntryType::Link,
        tar::EntryType::Fifo,
        tar::EntryType::Char,
        tar::EntryType::Block,
        tar::EntryType::GNUSparse,
    ] {
        let error = unpack(&tar_of(&[(b"a", kind, b"")])).unwrap_err();
        assert!(error.to_string().contains("neither"), "{kind:?}: {error}");
    }
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    writer.add_symlink("a", "/etc/passwd", options).unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    assert!(unpack(&bytes).unwrap_err().to_string().contains("neither"));
}

#[test]
fn a_name_comes_once_and_is_one_thing() {
    let twice = tar_of(&[(b"a", FILE, b"1"), (b"./a", FILE, b"2")]);
    assert!(unpack(&twice).unwrap_err().to_string().contains("twice"));
    let both = tar_of(&[(b"a", FILE, b"1"), (b"a/b", FILE, b"2")]);
    assert!(unpack(&both).unwrap_err().to_string().contains("lies in"));
    let both = tar_of(&[(b"a/b", FILE, b"1"), (b"a", FILE, b"2")]);
    assert!(unpack(&both).unwrap_err().to_string().contains("both"));
}

#[test]
fn long_names_are_read_and_bounded() {
    let long = format!("{}/a.py", "d".repeat(150));
    let bytes = {
        let mut builder = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(1);
        header.set_mode(0o644);
        builder.append_data(&mut header, &long, &b"1"[..]).unwrap();
        builder.into_inner().unwrap()
    };
    assert!(unpack(&bytes).unwrap().contains_key(&long));
    let huge = vec![b'a'; 70 << 10];
    let bytes = tar_of(&[(b"x", tar::EntryType::GNULongName, &huge)]);
    assert!(matches!(unpack(&bytes), Err(ArchiveError::Bound { .. })));
    let pax = tar_of(&[
        (b"x", tar::EntryType::XHeader, b"15 path=../evil\n"),
        (b"a", FILE, b"1"),
    ]);
    assert!(unpack(&pax).is_err());
    let size = tar_of(&[
        (b"x", tar::EntryType::XHeader, b"10 size=9\n"),
        (b"a", FILE, b"1"),
    ]);
    assert!(matches!(unpack(&size), Err(ArchiveError::Broken(_))));
}

#[test]
fn bombs_stop_at_their_bound() {
    let zeros = vec![0; 2 << 20];
    let error = unpack(&zip_of(&[("a", 0o644, &zeros)])).unwrap_err();
    assert!(
        matches!(error, ArchiveError::Bound { what: "bytes", .. }),
        "{error}"
    );
    let error = unpack(&gzip(&tar_of(&[(b"a", FILE, &zeros)]))).unwrap_err();
    assert!(
        matches!(error, ArchiveError::Bound { what: "bytes", .. }),
        "{error}"
    );
    let wide = Bounds {
        entries_max: 20,
        bytes_max: 1 << 30,
    };
    let bomb = zip_of(&[("a", 0o644, &vec![0; 16 << 20])]);
    let error = read(Cursor::new(&bomb), wide, &mut Memory::default()).unwrap_err();
    assert!(matches!(error, ArchiveError::Ratio), "{error}");
    let names: Vec<String> = (0..21).map(|number| format!("f{number}")).collect();
    let many: Vec<_> = names
        .iter()
        .map(|name| (name.as_bytes(), FILE, &b""[..]))
        .collect();
    assert!(matches!(
        unpack(&tar_of(&many)),
        Err(ArchiveError::Bound {
            what: "entries",
            ..
        })
    ));
}

/// A directory that claims so many zeros, as the `tar` tool would never write one.
fn zeros_in_a_directory(kind: tar::EntryType, bytes: u64) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.as_mut_bytes()[..2].copy_from_slice(b"d/");
    header.set_entry_type(kind);
    header.set_size(bytes);
    header.set_mode(0o755);
    header.set_cksum();
    let encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut builder = tar::Builder::new(encoder);
    builder
        .append(&header, std::io::repeat(0).take(bytes))
        .unwrap();
    builder.into_inner().unwrap().finish().unwrap()
}

#[test]
fn a_directory_holds_no_bytes() {
    for kind in [tar::EntryType::Directory, FILE] {
        let error = unpack(&zeros_in_a_directory(kind, 64 << 20)).unwrap_err();
        assert!(error.to_string().contains("holds bytes"), "{error}");
    }
    let zip = zip_of(&[("d/", 0o755, b"x")]);
    let error = unpack(&zip).unwrap_err();
    assert!(error.to_string().contains("holds bytes"), "{error}");
}

/// Takes no byte of any file: the reader passes over them.
struct Blind;

impl Sink for Blind {
    fn file(&mut self, _: &str, _: bool, _: &mut dyn Read) -> Result<(), ArchiveError> {
        Ok(())
    }
}

#[test]
fn what_is_passed_over_is_counted_too() {
    let zeros = vec![0; 2 << 20];
    let archive = gzip(&tar_of(&[(b"a", FILE, &zeros), (b"b", FILE, b"")]));
    let error = read(Cursor::new(&archive), BOUNDS, &mut Blind).unwrap_err();
    assert!(
        matches!(error, ArchiveError::Bound { what: "bytes", .. }),
        "{error}"
    );
    let wide = Bounds {
        entries_max: 20,
        bytes_max: 1 << 30,
    };
    let zeros = vec![0; 16 << 20];
    let archive = gzip(&tar_of(&[(b"a", FILE, &zeros), (b"b", FILE, b"")]));
    let error = read(Cursor::new(&archive), wide, &mut Blind).unwrap_err();
    assert!(matches!(error, ArchiveError::Ratio), "{error}");
}

#[test]
fn something_else_is_said_to_be_so() {
    assert!(matches!(unpack(b""), Err(ArchiveError::Unknown)));
    assert!(matches!(unpack(b"print(1)\n"), Err(ArchiveError::Unknown)));
    for empty in [tar_of(&[]), gzip(&tar_of(&[])), zip_of(&[])] {
        assert!(matches!(unpack(&empty), Err(ArchiveError::Empty)));
    }
}

#[test]
fn what_was_compressed_is_read_to_its_sum_and_nothing_follows_the_end() {
    let tar = tar_of(&[(b"a", FILE, b"1")]);
    let good = gzip(&tar);
    assert!(unpack(&good).is_ok());
    let broken = |bytes: &[u8], what: &str| {
        let error = unpack(bytes).unwrap_err();
        assert!(matches!(error, ArchiveError::Broken(_)), "{what}: {error}");
    };
    let mut other_sum = good.clone();
    let at = other_sum.len() - 8;
    other_sum[at] ^= 1;
    broken(&other_sum, "another sum");
    broken(&good[..good.len() - 8], "no sum");
    broken(&[&good[..], b"junk"].concat(), "junk after the sum");
    broken(&gzip(&[&tar[..], b"junk"].concat()), "junk after the end");
    broken(&[&tar[..], b"junk"].concat(), "junk after a plain tar");
    let padded = [&tar[..], &vec![0; 10 << 10]].concat();
    assert!(unpack(&padded).is_ok() && unpack(&gzip(&padded)).is_ok());
}

#[test]
fn a_zip_with_a_name_twice_is_refused() {
    let mut zip = zip_of(&[("a.py", 0o644, b"1"), ("b.py", 0o644, b"2")]);
    while let Some(at) = zip.windows(4).position(|four| four == b"b.py") {
        zip[at] = b'a';
    }
    let error = unpack(&zip).unwrap_err();
    assert!(error.to_string().contains("twice"), "{error}");
}

#[test]
fn a_zip_of_another_method_or_with_a_password_says_so() {
    let zip = zip_of(&[("a.py", 0o644, b"1")]);
    let central = zip.windows(4).position(|four| four == b"PK\x01\x02");
    let central = central.unwrap();
    // Where the flags and the method stand in both headers (APPNOTE 4.3.7, 4.3.12).
    for (local, there, value, words) in [
        (8, 10, 12, "method that is not supported"),
        (6, 8, 1, "encrypted"),
    ] {
        let mut other = zip.clone();
        other[local] = value;
        other[central + there] = value;
        let error = unpack(&other).unwrap_err().to_string();
        assert!(error.contains(words) && error.contains("a.py"), "{error}");
    }
}

/// Kinds of entries, of which some are passed over by one reader or another.
const KINDS: [tar::EntryType; 6] = [
    FILE,
    tar::EntryType::Directory,
    tar::EntryType::Continuous,
    tar::EntryType::XHeader,
    tar::EntryType::XGlobalHeader,
    tar::EntryType::Fifo,
];

/// Whatever comes in: no panic, and what is taken obeys the rules.
fn check_rules(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(files) = unpack(bytes) {
        for path in files.keys() {
            prop_assert!(check_path(path).is_ok(), "{path}");
        }
        let sum: usize = files.values().map(Vec::len).sum();
        prop_assert!(sum <= 1 << 20);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..2_000), head in 0..4usize) {
        let magic: &[u8] = [&b""[..], b"\x1f\x8b\x08\x00", b"PK\x03\x04", b"PK\x05\x06"][head];
        check_rules(&[magic, &bytes].concat())?;
    }

    #[test]
    fn no_kind_of_entry_holds_more_than_all_may(
        entries in prop::collection::vec((0..KINDS.len(), 0..600_000_usize), 1..6),
    ) {
        let zeros = vec![0; 600_000];
        let names: Vec<String> = (0..entries.len()).map(|number| format!("n{number}")).collect();
        let made = names.iter().zip(&entries);
        let made: Vec<_> = made
            .map(|(name, (kind, bytes))| (name.as_bytes(), KINDS[*kind], &zeros[..*bytes]))
            .collect();
        if unpack(&gzip(&tar_of(&made))).is_ok() {
            let sum: usize = entries.iter().map(|(_, bytes)| bytes).sum();
            prop_assert!(sum <= 1 << 20, "{sum}");
        }
    }

    #[test]
    fn a_broken_archive_is_answered(at in any::<prop::sample::Index>(), byte in any::<u8>(), form in 0..3usize) {
        let tar = tar_of(&[(b"a.py", FILE, b"1"), (b"lib/b.py", FILE, &[7; 700])]);
        let mut bytes = match form {
            0 => tar,
            1 => gzip(&tar),
            _ => zip_of(&[("a.py", 0o644, b"1"), ("lib/b.py", 0o644, &[7; 700])]),
        };
        let at = at.index(bytes.len());
        bytes[at] = byte;
        check_rules(&bytes)?;
        bytes.truncate(at);
        check_rules(&bytes)?;
    }
}
