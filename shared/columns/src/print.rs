//! A number by which bytes are known again.

/// FNV-1a: the same on every machine, for good, so it can be kept.
#[derive(Clone, Copy, Debug)]
pub struct Print(u64);

impl Default for Print {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Print {
    pub fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    pub fn number(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_as_everywhere() {
        let mut print = Print::default();
        assert_eq!(print.number(), 0xcbf2_9ce4_8422_2325);
        print.add(b"foo");
        print.add(b"bar");
        assert_eq!(print.number(), 0x8594_4171_f739_67e8);
    }
}
