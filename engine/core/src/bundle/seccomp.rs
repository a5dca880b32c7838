//! The default system call filter: what Docker's profile allows, as OCI `linux.seccomp`.

use serde_json::{Value, json};
use teu_api::Failure;

/// Always allowed. Everything not named in this file answers EPERM.
const ALLOWED: &str = "\
accept accept4 access adjtimex alarm bind brk cachestat capget capset chdir chmod chown chown32 \
clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64 \
clock_nanosleep clock_nanosleep_time64 close close_range connect copy_file_range creat dup dup2 dup3 \
epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old \
eventfd eventfd2 execve execveat exit exit_group faccessat faccessat2 fadvise64 fadvise64_64 fallocate \
fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr \
flistxattr flock fork fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate \
ftruncate64 futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake futimesat getcpu getcwd \
getdents getdents64 getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getitimer \
getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid getresgid32 getresuid \
getresuid32 getrlimit get_robust_list getrusage getsid getsockname getsockopt get_thread_area gettid \
gettimeofday getuid getuid32 getxattr getxattrat inotify_add_watch inotify_init inotify_init1 \
inotify_rm_watch io_cancel ioctl io_destroy io_getevents io_pgetevents io_pgetevents_time64 ioprio_get \
ioprio_set io_setup io_submit ipc kill landlock_add_rule landlock_create_ruleset landlock_restrict_self \
lchown lchown32 lgetxattr link linkat listen listmount listxattr listxattrat llistxattr _llseek \
lremovexattr lseek lsetxattr lsm_get_self_attr lsm_list_modules lsm_set_self_attr lstat lstat64 madvise \
map_shadow_stack membarrier memfd_create memfd_secret mincore mkdir mkdirat mknod mknodat mlock mlock2 \
mlockall mmap mmap2 mprotect mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 \
mq_timedsend mq_timedsend_time64 mq_unlink mremap mseal msgctl msgget msgrcv msgsnd msync munlock \
munlockall munmap name_to_handle_at nanosleep newfstatat _newselect open openat openat2 pause pidfd_open \
pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll ppoll_time64 prctl pread64 \
preadv preadv2 prlimit64 process_mrelease process_vm_readv process_vm_writev pselect6 pselect6_time64 \
ptrace pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv recv recvfrom recvmmsg \
recvmmsg_time64 recvmsg remap_file_pages removexattr removexattrat rename renameat renameat2 \
restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn \
rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sched_getaffinity sched_getattr \
sched_getparam sched_get_priority_max sched_get_priority_min sched_getscheduler sched_rr_get_interval \
sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler \
sched_yield seccomp select semctl semget semop semtimedop semtimedop_time64 send sendfile sendfile64 \
sendmmsg sendmsg sendto setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 \
setitimer setpgid setpriority setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid \
setreuid32 setrlimit set_robust_list setsid setsockopt set_thread_area set_tid_address setuid setuid32 \
setxattr setxattrat shmat shmctl shmdt shmget shutdown sigaltstack signalfd signalfd4 sigprocmask \
sigreturn socketcall socketpair splice stat stat64 statfs statfs64 statmount statx symlink symlinkat sync \
sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete timer_getoverrun timer_gettime \
timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 \
timerfd_settime timerfd_settime64 times tkill truncate truncate64 ugetrlimit umask uname unlink unlinkat \
uretprobe utime utimensat utimensat_time64 utimes vfork vmsplice wait4 waitid waitpid write writev \
arch_prctl modify_ldt";

/// Allowed with a capability.
const WITH_CAPABILITY: [(&str, &str); 14] = [
    ("CAP_DAC_READ_SEARCH", "open_by_handle_at"),
    (
        "CAP_SYS_ADMIN",
        "bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie mount mount_setattr \
         move_mount open_tree perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog \
         umount umount2 unshare",
    ),
    ("CAP_SYS_BOOT", "reboot"),
    ("CAP_SYS_CHROOT", "chroot"),
    ("CAP_SYS_MODULE", "delete_module init_module finit_module"),
    ("CAP_SYS_PACCT", "acct"),
    ("CAP_SYS_PTRACE", "kcmp pidfd_getfd process_madvise"),
    ("CAP_SYS_RAWIO", "iopl ioperm"),
    ("CAP_SYS_TIME", "settimeofday stime clock_settime clock_settime64"),
    ("CAP_SYS_TTY_CONFIG", "vhangup"),
    ("CAP_SYS_NICE", "get_mempolicy mbind set_mempolicy set_mempolicy_home_node"),
    ("CAP_SYSLOG", "syslog"),
    ("CAP_BPF", "bpf"),
    ("CAP_PERFMON", "perf_event_open"),
];

/// `personality(2)` values that only change what `uname` says: Linux, Linux32, no randomisation of either, query.
const PERSONALITIES: [u64; 5] = [0x0, 0x8, 0x2_0000, 0x2_0008, 0xffff_ffff];

/// The address family that reaches the hypervisor past every network namespace.
const AF_VSOCK: u64 = 40;

/// The flags of `clone(2)` that make namespaces: forbidden without CAP_SYS_ADMIN.
const CLONE_NAMESPACES: u64 = 0x7e02_0000;

/// ENOSYS: makes the C library fall back from `clone3`, whose flags a filter cannot see, to `clone`.
const ENOSYS: u32 = 38;

