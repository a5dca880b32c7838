//! A graph of what needs what, laid out in layers: each box below those that need it, lines between them.

use std::collections::BTreeMap;

/// Rows that a box takes.
pub const BOX: usize = 4;
/// Cells between boxes.
const GAP: usize = 3;

/// A box to be laid out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// Cells that it takes.
    pub width: usize,
    /// What it needs, by place.
    pub needs: Vec<usize>,
}

/// Where a box lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Place {
    /// Its left edge.
    pub x: usize,
    /// Its top edge.
    pub y: usize,
    /// Its width.
    pub width: usize,
}

/// Directions that a line leaves a cell in.
const UP: u8 = 1;
const RIGHT: u8 = 2;
const DOWN: u8 = 4;
const LEFT: u8 = 8;

/// Whose need of what a line shows: the boxes' places in the order they were given.
type Bond = (usize, usize);

/// Which slots of its own layer and of the other one a piece of a line joins.
type Ends = fn(&Piece) -> (usize, usize);

/// The graph laid out.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Layout {
    /// The boxes, in the order they were given.
    pub boxes: Vec<Place>,
    /// Cells of lines: their directions, and the boxes that they belong to: whose need, and of what.
    lines: BTreeMap<(usize, usize), (u8, Vec<Bond>)>,
    /// Where lines arrive: above which box, and whose they are.
    pub ends: Vec<(usize, usize, usize, usize)>,
    /// How wide it is.
    pub width: usize,
    /// How high it is.
    pub height: usize,
}

impl Layout {
    /// The cells of lines: column, row, what to draw, and the bonds that run there: who needs whom.
    pub fn lines(&self) -> impl Iterator<Item = (usize, usize, char, &[Bond])> {
        self.lines.iter().map(|((x, y), (mask, bonds))| (*x, *y, glyph(*mask), &bonds[..]))
    }

    fn draw(&mut self, x: usize, y: usize, mask: u8, bond: Bond) {
        let cell = self.lines.entry((x, y)).or_default();
        cell.0 |= mask;
        if !cell.1.contains(&bond) {
            cell.1.push(bond);
        }
    }
}

fn glyph(mask: u8) -> char {
    match mask {
        m if m == UP | DOWN || m == UP || m == DOWN => '│',
        m if m == LEFT | RIGHT || m == LEFT || m == RIGHT => '─',
        m if m == DOWN | RIGHT => '╭',
        m if m == DOWN | LEFT => '╮',
        m if m == UP | RIGHT => '╰',
        m if m == UP | LEFT => '╯',
        m if m == UP | DOWN | RIGHT => '├',
        m if m == UP | DOWN | LEFT => '┤',
        m if m == LEFT | RIGHT | DOWN => '┬',
        m if m == LEFT | RIGHT | UP => '┴',
        _ => '┼',
    }
}

/// One place in a layer: a box, or a line that passes through to a lower layer.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Slot {
    width: usize,
    /// The box; `None` for a line.
    node: Option<usize>,
    x: usize,
}

/// A piece of a bond between two layers that follow each other.
#[derive(Clone, Copy)]
struct Piece {
    from: usize,
    to: usize,
    bond: (usize, usize),
}

/// Lays a graph out. What needs itself over a circle is laid out as if one of the needs were not there.
pub fn lay_out(nodes: &[Node]) -> Layout {
    let depth = depths(nodes);
    let rows = depth.iter().max().map_or(0, |deepest| deepest + 1);
    let mut layers: Vec<Vec<Slot>> = vec![Vec::new(); rows];
    let mut slot_of = vec![0; nodes.len()];
    for (at, node) in nodes.iter().enumerate() {
        slot_of[at] = layers[depth[at]].len();
        layers[depth[at]].push(Slot { width: node.width, node: Some(at), x: 0 });
    }
    let mut pieces: Vec<Vec<Piece>> = vec![Vec::new(); rows];
    for (at, node) in nodes.iter().enumerate() {
        for need in node.needs.iter().copied().filter(|need| depth[*need] > depth[at]) {
            let (mut from, bond) = (slot_of[at], (at, need));
            for layer in depth[at]..depth[need] {
                let to = if layer + 1 == depth[need] {
                    slot_of[need]
                } else {
                    layers[layer + 1].push(Slot { width: 1, node: None, x: 0 });
                    layers[layer + 1].len() - 1
                };
                pieces[layer].push(Piece { from, to, bond });
                from = to;
            }
        }
    }
    order(&mut layers, &mut pieces);
    place(&mut layers, &pieces);
    paint(nodes, &layers, &pieces)
}

