//! The one matrix layout of the fused kernels. Columns come in panels of 16 and each panel is stored row by row, so
//! that a row of a panel is one cache line: `[panel][row][16]`. All three products of a dense layer (output, input
//! gradient, weight gradient) read and write it in place, without packing. Columns beyond the last are zero in weights and
//! never read in activations.

/// Columns of a panel: one cache line of f32, two AVX2 registers, one AVX-512 register.
pub const WIDTH: usize = 16;

/// Sixteen columns of one row.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C, align(64))]
pub struct Lane(pub [f32; WIDTH]);

/// Panels needed for this many columns.
pub const fn panels(columns: usize) -> usize {
    columns.div_ceil(WIDTH)
}

/// A matrix in panels whose row count may vary below a capacity that only grows.
#[derive(Clone, Debug, Default)]
pub struct Panels {
    rows: usize,
    columns: usize,
    /// Lanes from one panel to the next: odd, so that equal rows of different panels fall into different cache sets.
    stride: usize,
    lanes: Vec<Lane>,
}

impl Panels {
    /// Sets the shape; values are undefined afterwards. Allocates only when the shape grows.
    pub fn reshape(&mut self, rows: usize, columns: usize) {
        (self.rows, self.columns, self.stride) = (rows, columns, rows | 1);
        let needed = self.stride * panels(columns);
        if self.lanes.len() < needed {
            self.lanes.resize(needed, Lane::default());
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Lanes from one panel to the next.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// All lanes.
    pub fn lanes(&self) -> &[Lane] {
        &self.lanes[..self.stride * panels(self.columns)]
    }

    /// All lanes.
    pub fn lanes_mut(&mut self) -> &mut [Lane] {
        let used = self.stride * panels(self.columns);
        &mut self.lanes[..used]
    }

    /// The rows of one panel.
    pub fn panel(&self, panel: usize) -> &[Lane] {
        &self.lanes[panel * self.stride..][..self.rows]
    }

    /// The rows of one panel.
    pub fn panel_mut(&mut self, panel: usize) -> &mut [Lane] {
        &mut self.lanes[panel * self.stride..][..self.rows]
    }

    /// Sets every value, padding included.
    pub fn fill(&mut self, value: f32) {
        self.lanes_mut().fill(Lane([value; WIDTH]));
    }

    /// Zeroes the columns beyond the last.
    pub fn clear_padding(&mut self) {
        let used = self.columns % WIDTH;
        if used > 0 {
            let last = panels(self.columns) - 1;
            self.panel_mut(last).iter_mut().for_each(|lane| lane.0[used..].fill(0.0));
        }
    }

    /// One value.
    pub fn at(&self, row: usize, column: usize) -> f32 {
        self.panel(column / WIDTH)[row].0[column % WIDTH]
    }

    /// One value.
    pub fn at_mut(&mut self, row: usize, column: usize) -> &mut f32 {
        &mut self.panel_mut(column / WIDTH)[row].0[column % WIDTH]
    }

    /// Copies the first columns of a row.
    pub fn read_row(&self, row: usize, out: &mut [f32]) {
        for (panel, out) in out.chunks_mut(WIDTH).enumerate() {
            out.copy_from_slice(&self.panel(panel)[row].0[..out.len()]);
        }
    }

    /// Sets the first columns of a row.
    pub fn write_row(&mut self, row: usize, values: &[f32]) {
        for (panel, values) in values.chunks(WIDTH).enumerate() {
            self.panel_mut(panel)[row].0[..values.len()].copy_from_slice(values);
        }
    }

    /// Takes the shape and values of a matrix of plain rows.
    pub fn assign_rows(&mut self, rows: usize, columns: usize, values: &[f32]) {
        self.reshape(rows, columns);
        for (row, values) in values.chunks(columns.max(1)).enumerate() {
            self.write_row(row, values);
        }
    }
}
