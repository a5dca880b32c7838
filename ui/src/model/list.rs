//! A list with a filter, an order, marks and a selection that stays on its row whatever changes around it.

use crate::text::Filter;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Something that a list shows.
pub trait Row {
    /// The orders there are: a name, and whether the largest comes first.
    const SORTS: &'static [(&'static str, bool)];
    /// What names the row for good.
    fn key(&self) -> &str;
    /// The text that filters look at.
    fn haystack(&self) -> String;
    /// The order of two rows by one of `SORTS`, the smallest first.
    fn order(&self, other: &Self, sort: usize) -> Ordering;
    /// The key of the row that it stands below, if any.
    fn head(&self) -> Option<&str> {
        None
    }
    /// Whether rows may stand below it: it is shown with those of them that pass the filter.
    fn is_head(&self) -> bool {
        false
    }
}

/// A list.
#[derive(Debug)]
pub struct List<T> {
    items: Vec<T>,
    shown: Vec<usize>,
    /// What passes the filter in order, folded or not, with the heads of it.
    passing: Vec<usize>,
    selected: Option<String>,
    at: usize,
    marked: BTreeSet<String>,
    /// Heads whose rows are hidden.
    folded: BTreeSet<String>,
    mark_from: Option<String>,
    /// Where a range of marks began that grows with the selection, and what was marked before.
    range: Option<(String, BTreeSet<String>)>,
    sort: usize,
    reversed: bool,
    filter: Filter,
    /// The first row in view.
    pub offset: usize,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            shown: Vec::new(),
            passing: Vec::new(),
            selected: None,
            at: 0,
            marked: BTreeSet::new(),
            folded: BTreeSet::new(),
            mark_from: None,
            range: None,
            sort: 0,
            reversed: false,
            filter: Filter::default(),
            offset: 0,
        }
    }
}

impl<T: Row> List<T> {
    /// Puts other items in the place of the old ones.
    pub fn replace(&mut self, items: Vec<T>) {
        self.items = items;
        if !self.marked.is_empty() {
            let there: BTreeSet<&str> = self.items.iter().map(Row::key).collect();
            self.marked.retain(|key| there.contains(key.as_str()));
        }
        self.refresh();
    }

    /// Begins with an order, a filter and a selection, before there are any items.
    pub fn begin_with(&mut self, sort: usize, descending: bool, filter: &str, selected: &str) {
        self.sort = sort.min(T::SORTS.len() - 1);
        self.reversed = descending != T::SORTS[self.sort].1;
        self.filter = Filter::parse(filter);
        self.selected = Some(selected.to_owned()).filter(|key| !key.is_empty());
    }

    /// Begins with marks and folded heads, before there are any items.
    pub fn begin_with_keys(&mut self, marked: BTreeSet<String>, folded: BTreeSet<String>) {
        self.marked = marked;
        self.folded = folded;
    }

    /// Takes the items out, to be put back changed with [`List::replace`].
    pub fn take_items(&mut self) -> Vec<T> {
        self.shown.clear();
        self.passing.clear();
        std::mem::take(&mut self.items)
    }

    /// Filters and sorts again, after items have changed.
    pub fn refresh(&mut self) {
        let everything = self.filter.is_empty();
        let items = &self.items;
        let passing: Vec<usize> = {
            let mut matches = self.filter.matcher();
            let mut passes = |row: &T| !row.is_head() && (everything || matches(&row.haystack()));
            (0..items.len()).filter(|at| passes(&items[*at])).collect()
        };
        let mut below: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for at in &passing {
            if let Some(head) = items[*at].head() {
                below.entry(head).or_default().push(*at);
            }
        }
        let mut tops: Vec<usize> = passing.into_iter().filter(|at| items[*at].head().is_none()).collect();
        let heads = (0..items.len()).filter(|at| items[*at].is_head());
        tops.extend(heads.filter(|at| below.contains_key(items[*at].key())));
        let descending = T::SORTS[self.sort].1 != self.reversed;
        let order = |a: &usize, b: &usize| {
            let (a, b) = (&items[*a], &items[*b]);
            let order = a.order(b, self.sort);
            let order = if descending { order.reverse() } else { order };
            order.then_with(|| a.order(b, 0)).then_with(|| a.key().cmp(b.key()))
        };
        tops.sort_by(order);
        self.shown.clear();
        self.passing.clear();
        for top in tops {
            self.shown.push(top);
            self.passing.push(top);
            let Some(mut rows) = below.remove(items[top].key()) else { continue };
            rows.sort_by(order);
            self.passing.extend(&rows);
            // What is looked for is shown though it is folded.
            if !everything || !self.folded.contains(items[top].key()) {
                self.shown.extend(rows);
            }
        }
        self.settle_selection();
    }

