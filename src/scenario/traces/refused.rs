//! What is wrong with a trace is told with its place, and nothing makes a reader panic.

use super::{OnBadRow, RawTrace, TraceFault, TraceFormat, TraceOptions, read};
use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use std::io::Write;

/// Reads bytes as a generic trace.
fn generic(bytes: &[u8]) -> Result<RawTrace, Vec<TraceFault>> {
    read("t.csv", &mut &bytes[..], &TraceOptions::new(TraceFormat::Generic))
}

/// Faults as lines, each with its help.
fn told(result: Result<RawTrace, Vec<TraceFault>>) -> String {
    let faults = result.expect_err("the trace is bad");
    assert!(faults.iter().all(|fault| fault.file == "t.csv"));
    let line = |fault: &TraceFault| match &fault.help {
        Some(help) => format!("{fault}\n  help: {help}\n"),
        None => format!("{fault}\n"),
    };
    faults.iter().map(line).collect()
}

/// What is told of a generic trace.
fn generic_told(text: impl AsRef<[u8]>) -> String {
    told(generic(text.as_ref()))
}

/// What is told of a trace in a published format.
fn format_told(format: TraceFormat, text: &str) -> String {
    told(read("t.csv", &mut text.as_bytes(), &TraceOptions::new(format)))
}

/// A gzip member.
fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

const GOOD: &str = "arrival_s,lifetime_s,vcpus,memory_gib\n0,60,1,1.5\n5,,2,3\n";

