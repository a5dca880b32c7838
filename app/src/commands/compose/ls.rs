//! `teu compose ls`.

use crate::arguments::ComposeListArguments;
use crate::commands::{Outcome, print};
use crate::output::{self, safe};
use serde_json::json;
use teu_api::Failure;
use teu_core::Engine;
use teu_core::stacks::StackSummary;

/// Lists projects.
pub fn run(engine: &Engine, arguments: &ComposeListArguments) -> Outcome {
    let mut names = Vec::new();
    for filter in &arguments.filter {
        match filter.split_once('=') {
            Some(("name", text)) => names.push(text),
            _ => {
                return Err(Failure::usage(format!("invalid filter '{filter}'")).hint("write name=TEXT"));
            }
        }
    }
    let mut stacks = engine.stacks()?;
    stacks.retain(|stack| {
        (arguments.all || stack.live > 0) && names.iter().all(|text| stack.name.contains(text))
    });
    if arguments.quiet {
        print(&super::say::lines(stacks.iter().map(|stack| &stack.name)))?;
    } else if arguments.format == "json" {
        let list: Vec<_> = stacks
            .iter()
            .map(|stack| json!({"Name": stack.name, "Status": status(stack), "ConfigFiles": stack.files}))
            .collect();
        print(&format!("{}\n", output::json(&list)))?;
    } else {
        let mut rows = vec![["NAME", "STATUS", "CONFIG FILES"].map(str::to_owned).to_vec()];
        rows.extend(stacks.iter().map(|stack| {
            vec![safe(&stack.name).into_owned(), status(stack), safe(&stack.files).into_owned()]
        }));
        print(&output::table(&rows))?;
    }
    Ok(0)
}

fn status(stack: &StackSummary) -> String {
    let states: Vec<String> = stack.states.iter().map(|(state, count)| format!("{state}({count})")).collect();
    states.join(", ")
}
