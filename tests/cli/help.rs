//! What `--help` says of each command.

use super::answer;
use insta::assert_snapshot;

fn help(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let (code, text, faults) = answer(arguments, folder.path());
    assert_eq!((code, faults.as_str()), (0, ""));
    assert!(text.lines().all(|line| line.chars().count() <= 100));
    text
}

#[test]
fn help_of_the_whole() {
    assert_snapshot!(help(&["--help"]), @r#"
    A deterministic discrete-event simulator of a cloud's server fleet: availability, failures, repair
    and migration load, with honest error bars

    Usage: fleetsim [OPTIONS] <COMMAND>

    Commands:
      run          Simulate a scenario many times and show what happened, with intervals
      sweep        Run every combination of varied values, on one machine or many; can be stopped and
                   resumed
      merge        Join the shards of a sweep to what the whole sweep would have written
      compare      Say whether one scenario is better than another, run by run on the same failures
      plan         Find the smallest or largest value of a parameter that meets goals with stated
                   confidence
      trace        Tell the story of one run, or of one instance, server, disk, event or task in it
      check        Judge whether a change makes scenarios worse than their baselines, or misses their
                   gates
      report       Draw the plots of a finished command again, from the files of its folder
      validate     Read scenarios and show what they amount to; run nothing
      init         Write a commented example scenario, and the schema beside it, into the working
                   directory
      import       Turn a recording into a part of a scenario, on standard output
      metrics      List every metric with its unit and exact definition
      schema       Print the JSON Schema of the scenario file; with --format markdown a reference
      completions  Print a script that completes commands and options in a shell
      man          Print a manual page, or with --format markdown the help of every command

    Options:
      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Common options:
          --format <FORMAT>
              Form of the tables on standard output

              Possible values:
              - human:    For people
              - json:     For programs
              - csv:      For spreadsheets and data frames
              - markdown: For issues and pull requests
              
              [default: human]

      -q, --quiet
              Print results, faults and warnings only: no progress, no remarks

          --color <COLOR>
              When to use colour; NO_COLOR is obeyed

              Possible values:
              - auto:   On a terminal
              - always: Even into a file or pipe
              - never:  Not at all
              
              [default: auto]

    Start with: fleetsim init && fleetsim run quickstart.toml

    Exit codes:
      0    done
      1    a gate or goal was missed
      2    a fault in what was named: an option, a scenario, an input file
      3    inconclusive: more runs are needed
      4    writing results failed, or reading a results folder
      6    the machine has not the memory that is needed
      101  a bug of fleetsim; the message says how to repeat it
      130  interrupted; nothing is half written, and a sweep keeps its finished runs
      143  ended by SIGTERM; the same
    "#);
}

#[test]
fn help_of_run() {
    assert_snapshot!(help(&["run", "--help"]), @r#"
    Simulate a scenario many times and show what happened, with intervals

    Usage: fleetsim run [OPTIONS] <SCENARIO>

    Arguments:
      <SCENARIO>
              The scenario file (TOML or JSON)

    Options:
          --runs <N>
              How many runs [default: as the scenario says]

          --seed <S>
              Seed of all chance [default: as the scenario says]

          --threads <T>
              Threads to use; no number depends on it [default: all cores]

          --until-precision <METRIC=5%>
              Instead of --runs: as many as it takes to know the mean of METRIC to 5 %; may be repeated

          --max-runs <N>
              With --until-precision: the most runs [default: 2000]

          --set <PATH=VALUE>
              Set a value of the scenario; may be repeated

          --allow-path
              Let the scenario name files outside of its folder

          --out <DIR>
              Write summary.json, runs.csv, series.csv, worst.json, manifest.json, report.html and
              plots/ into this folder, which must be new, empty, or hold nothing but these of an earlier
              run

          --html <FILE>
              Write the report: one page with charts and tables that needs no network; replaces only a
              file that an earlier run wrote

          --placements <FILE>
              Write which server each instance was put on, in one run, as CSV; replaces only a file that
              an earlier run wrote

          --events <FILE>
              Write the notifications that the cloud would send, in one run, as JSON lines; replaces
              only a file that an earlier run wrote

          --run <K>
              The run that --placements and --events are about, counted from 0 [default: 0]

      -h, --help
              Print help (see a summary with '-h')

    Common options:
          --format <FORMAT>
              Form of the tables on standard output

              Possible values:
              - human:    For people
              - json:     For programs
              - csv:      For spreadsheets and data frames
              - markdown: For issues and pull requests
              
              [default: human]

      -q, --quiet
              Print results, faults and warnings only: no progress, no remarks

          --color <COLOR>
              When to use colour; NO_COLOR is obeyed

              Possible values:
              - auto:   On a terminal
              - always: Even into a file or pipe
              - never:  Not at all
              
              [default: auto]

    Examples:
      fleetsim run quickstart.toml
      fleetsim run quickstart.toml --runs 200 --seed 7
      fleetsim run quickstart.toml --until-precision 'interruptions.per_instance_year=2%'
      fleetsim run quickstart.toml --set policies.repair.crews=2
      fleetsim run quickstart.toml --out results/quickstart
      fleetsim run quickstart.toml --html quickstart.html
      fleetsim run quickstart.toml --format json | jq '.metrics[] | select(.name == "availability")'
      fleetsim run quickstart.toml --placements placements.csv --run 3
      fleetsim run quickstart.toml --events events.jsonl --run 3
    "#);
}

#[test]
fn help_of_plan() {
    assert_snapshot!(help(&["plan", "-h"]), @r"
    Find the smallest or largest value of a parameter that meets goals with stated confidence

    Usage: fleetsim plan [OPTIONS] --vary <PATH=LO..HI[:STEP]> --goal <GOAL> <SCENARIO>

    Arguments:
      <SCENARIO>  The scenario file (TOML or JSON)

    Options:
          --vary <PATH=LO..HI[:STEP]>  The value to look for, and where: whole numbers, lengths of time,
                                       percentages
          --goal <GOAL>                What must be reached: METRIC >= VALUE (or >, <=, <), then `in 95%
                                       of runs`, which is meant where nothing is said, or `on average`;
                                       may be repeated, and then all must be
          --confidence <P>             Probability with which the answer is to be enough [default: 95%]
          --smallest                   Look for the smallest value that is enough: more is better
                                       [default]
          --largest                    Look for the largest value that is still good: less is better
          --runs <N>                   How many runs a value. A goal that must hold in a share of runs
                                       is judged by so many [default: 336 for 95%, else what leaves 10
                                       to fail]; a goal on average by so many at most [default: 2000]
          --seed <S>                   Seed of all chance [default: as the scenario says]
          --threads <T>                Threads to use; no number depends on it [default: all cores]
          --set <PATH=VALUE>           Set a value of the scenario; may be repeated
          --allow-path                 Let the scenario name files outside of its folder
          --out <DIR>                  Write summary.json, runs.csv, manifest.json, report.html and
                                       plots/ into this folder, which must be new, empty, or hold
                                       nothing but these files of an earlier plan
      -h, --help                       Print help (see more with '--help')

    Common options:
          --format <FORMAT>  Form of the tables on standard output [default: human] [possible values:
                             human, json, csv, markdown]
      -q, --quiet            Print results, faults and warnings only: no progress, no remarks
          --color <COLOR>    When to use colour; NO_COLOR is obeyed [default: auto] [possible values:
                             auto, always, never]

    Examples:
      fleetsim plan spare-capacity.toml --vary 'servers[spare].count=0..20' \
          --goal 'placement.failed <= 0 in 95% of runs'
      fleetsim plan spare-capacity.toml --vary 'servers[spare].count=0..20' \
          --goal 'availability >= 99.99% on average' --confidence 99%
      fleetsim plan how-fast-can-we-roll.toml --largest \
          --vary 'campaigns[hypervisor].at_once.servers=4..80' \
          --goal 'service.outages{database,710} <= 0 in 95% of runs'

    Ends with 0 where the value is found, 1 where none in the range meets the goals, 3 where more runs
    are needed to tell.
    ");
}

#[test]
fn help_of_trace() {
    assert_snapshot!(help(&["trace", "-h"]), @r#"
    Tell the story of one run, or of one instance, server, disk, event or task in it

    Usage: fleetsim trace [OPTIONS] <SCENARIO>

    Arguments:
      <SCENARIO>  The scenario file (TOML or JSON)

    Options:
          --run <K>               The run, counted from 0; may lie past the runs of the scenario
                                  [default: 0]
          --seed <S>              Seed of all chance [default: as the scenario says]
          --instance <NAME>       An instance, named as `run --placements` names it (start-7, 17, 1-17),
                                  as the scenario does (web[0], jobs#17), or by its id in notifications
                                  (i-…)
          --server <NAME>         A server, named as `run --placements` names it
          --disk <SERVER/NUMBER>  A local disk: its server and the number of its bay there, from 0; or
                                  its id (d-…)
          --event <NUMBER>        A system event, by the number that stories show, or by its id (e-…)
          --task <NUMBER>         A task, by the number that stories show, or by its id (t-…)
          --host <NAME>           A dedicated host, by its name
          --group <NAME>          A scaling group, by its name
          --refresh <NAME>        An instance refresh, by the command that starts it: its name, or
                                  script[2] by its place
          --from <T>              From here on the clock, as in 71d4h [default: the begin of the run]
          --to <T>                Up to here on the clock [default: the end of the run]
          --by <BY>               How the text is put together [default: part] [possible values: part,
                                  time]
          --timeline <FILE>       Draw the story of one thing into this file, as a picture (.svg) or a
                                  page (.html); replaces only a file that an earlier run drew
          --set <PATH=VALUE>      Set a value of the scenario; may be repeated
          --allow-path            Let the scenario name files outside of its folder
      -h, --help                  Print help (see more with '--help')

    Common options:
          --format <FORMAT>  Form of the tables on standard output [default: human] [possible values:
                             human, json, csv, markdown]
      -q, --quiet            Print results, faults and warnings only: no progress, no remarks
          --color <COLOR>    When to use colour; NO_COLOR is obeyed [default: auto] [possible values:
                             auto, always, never]

    Examples:
      fleetsim trace quickstart.toml --instance start-7
      fleetsim trace quickstart.toml --run 3 --server a-r1-4 --from 71d4h --to 72d
      fleetsim trace quickstart.toml --instance start-7 --timeline start-7.svg
      fleetsim trace quickstart.toml --by time --from 276d13h --to 276d14h
      fleetsim trace quickstart.toml --format json | jq 'select(.what == "Commanded")'
    "#);
}

#[test]
fn help_of_import() {
    assert_snapshot!(help(&["import", "-h"]), @r#"
    Turn a recording into a part of a scenario, on standard output

    Usage: fleetsim import [OPTIONS] <FORMAT> <FILE>

    Arguments:
      <FORMAT>  What the file holds [possible values: notifications]
      <FILE>    The file, which may be compressed with gzip; - is standard input

    Options:
          --start <TIME>  Where the clock's zero lies, as 2026-01-31T00:00:00Z [default: midnight before
                          the first event]
          --type <NAME>   Instance type of the instances [default: imported]
      -h, --help          Print help (see more with '--help')

    Common options:
          --format <FORMAT>  Form of the tables on standard output [default: human] [possible values:
                             human, json, csv, markdown]
      -q, --quiet            Print results, faults and warnings only: no progress, no remarks
          --color <COLOR>    When to use colour; NO_COLOR is obeyed [default: auto] [possible values:
                             auto, always, never]

    Examples:
      fleetsim import notifications events.jsonl > recorded.toml
      fleetsim import notifications events.jsonl --type ecs.d2s.5xlarge > recorded.toml
      zcat events-*.jsonl.gz | fleetsim import notifications - > recorded.toml
      (a scenario with `include = "recorded.toml"` then replays what was recorded)
    "#);
}

#[test]
fn help_of_validate() {
    assert_snapshot!(help(&["validate", "-h"]), @r"
        Read scenarios and show what they amount to; run nothing

        Usage: fleetsim validate [OPTIONS] <SCENARIO>...

        Arguments:
          <SCENARIO>...  The scenario files

        Options:
              --set <PATH=VALUE>  Set a value of the scenario; may be repeated
              --allow-path        Let the scenario name files outside of its folder
          -h, --help              Print help (see more with '--help')

        Common options:
              --format <FORMAT>  Form of the tables on standard output [default: human] [possible values:
                                 human, json, csv, markdown]
          -q, --quiet            Print results, faults and warnings only: no progress, no remarks
              --color <COLOR>    When to use colour; NO_COLOR is obeyed [default: auto] [possible values:
                                 auto, always, never]

        Examples:
          fleetsim validate quickstart.toml
          fleetsim validate scenarios/*.toml --format json
        ");
}

#[test]
fn help_of_init() {
    assert_snapshot!(help(&["init", "-h"]), @r"
        Write a commented example scenario, and the schema beside it, into the working directory

        Usage: fleetsim init [OPTIONS] [NAME]

        Arguments:
          [NAME]  Which example [default: quickstart]

        Options:
              --list   List the examples; write nothing
              --force  Replace the file if it is there
          -h, --help   Print help (see more with '--help')

        Common options:
              --format <FORMAT>  Form of the tables on standard output [default: human] [possible values:
                                 human, json, csv, markdown]
          -q, --quiet            Print results, faults and warnings only: no progress, no remarks
              --color <COLOR>    When to use colour; NO_COLOR is obeyed [default: auto] [possible values:
                                 auto, always, never]

        Examples:
          fleetsim init
          fleetsim init --list
          fleetsim init quickstart --force
        ");
}

#[test]
fn help_of_metrics() {
    assert_snapshot!(help(&["metrics", "-h"]), @r"
        List every metric with its unit and exact definition

        Usage: fleetsim metrics [OPTIONS]

        Options:
          -h, --help  Print help (see more with '--help')

        Common options:
              --format <FORMAT>  Form of the tables on standard output [default: human] [possible values:
                                 human, json, csv, markdown]
          -q, --quiet            Print results, faults and warnings only: no progress, no remarks
              --color <COLOR>    When to use colour; NO_COLOR is obeyed [default: auto] [possible values:
                                 auto, always, never]

        Examples:
          fleetsim metrics
          fleetsim metrics --format markdown > METRICS.md
        ");
}

#[test]
fn help_of_schema() {
    assert_snapshot!(help(&["schema", "-h"]), @r"
        Print the JSON Schema of the scenario file; with --format markdown a reference

        Usage: fleetsim schema [OPTIONS]

        Options:
          -h, --help  Print help (see more with '--help')

        Common options:
              --format <FORMAT>  Form of the tables on standard output [default: human] [possible values:
                                 human, json, csv, markdown]
          -q, --quiet            Print results, faults and warnings only: no progress, no remarks
              --color <COLOR>    When to use colour; NO_COLOR is obeyed [default: auto] [possible values:
                                 auto, always, never]

        Examples:
          fleetsim schema > scenario.schema.json
          fleetsim schema --format markdown > REFERENCE.md
          (a scenario whose first line is `#:schema ./scenario.schema.json` is then completed by editors)
        ");
}

#[test]
fn help_of_completions() {
    assert_snapshot!(help(&["completions", "-h"]), @r"
        Print a script that completes commands and options in a shell

        Usage: fleetsim completions [OPTIONS] <SHELL>

        Arguments:
          <SHELL>  The shell [possible values: bash, elvish, fish, powershell, zsh]

        Options:
          -h, --help  Print help (see more with '--help')

        Common options:
              --format <FORMAT>  Form of the tables on standard output [default: human] [possible values:
                                 human, json, csv, markdown]
          -q, --quiet            Print results, faults and warnings only: no progress, no remarks
              --color <COLOR>    When to use colour; NO_COLOR is obeyed [default: auto] [possible values:
                                 auto, always, never]

        Examples:
          fleetsim completions bash > ~/.local/share/bash-completion/completions/fleetsim
          fleetsim completions zsh > ~/.zfunc/_fleetsim
          fleetsim completions fish > ~/.config/fish/completions/fleetsim.fish
        ");
}

#[test]
fn help_of_man() {
    assert_snapshot!(help(&["man", "-h"]), @r#"
          Print a manual page, or with --format markdown the help of every command

          Usage: fleetsim man [OPTIONS] [COMMAND]

          Arguments:
            [COMMAND]  The command that the page is about [default: all of fleetsim]

          Options:
            -h, --help  Print help (see more with '--help')

          Common options:
                --format <FORMAT>  Form of the tables on standard output [default: human] [possible values:
                                   human, json, csv, markdown]
            -q, --quiet            Print results, faults and warnings only: no progress, no remarks
                --color <COLOR>    When to use colour; NO_COLOR is obeyed [default: auto] [possible values:
                                   auto, always, never]

          Examples:
            fleetsim man | man -l -
            fleetsim man run > ~/.local/share/man/man1/fleetsim-run.1
            fleetsim man --format markdown > COMMANDS.md
          "#);
}

#[test]
fn help_of_sweep_and_merge() {
    assert_snapshot!(help(&["sweep", "-h"]), @r"
        Run every combination of varied values, on one machine or many; can be stopped and resumed

        Usage: fleetsim sweep [OPTIONS] --vary <AXIS> --out <DIR> <SCENARIO>

        Arguments:
          <SCENARIO>  The scenario file (TOML or JSON)

        Options:
              --vary <AXIS>       Vary a value: path=a,b,c or path=lo..hi:step or path=lo..hi:log:n;
                                  repeated, every combination is run; 'a,b=(90,100),(80,120)' varies two
                                  together
              --sample <lhs:N>    Run a sample of N points instead of every combination: lhs:N, a Latin
                                  hypercube, which also takes ranges without steps (path=lo..hi,
                                  path=lo..hi:log)
              --runs <N>          How many runs [default: as the scenario says]
              --seed <S>          Seed of all chance [default: as the scenario says]
              --threads <T>       Threads to use; no number depends on it [default: all cores]
              --set <PATH=VALUE>  Set a value of the scenario; may be repeated
              --allow-path        Let the scenario name files outside of its folder
              --metric <METRIC>   Tell more of this metric; may be repeated [default: availability and
                                  migrations]
              --out <DIR>         Write ledger.jsonl, points.csv, runs.csv, summary.json, manifest.json,
                                  report.html and plots/ into this folder, which must be new or empty,
                                  unless --resume is given
              --resume            Go on with a sweep that was stopped or killed: run only what its ledger
                                  lacks
              --shard <K/N>       Run only part K of N, counted from 0 (`merge` joins the parts); auto takes
                                  K from the job array or indexed job that this runs in
          -h, --help              Print help (see more with '--help')

        Common options:
              --format <FORMAT>  Form of the tables on standard output [default: human] [possible values:
                                 human, json, csv, markdown]
          -q, --quiet            Print results, faults and warnings only: no progress, no remarks
              --color <COLOR>    When to use colour; NO_COLOR is obeyed [default: auto] [possible values:
                                 auto, always, never]

        Examples:
          fleetsim sweep quickstart.toml --vary policies.repair.crews=1,2,4 --out crews
          fleetsim sweep quickstart.toml --vary policies.repair.crews=1..4:1 \
            --vary 'servers[0].count=40..60:10' --runs 100 --out grid
          fleetsim sweep quickstart.toml --vary settings.recover.detect=10s..10min:log \
            --vary policies.repair.crews=1..4 --sample lhs:50 --out sample
          fleetsim sweep quickstart.toml --vary policies.repair.crews=1,2,4 --out crews --resume
          fleetsim sweep quickstart.toml --vary policies.repair.crews=1,2,4 --resume \
            --shard auto/10 --out part-$SLURM_ARRAY_TASK_ID
        ");
    assert_snapshot!(help(&["merge", "-h"]), @r"
        Join the shards of a sweep to what the whole sweep would have written

        Usage: fleetsim merge [OPTIONS] --out <DIR> <DIR>...

        Arguments:
          <DIR>...  The folders of the shards

        Options:
              --out <DIR>        Write the results of the whole sweep into this folder, which must be new or
                                 empty
              --metric <METRIC>  Tell more of this metric; may be repeated [default: as the shards were
                                 told]
          -h, --help             Print help (see more with '--help')

        Common options:
              --format <FORMAT>  Form of the tables on standard output [default: human] [possible values:
                                 human, json, csv, markdown]
          -q, --quiet            Print results, faults and warnings only: no progress, no remarks
              --color <COLOR>    When to use colour; NO_COLOR is obeyed [default: auto] [possible values:
                                 auto, always, never]

        Examples:
          fleetsim merge part-0 part-1 part-2 --out whole
          fleetsim merge part-* --out whole --metric 'downtime{cause=server-failure}'
        ");
}
