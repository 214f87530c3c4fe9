//! Batches of any length: proofs in groups, each proven by itself, one after the other.

use std::ops::Range;

use anyhow::{Result, ensure};
use cairo_lang_executable::executable::Executable;

use crate::batch::{Inner, execute, prove};
use crate::checkpoint::Checkpoints;
use crate::file::join;
use crate::prove::Prover;
use crate::run::{Resources, Run};

/// Proofs of a group, at most. Rows allow fewer; it bounds how many names of parts are tried.
const MAX_PROOFS: usize = 64;

/// Something that is worth telling while a batch is made.
pub enum Event<'a> {
    /// The resources of a proof by itself.
    Alone(usize, &'a Resources),
    /// A group that was proven before.
    Found(Range<usize>),
    /// A part that is not what its name says; its group is proven again.
    Damaged(anyhow::Error),
    /// The group will be proven.
    Group(Range<usize>, &'a Resources),
    /// The group is proven.
    Proven(Range<usize>),
}

/// How a batch is made.
pub struct Maker<'m> {
    /// The program.
    pub executable: &'m Executable,
    /// Bytes of memory that a proof may take.
    pub memory: f64,
    /// Where groups are kept until all are there.
    pub checkpoints: Option<Checkpoints>,
    /// Told what happens.
    pub report: &'m mut dyn FnMut(Event<'_>),
}

impl Maker<'_> {
    /// The file of a batch. Groups that were proven before are taken from the checkpoints, which
    /// stay until [`Maker::clean_up`].
    ///
    /// # Errors
    /// There is no proof, or one is too large for a group of its own.
    pub fn make(&mut self, inner: &[Inner<'_>]) -> Result<Vec<u8>> {
        let mut prover = None;
        let groups = self.groups(inner, |inner, run| {
            prove(prover.get_or_insert_with(Prover::new), inner, run)?
                .to_bytes()
                .map_err(Into::into)
        })?;
        let parts: Vec<_> = groups.iter().map(|(_, bytes)| bytes).collect();
        Ok(join(&parts)?)
    }

    /// The groups that would be proven.
    ///
    /// # Errors
    /// See [`Maker::make`].
    pub fn plan(&mut self, inner: &[Inner<'_>]) -> Result<Vec<Range<usize>>> {
        self.checkpoints = None;
        let groups = self.groups(inner, |_, _| Ok(Vec::new()))?;
        Ok(groups.into_iter().map(|(range, _)| range).collect())
    }

    /// All groups in order, with what is found, or else what `prove` makes of their runs.
    fn groups(
        &mut self,
        inner: &[Inner<'_>],
        mut prove: impl FnMut(&[Inner<'_>], Run) -> Result<Vec<u8>>,
    ) -> Result<Vec<(Range<usize>, Vec<u8>)>> {
        ensure!(!inner.is_empty(), "a batch has at least one proof");
        let mut groups: Vec<(Range<usize>, Vec<u8>)> = Vec::new();
        let mut alone = Vec::new();
        let mut start = 0;
        while start < inner.len() {
            if let Some((range, group)) = self.find(inner, start) {
                start = range.end;
                groups.push((range, group));
                continue;
            }
            // All that are left are measured before the first of them is proven: whatever is too large
            // is refused at once.
            if alone.is_empty() {
                alone = self.measure(inner, start)?;
            }
            let (range, run) = self.fit(inner, &alone, start)?;
            (self.report)(Event::Group(range.clone(), &run.resources));
            let group = prove(&inner[range.clone()], run)?;
            if let Some(checkpoints) = &self.checkpoints {
                checkpoints.keep(&inner[range.clone()], &group)?;
            }
            (self.report)(Event::Proven(range.clone()));
            start = range.end;
            groups.push((range, group));
        }
        Ok(groups)
    }

    /// Removes what was kept of a batch that is complete.
    pub fn clean_up(&self, inner: &[Inner<'_>]) {
        let Some(checkpoints) = &self.checkpoints else { return };
        let ranges = (0..inner.len()).flat_map(|start| ranges(start, inner.len()));
        let groups: Vec<_> = ranges.map(|range| &inner[range]).collect();
        checkpoints.remove(&groups);
    }

    /// The longest group from here on that was proven before: with other memory, another run may have
    /// made other groups.
    fn find(&mut self, inner: &[Inner<'_>], start: usize) -> Option<(Range<usize>, Vec<u8>)> {
        let checkpoints = self.checkpoints.as_ref()?;
        for range in ranges(start, inner.len()) {
            match checkpoints.find(&inner[range.clone()]) {
                Some(Ok(bytes)) => {
                    (self.report)(Event::Found(range.clone()));
                    return Some((range, bytes));
                }
                Some(Err(error)) => (self.report)(Event::Damaged(error)),
                None => {}
            }
        }
        None
    }

    /// What each proof takes by itself, from `start` on; nothing for those before.
    fn measure(&mut self, inner: &[Inner<'_>], start: usize) -> Result<Vec<Resources>> {
        let mut alone = vec![Resources::default(); start];
        for (i, one) in inner.iter().enumerate().skip(start) {
            let resources = execute(self.executable, std::slice::from_ref(one))?.resources;
            ensure!(
                resources.fill() <= Resources::max_fill(self.memory),
                "proof {} is too large: it takes {:.0} % of a group and {:.1} GB of memory, where there are {:.1}",
                i + 1,
                100.0 * resources.fill(),
                resources.memory() / 1e9,
                self.memory / 1e9
            );
            (self.report)(Event::Alone(i, &resources));
            alone.push(resources);
        }
        Ok(alone)
    }

    /// The run of a group that begins here: of as many proofs as the sum of what they take allows, and
    /// of fewer if it takes more than that after all.
    fn fit(
        &mut self,
        inner: &[Inner<'_>],
        alone: &[Resources],
        start: usize,
    ) -> Result<(Range<usize>, Run)> {
        let max_fill = Resources::max_fill(self.memory);
        let mut end = longest(alone, start, max_fill);
        loop {
            let run = execute(self.executable, &inner[start..end])?;
            if run.resources.fill() <= max_fill || end - start == 1 {
                return Ok((start..end, run));
            }
            end -= 1;
        }
    }
}

/// All groups that begin here, the longest first.
fn ranges(start: usize, n: usize) -> impl Iterator<Item = Range<usize>> {
    (start + 1..=n.min(start + MAX_PROOFS)).rev().map(move |end| start..end)
}

/// Where the longest group ends that begins here and takes no more than `max_fill`, in sum; it has at
/// least one proof.
fn longest(alone: &[Resources], start: usize, max_fill: f64) -> usize {
    let mut sum = alone[start].clone();
    let mut end = start + 1;
    while end < alone.len().min(start + MAX_PROOFS) {
        sum += &alone[end];
        if sum.fill() > max_fill {
            break;
        }
        end += 1;
    }
    end
}