/// The default filter for a container with these capabilities.
pub fn default_profile(capabilities: &[String]) -> Value {
    let has = |name: &str| capabilities.iter().any(|capability| capability == name);
    let allow = |names: &str| json!({"names": names.split_whitespace().collect::<Vec<_>>(), "action": "SCMP_ACT_ALLOW"});
    let allow_when = |name: &str, index: u32, value: u64, value_two: u64, operator: &str| {
        json!({"names": [name], "action": "SCMP_ACT_ALLOW",
               "args": [{"index": index, "value": value, "valueTwo": value_two, "op": operator}]})
    };
    let mut rules = vec![allow(ALLOWED), allow_when("socket", 0, AF_VSOCK, 0, "SCMP_CMP_NE")];
    rules.extend(PERSONALITIES.map(|value| allow_when("personality", 0, value, 0, "SCMP_CMP_EQ")));
    rules.extend(
        WITH_CAPABILITY.iter().filter(|(capability, _)| has(capability)).map(|(_, names)| allow(names)),
    );
    if !has("CAP_SYS_ADMIN") {
        rules.push(allow_when("clone", 0, CLONE_NAMESPACES, 0, "SCMP_CMP_MASKED_EQ"));
        rules.push(json!({"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": ENOSYS}));
    }
    json!({
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": 1,
        "architectures": architectures(),
        "syscalls": rules,
    })
}

fn architectures() -> Value {
    if cfg!(target_arch = "x86_64") {
        json!(["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"])
    } else {
        json!(["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"])
    }
}

/// Docker's word for this machine's architecture in a profile's `includes` and `excludes`.
fn architecture_word() -> &'static str {
    if cfg!(target_arch = "x86_64") { "amd64" } else { "arm64" }
}

/// A user's profile in Docker's format: `includes` and `excludes` decided, `archMap` resolved.
pub fn from_profile(text: &str, capabilities: &[String]) -> Result<Value, Failure> {
    let wrong = |why: String| {
        Failure::usage(format!("seccomp profile: {why}"))
            .hint("see Docker's seccomp profile format, or use seccomp=unconfined")
    };
    let profile: Value = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    let default_action =
        profile["defaultAction"].as_str().ok_or_else(|| wrong("defaultAction is missing".into()))?;
    let holds = |condition: &Value, all: bool| {
        let words = |key: &str| {
            condition[key].as_array().map(|list| list.iter().filter_map(Value::as_str).collect::<Vec<_>>())
        };
        let capability = words("caps").map(|caps| {
            let has = |c: &&str| capabilities.iter().any(|have| have == c);
            if all { caps.iter().all(has) } else { caps.iter().any(has) }
        });
        let architecture = words("arches").map(|list| list.contains(&architecture_word()));
        (capability, architecture)
    };
    let mut rules = Vec::new();
    for rule in profile["syscalls"].as_array().map(Vec::as_slice).unwrap_or_default() {
        let (capability, architecture) = holds(&rule["includes"], true);
        if capability == Some(false) || architecture == Some(false) {
            continue;
        }
        let (capability, architecture) = holds(&rule["excludes"], false);
        if capability == Some(true) || architecture == Some(true) {
            continue;
        }
        let names = match (&rule["names"], &rule["name"]) {
            (Value::Array(names), _) => Value::Array(names.clone()),
            (_, Value::String(name)) => json!([name]),
            _ => return Err(wrong("a rule names no system call".into())),
        };
        let mut out = json!({"names": names, "action": rule["action"]});
        for key in ["args", "errnoRet"] {
            if rule[key].as_array().is_some_and(|list| !list.is_empty()) || rule[key].is_number() {
                out[key] = rule[key].clone();
            }
        }
        rules.push(out);
    }
    let mut out =
        json!({"defaultAction": default_action, "architectures": architectures(), "syscalls": rules});
    for key in ["defaultErrnoRet", "flags", "listenerPath", "listenerMetadata"] {
        if !profile[key].is_null() {
            out[key] = profile[key].clone();
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(profile: &Value, name: &str) -> bool {
        let rules = profile["syscalls"].as_array().unwrap();
        rules.iter().any(|rule| {
            rule["action"] == "SCMP_ACT_ALLOW" && rule["names"].as_array().unwrap().iter().any(|n| n == name)
        })
    }

    #[test]
    fn capabilities_open_their_calls() {
        let plain = default_profile(&[]);
        assert!(allows(&plain, "openat") && !allows(&plain, "mount") && !allows(&plain, "io_uring_setup"));
        let admin = default_profile(&["CAP_SYS_ADMIN".into()]);
        assert!(allows(&admin, "mount") && allows(&admin, "clone3"));
        assert!(!allows(&admin, "reboot"));
    }

    #[test]
    fn the_result_is_a_valid_oci_filter() {
        let filter: oci_spec::runtime::LinuxSeccomp = serde_json::from_value(default_profile(&[])).unwrap();
        assert!(filter.syscalls().as_ref().unwrap().len() > 8);
    }

    #[test]
    fn conditions_of_a_profile_are_decided() {
        let text = r#"{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[
            {"names":["read"],"action":"SCMP_ACT_ALLOW"},
            {"names":["mount"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_SYS_ADMIN"]}},
            {"names":["clone"],"action":"SCMP_ACT_ALLOW","excludes":{"caps":["CAP_SYS_ADMIN"]}},
            {"names":["set_tls"],"action":"SCMP_ACT_ALLOW","includes":{"arches":["s390x"]}}]}"#;
        let plain = from_profile(text, &[]).unwrap();
        assert!(allows(&plain, "clone") && !allows(&plain, "mount") && !allows(&plain, "set_tls"));
        let admin = from_profile(text, &["CAP_SYS_ADMIN".into()]).unwrap();
        assert!(!allows(&admin, "clone") && allows(&admin, "mount"));
        assert!(from_profile("{", &[]).unwrap_err().message.contains("seccomp profile"));
    }
}
