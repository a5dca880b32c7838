//! Tables laid out as Docker's are: each column as wide as its widest cell and three spaces, ten at least, and
//! the last cell of a row as it is.

use unicode_width::UnicodeWidthStr;

/// The least width of a column.
const LEAST: usize = 10;
/// Spaces after the widest cell.
const PADDING: usize = 3;

/// Lays rows out, each ending in a line feed. Rows may have different numbers of cells: a column is as wide as
/// the neighbouring rows that have it need.
pub fn table(rows: &[Vec<String>]) -> String {
    table_of(rows, LEAST)
}

/// As [`table`], with columns of another least width.
pub fn table_of(rows: &[Vec<String>], least: usize) -> String {
    let widths = widths(rows, least);
    let mut text = String::new();
    for (row, widths) in rows.iter().zip(&widths) {
        for (index, cell) in row.iter().enumerate() {
            text.push_str(cell);
            if index + 1 < row.len() {
                let width = widths.get(index).copied().unwrap_or(least);
                text.extend(std::iter::repeat_n(' ', width.saturating_sub(width_of(cell))));
            }
        }
        text.push('\n');
    }
    text
}

/// How many columns a text takes up; most are plain letters.
fn width_of(text: &str) -> usize {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) { text.len() } else { text.width() }
}

/// The width of each cell but the last, for each row.
fn widths(rows: &[Vec<String>], least: usize) -> Vec<Vec<usize>> {
    let mut widths: Vec<Vec<usize>> =
        rows.iter().map(|row| vec![least; row.len().saturating_sub(1)]).collect();
    let columns = widths.iter().map(Vec::len).max().unwrap_or(0);
    for column in 0..columns {
        let mut first = 0;
        while first < rows.len() {
            if widths[first].len() <= column {
                first += 1;
                continue;
            }
            let end = (first..rows.len()).find(|row| widths[*row].len() <= column).unwrap_or(rows.len());
            let widest = (first..end).map(|row| width_of(&rows[row][column]) + PADDING).max().unwrap_or(0);
            for row in &mut widths[first..end] {
                row[column] = widest.max(least);
            }
            first = end;
        }
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[&[&str]]) -> Vec<Vec<String>> {
        rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect()
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let text =
            table(&rows(&[&["CONTAINER ID", "IMAGE", "NAMES"], &["0123456789ab", "a-long-image", "web"]]));
        assert_eq!(text, "CONTAINER ID   IMAGE          NAMES\n0123456789ab   a-long-image   web\n");
    }

    #[test]
    fn columns_are_ten_wide_at_least_and_count_wide_letters() {
        assert_eq!(table(&rows(&[&["ID", "X"], &["日本", ""]])), "ID        X\n日本      \n");
        assert_eq!(table(&[]), "");
    }

    #[test]
    fn shorter_rows_part_a_column() {
        let text = table(&rows(&[&["a", "b"], &["alone"], &["0123456789", "d"]]));
        assert_eq!(text, "a         b\nalone\n0123456789   d\n");
    }
}
