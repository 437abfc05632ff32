//! NumPy's arrays: `.npy` files of one array, and `.npz` archives of several (stored or deflated), as `np.save`, `np.savez`
//! and `np.savez_compressed` write them.
//!
//! The first axis counts rows. An array of one axis is a column, of two axes as many as the second is long (`pos_1`,
//! `pos_2`, …); fields of a structured array are columns by name.
//!
//! Limits: numbers of 1 to 8 bytes and truth values; no objects, no more than two axes, no archives beyond 4 GiB.

use super::{Rows, TableError, Whole};
use miniz_oxide::inflate::decompress_slice_iter_to_slice;

/// Times that deflated bytes can stand for more than they are, at most.
const DEFLATED: usize = 1_040;

/// A column to be: name and values.
type Named = (String, Vec<f64>);

/// The columns of one array.
pub fn array(bytes: Vec<u8>) -> Result<Box<dyn Rows>, TableError> {
    let columns = columns_of("x", &bytes).map_err(|why| TableError::Unsound { kind: "NumPy array", why })?;
    let (names, columns) = columns.into_iter().unzip();
    Whole::rows(names, columns)
}

/// The columns of an archive's arrays, which have as many rows as each other.
pub fn archive(bytes: Vec<u8>) -> Result<Box<dyn Rows>, TableError> {
    let unsound = |why: String| TableError::Unsound { kind: "NumPy archive", why };
    let mut all: Vec<Named> = vec![];
    for (name, content) in entries(&bytes).map_err(unsound)? {
        let Some(name) = name.strip_suffix(".npy") else {
            return Err(unsound(format!("it holds `{name}`, which is no array")));
        };
        all.extend(columns_of(name, &content).map_err(|why| unsound(format!("`{name}`: {why}")))?);
    }
    let rows = all.first().map_or(0, |column| column.1.len());
    if let Some((name, values)) = all.iter().find(|column| column.1.len() != rows) {
        return Err(unsound(format!("`{}` has {rows} rows, but `{name}` {}", all[0].0, values.len())));
    }
    let (names, columns) = all.into_iter().unzip();
    Whole::rows(names, columns)
}

/// What an array's head says.
struct Head {
    fields: Vec<Field>,
    fortran: bool,
    shape: Vec<usize>,
}

/// A field of each element: a name, empty for the only one, how it is written, and how often it stands.
struct Field {
    name: String,
    kind: char,
    size: usize,
    big: bool,
    count: usize,
}

/// The columns of the bytes of an array called `name`; the only array of a file is called `x`, its only column `x1`.
fn columns_of(name: &str, bytes: &[u8]) -> Result<Vec<Named>, String> {
    let (head, data) = head(bytes)?;
    let (rows, width) = match head.shape[..] {
        [rows] => (rows, 1),
        [rows, width] => (rows, width),
        _ => return Err(format!("it has {} axes; one or two are read", head.shape.len())),
    };
    let element: usize = head.fields.iter().map(|field| field.size * field.count).sum();
    if rows.checked_mul(width).and_then(|n| n.checked_mul(element)) != Some(data.len()) {
        return Err(format!("{rows} by {width} elements of {element} bytes are not the {} that follow", data.len()));
    }
    let mut out = vec![];
    for at in 0..width {
        let mut offset = 0;
        for field in &head.fields {
            for k in 0..field.count {
                let value = |row: usize| {
                    let index = if head.fortran { at * rows + row } else { row * width + at };
                    field.value(&data[index * element + offset + k * field.size..][..field.size])
                };
                let base = if field.name.is_empty() { name } else { &field.name };
                let many = width * field.count > 1;
                let label = match (many, bare(name, field)) {
                    (true, true) => format!("x{}", at * field.count + k + 1),
                    (true, false) => format!("{base}_{}", at * field.count + k + 1),
                    (false, true) => "x1".into(),
                    (false, false) => base.to_owned(),
                };
                out.push((label, (0..rows).map(value).collect()));
            }
            offset += field.size * field.count;
        }
    }
    Ok(out)
}

/// Whether a column has no name of its own.
fn bare(name: &str, field: &Field) -> bool {
    name == "x" && field.name.is_empty()
}

impl Field {
    fn value(&self, bytes: &[u8]) -> f64 {
        let mut word = [0; 8];
        let own = &mut word[..self.size];
        own.copy_from_slice(bytes);
        if self.big {
            own.reverse();
        }
        let bits = u64::from_le_bytes(word);
        let unused = 64 - 8 * self.size as u32;
        match (self.kind, self.size) {
            ('f', 8) => f64::from_bits(bits),
            ('f', 4) => f32::from_bits(bits as u32).into(),
            ('f', _) => half(bits as u16),
            ('i', _) => ((bits << unused) as i64 >> unused) as f64,
            _ => bits as f64,
        }
    }

    /// The field of a type such as `<f8`.
    fn of(name: &str, kind: &str, count: usize) -> Result<Field, String> {
        let unread = || format!("elements of type `{kind}` are not read");
        let mut letters = kind.chars();
        let order = letters.next().filter(|c| "<>|=".contains(*c)).ok_or_else(unread)?;
        let letter = letters.next().filter(|c| "fiub".contains(*c)).ok_or_else(unread)?;
        let size: usize = letters.as_str().parse().map_err(|_| unread())?;
        let known = matches!((letter, size), ('f', 2 | 4 | 8) | ('i' | 'u', 1 | 2 | 4 | 8) | ('b', 1));
        if !known || count == 0 {
            return Err(unread());
        }
        Ok(Field { name: name.to_owned(), kind: letter, size, big: order == '>', count })
    }
}

