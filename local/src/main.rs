//! What `./run` starts: the product on one port, its data in one folder.

use local::{
    serve::{Options, WISH, serve},
    shopify::CUSTOMERS_MAX as SHOPIFY_MAX,
};
use mimalloc::MiMalloc;
use std::process::ExitCode;

/// The system's own keeps what each thread gave back apart, for each thread: an import grew by that.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const HELP: &str =
    "usage: ./run [--port PORT] [--data FOLDER] [--fresh] [--demo | --customers N | --empty] [--shopify N] [--seed N]
  --port PORT     where to listen on 127.0.0.1 (8787); 0 takes a free one
  --data FOLDER   where everything is kept (.regulars)
  --sendgrid URL  what stands for SendGrid, such as http://127.0.0.1:9000; the real one is not asked from here
  --twilio URL    what stands for Twilio
  --fresh         begin anew: what the folder holds is deleted first
at the first start, and after --fresh:
  --demo          a demo shop of 2000 customers with three years of orders; this is the default
  --customers N   a demo shop of N customers, up to 1000000
  --empty         no demo shop, its people only
  --shopify N     customers of the shop that stands for one at Shopify (2000), up to 150000
  --seed N        another demo shop (1): the same seed makes the same one";

const CUSTOMERS_MAX: u32 = 1_000_000;

fn main() -> ExitCode {
    let options = match options(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(wrong) => {
            eprintln!("{wrong}\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match serve(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Regulars did not start: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// `None`: help was asked for.
fn options(mut words: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
    let mut options = Options::default();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            "--port" => {
                let port = value()?.parse();
                options.port = port.map_err(|_| "--port needs a number up to 65535".to_owned())?;
            }
            "--data" => options.data = value()?.into(),
            "--sendgrid" => options.providers.sendgrid_url = Some(value()?),
            "--twilio" => options.providers.twilio_url = Some(value()?),
            "--fresh" => options.is_fresh = true,
            "--demo" => options.wish.customers = WISH.customers,
            "--empty" => options.wish.customers = 0,
            "--customers" => {
                let count = value()?.parse().ok().filter(|count| (1..=CUSTOMERS_MAX).contains(count));
                options.wish.customers =
                    count.ok_or_else(|| format!("--customers needs a number from 1 to {CUSTOMERS_MAX}"))?;
            }
            "--shopify" => {
                let count = value()?.parse().ok().filter(|count| (0..=SHOPIFY_MAX).contains(count));
                options.shop_customers =
                    count.ok_or_else(|| format!("--shopify needs a number up to {SHOPIFY_MAX}"))?;
            }
            "--seed" => {
                options.wish.seed = value()?.parse().map_err(|_| "--seed needs a whole number".to_owned())?;
            }
            "--help" | "-h" => return Ok(None),
            other => return Err(format!("{other} is not an option")),
        }
    }
    Ok(Some(options))
}
