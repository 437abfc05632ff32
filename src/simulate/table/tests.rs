use super::*;
use crate::base::{Hash, Name, Seed, Silent};
use crate::expr::{Expr, Op};
use crate::plan::{
    Boundary, ColumnPlan, DataPlan, DataSource, FileContent, FilePlan, Links, Noise, Split, all_measured,
};
use crate::simulate::Parts;
use std::collections::BTreeMap;

fn read(name: &str, bytes: &[u8]) -> Result<Columns, TableError> {
    read_table(name, Box::new(Cursor::new(bytes.to_vec())))
}

fn columns(names: &[&str], values: &[&[f64]]) -> Columns {
    Columns {
        names: names.iter().map(ToString::to_string).collect(),
        values: values.iter().map(|column| column.to_vec()).collect(),
        words: vec![],
    }
}

#[test]
fn texts_of_every_make_are_read() {
    let expected = columns(&["a", "b"], &[&[1.0, 3.0], &[2.0, -4e3]]);
    for text in [
        "a,b\n1,2\n3,-4e3\n",
        "a;b\r\n1;2\r\n\r\n3;-4e3",
        "# of a friend\na\tb\n1\t2\n3\t-4e3\n",
        "a  b\n 1   2\n3 -4e3",
        "\u{feff}\"a\",b\n1,\"2\"\n3 ,-4e3\n",
        "# of a friend\n# a b\n1 2\n# in between\n3.0D0 -4.0d+03\n",
    ] {
        assert_eq!(read("t.csv", text.as_bytes()).as_ref(), Ok(&expected), "{text}");
    }
    let bare = read("t", b"1,2\n3,\n").unwrap();
    assert_eq!(bare.names, ["x1", "x2"]);
    assert!(bare.values[1][1].is_nan() && bare.values[0] == [1.0, 3.0]);
    assert_eq!(read("t", b"\"x, y\",z\n1,2").unwrap().names, ["x, y", "z"]);
    let worded = read("t", b"name,mass\nIo,1\nEuropa,2\n").unwrap();
    assert_eq!((worded.names, worded.words), (vec!["mass".into()], vec!["name".to_owned()]));
}

#[test]
fn what_is_no_table_is_said_with_its_place() {
    for (text, told) in [
        (&b""[..], "the file holds no table"),
        (b"a,b\n", "the file holds a header and no rows"),
        (b"a,b\n1,2\n1,x\n", "line 3, column 2 (`b`): `x` is not a number"),
        (b"a,b\n1,2,3\n", "line 2 has 3 cells where 2 are expected"),
        (b"a,a\n1,2\n", "the column `a` stands twice in the header"),
        (b"a,b\n1,2\n1,\xff\n", "line 3 is not UTF-8 text"),
        (b"\x89HDF\r\n\x1a\n", "it is an HDF5 file, which is not read"),
        (b"PAR1", "it is no sound Parquet file: "),
        (b"\x93NUMPY\x01\x00\x10", "it is no sound NumPy array: it is cut short"),
        (b"PK\x03\x04", "it is no sound NumPy archive: it is cut short"),
    ] {
        let said = read("t", text).unwrap_err().to_string();
        assert!(said.starts_with(told), "{said}");
    }
}

#[test]
fn a_mistake_far_down_has_its_line() {
    // Several pieces and parts long; the mistake stands in the last.
    let rows = 1_500_000;
    let mut text = String::with_capacity(20 << 20);
    text.push_str("a,b\n");
    (0..rows).for_each(|row| text.push_str(&format!("{row},0.125\n")));
    let table = read("t.csv", text.as_bytes()).unwrap();
    assert!(table.values[0].iter().enumerate().all(|(row, value)| *value == row as f64));
    assert_eq!(table.values[1].len(), rows);
    text.push_str("5,none\n");
    let told = read("t.csv", text.as_bytes()).unwrap_err().to_string();
    assert_eq!(told, "line 1500002, column 2 (`b`): `none` is not a number");
}

