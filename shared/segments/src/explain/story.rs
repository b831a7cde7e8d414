//! What a leaf answers from now on, if nobody tells anything of the customer.

use columns::{Program, Test};
use domain::Timestamp;
use rules::{Leaf, Rule};

use super::One;
use crate::{
    changes::{NotAsked, turning},
    compile::Compiler,
    scene::Scene,
};

#[derive(Debug, Clone)]
pub(super) struct Story {
    /// Now.
    pub(super) holds: bool,
    /// The seconds from which on it answers the opposite, rising.
    pub(super) flips: Vec<i64>,
    /// From then on nobody has looked.
    pub(super) cut: Option<i64>,
}

impl Story {
    pub(super) fn of(one: &One<'_>, rule: &Rule, leaf: &Leaf) -> Result<Self, NotAsked> {
        let (turns, years) = turning(&one.compiler, &[leaf], one.slot, one.row);
        let scene = one.compiler.scene;
        let only = Some(one.slot);
        let now = Compiler { years: years.clone(), only, ..Compiler::of(scene) };
        let holds = one.asked(&now, rule)?;
        let cut = turns.iter().nth(one.instants_max).copied();
        let (mut flips, mut is_now) = (Vec::new(), holds);
        for second in turns.into_iter().take(one.instants_max) {
            let Ok(now) = Timestamp::from_second(second) else { continue };
            let then = Compiler { years: years.clone(), only, ..Compiler::of(Scene { now, ..scene }) };
            if one.asked(&then, rule)? != is_now {
                flips.push(second);
                is_now = !is_now;
            }
        }
        Ok(Self { holds, flips, cut })
    }

    pub(super) fn holds_at(&self, second: i64) -> bool {
        let flipped = self.flips.partition_point(|flip| *flip <= second);
        self.holds ^ (flipped % 2 == 1)
    }
}

impl One<'_> {
    fn asked(&self, compiler: &Compiler<'_>, rule: &Rule) -> Result<bool, NotAsked> {
        self.passes(compiler.rule(rule).map_err(NotAsked::Unsupported)?)
    }

    pub(super) fn passes(&self, test: Test) -> Result<bool, NotAsked> {
        Ok(Program::new(test).select(&self.batch)?.iter().any(|bits| *bits != 0))
    }
}
