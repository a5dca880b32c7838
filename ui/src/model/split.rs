//! How the terminals of one tab share its area: a tree of splits.

use ratatui::layout::{Position, Rect};

/// The least a terminal takes with its border, in columns and rows.
const LEAST: (u16, u16) = (12, 4);
/// Shares are told in thousandths.
const WHOLE: u32 = 1000;

/// Where something lies, seen from a terminal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// To its left.
    Left,
    /// To its right.
    Right,
    /// Above it.
    Up,
    /// Below it.
    Down,
}

/// How an area is cut in two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Axis {
    /// Side by side.
    Beside,
    /// One below the other.
    Below,
}

impl Direction {
    fn axis(self) -> Axis {
        match self {
            Self::Left | Self::Right => Axis::Beside,
            Self::Up | Self::Down => Axis::Below,
        }
    }
}

/// A part of a tab's area.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Split {
    /// One terminal, by its ticket.
    Leaf(u64),
    /// Two parts.
    Pair {
        /// How they lie.
        axis: Axis,
        /// The first one's share in thousandths.
        share: u32,
        /// The left or upper part.
        first: Box<Self>,
        /// The right or lower part.
        second: Box<Self>,
    },
}

fn halves(area: Rect, axis: Axis, share: u32) -> (Rect, Rect) {
    let part = |whole: u16, least: u16| {
        let wanted = (u32::from(whole) * share / WHOLE) as u16;
        // Where both cannot have the least, both have half.
        if whole < 2 * least { whole / 2 } else { wanted.clamp(least, whole - least) }
    };
    match axis {
        Axis::Beside => {
            let width = part(area.width, LEAST.0);
            (Rect { width, ..area }, Rect { x: area.x + width, width: area.width - width, ..area })
        }
        Axis::Below => {
            let height = part(area.height, LEAST.1);
            (Rect { height, ..area }, Rect { y: area.y + height, height: area.height - height, ..area })
        }
    }
}

impl Split {
    /// The terminals with their places, from the top left.
    pub fn places(&self, area: Rect) -> Vec<(u64, Rect)> {
        match self {
            Self::Leaf(ticket) => vec![(*ticket, area)],
            Self::Pair { axis, share, first, second } => {
                let (one, two) = halves(area, *axis, *share);
                let mut places = first.places(one);
                places.extend(second.places(two));
                places
            }
        }
    }

    /// Gives a terminal another ticket.
    pub fn rename(&mut self, before: u64, after: u64) {
        match self {
            Self::Leaf(ticket) if *ticket == before => *ticket = after,
            Self::Leaf(_) => {}
            Self::Pair { first, second, .. } => {
                first.rename(before, after);
                second.rename(before, after);
            }
        }
    }

    /// The terminals in order.
    pub fn tickets(&self) -> Vec<u64> {
        self.places(Rect::default()).into_iter().map(|(ticket, _)| ticket).collect()
    }

    /// Cuts a terminal's place in two and puts a new one into the second half; whether there was room.
    pub fn cut(&mut self, ticket: u64, axis: Axis, new: u64, area: Rect) -> bool {
        let Some((_, place)) = self.places(area).into_iter().find(|(there, _)| *there == ticket) else {
            return false;
        };
        let room = match axis {
            Axis::Beside => place.width >= 2 * LEAST.0,
            Axis::Below => place.height >= 2 * LEAST.1,
        };
        room && self.cut_leaf(ticket, axis, new)
    }

    fn cut_leaf(&mut self, ticket: u64, axis: Axis, new: u64) -> bool {
        match self {
            Self::Leaf(there) if *there == ticket => {
                *self = Self::Pair {
                    axis,
                    share: WHOLE / 2,
                    first: Box::new(Self::Leaf(ticket)),
                    second: Box::new(Self::Leaf(new)),
                };
                true
            }
            Self::Leaf(_) => false,
            Self::Pair { first, second, .. } => {
                first.cut_leaf(ticket, axis, new) || second.cut_leaf(ticket, axis, new)
            }
        }
    }

    /// The tree without a terminal, whose place goes to its neighbour; `None` when nothing is left.
    pub fn without(self, ticket: u64) -> Option<Self> {
        match self {
            Self::Leaf(there) => (there != ticket).then_some(Self::Leaf(there)),
            Self::Pair { axis, share, first, second } => {
                match (first.without(ticket), second.without(ticket)) {
                    (Some(first), Some(second)) => {
                        Some(Self::Pair { axis, share, first: Box::new(first), second: Box::new(second) })
                    }
                    (one, two) => one.or(two),
                }
            }
        }
    }