    /// The selected row stays selected; where it is gone, its neighbour is.
    fn settle_selection(&mut self) {
        let place = self
            .selected
            .as_ref()
            .and_then(|key| self.shown.iter().position(|at| self.items[*at].key() == key));
        self.at = place.unwrap_or(self.at).min(self.shown.len().saturating_sub(1));
        self.selected = self.shown.get(self.at).map(|at| self.items[*at].key().to_owned());
    }

    /// Every item, in no order.
    pub fn items(&self) -> &[T] {
        &self.items
    }

    /// Every item, to change; call [`List::refresh`] afterwards.
    pub fn items_mut(&mut self) -> &mut [T] {
        &mut self.items
    }

    /// The rows that are shown, in order.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.shown.iter().map(|at| &self.items[*at])
    }

    /// The rows that pass the filter, in order, also those that are folded away; heads aside.
    pub fn passing(&self) -> impl Iterator<Item = &T> {
        self.passing.iter().map(|at| &self.items[*at]).filter(|row| !row.is_head())
    }

    /// How many rows are shown.
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// How many rows there are, heads aside, and how many of them pass the filter.
    pub fn counts(&self) -> (usize, usize) {
        (self.items.iter().filter(|row| !row.is_head()).count(), self.passing().count())
    }

    /// Whether the rows below a head are hidden.
    pub fn is_folded(&self, key: &str) -> bool {
        self.filter.is_empty() && self.folded.contains(key)
    }

    /// Folds the selected head, or the one that the selected row stands below; unfolds a head. Says whether it did.
    pub fn fold(&mut self, fold: bool) -> bool {
        let Some(row) = self.selected() else { return false };
        let head = match row.head() {
            Some(head) if fold => head.to_owned(),
            None if row.is_head() => row.key().to_owned(),
            _ => return false,
        };
        let changed = if fold { self.folded.insert(head.clone()) } else { self.folded.remove(&head) };
        if changed {
            self.selected = Some(head);
            self.refresh();
        }
        changed
    }

    /// Folds the selected head, or unfolds it.
    pub fn turn(&mut self) {
        let folded = self.selected().is_some_and(|row| self.is_folded(row.key()));
        self.fold(!folded);
    }

    /// Folds every head, or unfolds all if all were folded.
    pub fn fold_all(&mut self) {
        let heads = self.items.iter().filter(|row| row.is_head());
        let heads: BTreeSet<String> = heads.map(|row| row.key().to_owned()).collect();
        if let Some(head) = self.selected().and_then(Row::head) {
            self.selected = Some(head.to_owned());
        }
        self.folded = if heads.is_subset(&self.folded) { BTreeSet::new() } else { heads };
        self.refresh();
    }

    /// The heads that are folded.
    pub fn folded(&self) -> impl Iterator<Item = &str> {
        self.folded.iter().map(String::as_str)
    }

    /// Whether no row passes the filter.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// The selected row.
    pub fn selected(&self) -> Option<&T> {
        self.shown.get(self.at).map(|at| &self.items[*at])
    }

    /// The selected row's place.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Selects the row at a place, or the last one.
    pub fn select(&mut self, at: usize) {
        self.at = at.min(self.shown.len().saturating_sub(1));
        self.selected = self.shown.get(self.at).map(|at| self.items[*at].key().to_owned());
        self.stretch();
    }

    /// Selects the row of that key, if it is shown.
    pub fn select_key(&mut self, key: &str) {
        if let Some(at) = self.shown.iter().position(|at| self.items[*at].key() == key) {
            self.select(at);
        }
    }

    /// Moves the selection by so many rows.
    pub fn move_by(&mut self, rows: isize) {
        self.select(self.at.saturating_add_signed(rows));
    }

    /// Brings the selected row into a view of so many rows.
    pub fn scroll_into(&mut self, height: usize) {
        let height = height.max(1);
        let last = self.shown.len().saturating_sub(height);
        self.offset = self.offset.clamp(self.at.saturating_sub(height - 1), self.at).min(last);
    }

    /// Marks or unmarks the selected row.
    pub fn toggle_mark(&mut self) {
        if let Some(key) = self.selected.clone() {
            if !self.marked.remove(&key) {
                self.marked.insert(key.clone());
            }
            self.mark_from = Some(key);
        }
    }

    /// Begins a range of marks that grows and shrinks as the selection moves; ends the one that was begun. With a mark
    /// set before elsewhere, marks every row from there to the selected one at once.
    pub fn mark_range(&mut self) {
        if self.range.take().is_some() {
            self.mark_from = None;
            return;
        }
        let from = self.mark_from.take().filter(|key| self.marked.contains(key));
        match from.as_deref().and_then(|key| self.place(key)) {
            Some(from) => self.mark_between(from, self.at),
            None => self.begin_range(self.at),
        }
    }

    /// Begins a range of marks at a row.
    pub fn begin_range(&mut self, at: usize) {
        if let Some(item) = self.shown.get(at) {
            self.range = Some((self.items[*item].key().to_owned(), self.marked.clone()));
            self.stretch();
        }
    }

    /// Ends a range that was begun: its marks stay.
    pub fn end_range(&mut self) {
        self.range = None;
    }

    /// Whether a range of marks grows with the selection.
    pub fn is_ranging(&self) -> bool {
        self.range.is_some()
    }

    fn place(&self, key: &str) -> Option<usize> {
        self.shown.iter().position(|at| self.items[*at].key() == key)
    }

    /// A head among others stands for what is folded below it, and for nothing where that is shown itself.
    fn mark_between(&mut self, from: usize, to: usize) {
        let mut keys = Vec::new();
        for at in from.min(to)..=from.max(to) {
            match self.shown.get(at).map(|at| &self.items[*at]) {
                Some(row) if !row.is_head() => keys.push(row.key().to_owned()),
                Some(head) if self.is_folded(head.key()) => {
                    let below = self.passing().filter(|row| row.head() == Some(head.key()));
                    keys.extend(below.map(|row| row.key().to_owned()));
                }
                _ => {}
            }
        }
        self.marked.extend(keys);
    }

    /// Makes the marks those from before the range and those in it.
    fn stretch(&mut self) {
        let Some((from, before)) = &self.range else { return };
        self.marked.clone_from(before);
        if let Some(from) = self.place(&from.clone()) {
            self.mark_between(from, self.at);
        }
    }

    /// Marks or unmarks the row at a place, without going there.
    pub fn toggle_mark_at(&mut self, at: usize) {
        if let Some(item) = self.shown.get(at) {
            let key = self.items[*item].key().to_owned();
            if !self.marked.remove(&key) {
                self.marked.insert(key.clone());
            }
            self.mark_from = Some(key);
        }
    }

    /// Marks every row that passes the filter, or none if all were.
    pub fn mark_all(&mut self) {
        let keys: BTreeSet<String> = self.passing().map(|row| row.key().to_owned()).collect();
        if keys.iter().all(|key| self.marked.contains(key)) {
            self.marked.clear();
        } else {
            self.marked.extend(keys);
        }
    }

    /// Forgets all marks; says whether there were any.
    pub fn clear_marks(&mut self) -> bool {
        let any = !self.marked.is_empty();
        self.marked.clear();
        self.range = None;
        any
    }

    /// Whether a row is marked.
    pub fn is_marked(&self, key: &str) -> bool {
        self.marked.contains(key)
    }

    /// The keys of the marked rows.
    pub fn marked(&self) -> impl Iterator<Item = &str> {
        self.marked.iter().map(String::as_str)
    }

    /// How many rows are marked.
    pub fn marks(&self) -> usize {
        self.marked.len()
    }

    /// The rows that an action is for: the marked ones in order as far as they pass the filter, or the selected one.
    pub fn targets(&self) -> Vec<&T> {
        if self.marked.is_empty() {
            return self.selected().into_iter().collect();
        }
        let marked = self.passing.iter().map(|at| &self.items[*at]);
        marked.filter(|row| self.marked.contains(row.key())).collect()
    }

    /// The order in force: its name, and whether the largest comes first.
    pub fn sort(&self) -> (&'static str, bool) {
        let (name, descending) = T::SORTS[self.sort];
        (name, descending != self.reversed)
    }

    /// The number of the order in force.
    pub fn sort_index(&self) -> usize {
        self.sort
    }

    /// Orders by a column; turns the order round if it is in force already.
    pub fn set_sort(&mut self, sort: usize) {
        if sort == self.sort {
            self.reversed = !self.reversed;
        } else {
            self.sort = sort.min(T::SORTS.len() - 1);
            self.reversed = false;
        }
        self.refresh();
    }

    /// Turns the order round.
    pub fn reverse(&mut self) {
        self.reversed = !self.reversed;
        self.refresh();
    }

    /// The filter in force.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Shows only what passes a filter.
    pub fn set_filter(&mut self, text: &str) {
        self.filter = Filter::parse(text);
        self.refresh();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Word(&'static str, i32);

    impl Row for Word {
        const SORTS: &'static [(&'static str, bool)] = &[("word", false), ("number", true)];

        fn key(&self) -> &str {
            self.0
        }

        fn haystack(&self) -> String {
            self.0.to_owned()
        }

        fn order(&self, other: &Self, sort: usize) -> Ordering {
            if sort == 0 { self.0.cmp(other.0) } else { self.1.cmp(&other.1) }
        }
    }

    fn list() -> List<Word> {
        let mut list = List::default();
        list.replace(vec![Word("cherry", 3), Word("apple", 1), Word("banana", 2)]);
        list
    }

    fn words(list: &List<Word>) -> Vec<&str> {
        list.rows().map(|row| row.0).collect()
    }

    #[test]
    fn the_selection_stays_on_its_row() {
        let mut list = list();
        list.select_key("banana");
        list.replace(vec![Word("aardvark", 9), Word("apple", 1), Word("banana", 2), Word("cherry", 3)]);
        assert_eq!((list.selected().unwrap().0, list.at()), ("banana", 2));
        list.set_sort(1);
        assert_eq!(words(&list), ["aardvark", "cherry", "banana", "apple"]);
        assert_eq!(list.selected().unwrap().0, "banana");
        list.replace(vec![Word("aardvark", 9), Word("cherry", 3)]);
        assert_eq!(list.selected().unwrap().0, "cherry");
        list.replace(vec![]);
        assert!(list.selected().is_none());
        list.move_by(-5);
        list.scroll_into(3);
    }

    #[test]
    fn marks_name_the_targets() {
        let mut list = list();
        assert_eq!(list.targets().len(), 1);
        list.toggle_mark();
        list.select(2);
        list.mark_range();
        assert_eq!(list.marks(), 3);
        list.clear_marks();
        list.mark_range();
        list.move_by(-1);
        assert_eq!((list.marks(), list.is_ranging()), (2, true));
        list.move_by(1);
        assert_eq!(list.marks(), 1);
        list.move_by(-2);
        list.mark_range();
        list.move_by(1);
        assert_eq!((list.marks(), list.is_ranging()), (3, false));
        list.set_filter("an");
        assert_eq!(list.targets().iter().map(|t| t.0).collect::<Vec<_>>(), ["banana"]);
        list.replace(vec![Word("apple", 1)]);
        assert_eq!(list.marks(), 1);
    }

    #[test]
    fn scrolling_follows_the_selection() {
        let mut list = list();
        list.select(2);
        list.scroll_into(2);
        assert_eq!(list.offset, 1);
        list.select(0);
        list.scroll_into(2);
        assert_eq!(list.offset, 0);
    }
}