#[test]
fn bad_cells() {
    let rows = "arrival_s,lifetime_s,vcpus,memory_gib\n\
                -1,1,1,1\nNaN,1,1,1\n1,inf,1,1\n1,1,,1\n1,1,1.5,1\n1,1,4294967296,1\n\
                1,1,1,1048577\n31557600001,1,1,1\n1,1,0,0\n1,1,1\n1,\"1,1,1\n1,x\u{1b}[2J,1,1\n1,1,1,1\n";
    insta::assert_snapshot!(generic_told(rows), @r#"
        line 2, column arrival_s, value `-1`: is negative
          help: seconds from 0 to 1,000 years, such as 300 or 12.5
        line 3, column arrival_s, value `NaN`: is not a finite number
          help: seconds from 0 to 1,000 years, such as 300 or 12.5
        line 4, column lifetime_s, value `inf`: is not a finite number
          help: seconds from 0 to 1,000 years, such as 300 or 12.5
        line 5, column vcpus, value ``: is empty
          help: a whole number from 0 to 4294967295
        line 6, column vcpus, value `1.5`: is not a whole number
          help: a whole number from 0 to 4294967295
        line 7, column vcpus, value `4294967296`: is too large
          help: a whole number from 0 to 4294967295
        line 8, column memory_gib, value `1048577`: is too large
          help: an amount from 0 to 1 PiB, such as 4 or 1.75
        line 9, column arrival_s, value `31557600001`: is too large
          help: seconds from 0 to 1,000 years, such as 300 or 12.5
        line 10: the instance takes no vCPU, no memory and no GPU
          help: an instance takes something
        line 11: 3 fields under 4 columns
          help: every row has one field a column; a comma within a field needs double quotes
        line 12: a double quote is not closed on its line
          help: a quote within quotes is written twice; a field has no line breaks
        line 13, column lifetime_s, value `x\u{1b}[2J`: is not a number
          help: seconds from 0 to 1,000 years, such as 300 or 12.5
    "#);
    let names =
        "arrival_s,vcpus,memory_gib,app,per_server_limit\n1,1,1,,2\n1,1,1,a,0\n1,1,1,a\tb,\n";
    insta::assert_snapshot!(generic_told(names), @r#"
        line 2, column per_server_limit, value `2`: limits no app
          help: the limit is on instances of one app: name it, or leave this empty
        line 3, column per_server_limit, value `0`: lets no server hold the instance
          help: at least 1, or empty for no limit
        line 4, column app, value `a\tb`: holds a control character
          help: names are printable text
    "#);
}

#[test]
fn bad_cells_of_published_formats() {
    let azure = "arrival_s,vcpus,mem_gb,dur_lo_s,dur_hi_s,censored\n\
                 ,1,1,0,0,0\n300,1,1,600,300,0\n300,1,1,0,0,2\n300,1,1,0,0,\n";
    insta::assert_snapshot!(format_told(TraceFormat::AzureV1, azure), @r#"
        line 2, column arrival_s, value ``: is empty
          help: seconds from 0 to 1,000 years, such as 300 or 12.5
        line 3, column dur_hi_s, value `300`: is less than dur_lo_s
          help: at least dur_lo_s
        line 4, column censored, value `2`: is neither 0 nor 1
          help: 0 or 1
        line 5, column censored, value ``: is neither 0 nor 1
          help: 0 or 1
    "#);
    let alibaba = "role,app_name,cpu_request,gpu_request,rdma_request,memory_request,\
                   disk_request,max_instance_per_node,creation_time,deletion_time\n\
                   XN,a,1,0,1,1,1,-1,,\nCN,,1,0,1,1,1,-1,,\nCN,a,1,0,1,1,1,0,,\n\
                   CN,a,1,0,1,1,1,,,\nCN,a,1,0,1,1,1,-1,9,8.5\n";
    insta::assert_snapshot!(format_told(TraceFormat::AlibabaDlrm, alibaba), @r#"
        line 2, column role, value `XN`: is neither CN nor HN
          help: CN or HN
        line 3, column app_name, value ``: is empty
          help: the name of the service
        line 4, column max_instance_per_node, value `0`: is no limit
          help: at least 1, or -1 for no limit
        line 5, column max_instance_per_node, value ``: is no limit
          help: at least 1, or -1 for no limit
        line 6, column deletion_time, value `8.5`: is before creation_time
          help: at or after creation_time, or empty
    "#);
}

#[test]
fn bad_headers() {
    insta::assert_snapshot!(generic_told("arrival,vcpus,vcpus,memory_gb\n"), @r#"
        line 1: unknown column `arrival`
          help: did you mean `arrival_s`?
        line 1, column vcpus: the column is there twice
          help: each column once, in any order
        line 1: unknown column `memory_gb`
          help: did you mean `memory_gib`?
        line 1: column `arrival_s` is missing
          help: the columns here are `arrival`, `vcpus`, `vcpus`, `memory_gb`
    "#);
    insta::assert_snapshot!(generic_told("arrival_s,vcpus\n1,1\n"), @r#"
        line 1: memory is missing: one of `memory_gib`, `memory_mib`, `memory_bytes` states it
          help: the columns here are `arrival_s`, `vcpus`
    "#);
    insta::assert_snapshot!(generic_told("arrival_s,vcpus,memory_gib,memory_mib\n"), @r#"
        line 1: memory is stated twice: one of `memory_gib`, `memory_mib`, `memory_bytes` states it
          help: the columns here are `arrival_s`, `vcpus`, `memory_gib`, `memory_mib`
    "#);
    insta::assert_snapshot!(generic_told("arrival_s,vcpus,memory_gib,per_server_limit\n"), @r#"
        line 1: column `per_server_limit` limits the instances of an app, but column `app` is missing
          help: the columns here are `arrival_s`, `vcpus`, `memory_gib`, `per_server_limit`
    "#);
    insta::assert_snapshot!(generic_told("1800000,0,8,14\n"), @r#"
        line 1: the first line names no column of the format `generic`
          help: a trace begins with a header; this format's columns are `arrival_s`, `vcpus`, `memory_gib`, `memory_mib`, `memory_bytes`, `lifetime_s`, `gpus`, `type`, `app`, `per_server_limit`, `group`, `zone`
    "#);
    insta::assert_snapshot!(format_told(TraceFormat::AlibabaDlrm, GOOD), @r#"
        line 1: the first line names no column of the format `alibaba-dlrm`
          help: its columns are those of the format `generic`
    "#);
    insta::assert_snapshot!(format_told(TraceFormat::AzureV1, "arrival_s,vcpus,mem_gb,dur_hi_s\n"), @r#"
        line 1: `dur_lo_s`, `dur_hi_s` and `censored` come together or not at all
          help: the columns here are `arrival_s`, `vcpus`, `mem_gb`, `dur_hi_s`
    "#);
}

#[test]
fn bad_files() {
    insta::assert_snapshot!(generic_told(""), @r#"
        the file is empty
          help: a trace begins with a header line that names its columns
    "#);
    insta::assert_snapshot!(generic_told("\u{feff}\r\n\n"), @r#"
        the file is empty
          help: a trace begins with a header line that names its columns
    "#);
    insta::assert_snapshot!(generic_told("arrival_s,vcpus,memory_gib\n"), @r#"
        the trace holds no rows
          help: below the header, one line an instance
    "#);
    insta::assert_snapshot!(generic_told(b"arrival_s,vcpus,memory_gib,type\n1,1,1,caf\xe9\n"), @r#"
        line 2: not UTF-8 at byte 41 of the text
          help: save the trace as UTF-8
    "#);
    insta::assert_snapshot!(generic_told("arrival_s,vcpus,memory_gib\n1,\0,1\n"), @r#"
        line 2: the line holds a NUL byte
          help: a trace is text in UTF-8
    "#);
    insta::assert_snapshot!(generic_told(GOOD.replace('\n', "\r")), @r#"
        line 1: a carriage return that ends no line
          help: lines end in LF or CR LF
    "#);
    insta::assert_snapshot!(generic_told(b"\xff\xfea\0"), @r#"
        the file holds UTF-16 text, which is not read
          help: a trace is CSV in UTF-8, plain or gzip
    "#);
    insta::assert_snapshot!(generic_told(b"PK\x03\x04"), @r#"
        the file holds a zip archive, which is not read
          help: a trace is CSV in UTF-8, plain or gzip
    "#);
    insta::assert_snapshot!(generic_told(format!("{GOOD}{}\n", "1".repeat((1 << 20) + 1))), @r#"
        line 4: the line is longer than 1 MiB
          help: is this a CSV file?
    "#);
    insta::assert_snapshot!(generic_told(vec![b'x'; 3 << 20]), @r#"
        line 1: the line is longer than 1 MiB
          help: is this a CSV file?
    "#);
}

#[test]
fn bad_gzip() {
    let whole = packed(GOOD.as_bytes());
    insta::assert_snapshot!(generic_told(&whole[..whole.len() - 9]), @r#"
        line 3: the gzip data end too early
          help: the file was cut off: fetch it again
    "#);
    insta::assert_snapshot!(generic_told(&whole[..2]), @r#"
        the gzip data end too early
          help: the file was cut off: fetch it again
    "#);
    let mut damaged = whole.clone();
    let last = damaged.len() - 6;
    damaged[last] ^= 1;
    insta::assert_snapshot!(generic_told(&damaged), @r#"
        line 3: the gzip data are damaged (corrupt gzip stream does not have a matching checksum)
          help: fetch the file again, or store it uncompressed
    "#);
    insta::assert_snapshot!(generic_told([&whole[..], b"rubbish beyond the end"].concat()), @r#"
    line 3: something else follows the end of the gzip data
      help: remove it, or fetch the file again
    "#);
    insta::assert_snapshot!(generic_told([&whole[..], b"junk\n"].concat()), @r#"
    line 3: something else follows the end of the gzip data
      help: remove it, or fetch the file again
    "#);
    insta::assert_snapshot!(generic_told(packed(&whole)), @r#"
        the file holds gzip within gzip, which is not read
          help: a trace is CSV in UTF-8, plain or gzip
    "#);
}

#[test]
fn a_gzip_bomb_is_refused_at_the_limit() {
    let row = "5,,2,3\n";
    let bomb = packed(format!("{GOOD}{}", row.repeat(100_000)).as_bytes());
    assert!(bomb.len() < 10_000);
    let options = TraceOptions { max_bytes: 1_000, ..TraceOptions::new(TraceFormat::Generic) };
    insta::assert_snapshot!(told(read("t.csv", &mut &bomb[..], &options)), @r#"
        the trace is longer than 1000 bytes
          help: the limit is on the decompressed size: give a shorter trace
    "#);
    let blank = packed(format!("{GOOD}{}", "\n".repeat(3_000_000)).as_bytes());
    insta::assert_snapshot!(generic_told(blank), @r#"
    line 1000004: more than 1,000,000 blank lines follow each other
      help: is this a CSV file?
    "#);
    insta::assert_snapshot!(generic_told(packed(&vec![0; 1 << 24])), @r#"
        line 1: the line holds a NUL byte
          help: a trace is text in UTF-8
    "#);
}

#[test]
fn too_many_rows_are_refused_with_their_memory() {
    let options = TraceOptions { max_rows: 1, ..TraceOptions::new(TraceFormat::Generic) };
    insta::assert_snapshot!(told(read("t.csv", &mut GOOD.as_bytes(), &options)), @r#"
        the trace has more than 1 rows, which alone take 24 bytes
          help: give a part of the trace
    "#);
    let enough = TraceOptions { max_rows: 2, ..options };
    assert!(read("t.csv", &mut GOOD.as_bytes(), &enough).is_ok());
}

#[test]
fn names_are_short_and_printable() {
    let header = "arrival_s,vcpus,memory_gib,zone\n1,1,1,";
    assert!(generic(format!("{header}{}\n", "n".repeat(255)).as_bytes()).is_ok());
    assert!(generic(format!("{header}Zürich\n").as_bytes()).is_ok());
    for name in ["n".repeat(256), "a\u{85}b".to_owned(), "a\u{7f}b".to_owned()] {
        let faults = generic(format!("{header}{name}\n").as_bytes()).expect_err("a bad name");
        assert_eq!(faults[0].column.as_deref(), Some("zone"));
    }
}

#[test]
fn a_directory_is_refused() {
    let Ok(mut folder) = std::fs::File::open(env!("CARGO_MANIFEST_DIR")) else {
        println!("skipped: folders cannot be opened here");
        return;
    };
    let options = TraceOptions::new(TraceFormat::Generic);
    insta::assert_snapshot!(told(read("t.csv", &mut folder, &options)), @r#"
        is a directory
          help: a trace is a CSV file, plain or gzip
    "#);
}

#[test]
fn gzip_of_several_members_reads_as_the_plain_text() {
    let plain = generic(GOOD.as_bytes()).expect("good");
    let (head, tail) = GOOD.as_bytes().split_at(45);
    let members = [packed(head), packed(tail), packed(b"")].concat();
    let unpacked = generic(&members).expect("good");
    assert_eq!(unpacked.digest, blake3::hash(&members).to_hex().to_string());
    assert_eq!(RawTrace { digest: plain.digest.clone(), ..unpacked }, plain);
}

#[test]
fn skipped_rows_are_counted_and_keep_their_numbers() {
    let text = "arrival_s,vcpus,memory_gib,type\n1,1,1,a\nx,9,9,b\n1,1\n2,1,1,a\n";
    let options =
        TraceOptions { on_bad_row: OnBadRow::Skip, ..TraceOptions::new(TraceFormat::Generic) };
    let trace = read("t.csv", &mut text.as_bytes(), &options).expect("good rows remain");
    assert_eq!((trace.rows, trace.skipped, trace.templates.len()), (4, 2, 1));
    assert_eq!(trace.arrivals.iter().map(|row| row.row).collect::<Vec<_>>(), [0, 3]);
    let none = "arrival_s,vcpus,memory_gib\nx,1,1\n1,1\n";
    insta::assert_snapshot!(told(read("t.csv", &mut none.as_bytes(), &options)), @r#"
        every row is bad, so skipping them leaves none
        line 2, column arrival_s, value `x`: is not a number
          help: seconds from 0 to 1,000 years, such as 300 or 12.5
    "#);
    let header = read("t.csv", &mut "arrival_s,vcpu\n1,1\n".as_bytes(), &options);
    assert!(header.is_err());
}

#[test]
fn many_faults_are_told_in_part() {
    let text = format!("arrival_s,vcpus,memory_gib\n{}", "1,1,x\n".repeat(1_000));
    let options = TraceOptions { max_faults: 2, ..TraceOptions::new(TraceFormat::Generic) };
    insta::assert_snapshot!(told(read("t.csv", &mut text.as_bytes(), &options)), @r#"
        line 2, column memory_gib, value `x`: is not a number
          help: an amount from 0 to 1 PiB, such as 4 or 1.75
        line 3, column memory_gib, value `x`: is not a number
          help: an amount from 0 to 1 PiB, such as 4 or 1.75
        there are at least 998 more faults
    "#);
}

#[test]
fn every_format_has_one_name_and_its_columns_are_documented() {
    let documented = include_str!("../../../docs/traces.md");
    for (format, name) in TraceFormat::ALL {
        assert_eq!(TraceFormat::from_name(name), Some(format));
        assert_eq!(format.name(), name);
        assert!(documented.contains(&format!("`{name}`")), "{name}");
        for column in format.columns() {
            assert!(documented.contains(&format!("`{}`", column.name)), "{}", column.name);
        }
    }
    assert_eq!(TraceFormat::from_name("azure"), None);
}

/// Any options, with small limits among them.
fn any_options() -> impl Strategy<Value = TraceOptions> {
    let formats = proptest::sample::select(TraceFormat::ALL.map(|(format, _)| format).to_vec());
    (formats, any::<bool>(), 0_u64..2_000, 0_usize..4).prop_map(
        |(format, skip, max_bytes, max_faults)| TraceOptions {
            on_bad_row: if skip { OnBadRow::Skip } else { OnBadRow::Fail },
            max_bytes,
            max_faults,
            ..TraceOptions::new(format)
        },
    )
}

/// What must hold of whatever a reader returns.
fn check(result: Result<RawTrace, Vec<TraceFault>>, options: &TraceOptions) {
    match result {
        Ok(trace) => {
            let kept = (trace.at_start.len() + trace.arrivals.len()) as u64;
            assert!(kept > 0 && kept + trace.skipped == trace.rows);
            assert!(trace.arrivals.is_sorted_by_key(|row| (row.arrival, row.row)));
            let templates = trace.templates.len();
            let mut all = trace.at_start.iter().chain(&trace.arrivals);
            assert!(all.all(|row| (row.template as usize) < templates));
            assert!(options.on_bad_row == OnBadRow::Skip || trace.skipped == 0);
        }
        Err(faults) => {
            assert!(!faults.is_empty() && faults.len() <= options.max_faults.max(1) + 1);
            for fault in faults {
                assert!(!fault.to_string().chars().any(char::is_control), "{fault:?}");
            }
        }
    }
}

const AZURE: &str = "arrival_s,batch_id,vcpus,mem_gb,dur_bin,dur_lo_s,dur_hi_s,censored\n\
                     300,0,1,0.75,13,3900,7200,0\n600,1,1,0.75,2,600,600,1\n";

const ALIBABA: &str = "role,app_name,cpu_request,gpu_request,rdma_request,memory_request,\
                       disk_request,max_instance_per_node,creation_time,deletion_time\n\
                       HN,a,12,1,25,120.0,640.0,8,,7.5\nCN,b,64,0,1,320.0,680.0,-1,9.0,10.5\n";

proptest! {
    #[test]
    fn random_bytes_never_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        options in any_options(),
    ) {
        check(read("t.csv", &mut &bytes[..], &options), &options);
    }

    #[test]
    fn changed_traces_never_panic(
        options in any_options(),
        changes in proptest::collection::vec((any::<u16>(), any::<u8>(), 0_u8..4), 0..6),
        pack in any::<bool>(),
        late in any::<bool>(),
    ) {
        let text = match options.format {
            TraceFormat::Generic => GOOD,
            TraceFormat::AzureV1 => AZURE,
            TraceFormat::AlibabaDlrm => ALIBABA,
        };
        let mut bytes = text.as_bytes().to_vec();
        if pack && late {
            bytes = packed(&bytes);
        }
        for (place, byte, kind) in changes {
            let place = usize::from(place) % bytes.len().max(1);
            match kind {
                0 if place < bytes.len() => bytes[place] = byte,
                1 => bytes.insert(place, byte),
                2 if place < bytes.len() => drop(bytes.remove(place)),
                // The characters that mean something are worth more tries.
                _ => bytes.insert(place, b"\",\r\n.-\x00e"[usize::from(byte) % 8]),
            }
        }
        if pack && !late {
            bytes = packed(&bytes);
        }
        check(read("t.csv", &mut &bytes[..], &options), &options);
    }

    #[test]
    fn rows_written_are_rows_read(
        rows in proptest::collection::vec((0_u64..1 << 50, 0_u64..1 << 50, 1_u32..9, 0_u64..1 << 50), 1..30)
    ) {
        let mut text = String::from("memory_bytes,vcpus,lifetime_s,arrival_s\n");
        for (arrival, life, vcpus, memory) in &rows {
            let (a, b) = (arrival / 1_000_000, arrival % 1_000_000);
            let (c, d) = (life / 1_000_000, life % 1_000_000);
            text.push_str(&format!("{memory},{vcpus},{c}.{d:06},{a}.{b:06}\n"));
        }
        let trace = generic(text.as_bytes()).expect("well formed");
        let mut read_back: Vec<_> = trace.arrivals.clone();
        read_back.sort_by_key(|row| row.row);
        let read_back: Vec<_> = read_back.iter().map(|row| {
            let demand = trace.templates[row.template as usize].demand;
            (row.arrival.micros(), row.life.micros(), demand.vcpus, demand.memory)
        }).collect();
        prop_assert_eq!(read_back, rows);
    }
}
