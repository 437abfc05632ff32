//! Content hashes: equal data, equal hash, on every machine.

use serde::{Deserialize, Serialize};

/// The BLAKE3 hash of some content, in hexadecimal.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hash(String);

impl Hash {
    /// All 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first twelve digits: enough for a folder's name.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

/// The hash of bytes.
pub fn hash_bytes(bytes: &[u8]) -> Hash {
    Hash(blake3::hash(bytes).to_hex().to_string())
}

/// A hash in the making, of bytes as they come.
#[derive(Default)]
pub struct Hasher(blake3::Hasher);

impl Hasher {
    /// Takes the next bytes.
    pub fn take(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all bytes taken so far, equal to that of [`hash_bytes`].
    pub fn hash(&self) -> Hash {
        Hash(self.0.finalize().to_hex().to_string())
    }
}

/// The hash of a value: of its JSON, in which struct fields have a fixed order and maps are ordered.
pub fn hash_of<T: Serialize + ?Sized>(value: &T) -> Hash {
    hash_bytes(&serde_json::to_vec(value).expect("plan data has no non-string keys"))
}
