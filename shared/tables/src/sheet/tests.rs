//! Rows, however the file is cut.

use super::*;
use proptest::prelude::*;

/// Of few bytes, so that a test can be longer.
const SHORT: usize = 40;

fn sheet(head: &Head, place: Option<Place>) -> Sheet {
    let mut sheet = place.map_or_else(|| Sheet::new(head), |place| Sheet::from(head, place));
    sheet.row_bytes_max = SHORT;
    sheet
}

fn whole(file: &[u8]) -> (Head, Vec<SheetRow>) {
    let head = Head::read(file).unwrap();
    let mut sheet = sheet(&head, None);
    let rows = std::iter::from_fn(|| sheet.next_row(&Piece::whole(file))).collect();
    (head, rows)
}

/// As somebody reads who takes so many bytes at a time, and forgets all but the place.
fn in_pieces(file: &[u8], most: usize) -> Vec<SheetRow> {
    let head = Head::read(file).unwrap();
    let (mut rows, mut place, mut length) = (Vec::new(), None, most);
    loop {
        let mut sheet = sheet(&head, place);
        let from = usize::try_from(sheet.place().offset).unwrap();
        let to = file.len().min(from + length);
        let piece = Piece { from: from as u64, bytes: &file[from..to], is_last: to == file.len() };
        rows.extend(std::iter::from_fn(|| sheet.next_row(&piece)));
        if piece.is_last {
            return rows;
        }
        // Where nothing was whole a longer piece is taken: one that is longer than a row always leads on.
        let is_stuck = place == Some(sheet.place());
        assert!(!is_stuck || length <= SHORT, "stuck at {from} with {length} bytes");
        length = if is_stuck { length + 1 } else { most };
        place = Some(sheet.place());
    }
}

#[test]
fn one_table_in_every_form_is_the_same_table() {
    let expected = [vec!["Zoë".to_owned(), "a,b\n\"c\"".to_owned()], vec!["Jo".to_owned(), String::new()]];
    for file in [
        &b"name,note\nZo\xc3\xab,\"a,b\n\"\"c\"\"\"\nJo,\n"[..],
        b"\xef\xbb\xbfname,note\r\nZo\xc3\xab,\"a,b\n\"\"c\"\"\"\r\nJo\r\n",
        b"name;note\nZo\xeb;\"a,b\n\"\"c\"\"\"\n\n;\nJo;",
        b"\"name\"\t\"note\"\n Zo\xc3\xab \t\"a,b\n\"\"c\"\"\"\nJo\t",
    ] {
        let (head, rows) = whole(file);
        assert_eq!(head.columns, ["name", "note"]);
        let cells: Vec<_> = rows.into_iter().map(|row| row.cells).collect();
        assert_eq!(cells, expected, "{}", String::from_utf8_lossy(file));
    }
}

#[test]
fn a_row_knows_its_number_its_place_and_its_width() {
    let file = b"a,b\r\n1,2,3\r\n,\r\n\r\n1,2,,\r\n9\n5,6,,,,,,,,7";
    let (_, rows) = whole(file);
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            let at = usize::try_from(row.at.start).unwrap()..usize::try_from(row.at.end).unwrap();
            (row.number, row.wrong, std::str::from_utf8(&file[at]).unwrap())
        })
        .collect();
    let wide = Some(RowFault::TooWide);
    assert_eq!(told, [(1, wide, "1,2,3"), (3, None, "1,2,,"), (4, None, "9"), (5, wide, "5,6,,,,,,,,7")]);
    let many = format!("a,b\n1,2{}3\n4,5\n", ",".repeat(SHORT - 4));
    assert_eq!(whole(many.as_bytes()).1.len(), 2);
    let (mut wide, head) = (format!("1,2{}", ",".repeat(1_000)), Head::read(b"a,b\n").unwrap());
    let read = |file: &str| {
        let mut sheet = Sheet::from(&head, Place { offset: 0, row: 0, is_in_ruins: false });
        sheet.next_row(&Piece::whole(file.as_bytes())).map(|row| row.wrong)
    };
    assert_eq!(read(&wide), Some(None));
    wide.push('x');
    assert_eq!(read(&wide), Some(Some(RowFault::TooWide)));
}

#[test]
fn a_quote_that_is_never_closed_takes_no_other_row_with_it() {
    let numbers = |file: &str| {
        let rows = whole(file.as_bytes()).1.into_iter();
        rows.map(|row| (row.number, row.cells[0].clone(), row.wrong)).collect::<Vec<_>>()
    };
    let text = |text: &str| text.to_owned();
    assert_eq!(
        numbers("a,b\n1,\"x\n2,y\n3,z"),
        [(1, text(""), Some(RowFault::Endless)), (2, text("2"), None), (3, text("3"), None)]
    );
    let long = format!("a,b\n1,\"x\n{}", "2,y\n".repeat(20));
    let read = numbers(&long);
    assert_eq!(read[0], (1, text(""), Some(RowFault::TooLong)));
    assert_eq!((read.len(), read[20].clone()), (21, (21, text("2"), None)));
    let line = format!("a,b\n1,{}\n2,y\n", "x".repeat(3 * SHORT));
    assert_eq!(numbers(&line), [(1, text(""), Some(RowFault::TooLong)), (2, text("2"), None)]);
    assert_eq!(numbers("a,b\n1,\""), [(1, text(""), Some(RowFault::Endless))]);
    assert_eq!(
        RowFault::TooLong.to_string(),
        "is longer than 512 KB: is there a quote that is opened and not closed?"
    );
}

#[test]
fn a_file_is_the_same_wherever_it_is_cut() {
    let file = format!(
        "\u{feff}name,note\r\nZoë,\"a,b\r\n\"\"c\"\"\"\r\n\r\nJo,\r\n,,\r\n1,2,3\rx,\"y\"z\n{},long\r\n\"{}\"\n'=1,\"\"\"\"\n\
         q,\"never\r\nlast,\"\"\r\nz,\"open\r\n1,\"\"",
        "l".repeat(2 * SHORT),
        "m\r\n".repeat(SHORT)
    );
    let (_, rows) = whole(file.as_bytes());
    assert!(rows.iter().any(|row| row.wrong == Some(RowFault::TooLong)));
    assert!(rows.iter().any(|row| row.wrong == Some(RowFault::Endless)));
    for most in 1..=file.len() {
        assert_eq!(in_pieces(file.as_bytes(), most), rows, "in pieces of {most}");
    }
}

proptest! {
    #[test]
    fn any_file_is_the_same_wherever_it_is_cut(file in "[ab,;\"'=\r\n\t é]{0,120}", most in 1..60_usize) {
        let file = format!("a,b\n{file}");
        prop_assert_eq!(in_pieces(file.as_bytes(), most), whole(file.as_bytes()).1);
    }

    #[test]
    fn what_is_written_is_read(cells in prop::collection::vec(".{0,8}", 2..=2)) {
        let cells: Vec<_> = cells.iter().map(|cell| cell.replace('\0', "").trim().to_owned()).collect();
        let quoted: Vec<_> = cells.iter().map(|cell| format!("\"{}\"", crate::cell::harmless(cell).replace('"', "\"\""))).collect();
        let file = format!("a,b\n{}\n", quoted.join(","));
        let head = Head::read(file.as_bytes()).unwrap();
        let row = Sheet::new(&head).next_row(&Piece::whole(file.as_bytes()));
        match row {
            Some(row) => prop_assert_eq!(row.cells, cells),
            None => prop_assert!(cells.iter().all(String::is_empty)),
        }
    }
}
