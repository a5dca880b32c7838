//! A stack changed as a whole: brought up, taken down, started, stopped. The one way for everyone who asks for it.

use super::execute::{Problem, Settings, StackEvent};
use crate::engine::Engine;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::collections::BTreeSet;
use std::os::fd::AsFd as _;
use teu_api::Failure;
use teu_compose::plan::{self, DownOptions, Life, Observed, Phase, Plan, UpOptions};
use teu_compose::{Project, container_request};
use teu_store::Lock;

/// How many milliseconds lie between two looks at a lock that another has.
const LOOK: u8 = 100;

/// Is told each thing that happens.
pub type Listener<'a> = &'a mut dyn FnMut(&StackEvent);

impl Engine {
    /// The right to change a stack, for one process at a time, so that two at once do not both make what is missing;
    /// `None` if it is given up while another has it.
    fn lock_stack(&self, settings: &Settings, tell: Listener<'_>) -> Result<Option<Lock>, Failure> {
        let (paths, name) = (self.store().paths(), format!("stack-{}", settings.name));
        if let Some(lock) = Lock::try_take(paths, &name)? {
            return Ok(Some(lock));
        }
        let waiting = format!("another command is changing project {}: waiting for its end", settings.name);
        tell(&StackEvent::new("Warning", &waiting, ""));
        let Some(give_up) = &settings.give_up else { return Ok(Some(Lock::wait(paths, &name)?)) };
        // The kernel wakes no one for a lock and a descriptor together.
        while !settings.is_given_up() {
            if let Some(lock) = Lock::try_take(paths, &name)? {
                return Ok(Some(lock));
            }
            let mut descriptors = [PollFd::new(give_up.as_fd(), PollFlags::POLLIN)];
            // A signal only ends the wait early.
            let _ = poll(&mut descriptors, PollTimeout::from(LOOK));
        }
        Ok(None)
    }

    /// Brings a project up. Everything that can be wrong with what is asked for is found out before anything is
    /// touched; the failures of steps, none for success.
    pub fn raise_stack(
        &self,
        project: &Project,
        options: &UpOptions,
        settings: &Settings,
        tell: Listener<'_>,
    ) -> Result<Vec<Problem>, Failure> {
        let chosen = plan::select(project, &options.services, !options.no_deps)?;
        let Some(_lock) = self.lock_stack(settings, tell)? else { return Ok(Vec::new()) };
        let observed = self.observe_stack(&project.name, Some(project))?;
        let plan = plan::up(project, &observed, options)?;
        for service in &chosen {
            container_request(project, service, 1, false).map_err(|error| project.located(error))?;
        }
        self.check_stack_builds(project, &chosen)?;
        // The ground of a service publishes nothing.
        let mut scale = options.scale.clone();
        scale.extend(options.ground_of.iter().map(|service| (service.clone(), 0)));
        self.check_stack_ports(project, &chosen, &scale)?;
        if options.start {
            tell_running(&observed, &plan, &chosen, tell);
        }
        self.change(&plan, Some(project), settings, tell)
    }

    /// Takes a stack down. Without the project, what its labels say has to do.
    pub fn lower_stack(
        &self,
        project: Option<&Project>,
        options: &DownOptions,
        settings: &Settings,
        tell: Listener<'_>,
    ) -> Result<Vec<Problem>, Failure> {
        let Some(_lock) = self.lock_stack(settings, tell)? else { return Ok(Vec::new()) };
        let observed = self.observe_stack(&settings.name, project)?;
        let plan = plan::down(project, &observed, options);
        if plan.is_empty() {
            let nothing = format!("there is nothing of project {} to remove", settings.name);
            tell(&StackEvent::new("Warning", &nothing, ""));
        }
        self.change(&plan, project, settings, tell)
    }

    /// Starts, stops and the like the containers of services, or of all for none named.
    pub fn turn_stack(
        &self,
        project: Option<&Project>,
        services: &[String],
        what: Life,
        settings: &Settings,
        tell: Listener<'_>,
    ) -> Result<Vec<Problem>, Failure> {
        let observed = self.observe_stack(&settings.name, project)?;
        let plan = plan::life(project, &observed, services, what);
        Ok(self.execute_plan(&plan, project, settings, tell))
    }

    fn change(
        &self,
        plan: &Plan,
        project: Option<&Project>,
        settings: &Settings,
        tell: Listener<'_>,
    ) -> Result<Vec<Problem>, Failure> {
        for warning in &plan.warnings {
            tell(&StackEvent::new("Warning", warning, ""));
        }
        let problems = self.execute_plan(plan, project, settings, tell);
        if !settings.dry_run {
            self.sweep_stack(&settings.name)?;
        }
        Ok(problems)
    }
}

/// Tells of the containers that run already and are left alone: that nothing is to be done is news, too.
fn tell_running(observed: &Observed, plan: &Plan, services: &[&str], tell: Listener<'_>) {
    let told = plan.steps.iter().filter_map(|step| step.action.told());
    let touched: BTreeSet<&str> = told.map(|(_, name, _)| name).collect();
    for container in &observed.containers {
        let left = container.phase == Phase::Running
            && !container.one_off
            && services.contains(&container.service.as_str())
            && !touched.contains(container.name.as_str());
        if left {
            tell(&StackEvent::new("Container", &container.name, "Running"));
        }
    }
}
