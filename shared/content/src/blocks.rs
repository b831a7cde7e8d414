//! A mail as blocks, one under the other, as they are put together by hand: kept as JSON, shown as MJML.
//!
//! The same blocks are always the same MJML. Texts are texts: what looks like markup in them is shown, and what stands in braces is
//! filled in.

use serde::{Deserialize, Serialize};

use crate::{
    escape,
    fault::{Faults, PartFault},
    lex::{self, Piece},
    mjml,
    name::Name,
    tree::{Pattern, Shape},
};

/// A mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blocks {
    #[serde(default, skip_serializing_if = "Look::is_usual")]
    pub look: Look,
    pub blocks: Vec<Block>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Block {
    Heading {
        text: String,
        #[serde(default)]
        align: Align,
    },
    /// An empty line begins a new paragraph.
    Text {
        text: String,
        #[serde(default)]
        align: Align,
    },
    Image {
        src: String,
        /// What is read where pictures are not shown.
        alt: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        href: Option<String>,
    },
    Button {
        text: String,
        href: String,
        #[serde(default)]
        align: Align,
    },
    /// Beside each other; under each other on a telephone.
    Columns {
        columns: Vec<Vec<Block>>,
    },
    Product {
        title: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        price: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        image: Option<String>,
        href: String,
    },
    Divider,
    /// The end: with a link to leave, unless the text has one.
    Footer {
        text: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    Left,
    #[default]
    Center,
    Right,
}

/// Colours as `#rrggbb`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Look {
    pub background: String,
    pub paper: String,
    pub ink: String,
    pub accent: String,
}

pub const BLOCKS_MAX: usize = 200;
/// Beyond, each is too narrow to read.
pub const COLUMNS_MAX: usize = 4;
/// Where a link may lead.
const SCHEMES: [&str; 4] = ["https://", "http://", "mailto:", "tel:"];

impl Default for Look {
    fn default() -> Self {
        let colour = str::to_owned;
        Self {
            background: colour("#f4f4f4"),
            paper: colour("#ffffff"),
            ink: colour("#222222"),
            accent: colour("#1a5fb4"),
        }
    }
}

impl Look {
    fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

impl Align {
    fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Center => "center",
            Self::Right => "right",
        }
    }
}

impl Blocks {
    /// A template of HTML, and all that is wrong, at once.
    pub fn html(&self) -> Result<String, Vec<PartFault>> {
        let mjml = self.mjml()?;
        mjml::html_of(&mjml).map_err(|faults| {
            faults
                .into_iter()
                .map(|fault| PartFault { at: "/blocks".to_owned(), sentence: fault.sentence })
                .collect()
        })
    }

    pub fn mjml(&self) -> Result<String, Vec<PartFault>> {
        let mut writer = Writer { look: &self.look, told: String::new(), faults: Vec::new(), count: 0 };
        writer.mail(self);
        if writer.faults.is_empty() { Ok(writer.told) } else { Err(writer.faults) }
    }
}

struct Writer<'a> {
    look: &'a Look,
    told: String,
    faults: Vec<PartFault>,
    count: usize,
}

