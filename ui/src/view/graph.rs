//! Graphs of braille dots: two samples to a cell, four dots high.

use super::paint::Paint;
use crate::theme::Role;
use ratatui::layout::Rect;
use std::collections::VecDeque;

/// Dots of the left and the right half of a braille cell, from the bottom up.
const LEFT: [u32; 4] = [0x40, 0x04, 0x02, 0x01];
const RIGHT: [u32; 4] = [0x80, 0x20, 0x10, 0x08];

/// Draws the newest values filled from the ground up; `top` is the value that fills the height.
pub(super) fn area(paint: &mut Paint, area: Rect, values: &VecDeque<f32>, top: f32, role: Role) {
    let dots = usize::from(area.height) * 4;
    let room = usize::from(area.width) * 2;
    let style = paint.style(role);
    let faint = paint.style(Role::Faint);
    let first = values.len() as isize - room as isize;
    let height_at = |place: usize| -> Option<usize> {
        let at = usize::try_from(first + place as isize).ok()?;
        let value = values.get(at)?;
        let share = if top > 0.0 { (value / top).clamp(0.0, 1.0) } else { 0.0 };
        // Something is not nothing: the smallest value still shows a dot.
        Some(((share * dots as f32).round() as usize).max(usize::from(*value > 0.0)))
    };
    for column in 0..usize::from(area.width) {
        let (left, right) = (height_at(column * 2), height_at(column * 2 + 1));
        for row in 0..usize::from(area.height) {
            let ground = (usize::from(area.height) - 1 - row) * 4;
            let mut bits = 0;
            for dot in 0..4 {
                if left.is_some_and(|h| h > ground + dot) {
                    bits |= LEFT[dot];
                }
                if right.is_some_and(|h| h > ground + dot) {
                    bits |= RIGHT[dot];
                }
            }
            let (x, y) = (area.x + column as u16, area.y + row as u16);
            if bits != 0 {
                paint.put(x, y, char::from_u32(0x2800 + bits).unwrap_or(' '), style);
            } else if ground == 0 {
                paint.put(x, y, '⣀', faint);
            }
        }
    }
}

/// A graph one cell high.
pub(super) fn line(paint: &mut Paint, place: Rect, values: &VecDeque<f32>, least_top: f32, role: Role) {
    let most = largest(values, usize::from(place.width) * 2);
    area(paint, place, values, scale(most).min(least_top).max(most), role);
}

/// The largest of the newest values.
pub(super) fn largest(values: &VecDeque<f32>, newest: usize) -> f32 {
    values.iter().rev().take(newest).copied().fold(0.0, f32::max)
}

/// A round figure not below a value, so that a graph's scale does not change with every sample.
pub(super) fn scale(most: f32) -> f32 {
    let mut top = 1.0_f32;
    while top < most {
        for factor in [2.0, 2.5, 2.0] {
            top *= factor;
            if top >= most {
                break;
            }
        }
    }
    top
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::Theme;
    use ratatui::buffer::Buffer;

    #[test]
    fn values_become_dots() {
        let theme = Theme::default();
        let place = Rect { x: 0, y: 0, width: 3, height: 1 };
        let mut buffer = Buffer::empty(place);
        let mut paint = Paint { buffer: &mut buffer, theme: &theme };
        area(&mut paint, place, &VecDeque::from([25.0, 50.0, 75.0, 100.0]), 100.0, Role::Cpu);
        let row: String = (0..3).map(|x| buffer[(x, 0)].symbol().to_owned()).collect();
        assert_eq!(row, "⣀⣠⣾");
    }

    #[test]
    fn scales_are_round() {
        assert!((scale(3.0) - 5.0).abs() < 1e-3);
        assert!((scale(0.2) - 1.0).abs() < 1e-3);
        assert!((scale(60.0) - 100.0).abs() < 1e-3);
    }
}
