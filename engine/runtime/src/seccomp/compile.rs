//! The compiler.

use super::Program;
use super::syscalls::Interface;
use crate::error::{Result, RuntimeError};
use oci_spec::runtime::{
    LinuxSeccomp, LinuxSeccompAction as Action, LinuxSeccompArg, LinuxSeccompFilterFlag, LinuxSeccompOperator,
};
use std::collections::BTreeMap;
use teu_sys::seccomp::Instruction;

// Operations of classic BPF (`<linux/bpf_common.h>`).
const LOAD: u16 = 0x20;
const AND: u16 = 0x54;
const JUMP: u16 = 0x05;
const EQUAL: u16 = 0x15;
const GREATER: u16 = 0x25;
const GREATER_EQUAL: u16 = 0x35;
const RETURN: u16 = 0x06;

// Offsets in `struct seccomp_data`.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const ARGUMENTS: u32 = 16;

const KILL_PROCESS: u32 = 0x8000_0000;
const ENOSYS: u32 = 38;
/// Marks x32 calls in the number.
const X32_BIT: u32 = 0x4000_0000;
/// The kernel takes no longer programs.
const LONGEST: usize = 4096;

/// A rule of one system call: all conditions hold, then this return value.
#[derive(Clone, Debug, PartialEq)]
struct Rule {
    conditions: Vec<LinuxSeccompArg>,
    value: u32,
}

/// Compiles a filter. Names that no architecture here knows are left out, as other runtimes do: profiles name calls
/// of all kernels.
pub fn compile(filter: &LinuxSeccomp) -> Result<Program> {
    let default = value_of(filter.default_action(), filter.default_errno_ret())?;
    let mut interfaces = vec![Interface::native()];
    for arch in filter.architectures().as_deref().unwrap_or_default() {
        if let Some(interface) = Interface::of(*arch)
            && !interfaces.contains(&interface)
        {
            interfaces.push(interface);
        }
    }
    let mut notifies = filter.default_action() == Action::ScmpActNotify;
    for syscall in filter.syscalls().as_deref().unwrap_or_default() {
        notifies |= syscall.action() == Action::ScmpActNotify;
        if syscall.action() == Action::ScmpActNotify && syscall.names().iter().any(|name| name == "write") {
            return Err(RuntimeError::invalid(
                "linux.seccomp",
                "SCMP_ACT_NOTIFY cannot be used for the write syscall",
            ));
        }
    }
    if notifies && filter.default_action() == Action::ScmpActNotify {
        return Err(RuntimeError::invalid(
            "linux.seccomp.defaultAction",
            "SCMP_ACT_NOTIFY cannot be the default",
        ));
    }
    let mut program = vec![statement(LOAD, ARCHITECTURE)];
    let with_x32 = interfaces.contains(&Interface::X32);
    for interface in interfaces.iter().filter(|interface| **interface != Interface::X32) {
        let mut block = vec![statement(LOAD, NUMBER)];
        let mut tree = search(&intervals(filter, *interface, default)?);
        if *interface == Interface::X86_64 {
            let x32 = if with_x32 {
                search(&intervals(filter, Interface::X32, default)?)
            } else {
                vec![statement(RETURN, KILL_PROCESS)]
            };
            tree = fork(X32_BIT, tree, x32);
        }
        block.extend(tree);
        // Another architecture jumps over this block.
        program.push(jump(EQUAL, interface.audit(), 1, 0));
        program.push(statement(JUMP, block.len() as u32));
        program.extend(block);
    }
    program.push(statement(RETURN, KILL_PROCESS));
    if program.len() > LONGEST {
        return Err(RuntimeError::invalid("linux.seccomp", "the filter is longer than the kernel takes"));
    }
    let mut flags = 0;
    for flag in filter.flags().as_deref().unwrap_or_default() {
        flags |= match flag {
            LinuxSeccompFilterFlag::SeccompFilterFlagLog => 2,
            LinuxSeccompFilterFlag::SeccompFilterFlagSpecAllow => 4,
            LinuxSeccompFilterFlag::SeccompFilterFlagWaitKillableRecv => 32,
            // The process that loads the filter has one thread.
            LinuxSeccompFilterFlag::SeccompFilterFlagTsync => 0,
        };
    }
    if notifies {
        flags |= super::NEW_LISTENER;
    }
    Ok(Program { instructions: program, flags })
}

