//! The rules of the house, as tests: who may know whom, how files look, what may not stand anywhere.
//!
//! Each rule is a function from the files to complaints, and is shown to bite on files that break it.

mod crates;
mod files;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// A file of the repository: its path from the root, and what is in it.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) is_executable: bool,
}

/// What people and machines begin with.
const PROGRAMS: [&str; 3] = ["run", "test", ".ci/run"];

type Rule = fn(&[File]) -> Vec<String>;

const RULES: [(&str, Rule); 19] = [
    ("manifests", crates::manifests_parse),
    ("edges", crates::edges),
    ("sdk", crates::sdk),
    ("versions", crates::versions),
    ("lints", crates::lints),
    ("reasons", crates::reasons),
    ("builds", crates::builds),
    ("at home", crates::at_home),
    ("sizes", files::sizes),
    ("heads", files::heads),
    ("programs", files::programs),
    ("mains", files::mains),
    ("run", files::run),
    ("clock", files::clock),
    ("unfinished", files::unfinished),
    ("names", files::names),
    ("leaks", files::leaks),
    ("proofs", files::proofs),
    ("extractors", files::extractors),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn repository() -> Vec<File> {
    let mut files = Vec::new();
    walk(&root(), "", &mut files);
    files
}

/// What is built, installed or kept by a run is none of the repository.
fn walk(folder: &Path, at: &str, files: &mut Vec<File>) {
    let skipped = ["target", "node_modules", "__pycache__"];
    let entries = fs::read_dir(folder).expect("the repository can be read");
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_hidden = name.starts_with('.') && ![".cargo", ".ci", ".gitignore"].contains(&name.as_str());
        if is_hidden || skipped.contains(&name.as_str()) {
            continue;
        }
        let path = if at.is_empty() { name } else { format!("{at}/{name}") };
        if entry.path().is_dir() {
            walk(&entry.path(), &path, files);
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            let is_executable = entry.metadata().is_ok_and(|about| about.permissions().mode() & 0o111 != 0);
            files.push(File { path, text, is_executable });
        }
    }
}

#[test]
fn the_house_is_tidy() {
    let files = repository();
    assert!(files.len() > 100, "the repository is there");
    for program in PROGRAMS {
        let found = files.iter().find(|file| file.path == program);
        assert!(found.is_some_and(|file| file.is_executable), "{program} is there and can be run");
    }
    for (what, rule) in RULES {
        assert_eq!(rule(&files), Vec::<String>::new(), "{what}");
    }
}

#[test]
fn every_rule_bites() {
    let long = "//! x\n".to_owned() + &"x\n".repeat(400);
    let head = "[package]\nname = \"x\"\n[lints]\nworkspace = true\n[dependencies]\n";
    let with = |line: &str| format!("{head}{line}\n");
    let dev = |line: &str| format!("{head}[dev-dependencies]\n{line}\n");
    let build = |line: &str| format!("{head}[build-dependencies]\n{line}\n");
    let broken = [
        ("manifests", "shared/domain/Cargo.toml", "[package\n".to_owned()),
        ("manifests", "Cargo.toml", "[workspace]\n[workspace]\n".to_owned()),
        ("edges", "shared/domain/Cargo.toml", dev("store.workspace = true")),
        ("edges", "functions/api/Cargo.toml", dev("aws.workspace = true")),
        ("edges", "tests/Cargo.toml", dev("runtime.workspace = true")),
        ("edges", "shared/domain/Cargo.toml", build("flows.workspace = true")),
        ("sdk", "tests/Cargo.toml", dev("aws-sdk-sqs.workspace = true")),
        ("sdk", "shared/domain/Cargo.toml", dev("tokio.workspace = true")),
        ("sdk", "shared/shopify/Cargo.toml", with("reqwest.workspace = true")),
        ("programs", "run", "#!/usr/bin/env bash\n".to_owned()),
        ("edges", "shared/domain/Cargo.toml", with("store.workspace = true")),
        ("edges", "shared/store/Cargo.toml", with("tokio.workspace = true\nflows.workspace = true")),
        ("edges", "functions/api/Cargo.toml", with("runtime.workspace = true")),
        ("sdk", "shared/flows/Cargo.toml", with("aws-sdk-sqs.workspace = true")),
        ("sdk", "shared/domain/Cargo.toml", with("tokio.workspace = true")),
        ("versions", "shared/flows/Cargo.toml", with("serde = \"1\"")),
        ("lints", "shared/flows/Cargo.toml", "[package]\nname = \"x\"\n".to_owned()),
        ("reasons", "Cargo.toml", "[workspace.dependencies]\nleftpad = \"1\"\n".to_owned()),
        ("builds", "Cargo.toml", "[workspace.metadata.lambda.build]\npackages = [\"gone\"]\n".to_owned()),
        ("at home", "functions/sync/Cargo.toml", head.to_owned()),
        ("sizes", "shared/flows/src/x.rs", long),
        ("heads", "shared/flows/src/x.rs", "fn x() {}\n".to_owned()),
        ("mains", "functions/api/src/main.rs", "//! x\n".repeat(15)),
        ("run", "shared/store/tests/isolation.rs", "//! x\n".to_owned()),
        ("run", "shared/store/tests/notes/main.rs", "//! x\n".to_owned()),
        ("clock", "shared/flows/src/x.rs", "//! x\nTimestamp::now()".to_owned()),
        ("clock", "shared/flows/src/x.rs", "//! x\nstd::env::var(\"X\")".to_owned()),
        ("unfinished", "shared/flows/src/x.rs", ["//! x\n", "to", "do!()"].concat()),
        ("unfinished", "tests/it/x.rs", ["//! x\n#[ig", "nore]"].concat()),
        ("unfinished", "tests/it/x.rs", ["//! x\ntokio::time::sl", "eep(d)"].concat()),
        ("names", "shared/flows/src/utils.rs", "//! x\n".to_owned()),
        ("names", "shared/flows/src/x.rs", "//! x\nstruct TenantManager;".to_owned()),
        ("leaks", "README.md", ["see /wo", "rk/shared"].concat()),
        ("leaks", "README.md", ["AK", "IAIOSFODNN7EXAMPLE"].concat()),
        ("leaks", "shared/x.json", ["https://cra", "tes.io/x"].concat()),
        ("extractors", "functions/api/src/x.rs", "//! x\nfn x(Path(id): Path<String>)".to_owned()),
        ("proofs", "functions/api/src/x.rs", ["//! x\nstore.for_", "task(t)"].concat()),
    ];
    for (what, path, text) in broken {
        let (_, rule) = RULES.iter().find(|(known, _)| *known == what).expect("a rule of that name");
        let file = File { path: path.to_owned(), text, is_executable: false };
        assert!(!rule(&[file]).is_empty(), "{what} does not see what is wrong with {path}");
    }
}
