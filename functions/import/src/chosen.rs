//! Who, or what, is in a file: written down once, in lines of one length, so that any part of it can be read by itself.

use domain::{CustomerId, job::Kind};
use flows::{Files, FlowError, files::FileName, taking::SalePlace};

use crate::parts::Parts;

/// An id, in 31 letters with blanks behind it, and the end of the line.
const CUSTOMER_BYTES: usize = 32;
/// An id, a second and a number.
const ORDER_BYTES: usize = 64;

pub(crate) fn bytes_of(kind: Kind) -> usize {
    match kind {
        Kind::Customers => CUSTOMER_BYTES,
        Kind::Orders => ORDER_BYTES,
    }
}

pub(crate) fn customer_line(id: CustomerId) -> String {
    format!("{:<31}\n", id.to_string())
}

pub(crate) fn order_line((customer, second, number): SalePlace) -> String {
    format!("{:<31} {second:>20} {number:>10}\n", customer.to_string())
}

pub(crate) fn customers(lines: &str) -> Result<Vec<CustomerId>, FlowError> {
    lines.lines().map(|line| line.trim().parse().map_err(FlowError::broken)).collect()
}

pub(crate) fn orders(lines: &str) -> Result<Vec<SalePlace>, FlowError> {
    let read = |line: &str| {
        let mut words = line.split_whitespace();
        Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?, words.next()?.parse().ok()?))
    };
    lines.lines().map(|line| read(line).ok_or_else(|| FlowError::broken("a line that is no order"))).collect()
}

/// In place of what an earlier try has written. Says how many lines there are.
pub(crate) async fn keep(
    files: &dyn Files,
    name: FileName,
    lines: impl Iterator<Item = String>,
) -> Result<u64, FlowError> {
    let (mut parts, mut count) = (Parts::begun(files, name).await?, 0);
    for line in lines {
        parts.add(line.into_bytes()).await?;
        count += 1;
    }
    parts.finish().await?;
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_one_length_and_say_what_was_written() {
        let longest: CustomerId = "01M3250V000000000000000001".parse().unwrap();
        let ids = [longest, CustomerId::Shopify(u64::MAX), CustomerId::Shopify(1)];
        let lines: Vec<_> = ids.iter().map(|id| customer_line(*id)).collect();
        assert!(lines.iter().all(|line| line.len() == CUSTOMER_BYTES), "{lines:?}");
        assert_eq!(customers(&lines.concat()).unwrap(), ids);
        let places = [(ids[1], i64::MIN, u32::MAX), (ids[0], 1_790_000_000, 1)];
        let lines: Vec<_> = places.iter().map(|place| order_line(*place)).collect();
        assert!(lines.iter().all(|line| line.len() == ORDER_BYTES), "{lines:?}");
        assert_eq!(orders(&lines.concat()).unwrap(), places);
        assert!(orders("s1 2\n").is_err() && customers("x\n").is_err());
    }
}
