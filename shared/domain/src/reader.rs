//! Who it is that looks at a mail or follows a link, by what their program says of itself.
//!
//! Guards follow links before anybody sees them, and mail programs fetch pictures for people who may never look. Nothing is
//! guessed: of a program that fetches for a person as they read, without saying for whom, it is not known.

use crate::receipt::Reader;

/// Programs that fetch for a person, in whose name nobody can tell whether they look.
const PROXIES: [&str; 3] = ["googleimageproxy", "ggpht.com", "yahoomailproxy"];

/// Guards of mailboxes, previews of chats, crawlers, and what fetches from scripts. In small letters; part of what is said.
const MACHINES: [&str; 41] = [
    "bot",
    "crawl",
    "spider",
    "scan",
    "slurp",
    "preview",
    "prefetch",
    "headless",
    "phantomjs",
    "puppeteer",
    "playwright",
    "selenium",
    "barracuda",
    "mimecast",
    "proofpoint",
    "symantec",
    "messagelabs",
    "trendmicro",
    "fortinet",
    "forcepoint",
    "sophos",
    "cloudmark",
    "safelinks",
    "office 365 connectivity",
    "microsoft office existence",
    "facebookexternalhit",
    "whatsapp",
    "skypeuripreview",
    "curl/",
    "wget/",
    "python",
    "java/",
    "okhttp",
    "go-http-client",
    "libwww",
    "axios",
    "node-fetch",
    "aiohttp",
    "httpclient",
    "ruby",
    "postman",
];

/// All that Apple says who fetches pictures as mail arrives, whether or not anybody reads it.
const BARE: [&str; 2] = ["mozilla/5.0", "mozilla/4.0"];

impl Reader {
    /// `agent` is what it calls itself, `purpose` what it says that it asks for: `Purpose`, `Sec-Purpose`, `X-Moz`.
    pub fn of(agent: Option<&str>, purpose: Option<&str>) -> Self {
        let early = ["prefetch", "prerender", "preview"];
        let purpose = purpose.unwrap_or_default().to_ascii_lowercase();
        if early.iter().any(|word| purpose.contains(word)) {
            return Self::Machine;
        }
        // Telephones of that name belong to people.
        let agent = agent.unwrap_or_default().trim().to_ascii_lowercase().replace("cubot", "");
        let says = |words: &[&str]| words.iter().any(|word| agent.contains(word));
        if says(&PROXIES) {
            Self::Unknown
        } else if agent.is_empty() || BARE.contains(&agent.as_str()) || says(&MACHINES) {
            Self::Machine
        } else if agent.starts_with("mozilla/") || says(&["outlook", "thunderbird", "applemail", "opera/"]) {
            Self::Person
        } else {
            Self::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Reader::{Machine, Person, Unknown};

    #[test]
    fn a_reader_is_known_by_what_their_program_says() {
        let check =
            |agent: &str, expected: Reader| assert_eq!(Reader::of(Some(agent), None), expected, "{agent}");
        for agent in [
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.1.0",
            "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17928; Pro)",
        ] {
            check(agent, Person);
        }
        for agent in [
            "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
            "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
            "SomeMailer/3.1",
        ] {
            check(agent, Unknown);
        }
        for agent in [
            "",
            "Mozilla/5.0",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 HeadlessChrome/120.0 Safari/537.36",
            "BarracudaCentral/1.0",
            "WhatsApp/2.23.20.0",
            "python-requests/2.32.3",
            "curl/8.5.0",
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        ] {
            check(agent, Machine);
        }
        assert_eq!(Reader::of(None, None), Machine, "people's programs say what they are");
    }

    #[test]
    fn what_is_fetched_before_anybody_asks_is_read_by_nobody() {
        let browser =
            Some("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36");
        for purpose in ["prefetch", "prefetch;prerender", "Preview"] {
            assert_eq!(Reader::of(browser, Some(purpose)), Machine, "{purpose}");
        }
        assert_eq!(Reader::of(browser, Some("")), Person);
    }
}