    /// The terminal next to one.
    pub fn neighbour(&self, ticket: u64, direction: Direction, area: Rect) -> Option<u64> {
        let places = self.places(area);
        let (_, from) = places.iter().find(|(there, _)| *there == ticket)?;
        // Overlap with the middle decides among several.
        let middle = Position::new(from.x + from.width / 2, from.y + from.height / 2);
        let touches = |at: &Rect| match direction {
            Direction::Left => at.right() == from.x,
            Direction::Right => at.x == from.right(),
            Direction::Up => at.bottom() == from.y,
            Direction::Down => at.y == from.bottom(),
        };
        let off = |at: &Rect| match direction.axis() {
            Axis::Beside => distance(middle.y, at.y, at.bottom()),
            Axis::Below => distance(middle.x, at.x, at.right()),
        };
        let others = places.iter().filter(|(_, at)| touches(at));
        others.min_by_key(|(_, at)| off(at)).map(|(ticket, _)| *ticket)
    }

    /// Moves the nearest edge of a terminal that lies along an axis by so many cells; whether there is one.
    pub fn push(&mut self, ticket: u64, direction: Direction, cells: u16, area: Rect) -> bool {
        let Self::Pair { axis, share, first, second } = self else { return false };
        let (one, two) = halves(area, *axis, *share);
        let in_first = first.tickets().contains(&ticket);
        let within = if in_first {
            first.push(ticket, direction, cells, one)
        } else {
            second.push(ticket, direction, cells, two)
        };
        if within {
            return true;
        }
        if *axis != direction.axis() || !(in_first || second.tickets().contains(&ticket)) {
            return false;
        }
        let (whole, now) = match axis {
            Axis::Beside => (area.width, one.width),
            Axis::Below => (area.height, one.height),
        };
        let towards_start = matches!(direction, Direction::Left | Direction::Up);
        let wanted = if towards_start { now.saturating_sub(cells) } else { now.saturating_add(cells) };
        // Rounded up, or a step back and forth would creep.
        let wanted = (u32::from(wanted) * WHOLE).div_ceil(u32::from(whole.max(1)));
        *share = wanted.clamp(WHOLE / 20, WHOLE - WHOLE / 20);
        true
    }
}

fn distance(at: u16, start: u16, end: u16) -> u16 {
    if at < start { start - at } else { (at + 1).saturating_sub(end) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Rect = Rect { x: 0, y: 0, width: 100, height: 40 };

    fn three() -> Split {
        let mut split = Split::Leaf(1);
        assert!(split.cut(1, Axis::Beside, 2, AREA));
        assert!(split.cut(2, Axis::Below, 3, AREA));
        split
    }

    #[test]
    fn places_fill_the_area() {
        let places = three().places(AREA);
        assert_eq!(
            places.iter().map(|(_, at)| u32::from(at.width) * u32::from(at.height)).sum::<u32>(),
            4000
        );
        assert_eq!(places[1], (2, Rect { x: 50, y: 0, width: 50, height: 20 }));
        assert_eq!(places[2], (3, Rect { x: 50, y: 20, width: 50, height: 20 }));
    }

    #[test]
    fn neighbours_are_where_they_look() {
        let split = three();
        assert_eq!(split.neighbour(1, Direction::Right, AREA), Some(3));
        assert_eq!(split.neighbour(2, Direction::Down, AREA), Some(3));
        assert_eq!(split.neighbour(3, Direction::Left, AREA), Some(1));
        assert_eq!(split.neighbour(3, Direction::Down, AREA), None);
    }

    #[test]
    fn the_place_of_one_that_goes_is_its_neighbours() {
        let split = three().without(2).unwrap();
        assert_eq!(split.tickets(), [1, 3]);
        assert_eq!(split.places(AREA)[1].1.height, 40);
        assert_eq!(split.without(1).unwrap().without(3), None);
    }

    #[test]
    fn edges_move_and_leave_the_least() {
        let mut split = three();
        assert!(split.push(3, Direction::Up, 5, AREA));
        assert_eq!(split.places(AREA)[2].1.height, 25);
        assert!(split.push(3, Direction::Left, 10, AREA));
        assert_eq!(split.places(AREA)[0].1.width, 40);
        assert!(!split.push(1, Direction::Down, 1, AREA), "nothing lies below or above");
        for _ in 0..50 {
            split.push(3, Direction::Left, 10, AREA);
        }
        assert_eq!(split.places(AREA)[0].1.width, LEAST.0);
    }

    #[test]
    fn what_has_no_room_is_not_cut() {
        let small = Rect { width: 20, height: 7, ..AREA };
        let mut split = Split::Leaf(1);
        assert!(!split.cut(1, Axis::Beside, 2, small));
        assert!(!split.cut(1, Axis::Below, 2, small));
        assert_eq!(split.places(Rect::default()).len(), 1);
        assert_eq!(three().places(Rect { width: 3, height: 1, ..AREA }).len(), 3);
    }
}
