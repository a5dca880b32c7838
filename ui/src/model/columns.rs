//! The columns of the lists: which there are, which have room, and how wide the user made them.

use super::{Model, Pane};
use ratatui::layout::Rect;
use std::collections::BTreeMap;

/// What a column shows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// The name.
    Name,
    /// A container's state.
    State,
    /// CPU use.
    Cpu,
    /// CPU use lately, as a small graph.
    Graph,
    /// Memory in use.
    Memory,
    /// For how long, or since when.
    Age,
    /// How often a container was started again.
    Restarts,
    /// A container's image.
    Image,
    /// A container's published ports.
    Ports,
    /// The id.
    Id,
    /// Bytes.
    Size,
    /// Bytes that other images have too.
    Shared,
    /// Bytes that no other image has.
    Unique,
    /// How many use it.
    Used,
    /// The n-th further column of a plain list.
    Plain(u8),
}

/// One column of a pane.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// What it shows.
    pub kind: Kind,
    /// Its name in the session file.
    pub name: &'static str,
    /// Its heading.
    pub heading: &'static str,
    /// The fewest cells it takes.
    pub least: u16,
    /// Whether it stands on the right.
    pub right: bool,
    /// The order that its heading stands for.
    pub sort: Option<usize>,
    /// Its rank when room is short: 0 gets room first.
    pub rank: u8,
}

/// A column's place on the screen.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Which.
    pub spec: &'static Spec,
    /// Where it begins.
    pub x: u16,
    /// How wide it is.
    pub width: u16,
}

/// The cells before the first column: the selection's bar, the mark, the sign and a space.
pub const MARGIN: u16 = 4;
/// The cells between two columns.
pub const GAP: u16 = 2;
/// No column is made narrower or wider than this.
const EXTENT: (u16, u16) = (3, 120);

const fn spec(
    kind: Kind,
    name: &'static str,
    heading: &'static str,
    least: u16,
    right: bool,
    sort: Option<usize>,
    rank: u8,
) -> Spec {
    Spec { kind, name, heading, least, right, sort, rank }
}

const CONTAINERS: &[Spec] = &[
    spec(Kind::Name, "name", "name", 14, false, Some(0), 0),
    spec(Kind::State, "state", "state", 10, false, Some(3), 3),
    spec(Kind::Cpu, "cpu", "cpu", 5, true, Some(1), 1),
    spec(Kind::Graph, "graph", "", 10, false, None, 8),
    spec(Kind::Memory, "memory", "mem", 6, true, Some(2), 2),
    spec(Kind::Age, "age", "for", 7, true, Some(4), 4),
    spec(Kind::Restarts, "restarts", "↻", 3, true, Some(5), 6),
    spec(Kind::Image, "image", "image", 14, false, Some(6), 5),
    spec(Kind::Ports, "ports", "ports", 10, false, Some(7), 7),
];
const IMAGES: &[Spec] = &[
    spec(Kind::Name, "name", "image", 18, false, Some(0), 0),
    spec(Kind::Id, "id", "id", 12, false, None, 6),
    spec(Kind::Size, "size", "size", 9, true, Some(1), 1),
    spec(Kind::Unique, "alone", "alone", 9, true, Some(4), 4),
    spec(Kind::Shared, "shared", "shared", 9, true, Some(5), 5),
    spec(Kind::Used, "used", "used", 5, true, Some(2), 2),
    spec(Kind::Age, "age", "made", 7, true, Some(3), 3),
];
const VOLUMES: &[Spec] = &[
    spec(Kind::Name, "name", "name", 12, false, Some(0), 0),
    spec(Kind::Plain(0), "driver", "driver", 7, false, Some(3), 3),
    spec(Kind::Plain(1), "used", "used", 5, true, Some(4), 2),
    spec(Kind::Plain(2), "size", "size", 9, true, Some(1), 1),
    spec(Kind::Age, "age", "made", 7, true, Some(2), 1),
];
const NETWORKS: &[Spec] = &[
    spec(Kind::Name, "name", "name", 12, false, Some(0), 0),
    spec(Kind::Plain(0), "driver", "driver", 8, false, Some(3), 2),
    spec(Kind::Plain(1), "range", "range", 18, false, Some(4), 3),
    spec(Kind::Plain(2), "used", "used", 5, true, Some(1), 1),
    spec(Kind::Age, "age", "made", 7, true, Some(2), 1),
];
const STACKS: &[Spec] = &[
    spec(Kind::Name, "name", "name", 12, false, Some(0), 0),
    spec(Kind::Plain(0), "running", "running", 8, false, Some(3), 1),
    spec(Kind::Plain(1), "cpu", "cpu", 6, true, Some(4), 2),
    spec(Kind::Plain(2), "memory", "memory", 9, true, Some(1), 3),
    spec(Kind::Age, "age", "made", 7, true, Some(2), 1),
];
const EVENTS: &[Spec] = &[
    spec(Kind::Age, "age", "when", 8, true, Some(2), 0),
    spec(Kind::Plain(0), "kind", "of", 9, false, Some(3), 2),
    spec(Kind::Name, "name", "name", 14, false, Some(0), 0),
    spec(Kind::Plain(1), "what", "what", 14, false, Some(4), 1),
];