/// An array file with this description and these bytes.
fn npy(descr: &str, fortran: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let head = format!("{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
    [b"\x93NUMPY\x01\x00", &(head.len() as u16).to_le_bytes()[..], head.as_bytes(), data].concat()
}

#[test]
fn arrays_of_numpy_are_read() {
    let doubles: Vec<u8> = [1.0f64, 2.0, 3.0, 4.0, 5.0, 6.0].iter().flat_map(|x| x.to_le_bytes()).collect();
    let rows = read("a.npy", &npy("'<f8'", "False", "(3, 2)", &doubles)).unwrap();
    assert_eq!(rows, columns(&["x1", "x2"], &[&[1.0, 3.0, 5.0], &[2.0, 4.0, 6.0]]));
    let turned = read("a.npy", &npy("'<f8'", "True", "(3, 2)", &doubles)).unwrap();
    assert_eq!(turned.values, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let big: Vec<u8> = [-2i16, 300].iter().flat_map(|x| x.to_be_bytes()).collect();
    assert_eq!(read("a.npy", &npy("'>i2'", "False", "(2,)", &big)).unwrap(), columns(&["x1"], &[&[-2.0, 300.0]]));
    let half: Vec<u8> = [0x3c00u16, 0xc000, 0x0001].iter().flat_map(|x| x.to_le_bytes()).collect();
    assert_eq!(read("a.npy", &npy("'<f2'", "False", "(3,)", &half)).unwrap().values[0], [1.0, -2.0, 2f64.powi(-24)]);
    let record = [&1.5f64.to_le_bytes()[..], &2.0f32.to_le_bytes(), &3.0f32.to_le_bytes()].concat();
    let fields = read("a.npy", &npy("[('m', '<f8'), ('v', '<f4', (2,))]", "False", "(1,)", &record)).unwrap();
    assert_eq!(fields, columns(&["m", "v_1", "v_2"], &[&[1.5], &[2.0], &[3.0]]));
    for (descr, shape) in [("'<f8'", "(4, 2)"), ("'<c16'", "(3,)"), ("'|O'", "(6,)"), ("'<f8'", "(1, 3, 2)")] {
        assert!(read("a.npy", &npy(descr, "False", shape, &doubles)).is_err(), "{descr} {shape}");
    }
}

/// An archive with one stored and one deflated array; deflate's form without compression.
fn npz() -> Vec<u8> {
    let mass = npy("'<f8'", "False", "(2,)", &[1.0f64, 2.0].map(f64::to_le_bytes).concat());
    let place = npy("'<f4'", "False", "(2, 2)", &[1.0f32, 2.0, 3.0, 4.0].map(f32::to_le_bytes).concat());
    let length = place.len() as u16;
    let deflated = [&[1u8][..], &length.to_le_bytes(), &(!length).to_le_bytes(), &place].concat();
    let (mut out, mut directory) = (vec![], vec![]);
    for (name, method, packed, size) in
        [("mass.npy", 0u16, &mass, mass.len()), ("place.npy", 8, &deflated, place.len())]
    {
        let start = out.len() as u32;
        let sizes = [(packed.len() as u32).to_le_bytes(), (size as u32).to_le_bytes()].concat();
        let names = [(name.len() as u16).to_le_bytes(), 0u16.to_le_bytes()].concat();
        let common = [&[20, 0, 0, 0][..], &method.to_le_bytes(), &[0; 8], &sizes, &names].concat();
        out.extend([b"PK\x03\x04", &common[..], name.as_bytes(), packed].concat());
        directory
            .extend([b"PK\x01\x02\x14\x00", &common[..], &[0; 10], &start.to_le_bytes(), name.as_bytes()].concat());
    }
    let (start, length) = (out.len() as u32, directory.len() as u32);
    let end = [&[0u8; 4][..], &[2, 0, 2, 0], &length.to_le_bytes(), &start.to_le_bytes(), &[0, 0]].concat();
    [out, directory, b"PK\x05\x06".to_vec(), end].concat()
}

#[test]
fn archives_of_numpy_are_read_and_damaged_ones_refused() {
    let bytes = npz();
    let expected = columns(&["mass", "place_1", "place_2"], &[&[1.0, 2.0], &[1.0, 3.0], &[2.0, 4.0]]);
    assert_eq!(read("t.npz", &bytes), Ok(expected));
    for cut in 0..bytes.len() - 1 {
        assert!(read("t.npz", &bytes[..cut]).is_err(), "{cut}");
    }
    for at in 0..bytes.len() {
        for value in [0, 0x7f, 0xff, bytes[at] ^ 1] {
            let mut forged = bytes.clone();
            forged[at] = value;
            read("t.npz", &forged).ok();
        }
    }
}

#[test]
fn parquet_is_read_as_it_was_written() {
    let bytes = write_parquet("t", &[("a", &[1.0, f64::NAN]), ("b", &[-3.0, 1e300])]).unwrap();
    let table = read("t.parquet", &bytes).unwrap();
    assert_eq!(table.names, ["a", "b"]);
    assert!(table.values[0][1].is_nan() && table.values[1] == [-3.0, 1e300]);
}

/// A catalogue of two groups as the finder writes it.
fn catalogue() -> Vec<u8> {
    let head = [2i32.to_le_bytes(), 2i32.to_le_bytes(), 40i32.to_le_bytes()].concat();
    let head = [&head[..], &40u64.to_le_bytes(), &1u32.to_le_bytes()].concat();
    let whole = |values: &[i32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let real = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    [
        head,
        whole(&[25, 15]),
        whole(&[0, 25]),
        real(&[2.5, 1.5]),
        real(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        real(&[-1.0, -2.0, -3.0, -4.0, -5.0, -6.0]),
        whole(&[0; 12]),
        real(&[0.0; 12]),
    ]
    .concat()
}

#[test]
fn halo_catalogues_are_read() {
    let bytes = catalogue();
    let table = read("groups_004/group_tab_004.0", &bytes).unwrap();
    assert_eq!(table.names, ["particles", "mass", "x", "y", "z", "vx", "vy", "vz"]);
    assert_eq!(table.values[..3], [[25.0, 15.0], [2.5, 1.5], [1.0, 4.0]]);
    assert_eq!(table.values[5..], [[-1.0, -4.0], [-2.0, -5.0], [-3.0, -6.0]]);
    let told = read("group_tab_004.0", &bytes[..bytes.len() - 1]).unwrap_err().to_string();
    assert!(told.contains("2 groups take 168 bytes, but 167 follow"), "{told}");
}

fn plan(columns: Vec<ColumnPlan>, files: &[&str]) -> (DataPlan, FilePlan) {
    let content = FileContent { hash: Hash::default(), bytes: 0 };
    let file = FilePlan {
        path: "*".into(),
        content: files.iter().map(|path| (path.to_string(), content.clone())).collect(),
        columns,
        target: None,
        rows: None,
        weight: None,
        run: None,
        order: None,
        time: None,
        particle: None,
        links: Links::All,
        boundary: Boundary::Open,
    };
    let data = DataPlan {
        from: DataSource::File(file.clone()),
        runs: 1,
        steps: 2,
        dt: 1.0,
        keep: 1,
        noise: Noise::None,
        measured: all_measured(),
        split: Split { train: 0.5, validation: 0.25, test: 0.25 },
        trim: 0.0,
        tolerance: 1e-9,
        hold_out: None,
        seed: 1,
    };
    (data, file)
}

fn table(data: &DataPlan, file: &FilePlan, files: &BTreeMap<&str, &str>) -> Result<Table, ReadError> {
    let mut open_file = |path: &str| -> Result<Box<dyn Read + Send>, String> {
        Ok(Box::new(Cursor::new(files[path].as_bytes().to_vec())))
    };
    read_files(data, file, &mut open_file, &Silent)
}

#[test]
fn tables_are_made_of_several_files_with_derived_columns_and_chosen_rows() {
    let s = |name: &str| Expr::symbol(name);
    let column = |name: &str, components: Vec<Expr>| ColumnPlan { name: name.into(), components, dimension: None };
    let (mut data, mut file) = plan(
        vec![
            column("v", vec![s("vx"), s("vy")]),
            column("e", vec![s("m") * (s("vx") * s("vx") + s("vy") * s("vy")) / Expr::number(2.0)]),
        ],
        &["1.csv", "2.csv"],
    );
    file.rows = Some(Expr::call(Op::Gt, vec![s("m"), Expr::number(0.0)]));
    file.weight = Some("w".into());
    data.hold_out = Some(Expr::call(Op::Gt, vec![s("m"), Expr::number(5.0)]));
    // Columns in another order, and one more.
    let files = BTreeMap::from([
        ("1.csv", "m,vx,vy,w\n2,3,4,1\n-1,0,0,1\n"),
        ("2.csv", "name,w,vy,vx,m\nx,0.5,0,1,6\ny,0.5,,1,4\n"),
    ]);
    let made = table(&data, &file, &files).unwrap();
    assert_eq!(made.names, ["v.x", "v.y", "e", "w"].map(Name::from));
    assert_eq!((made.rows(), made.read), (3, 4));
    assert_eq!(made.columns[2][..2], [25.0, 3.0]);
    assert!(made.columns[2][2].is_nan() && made.columns[3] == [1.0, 0.5, 0.5]);
    assert_eq!(made.held_out, [false, true, false]);
    file.columns[0].components[0] = s("speed");
    let missing = table(&data, &file, &files).unwrap_err();
    assert!(matches!(missing, ReadError::NoColumn { origin: Origin::Column(_), .. }), "{missing:?}");
    file.columns[0].components[0] = s("name");
    let worded = table(&data, &file, &BTreeMap::from([("1.csv", files["2.csv"]), ("2.csv", files["2.csv"])]));
    assert!(matches!(worded, Err(ReadError::Words { .. })), "{worded:?}");
}

#[test]
fn rows_are_split_by_runs_by_order_or_at_random() {
    let (data, mut file) = plan(vec![], &[]);
    let rows = 40;
    let made = Table {
        names: vec!["run".into(), "t".into()],
        columns: vec![
            (0..rows).map(|row| f64::from(row % 8)).collect(),
            (0..rows).map(|row| f64::from(rows - row)).collect(),
        ],
        held_out: (0..rows).map(|row| row == 7).collect(),
        read: rows as usize,
        ..Table::default()
    };
    let split = |file: &FilePlan| split_table(&made, file, data.split, Seed::root(3));
    let all = |parts: &Parts| {
        let mut all = [&parts.train[..], &parts.validation, &parts.test, &parts.held_out].concat();
        all.sort_unstable();
        all
    };
    let random = split(&file);
    assert_eq!([&random.train, &random.validation, &random.test].map(Vec::len), [19, 10, 10]);
    assert_eq!((all(&random), &random.held_out), ((0..40).collect(), &vec![7]));
    assert_eq!(random, split(&file));
    file.run = Some("run".into());
    let whole = split(&file);
    assert_eq!(all(&whole), (0..40).collect::<Vec<_>>());
    let runs: Vec<Vec<usize>> =
        [&whole.train, &whole.validation, &whole.test].map(|share| share.iter().map(|row| row % 8).collect()).to_vec();
    assert!(runs[0].iter().all(|run| !runs[1].contains(run) && !runs[2].contains(run)));
    (file.run, file.order) = (None, Some("t".into()));
    let ordered = split(&file);
    assert_eq!(all(&ordered), (0..40).collect::<Vec<_>>());
    assert!(ordered.train.iter().min() > ordered.validation.iter().max());
    assert!(ordered.validation.iter().min() > ordered.test.iter().max());
}
