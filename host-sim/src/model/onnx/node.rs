//! A node of the graph with its inputs and attributes.

use super::proto;
use super::tensor::Tensor;
use crate::model::import::view::View;
use anyhow::{Context, Result, bail};

/// The value of an edge of the graph.
#[derive(Clone, Debug)]
pub enum Value {
    /// Numbers known beforehand.
    Constant(Tensor),
    /// A view of computed values, valid at a number of steps.
    Flow(View, usize),
}

/// A node, its inputs looked up; an optional input may be absent.
pub struct Node<'g> {
    /// As the file has it.
    pub proto: &'g proto::Node,
    /// Steps that the network has so far.
    pub step: usize,
    /// Inputs in order.
    pub inputs: Vec<Option<Value>>,
}

impl Node<'_> {
    /// The operator.
    pub fn op(&self) -> &str {
        &self.proto.op
    }

    /// An attribute.
    pub fn attribute(&self, name: &str) -> Option<&proto::Attribute> {
        self.proto.attributes.iter().find(|a| a.name == name)
    }

    /// An integer attribute, or its default.
    pub fn int(&self, name: &str, default: i64) -> i64 {
        self.attribute(name).map_or(default, |a| a.int)
    }

    /// A float attribute, or its default.
    pub fn float(&self, name: &str, default: f32) -> f32 {
        self.attribute(name).map_or(default, |a| a.float)
    }

    /// Integers of an attribute, `None` if absent.
    pub fn ints(&self, name: &str) -> Option<&[i64]> {
        self.attribute(name).map(|a| a.ints.as_slice())
    }

    /// A text attribute, or its default.
    pub fn text(&self, name: &str, default: &str) -> String {
        let text = self
            .attribute(name)
            .map(|a| String::from_utf8_lossy(&a.text));
        text.map_or_else(|| default.to_owned(), std::borrow::Cow::into_owned)
    }

    /// Refuses an attribute, if it is there.
    ///
    /// # Errors
    /// It is there.
    pub fn without(&self, name: &str) -> Result<()> {
        match self.attribute(name) {
            Some(_) => bail!("`{name}` is not supported"),
            None => Ok(()),
        }
    }

    /// An input, known or not.
    ///
    /// # Errors
    /// It is absent.
    pub fn value(&self, k: usize) -> Result<&Value> {
        let found = self.inputs.get(k).and_then(Option::as_ref);
        found.with_context(|| format!("input {k} is absent"))
    }

    /// An input that the network computes.
    ///
    /// # Errors
    /// It is absent, a constant, or no longer the output of the last layer.
    pub fn flow(&self, k: usize) -> Result<&View> {
        match self.value(k)? {
            Value::Flow(view, step) if *step == self.step => Ok(view),
            Value::Flow(..) => bail!(
                "input {k} (`{}`) is used after other operators changed it: the network \
                 branches, and only chains are read",
                self.name_of(k)
            ),
            Value::Constant(_) => bail!(
                "input {k} is constant, and another is computed; only the other way round is read"
            ),
        }
    }

    /// A constant input.
    ///
    /// # Errors
    /// It is absent, or depends on the network's input.
    pub fn constant(&self, k: usize) -> Result<&Tensor> {
        match self.value(k)? {
            Value::Constant(tensor) => Ok(tensor),
            Value::Flow(..) => bail!(
                "input {k} (`{}`) must be constant, but the network computes it",
                self.name_of(k)
            ),
        }
    }

    /// A constant input that may be absent.
    ///
    /// # Errors
    /// It depends on the network's input.
    pub fn optional(&self, k: usize) -> Result<Option<&Tensor>> {
        match self.inputs.get(k) {
            Some(Some(_)) => self.constant(k).map(Some),
            _ => Ok(None),
        }
    }

    /// Integers that are an input since some version of the operator, and an attribute before.
    ///
    /// # Errors
    /// The input is not constant, or not of integers.
    pub fn ints_of(&self, k: usize, name: &str) -> Result<Option<Vec<i64>>> {
        match self.optional(k)? {
            Some(tensor) => Ok(Some(tensor.ints()?.to_vec())),
            None => Ok(self.ints(name).map(<[_]>::to_vec)),
        }
    }

    fn name_of(&self, k: usize) -> &str {
        self.proto.inputs.get(k).map_or("", String::as_str)
    }
}