fn value_of(action: Action, errno: Option<u32>) -> Result<u32> {
    if errno.is_some_and(|errno| errno > 4095) && matches!(action, Action::ScmpActErrno) {
        return Err(RuntimeError::invalid("linux.seccomp", "an errnoRet is above 4095"));
    }
    Ok(match action {
        Action::ScmpActKill | Action::ScmpActKillThread => 0,
        Action::ScmpActKillProcess => KILL_PROCESS,
        Action::ScmpActTrap => 0x0003_0000,
        Action::ScmpActErrno => 0x0005_0000 | errno.unwrap_or(1),
        Action::ScmpActNotify => 0x7fc0_0000,
        Action::ScmpActTrace => 0x7ff0_0000 | (errno.unwrap_or(1) & 0xffff),
        Action::ScmpActLog => 0x7ffc_0000,
        Action::ScmpActAllow => 0x7fff_0000,
    })
}

/// Where each interval of numbers begins and what it does, in order, the first from 0.
fn intervals(
    filter: &LinuxSeccomp,
    interface: Interface,
    default: u32,
) -> Result<Vec<(u32, Vec<Instruction>)>> {
    let mut rules: BTreeMap<u32, Vec<Rule>> = BTreeMap::new();
    for syscall in filter.syscalls().as_deref().unwrap_or_default() {
        let value = value_of(syscall.action(), syscall.errno_ret())?;
        let conditions = syscall.args().as_deref().unwrap_or_default();
        if conditions.iter().any(|condition| condition.index() > 5) {
            return Err(RuntimeError::invalid("linux.seccomp", "an argument index is above 5"));
        }
        for name in syscall.names() {
            if let Some(number) = interface.number(name) {
                rules.entry(number).or_default().extend(split(conditions, value));
            }
        }
    }
    // A call newer than the profile gets "no such call", so that programs fall back to an older one; "not
    // permitted" would make them fail.
    let newest = rules.keys().next_back().copied();
    let unknown = match default & 0x7fff_0000 {
        0x0005_0000 | 0 | 0x0003_0000 if newest.is_some() => 0x0005_0000 | ENOSYS,
        _ => default,
    };
    let mut found: Vec<(u32, Vec<Instruction>)> = Vec::new();
    let mut push = |start: u32, block: Vec<Instruction>| {
        if found.last().is_none_or(|(_, last)| *last != block) {
            found.push((start, block));
        }
    };
    let mut next = 0;
    for (number, list) in &rules {
        if *number > next {
            push(next, vec![statement(RETURN, default)]);
        }
        push(*number, decide(list, default)?);
        next = number + 1;
    }
    push(next, vec![statement(RETURN, unknown)]);
    let bit = if interface == Interface::X32 { X32_BIT } else { 0 };
    for (start, _) in &mut found {
        *start |= bit;
    }
    Ok(found)
}

/// A rule that names one argument twice means any of its conditions, not all, as in other runtimes.
fn split(conditions: &[LinuxSeccompArg], value: u32) -> Vec<Rule> {
    let repeated = conditions
        .iter()
        .enumerate()
        .any(|(at, one)| conditions[..at].iter().any(|earlier| earlier.index() == one.index()));
    if repeated {
        return conditions.iter().map(|one| Rule { conditions: vec![*one], value }).collect();
    }
    vec![Rule { conditions: conditions.to_vec(), value }]
}

