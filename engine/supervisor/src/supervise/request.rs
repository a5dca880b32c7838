//! What clients ask for, one arm each.

use super::client::{Attachment, ClientKey};
use super::session::Session;
use super::{Phase, Supervisor};
use crate::protocol::{Message, Request};
use teu_api::session::SessionSnapshot;
use teu_api::{Failure, SessionId};

impl Supervisor {
    /// Carries out one request and answers it.
    pub(super) fn carry_out(&mut self, key: ClientKey, request: Request) {
        let answer = match request {
            Request::Start => return self.start_for(key),
            Request::Attach { session, stdin, stdout, stderr, replay, lossy, size } => {
                let attachment = Attachment { session, stdin, stdout, stderr, lossy };
                return self.attach_for(key, attachment, replay, size);
            }
            Request::Exec(spec) => return self.exec_for(key, &spec),
            Request::Stop { signal, timeout } => return self.stop_for(key, signal, timeout),
            Request::Wait(session) => return self.wait_for(key, session),
            Request::CloseStdin => {
                self.close_stdin_for(key);
                return;
            }
            Request::Resize { session, size } => {
                if let Some(session) = self.sessions.get_mut(&session) {
                    session.resize(size);
                }
                return;
            }
            Request::Detach => {
                self.detach(key);
                Ok(Message::Detached)
            }
            Request::Sessions => Ok(Message::Sessions(self.list_sessions())),
            Request::CloseSession(session) => self.close_session(session).map(|()| Message::Ok),
            Request::Signal { session, signal, all } => {
                self.signal(session, signal, all).map(|()| Message::Ok)
            }
            Request::Pause => self.pause(true).map(|()| Message::Ok),
            Request::Unpause => self.pause(false).map(|()| Message::Ok),
            Request::UpdateRestart(policy) => {
                self.config.restart = policy;
                Ok(Message::Ok)
            }
            Request::Rename(name) => {
                if let Some(network) = &mut self.config.network {
                    network.name.clone_from(&name);
                }
                self.config.name = name;
                Ok(Message::Ok)
            }
            Request::Networks(setup) => self.change_networks(*setup).map(|()| Message::Ok),
        };
        self.tell(key, &answer.unwrap_or_else(Message::Failed));
    }

    fn attach_for(
        &mut self,
        key: ClientKey,
        attachment: Attachment,
        replay: bool,
        size: Option<teu_api::session::TerminalSize>,
    ) {
        let id = attachment.session;
        let Some(session) = self.sessions.get_mut(&id).filter(|session| !session.hidden) else {
            return self.tell(key, &Message::Failed(no_such_session(id)));
        };
        if let Some(size) = size {
            session.resize(size);
        }
        let (tty, exit) = (session.tty, session.exit.filter(|_| session.process.is_none()));
        self.attach(key, attachment);
        self.tell(key, &Message::Attached { session: id, tty });
        if replay {
            self.replay(key, id);
        }
        // One that has ended tells its last words, and how it ended. The first process may yet be started again.
        if let Some(exit) = exit
            && (id != SessionId::MAIN || matches!(self.phase, Phase::Ended))
        {
            self.tell_exit(key, id, exit);
        }
    }

    fn close_stdin_for(&mut self, key: ClientKey) {
        let attachment = self.clients.get(&key).and_then(super::Client::attachment);
        if let Some(attachment) = attachment.filter(|attachment| attachment.stdin) {
            // Docker: an open standard input of the first process outlives its clients unless it is for one only.
            if attachment.session != SessionId::MAIN || self.config.stdin_once {
                self.close_input(attachment.session);
            }
        }
    }

    fn wait_for(&mut self, key: ClientKey, id: SessionId) {
        match self.sessions.get(&id) {
            None => self.tell(key, &Message::Failed(no_such_session(id))),
            Some(Session { process: None, exit: Some(exit), .. })
                if id != SessionId::MAIN || matches!(self.phase, Phase::Ended) =>
            {
                let exit = *exit;
                self.tell_exit(key, id, exit);
            }
            Some(_) => {
                if let Some(client) = self.clients.get_mut(&key) {
                    client.waits_for.push(id);
                }
            }
        }
    }

    fn list_sessions(&mut self) -> Vec<SessionSnapshot> {
        self.forget_finished_sessions();
        let clients = |id| {
            let attached = self.clients.values().filter_map(super::Client::attachment);
            attached.filter(|attachment| attachment.session == id).count() as u32
        };
        let visible = self.sessions.iter().filter(|(_, session)| !session.hidden);
        visible.map(|(&id, session)| session.snapshot(id, clients(id))).collect()
    }

    /// Forgets exec sessions that ended and that nobody will ask about.
    pub(super) fn forget_finished_sessions(&mut self) {
        let clients = &self.clients;
        self.sessions.retain(|&id, session| {
            let attached = clients.values().filter_map(super::Client::attachment);
            id == SessionId::MAIN
                || session.hidden
                || !session.is_finished()
                || attached.into_iter().any(|attachment| attachment.session == id)
        });
    }
}

pub(super) fn no_such_session(id: SessionId) -> Failure {
    Failure::not_found(format!("no such session: {id}"))
}
