//! The `#[test]` functions of a package.

use std::time::Instant;

use cairo_lang_runner::{SierraCasmRunner, StarknetState};
use cairo_lang_sierra_to_casm::metadata::MetadataComputationConfig;
use cairo_lang_test_plugin::test_config::{PanicExpectation, TestExpectation};
use cairo_lang_test_plugin::{TestConfig, TestsCompilationConfig, compile_test_prepared_db};
use starknet_types_core::felt::Felt;

use crate::database::{Database, Options};
use crate::program::{Outcome, outcome, run_error};
use crate::{Error, Package, short_strings};

/// The compiled tests of a package.
pub struct Tests {
    runner: SierraCasmRunner,
    tests: Vec<(String, TestConfig)>,
    warnings: String,
}

/// How one test went.
#[derive(Clone, Debug)]
pub struct TestReport {
    /// The path of the test.
    pub name: String,
    /// Whether it passed.
    pub status: TestStatus,
    /// Gas spent.
    pub gas: u64,
    /// Steps of the virtual machine.
    pub steps: usize,
    /// Time it took.
    pub seconds: f64,
}

/// Whether a test passed, and why not.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TestStatus {
    /// It did what it should.
    Passed,
    /// It did not: why.
    Failed(String),
}

impl Tests {
    /// Compiles a package with its tests and its contracts, which tests may deploy.
    ///
    /// # Errors
    /// When the compiler refuses the package.
    pub fn compile(package: &Package, options: &Options) -> Result<Self, Error> {
        let database = Database::new(package, &Options { tests: true, ..options.clone() })?;
        let config = TestsCompilationConfig {
            starknet: true,
            contract_declarations: None,
            contract_crate_ids: None,
            executable_crate_ids: None,
            add_statements_functions: false,
            add_statements_code_locations: false,
            add_functions_debug_info: false,
            add_type_names: false,
            replace_ids: true,
        };
        let mut messages = String::new();
        let main = vec![database.main.clone()];
        let reporter = database.reporter(&mut messages);
        let compiled = compile_test_prepared_db(&database.db, config, main, reporter);
        let compiled = match compiled {
            Ok(compiled) => compiled,
            Err(e) => return Err(database.refused(messages, &e)),
        };
        let costs = compiled.metadata.function_set_costs;
        let runner = SierraCasmRunner::new(
            compiled.sierra_program.program,
            Some(MetadataComputationConfig { function_set_costs: costs, ..Default::default() }),
            compiled.metadata.contracts_info,
            None,
        )
        .map_err(|e| Error::Assemble { package: package.name.clone(), what: e.to_string() })?;
        Ok(Self { runner, tests: compiled.metadata.named_tests, warnings: messages })
    }

    /// What the compiler warned of; nothing if empty.
    pub fn warnings(&self) -> &str {
        &self.warnings
    }

    /// The paths of the tests.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tests.iter().map(|(name, _)| name.as_str())
    }

    /// Runs the tests whose path contains `filter`, in order, and tells `report` of each.
    /// A test marked `#[ignore]` counts as failed.
    ///
    /// # Errors
    /// When the virtual machine fails, which no Cairo code should make it do.
    pub fn run(&self, filter: &str, mut report: impl FnMut(TestReport)) -> Result<(), Error> {
        for (name, config) in self.tests.iter().filter(|(name, _)| name.contains(filter)) {
            report(self.run_one(name, config)?);
        }
        Ok(())
    }

    fn run_one(&self, name: &str, config: &TestConfig) -> Result<TestReport, Error> {
        let begin = Instant::now();
        let found = self.runner.find_function_by_name(name);
        let function =
            found.map_err(|e| Error::Assemble { package: name.into(), what: e.to_string() })?;
        let gas = config.available_gas;
        let run = self
            .runner
            .run_function_with_starknet_context(function, vec![], gas, StarknetState::default())
            .map_err(|e| run_error(function, e))?;
        let Outcome { result, gas, steps } = outcome(&self.runner, function, gas.unwrap_or(0), run);
        let status = if config.ignored {
            TestStatus::Failed("ignored tests are not allowed".into())
        } else {
            judge(result, &config.expectation)
        };
        let seconds = begin.elapsed().as_secs_f64();
        Ok(TestReport { name: name.into(), status, gas, steps, seconds })
    }
}

/// Compares what a test did with what it should do.
fn judge(result: Result<Vec<Felt>, Vec<Felt>>, expected: &TestExpectation) -> TestStatus {
    let failed = match (result, expected) {
        (Ok(_), TestExpectation::Success) => return TestStatus::Passed,
        (Err(_), TestExpectation::Panics(PanicExpectation::Any)) => return TestStatus::Passed,
        (Err(data), TestExpectation::Panics(PanicExpectation::Exact(exact))) => {
            if data == *exact {
                return TestStatus::Passed;
            }
            format!("panicked with {}, expected {}", short_strings(&data), short_strings(exact))
        }
        (Ok(_), TestExpectation::Panics(_)) => "did not panic".into(),
        (Err(data), TestExpectation::Success) => format!("panicked with {}", short_strings(&data)),
    };
    TestStatus::Failed(failed)
}
