//! `stwo-ml`: prove ML inference, verify it anywhere.

mod args;
mod chain;
mod commands;
mod files;
mod inputs;
mod json;
mod model_file;
mod output;
mod suite;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};

/// How results are printed.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// One JSON object on stdout.
    pub json: bool,
    /// No progress and no notes.
    pub quiet: bool,
}

impl Style {
    /// Whether progress is hidden.
    pub const fn silent(self) -> bool {
        self.json || self.quiet
    }

    /// A note for people, on stderr.
    pub fn note(self, text: &str) {
        if !self.silent() {
            eprintln!("{text}");
        }
    }
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let bad = error.use_stderr();
            // Nothing is left to do if the terminal is gone.
            let _ = error.print();
            return ExitCode::from(u8::from(bad));
        }
    };
    // A panic is a fault of ours: one line, and exit code 2.
    std::panic::set_hook(Box::new(|info| {
        eprintln!("stwo-ml: internal error: {info}");
        eprintln!("This is a bug: please report it with the command that caused it.");
    }));
    let style = Style { json: cli.json, quiet: cli.quiet };
    let done = std::panic::catch_unwind(|| {
        files::clean_up_on_signals()?;
        run(&cli.command, style)
    });
    match done {
        Ok(Ok(code)) => code,
        Ok(Err(error)) => {
            let sentence = sentence(&error);
            if style.json {
                println!("{}", serde_json::json!({ "error": sentence }));
            }
            eprintln!("stwo-ml: {sentence}");
            ExitCode::from(1)
        }
        Err(_) => ExitCode::from(2),
    }
}

/// An error and its causes, without those that the text before them ends with already.
fn sentence(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |text, cause| {
        match (text.is_empty(), text.ends_with(&cause)) {
            (true, _) => cause,
            (false, true) => text,
            (false, false) => format!("{text}: {cause}"),
        }
    })
}

fn run(command: &Command, style: Style) -> anyhow::Result<ExitCode> {
    match command {
        Command::Inspect(args) => commands::inspect::run(args, style)?,
        Command::Setup(args) => commands::setup::run(args, style)?,
        Command::Prove(args) => commands::prove::run(args, style)?,
        Command::Verify(args) => return commands::verify::run(args, style),
        Command::Recurse(args) => commands::recurse::run(args, style)?,
        Command::Calldata(args) => commands::calldata::run(args, style)?,
        Command::Deploy(args) => commands::deploy::run(args, style)?,
        Command::Register(args) => commands::register::run(args, style)?,
        Command::Submit(args) => return commands::submit::run(args, style),
        Command::Devnet(args) => commands::devnet::run(args, style)?,
        Command::Bench(args) => commands::bench::run(args, style)?,
        Command::Completions(args) => commands::completions(args),
    }
    Ok(ExitCode::SUCCESS)
}
