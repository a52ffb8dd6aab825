//! The page of a recording of many variables: groups and the largest contributions as maps, plots of the
//! variables that took part in an event, and a list of all others.

use super::Page;
use super::bins::{Bins, Cell};
use super::groups::Groups;
use super::heat::Heat;
use super::view::{EventView, OtherView, OthersView};
use crate::output::jsonl::name;

/// Most variables of which all have a plot.
pub const NARROW: usize = 64;
/// Most plots of variables on a wide page.
const PLOTS: usize = 48;
/// Lines of the map of single variables.
const TOP: usize = 30;
/// Most events with a drawing on a wide page.
pub const DRAWN: usize = 60;

/// A map, its cells, and the names of its lines.
pub struct Map {
    pub title: String,
    pub about: String,
    pub heat: Heat,
    pub bins: Bins,
    pub names: Vec<String>,
}

impl Page {
    /// Whether there are too many variables for a plot of each.
    pub(super) fn is_wide(&self) -> bool {
        self.profile.names.len() > NARROW
    }

    /// The plots that are on the page, ascending: on a wide one those of scores, and of variables that took part in
    /// an event, certain ones first.
    pub(super) fn shown(&self, events: &[EventView]) -> Vec<usize> {
        if !self.is_wide() {
            return (0..self.spans.len()).collect();
        }
        let scores = self.profile.limits.len();
        let mut shown: Vec<usize> = (0..scores).collect();
        let (sure, others): (Vec<_>, Vec<_>) = events.iter().partition(|event| event.sure);
        for plot in sure
            .into_iter()
            .chain(others)
            .flat_map(|event| &event.plots)
        {
            if !shown.contains(plot) && *plot < self.spans.len() && shown.len() < scores + PLOTS {
                shown.push(*plot);
            }
        }
        shown.sort_unstable();
        shown
    }

    /// The bins of all variables' values; `None` where only scores are drawn.
    fn value_bins(&self) -> Option<&[Vec<Cell>]> {
        let behind = self.spans.len().checked_sub(self.profile.names.len())?;
        self.timeline.bins().cells().get(behind..)
    }

    fn groups(&self) -> Groups {
        let (cells, what) = match (self.value_bins(), &self.contributions) {
            (None, Some(parts)) => (parts.cells(), "largest contributions"),
            (values, _) => (values.unwrap_or_default(), "smallest values"),
        };
        Groups::of(&self.profile.names, cells, what)
    }

    /// The maps of contributions: of groups and of single variables on a wide page.
    pub(super) fn maps(&self) -> Vec<Map> {
        let Some(bins) = &self.contributions else {
            return Vec::new();
        };
        let (title, names) = (self.profile.contributions.title, &self.profile.names);
        if !self.is_wide() {
            return vec![Map {
                title: title.to_owned(),
                about: String::new(),
                heat: Heat::of(bins),
                bins: bins.clone(),
                names: names.clone(),
            }];
        }
        let groups = self.groups();
        let parts: Vec<&[usize]> = groups
            .list
            .iter()
            .map(|of| of.variables.as_slice())
            .collect();
        let merged = bins.merged(&parts);
        let sized = groups.list.iter();
        let sized = sized.map(|of| format!("{} ({})", of.name, of.variables.len()));
        let all = Heat::of(bins).order;
        let top: Vec<[usize; 1]> = all.iter().take(TOP).map(|k| [*k]).collect();
        let top: Vec<&[usize]> = top.iter().map(<[usize; 1]>::as_slice).collect();
        let single = bins.merged(&top);
        let names = top.iter().flat_map(|of| of.iter());
        vec![
            Map {
                title: format!("{title} of groups"),
                about: format!("{} A line shows the largest of its variables.", groups.rule),
                heat: Heat::of(&merged),
                bins: merged,
                names: sized.collect(),
            },
            Map {
                title: format!("{title}: the {} variables with the largest", top.len()),
                about: String::new(),
                heat: Heat::of(&single),
                names: names
                    .map(|k| name(&self.profile.names, *k).to_owned())
                    .collect(),
                bins: single,
            },
        ]
    }

    /// The variables without a plot; `None` if all have one.
    pub(super) fn others(&self, shown: &[usize]) -> Option<OthersView> {
        if !self.is_wide() {
            return None;
        }
        let scores = self.profile.limits.len();
        let groups = self.groups();
        let mut others = Vec::new();
        for group in &groups.list {
            let variables = group.variables.iter();
            for variable in variables.filter(|k| !shown.contains(&(scores + **k))) {
                others.push(self.other(*variable, &group.name));
            }
        }
        Some(OthersView {
            rule: groups.rule,
            list: others,
        })
    }

    fn other(&self, variable: usize, group: &str) -> OtherView {
        let cells = self.value_bins().and_then(|all| all.get(variable));
        let cells = cells.map_or(&[][..], Vec::as_slice);
        let parts = self.contributions.as_ref();
        let parts = parts.and_then(|bins| bins.cells().get(variable));
        let parts = parts.map_or(&[][..], Vec::as_slice);
        let least =
            |of: &[Cell], pick: fn(&Cell) -> f32| of.iter().map(pick).fold(f32::NAN, f32::min);
        let most =
            |of: &[Cell], pick: fn(&Cell) -> f32| of.iter().map(pick).fold(f32::NAN, f32::max);
        let last = cells.last();
        let numbers = [
            least(cells, |cell| cell.low),
            most(cells, |cell| cell.high),
            last.map_or(f32::NAN, |cell| cell.band_low),
            last.map_or(f32::NAN, |cell| cell.band_high),
            most(parts, |cell| cell.high),
        ];
        OtherView {
            name: name(&self.profile.names, variable).to_owned(),
            group: group.to_owned(),
            numbers: numbers.map(|x| match x.is_finite() {
                true => format!("{x:.4}"),
                false => String::new(),
            }),
        }
    }
}

/// Leaves the drawings of certain events first, and of as many as fit.
pub(super) fn draw_first(events: &mut [EventView], most: usize) {
    let mut left = most;
    for sure in [true, false] {
        for event in events.iter_mut().filter(|event| event.sure == sure) {
            if event.evidence.is_empty() {
                continue;
            }
            match left.checked_sub(1) {
                Some(rest) => left = rest,
                None => event.evidence.clear(),
            }
        }
    }
}
