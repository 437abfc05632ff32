//! Units: a table of names with prefixes, dimensions as exponents of the seven SI base quantities, and conversion to
//! base units. A quantity without a unit is a pure number; where nothing carries a unit, everything is one.

use super::help;
use super::tree::UnitTerm;
use crate::base::Diagnostic;
use crate::plan::unit_text;
use std::fmt;

/// Exponents of metre, kilogram, second, ampere, kelvin, mole and candela, in twelfths: roots stay exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dimension([i16; 7]);

const PARTS: i16 = 12;

/// The dimension of time.
pub const SECOND: Dimension = Dimension([0, 0, PARTS, 0, 0, 0, 0]);

impl Dimension {
    /// That of a pure number.
    pub const NONE: Dimension = Dimension([0; 7]);

    /// Exponents of the base units in the order of [`Dimension`].
    pub fn exponents(self) -> [f64; 7] {
        self.0.map(|size| f64::from(size) / f64::from(PARTS))
    }

    /// The dimension with these exponents, to the nearest twelfth.
    pub fn of(exponents: [f64; 7]) -> Dimension {
        Dimension(exponents.map(|exponent| (exponent * f64::from(PARTS)).round() as i16))
    }

    /// Whether it is that of a pure number.
    pub fn is_none(self) -> bool {
        self == Dimension::NONE
    }

    /// The dimension of a product.
    pub fn times(self, other: Dimension) -> Dimension {
        Dimension(std::array::from_fn(|k| self.0[k].saturating_add(other.0[k])))
    }

    /// The dimension of a quotient.
    pub fn over(self, other: Dimension) -> Dimension {
        Dimension(std::array::from_fn(|k| self.0[k].saturating_sub(other.0[k])))
    }

    /// The dimension of a power; `None` if an exponent is not a multiple of a twelfth or out of bounds.
    pub fn power(self, exponent: f64) -> Option<Dimension> {
        let mut result = [0; 7];
        for (to, from) in result.iter_mut().zip(self.0) {
            let scaled = f64::from(from) * exponent;
            if scaled.fract().abs() > 1e-9 || scaled.abs() > 3000.0 {
                return None;
            }
            *to = scaled.round() as i16;
        }
        Some(Dimension(result))
    }
}

/// As a unit that can stand in a script: `kg*m^2/s^2`; `1` for a pure number.
impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&unit_text(&self.exponents()))
    }
}

/// A unit: how many base units it is, and of what dimension.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// Base units in one of it.
    pub factor: f64,
    /// Its dimension.
    pub dimension: Dimension,
}

/// The unit that a script writes, or what is wrong with it.
pub fn unit(term: &UnitTerm) -> Result<Unit, Box<Diagnostic>> {
    let mut result = Unit { factor: term.factor, dimension: Dimension::NONE };
    for (atom, exponent) in &term.atoms {
        let Some(one) = named(&atom.text) else {
            let mut finding = Diagnostic::new("E0301", format!("there is no unit `{}`", atom.text))
                .at(atom.span, "not a unit known here");
            if let Some(near) = help::nearest(&atom.text, UNITS.iter().map(|row| row.name)) {
                finding =
                    finding.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), atom.span, near);
            } else if term.atoms.len() == 1 && atom.text.chars().count() <= 2 {
                finding = finding.help(format!(
                    "a name right behind a number is read as its unit; a product is written `2 * {}`",
                    atom.text
                ));
            } else {
                finding =
                    finding.help("units are SI names with prefixes, and pc, au, ly, Msun, day, yr, eV, erg, deg, %");
            }
            return Err(Box::new(finding));
        };
        result.factor *= libm::pow(one.factor, f64::from(*exponent));
        let Some(dimension) = one.dimension.power(f64::from(*exponent)) else {
            return Err(Box::new(
                Diagnostic::new("E0301", "the exponent of this unit is out of bounds").at(atom.span, ""),
            ));
        };
        result.dimension = result.dimension.times(dimension);
    }
    Ok(result)
}

/// All units without prefixes, with what they are in base units.
pub fn all() -> impl Iterator<Item = (&'static str, String)> {
    UNITS.iter().map(|row| (row.name, meaning(row.factor, row.dimension)))
}

/// What a unit, perhaps with a prefix, is in base units.
pub fn described(name: &str) -> Option<String> {
    named(name).map(|unit| meaning(unit.factor, unit.dimension))
}