/// What one call's rules do: an unconditional rule decides alone.
fn decide(rules: &[Rule], default: u32) -> Result<Vec<Instruction>> {
    if let Some(rule) = rules.iter().find(|rule| rule.conditions.is_empty()) {
        return Ok(vec![statement(RETURN, rule.value)]);
    }
    let mut block = Vec::new();
    for rule in rules.iter().filter(|rule| rule.value != default) {
        let mut code = Vec::new();
        for condition in &rule.conditions {
            compare(condition, &mut code);
        }
        code.push(statement(RETURN, rule.value));
        patch(&mut code)?;
        block.extend(code);
    }
    block.push(statement(RETURN, default));
    Ok(block)
}

/// Stands for "to the end of this rule" until the rule's length is known.
const FAIL: u8 = 255;
/// Stands for "this condition holds".
const HOLD: u8 = 254;

/// Compares one 64-bit argument, the high half first: BPF has 32-bit registers.
fn compare(condition: &LinuxSeccompArg, code: &mut Vec<Instruction>) {
    let low = ARGUMENTS + 8 * condition.index() as u32;
    let (low, high) = if cfg!(target_endian = "little") { (low, low + 4) } else { (low + 4, low) };
    let halves = |value: u64| ((value >> 32) as u32, value as u32);
    let (wanted_high, wanted_low) = halves(condition.value());
    let begin = code.len();
    match condition.op() {
        LinuxSeccompOperator::ScmpCmpEq => code.extend([
            statement(LOAD, high),
            jump(EQUAL, wanted_high, 0, FAIL),
            statement(LOAD, low),
            jump(EQUAL, wanted_low, 0, FAIL),
        ]),
        LinuxSeccompOperator::ScmpCmpNe => code.extend([
            statement(LOAD, high),
            jump(EQUAL, wanted_high, 0, HOLD),
            statement(LOAD, low),
            jump(EQUAL, wanted_low, FAIL, 0),
        ]),
        LinuxSeccompOperator::ScmpCmpMaskedEq => {
            let (mask_high, mask_low) = (wanted_high, wanted_low);
            let (data_high, data_low) = halves(condition.value_two().unwrap_or(0));
            code.extend([
                statement(LOAD, high),
                statement(AND, mask_high),
                jump(EQUAL, data_high, 0, FAIL),
                statement(LOAD, low),
                statement(AND, mask_low),
                jump(EQUAL, data_low, 0, FAIL),
            ]);
        }
        order => {
            let (operation, wanted) = match order {
                LinuxSeccompOperator::ScmpCmpGt => (GREATER, true),
                LinuxSeccompOperator::ScmpCmpGe => (GREATER_EQUAL, true),
                LinuxSeccompOperator::ScmpCmpLe => (GREATER, false),
                _ => (GREATER_EQUAL, false),
            };
            // Above: the high half decides for "greater"; equal: the low half; below: for "less".
            let (above, below) = if wanted { (HOLD, FAIL) } else { (FAIL, HOLD) };
            let (yes, no) = if wanted { (0, FAIL) } else { (FAIL, 0) };
            code.extend([
                statement(LOAD, high),
                jump(GREATER, wanted_high, above, 0),
                jump(EQUAL, wanted_high, 0, below),
                statement(LOAD, low),
                jump(operation, wanted_low, yes, no),
            ]);
        }
    }
    let end = code.len();
    for (at, step) in code.iter_mut().enumerate().skip(begin) {
        for target in [&mut step.jump_true, &mut step.jump_false] {
            if *target == HOLD && step.code != RETURN {
                *target = (end - at - 1) as u8;
            }
        }
    }
}

/// Resolves the jumps out of a rule.
fn patch(code: &mut [Instruction]) -> Result<()> {
    let end = code.len();
    if end > 200 {
        return Err(RuntimeError::invalid("linux.seccomp", "a rule has too many conditions"));
    }
    for (at, step) in code.iter_mut().enumerate() {
        for target in [&mut step.jump_true, &mut step.jump_false] {
            if *target == FAIL {
                *target = (end - at - 1) as u8;
            }
        }
    }
    Ok(())
}