/// How far each box is below the uppermost one that needs it.
fn depths(nodes: &[Node]) -> Vec<usize> {
    fn visit(nodes: &[Node], at: usize, level: usize, depth: &mut [usize], path: &mut Vec<usize>) {
        if path.contains(&at) || (depth[at] >= level && level > 0) {
            return;
        }
        depth[at] = depth[at].max(level);
        path.push(at);
        for need in &nodes[at].needs {
            visit(nodes, *need, level + 1, depth, path);
        }
        path.pop();
    }
    let mut depth = vec![0; nodes.len()];
    for at in 0..nodes.len() {
        visit(nodes, at, 0, &mut depth, &mut Vec::new());
    }
    depth
}

/// Orders each layer by the middle of what it is bound to, down and up again, so that few lines cross.
fn order(layers: &mut [Vec<Slot>], pieces: &mut [Vec<Piece>]) {
    for round in 0..4 {
        let down = round % 2 == 0;
        for step in 1..layers.len() {
            let layer = if down { step } else { layers.len() - 1 - step };
            let middle = |slot: usize| -> f64 {
                let (bound, ends): (&[Piece], Ends) = if down {
                    (&pieces[layer - 1], |piece| (piece.to, piece.from))
                } else {
                    (&pieces[layer], |piece| (piece.from, piece.to))
                };
                let ends: Vec<usize> = bound
                    .iter()
                    .map(ends)
                    .filter(|(here, _)| *here == slot)
                    .map(|(_, there)| there)
                    .collect();
                if ends.is_empty() {
                    return slot as f64;
                }
                ends.iter().sum::<usize>() as f64 / ends.len() as f64
            };
            let mut sorted: Vec<(f64, usize)> = (0..layers[layer].len()).map(|at| (middle(at), at)).collect();
            sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let mut moved = vec![0; sorted.len()];
            for (new, (_, old)) in sorted.iter().enumerate() {
                moved[*old] = new;
            }
            layers[layer] = sorted.iter().map(|(_, old)| layers[layer][*old]).collect();
            if layer > 0 {
                for piece in &mut pieces[layer - 1] {
                    piece.to = moved[piece.to];
                }
            }
            for piece in &mut pieces[layer] {
                piece.from = moved[piece.from];
            }
        }
    }
}

/// Puts boxes side by side, each layer in the middle; lines that pass through keep to where they come from.
fn place(layers: &mut [Vec<Slot>], pieces: &[Vec<Piece>]) {
    let width = |layer: &[Slot]| layer.iter().map(|slot| slot.width + GAP).sum::<usize>().saturating_sub(GAP);
    let widest = layers.iter().map(|layer| width(layer)).max().unwrap_or(0);
    for at in 0..layers.len() {
        let mut x = (widest - width(&layers[at])) / 2;
        for slot in 0..layers[at].len() {
            // A line that passes by goes straight down where there is room to.
            let above = (at > 0 && layers[at][slot].node.is_none())
                .then(|| pieces[at - 1].iter().find(|piece| piece.to == slot))
                .flatten()
                .map(|piece| layers[at - 1][piece.from].x + layers[at - 1][piece.from].width / 2);
            let rest: usize = layers[at][slot..].iter().map(|s| s.width + GAP).sum::<usize>() - GAP;
            if let Some(above) = above
                && above > x
                && above + rest <= widest
            {
                x = above;
            }
            layers[at][slot].x = x;
            x += layers[at][slot].width + GAP;
        }
    }
}

