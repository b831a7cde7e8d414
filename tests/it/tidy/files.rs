//! Rules about files: their size, their head, their words.

use super::File;

const LINES_MAX: usize = 400;
const MAIN_LINES_MAX: usize = 15;

/// The only places that may ask the machine what time it is or how it is set up.
const CLOCKS: [&str; 1] = ["shared/flows/src/clock.rs"];
const SETTINGS: [&str; 1] = ["shared/runtime/src/env.rs"];
/// Emulators are found through one variable, which their script sets; a real queue has no clock of ours.
const EMULATED: &str = "shared/aws/tests/";

/// Names that say nothing.
const EMPTY_NAMES: [&str; 8] = ["utils", "util", "helpers", "helper", "common", "misc", "manager", "shared"];
const EMPTY_TYPES: [&str; 4] = ["Manager", "Helper", "Util", "Impl"];

fn rust(files: &[File]) -> impl Iterator<Item = &File> {
    // The rules quote what they forbid.
    let is_rust =
        |file: &&File| file.path.strip_suffix(".rs").is_some() && !file.path.starts_with("tests/it/tidy");
    files.iter().filter(is_rust)
}

fn with(file: &File, words: &[&str], what: &str) -> Option<String> {
    let found = words.iter().find(|word| file.text.contains(*word))?;
    Some(format!("{}: {found} {what}", file.path))
}

pub(super) fn sizes(files: &[File]) -> Vec<String> {
    let long =
        rust(files).map(|file| (file, file.text.lines().count())).filter(|(_, lines)| *lines > LINES_MAX);
    long.map(|(file, lines)| format!("{} has {lines} lines", file.path)).collect()
}

pub(super) fn heads(files: &[File]) -> Vec<String> {
    let bare = rust(files).filter(|file| !file.text.starts_with("//!"));
    bare.map(|file| format!("{} does not say what it minds", file.path)).collect()
}

/// What says by whom it is to be run can be run.
pub(super) fn programs(files: &[File]) -> Vec<String> {
    let stuck = files.iter().filter(|file| file.text.starts_with("#!/") && !file.is_executable);
    stuck.map(|file| format!("{} cannot be run: chmod +x", file.path)).collect()
}

pub(super) fn mains(files: &[File]) -> Vec<String> {
    let mains =
        rust(files).filter(|file| file.path.starts_with("functions/") && file.path.ends_with("/src/main.rs"));
    let long = mains.filter(|file| file.text.lines().count() >= MAIN_LINES_MAX);
    long.map(|file| format!("{} does more than hang the function on Lambda", file.path)).collect()
}

/// `./test` runs `it` and `never` by themselves, and whatever else begins as they do not at all.
pub(super) fn run(files: &[File]) -> Vec<String> {
    let left_out = rust(files).filter(|file| {
        let (folder, name) = file.path.split_once("/tests/").unwrap_or_default();
        let name = name.strip_suffix("/main.rs").or(name.strip_suffix(".rs")).unwrap_or_default();
        let is_program = !name.contains('/') && !folder.contains("/src");
        is_program && name.starts_with(['i', 'n']) && !["it", "never"].contains(&name)
    });
    left_out.map(|file| format!("{} is run by nobody: let its name begin otherwise", file.path)).collect()
}

pub(super) fn clock(files: &[File]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in
        rust(files).filter(|file| !file.path.starts_with(EMULATED) && !file.path.starts_with("benches/"))
    {
        let path = file.path.as_str();
        if !CLOCKS.contains(&path) {
            wrong.extend(with(
                file,
                &["Timestamp::now()", "SystemTime::now()", "Instant::now()"],
                "asks for the time",
            ));
        }
        if !SETTINGS.contains(&path) && !path.ends_with("/build.rs") {
            wrong.extend(with(file, &["env::var(", "env::vars(", "env::var_os("], "reads the environment"));
        }
    }
    wrong
}