/// Binary search over intervals; every block ends in a return.
fn search(intervals: &[(u32, Vec<Instruction>)]) -> Vec<Instruction> {
    match intervals {
        [] => Vec::new(),
        [(_, block)] => block.clone(),
        _ => {
            let middle = intervals.len() / 2;
            fork(intervals[middle].0, search(&intervals[..middle]), search(&intervals[middle..]))
        }
    }
}

/// `right` for numbers from `pivot` on, `left` below. Conditional jumps reach 255 instructions, others further.
fn fork(pivot: u32, left: Vec<Instruction>, right: Vec<Instruction>) -> Vec<Instruction> {
    let mut code = Vec::with_capacity(left.len() + right.len() + 2);
    if left.len() <= 255 {
        code.push(jump(GREATER_EQUAL, pivot, left.len() as u8, 0));
    } else {
        code.push(jump(GREATER_EQUAL, pivot, 0, 1));
        code.push(statement(JUMP, left.len() as u32));
    }
    code.extend(left);
    code.extend(right);
    code
}

fn statement(code: u16, operand: u32) -> Instruction {
    Instruction { code, jump_true: 0, jump_false: 0, operand }
}

fn jump(code: u16, operand: u32, jump_true: u8, jump_false: u8) -> Instruction {
    Instruction { code, jump_true, jump_false, operand }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOW: u32 = 0x7fff_0000;
    const X86_64: u32 = 0xc000_003e;

    fn filter(json: serde_json::Value) -> Program {
        compile(&serde_json::from_value(json).unwrap()).unwrap()
    }

    /// Runs a program as the kernel would.
    fn run(program: &Program, arch: u32, number: u32, arguments: [u64; 6]) -> u32 {
        let mut data = Vec::new();
        data.extend(number.to_le_bytes());
        data.extend(arch.to_le_bytes());
        data.extend(0u64.to_le_bytes());
        for argument in arguments {
            data.extend(argument.to_le_bytes());
        }
        let (mut a, mut at) = (0u32, 0usize);
        loop {
            let step = program.instructions[at];
            at += 1;
            let k = step.operand;
            let taken = match step.code {
                LOAD => {
                    a = u32::from_le_bytes(data[k as usize..k as usize + 4].try_into().unwrap());
                    continue;
                }
                AND => {
                    a &= k;
                    continue;
                }
                JUMP => {
                    at += k as usize;
                    continue;
                }
                RETURN => return k,
                EQUAL => a == k,
                GREATER => a > k,
                GREATER_EQUAL => a >= k,
                other => panic!("unknown operation {other:x}"),
            };
            at += usize::from(if taken { step.jump_true } else { step.jump_false });
        }
    }

    #[test]
    fn every_operator_compares_64_bits() {
        type Case = (&'static str, u64, u64, fn(u64) -> bool);
        let cases: [Case; 7] = [
            ("SCMP_CMP_EQ", 0x1_0000_0005, 0, |v| v == 0x1_0000_0005),
            ("SCMP_CMP_NE", 0x1_0000_0005, 0, |v| v != 0x1_0000_0005),
            ("SCMP_CMP_LT", 0x1_0000_0005, 0, |v| v < 0x1_0000_0005),
            ("SCMP_CMP_LE", 0x1_0000_0005, 0, |v| v <= 0x1_0000_0005),
            ("SCMP_CMP_GT", 0x1_0000_0005, 0, |v| v > 0x1_0000_0005),
            ("SCMP_CMP_GE", 0x1_0000_0005, 0, |v| v >= 0x1_0000_0005),
            ("SCMP_CMP_MASKED_EQ", 0x1_0000_00f0, 0x1_0000_0010, |v| v & 0x1_0000_00f0 == 0x1_0000_0010),
        ];
        let values = [
            0,
            4,
            5,
            6,
            0x13,
            0xffff_ffff,
            0x1_0000_0004,
            0x1_0000_0005,
            0x1_0000_0006,
            0x1_0000_0013,
            0x2_0000_0000,
            u64::MAX,
        ];
        for (op, value, two, holds) in cases {
            let program = filter(serde_json::json!({
                "defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"],
                "syscalls": [{"names": ["mmap", "newer_than_anything"], "action": "SCMP_ACT_ALLOW",
                    "args": [{"index": 2, "value": value, "valueTwo": two, "op": op}]}]
            }));
            for v in values {
                let got = run(&program, X86_64, 9, [0, 0, v, 0, 0, 0]);
                assert_eq!(got == ALLOW, holds(v), "{op} {v:x}");
            }
        }
    }

    #[test]
    fn intervals_defaults_and_architectures() {
        let program = filter(serde_json::json!({
            "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 13,
            "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
            "syscalls": [
                {"names": ["read", "write", "close", "exit_group"], "action": "SCMP_ACT_ALLOW"},
                {"names": ["open"], "action": "SCMP_ACT_ERRNO", "errnoRet": 2},
                {"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}]},
                {"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}]},
                {"names": ["kill"], "action": "SCMP_ACT_ALLOW", "args": [
                    {"index": 1, "value": 1, "op": "SCMP_CMP_EQ"}, {"index": 1, "value": 2, "op": "SCMP_CMP_EQ"}]}
            ]
        }));
        let zero = [0; 6];
        assert_eq!(run(&program, X86_64, 0, zero), ALLOW);
        assert_eq!(run(&program, X86_64, 3, zero), ALLOW);
        assert_eq!(run(&program, X86_64, 2, zero), 0x0005_0002);
        assert_eq!(run(&program, X86_64, 4, zero), 0x0005_000d);
        assert_eq!(run(&program, X86_64, 135, [8, 0, 0, 0, 0, 0]), ALLOW);
        assert_eq!(run(&program, X86_64, 135, [7, 0, 0, 0, 0, 0]), 0x0005_000d);
        assert_eq!(run(&program, X86_64, 62, [0, 2, 0, 0, 0, 0]), ALLOW);
        assert_eq!(run(&program, X86_64, 62, [0, 3, 0, 0, 0, 0]), 0x0005_000d);
        assert_eq!(run(&program, X86_64, 400, zero), 0x0005_0026);
        assert_eq!(run(&program, 0x4000_0003, 3, zero), ALLOW);
        assert_eq!(run(&program, 0x4000_0003, 7, zero), 0x0005_000d);
        assert_eq!(run(&program, X86_64, X32_BIT, zero), ALLOW);
        assert_eq!(run(&program, X86_64, X32_BIT | 4, zero), 0x0005_000d);
        assert_eq!(run(&program, 0x1234, 0, zero), KILL_PROCESS);
    }

    #[test]
    fn x32_is_refused_unless_named() {
        let program = filter(serde_json::json!({"defaultAction": "SCMP_ACT_ALLOW"}));
        assert_eq!(run(&program, X86_64, X32_BIT | 1, [0; 6]), KILL_PROCESS);
        assert_eq!(run(&program, X86_64, 1, [0; 6]), ALLOW);
    }

    #[test]
    fn the_kernel_takes_and_obeys_the_program() {
        let program = filter(serde_json::json!({
            "defaultAction": "SCMP_ACT_ALLOW",
            "syscalls": [{"names": ["getsid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 77}]
        }));
        let child = teu_sys::process::clone_child(&teu_sys::process::CloneRequest::default(), || {
            if rustix::thread::set_no_new_privs(true).is_err() || program.load().is_err() {
                return 1;
            }
            nix::errno::Errno::clear();
            let _ = nix::unistd::getsid(None);
            nix::errno::Errno::last_raw()
        })
        .unwrap();
        assert_eq!(teu_sys::process::wait_child(child.pid).unwrap().0, 77);
    }
}
