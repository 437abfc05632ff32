//! Event files of TensorBoard, written while a run goes on: the curves of trainings, and every result. Records of the
//! TFRecord format (length, masked CRC-32C, content, masked CRC-32C) that hold `Event` messages of protocol buffers.

use crate::engine::Event;
use std::fs::File;
use std::io::{Result, Write};
use std::path::Path;
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

/// An open event file.
pub struct Log {
    file: Mutex<File>,
}

impl Log {
    /// Begins a file in `folder`, which is made where it is missing.
    pub fn create(folder: &Path) -> Result<Log> {
        std::fs::create_dir_all(folder)?;
        let name = format!("events.out.tfevents.{:010}.sdl.{}", now() as u64, std::process::id());
        let mut file = File::create(folder.join(name))?;
        file.write_all(&record(&event(now(), 0, Body::Version)))?;
        Ok(Log { file: Mutex::new(file) })
    }

    /// Writes down what an event of the run has of numbers.
    pub fn tell(&self, told: &Event) {
        let mut bytes = vec![];
        let mut scalar = |name: &str, step: u64, value: f64| {
            if value.is_finite() {
                bytes.extend(record(&event(now(), step, Body::Scalar(name, value as f32))));
            }
        };
        match told {
            Event::Epoch { stage, epoch, train, penalty, validation, active } => {
                for (what, value) in
                    [("train", *train), ("penalty", *penalty), ("validation", *validation), ("active", *active as f64)]
                {
                    scalar(&format!("{}/{what}", stage.name), *epoch as u64, value);
                }
            }
            Event::Metrics { results, .. } => results.iter().for_each(|(name, value)| scalar(name, 0, *value)),
            _ => {}
        }
        if let Ok(mut file) = self.file.lock() {
            // A log that cannot be written costs a curve, not the run.
            file.write_all(&bytes).ok();
        }
    }
}

enum Body<'a> {
    Version,
    Scalar(&'a str, f32),
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64())
}

/// Event { wall_time = 1, step = 2, file_version = 3, summary = 5 { value = 1 { tag = 1, simple_value = 2 } } }
fn event(time: f64, step: u64, body: Body) -> Vec<u8> {
    let mut out = vec![0x09];
    out.extend(time.to_le_bytes());
    out.push(0x10);
    varint(step, &mut out);
    match body {
        Body::Version => field(0x1a, b"brain.Event:2", &mut out),
        Body::Scalar(name, value) => {
            let mut scalar = vec![];
            field(0x0a, name.as_bytes(), &mut scalar);
            scalar.push(0x15);
            scalar.extend(value.to_le_bytes());
            let mut summary = vec![];
            field(0x0a, &scalar, &mut summary);
            field(0x2a, &summary, &mut out);
        }
    }
    out
}

fn field(key: u8, content: &[u8], out: &mut Vec<u8>) {
    out.push(key);
    varint(content.len() as u64, out);
    out.extend(content);
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn record(content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u64).to_le_bytes();
    [&length[..], &masked(&length).to_le_bytes(), content, &masked(content).to_le_bytes()].concat()
}

fn masked(content: &[u8]) -> u32 {
    crc32c(content).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// The Castagnoli checksum, bit by bit: a few hundred bytes in an epoch need no table.
fn crc32c(content: &[u8]) -> u32 {
    let byte = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg()))
    };
    !content.iter().fold(!0, byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_what_the_format_says() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        let version = record(&event(0.0, 0, Body::Version));
        assert_eq!(version.len(), 12 + 9 + 2 + 15 + 4);
        assert_eq!(&version[..8], &26_u64.to_le_bytes());
        let scalar = event(1.5, 300, Body::Scalar("fit/train", 0.25));
        let expected = [
            &[0x09][..],
            &1.5_f64.to_le_bytes(),
            &[0x10, 0xac, 0x02, 0x2a, 18, 0x0a, 16, 0x0a, 9],
            b"fit/train",
            &[0x15],
            &0.25_f32.to_le_bytes(),
        ];
        assert_eq!(scalar, expected.concat());
    }
}