/// A number of half precision (IEEE 754, 16 bits).
fn half(bits: u16) -> f64 {
    let (exponent, part) = ((bits >> 10) & 31, f64::from(bits & 1023));
    let size = match exponent {
        0 => part * 2f64.powi(-24),
        31 if part == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + part / 1024.0) * 2f64.powi(i32::from(exponent) - 15),
    };
    if bits >> 15 == 1 { -size } else { size }
}

fn head(bytes: &[u8]) -> Result<(Head, &[u8]), String> {
    let short = || "it is cut short".to_owned();
    let rest = bytes.strip_prefix(b"\x93NUMPY").ok_or("it is no array")?;
    let (&[major, _minor], rest) = rest.split_first_chunk::<2>().ok_or_else(short)?;
    let (length, rest) = match major {
        1 => rest.split_first_chunk::<2>().map(|(n, rest)| (u16::from_le_bytes(*n) as usize, rest)),
        _ => rest.split_first_chunk::<4>().map(|(n, rest)| (u32::from_le_bytes(*n) as usize, rest)),
    }
    .ok_or_else(short)?;
    let (text, data) = rest.split_at_checked(length).ok_or_else(short)?;
    let text = std::str::from_utf8(text).map_err(|_| "its head is no text")?;
    let after = |key: &str| {
        text.split_once(&format!("'{key}':"))
            .map(|(_, rest)| rest.trim_start())
            .ok_or(format!("its head lacks `{key}`"))
    };
    let shape =
        after("shape")?.strip_prefix('(').and_then(|rest| rest.split_once(')')).ok_or("its shape is unclear")?.0;
    let shape = numbers(shape)?;
    let fields = match after("descr")? {
        list if list.starts_with('[') => fields(list)?,
        one => vec![Field::of("", quoted(one).ok_or("its type is unclear")?.0, 1)?],
    };
    Ok((Head { fields, fortran: after("fortran_order")?.starts_with("True"), shape }, data))
}

/// The whole numbers of a list such as `3, 4,`.
fn numbers(text: &str) -> Result<Vec<usize>, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| part.trim_end_matches('L').parse().map_err(|_| format!("`{part}` is no length"))).collect()
}

/// The text between quotes that comes first, and what follows.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let start = text.find(['\'', '"'])?;
    let mark = text[start..].chars().next()?;
    text[start + 1..].split_once(mark)
}

/// Fields such as `[('a', '<f8'), ('b', '<f4', (3,))]`.
fn fields(text: &str) -> Result<Vec<Field>, String> {
    let unclear = || "its fields are unclear".to_owned();
    let mut out = vec![];
    let mut rest = text.strip_prefix('[').ok_or_else(unclear)?;
    while let Some((before, inside)) = rest.split_once('(') {
        if before.contains(']') {
            break;
        }
        let (name, after) = quoted(inside).ok_or_else(unclear)?;
        let (kind, after) = quoted(after).ok_or_else(unclear)?;
        let after = after.trim_start();
        let (count, after) = match after.strip_prefix(',').map(str::trim_start).and_then(|rest| rest.strip_prefix('('))
        {
            Some(shape) => {
                let (shape, after) = shape.split_once(')').ok_or_else(unclear)?;
                (numbers(shape)?.iter().try_fold(1usize, |all, n| all.checked_mul(*n)).ok_or_else(unclear)?, after)
            }
            None => (1, after),
        };
        out.push(Field::of(name, kind, count)?);
        rest = after.split_once(')').ok_or_else(unclear)?.1;
    }
    Ok(out)
}

/// What deflated bytes stand for.
fn unpacked(content: &[u8], size: usize) -> Result<Vec<u8>, String> {
    if size > content.len().saturating_mul(DEFLATED).saturating_add(DEFLATED) {
        return Err(format!("{} bytes cannot stand for {size}", content.len()));
    }
    let mut out = vec![0; size];
    match decompress_slice_iter_to_slice(&mut out, std::iter::once(content), false, true) {
        Ok(found) if found == size => Ok(out),
        Ok(found) => Err(format!("an array has {found} bytes where {size} are claimed")),
        Err(status) => Err(format!("an array cannot be unpacked: {status:?}")),
    }
}

/// Names and contents of an archive's files, by its directory.
fn entries(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, String> {
    let short = || "it is cut short".to_owned();
    let half =
        |at: usize| bytes.get(at..at + 2).map(|b| usize::from(u16::from_le_bytes([b[0], b[1]]))).ok_or_else(short);
    let word = |at: usize| {
        bytes.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as usize).ok_or_else(short)
    };
    // The end of the directory is the last thing of an archive, before a comment.
    let end = bytes.windows(4).rposition(|mark| mark == b"PK\x05\x06").ok_or_else(short)?;
    let (count, mut at, comment) = (half(end + 10)?, word(end + 16)?, half(end + 20)?);
    if bytes.len() < end + 22 + comment {
        return Err(short());
    }
    let mut out = vec![];
    for _ in 0..count {
        if word(at)? != 0x0201_4b50 {
            return Err("its directory is damaged".into());
        }
        let (method, packed, size) = (half(at + 10)?, word(at + 20)?, word(at + 24)?);
        let (name, more, comment, local) = (half(at + 28)?, half(at + 30)?, half(at + 32)?, word(at + 42)?);
        let label = String::from_utf8_lossy(bytes.get(at + 46..at + 46 + name).ok_or_else(short)?).into_owned();
        let start = local + 30 + half(local + 26)? + half(local + 28)?;
        let content = bytes.get(start..start.checked_add(packed).ok_or_else(short)?).ok_or_else(short)?;
        out.push(match method {
            0 => (label, content.to_vec()),
            8 => (label, unpacked(content, size)?),
            other => return Err(format!("it is packed by method {other}, which is not read")),
        });
        at += 46 + name + more + comment;
    }
    Ok(out)
}
