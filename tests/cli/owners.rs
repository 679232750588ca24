//! Kinds of owners that a scenario gets wrong, through the binary, and how the user is told.

use super::bad_input::{told, with};
use insta::assert_snapshot;

#[test]
fn bad_conducts_are_told() {
    let owners = r#"
[policies.customers.patient]
disk_error = "reboot"
maintenance_window = { from = 24, hours = 0 }
retry = { times = 0 }
[policies.customers.prompt]
scheduled_event = "accept"
scheduled_when = "in-window"
answer_after = "4"
[policies.customers.late]
scheduled_when = { before = "0s" }
inquiry_after = 3600
[policies.customers.both]
scheduled_when = { before = "1h", after = "1h" }
retry = "always"
"#;
    assert_snapshot!(told(&with(owners.trim_start())), @r#"
        error[unknown-value]: `policies.customers.patient.disk_error` has the unknown value "reboot"
          --> a.toml:12:14
           |
        12 | disk_error = "reboot"
           |              ^^^^^^^^
           |
           = help: known: wait, accept, redeploy

        error[range]: `policies.customers.patient.maintenance_window.from` is 24
          --> a.toml:13:31
           |
        13 | maintenance_window = { from = 24, hours = 0 }
           |                               ^^
           |
           = help: it is at most 23

        error[range]: `policies.customers.patient.maintenance_window.hours` is 0
          --> a.toml:13:43
           |
        13 | maintenance_window = { from = 24, hours = 0 }
           |                                           ^
           |
           = help: it is at least 1

        error[range]: `policies.customers.patient.retry.times` is 0
          --> a.toml:14:19
           |
        14 | retry = { times = 0 }
           |                   ^
           |
           = help: it is at least 1

        error[unknown-value]: `policies.customers.prompt.scheduled_event` has the unknown value "accept"
          --> a.toml:16:19
           |
        16 | scheduled_event = "accept"
           |                   ^^^^^^^^
           |
           = help: known: wait, reboot, redeploy, stop

        error[missing-key]: `policies.customers.prompt` has no maintenance window
          --> a.toml:17:18
           |
        17 | scheduled_when = "in-window"
           |                  ^^^^^^^^^^^
           |
           = help: give it one, as in maintenance_window = { from = 22, hours = 4 }

        error[quantity]: `policies.customers.prompt.answer_after`: "4" has no unit
          --> a.toml:18:16
           |
        18 | answer_after = "4"
           |                ^^^
           |
           = help: a length of time has units w, d, h, min, s, ms or us, as in "36h", "1d12h" or "250ms"

        error[range]: `policies.customers.late.scheduled_when.before` is no time at all
          --> a.toml:20:29
           |
        20 | scheduled_when = { before = "0s" }
           |                             ^^^^
           |
           = help: at the planned time the event runs by itself: give a length above zero

        error[no-unit]: `policies.customers.late.inquiry_after` is the number 3600: a length of time needs a unit
          --> a.toml:21:17
           |
        21 | inquiry_after = 3600
           |                 ^^^^
           |
           = help: a law is a length ("20min"), a range ("20s..60s", evenly between), "never", or one of { exponential = { mean = "24h" } }, { weibull = { shape = 1.5, scale = "60000h" } }, { lognormal = { median = "59min", p99 = "63h" } }, { empirical = [[0.5, "25min"], [1.0, "2h"]] }

        error[conflict]: `policies.customers.both.scheduled_when` has both `after` and `before`
          --> a.toml:23:20
           |
        23 | scheduled_when = { before = "1h", after = "1h" }
           |                    ^^^^^^         ----- the other one
           |
           = help: give one of after, before

        error[unknown-value]: `policies.customers.both.retry` has the unknown value "always"
          --> a.toml:24:9
           |
        24 | retry = "always"
           |         ^^^^^^^^
           |
           = help: it takes "never", or a table with after, times

        11 faults in a.toml
    "#);
}

#[test]
fn bad_mixes_are_told() {
    let owners = r#"
[policies.customers]
patient = {}
prompt = {}
late = {}
[policies.customers.lone]
mix = { patiant = 1, prompt = 0 }
[policies.customers.nobody]
mix = {}
[policies.customers.zero]
mix = { late = 0 }
[policies.customers.nested]
mix = { zero = 1, nested = 1 }
[policies.customers.mixed]
mix = { late = 1 }
inquiry = "accept"
"#;
    assert_snapshot!(told(&with(owners.trim_start())), @r#"
        error[unknown-name]: there is no customer `patiant`
          --> a.toml:16:9
           |
        16 | mix = { patiant = 1, prompt = 0 }
           |         ^^^^^^^
           |
           = help: did you mean `patient`? (known: default, late, lone, mixed, nested, nobody, patient, prompt, zero)

        error[range]: `mix` names no owner
          --> a.toml:18:7
           |
        18 | mix = {}
           |       ^^
           |
           = help: name owners with their weights, as in { patient = 3, prompt = 1 }

        error[range]: all weights are zero
          --> a.toml:20:7
           |
        20 | mix = { late = 0 }
           |       ^^^^^^^^^^^^
           |
           = help: give at least one a weight above zero

        error[nested-mix]: the mix `nested` names the mix `zero`
          --> a.toml:22:9
           |
        22 | mix = { zero = 1, nested = 1 }
           |         ^^^^
           |
           = help: a mix names kinds of owners that are no mixes themselves

        error[nested-mix]: the mix `nested` names itself
          --> a.toml:22:19
           |
        22 | mix = { zero = 1, nested = 1 }
           |                   ^^^^^^
           |
           = help: a mix names kinds of owners that are no mixes themselves

        error[conflict]: `policies.customers.mixed` has both `mix` and `inquiry`
          --> a.toml:25:1
           |
        24 | mix = { late = 1 }
           | --- the other one
        25 | inquiry = "accept"
           | ^^^^^^^
           |
           = help: give one of mix, inquiry

        6 faults in a.toml
    "#);
}
