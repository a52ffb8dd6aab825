//! GELU as exporters write it before opset 20, `x·(1 + erf(x/√2))/2` node by node, as one node.

use super::proto::{self, Graph, Node};
use super::tensor::Tensor;
use std::collections::BTreeSet;

/// Replaces each such group of nodes by a `Gelu`.
pub(super) fn fold(graph: &mut Graph) {
    let mut first = 0;
    while let Some(erf) = (first..graph.nodes.len()).find(|k| graph.nodes[*k].op == "Erf") {
        first = erf + 1;
        let Some(found) = Group::at(graph, erf) else {
            continue;
        };
        graph.nodes[erf] = Node {
            inputs: vec![found.input],
            outputs: vec![found.output],
            op: "Gelu".to_owned(),
            name: graph.nodes[erf].name.clone(),
            ..Node::default()
        };
        // In the place of the others nothing is left to compute.
        for k in found.others {
            graph.nodes[k] = Node {
                op: "Constant".to_owned(),
                ..Node::default()
            };
        }
    }
    graph
        .nodes
        .retain(|node| node.op != "Constant" || !node.outputs.is_empty());
}

/// The nodes of a GELU.
struct Group {
    input: String,
    output: String,
    /// All but the `Erf`.
    others: BTreeSet<usize>,
}

impl Group {
    fn at(graph: &Graph, erf: usize) -> Option<Self> {
        let scaled = giver(graph, graph.nodes[erf].inputs.first()?)?;
        let input = times(graph, scaled, std::f32::consts::FRAC_1_SQRT_2)?;
        let sum = taker(graph, erf)?;
        let (_, one) = sides(graph, sum, "Add", erf)?;
        near(number(graph, one)?, 1.0)?;
        let mut others = BTreeSet::from([scaled, sum]);
        // The two factors x and 1/2 are left, in either order, or as one.
        let (mut last, mut halved, mut own) = (sum, false, false);
        while !(halved && own) {
            let next = taker(graph, last)?;
            let is_half = times_of(graph, next, last).is_some_and(|c| near(c, 0.5).is_some());
            if is_half && !halved {
                halved = true;
            } else {
                let (_, other) = sides(graph, next, "Mul", last)?;
                if other == input && !own {
                    own = true;
                } else {
                    let half = giver(graph, other)?;
                    let of = times(graph, half, 0.5)?;
                    taker(graph, half)?;
                    if of != input || own || halved {
                        return None;
                    }
                    (own, halved) = (true, true);
                    others.insert(half);
                }
            }
            others.insert(next);
            last = next;
        }
        Some(Self {
            input: input.to_owned(),
            output: graph.nodes[last].outputs.first()?.clone(),
            others,
        })
    }
}

fn near(found: f32, wanted: f32) -> Option<()> {
    ((found - wanted).abs() < 1e-4).then_some(())
}

/// The node that gives a value.
fn giver(graph: &Graph, name: &str) -> Option<usize> {
    graph
        .nodes
        .iter()
        .position(|node| node.outputs.iter().any(|output| output == name))
}

/// The only node that takes what a node gives.
fn taker(graph: &Graph, node: usize) -> Option<usize> {
    let [output] = &graph.nodes[node].outputs[..] else {
        return None;
    };
    let takes = |k: &usize| graph.nodes[*k].inputs.contains(output);
    let mut takers = (0..graph.nodes.len()).filter(takes);
    let one = takers.next()?;
    let given = graph.outputs.iter().any(|value| value.name == *output);
    (takers.next().is_none() && !given).then_some(one)
}

/// The two inputs of an operator, first the one that a node gives.
fn sides<'g>(graph: &'g Graph, node: usize, op: &str, from: usize) -> Option<(&'g str, &'g str)> {
    let [a, b] = &graph.nodes[node].inputs[..] else {
        return None;
    };
    let own = graph.nodes[from].outputs.first()?;
    match graph.nodes[node].op == op {
        true if a == own => Some((a, b)),
        true if b == own => Some((b, a)),
        _ => None,
    }
}

/// The number by which a node multiplies what another gives, or divides it.
fn times_of(graph: &Graph, node: usize, from: usize) -> Option<f32> {
    if let Some((_, other)) = sides(graph, node, "Mul", from) {
        return number(graph, other);
    }
    let (_, other) = sides(graph, node, "Div", from)?;
    let divides = graph.nodes[node]
        .inputs
        .last()
        .is_some_and(|name| name == other);
    number(graph, other).filter(|_| divides).map(f32::recip)
}

/// The value that a node multiplies by a number, or divides.
fn times(graph: &Graph, node: usize, factor: f32) -> Option<&str> {
    let own = &graph.nodes[node];
    let [a, b] = &own.inputs[..] else {
        return None;
    };
    let (value, found) = match (&*own.op, number(graph, a), number(graph, b)) {
        ("Mul", None, Some(c)) => (a, c),
        ("Mul", Some(c), None) => (b, c),
        ("Div", None, Some(c)) => (a, c.recip()),
        _ => return None,
    };
    near(found, factor).map(|()| &**value)
}

/// The number of a constant of one element.
fn number(graph: &Graph, name: &str) -> Option<f32> {
    let of = |tensor: &proto::Tensor| -> Option<f32> {
        if tensor.shape.iter().any(|size| *size != 1) {
            return None;
        }
        match Tensor::read(tensor).ok()?.floats().ok()? {
            [one] => Some(*one),
            _ => None,
        }
    };
    if let Some(tensor) = graph.initializers.iter().find(|tensor| tensor.name == name) {
        return of(tensor);
    }
    let node = &graph.nodes[giver(graph, name)?];
    let [attribute] = &node.attributes[..] else {
        return None;
    };
    match &*attribute.name {
        _ if node.op != "Constant" => None,
        "value" => of(attribute.tensor.as_ref()?),
        "value_float" => Some(attribute.float),
        _ => None,
    }
}