impl Writer<'_> {
    fn mail(&mut self, mail: &Blocks) {
        let look = self.look;
        for (name, colour) in [
            ("background", &look.background),
            ("paper", &look.paper),
            ("ink", &look.ink),
            ("accent", &look.accent),
        ] {
            let is_colour = colour
                .strip_prefix('#')
                .is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
            if !is_colour {
                self.wrong(&format!("/look/{name}"), "a colour is expected: `#1a5fb4`");
            }
        }
        if mail.blocks.is_empty() {
            self.wrong("/blocks", "a mail has at least one block");
        }
        self.put("<mjml><mj-head><mj-attributes>");
        self.put(&format!("<mj-all font-family=\"Helvetica, Arial, sans-serif\" color=\"{}\" />", look.ink));
        self.put("<mj-text font-size=\"16px\" line-height=\"1.5\" /></mj-attributes></mj-head>");
        self.put(&format!("<mj-body background-color=\"{}\">", look.background));
        for (place, block) in mail.blocks.iter().enumerate() {
            let at = format!("/blocks/{place}");
            self.put(&format!("<mj-section background-color=\"{}\" padding=\"8px 0\">", look.paper));
            match block {
                Block::Columns { columns } => self.columns(&at, columns),
                block => {
                    self.put("<mj-column>");
                    self.block(&at, block);
                    self.put("</mj-column>");
                }
            }
            self.put("</mj-section>");
        }
        self.put("</mj-body></mjml>");
    }

    fn columns(&mut self, at: &str, columns: &[Vec<Block>]) {
        if columns.is_empty() || columns.len() > COLUMNS_MAX {
            self.wrong(
                &format!("{at}/columns"),
                &format!("1 to {COLUMNS_MAX} columns stand beside each other"),
            );
        }
        for (column, blocks) in columns.iter().enumerate() {
            self.put("<mj-column>");
            for (place, block) in blocks.iter().enumerate() {
                let at = format!("{at}/columns/{column}/{place}");
                if matches!(block, Block::Columns { .. }) {
                    self.wrong(&at, "there are no columns within columns");
                } else {
                    self.block(&at, block);
                }
            }
            self.put("</mj-column>");
        }
    }

    fn block(&mut self, at: &str, block: &Block) {
        self.count += 1;
        if self.count == BLOCKS_MAX + 1 {
            self.wrong(at, &format!("a mail has {BLOCKS_MAX} blocks at most"));
        }
        if self.count > BLOCKS_MAX {
            return;
        }
        let accent = self.look.accent.clone();
        let shown = match block {
            Block::Heading { text, align } => format!(
                "<mj-text align=\"{}\" font-size=\"26px\" font-weight=\"700\"><h1 style=\"margin:0;font-size:26px\">{}</h1></mj-text>",
                align.name(),
                self.words(at, text)
            ),
            Block::Text { text, align } => {
                format!("<mj-text align=\"{}\">{}</mj-text>", align.name(), self.words(at, text))
            }
            Block::Image { src, alt, href } => {
                let href =
                    href.as_ref().map(|href| format!(" href=\"{}\"", self.link(&format!("{at}/href"), href)));
                let (src, alt) = (self.link(&format!("{at}/src"), src), self.text(&format!("{at}/alt"), alt));
                format!("<mj-image src=\"{src}\" alt=\"{alt}\"{} />", href.unwrap_or_default())
            }
            Block::Button { text, href, align } => format!(
                "<mj-button align=\"{}\" background-color=\"{accent}\" color=\"#ffffff\" href=\"{}\">{}</mj-button>",
                align.name(),
                self.link(&format!("{at}/href"), href),
                self.words(at, text)
            ),
            Block::Product { title, price, image, href } => {
                let href = self.link(&format!("{at}/href"), href);
                let title = self.words_at(&format!("{at}/title"), title);
                let price = price.as_ref().map(|price| self.text(&format!("{at}/price"), price));
                let image = image.as_ref().map(|image| self.link(&format!("{at}/image"), image));
                let image = image
                    .map(|image| format!("<mj-image src=\"{image}\" alt=\"{title}\" href=\"{href}\" />"));
                let price = price.map(|price| format!("<br />{price}"));
                format!(
                    "{}<mj-text align=\"center\"><a href=\"{href}\" style=\"color:{accent}\">{title}</a>{}</mj-text>",
                    image.unwrap_or_default(),
                    price.unwrap_or_default()
                )
            }
            Block::Divider => "<mj-divider border-width=\"1px\" border-color=\"#dddddd\" />".to_owned(),
            Block::Footer { text } => {
                let words = self.text(&format!("{at}/text"), text);
                // Who wants to leave must be able to.
                let leave = "<br /><a href=\"{{ unsubscribe_url }}\">Unsubscribe</a>";
                let names =
                    Pattern::read(text, Shape::Html).map(|read| read.names().clone()).unwrap_or_default();
                let leave = if names.contains(&Name::UnsubscribeUrl) { "" } else { leave };
                format!(
                    "<mj-text align=\"center\" font-size=\"12px\" color=\"#777777\">{words}{leave}</mj-text>"
                )
            }
            // Their place is checked where they stand.
            Block::Columns { .. } => String::new(),
        };
        self.put(&shown);
    }

    /// Of a block that is nothing without.
    fn words(&mut self, at: &str, text: &str) -> String {
        self.words_at(&format!("{at}/text"), text)
    }

    fn words_at(&mut self, at: &str, text: &str) -> String {
        if text.trim().is_empty() {
            self.wrong(at, "there is no text");
        }
        self.text(at, text)
    }

    /// A text as it is read, with what is in braces as it was.
    fn text(&mut self, at: &str, text: &str) -> String {
        if let Err(faults) = Pattern::read(text, Shape::Html) {
            self.faults.extend(
                faults.iter().map(|fault| PartFault { at: at.to_owned(), sentence: fault.to_string() }),
            );
            return String::new();
        }
        let (mut told, mut from) = (String::with_capacity(text.len()), 0);
        for piece in lex::pieces(text, &mut Faults::default()) {
            let Piece::Plain(range) = piece else { continue };
            told.push_str(&text[from..range.start]);
            from = range.end;
            let mut plain = String::new();
            escape::push(&text[range], Shape::Html, &mut plain);
            told.push_str(&plain.replace("\r\n", "\n").replace('\n', "<br />"));
        }
        told.push_str(&text[from..]);
        told
    }

    fn link(&mut self, at: &str, href: &str) -> String {
        let is_link = SCHEMES.iter().any(|scheme| href.starts_with(scheme)) || href.starts_with("{{");
        if !is_link || href.contains(char::is_control) {
            self.wrong(at, "a link is expected, as in `https://nordlicht.example/sale` or `{{ shop.url }}`");
            return String::new();
        }
        self.text(at, href)
    }

    fn put(&mut self, told: &str) {
        self.told.push_str(told);
    }

    fn wrong(&mut self, at: &str, sentence: &str) {
        self.faults.push(PartFault { at: at.to_owned(), sentence: sentence.to_owned() });
    }
}
