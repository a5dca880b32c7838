//! Volumes: rows and folders.

use crate::error::{DatabaseContext as _, IoContext as _};
use crate::events::{self, EventKind, NewEvent};
use crate::{Result, Staging, Store, StoreError, database, files};
use rusqlite::{OptionalExtension as _, Row, params};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use teu_api::ContainerId;
use teu_api::id::is_valid_name;

/// A volume to be made.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NewVolume {
    /// Its name; empty for one of 64 random hexadecimal digits.
    pub name: String,
    /// Its driver; empty for `local`.
    pub driver: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Options of its driver.
    pub options: BTreeMap<String, String>,
    /// Whether it was made for one container alone and goes with it.
    pub anonymous: bool,
}

/// A volume that exists.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VolumeRecord {
    /// Its name.
    pub name: String,
    /// Its driver.
    pub driver: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Options of its driver.
    pub options: BTreeMap<String, String>,
    /// Whether it was made for one container alone and goes with it.
    pub anonymous: bool,
    /// When it was made: nanoseconds since the Unix epoch.
    pub created_at: i64,
    /// The folder that holds its files.
    pub mountpoint: PathBuf,
}

const COLUMNS: &str = "name, driver, anonymous, created_at, labels, options";

impl Store {
    /// Makes a volume; one of this name and driver that exists is returned as it is, as Docker does.
    pub fn create_volume(&self, new: &NewVolume) -> Result<VolumeRecord> {
        let name = if new.name.is_empty() { files::random_hex::<32>()? } else { new.name.clone() };
        let driver = if new.driver.is_empty() { "local" } else { &new.driver };
        if !is_valid_name(&name) {
            return Err(StoreError::invalid(
                format!(
                    "create {name}: \"{name}\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed, two of them at least"
                ),
                "choose another name; to mount a host folder, give its absolute path",
            ));
        }
        if driver != "local" {
            return Err(StoreError::Unsupported(format!(
                "error looking up volume plugin {driver}: teu knows the driver \"local\" only"
            )));
        }
        let transaction = database::write(self.connection())?;
        // The folder comes first: a folder without a row is harmless, a row without a folder is not.
        let data = self.paths().volume_data(&name);
        std::fs::create_dir_all(&data).on("create", &data)?;
        let added = transaction
            .execute(
                &format!("INSERT OR IGNORE INTO volumes ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"),
                params![
                    name,
                    driver,
                    new.anonymous,
                    events::now(),
                    database::to_json(&new.labels)?,
                    database::to_json(&new.options)?
                ],
            )
            .database("make a volume")?;
        if added > 0 {
            events::append(
                &transaction,
                &NewEvent::new(EventKind::Volume, "create", &name).with("driver", driver),
            )?;
        }
        transaction.commit().database("make a volume")?;
        self.volume(&name)
    }

    /// The volume of this name.
    pub fn volume(&self, name: &str) -> Result<VolumeRecord> {
        let sql = format!("SELECT {COLUMNS} FROM volumes WHERE name = ?");
        let query = || {
            self.connection().prepare_cached(&sql)?.query_row([name], |row| self.volume_row(row)).optional()
        };
        query().database("look a volume up")?.ok_or_else(|| StoreError::not_found("volume", name))
    }

    /// Every volume, by name.
    pub fn volumes(&self) -> Result<Vec<VolumeRecord>> {
        let sql = format!("SELECT {COLUMNS} FROM volumes ORDER BY name");
        let query = || -> rusqlite::Result<Vec<VolumeRecord>> {
            let mut statement = self.connection().prepare_cached(&sql)?;
            statement.query_map([], |row| self.volume_row(row))?.collect()
        };
        query().database("list volumes")
    }

    /// The containers that a volume is mounted in, running or not.
    pub fn volume_users(&self, name: &str) -> Result<Vec<ContainerId>> {
        let query = || -> rusqlite::Result<Vec<String>> {
            let mut statement = self.connection().prepare_cached(
                "SELECT id FROM containers WHERE instr(' ' || volumes || ' ', ' ' || ? || ' ') > 0",
            )?;
            statement.query_map([name], |row| row.get(0))?.collect()
        };
        let ids = query().database("look for a volume's users")?;
        Ok(ids.iter().filter_map(|id| ContainerId::parse(id)).collect())
    }

    /// The containers that each volume is mounted in, running or not: one look for all volumes.
    pub fn users_of_volumes(&self) -> Result<HashMap<String, Vec<ContainerId>>> {
        let query = || -> rusqlite::Result<Vec<(String, String)>> {
            let mut statement =
                self.connection().prepare_cached("SELECT id, volumes FROM containers WHERE volumes != ''")?;
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        let mut users: HashMap<String, Vec<ContainerId>> = HashMap::new();
        for (id, volumes) in query().database("look for volumes' users")? {
            let Some(id) = ContainerId::parse(&id) else { continue };
            for volume in volumes.split(' ').filter(|volume| !volume.is_empty()) {
                let of_volume = users.entry(volume.to_owned()).or_default();
                if !of_volume.contains(&id) {
                    of_volume.push(id.clone());
                }
            }
        }
        Ok(users)
    }

    /// Removes a volume that no container has.
    pub fn remove_volume(&self, name: &str) -> Result<()> {
        self.making_room(|| self.remove_volume_now(name))
    }

    fn remove_volume_now(&self, name: &str) -> Result<()> {
        let transaction = database::write(self.connection())?;
        let record = self.volume(name)?;
        let users = self.volume_users(name)?;
        if !users.is_empty() {
            let ids: Vec<&str> = users.iter().map(ContainerId::as_str).collect();
            return Err(StoreError::conflict(
                format!("remove {name}: volume is in use - [{}]", ids.join(", ")),
                "remove the containers that use it first",
            ));
        }
        let staging = Staging::new(self.paths(), "volume")?;
        transaction.execute("DELETE FROM volumes WHERE name = ?", [name]).database("remove a volume")?;
        let event = NewEvent::new(EventKind::Volume, "destroy", name).with("driver", record.driver);
        events::append(&transaction, &event)?;
        staging.take_in(&self.paths().volumes().join(name))?;
        transaction.commit().database("remove a volume")?;
        staging.remove()
    }

    fn volume_row(&self, row: &Row<'_>) -> rusqlite::Result<VolumeRecord> {
        let name: String = row.get(0)?;
        Ok(VolumeRecord {
            mountpoint: self.paths().volume_data(&name),
            driver: row.get(1)?,
            anonymous: row.get(2)?,
            created_at: row.get(3)?,
            labels: database::from_json(row.get_ref(4)?.as_str()?)?,
            options: database::from_json(row.get_ref(5)?.as_str()?)?,
            name,
        })
    }
}
