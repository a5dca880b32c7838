//! Device rules: the v1 allow and deny files, and the v2 eBPF program that does the same.

use super::write;
use crate::error::{Result, RuntimeError};
use oci_spec::runtime::{LinuxDeviceCgroup, LinuxDeviceType};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use teu_sys::bpf::{
    Instruction, attach_device_program, attached_device_programs, detach_device_program, load_device_program,
};

fn kind(rule: &LinuxDeviceCgroup) -> char {
    match rule.typ() {
        Some(LinuxDeviceType::B) => 'b',
        Some(LinuxDeviceType::C | LinuxDeviceType::U) => 'c',
        _ => 'a',
    }
}

/// Writes each rule to `devices.allow` or `devices.deny`.
pub(super) fn apply_v1(path: &Path, rules: &[LinuxDeviceCgroup]) -> Result<()> {
    for rule in rules {
        let file = path.join(if rule.allow() { "devices.allow" } else { "devices.deny" });
        let number =
            |value: Option<i64>| value.filter(|v| *v >= 0).map_or("*".to_string(), |v| v.to_string());
        // Letters that mean nothing mean nothing here as well; the kernel would refuse the line.
        let access = rule.access().as_deref().filter(|access| !access.is_empty()).unwrap_or("rwm");
        let access: String = access.chars().filter(|one| "rwm".contains(*one)).collect();
        if access.is_empty() {
            continue;
        }
        let everything =
            kind(rule) == 'a' && rule.major().is_none_or(|v| v < 0) && rule.minor().is_none_or(|v| v < 0);
        if everything {
            write(&file, "a")?;
            continue;
        }
        // "a" with numbers means both kinds; the file takes "a" only alone.
        let kinds: &[char] = if kind(rule) == 'a' { &['b', 'c'] } else { &[kind(rule)] };
        for kind in kinds {
            write(&file, &format!("{kind} {}:{} {access}", number(rule.major()), number(rule.minor())))?;
        }
    }
    Ok(())
}

/// The rules of a new container: after its own, the devices that every container has stay usable (the runtime
/// specification's default devices and terminals), and any node may be made, which opens nothing.
pub(super) fn with_defaults(rules: &[LinuxDeviceCgroup]) -> Vec<LinuxDeviceCgroup> {
    use LinuxDeviceType::{B, C};
    const EVERYWHERE: [(LinuxDeviceType, Option<i64>, Option<i64>, &str); 10] = [
        (C, None, None, "m"),
        (B, None, None, "m"),
        (C, Some(1), Some(3), "rwm"),
        (C, Some(1), Some(5), "rwm"),
        (C, Some(1), Some(7), "rwm"),
        (C, Some(1), Some(8), "rwm"),
        (C, Some(1), Some(9), "rwm"),
        (C, Some(5), Some(0), "rwm"),
        (C, Some(5), Some(2), "rwm"),
        (C, Some(136), None, "rwm"),
    ];
    let mut all = rules.to_vec();
    for (kind, major, minor, access) in EVERYWHERE {
        let mut rule = LinuxDeviceCgroup::default();
        rule.set_allow(true).set_typ(Some(kind)).set_major(major).set_minor(minor);
        rule.set_access(Some(access.to_string()));
        all.push(rule);
    }
    all
}

// Fields of `struct bpf_cgroup_dev_ctx`: access in the high and type in the low half of the first word.
const BLOCK: i32 = 1;
const CHARACTER: i32 = 2;
const MKNOD: i32 = 1;
const READ: i32 = 2;
const WRITE: i32 = 4;

const fn instruction(code: u8, destination: u8, source: u8, offset: i16, immediate: i32) -> Instruction {
    Instruction { code, registers: source << 4 | destination, offset, immediate }
}

/// The program for a list of rules. The last rule that matches decides, so they are tried backwards; none matching
/// denies. A rule that allows matches when all of the access is covered, one that denies when any of it is.
pub(super) fn program(rules: &[LinuxDeviceCgroup]) -> Vec<Instruction> {
    let mut code = vec![
        instruction(0x61, 2, 1, 0, 0),      // w2 = type | access << 16
        instruction(0xbc, 3, 2, 0, 0),      // w3 = w2
        instruction(0x54, 2, 0, 0, 0xffff), // w2 &= 0xffff: the type
        instruction(0x74, 3, 0, 0, 16),     // w3 >>= 16: the access
        instruction(0x61, 4, 1, 4, 0),      // w4 = major
        instruction(0x61, 5, 1, 8, 0),      // w5 = minor
    ];
    for rule in rules.iter().rev() {
        let mut block = Vec::new();
        let bits =
            rule.access().as_deref().filter(|a| !a.is_empty()).unwrap_or("rwm").chars().fold(0, |bits, c| {
                bits | match c {
                    'r' => READ,
                    'w' => WRITE,
                    _ => MKNOD,
                }
            });
        match kind(rule) {
            'b' => block.push(instruction(0x56, 2, 0, 0, BLOCK)),
            'c' => block.push(instruction(0x56, 2, 0, 0, CHARACTER)),
            _ => {}
        }
        if bits != READ | WRITE | MKNOD {
            block.push(instruction(0xbc, 6, 3, 0, 0));
            if rule.allow() {
                block.push(instruction(0x54, 6, 0, 0, !bits));
                block.push(instruction(0x56, 6, 0, 0, 0));
            } else {
                block.push(instruction(0x54, 6, 0, 0, bits));
                block.push(instruction(0x16, 6, 0, 0, 0));
            }
        }
        if let Some(major) = rule.major().filter(|v| *v >= 0) {
            block.push(instruction(0x56, 4, 0, 0, major as i32));
        }
        if let Some(minor) = rule.minor().filter(|v| *v >= 0) {
            block.push(instruction(0x56, 5, 0, 0, minor as i32));
        }
        block.push(instruction(0xb4, 0, 0, 0, i32::from(rule.allow())));
        block.push(instruction(0x95, 0, 0, 0, 0));
        let length = block.len();
        for (at, step) in block.iter_mut().enumerate() {
            // Each comparison that fails leaves the block.
            if matches!(step.code, 0x56 | 0x16) {
                step.offset = (length - at - 1) as i16;
            }
        }
        let decides_all = length == 2;
        code.extend(block);
        if decides_all {
            // Unreachable instructions are refused by the verifier.
            return code;
        }
    }
    code.push(instruction(0xb4, 0, 0, 0, 0));
    code.push(instruction(0x95, 0, 0, 0, 0));
    code
}

