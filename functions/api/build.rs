//! Takes from Swagger UI's archive the two files that the documentation's page needs, compressed as they are sent.
//! The archive whole would make the function's package half as large again.

use std::{
    env,
    error::Error,
    fs,
    io::{Cursor, Read, Write},
    path::Path,
};

const FILES: [&str; 2] = ["swagger-ui-bundle.js", "swagger-ui.css"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    #[expect(
        clippy::disallowed_methods,
        reason = "cargo tells a build script where to write by this variable"
    )]
    let out = env::var("OUT_DIR")?;
    let mut archive = zip::ZipArchive::new(Cursor::new(utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED))?;
    for file in FILES {
        let end = format!("/dist/{file}");
        let names: Vec<_> = archive.file_names().flatten().map(std::borrow::Cow::into_owned).collect();
        let name = names.into_iter().find(|name| name.ends_with(&end) && !name.contains("flavors"));
        let name = name.ok_or_else(|| format!("Swagger UI's archive has no {file}"))?;
        let mut content = Vec::new();
        archive.by_name(&name)?.read_to_end(&mut content)?;
        let target = fs::File::create(Path::new(&out).join(format!("{file}.gz")))?;
        let mut zipped = flate2::write::GzEncoder::new(target, flate2::Compression::best());
        zipped.write_all(&content)?;
        zipped.finish()?;
    }
    Ok(())
}
