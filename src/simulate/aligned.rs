//! Arrays that begin on a cache line, so that no vector load straddles two.

/// Numbers of a cache line.
const LINE: usize = 8;

/// An array of numbers that begins on a cache line.
#[derive(Debug, Default)]
pub struct Aligned {
    values: Vec<f64>,
    start: usize,
    length: usize,
}

impl Aligned {
    /// So many zeros.
    pub fn zeros(length: usize) -> Aligned {
        let values = vec![0.0; length + LINE - 1];
        let start = values.as_ptr().align_offset(LINE * size_of::<f64>()).min(LINE - 1);
        Aligned { values, start, length }
    }
}

impl FromIterator<f64> for Aligned {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Aligned {
        let values: Vec<f64> = values.into_iter().collect();
        let mut aligned = Aligned::zeros(values.len());
        aligned.copy_from_slice(&values);
        aligned
    }
}

impl std::ops::Deref for Aligned {
    type Target = [f64];
    fn deref(&self) -> &[f64] {
        &self.values[self.start..self.start + self.length]
    }
}

impl std::ops::DerefMut for Aligned {
    fn deref_mut(&mut self) -> &mut [f64] {
        &mut self.values[self.start..self.start + self.length]
    }
}
