//! Halo catalogues of a friends-of-friends finder in binary groups, as Gadget writes them and the Quijote simulations ship
//! them (`group_tab_004.0`, …), read as `readfof` of Pylians does. Little-endian:
//!
//! | bytes | what |
//! |---|---|
//! | 24 | groups here `i32`, in all `i32`, particles here `i32`, in all `u64`, number of files `u32` |
//! | 4 each | number of particles `i32` |
//! | 4 each | offset `i32` |
//! | 4 each | mass `f32`, in 10¹⁰ M☉/h |
//! | 12 each | position 3 `f32`, in kpc/h |
//! | 12 each | velocity 3 `f32`, in km/s |
//! | 24 each | particles by type 6 `i32` |
//! | 24 each | mass by type 6 `f32` |

use super::{Rows, TableError, Whole};

const HEAD: usize = 24;
/// Bytes of a group, and with the rate of star formation that some files have.
const GROUP: [usize; 2] = [84, 88];
/// Columns with their offset in bytes of a group, each array after the other; the first is whole numbers.
const COLUMNS: [(&str, usize, usize, usize); 8] = [
    ("particles", 0, 4, 0),
    ("mass", 8, 4, 0),
    ("x", 12, 12, 0),
    ("y", 12, 12, 4),
    ("z", 12, 12, 8),
    ("vx", 24, 12, 0),
    ("vy", 24, 12, 4),
    ("vz", 24, 12, 8),
];

/// The groups of a file.
pub fn rows(bytes: Vec<u8>) -> Result<Box<dyn Rows>, TableError> {
    let unsound = |why: String| TableError::Unsound { kind: "catalogue of groups", why };
    let word = |at: usize| bytes.get(at..at + 4).map(|b| <[u8; 4]>::try_from(b).expect("four bytes"));
    let Some(count) = word(0).filter(|_| bytes.len() >= HEAD).map(i32::from_le_bytes) else {
        return Err(unsound(format!("it has {} bytes, fewer than its head", bytes.len())));
    };
    let count = usize::try_from(count).map_err(|_| unsound(format!("it claims {count} groups")))?;
    let body = bytes.len() - HEAD;
    if !GROUP.iter().any(|size| count.checked_mul(*size) == Some(body)) {
        return Err(unsound(format!(
            "{count} groups take {} bytes, but {body} follow its head",
            count.saturating_mul(GROUP[0])
        )));
    }
    let columns = COLUMNS.map(|(name, array, stride, offset)| {
        let value = |k: usize| {
            let bytes = word(HEAD + count * array + k * stride + offset).expect("the length was checked");
            if name == "particles" {
                f64::from(i32::from_le_bytes(bytes))
            } else {
                f64::from(f32::from_le_bytes(bytes))
            }
        };
        (0..count).map(value).collect::<Vec<f64>>()
    });
    Whole::rows(COLUMNS.map(|column| column.0.to_owned()).to_vec(), columns.to_vec())
}
