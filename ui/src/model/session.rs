//! What the next start begins with: the pane, tabs, filters, orders, selections and marks.

use super::list::{List, Row};
use super::log::Times;
use super::{Model, Pane, Tab, arrangement};
use toml::{Table, Value};

impl Model {
    /// What is to be remembered, as text for [`crate::Settings::session`].
    pub fn session(&self) -> String {
        let mut table = Table::new();
        table.insert("pane".into(), self.pane.title().into());
        table.insert("zoomed".into(), self.zoomed.into());
        table.insert("split".into(), i64::from(self.split).into());
        let mut tabs = Table::new();
        for pane in Pane::ALL {
            tabs.insert(pane.title().into(), self.chosen[*pane as usize].title().into());
        }
        table.insert("tabs".into(), tabs.into());
        let log = Table::from_iter([
            ("wrap".to_owned(), Value::from(self.log.wrap)),
            ("times".to_owned(), Value::from(self.log.times.name())),
        ]);
        table.insert("log".into(), log.into());
        let mut lists = Table::new();
        lists.insert(Pane::Containers.title().into(), remember(&self.containers));
        lists.insert(Pane::Images.title().into(), remember(&self.images));
        lists.insert(Pane::Volumes.title().into(), remember(&self.volumes));
        lists.insert(Pane::Networks.title().into(), remember(&self.networks));
        lists.insert(Pane::Stacks.title().into(), remember(&self.stacks));
        lists.insert(Pane::Events.title().into(), remember(&self.events));
        table.insert("lists".into(), lists.into());
        let mut columns = Table::new();
        for pane in Pane::ALL {
            let widths =
                self.widths.chosen(*pane).map(|(name, width)| (name.to_owned(), i64::from(width).into()));
            columns.insert(pane.title().into(), widths.collect::<Table>().into());
        }
        table.insert("columns".into(), columns.into());
        table.insert("splits".into(), arrangement::remember(self));
        table.to_string()
    }

    /// Begins where an earlier session ended. What cannot be read is as at a first start.
    pub(super) fn restore(&mut self, text: &str) {
        let Ok(table) = text.parse::<Table>() else { return };
        let word = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let pane = word(table.get("pane"));
        self.pane = Pane::ALL.iter().copied().find(|known| known.title() == pane).unwrap_or(self.pane);
        self.zoomed = table.get("zoomed").and_then(Value::as_bool).unwrap_or(false);
        let split = table.get("split").and_then(Value::as_integer).unwrap_or(0);
        self.split = split.clamp(-200, 200) as i32;
        for pane in Pane::ALL {
            let title = word(table.get("tabs").and_then(|tabs| tabs.get(pane.title())));
            if let Some(tab) = Tab::of(*pane).iter().find(|tab| tab.title() == title) {
                self.chosen[*pane as usize] = *tab;
            }
        }
        let log = |name: &str| table.get("log").and_then(|log| log.get(name)).and_then(Value::as_bool);
        self.log.wrap = log("wrap").unwrap_or(self.log.wrap);
        let times = word(table.get("log").and_then(|log| log.get("times")));
        self.log.times = Times::ALL.into_iter().find(|known| known.name() == times).unwrap_or(self.log.times);
        self.remembered_splits = arrangement::recall(table.get("splits"));
        let list = |pane: Pane| table.get("lists").and_then(|lists| lists.get(pane.title()));
        recall(&mut self.containers, list(Pane::Containers));
        recall(&mut self.images, list(Pane::Images));
        recall(&mut self.volumes, list(Pane::Volumes));
        recall(&mut self.networks, list(Pane::Networks));
        recall(&mut self.stacks, list(Pane::Stacks));
        recall(&mut self.events, list(Pane::Events));
        for pane in Pane::ALL {
            let widths = table.get("columns").and_then(|columns| columns.get(pane.title()));
            for spec in super::columns::specs(*pane) {
                let width = widths.and_then(|widths| widths.get(spec.name)).and_then(Value::as_integer);
                if let Some(width) = width.and_then(|width| u16::try_from(width).ok()) {
                    self.widths.set(*pane, spec, width);
                }
            }
        }
    }
}

fn remember<T: Row>(list: &List<T>) -> Value {
    let (sort, descending) = list.sort();
    let table = Table::from_iter([
        ("filter".to_owned(), Value::from(list.filter().text())),
        ("sort".to_owned(), Value::from(sort)),
        ("descending".to_owned(), Value::from(descending)),
        ("selected".to_owned(), Value::from(list.selected().map_or("", Row::key))),
        ("marked".to_owned(), list.marked().collect::<Vec<_>>().into()),
        ("folded".to_owned(), list.folded().collect::<Vec<_>>().into()),
    ]);
    table.into()
}

fn recall<T: Row>(list: &mut List<T>, from: Option<&Value>) {
    let Some(from) = from else { return };
    let word = |name: &str| from.get(name).and_then(Value::as_str).unwrap_or_default();
    let sort = T::SORTS.iter().position(|(name, _)| *name == word("sort")).unwrap_or(0);
    let descending = from.get("descending").and_then(Value::as_bool).unwrap_or(T::SORTS[sort].1);
    let keys = |name: &str| {
        let keys = from.get(name).and_then(Value::as_array).into_iter().flatten();
        keys.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    list.begin_with_keys(keys("marked"), keys("folded"));
    list.begin_with(sort, descending, word("filter"), word("selected"));
}
