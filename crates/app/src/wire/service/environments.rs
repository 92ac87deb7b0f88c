//! The environments of a node: those of the store and, where it is allowed, the host's own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use carrel_image::definition::HOST;
use carrel_image::{Environment, Store};
use carrel_judge::environment::Environments;
use carrel_model::result::EnvironmentUsed;
use carrel_worker::NodeEnvironments;

use crate::wire::environments::root_of;

/// How long an environment is used without a look whether another was built under its name.
const AGE_MOST: Duration = Duration::from_secs(2);

/// Environments, opened when they are first needed.
pub struct HostEnvironments {
    store: Store,
    allow_unrepeatable: bool,
    opened: Mutex<BTreeMap<String, (Instant, Arc<Environment>)>>,
}

impl std::fmt::Debug for HostEnvironments {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("HostEnvironments")
            .field("allow_unrepeatable", &self.allow_unrepeatable)
            .finish_non_exhaustive()
    }
}

impl HostEnvironments {
    /// Over a store.
    #[must_use]
    pub fn new(store: Store, allow_unrepeatable: bool) -> Self {
        Self {
            store,
            allow_unrepeatable,
            opened: Mutex::default(),
        }
    }

    fn get(&self, name: &str) -> Result<Arc<Environment>, carrel_judge::Error> {
        let refused = |text: String| Err(carrel_judge::Error::Environment(text));
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, environment)) = opened.get(name)
            && at.elapsed() < AGE_MOST
        {
            return Ok(Arc::clone(environment));
        }
        let environment = match self.store.environment(name) {
            Ok(environment) => environment,
            Err(error @ carrel_image::Error::Missing(_)) => {
                opened.remove(name);
                return refused(error.to_string());
            }
            Err(error) => {
                return refused(format!(
                    "opening environment `{name}`: {:#}",
                    anyhow::Error::new(error)
                ));
            }
        };
        if !environment.repeatable && !self.allow_unrepeatable {
            return refused(format!(
                "environment `{name}` is not the same bits on every machine, so no verdict should rest on it; \
                 the setting `worker.allow_unrepeatable` allows it"
            ));
        }
        let environment = Arc::new(environment);
        opened.insert(name.to_owned(), (Instant::now(), Arc::clone(&environment)));
        Ok(environment)
    }
}

impl Environments for HostEnvironments {
    fn describe(&self, name: &str) -> Result<EnvironmentUsed, carrel_judge::Error> {
        let environment = self.get(name)?;
        Ok(EnvironmentUsed {
            name: environment.name.clone(),
            digest: environment.digest.clone(),
            repeatable: environment.repeatable,
        })
    }

    fn open(
        &self,
        name: &str,
    ) -> Result<carrel_judge::environment::Environment, carrel_judge::Error> {
        let environment = self.get(name)?;
        let root = root_of(&environment).map_err(|error| {
            let text = format!(
                "opening environment `{name}`: {:#}",
                anyhow::Error::new(error)
            );
            carrel_judge::Error::Environment(text)
        })?;
        Ok(carrel_judge::environment::Environment {
            root,
            variables: environment.variables.clone().into_iter().collect(),
        })
    }
}

impl NodeEnvironments for HostEnvironments {
    fn available(&self) -> Vec<(String, Option<String>)> {
        let built = self.store.list().unwrap_or_default();
        let mut available: Vec<(String, Option<String>)> = built
            .into_iter()
            .filter(|record| self.allow_unrepeatable || record.repeatable)
            .map(|record| (record.name, Some(record.digest)))
            .collect();
        if self.allow_unrepeatable {
            available.push((HOST.to_owned(), None));
        }
        available
    }
}
