//! Numbers in JSON, which has none that are not finite.

/// One number in JSON; those that JSON lacks as text (`"NaN"`).
pub mod number {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    /// A number, or the text of one that JSON lacks.
    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    pub(super) enum Form {
        Number(f64),
        Text(String),
    }

    pub(super) fn form(value: f64) -> Form {
        if value.is_finite() { Form::Number(value) } else { Form::Text(value.to_string()) }
    }

    pub(super) fn value<E: Error>(form: Form) -> Result<f64, E> {
        match form {
            Form::Number(value) => Ok(value),
            Form::Text(text) => text.parse().map_err(E::custom),
        }
    }

    /// Writes it.
    pub fn serialize<S: Serializer>(number: &f64, s: S) -> Result<S::Ok, S::Error> {
        form(*number).serialize(s)
    }

    /// Reads it.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
        value(Form::deserialize(d)?)
    }
}

/// Numbers by name, as [`number`].
pub mod numbers {
    use super::number::{Form, form, value};
    use serde::{Deserialize, Deserializer, Serializer};
    use std::collections::BTreeMap;

    /// Writes them.
    pub fn serialize<S: Serializer>(numbers: &BTreeMap<String, f64>, s: S) -> Result<S::Ok, S::Error> {
        s.collect_map(numbers.iter().map(|(name, number)| (name, form(*number))))
    }

    /// Reads them.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<BTreeMap<String, f64>, D::Error> {
        let forms = BTreeMap::<String, Form>::deserialize(d)?;
        forms.into_iter().map(|(name, form)| Ok((name, value(form)?))).collect()
    }
}

/// A list of numbers, as [`number`].
pub mod list {
    use super::number::{Form, form, value};
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes it.
    pub fn serialize<S: Serializer>(numbers: &[f64], s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(numbers.iter().map(|number| form(*number)))
    }

    /// Reads it.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<f64>, D::Error> {
        Vec::<Form>::deserialize(d)?.into_iter().map(value).collect()
    }
}