fn paint(nodes: &[Node], layers: &[Vec<Slot>], pieces: &[Vec<Piece>]) -> Layout {
    let mut layout = Layout { boxes: vec![Place::default(); nodes.len()], ..Layout::default() };
    let mut y = 0;
    for (at, layer) in layers.iter().enumerate() {
        for slot in layer {
            layout.width = layout.width.max(slot.x + slot.width);
            if let Some(node) = slot.node {
                layout.boxes[node] = Place { x: slot.x, y, width: slot.width };
            }
        }
        let bottom = y + BOX;
        let centre = |slot: &Slot| slot.x + slot.width / 2;
        // Each target has a row of its own, so that lines to it join and others cross.
        let mut targets: Vec<usize> = pieces[at].iter().map(|piece| piece.to).collect();
        targets.sort_unstable();
        targets.dedup();
        let bent = |to: usize| {
            let ends = |piece: &Piece| centre(&layer[piece.from]) != centre(&layers[at + 1][to]);
            pieces[at].iter().any(|piece| piece.to == to && ends(piece))
        };
        targets.retain(|to| bent(*to));
        let gap = if pieces[at].is_empty() { 1 } else { targets.len() + 2 };
        for piece in &pieces[at] {
            let (from, to) = (&layer[piece.from], &layers[at + 1][piece.to]);
            let (x1, x2) = (centre(from), centre(to));
            let track = targets.iter().position(|target| *target == piece.to).unwrap_or(0);
            let turn = bottom + 1 + track;
            let start = if from.node.is_none() { y } else { bottom };
            for row in start..bottom + gap {
                if row < turn {
                    layout.draw(x1, row, UP | DOWN, piece.bond);
                } else if row > turn {
                    layout.draw(x2, row, UP | DOWN, piece.bond);
                }
            }
            if x1 == x2 {
                layout.draw(x1, turn, UP | DOWN, piece.bond);
            } else {
                let (first, last) = (x1.min(x2), x1.max(x2));
                layout.draw(x1, turn, UP | if x2 > x1 { RIGHT } else { LEFT }, piece.bond);
                layout.draw(x2, turn, DOWN | if x2 > x1 { LEFT } else { RIGHT }, piece.bond);
                for x in first + 1..last {
                    layout.draw(x, turn, LEFT | RIGHT, piece.bond);
                }
            }
            if to.node.is_some() {
                layout.ends.push((x2, bottom + gap - 1, piece.bond.0, piece.bond.1));
            }
        }
        layout.height = bottom;
        y = bottom + gap;
    }
    layout
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(width: usize, needs: &[usize]) -> Node {
        Node { width, needs: needs.to_vec() }
    }

    fn picture(layout: &Layout) -> String {
        let mut rows = vec![vec![' '; layout.width]; layout.height];
        for (x, y, c, _) in layout.lines() {
            rows[y][x] = c;
        }
        for (x, y, ..) in &layout.ends {
            rows[*y][*x] = '▾';
        }
        for (at, place) in layout.boxes.iter().enumerate() {
            for row in &mut rows[place.y..place.y + BOX] {
                for cell in &mut row[place.x..place.x + place.width] {
                    assert_eq!(*cell, ' ', "a line runs through box {at}");
                    *cell = char::from(b'a' + at as u8);
                }
            }
        }
        rows.iter().map(|row| row.iter().collect::<String>().trim_end().to_owned() + "\n").collect()
    }

    #[test]
    fn needs_lie_below() {
        // proxy needs web and api, both need db, web also needs cache; a lone one stands at the top.
        let nodes =
            [node(7, &[1, 2]), node(5, &[3, 4]), node(5, &[3]), node(6, &[]), node(6, &[]), node(5, &[])];
        insta::assert_snapshot!(picture(&lay_out(&nodes)));
    }

    #[test]
    fn long_needs_pass_by_boxes() {
        let nodes = [node(6, &[1, 2]), node(6, &[2]), node(6, &[])];
        insta::assert_snapshot!(picture(&lay_out(&nodes)));
    }

    #[test]
    fn circles_and_nothing_end() {
        let circle = [node(4, &[1]), node(4, &[0])];
        assert_eq!(lay_out(&circle).boxes.len(), 2);
        assert_eq!(lay_out(&[]).height, 0);
        assert_eq!(lay_out(&[node(4, &[0])]).boxes.len(), 1);
    }

    #[test]
    fn boxes_never_overlap() {
        let nodes: Vec<Node> =
            (0..40).map(|at| node(5 + at % 7, &[(at * 7 + 3) % 40, (at * 5 + 1) % 40])).collect();
        let layout = lay_out(&nodes);
        for (a, first) in layout.boxes.iter().enumerate() {
            for second in layout.boxes.iter().skip(a + 1).filter(|other| other.y == first.y) {
                assert!(first.x + first.width < second.x || second.x + second.width < first.x);
            }
        }
    }
}
