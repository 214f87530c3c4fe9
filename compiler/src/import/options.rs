//! Choices that the model file leaves open.

use std::collections::BTreeMap;

use super::ImportError;

/// Values for dynamic dimensions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Values by symbol.
    pub dimensions: BTreeMap<String, usize>,
    /// Whole shapes by input.
    pub shapes: BTreeMap<String, Vec<usize>>,
    /// The first dimension of an input becomes one if it is dynamic and nothing else is said.
    pub batch_of_one: bool,
}

impl ImportOptions {
    /// Parses `NAME=VALUE` (a dimension) or `NAME=AxBxC` (the shape of an input) and adds it.
    /// `inputs` decides, where only one number is given and an input has that name, for a shape.
    ///
    /// # Errors
    ///
    /// [`ImportError::OptionSyntax`].
    pub fn set(&mut self, text: &str, inputs: &[String]) -> Result<(), ImportError> {
        let error = || ImportError::OptionSyntax { text: text.to_string() };
        let (name, value) = text.split_once('=').ok_or_else(error)?;
        let shape: Vec<usize> = value
            .split('x')
            .map(|part| part.trim().parse().map_err(|_| error()))
            .collect::<Result<_, _>>()?;
        let name = name.trim().to_string();
        if name.is_empty() || shape.contains(&0) {
            return Err(error());
        }
        match shape[..] {
            [value] if !inputs.contains(&name) => {
                self.dimensions.insert(name, value);
            }
            _ => {
                self.shapes.insert(name, shape);
            }
        }
        Ok(())
    }
}
