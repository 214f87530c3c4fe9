//! Formatting.

use stwo_ml_cairo::{Error, Formatting, format_tree};

#[test]
fn unformatted_files_are_listed_then_formatted() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    };
    file("good.cairo", "fn f() -> felt252 {\n    1\n}\n");
    let bad = file("bad.cairo", "fn  f( )->felt252{1}");
    file("notes.txt", "fn  f( )");
    let run = |formatting| format_tree(folder.path(), formatting).expect("formatting");
    assert_eq!(run(Formatting::Check), std::slice::from_ref(&bad));
    assert_eq!(run(Formatting::Write), std::slice::from_ref(&bad));
    assert!(run(Formatting::Check).is_empty());
    assert_eq!(std::fs::read_to_string(&bad).expect("a file"), "fn f() -> felt252 {\n    1\n}\n");
    file("bad.cairo", "fn f( {");
    assert!(matches!(format_tree(folder.path(), Formatting::Check), Err(Error::Format { .. })));
}