/// The columns of a pane, from left to right.
pub fn specs(pane: Pane) -> &'static [Spec] {
    match pane {
        Pane::Containers => CONTAINERS,
        Pane::Images => IMAGES,
        Pane::Volumes => VOLUMES,
        Pane::Networks => NETWORKS,
        Pane::Stacks => STACKS,
        Pane::Events => EVENTS,
    }
}

/// Who gets what is left of the room, in turns, and up to how many cells.
fn growth(pane: Pane) -> &'static [(Kind, u16)] {
    match pane {
        Pane::Containers => &[
            (Kind::Name, 22),
            (Kind::Image, 32),
            (Kind::Ports, 24),
            (Kind::Graph, 16),
            (Kind::Name, 40),
            (Kind::Image, 60),
        ],
        Pane::Events => &[(Kind::Plain(1), 20), (Kind::Name, 24), (Kind::Plain(1), 40), (Kind::Name, 60)],
        _ => &[(Kind::Name, 300)],
    }
}

/// The widths that the user chose.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Widths {
    own: BTreeMap<(&'static str, &'static str), u16>,
}

impl Widths {
    /// The width chosen for a column.
    pub fn of(&self, pane: Pane, spec: &Spec) -> Option<u16> {
        self.own.get(&(pane.title(), spec.name)).copied()
    }

    /// Chooses a column's width.
    pub fn set(&mut self, pane: Pane, spec: &'static Spec, width: u16) {
        self.own.insert((pane.title(), spec.name), width.clamp(EXTENT.0, EXTENT.1));
    }

    /// Gives every column of a pane its own width again; says whether any had another.
    pub fn forget(&mut self, pane: Pane) -> bool {
        let before = self.own.len();
        self.own.retain(|(of, _), _| *of != pane.title());
        self.own.len() != before
    }

    /// The chosen widths of a pane, by name.
    pub fn chosen(&self, pane: Pane) -> impl Iterator<Item = (&'static str, u16)> {
        self.own
            .iter()
            .filter(move |((of, _), _)| *of == pane.title())
            .map(|((_, name), width)| (*name, *width))
    }
}

/// The columns that a list of this width shows, from left to right.
pub fn columns(pane: Pane, area: Rect, widths: &Widths) -> Vec<Column> {
    let specs = specs(pane);
    let room = area.width.saturating_sub(MARGIN + 1);
    let mut by_rank: Vec<usize> = (0..specs.len()).collect();
    by_rank.sort_by_key(|at| specs[*at].rank);
    let mut used = 0;
    let mut chosen: Vec<Option<u16>> = vec![None; specs.len()];
    for at in by_rank {
        let width = widths.of(pane, &specs[at]).unwrap_or(specs[at].least);
        let first = chosen.iter().all(Option::is_none);
        let cost = width + if first { 0 } else { GAP };
        if used + cost <= room || first {
            used += cost;
            chosen[at] = Some(width);
        }
    }
    let mut spare = room.saturating_sub(used);
    for (kind, most) in growth(pane) {
        let Some(at) = specs.iter().position(|spec| spec.kind == *kind) else { continue };
        if let Some(width) = chosen[at].as_mut().filter(|_| widths.of(pane, &specs[at]).is_none()) {
            let more = spare.min(most.saturating_sub(*width));
            *width += more;
            spare -= more;
        }
    }
    let mut x = area.x + MARGIN;
    let mut columns = Vec::new();
    for (spec, width) in specs.iter().zip(chosen) {
        let Some(width) = width else { continue };
        columns.push(Column { spec, x, width: width.min(area.right().saturating_sub(x)) });
        x += width + GAP;
    }
    columns
}

impl Model {
    /// The columns of the list in front, from left to right.
    pub(crate) fn columns(&self) -> Vec<Column> {
        columns(self.pane, super::layout::inner(self.regions().list), &self.widths)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(pane: Pane, width: u16, widths: &Widths) -> Vec<(&'static str, u16)> {
        let area = Rect { x: 1, y: 1, width, height: 9 };
        let columns = columns(pane, area, widths);
        for pair in columns.windows(2) {
            assert!(pair[0].x + pair[0].width < pair[1].x, "{pane:?} {width}: columns touch");
        }
        columns.iter().map(|column| (column.spec.name, column.width)).collect()
    }

    #[test]
    fn columns_fit_any_width() {
        for pane in Pane::ALL {
            for width in 8..300 {
                let total: u16 = place(*pane, width, &Widths::default()).iter().map(|(_, w)| w + GAP).sum();
                assert!(total <= width.max(24), "{pane:?} at {width}");
            }
        }
        assert_eq!(place(Pane::Volumes, 30, &Widths::default()), [("name", 14), ("size", 9)]);
    }

    #[test]
    fn a_chosen_width_is_kept_to() {
        let mut widths = Widths::default();
        widths.set(Pane::Containers, &CONTAINERS[0], 30);
        let shown = place(Pane::Containers, 120, &widths);
        assert!(shown.contains(&("name", 30)), "{shown:?}");
        widths.set(Pane::Containers, &CONTAINERS[0], 0);
        assert!(place(Pane::Containers, 120, &widths).contains(&("name", 3)));
        assert!(widths.forget(Pane::Containers) && !widths.forget(Pane::Containers));
    }
}
