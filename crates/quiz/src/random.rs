//! Pseudo-random numbers from a seed: the same on every machine and in every
//! version, because stored seeds must give what they gave.
//!
//! SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
//! generators", 2014). Not for secrets.

/// A sequence of pseudo-random numbers.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

impl Random {
    /// The sequence of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The sequence of a seed for a named purpose, so that one question's
    /// values do not depend on what stands before it.
    #[must_use]
    pub fn for_purpose(seed: u64, purpose: &str) -> Self {
        // FNV-1a, 64 bits.
        let hash = purpose
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
            });
        let mut random = Self::new(seed ^ hash);
        random.state = random.next_number();
        random
    }

    /// The next number.
    pub fn next_number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, each as likely; 0 when `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        // Numbers of the incomplete last round are thrown away, or the small ones would come more often.
        let rounds_end = u64::MAX - u64::MAX % bound;
        loop {
            let number = self.next_number();
            if number < rounds_end {
                return number % bound;
            }
        }
    }

    /// An index into a list of `length`.
    pub fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// Puts a list into a random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let other = self.index(last + 1);
            list.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of the reference implementation for seed 1234567 (prng.di.unimi.it/splitmix64.c).
    #[test]
    fn the_sequence_is_that_of_the_reference() {
        let mut random = Random::new(1_234_567);
        assert_eq!(random.next_number(), 6_457_827_717_110_365_317);
        assert_eq!(random.next_number(), 3_203_168_211_198_807_973);
        assert_eq!(random.next_number(), 9_817_491_932_198_370_423);
    }

    #[test]
    fn stored_seeds_keep_their_meaning() {
        let mut list: Vec<u32> = (0..8).collect();
        Random::for_purpose(42, "loops-1").shuffle(&mut list);
        let again = list.clone();
        list.sort_unstable();
        assert_eq!(list, (0..8).collect::<Vec<u32>>());
        let mut other: Vec<u32> = (0..8).collect();
        Random::for_purpose(42, "loops-1").shuffle(&mut other);
        assert_eq!(again, other);
        Random::for_purpose(42, "loops-2").shuffle(&mut other);
        assert_ne!(again, other);
    }

    #[test]
    fn every_index_comes_about_as_often() {
        let mut random = Random::new(7);
        let mut counts = [0_u32; 6];
        for _ in 0..60_000 {
            counts[random.index(6)] += 1;
        }
        assert!(
            counts.iter().all(|count| (9_500..10_500).contains(count)),
            "{counts:?}"
        );
        assert_eq!(random.below(0), 0);
    }
}