fn meaning(factor: f64, dimension: Dimension) -> String {
    let factor = crate::expr::print::number(factor);
    if dimension.is_none() { format!("the number {factor}") } else { format!("{factor} {dimension}") }
}

/// Whether a name is a unit.
pub fn is_unit(name: &str) -> bool {
    named(name).is_some()
}

/// The unit of one name: of the table as it is, or with a prefix before it.
fn named(name: &str) -> Option<Unit> {
    let find = |name: &str| UNITS.iter().find(|row| row.name == name);
    if let Some(row) = find(name) {
        return Some(Unit { factor: row.factor, dimension: row.dimension });
    }
    PREFIXES.iter().find_map(|(prefix, scale)| {
        let row = find(name.strip_prefix(prefix)?).filter(|row| row.prefixed)?;
        Some(Unit { factor: scale * row.factor, dimension: row.dimension })
    })
}

struct Row {
    name: &'static str,
    factor: f64,
    dimension: Dimension,
    prefixed: bool,
}

/// Longest first, so that `da` is tried before `d`.
const PREFIXES: [(&str, f64); 21] = [
    ("da", 1e1),
    ("Y", 1e24),
    ("Z", 1e21),
    ("E", 1e18),
    ("P", 1e15),
    ("T", 1e12),
    ("G", 1e9),
    ("M", 1e6),
    ("k", 1e3),
    ("h", 1e2),
    ("d", 1e-1),
    ("c", 1e-2),
    ("m", 1e-3),
    ("µ", 1e-6),
    ("μ", 1e-6),
    ("u", 1e-6),
    ("n", 1e-9),
    ("p", 1e-12),
    ("f", 1e-15),
    ("a", 1e-18),
    ("z", 1e-21),
];

const fn row(name: &'static str, factor: f64, exponents: [i16; 7], prefixed: bool) -> Row {
    let mut scaled = [0; 7];
    let mut k = 0;
    while k < 7 {
        scaled[k] = exponents[k] * PARTS;
        k += 1;
    }
    Row { name, factor, dimension: Dimension(scaled), prefixed }
}