/// Puts the rules' program in the place of whatever was attached.
pub(super) fn apply_v2(cgroup: BorrowedFd<'_>, rules: &[LinuxDeviceCgroup]) -> Result<()> {
    let fail = |error: std::io::Error| RuntimeError::kernel("set", "device rules", error);
    let loaded = load_device_program(&program(rules)).map_err(fail)?;
    let old = attached_device_programs(cgroup).unwrap_or_default();
    attach_device_program(cgroup, loaded.as_fd()).map_err(fail)?;
    for program in old {
        detach_device_program(cgroup, program.as_fd()).map_err(fail)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use oci_spec::runtime::LinuxDeviceCgroupBuilder;

    fn rule(
        allow: bool,
        kind: LinuxDeviceType,
        number: Option<(i64, i64)>,
        access: &str,
    ) -> LinuxDeviceCgroup {
        let mut builder = LinuxDeviceCgroupBuilder::default().allow(allow).typ(kind).access(access);
        if let Some((major, minor)) = number {
            builder = builder.major(major).minor(minor);
        }
        builder.build().unwrap()
    }

    /// Runs the program on one request, as the kernel would.
    fn decide(code: &[Instruction], kind: i32, access: i32, major: i32, minor: i32) -> i32 {
        let memory = [kind | access << 16, major, minor];
        let mut r = [0i32; 10];
        let mut at = 0;
        loop {
            let step = code[at];
            let (d, s) = ((step.registers & 15) as usize, (step.registers >> 4) as usize);
            at += 1;
            match step.code {
                0x61 => r[d] = memory[(step.offset / 4) as usize],
                0xbc => r[d] = r[s],
                0x54 => r[d] &= step.immediate,
                0x74 => r[d] = (r[d] as u32 >> step.immediate) as i32,
                0xb4 => r[d] = step.immediate,
                0x56 if r[d] != step.immediate => at += step.offset as usize,
                0x16 if r[d] == step.immediate => at += step.offset as usize,
                0x56 | 0x16 => {}
                0x95 => return r[0],
                other => panic!("unknown operation {other:x}"),
            }
        }
    }

    #[test]
    fn the_last_matching_rule_decides() {
        let rules = [
            rule(false, LinuxDeviceType::A, None, "rwm"),
            rule(true, LinuxDeviceType::C, Some((1, 3)), "rw"),
            rule(true, LinuxDeviceType::B, None, "m"),
            rule(false, LinuxDeviceType::C, Some((1, 9)), "w"),
        ];
        let code = program(&rules);
        assert_eq!(decide(&code, CHARACTER, READ | WRITE, 1, 3), 1);
        assert_eq!(decide(&code, CHARACTER, READ | MKNOD, 1, 3), 0);
        assert_eq!(decide(&code, CHARACTER, READ, 1, 5), 0);
        assert_eq!(decide(&code, BLOCK, MKNOD, 8, 0), 1);
        assert_eq!(decide(&code, BLOCK, READ, 8, 0), 0);
        let open = program(&[
            rule(true, LinuxDeviceType::A, None, "rwm"),
            rule(false, LinuxDeviceType::C, Some((1, 9)), "w"),
        ]);
        assert_eq!(decide(&open, CHARACTER, READ | WRITE, 1, 9), 0);
        assert_eq!(decide(&open, CHARACTER, READ, 1, 9), 1);
    }

    #[test]
    fn the_kernel_accepts_the_program() {
        let rules = [
            rule(false, LinuxDeviceType::A, None, "rwm"),
            rule(true, LinuxDeviceType::C, Some((1, 3)), "rw"),
            rule(false, LinuxDeviceType::C, Some((1, 9)), "w"),
        ];
        match load_device_program(&program(&rules)) {
            Ok(_) => {}
            // Kernels without eBPF for cgroups cannot be asked.
            Err(error) => {
                assert!(matches!(error.raw_os_error(), Some(22 | 38)), "{error}");
            }
        }
    }
}
