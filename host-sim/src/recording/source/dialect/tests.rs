use super::*;

fn dialect(text: &str) -> Dialect {
    let lines = (1..).zip(text.lines().map(str::to_owned));
    Dialect::of(&lines.collect::<Vec<_>>(), &Options::default()).unwrap()
}

fn told(text: &str) -> (String, usize, bool) {
    let found = dialect(text);
    (found.names.join("|"), found.before, found.cells.comma)
}

fn is(text: &str, names: &str, before: usize, comma: bool) {
    assert_eq!(told(text), (names.to_owned(), before, comma), "{text}");
}

#[test]
fn separators_and_decimal_signs_are_told() {
    is("t;a;b\n1;2,5;3\n2;3,5;4\n", "t|a|b", 1, true);
    is("t\ta\n1\t2.5\n", "t|a", 1, false);
    is("t|a\n1|2.5\n", "t|a", 1, false);
    is("t  a\n1  2.5\n2 3.5\n", "t|a", 1, false);
    is("sep=;\nt;a\n1;2\n", "t|a", 2, false);
    is("time,a\n2026-03-01 00:00:00,\"1,5\"\n", "time|a", 1, true);
    is("a\n1\n2\n", "a", 1, false);
}

#[test]
fn lines_around_the_header_are_no_rows() {
    is("# x\n# y\nt,a\n1,2\n", "t|a", 3, false);
    is("t,a\ns,degC\n1,2\n2,3\n", "t|a", 2, false);
    is("# t;a\n1;2\n3;4\n", "t|a", 1, false);
    is("Report of node 7\nt,a,b\n1,2,3\n4,5,6\n", "t|a|b", 2, false);
    is("t,a,\n1,2,\n3,4,\n", "t|a|", 1, false);
    is("t,a\n1,2,\n3,4,\n", "t|a|", 1, false);
    let toa5 = "\"TOA5\",\"CR1000\",\"x\",\"1\"\n\"TIMESTAMP\",\"RECORD\",\"a\",\"b\"\n\"TS\",\"RN\",\"C\",\"W\"\n\
                \"\",\"\",\"Avg\",\"Avg\"\n\"2026-03-01 00:00:00\",0,1,2\n\"2026-03-01 00:01:00\",1,1,2\n";
    is(toa5, "TIMESTAMP|RECORD|a|b", 4, false);
}

#[test]
fn a_table_without_header_is_numbered() {
    is("1,2.5\n2,3.5\n", "column1|column2", 0, false);
    is(
        "2026-03-01,2.5\n2026-03-02,3.5\n",
        "column1|column2",
        0,
        false,
    );
    is("timestamp,0,1\n1,2,3\n", "timestamp|0|1", 1, false);
    is("a,b\n", "a|b", 1, false);
    is(
        "CPU1,45,degrees C,ok\nFAN,5600,RPM,ok\n",
        "column1|column2|column3|column4",
        0,
        false,
    );
}

#[test]
fn commas_between_and_within_numbers_are_refused() {
    let lines = ["t,a,b", "1,49,9,100,0", "2,50,1,100,2"];
    let lines: Vec<(u64, String)> = (1..).zip(lines.map(str::to_owned)).collect();
    let error = Dialect::of(&lines, &Options::default()).unwrap_err();
    assert!(
        matches!(
            error,
            Problem::Commas {
                fields: 5,
                names: 3
            }
        ),
        "{error}"
    );
}