pub(super) fn unfinished(files: &[File]) -> Vec<String> {
    let unfinished = [["to", "do!("].concat(), "unimplemented!(".to_owned(), ["#[ig", "nore"].concat()];
    let unfinished: Vec<_> = unfinished.iter().map(String::as_str).collect();
    let mut wrong: Vec<_> =
        rust(files).filter_map(|file| with(file, &unfinished, "is not finished")).collect();
    let tests = rust(files).filter(|file| file.path.starts_with("tests/") || file.path.contains("/tests/"));
    let waiting = tests.filter(|file| !file.path.starts_with(EMULATED));
    let waits = ["sl", "eep("].concat();
    wrong.extend(waiting.filter_map(|file| with(file, &[waits.as_str()], "waits for time to pass")));
    wrong
}

pub(super) fn names(files: &[File]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in rust(files) {
        let stem = file.path.rsplit('/').next().and_then(|name| name.strip_suffix(".rs")).unwrap_or_default();
        if EMPTY_NAMES.contains(&stem) {
            wrong.push(format!("{} has a name that says nothing", file.path));
        }
        let types = file.text.lines().filter_map(|line| {
            let words = line.trim_start_matches("pub(crate) ").trim_start_matches("pub ");
            let rest = ["struct ", "enum ", "trait "].iter().find_map(|kind| words.strip_prefix(kind))?;
            rest.split(|letter: char| !letter.is_alphanumeric()).next()
        });
        let empty = types.filter(|name| EMPTY_TYPES.iter().any(|end| name.ends_with(end)));
        wrong.extend(empty.map(|name| format!("{}: {name} is a name that says nothing", file.path)));
    }
    wrong
}

/// Paths of one machine, hosts of package registries, keys of anybody.
pub(super) fn leaks(files: &[File]) -> Vec<String> {
    let words = [
        ["/wo", "rk/"].concat(),
        ["cra", "tes.io"].concat(),
        ["registry.npm", "js.org"].concat(),
        ["py", "pi.org"].concat(),
        ["AK", "IA"].concat(),
        ["BEGIN PRI", "VATE KEY"].concat(),
        ["BEGIN RSA PRI", "VATE KEY"].concat(),
    ];
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let ours =
        files.iter().filter(|file| file.path != "Cargo.lock" && !file.path.starts_with("tests/it/tidy"));
    ours.filter_map(|file| with(file, &words, "may not stand here")).collect()
}

/// What axum refuses by itself is plain text: handlers take what comes through `input.rs`.
pub(super) fn extractors(files: &[File]) -> Vec<String> {
    let raw = ["): Path<", "): Query<", "): Json<", "): Form<"];
    let handlers = rust(files).filter(|file| file.path.starts_with("functions/api/"));
    handlers.filter_map(|file| with(file, &raw, "is refused in another form than ours")).collect()
}

/// A tenant's data are reached by proof: by a task in a queue function, by a caller's scope in the API, by a signed link.
pub(super) fn proofs(files: &[File]) -> Vec<String> {
    let task = ["for_", "task("].concat();
    let scope = ["for_", "scope("].concat();
    let invited = ["for_", "invited("].concat();
    let written = ["for_", "written("].concat();
    // What a task reaches: queue functions and the clock; the proofs of the audience, which are tasks themselves; and who
    // makes the demo shop at home, after its owner has signed in.
    let tasks = [
        "local/src/demo/",
        // Providers, who have signed whose message it is.
        "functions/api/src/receipts/",
        "functions/audience/",
        "functions/import/",
        "functions/ingest/",
        "functions/notify/",
        "functions/campaign/",
        "functions/receipt/",
        "functions/send/",
        "functions/sync/",
        "functions/tick/",
        "shared/flows/tests/",
        // What these functions are proven with.
        "tests/sim/",
        "benches/send/",
    ];
    let may = |path: &str, word: &str| {
        let is_home = path.starts_with("shared/store/") || path.starts_with("local/src/world/");
        is_home
            || (word == task && tasks.iter().any(|folder| path.starts_with(folder)))
            || (word == scope && path == "functions/api/src/once.rs")
            || (word == invited && path == "functions/api/src/invitations.rs")
            || (word == written && path == "functions/track/src/addressee.rs")
    };
    let mut wrong = Vec::new();
    for file in rust(files) {
        for word in [&task, &scope, &invited, &written] {
            if file.text.contains(word.as_str()) && !may(&file.path, word) {
                wrong.push(format!("{}: {word} is a proof that this file cannot have", file.path));
            }
        }
    }
    wrong
}