/// Factors: SI brochure (2019), IAU 2012 B2 (au) and 2015 B3 (solar values), CODATA 2018.
#[rustfmt::skip]
const UNITS: [Row; 47] = [
    row("m",     1.0,                [1, 0, 0, 0, 0, 0, 0], true),
    row("g",     1e-3,               [0, 1, 0, 0, 0, 0, 0], true),
    row("s",     1.0,                [0, 0, 1, 0, 0, 0, 0], true),
    row("A",     1.0,                [0, 0, 0, 1, 0, 0, 0], true),
    row("K",     1.0,                [0, 0, 0, 0, 1, 0, 0], true),
    row("mol",   1.0,                [0, 0, 0, 0, 0, 1, 0], true),
    row("cd",    1.0,                [0, 0, 0, 0, 0, 0, 1], true),
    row("%",     1e-2,               [0; 7],                false),
    row("rad",   1.0,                [0; 7],                true),
    row("deg",   std::f64::consts::PI / 180.0, [0; 7],      false),
    row("min",   60.0,               [0, 0, 1, 0, 0, 0, 0], false),
    row("hour",  3600.0,             [0, 0, 1, 0, 0, 0, 0], false),
    row("day",   86_400.0,           [0, 0, 1, 0, 0, 0, 0], false),
    row("yr",    31_557_600.0,       [0, 0, 1, 0, 0, 0, 0], true),
    row("year",  31_557_600.0,       [0, 0, 1, 0, 0, 0, 0], false),
    row("Hz",    1.0,                [0, 0, -1, 0, 0, 0, 0], true),
    row("N",     1.0,                [1, 1, -2, 0, 0, 0, 0], true),
    row("J",     1.0,                [2, 1, -2, 0, 0, 0, 0], true),
    row("W",     1.0,                [2, 1, -3, 0, 0, 0, 0], true),
    row("Pa",    1.0,                [-1, 1, -2, 0, 0, 0, 0], true),
    row("C",     1.0,                [0, 0, 1, 1, 0, 0, 0], true),
    row("V",     1.0,                [2, 1, -3, -1, 0, 0, 0], true),
    row("ohm",   1.0,                [2, 1, -3, -2, 0, 0, 0], true),
    row("F",     1.0,                [-2, -1, 4, 2, 0, 0, 0], true),
    row("T",     1.0,                [0, 1, -2, -1, 0, 0, 0], true),
    row("Wb",    1.0,                [2, 1, -2, -1, 0, 0, 0], true),
    row("H",     1.0,                [2, 1, -2, -2, 0, 0, 0], true),
    row("L",     1e-3,               [3, 0, 0, 0, 0, 0, 0], true),
    row("t",     1e3,                [0, 1, 0, 0, 0, 0, 0], true),
    row("bar",   1e5,                [-1, 1, -2, 0, 0, 0, 0], true),
    row("atm",   101_325.0,          [-1, 1, -2, 0, 0, 0, 0], false),
    row("eV",    1.602_176_634e-19,  [2, 1, -2, 0, 0, 0, 0], true),
    row("erg",   1e-7,               [2, 1, -2, 0, 0, 0, 0], true),
    row("dyn",   1e-5,               [1, 1, -2, 0, 0, 0, 0], true),
    row("gauss", 1e-4,               [0, 1, -2, -1, 0, 0, 0], true),
    row("u",     1.660_539_066_60e-27, [0, 1, 0, 0, 0, 0, 0], false),
    row("e",     1.602_176_634e-19,  [0, 0, 1, 1, 0, 0, 0], false),
    row("c",     299_792_458.0,      [1, 0, -1, 0, 0, 0, 0], false),
    row("angstrom", 1e-10,           [1, 0, 0, 0, 0, 0, 0], false),
    row("au",    149_597_870_700.0,  [1, 0, 0, 0, 0, 0, 0], false),
    row("ly",    9_460_730_472_580_800.0, [1, 0, 0, 0, 0, 0, 0], true),
    row("pc",    3.085_677_581_491_367e16, [1, 0, 0, 0, 0, 0, 0], true),
    row("Msun",  1.988_409_870_698_051e30, [0, 1, 0, 0, 0, 0, 0], false),
    row("Rsun",  6.957e8,            [1, 0, 0, 0, 0, 0, 0], false),
    row("Lsun",  3.828e26,           [2, 1, -3, 0, 0, 0, 0], false),
    row("Mearth", 5.972_167_867_791_379e24, [0, 1, 0, 0, 0, 0, 0], false),
    row("Rearth", 6.378_1e6,         [1, 0, 0, 0, 0, 0, 0], false),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{SourceId, Span};
    use crate::language::tree::Ident;

    fn term(atoms: &[(&str, i32)]) -> UnitTerm {
        let span = Span::new(SourceId(0), 0, 0);
        let atoms = atoms.iter().map(|(text, power)| (Ident { text: text.to_string(), span }, *power)).collect();
        UnitTerm { span, factor: 1.0, atoms }
    }

    #[test]
    fn units_become_base_units() {
        for (atoms, factor, dimension) in [
            (&[("km", 1), ("s", -1)][..], 1e3, "m/s"),
            (&[("m", 3), ("kg", -1), ("s", -2)], 1.0, "m^3/kg/s^2"),
            (&[("Mpc", 1)], 3.085677581491367e22, "m"),
            (&[("min", 1)], 60.0, "s"),
            (&[("%", 1)], 0.01, "1"),
            (&[("N", 1), ("m", 1)], 1.0, "m^2*kg/s^2"),
            (&[("Hz", 1)], 1.0, "s^-1"),
            (&[("mm", 2)], 1e-6, "m^2"),
        ] {
            let unit = unit(&term(atoms)).unwrap();
            assert!((unit.factor / factor - 1.0).abs() < 1e-12, "{atoms:?}: {}", unit.factor);
            assert_eq!(unit.dimension.to_string(), dimension);
        }
        assert_eq!(unit(&term(&[("day", 1), ("mtr", 1)])).unwrap_err().code, "E0301");
    }

    #[test]
    fn roots_of_dimensions_are_exact() {
        let area = unit(&term(&[("m", 2)])).unwrap().dimension;
        assert_eq!(area.power(0.5).unwrap().to_string(), "m");
        assert_eq!(area.power(1.0 / 3.0).unwrap().to_string(), "m^(8/12)");
        assert_eq!(area.power(0.123), None);
    }
}
